"""Metrics of models with several outputs: each sees one of them."""

from __future__ import annotations

import copy
from typing import Any

from numbanet.metrics.metric import Metric
from numbanet.typing import Config


class OutputMetric(Metric):
    """A metric of one of the outputs of a model, made by `compile`.

    Parameters
    ----------
    metric : Metric
    output : int
        The place of the output.
    name : str
        The key in logs: the name of the output, and that of the metric.

    Examples
    --------
    >>> import numbanet as nn
    >>> from numbanet.metrics.outputs import OutputMetric
    >>> metric = OutputMetric(nn.metrics.get("mae"), 1, "price_mae")
    >>> metric.update([1.0], [3.0])
    >>> metric.name, metric.result()
    ('price_mae', 2.0)
    """

    def __init__(self, metric: Metric, output: int, name: str) -> None:
        self.metric, self.output = metric, output
        super().__init__(name)

    @property
    def direction(self) -> str | None:  # type: ignore[override]  # that of the metric
        """Which way is better."""
        return self.metric.direction

    @property
    def checks_labels(self) -> bool:  # type: ignore[override]  # that of the metric
        """Whether some labels are refused."""
        return self.metric.checks_labels

    def __copy__(self) -> OutputMetric:
        return OutputMetric(copy.copy(self.metric), self.output, self.name)

    def reset(self) -> None:
        """Forget everything."""
        self.metric.reset()

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch of the output into account."""
        self.metric.update(y_true, y_pred, sample_weight)

    def update_batches(self, batch: int, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take several batches of the output into account."""
        self.metric.update_batches(batch, y_true, y_pred, sample_weight)

    def result(self) -> float:
        """Return the metric of everything since the last reset."""
        return self.metric.result()

    def get_config(self) -> Config:
        """Return the arguments that make an equal metric: a dict for JSON."""
        return {"metric": self.metric, "output": self.output, "name": self.name}
