"""Tracing: every op that one step runs, written down in order, so that the step can be replayed without Python.

While a trace is open, `apply` and the optimizers tell it what they do. What a step does with the values themselves, in
Python or NumPy, cannot be replayed: asking a traced tensor for its values raises `CannotRecord` with the reason.
"""

import contextlib
import threading

import numpy as np

from numbanet.kernels.arrays import to_host
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.tape import active as listeners


class _Active(threading.local):
    trace: "Trace | None" = None


active = _Active()


@contextlib.contextmanager
def untraced():
    """Inside the block, the trace that is open in this thread is told of nothing."""
    trace, stack = active.trace, listeners.stack
    active.trace, listeners.stack = None, tuple(one for one in stack if one is not trace)
    try:
        yield
    finally:
        active.trace, listeners.stack = trace, stack


class Trace:
    """The ops of one step.

    Parameters
    ----------
    inputs : list of Tensor
        What differs from step to step: the batch.
    generators : list of numpy.random.Generator
        What seeds may be drawn from.

    Attributes
    ----------
    entries : list of (op, inputs, params, output)
        In the order in which they ran.
    updates : list of (optimizer, [(gradient, variable), ...])
    checks : list of (tensor, callable)
        What must hold for the values of inputs, or raises.
    draws : list of numpy.random.Generator
        From which of them a seed was drawn, in order.
    sources : set of int
        Ids of the tensors that differ from step to step from the beginning: the inputs, and values of variables.
    variables : dict
        From the id of a tensor to the variable that held it when it was read.
    """

    puts_off = True
    """Whether updates are left to whoever asked for the trace, and not made while it is open."""

    def __init__(self, inputs, generators=()):
        self.generators = generators
        self.draws = []
        self.entries = []
        self.updates = []
        self.checks = []
        self._updated = set()
        self.variables = {}
        self.sources = {id(tensor) for tensor in inputs}
        self.traced = set(self.sources)
        self._alive = list(inputs)

    def __enter__(self):
        self._outer, active.trace = active.trace, self
        self._listening, listeners.stack = listeners.stack, (*listeners.stack, self)
        return self

    def __exit__(self, *exception):
        active.trace, listeners.stack = self._outer, self._listening

    def refuse(self, reason):
        """Something is done that is no launch."""
        raise CannotRecord(reason)

    def record(self, op, inputs, params, output):
        """Keep one op; everything is kept, also what does not depend on the inputs, such as products of weights."""
        if not op.recordable:
            raise CannotRecord(f"op {op.name} runs in NumPy")
        self.entries.append((op, inputs, params, output))
        self.traced.add(id(output))

    def same_as(self, other):
        """Whether another trace of the same inputs has the same ops, with the same constants."""
        if len(self.entries) != len(other.entries):
            return False
        twins: dict[int, int] = {}
        for (op, inputs, params, output), (op2, inputs2, params2, output2) in zip(
            self.entries, other.entries, strict=True
        ):
            if op is not op2 or repr(params) != repr(params2) or len(inputs) != len(inputs2):
                return False
            if not all(self._twins(a, b, twins) for a, b in zip(inputs, inputs2, strict=True)):
                return False
            twins[id(output)] = id(output2)
        return True

    def _twins(self, a, b, twins):
        """Whether two inputs are the same tensor, results of the same entry, or constants with the same values."""
        if id(a) in self.traced:
            return twins.get(id(a), id(a)) == id(b)
        if a.shape != b.shape or a.dtype != b.dtype or a.device != b.device:
            return False
        return a._array is b._array or np.array_equal(to_host(a._array), to_host(b._array), equal_nan=True)

    def record_update(self, optimizer, pairs):
        """The optimizer wants to apply gradients: pairs of (gradient, variable)."""
        for _, variable in pairs:
            if id(variable) in self._updated:
                raise CannotRecord(f"variable {variable.name or ''} is updated twice")
            self._updated.add(id(variable))
            self._note(variable, variable._tensor)
        self.updates.append((optimizer, pairs))

    def record_variable(self, variable, tensor):
        """The value of a variable was read: it will differ at the next step."""
        if id(variable) in self._updated:  # updates are put off to the end of the step
            raise CannotRecord(f"variable {variable.name or ''} is read after it was updated")
        self._note(variable, tensor)

    def record_check(self, tensor, check):
        """`check` was made of the values of a tensor: it must be made again in every step, of the input behind them."""
        makers = {id(output): (op, inputs) for op, inputs, _, output in self.entries}
        while id(tensor) in makers:
            op, inputs = makers[id(tensor)]
            if op.name not in ("reshape", "astype"):
                raise CannotRecord(f"what {op.name} computes is checked in Python")
            tensor = inputs[0]
        self.checks.append((tensor, check))

    def record_draw(self, generator):
        """A seed is drawn from a generator: two slots, that of draw i with the indices 2 i and 2 i + 1."""
        if all(generator is not one for one in self.generators):
            raise CannotRecord("random numbers are drawn from a generator that is not an argument")
        index = 2 * len(self.draws)
        self.draws.append(generator)
        return Slot(0.0, index), Slot(0.0, index + 1)

    def _note(self, variable, tensor):
        if id(tensor) not in self.traced:
            self.traced.add(id(tensor))
            self.sources.add(id(tensor))
            self.variables[id(tensor)] = variable
            self._alive.append(tensor)


def refuse_assignment(variable):
    """Raise CannotRecord if a variable is assigned to while a step is traced."""
    if active.trace is not None:
        active.trace.refuse(f"variable {variable.name or ''} is assigned to in Python")


def is_traced(x):
    """Whether `x` is a tensor that will have other values at the next step."""
    return active.trace is not None and id(x) in active.trace.traced


SEED_PART = 2**24
"""A seed is a pair of whole numbers below this, exact in float32."""


def draw_seed(generator):
    """A seed for an op that makes random numbers by position: two floats, others in every replayed step."""
    if active.trace is not None:
        return active.trace.record_draw(generator)
    return seed_of(generator)


def seed_of(generator):
    """The next seed of a generator."""
    high, low = generator.integers(0, SEED_PART, size=2).tolist()
    return float(high), float(low)


def draw_seeds(generators, count):
    """What `draw_seed` draws from these generators, one after the other, in `count` steps: (count, 2 * generators)."""
    if not generators:
        return np.empty((count, 0))
    if all(generator is generators[0] for generator in generators):
        return generators[0].integers(0, SEED_PART, size=(count, 2 * len(generators))).astype(np.float64)
    rows = [[generator.integers(0, SEED_PART, size=2) for generator in generators] for _ in range(count)]
    return np.array(rows, np.float64).reshape(count, -1)


def check_values(tensor, check):
    """Call `check(array)`, which raises if values are not as they must be; in replayed steps as well."""
    trace = active.trace
    if trace is not None and id(tensor) in trace.traced:
        trace.record_check(tensor, check)
    check(to_host(tensor._array))


def check_readable(tensor, what):
    """Raise CannotRecord if the values of a traced tensor are asked for."""
    trace = active.trace
    if trace is not None and id(tensor) in trace.traced:
        trace.refuse(f"{what} reads values in Python")
