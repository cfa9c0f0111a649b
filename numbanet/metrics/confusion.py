"""Metrics of yes-or-no predictions that tell the two kinds of mistakes apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from numbanet.core.checks import as_count, as_number
from numbanet.errors import ArgumentError
from numbanet.metrics.metric import Metric, are_bits, in_one_shape
from numbanet.metrics.reduction import weights_like
from numbanet.typing import Config, Integer, Real

COUNTS = ("true_positives", "false_positives", "false_negatives", "true_negatives")


def labelled(name: str, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """Return labels as booleans, predictions, and a weight for each, in the shape of the predictions."""
    y_true, y_pred = in_one_shape(name, y_true, y_pred)
    positive = are_bits(name, y_true)
    weights = np.ones(y_pred.shape) if sample_weight is None else weights_like(y_pred, sample_weight, name)
    return positive, y_pred, weights


def flat(
    name: str, y_true: Any, y_pred: Any, sample_weight: Any, class_id: int | None = None, top_k: int | None = None
) -> tuple[Any, Any, Any]:
    """Return labels, predictions and weights, all flat; the k largest predictions alone, and one class, if given."""
    positive, y_pred, weights = labelled(name, y_true, y_pred, sample_weight)
    if top_k is not None:
        y_pred = _largest(name, y_pred, top_k)
    if class_id is not None:
        if y_pred.ndim < 2 or class_id >= y_pred.shape[-1]:
            raise ArgumentError(f"{name}: class_id={class_id} is no column of predictions of shape {y_pred.shape}")
        positive, y_pred, weights = (one[..., class_id] for one in (positive, y_pred, weights))
    return positive.reshape(-1), y_pred.reshape(-1), weights.reshape(-1)


def shares(parts: Any, wholes: Any) -> Any:
    """Return quotients, 0 where the divisor is 0."""
    parts, wholes = np.broadcast_arrays(parts, wholes)
    return np.divide(parts, wholes, out=np.zeros(parts.shape), where=wholes != 0)


def as_thresholds(who: str, given: Any) -> float | list[float] | None:
    """Return None, a number or a list of numbers; ArgumentError otherwise."""
    if given is None:
        return None
    if np.ndim(given) == 0:
        return as_number(f"{who}: thresholds", given)
    found = [as_number(f"{who}: thresholds", one) for one in given]
    if not found:
        raise ArgumentError(f"{who}: thresholds must be a number or several, got {given!r}")
    return found


def _renamed(settings):
    """Return settings by the names that they have now."""
    return {"thresholds" if name == "threshold" else name: value for name, value in settings.items()}


class _Confusion(Metric):
    """Counts of right and wrong yeses and noes, one for each threshold."""

    direction, checks_labels = "max", True
    _former: ClassVar[dict] = {"threshold": "it is called thresholds"}
    thresholds: float | list[float] | None = None
    """What predictions must be above to mean 1; 0.5 if it is None, and any number of the k largest with `top_k`."""
    top_k: int | None = None
    class_id: int | None = None

    def __init__(self, thresholds: Any, top_k: Any, class_id: Any, name: str) -> None:
        who = type(self).__name__
        self.thresholds = as_thresholds(who, thresholds)
        if top_k is not None:
            self.top_k = as_count(f"{who}: top_k", top_k, low=1)
        if class_id is not None:
            self.class_id = as_count(f"{who}: class_id", class_id)
        super().__init__(name)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore what was pickled, in earlier versions with one `threshold`, and floats for counts."""
        counts = {name: np.atleast_1d(state[name]) for name in COUNTS if name in state}
        vars(self).update(_renamed(state) | counts)

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Return the metric that `get_config` describes; files of earlier versions have one `threshold`."""
        return cls(**_renamed(config))

    def _cuts(self):
        """Return the thresholds as a list."""
        given = self.thresholds
        if given is None:
            return [0.5 if self.top_k is None else -np.inf]
        return given if isinstance(given, list) else [given]

    def reset(self) -> None:
        self.true_positives: Any = np.zeros(len(self._cuts()))
        self.false_positives = self.false_negatives = self.true_negatives = self.true_positives

    def update_batches(self, batch: int, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        of_rows = "rowwise" in vars(type(self)) and (self.top_k is None or np.ndim(y_pred) > 1)
        if of_rows and sample_weight is None:  # whole numbers, which are exact in any order
            self.update(y_true, y_pred)
        else:
            super().update_batches(batch, y_true, y_pred, sample_weight)

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        positive, y_pred, weights = flat(self.name, y_true, y_pred, sample_weight, self.class_id, self.top_k)
        predicted = [y_pred > cut for cut in self._cuts()]

        def total(of):
            return np.array([weights[of(one)].sum() for one in predicted], np.float64)

        self.true_positives = self.true_positives + total(lambda one: one & positive)
        self.false_positives = self.false_positives + total(lambda one: one & ~positive)
        self.false_negatives = self.false_negatives + total(lambda one: ~one & positive)
        self.true_negatives = self.true_negatives + total(lambda one: ~one & ~positive)

    def _one_or_all(self, found):
        """Return a float if there is one threshold, an array otherwise."""
        return float(found[0]) if found.shape == (1,) else found

    def get_config(self) -> Config:
        own = {"thresholds": self.thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return own | {"name": self.name}


def _largest(name, y_pred, k):
    """Return predictions with -inf for all but the k largest of each row, of equal ones the first."""
    if not y_pred.ndim or y_pred.shape[-1] < k:
        raise ArgumentError(f"{name}: top_k={k} is more than the last size of predictions of shape {y_pred.shape}")
    places = np.argsort(-y_pred.astype(np.float64), axis=-1, kind="stable")[..., :k]
    found = np.full(y_pred.shape, -np.inf)
    np.put_along_axis(found, places, np.take_along_axis(y_pred, places, -1), -1)
    return found


class Precision(_Confusion):
    """Of the predictions above the threshold, the share that is right; 0 when there are none.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it mean 1. By default 0.5, or with `top_k` any number. Several give an array of one result for
        each, which `compile` does not take.
    top_k : int, optional
        Only the k largest predictions of a row mean 1; of equal ones, the first.
    class_id : int, optional
        Only this column of labels and predictions counts.
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1, or predictions have no such class, or fewer than k.

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
    >>> metric = nn.metrics.Precision(top_k=1)
    >>> metric.update([[0, 1, 1], [1, 0, 0]], [[0.1, 0.2, 0.3], [0.1, 0.3, 0.2]])
    >>> metric.result()
    0.5
    """

    rowwise = True

    def __init__(
        self,
        thresholds: Real | Sequence[Real] | None = None,
        top_k: Integer | None = None,
        class_id: Integer | None = None,
        name: str = "precision",
    ) -> None:
        super().__init__(thresholds, top_k, class_id, name)

    def result(self) -> Any:
        """Return the share: a float, or with several thresholds an array of one for each."""
        return self._one_or_all(shares(self.true_positives, self.true_positives + self.false_positives))


class Recall(_Confusion):
    """Of the samples with label 1, the share that is predicted above the threshold; 0 when there are none.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it mean 1. By default 0.5, or with `top_k` any number. Several give an array of one result for
        each, which `compile` does not take.
    top_k : int, optional
        Only the k largest predictions of a row mean 1; of equal ones, the first.
    class_id : int, optional
        Only this column of labels and predictions counts.
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1, or predictions have no such class, or fewer than k.

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

    def __init__(
        self,
        thresholds: Real | Sequence[Real] | None = None,
        top_k: Integer | None = None,
        class_id: Integer | None = None,
        name: str = "recall",
    ) -> None:
        super().__init__(thresholds, top_k, class_id, name)

    def result(self) -> Any:
        """Return the share: a float, or with several thresholds an array of one for each."""
        return self._one_or_all(shares(self.true_positives, self.true_positives + self.false_negatives))
