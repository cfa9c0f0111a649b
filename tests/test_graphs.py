"""Random graphs of tensors, variables and tapes: every value and every gradient is that of a reference of its own."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import numbanet as nn
from numbanet.errors import GradientError, ShapeError
from tests import reference_graph as reference

SHAPES = [(), (2,), (1, 2), (2, 1), (2, 2)]
NUMBERS = st.floats(-2, 2, width=32)
PICK = st.integers(0, 10**6)


def close(found, node):
    np.testing.assert_allclose(found.numpy(), node.value, rtol=1e-9, atol=1e-9)
    assert found.dtype == np.float64


class Graphs(RuleBasedStateMachine):
    """Pairs of what numbanet has and what the reference has: values, variables, tapes that are open and closed."""

    def __init__(self):
        super().__init__()
        self.graph = reference.Graph()
        self.values, self.variables, self.open, self.closed, self.used = [], [], [], [], []
        self.keep(nn.asarray(np.array([0.5, -1.0])), self.graph.constant([0.5, -1.0]))

    def keep(self, tensor, node):
        """Check a new value and use it from now on, unless it has grown large."""
        close(tensor, node)
        if abs(node.value).max(initial=0) < 1e3:
            self.values.append((tensor, node))

    def operand(self, pick):
        """A value or a variable, which is read by that."""
        pool = len(self.values) + len(self.variables)
        pick %= pool
        if pick < len(self.values):
            return self.values[pick]
        variable, mirror = self.variables[pick - len(self.values)]
        return variable, mirror.read()

    @rule(shape=st.sampled_from(SHAPES), seed=PICK)
    def constant(self, shape, seed):
        value = np.random.default_rng(seed).uniform(-2, 2, shape)
        self.keep(nn.asarray(value), self.graph.constant(value))

    @rule(shape=st.sampled_from(SHAPES), seed=PICK, trainable=st.booleans())
    def variable(self, shape, seed, trainable):
        value = np.random.default_rng(seed).uniform(-2, 2, shape)
        made = nn.Variable(value, trainable=trainable)
        self.variables.append((made, reference.Variable(self.graph, value, trainable)))

    @rule(name=st.sampled_from(["tanh", "sigmoid", "sin", "cos", "square", "negative"]), pick=PICK)
    def function(self, name, pick):
        x, node = self.operand(pick)
        self.keep(getattr(nn, name)(x), getattr(self.graph, name)(node))

    @rule(name=st.sampled_from(["add", "subtract", "multiply", "maximum"]), first=PICK, second=PICK)
    def two(self, name, first, second):
        (x, a), (y, b) = self.operand(first), self.operand(second)
        try:
            np.broadcast_shapes(x.shape, y.shape)
        except ValueError:
            with pytest.raises(ShapeError):
                getattr(nn, name)(x, y)
            return
        if name == "maximum" and (np.broadcast_arrays(a.value, b.value)[0] == b.value).any():
            name = "add"  # equals share the gradient: the reference has no rule for it
        self.keep(getattr(nn, name)(x, y), getattr(self.graph, name)(a, b))

    @rule(first=PICK, second=PICK)
    def matmul(self, first, second):
        (x, a), (y, b) = self.operand(first), self.operand(second)
        if a.value.ndim and b.value.ndim and a.value.shape[-1] == b.value.shape[max(b.value.ndim - 2, 0)]:
            self.keep(nn.matmul(x, y), self.graph.matmul(a, b))

    @rule(how=st.sampled_from(["sum", "rows", "flat", "turned", "first", "reversed", "wide", "same"]), pick=PICK)
    def shaped(self, how, pick):
        x, node = self.operand(pick)
        n, dims = node.value.size, node.value.ndim
        ways = {
            "sum": (lambda t: nn.sum(t), np.sum),
            "rows": (lambda t: nn.sum(t, axis=-1, keepdims=True), lambda v: v.sum(-1, keepdims=True)),
            "flat": (lambda t: t.reshape((n,)), lambda v: v.reshape(n)),
            "turned": (lambda t: t.T if dims == 2 else nn.identity(t), lambda v: v.T),
            "first": (lambda t: t[0], lambda v: v[0]),
            "reversed": (lambda t: t[::-1], lambda v: v[::-1]),
            "wide": (lambda t: nn.concat([t, t], axis=0), lambda v: np.concatenate([v, v])),
            "same": (nn.identity, np.copy),
        }
        ours, plain = ways["same" if how in ("rows", "first", "reversed", "wide") and dims == 0 else how]
        if how == "wide" and n > 4:
            return
        self.keep(ours(x), self.graph.linear(plain, node))

    @rule(pick=PICK)
    def stopped(self, pick):
        x, node = self.operand(pick)
        self.keep(nn.stop_gradient(x), self.graph.constant(node.value))

    @precondition(lambda self: len(self.open) < 3)
    @rule(persistent=st.booleans(), watch_accessed=st.booleans())
    def open_tape(self, persistent, watch_accessed):
        tape, mirror = nn.GradientTape(persistent, watch_accessed), reference.Tape(watch_accessed)
        tape.__enter__()
        self.graph.tapes.append(mirror)
        self.open.append((tape, mirror, persistent, []))

    @precondition(lambda self: self.open)
    @rule()
    def close_tape(self):
        entry = self.open.pop()
        entry[0].__exit__(None, None, None)
        self.graph.tapes.remove(entry[1])
        self.closed.append(entry)

    @precondition(lambda self: self.open)
    @rule(tape=PICK, pick=PICK)
    def watch(self, tape, pick):
        tape, mirror, _, watched = self.open[tape % len(self.open)]
        x, node = self.values[pick % len(self.values)]
        tape.watch(x)
        mirror.watch(node)
        watched.append((x, node))

    @precondition(lambda self: self.variables)
    @rule(pick=PICK, value=NUMBERS, how=st.sampled_from(["assign", "assign_add", "assign_sub"]))
    def assign(self, pick, value, how):
        variable, mirror = self.variables[pick % len(self.variables)]
        change = np.full(variable.shape, value, np.float64)
        before = mirror.node.value
        getattr(variable, how)(change)
        mirror.assign({"assign": change, "assign_add": before + change, "assign_sub": before - change}[how])
        close(variable, mirror.node)

    @precondition(lambda self: (self.open or self.closed) and self.graph.count < reference.NODES_AT_MOST)
    @rule(tape=PICK, of=PICK, sources=st.lists(PICK, min_size=1, max_size=3), weighted=st.booleans())
    def gradient(self, tape, of, sources, weighted):
        entry = (self.open + self.closed)[tape % len(self.open + self.closed)]
        tape, mirror, persistent, watched = entry
        y, node = self.values[of % len(self.values)]
        weights = np.linspace(0.5, 1.5, node.value.size).reshape(node.value.shape) if weighted else None
        pool = [*watched, *self.variables]
        chosen = [pool[pick % len(pool)] for pick in sources] if pool else []
        if not chosen:
            return
        if tape in self.used:
            with pytest.raises(GradientError, match="used up"):
                tape.gradient(y, [x for x, _ in chosen])
            return
        try:
            found = tape.gradient(y, [x for x, _ in chosen], output_gradients=weights)
        except GradientError as error:
            assert "depends on none of the sources" in str(error)  # noqa: PT017  (which programs raise is not known)
            found = None
        else:
            self.used += [] if persistent else [tape]
        self._compare(mirror, node, chosen, np.ones(node.value.shape) if weights is None else weights, found)

    def _compare(self, mirror, node, chosen, weights, found):
        """Gradients are those of the reference, and all of those are zero where the tape raised."""
        others, self.graph.tapes = self.graph.tapes, [one for one in self.graph.tapes if one is not mirror]
        try:
            for i, (x, source) in enumerate(chosen):
                leaves = mirror.values.get(id(source), []) if isinstance(source, reference.Variable) else [source]
                if leaves:
                    expected = self.graph.gradient(mirror, node, leaves, weights)
                else:
                    expected = self.graph.constant(np.zeros(x.shape))
                if found is None:
                    assert not expected.value.any()
                else:
                    self.keep(found[i], expected)
        finally:
            self.graph.tapes = others

    @invariant()
    def values_stay(self):
        """Nothing that happens changes a value that is there already."""
        for tensor, node in self.values[-8:]:
            close(tensor, node)
        for variable, mirror in self.variables:
            close(variable.value, mirror.node)

    def teardown(self):
        while self.open:
            self.close_tape()
        for tensor, node in self.values:
            close(tensor, node)


class TestGraphs(Graphs.TestCase):
    settings = settings(settings.default, stateful_step_count=30)
