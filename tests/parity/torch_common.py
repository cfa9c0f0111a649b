"""What the comparisons with PyTorch share: layers whose parameters are made from ours, and its gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

import numbanet as nn
from tests.parity.common import Result, compared, gradients_of_ours

torch.set_num_threads(1)

Take = Callable[[Sequence[Any]], Any] | None
"""Makes a parameter of PyTorch from the list of our weights, and its gradient from theirs; None: it is zero."""


class Pair(NamedTuple):
    """A layer of ours, and a module of PyTorch that computes the same.

    Parameters
    ----------
    name : str
        Our layer.
    case : str
        The module of PyTorch, and settings.
    ours, theirs : callable
        Make them.
    shape : tuple of int
        Of the input.
    parameters : dict of str to Take, optional
        How each parameter and buffer of PyTorch is made from our weights.
    moved : bool, optional
        Whether channels are last here, and first in PyTorch.
    training : bool, optional
        How both are called.
    low : int, optional
        Integers below this number in place of floats.
    """

    name: str
    case: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    shape: tuple[int, ...]
    parameters: dict[str, Take] = {}  # noqa: RUF012  (never changed)
    moved: bool = False
    training: bool = False
    low: int | None = None


def first(k: int) -> Take:
    """Return what takes one of our weights as it is."""
    return lambda w: w[k]


def to_torch(x: Any, moved: bool = True) -> torch.Tensor:
    """Return a tensor of an array, with channels first if they are `moved`."""
    x = np.asarray(x)
    return torch.tensor(np.ascontiguousarray(np.moveaxis(x, -1, 1) if moved and x.ndim > 2 else x))


def load(module: torch.nn.Module, parameters: dict[str, Take], weights: Sequence[Any]) -> None:
    """Give a module the weights of ours. AssertionError unless `parameters` has them all."""
    state = {name: value for name, value in module.state_dict().items() if not name.endswith("num_batches_tracked")}
    assert {*state} == {*parameters}, ({*state}, {*parameters})
    with torch.no_grad():
        for name, take in parameters.items():
            value = torch.tensor(np.ascontiguousarray(take(weights))) if take else torch.zeros_like(state[name])
            assert state[name].shape == value.shape, (name, state[name].shape, value.shape)
            state[name].copy_(value)


def both(pair: Pair) -> tuple[list[Any], list[Any]]:
    """Return outputs, gradients and what training changes, of numbanet and of PyTorch."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=pair.shape).astype(np.float32) if pair.low is None else rng.integers(0, pair.low, pair.shape)
    ours, theirs = pair.ours(), pair.theirs()
    ours(x)
    weights = [(np.abs(rng.normal(size=w.shape)) + 0.1).astype(np.float32) for w in ours.weights]
    ours.set_weights(weights)
    load(theirs, pair.parameters, weights)
    theirs.train(pair.training)
    given = to_torch(x, pair.moved).requires_grad_(pair.low is None)
    y = theirs(given)
    factors = rng.normal(size=np.moveaxis(y.detach().numpy(), 1, -1).shape if pair.moved else y.shape)
    factors = factors.astype(np.float32)
    torch.sum(y * to_torch(factors, pair.moved)).backward()
    found, by_input, by_weights = split(ours, [x], factors, pair.training)
    mine, other = of_parameters(ours, by_weights, theirs, pair.parameters)
    arrays = [to_torch(one, pair.moved) for one in (found, *by_input)]
    return [*arrays, *mine], [one.detach() for one in (y, *([given.grad] if by_input else []), *other)]


def of_parameters(
    ours: Any, by_weights: list[Any], theirs: Any, parameters: dict[str, Take]
) -> tuple[list[Any], list[Any]]:
    """Return the gradients of parameters, and the values of buffers, of numbanet and of PyTorch."""
    trained, buffers = dict(theirs.named_parameters()), dict(theirs.named_buffers())
    values = [w.numpy() for w in ours.weights]
    mine, other = [], []
    for name, take in parameters.items():
        if take:
            mine.append(take(by_weights if name in trained else values))
            other.append(trained[name].grad if name in trained else buffers[name])
    return mine, other


def split(
    layer: Any, args: list[Any], factors: Any, training: bool, **options: Any
) -> tuple[Any, list[Any], list[Any]]:
    """Return our output, the gradients by inputs, and a gradient for each weight, None for those not trained."""
    y, *gradients = gradients_of_ours(layer, args, [factors], training=training, **options)
    trainable = layer.trainable_weights
    inputs, known = gradients[: len(gradients) - len(trainable)], gradients[len(gradients) - len(trainable) :]
    found = {id(w): g.numpy() for w, g in zip(trainable, known, strict=True)}
    return y, inputs, [found.get(id(w)) for w in layer.weights]


def of_pair(pair: Pair) -> Result:
    """Compare a pair."""
    return compared("PyTorch", pair.name, pair.case, lambda: both(pair))


def layers(name: str) -> Any:
    """Return a layer class of numbanet."""
    return getattr(nn.layers, name)
