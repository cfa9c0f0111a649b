"""Accuracies: the share of samples that are classified right."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_count, as_flag, as_number
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.targets import classes_of
from numbanet.metrics.metric import MeanMetric, are_bits, in_one_shape
from numbanet.typing import Array, Config, Integer, Real


def _one_each(name, y_true, y_pred):
    """Return labels in the shape of `y_pred` without its classes."""
    rows = y_pred.shape[:-1]
    if y_true.shape == (*rows, 1):
        y_true = y_true.reshape(rows)
    if y_true.shape != rows or not y_pred.ndim:
        raise ShapeError(f"{name}: y_true {y_true.shape} must have the shape of y_pred {y_pred.shape} without classes")
    return y_true


def _labels(name, y_true, y_pred):
    """Return integer labels, of the shape of `y_pred` without its classes; ArgumentError when one is none of them."""
    labels = _one_each(name, y_true, y_pred)
    return classes_of(name, y_pred.shape[-1], labels)


def _hot(name, y_true, y_pred):
    """Return the labels of one-hot rows."""
    if y_true.shape != y_pred.shape or not y_pred.ndim:
        raise ShapeError(f"{name}: y_true {y_true.shape} and y_pred {y_pred.shape} must have one shape")
    if y_true.dtype.kind == "f" and np.isnan(y_true).any():
        raise ArgumentError(f"{name}: a label is nan")
    return y_true.argmax(axis=-1)


def _either(name, y_true, y_pred):
    """Return labels from integers or from one-hot rows, as the shapes say: Keras's rule."""
    sparse = y_true.ndim < y_pred.ndim or (y_true.ndim and y_true.shape[-1] == 1 and y_pred.shape[-1] > 1)
    return (_labels if sparse else _hot)(name, y_true, y_pred)


class BinaryAccuracy(MeanMetric):
    """How often probability and threshold give the label, 0 or 1.

    Parameters
    ----------
    name : str
    threshold : float
        Predictions above it mean 1.

    References
    ----------
    Keras 3, `BinaryAccuracy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.BinaryAccuracy()
    >>> metric.update([1, 0, 1, 1], [[0.9], [0.8], [0.7], [0.6]])
    >>> metric.result()
    0.75
    """

    direction, rowwise, checks_labels = "max", True, True

    def __init__(self, name: str = "binary_accuracy", threshold: Real = 0.5) -> None:
        self.threshold: float = as_number("threshold", threshold)
        super().__init__(name)

    def values(self, y_true: Any, y_pred: Any) -> Array:
        y_true, y_pred = in_one_shape(self.name, y_true, y_pred)
        return are_bits(self.name, y_true) == (y_pred > self.threshold)

    def get_config(self) -> Config:
        return {"name": self.name, "threshold": self.threshold}


