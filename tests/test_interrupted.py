"""Ctrl-C at any place leaves no block open: what is called afterwards computes what it always does.

Python hands Ctrl-C to the function that begins next. Where that is the end of a block, the block stays open.
"""

import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.context import context

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = X[:, :2]
ENDS = ("__enter__", "__exit__", "__setattr__", "setting", "apart", "building", "recording", "called")
"""Functions that begin or end a block, or change the context."""


def network():
    model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(2), nn.layers.Dropout(0.2)], rng=0)
    model.compile(nn.optimizers.SGD(0.01, gradient_accumulation_steps=2, use_ema=True), "mse")
    return model


def fit():
    network().fit(X, Y, batch_size=6, verbose=0, rng=0)


def build():
    nn.layers.Bidirectional(nn.layers.LSTM(2)).build((None, None, 3))


def symbolic():
    inputs = nn.Input((None, 3))
    nn.Model(inputs, nn.layers.LSTM(2)(inputs))


def function():
    square = nn.function(lambda x: nn.sum(nn.square(x)))
    for _ in range(4):
        square(X)


def predict():
    model = network()
    for _ in range(3):
        model.predict(X, batch_size=4, verbose=0)


def file(folder):
    def saved():
        model = network()
        model.save(folder / "model.numbanet")
        nn.load_model(folder / "model.numbanet")

    return saved


def places(run, raising=None):
    """The calls of functions that change the context while `run` runs, as (file, name, line of the caller).

    Ctrl-C comes at the first call from one of these places, if it is given.
    """
    found = {}

    def trace(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_name in ENDS and "numbanet" in code.co_filename:
            caller = frame.f_back
            place = code.co_filename, code.co_name, caller.f_code.co_filename, caller.f_lineno
            found[place] = found.get(place, 0) + 1
            if place == raising:
                sys.settrace(outer)
                raise KeyboardInterrupt

    outer = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    except KeyboardInterrupt:
        assert raising is not None
    finally:
        sys.settrace(outer)
    return list(found)


@pytest.mark.parametrize("name", ["fit", "build", "symbolic", "function", "predict", "file"])
def test_no_block_stays_open(name, tmp_path):
    run = file(tmp_path) if name == "file" else globals()[name]
    run()
    before = dict(vars(context))
    everywhere = places(run)
    assert len(everywhere) > 2
    for place in everywhere:
        places(run, place)
        left = {key: value for key, value in vars(context).items() if value != before.get(key, value)}
        new = {key: value for key, value in vars(context).items() if key not in before and value is not None}
        vars(context).clear()
        vars(context).update(before)
        assert (left, new) == ({}, {}), place
    assert nn.square(nn.asarray([3.0])).tolist() == [9.0]
