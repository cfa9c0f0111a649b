"""Scores of all samples together: F-scores of classes, and the share of variance that is explained."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_count, as_number
from numbanet.errors import ArgumentError, ShapeError
from numbanet.metrics.metric import Metric, are_bits, in_one_shape
from numbanet.metrics.reduction import weights_like
from numbanet.typing import Config, Integer, Real


def one_of(who: str, name: str, value: Any, known: tuple[str, ...]) -> str | None:
    """Return `value` if it is None or one of the known words; ArgumentError otherwise."""
    if value is not None and (not isinstance(value, str) or value not in known):
        raise ArgumentError(f"{who}: {name} must be None or one of {', '.join(map(repr, known))}, got {value!r}")
    return value


def _rows(name, y_true, y_pred, sample_weight):
    """Return both as float64 of two dimensions, and weights of one column."""
    y_true, y_pred = in_one_shape(name, y_true, y_pred)
    if y_pred.ndim not in (1, 2):
        raise ShapeError(f"{name}: needs targets and predictions of shape (samples, outputs), got {y_pred.shape}")
    true, pred = (np.asarray(one, np.float64).reshape(len(one), -1) for one in (y_true, y_pred))
    weights = np.ones(len(true)) if sample_weight is None else weights_like(true[:, 0], sample_weight, name)
    return true, pred, weights[:, None]


class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall, of each class.

    `(1 + beta**2) * precision * recall / (beta**2 * precision + recall)`; 0 where there is nothing right.

    Parameters
    ----------
    average : {"micro", "macro", "weighted"}, optional
        "micro" counts all classes together; "macro" takes the mean of the scores of classes, and "weighted" weighs them
        by how many samples a class has. None gives an array of the scores of classes, which `compile` takes if there is
        one class only.
    beta : float
        Above 0: how much more recall counts than precision.
    threshold : float, optional
        Above 0, up to 1: predictions above it mean that the class is there. By default it is the most probable class.
    name : str

    Raises
    ------
    ArgumentError
        When a setting is out of its range, or a label is neither 0 nor 1.

    References
    ----------
    van Rijsbergen: Information Retrieval, 1979. Keras 3, `FBetaScore`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.FBetaScore("macro", beta=2.0, threshold=0.5)
    >>> metric.update([[1, 1], [1, 0], [1, 1]], [[0.9, 0.1], [0.8, 0.1], [0.1, 0.7]])
    >>> round(metric.result(), 4)
    0.6349
    """

    direction, checks_labels = "max", True

    def __init__(
        self, average: str | None = None, beta: Real = 1.0, threshold: Real | None = None, name: str = "fbeta_score"
    ) -> None:
        who = type(self).__name__
        self.average = one_of(who, "average", average, ("micro", "macro", "weighted"))
        self.beta: float = as_number(f"{who}: beta", beta, positive=True)
        self.threshold = None if threshold is None else as_number(f"{who}: threshold", threshold, 0, 1, positive=True)
        super().__init__(name)

    def reset(self) -> None:
        self._counts: Any = np.zeros((3, 1))
        """Of each class: what was predicted and right, what was predicted, what was there."""

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred, weights = _rows(self.name, y_true, y_pred, sample_weight)
        there = are_bits(self.name, true)
        if self.threshold is None:
            found = (pred >= pred.max(axis=-1, keepdims=True, initial=-np.inf)) & (np.abs(pred) > 1e-9)
        else:
            found = pred > self.threshold
        if self._counts.shape[1] not in (1, there.shape[1]):
            raise ShapeError(f"{self.name}: had {self._counts.shape[1]} classes, and gets {there.shape[1]}")
        counts = np.stack([(weights * one).sum(axis=0) for one in (found & there, found, there)])
        self._counts = self._counts + counts

    def result(self) -> Any:
        """Return the score: a float, or without `average` an array of one per class."""
        counts = self._counts.sum(axis=1) if self.average == "micro" else self._counts
        right, found, there = counts
        weighted = self.beta**2 * there + found
        scores = np.where(weighted > 0, (1 + self.beta**2) * right / np.where(weighted > 0, weighted, 1), 0.0)
        if self.average == "weighted":
            total = there.sum()
            return float((scores * there).sum() / total) if total else 0.0
        return scores if self.average is None else float(scores.mean())

    def get_config(self) -> Config:
        return {"average": self.average, "beta": self.beta, "threshold": self.threshold, "name": self.name}


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall, of each class: `FBetaScore` with a beta of 1.

    Parameters
    ----------
    average, threshold
        As for `FBetaScore`.
    name : str

    References
    ----------
    Keras 3, `F1Score`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.F1Score("micro", threshold=0.5)
    >>> metric.update([[1, 1], [1, 0], [1, 1]], [[0.9, 0.1], [0.8, 0.1], [0.1, 0.7]])
    >>> round(metric.result(), 4)
    0.75
    """

    def __init__(self, average: str | None = None, threshold: Real | None = None, name: str = "f1_score") -> None:
        super().__init__(average, 1.0, threshold, name)

    def get_config(self) -> Config:
        return {"average": self.average, "threshold": self.threshold, "name": self.name}


class R2Score(Metric):
    """The share of the variance of the targets that predictions explain: 1 for all, 0 for what their mean explains.

    Parameters
    ----------
    class_aggregation : {"uniform_average", "variance_weighted_average"}, optional
        What becomes of the scores of several outputs; None gives an array of them, which `compile` takes if there is
        one output only.
    num_regressors : int
        How many inputs explain the targets, for the adjusted score; 0 for the plain one, which is also taken where
        there are too few samples.
    name : str

    Raises
    ------
    ArgumentError
        When a setting is out of its range.

    References
    ----------
    Keras 3, `R2Score`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.R2Score()
    >>> metric.update([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
    >>> round(metric.result(), 4)
    0.5714
    """

    direction = "max"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: Integer = 0,
        name: str = "r2_score",
    ) -> None:
        known = ("uniform_average", "variance_weighted_average")
        self.class_aggregation = one_of("R2Score", "class_aggregation", class_aggregation, known)
        self.num_regressors: int = as_count("R2Score: num_regressors", num_regressors)
        super().__init__(name)

    def reset(self) -> None:
        self._sums: Any = np.zeros((4, 1))
        """Of each output: weights, targets, their squares, squared differences."""
        self._samples: int = 0

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred, weights = _rows(self.name, y_true, y_pred, sample_weight)
        if self._sums.shape[1] not in (1, true.shape[1]):
            raise ShapeError(f"{self.name}: had {self._sums.shape[1]} outputs, and gets {true.shape[1]}")
        parts = (np.ones_like(true), true, true**2, (true - pred) ** 2)
        self._sums = self._sums + np.stack([(weights * one).sum(axis=0) for one in parts])
        self._samples += true.size

    def result(self) -> Any:
        """Return the score: a float, or without `class_aggregation` an array of one per output; NaN without samples."""
        count, total, squares, errors = self._sums
        with np.errstate(all="ignore"):
            spread = squares - total * (total / count)
            scores = 1 - errors / spread
            scores = np.where(np.isinf(scores), 0.0, scores)
            if self.class_aggregation == "variance_weighted_average":
                scores = (spread * scores).sum() / spread.sum()
            elif self.class_aggregation is not None:
                scores = scores.mean()
        left = self._samples - self.num_regressors - 1
        if self.num_regressors and left > 0:
            scores = 1 - (1 - scores) * (self._samples - 1) / left
        return scores if self.class_aggregation is None else float(scores)

    def get_config(self) -> Config:
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return own | {"name": self.name}
