"""Where results of kernels are put: fresh memory, or the memory of a plan that reuses what nobody reads any more."""

import math
from ctypes import addressof, c_char

import numpy as np

from numbanet.core.context import context
from numbanet.errors import DeviceError
from numbanet.kernels.recording import CannotRecord

LINE_BYTES, LARGE_BYTES = 64, 1 << 16
"""Results of so many bytes begin at a cache line. NumPy's begin 16 bytes behind one, so that the 128 bytes that a tile
of a product stores in a row touch three lines: 12544x64x256 took 6.0 ms there and takes 4.6 (one core of Zen 4)."""


def empty(shape, dtype):
    """An uninitialised array, contiguous: what every forward allocates its result with."""
    pool = context.pool
    if pool is not None:
        return pool.take(shape, np.dtype(dtype))
    if context.placement is not None:
        return context.placement.empty(shape, dtype)
    size = math.prod(shape) * np.dtype(dtype).itemsize
    return np.empty(shape, dtype) if size < LARGE_BYTES else _on_lines(size, shape, dtype)


def _on_lines(size, shape, dtype):
    """An uninitialised array of so many bytes that begins at a cache line; it takes 1.1 us more than one of NumPy's."""
    memory = np.empty((size + LINE_BYTES,), np.uint8)
    first = -addressof(c_char.from_buffer(memory)) % LINE_BYTES  # NumPy takes four times as long to say where it is
    return np.ndarray(shape, dtype, memory, first)


def strides_of(array):
    """Return the strides of an array that is not contiguous, or None: sums of products may depend on them."""
    return None if type(array) is not np.ndarray or array.flags.c_contiguous else array.strides


def copy_as_laid_out(array):
    """Return a copy of an array with the same strides."""
    if strides_of(array) is None:
        return array.copy()
    low, high = np.lib.array_utils.byte_bounds(array)
    start = array.__array_interface__["data"][0] - low
    copy = np.ndarray(array.shape, array.dtype, np.empty(high - low, np.uint8), start, array.strides)
    copy[...] = array
    return copy


def device_of(what, arrays):
    """The device on which all arrays lie, None for the host's memory.

    Raises
    ------
    DeviceError
        When they lie on several; `what` names the operation.
    """
    found = {None if type(x) is np.ndarray else x.device for x in arrays}
    if len(found) > 1:
        names = " and ".join(sorted("cpu" if device is None else device.name for device in found))
        raise DeviceError(f"{what}: operands are on {names}; move them to one with t.to_device(...)")
    return found.pop() if found else None


def place_of(array):
    """Return the name of the device on which an array lies."""
    return "cpu" if type(array) is np.ndarray else array.device.name


class placed:
    """Inside the block, results of this thread are put on a device, or on the host for None."""

    def __init__(self, device):
        self.device = device

    def __enter__(self):
        self._outer = context.placement
        if self.device is not self._outer:
            context.placement = self.device

    def __exit__(self, *exception):
        if self.device is not self._outer:
            context.placement = self._outer


MOST_NUMBERS = 64
"""So many numbers of a Program on a device may change from step to step: an optimizer has at most four."""


class Pool:
    """Memory that is handed out, given back and handed out again, while one Program is made.

    A block that is given back goes to the next result that fits in it; results that live at the same time never share
    one. The memory stays in the cache, and a Program needs little more than the largest moment of its step.
    """

    def __init__(self, device=None):
        self.device = device
        self.slots: dict = {}
        self.numbers = None
        self._new_block = device.allocate if device else lambda size: _on_lines(size, (size,), np.uint8)
        self.free = []
        self.blocks = {}

    def take(self, shape, dtype):
        """An array of a shape in memory that is free, or new."""
        size = int(np.prod(shape)) * dtype.itemsize
        best = None
        for block in self.free:
            if block.size >= size and (best is None or block.size < best.size):
                best = block
        if best is not None and best.size <= 2 * size + 4096:
            self.free = [block for block in self.free if block is not best]
        else:
            best = self._new_block(-(-max(size, 1) // 64) * 64)
            self.blocks[id(owner(best))] = best
        return best[:size].view(dtype).reshape(shape)

    @property
    def bytes(self):
        """How much memory it has handed out at most."""
        return sum(block.size for block in self.blocks.values())

    def slot(self, slot):
        """Where launches on a device find a number that changes from step to step: a float64 array of one element."""
        if self.numbers is None:
            self.numbers = self.device.empty((MOST_NUMBERS,), np.float64)
        column = self.slots.setdefault((slot.index, slot.scale), len(self.slots))
        if column == MOST_NUMBERS:
            raise CannotRecord(f"more than {MOST_NUMBERS} numbers change from step to step")
        return self.numbers[column : column + 1]

    def owns(self, array):
        """Whether an array lies in memory of this pool."""
        return id(owner(array)) in self.blocks

    def give_back(self, array):
        """Take back the memory behind an array that `take` gave, or behind a view of one."""
        self.free.append(self.blocks[id(owner(array))])

    def __enter__(self):
        self._outer, context.pool = context.pool, self
        return self

    def __exit__(self, *exception):
        context.pool = self._outer


def owner(array):
    """The NumPy array whose memory `array` is a view of; for one on a device, its layout."""
    array = getattr(array, "layout", array)
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
