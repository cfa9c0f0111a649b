"""The functions of `keras.ops` for neural networks that numbanet has in no other place. With Keras 3's parameters."""

from __future__ import annotations

import math

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.targets import EPSILON
from numbanet.ops import activations
from numbanet.ops.activations import elu, relu, sigmoid, softplus
from numbanet.ops.arranging import moveaxis
from numbanet.ops.elementwise import abs, clip, greater, maximum, minimum, rsqrt, sign, sqrt, square, where
from numbanet.ops.functions import log, tanh
from numbanet.ops.indexing import one_hot as rows_of
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.neural import log_softmax
from numbanet.ops.reduce import max, mean, sum
from numbanet.ops.shaping import expand_dims, split, squeeze
from numbanet.tensor.tensor import Tensor, as_tensors, asarray, pair
from numbanet.typing import ArrayLike, Axis, DType, Integer, Real


def _given(x: ArrayLike) -> Tensor:
    return asarray(x)


def celu(x: ArrayLike, alpha: Real = 1.0) -> Tensor:
    """Compute `max(x, 0) + min(0, alpha * (e ** (x / alpha) - 1))`."""
    scale = as_number("celu: alpha", alpha, positive=True)
    return elu(_given(x) / scale) * scale


def gelu(x: ArrayLike, approximate: bool = True) -> Tensor:
    """Compute the Gaussian error linear unit: by tanh, as Keras does if it is not told otherwise, or exactly."""
    if not approximate:
        return activations.gelu(x)
    x = _given(x)
    return x * 0.5 * (1.0 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def glu(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """Compute one half of the elements along an axis times the sigmoid of the other."""
    first, second = split(x, 2, axis)
    return first * sigmoid(second)


def hard_shrink(x: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Compute `x` where it is farther from 0 than a threshold, 0 elsewhere."""
    x = _given(x)
    return where(greater(abs(x), as_number("hard_shrink: threshold", threshold)), x, 0.0)


def soft_shrink(x: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Draw elements towards 0 by a threshold, and those that are nearer to 0."""
    x, by = _given(x), as_number("soft_shrink: threshold", threshold)
    return where(greater(abs(x), by), x - sign(x) * by, 0.0)


def hard_sigmoid(x: ArrayLike) -> Tensor:
    """Compute `x / 6 + 1 / 2`, cut off at 0 and 1."""
    return relu6(_given(x) + 3.0) / 6.0


def hard_silu(x: ArrayLike) -> Tensor:
    """Compute `x * hard_sigmoid(x)`."""
    x = _given(x)
    return x * hard_sigmoid(x)


def hard_tanh(x: ArrayLike) -> Tensor:
    """Cut off at -1 and 1."""
    return clip(x, -1.0, 1.0)


def relu6(x: ArrayLike) -> Tensor:
    """Cut off at 0 and 6."""
    return minimum(relu(x), 6)


def softsign(x: ArrayLike) -> Tensor:
    """Compute `x / (1 + |x|)`."""
    x = _given(x)
    return x / (1.0 + abs(x))


def sparse_plus(x: ArrayLike) -> Tensor:
    """Compute 0 up to -1, `(x + 1) ** 2 / 4` up to 1, and `x` above."""
    x = _given(x)
    return where(greater(x, 1.0), x, square(relu(x + 1.0)) / 4.0)


def sparse_sigmoid(x: ArrayLike) -> Tensor:
    """Compute `(x + 1) / 2`, cut off at 0 and 1."""
    return clip((_given(x) + 1.0) / 2.0, 0.0, 1.0)


def squareplus(x: ArrayLike, b: Real = 4) -> Tensor:
    """Compute `(x + sqrt(x ** 2 + b)) / 2`."""
    x = _given(x)
    return (x + sqrt(square(x) + as_number("squareplus: b", b, low=0.0))) / 2.0


def tanh_shrink(x: ArrayLike) -> Tensor:
    """Compute `x - tanh(x)`."""
    x = _given(x)
    return x - tanh(x)


def threshold(x: ArrayLike, threshold: Real, default_value: Real) -> Tensor:
    """Put a value in place of what is not above a threshold."""
    x = _given(x)
    return where(greater(x, as_number("threshold", threshold)), x, as_number("threshold: default_value", default_value))


def one_hot(x: ArrayLike, num_classes: Integer, axis: Integer = -1, dtype: DType = None) -> Tensor:
    """Turn labels into zeros with a one at the label, along a new dimension."""
    found = rows_of(x, num_classes, np.float32 if dtype is None else dtype)
    return moveaxis(found, -1, normalize_axis("one_hot", axis, found.ndim))


def multi_hot(inputs: ArrayLike, num_classes: Integer, axis: Integer = -1, dtype: DType = None) -> Tensor:
    """Turn several labels each, in the last dimension, into zeros with a one at each of them."""
    labels = asarray(inputs)
    if not labels.ndim:
        raise ShapeError("multi_hot: needs labels along a dimension, got shape ()")
    found = max(rows_of(labels, num_classes, np.float32 if dtype is None else dtype), axis=-2)
    return moveaxis(found, -1, normalize_axis("multi_hot", axis, found.ndim))


def normalize(x: ArrayLike, axis: Axis = -1, order: Real = 2, epsilon: Real | None = None) -> Tensor:
    """Divide vectors by their length, the norm of an order, or by `epsilon` where that is larger."""
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
    """Compute `(x - mean) / sqrt(variance + epsilon) * scale + offset`, vectors along an axis."""
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
    """Subtract the mean of an axis and divide by its standard deviation; times `gamma`, plus `beta`."""
    x = _given(x)
    centred = x - mean(x, axis=axis, keepdims=True)
    least = as_number("layer_normalization: epsilon", epsilon, low=0.0)
    found = centred * rsqrt(mean(square(centred), axis=axis, keepdims=True) + least)
    found = found if gamma is None else found * asarray(gamma)
    return found if beta is None else found + asarray(beta)


def rms_normalization(
    x: ArrayLike, scale: ArrayLike | None = None, axis: Axis = -1, epsilon: Real | None = None
) -> Tensor:
    """Divide by the root of the mean square of an axis; times `scale`."""
    x = _given(x)
    least = 1e-7 if epsilon is None else as_number("rms_normalization: epsilon", epsilon, low=0.0)
    found = x * rsqrt(mean(square(x), axis=axis, keepdims=True) + least)
    return found if scale is None else found * asarray(scale)


def binary_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False) -> Tensor:
    """Compute minus the logarithm of the probability of what happened, for each element by itself."""
    y, p = _targets("binary_crossentropy", target, output)
    if from_logits:
        return y * softplus(-p) + (1.0 - y) * softplus(p)
    p = clip(p, EPSILON, 1 - EPSILON)
    return -(y * log(p) + (1.0 - y) * log(1.0 - p))


def categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: Integer = -1
) -> Tensor:
    """Compute the cross-entropy of distributions along an axis."""
    y, p = _targets("categorical_crossentropy", target, output)
    if from_logits:
        return -sum(y * log_softmax(p, axis), axis=axis)
    share = p / sum(p, axis=axis, keepdims=True)
    return -sum(y * log(clip(share, EPSILON, 1 - EPSILON)), axis=axis)


def sparse_categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: Integer = -1
) -> Tensor:
    """Compute minus the logarithm of the probability that was given to each label, along an axis."""
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
    """Compute the ratio of the largest value to the root mean square difference, in decibels."""
    x1, x2 = as_tensors("psnr", [x1, x2])
    if x1.shape != x2.shape:
        raise ShapeError(f"psnr: needs two arrays of one shape, got {x1.shape} and {x2.shape}")
    largest = as_number("psnr: max_val", max_val, positive=True)
    return 20 * math.log10(largest) - 10 / math.log(10) * log(mean(square(x1 - x2)))
