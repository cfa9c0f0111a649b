"""Whether metrics can be computed of targets and outputs of a model, before there are any outputs."""

import copy

import numpy as np

from numbanet.core.hooks import is_ours
from numbanet.errors import ArgumentError, NumbanetError
from numbanet.metrics.metric import aligned
from numbanet.metrics.wrappers import FunctionMetric, LossMetric

ROWS = 4096


def is_own(metric):
    """Return whether a metric is made of a user's code."""
    return not is_ours(type(metric)) or isinstance(metric, FunctionMetric)


def without_targets(metric, who=""):
    """Return the error for a metric of an output that has no targets."""
    return ArgumentError(f"{who}metric {metric.name} is of an output that has no targets; give it some")


def check_metrics(who, metrics, y_true, output_shape):
    """Raise what a metric would raise for these targets; only numbanet's own are asked.

    Parameters
    ----------
    who : str
        The name of the caller, for the message: "fit".
    metrics : list of Metric
    y_true : numpy.ndarray, (samples, ...), or None
    output_shape : tuple of int
        Of predictions; its first size, that of a batch, does not matter.

    Raises
    ------
    ShapeError, ArgumentError
        When targets do not fit the shape, or have labels that a metric cannot use.
    """
    for metric in metrics:
        if y_true is None:
            raise without_targets(metric, f"{who}: ")
        if is_own(metric):
            continue
        try:
            if isinstance(metric, LossMetric):
                metric.loss.check_targets(f"metric {metric.name}", y_true, output_shape)
            else:
                _try(metric, y_true if metric.checks_labels else y_true[:2], output_shape)
        except NumbanetError as error:
            raise type(error)(f"{who}: {error}") from None


def _try(metric, y_true, output_shape):
    """Update a copy with these targets and outputs of zeros."""
    tried = copy.copy(metric)  # which gets new counts when it is reset
    for start in range(0, len(y_true), ROWS):
        part = y_true[start : start + ROWS]
        y_pred = np.broadcast_to(np.float32(0), (len(part), *output_shape[1:]))
        tried.reset()
        tried.update(*aligned(f"metric {metric.name}", part, y_pred))
    found = np.size(tried.result())
    if found > 1:
        raise ArgumentError(f"metric {metric.name} gives {found} numbers, and logs have one; choose an average")
