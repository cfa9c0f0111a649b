"""The functions of `keras.ops` that read, write and add up blocks and scattered elements."""

from __future__ import annotations

import numpy as np

from numbanet.compat.reductions import summable
from numbanet.core.checks import as_flag, as_integer
from numbanet.core.shapes import as_shape
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.ops.indexing import put_back
from numbanet.ops.positions import OutOfRange
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import Array, ArrayLike, Integer, Shape


def slice(inputs: ArrayLike, start_indices: Shape, shape: Shape) -> Tensor:
    """Return the block of a shape that begins at given positions.

    Parameters
    ----------
    inputs : array-like
        Any shape and dtype.
    start_indices : int or tuple of int
        Where the block begins along each dimension, not negative.
    shape : int or tuple of int
        The sizes of the block.

    Returns
    -------
    Tensor
        Of shape `shape` and the dtype of `inputs`; a view. Gradients flow through it.

    Raises
    ------
    ShapeError
        When there are not as many positions or sizes as dimensions, or the block reaches beyond the array.
    ArgumentError
        When a position or a size is not an integer, or is negative.

    References
    ----------
    Keras 3, keras.ops.slice.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.slice([[1, 2], [3, 4]], (1, 0), (1, 2))
    Tensor([[3, 4]], shape=(1, 2), dtype=int64)
    """
    x, starts, sizes = asarray(inputs), as_shape(start_indices, "slice: start_indices"), as_shape(shape, "slice: shape")
    return x[_block("slice", x.shape, starts, sizes)]


def slice_update(inputs: ArrayLike, start_indices: Shape, updates: ArrayLike) -> Tensor:
    """Return an array with other values in the block that begins at given positions.

    Parameters
    ----------
    inputs : array-like
        Any shape and dtype. It does not change.
    start_indices : int or tuple of int
        Where the block begins along each dimension, not negative.
    updates : array-like
        The values, in the shape of the block.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`. Gradients flow to both.

    Raises
    ------
    ShapeError
        When there are not as many positions or dimensions of `updates` as dimensions, or the block reaches beyond the
        array.
    DTypeError
        When the values do not fit the dtype of `inputs`: floats in an array of integers, for example.
    ArgumentError
        When a position is not an integer, or is negative.

    References
    ----------
    Keras 3, keras.ops.slice_update.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.slice_update([1, 2, 3], (1,), [7])
    Tensor([1, 7, 3], shape=(3,), dtype=int64)
    """
    x, new, starts = asarray(inputs), asarray(updates), as_shape(start_indices, "slice_update: start_indices")
    return x.at[_block("slice_update", x.shape, starts, new.shape)].set(updates)


def _block(name, whole, starts, sizes):
    """The slices of a block that lies in an array of the shape `whole`."""
    if not len(starts) == len(sizes) == len(whole):
        raise ShapeError(
            f"{name}: start_indices {starts} and a block of shape {sizes} need the {len(whole)} dimensions of {whole}"
        )
    if any(start + size > n for start, size, n in zip(starts, sizes, whole, strict=True)):
        raise ShapeError(f"{name}: a block of shape {sizes} from {starts} does not lie in {whole}")
    return tuple(np.s_[start : start + size] for start, size in zip(starts, sizes, strict=True))


def _places(name: str, indices: ArrayLike, shape: tuple[int, ...], values: Tensor) -> tuple[Array, ...]:
    """Rows of positions as an index of an array of this shape, which has the shape of `values`."""
    rows = asarray(indices)
    if rows.dtype.kind not in "iu":
        raise DTypeError(f"{name}: indices must be integers, got {rows.dtype}")
    depth = rows.shape[-1] if rows.ndim else 0
    if not 0 < depth <= len(shape) or values.shape != (*rows.shape[:-1], *shape[depth:]):
        raise ShapeError(f"{name}: indices {rows.shape} and values {values.shape} do not fit the shape {shape}")
    places = tuple(np.moveaxis(rows.numpy(), -1, 0))
    for axis, (place, size) in enumerate(zip(places, shape[:depth], strict=True)):
        outside = place[(place < -size) | (place >= size)]
        if outside.size:
            raise OutOfRange(f"{name}: index {outside[0]} is out of bounds for axis {axis} with size {size}")
    return places


