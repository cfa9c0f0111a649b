"""The functions of `keras.ops` that steer: conversions, conditions, loops, scatters. With Keras 3's parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numbanet.compat.reductions import summable
from numbanet.core.checks import as_integer
from numbanet.core.dtypes import as_dtype
from numbanet.core.shapes import as_shape
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.linalg import slogdet
from numbanet.ops import arranging
from numbanet.ops.elementwise import clip, isfinite
from numbanet.ops.indexing import put_back, take_along_axis
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import expand_dims, stack
from numbanet.ops.sorting import topk
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import Array, ArrayLike, DType, Integer, Shape


def convert_to_numpy(x: ArrayLike) -> Array:
    """Return the values as a NumPy array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.convert_to_numpy([1.0])
    array([1.], dtype=float32)
    """
    return asarray(x).numpy()


def is_tensor(x: object) -> bool:
    """Return whether something is a Tensor or a Variable.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.is_tensor(nn.ones(2))
    True
    """
    return isinstance(x, Operators)


def dtype(x: ArrayLike) -> str:
    """Return the name of the dtype, "float32" for example.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.dtype([1.0])
    'float32'
    """
    return str(asarray(x).dtype.name)


def saturate_cast(x: ArrayLike, dtype: DType) -> Tensor:
    """Convert to a dtype; what does not fit becomes the smallest or largest number that does.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.saturate_cast([-5, 300], 'uint8')
    Tensor([  0, 255], shape=(2,), dtype=uint8)
    """
    x, wanted = asarray(x), as_dtype(dtype, "saturate_cast")
    if wanted.kind in "iu" and x.dtype.kind in "iu":
        own, limits = np.iinfo(x.dtype), np.iinfo(wanted)
        x = clip(x, max(int(limits.min), int(own.min)), min(int(limits.max), int(own.max)))
    elif wanted.kind in "iu" and x.dtype.kind == "f":
        limits, kind = np.iinfo(wanted), x.dtype.type
        high = kind(limits.max)  # which may be rounded up
        x = clip(x, float(limits.min), float(high if int(high) <= limits.max else np.nextafter(high, kind(0))))
    elif wanted.kind == "f" and x.dtype.kind == "f" and wanted.itemsize < x.dtype.itemsize:
        x = clip(x, float(np.finfo(wanted).min), float(np.finfo(wanted).max))
    return x.astype(wanted)


def cond(pred: ArrayLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Call one of two functions, as a condition says.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.cond(True, lambda: 1, lambda: 2)
    1
    """
    return true_fn() if bool(asarray(pred)) else false_fn()


