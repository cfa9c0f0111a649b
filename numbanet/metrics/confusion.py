"""Metrics of yes-or-no predictions that tell the two kinds of mistakes apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numbanet.core.checks import as_number
from numbanet.metrics.metric import Metric, are_bits, in_one_shape
from numbanet.metrics.reduction import weights_like
from numbanet.typing import Config, Real


def _flat(name, y_true, y_pred, sample_weight):
    """Return labels as booleans, predictions, and a weight for each, all flat."""
    y_true, y_pred = in_one_shape(name, y_true, y_pred)
    positive = are_bits(name, y_true)
    weights = np.ones(y_pred.shape) if sample_weight is None else weights_like(y_pred, sample_weight, name)
    return positive.reshape(-1), y_pred.reshape(-1), weights.reshape(-1)


class _Confusion(Metric):
    """Counts of right and wrong yeses and noes."""

    direction, checks_labels = "max", True

    def __init__(self, threshold: Real, name: str) -> None:
        self.threshold: float = as_number("threshold", threshold)
        super().__init__(name)

    def reset(self) -> None:
        self.true_positives = self.false_positives = self.false_negatives = self.true_negatives = 0.0

    def update_batches(self, batch: int, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if "rowwise" in vars(type(self)) and sample_weight is None:  # whole numbers, which are exact in any order
            self.update(y_true, y_pred)
        else:
            super().update_batches(batch, y_true, y_pred, sample_weight)

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        positive, y_pred, weights = _flat(self.name, y_true, y_pred, sample_weight)
        predicted = y_pred > self.threshold
        self.true_positives += float(weights[predicted & positive].sum())
        self.false_positives += float(weights[predicted & ~positive].sum())
        self.false_negatives += float(weights[~predicted & positive].sum())
        self.true_negatives += float(weights[~predicted & ~positive].sum())

    def get_config(self) -> Config:
        return {"threshold": self.threshold, "name": self.name}


class Precision(_Confusion):
    """Of the predictions above the threshold, the share that is right; 0 when there are none.

    Parameters
    ----------
    threshold : float
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 11.1. Keras 3, `Precision`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.Precision()
    >>> metric.update([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.1])
    >>> round(metric.result(), 4)
    0.6667
    """

    rowwise = True

    def __init__(self, threshold: Real = 0.5, name: str = "precision") -> None:
        super().__init__(threshold, name)

    def result(self) -> float:
        predicted = self.true_positives + self.false_positives
        return self.true_positives / predicted if predicted else 0.0


class Recall(_Confusion):
    """Of the samples with label 1, the share that is predicted above the threshold; 0 when there are none.

    Parameters
    ----------
    threshold : float
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 11.1. Keras 3, `Recall`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.Recall()
    >>> metric.update([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.1])
    >>> round(metric.result(), 4)
    0.6667
    """

    rowwise = True

    def __init__(self, threshold: Real = 0.5, name: str = "recall") -> None:
        super().__init__(threshold, name)

    def result(self) -> float:
        positive = self.true_positives + self.false_negatives
        return self.true_positives / positive if positive else 0.0


class AUC(Metric):
    """The area under the ROC curve: how often a sample with label 1 gets the higher score than one with label 0.

    Exact, ties counted half: every score is kept until `reset`, 17 bytes each, and `result` sorts them, where Keras
    rounds them to 200 thresholds. Scores may be of any size: probabilities or what comes before sigmoid.

    Parameters
    ----------
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Hanley and McNeil: The Meaning and Use of the Area under a ROC Curve, 1982.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.AUC()
    >>> metric.update([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
    >>> metric.result()
    0.75
    """

    direction, checks_labels = "max", True

    def __init__(self, name: str = "auc") -> None:
        super().__init__(name)

    def reset(self) -> None:
        self._batches: list[Any] = []

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        positive, scores, weights = _flat(self.name, y_true, y_pred, sample_weight)
        self._batches.append((positive, scores.astype(np.float64), np.array(weights)))  # copies: buffers get reused

    def result(self) -> float:
        """Return the area; NaN unless there are samples of both labels, or when a score is NaN."""
        if not self._batches:
            return math.nan
        positive, scores, weights = (np.concatenate(parts) for parts in zip(*self._batches, strict=True))
        if np.isnan(scores).any():
            return math.nan
        values, place = np.unique(scores, return_inverse=True)
        of_positive = np.bincount(place, weights * positive, len(values))
        of_negative = np.bincount(place, weights * ~positive, len(values))
        pairs = of_positive.sum() * of_negative.sum()
        lower = np.cumsum(of_negative) - of_negative / 2  # negatives below each score, and half of those at it
        return float(of_positive @ lower / pairs) if pairs else math.nan
