"""A launch on a GPU that was recorded, and the one that each step of a Program begins with."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numbanet.kernels.arrays import DeviceArray


class CudaLaunch(NamedTuple):
    """One launch that was recorded.

    Parameters
    ----------
    name : str
    kernel : object
        What the device has compiled.
    grid, block : tuple of int
    operands : tuple
    make : callable
        `make(*parameters)` is the kernel.
    parameters : tuple
    number : numpy.dtype
        Floats among the operands become numbers of it.
    """

    name: str
    kernel: Any
    grid: tuple
    block: tuple
    operands: tuple
    make: Callable
    parameters: tuple
    number: np.dtype

    @property
    def n(self):
        """Threads."""
        return math.prod(self.grid) * math.prod(self.block)

    @property
    def keep(self):
        """The arrays that it works on."""
        return [x for x in self.operands if isinstance(x, DeviceArray)]


def next_numbers(numbers, out, at, start, stop):
    """out = the row of the numbers of this step, and go on to the next: the range is the one position i = 0."""
    for i in range(start, stop):
        for column in range(numbers.shape[1]):
            out[column] = numbers[at[i], column]
        at[i] += 1
