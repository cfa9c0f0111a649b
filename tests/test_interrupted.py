"""Ctrl-C at any place leaves no block open and no half of a step: what is called afterwards goes on from there.

Python hands Ctrl-C to the function that begins next. Where that is the end of a block, the block stays open. It also
comes when a function in C has ended: a walk of many steps, for example, whose number is not yet known in Python.
"""

import functools
import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.context import context
from numbanet.graph.checking import State
from numbanet.kernels import threads
from numbanet.launching import walks
from tests import thread_work

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
        assert place in places(run, place)  # Ctrl-C came there
        left = {key: value for key, value in vars(context).items() if value != before.get(key, value)}
        new = {key: value for key, value in vars(context).items() if key not in before and value is not None}
        vars(context).clear()
        vars(context).update(before)
        assert (left, new) == ({}, {}), place
    assert nn.square(nn.asarray([3.0])).tolist() == [9.0]


def interrupted(run, at):
    """Whether Ctrl-C came while `run` ran, at number `at` of the places where functions begin and those in C end."""
    count = 0

    def watch(frame, event, argument):
        nonlocal count
        if event in ("call", "c_return"):
            count += 1
            if count == at:
                raise KeyboardInterrupt

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        run()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(before)
    return False


class Trained:
    """A network of layers with state of every kind, and what training it step by step leaves."""

    def __init__(self, optimizer):
        layers = [nn.layers.Dense(3), nn.layers.BatchNormalization(), nn.layers.Dropout(0.2), nn.layers.Dense(2)]
        self.model = nn.Sequential([nn.layers.Input((4,)), *layers], rng=0)
        self.model.compile(optimizer, "mse")
        self.generator = np.random.default_rng(0)

    def left(self):
        """The bytes of weights, state and generator, by the number of steps, which there cannot be twice."""
        weights = [w.tobytes() for w in self.model.get_weights()]
        state = [(name, array.tobytes()) for name, array in self.model.optimizer.state()]
        return self.model.optimizer.calls, weights, state, str(self.generator.bit_generator.state)


OPTIMIZERS = [
    lambda: nn.optimizers.Nadam(0.01, use_ema=True),
    lambda: nn.optimizers.SGD(0.01, momentum=0.9, gradient_accumulation_steps=2),
]


@pytest.fixture(params=[1, 3])
def team(request, monkeypatch):
    """So many threads share every launch."""
    thread_work.share_all(monkeypatch, request.param)
    monkeypatch.setattr(walks, "TURN_NS", 10**12)  # a busy machine may take longer than a turn for three steps


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("make", OPTIMIZERS)
class TestSteps:
    """Wherever Ctrl-C comes, there are as many steps in the weights as the optimizer has counted."""

    def check(self, trained, recorded, run, eager, steps):
        expected, start = [trained.left()], State(recorded)
        for _ in range(steps):
            eager()
            expected.append(trained.left())
        found, came = [], True
        while came:
            start.put_back()
            came = interrupted(run, at=len(found) + 1)
            found.append(trained.left())
            assert found[-1] in expected, (len(found), found[-1][0])
            assert not threads.helpers.team.locked(), len(found)
        assert found.count(expected[0]) > 20  # most are before the walk
        assert found.count(expected[-1]) > 2  # and some after it

    def test_of_fit(self, make, team):
        trained, steps = Trained(make()), 3
        x, y = (np.tile(part, (3, 1))[: 6 * (steps + 1)] for part in (X, Y))
        fit = functools.partial(trained.model.fit, batch_size=6, shuffle=False, verbose=0, rng=trained.generator)
        fit(x, y)
        engine, rows, done = trained.model.explanation, np.arange(6 * steps), []

        def eager():
            first = 6 * (len(done) % steps)
            done.append(engine._run(rows[first : first + 6], first))

        step = engine.steps[0]
        self.check(trained, step.recorded, lambda: engine._replay(step, 0, rows), eager, steps)

    def test_of_a_function(self, make, team):
        trained = Trained(make())
        model, optimizer = trained.model, trained.model.optimizer

        @nn.function
        def step(x):
            with nn.GradientTape() as tape:
                loss = nn.mean(nn.square(model(x, training=True, rng=trained.generator)))
            weights = model.trainable_weights
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            return loss

        x = nn.asarray(X)
        for _ in range(4):
            step(x)
        ((_, call),) = step.calls
        self.check(trained, call.recorded, lambda: call.run([x]), lambda: step._target(x), 1)
