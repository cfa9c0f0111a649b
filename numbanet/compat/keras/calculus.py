"""The functions of `keras.ops` for differences and integrals of samples."""

from __future__ import annotations

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.ops import arranging
from numbanet.tensor.tensor import Tensor, as_tensors, asarray
from numbanet.typing import ArrayLike, Integer, Real


def diff(a: ArrayLike, n: Integer = 1, axis: Integer = -1) -> Tensor:
    """Compute the differences of neighbours along a dimension.

    Parameters
    ----------
    a : array-like
        Of at least one dimension. Booleans differ where they are not equal.
    n : int
        How many times to take differences, at least 0.
    axis : int
        The dimension.

    Returns
    -------
    Tensor
        Of the dtype of `a`, with `n` elements fewer along the dimension. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the axis is out of range.
    ArgumentError
        When `n` is not an integer, or is negative.

    References
    ----------
    Keras 3, keras.ops.diff. NumPy, numpy.diff.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.diff([1, 4, 9])
    Tensor([3, 5], shape=(2,), dtype=int64)
    """
    return arranging.diff(a, n=n, axis=axis)


def trapezoid(y: ArrayLike, x: ArrayLike | None = None, dx: Real = 1.0, axis: Integer = -1) -> Tensor:
    """Compute the integral of samples by the trapezoidal rule, the sum of `(y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i])`.

    Parameters
    ----------
    y : array-like
        The samples; integers become floating.
    x : array-like, optional
        Where they were taken: a vector for the dimension, or an array of the dimensions of `y`. None means at equal
        distances `dx`.
    dx : float
        The distance of samples if there is no `x`.
    axis : int
        The dimension.

    Returns
    -------
    Tensor
        Without that dimension. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the axis is out of range, or `x` does not have as many elements along it.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Press et al.: Numerical recipes, section 4.1. Keras 3, keras.ops.trapezoid.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.trapezoid([1.0, 2.0, 3.0])
    Tensor(4., shape=(), dtype=float32)
    """
    y, places = (asarray(y), None) if x is None else as_tensors("trapezoid", (y, x))
    return call(np.trapezoid, y, places, dx, axis)
