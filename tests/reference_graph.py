"""A tiny automatic differentiation of its own, to hold the tape to: forward mode, in float64, with NumPy alone.

A node knows its value and how a small change of its parents changes it (its tangent, a node again). The derivative of a
sum by a source is found one element of the source at a time: nothing here reads a graph backwards.
"""

import numpy as np

NODES_AT_MOST = 4000


class Node:
    """A value, what it was computed from, and the tangent as a function of the parents' tangents (None: zero)."""

    def __init__(self, graph, value, parents=(), tangent=None):
        self.graph, self.value, self.parents, self.tangent = graph, np.asarray(value, np.float64), parents, tangent
        graph.count += 1
        for tape in graph.tapes:
            if any(id(parent) in tape.tracked for parent in parents):
                tape.tracked[id(self)] = self
                tape.recorded.add(id(self))


class Graph:
    """The operations, and the tapes that are open."""

    def __init__(self):
        self.tapes = []
        self.count = 0

    def constant(self, value):
        return Node(self, value)

    def linear(self, function, *parents):
        """An operation that is linear in each of its parents together: its tangent is itself."""

        def tangent(node, changes):
            changes = [
                self.constant(np.zeros_like(p.value)) if c is None else c for p, c in zip(parents, changes, strict=True)
            ]
            return self.linear(function, *changes)

        return Node(self, function(*[p.value for p in parents]), parents, tangent)

    def add(self, a, b):
        return self.linear(np.add, a, b)

    def subtract(self, a, b):
        return self.linear(np.subtract, a, b)

    def negative(self, a):
        return self.linear(np.negative, a)

    def product(self, function, a, b):
        """An operation that is linear in either parent: multiply, matmul."""

        def tangent(node, changes):
            da, db = changes
            parts = [] if da is None else [self.product(function, da, b)]
            parts += [] if db is None else [self.product(function, a, db)]
            return parts[0] if len(parts) == 1 else self.add(*parts)

        return Node(self, function(a.value, b.value), (a, b), tangent)

    def multiply(self, a, b):
        return self.product(np.multiply, a, b)

    def matmul(self, a, b):
        return self.product(np.matmul, a, b)

    def _elementwise(self, value, a, slope):
        return Node(self, value, (a,), lambda node, changes: self.multiply(changes[0], slope(node)))

    def tanh(self, a):
        one = self.constant(1.0)
        return self._elementwise(np.tanh(a.value), a, lambda y: self.subtract(one, self.multiply(y, y)))

    def sigmoid(self, a):
        one = self.constant(1.0)
        value = 1 / (1 + np.exp(-a.value))
        return self._elementwise(value, a, lambda y: self.multiply(y, self.subtract(one, y)))

    def sin(self, a):
        return self._elementwise(np.sin(a.value), a, lambda y: self.cos(a))

    def cos(self, a):
        return self._elementwise(np.cos(a.value), a, lambda y: self.negative(self.sin(a)))

    def square(self, a):
        return self._elementwise(a.value**2, a, lambda y: self.multiply(self.constant(2.0), a))

    def maximum(self, a, b):
        first = self.constant(a.value > b.value)
        second = self.subtract(self.constant(1.0), first)
        return self.add(self.multiply(a, first), self.multiply(b, second))

    def gradient(self, tape, target, leaves, weights):
        """The derivative of `sum(weights * target)` by a source that held the values of `leaves`, added up."""
        shape, parts = leaves[0].value.shape, []
        for index in np.ndindex(shape):
            total = self.constant(0.0)
            for leaf in leaves:
                direction = np.zeros(shape)
                direction[index] = 1.0
                change = self._tangent(tape, target, leaf, self.constant(direction), {})
                if change is not None:
                    total = self.add(total, self.linear(np.sum, self.multiply(self.constant(weights), change)))
            parts.append(total)
        return self.linear(lambda *values: np.array(values).reshape(shape), *parts)

    def _tangent(self, tape, node, leaf, direction, known):
        """How `node` changes when `leaf` does, as far as the tape has recorded the way."""
        if node is leaf:
            return direction
        if id(node) not in tape.recorded:
            return None
        if id(node) not in known:
            changes = [self._tangent(tape, parent, leaf, direction, known) for parent in node.parents]
            nothing = all(change is None for change in changes)
            known[id(node)] = None if nothing else self._fitting(node, node.tangent(node, changes))
        return known[id(node)]

    def _fitting(self, node, change):
        """A tangent of the node's shape: a change of an operand that was broadcast changes all of its copies."""
        shape = node.value.shape
        if change.value.shape == shape:
            return change
        return self.linear(lambda value: np.broadcast_to(value, shape), change)


class Tape:
    """What a tape knows: the nodes that it follows, those that it saw being computed, and values of variables."""

    def __init__(self, watch_accessed):
        self.watch_accessed = watch_accessed
        self.tracked, self.recorded, self.values = {}, set(), {}

    def watch(self, node):
        self.tracked[id(node)] = node

    def note(self, variable):
        """A variable was read."""
        if id(variable) in self.values or (variable.trainable and self.watch_accessed):
            values = self.values.setdefault(id(variable), [])
            if not any(node is variable.node for node in values):
                values.append(variable.node)
            self.watch(variable.node)


class Variable:
    """A variable: the node of its present value."""

    def __init__(self, graph, value, trainable):
        self.graph, self.trainable = graph, trainable
        self.assign(value)

    def assign(self, value):
        self.node = self.graph.constant(np.array(value))

    def read(self):
        for tape in self.graph.tapes:
            tape.note(self)
        return self.node
