"""Functions and losses as metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numbanet import losses
from numbanet.core.names import function_named, saved_name
from numbanet.core.registry import describe
from numbanet.metrics.metric import MeanMetric
from numbanet.typing import Config, LossLike


class FunctionMetric(MeanMetric):
    """A function `f(y_true, y_pred)` of your own as a metric.

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

    def __init__(
        self, function: Callable[[Any, Any], Any], name: str | None = None, direction: str | None = None
    ) -> None:
        self.function: Callable[[Any, Any], Any] = function_named(function) if isinstance(function, str) else function
        self.direction = direction
        super().__init__(name or getattr(function, "__name__", None))

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return self.function(y_true, y_pred)

    def get_config(self) -> Config:
        name = saved_name(self.function, f"the metric function {self.name}")
        return {"function": name, "name": self.name, "direction": self.direction}

    def __repr__(self) -> str:
        return f"FunctionMetric({self.name})"


class LossMetric(MeanMetric):
    """A loss as a metric.

    Parameters
    ----------
    loss : str or Loss
        Its name in `nn.losses`, or a loss with settings of its own.
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

    def __init__(self, loss: LossLike, name: str | None = None) -> None:
        self.loss: losses.Loss = losses.get(loss)
        super().__init__(name or self.loss.name)

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return self.loss.call(y_true, y_pred)

    def get_config(self) -> Config:
        return {"loss": describe(self.loss), "name": self.name}
