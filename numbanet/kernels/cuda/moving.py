"""Picking elements by index, putting them back, and sorting on a device.

An index that is no view is turned into flat positions on the host, where indices are, and one kernel moves elements.
"""

import numpy as np

from numbanet.kernels.cuda import elementwise, ranges
from numbanet.kernels.loops import arithmetic, move


def is_view(key):
    """Whether an index consists of integers and slices alone."""
    parts = key if isinstance(key, tuple) else (key,)
    return not any(isinstance(part, (np.ndarray, np.bool_)) for part in parts)


def positions_of(key, shape):
    """The flat positions that an index picks from an array of a shape, in the shape of the result."""
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) == len(shape) and all(isinstance(p, np.ndarray) and p.dtype.kind in "iu" for p in parts):
        wrapped = [np.where(part < 0, part + size, part) for part, size in zip(parts, shape, strict=True)]
        if all((p.size == 0) or ((p >= 0).all() and (p < n).all()) for p, n in zip(wrapped, shape, strict=True)):
            return np.asarray(np.ravel_multi_index(np.broadcast_arrays(*wrapped), shape))
    return np.asarray(np.arange(int(np.prod(shape))).reshape(shape)[key])


def getitem(build, x, key):
    """`x[key]` for any index."""
    if is_view(key):
        return x[key]
    positions = positions_of(key, x.shape)
    out = build.empty(positions.shape, x.dtype)
    if out.size:
        chosen = build.device.from_host(positions.reshape(-1))
        flat = x.reshape(1, -1, 1)
        ranges.run(build, move.take, out.size, (flat, chosen, out.reshape(1, -1, 1)))
    return out


def add_segments(g, order, starts, targets, out, start, stop):
    """out[targets[i]] = sum of g[order[k]] over starts[i] <= k < starts[i + 1], in that order."""
    for i in range(start, stop):
        total = g[order[starts[i]]]
        for k in range(starts[i] + 1, starts[i + 1]):
            total += g[order[k]]
        out[targets[i]] = total


def put_back(build, g, key, shape):
    """Zeros of a shape, with `g` added where an index picks; in the order of the index, where it picks twice."""
    out = build.empty(shape, g.dtype)
    out[...] = 0
    if is_view(key):
        out[key] = g
        return out
    positions = positions_of(key, shape).reshape(-1)
    if positions.size:
        order = np.argsort(positions, kind="stable")
        targets, starts = np.unique(positions[order], return_index=True)
        arrays = order, np.append(starts, len(order)), targets
        operands = (g.reshape(-1), *[build.device.from_host(x.astype(np.int64)) for x in arrays], out.reshape(-1))
        ranges.run(build, add_segments, len(targets), operands)
    return out


def merge_runs(x, order, width, out, start, stop):
    """Every position of rows of `order`, sorted in runs of `width`, moves to its place in runs twice as wide.

    That place is its place in its own run plus how many of the neighbouring run come before it: those that are smaller
    and, seen from the right run, the equal ones of the left one. NaN is larger than everything. (Merge sort; Knuth: The
    Art of Computer Programming, section 5.2.4, by binary search instead of side by side.)
    """
    n = x.shape[1]
    for i in range(start, stop):
        row = i // n
        at = i % n
        mine = at // width
        own = x[row, order[row, at]]
        left = mine % 2 == 0
        low = min((mine + 1) * width, n) if left else (mine - 1) * width
        first = low
        high = min(low + width, n)
        while low < high:
            middle = (low + high) // 2
            other = x[row, order[row, middle]]
            if left:
                before = other < own or (own != own and other == other)
            else:
                before = other <= own or own != own
            if before:
                low = middle + 1
            else:
                high = middle
        begin = (mine if left else mine - 1) * width
        out[row, begin + at - mine * width + low - first] = order[row, at]


def argsort(build, x, axis, descending):
    """The positions that sort an axis, ascending or descending; equals keep their order; NaN is the largest."""
    if descending:  # turned twice, so that equals keep their order
        size, turned = x.shape[axis], np.flip(x, axis)
        backwards = argsort(build, turned, axis, False)
        out = build.empty(x.shape, np.int64)
        if out.size:
            elementwise.run(build, arithmetic.subtract, out, (build.number(size - 1, np.int64), backwards))
        return np.flip(out, axis)
    moved = np.moveaxis(x, axis, -1)
    n = moved.shape[-1] if moved.ndim else 1
    order = build.empty(moved.shape, np.int64)
    if order.size:
        rows = moved.copy().reshape(-1, n)
        order[...] = build.device.from_host(np.arange(n))
        here, there = order.reshape(-1, n), build.empty((order.size // n, n), np.int64)
        width = 1
        while width < n:
            ranges.run(build, merge_runs, order.size, (rows, here, width, there))
            here, there, width = there, here, 2 * width
        order = here.reshape(*moved.shape)
    return np.moveaxis(order, -1, axis)
