"""Recurrent layers against PyTorch, whose GRU has its gates in another order, with masks as packed sequences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import numbanet as nn
from tests.parity.common import Result, compared
from tests.parity.torch_common import Pair, Take, load, of_pair, of_parameters, split

SAMPLES, STEPS, FEATURES, UNITS = 3, 5, 4, 6
SHAPE = (SAMPLES, STEPS, FEATURES)
LENGTHS = np.array([5, 2, 4])
L = nn.layers
KINDS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}


def in_their_order(gates: Any) -> Any:
    """Return the gates of a GRU, along the last axis update, reset and candidate, with reset first."""
    update, reset, candidate = np.split(gates, 3, axis=-1)
    return np.concatenate([reset, update, candidate], axis=-1)


def parameters(name: str, prefix: str = "", suffix: str = "_l0", start: int = 0) -> dict[str, Take]:
    """Return how the four parameters of a direction follow from our three weights, from the `start`-th on.

    PyTorch has two biases, which it adds up: the second is zero here, but for a GRU, where both libraries have two.
    """
    gru = name == "GRU"
    order = in_their_order if gru else np.asarray
    return {
        f"{prefix}weight_ih{suffix}": lambda w: order(w[start]).T,
        f"{prefix}weight_hh{suffix}": lambda w: order(w[start + 1]).T,
        f"{prefix}bias_ih{suffix}": (lambda w: order(w[start + 2])[0]) if gru else (lambda w: w[start + 2]),
        f"{prefix}bias_hh{suffix}": (lambda w: order(w[start + 2])[1]) if gru else None,
    }


def both_ways(name: str) -> dict[str, Take]:
    """Return how the parameters of both directions follow from ours."""
    return parameters(name) | parameters(name, suffix="_l0_reverse", start=3)


class Outputs(torch.nn.Module):
    """A recurrent module without the states that it returns beside the outputs."""

    def __init__(self, module: Any, last: bool = False, initial: Any = None) -> None:
        super().__init__()
        self.module, self.last, self.initial = module, last, initial

    def forward(self, x: Any) -> Any:
        """Return the outputs of all steps, or of the last one."""
        y, _ = self.module(x, self.initial)
        return y[:, -1] if self.last else y


def inside(found: dict[str, Take]) -> dict[str, Take]:
    """Return the parameters of a module that `Outputs` holds."""
    return {f"module.{name}": take for name, take in found.items()}


def plain() -> Iterator[Pair]:
    """Yield layers of one direction and of both, of one and of two levels."""
    for name, kind in KINDS.items():
        module = getattr(torch.nn, kind)
        for last in (False, True):
            yield Pair(
                name, f"{kind}, {'last step' if last else 'all steps'}",
                lambda name=name, last=last: getattr(L, name)(UNITS, return_sequences=not last),
                lambda module=module, last=last: Outputs(module(FEATURES, UNITS, batch_first=True), last),
                SHAPE, inside(parameters(name)),
            )  # fmt: skip
        yield Pair(
            "Bidirectional", f"{kind}: bidirectional=True",
            lambda name=name: L.Bidirectional(getattr(L, name)(UNITS, return_sequences=True)),
            lambda module=module: Outputs(module(FEATURES, UNITS, batch_first=True, bidirectional=True)),
            SHAPE, inside(both_ways(name)),
        )  # fmt: skip
        cells = [f"{name}Cell"] * 2
        yield Pair(
            "StackedRNNCells", f"{kind}: num_layers=2",
            lambda cells=cells: L.RNN([getattr(L, cell)(UNITS) for cell in cells], return_sequences=True),
            lambda module=module: Outputs(module(FEATURES, UNITS, 2, batch_first=True)),
            SHAPE, inside(parameters(name) | parameters(name, suffix="_l1", start=3)),
        )  # fmt: skip
    yield Pair(
        "SimpleRNN", "RNN: nonlinearity='relu'", lambda: L.SimpleRNN(UNITS, activation="relu", return_sequences=True),
        lambda: Outputs(torch.nn.RNN(FEATURES, UNITS, nonlinearity="relu", batch_first=True)), SHAPE,
        inside(parameters("SimpleRNN")),
    )  # fmt: skip


def drawn(ours: Any, theirs: Any, taken: dict[str, Take]) -> np.random.Generator:
    """Give both the same weights; return the generator that drew them."""
    rng = np.random.default_rng(2)
    weights = [(rng.normal(size=w.shape) / 2).astype(np.float32) for w in ours.weights]
    ours.set_weights(weights)
    load(theirs, taken, weights)
    return rng


def compare_masked(name: str, directions: int) -> tuple[list[Any], list[Any]]:
    """Return outputs at the steps that count, last states and gradients, of masks and of packed sequences."""
    rng = np.random.default_rng(1)
    x, counts = rng.normal(size=SHAPE).astype(np.float32), np.arange(STEPS) < LENGTHS[:, None]
    ours = getattr(L, name)(UNITS, return_sequences=True)
    ours = L.Bidirectional(ours) if directions == 2 else ours
    theirs = getattr(torch.nn, KINDS[name])(FEATURES, UNITS, batch_first=True, bidirectional=directions == 2)
    ours(x)
    taken = both_ways(name) if directions == 2 else parameters(name)
    rng = drawn(ours, theirs, taken)
    factors = (rng.normal(size=(*SHAPE[:2], UNITS * directions)) * counts[:, :, None]).astype(np.float32)
    y, (by_input,), by_weights = split(ours, [x], factors, False, mask=counts)
    given = torch.tensor(x, requires_grad=True)
    packed = pack_padded_sequence(given, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True)
    torch.sum(expected * torch.tensor(factors)).backward()
    mine, other = (one for one in of_parameters(ours, by_weights, theirs, taken))
    found = [y.numpy()[counts], by_input, *mine]
    return found, [expected.detach().numpy()[counts], given.grad, *other]


def compare_states(name: str) -> tuple[list[Any], list[Any]]:
    """Return outputs and last states that follow from given ones."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=SHAPE).astype(np.float32)
    states = [rng.normal(size=(SAMPLES, UNITS)).astype(np.float32) for _ in range(1 + (name == "LSTM"))]
    ours = getattr(L, name)(UNITS, return_sequences=True, return_state=True)
    theirs = getattr(torch.nn, KINDS[name])(FEATURES, UNITS, batch_first=True)
    ours(x)
    drawn(ours, theirs, parameters(name))
    initial = [torch.tensor(one)[None] for one in states]
    y, after = theirs(torch.tensor(x), tuple(initial) if name == "LSTM" else initial[0])
    after = after if name == "LSTM" else (after,)
    return ours(x, initial_state=states), [y.detach(), *(one[0].detach() for one in after)]


