"""Random programs under `nn.function`, with everything around them changing: the bytes of the plain run, always.

A program is a list of steps on a stack of tensors, with a state of its own. It exists twice: one copy is called as it
is, the other under `nn.function`, on the same arguments; every result, every weight and every counter must agree after
every call. Hypothesis chooses the programs, which arguments are the same tensor, and what happens between the calls.
"""

import copy
import functools
import gc

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import numbanet as nn
from numbanet.graph.outcome import Replay
from tests.test_replay_memory import poison

pytestmark = pytest.mark.needs_compiled("Programs need compiled kernels")
NUMBERS = [0.0, -0.0, 1.0, 1, True, 2.0, -1.5, float("nan"), 3]
SHAPES = [(3,), (2, 3), (0, 3), (1, 3), (3, 0), ()]


class Config:
    """What a user would hand in: numbers, a container, another object."""

    shared = 1.0

    def __init__(self, k):
        self.k, self.values, self.inner = k, [1.0, 2.0], None


class World:
    """Everything that a program may read or change besides its arguments."""

    def __init__(self, program):
        rng = np.random.default_rng(7)
        self.program = program
        self.v = nn.Variable(rng.normal(size=(3,)).astype(np.float32))
        self.w = nn.Variable(rng.normal(size=(3,)).astype(np.float32))
        self.optimizer = nn.optimizers.Adam(0.1)
        self.draws = np.random.default_rng(3)
        self.count, self.history, self.labels = 0, [], np.array([0, 1, 2])
        self.held = nn.asarray([4.0, 5.0, 6.0])
        self.rows, self.columns = nn.zeros((2, 0)), nn.zeros((0, 3))
        self.memory, self.shifts = np.ones(3, np.float32), np.array([1, 0, 2])

    def state(self):
        optimizer = [(name, values.tobytes()) for name, values in self.optimizer.state()]
        weights = self.v.numpy().tobytes(), self.w.numpy().tobytes()
        return weights, optimizer, self.count, len(self.history), self.draws.bit_generator.state


def _update(self, x, c):
    with nn.GradientTape() as tape:
        loss = nn.sum(self.v * self.w * x)
    variables = [one for one in (self.v, self.w) if one.trainable]
    gradients = tape.gradient(loss, variables) if variables else []
    self.optimizer.apply_gradients([(g, one) for g, one in zip(gradients, variables, strict=True)])
    return loss


def _every(n, f):
    def step(self, x, c):
        self.count += 1
        return f(self, x, c) if self.count % n == 0 else x * 1.0

    return step


def _history(self, x, c):
    self.history.append(float(len(self.history)))
    return x + self.history[-1]


def _hidden(self, x, c):
    try:
        k = float(nn.sum(x))
    except Exception:
        k = -1.0
    return x * k


def _entropy(self, x, c):
    return nn.sum(nn.softmax_cross_entropy(nn.reshape(self.v * 1.0, (1, 3)) + nn.zeros((3, 1)), self.labels)) + x


STEPS = {
    "multiply by the number": lambda self, x, c: x * c.k if isinstance(c, Config) else x * c,
    "divide by the number": lambda self, x, c: x / (c.k if isinstance(c, Config) else c),
    "tanh": lambda self, x, c: nn.tanh(x),
    "relu": lambda self, x, c: nn.relu(x),
    "sum": lambda self, x, c: nn.sum(x) * nn.ones(3),
    "times v": lambda self, x, c: x * self.v,
    "value of v": lambda self, x, c: x * self.v.numpy()[0].item(),
    "text of v": lambda self, x, c: x * float(len(repr(self.v))),
    "if v": lambda self, x, c: x * 2 if nn.sum(self.v) > 0 else x - 1,
    "stop": lambda self, x, c: nn.stop_gradient(x) + x,
    "copy": lambda self, x, c: nn.asarray(x, copy=True) * copy.deepcopy(x),
    "held": lambda self, x, c: x * self.held,
    "memory": lambda self, x, c: x + nn.square(self.memory),
    "update": _update,
    "update every second call": _every(2, _update),
    "negative every third call": _every(3, lambda self, x, c: -x),
    "history": _history,
    "hidden read": _hidden,
    "cross-entropy": _entropy,
    "iterations": lambda self, x, c: x * float(self.optimizer.iterations),
    "dropout": lambda self, x, c: nn.layers.Dropout(0.5)(x + 1, training=True, rng=self.draws),
    "shared": lambda self, x, c: x * (c.shared if isinstance(c, Config) else 1.0),
    "values": lambda self, x, c: x * sum(c.values) if isinstance(c, Config) else x,
    "empty product": lambda self, x, c: nn.exp(x) * 2 + nn.sum(self.rows @ self.columns, axis=0),
    "many updates": lambda self, x, c: x * 2 if self.optimizer.iterations > 6 else x * 1.0,
    "gradient": lambda self, x, c: nn.grad(lambda y: nn.sum(y * y * nn.stop_gradient(x)))(x),
    "shift": lambda self, x, c: x * (nn.asarray([1, 2, 3]) << self.shifts).astype("float32"),
}


