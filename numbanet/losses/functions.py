"""Losses as functions: how far predictions lie from the truth, one number per sample.

All take `(y_true, y_pred)` and reduce the last axis; the formulas are Keras 3's. Cross-entropies take probabilities or,
with `from_logits=True`, the scores before softmax or sigmoid: then nothing overflows and no digit is lost.
"""

from __future__ import annotations

from functools import partial

from numbanet.core.checks import as_number
from numbanet.losses.targets import (
    aligned,
    check_between_0_and_1,
    class_labels,
    classes_of,
    floating,
    signs_or_bits,
)
from numbanet.ops.activations import softplus
from numbanet.ops.elementwise import abs, clip, equal, maximum, square, where
from numbanet.ops.functions import log
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.neural import cross_entropy_of_checked, log_softmax
from numbanet.ops.reduce import mean, sum
from numbanet.ops.shaping import reshape
from numbanet.tensor.listeners import check_again, check_values, is_traced
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Real

EPSILON = 1e-7
"""How near to 0 and 1 probabilities may come: Keras's `epsilon()`. It keeps logarithms finite."""


def sparse_categorical_crossentropy(y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False) -> Tensor:
    """Minus the logarithm of the probability that was given to the right class.

    Parameters
    ----------
    y_true : integer array-like, (...) or (..., 1)
        Labels from 0 to classes - 1.
    y_pred : array-like, (..., classes)
        Probabilities, which are scaled to sum 1 and kept 1e-7 away from 0 and 1; or scores before softmax.
    from_logits : bool
        Whether `y_pred` are scores.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When a label is none of the classes.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3. Keras 3, `sparse_categorical_crossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.sparse_categorical_crossentropy([1, 0], [[0.5, 0.5], [1.0, 0.0]]).numpy().round(4)
    array([0.6931, 0.    ], dtype=float32)
    """
    y_pred = floating(y_pred)
    name = "sparse_categorical_crossentropy"
    if from_logits and is_traced(y_true):
        check_values(y_true, partial(classes_of, name, y_pred.shape[-1]))
        labels = reshape(y_true, y_pred.shape[:-1])
    else:
        labels = asarray(class_labels(name, y_true, y_pred.shape), device=y_pred.device)
        check_again(labels, partial(classes_of, name, y_pred.shape[-1]))
    if from_logits:
        rows = cross_entropy_of_checked(reshape(y_pred, (-1, y_pred.shape[-1])), reshape(labels, (-1,)))
        return reshape(rows, labels.shape)
    of_label = take_along_axis(y_pred, labels[..., None], axis=-1)
    share = reshape(of_label, labels.shape) / sum(y_pred, axis=-1)
    return -log(clip(share, EPSILON, 1 - EPSILON))


def categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: Real = 0.0
) -> Tensor:
    """The cross-entropy of two distributions over classes: `-sum(y_true * log(y_pred))`.

    Parameters
    ----------
    y_true : array-like, (..., classes)
        One-hot rows, or other probabilities.
    y_pred : array-like, (..., classes)
        Probabilities, which are scaled to sum 1 and kept 1e-7 away from 0 and 1; or scores before softmax.
    from_logits : bool
        Whether `y_pred` are scores.
    label_smoothing : float
        From 0 to 1: the share of `y_true` that is spread over all classes.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When `label_smoothing` is out of range.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 3.13. Smoothing: Szegedy et al.: Rethinking the Inception
    Architecture, 2015, arXiv:1512.00567, section 7. Keras 3, `categorical_crossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.categorical_crossentropy([[0.0, 1.0]], [[0.0, 0.0]], from_logits=True).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    y_true, y_pred = aligned("categorical_crossentropy", y_true, y_pred)
    smoothing = as_number("label_smoothing", label_smoothing, 0, 1)
    if smoothing:
        y_true = y_true * (1 - smoothing) + smoothing / y_pred.shape[-1]
    if from_logits:
        return -sum(y_true * log_softmax(y_pred), axis=-1)
    share = y_pred / sum(y_pred, axis=-1, keepdims=True)
    return -sum(y_true * log(clip(share, EPSILON, 1 - EPSILON)), axis=-1)


def binary_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: Real = 0.0
) -> Tensor:
    """Minus the logarithm of the probability that was given to what happened, the mean of the last axis.

    Parameters
    ----------
    y_true : array-like, (..., n)
        0 or 1, or between.
    y_pred : array-like, (..., n)
        Probabilities of 1, kept 1e-7 away from 0 and 1; or scores before sigmoid.
    from_logits : bool
        Whether `y_pred` are scores.
    label_smoothing : float
        From 0 to 1: how far `y_true` is drawn towards 0.5.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When a label lies outside 0..1, or `label_smoothing` is out of range.

    Notes
    -----
    With scores z, `-log(sigmoid(z))` is `softplus(-z)` and `-log(1 - sigmoid(z))` is `softplus(z)`: no rounding to 0 or
    1 comes between, so gradients are right for any score.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.2. Keras 3, `binary_crossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.binary_crossentropy([[1.0], [0.0]], [[0.5], [0.0]]).numpy().round(4)
    array([0.6931, 0.    ], dtype=float32)
    """
    y_true, y_pred = aligned("binary_crossentropy", y_true, y_pred)
    check_between_0_and_1("binary_crossentropy", y_true)
    smoothing = as_number("label_smoothing", label_smoothing, 0, 1)
    if smoothing:
        y_true = y_true * (1 - smoothing) + smoothing / 2
    if from_logits:
        return mean(y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred), axis=-1)
    p = clip(y_pred, EPSILON, 1 - EPSILON)
    return -mean(y_true * log(p) + (1 - y_true) * log(1 - p), axis=-1)


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """`mean((y_true - y_pred)**2)` over the last axis.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, `mean_squared_error`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]])
    Tensor([2.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("mean_squared_error", y_true, y_pred)
    return mean(square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """`mean(|y_true - y_pred|)` over the last axis.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, `mean_absolute_error`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("mean_absolute_error", y_true, y_pred)
    return mean(abs(y_true - y_pred), axis=-1)


def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: Real = 1.0) -> Tensor:
    """Half the squared error up to `delta`, and a straight line beyond; the mean of the last axis.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
    delta : float
        Where the line starts; positive.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When `delta` is not positive.

    References
    ----------
    Huber: Robust Estimation of a Location Parameter, 1964. Keras 3, `huber`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.huber([[0.0, 1.0]], [[1.0, 3.0]])
    Tensor([1.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("huber", y_true, y_pred)
    limit = as_number("delta", delta, positive=True)
    error = y_pred - y_true
    size = abs(error)
    return mean(where(size <= limit, 0.5 * square(error), limit * size - 0.5 * limit**2), axis=-1)


def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """The Kullback-Leibler divergence of two distributions: `sum(y_true * log(y_true / y_pred))`.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., classes)
        Probabilities, kept between 1e-7 and 1.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 3.13. Keras 3, `kl_divergence`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
    Tensor([0.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("kl_divergence", y_true, y_pred)
    y_true, y_pred = clip(y_true, EPSILON, 1), clip(y_pred, EPSILON, 1)
    return sum(y_true * log(y_true / y_pred), axis=-1)


def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """`mean(maximum(1 - y_true * y_pred, 0))` over the last axis.

    Parameters
    ----------
    y_true : array-like, (..., n)
        -1 and 1; or 0 and 1, where 0 is taken for -1.
    y_pred : array-like, (..., n)

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When labels are neither all -1 and 1 nor all 0 and 1.

    References
    ----------
    Rosasco et al.: Are Loss Functions All the Same?, 2004. Keras 3, `hinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.hinge([[-1.0], [1.0]], [[0.5], [2.0]])
    Tensor([1.5, 0. ], shape=(2,), dtype=float32)
    """
    y_true, y_pred = aligned("hinge", y_true, y_pred)
    check_values(y_true, partial(signs_or_bits, "hinge"))
    signs = where(equal(y_true, 0), -1.0, y_true)
    return mean(maximum(1 - signs * y_pred, 0), axis=-1)
