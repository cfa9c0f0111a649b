"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

import math
from typing import Literal

from numbanet.core.checks import as_flag, as_float
from numbanet.core.shapes import normalize_axes, normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.linalg.lapack import check_square, matrix
from numbanet.linalg.solving import inv_or_nan
from numbanet.linalg.spectral import svdvals
from numbanet.ops.arranging import moveaxis
from numbanet.ops.by_numpy import floating
from numbanet.ops.elementwise import abs as absolute
from numbanet.ops.elementwise import astype, divide, equal, isnan, logical_and, logical_not, not_equal, where
from numbanet.ops.reduce import any as any_of
from numbanet.ops.reduce import length, max, min, sum
from numbanet.ops.shaping import expand_dims, reshape, squeeze
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike, Axis, Real

VectorOrder = Real | None
MatrixOrder = Real | Literal["fro", "nuc"] | None


def _order(name, order):
    """Which norm: a float, a name or None."""
    return order if order is None or isinstance(order, str) else as_float(name, order)


def _largest(name, values, axis, keepdims):
    """The largest of numbers from 0 up: 0 where there is none, as in NumPy; the smallest of none is not there."""
    axes = normalize_axes(name, axis, values.ndim)
    if any(not values.shape[d] for d in axes):
        return sum(values, axis=axis, keepdims=keepdims)
    return max(values, axis=axis, keepdims=keepdims)


def _length(name, x, order, axis, keepdims):
    """The norm of vectors of any order."""
    if isinstance(order, str):
        raise ArgumentError(f"{name}: ord={order!r} is a norm of matrices, of two axes")
    order = 2.0 if order is None else order
    if order == 2:
        return length(x, axis, keepdims)
    if abs(order) == math.inf:
        sizes = absolute(x)
        return _largest(name, sizes, axis, keepdims) if order > 0 else min(sizes, axis=axis, keepdims=keepdims)
    if order == 0:
        return astype(sum(not_equal(x, 0), axis=axis, keepdims=keepdims), x.dtype)
    if order == 1:
        return sum(absolute(x), axis=axis, keepdims=keepdims)
    return _root_of_powers(x, order, axis, keepdims)


def _root_of_powers(x, order, axis, keepdims):
    """The norm of another order, whose gradient is zero by elements that are zero, where slopes may be infinite."""
    zero = equal(x, 0)
    powers = where(zero, 1.0, absolute(x)) ** order
    if order < 0:
        total = sum(powers, axis=axis, keepdims=keepdims)
        return where(any_of(zero, axis=axis, keepdims=keepdims), 0.0, total ** (1.0 / order))
    total = sum(where(zero, 0.0, powers), axis=axis, keepdims=keepdims)
    nothing = equal(total, 0)
    return where(nothing, 0.0, where(nothing, 1.0, total) ** (1.0 / order))


def _matrix_norm(name, x, order, axes, keepdims):
    """The norm of the matrices in two dimensions."""
    if order in (None, "fro"):
        return length(x, axes, keepdims)
    rows, columns = (normalize_axis(name, axis, x.ndim) for axis in axes)
    if order in (2, -2, "nuc"):
        values = svdvals(moveaxis(x, (rows, columns), (-2, -1)))
        if order == "nuc":
            found = sum(values, axis=-1)
        else:
            found = _largest(name, values, -1, False) if order == 2 else min(values, axis=-1)
        for axis in sorted((rows, columns)) if keepdims else ():
            found = expand_dims(found, axis)
        return found
    if order not in (1, -1, math.inf, -math.inf):
        known = "None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf"
        raise ArgumentError(f"{name}: ord must be {known} for matrices, got {order!r}")
    summed, left = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = sum(absolute(x), axis=summed, keepdims=True)
    found = _largest(name, sums, left, True) if order > 0 else min(sums, axis=left, keepdims=True)
    return found if keepdims else squeeze(found, (rows, columns))


