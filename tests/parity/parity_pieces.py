"""Optimizers, losses and metrics against Keras 3.

    KERAS_BACKEND=jax PYTHONPATH=. python -m tests.parity.parity_pieces [NAME ...]

It needs an environment with Keras 3 and JAX beside what numbanet needs; pytest does not collect it. It prints what was
compared with the largest difference, relative to the largest value, and exits with 1 if one is too large.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

import numbanet as nn

STEPS = 20
TOLERANCE = 2e-5
"""Both compute in float32."""


def difference(found: Any, expected: Any) -> float:
    """Return the largest difference, relative to the largest expected value."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if found.shape != expected.shape:
        return np.inf
    if not np.array_equal(np.isnan(found), np.isnan(expected)):
        return np.inf
    if not found.size or np.isnan(expected).all():
        return 0.0
    return float(np.nanmax(np.abs(found - expected)) / max(float(np.nanmax(np.abs(expected))), 1e-3))


OPTIONS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"global_clipnorm": 0.5},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 4, "weight_decay": 0.1, "clipvalue": 0.3},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 2},
]
RULES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
    ("Adagrad", {}),
    ("Nadam", {}),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.8, "beta_2": 0.7, "epsilon": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"rho": 0.5, "epsilon": 1e-2}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.3}),
    ("Ftrl", {}),
    ("Ftrl", {"l1_regularization_strength": 0.3, "l2_regularization_strength": 0.1, "beta": 0.2}),
    ("Ftrl", {"learning_rate_power": -0.7, "l2_shrinkage_regularization_strength": 0.2}),
]


def trained(library: Any, kind: str, settings: dict[str, Any]) -> tuple[list[Any], int, list[Any]]:
    """Return variables after some updates, the number of updates, and the variables when they are finished."""
    rng = np.random.default_rng(0)
    first = [rng.normal(size=shape).astype(np.float32) for shape in ((3, 4), (4,))]
    variables = [library.Variable(value, name=name) for value, name in zip(first, ("kernel", "bias"), strict=True)]
    optimizer = getattr(library.optimizers, kind)(0.05, **settings)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(variables)
    for _ in range(STEPS):
        gradients = [rng.normal(size=one.shape).astype(np.float32) for one in first]
        gradients[0][0] = 0
        convert = keras.ops.convert_to_tensor if library is keras else nn.asarray
        optimizer.apply([convert(one) for one in gradients], variables)
    after = [np.array(one) for one in variables]
    iterations = int(optimizer.iterations)
    optimizer.finalize_variable_values(variables)
    return after, iterations, [np.array(one) for one in variables]


def optimizers() -> Iterator[tuple[str, float]]:
    """Compare what optimizers do with the same gradients."""
    for kind, settings in RULES:
        for options in OPTIONS:
            if kind == "AdamW" and "weight_decay" in options:
                continue
            (ours, count, end), (theirs, known, last) = (trained(one, kind, settings | options) for one in (nn, keras))
            found = max(difference(a, b) for a, b in zip([*ours, *end], [*theirs, *last], strict=True))
            yield f"{kind} {settings | options}", found if count == known else np.inf


def data(kind: str) -> tuple[Any, Any]:
    """Return targets and predictions of a kind."""
    rng = np.random.default_rng(3)
    if kind == "labels":
        return rng.integers(0, 5, 12), rng.dirichlet(np.ones(5), 12).astype(np.float32)
    if kind == "hot":
        return np.eye(5, dtype=np.float32)[rng.integers(0, 5, 12)], rng.uniform(0.01, 1, (12, 5)).astype(np.float32)
    if kind == "bits":
        return rng.integers(0, 2, (12, 5)).astype(np.float32), rng.uniform(0.01, 0.99, (12, 5)).astype(np.float32)
    if kind == "positive":
        return rng.uniform(0.1, 4, (12, 5)).astype(np.float32), rng.uniform(0.1, 4, (12, 5)).astype(np.float32)
    return rng.normal(size=(12, 5)).astype(np.float32), rng.normal(size=(12, 5)).astype(np.float32)


