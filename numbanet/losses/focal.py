"""Cross-entropies that count what is classified well already less; the formulas are Keras 3's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from numbanet.core.checks import as_flag, as_number
from numbanet.core.dtypes import FLOAT64, INT64
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses import targets
from numbanet.losses.crossentropies import BinaryCrossentropy, CategoricalCrossentropy
from numbanet.losses.loss import Loss
from numbanet.losses.targets import EPSILON, aligned, check_between_0_and_1, is_last, smoothed, with_last
from numbanet.ops.activations import sigmoid, softplus
from numbanet.ops.elementwise import clip, maximum, pow, square
from numbanet.ops.functions import expm1, log
from numbanet.ops.indexing import one_hot
from numbanet.ops.neural import log_softmax
from numbanet.ops.reduce import mean, sum
from numbanet.tensor.tensor import Tensor, to_numpy
from numbanet.typing import ArrayLike, Config, Integer, Real


def binary_focal_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, apply_class_balancing: bool = False, alpha: Real = 0.25, gamma: Real = 2.0,
    from_logits: bool = False, label_smoothing: Real = 0.0, axis: Integer = -1,
) -> Tensor:  # fmt: skip
    """Return the binary cross-entropy, times the power `gamma` of how far the prediction is from what happened.

    Parameters
    ----------
    y_true : array-like, (..., n)
        0 or 1, or between.
    y_pred : array-like, (..., n)
        Probabilities of 1, kept 1e-7 away from 0 and 1 in logarithms; or scores before sigmoid.
    apply_class_balancing : bool
        Whether ones are multiplied by `alpha` and zeros by `1 - alpha`.
    alpha : float
        From 0 to 1.
    gamma : float
        0 or above; 0 gives the cross-entropy.
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
        When a label lies outside 0..1, or a setting is out of range.

    References
    ----------
    Lin et al.: Focal Loss for Dense Object Detection, 2017, arXiv:1708.02002. Keras 3, `binary_focal_crossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.binary_focal_crossentropy([[1.0], [0.0]], [[0.5], [0.9]]).numpy().round(4)
    array([0.1733, 1.8651], dtype=float32)
    """
    name = "binary_focal_crossentropy"
    y_true, y_pred = aligned(name, y_true, y_pred)
    check_between_0_and_1(name, y_true)
    y_true = smoothed(y_true, label_smoothing, 2)
    power, weight = as_number("gamma", gamma, 0), as_number("alpha", alpha, 0, 1)
    if as_flag(f"{name}: from_logits", from_logits):
        losses = y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred)
        far = y_true * sigmoid(-y_pred) + (1 - y_true) * sigmoid(y_pred)
    else:
        p = clip(y_pred, EPSILON, 1 - EPSILON)
        losses = -(y_true * log(p) + (1 - y_true) * log(1 - p))
        far = y_true * (1 - y_pred) + (1 - y_true) * y_pred
    losses = losses * _power(far, power)
    if as_flag(f"{name}: apply_class_balancing", apply_class_balancing):
        losses = losses * (y_true * weight + (1 - y_true) * (1 - weight))
    return mean(losses, axis=axis)


def categorical_focal_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, alpha: Real | Sequence[Real] = 0.25, gamma: Real = 2.0,
    from_logits: bool = False, label_smoothing: Real = 0.0, axis: Integer = -1,
) -> Tensor:  # fmt: skip
    """Return the cross-entropy of classes, each term times `alpha` and the power `gamma` of one minus the probability.

    Parameters
    ----------
    y_true : array-like, (..., classes)
        One-hot rows, or other probabilities.
    y_pred : array-like, (..., classes)
        Probabilities, which are scaled to sum 1 and kept 1e-7 away from 0 and 1; or scores before softmax.
    alpha : float, or list of float
        One weight for all classes, or one for each; 0 or above.
    gamma : float
        0 or above.
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
        When the shapes differ, or there are not as many weights as classes.
    ArgumentError
        When a setting is out of range.

    References
    ----------
    Lin et al.: Focal Loss for Dense Object Detection, 2017, arXiv:1708.02002. Keras 3,
    `categorical_focal_crossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.categorical_focal_crossentropy([[0.0, 1.0]], [[0.0, 0.0]], from_logits=True).numpy().round(4)
    array([0.0433], dtype=float32)
    """
    name = "categorical_focal_crossentropy"
    y_true, y_pred = aligned(name, y_true, y_pred)
    if not is_last(axis):
        y_true, y_pred = with_last(name, y_true, y_pred, axis)
    y_true = smoothed(y_true, label_smoothing, y_pred.shape[-1])
    power, weights = as_number("gamma", gamma, 0), _weights(name, alpha, y_pred)
    if as_flag(f"{name}: from_logits", from_logits):
        logarithms = log_softmax(y_pred)
        far = -expm1(logarithms)
    else:
        share = clip(y_pred / sum(y_pred, axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
        logarithms, far = log(share), 1 - share
    return -sum(y_true * logarithms * _power(far, power) * weights, axis=-1)


def categorical_generalized_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike, q: Real) -> Tensor:
    """Return `(1 - p**q) / q` for the probability p that was given to the right class, which noisy labels disturb less.

    Parameters
    ----------
    y_true : integer array-like, (...) or (..., 1)
        Labels from 0 to classes - 1.
    y_pred : array-like, (..., classes)
        Probabilities; those below 1e-7 count as 1e-7.
    q : float
        Between 0 and 1: near 0 as the cross-entropy, near 1 as the absolute error.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When a label is none of the classes, or `q` does not lie between 0 and 1.

    References
    ----------
    Zhang and Sabuncu: Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels, 2018,
    arXiv:1805.07836. Keras 3, `categorical_generalized_cross_entropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5)
    Tensor([1.], shape=(1,), dtype=float32)
    """
    exponent = between_0_and_1(q)
    y_pred = targets.floating(y_pred)
    labels = targets.labels_of("categorical_generalized_cross_entropy", y_true, y_pred)
    hot = one_hot(labels.astype(INT64), y_pred.shape[-1], y_pred.dtype)
    share = sum(y_pred * hot, axis=-1)  # in which NaN of any class shows
    return (1 - pow(maximum(share, EPSILON), exponent)) / exponent


def between_0_and_1(q: Real) -> float:
    """Return `q`; ArgumentError unless it lies between 0 and 1."""
    number = as_number("q", q, below=1)
    if number <= 0:
        raise ArgumentError(f"q must be above 0 and below 1, got {number:g}")
    return number


def _power(far, gamma):
    """Return how much a term counts; the slope of a fractional power at 0 would be infinite, and is not asked for."""
    if gamma in (0, 1):
        return far if gamma else 1.0
    return square(far) if gamma == 2 else pow(maximum(far, float(np.finfo(far.dtype).tiny)), gamma)


def _weights(name, alpha, y_pred):
    weights = numbers_of(alpha)
    if isinstance(weights, list):
        if len(weights) != y_pred.shape[-1]:
            raise ShapeError(f"{name}: {len(weights)} numbers as alpha do not fit {y_pred.shape[-1]} classes")
        return np.asarray(weights, y_pred.dtype)
    return weights


def numbers_of(alpha: Any) -> float | list[float]:
    """Return one number from 0 or a list of such numbers; ArgumentError for anything else."""
    if isinstance(alpha, (list, tuple)) or getattr(alpha, "ndim", None):
        return [as_number("alpha", one, 0) for one in to_numpy(alpha, "alpha", FLOAT64).reshape(-1).tolist()]
    return as_number("alpha", alpha, 0, math.inf)


class BinaryFocalCrossentropy(BinaryCrossentropy):
    """The mean of `binary_focal_crossentropy`: labels 0 and 1.

    Parameters
    ----------
    apply_class_balancing : bool
        Whether ones are multiplied by `alpha` and zeros by `1 - alpha`.
    alpha : float
        From 0 to 1.
    gamma : float
        0 or above.
    from_logits, label_smoothing, axis, reduction, name
        As for `BinaryCrossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.BinaryFocalCrossentropy(from_logits=True)([1, 0], [[0.0], [0.0]]).numpy().round(4)
    np.float32(0.1733)
    """

    function = staticmethod(binary_focal_crossentropy)

    def __init__(
        self, apply_class_balancing: bool = False, alpha: Real = 0.25, gamma: Real = 2.0, from_logits: bool = False,
        label_smoothing: Real = 0.0, axis: Integer = -1, reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(from_logits, label_smoothing, axis, reduction, name)
        self.apply_class_balancing = as_flag(f"{type(self).__name__}: apply_class_balancing", apply_class_balancing)
        self.alpha: float = as_number("alpha", alpha, 0, 1)
        self.gamma: float = as_number("gamma", gamma, 0)

    def settings(self) -> Config:
        own = {"apply_class_balancing": self.apply_class_balancing, "alpha": self.alpha, "gamma": self.gamma}
        return own | super().settings()


class CategoricalFocalCrossentropy(CategoricalCrossentropy):
    """The mean of `categorical_focal_crossentropy`: one-hot labels.

    Parameters
    ----------
    alpha : float, or list of float
        One weight for all classes, or one for each.
    gamma : float
        0 or above.
    from_logits, label_smoothing, axis, reduction, name
        As for `CategoricalCrossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.CategoricalFocalCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 0.0]]).numpy().round(4)
    np.float32(0.0433)
    """

    function = staticmethod(categorical_focal_crossentropy)

    def __init__(
        self, alpha: Real | Sequence[Real] = 0.25, gamma: Real = 2.0, from_logits: bool = False,
        label_smoothing: Real = 0.0, axis: Integer = -1, reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(from_logits, label_smoothing, axis, reduction, name)
        self.alpha: float | list[float] = numbers_of(alpha)
        self.gamma: float = as_number("gamma", gamma, 0)

    def settings(self) -> Config:
        return {"alpha": self.alpha, "gamma": self.gamma} | super().settings()


class CategoricalGeneralizedCrossEntropy(Loss):
    """The mean of `categorical_generalized_cross_entropy`: integer labels, some of which may be wrong.

    Parameters
    ----------
    q : float
        Between 0 and 1.
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]])
    Tensor(1., shape=(), dtype=float32)
    """

    function = staticmethod(categorical_generalized_cross_entropy)

    def __init__(self, q: Real = 0.5, reduction: str | None = "sum_over_batch_size", name: str | None = None) -> None:
        super().__init__(reduction, name)
        self.q: float = between_0_and_1(q)

    def settings(self) -> Config:
        return {"q": self.q}

    def _check(self, name, y_true, shape):
        targets.class_labels(name, y_true, shape)
        targets.several_classes(name, shape)
