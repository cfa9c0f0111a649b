"""The CUDA backend: range bodies become kernels, and those that have a tuned version get it.

See `backends.protocol`; operands are `DeviceArray`s.
"""

import functools

import numpy as np

from numbanet.backends import fallbacks
from numbanet.backends.cuda import arranged, elementwise, gather, moving, ranges, reductions, rows, transpose
from numbanet.backends.cuda import dot as products
from numbanet.backends.cuda.recorded import CudaLaunch
from numbanet.backends.protocol import Backend
from numbanet.core.context import context
from numbanet.kernels.arrays import DeviceArray
from numbanet.loops import move


class CudaBackend(Backend):
    """Launches kernels on a device.

    Parameters
    ----------
    device : Driver or Simulator
    sizes : Sizes
    """

    name = "cuda"

    def __init__(self, device, sizes):
        self.device, self.sizes = device, sizes
        self._compiled = {}
        self._numbers = functools.lru_cache(1024)(self._number)

    def run(self, kernel, n, operands, cost):
        """Launch positions 0..n of a body, or its tuned version, on arrays, integers and floats."""
        tuned = TUNED.get(kernel.function)
        if tuned is not None:
            tuned(self, *operands)
        else:
            ranges.run(self, kernel.function, n, operands)

    def map(self, kernel, out, inputs):
        """Launch an elementwise body on inputs that broadcast to the shape of `out`."""
        if kernel.function is not move.astype or not self._transposed(out, *inputs):
            elementwise.run(self, kernel.function, out, inputs)

    def _transposed(self, out, x):
        """Copy a view of which neighbours lie apart through tiles, if it is one; whether it is done."""
        if x.dtype != out.dtype or x.shape != out.shape or not out.flags.c_contiguous:
            return False
        planned = transpose.plan(x.shape, x.strides, x.itemsize, self.sizes.tile)
        if planned is not None:
            seen = elementwise.view(x.itemsize, x.strides, x.shape, x.strides)
            transpose.transpose(self, planned, seen.of(x), seen.steps[0], out)
        return planned is not None

    matmul_floats = products.dot

    def getitem(self, x, key):
        """`x[key]` for an index with arrays, which are NumPy's."""
        return moving.getitem(self, x, key)

    def scatter_add(self, g, key, shape):
        """Zeros of a shape, with `g` added where an index picks."""
        return moving.scatter_add(self, g, key, shape)

    def reduce(self, body, columns, lanes, out):
        """By the tuned version, which arranges threads for any inner size."""
        self.run(body, out.size, (lanes, out.reshape(-1)), 0.0)

    def concat(self, arrays, axis):
        """Into parts of the result."""
        return fallbacks.concat(self, arrays, axis)

    def from_host(self, values):
        """A copy on the device."""
        return self.device.from_host(values)

    def argsort(self, x, axis, descending):
        """The positions that sort an axis; equals keep their order, NaN is the largest."""
        return moving.argsort(self, x, axis, descending)

    def empty(self, shape, dtype):
        """Scratch memory."""
        return self.device.empty(shape, dtype)

    def number(self, value, dtype):
        """A number as an array without dimensions, on the device: kept, so that constants are copied there once."""
        return self._numbers(value, np.dtype(dtype), str(value))  # 0.0 and -0.0, 1 and True are equal

    def _number(self, value, dtype, text):
        return self.device.from_host(np.asarray(value, dtype))

    def assign(self, target, value):
        """Copy an array of the same device, or a number, into a view."""
        if isinstance(value, np.ndarray):
            value = self.device.from_host(value)
        elif not isinstance(value, DeviceArray):
            value = self.number(value, target.dtype)
        if target.size and not self._transposed(target, value):
            elementwise.run(self, move.astype, target, (value,))

    def launch(self, make, parameters, grid, block, operands, number=None):
        """Launch the kernel `make(*parameters)` on arrays, tuples of integers, integers and floats.

        Floats become numbers of the dtype `number`, that of the last array if it is not given.
        """
        number = number or [x.dtype for x in operands if isinstance(x, DeviceArray)][-1]
        described = _described(operands, number)
        key = make, parameters, described
        kernel = self._compiled.get(key)
        if kernel is None:
            name = f"{make.__module__}.{make.__name__}"
            kernel = self._compiled[key] = self.device.compile(name, make, parameters, described)
        if context.launches is None:
            self.device.launch(kernel, grid, block, operands)
        else:
            name = getattr(parameters[0], "__name__", make.__name__) if parameters else make.__name__
            context.launches.append(CudaLaunch(name, kernel, grid, block, operands, make, parameters, number))


def _described(operands, dtype):
    number = dtype.name if dtype.kind == "f" else "float64"
    return tuple([_described_one(x, number) for x in operands])


def _described_one(x, number):
    if isinstance(x, DeviceArray):
        return x.dtype.str, x.ndim, x.flags.c_contiguous
    if isinstance(x, tuple):
        return ("int64",) * len(x)
    return number if isinstance(x, float) else "int64"


TUNED = reductions.TUNED | rows.TUNED | gather.TUNED | arranged.TUNED
"""From a body to the function that runs its tuned version; the naive one stays its definition."""
