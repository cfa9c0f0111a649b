"""Picking elements by index, putting them back, and sorting an axis on a device.

An index that is no view is turned into flat positions on the host, where indices are, and one kernel moves elements.
"""

import numpy as np

from numbanet.backends.cuda import elementwise, ranges, sorting
from numbanet.core.context import context
from numbanet.kernels.memory import empty
from numbanet.loops import arithmetic, move


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


def getitem(backend, x, key):
    """`x[key]` for an index with arrays."""
    positions = positions_of(key, x.shape)
    out = backend.empty(positions.shape, x.dtype)
    if out.size:
        chosen = backend.device.from_host(positions.reshape(-1))
        flat = x.reshape(1, -1, 1)
        ranges.run(backend, move.take, out.size, (flat, chosen, out.reshape(1, -1, 1)))
    return out


def add_segments(g, order, starts, targets, out, start, stop):
    """out[targets[i]] = sum of g[order[k]] over starts[i] <= k < starts[i + 1], in that order."""
    for i in range(start, stop):
        total = g[order[starts[i]]]
        for k in range(starts[i] + 1, starts[i + 1]):
            total += g[order[k]]
        out[targets[i]] = total


def scatter_add(backend, g, key, shape):
    """Zeros of a shape, with `g` added where an index picks; in the order of the index, where it picks twice."""
    out = backend.empty(shape, g.dtype) if context.pool is None else empty(shape, g.dtype)
    out[...] = 0
    if is_view(key):
        out[key] = g
        return out
    positions = positions_of(key, shape).reshape(-1)
    if positions.size:
        order = np.argsort(positions, kind="stable")
        targets, starts = np.unique(positions[order], return_index=True)
        arrays = order, np.append(starts, len(order)), targets
        operands = (g.reshape(-1), *[backend.device.from_host(x.astype(np.int64)) for x in arrays], out.reshape(-1))
        ranges.run(backend, add_segments, len(targets), operands)
    return out


def argsort(backend, x, axis, descending):
    """The positions that sort an axis, ascending or descending; equals keep their order; NaN is the largest."""
    if descending:  # turned twice, so that equals keep their order
        size, turned = x.shape[axis], np.flip(x, axis)
        backwards = argsort(backend, turned, axis, False)
        out = backend.empty(x.shape, np.int64)
        if out.size:
            elementwise.run(backend, arithmetic.subtract, out, (backend.number(size - 1, np.int64), backwards))
        return np.flip(out, axis)
    moved = np.moveaxis(x, axis, -1)
    if not moved.size:
        return np.moveaxis(backend.empty(moved.shape, np.int64), -1, axis)
    order = sorting.order_of(backend, moved.copy().reshape(-1, moved.shape[-1] if moved.ndim else 1))
    return np.moveaxis(order.reshape(*moved.shape), -1, axis)
