"""What a metric is, and the mean of a number per sample. Metrics see only NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.attributes import Guarded
from numbanet.core.dtypes import as_dtype
from numbanet.core.hooks import accepted
from numbanet.core.names import BASES
from numbanet.errors import ArgumentError, ShapeError
from numbanet.initializers import initial_value
from numbanet.losses.targets import aligned_shape
from numbanet.metrics.reduction import Mean, weights_like
from numbanet.ops.masks import mask_of
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import asarray
from numbanet.tensor.variable import Variable
from numbanet.typing import Config, DType, InitializerLike, Shape


class Metric(Guarded):
    """Base class: `update` with every batch, then `result`; `reset` starts again.

    `update_state` and `reset_state` are Keras's names for these, under which a subclass may define them as well. One
    that keeps numbers in Variables makes them in `__init__` with `add_weight`; `reset` then sets them to zero.

    `fit` and `evaluate` call `update` with NumPy arrays, and with targets aligned with the predictions: (n,) beside
    (n, 1), or (n, 1) beside (n,), has their shape. `sample_weight` is None unless the metric is one of the
    `weighted_metrics` of `compile`.

    Parameters
    ----------
    name : str, optional
        The key in logs and history.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Largest(nn.metrics.Metric):
    ...     def reset(self):
    ...         self.largest = 0.0
    ...     def update(self, y_true, y_pred, sample_weight=None):
    ...         self.largest = max(self.largest, float(abs(y_true - y_pred).max()))
    ...     def result(self):
    ...         return self.largest
    >>> metric = Largest()
    >>> metric.update(nn.asarray([1.0, 2.0]), nn.asarray([1.5, 2.0]))
    >>> metric.name, metric.result()
    ('Largest', 0.5)
    """

    direction: str | None = None
    """Which way is better: "max", "min", or None if unknown."""
    checks_labels: bool = False
    """Whether `update` refuses some labels, so that all are looked at before training."""

    rowwise: bool = False
    """Whether samples count one by one, so that several batches may be taken into account at once. A class says it of
    itself alone, not of its subclasses."""

    def __init__(self, name: str | None = None) -> None:
        self.name: str = name or type(self).__name__
        self._weights: list[Variable] = []
        if not self._in_variables():
            self.reset()

    @classmethod
    def _in_variables(cls):
        """Return whether `update_state` is what a subclass defines: what it counts in is made after `__init__`."""
        names = ("update", "update_state")
        first = next(name for kind in cls.__mro__ for name in names if name in vars(kind))
        return first == "update_state" and cls.update_state is not Metric.update_state

    def add_weight(
        self, shape: Shape = (), initializer: InitializerLike = "zeros", dtype: DType = None, name: str | None = None
    ) -> Variable:
        """Return a new Variable to count in, which is not trained.

        Parameters
        ----------
        shape : tuple of int
        initializer : str or callable
        dtype : dtype, optional
            float32 if not given.
        name : str, optional

        Returns
        -------
        Variable
        """
        kind = as_dtype(dtype or np.float32, f"metric {self.name}")
        value = initial_value(initializer, shape, np.dtype(np.float32), None)
        variable = Variable(asarray(value).astype(kind), kind, False, f"{self.name}/{name or len(self._weights)}")
        self._weights.append(variable)
        return variable

    add_variable = add_weight

    @property
    def variables(self) -> list[Variable]:
        """What `add_weight` has made."""
        return [*self._weights]

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account.

        Parameters
        ----------
        y_true, y_pred : array-like
            The first axis counts samples.
        sample_weight : array-like, optional
            One factor per sample.
        """
        if not self._in_variables():
            raise NotImplementedError(f"{type(self).__name__} must define update(y_true, y_pred, sample_weight)")
        self.update_state(y_true, y_pred, **accepted(self.update_state, sample_weight=sample_weight))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account, as Keras calls it; see `update`."""
        self.update(y_true, y_pred, sample_weight)

    def update_batches(self, batch: int, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take several batches of `batch` samples each into account, to the bytes of one `update` after the other."""
        for start in range(0, len(y_pred), batch):
            part = slice(start, start + batch)
            self.update(y_true[part], y_pred[part], None if sample_weight is None else sample_weight[part])

    def result(self) -> float:
        """Return the metric of everything since the last reset: a float."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def reset(self) -> None:
        """Forget everything."""
        if type(self).reset_state is not Metric.reset_state:
            self.reset_state()
        elif not self._weights:
            raise NotImplementedError(f"{type(self).__name__} must define reset()")
        for variable in self._weights if type(self).reset_state is Metric.reset_state else ():
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def reset_state(self) -> None:
        """Forget everything, as Keras calls it."""
        self.reset()

    def get_config(self) -> Config:
        """Return the arguments that make an equal metric: a dict for JSON."""
        return {"name": self.name}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_config().items())})"


BASES.append(Metric)


def aligned(name, y_true, y_pred):
    """Return both as arrays, the targets in the shape that `aligned_shape` gives them."""
    y_true, y_pred = values_of(y_true), values_of(y_pred)
    return y_true.reshape(aligned_shape(name, y_true.shape, y_pred.shape)), y_pred


def are_bits(name, y_true):
    """Return whether each label is 1, as booleans; ArgumentError unless all of them are 0 or 1."""
    positive = y_true == 1
    if not (positive | (y_true == 0)).all():
        signs = (np.abs(y_true) == 1).all()
        hint = "; for labels -1 and 1 give (y + 1) / 2, which the hinge loss takes as well" * bool(signs)
        raise ArgumentError(f"{name}: labels must be 0 and 1, got {np.unique(y_true)[:5].tolist()}{hint}")
    return positive


def in_one_shape(name, y_true, y_pred):
    """Return both as arrays of the shape of `y_pred`, once they are aligned; nothing else is broadcast."""
    y_true, y_pred = aligned(name, y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise ShapeError(f"{name}: y_true {y_true.shape} and y_pred {y_pred.shape} must have one shape")
    return y_true, y_pred


class MeanMetric(Metric):
    """Base class: the mean of one number per sample, which subclasses define as `values`.

    Parameters
    ----------
    name : str, optional
        The key in logs and history.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Bias(nn.metrics.MeanMetric):
    ...     def values(self, y_true, y_pred):
    ...         return y_pred - y_true
    >>> metric = Bias(name="bias")
    >>> metric.update([1.0, 2.0], [2.0, 5.0])
    >>> metric.result()
    2.0
    """

    def reset(self) -> None:
        self.mean: Mean = Mean()

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return one number per sample, or several.

        Parameters
        ----------
        y_true, y_pred : numpy.ndarray
            Aligned, see `Metric`.

        Returns
        -------
        array-like
            One number per sample, several, or a single one for the batch, which counts as much as its samples.
        """
        raise NotImplementedError(f"{type(self).__name__} must define values(y_true, y_pred)")

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.mean.name = self.name
        y_true, y_pred = aligned(self.name, y_true, y_pred)
        found = self.values(y_true, y_pred)
        values, mask = values_of(found), mask_of(found)
        if not values.ndim and y_pred.ndim:  # one for the batch counts as much as its samples
            if sample_weight is not None:
                raise ArgumentError(
                    f"{self.name}: gives one number for the batch, which weights of samples cannot change; return one "
                    "per sample, or list it in `metrics`"
                )
            values = np.full(y_pred.shape[:1], values)
        if mask is not None:  # a loss that leaves some labels out
            counts = values_of(mask)
            sample_weight = counts if sample_weight is None else counts * weights_like(values, sample_weight, self.name)
        self.mean.update(values, sample_weight)

    def update_batches(self, batch: int, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if "rowwise" not in vars(type(self)):
            super().update_batches(batch, y_true, y_pred, sample_weight)
            return
        self.mean.name = self.name
        values = values_of(self.values(*aligned(self.name, y_true, y_pred)))
        self.mean.update_batches(len(values) // batch, values, sample_weight)

    def result(self) -> float:
        return self.mean.result()
