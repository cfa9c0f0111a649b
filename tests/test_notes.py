"""What dies runs no Python code, in which Python would ignore Ctrl-C."""

import gc
import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.notes import Notes

X = np.linspace(-1, 1, 48, dtype=np.float32).reshape(8, 6)


def calls_while_freed(make):
    """The Python functions that are called while what was made is collected as garbage."""
    made = [make()]
    made.append(made)
    gc.collect()
    found = []

    def watch(frame, event, _):
        if event == "call":
            found.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")

    before, callbacks = sys.getprofile(), gc.callbacks[:]
    gc.callbacks.clear()  # Hypothesis times collections, once it has run
    sys.setprofile(watch)
    try:
        del made
        gc.collect()
    finally:
        sys.setprofile(before)
        gc.callbacks[:] = callbacks
    return found


def sequential():
    model = nn.Sequential([nn.Input((6,)), nn.layers.Dense(5, activation="relu"), nn.layers.Dense(3)])
    assert model.layers[0].output is not None  # which makes its graph
    model.compile("adam", "mse", ["mae"])
    model.fit(X, X[:, :3], epochs=3, verbose=0, rng=0)
    return model


def functional():
    start = nn.Input((6,))
    model = nn.Model(start, nn.layers.LayerNormalization()(nn.layers.Dense(4)(start)))
    model.compile("sgd", "mse")
    model.fit(X, X[:, :4], verbose=0, rng=0)
    return model


def recurrent():
    model = nn.Sequential([nn.layers.Embedding(9, 4, mask_zero=True), nn.layers.LSTM(3), nn.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.arange(48).reshape(8, 6) % 9, X[:, :1], verbose=0, rng=0)
    return model


def taped():
    x = nn.Variable(X)
    with nn.GradientTape(persistent=True) as tape:
        y = nn.sum(nn.relu(nn.exp(x)))
    return [x, tape, y, tape.gradient(y, x)]


def graph():
    function = nn.function(lambda x: nn.exp(x) * 2)
    return [function, function(X), function(X), function(X)]


@pytest.mark.parametrize("make", [sequential, functional, recurrent, taped, graph])
def test_nothing_is_called(make):
    assert calls_while_freed(make) == []


def test_notes_end_with_what_they_are_of():
    notes, x, y = Notes(), nn.asarray(X), nn.asarray(X)
    notes.note(x, 1)
    notes.note(y, 2)
    notes.note(y, 3)
    assert (notes.of(x), notes.of(y), notes.of(nn.asarray(X)), len(notes)) == (1, 3, None, 2)
    del x
    gc.collect()
    assert (notes.of(y), len(notes)) == (3, 1)
    del y
    gc.collect()
    assert not notes
