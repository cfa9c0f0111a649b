"""Cross-entropies of labels or distributions and predicted probabilities.

All functions take `(y_true, y_pred)` and reduce the last axis; the formulas are Keras 3's. Predictions are
probabilities or, with `from_logits=True`, the scores before softmax or sigmoid: then nothing overflows and no digit is
lost.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from numbanet.core.checks import as_flag, as_integer, as_number
from numbanet.core.dtypes import INT64
from numbanet.core.hooks import is_overridden
from numbanet.losses import targets
from numbanet.losses.loss import Loss, _Distributions, _Elementwise
from numbanet.losses.targets import (
    EPSILON,
    aligned,
    check_between_0_and_1,
    floating,
    is_last,
    labels_of,
    predicted_for,
    smoothed,
    with_last,
)
from numbanet.ops.activations import softplus
from numbanet.ops.elementwise import clip, not_equal, where
from numbanet.ops.functions import log
from numbanet.ops.masks import set_mask
from numbanet.ops.neural import cross_entropy_of_checked, log_softmax
from numbanet.ops.reduce import mean, sum
from numbanet.ops.shaping import expand_dims, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Config, Integer, Real


def sparse_categorical_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    ignore_class: Integer | None = None,
    axis: Integer = -1,
) -> Tensor:
    """Return minus the logarithm of the probability that was given to the right class.

    Parameters
    ----------
    y_true : integer array-like, (...) or (..., 1)
        Labels from 0 to classes - 1.
    y_pred : array-like, (..., classes)
        Probabilities, which are scaled to sum 1 and kept 1e-7 away from 0 and 1; or scores before softmax.
    from_logits : bool
        Whether `y_pred` are scores.
    ignore_class : int, optional
        A label, often -1 or 255, of what is left out: its loss is 0, and it does not count where losses or metrics take
        the mean of what this function returns.
    axis : int
        The axis of the classes; labels lack it, or have size 1 there.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`. With `ignore_class` it has a mask, of what counts.

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
    from_logits = as_flag(f"{name}: from_logits", from_logits)
    if not is_last(axis):
        y_true, y_pred = with_last(name, y_true, y_pred, axis)
    ignored = None if ignore_class is None else as_integer(f"{name}: ignore_class", ignore_class)
    labels = labels_of(name, y_true, y_pred, ignored)
    if ignored is None:
        return _of_labels(labels, y_pred, from_logits)
    labels = labels.astype(INT64)
    counts = not_equal(labels, ignored)
    kept = where(expand_dims(counts, -1), y_pred, 1.0)  # the gradient of what is left out is 0, whatever it is
    losses = where(counts, _of_labels(where(counts, labels, 0), kept, from_logits), 0.0)
    set_mask(losses, counts)
    return losses


def _of_labels(labels, y_pred, from_logits):
    """Return the cross-entropies of labels that are classes, which the last axis of the predictions counts."""
    if from_logits:
        rows = cross_entropy_of_checked(reshape(y_pred, (-1, y_pred.shape[-1])), reshape(labels, (-1,)))
        return reshape(rows, labels.shape)
    share = predicted_for(labels, y_pred) / sum(y_pred, axis=-1)
    return -log(clip(share, EPSILON, 1 - EPSILON))


def categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: Real = 0.0, axis: Integer = -1
) -> Tensor:
    """Return the cross-entropy of two distributions over classes: `-sum(y_true * log(y_pred))`.

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
    axis : int
        The axis of the classes, which is left out of the result.

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
    if not is_last(axis):
        y_true, y_pred = with_last("categorical_crossentropy", y_true, y_pred, axis)
    y_true = smoothed(y_true, label_smoothing, y_pred.shape[-1])
    if as_flag("categorical_crossentropy: from_logits", from_logits):
        return -sum(y_true * log_softmax(y_pred), axis=-1)
    share = y_pred / sum(y_pred, axis=-1, keepdims=True)
    return -sum(y_true * log(clip(share, EPSILON, 1 - EPSILON)), axis=-1)


def binary_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: Real = 0.0, axis: Integer = -1
) -> Tensor:
    """Return minus the logarithm of the probability of what happened, the mean of the last axis.

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
    axis : int
        The axis over which the mean is taken.

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
    y_true = smoothed(y_true, label_smoothing, 2)
    if as_flag("binary_crossentropy: from_logits", from_logits):
        return mean(y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred), axis=axis)
    p = clip(y_pred, EPSILON, 1 - EPSILON)
    return -mean(y_true * log(p) + (1 - y_true) * log(1 - p), axis=axis)


class _Crossentropy(Loss):
    """What the cross-entropies share: scores instead of probabilities, and the axis of the classes."""

    pairs_with = ""
    axis: int = -1

    def __init__(
        self,
        from_logits: bool = False,
        axis: Integer = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        self.from_logits = as_flag(f"{type(self).__name__}: from_logits", from_logits)
        self.axis = as_integer(f"{type(self).__name__}: axis", axis)

    @property
    def activation(self) -> str | None:
        return None if self.from_logits or not is_last(self.axis) else self.pairs_with

    def with_logits(self) -> Loss | None:
        if self.from_logits or is_overridden(self, "call", "__call__", "function"):
            return None  # a loss of your own is written for probabilities
        twin = copy.copy(self)
        twin.from_logits = True
        return twin

    def settings(self) -> Config:
        return {"from_logits": self.from_logits} | ({} if is_last(self.axis) else {"axis": self.axis})


class SparseCategoricalCrossentropy(_Crossentropy):
    """The mean of `sparse_categorical_crossentropy`: integer labels.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are scores before softmax.
    ignore_class : int, optional
        A label, often -1 or 255, of what does not count: means are those of the rest, and 0 where nothing counts.
    reduction : str or None
        As for `Loss`.
    axis : int
        The axis of the classes.
    name : str, optional

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.SparseCategoricalCrossentropy(from_logits=True)([1], [[0.0, 0.0]])
    Tensor(0.6931472, shape=(), dtype=float32)
    >>> loss = nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    >>> round(loss([1, -1], [[0.0, 0.0], [9.0, 1.0]]).item(), 5)  # log(2)
    0.69315
    """

    function = staticmethod(sparse_categorical_crossentropy)
    pairs_with = "softmax"
    ignore_class: int | None = None

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: Integer | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: Integer = -1,
        name: str | None = None,
    ) -> None:
        super().__init__(from_logits, axis, reduction, name)
        if ignore_class is not None:
            self.ignore_class = as_integer(f"{type(self).__name__}: ignore_class", ignore_class)

    def settings(self) -> Config:
        ignored = {} if self.ignore_class is None else {"ignore_class": self.ignore_class}
        return super().settings() | ignored

    def _check(self, name, y_true, shape):
        y_true, shape = targets.moved(name, y_true, shape, self.axis)
        targets.class_labels(name, y_true, shape, self.ignore_class)
        targets.several_classes(name, shape)


class _SmoothedCrossentropy(_Crossentropy):
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: Real = 0.0,
        axis: Integer = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(from_logits, axis, reduction, name)
        self.label_smoothing = as_number("label_smoothing", label_smoothing, 0, 1)

    def settings(self) -> Config:
        return super().settings() | {"label_smoothing": self.label_smoothing}


class CategoricalCrossentropy(_Distributions, _SmoothedCrossentropy):
    """The mean of `categorical_crossentropy`: one-hot labels.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are scores before softmax.
    label_smoothing : float
        From 0 to 1.
    axis : int
        The axis of the classes.
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.CategoricalCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 0.0]])
    Tensor(0.6931472, shape=(), dtype=float32)
    """

    function: Callable = staticmethod(categorical_crossentropy)
    pairs_with = "softmax"

    def _check(self, name, y_true, shape):
        super()._check(name, y_true, shape)
        targets.several_classes(name, targets.moved(name, None, shape, self.axis)[1])


class BinaryCrossentropy(_Elementwise, _SmoothedCrossentropy):
    """The mean of `binary_crossentropy`: labels 0 and 1.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are scores before sigmoid.
    label_smoothing : float
        From 0 to 1.
    axis : int
        The axis over which the mean of a sample is taken.
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.BinaryCrossentropy(from_logits=True)([1, 0], [[0.0], [0.0]])
    Tensor(0.6931472, shape=(), dtype=float32)
    """

    function: Callable = staticmethod(binary_crossentropy)
    pairs_with = "sigmoid"

    @property
    def activation(self) -> str | None:
        return None if self.from_logits else self.pairs_with

    def _check(self, name, y_true, shape):
        super()._check(name, y_true, shape)
        targets.check_between_0_and_1(name, y_true)
