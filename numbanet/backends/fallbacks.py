"""What backends without anything better do, beside the naive loops: in NumPy, and by the loops that there are.

While launches are recorded NumPy is of no use, so that loops of our own stand in for it.
"""

import array
import ctypes
import functools
import time
from types import SimpleNamespace

import numpy as np

from numbanet.core.context import context
from numbanet.core.dtypes import INT64
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty
from numbanet.kernels.recording import LAUNCH, CannotRecord
from numbanet.kernels.words import BEGAN, ENDED, HALF, OVER
from numbanet.loops import move
from numbanet.loops.sort import argsort as argsort_loop

WIDTH = 256
"""This many elements of a long lane are compared side by side at most: 65,536 floats take 12 us, and 105 one by one."""
WIDTH_OF_MANY = 64
"""The same where there are many lanes, since what is left of each is compared one by one: 1,000 lanes of 1,000 floats
take 240 us, and 480 with 250 side by side."""
LEAST = 8
"""With fewer side by side, one after the other is as fast."""

_copy, _argsort = Body(move.astype, cost=0.2), Body(argsort_loop)


def reduce(backend, body, columns, lanes, out):
    """Reduce by loops that compare elements side by side, where there are enough of them; see `Backend.reduce`."""
    outer, n, inner = lanes.shape
    if inner >= LEAST:
        backend.run(columns, outer, (lanes, out.reshape(outer, inner)), n * inner * columns.cost)
        return
    if inner == 1:
        lanes = _folded(backend, body, columns, lanes)
    backend.run(body, out.size, (lanes, out.reshape(-1)), max(lanes.shape[1], 1) * body.cost)


def _folded(backend, body, columns, lanes):
    """Lanes (outer, n, 1) with the same result that are shorter, if n is large: of the rows of each, the best."""
    outer, n, _ = lanes.shape
    width = _width_of(n) if outer > 1 or n < 4 * WIDTH else WIDTH
    if not width:
        return lanes
    rows = n // width
    rest = n - rows * width  # 0 unless there is one lane
    folded = empty((outer, width + (rest > 0), 1), lanes.dtype)
    whole = lanes[:, : rows * width].reshape(outer, rows, width)
    backend.run(columns, outer, (whole, folded[:, :width, 0]), rows * width * columns.cost)
    if rest:
        backend.run(body, 1, (lanes[:, -rest:], folded[0, width:, 0]), rest * body.cost)
    return folded


@functools.lru_cache(256)
def _width_of(n):
    """In how many columns a lane is folded so that nothing is left over, 4 rows at least; 0 where that does not pay."""
    return next((width for width in range(min(WIDTH_OF_MANY, n // 4), LEAST - 1, -1) if n % width == 0), 0)


def argsort(backend, x, axis, descending):
    """The positions that sort an axis: by NumPy, which is faster than our own loop; see `Backend.argsort`."""
    if context.launches is None:
        if not descending:
            return np.argsort(x, axis=axis, kind="stable")
        backwards = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
        return np.flip(x.shape[axis] - 1 - backwards, axis)  # turned twice, so that equals keep their order
    rows = _contiguous(backend, np.moveaxis(x, axis, -1))
    order, scratch = empty(rows.shape, INT64), empty(rows.shape, INT64)
    if order.size:
        count = rows.shape[-1]
        keys, scratch_rows, order_rows = (one.reshape(-1, count) for one in (rows, scratch, order))
        operands = keys, int(descending), scratch_rows, order_rows
        backend.run(_argsort, len(keys), operands, 4.0 * count * count.bit_length())
    return np.moveaxis(order, -1, axis)


def _contiguous(backend, x):
    if x.flags.c_contiguous:
        return x
    out = empty(x.shape, x.dtype)
    if out.size:
        backend.map(_copy, out, (x,))
    return out


def concat(backend, arrays, axis):
    """Arrays one after the other along an axis: copied into parts of the result; see `Backend.concat`."""
    before, after, start = arrays[0].shape[:axis], arrays[0].shape[axis + 1 :], 0
    out = empty((*before, sum(x.shape[axis] for x in arrays), *after), arrays[0].dtype)
    for x in arrays:
        part = out[(*[slice(None)] * axis, slice(start, start + x.shape[axis]))]
        if part.size:
            backend.assign(part, x)
        start += x.shape[axis]
    return out


def scatter_add(backend, g, key, shape):
    """Zeros with `g` added where an index picks: by NumPy, or as a copy into a view; see `Backend.scatter_add`."""
    parts = key if isinstance(key, tuple) else (key,)
    if context.launches is None:
        out = np.zeros(shape, g.dtype)
        if any(isinstance(part, np.ndarray) and part.dtype != bool for part in parts):
            np.add.at(out, key, g)
        else:
            out[key] = g
        return out
    if any(isinstance(part, (np.ndarray, np.bool_, bool)) for part in parts):
        raise CannotRecord("an index with arrays is put back in NumPy")
    out = empty(shape, g.dtype)
    if out.size:
        backend.map(_copy, out, (backend.number(0, g.dtype),))
    if g.size:
        backend.assign(out[parts if Ellipsis in parts else (*parts, ...)], g)
    return out


def replay(operands):
    """The loop of the driver `replay` in the interpreter, over launches that another backend recorded before it failed.

    See `Backend.prepare` for what is returned.
    """

    def call(block, start, stop):
        _walk(*operands, start, stop)

    return SimpleNamespace(call=call), array.array("q", [0])


def _walk(launches, slots, numbers, words, every, turn, start, stop):
    """What `drivers.replay.replay` does."""
    fed = slots.tolist()
    called = [(LAUNCH(function), block, n) for function, block, n in launches.tolist()]
    words[BEGAN] = time.monotonic_ns()
    words[ENDED] = stop
    for step in range(start, stop):
        if step == stop // 2:
            words[HALF] = time.monotonic_ns()
        if step > 0 and time.monotonic_ns() - words[BEGAN] > turn:
            words[ENDED] = step
            break
        for address, column in fed:
            ctypes.c_double.from_address(address).value = numbers[step, column]
        for function, block, n in called:
            function(block, 0, n)
    words[OVER] = time.monotonic_ns()
