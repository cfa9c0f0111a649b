"""From many elements to few: medians, traces, counts."""

from __future__ import annotations

import numpy as np

from numbanet.compat.shapes import diagonal
from numbanet.core.dtypes import accumulator_dtype, is_float
from numbanet.core.shapes import as_size
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.numpy_functions import reductions
from numbanet.ops.indexing import put_back
from numbanet.ops.reduce import sum
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import ArrayLike, Axis, Integer


def median(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the median, the middle element in ascending order, or the mean of the middle two.

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
        NaN where there is one. Gradients flow to the middle elements.

    Raises
    ------
    ShapeError
        When there is nothing to reduce, or an axis is out of range.

    References
    ----------
    NumPy, numpy.median. Keras 3, keras.ops.median.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.median([3.0, 1.0, 10.0, 2.0])
    Tensor(2.5, shape=(), dtype=float32)
    """
    return reductions.median(x, axis=axis, keepdims=keepdims)


def trace(x: ArrayLike, offset: Integer = 0, axis1: Integer = 0, axis2: Integer = 1) -> Tensor:
    """Compute the sum along the diagonal of two dimensions.

    Parameters
    ----------
    x : array-like
        Of at least two dimensions; any dtype.
    offset : int
        Which diagonal: 0 is the main one, those above it are positive.
    axis1, axis2 : int
        The rows and the columns. `nn.linalg.trace` takes the last two dimensions.

    Returns
    -------
    Tensor
        Of the other dimensions. Gradients flow through it.

    Raises
    ------
    ShapeError
        When there are fewer than two dimensions, or an axis is out of range.
    ArgumentError
        When `offset` or an axis is not an integer.

    References
    ----------
    NumPy, numpy.trace. Keras 3, keras.ops.trace.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5., shape=(), dtype=float32)
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def bincount(x: ArrayLike, weights: ArrayLike | None = None, minlength: Integer = 0) -> Tensor:
    """Count how often each integer occurs, from 0 to the largest one, or add up the weights of each.

    Parameters
    ----------
    x : integer array-like, (n,)
        0 or more.
    weights : array-like, (n,), optional
        What each element counts. Gradients flow to them.
    minlength : int
        The least length of the result.

    Returns
    -------
    Tensor
        Counts, int64, or sums of the weights, of their dtype or of 64 bits for integers; of one dimension.

    Raises
    ------
    ShapeError
        When `x` is not a vector, or the weights do not have its shape.
    DTypeError
        When `x` does not hold integers.
    ArgumentError
        When an element, or `minlength`, is negative.

    References
    ----------
    NumPy, numpy.bincount. Keras 3, keras.ops.bincount.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bincount([1, 1, 3])
    Tensor([0, 2, 0, 1], shape=(4,), dtype=int64)
    >>> nn.bincount([1, 1, 3], weights=[0.5, 0.5, 2.0])
    Tensor([0., 1., 0., 2.], shape=(4,), dtype=float32)
    """
    x, least = asarray(x), as_size("bincount: minlength", minlength)
    if x.dtype.kind not in "iu":
        raise DTypeError(f"bincount: needs integers, got {x.dtype}")
    if x.ndim != 1:
        raise ShapeError(f"bincount: needs one dimension, got shape {x.shape}")
    values = x.numpy()
    if values.size and values.min() < 0:
        raise ArgumentError(f"bincount: needs integers from 0, got {int(values.min())}")
    if weights is None:
        return put(np.bincount(values.astype(np.int64), minlength=least), x.device)
    w = asarray(weights)
    if w.shape != x.shape:
        raise ShapeError(f"bincount: weights of shape {w.shape} do not fit {x.shape}")
    length = max(least, int(values.max()) + 1 if values.size else 0)
    return put_back(summable(w), values.astype(np.int64), (length,))


def summable(x: Tensor) -> Tensor:
    """Return integers in the dtype in which sums of them are taken, 64 bits wide; floats as they are."""
    return x if is_float(x.dtype) else x.astype(accumulator_dtype(x.dtype))
