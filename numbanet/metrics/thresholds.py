"""What is best at any threshold that keeps a condition: sensitivity at a specificity, precision at a recall."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_count, as_number
from numbanet.errors import ArgumentError
from numbanet.metrics.confusion import flat, shares
from numbanet.metrics.metric import Metric
from numbanet.typing import Config, Integer, Real


class _AtThresholds(Metric):
    """Counts of right and wrong predictions at evenly spaced thresholds from 0 to 1."""

    direction, checks_labels = "max", True
    condition = ""
    """What has to reach the number that was given, by name."""
    wanted = ""
    """What the result is: the highest value of this where the condition is met."""

    class_id: int | None = None

    def __init__(self, value: Real, num_thresholds: Integer, class_id: Integer | None, name: str | None) -> None:
        who = type(self).__name__
        if class_id is not None:
            self.class_id = as_count(f"{who}: class_id", class_id)
        setattr(self, self.condition, as_number(f"{who}: {self.condition}", value, 0, 1))
        self.num_thresholds: int = as_count(f"{who}: num_thresholds", num_thresholds, low=1)
        super().__init__(name)

    def reset(self) -> None:
        self._right: Any = np.zeros(self.num_thresholds)
        self._wrong: Any = np.zeros(self.num_thresholds)
        """How many labels 1, and 0, are predicted as 1 at each threshold."""
        self._positive = self._negative = 0.0

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        positive, scores, weights = flat(self.name, y_true, y_pred, sample_weight, self.class_id)
        if not ((scores >= 0) & (scores <= 1)).all():
            raise ArgumentError(f"{self.name}: predictions must be probabilities, from 0 to 1")
        count = self.num_thresholds
        at = [0.5] if count == 1 else np.arange(count) / (count - 1)
        above = np.searchsorted(at, scores, side="left")  # how many thresholds are below
        if count > 1:
            above = np.maximum(above, 1)  # every prediction counts as 1 at the threshold 0
        for counts, chosen in ((self._right, positive), (self._wrong, ~positive)):
            found = np.bincount(above[chosen], weights[chosen], count + 1)
            counts += found[::-1].cumsum()[::-1][1:]
        self._positive += float(weights[positive].sum())
        self._negative += float(weights[~positive].sum())

    def result(self) -> float:
        """Return the best that there is where the condition holds."""
        found = {
            "sensitivity": shares(self._right, self._positive),
            "specificity": shares(self._negative - self._wrong, self._negative),
            "precision": shares(self._right, self._right + self._wrong),
        }
        found["recall"] = found["sensitivity"]
        holds = found[self.condition] >= getattr(self, self.condition)
        return float(np.where(holds, found[self.wanted], 0.0).max(initial=0.0))

    def get_config(self) -> Config:
        own = {self.condition: getattr(self, self.condition), "num_thresholds": self.num_thresholds}
        return own | {"class_id": self.class_id, "name": self.name}


class SensitivityAtSpecificity(_AtThresholds):
    """The best sensitivity at any threshold at which the specificity is at least this; 0 if there is none.

    Parameters
    ----------
    specificity : float
        From 0 to 1.
    num_thresholds : int
        How many thresholds from 0 to 1 are tried.
    class_id : int, optional
        Only this column of labels and predictions counts.
    name : str

    Raises
    ------
    ArgumentError
        When a number is out of its range, a label is neither 0 nor 1, or a prediction lies outside 0..1.

    References
    ----------
    Keras 3, `SensitivityAtSpecificity`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.SensitivityAtSpecificity(0.5)
    >>> metric.update([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    >>> round(metric.result(), 4)
    0.5
    """

    condition, wanted = "specificity", "sensitivity"
    specificity: float

    def __init__(
        self,
        specificity: Real,
        num_thresholds: Integer = 200,
        class_id: Integer | None = None,
        name: str = "sensitivity_at_specificity",
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name)


class SpecificityAtSensitivity(_AtThresholds):
    """The best specificity at any threshold at which the sensitivity is at least this; 0 if there is none.

    Parameters
    ----------
    sensitivity : float
        From 0 to 1.
    num_thresholds : int
        How many thresholds from 0 to 1 are tried.
    class_id : int, optional
        Only this column of labels and predictions counts.
    name : str

    Raises
    ------
    ArgumentError
        When a number is out of its range, a label is neither 0 nor 1, or a prediction lies outside 0..1.

    References
    ----------
    Keras 3, `SpecificityAtSensitivity`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.SpecificityAtSensitivity(0.5)
    >>> metric.update([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    >>> round(metric.result(), 4)
    0.6667
    """

    condition, wanted = "sensitivity", "specificity"
    sensitivity: float

    def __init__(
        self,
        sensitivity: Real,
        num_thresholds: Integer = 200,
        class_id: Integer | None = None,
        name: str = "specificity_at_sensitivity",
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name)


class PrecisionAtRecall(_AtThresholds):
    """The best precision at any threshold at which the recall is at least this; 0 if there is none.

    Parameters
    ----------
    recall : float
        From 0 to 1.
    num_thresholds : int
        How many thresholds from 0 to 1 are tried.
    class_id : int, optional
        Only this column of labels and predictions counts.
    name : str

    Raises
    ------
    ArgumentError
        When a number is out of its range, a label is neither 0 nor 1, or a prediction lies outside 0..1.

    References
    ----------
    Keras 3, `PrecisionAtRecall`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.PrecisionAtRecall(0.5)
    >>> metric.update([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    >>> round(metric.result(), 4)
    0.5
    """

    condition, wanted = "recall", "precision"
    recall: float

    def __init__(
        self,
        recall: Real,
        num_thresholds: Integer = 200,
        class_id: Integer | None = None,
        name: str = "precision_at_recall",
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name)


class RecallAtPrecision(_AtThresholds):
    """The best recall at any threshold at which the precision is at least this; 0 if there is none.

    Parameters
    ----------
    precision : float
        From 0 to 1.
    num_thresholds : int
        How many thresholds from 0 to 1 are tried.
    class_id : int, optional
        Only this column of labels and predictions counts.
    name : str

    Raises
    ------
    ArgumentError
        When a number is out of its range, a label is neither 0 nor 1, or a prediction lies outside 0..1.

    References
    ----------
    Keras 3, `RecallAtPrecision`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.RecallAtPrecision(0.5)
    >>> metric.update([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    >>> round(metric.result(), 4)
    1.0
    """

    condition, wanted = "precision", "recall"
    precision: float

    def __init__(
        self,
        precision: Real,
        num_thresholds: Integer = 200,
        class_id: Integer | None = None,
        name: str = "recall_at_precision",
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name)