def compare_cell(name: str) -> tuple[list[Any], list[Any]]:
    """Return the states after one step of a cell."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(SAMPLES, FEATURES)).astype(np.float32)
    states = [rng.normal(size=(SAMPLES, UNITS)).astype(np.float32) for _ in range(1 + (name == "LSTM"))]
    ours, theirs = getattr(L, f"{name}Cell")(UNITS), getattr(torch.nn, f"{KINDS[name]}Cell")(FEATURES, UNITS)
    ours(x, states)
    drawn(ours, theirs, parameters(name, suffix=""))
    given = [torch.tensor(one) for one in states]
    after = theirs(torch.tensor(x), tuple(given) if name == "LSTM" else given[0])
    return ours(x, states)[1], [one.detach() for one in (after if name == "LSTM" else (after,))]


def results() -> Iterator[Result]:
    """Compare all cases."""
    yield from map(of_pair, plain())
    for name, kind in KINDS.items():
        for directions, layer in ((1, name), (2, "Bidirectional")):
            label = f"{kind} of packed sequences, to masked steps"
            yield compared("PyTorch", layer, label, lambda name=name, n=directions: compare_masked(name, n))
        yield compared("PyTorch", name, f"{kind}, from a state", lambda name=name: compare_states(name))
        yield compared("PyTorch", f"{name}Cell", f"{kind}Cell", lambda name=name: compare_cell(name))
