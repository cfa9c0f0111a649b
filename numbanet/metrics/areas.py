"""The area under curves of a score: how well it tells two kinds of samples apart, whatever the threshold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numbanet.core.checks import as_choice, as_count, as_flag, as_number
from numbanet.errors import ArgumentError, ShapeError
from numbanet.metrics.confusion import labelled, shares
from numbanet.metrics.metric import Metric
from numbanet.typing import Config, Integer, Real


class AUC(Metric):
    """The area under the ROC curve: how often a sample with label 1 gets the higher score than one with label 0.

    Exact, ties counted half: every score is kept until `reset`, 17 bytes each, and `result` sorts them. Scores may be
    of any size then: probabilities or what comes before sigmoid. With `num_thresholds` or `thresholds` nothing is kept
    but counts at these, as in Keras, whose default is 200 of them.

    Parameters
    ----------
    num_thresholds : int, optional
        At least 2: how many thresholds from 0 to 1 the curve is drawn from; by default it has all scores.
    curve : {"ROC", "PR"}
        "PR" is the curve of precision over recall.
    summation_method : {"interpolation", "minoring", "majoring"}
        The curve between two points: what counts give that change evenly, or the lower or the higher of both.
    name : str
    thresholds : list of float, optional
        The thresholds, between 0 and 1, to which 0 and 1 are added; `num_thresholds` does not count then.
    multi_label : bool
        Whether the result is the mean of the areas of all columns, rather than the area of all labels together.
    num_labels : int, optional
        How many columns there are, if `multi_label` is true; found by itself.
    label_weights : list of float, optional
        One for each column: in the mean with `multi_label`, and otherwise of each of its labels.
    from_logits : bool
        Whether scores are what comes before sigmoid; without thresholds that makes no difference.

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1, a setting is out of its range, or with thresholds a score lies outside 0..1.
    ShapeError
        When there are not as many columns as weights, or as `num_labels`.

    References
    ----------
    Hanley and McNeil: The Meaning and Use of the Area under a ROC Curve, 1982. Davis and Goadrich: The Relationship
    Between Precision-Recall and ROC Curves, 2006, section 4. Keras 3, `AUC`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.AUC()
    >>> metric.update([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
    >>> metric.result()
    0.75
    """

    direction, checks_labels = "max", True
    num_thresholds: int | None = None
    curve, summation_method = "ROC", "interpolation"
    thresholds: list[float] | None = None
    multi_label = from_logits = False
    num_labels: int | None = None
    label_weights: list[float] | None = None

    def __init__(
        self,
        num_thresholds: Integer | None = None,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str = "auc",
        thresholds: Sequence[Real] | None = None,
        multi_label: bool = False,
        num_labels: Integer | None = None,
        label_weights: Sequence[Real] | None = None,
        from_logits: bool = False,
    ) -> None:
        if num_thresholds is not None:
            self.num_thresholds = as_count("AUC: num_thresholds", num_thresholds, low=2)
        self.curve = as_choice("AUC: curve", curve, tuple(CURVES))
        self.summation_method = as_choice("AUC: summation_method", summation_method, tuple(BETWEEN))
        if thresholds is not None:
            self.thresholds = sorted(as_number("AUC: thresholds", one, 0, 1) for one in thresholds)
        self.multi_label = as_flag("AUC: multi_label", multi_label)
        self.from_logits = as_flag("AUC: from_logits", from_logits)
        if num_labels is not None:
            self.num_labels = as_count("AUC: num_labels", num_labels, low=1)
            if not self.multi_label:
                raise ArgumentError("AUC: num_labels is for multi_label=True")
        if label_weights is not None:
            self.label_weights = [as_number("AUC: label_weights", one, 0) for one in label_weights]
        super().__init__(name)

    def reset(self) -> None:
        self._batches: list[Any] = []
        self._counts: Any = None
        """How many labels 1, and 0, there are between two thresholds, for each column."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore what was pickled, in earlier versions without counts, and with scores that are flat."""
        vars(self).update({"_counts": None} | state)
        self._batches = [[part if part.ndim > 1 else part[:, None] for part in one] for one in self._batches]

    def _cuts(self):
        """Return the thresholds between the first, below all scores, and the last; None for all scores."""
        if self.thresholds is not None:
            return np.array(self.thresholds)
        count = self.num_thresholds
        return None if count is None else np.arange(1, count - 1) / (count - 1)

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        positive, scores, weights = self._columns(y_true, y_pred, sample_weight)
        cuts = self._cuts()
        if cuts is None:
            self._batches.append((positive, scores.astype(np.float64), np.array(weights)))  # copies: buffers get reused
            return
        if self.from_logits:
            scores = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -700, 700)))
        if not ((scores >= 0) & (scores <= 1)).all():
            raise ArgumentError(
                f"{self.name}: with thresholds, predictions must be probabilities, from 0 to 1; from_logits=True says "
                "that they come before sigmoid"
            )
        places = np.searchsorted(cuts, scores, side="left")  # how many thresholds are below
        counts = np.zeros((2, scores.shape[1], len(cuts) + 1))
        for label, chosen in enumerate((positive, ~positive)):
            for column in range(scores.shape[1]):
                kept = chosen[:, column]
                counts[label, column] = np.bincount(places[kept, column], weights[kept, column], len(cuts) + 1)
        self._counts = counts if self._counts is None else self._counts + counts

    def _columns(self, y_true, y_pred, sample_weight):
        """Return labels as booleans, scores and weights, of two dimensions: a column for each area."""
        positive, y_pred, weights = labelled(self.name, y_true, y_pred, sample_weight)
        size = y_pred.shape[-1] if y_pred.ndim > 1 else 1
        for name, wanted in (("num_labels", self.num_labels), ("label_weights", self.label_weights)):
            count = len(wanted) if isinstance(wanted, list) else wanted
            if count not in (None, size):
                raise ShapeError(f"{self.name}: {name} says {count} labels, got predictions of shape {y_pred.shape}")
        if self.multi_label and y_pred.ndim != 2:
            raise ShapeError(f"{self.name}: multi_label needs predictions (samples, labels), got {y_pred.shape}")
        if self.label_weights is not None and not self.multi_label:
            weights = weights * (self.label_weights if y_pred.ndim > 1 else self.label_weights[0])
        columns = (-1, size if self.multi_label else 1)
        return positive.reshape(columns), y_pred.reshape(columns), weights.reshape(columns)

    def result(self) -> float:
        """Return the area; NaN unless there are samples of both labels in each column, or when a score is NaN."""
        if self._counts is not None:
            columns = self._counts.transpose(1, 0, 2)
        elif self._batches:
            positive, scores, weights = (np.concatenate(parts) for parts in zip(*self._batches, strict=True))
            if np.isnan(scores).any():
                return math.nan
            columns = [_at_scores(*one) for one in zip(positive.T, scores.T, weights.T, strict=True)]
        else:
            return math.nan
        areas = [_area(self.curve, self.summation_method, *one) for one in columns]
        factors = self.label_weights if self.multi_label and self.label_weights else np.ones(len(areas))
        return float(np.dot(areas, factors) / np.sum(factors))

    def get_config(self) -> Config:
        own = ("num_thresholds", "curve", "summation_method", "name", "thresholds", "multi_label", "num_labels")
        return {name: getattr(self, name) for name in (*own, "label_weights", "from_logits")}