LOSSES: list[tuple[str, str, dict[str, Any]]] = [
    ("BinaryCrossentropy", "bits", {"axis": 0}),
    ("CategoricalCrossentropy", "hot", {"label_smoothing": 0.1}),
    ("SparseCategoricalCrossentropy", "labels", {}),
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
]


def losses() -> Iterator[tuple[str, float]]:
    """Compare losses and their gradients."""
    for kind, what, settings in LOSSES:
        y, p = data(what)
        weights = np.random.default_rng(4).uniform(0, 2, len(p)).astype(np.float32)
        for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", None):
            ours, theirs = (getattr(one.losses, kind)(**settings, reduction=reduction) for one in (nn, keras))
            each = ours(y, p).shape if reduction is None else ()
            fits = settings.get("axis", -1) != 0 and not (kind in ("Dice", "Tversky") and "axis" not in settings)
            for weight in (None, weights) if fits else (None,):
                found = difference(ours(y, p, weight), theirs(y, p, weight))
                yield f"{kind} {settings} {reduction} {'weighted' if weight is not None else ''} {each}", found
        yield f"gradient of {kind} {settings}", difference(*gradients(kind, settings, y, p))


def gradients(kind: str, settings: dict[str, Any], y: Any, p: Any) -> tuple[Any, Any]:
    """Return the gradients by the predictions."""
    import jax

    predictions = nn.asarray(p)
    with nn.GradientTape() as tape:
        tape.watch(predictions)
        value = getattr(nn.losses, kind)(**settings)(y, predictions)
    loss = getattr(keras.losses, kind)(**settings)
    return tape.gradient(value, predictions).numpy(), jax.grad(lambda p: loss(y, p))(p)


METRICS: list[tuple[str, str, dict[str, Any]]] = [
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
    ("FalsePositives", "flat", {}),
    ("FalseNegatives", "flat", {}),
    ("SensitivityAtSpecificity", "flat", {"specificity": 0.4}),
    ("SpecificityAtSensitivity", "flat", {"sensitivity": 0.6, "num_thresholds": 21}),
    ("PrecisionAtRecall", "flat", {"recall": 0.4}),
    ("RecallAtPrecision", "flat", {"precision": 0.6}),
]


def metrics() -> Iterator[tuple[str, float]]:
    """Compare metrics of several batches, plain and weighted."""
    rng = np.random.default_rng(4)
    for kind, what, settings in METRICS:
        y, p = data("bits" if what == "flat" else what)
        if what == "classes":
            y, p = rng.integers(0, 5, 40), rng.integers(0, 5, 40)
        elif what == "flat":
            y, p = y.reshape(-1), p.reshape(-1)
        weights = rng.uniform(0, 2, len(p)).astype(np.float32)
        if "IoU" in kind:
            weights = rng.integers(0, 3, len(p)).astype(np.float32)  # Keras cuts off fractions
        for weight in (None, weights):
            found = []
            for one in (nn, keras):
                metric = getattr(one.metrics, kind)(**settings)
                for part in (slice(0, 5), slice(5, None)):
                    metric.update_state(y[part], p[part], None if weight is None else weight[part])
                found.append(metric.result())
            yield f"{kind} {settings} {'weighted' if weight is not None else ''}", difference(*found)


PARTS: dict[str, Callable[[], Iterator[tuple[str, float]]]] = {
    "optimizers": optimizers,
    "losses": losses,
    "metrics": metrics,
}


def main(names: list[str]) -> int:
    """Compare the parts of these names, or all; return 1 if something differs."""
    wrong = 0
    for part in names or [*PARTS]:
        for what, found in PARTS[part]():
            bad = not found <= TOLERANCE
            wrong += bad
            print(f"{'DIFFERS ' if bad else ''}{part}: {what}: {found:.1e}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
