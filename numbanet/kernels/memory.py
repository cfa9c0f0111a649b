"""Where results of kernels are put: fresh memory, or the memory of a plan that reuses what nobody reads any more."""

import threading

import numpy as np


class _Plan(threading.local):
    pool = None


_plan = _Plan()


def empty(shape, dtype):
    """An uninitialised array, contiguous: what every forward allocates its result with."""
    pool = _plan.pool
    return np.empty(shape, dtype) if pool is None else pool.take(shape, np.dtype(dtype))


class Pool:
    """Memory that is handed out, given back and handed out again, while one Program is made.

    A block that is given back goes to the next result that fits in it; results that live at the same time never share
    one. The memory stays in the cache, and a Program needs little more than the largest moment of its step.
    """

    def __init__(self):
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
            best = np.empty(-(-max(size, 1) // 64) * 64, np.uint8)
            self.blocks[id(best)] = best
        return best[:size].view(dtype).reshape(shape)

    @property
    def bytes(self):
        """How much memory it has handed out at most."""
        return sum(block.size for block in self.blocks.values())

    def owns(self, array):
        """Whether an array lies in memory of this pool."""
        return id(owner(array)) in self.blocks

    def give_back(self, array):
        """Take back the memory behind an array that `take` gave, or behind a view of one."""
        self.free.append(owner(array))

    def __enter__(self):
        self._outer, _plan.pool = _plan.pool, self
        return self

    def __exit__(self, *exception):
        _plan.pool = self._outer


def owner(array):
    """The array whose memory `array` is a view of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
