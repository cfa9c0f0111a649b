"""What a metric is, and the running means that most of them are. They see plain NumPy arrays: nothing is recorded.

Sums are kept in float64 over all batches, weighted by samples: batches of unequal size give the same result as one.
"""

import math

import numpy as np

from numbanet import losses
from numbanet.errors import ArgumentError, ShapeError
from numbanet.operators import values_of


class Metric:
    """Base class: `update` with every batch, then `result`; `reset` starts again.

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
    """Which way is better: "max", "min", or None when nobody knows."""

    def __init__(self, name=None):
        self.name = name or type(self).__name__
        self.reset()

    def update(self, y_true, y_pred, sample_weight=None):
        """Take a batch into account.

        Parameters
        ----------
        y_true, y_pred : array-like
            The first axis counts samples.
        sample_weight : array-like, optional
            One factor per sample.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update(y_true, y_pred, sample_weight)")

    def result(self):
        """The metric of everything since the last reset: a float."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def reset(self):
        """Forget everything."""
        raise NotImplementedError(f"{type(self).__name__} must define reset()")

    def get_config(self):
        """The arguments that make an equal metric: a dict for JSON."""
        return {"name": self.name}

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_config().items())})"


class Mean:
    """The running weighted mean of numbers, of the losses of batches for example.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> import numbanet as nn
    >>> mean = nn.metrics.Mean()
    >>> mean.update(1.0, 100)
    >>> mean.update(4.0, 50)
    >>> mean.result()
    2.0
    """

    def __init__(self, name="mean"):
        self.name = name
        self.reset()

    def reset(self):
        """Forget everything."""
        self.total = self.weight = 0.0

    def update(self, values, sample_weight=None):
        """Take numbers into account.

        Parameters
        ----------
        values : float or array-like
        sample_weight : float or array-like, optional
            How much each counts: of the shape of `values`, or of its first axes.

        Raises
        ------
        ShapeError
            When the weights do not fit.
        """
        values = values_of(values)
        if sample_weight is None:
            self.weight += values.size
        else:
            weights = weights_like(values, sample_weight, self.name)
            self.weight += float(weights.sum())
            values = values * weights
        self.total += float(values.sum(dtype=np.float64))

    def result(self):
        """The mean; NaN before the first update, for there is none."""
        return self.total / self.weight if self.weight else math.nan


def weights_like(values, sample_weight, name):
    """`sample_weight` in float64, broadcast to the shape of `values`: one per sample, or one per value."""
    weights = values_of(sample_weight).astype(np.float64)
    shape = weights.shape
    if shape == (*values.shape, 1):
        shape = values.shape
    if shape != values.shape[: len(shape)]:
        raise ShapeError(f"{name}: sample_weight {weights.shape} does not fit values of shape {values.shape}")
    return np.broadcast_to(weights.reshape(shape + (1,) * (values.ndim - len(shape))), values.shape)


def in_one_shape(name, y_true, y_pred):
    """Both as arrays of the shape of `y_pred`: (n,) beside (n, 1) is meant as that, nothing else is broadcast."""
    y_true, y_pred = values_of(y_true), values_of(y_pred)
    true, pred = y_true.shape, y_pred.shape
    if true != pred and (true == (*pred, 1) or (*true, 1) == pred):
        y_true = y_true.reshape(pred)
    if y_true.shape != pred:
        raise ShapeError(f"{name}: y_true {true} and y_pred {pred} must have one shape")
    return y_true, y_pred


class MeanMetric(Metric):
    """Base class: the mean of one number per sample, which subclasses define as `values`.

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

    def reset(self):
        self.mean = Mean()

    def values(self, y_true, y_pred):
        """One number per sample, or several.

        Parameters
        ----------
        y_true, y_pred : numpy.ndarray

        Returns
        -------
        array-like
        """
        raise NotImplementedError(f"{type(self).__name__} must define values(y_true, y_pred)")

    def update(self, y_true, y_pred, sample_weight=None):
        self.mean.name = self.name
        self.mean.update(self.values(values_of(y_true), values_of(y_pred)), sample_weight)

    def result(self):
        return self.mean.result()


class FunctionMetric(MeanMetric):
    """A function `f(y_true, y_pred)` of one's own as a metric.

    Parameters
    ----------
    function : callable
        Takes NumPy arrays, returns one number per sample, or one for the batch.
    name : str, optional
        That of the function, when not given.
    direction : {"max", "min"}, optional
        Which way is better.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.FunctionMetric(lambda y_true, y_pred: abs(y_true - y_pred), name="distance")
    >>> metric.update([1.0, 2.0], [2.0, 4.0])
    >>> metric.result()
    1.5
    """

    def __init__(self, function, name=None, direction=None):
        self.function = function
        self.direction = direction
        super().__init__(name or getattr(function, "__name__", None))

    def values(self, y_true, y_pred):
        return self.function(y_true, y_pred)

    def get_config(self):
        raise ArgumentError(f"the metric function {self.name} cannot be saved; subclass nn.metrics.MeanMetric")

    def __repr__(self):
        return f"FunctionMetric({self.name})"


class LossMetric(MeanMetric):
    """A loss as a metric.

    Parameters
    ----------
    loss : str
        Its name in `nn.losses`.
    name : str, optional

    Raises
    ------
    ArgumentError
        When there is no such loss.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.LossMetric("huber")
    >>> metric.update([[0.0]], [[3.0]])
    >>> metric.result()
    2.5
    """

    direction = "min"

    def __init__(self, loss, name=None):
        self.loss = losses.get(loss)
        super().__init__(name or self.loss.name)

    def values(self, y_true, y_pred):
        return self.loss.call(y_true, y_pred)

    def get_config(self):
        return {"loss": self.loss.name, "name": self.name}


class MeanSquaredError(LossMetric):
    """The mean of squared differences.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `MeanSquaredError`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.MeanSquaredError()
    >>> metric.update([1.0, 2.0], [2.0, 5.0])
    >>> metric.result()
    5.0
    """

    def __init__(self, name="mean_squared_error"):
        super().__init__("mean_squared_error", name)

    def get_config(self):
        return {"name": self.name}


class MeanAbsoluteError(LossMetric):
    """The mean of absolute differences.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `MeanAbsoluteError`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.MeanAbsoluteError()
    >>> metric.update([1.0, 2.0], [2.0, 5.0])
    >>> metric.result()
    2.0
    """

    def __init__(self, name="mean_absolute_error"):
        super().__init__("mean_absolute_error", name)

    def get_config(self):
        return {"name": self.name}
