"""Losses and their gradients against Keras 3, with all reductions, plain and weighted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, compared, settings
from tests.parity.keras_common import arguments


def data(kind: str) -> tuple[Any, Any]:
    """Return targets and predictions of a kind."""
    rng = np.random.default_rng(3)
    if kind == "labels":
        return rng.integers(0, 5, 12), rng.dirichlet(np.ones(5), 12).astype(np.float32)
    if kind == "sequences":  # labels of other lengths, filled up with 0, and scores of eight steps
        labels = np.where(np.arange(4) < rng.integers(1, 5, 6)[:, None], rng.integers(1, 5, (6, 4)), 0)
        return labels, rng.normal(size=(6, 8, 5)).astype(np.float32)
    if kind == "hot":
        return np.eye(5, dtype=np.float32)[rng.integers(0, 5, 12)], rng.uniform(0.01, 1, (12, 5)).astype(np.float32)
    if kind == "bits":
        return rng.integers(0, 2, (12, 5)).astype(np.float32), rng.uniform(0.01, 0.99, (12, 5)).astype(np.float32)
    if kind == "positive":
        return rng.uniform(0.1, 4, (12, 5)).astype(np.float32), rng.uniform(0.1, 4, (12, 5)).astype(np.float32)
    return rng.normal(size=(12, 5)).astype(np.float32), rng.normal(size=(12, 5)).astype(np.float32)


LOSSES: list[tuple[str, str, dict[str, Any]]] = [
    ("MeanSquaredError", "numbers", {}),
    ("MeanAbsoluteError", "numbers", {}),
    ("Hinge", "bits", {}),
    ("BinaryCrossentropy", "bits", {}),
    ("BinaryCrossentropy", "bits", {"axis": 0}),
    ("BinaryCrossentropy", "bits", {"from_logits": True, "label_smoothing": 0.2}),
    ("CategoricalCrossentropy", "hot", {"from_logits": True}),
    ("SparseCategoricalCrossentropy", "labels", {"from_logits": True}),
    ("CategoricalCrossentropy", "hot", {"label_smoothing": 0.1}),
    ("SparseCategoricalCrossentropy", "labels", {}),
    ("SparseCategoricalCrossentropy", "labels", {"ignore_class": 2}),
    ("SparseCategoricalCrossentropy", "labels", {"ignore_class": 3, "from_logits": True}),
    ("BinaryFocalCrossentropy", "bits", {}),
    ("BinaryFocalCrossentropy", "bits", {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.3}),
    ("BinaryFocalCrossentropy", "bits", {"from_logits": True, "label_smoothing": 0.2, "gamma": 0.5, "axis": 0}),
    ("CategoricalFocalCrossentropy", "hot", {}),
    ("CategoricalFocalCrossentropy", "hot", {"alpha": 0.7, "gamma": 1.3, "label_smoothing": 0.2}),
    ("CategoricalFocalCrossentropy", "hot", {"from_logits": True, "gamma": 0.5}),
    ("CategoricalGeneralizedCrossEntropy", "labels", {"q": 0.3}),
    ("CategoricalHinge", "hot", {}),
    ("SquaredHinge", "bits", {}),
    ("CosineSimilarity", "numbers", {}),
    ("CosineSimilarity", "numbers", {"axis": 0}),
    ("Dice", "bits", {}),
    ("Dice", "bits", {"axis": -1}),
    ("Tversky", "bits", {"alpha": 0.2, "beta": 0.9}),
    ("Tversky", "bits", {"alpha": 0.2, "beta": 0.9, "axis": (-1,)}),
    ("LogCosh", "numbers", {}),
    ("MeanAbsolutePercentageError", "numbers", {}),
    ("MeanSquaredLogarithmicError", "positive", {}),
    ("MeanSquaredLogarithmicError", "numbers", {}),
    ("Poisson", "positive", {}),
    ("Huber", "numbers", {"delta": 0.7}),
    ("KLDivergence", "hot", {}),
    ("CTC", "sequences", {}),
]


def results() -> Iterator[Result]:
    """Compare losses and their gradients, all reductions of them, plain and weighted."""
    for kind, what, given in LOSSES:
        y, p = data(what)
        weights = np.random.default_rng(4).uniform(0, 2, len(p)).astype(np.float32)
        fits = given.get("axis", -1) != 0 and not (kind in ("Dice", "Tversky") and "axis" not in given)
        for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", None):
            for weight in (None, weights) if fits else (None,):

                def compare(kind=kind, given=given, reduction=reduction, y=y, p=p, weight=weight):
                    return tuple(
                        [getattr(one.losses, kind)(**given, reduction=reduction)(y, p, weight)] for one in (nn, keras)
                    )

                label = f"{settings(given | {'reduction': reduction})}{', weighted' * (weight is not None)}"
                yield compared("Keras", kind, label, compare, kind="losses")
        label = f"{settings(given)}: gradient".lstrip(": ")
        yield compared("Keras", kind, label, lambda a=(kind, given, y, p): gradients(*a), kind="losses")
    for kind in dict.fromkeys(kind for kind, _, _ in LOSSES):
        yield arguments(kind, group="losses")


def gradients(kind: str, given: dict[str, Any], y: Any, p: Any) -> tuple[Any, Any]:
    """Return the gradients by the predictions."""
    predictions = nn.asarray(p)
    with nn.GradientTape() as tape:
        tape.watch(predictions)
        value = getattr(nn.losses, kind)(**given)(y, predictions)
    loss = getattr(keras.losses, kind)(**given)
    return [tape.gradient(value, predictions)], [jax.grad(lambda p: loss(y, p))(p)]
