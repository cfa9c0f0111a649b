"""The reductions of `keras.ops` that leave out NaN."""

from __future__ import annotations

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Axis


def nanmax(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the largest element that is not NaN.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the dtype of `x`; NaN where all elements are. Gradients flow through it.

    Raises
    ------
    ShapeError
        When there is nothing to reduce, or an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.nanmax. NumPy, numpy.nanmax.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanmax([1.0, float("nan")])
    Tensor(1., shape=(), dtype=float32)
    """
    return call(np.nanmax, x, axis=axis, keepdims=keepdims)


def nanmean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the mean of the elements that are not NaN.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the floating dtype; NaN where there is no other element. Gradients flow to the elements that are not NaN.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.nanmean. NumPy, numpy.nanmean.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanmean([1.0, 3.0, float("nan")])
    Tensor(2., shape=(), dtype=float32)
    """
    return call(np.nanmean, x, axis=axis, keepdims=keepdims)


def nanmin(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the smallest element that is not NaN.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the dtype of `x`; NaN where all elements are. Gradients flow through it.

    Raises
    ------
    ShapeError
        When there is nothing to reduce, or an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.nanmin. NumPy, numpy.nanmin.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanmin([1.0, float("nan")])
    Tensor(1., shape=(), dtype=float32)
    """
    return call(np.nanmin, x, axis=axis, keepdims=keepdims)


def nanprod(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the product of the elements that are not NaN.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the dtype of `x`, 64 bits wide for integers; 1 where there is no other element. Gradients flow to the
        elements that are not NaN.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.nanprod. NumPy, numpy.nanprod.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanprod([2.0, 3.0, float("nan")])
    Tensor(6., shape=(), dtype=float32)
    """
    return call(np.nanprod, x, axis=axis, keepdims=keepdims)


def nansum(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the sum of the elements that are not NaN.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the dtype of `x`, 64 bits wide for integers; 0 where there is no other element. Gradients flow to the
        elements that are not NaN.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.nansum. NumPy, numpy.nansum.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nansum([1.0, 2.0, float("nan")])
    Tensor(3., shape=(), dtype=float32)
    """
    return call(np.nansum, x, axis=axis, keepdims=keepdims)