def _at_scores(positive, scores, weights):
    """Return the weights of labels 1, and of labels 0, at each score, in the order of the scores."""
    values, place = np.unique(scores, return_inverse=True)
    return [np.bincount(place, weights * chosen, len(values)) for chosen in (positive, ~positive)]


def _area(curve, method, of_positive, of_negative):
    """Return the area under the curve of the counts of labels 1, and 0, between thresholds, in their order."""
    right, wrong = (np.append(counts[::-1].cumsum()[::-1], 0.0) for counts in (of_positive, of_negative))
    if not right[0] or not wrong[0]:
        return math.nan
    if curve == "PR" and method == "interpolation":
        return _interpolated_precision(right, wrong)
    x, y = CURVES[curve](right, wrong)
    return float(np.sum((x[:-1] - x[1:]) * BETWEEN[method](y[:-1], y[1:])))


def _interpolated_precision(right, wrong):
    """Return the area of precision over recall where the counts of right and wrong change evenly between points.

    Of n predictions above a threshold, right = a + slope * n, so the integral of the precision right / n over
    d(right) = slope * d(n) is slope * (change of right + a * log of the ratio of n).
    """
    above = right + wrong
    gained, step = right[:-1] - right[1:], above[:-1] - above[1:]
    slope = shares(gained, step)
    start = right[1:] - slope * above[1:]
    ratio = np.where(above[1:] > 0, shares(above[:-1], above[1:]), 1.0)
    return float(np.sum(slope * (gained + start * np.log(ratio))) / right[0])


CURVES: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "ROC": lambda right, wrong: (wrong / wrong[0], right / right[0]),
    "PR": lambda right, wrong: (right / right[0], shares(right, right + wrong)),
}
"""The points of curves from how many of labels 1, and 0, are above each threshold."""
BETWEEN: dict[str, Callable[[Any, Any], Any]] = {
    "interpolation": lambda a, b: (a + b) / 2,
    "minoring": np.minimum,
    "majoring": np.maximum,
}
"""The height of a curve between two points."""
