"""The functions of `keras.ops` from many elements to few, with Keras 3's parameters and defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Axis, Integer, Real


def average(x: ArrayLike, axis: Axis = None, weights: ArrayLike | None = None) -> Tensor:
    """Compute the mean, weighted if there are weights.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.average([1.0, 3.0], weights=[3.0, 1.0])
    Tensor(1.5, shape=(), dtype=float32)
    """
    found: Tensor = call(np.average, x, axis, weights)
    return found


def corrcoef(x: ArrayLike) -> Tensor:
    """Compute the correlations of variables, each a row.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.corrcoef([[1.0, 2.0], [2.0, 1.0]])
    Tensor([[ 1., -1.],
            [-1.,  1.]], shape=(2, 2), dtype=float32)
    """
    found: Tensor = call(np.corrcoef, x)
    return found


def histogram(x: ArrayLike, bins: Any = 10, range: Any = None) -> tuple[Tensor, ...]:
    """Count elements in bins; returns counts and edges.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.histogram([1.0, 2.0, 2.0], 2)
    (Tensor([1, 2], shape=(2,), dtype=int64), Tensor([1. , 1.5, 2. ], shape=(3,), dtype=float32))
    """
    found: tuple[Tensor, ...] = tuple(call(np.histogram, x, bins, range))
    return found


def nanmax(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Find the largest element that is not NaN.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanmax([1.0, float('nan')])
    Tensor(1., shape=(), dtype=float32)
    """
    found: Tensor = call(np.nanmax, x, axis=axis, keepdims=keepdims)
    return found


def nanmean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the mean of the elements that are not NaN.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanmean([1.0, float('nan')])
    Tensor(1., shape=(), dtype=float32)
    """
    found: Tensor = call(np.nanmean, x, axis=axis, keepdims=keepdims)
    return found


def nanmin(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Find the smallest element that is not NaN.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanmin([1.0, float('nan')])
    Tensor(1., shape=(), dtype=float32)
    """
    found: Tensor = call(np.nanmin, x, axis=axis, keepdims=keepdims)
    return found


def nanprod(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the product of the elements that are not NaN.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nanprod([2.0, float('nan')])
    Tensor(2., shape=(), dtype=float32)
    """
    found: Tensor = call(np.nanprod, x, axis=axis, keepdims=keepdims)
    return found


def nansum(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the sum of the elements that are not NaN.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nansum([1.0, float('nan')])
    Tensor(1., shape=(), dtype=float32)
    """
    found: Tensor = call(np.nansum, x, axis=axis, keepdims=keepdims)
    return found


def ptp(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the largest minus the smallest element.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.ptp([1, 5, 3])
    Tensor(4, shape=(), dtype=int64)
    """
    found: Tensor = call(np.ptp, x, axis=axis, keepdims=keepdims)
    return found


def quantile(x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Compute quantiles.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.quantile([1.0, 2.0, 3.0], 0.5)
    Tensor(2., shape=(), dtype=float32)
    """
    found: Tensor = call(np.quantile, x, q, axis, method=method, keepdims=keepdims)
    return found


def trapezoid(y: ArrayLike, x: ArrayLike | None = None, dx: Real = 1.0, axis: Integer = -1) -> Tensor:
    """Compute the integral by the trapezoidal rule.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.trapezoid([1.0, 2.0, 3.0])
    Tensor(4., shape=(), dtype=float32)
    """
    found: Tensor = call(np.trapezoid, y, x, dx, axis)
    return found
