"""Launches, kept instead of run: the form in which a whole training step is replayed."""

import ctypes
from dataclasses import dataclass, field
from typing import Any

from numbanet.core.context import context

LAUNCH = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
"""What is at the address of a compiled kernel: `function(block, start, stop)`."""


class CannotRecord(Exception):
    """Something is done that is no launch, so that a step cannot be replayed; the text says what."""


@dataclass(slots=True, eq=False)
class Launch:
    """One kernel over a range: `function(block, start, stop)` for shares of 0..n.

    Parameters
    ----------
    name : str
        The body's name.
    function : int
        Address of the compiled kernel.
    block : array.array of 64-bit words
        Addresses, shapes, strides and numbers; see `native.backend`.
    n : int
        Positions.
    cost : float
        Nanoseconds per position, roughly.
    keep : tuple
        The arrays behind the addresses.
    slots : list of (word, Slot)
        Words of the block that hold numbers which change from step to step.
    body : str
        The full name of the body, or empty if it is not only that which runs.
    product : tuple, optional
        (a, b, out, bias, with_relu) of `launching.matmul`, if the launch computes tiles of that product and each row
        can be computed without the others.
    parts : dict
        Launches of some of the rows of a product, by (start, stop): what a team walks points into their blocks.
    """

    name: str
    function: int
    block: Any
    n: int
    cost: float
    keep: tuple
    slots: list = field(default_factory=list)
    body: str = ""
    product: tuple | None = None
    parts: dict = field(default_factory=dict)


class Slot(float):
    """A number that changes from step to step: `scale` times number `index` of the step.

    It is a float with the value of the first step; multiplied by a plain number it stays a Slot.
    """

    index: int
    scale: float

    def __new__(cls, value, index, scale=1.0):
        slot = super().__new__(cls, value)
        slot.index, slot.scale = index, scale
        return slot

    def __mul__(self, other):
        if isinstance(other, Slot):
            return float(self) * float(other)
        return Slot(float(self) * other, self.index, self.scale * other)

    __rmul__ = __mul__


class recording:
    """Inside the block, launches of this thread are appended to a list and not run."""

    def __enter__(self):
        self._outer, context.launches = context.launches, []
        return context.launches

    def __exit__(self, *exception):
        context.launches = self._outer
