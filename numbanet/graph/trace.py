"""Tracing: every op that one step runs, written down in order, so that the step can be replayed without Python.

While a trace is open, `apply` and the optimizers tell it what they do. What a step does with the values themselves, in
Python or NumPy, cannot be replayed: it is refused. A refusal is remembered by the trace, so that no `except` of the
step's can hide it.

There are two kinds of traces. A live one watches a real call: it changes nothing, the call goes on after a refusal and
gives what it always gives. A dry one runs a step for its ops alone: updates are put off, and a refusal raises
`CannotRecord`.
"""

from functools import partial

import numpy as np

from numbanet.core.context import Listener, context, ignore, listen
from numbanet.core.snapshots import snapshot
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import owner
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.tensor.listeners import seed_of

_SAME_VALUES = ("reshape", "identity", "copy", "stop_gradient")
"""Ops whose result has the values of its operand: what is checked of one can be checked of the other."""


class Trace(Listener):
    """The ops of one step.

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
    entries : list of (op, inputs, params, output)
        In the order in which they ran.
    updates : list of (optimizer, [(gradient, variable), ...])
    checks : list of (tensor, callable)
        What must hold for the values of inputs and constants, or raises.
    draws : list of numpy.random.Generator
        From which of them a seed was drawn, in order.
    seeds : list of float
        Those, two for each draw.
    sources : set of int
        Ids of the tensors that differ from step to step from the beginning: the inputs, and values of variables.
    variables : dict
        From the id of a tensor to the variable that held it when it was read.
    changing : set of int
        Ids of all tensors that differ from step to step.
    kept : set of int
        Those, and what is computed from memory that may be written to.
    """

    def __init__(self, inputs, generators=(), live=False, held=None):
        self.inputs, self.live, self._held = list(inputs), live, held or {}
        self.reason: str | None = None
        self.draws: list = []
        self.seeds: list = []
        self.entries: list = []
        self.updates: list = []
        self.checks: list = []
        self._updated: set = set()
        self.variables: dict = {}
        self.sources = {id(tensor) for tensor in inputs}
        self.changing = set(self.sources)
        self.kept = set(self.sources)
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

    @property
    def puts_off(self):
        """Whether updates are left to whoever asked for the trace, and not made while it is open."""
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
        self.entries.append((op, inputs, params, output))
        drawn = draws(params)
        if drawn or any(id(tensor) in self.changing for tensor in inputs):
            self.changing.add(id(output))
        if drawn or any(id(tensor) in self.kept or self.follows(tensor) for tensor in inputs):
            self.kept.add(id(output))
        if output.dtype.kind != "f" and callable(check := getattr(op.forward, "integers", None)):
            self.record_check(inputs[1], partial(check, np.empty(0, inputs[0].dtype)))

    def follows(self, tensor):
        """Whether a constant lies in memory that the step held before: then its values are read in every step."""
        return id(tensor) in self._held or id(owner(tensor._array)) in self._held

    def record_read(self, x, what):
        """The values of a tensor or variable are asked for in Python."""
        if context.trace is self and (id(x) in self.changing or hasattr(x, "trainable")):
            self.refuse(f"{what} reads values in Python")

    def record_update(self, optimizer, pairs):
        """The optimizer applies gradients: pairs of (gradient, variable)."""
        for _, variable in pairs:
            if id(variable) in self._updated:
                self.refuse(f"variable {variable.name or ''} is updated twice")
            self._updated.add(id(variable))
            self._note(variable, variable._tensor)
        if pairs:
            self.updates.append((optimizer, pairs))

    def record_variable(self, variable, tensor):
        """The value of a variable was read: it will differ at the next step."""
        if id(variable) in self._updated:  # updates are put off to the end of the step
            self.refuse(f"variable {variable.name or ''} is read after it was updated")
        self._note(variable, tensor)

    def record_check(self, tensor, check):
        """`check` was made of the values of a tensor: it must be made again in every step, of what is behind them."""
        if self.reason is not None:
            return
        makers = {id(output): (op, inputs, params) for op, inputs, params, output in self.entries}
        steps: list = []
        while id(tensor) in makers:
            op, inputs, params = makers[id(tensor)]
            if op.name not in _SAME_VALUES and op.name != "astype":
                if id(tensor) in self.kept:
                    self.refuse(f"what {op.name} computes is checked in Python")
                return
            if op.name == "astype":
                steps.insert(0, (op.forward, params))
            tensor = inputs[0]
        if id(tensor) in self.variables:
            self.refuse("values of a variable are checked in Python")
        self.checks.append((tensor, partial(_made_of, tuple(steps), check) if steps else check))

    def record_draw(self, generator):
        """A seed is drawn from a generator: two slots, that of draw i with the indices 2 i and 2 i + 1."""
        if id(generator) not in self._generators:
            self.refuse("random numbers are drawn from a generator that is not an argument")
            return seed_of(generator)
        if _state_of(generator) != self._states[id(generator)]:
            self.refuse("the step draws random numbers in Python")
        index = 2 * len(self.draws)
        self.draws.append(generator)
        seed = seed_of(generator) if self.live else (0.0, 0.0)
        self.seeds += seed
        self._states[id(generator)] = _state_of(generator)
        return Slot(seed[0], index), Slot(seed[1], index + 1)

    def _note(self, variable, tensor):
        if id(tensor) not in self.changing:
            self.changing.add(id(tensor))
            self.kept.add(id(tensor))
            self.sources.add(id(tensor))
            self.variables[id(tensor)] = variable
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


def _made_of(steps, check, values):
    """Make a check of what steps, (forward, params) each, make of an array."""
    for forward, params in steps:
        values = forward(values, **params)
    check(to_host(values))


def draws(params):
    """Whether the parameters of an op are drawn anew in every step."""
    return any(type(part) is Slot for value in params.values() if type(value) is tuple for part in value)
