"""How much predicted and true regions overlap: intersection over union, of classes of pixels or other samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from numbanet.core.checks import as_count, as_flag, as_integer, as_number
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.targets import classes_of
from numbanet.metrics.metric import Metric
from numbanet.metrics.reduction import weights_like
from numbanet.tensor.operators import values_of
from numbanet.typing import Config, Integer, Real


class IoU(Metric):
    """The mean over some classes of the size of the intersection of truth and prediction, over that of their union.

    Parameters
    ----------
    num_classes : int
    target_class_ids : list of int
        The classes whose mean is taken; those that occur neither in targets nor in predictions are left out.
    name : str, optional
    ignore_class : int, optional
        A label whose samples do not count; it need not be one of the classes.
    sparse_y_true, sparse_y_pred : bool
        Whether targets and predictions are classes; otherwise one-hot rows, probabilities or scores, of which the
        largest is taken.
    axis : int
        The axis of the classes where they are not sparse.

    Raises
    ------
    ArgumentError
        When a setting is out of its range, or a label is none of the classes.

    Notes
    -----
    Weights of samples count as they are; Keras cuts off their fractions.

    References
    ----------
    Keras 3, `IoU`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.IoU(num_classes=2, target_class_ids=[0])
    >>> metric.update([0, 0, 1, 1], [0, 1, 0, 1])
    >>> round(metric.result(), 4)
    0.3333
    """

    direction, checks_labels = "max", True
    settings: ClassVar[tuple[str, ...]] = (
        "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis",
    )  # fmt: skip
    """The arguments beside the name."""

    def __init__(
        self,
        num_classes: Integer,
        target_class_ids: Sequence[Integer],
        name: str = "io_u",
        ignore_class: Integer | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: Integer = -1,
    ) -> None:
        who = type(self).__name__
        self.num_classes: int = as_count(f"{who}: num_classes", num_classes, low=1)
        self.target_class_ids: list[int] = [as_count(f"{who}: target_class_ids", one) for one in target_class_ids]
        if not self.target_class_ids or max(self.target_class_ids) >= self.num_classes:
            raise ArgumentError(
                f"{who}: target_class_ids {self.target_class_ids} must be some of the {self.num_classes} classes"
            )
        self.ignore_class = None if ignore_class is None else as_integer(f"{who}: ignore_class", ignore_class)
        self.sparse_y_true = as_flag(f"{who}: sparse_y_true", sparse_y_true)
        self.sparse_y_pred = as_flag(f"{who}: sparse_y_pred", sparse_y_pred)
        self.axis: int = as_integer(f"{who}: axis", axis)
        super().__init__(name)

    def reset(self) -> None:
        self._pairs: Any = np.zeros((self.num_classes, self.num_classes))
        """How often a class, a row, was taken for another, a column."""

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred = values_of(y_true), values_of(y_pred)
        true = true if self.sparse_y_true else self._largest(true)
        pred = pred if self.sparse_y_pred else self._largest(pred)
        if true.size != pred.size or true.shape[:1] != pred.shape[:1]:
            raise ShapeError(f"{self.name}: y_true {true.shape} and y_pred {pred.shape} must have one shape")
        pred = pred.reshape(true.shape)
        weights = np.ones(true.shape) if sample_weight is None else weights_like(true, sample_weight, self.name)
        counts = np.ones(true.shape, bool) if self.ignore_class is None else true != self.ignore_class
        rows, columns = (classes_of(self.name, self.num_classes, one[counts]).astype(np.int64) for one in (true, pred))
        places = rows * self.num_classes + columns
        found = np.bincount(places, weights[counts], self.num_classes**2)
        self._pairs += found.reshape(self.num_classes, self.num_classes)

    def _largest(self, values):
        if values.ndim == 0 or values.shape[normalize_axis(self.name, self.axis, values.ndim)] != self.num_classes:
            raise ShapeError(
                f"{self.name}: needs {self.num_classes} classes along axis {self.axis}, got {values.shape}"
            )
        return values.argmax(axis=self.axis)

    def result(self) -> float:
        """Return the mean over the classes that occur; 0 if none does."""
        both = np.diag(self._pairs)[self.target_class_ids]
        union = (self._pairs.sum(axis=0) + self._pairs.sum(axis=1))[self.target_class_ids] - both
        occurs = union > 1e-9
        return float((both[occurs] / union[occurs]).mean()) if occurs.any() else 0.0

    def get_config(self) -> Config:
        return {name: getattr(self, name) for name in self.settings} | {"name": self.name}


class BinaryIoU(IoU):
    """`IoU` of the classes 0 and 1, where predictions are numbers that a threshold cuts.

    Parameters
    ----------
    target_class_ids : list of int
        0, 1, or both.
    threshold : float
        Predictions from here on mean 1.
    name : str, optional

    References
    ----------
    Keras 3, `BinaryIoU`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.BinaryIoU()
    >>> metric.update([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
    >>> round(metric.result(), 4)
    0.5833
    """

    settings: ClassVar[tuple[str, ...]] = ("target_class_ids", "threshold")

    def __init__(
        self, target_class_ids: Sequence[Integer] = (0, 1), threshold: Real = 0.5, name: str = "binary_io_u"
    ) -> None:
        super().__init__(2, target_class_ids, name)
        self.threshold: float = as_number("BinaryIoU: threshold", threshold)

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update(y_true, values_of(y_pred) >= self.threshold, sample_weight)


class MeanIoU(IoU):
    """`IoU` of all classes.

    Parameters
    ----------
    num_classes, name, ignore_class, sparse_y_true, sparse_y_pred, axis
        As for `IoU`.

    References
    ----------
    Keras 3, `MeanIoU`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.MeanIoU(num_classes=2)
    >>> metric.update([0, 0, 1, 1], [0, 1, 0, 1])
    >>> round(metric.result(), 4)
    0.3333
    """

    settings: ClassVar[tuple[str, ...]] = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: Integer,
        name: str = "mean_io_u",
        ignore_class: Integer | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: Integer = -1,
    ) -> None:
        count = as_count(f"{type(self).__name__}: num_classes", num_classes, low=1)
        super().__init__(count, range(count), name, ignore_class, sparse_y_true, sparse_y_pred, axis)


class OneHotIoU(IoU):
    """`IoU` of one-hot targets.

    Parameters
    ----------
    num_classes, target_class_ids, name, ignore_class, sparse_y_pred, axis
        As for `IoU`.

    References
    ----------
    Keras 3, `OneHotIoU`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.OneHotIoU(num_classes=2, target_class_ids=[0])
    >>> metric.update([[1, 0], [1, 0], [0, 1]], [[0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    >>> metric.result()
    0.5
    """

    settings: ClassVar[tuple[str, ...]] = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: Integer,
        target_class_ids: Sequence[Integer],
        name: str = "one_hot_io_u",
        ignore_class: Integer | None = None,
        sparse_y_pred: bool = False,
        axis: Integer = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, ignore_class, False, sparse_y_pred, axis)


class OneHotMeanIoU(MeanIoU):
    """`IoU` of all classes, of one-hot targets.

    Parameters
    ----------
    num_classes, name, ignore_class, sparse_y_pred, axis
        As for `IoU`.

    References
    ----------
    Keras 3, `OneHotMeanIoU`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.OneHotMeanIoU(num_classes=2)
    >>> metric.update([[1, 0], [1, 0], [0, 1]], [[0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    >>> metric.result()
    0.5
    """

    settings: ClassVar[tuple[str, ...]] = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: Integer,
        name: str = "one_hot_mean_io_u",
        ignore_class: Integer | None = None,
        sparse_y_pred: bool = False,
        axis: Integer = -1,
    ) -> None:
        super().__init__(num_classes, name, ignore_class, False, sparse_y_pred, axis)