def switch(index: Integer, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Call one of several functions; an index beyond them means the nearest.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.switch(1, [lambda v: v, lambda v: -v], 5)
    -5
    """
    at = as_integer("switch: index", index)
    return branches[min(max(at, 0), len(branches) - 1)](*operands)


def fori_loop(lower: Integer, upper: Integer, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """Call `body_fun(i, value)` for each integer, with what the call before returned.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.fori_loop(0, 3, lambda i, total: total + i, 0)
    3
    """
    value = init_val
    for i in range(as_integer("fori_loop: lower", lower), as_integer("fori_loop: upper", upper)):
        value = body_fun(i, value)
    return value


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: Integer | None = None
) -> Any:
    """Call `body(*loop_vars)` as long as `cond(*loop_vars)` is true, with what the call before returned.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.while_loop(lambda v: v < 10, lambda v: v * 2, nn.asarray(3))
    Tensor(12, shape=(), dtype=int64)
    """
    several = isinstance(loop_vars, (tuple, list))
    values = tuple(loop_vars) if several else (loop_vars,)
    left = -1 if maximum_iterations is None else as_integer("while_loop: maximum_iterations", maximum_iterations, low=0)
    while left and bool(asarray(cond(*values))):
        found = body(*values)
        values = tuple(found) if isinstance(found, (tuple, list)) else (found,)
        left -= 1
    return values if several else values[0]


def map(f: Callable[[Tensor], ArrayLike], xs: ArrayLike) -> Tensor:
    """Stack what a function returns for each part of an array along its first dimension.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.map(lambda row: nn.sum(row), [[1, 2], [3, 4]])
    Tensor([3, 7], shape=(2,), dtype=int64)
    """
    x = asarray(xs)
    if not x.ndim or not x.shape[0]:
        raise ShapeError(f"map: needs an array with parts, got shape {x.shape}")
    return stack([f(part) for part in arranging.unstack(x)])


def unstack(x: ArrayLike, num: Integer | None = None, axis: Integer = 0) -> tuple[Tensor, ...]:
    """Return the parts of an array along a dimension; `num`, if given, must be their number.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.unstack([1, 2], 2)
    (Tensor(1, shape=(), dtype=int64), Tensor(2, shape=(), dtype=int64))
    """
    found = arranging.unstack(x, axis=axis)
    if num is not None and as_integer("unstack: num", num) != len(found):
        raise ArgumentError(f"unstack: num is {num}, but there are {len(found)} parts")
    return found


def slice(inputs: ArrayLike, start_indices: Shape, shape: Shape) -> Tensor:
    """Return a block of this shape that begins at these positions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.slice([[1, 2], [3, 4]], (1, 0), (1, 2))
    Tensor([[3, 4]], shape=(1, 2), dtype=int64)
    """
    x, starts, sizes = asarray(inputs), as_shape(start_indices, "slice: start_indices"), as_shape(shape, "slice: shape")
    if not len(starts) == len(sizes) == x.ndim:
        raise ShapeError(f"slice: start_indices {starts} and shape {sizes} need the {x.ndim} dimensions of {x.shape}")
    if any(start + size > n for start, size, n in zip(starts, sizes, x.shape, strict=True)):
        raise ShapeError(f"slice: a block of shape {sizes} from {starts} does not lie in {x.shape}")
    return x[tuple(np.s_[start : start + size] for start, size in zip(starts, sizes, strict=True))]


def slice_update(inputs: ArrayLike, start_indices: Shape, updates: ArrayLike) -> Tensor:
    """Return an array with another in place of the block that begins at these positions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.slice_update([1, 2, 3], (1,), [7])
    Tensor([1, 7, 3], shape=(3,), dtype=int64)
    """
    x, new, starts = asarray(inputs), asarray(updates), as_shape(start_indices, "slice_update: start_indices")
    slice(x, starts, new.shape)  # its errors
    return x.at[tuple(np.s_[start : start + size] for start, size in zip(starts, new.shape, strict=True))].set(new)


def _places(name: str, indices: ArrayLike, shape: tuple[int, ...], values: Tensor) -> tuple[Array, ...]:
    """Rows of positions as an index of an array of this shape, which has the shape of `values`."""
    rows = asarray(indices)
    if rows.dtype.kind not in "iu":
        raise DTypeError(f"{name}: indices must be integers, got {rows.dtype}")
    depth = rows.shape[-1] if rows.ndim else 0
    if not 0 < depth <= len(shape) or values.shape != (*rows.shape[:-1], *shape[depth:]):
        raise ShapeError(f"{name}: indices {rows.shape} and values {values.shape} do not fit the shape {shape}")
    return tuple(np.moveaxis(rows.numpy(), -1, 0))


def scatter(indices: ArrayLike, values: ArrayLike, shape: Shape) -> Tensor:
    """Add values to an array of zeros, at positions that are rows of an array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.scatter([[0], [2]], [5, 6], (3,))
    Tensor([5, 0, 6], shape=(3,), dtype=int64)
    """
    v, sizes = asarray(values), as_shape(shape, "scatter: shape")
    found: Tensor = put_back(v, _places("scatter", indices, sizes, v), sizes)
    return found


def scatter_update(inputs: ArrayLike, indices: ArrayLike, updates: ArrayLike) -> Tensor:
    """Return an array with other values at positions that are rows of an array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.scatter_update([1, 2, 3], [[0]], [7])
    Tensor([7, 2, 3], shape=(3,), dtype=int64)
    """
    x, new = asarray(inputs), asarray(updates)
    return x.at[_places("scatter_update", indices, x.shape, new)].set(new)


def logdet(x: ArrayLike) -> Tensor:
    """Compute the logarithm of the absolute determinants of matrices.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.logdet([[1.0, 0.0], [0.0, 1.0]])
    Tensor(0., shape=(), dtype=float32)
    """
    return slogdet(x).logabsdet


def top_k(x: ArrayLike, k: Integer, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Find the `k` largest elements along the last dimension, the largest first, and their positions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.top_k([1, 3, 2], 2)
    (Tensor([3, 2], shape=(2,), dtype=int64), Tensor([1, 2], shape=(2,), dtype=int64))
    """
    return topk(x, k)


def in_top_k(targets: ArrayLike, predictions: ArrayLike, k: Integer) -> Tensor:
    """Return whether the prediction for each target is among the `k` largest of its row; ties count.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.in_top_k([1], [[0.3, 0.5, 0.2]], 2)
    Tensor([ True], shape=(1,), dtype=bool)
    """
    t, p, most = asarray(targets), asarray(predictions), as_integer("in_top_k: k", k, low=1)
    if p.ndim != 2 or t.shape != p.shape[:1]:
        raise ShapeError(f"in_top_k: needs predictions (rows, classes) and targets (rows,), got {p.shape}, {t.shape}")
    of_target = take_along_axis(p, expand_dims(t, -1), axis=-1)
    return (sum(p > of_target, axis=-1) < most) & isfinite(of_target[:, 0])


def segment_sum(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: Integer | None = None, sorted: bool = False
) -> Tensor:
    """Add up the parts of an array that have the same number.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.segment_sum([1, 2, 3], [0, 0, 1])
    Tensor([3, 3], shape=(2,), dtype=int64)
    """
    x, numbers = asarray(data), asarray(segment_ids)
    if numbers.dtype.kind not in "iu" or numbers.ndim != 1 or numbers.shape != x.shape[:1]:
        raise ShapeError(f"segment_sum: needs a number for each part of {x.shape}, got {numbers.shape} {numbers.dtype}")
    plain = numbers.numpy().astype(np.int64)
    seen = int(plain.max()) + 1 if plain.size else 0
    count = seen if num_segments is None else as_integer("segment_sum: num_segments", num_segments, low=0)
    if plain.size and not (plain.min() >= 0 and seen <= count):
        raise ArgumentError(f"segment_sum: numbers from {plain.min()} to {plain.max()} are not within {count} segments")
    found: Tensor = put_back(summable(x), plain, (count, *x.shape[1:]))
    return found
