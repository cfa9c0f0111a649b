"""The functions of `keras.ops` that pick elements: by position, by condition, above or below a diagonal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.core.checks import as_list
from numbanet.core.shapes import as_shape
from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.errors import ArgumentError, DTypeError
from numbanet.ops import arranging
from numbanet.ops.positions import OutOfRange
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import ArrayLike, Integer, Key, Shape


@overload
def where(condition: ArrayLike) -> tuple[Tensor, ...]: ...
@overload
def where(condition: ArrayLike, x1: ArrayLike, x2: ArrayLike) -> Tensor: ...
def where(condition: ArrayLike, x1: ArrayLike | None = None, x2: ArrayLike | None = None) -> Any:
    """Choose each element from one of two arrays, or find the positions where a condition is true.

    Parameters
    ----------
    condition : array-like
        Booleans; of other dtypes, everything but 0 is true.
    x1, x2 : array-like, optional
        What to take where the condition is true, and where it is not. All shapes broadcast, and dtypes promote. None
        for both gives the positions.

    Returns
    -------
    Tensor, or tuple of Tensor for a condition alone
        The chosen elements, of the broadcast shape, with gradients; or the positions of true elements along each
        dimension, int64, each of one dimension.

    Raises
    ------
    ArgumentError
        When only one of `x1` and `x2` is given.
    ShapeError
        When the shapes do not broadcast, or a condition alone has no dimension.

    References
    ----------
    Keras 3, keras.ops.where. NumPy, numpy.where.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.where([True, False], [1, 2], [3, 4])
    Tensor([1, 4], shape=(2,), dtype=int64)
    >>> nn.ops.where([True, False])
    (Tensor([0], shape=(1,), dtype=int64),)
    """
    return NUMPY_FUNCTIONS[np.where](condition, x1, x2)


def select(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: ArrayLike = 0) -> Tensor:
    """Choose each element from the first array whose condition is true.

    Parameters
    ----------
    condlist : sequence of array-like
        Booleans; of other dtypes, everything but 0 is true.
    choicelist : sequence of array-like
        The arrays to choose from, one for each condition. All shapes broadcast, and dtypes promote.
    default : array-like
        What to take where no condition is true.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype. Gradients flow to the choices.

    Raises
    ------
    ArgumentError
        When there are no conditions, or not as many choices.
    ShapeError
        When the shapes do not broadcast.

    References
    ----------
    Keras 3, keras.ops.select. NumPy, numpy.select.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.select([[True, False, False], [True, True, False]], [[1, 2, 3], [4, 5, 6]], default=0)
    Tensor([1, 5, 0], shape=(3,), dtype=int64)
    """
    given = {"condlist": condlist, "choicelist": choicelist}
    return call(np.select, *(as_list(f"select: {name}", one) for name, one in given.items()), default)


def get_item(x: ArrayLike, key: Key) -> Tensor:
    """Return the elements that an index picks, `x[key]`.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    key : int, slice, `...`, None, integer or boolean array-like, or a tuple of these
        The index, as in NumPy.

    Returns
    -------
    Tensor
        Of the dtype of `x`; a view for integers and slices. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the index is none of these.
    ShapeError
        When a position is out of range, or there are more than dimensions. It is also an IndexError.

    References
    ----------
    Keras 3, keras.ops.get_item. NumPy user guide, indexing on ndarrays.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.get_item([1.0, 2.0, 3.0], slice(1, None))
    Tensor([2., 3.], shape=(2,), dtype=float32)
    """
    return asarray(x)[key]


def take(x: ArrayLike, indices: ArrayLike, axis: Integer | None = None) -> Tensor:
    """Return the elements at positions along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    indices : integer array-like
        Any shape; negative ones count from the end.
    axis : int or None
        The dimension; None takes from the flattened array. `nn.take` takes along the first dimension by default.

    Returns
    -------
    Tensor
        Of the dtype of `x`, with the shape of `indices` in place of the dimension. Gradients flow to `x`.

    Raises
    ------
    ShapeError
        When a position or the axis is out of range. It is also an IndexError.
    DTypeError
        When the indices are not integers.

    References
    ----------
    Keras 3, keras.ops.take. NumPy, numpy.take.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.take([[1, 2], [3, 4]], [3, 0])
    Tensor([4, 1], shape=(2,), dtype=int64)
    """
    return call(np.take, x, indices, axis)


def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: Integer | None = None) -> Tensor:
    """Return one element per index along a dimension, as `argsort` and `argmax` give them.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    indices : integer array-like
        With the dimensions of `x`; the sizes of the others broadcast. Negative ones count from the end.
    axis : int or None
        The dimension; None takes from the flattened array, for which the indices are a vector.

    Returns
    -------
    Tensor
        Of the shape of `indices` and the dtype of `x`. Gradients flow to `x`.

    Raises
    ------
    ShapeError
        When the dimensions do not fit, or a position or the axis is out of range.
    DTypeError
        When the indices are not integers.

    References
    ----------
    Keras 3, keras.ops.take_along_axis. NumPy, numpy.take_along_axis.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.take_along_axis([[1, 2], [3, 4]], [[1], [0]], 1)
    Tensor([[2],
            [3]], shape=(2, 1), dtype=int64)
    """
    return call(np.take_along_axis, x, indices, axis)


def tril(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return the lower triangle: the elements on and below a diagonal, with zeros above it.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Any dtype.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    ArgumentError
        When `k` is not an integer.

    References
    ----------
    Keras 3, keras.ops.tril. Python array API standard 2024.12, tril.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.tril([[1, 2], [3, 4]])
    Tensor([[1, 0],
            [3, 4]], shape=(2, 2), dtype=int64)
    """
    return arranging.tril(x, k=k)


