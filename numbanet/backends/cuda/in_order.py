"""A device in the host's memory that does one thing after the other: what `driver.Driver` is without a GPU."""

import functools
import time
import types

import numpy as np

from numbanet.backends.cuda.backend import CudaBackend
from numbanet.backends.cuda.program import CudaProgram
from numbanet.kernels.arrays import DeviceArray

MEMORY = 1 << 30
"""Free memory, which nothing counts: a data set of a test fits, unless the test says otherwise."""


class InOrder:
    """A device that has no streams; `compile` and `launch` are left to who inherits.

    Parameters
    ----------
    sizes : Sizes
        Of blocks and tiles.
    """

    name = "cuda"
    handle = None

    def __init__(self, sizes):
        self.backend = CudaBackend(self, sizes)

    def allocate(self, size):
        """An array of so many bytes."""
        return self.empty((size,), np.uint8)

    def empty(self, shape, dtype):
        """An uninitialised array."""
        return DeviceArray(np.empty(shape, dtype), self)

    def from_host(self, array):
        """A copy of a NumPy array."""
        return DeviceArray(np.array(array, order="C"), self)

    def to_host(self, array):
        """A copy as a NumPy array."""
        return array.layout.copy()

    def copy_from_host(self, array, values):
        """Overwrite an array, which is contiguous."""
        array.layout[...] = values

    def copy(self, target, source):
        """Copy an array into another one."""
        target.layout[...] = source.layout

    def run(self, launches):
        """Launch what was recorded."""
        for one in launches:
            self.launch(one.kernel, one.grid, one.block, one.operands)

    def graph(self, launches):
        """What was recorded, ready to be launched again and again."""
        return types.SimpleNamespace(launch=functools.partial(self.run, launches))

    def program(self, launches, pool, memory):
        """A Program of recorded launches."""
        return CudaProgram(self, launches, pool, memory)

    def free_memory(self):
        """How many bytes can be allocated: so many as a small GPU has."""
        return MEMORY

    def pinned(self, shape, dtype):
        """Host memory for uploads."""
        return np.empty(shape, dtype)

    def record(self, timed=False):
        """An event: everything is done that was asked for before."""
        now = time.perf_counter()
        return types.SimpleNamespace(sync=self.synchronize, now=now, seconds_since=lambda first: now - first.now)

    def upload(self, array, values, after):
        """Copy pinned memory to an array; the event of its end."""
        self.copy_from_host(array, values)
        return self.record()

    def wait_for(self, event):
        """An event has come when there is one."""

    def synchronize(self):
        """Wait for the device: a launch has ended when it returns."""

    synchronize_all = finish_uploads = trim = synchronize

    def order(self, first, then):
        """There are no streams that could wait for each other."""

    def check_address(self, address):
        """Every address is one of the host."""