def norm(x: ArrayLike, ord: MatrixOrder = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the norms of vectors or matrices, as NumPy's function of this name does.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    ord : number, "fro", "nuc", or None
        For vectors any number, inf and -inf among them: the root of the sum of powers. For matrices "fro", the root of
        the sum of squares; "nuc", the sum of the singular values; 2 and -2, the largest and smallest of these; 1 and
        -1, the largest and smallest sum of a column; inf and -inf, of a row. None is 2 for vectors, "fro" for matrices.
    axis : int, pair of int, or None
        One axis for vectors, two for matrices; None for a vector or matrix, or for all elements where `ord` is None.
    keepdims : bool
        Keep these dimensions with size 1.

    Returns
    -------
    Tensor
        Without those dimensions, of the dtype of `x`.

    Raises
    ------
    ArgumentError
        When there is no such norm.
    ShapeError
        When `axis` does not name one or two dimensions of `x`.

    References
    ----------
    NumPy reference, numpy.linalg.norm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.norm([[3.0, 4.0], [0.0, 0.0]]), nn.linalg.norm([3.0, -4.0], 1)
    (Tensor(5., shape=(), dtype=float32), Tensor(7., shape=(), dtype=float32))
    """
    (x,) = floating("linalg.norm", x)
    keepdims, ord = as_flag("linalg.norm: keepdims", keepdims), _order("linalg.norm: ord", ord)
    if axis is None and ord is None:
        found = length(reshape(x, (-1,)), None, False)
        return reshape(found, (1,) * x.ndim) if keepdims else found
    axes = normalize_axes("linalg.norm", axis, x.ndim)
    if isinstance(axis, (tuple, list)):
        axes = tuple(normalize_axis("linalg.norm", one, x.ndim) for one in axis)  # rows first, whatever their order
    if len(axes) == 1:
        return _length("linalg.norm", x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm("linalg.norm", x, ord, axes, keepdims)
    raise ShapeError(f"linalg.norm: needs one axis for vectors or two for matrices, got {axes} of shape {x.shape}")


def vector_norm(x: ArrayLike, axis: Axis = None, keepdims: bool = False, ord: VectorOrder = 2) -> Tensor:
    """Return the norms of vectors, which may lie along several dimensions.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int, tuple of int, or None
        What makes up one vector; None for everything.
    keepdims : bool
        Keep these dimensions with size 1.
    ord : number
        The root of the sum of powers with this exponent; inf and -inf for the largest and smallest, 0 for how many are
        not zero.

    Returns
    -------
    Tensor
        Without those dimensions, of the dtype of `x`.

    Raises
    ------
    ArgumentError
        When `ord` is not a number.
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, linalg.vector_norm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.vector_norm([[3.0, 4.0], [6.0, 8.0]], axis=1)
    Tensor([ 5., 10.], shape=(2,), dtype=float32)
    """
    (x,) = floating("linalg.vector_norm", x)
    axes = normalize_axes("linalg.vector_norm", axis, x.ndim)
    ord = _order("linalg.vector_norm: ord", ord)
    return _length("linalg.vector_norm", x, ord, axes, as_flag("linalg.vector_norm: keepdims", keepdims))


def matrix_norm(x: ArrayLike, keepdims: bool = False, ord: MatrixOrder = "fro") -> Tensor:
    """Return the norms of the matrices in the last two dimensions.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Floating; integers become float32.
    keepdims : bool
        Keep the two dimensions with size 1.
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        Which norm; see `norm`.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `x`.

    Raises
    ------
    ArgumentError
        When there is no such norm.
    ShapeError
        When `x` has fewer than two dimensions.

    References
    ----------
    Python array API standard 2024.12, linalg.matrix_norm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.matrix_norm([[0.0, 2.0], [1.0, 0.0]], ord=2)
    Tensor(2., shape=(), dtype=float32)
    """
    x = matrix("linalg.matrix_norm", x)
    ord = _order("linalg.matrix_norm: ord", ord)
    return _matrix_norm("linalg.matrix_norm", x, ord, (-2, -1), as_flag("linalg.matrix_norm: keepdims", keepdims))


def cond(x: ArrayLike, p: MatrixOrder = None) -> Tensor:
    """Return the condition numbers of matrices: how many times larger relative errors become in their systems.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Square for all norms but 2 and -2. Floating; integers become float32.
    p : {None, 2, -2, 1, -1, inf, -inf, "fro", "nuc"}
        The norm; see `norm`. None is 2.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `x`; infinite for singular matrices.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions, or is not square and has to be.
    LinAlgError
        When a matrix has NaN or infinite elements, for the norms 2, -2 and "nuc".

    References
    ----------
    NumPy reference, numpy.linalg.cond.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.cond([[4.0, 0.0], [0.0, 2.0]])
    Tensor(2., shape=(), dtype=float32)
    """
    x, p = matrix("linalg.cond", x), _order("linalg.cond: p", p)
    if p in (None, 2, -2):
        values = svdvals(x)
        if not values.shape[-1]:
            raise ShapeError(f"linalg.cond: matrices without elements have none, got shape {x.shape}")
        largest, smallest = values[..., 0], values[..., -1]
        found = divide(smallest, largest) if p == -2 else divide(largest, smallest)
    else:
        check_square("linalg.cond", x)
        inverse = apply(inv_or_nan, x)
        found = _matrix_norm("linalg.cond", x, p, (-2, -1), False)
        found = found * _matrix_norm("linalg.cond", inverse, p, (-2, -1), False)
    singular = logical_and(isnan(found), logical_not(any_of(isnan(x), axis=(-2, -1))))
    return where(singular, math.inf, found)
