"""The functions of `keras.ops` that ask something of each element, and answer with booleans."""

from __future__ import annotations

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.core.checks import as_flag, as_number
from numbanet.core.shapes import broadcast_shapes
from numbanet.ops import sets
from numbanet.tensor.tensor import Tensor, as_tensors, asarray
from numbanet.typing import ArrayLike, Real


def isclose(x1: ArrayLike, x2: ArrayLike, rtol: Real = 1e-5, atol: Real = 1e-8, equal_nan: bool = False) -> Tensor:
    """Return whether elements are equal within a tolerance, `abs(x1 - x2) <= atol + rtol * abs(x2)`.

    Parameters
    ----------
    x1, x2 : array-like
        Of shapes that broadcast; any dtype.
    rtol, atol : float
        The relative and the absolute tolerance, at least 0.
    equal_nan : bool
        Whether NaN is close to NaN.

    Returns
    -------
    Tensor
        Of the broadcast shape, bool. An infinity is close to the same infinity alone.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    ArgumentError
        When a tolerance is not a finite number of at least 0, or `equal_nan` is not a bool.

    References
    ----------
    Keras 3, keras.ops.isclose. NumPy, numpy.isclose.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isclose([1.0, 2.0], [1.0, 3.0])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    x1, x2 = as_tensors("isclose", (x1, x2))
    broadcast_shapes("isclose", x1.shape, x2.shape)  # its error
    relative, absolute = as_number("isclose: rtol", rtol, low=0.0), as_number("isclose: atol", atol, low=0.0)
    return call(np.isclose, x1, x2, relative, absolute, as_flag("isclose: equal_nan", equal_nan))


def isin(x1: ArrayLike, x2: ArrayLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Return whether elements are among those of another array.

    Parameters
    ----------
    x1 : array-like
        Any shape and dtype.
    x2 : array-like
        The elements to look for, of any shape. Dtypes promote.
    assume_unique : bool
        Whether both hold distinct elements. They need not here, so that it changes nothing.
    invert : bool
        Whether to ask for elements that are not among those of `x2`.

    Returns
    -------
    Tensor
        Of the shape of `x1`, bool.

    Raises
    ------
    DTypeError
        When a dtype is not supported.
    ArgumentError
        When `invert` is not a bool.

    References
    ----------
    Keras 3, keras.ops.isin. NumPy, numpy.isin.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isin([1, 2], [2, 3])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    as_flag("isin: assume_unique", assume_unique)  # which only tells how the search may be done
    return sets.isin(x1, x2, invert=as_flag("isin: invert", invert))


def isneginf(x: ArrayLike) -> Tensor:
    """Return whether elements are minus infinity.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of the shape of `x`, bool.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.isneginf. NumPy, numpy.isneginf.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isneginf([-float("inf"), 1.0])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return call(np.isneginf, asarray(x))


def isposinf(x: ArrayLike) -> Tensor:
    """Return whether elements are plus infinity.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of the shape of `x`, bool.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.isposinf. NumPy, numpy.isposinf.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isposinf([float("inf"), 1.0])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return call(np.isposinf, asarray(x))


def isreal(x: ArrayLike) -> Tensor:
    """Return whether elements are real numbers, which all are: numbanet has no complex ones.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of the shape of `x`, bool.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.isreal. NumPy, numpy.isreal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isreal([1.0])
    Tensor([ True], shape=(1,), dtype=bool)
    """
    return call(np.isreal, asarray(x))
