"""Tracing: every op that one step runs, written down in order, so that the step can be replayed without Python.

While a trace is open, `apply` and the optimizers tell it what they do. What a step does with the values themselves, in
Python or NumPy, cannot be replayed: it is refused. A refusal is remembered by the trace, so that no `except` of the
step's can hide it.

There are two kinds of traces. A live one watches a real call: it changes nothing, the call goes on after a refusal and
gives what it always gives. A dry one runs a step for its ops alone: updates are put off, variables are given back what
they held, and a refusal raises `CannotRecord`.
"""

from copy import copy
from functools import partial

import numpy as np

from numbanet.core.context import Listener, context, ignore, listen
from numbanet.core.snapshots import snapshot
from numbanet.graph.ir import Assign, Check, Graph, Node, Update
from numbanet.graph.remade import after, are_below, of_rows, remade
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.tensor.listeners import seed_of


class Trace(Listener):
    """Writes down what one step does, as a Graph.

    Parameters
    ----------
    inputs : list of Tensor
        What differs from step to step: the batch.
    generators : list of numpy.random.Generator
        What seeds may be drawn from.
    live : bool
        Whether it watches a real call, which it leaves as it is.
    held : dict, optional
        From id to object: what the step holds already. The memory of its arrays may be written to between two steps.

    Attributes
    ----------
    reason : str or None
        Why the step cannot be replayed: the first refusal.
    graph : Graph
    seeds : list of float
        Those that were drawn, two for each draw.
    changing : set of int
        Ids of all tensors that differ from step to step.
    """

    def __init__(self, inputs, generators=(), live=False, held=None):
        self.live = live
        self.reason: str | None = None
        sources = {id(tensor) for tensor in inputs}
        self.graph = Graph(list(inputs), sources=sources, varying=set(sources), held=held or {})
        self.changing = set(sources)
        self.seeds: list = []
        self._updated: set = set()
        self._assigned: dict = {}
        self._before: dict = {}
        self._alive: list = []
        self._generators = {id(generator): (generator, _state_of(generator)) for generator in generators}
        self._states = {key: state for key, (_, state) in self._generators.items()}

    def __enter__(self):
        self._outer, context.trace = context.trace, self
        listen(self)
        return self

    def __exit__(self, kind, error, traceback):
        context.trace = self._outer
        ignore(self)
        for key, (generator, first) in self._generators.items():
            state = _state_of(generator)
            if state != self._states[key] and kind is None:
                self.reason = self.reason or "the step draws random numbers in Python"
            if not self.live and state != first:
                generator.bit_generator.state = first.value
        self._generators = {}
        for variable, value in self._before.values():
            variable.restore(value)
        self._before = {}

    def graph_of(self, outputs):
        """The graph of the step, which gives these tensors."""
        graph = copy(self.graph)
        graph.outputs = [self._value_of(tensor) for tensor in outputs]
        return graph

    @property
    def puts_off(self):
        """Whether updates are left to the code that asked for the trace, and not made while it is open."""
        return not self.live

    def refuse(self, reason):
        """Something is done that cannot be replayed."""
        self.reason = self.reason or reason
        if not self.live:
            raise CannotRecord(reason)

    def record(self, op, inputs, params, output):
        """Keep one op; everything is kept, also what does not depend on the inputs, such as products of weights."""
        if self.reason is not None:
            return
        if not op.recordable:
            self.refuse(f"op {op.name} runs in NumPy")
        graph = self.graph
        if self._assigned:
            inputs = [self._value_of(tensor) for tensor in inputs]
        graph.nodes.append(Node(op, inputs, params, output))
        drawn, changing, varying = bool(params) and draws(params), self.changing, graph.varying
        if drawn or any(id(tensor) in changing for tensor in inputs):
            changing.add(id(output))
            varying.add(id(output))
        elif any(id(tensor) in varying or graph.follows(tensor) for tensor in inputs):
            varying.add(id(output))
        if (check := op.check_of_integers(output)) is not None:
            self.record_check(inputs[1], partial(check, np.empty(0, inputs[0].dtype)))

    def _value_of(self, tensor):
        """The tensor that the step computed where it reads what it has assigned to a variable."""
        found = self._assigned.get(id(tensor))
        return tensor if found is None else found

    def record_read(self, x, what):
        """The values of a tensor or variable are asked for in Python."""
        if context.trace is self and (id(x) in self.changing or hasattr(x, "trainable")):
            self.refuse(f"{what} reads values in Python")

    def record_update(self, optimizer, pairs, touched):
        """The optimizer applies gradients: pairs of (gradient, variable), to all rows or to those that are touched."""
        for _, variable in pairs:
            if id(variable) in self._updated:
                self.refuse(f"variable {variable.name or ''} is updated twice")
            self._updated.add(id(variable))
            if id(variable._tensor) not in self._assigned:
                self._note(variable, variable._tensor)
        if pairs:
            resolved = [(self._value_of(gradient), variable) for gradient, variable in pairs]
            self.graph.updates.append(Update(optimizer, resolved, touched))

    def record_assignment(self, variable, value, held):
        """A variable is about to get a value, a tensor of the step or a constant, as the Tensor `held`.

        A dry trace gives back what it held at the end.
        """
        if not self.live:
            self._before.setdefault(id(variable), (variable, variable.state()))
        if id(variable) in self._updated:  # updates are put off to the end of the step
            self.refuse(f"variable {variable.name or ''} is assigned to after it was updated")
        value = self._value_of(value)
        self.graph.assignments[id(variable)] = Assign(variable, value)
        self._assigned[id(held)] = value
        self._alive.append(held)
        if id(value) in self.changing:
            self.changing.add(id(held))
        if id(value) in self.graph.varying:
            self.graph.varying.add(id(held))

    def record_variable(self, variable, tensor):
        """The value of a variable was read: it will differ at the next step."""
        if id(variable) in self._updated:  # updates are put off to the end of the step
            self.refuse(f"variable {variable.name or ''} is read after it was updated")
        if id(tensor) not in self._assigned:
            self._note(variable, tensor)

    def record_check(self, tensor, check, below=None):
        """`check` was made of the values of a tensor: it must be made again in every step, of what is behind them."""
        if self.reason is not None:
            return
        tensor = self._value_of(tensor)
        is_constant = id(tensor) not in self.graph.varying and not self.graph.follows(tensor)
        if is_constant or (below is not None and are_below(self.graph, tensor, below)):
            return
        try:
            root, steps = remade(self.graph, tensor)
        except CannotRecord as reason:
            self.refuse(str(reason))
            return
        if id(root) in self.graph.variables:
            self.refuse("values of a variable are checked in Python")
        self.graph.checks.append(Check(root, after(steps, check), of_rows(steps, check)))

    def record_draw(self, generator):
        """A seed is drawn from a generator: two slots, that of draw i with the indices 2 i and 2 i + 1."""
        if id(generator) not in self._generators:
            self.refuse("random numbers are drawn from a generator that is not an argument")
            return seed_of(generator)
        if _state_of(generator) != self._states[id(generator)]:
            self.refuse("the step draws random numbers in Python")
        index = 2 * len(self.graph.draws)
        self.graph.draws.append(generator)
        seed = seed_of(generator) if self.live else (0.0, 0.0)
        self.seeds += seed
        self._states[id(generator)] = _state_of(generator)
        return Slot(seed[0], index), Slot(seed[1], index + 1)

    def _note(self, variable, tensor):
        if id(tensor) not in self.changing:
            self.changing.add(id(tensor))
            self.graph.varying.add(id(tensor))
            self.graph.sources.add(id(tensor))
            self.graph.variables[id(tensor)] = variable
            self._alive.append(tensor)


class _State:
    """The state of a generator, to be compared and put back."""

    def __init__(self, value):
        self.value, self._seen = value, snapshot({"state": value})

    def __eq__(self, other):
        return self._seen == other._seen

    __hash__ = None  # type: ignore[assignment]  # how Python says that it is not hashable


def _state_of(generator):
    return _State(generator.bit_generator.state)


def draws(params):
    """Whether the parameters of an op are drawn anew in every step."""
    return any(type(part) is Slot for value in params.values() if type(value) is tuple for part in value)