def scatter(indices: ArrayLike, values: ArrayLike, shape: Shape) -> Tensor:
    """Return an array of zeros with values added at given positions.

    Parameters
    ----------
    indices : integer array-like, (..., depth)
        Each row holds a position along the first `depth` dimensions; negative ones count from the end. Values at the
        same position are added up.
    values : array-like, `(..., *shape[depth:])`
        What to add, any dtype: one block of the other dimensions for each row.
    shape : int or tuple of int
        The shape of the result.

    Returns
    -------
    Tensor
        Of shape `shape` and the dtype of `values`. Gradients flow to the values.

    Raises
    ------
    ShapeError
        When the shapes do not fit, or a position is out of range. The latter is also an IndexError.
    DTypeError
        When the indices are not integers.
    ArgumentError
        When `shape` is not made of integers, or one is negative.

    References
    ----------
    Keras 3, keras.ops.scatter.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.scatter([[0], [2], [2]], [5, 6, 7], (3,))
    Tensor([ 5,  0, 13], shape=(3,), dtype=int64)
    """
    v, sizes = asarray(values), as_shape(shape, "scatter: shape")
    return put_back(v, _places("scatter", indices, sizes, v), sizes)


def scatter_update(inputs: ArrayLike, indices: ArrayLike, updates: ArrayLike) -> Tensor:
    """Return an array with other values at given positions.

    Parameters
    ----------
    inputs : array-like
        Any shape and dtype. It does not change.
    indices : integer array-like, (..., depth)
        Each row holds a position along the first `depth` dimensions; negative ones count from the end. The last value
        for a position counts.
    updates : array-like, `(..., *inputs.shape[depth:])`
        The values: one block of the other dimensions for each row.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the shapes do not fit, or a position is out of range. The latter is also an IndexError.
    DTypeError
        When the indices are not integers, or the values do not fit the dtype of `inputs`.

    References
    ----------
    Keras 3, keras.ops.scatter_update.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.scatter_update([1, 2, 3], [[0]], [7])
    Tensor([7, 2, 3], shape=(3,), dtype=int64)
    """
    x = asarray(inputs)
    return x.at[_places("scatter_update", indices, x.shape, asarray(updates))].set(updates)


def segment_sum(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: Integer | None = None, sorted: bool = False
) -> Tensor:
    """Add up the parts of an array that belong to the same segment.

    Parameters
    ----------
    data : array-like, (n, ...)
        Integer or floating; booleans count as 0 and 1.
    segment_ids : integer array-like, (n,)
        The segment of each part, from 0.
    num_segments : int, optional
        The number of segments; None means one more than the largest of `segment_ids`.
    sorted : bool
        Whether the segments are in order. They may be in any order here, so that it changes nothing.

    Returns
    -------
    Tensor
        Of shape (num_segments, ...) and the dtype of `data`, 64 bits wide for integers; a segment without parts is
        zero. Gradients flow to `data`.

    Raises
    ------
    ShapeError
        When `segment_ids` is not a vector with one segment for each part.
    DTypeError
        When `segment_ids` does not hold integers.
    ArgumentError
        When a segment is negative or not below `num_segments`, or `num_segments` is not an integer of at least 0.

    References
    ----------
    Keras 3, keras.ops.segment_sum.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.segment_sum([1, 2, 3], [0, 0, 1])
    Tensor([3, 3], shape=(2,), dtype=int64)
    """
    as_flag("segment_sum: sorted", sorted)  # which only tells how the sum may be done
    x, numbers = asarray(data), asarray(segment_ids)
    if numbers.dtype.kind not in "iu":
        raise DTypeError(f"segment_sum: segment_ids must be integers, got {numbers.dtype}")
    if numbers.ndim != 1 or numbers.shape != x.shape[:1]:
        raise ShapeError(f"segment_sum: needs a segment for each part of {x.shape}, got shape {numbers.shape}")
    plain = numbers.numpy().astype(np.int64)
    seen = int(plain.max()) + 1 if plain.size else 0
    count = seen if num_segments is None else as_integer("segment_sum: num_segments", num_segments, low=0)
    if plain.size and not (plain.min() >= 0 and seen <= count):
        raise ArgumentError(f"segment_sum: numbers from {plain.min()} to {plain.max()} are not within {count} segments")
    return put_back(summable(x), plain, (count, *x.shape[1:]))
