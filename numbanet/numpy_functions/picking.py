"""NumPy's functions that pick elements, with its parameters and defaults: by position, condition or diagonal."""

import numpy as np

from numbanet.core.checks import as_choice, as_integer
from numbanet.core.shapes import as_shape, normalize_axes, normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.numpy_functions.shapes import ravel
from numbanet.ops import arranging, creation, indexing, shaping
from numbanet.ops.elementwise import not_equal, where
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import asarray


@adapts("resize")
def resize(a, new_shape):
    """Filled with repetitions of the elements."""
    x = ravel(a)
    shape = tuple(new_shape) if isinstance(new_shape, (tuple, list)) else (new_shape,)
    if not x.size:
        return creation.zeros(shape, x.dtype, x.device)
    return indexing.take(x, np.arange(int(np.prod(shape))).reshape(shape) % x.size)


_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@adapts("pad")
def pad(array, pad_width, mode="constant", **kwargs):
    """A margin of one number, or of elements that are repeated or mirrored."""
    x = asarray(array)
    mode = mode if isinstance(mode, str) else as_choice("np.pad: mode", mode, _MODES)
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(d, pad_width.get(d - x.ndim, (0, 0))) for d in range(x.ndim)]
        pad_width = [(n, n) if np.ndim(n) == 0 else n for n in pad_width]
    if mode == "constant":
        value = kwargs.pop("constant_values", 0)
        no("pad", **kwargs)
        return shaping.pad(x, pad_width, value)
    if mode not in _MODES:
        no("pad", mode=mode)
    no("pad", **kwargs)
    for axis, pair in enumerate(shaping.pad_widths(pad_width, x.ndim)):
        if any(pair) and not x.shape[axis]:
            raise ArgumentError(f"np.pad: mode {mode!r} needs elements along axis {axis} of shape {x.shape}")
        x = indexing.take(x, np.pad(np.arange(x.shape[axis]), pair, mode=mode), axis)
    return x


@adapts("tril")
def tril(m, k=0):
    """What is on a diagonal and below it."""
    return arranging.tril(m, k=k)


@adapts("triu")
def triu(m, k=0):
    """What is on a diagonal and above it."""
    return arranging.triu(m, k=k)


@adapts("diagonal")
def diagonal(a, offset=0, axis1=0, axis2=1):
    """The diagonals of two dimensions, along a last one."""
    x, offset = asarray(a), as_integer("np.diagonal: offset", offset)
    first, second = normalize_axes("diagonal", (axis1, axis2), x.ndim)
    if normalize_axis("diagonal", axis1, x.ndim) == second:
        offset = -offset
    high, wide = x.shape[first], x.shape[second]
    offset = min(max(offset, -high), wide)
    rows = np.arange(max(-offset, 0), min(high, wide - offset))
    moved = arranging.moveaxis(x, (first, second), (0, 1))
    return arranging.moveaxis(moved[rows, rows + offset], 0, -1)


@adapts("diag")
def diag(v, k=0):
    """The diagonal of a matrix, or a matrix with a vector on its diagonal."""
    x, k = asarray(v), as_integer("np.diag: k", k)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(f"np.diag: needs 1 or 2 dimensions, got shape {x.shape}")
    size = x.size + abs(k)
    as_shape((size, size), "np.diag")
    place = np.eye(size, k=k, dtype=bool)
    columns = shaping.pad(x, (max(k, 0), max(-k, 0)))
    return where(asarray(place, device=x.device), columns, creation.zeros((), x.dtype, x.device))


@adapts("diagflat")
def diagflat(v, k=0):
    """A matrix with the elements on its diagonal."""
    return diag(ravel(v), k)


@adapts("take")
def take(a, indices, axis=None, out=None, mode="raise"):
    """The elements at positions; of the flattened array without an axis."""
    no("take", out=out)
    x = asarray(a)
    if axis is None:
        x, axis = ravel(x), 0
    size = x.shape[normalize_axis("take", axis, x.ndim)]
    if mode == "wrap":
        indices = values_of(indices) % size
    elif mode == "clip":
        indices = np.clip(values_of(indices), 0, size - 1)
    elif mode != "raise":
        raise ArgumentError(f"np.take: mode must be 'raise', 'wrap' or 'clip', got {mode!r}")
    return indexing.take(x, indices, axis)


@adapts("take_along_axis")
def take_along_axis(arr, indices, axis=-1):
    """One element per index along a dimension."""
    if axis is None:
        return indexing.take_along_axis(ravel(arr), indices, 0)
    return indexing.take_along_axis(arr, indices, axis)


@adapts("compress")
def compress(condition, a, axis=None, out=None):
    """The parts along a dimension where a condition holds."""
    no("compress", out=out)
    return take(a, np.flatnonzero(values_of(condition)), axis)


@adapts("extract")
def extract(condition, arr):
    """The elements where a condition holds."""
    return take(arr, np.flatnonzero(values_of(condition)))


@adapts("delete")
def delete(arr, obj, axis=None):
    """Without some parts along a dimension."""
    x = asarray(arr)
    if axis is None:
        x, axis = ravel(x), 0
    size = x.shape[normalize_axis("delete", axis, x.ndim)]
    obj = obj if isinstance(obj, slice) else values_of(obj)
    return indexing.take(x, np.delete(np.arange(size), obj), axis)


@adapts("diff")
def diff(a, n=1, axis=-1, prepend=None, append=None):
    """Differences of neighbours."""
    x = asarray(a)
    shape = list(x.shape)
    shape[normalize_axis("diff", axis, x.ndim)] = 1

    def edge(value):
        given = value is not None and value is not np._NoValue
        return (shaping.broadcast_to(value, tuple(shape)) if asarray(value).ndim == 0 else value) if given else None

    return arranging.diff(x, n=n, axis=axis, prepend=edge(prepend), append=edge(append))


@adapts("ediff1d")
def ediff1d(ary, to_end=None, to_begin=None):
    """Differences of neighbours of the flattened array, with numbers before and behind them."""
    parts = [to_begin, arranging.diff(ravel(ary)), to_end]
    return shaping.concat([ravel(part) for part in parts if part is not None])


@adapts("select")
def select(condlist, choicelist, default=0):
    """The first choice whose condition holds."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ArgumentError(f"np.select: {len(condlist)} conditions need as many choices, got {len(choicelist)}")
    found = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = where(not_equal(condition, 0), choice, found)
    return found
