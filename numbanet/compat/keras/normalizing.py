"""The normalizations of `keras.ops`, with Keras 3's parameters."""

from __future__ import annotations

from numbanet.compat.neural import l2_normalize
from numbanet.core.checks import as_number
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ShapeError
from numbanet.linalg import vector_norm
from numbanet.losses.targets import floating
from numbanet.ops.elementwise import add, maximum, multiply, rsqrt, square
from numbanet.ops.reduce import mean as mean_of
from numbanet.tensor.tensor import Tensor, as_tensors
from numbanet.typing import ArrayLike, Axis, Integer, Real


def _least(name: str, epsilon: Real | None) -> float:
    """Keras's backend.epsilon() stands for None."""
    return 1e-7 if epsilon is None else as_number(f"{name}: epsilon", epsilon, low=0.0)


def normalize(x: ArrayLike, axis: Axis = -1, order: Real = 2, epsilon: Real | None = None) -> Tensor:
    """Divide vectors by their norm, or by `epsilon` where that is larger.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int, tuple of int, or None
        Along which vectors lie; None takes all elements for one vector.
    order : float
        The order of the norm, above 0: 2 is the Euclidean one, 1 the sum of absolute values.
    epsilon : float, optional
        The least norm that is divided by; None means 1e-7.

    Returns
    -------
    Tensor
        `x / max(norm(x, order), epsilon)`, of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When `order` is not a finite number above 0, or `epsilon` is negative.

    References
    ----------
    Keras 3, keras.ops.normalize.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.normalize([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """
    power = as_number("normalize: order", order, positive=True)
    least = _least("normalize", epsilon)
    if power == 2:
        return l2_normalize(x, axis, least**2)
    x = floating(x)
    return x / maximum(vector_norm(x, axis, True, power), least)


def batch_normalization(
    x: ArrayLike, mean: ArrayLike, variance: ArrayLike, axis: Integer, offset: ArrayLike | None = None,
    scale: ArrayLike | None = None, epsilon: Real = 1e-3,
) -> Tensor:  # fmt: skip
    """Compute `(x - mean) / sqrt(variance + epsilon) * scale + offset`, with one number of each for each channel.

    Parameters
    ----------
    x : array-like
        Of at least one dimension. Floating; integers become float32.
    mean, variance : array-like, (channels,)
        The moments of the channels.
    axis : int
        The dimension of the channels.
    offset, scale : array-like, (channels,), optional
        None means no offset, and no scale.
    epsilon : float
        What is added to the variance, at least 0.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow to all arrays.

    Raises
    ------
    ShapeError
        When a vector does not have one element per channel, or the axis is out of range.
    ArgumentError
        When `epsilon` is not a finite number of at least 0.

    References
    ----------
    Ioffe and Szegedy: Batch normalization, arXiv:1502.03167, 2015, algorithm 1. Keras 3, keras.ops.batch_normalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.batch_normalization([[1.0, 2.0]], [1.0, 0.0], [1.0, 1.0], -1, epsilon=0.0)
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """
    x = floating(x)
    at = normalize_axis("batch_normalization", axis, x.ndim)

    def along(vector: ArrayLike) -> Tensor:
        v = as_tensors("batch_normalization", (x, vector))[1]
        if v.shape != (x.shape[at],):
            raise ShapeError(f"batch_normalization: vectors must have {x.shape[at]} elements, got shape {v.shape}")
        return v.reshape([-1 if d == at else 1 for d in range(x.ndim)])

    found = (x - along(mean)) * rsqrt(along(variance) + as_number("batch_normalization: epsilon", epsilon, low=0.0))
    found = found if scale is None else found * along(scale)
    return found if offset is None else found + along(offset)


def layer_normalization(
    x: ArrayLike,
    gamma: ArrayLike | None = None,
    beta: ArrayLike | None = None,
    axis: Axis = -1,
    epsilon: Real | None = None,
) -> Tensor:
    """Compute `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the moments of each vector itself.

    Parameters
    ----------
    x : array-like
        Of at least one dimension. Floating; integers become float32.
    gamma, beta : array-like, optional
        Of shapes that broadcast with `x`; None means no scale, and no offset.
    axis : int, tuple of int, or None
        Along which vectors lie; None takes all elements for one vector.
    epsilon : float, optional
        What is added to the variance, at least 0; 1e-7 by default.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow to all arrays.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast, there is nothing to take the mean of, or an axis is out of range.
    ArgumentError
        When `epsilon` is not a finite number of at least 0.

    References
    ----------
    Ba, Kiros and Hinton: Layer normalization, arXiv:1607.06450, 2016. Keras 3, keras.ops.layer_normalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.layer_normalization([1.0, 3.0], epsilon=0.0)
    Tensor([-1.,  1.], shape=(2,), dtype=float32)
    """
    x = floating(x)
    centred = x - mean_of(x, axis=axis, keepdims=True)
    least = _least("layer_normalization", epsilon)
    found = centred * rsqrt(mean_of(square(centred), axis=axis, keepdims=True) + least)
    found = found if gamma is None else multiply(found, gamma)
    return found if beta is None else add(found, beta)


def rms_normalization(
    x: ArrayLike, scale: ArrayLike | None = None, axis: Axis = -1, epsilon: Real | None = None
) -> Tensor:
    """Compute `x / sqrt(mean(x ** 2) + epsilon) * scale`, with the mean square of each vector itself.

    Parameters
    ----------
    x : array-like
        Of at least one dimension. Floating; integers become float32.
    scale : array-like, optional
        Of a shape that broadcasts with `x`; None means no scale.
    axis : int, tuple of int, or None
        Along which vectors lie; None takes all elements for one vector.
    epsilon : float, optional
        What is added to the mean square, at least 0; None means 1e-7.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow to both arrays.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast, there is nothing to take the mean of, or an axis is out of range.
    ArgumentError
        When `epsilon` is not a finite number of at least 0.

    References
    ----------
    Zhang and Sennrich: Root mean square layer normalization, arXiv:1910.07467, 2019. Keras 3,
    keras.ops.rms_normalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.rms_normalization([2.0, 2.0], epsilon=0.0)
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """
    x = floating(x)
    least = _least("rms_normalization", epsilon)
    found = x * rsqrt(mean_of(square(x), axis=axis, keepdims=True) + least)
    return found if scale is None else multiply(found, scale)
