"""Metrics against independent NumPy: values, weights, batches of unequal size, and what they refuse."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet import metrics
from numbanet.core.registry import describe
from numbanet.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(0)


def labels_and_scores(seed, n=40, classes=7, ties=False):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, (n, classes)) / 4 if ties else rng.random((n, classes))
    return rng.integers(0, classes, n), scores, rng.uniform(0, 2, n)


def top_k(y, p, k):
    """In the k best, where equal scores share the better rank."""
    return np.array([sum(p[i] > p[i, y[i]]) < k for i in range(len(y))])


def hot(y, classes=7):
    return np.eye(classes)[y]


CASES = {
    "sparse_categorical_accuracy": (lambda y, p: (y, p), lambda y, p: p.argmax(1) == y),
    "accuracy sparse": (lambda y, p: (y, p), lambda y, p: p.argmax(1) == y),
    "accuracy sparse column": (lambda y, p: (y[:, None], p), lambda y, p: p.argmax(1) == y),
    "categorical_accuracy": (lambda y, p: (hot(y), p), lambda y, p: p.argmax(1) == y),
    "accuracy categorical": (lambda y, p: (hot(y), p), lambda y, p: p.argmax(1) == y),
    "binary_accuracy": (lambda y, p: (y % 2, p[:, 0]), lambda y, p: (p[:, 0] > 0.5) == y % 2),
    "binary_accuracy column": (lambda y, p: (y % 2, p[:, :1]), lambda y, p: (p[:, 0] > 0.5) == y % 2),
    "accuracy binary": (lambda y, p: (y % 2, p[:, :1]), lambda y, p: (p[:, 0] > 0.5) == y % 2),
    "accuracy binary columns": (lambda y, p: (y[:, None] % 2, p[:, :1]), lambda y, p: (p[:, 0] > 0.5) == y % 2),
    "accuracy binary flat": (lambda y, p: (y % 2, p[:, 0]), lambda y, p: (p[:, 0] > 0.5) == y % 2),
    "top_k": (lambda y, p: (y, p), lambda y, p: top_k(y, p, 5)),
    "top_k_categorical_accuracy": (lambda y, p: (hot(y), p), lambda y, p: top_k(y, p, 5)),
    "sparse_top_k_categorical_accuracy": (lambda y, p: (y[:, None], p), lambda y, p: top_k(y, p, 5)),
    "mse": (lambda y, p: (hot(y), p), lambda y, p: ((hot(y) - p) ** 2).mean(1)),
    "mean_absolute_error": (lambda y, p: (hot(y), p), lambda y, p: np.abs(hot(y) - p).mean(1)),
    "mae flat": (lambda y, p: (p[:, 1], p[:, 0]), lambda y, p: np.abs(p[:, 1] - p[:, 0])),
    "categorical_crossentropy": (lambda y, p: (hot(y), p), lambda y, p: -np.log((p.T / p.sum(1)).T[hot(y) > 0])),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@given(seed=st.integers(0, 99), cuts=st.lists(st.integers(1, 39), max_size=3), weighted=st.booleans())
def test_batches_of_any_size_give_the_mean_of_all(case, seed, cuts, weighted):
    arrange, reference = CASES[case]
    y, p, w = labels_and_scores(seed)
    w = w if weighted else np.ones(len(y))
    metric = metrics.get(case.split()[0])
    y_true, y_pred = arrange(y, p)
    edges = [0, *sorted(set(cuts)), len(y)]
    for start, stop in itertools.pairwise(edges):
        rows = slice(start, stop)
        metric.update(y_true[rows], nn.asarray(y_pred[rows]), w[rows] if weighted else None)
    assert metric.result() == pytest.approx((reference(y, p) * w).sum() / w.sum(), rel=1e-12)
    assert isinstance(metric.result(), float)


@pytest.mark.parametrize("name", metrics.METRICS)
def test_reset_forgets(name):
    y, p, _ = labels_and_scores(1)
    metric = metrics.get(name)
    batch = (hot(y), p) if "top_k" not in name and "sparse" not in name else (y, p)
    batch = (hot(y), p) if name == "top_k_categorical_accuracy" else batch
    metric.update(batch[0][:20], batch[1][:20])
    metric.reset()
    metric.update(batch[0][20:], batch[1][20:])
    fresh = metrics.get(name)
    fresh.update(batch[0][20:], batch[1][20:])
    np.testing.assert_array_equal(metric.result(), fresh.result())


def test_top_k_with_ties_and_nan():
    y, p, _ = labels_and_scores(2, ties=True)
    for k in (1, 2, 5, 9):
        metric = metrics.TopK(k)
        metric.update(y, p)
        assert metric.result() == top_k(y, p, k).mean()
    metric = metrics.TopK(2)
    metric.update([0], [[math.nan, 1.0, 0.0]])
    assert metric.result() == 0.0


def test_sequences():
    y, p = RNG.integers(0, 4, (5, 3)), RNG.random((5, 3, 4))
    right = p.argmax(-1) == y
    weights = np.arange(5.0)
    batches = {"sparse_categorical_accuracy": y, "accuracy": y[..., None], "categorical_accuracy": hot(y, 4)}
    for name, y_true in batches.items():
        metric = metrics.get(name)
        metric.update(y_true, p, weights)
        assert metric.result() == pytest.approx((right.mean(1) * weights).sum() / 10)
    metric = metrics.TopK(1)
    metric.update(y, p)
    assert metric.result() == pytest.approx(right.mean())


def test_two_classes_with_a_column_of_labels():
    metric = metrics.Accuracy()
    metric.update([[1], [0]], [[0.1, 0.9], [0.2, 0.8]])
    assert metric.result() == 0.5


def test_threshold():
    metric = metrics.BinaryAccuracy(threshold=0.8)
    metric.update([1, 1, 0], [0.9, 0.8, 0.1])
    assert metric.result() == pytest.approx(2 / 3)


def test_weights_per_element():
    y, p = RNG.integers(0, 2, (5, 3)), RNG.random((5, 3))
    right = (p > 0.5) == y
    metric = metrics.BinaryAccuracy()
    metric.update(y, p, np.arange(5.0))
    assert metric.result() == pytest.approx((right.mean(1) * np.arange(5)).sum() / 10)
    metric.reset()
    each = RNG.random((5, 3))
    metric.update(y, p, each)
    assert metric.result() == pytest.approx((right * each).sum() / each.sum())


def test_float32_values_are_summed_in_float64():
    mean = metrics.Mean()
    mean.update(np.full(100_000, 0.1, np.float32))
    for _ in range(1000):
        mean.update(np.float32(0.1), 1)
    assert mean.result() == pytest.approx(float(np.float32(0.1)), rel=1e-12)


def test_mean():
    mean = metrics.Mean("loss")
    assert math.isnan(mean.result())
    mean.update(nn.asarray(2.0), 3)
    mean.update([4.0, 6.0], [1, 0])
    assert mean.result() == 2.5
    mean.reset()
    mean.update(1)
    assert mean.result() == 1.0
    with pytest.raises(ShapeError, match="loss"):
        mean.update([1.0, 2.0], [1.0, 2.0, 3.0])


# --- precision, recall, AUC ----------------------------------------------------------------------------------------


@given(seed=st.integers(0, 99), threshold=st.sampled_from([0.0, 0.25, 0.5]), weighted=st.booleans())
def test_precision_and_recall(seed, threshold, weighted):
    y, p, w = labels_and_scores(seed, ties=True)
    y, p, w = y % 2, p[:, :1], w if weighted else np.ones(40)
    precision, recall = metrics.Precision(threshold), metrics.Recall(threshold)
    for rows in (slice(0, 7), slice(7, 40)):
        for metric in (precision, recall):
            metric.update(y[rows], p[rows], w[rows] if weighted else None)
    right = sum(w[i] for i in range(40) if y[i] == 1 and p[i, 0] > threshold)
    assert precision.result() == pytest.approx(right / sum(w[i] for i in range(40) if p[i, 0] > threshold))
    assert recall.result() == pytest.approx(right / sum(w[i] for i in range(40) if y[i] == 1))


def test_precision_and_recall_of_nothing():
    for metric in (metrics.Precision(), metrics.Recall()):
        assert metric.result() == 0.0
        metric.update([0, 0], [0.1, 0.2])
        assert metric.result() == 0.0


def auc(y, p, w):
    """The definition: over all pairs of a positive and a negative, who has the higher score; ties count half."""
    won = total = 0.0
    for i in np.flatnonzero(y == 1):
        for j in np.flatnonzero(y == 0):
            won += w[i] * w[j] * (1.0 if p[i] > p[j] else 0.5 if p[i] == p[j] else 0.0)
            total += w[i] * w[j]
    return won / total


@given(
    batch=st.lists(st.tuples(st.integers(0, 1), st.integers(-2, 3), st.sampled_from([0.5, 1.0, 2.0])), min_size=2),
    cut=st.integers(0, 10), weighted=st.booleans(),
)  # fmt: skip
def test_auc(batch, cut, weighted):
    y, p, w = (np.array(column, float) for column in zip(*batch, strict=True))
    metric = metrics.AUC()
    for rows in (slice(0, cut), slice(cut, None)):
        metric.update(y[rows], p[rows], w[rows] if weighted else None)
    if len(set(y)) == 1:
        assert math.isnan(metric.result())
    else:
        assert metric.result() == pytest.approx(auc(y, p, w if weighted else np.ones(len(y))), rel=1e-12)


def test_auc_keeps_its_own_copies():
    metric = metrics.AUC()
    y, p = np.array([1.0, 0.0]), np.array([0.9, 0.1])
    metric.update(y, p)
    p[:] = [0.1, 0.9]
    assert metric.result() == 1.0
    metric.update([1.0], [math.nan])
    assert math.isnan(metric.result())
    metric.reset()
    assert math.isnan(metric.result())


# --- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "true", "pred"),
    [
        ("accuracy", (4,), (3, 5)),
        ("accuracy", (3, 5), (3, 4)),
        ("accuracy", (3,), (4, 1)),
        ("binary_accuracy", (3, 1), (1, 3)),
        ("sparse_categorical_accuracy", (3, 5), (3, 5)),
        ("categorical_accuracy", (3,), (3, 5)),
        ("top_k", (4,), (3, 5)),
        ("mse", (3, 2), (3, 5)),
        ("precision", (3,), (3, 5)),
        ("auc", (3,), (3, 2)),
    ],
)
def test_shapes_are_named(name, true, pred):
    metric = metrics.get(name)
    with pytest.raises(ShapeError, match=rf"\({true[0]},.*\({pred[0]}, {pred[1]}\)"):
        metric.update(np.zeros(true, int), np.zeros(pred))


@pytest.mark.parametrize("weights", [np.ones(4), np.ones((3, 3)), np.ones((1, 3))])
@pytest.mark.parametrize("name", ["accuracy", "precision", "auc", "mse"])
def test_weights_that_do_not_fit(name, weights):
    with pytest.raises(ShapeError, match=f"{name}.*sample_weight"):
        metrics.get(name).update(np.zeros((3, 1)), np.zeros((3, 1)), weights)


@pytest.mark.parametrize("name", ["precision", "recall", "auc"])
def test_labels_must_be_bits(name):
    with pytest.raises(ArgumentError, match="labels must be 0 and 1"):
        metrics.get(name).update([-1, 1], [0.1, 0.9])


def test_bad_settings():
    for make in (lambda: metrics.TopK(0), lambda: metrics.TopK(1.5), lambda: metrics.BinaryAccuracy(threshold="x")):
        with pytest.raises(ArgumentError):
            make()
    with pytest.raises(ArgumentError, match="label 3 is none of the 3 classes 0 to 2"):
        metrics.TopK(1).update([3], [[0.1, 0.2, 0.7]])


# --- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*metrics.METRICS, "huber", "categorical_crossentropy"])
def test_get_and_describe(name):
    metric = metrics.get(name)
    assert metric.name == name
    smaller = ("error", "ms", "mae", "huber", "entropy", "hinge", "divergence", "poisson", "logcosh", "false_")
    assert metric.direction == ("min" if any(part in name for part in smaller) else "max")
    copy = metrics.get(json.loads(json.dumps(describe(metric))))
    assert repr(copy) == repr(metric)
    assert metrics.get(metric) is metric
    assert np.all(np.isnan(metric.result()) | (np.asarray(metric.result()) == 0.0))


def test_own_metrics():
    metric = metrics.get(metrics.AUC)
    assert (type(metric), metric.name) == (metrics.AUC, "auc")

    def distance(y_true, y_pred):
        return np.abs(y_true - y_pred)

    metric = metrics.get(distance)
    metric.update(nn.asarray([1.0, 2.0]), nn.asarray([2.0, 4.0]), [1.0, 0.0])
    assert (metric.name, metric.result(), metric.direction) == ("distance", 1.0, None)
    with pytest.raises(ArgumentError, match="distance cannot be saved"):
        describe(metric)


def test_unknown_names():
    with pytest.raises(ArgumentError, match="did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(ArgumentError, match="did you mean 'huber'"):
        metrics.get("hubber")
    with pytest.raises(ArgumentError, match="metric: needs"):
        metrics.get(3)
