"""The normalizations and losses of `keras.ops`, with Keras 3's parameters."""

from __future__ import annotations

import math

from numbanet import losses
from numbanet.compat.neural import l2_normalize
from numbanet.core.checks import as_number
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ShapeError
from numbanet.linalg import vector_norm
from numbanet.losses.targets import floating
from numbanet.ops.arranging import moveaxis
from numbanet.ops.elementwise import maximum, rsqrt, square
from numbanet.ops.functions import log
from numbanet.ops.reduce import mean
from numbanet.ops.shaping import expand_dims
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Axis, Integer, Real


def normalize(x: ArrayLike, axis: Axis = -1, order: Real = 2, epsilon: Real | None = None) -> Tensor:
    """Divide vectors by their length, the norm of an order, or by `epsilon` where that is larger.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.normalize([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """
    power = as_number("normalize: order", order, positive=True)
    least = 1e-7 if epsilon is None else as_number("normalize: epsilon", epsilon, low=0.0)
    if power == 2:
        return l2_normalize(x, axis, least**2)
    x = floating(x)
    return x / maximum(vector_norm(x, axis, True, power), least)


def batch_normalization(
    x: ArrayLike, mean: ArrayLike, variance: ArrayLike, axis: Integer, offset: ArrayLike | None = None,
    scale: ArrayLike | None = None, epsilon: Real = 1e-3,
) -> Tensor:  # fmt: skip
    """Compute `(x - mean) / sqrt(variance + epsilon) * scale + offset`, vectors along an axis.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.batch_normalization([[1.0, 2.0]], [1.0, 0.0], [1.0, 1.0], -1, epsilon=0.0)
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """
    x = floating(x)
    at = normalize_axis("batch_normalization", axis, x.ndim)

    def along(vector: ArrayLike) -> Tensor:
        v = asarray(vector)
        if v.shape != (x.shape[at],):
            raise ShapeError(f"batch_normalization: vectors must have {x.shape[at]} elements, got shape {v.shape}")
        return v.reshape([-1 if d == at else 1 for d in range(x.ndim)])

    found = (x - along(mean)) * rsqrt(along(variance) + as_number("batch_normalization: epsilon", epsilon, low=0.0))
    found = found if scale is None else found * along(scale)
    return found if offset is None else found + along(offset)


def layer_normalization(
    x: ArrayLike, gamma: ArrayLike | None = None, beta: ArrayLike | None = None, axis: Axis = -1, epsilon: Real = 1e-3
) -> Tensor:
    """Subtract the mean of an axis and divide by its standard deviation; times `gamma`, plus `beta`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.layer_normalization([1.0, 3.0], epsilon=0.0)
    Tensor([-1.,  1.], shape=(2,), dtype=float32)
    """
    x = floating(x)
    centred = x - mean(x, axis=axis, keepdims=True)
    least = as_number("layer_normalization: epsilon", epsilon, low=0.0)
    found = centred * rsqrt(mean(square(centred), axis=axis, keepdims=True) + least)
    found = found if gamma is None else found * asarray(gamma)
    return found if beta is None else found + asarray(beta)


def rms_normalization(
    x: ArrayLike, scale: ArrayLike | None = None, axis: Axis = -1, epsilon: Real | None = None
) -> Tensor:
    """Divide by the root of the mean square of an axis; times `scale`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.rms_normalization([2.0, 2.0], epsilon=0.0)
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """
    x = floating(x)
    least = 1e-7 if epsilon is None else as_number("rms_normalization: epsilon", epsilon, low=0.0)
    found = x * rsqrt(mean(square(x), axis=axis, keepdims=True) + least)
    return found if scale is None else found * asarray(scale)


def binary_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False) -> Tensor:
    """Compute minus the logarithm of the probability of what happened, for each element by itself.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.binary_crossentropy([0.0], [0.0], from_logits=True)
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """
    y, p = floating(target), floating(output)
    if y.shape != p.shape:
        raise ShapeError(f"binary_crossentropy: target {y.shape} and output {p.shape} must be of one shape")
    return losses.binary_crossentropy(expand_dims(y, -1), expand_dims(p, -1), from_logits)  # which takes a mean of one


def categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: Integer = -1
) -> Tensor:
    """Compute the cross-entropy of distributions along an axis.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.categorical_crossentropy([[0.0, 1.0]], [[0.0, 0.0]], from_logits=True)
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """
    y, p = moveaxis(floating(target), axis, -1), moveaxis(floating(output), axis, -1)
    return losses.categorical_crossentropy(y, p, from_logits)


def sparse_categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: Integer = -1
) -> Tensor:
    """Compute minus the logarithm of the probability that was given to each label, along an axis.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.sparse_categorical_crossentropy([1], [[0.0, 0.0]], from_logits=True)
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """
    p = floating(output)
    labels = asarray(target)
    if labels.ndim == p.ndim:
        labels = moveaxis(labels, axis, -1)
    return losses.sparse_categorical_crossentropy(labels, moveaxis(p, axis, -1), from_logits)


def psnr(x1: ArrayLike, x2: ArrayLike, max_val: Real) -> Tensor:
    """Compute the ratio of the largest value to the root mean square difference, in decibels.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.psnr([1.0], [0.0], 10.0)
    Tensor(20., shape=(), dtype=float32)
    """
    x1, x2 = floating(x1), floating(x2)
    if x1.shape != x2.shape:
        raise ShapeError(f"psnr: needs two arrays of one shape, got {x1.shape} and {x2.shape}")
    largest = as_number("psnr: max_val", max_val, positive=True)
    return 20 * math.log10(largest) - 10 / math.log(10) * log(mean(square(x1 - x2)))
