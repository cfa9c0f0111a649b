"""A device that computes nothing: it notes which kernels are launched, so that they can be compiled without a GPU."""

import functools
import math
import types
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from numbanet.kernels.arrays import DeviceArray
from numbanet.kernels.cuda.build import CudaBuild
from numbanet.kernels.cuda.program import CudaProgram
from numbanet.kernels.cuda.sizes import GPU


class Noted(NamedTuple):
    """A kernel as `Driver.compile` is asked for it, and what `code.ptx_of` needs."""

    name: str
    make: Callable
    parameters: tuple
    operands: tuple


class Catalogue:
    """What `driver.Driver` is where there is a GPU: of the same sizes, with zeros of the host for memory.

    Attributes
    ----------
    threads : dict from Noted to int
        The kernels, and the largest block that each was launched with.
    """

    name = "cuda"
    description = "a catalogue of kernels, which computes nothing"

    def __init__(self):
        self.build = CudaBuild(self, GPU)
        self.threads: dict[Noted, int] = {}

    def allocate(self, size):
        """An array of so many bytes."""
        return self.empty((size,), np.uint8)

    def empty(self, shape, dtype):
        """An array of zeros: large ones cost nothing until somebody reads them."""
        return DeviceArray(np.zeros(shape, dtype), self)

    def from_host(self, array):
        """A copy of a NumPy array."""
        return DeviceArray(np.array(array, order="C"), self)

    def to_host(self, array):
        """A copy as a NumPy array."""
        return array.layout.copy()

    def copy_from_host(self, array, values):
        """Overwrite an array, which is contiguous."""
        array.layout[...] = values

    def compile(self, name, make, parameters, operands):
        """Note a kernel."""
        kernel = Noted(name, make, parameters, operands)
        self.threads.setdefault(kernel, 0)
        return kernel

    def launch(self, kernel, grid, block, operands):
        """Note how many threads a block has."""
        self.threads[kernel] = max(self.threads[kernel], math.prod(block))

    def run(self, launches):
        """Launch what was recorded."""
        for _, kernel, grid, block, operands in launches:
            self.launch(kernel, grid, block, operands)

    def graph(self, launches):
        """What was recorded, ready to be launched again and again."""
        return types.SimpleNamespace(launch=functools.partial(self.run, launches))

    def program(self, launches, pool, memory):
        """A Program of recorded launches."""
        return CudaProgram(self, launches, pool, memory)

    def synchronize(self):
        """Nothing is under way."""
