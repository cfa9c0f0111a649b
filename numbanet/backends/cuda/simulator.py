"""The device of Numba's CUDA simulator: memory is NumPy's, and every CUDA thread is a thread of Python's."""

import threading
import types

import numpy as np

from numbanet.backends.cuda.in_order import InOrder
from numbanet.backends.cuda.sizes import SIMULATOR
from numbanet.backends.cuda.toolkit import as_argument, cuda
from numbanet.kernels.arrays import DeviceArray


class Simulator(InOrder):
    """What `driver.Driver` is where there is a GPU, for tests of everything but the driver and the compiler."""

    description = "Numba's simulator"

    def __init__(self):
        super().__init__(SIMULATOR)
        self._one_at_a_time = threading.Lock()  # a launch replaces `cuda` in the module of its kernel

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
