"""The functions of `keras.ops` that join, split, pad and turn arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numbanet.compat.keras.calls import call, call_several
from numbanet.core.checks import as_integer, as_list
from numbanet.core.shapes import integers_of
from numbanet.errors import ArgumentError
from numbanet.ops import arranging
from numbanet.tensor.tensor import Tensor, as_tensors
from numbanet.typing import ArrayLike, Integer, PadWidth, Shape


def append(x1: ArrayLike, x2: ArrayLike, axis: Integer | None = None) -> Tensor:
    """Join two arrays, the second behind the first.

    Parameters
    ----------
    x1, x2 : array-like
        Any shapes without an axis; otherwise of the same shape but along it. Dtypes promote.
    axis : int or None
        The dimension along which to join; None flattens both arrays first.

    Returns
    -------
    Tensor
        Of the promoted dtype. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the shapes do not fit, or the axis is out of range.

    References
    ----------
    Keras 3, keras.ops.append. NumPy, numpy.append.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.append([1.0, 2.0], [3.0])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    return call(np.append, *as_tensors("append", (x1, x2)), axis)


def dstack(xs: Sequence[ArrayLike]) -> Tensor:
    """Join arrays along their third dimension.

    Parameters
    ----------
    xs : sequence of array-like
        Of the same shape but along that dimension. Those of shape (n,) count as (1, n, 1), those of shape (m, n) as
        (m, n, 1). Dtypes promote.

    Returns
    -------
    Tensor
        Of at least three dimensions. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When there are no arrays.

    References
    ----------
    Keras 3, keras.ops.dstack. NumPy, numpy.dstack.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.dstack([[1, 2], [3, 4]])
    Tensor([[[1, 3],
             [2, 4]]], shape=(1, 2, 2), dtype=int64)
    """
    return call(np.dstack, as_tensors("dstack", as_list("dstack: xs", xs)))


def array_split(x: ArrayLike, indices_or_sections: Shape, axis: Integer = 0) -> list[Tensor]:
    """Split an array into parts whose sizes differ by one at most.

    Parameters
    ----------
    x : array-like
        Of at least one dimension; any dtype.
    indices_or_sections : int or sequence of int
        The number of parts, at least 1, the longer ones first; or the positions at which to split.
    axis : int
        The dimension along which to split.

    Returns
    -------
    list of Tensor
        The parts, views of `x`. Gradients flow through them.

    Raises
    ------
    ArgumentError
        When the number of parts is not an integer of at least 1, or a position is not an integer.
    ShapeError
        When the axis is out of range.

    References
    ----------
    Keras 3, keras.ops.array_split. NumPy, numpy.array_split.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.array_split([1, 2, 3], 2)
    [Tensor([1, 2], shape=(2,), dtype=int64), Tensor([3], shape=(1,), dtype=int64)]
    """
    return list(call_several(np.array_split, x, indices_or_sections, axis))


def vsplit(x: ArrayLike, indices_or_sections: Shape) -> list[Tensor]:
    """Split an array along its first dimension.

    Parameters
    ----------
    x : array-like
        Of at least two dimensions; any dtype.
    indices_or_sections : int or sequence of int
        The number of equal parts, or the positions at which to split.

    Returns
    -------
    list of Tensor
        The parts, views of `x`. Gradients flow through them.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions, or the first size is not divisible by the number of parts.
    ArgumentError
        When a position is not an integer.

    References
    ----------
    Keras 3, keras.ops.vsplit. NumPy, numpy.vsplit.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.vsplit([[1, 2], [3, 4]], 2)
    [Tensor([[1, 2]], shape=(1, 2), dtype=int64), Tensor([[3, 4]], shape=(1, 2), dtype=int64)]
    """
    return list(call_several(np.vsplit, x, indices_or_sections))


def unstack(x: ArrayLike, num: Integer | None = None, axis: Integer = 0) -> tuple[Tensor, ...]:
    """Split an array into its parts along a dimension, which the parts do not have.

    Parameters
    ----------
    x : array-like
        Of at least one dimension; any dtype.
    num : int, optional
        The number of parts that is expected; None means any.
    axis : int
        The dimension along which to split.

    Returns
    -------
    tuple of Tensor
        As many parts as the dimension has elements. Gradients flow through them.

    Raises
    ------
    ArgumentError
        When `num` is not the number of parts.
    ShapeError
        When the axis is out of range.

    References
    ----------
    Keras 3, keras.ops.unstack.

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


def pad(x: ArrayLike, pad_width: PadWidth, mode: str = "constant", constant_values: ArrayLike | None = None) -> Tensor:
    """Put a margin around an array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    pad_width : int, (before, after), or one pair per dimension
        The widths of the margin, not negative.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        What the margin holds: one number; the element at the edge; the elements mirrored without that at the edge, or
        with it; or those of the other end.
    constant_values : number, optional
        The number, with "constant"; None means 0. It is converted to the dtype of `x`.

    Returns
    -------
    Tensor
        A larger array of the dtype of `x`. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When the widths do not fit the dimensions, are not integers, or are negative, or a dimension without elements is
        to be repeated.
    DTypeError
        When there is no such mode, or `constant_values` comes with another mode than "constant".
    ShapeError
        When `constant_values` is not a single number.

    References
    ----------
    Keras 3, keras.ops.pad. NumPy, numpy.pad.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.pad([1, 2], 1)
    Tensor([0, 1, 2, 0], shape=(4,), dtype=int64)
    >>> nn.ops.pad([1, 2, 3], (0, 2), mode="reflect")
    Tensor([1, 2, 3, 2, 1], shape=(5,), dtype=int64)
    """
    return call(np.pad, x, pad_width, mode, **({} if constant_values is None else {"constant_values": constant_values}))


def rot90(array: ArrayLike, k: Integer = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """Turn an array by quarters in the plane of two dimensions.

    Parameters
    ----------
    array : array-like
        Of at least two dimensions; any dtype.
    k : int
        The number of quarters, from the first dimension of the plane towards the second; negative ones turn back.
    axes : tuple of two int
        The plane.

    Returns
    -------
    Tensor
        Of the dtype of `array`, with the two sizes swapped if `k` is odd. Gradients flow through it.

    Raises
    ------
    ShapeError
        When an axis is out of range, or both are the same.
    ArgumentError
        When `k` is not an integer, or there are not two axes.

    References
    ----------
    Keras 3, keras.ops.rot90. NumPy, numpy.rot90.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.rot90([[1, 2], [3, 4]])
    Tensor([[2, 4],
            [1, 3]], shape=(2, 2), dtype=int64)
    """
    plane = integers_of("rot90: axes", axes)
    if len(plane) != 2:
        raise ArgumentError(f"rot90: axes must be two dimensions, got {axes!r}")
    return call(np.rot90, array, k, plane)
