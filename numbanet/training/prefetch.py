"""Data sets on a device: copied there whole if they fit, otherwise in chunks, each while the one before is in use.

A thread gathers the rows of the next chunk in pinned memory, which the device reads by itself, and asks for the copy on
a second stream. Events order the two streams: the copy waits for the memory that it goes to, whoever works on the chunk
waits for the copy, and memory is pinned twice, so that one half is filled while the other one is read. (CUDA C++ Best
Practices Guide, Asynchronous and Overlapping Transfers with Computation.)
"""

import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from numbanet.launching.launch import Kernel
from numbanet.loops import move

SHARE = 0.5
"""Of the device's free memory so much may be taken by a data set; the rest is for what is computed from it."""
CHUNK_BYTES = 64 << 20
"""The most bytes of a chunk, unless one batch has more: thousands of launches, and milliseconds of copying."""

_take = Kernel(move.take)


def fits(device, arrays):
    """Return whether a device has room for arrays as a whole.

    Parameters
    ----------
    device : Driver or Simulator
    arrays : iterable of numpy.ndarray
    """
    return sum(x.nbytes for x in arrays) <= SHARE * device.free_memory()


class Prefetch:
    """Rows of arrays on their way to a device.

    Parameters
    ----------
    device : Driver or Simulator
    arrays : list of numpy.ndarray, (rows, ...)
        All have as many rows.
    batch : int
        Chunks hold whole batches of this many rows; the last one may end with a smaller one.

    Attributes
    ----------
    rows : int
        Rows of a chunk.

    Raises
    ------
    DeviceMemoryError
        When no more memory of the host can be pinned.
    """

    def __init__(self, device, arrays, batch):
        self.device, self.size = device, len(arrays[0])
        self.arrays = [np.ascontiguousarray(x) for x in arrays]
        room = min(CHUNK_BYTES, SHARE / 4 * device.free_memory())  # up to three chunks are on the device at a time
        batches = int(room // max(batch * sum(x[0].nbytes for x in self.arrays), 1))
        self.rows = min(max(batches, 1) * batch, self.size)
        self._slots = [self._slot() for _ in range(min(2, -(-self.size // self.rows)))]

    def _slot(self):
        pinned = [self.device.pinned((self.rows, *x.shape[1:]), x.dtype) for x in self.arrays]
        return types.SimpleNamespace(pinned=pinned, read=None)

    def chunks(self, order=None):
        """Yield all rows, chunk by chunk. The memory of a chunk is new: it may be kept.

        Parameters
        ----------
        order : numpy.ndarray of int64, (rows,), optional
            The rows in their order, all of them or some; those of the arrays if it is not given.

        Yields
        ------
        list of DeviceArray, (rows of the chunk, ...)
            One per array. Launches on the device's stream find their values there.

        Raises
        ------
        DeviceMemoryError
            When the device has no room for a chunk.
        """
        size = self.size if order is None else len(order)
        thread = ThreadPoolExecutor(1, "numbanet-prefetch")
        try:
            coming = self._ask(thread, order, 0, size)
            while coming is not None:
                (arrays, done), number = coming[0].result(), coming[1] + 1
                coming = self._ask(thread, order, number, size) if number * self.rows < size else None
                self.device.wait_for(done)
                yield arrays
        finally:
            thread.shutdown()
            self.device.finish_uploads()  # nothing reads pinned memory, or writes to chunks, that is given back

    def _ask(self, thread, order, number, size):
        """Ask for a chunk: memory is taken here, before the work on the chunk before is launched."""
        first = number * self.rows
        rows = slice(first, min(first + self.rows, size))
        targets = [self.device.empty((rows.stop - first, *x.shape[1:]), x.dtype) for x in self.arrays]
        slot = self._slots[number % len(self._slots)]
        return thread.submit(self._bring, slot, rows, order, targets, self.device.record()), number

    def _bring(self, slot, rows, order, targets, taken):
        """Gather a chunk and ask for its copy, after the event `taken`: the chunk and the event of its arrival."""
        if slot.read is not None:
            slot.read.sync()
        for x, pinned, target in zip(self.arrays, slot.pinned, targets, strict=True):
            values = pinned[: len(target)]
            if order is None:
                values[...] = x[rows]
            else:
                _gather(x, order[rows], values)
            slot.read = self.device.upload(target, values, taken)
        return targets, slot.read


def _gather(x, index, out):
    """Compute out[i] = x[index[i]], for rows of any shape; split over threads."""
    if out.size:
        columns = out[0].size
        flat, rows = x.reshape(1, len(x), columns), out.reshape(1, len(out), columns)
        _take(len(index), flat, index, rows, cost=columns * 0.5)