class SparseCategoricalAccuracy(MeanMetric):
    """How often the most probable class is the label.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `SparseCategoricalAccuracy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.SparseCategoricalAccuracy()
    >>> metric.update([1, 1], [[0.1, 0.9], [0.6, 0.4]])
    >>> metric.result()
    0.5
    """

    direction, rowwise = "max", True

    def __init__(self, name: str = "sparse_categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: Any, y_pred: Any) -> Array:
        return _labels(self.name, y_true, y_pred) == y_pred.argmax(axis=-1)


class CategoricalAccuracy(MeanMetric):
    """How often the most probable class is the one of a one-hot row.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `CategoricalAccuracy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.CategoricalAccuracy()
    >>> metric.update([[0, 1], [0, 1]], [[0.1, 0.9], [0.6, 0.4]])
    >>> metric.result()
    0.5
    """

    direction, rowwise = "max", True

    def __init__(self, name: str = "categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: Any, y_pred: Any) -> Array:
        return _hot(self.name, y_true, y_pred) == y_pred.argmax(axis=-1)


class Accuracy(MeanMetric):
    """The accuracy that fits the shapes.

    Predictions with one column, or none, are binary, cut at 0.5. Otherwise labels with fewer dimensions than
    predictions, or one column, are integers, and labels of the same shape one-hot.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `metrics=["accuracy"]` of `compile`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.Accuracy()
    >>> metric.update([1, 1], [[0.1, 0.9], [0.6, 0.4]])
    >>> metric.result()
    0.5
    """

    direction, rowwise, checks_labels = "max", True, True

    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: Any, y_pred: Any) -> Array:
        if y_pred.ndim < 2 or y_pred.shape[-1] == 1:
            y_true, y_pred = in_one_shape(self.name, y_true, y_pred)
            return are_bits(self.name, y_true) == (y_pred > 0.5)
        return _either(self.name, y_true, y_pred) == y_pred.argmax(axis=-1)


class TopK(MeanMetric):
    """How often the label is among the k most probable classes; integer or one-hot labels.

    A class that ties with the last of them is among them; one that is not finite never is.

    Parameters
    ----------
    k : int
    name : str

    Raises
    ------
    ArgumentError
        When k is less than 1; in `update`, when a label is none of the classes.

    References
    ----------
    Keras 3, `TopKCategoricalAccuracy` and `SparseTopKCategoricalAccuracy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.TopK(k=2)
    >>> metric.update([2, 2], [[0.5, 0.2, 0.3], [0.6, 0.3, 0.1]])
    >>> metric.result()
    0.5
    """

    direction, rowwise, checks_labels = "max", True, True
    labels = staticmethod(_either)

    def __init__(self, k: Integer = 5, name: str = "top_k") -> None:
        self.k: int = as_count("k", k, low=1)
        super().__init__(name)

    def values(self, y_true: Any, y_pred: Any) -> Array:
        labels = self.labels(self.name, y_true, y_pred)
        score = np.take_along_axis(y_pred, labels[..., None].astype(np.int64), -1)
        return ((y_pred > score).sum(axis=-1) < self.k) & np.isfinite(score[..., 0])

    def get_config(self) -> Config:
        return {"k": self.k, "name": self.name}


class TopKCategoricalAccuracy(TopK):
    """`TopK` of one-hot labels.

    Parameters
    ----------
    k : int
    name : str

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.TopKCategoricalAccuracy(k=1)
    >>> metric.update([[0, 1], [0, 1]], [[0.1, 0.9], [0.6, 0.4]])
    >>> metric.result()
    0.5
    """

    rowwise = True
    labels = staticmethod(_hot)

    def __init__(self, k: Integer = 5, name: str = "top_k_categorical_accuracy") -> None:
        super().__init__(k, name)


class SparseTopKCategoricalAccuracy(TopK):
    """`TopK` of integer labels.

    Parameters
    ----------
    k : int
    name : str
    from_sorted_ids : bool
        Whether predictions are not scores but the numbers of classes, at least k of them and the best first.

    Raises
    ------
    ArgumentError
        When a label is none of the classes, or fewer than k numbers of classes are predicted.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.SparseTopKCategoricalAccuracy(k=1)
    >>> metric.update([1, 1], [[0.1, 0.9], [0.6, 0.4]])
    >>> metric.result()
    0.5
    """

    rowwise = True
    labels = staticmethod(_labels)
    from_sorted_ids: bool = False

    def __init__(
        self, k: Integer = 5, name: str = "sparse_top_k_categorical_accuracy", from_sorted_ids: bool = False
    ) -> None:
        super().__init__(k, name)
        self.from_sorted_ids = as_flag("SparseTopKCategoricalAccuracy: from_sorted_ids", from_sorted_ids)

    def values(self, y_true: Any, y_pred: Any) -> Array:
        if not self.from_sorted_ids:
            return super().values(y_true, y_pred)
        if not y_pred.ndim or y_pred.shape[-1] < self.k:
            raise ArgumentError(f"{self.name}: needs {self.k} numbers of classes, got predictions {y_pred.shape}")
        labels = _one_each(self.name, y_true, y_pred)
        return (labels[..., None] == y_pred[..., : self.k]).any(axis=-1)

    def get_config(self) -> Config:
        return super().get_config() | ({"from_sorted_ids": True} if self.from_sorted_ids else {})
