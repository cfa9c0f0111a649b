"""The functions of `keras.ops` that make arrays: evenly spaced numbers, and matrices from vectors and diagonals."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.core.checks import as_flag, as_integer, as_number
from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.ops import arranging, creation
from numbanet.ops.elementwise import pow as power
from numbanet.tensor.tensor import Tensor, as_tensors
from numbanet.typing import ArrayLike, DType, Integer, Real


def identity(n: Integer, dtype: DType = None) -> Tensor:
    """Return the identity matrix.

    Parameters
    ----------
    n : int
        The number of rows and columns, at least 0.
    dtype : dtype, optional
        Of the result; None means float32.

    Returns
    -------
    Tensor
        Of shape (n, n), with ones on the diagonal and zeros elsewhere.

    Raises
    ------
    ArgumentError
        When `n` is not an integer, or is negative.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.identity. NumPy, numpy.identity.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.identity(2)
    Tensor([[1., 0.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """
    return creation.eye(n, dtype=dtype)


@overload
def linspace(
    start: ArrayLike, stop: ArrayLike, num: Integer = 50, endpoint: bool = True, retstep: Literal[False] = False,
    dtype: DType = None, axis: Integer = 0,
) -> Tensor: ...  # fmt: skip
@overload
def linspace(
    start: ArrayLike, stop: ArrayLike, num: Integer = 50, endpoint: bool = True, *, retstep: Literal[True],
    dtype: DType = None, axis: Integer = 0,
) -> tuple[Tensor, Tensor]: ...  # fmt: skip
@overload
def linspace(
    start: ArrayLike, stop: ArrayLike, num: Integer, endpoint: bool, retstep: Literal[True], dtype: DType = None,
    axis: Integer = 0,
) -> tuple[Tensor, Tensor]: ...  # fmt: skip
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: Integer = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType = None,
    axis: Integer = 0,
) -> Any:
    """Return evenly spaced numbers over an interval.

    Parameters
    ----------
    start, stop : array-like
        The ends of the interval, or arrays of them, of shapes that broadcast. Floating; integers become float32.
    num : int
        The number of points, at least 0.
    endpoint : bool
        Whether `stop` is the last point.
    retstep : bool
        Whether to return the distance between the points, too.
    dtype : dtype, optional
        Of the result; None means the floating dtype of the ends. Fractions are cut off by an integer dtype.
    axis : int
        The dimension of the result along which the points lie.

    Returns
    -------
    Tensor, or tuple of two Tensors with `retstep`
        The points, of the broadcast shape of the ends with a dimension of size `num`, and their distance, of the
        broadcast shape. Gradients flow to the ends.

    Raises
    ------
    ArgumentError
        When `num` is not an integer, or is negative, or `endpoint` or `retstep` is not a bool.
    ShapeError
        When the ends do not broadcast, or the axis is out of range.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.linspace. NumPy, numpy.linspace.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.linspace(0.0, 1.0, 3)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    last, step = as_flag("linspace: endpoint", endpoint), as_flag("linspace: retstep", retstep)
    return NUMPY_FUNCTIONS[np.linspace](start, stop, num, last, step, dtype, axis)


def logspace(start: ArrayLike, stop: ArrayLike, num: Integer = 50, endpoint: bool = True, base: Real = 10) -> Tensor:
    """Return numbers whose logarithms are evenly spaced, `base ** linspace(start, stop, num)`.

    Parameters
    ----------
    start, stop : float
        The exponents of the first and the last number.
    num : int
        The number of points, at least 0.
    endpoint : bool
        Whether `base ** stop` is the last point.
    base : float
        What the exponents are of, above 0.

    Returns
    -------
    Tensor
        Of shape (num,), float32.

    Raises
    ------
    ArgumentError
        When `start` or `stop` is not a number, `num` is not an integer or is negative, or `base` is not above 0.

    References
    ----------
    Keras 3, keras.ops.logspace. NumPy, numpy.logspace.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.logspace(0.0, 2.0, 3)
    Tensor([  1.,  10., 100.], shape=(3,), dtype=float32)
    """
    exponents = creation.linspace(start, stop, num, endpoint=as_flag("logspace: endpoint", endpoint))
    return power(as_number("logspace: base", base, positive=True), exponents)


def tri(N: Integer, M: Integer | None = None, k: Integer = 0, dtype: DType = None) -> Tensor:
    """Return a matrix with ones on and below a diagonal, and zeros above it.

    Parameters
    ----------
    N : int
        The number of rows, at least 0.
    M : int, optional
        The number of columns; None means `N`.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.
    dtype : dtype, optional
        Of the result; None means float32.

    Returns
    -------
    Tensor
        Of shape (N, M).

    Raises
    ------
    ArgumentError
        When `N`, `M` or `k` is not an integer, or a size is negative.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.tri. NumPy, numpy.tri.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.tri(2)
    Tensor([[1., 0.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    return arranging.tril(creation.ones((N, N if M is None else M), dtype), k=k)


def vander(x: ArrayLike, N: Integer | None = None, increasing: bool = False) -> Tensor:
    """Return the Vandermonde matrix, whose columns are powers of a vector.

    Parameters
    ----------
    x : array-like, (n,)
        Integer or floating; booleans become integers.
    N : int, optional
        The number of columns; None means n. The powers go up to N - 1.
    increasing : bool
        Whether the powers rise from left to right; by default the highest comes first.

    Returns
    -------
    Tensor
        Of shape (n, N) and the dtype of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When `x` is not a vector.
    ArgumentError
        When `N` is not an integer, or is negative, or `increasing` is not a bool.

    References
    ----------
    Golub and Van Loan: Matrix computations, section 4.6. Keras 3, keras.ops.vander.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.vander([2, 3], 3)
    Tensor([[4, 2, 1],
            [9, 3, 1]], shape=(2, 3), dtype=int64)
    """
    return call(np.vander, x, N, as_flag("vander: increasing", increasing))


def diag(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return a diagonal of a matrix, or the matrix that has a vector on a diagonal.

    Parameters
    ----------
    x : array-like, (n,) or (m, n)
        Any dtype.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of the dtype of `x`: one dimension for a matrix, (n + abs(k), n + abs(k)) for a vector. Gradients flow through
        it.

    Raises
    ------
    ShapeError
        When `x` has neither one nor two dimensions.
    ArgumentError
        When `k` is not an integer.

    References
    ----------
    Keras 3, keras.ops.diag. NumPy, numpy.diag.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.diag([1, 2])
    Tensor([[1, 0],
            [0, 2]], shape=(2, 2), dtype=int64)
    >>> nn.ops.diag([[1, 2], [3, 4]])
    Tensor([1, 4], shape=(2,), dtype=int64)
    """
    return call(np.diag, x, as_integer("diag: k", k))


def diagflat(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return the matrix that has all elements of an array on a diagonal.

    Parameters
    ----------
    x : array-like
        Any shape and dtype; it is flattened.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of shape (n + abs(k), n + abs(k)) for n elements, and of the dtype of `x`. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When `k` is not an integer.

    References
    ----------
    Keras 3, keras.ops.diagflat. NumPy, numpy.diagflat.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.diagflat([[1, 2]])
    Tensor([[1, 0],
            [0, 2]], shape=(2, 2), dtype=int64)
    """
    return call(np.diagflat, *as_tensors("diagflat", [x]), as_integer("diagflat: k", k))
