"""Losses as metrics, with names and settings of their own."""

from __future__ import annotations

import math

import numpy as np

from numbanet import losses
from numbanet.core.checks import as_integer
from numbanet.metrics.metric import MeanMetric, in_one_shape
from numbanet.metrics.wrappers import LossMetric
from numbanet.typing import Array, Config, Integer


class _OfLoss(LossMetric):
    """A loss that is made of the settings of the metric."""

    @property
    def from_logits(self) -> bool:
        """Whether predictions are scores."""
        return bool(getattr(self.loss, "from_logits", False))

    @property
    def label_smoothing(self) -> float:
        """The share of the targets that is spread over all classes."""
        return float(getattr(self.loss, "label_smoothing", 0.0))

    @property
    def axis(self) -> int:
        """The axis of classes or vectors."""
        return int(getattr(self.loss, "axis", -1))

    def get_config(self) -> Config:
        return {"name": self.name}


class MeanAbsolutePercentageError(_OfLoss):
    """The mean of absolute differences in percent of the targets.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.MeanAbsolutePercentageError`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.MeanAbsolutePercentageError()
    >>> metric.update([1.0, 2.0], [1.5, 2.0])
    >>> metric.result()
    25.0
    """

    rowwise = True

    def __init__(self, name: str = "mean_absolute_percentage_error") -> None:
        super().__init__(losses.MeanAbsolutePercentageError(), name)


class MeanSquaredLogarithmicError(_OfLoss):
    """The mean of squared differences of logarithms.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.MeanSquaredLogarithmicError`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.MeanSquaredLogarithmicError()
    >>> metric.update([0.0, 3.0], [0.0, 3.0])
    >>> metric.result()
    0.0
    """

    rowwise = True

    def __init__(self, name: str = "mean_squared_logarithmic_error") -> None:
        super().__init__(losses.MeanSquaredLogarithmicError(), name)


class LogCoshError(_OfLoss):
    """The mean of the logarithms of the hyperbolic cosines of differences.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.LogCoshError`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.LogCoshError()
    >>> metric.update([0.0, 3.0], [0.0, 3.0])
    >>> metric.result()
    0.0
    """

    rowwise = True

    def __init__(self, name: str = "logcosh") -> None:
        super().__init__(losses.LogCosh(), name)


class Poisson(_OfLoss):
    """The mean of `prediction - target * log(prediction)`.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.Poisson`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.Poisson()
    >>> metric.update([0.0, 0.0], [1.0, 3.0])
    >>> metric.result()
    2.0
    """

    rowwise = True

    def __init__(self, name: str = "poisson") -> None:
        super().__init__(losses.Poisson(), name)


class KLDivergence(_OfLoss):
    """The mean of Kullback-Leibler divergences.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.KLDivergence`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.KLDivergence()
    >>> metric.update([[0.5, 0.5]], [[0.5, 0.5]])
    >>> metric.result()
    0.0
    """

    rowwise = True

    def __init__(self, name: str = "kl_divergence") -> None:
        super().__init__(losses.KLDivergence(), name)


class Hinge(_OfLoss):
    """The mean of hinge losses: labels -1 and 1, or 0 and 1.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.Hinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.Hinge()
    >>> metric.update([1, -1], [1.0, 1.0])
    >>> metric.result()
    1.0
    """

    rowwise = True

    def __init__(self, name: str = "hinge") -> None:
        super().__init__(losses.Hinge(), name)


class SquaredHinge(_OfLoss):
    """The mean of squared hinge losses: labels -1 and 1, or 0 and 1.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.SquaredHinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.SquaredHinge()
    >>> metric.update([1, -1], [1.0, 1.0])
    >>> metric.result()
    2.0
    """

    rowwise = True

    def __init__(self, name: str = "squared_hinge") -> None:
        super().__init__(losses.SquaredHinge(), name)


class CategoricalHinge(_OfLoss):
    """The mean of hinge losses of classes: one-hot labels.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `keras.metrics.CategoricalHinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.CategoricalHinge()
    >>> metric.update([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
    >>> metric.result()
    0.5
    """

    rowwise = True

    def __init__(self, name: str = "categorical_hinge") -> None:
        super().__init__(losses.CategoricalHinge(), name)


class CosineSimilarity(_OfLoss):
    """The mean of the cosines of the angles between targets and predictions: 1 for the same direction.

    Unlike the loss of this name it is the larger, the nearer they are.

    Parameters
    ----------
    name : str
    axis : int
        The axis of the vectors.

    References
    ----------
    Keras 3, `keras.metrics.CosineSimilarity`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.CosineSimilarity()
    >>> metric.update([[0.0, 1.0]], [[0.0, 2.0]])
    >>> metric.result()
    1.0
    """

    direction = "max"

    def __init__(self, name: str = "cosine_similarity", axis: Integer = -1) -> None:
        super().__init__(losses.CosineSimilarity(as_integer("CosineSimilarity: axis", axis)), name)

    def get_config(self) -> Config:
        return {"name": self.name, "axis": self.axis}

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return -super().values(y_true, y_pred)


class RootMeanSquaredError(MeanMetric):
    """The square root of the mean of squared differences.

    Parameters
    ----------
    name : str

    References
    ----------
    Keras 3, `RootMeanSquaredError`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.RootMeanSquaredError()
    >>> metric.update([0.0, 0.0], [1.0, 7.0])
    >>> metric.result()
    5.0
    """

    direction, rowwise = "min", True

    def __init__(self, name: str = "root_mean_squared_error") -> None:
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = in_one_shape(self.name, y_true, y_pred)
        return np.square(y_pred - y_true.astype(y_pred.dtype))

    def result(self) -> float:
        return math.sqrt(super().result())
