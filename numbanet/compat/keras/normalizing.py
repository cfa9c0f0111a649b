"""The normalizations and losses of `keras.ops`, with Keras 3's parameters."""

from __future__ import annotations

import math

from numbanet.core.checks import as_number
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.targets import EPSILON
from numbanet.ops.activations import softplus
from numbanet.ops.elementwise import abs, clip, greater, maximum, rsqrt, square, where
from numbanet.ops.functions import log
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.neural import log_softmax
from numbanet.ops.reduce import mean, sum
from numbanet.ops.shaping import expand_dims, squeeze
from numbanet.tensor.tensor import Tensor, as_tensors, asarray, pair
from numbanet.typing import ArrayLike, Axis, Integer, Real


def _given(x: ArrayLike) -> Tensor:
    return asarray(x)


def normalize(x: ArrayLike, axis: Axis = -1, order: Real = 2, epsilon: Real | None = None) -> Tensor:
    """Divide vectors by their length, the norm of an order, or by `epsilon` where that is larger.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.normalize([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """
    x, power = _given(x), as_number("normalize: order", order, positive=True)
    least = 1e-7 if epsilon is None else as_number("normalize: epsilon", epsilon, low=0.0)
    if power == 2:
        return x * rsqrt(maximum(sum(square(x), axis=axis, keepdims=True), least**2))
    length = sum(abs(x) ** power, axis=axis, keepdims=True)
    return x / maximum(where(greater(length, 0), where(greater(length, 0), length, 1.0) ** (1 / power), 0.0), least)


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
    x = _given(x)
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
    x = _given(x)
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
    x = _given(x)
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
    y, p = _targets("binary_crossentropy", target, output)
    if from_logits:
        return y * softplus(-p) + (1.0 - y) * softplus(p)
    p = clip(p, EPSILON, 1 - EPSILON)
    return -(y * log(p) + (1.0 - y) * log(1.0 - p))


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
    y, p = _targets("categorical_crossentropy", target, output)
    if from_logits:
        return -sum(y * log_softmax(p, axis), axis=axis)
    share = p / sum(p, axis=axis, keepdims=True)
    return -sum(y * log(clip(share, EPSILON, 1 - EPSILON)), axis=axis)


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
    labels, p = asarray(target), _given(output)
    at = normalize_axis("sparse_categorical_crossentropy", axis, p.ndim)
    if labels.ndim == p.ndim and labels.shape[at] == 1:
        labels = squeeze(labels, at)
    if labels.shape != (*p.shape[:at], *p.shape[at + 1 :]):
        raise ShapeError(f"sparse_categorical_crossentropy: labels {labels.shape} do not fit the output {p.shape}")
    plain = labels.numpy()
    if plain.dtype.kind in "iu" and plain.size and not (plain.min() >= 0 and plain.max() < p.shape[at]):
        raise ArgumentError(f"sparse_categorical_crossentropy: labels must be from 0 to {p.shape[at] - 1}")
    if from_logits:
        logs = log_softmax(p, at)
    else:
        logs = log(clip(p / sum(p, axis=at, keepdims=True), EPSILON, 1 - EPSILON))
    return -squeeze(take_along_axis(logs, expand_dims(labels, at), axis=at), at)


def _targets(name: str, target: ArrayLike, output: ArrayLike) -> tuple[Tensor, Tensor]:
    y, p = pair(name, target, output)
    if y.shape != p.shape:
        raise ShapeError(f"{name}: target {y.shape} and output {p.shape} must be of one shape")
    return y.astype(p.dtype) if y.dtype.kind != "f" else y, p


def psnr(x1: ArrayLike, x2: ArrayLike, max_val: Real) -> Tensor:
    """Compute the ratio of the largest value to the root mean square difference, in decibels.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.psnr([1.0], [0.0], 10.0)
    Tensor(20., shape=(), dtype=float32)
    """
    x1, x2 = as_tensors("psnr", [x1, x2])
    if x1.shape != x2.shape:
        raise ShapeError(f"psnr: needs two arrays of one shape, got {x1.shape} and {x2.shape}")
    largest = as_number("psnr: max_val", max_val, positive=True)
    return 20 * math.log10(largest) - 10 / math.log(10) * log(mean(square(x1 - x2)))