def triu(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return the upper triangle: the elements on and above a diagonal, with zeros below it.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Any dtype.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    ArgumentError
        When `k` is not an integer.

    References
    ----------
    Keras 3, keras.ops.triu. Python array API standard 2024.12, triu.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.triu([[1, 2], [3, 4]])
    Tensor([[1, 2],
            [0, 4]], shape=(2, 2), dtype=int64)
    """
    return arranging.triu(x, k=k)


def unravel_index(indices: ArrayLike, shape: Shape) -> tuple[Tensor, ...]:
    """Convert positions in a flattened array to positions along each dimension.

    Parameters
    ----------
    indices : integer array-like
        Any shape; from 0 to the number of elements less one.
    shape : int or tuple of int
        The shape of the array before it was flattened, row by row.

    Returns
    -------
    tuple of Tensor
        One for each dimension, of the shape of `indices`, int64.

    Raises
    ------
    DTypeError
        When the indices are not integers.
    ShapeError
        When one of them is out of range. It is also an IndexError.
    ArgumentError
        When `shape` is not made of integers, or one is negative.

    References
    ----------
    Keras 3, keras.ops.unravel_index. NumPy, numpy.unravel_index.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.unravel_index([3], (2, 2))
    (Tensor([1], shape=(1,), dtype=int64), Tensor([1], shape=(1,), dtype=int64))
    """
    x, sizes = asarray(indices), as_shape(shape, "unravel_index: shape")
    if x.dtype.kind not in "iu":
        raise DTypeError(f"unravel_index: indices must be integers, got {x.dtype}")
    values, count = x.numpy(), math.prod(sizes)
    outside = values[(values < 0) | (values >= count)]
    if outside.size:
        raise OutOfRange(f"unravel_index: index {outside[0]} is out of range for the {count} elements of {sizes}")
    if not sizes:
        raise ArgumentError("unravel_index: a shape without dimensions has no positions")
    return tuple(put(np.asarray(part), x.device) for part in np.unravel_index(values.astype(np.int64), sizes))
