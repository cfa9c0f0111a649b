"""Products of vectors and matrices that are not functions of `nn` itself, and diagonals."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from numbanet.core.checks import as_integer, as_list
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.linalg.lapack import check_matrix
from numbanet.ops import reduce
from numbanet.ops.arranging import moveaxis
from numbanet.ops.linalg import dot
from numbanet.ops.linalg import outer as outer_of_all
from numbanet.tensor.tensor import Tensor, asarray, pair
from numbanet.typing import ArrayLike, Integer

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def outer(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Return every element of one vector times every element of another.

    Parameters
    ----------
    a, b : array-like
        One dimension each; integer or floating. `nn.outer` flattens others.

    Returns
    -------
    Tensor
        Of shape (a.size, b.size) and the promoted dtype.

    Raises
    ------
    ShapeError
        When one is not a vector.

    References
    ----------
    Python array API standard 2024.12, linalg.outer.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.outer([1.0, 2.0], [3.0])
    Tensor([[3.],
            [6.]], shape=(2, 1), dtype=float32)
    """
    a, b = pair("linalg.outer", a, b)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(f"linalg.outer: needs vectors, got shapes {a.shape} and {b.shape}")
    return outer_of_all(a, b)


def cross(a: ArrayLike, b: ArrayLike, axis: Integer = -1) -> Tensor:
    """Return the vectors at right angles to two others in three dimensions, as long as the area between them.

    Parameters
    ----------
    a, b : array-like
        Of size 3 along `axis`; the other dimensions broadcast. Integer or floating.
    axis : int
        Along which vectors lie.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When vectors do not have three elements, or shapes do not broadcast.

    References
    ----------
    Python array API standard 2024.12, linalg.cross.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.], shape=(3,), dtype=float32)
    """
    a, b = pair("linalg.cross", a, b)
    a, b = (moveaxis(x, normalize_axis("linalg.cross", axis, x.ndim), -1) for x in (a, b))
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ShapeError(f"linalg.cross: vectors must have 3 elements, got {a.shape[-1]} and {b.shape[-1]}")
    after, last = [1, 2, 0], [2, 0, 1]
    found = a[..., after] * b[..., last] - a[..., last] * b[..., after]
    return moveaxis(found, -1, axis)


def diagonal(x: ArrayLike, offset: Integer = 0) -> Tensor:
    """Return the diagonals of matrices.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Any dtype.
    offset : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of shape (..., k), with k elements on the diagonal, and the dtype of `x`.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.

    References
    ----------
    Python array API standard 2024.12, linalg.diagonal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.diagonal([[1.0, 2.0], [3.0, 4.0]], offset=1)
    Tensor([2.], shape=(1,), dtype=float32)
    """
    x, above = asarray(x), as_integer("linalg.diagonal: offset", offset)
    check_matrix("linalg.diagonal", x)
    high, wide = x.shape[-2:]
    above = min(max(above, -high), wide)
    rows = np.arange(max(-above, 0), max(min(high, wide - above), 0))
    return x[..., rows, rows + above]


def trace(x: ArrayLike, offset: Integer = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Return the sums along the diagonals of matrices.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Any dtype.
    offset : int
        Which diagonal: 0 is the main one, those above it are positive.
    dtype : dtype, optional
        Convert to it first, and give the result in it.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype that `nn.sum` gives.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.

    References
    ----------
    Python array API standard 2024.12, linalg.trace.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5., shape=(), dtype=float32)
    """
    x = asarray(x)
    check_matrix("linalg.trace", x)
    return reduce.sum(diagonal(x, offset), axis=-1, dtype=dtype)


def multi_dot(arrays: Sequence[ArrayLike]) -> Tensor:
    """Return the product of several matrices, from left to right.

    Parameters
    ----------
    arrays : sequence of array-like
        At least two, of two dimensions; the first and the last may be vectors. Integer or floating.

    Returns
    -------
    Tensor
        The product, of the promoted dtype.

    Raises
    ------
    ArgumentError
        When there are fewer than two.
    ShapeError
        When shapes do not fit.

    References
    ----------
    NumPy reference, numpy.linalg.multi_dot.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.multi_dot([[1.0, 2.0], [[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0]])
    Tensor(5., shape=(), dtype=float32)
    """
    arrays = as_list("linalg.multi_dot: arrays", arrays)
    if len(arrays) < 2:
        raise ArgumentError(f"linalg.multi_dot: needs at least two arrays, got {len(arrays)}")
    parts = [asarray(one) for one in arrays]
    ends = {parts[0].ndim, parts[-1].ndim}
    if len(parts) > 2 and (any(one.ndim != 2 for one in parts[1:-1]) or not ends <= {1, 2}):  # two are a dot
        shapes = ", ".join(str(one.shape) for one in parts)
        raise ShapeError(f"linalg.multi_dot: needs matrices, the first and last may be vectors; got shapes {shapes}")
    return functools.reduce(dot, parts)
