"""The functions of `keras.ops` from NumPy that compute each element by itself, with Keras 3's parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.core.shapes import broadcast_shapes
from numbanet.errors import DTypeError
from numbanet.ops.by_numpy import floating
from numbanet.ops.elementwise import clip, floor, multiply, subtract
from numbanet.tensor.tensor import Tensor, as_tensors, asarray, in_common_dtype, put
from numbanet.typing import ArrayLike, Integer, Real


def cbrt(x: ArrayLike) -> Tensor:
    """Compute the cube root, of negative numbers too.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.cbrt. NumPy, numpy.cbrt.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.cbrt([8.0, -27.0])
    Tensor([ 2., -3.], shape=(2,), dtype=float32)
    """
    return call(np.cbrt, x)


def deg2rad(x: ArrayLike) -> Tensor:
    """Convert angles from degrees to radians, `x * pi / 180`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.deg2rad. NumPy, numpy.deg2rad.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.deg2rad([180.0])
    Tensor([3.1415927], shape=(1,), dtype=float32)
    """
    return call(np.deg2rad, x)


def exp2(x: ArrayLike) -> Tensor:
    """Compute `2 ** x`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.exp2. NumPy, numpy.exp2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.exp2([3.0])
    Tensor([8.], shape=(1,), dtype=float32)
    """
    return call(np.exp2, x)


def ldexp(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute `x1 * 2 ** x2`, also where the power alone is beyond the range of the dtype.

    Parameters
    ----------
    x1 : array-like
        Any shape. Floating; integers become float32.
    x2 : integer array-like
        The exponents, of a shape that broadcasts.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype. Gradients flow to `x1`.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When the exponents are not integers.

    References
    ----------
    Keras 3, keras.ops.ldexp. NumPy, numpy.ldexp.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.ldexp([1.0, 3.0], 2)
    Tensor([ 4., 12.], shape=(2,), dtype=float32)
    """
    if asarray(x2).dtype.kind not in "iu":
        raise DTypeError(f"ldexp: the exponents x2 must be integers, got {asarray(x2).dtype}")
    x1, x2 = floating("ldexp", x1, x2)  # in the wider dtype, which holds the exponents
    limits = np.finfo(x1.dtype)
    widest = float(limits.maxexp - limits.minexp + limits.nmant + 2)  # from the smallest number to infinity
    x2 = clip(x2, -widest, widest)
    third = floor(x2 / 3.0)  # since one power of 2, or two, would overflow
    for part in (third, third, subtract(x2, 2.0 * third)):
        x1 = multiply(x1, exp2(part))
    return x1


def logaddexp2(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute `log2(2 ** x1 + 2 ** x2)` without overflow.

    Parameters
    ----------
    x1, x2 : array-like
        Of shapes that broadcast. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.logaddexp2. NumPy, numpy.logaddexp2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.logaddexp2([1.0], [1.0])
    Tensor([2.], shape=(1,), dtype=float32)
    """
    return call(np.logaddexp2, x1, x2)


def heaviside(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the Heaviside step function: 0 for negative numbers, 1 for positive ones, and `x2` for 0.

    Parameters
    ----------
    x1 : array-like
        Any shape. Floating; integers become float32.
    x2 : array-like
        The values at 0, of a shape that broadcasts.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype; NaN where `x1` is NaN. Gradients flow to `x2` where
        `x1` is 0.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.heaviside. NumPy, numpy.heaviside.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.heaviside([-1.0, 0.0, 1.0], 0.5)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return call(np.heaviside, x1, x2)


def nan_to_num(x: ArrayLike, nan: Real = 0.0, posinf: Real | None = None, neginf: Real | None = None) -> Tensor:
    """Put numbers in place of NaN and infinities.

    Parameters
    ----------
    x : array-like
        Any shape and dtype; only floating arrays change.
    nan : float
        What stands for NaN.
    posinf : float, optional
        What stands for infinity; None means the largest number of the dtype.
    neginf : float, optional
        What stands for minus infinity; None means the smallest number of the dtype.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. Gradients flow to the elements that stay.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.nan_to_num. NumPy, numpy.nan_to_num.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.nan_to_num([float("nan"), 1.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """
    return call(np.nan_to_num, x, nan=nan, posinf=posinf, neginf=neginf)


def round(x: ArrayLike, decimals: Integer = 0) -> Tensor:
    """Round to decimals; halves go to the even neighbour.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    decimals : int
        The number of digits behind the point; negative ones round to tens, hundreds and so on.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. Its gradient is zero.

    Raises
    ------
    ArgumentError
        When `decimals` is not an integer, or is negative for integers.

    References
    ----------
    Keras 3, keras.ops.round. NumPy, numpy.round.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.round([1.234], 1)
    Tensor([1.2], shape=(1,), dtype=float32)
    """
    return call(np.round, x, decimals)


def gcd(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the greatest common divisor of integers.

    Parameters
    ----------
    x1, x2 : integer array-like
        Of shapes that broadcast.

    Returns
    -------
    Tensor
        Not negative; of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not one of integers.

    References
    ----------
    Euclid: Elements, book VII, proposition 2. Keras 3, keras.ops.gcd.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.gcd([6, 9], 4)
    Tensor([2, 1], shape=(2,), dtype=int64)
    """
    return _of_integers("gcd", np.gcd, x1, x2)


def lcm(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the least common multiple of integers.

    Parameters
    ----------
    x1, x2 : integer array-like
        Of shapes that broadcast.

    Returns
    -------
    Tensor
        Not negative; of the broadcast shape and the promoted dtype. It is 0 where one of them is 0.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not one of integers.

    References
    ----------
    Euclid: Elements, book VII, proposition 34. Keras 3, keras.ops.lcm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.lcm([4, 6], 6)
    Tensor([12,  6], shape=(2,), dtype=int64)
    """
    return _of_integers("lcm", np.lcm, x1, x2)


def _of_integers(name: str, function: Callable[..., Any], x1: ArrayLike, x2: ArrayLike) -> Tensor:
    first, second = in_common_dtype(name, as_tensors(name, (x1, x2)))
    if first.dtype.kind not in "iu":
        raise DTypeError(f"{name}: needs integers, got {first.dtype}")
    broadcast_shapes(name, first.shape, second.shape)  # its error
    return put(np.asarray(function(first.numpy(), second.numpy())), first.device)
