"""The smooth activations of `keras.ops` that numbanet has in no other place."""

from __future__ import annotations

from numbanet.core.checks import as_flag, as_number
from numbanet.ops import activations
from numbanet.ops.activations import elu, gelu_tanh, sigmoid
from numbanet.ops.elementwise import abs, sqrt, square
from numbanet.ops.functions import tanh
from numbanet.ops.shaping import split
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Integer, Real


def celu(x: ArrayLike, alpha: Real = 1.0) -> Tensor:
    """Compute the continuously differentiable ELU, `max(x, 0) + min(0, alpha * (e ** (x / alpha) - 1))`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    alpha : float
        Minus the limit for small `x`, above 0.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When `alpha` is not a finite number above 0.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Barron: Continuously differentiable exponential linear units, arXiv:1704.07483, 2017. Keras 3, keras.ops.celu.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.celu([-100.0, 2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """
    scale = as_number("celu: alpha", alpha, positive=True)
    return elu(asarray(x) / scale) * scale


def gelu(x: ArrayLike, approximate: bool = True) -> Tensor:
    """Compute the Gaussian error linear unit, `x` times the probability that a standard normal number is below `x`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    approximate : bool
        Whether to compute `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))`, which is close to it.
        `nn.gelu` is exact.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When `approximate` is not a bool.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Hendrycks and Gimpel: Gaussian error linear units (GELUs), arXiv:1606.08415, 2016. Keras 3, keras.ops.gelu.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.gelu([0.0, 100.0])
    Tensor([  0., 100.], shape=(2,), dtype=float32)
    """
    return (gelu_tanh if as_flag("gelu: approximate", approximate) else activations.gelu)(x)


def glu(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """Compute the gated linear unit, the first half of the elements along an axis times the sigmoid of the second.

    Parameters
    ----------
    x : array-like
        With an even size along the axis. Floating; integers become float32.
    axis : int
        The dimension that is halved.

    Returns
    -------
    Tensor
        With half the size along the axis, of the floating dtype. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the size is odd, or the axis is out of range.

    References
    ----------
    Dauphin et al.: Language modeling with gated convolutional networks, arXiv:1612.08083, 2016. Keras 3,
    keras.ops.glu.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.glu([1.0, 0.0])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    first, second = split(x, 2, axis)
    return first * sigmoid(second)


def softsign(x: ArrayLike) -> Tensor:
    """Compute `x / (1 + abs(x))`, which approaches -1 and 1.

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
    Glorot and Bengio: Understanding the difficulty of training deep feedforward neural networks, AISTATS, 2010.
    Keras 3, keras.ops.softsign.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.softsign([1.0])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    x = asarray(x)
    return x / (1.0 + abs(x))


def squareplus(x: ArrayLike, b: Real = 4) -> Tensor:
    """Compute `(x + sqrt(x ** 2 + b)) / 2`, which is like softplus and needs no exponential.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    b : float
        How smooth the bend at 0 is, at least 0; 0 gives relu.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When `b` is not a finite number of at least 0.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Barron: Squareplus: a softplus-like algebraic rectifier, arXiv:2112.11687, 2021. Keras 3, keras.ops.squareplus.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.squareplus([0.0])
    Tensor([1.], shape=(1,), dtype=float32)
    """
    x = asarray(x)
    return (x + sqrt(square(x) + as_number("squareplus: b", b, low=0.0))) / 2.0


def tanh_shrink(x: ArrayLike) -> Tensor:
    """Compute `x - tanh(x)`.

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
    Keras 3, keras.ops.tanh_shrink.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.tanh_shrink([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """
    x = asarray(x)
    return x - tanh(x)
