"""Metrics: what training is judged by. Objects that are updated with every batch and asked for the result."""

from __future__ import annotations

from functools import partial
from inspect import signature
from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.core.names import built_in
from numbanet.core.registry import find
from numbanet.losses import LOSSES, Loss
from numbanet.losses import mean_absolute_error as mean_absolute_error
from numbanet.losses import mean_squared_error as mean_squared_error
from numbanet.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopK,
    TopKCategoricalAccuracy,
)
from numbanet.metrics.areas import AUC
from numbanet.metrics.confusion import Precision, Recall
from numbanet.metrics.counts import FalseNegatives, FalsePositives, TrueNegatives, TruePositives
from numbanet.metrics.crossentropies import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from numbanet.metrics.functions import (
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    top_k_categorical_accuracy,
)
from numbanet.metrics.metric import MeanMetric, Metric
from numbanet.metrics.overlap import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from numbanet.metrics.probabilistic import (
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    Poisson,
    RootMeanSquaredError,
    SquaredHinge,
)
from numbanet.metrics.reduction import Mean, Sum
from numbanet.metrics.regression import MeanAbsoluteError, MeanSquaredError
from numbanet.metrics.scores import F1Score, FBetaScore, R2Score
from numbanet.metrics.thresholds import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from numbanet.metrics.wrappers import FunctionMetric, LossMetric
from numbanet.typing import MetricLike

__all__ = [
    "AUC", "METRICS", "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "CosineSimilarity", "F1Score", "FBetaScore", "FalseNegatives",
    "FalsePositives", "FunctionMetric", "Hinge", "IoU", "KLDivergence", "LogCoshError", "LossMetric", "Mean",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanIoU", "MeanMetric", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Metric", "OneHotIoU", "OneHotMeanIoU", "Poisson", "Precision", "PrecisionAtRecall",
    "R2Score", "Recall", "RecallAtPrecision", "RootMeanSquaredError", "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity", "SquaredHinge", "Sum", "TopK", "TopKCategoricalAccuracy", "TrueNegatives",
    "TruePositives", "binary_accuracy", "categorical_accuracy", "get", "mean_absolute_error", "mean_squared_error",
    "sparse_categorical_accuracy", "top_k_categorical_accuracy",
]  # fmt: skip


def _needs_nothing(parameters):
    """Return whether a metric can be made without arguments, and so asked for by its name alone."""
    return all(one.default is not one.empty for one in parameters.values())


METRICS: dict[str, type[Metric]] = {
    parameters["name"].default: kind
    for kind in built_in(Metric).values()
    if isinstance((parameters := signature(kind).parameters)["name"].default, str) and _needs_nothing(parameters)
}
METRICS |= {"acc": Accuracy, "mae": MeanAbsoluteError, "mse": MeanSquaredError}
"""By the names that `compile` takes: those that metrics have by themselves, and three short ones."""
_OF_FUNCTIONS = {
    one: METRICS[one.__name__]
    for one in (binary_accuracy, categorical_accuracy, sparse_categorical_accuracy, top_k_categorical_accuracy)
}
_BY_NAME = {name: partial(LossMetric, name) for name in LOSSES} | METRICS
_BY_CLASS = METRICS | {"loss_metric": LossMetric}


def get(identifier: MetricLike) -> Metric:
    """Return the metric object that `identifier` stands for.

    Parameters
    ----------
    identifier : str, Metric, Loss, class, dict or callable
        A name (losses have theirs here too), a metric, a loss, a class, what `describe` made of a metric, or a function
        `f(y_true, y_pred)` of NumPy arrays that returns one number per sample.

    Returns
    -------
    Metric
        Named as it was asked for: `get("mse")` is logged as mse.

    Raises
    ------
    ArgumentError
        When there is no such metric; the message names the nearest one.

    References
    ----------
    Keras 3, `keras.metrics.get`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.metrics.get("mse")
    MeanSquaredError(name='mse')
    """
    if any(identifier is loss.function for loss in LOSSES.values()):
        identifier = LossMetric(identifier)  # type: ignore[arg-type]  # it is a function of losses
    if callable(identifier):
        identifier = next((kind for one, kind in _OF_FUNCTIONS.items() if one is identifier), identifier)
    known = _BY_NAME if isinstance(identifier, str) else _BY_CLASS
    found = find("metric", identifier, known, Metric, functions=True)
    if isinstance(found, Loss):
        found = LossMetric(found)
    elif not isinstance(found, Metric):
        found = FunctionMetric(found)
    if isinstance(identifier, str):
        found.name = identifier
    return found


_MISSING = {
    "ConcordanceCorrelation": "R2Score and CosineSimilarity compare predictions with targets",
    "MeanMetricWrapper": "it is called FunctionMetric",
    "PearsonCorrelation": "R2Score and CosineSimilarity compare predictions with targets",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.metrics", __all__, _MISSING)
