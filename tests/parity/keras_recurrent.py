"""Recurrent layers against Keras 3: weights copied, outputs, states and gradients, with masks and initial states."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, compared, gradients_of_ours, listed, settings
from tests.parity.keras_common import arguments, gradients_of_keras, with_same_weights

SAMPLES, STEPS, FEATURES, UNITS = 3, 5, 4, 6
MASK = np.array([[1, 1, 0, 1, 1], [0, 0, 1, 1, 0], [1, 1, 1, 1, 1]], bool)
KINDS = {
    "SimpleRNN": [{}, {"activation": "relu"}, {"use_bias": False}],
    "LSTM": [
        {}, {"activation": "relu", "recurrent_activation": "tanh"}, {"use_bias": False}, {"unit_forget_bias": False},
    ],
    "GRU": [{}, {"reset_after": False}, {"use_bias": False}, {"recurrent_activation": "relu"}],
}  # fmt: skip
FLAGS = [
    {}, {"return_sequences": True}, {"return_state": True}, {"return_sequences": True, "return_state": True},
    {"go_backwards": True, "return_sequences": True}, {"unroll": True},
]  # fmt: skip


class Case(NamedTuple):
    """A layer that a function makes of the layers of a library, whether it gets a mask, and how many initial states."""

    name: str
    label: str
    make: Callable[[Any], Any]
    masked: bool = False
    states: int = 0


def compare(case):
    """Return outputs, states and gradients of both libraries.

    relu does not bound what a step passes on: its weights are half as large as others, or rounding grows in five steps
    as gradients do. float64 would not help, for Keras computes parts of recurrent layers in float32 there.
    """
    rng, scale = np.random.default_rng(5), 0.25 if "relu" in case.label else 0.5
    ours, theirs = case.make(nn.layers), case.make(keras.layers)
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES)).astype(np.float32)
    # Keras names the weights of cells otherwise than its own wrappers do, and numbanet by the attributes that hold them
    with_same_weights(ours, theirs, [x], lambda shape: rng.normal(size=shape) * scale, case.name != "StackedRNNCells")
    options: dict[str, Any] = {"mask": MASK} if case.masked else {}
    if case.states:
        options["initial_state"] = [rng.normal(size=(SAMPLES, UNITS)).astype(np.float32) for _ in range(case.states)]
    factors = [rng.normal(size=y.shape).astype(np.float32) for y in listed(ours(x, **options))]
    return gradients_of_ours(ours, [x], factors, **options), gradients_of_keras(theirs, [x], factors, **options)


def plain():
    """Yield the cases of single layers."""
    for name, all_options in KINDS.items():
        states = 2 if name == "LSTM" else 1
        for options, flags, masked in itertools.product(all_options, FLAGS, (False, True)):
            given = options | flags
            if masked and given.get("unroll"):
                continue  # Keras takes zeros for the outputs before the first step that counts, and states otherwise

            def make(layers, name=name, given=given):
                return getattr(layers, name)(UNITS, **given)

            for state in (0, states):
                label = f"{settings(given)}{', masked' * masked}{', from a state' * bool(state)}"
                yield Case(name, label, make, masked, state)


def wrapped():
    """Yield the cases of layers around others."""
    modes, flags = ("concat", "sum", "mul", "ave", None), ({}, {"return_sequences": True})
    for name, mode, given, masked in itertools.product(KINDS, modes, flags, (False, True)):

        def make(layers, name=name, given=given, mode=mode):
            return layers.Bidirectional(getattr(layers, name)(UNITS, **given), merge_mode=mode)

        yield Case("Bidirectional", f"{name}({settings(given)}), {mode}{', masked' * masked}", make, masked)
    for cell, masked in itertools.product(KINDS, (False, True)):

        def around(layers, cell=cell):
            return layers.RNN(getattr(layers, f"{cell}Cell")(UNITS))

        yield Case("RNN", f"of a {cell}Cell{', masked' * masked}", around, masked)

    def stacked(layers):
        return layers.RNN([layers.LSTMCell(UNITS), layers.GRUCell(3), layers.SimpleRNNCell(2)])

    for masked in (False, True):
        yield Case("StackedRNNCells", f"three cells{', masked' * masked}", stacked, masked)

    def distributed(layers):
        return layers.TimeDistributed(layers.Dense(3, activation="tanh"))

    yield Case("TimeDistributed", "of a Dense", distributed)


def compare_cells(name):
    """Return the output and the states of one step of a cell."""
    rng = np.random.default_rng(6)
    ours, theirs = (getattr(one.layers, name)(UNITS) for one in (nn, keras))
    states = [rng.normal(size=(SAMPLES, UNITS)).astype(np.float32) for _ in range(2 if name == "LSTMCell" else 1)]
    x = rng.normal(size=(SAMPLES, FEATURES)).astype(np.float32)
    with_same_weights(ours, theirs, [x, states], lambda shape: rng.normal(size=shape) / 2)
    (mine, my_states), (other, other_states) = ours(x, states), theirs(x, states)
    return [mine, *my_states], [other, *other_states]


def results() -> Iterator[Result]:
    """Compare all cases."""
    for case in itertools.chain(plain(), wrapped()):
        yield compared("Keras", case.name, case.label, lambda case=case: compare(case))
    cells = [f"{kind}Cell" for kind in KINDS]
    for name in cells:
        yield compared("Keras", name, "one step", lambda name=name: compare_cells(name))
    for name in (*KINDS, *cells, "RNN", "StackedRNNCells", "Bidirectional", "TimeDistributed", "Masking"):
        yield arguments(name)
