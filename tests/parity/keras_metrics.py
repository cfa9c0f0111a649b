"""Metrics of several batches against Keras 3, plain and weighted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, compared, settings
from tests.parity.keras_common import arguments
from tests.parity.keras_losses import data

SORTED = "SparseTopKCategoricalAccuracy"
METRICS: list[tuple[str, str, dict[str, Any]]] = [
    ("MeanSquaredError", "numbers", {}),
    ("MeanAbsoluteError", "numbers", {}),
    ("RootMeanSquaredError", "numbers", {}),
    ("MeanAbsolutePercentageError", "numbers", {}),
    ("MeanSquaredLogarithmicError", "positive", {}),
    ("LogCoshError", "numbers", {}),
    ("Poisson", "positive", {}),
    ("CosineSimilarity", "numbers", {}),
    ("KLDivergence", "hot", {}),
    ("Hinge", "bits", {}),
    ("SquaredHinge", "bits", {}),
    ("CategoricalHinge", "hot", {}),
    ("BinaryCrossentropy", "bits", {"label_smoothing": 0.1}),
    ("CategoricalCrossentropy", "hot", {"from_logits": True}),
    ("SparseCategoricalCrossentropy", "labels", {}),
    ("SparseCategoricalCrossentropy", "labels", {"ignore_class": 2}),
    ("BinaryAccuracy", "bits", {"threshold": 0.4}),
    ("CategoricalAccuracy", "hot", {}),
    ("SparseCategoricalAccuracy", "labels", {}),
    ("TopKCategoricalAccuracy", "hot", {"k": 2}),
    ("SparseTopKCategoricalAccuracy", "labels", {"k": 2}),
    ("Precision", "bits", {}),
    ("Precision", "bits", {"thresholds": [0.2, 0.7, 0.5]}),
    ("Precision", "bits", {"top_k": 2}),
    ("Precision", "bits", {"top_k": 3, "thresholds": 0.4, "class_id": 1}),
    ("Recall", "bits", {}),
    ("Recall", "bits", {"thresholds": [0.0, 0.3]}),
    ("Recall", "bits", {"top_k": 2, "class_id": 3}),
    ("AUC", "bits", {"num_thresholds": 200}),
    ("AUC", "bits", {"num_thresholds": 11, "curve": "PR"}),
    ("AUC", "bits", {"num_thresholds": 7, "summation_method": "minoring"}),
    ("AUC", "bits", {"num_thresholds": 7, "curve": "PR", "summation_method": "majoring"}),
    ("AUC", "bits", {"thresholds": [0.7, 0.2, 0.4], "multi_label": True, "num_labels": 5}),
    (
        "AUC",
        "bits",
        {"num_thresholds": 9, "curve": "PR", "multi_label": True, "label_weights": [1.0, 0.5, 2.0, 0.0, 3.0]},
    ),
    ("AUC", "bits", {"num_thresholds": 9, "label_weights": [1.0, 0.5, 2.0, 0.0, 3.0]}),
    ("AUC", "numbers of bits", {"num_thresholds": 9, "from_logits": True}),
    ("F1Score", "hot", {}),
    ("F1Score", "bits", {"average": "micro", "threshold": 0.4}),
    ("FBetaScore", "bits", {"average": "weighted", "beta": 2.0, "threshold": 0.5}),
    ("FBetaScore", "hot", {"average": "macro", "beta": 0.5}),
    ("R2Score", "numbers", {}),
    ("R2Score", "numbers", {"class_aggregation": None}),
    ("R2Score", "numbers", {"class_aggregation": "variance_weighted_average", "num_regressors": 3}),
    ("IoU", "classes", {"num_classes": 5, "target_class_ids": [0, 2]}),
    ("IoU", "classes", {"num_classes": 5, "target_class_ids": [0, 2], "ignore_class": 1}),
    ("MeanIoU", "classes", {"num_classes": 7}),
    ("BinaryIoU", "flat", {"threshold": 0.4}),
    ("OneHotIoU", "hot", {"num_classes": 5, "target_class_ids": [1, 3]}),
    ("OneHotMeanIoU", "hot", {"num_classes": 5}),
    ("TruePositives", "flat", {}),
    ("TrueNegatives", "flat", {"thresholds": 0.3}),
    ("TrueNegatives", "flat", {"thresholds": [0.3, 0.1]}),
    ("FalsePositives", "flat", {}),
    ("FalseNegatives", "flat", {}),
    ("SensitivityAtSpecificity", "flat", {"specificity": 0.4}),
    ("SpecificityAtSensitivity", "flat", {"sensitivity": 0.6, "num_thresholds": 21}),
    ("PrecisionAtRecall", "flat", {"recall": 0.4}),
    ("RecallAtPrecision", "flat", {"precision": 0.6}),
    ("SensitivityAtSpecificity", "bits", {"specificity": 0.4, "class_id": 2}),
    ("PrecisionAtRecall", "bits", {"recall": 0.4, "class_id": 0}),
]


def results() -> Iterator[Result]:
    """Compare metrics of two batches, plain and weighted."""
    rng = np.random.default_rng(4)
    for kind, what, given in METRICS:
        y, p = data("bits" if what == "flat" else what)
        if what == "classes":
            y, p = rng.integers(0, 5, 40), rng.integers(0, 5, 40)
        elif what == "numbers of bits":
            y, p = data("bits")[0], data("numbers")[1]
        elif what == "flat":
            y, p = y.reshape(-1), p.reshape(-1)
        weights = rng.uniform(0, 2, len(p)).astype(np.float32)
        if "IoU" in kind:
            weights = rng.integers(0, 3, len(p)).astype(np.float32)  # Keras cuts off fractions
        for weight in (weights,) if given.get("ignore_class") and "entropy" in kind else (None, weights):
            # without weights, Keras's mean counts zeros for what is ignored

            def compare(kind=kind, given=given, y=y, p=p, weight=weight):
                return tuple([metric(one, kind, given, y, p, weight)] for one in (nn, keras))

            label = f"{settings(given)}{', weighted' * (weight is not None)}".lstrip(", ")
            yield compared("Keras", kind, label, compare, kind="metrics")
    yield compared("Keras", SORTED, "from_sorted_ids=True", sorted_classes, kind="metrics")
    for kind in dict.fromkeys(kind for kind, _, _ in METRICS):
        yield arguments(kind, group="metrics", own_defaults=("num_thresholds",) if kind == "AUC" else ())


def sorted_classes() -> Any:
    """Return how often labels are among the first two of classes in the order of their scores."""
    y, p = data("labels")
    order = np.argsort(-p, axis=1).astype(np.float32)
    return tuple([metric(one, SORTED, {"k": 2, "from_sorted_ids": True}, y, order, None)] for one in (nn, keras))


def metric(library: Any, kind: str, given: dict[str, Any], y: Any, p: Any, weight: Any) -> Any:
    """Return a metric of two batches."""
    one = getattr(library.metrics, kind)(**given)
    for part in (slice(0, 5), slice(5, None)):
        one.update_state(y[part], p[part], None if weight is None else weight[part])
    return one.result()
