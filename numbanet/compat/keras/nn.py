"""The activations of `keras.ops` that numbanet has in no other place, and labels as zeros and ones."""

from __future__ import annotations

import math

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ShapeError
from numbanet.ops import activations
from numbanet.ops.activations import elu, relu, sigmoid
from numbanet.ops.arranging import moveaxis
from numbanet.ops.elementwise import abs, clip, greater, minimum, sign, sqrt, square, where
from numbanet.ops.functions import tanh
from numbanet.ops.indexing import one_hot as rows_of
from numbanet.ops.reduce import max
from numbanet.ops.shaping import split
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, DType, Integer, Real


def celu(x: ArrayLike, alpha: Real = 1.0) -> Tensor:
    """Compute `max(x, 0) + min(0, alpha * (e ** (x / alpha) - 1))`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.celu([-100.0, 2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """
    scale = as_number("celu: alpha", alpha, positive=True)
    return elu(asarray(x) / scale) * scale


def gelu(x: ArrayLike, approximate: bool = True) -> Tensor:
    """Compute the Gaussian error linear unit: by tanh, as Keras does if it is not told otherwise, or exactly.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.gelu([0.0, 100.0])
    Tensor([  0., 100.], shape=(2,), dtype=float32)
    """
    if not approximate:
        return activations.gelu(x)
    x = asarray(x)
    return x * 0.5 * (1.0 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def glu(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """Compute one half of the elements along an axis times the sigmoid of the other.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.glu([1.0, 0.0])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    first, second = split(x, 2, axis)
    return first * sigmoid(second)


def hard_shrink(x: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Compute `x` where it is farther from 0 than a threshold, 0 elsewhere.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_shrink([0.2, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """
    x = asarray(x)
    return where(greater(abs(x), as_number("hard_shrink: threshold", threshold)), x, 0.0)


def soft_shrink(x: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Draw elements towards 0 by a threshold, and those that are nearer to 0.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.soft_shrink([0.2, 2.0])
    Tensor([0. , 1.5], shape=(2,), dtype=float32)
    """
    x, by = asarray(x), as_number("soft_shrink: threshold", threshold)
    return where(greater(abs(x), by), x - sign(x) * by, 0.0)


def hard_sigmoid(x: ArrayLike) -> Tensor:
    """Compute `x / 6 + 1 / 2`, cut off at 0 and 1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_sigmoid([-3.0, 0.0, 3.0])
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return relu6(asarray(x) + 3.0) / 6.0


def hard_silu(x: ArrayLike) -> Tensor:
    """Compute `x * hard_sigmoid(x)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_silu([-3.0, 0.0, 3.0])
    Tensor([-0.,  0.,  3.], shape=(3,), dtype=float32)
    """
    x = asarray(x)
    return x * hard_sigmoid(x)


def hard_tanh(x: ArrayLike) -> Tensor:
    """Cut off at -1 and 1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_tanh([-2.0, 0.5])
    Tensor([-1. ,  0.5], shape=(2,), dtype=float32)
    """
    return clip(x, -1.0, 1.0)


def relu6(x: ArrayLike) -> Tensor:
    """Cut off at 0 and 6.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.relu6([-1.0, 9.0])
    Tensor([0., 6.], shape=(2,), dtype=float32)
    """
    return minimum(relu(x), 6)


def softsign(x: ArrayLike) -> Tensor:
    """Compute `x / (1 + |x|)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.softsign([1.0])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    x = asarray(x)
    return x / (1.0 + abs(x))


def sparse_plus(x: ArrayLike) -> Tensor:
    """Compute 0 up to -1, `(x + 1) ** 2 / 4` up to 1, and `x` above.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.sparse_plus([-2.0, 0.0, 2.0])
    Tensor([0.  , 0.25, 2.  ], shape=(3,), dtype=float32)
    """
    x = asarray(x)
    return where(greater(x, 1.0), x, square(relu(x + 1.0)) / 4.0)


def sparse_sigmoid(x: ArrayLike) -> Tensor:
    """Compute `(x + 1) / 2`, cut off at 0 and 1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.sparse_sigmoid([-2.0, 0.0, 2.0])
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return clip((asarray(x) + 1.0) / 2.0, 0.0, 1.0)


def squareplus(x: ArrayLike, b: Real = 4) -> Tensor:
    """Compute `(x + sqrt(x ** 2 + b)) / 2`.

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

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.tanh_shrink([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """
    x = asarray(x)
    return x - tanh(x)


def threshold(x: ArrayLike, threshold: Real, default_value: Real) -> Tensor:
    """Put a value in place of what is not above a threshold.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.threshold([1.0, 3.0], 2.0, 0.0)
    Tensor([0., 3.], shape=(2,), dtype=float32)
    """
    x = asarray(x)
    return where(greater(x, as_number("threshold", threshold)), x, as_number("threshold: default_value", default_value))


def one_hot(x: ArrayLike, num_classes: Integer, axis: Integer = -1, dtype: DType = None) -> Tensor:
    """Turn labels into zeros with a one at the label, along a new dimension.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.one_hot([1, 0], 2)
    Tensor([[0., 1.],
            [1., 0.]], shape=(2, 2), dtype=float32)
    """
    found = rows_of(x, num_classes, np.float32 if dtype is None else dtype)
    return moveaxis(found, -1, normalize_axis("one_hot", axis, found.ndim))


def multi_hot(inputs: ArrayLike, num_classes: Integer, axis: Integer = -1, dtype: DType = None) -> Tensor:
    """Turn several labels each, in the last dimension, into zeros with a one at each of them.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.multi_hot([0, 2], 3)
    Tensor([1., 0., 1.], shape=(3,), dtype=float32)
    """
    labels = asarray(inputs)
    if not labels.ndim:
        raise ShapeError("multi_hot: needs labels along a dimension, got shape ()")
    found = max(rows_of(labels, num_classes, np.float32 if dtype is None else dtype), axis=-2)
    return moveaxis(found, -1, normalize_axis("multi_hot", axis, found.ndim))