def run(self, a, b, more, c):
    """The program: its steps on the first argument, then everything that it was given."""
    x = a
    for name in self.program:
        x = STEPS[name](self, x, c)
    return {"x": x, "ab": nn.sum(a * b), "more": [nn.sum(one) for one in more], "c": c if type(c) is int else None,
            "count": self.count}  # fmt: skip


def bits(x):
    if isinstance(x, nn.Tensor):
        array = x.numpy()
        return array.shape, array.dtype.str, np.where(np.isnan(array), np.float32(9e9), array).tobytes()
    if isinstance(x, dict):
        return [(key, bits(part)) for key, part in x.items()]
    return [bits(part) for part in x] if isinstance(x, list) else (type(x), x)


class Functions(RuleBasedStateMachine):
    """Calls of one program, and what may happen between them."""

    @initialize(
        program=st.lists(st.sampled_from(sorted(STEPS)), max_size=3), a=st.integers(0, 3), b=st.integers(0, 3),
        c=st.none() | st.sampled_from(NUMBERS), closed=st.booleans(),
    )  # fmt: skip
    def begin(self, program, a, b, c, closed):
        self.plain, self.other = World(program), World(program)
        self.closed = closed  # whether the function holds its world, or gets it as an argument
        self.replayed = nn.function(functools.partial(run, self.other) if closed else run)
        rng = np.random.default_rng(5)
        self.tensors = [nn.asarray(rng.normal(size=(3,)).astype(np.float32)) for _ in range(3)]
        self.config, self.twin = Config(2.0), Config(2.0)
        self.arguments = (a, b, (2,), c)

    def each(self):
        return (self.plain, self.config), (self.other, self.twin)

    def given(self, world, config):
        a, b, more, c = self.arguments
        pick = [*self.tensors, world.held]
        return world, pick[a], pick[b], [pick[i] for i in more], config if c is None else c

    @rule(a=st.integers(0, 3))
    def choose_first(self, a):
        self.arguments = (a, *self.arguments[1:])

    @rule(b=st.integers(0, 3))
    def choose_second(self, b):
        self.arguments = (self.arguments[0], b, *self.arguments[2:])

    @rule(more=st.lists(st.integers(0, 3), max_size=2))
    def choose_list(self, more):
        self.arguments = (*self.arguments[:2], tuple(more), self.arguments[3])

    @rule(c=st.none() | st.sampled_from(NUMBERS))
    def choose_number(self, c):
        self.arguments = (*self.arguments[:3], c)

    @rule()
    def give_one_tensor_twice(self):
        self.arguments = (0, 0, (), self.arguments[3])

    @rule()
    def give_two_tensors(self):
        self.arguments = (0, 1, (), self.arguments[3])

    @precondition(lambda self: hasattr(self, "replayed"))
    @invariant()
    def call_often(self):
        self.call(4)  # as it is, twice under a trace, and replayed

    def call(self, times):
        for _ in range(times):
            outcomes = []
            poison(self.replayed)
            for f, pair in ((run, self.each()[0]), (self.replayed, self.each()[1])):
                given = self.given(*pair)
                try:
                    with np.errstate(all="ignore"):
                        outcomes.append(bits(f(*given[1:] if self.closed and f is not run else given)))
                except (nn.errors.NumbanetError, ZeroDivisionError) as error:
                    outcomes.append((type(error), str(error)))
            assert outcomes[1] == outcomes[0]
            assert self.other.state() == self.plain.state()

    @rule(shape=st.sampled_from(SHAPES), which=st.integers(0, 2), seed=st.integers(0, 5))
    def another_tensor(self, shape, which, seed):
        rng = np.random.default_rng(seed)
        self.tensors[which] = nn.asarray(rng.normal(size=shape).astype(np.float32))

    @rule(k=st.sampled_from(NUMBERS), fresh=st.booleans())
    def change_the_config(self, k, fresh):
        if fresh:  # the old one is freed, and its id given to another
            self.config = self.twin = None
            gc.collect(0)
            self.config, self.twin = Config(k), Config(k)
        self.config.k = self.twin.k = k

    @rule(value=st.floats(-2, 2))
    def change_its_list(self, value):
        for _, config in self.each():
            config.values.append(value)

    @rule(value=st.floats(-2, 2))
    def change_its_class(self, value):
        Config.shared = value

    @rule(seed=st.integers(0, 5))
    def assign(self, seed):
        for world, _ in self.each():
            world.v.assign(np.random.default_rng(seed).normal(size=3).astype(np.float32))

    @rule()
    def freeze_or_thaw(self):
        for world, _ in self.each():
            world.w.trainable = not world.w.trainable

    @rule(rate=st.sampled_from([0.1, 0.5]))
    def set_the_rate(self, rate):
        for world, _ in self.each():
            world.optimizer.learning_rate = rate

    @rule(label=st.sampled_from([0, 2, 3, -1, 2**40]))
    def write_a_label(self, label):
        for world, _ in self.each():
            world.labels[1] = label

    @rule(count=st.sampled_from([0, 3, -1]))
    def write_a_shift(self, count):
        for world, _ in self.each():
            world.shifts[1] = count

    @rule(value=st.floats(-2, 2))
    def write_to_memory(self, value):
        for world, _ in self.each():
            world.memory[1] = value

    @precondition(lambda self: not self.closed)  # what a function holds itself stays what it was
    @rule()
    def replace_what_is_held(self):
        for world, _ in self.each():
            world.held = nn.asarray(world.held.numpy() + 1)

    @rule()
    def collect(self):
        gc.collect()

    @precondition(lambda self: hasattr(self, "replayed"))
    @invariant()
    def tables_stay_small(self):
        assert len(self.replayed.calls) <= 16

    def teardown(self):
        Config.shared = 1.0


TestFunctions = Functions.TestCase
TestFunctions.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


EVENTS = [
    lambda m: m.assign(1), lambda m: m.write_to_memory(2.0), lambda m: setattr(m, "arguments", (0, 0, (1, 1), None)),
    lambda m: m.change_the_config(-0.0, False), lambda m: m.freeze_or_thaw(), lambda m: m.write_a_label(2**40),
    lambda m: setattr(m, "arguments", (3, 1, (), 1)), lambda m: m.write_a_shift(-1),
]  # fmt: skip


def test_something_was_replayed():
    """A program of every step, one by one, between fixed changes: and some of them are replayed."""
    replayed = {}
    for closed in (False, True):
        for name in STEPS:
            machine = Functions()
            machine.begin([name], 0, 1, 2.0, closed)
            for event in EVENTS:
                machine.call(5)
                event(machine)
                machine.call(5)
            programs = [isinstance(call, Replay) for _, call in machine.replayed.calls]
            replayed[name] = replayed.get(name, False) or any(programs)
            machine.teardown()
    eager = {name for name, program in replayed.items() if not program}
    assert eager == {
        "value of v", "text of v", "if v", "history", "hidden read", "iterations", "negative every third call",
        "update every second call", "many updates",
    }  # fmt: skip
