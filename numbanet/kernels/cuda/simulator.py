"""The device of Numba's CUDA simulator: memory is NumPy's, and every CUDA thread is a thread of Python's."""

import functools
import threading
import types

import numpy as np

from numbanet.kernels.arrays import DeviceArray
from numbanet.kernels.cuda.build import CudaBuild
from numbanet.kernels.cuda.program import CudaProgram
from numbanet.kernels.cuda.sizes import SIMULATOR
from numbanet.kernels.cuda.toolkit import as_argument, cuda

MEMORY = 1 << 30
"""Free memory, which nothing counts: a data set of a test fits, unless the test says otherwise."""


class Simulator:
    """What `driver.Driver` is where there is a GPU, for tests of everything but the driver and the compiler."""

    name = "cuda"
    description = "Numba's simulator"

    def __init__(self):
        self.build = CudaBuild(self, SIMULATOR)
        self._one_at_a_time = threading.Lock()  # a launch replaces `cuda` in the module of its kernel

    def allocate(self, size):
        """An array of so many bytes."""
        return DeviceArray(np.empty(size, np.uint8), self)

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

    def compile(self, name, make, parameters, operands):
        """The kernel `make(*parameters)`, ready to launch."""
        kernel, errstate = make(*parameters), np.errstate

        def quiet(*operands):
            with errstate(all="ignore"):  # threads start with NumPy's warnings on
                kernel(*operands)

        # with the globals of the kernel, in which the simulator replaces `cuda`
        return cuda.jit(types.FunctionType(quiet.__code__, kernel.__globals__, name, None, quiet.__closure__))

    def launch(self, kernel, grid, block, operands):
        """Run a kernel on operands: DeviceArrays, tuples of integers, and numbers."""
        given = [as_argument(x.layout) if isinstance(x, DeviceArray) else x for x in operands]
        with self._one_at_a_time:
            kernel[grid, block](*given)

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

    def free_memory(self):
        """How many bytes can be allocated: so many as a small GPU has."""
        return MEMORY

    def pinned(self, shape, dtype):
        """Host memory for uploads."""
        return np.empty(shape, dtype)

    def record(self):
        """An event: everything is done that was asked for before."""
        return types.SimpleNamespace(sync=self.synchronize)

    def upload(self, array, values, after):
        """Copy pinned memory to an array; the event of its end."""
        self.copy_from_host(array, values)
        return self.record()

    def wait_for(self, event):
        """An event of the simulator has come when there is one."""

    def synchronize(self):
        """Wait for the device: a simulated launch has ended when it returns."""

    synchronize_all = finish_uploads = synchronize
    handle = None

    def order(self, first, then):
        """There are no streams that could wait for each other."""

    def check_address(self, address):
        """Every address is one of the host."""
