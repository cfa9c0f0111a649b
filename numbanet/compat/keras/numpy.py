"""The functions of `keras.ops` from NumPy, other than those of shapes, with Keras 3's parameters and defaults."""

from __future__ import annotations

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.ops import arranging, sets
from numbanet.ops.by_numpy import floating
from numbanet.ops.elementwise import multiply
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Integer, Real, Side


def argpartition(x: ArrayLike, kth: Integer, axis: Integer = -1) -> Tensor:
    """Find positions that partition an array: here they sort it altogether.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.argpartition([3, 1, 2], 1)
    Tensor([1, 2, 0], shape=(3,), dtype=int64)
    """
    found: Tensor = call(np.argpartition, x, kth, axis)
    return found


def cbrt(x: ArrayLike) -> Tensor:
    """Compute the cube root.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.cbrt([8.0])
    Tensor([2.], shape=(1,), dtype=float32)
    """
    found: Tensor = call(np.cbrt, x)
    return found


def cross(
    x1: ArrayLike,
    x2: ArrayLike,
    axisa: Integer = -1,
    axisb: Integer = -1,
    axisc: Integer = -1,
    axis: Integer | None = None,
) -> Tensor:
    """Compute vectors at right angles to two others.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.cross([1, 0, 0], [0, 1, 0])
    Tensor([0, 0, 1], shape=(3,), dtype=int64)
    """
    found: Tensor = call(np.cross, x1, x2, axisa, axisb, axisc, axis)
    return found


def deg2rad(x: ArrayLike) -> Tensor:
    """Turn degrees into radians.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.deg2rad([180.0])
    Tensor([3.1415927], shape=(1,), dtype=float32)
    """
    found: Tensor = call(np.deg2rad, x)
    return found


def diff(a: ArrayLike, n: Integer = 1, axis: Integer = -1) -> Tensor:
    """Compute differences of neighbours along a dimension, `n` times.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.diff([1, 4, 9])
    Tensor([3, 5], shape=(2,), dtype=int64)
    """
    found: Tensor = arranging.diff(a, n=n, axis=axis)
    return found


def digitize(x: ArrayLike, bins: ArrayLike) -> Tensor:
    """Find the bins that elements lie in.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.digitize([0.5, 1.5], [0.0, 1.0])
    Tensor([1, 2], shape=(2,), dtype=int64)
    """
    found: Tensor = call(np.digitize, x, bins)
    return found


def exp2(x: ArrayLike) -> Tensor:
    """Compute `2 ** x`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.exp2([3.0])
    Tensor([8.], shape=(1,), dtype=float32)
    """
    found: Tensor = call(np.exp2, x)
    return found


def gcd(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Find the greatest common divisors of integers.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.gcd([6, 9], 4)
    Tensor([2, 1], shape=(2,), dtype=int64)
    """
    found: Tensor = call(np.gcd, x1, x2)
    return found


def heaviside(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute 0 below 0, 1 above, and `x2` at 0.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.heaviside([-1.0, 0.0, 1.0], 0.5)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    found: Tensor = call(np.heaviside, x1, x2)
    return found


def inner(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the sum of products along the last dimensions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.inner([1, 2], [3, 4])
    Tensor(11, shape=(), dtype=int64)
    """
    found: Tensor = call(np.inner, x1, x2)
    return found


def isclose(x1: ArrayLike, x2: ArrayLike, rtol: Real = 1e-5, atol: Real = 1e-8, equal_nan: bool = False) -> Tensor:
    """Return whether elements are nearly equal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isclose([1.0, 2.0], [1.0, 3.0])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    found: Tensor = call(np.isclose, x1, x2, rtol, atol, equal_nan)
    return found


def isin(x1: ArrayLike, x2: ArrayLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Return whether elements are among those of another array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isin([1, 2], [2, 3])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    found: Tensor = sets.isin(x1, x2, invert=invert)
    return found


def isneginf(x: ArrayLike) -> Tensor:
    """Return whether elements are minus infinity.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isneginf([-float('inf'), 1.0])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    found: Tensor = call(np.isneginf, x)
    return found


def isposinf(x: ArrayLike) -> Tensor:
    """Return whether elements are plus infinity.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isposinf([float('inf'), 1.0])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    found: Tensor = call(np.isposinf, x)
    return found


def isreal(x: ArrayLike) -> Tensor:
    """Return whether elements are real numbers: always.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.isreal([1.0])
    Tensor([ True], shape=(1,), dtype=bool)
    """
    found: Tensor = call(np.isreal, x)
    return found


def kron(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute every element of one times the whole of the other, as blocks.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.kron([1, 2], [1, 10])
    Tensor([ 1, 10,  2, 20], shape=(4,), dtype=int64)
    """
    found: Tensor = call(np.kron, x1, x2)
    return found


def lcm(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Find the least common multiples of integers.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.lcm([4, 6], 6)
    Tensor([12,  6], shape=(2,), dtype=int64)
    """
    found: Tensor = call(np.lcm, x1, x2)
    return found


def ldexp(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute `x1 * 2 ** x2`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.ldexp([1.0, 3.0], 2)
    Tensor([ 4., 12.], shape=(2,), dtype=float32)
    """
    x1, x2 = floating("ldexp", x1, x2)  # in the wider dtype, in which the power is large enough
    found: Tensor = multiply(x1, exp2(x2))
    return found


def logaddexp2(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute `log2(2 ** x1 + 2 ** x2)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.logaddexp2([1.0], [1.0])
    Tensor([2.], shape=(1,), dtype=float32)
    """
    found: Tensor = call(np.logaddexp2, x1, x2)
    return found


def nan_to_num(x: ArrayLike, nan: Real = 0.0, posinf: Real | None = None, neginf: Real | None = None) -> Tensor:
    """Put numbers in place of NaN and infinities.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nan_to_num([float('nan'), 1.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """
    found: Tensor = call(np.nan_to_num, x, nan=nan, posinf=posinf, neginf=neginf)
    return found


def round(x: ArrayLike, decimals: Integer = 0) -> Tensor:
    """Round to so many digits.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.round([1.234], 1)
    Tensor([1.2], shape=(1,), dtype=float32)
    """
    found: Tensor = call(np.round, x, decimals)
    return found


def searchsorted(sorted_sequence: ArrayLike, values: ArrayLike, side: Side = "left") -> Tensor:
    """Find the positions at which values would keep a sorted array sorted.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.searchsorted([1, 3, 5], [2])
    Tensor([1], shape=(1,), dtype=int64)
    """
    found: Tensor = sets.searchsorted(sorted_sequence, values, side=side)
    return found


def vdot(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the sum of the products of all elements.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.vdot([1, 2], [3, 4])
    Tensor(11, shape=(), dtype=int64)
    """
    found: Tensor = call(np.vdot, x1, x2)
    return found
