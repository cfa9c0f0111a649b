"""A device that computes nothing: it notes which kernels are launched, so that they can be compiled without a GPU."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from numbanet.backends.cuda.in_order import InOrder
from numbanet.backends.cuda.joining import make_sequence
from numbanet.backends.cuda.sizes import GPU
from numbanet.kernels.arrays import DeviceArray
from numbanet.loops.step import advance


class Noted(NamedTuple):
    """A kernel as `Driver.compile` is asked for it, and what `code.code_of` needs."""

    name: str
    make: Callable
    parameters: tuple
    operands: tuple


class Catalogue(InOrder):
    """What `driver.Driver` is where there is a GPU: of the same sizes, with zeros of the host for memory.

    Attributes
    ----------
    threads : dict from Noted to int
        The kernels, and the largest block that each was launched with.
    """

    description = "a catalogue of kernels, which computes nothing"

    def __init__(self):
        super().__init__(GPU)
        self.threads: dict[Noted, int] = {}

    def empty(self, shape, dtype):
        """An array of zeros: large ones cost nothing until somebody reads them."""
        return DeviceArray(np.zeros(shape, dtype), self)

    def compile(self, name, make, parameters, operands):
        """Note a kernel."""
        kernel = Noted(name, make, parameters, operands)
        self.threads.setdefault(kernel, 0)
        return kernel

    def launch(self, kernel, grid, block, operands):
        """Note how many threads a block has; steps of training are counted, or an epoch would never end."""
        self._note(kernel, block)
        parameters = kernel.parameters
        if kernel.make is make_sequence:  # which goes on to the next batch at its end, if it does
            _, parameters, count, _ = kernel.parameters[-1]
            operands = operands[-count:]
        if parameters and parameters[0] is advance:
            cursor, samples, n = operands
            advance(cursor.layout, samples, 0, n)

    def program(self, launches, pool, memory):
        """A Program; its launches are noted as they were recorded, too, since eager ones are never put together."""
        for one in launches:
            self._note(one.kernel, one.block)
        return super().program(launches, pool, memory)

    def _note(self, kernel, block):
        self.threads[kernel] = max(self.threads[kernel], math.prod(block))
