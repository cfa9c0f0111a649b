"""Means of the distances of predictions from numbers."""

from __future__ import annotations

from numbanet.metrics.wrappers import LossMetric
from numbanet.typing import Config


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

    rowwise = True

    def __init__(self, name: str = "mean_squared_error") -> None:
        super().__init__("mean_squared_error", name)

    def get_config(self) -> Config:
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

    rowwise = True

    def __init__(self, name: str = "mean_absolute_error") -> None:
        super().__init__("mean_absolute_error", name)

    def get_config(self) -> Config:
        return {"name": self.name}
