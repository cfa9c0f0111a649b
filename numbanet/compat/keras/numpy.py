"""The functions of `keras.ops` from NumPy, other than those of shapes, with Keras 3's parameters and defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.ops import arranging, sets
from numbanet.ops.elementwise import multiply
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Axis, Integer, Real, Side


def argpartition(x: ArrayLike, kth: Integer, axis: Integer = -1) -> Tensor:
    """Find positions that partition an array: here they sort it altogether."""
    found: Tensor = call(np.argpartition, x, kth, axis)
    return found


def average(x: ArrayLike, axis: Axis = None, weights: ArrayLike | None = None) -> Tensor:
    """Compute the mean, weighted if there are weights."""
    found: Tensor = call(np.average, x, axis, weights)
    return found


def cbrt(x: ArrayLike) -> Tensor:
    """Compute the cube root."""
    found: Tensor = call(np.cbrt, x)
    return found


def corrcoef(x: ArrayLike) -> Tensor:
    """Compute the correlations of variables, each a row."""
    found: Tensor = call(np.corrcoef, x)
    return found


def cross(
    x1: ArrayLike,
    x2: ArrayLike,
    axisa: Integer = -1,
    axisb: Integer = -1,
    axisc: Integer = -1,
    axis: Integer | None = None,
) -> Tensor:
    """Compute vectors at right angles to two others."""
    found: Tensor = call(np.cross, x1, x2, axisa, axisb, axisc, axis)
    return found


def deg2rad(x: ArrayLike) -> Tensor:
    """Turn degrees into radians."""
    found: Tensor = call(np.deg2rad, x)
    return found


def diff(a: ArrayLike, n: Integer = 1, axis: Integer = -1) -> Tensor:
    """Compute differences of neighbours along a dimension, `n` times."""
    found: Tensor = arranging.diff(a, n=n, axis=axis)
    return found


def digitize(x: ArrayLike, bins: ArrayLike) -> Tensor:
    """Find the bins that elements lie in."""
    found: Tensor = call(np.digitize, x, bins)
    return found


def exp2(x: ArrayLike) -> Tensor:
    """Compute `2 ** x`."""
    found: Tensor = call(np.exp2, x)
    return found


def gcd(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Find the greatest common divisors of integers."""
    found: Tensor = call(np.gcd, x1, x2)
    return found


def heaviside(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute 0 below 0, 1 above, and `x2` at 0."""
    found: Tensor = call(np.heaviside, x1, x2)
    return found


def histogram(x: ArrayLike, bins: Any = 10, range: Any = None) -> tuple[Tensor, ...]:
    """Count elements in bins; returns counts and edges."""
    found: tuple[Tensor, ...] = tuple(call(np.histogram, x, bins, range))
    return found


def inner(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the sum of products along the last dimensions."""
    found: Tensor = call(np.inner, x1, x2)
    return found


def isclose(x1: ArrayLike, x2: ArrayLike, rtol: Real = 1e-5, atol: Real = 1e-8, equal_nan: bool = False) -> Tensor:
    """Return whether elements are nearly equal."""
    found: Tensor = call(np.isclose, x1, x2, rtol, atol, equal_nan)
    return found


def isin(x1: ArrayLike, x2: ArrayLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Return whether elements are among those of another array."""
    found: Tensor = sets.isin(x1, x2, invert=invert)
    return found


def isneginf(x: ArrayLike) -> Tensor:
    """Return whether elements are minus infinity."""
    found: Tensor = call(np.isneginf, x)
    return found


def isposinf(x: ArrayLike) -> Tensor:
    """Return whether elements are plus infinity."""
    found: Tensor = call(np.isposinf, x)
    return found


def isreal(x: ArrayLike) -> Tensor:
    """Return whether elements are real numbers: always."""
    found: Tensor = call(np.isreal, x)
    return found


def kron(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute every element of one times the whole of the other, as blocks."""
    found: Tensor = call(np.kron, x1, x2)
    return found


def lcm(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Find the least common multiples of integers."""
    found: Tensor = call(np.lcm, x1, x2)
    return found


def ldexp(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute `x1 * 2 ** x2`."""
    found: Tensor = multiply(x1, exp2(x2))
    return found


def logaddexp2(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute `log2(2 ** x1 + 2 ** x2)`."""
    found: Tensor = call(np.logaddexp2, x1, x2)
    return found


def nan_to_num(x: ArrayLike, nan: Real = 0.0, posinf: Real | None = None, neginf: Real | None = None) -> Tensor:
    """Put numbers in place of NaN and infinities."""
    found: Tensor = call(np.nan_to_num, x, nan=nan, posinf=posinf, neginf=neginf)
    return found


def nanmax(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Find the largest element that is not NaN."""
    found: Tensor = call(np.nanmax, x, axis=axis, keepdims=keepdims)
    return found


def nanmean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the mean of the elements that are not NaN."""
    found: Tensor = call(np.nanmean, x, axis=axis, keepdims=keepdims)
    return found


def nanmin(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Find the smallest element that is not NaN."""
    found: Tensor = call(np.nanmin, x, axis=axis, keepdims=keepdims)
    return found


def nanprod(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the product of the elements that are not NaN."""
    found: Tensor = call(np.nanprod, x, axis=axis, keepdims=keepdims)
    return found


def nansum(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the sum of the elements that are not NaN."""
    found: Tensor = call(np.nansum, x, axis=axis, keepdims=keepdims)
    return found


def ptp(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the largest minus the smallest element."""
    found: Tensor = call(np.ptp, x, axis=axis, keepdims=keepdims)
    return found


def quantile(x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Compute quantiles."""
    found: Tensor = call(np.quantile, x, q, axis, method=method, keepdims=keepdims)
    return found


def round(x: ArrayLike, decimals: Integer = 0) -> Tensor:
    """Round to so many digits."""
    found: Tensor = call(np.round, x, decimals)
    return found


def searchsorted(sorted_sequence: ArrayLike, values: ArrayLike, side: Side = "left") -> Tensor:
    """Find the positions at which values would keep a sorted array sorted."""
    found: Tensor = sets.searchsorted(sorted_sequence, values, side=side)
    return found


def trapezoid(y: ArrayLike, x: ArrayLike | None = None, dx: Real = 1.0, axis: Integer = -1) -> Tensor:
    """Compute the integral by the trapezoidal rule."""
    found: Tensor = call(np.trapezoid, y, x, dx, axis)
    return found


def vdot(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the sum of the products of all elements."""
    found: Tensor = call(np.vdot, x1, x2)
    return found
