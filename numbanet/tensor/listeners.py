"""What tensors tell the tapes and the trace that listen: that values are read, checked, drawn or assigned.

Whoever listens is in `context.listeners`. A trace refuses what cannot be replayed; a tape remembers what ends its
record. Without listeners all of this does nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from numbanet.core.context import context, setting
from numbanet.errors import GradientError
from numbanet.kernels.arrays import to_host

SEED_PART = 2**24
"""A seed is a pair of whole numbers below this, exact in float32."""


def followed(x: Any) -> bool:
    """Whether an open tape follows a tensor or variable."""
    return any(listener.follows(x) for listener in context.listeners)


def refuse_pickling(tensor):
    """Raise GradientError for a tensor that an open tape follows: what is read back from a pickle is not connected."""
    if followed(tensor):
        raise GradientError(
            "pickle: an open GradientTape follows this tensor, and what is read back would have lost its gradient; "
            "pickle nn.stop_gradient(t), or do it after the block"
        )


def check_readable(x, what):
    """Tell listeners that the values of a tensor or variable are asked for.

    A trace refuses it if they will be others in the next step. Tapes remember it, to explain a gradient that does not
    flow.
    """
    for listener in context.listeners:
        listener.record_read(x, what)


def refuse(reason):
    """Refuse the step that is traced, if there is one: it does something that cannot be replayed."""
    if context.trace is not None:
        context.trace.refuse(reason)


def refuse_assignment(variable):
    """Refuse the step that is traced, if there is one: it assigns to a variable."""
    if context.trace is not None:
        context.trace.refuse(f"variable {variable.name or ''} is assigned to in Python")


def is_traced(x):
    """Whether `x` is a tensor that will have other values in the next step."""
    return context.trace is not None and id(x) in context.trace.changing


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Tell the trace of this thread nothing inside the block, of what it knows as a whole already."""
    trace = context.trace
    with setting(trace=None, listeners=tuple(one for one in context.listeners if one is not trace)):
        yield


def draw_seed(generator):
    """Draw a seed for an op that makes random numbers by position: two floats, others in every replayed step."""
    return seed_of(generator) if context.trace is None else context.trace.record_draw(generator)


def seed_of(generator):
    """Draw a seed from a generator, and tell the listeners."""
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


def check_values(tensor, check, below=None):
    """Call `check(array)`, which raises if values are not as they must be; before replayed steps as well.

    `below`: the check is that values are positions below it, which needs no look at those that an op has found.
    """
    check(to_host(tensor._array))
    check_again(tensor, check, below)


def check_again(tensor, check, below=None):
    """`check(array)` was made of the values of a tensor: it is made before replayed steps as well."""
    if context.trace is not None:
        context.trace.record_check(tensor, check, below)


class Told(int):
    """A number that changes from step to step, and that no code should read: a step that does is not replayed."""

    __slots__ = ()


def _refusing(name):
    method = getattr(int, name)

    def told(self, *others):
        refuse("the number of updates is read in Python")
        return method(self, *others)

    return told


_READS = """abs add and bool ceil divmod eq float floor floordiv format ge gt hash index int invert le lshift lt mod mul
ne neg or pos pow radd rand rdivmod repr rfloordiv rlshift rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor
str sub truediv trunc xor reduce_ex getnewargs"""
for _name in _READS.split():
    setattr(Told, f"__{_name}__", _refusing(f"__{_name}__"))
