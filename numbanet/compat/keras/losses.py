"""The losses of `keras.ops`, with Keras 3's parameters, and the signal-to-noise ratio."""

from __future__ import annotations

import math

from numbanet import losses
from numbanet.core.checks import as_number
from numbanet.errors import ShapeError
from numbanet.ops.arranging import moveaxis
from numbanet.ops.by_numpy import floating
from numbanet.ops.elementwise import square
from numbanet.ops.functions import log
from numbanet.ops.reduce import mean
from numbanet.ops.shaping import expand_dims
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Integer, Real


def binary_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False) -> Tensor:
    """Compute the cross-entropy of two classes, for each element by itself.

    Parameters
    ----------
    target : array-like
        0 or 1, or between. Any shape.
    output : array-like
        The probabilities of 1, of the shape of `target`; floating, integers become float32.
    from_logits : bool
        Whether `output` has scores before sigmoid.

    Returns
    -------
    Tensor
        `-(target * log(output) + (1 - target) * log(1 - output))`, of the shape of `target`, with probabilities kept
        1e-7 away from 0 and 1. `nn.losses.binary_crossentropy` takes the mean of the last dimension. Gradients flow
        through it.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When a target does not lie from 0 to 1.

    References
    ----------
    Goodfellow, Bengio and Courville: Deep learning, 2016, section 6.2.2.2. Keras 3, keras.ops.binary_crossentropy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.binary_crossentropy([0.0], [0.0], from_logits=True)
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """
    y, p = floating("binary_crossentropy", target, output)
    if y.shape != p.shape:
        raise ShapeError(f"binary_crossentropy: target {y.shape} and output {p.shape} must be of one shape")
    return losses.binary_crossentropy(expand_dims(y, -1), expand_dims(p, -1), from_logits)  # which takes a mean of one


def categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: Integer = -1
) -> Tensor:
    """Compute the cross-entropy of distributions over classes.

    Parameters
    ----------
    target : array-like
        One-hot labels, or other probabilities, along the axis.
    output : array-like
        The probabilities, of the shape of `target`; floating, integers become float32. They are divided by their sum.
    from_logits : bool
        Whether `output` has scores before softmax.
    axis : int
        The dimension of the classes.

    Returns
    -------
    Tensor
        `-sum(target * log(output))`, without the dimension of the classes. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the shapes differ, or the axis is out of range.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio and Courville: Deep learning, 2016, section 6.2.2.3. Keras 3, keras.ops.categorical_crossentropy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.categorical_crossentropy([[0.0, 1.0]], [[0.0, 0.0]], from_logits=True)
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """
    y, p = (moveaxis(x, axis, -1) for x in floating("categorical_crossentropy", target, output))
    return losses.categorical_crossentropy(y, p, from_logits)


def sparse_categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: Integer = -1
) -> Tensor:
    """Compute minus the logarithm of the probability of each label.

    Parameters
    ----------
    target : integer array-like
        Labels, from 0, of the shape of `output` without the dimension of the classes, or with size 1 there.
    output : array-like
        The probabilities; floating, integers become float32. They are divided by their sum.
    from_logits : bool
        Whether `output` has scores before softmax.
    axis : int
        The dimension of the classes.

    Returns
    -------
    Tensor
        One loss per label. Gradients flow to `output`.

    Raises
    ------
    ShapeError
        When the shapes do not fit, or the axis is out of range.
    ArgumentError
        When a label is not one of the classes.

    References
    ----------
    Goodfellow, Bengio and Courville: Deep learning, 2016, section 6.2.2.3. Keras 3,
    keras.ops.sparse_categorical_crossentropy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.sparse_categorical_crossentropy([1], [[0.0, 0.0]], from_logits=True)
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """
    (p,) = floating("sparse_categorical_crossentropy", output)
    labels = asarray(target)
    if labels.ndim == p.ndim:
        labels = moveaxis(labels, axis, -1)
    return losses.sparse_categorical_crossentropy(labels, moveaxis(p, axis, -1), from_logits)


def psnr(x1: ArrayLike, x2: ArrayLike, max_val: Real) -> Tensor:
    """Compute the peak signal-to-noise ratio, `20 log10(max_val) - 10 log10(mean((x1 - x2) ** 2))`, in decibels.

    Parameters
    ----------
    x1, x2 : array-like
        Of the same shape. Floating; integers become float32.
    max_val : float
        The largest possible value, above 0: 1 or 255 for images.

    Returns
    -------
    Tensor
        A single number; infinity for equal arrays. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When `max_val` is not a finite number above 0.

    References
    ----------
    Huynh-Thu and Ghanbari: Scope of validity of PSNR in image/video quality assessment, Electronics Letters 44, 2008.
    Keras 3, keras.ops.psnr.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.psnr([1.0], [0.0], 10.0)
    Tensor(20., shape=(), dtype=float32)
    """
    x1, x2 = floating("psnr", x1, x2)
    if x1.shape != x2.shape:
        raise ShapeError(f"psnr: needs two arrays of one shape, got {x1.shape} and {x2.shape}")
    largest = as_number("psnr: max_val", max_val, positive=True)
    return 20 * math.log10(largest) - 10 / math.log(10) * log(mean(square(x1 - x2)))
