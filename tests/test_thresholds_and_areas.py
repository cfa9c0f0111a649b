"""Precision and recall at thresholds, of the largest and of one class; areas under curves: against plain loops."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from numbanet.metrics.confusion import COUNTS

SEEDS = st.integers(0, 2**32 - 1)
metrics = nn.metrics
Y = [[0, 1], [1, 0], [1, 1]]
P = [[0.1, 0.6], [0.7, 0.2], [0.4, 0.8]]


def drawn(seed, rows=12, columns=4):
    """Return labels, predictions of which some are equal, and weights."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (rows, columns)), rng.integers(0, 11, (rows, columns)) / 10, rng.random(rows)


def fed(metric, y, p, weights=None):
    """Return a metric of two batches."""
    for rows in (slice(0, 5), slice(5, None)):
        metric.update(y[rows], p[rows], None if weights is None else weights[rows])
    return metric


def counted(y, p, weights, threshold, top_k, class_id):
    """Return true positives, false positives and false negatives."""
    counts = [0.0, 0.0, 0.0]
    for i, row in enumerate(p):
        best = sorted(range(len(row)), key=lambda j: -row[j])[: len(row) if top_k is None else top_k]
        for j in range(len(row)) if class_id is None else [class_id]:
            found = j in best and row[j] > threshold
            if found or y[i, j]:
                counts[0 if found and y[i, j] else 1 if found else 2] += weights[i]
    return counts


@given(
    seed=SEEDS, thresholds=st.none() | st.floats(0, 1) | st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.75]), min_size=1),
    top_k=st.none() | st.integers(1, 4), class_id=st.none() | st.integers(0, 3), weighted=st.booleans(),
)  # fmt: skip
def test_precision_and_recall(seed, thresholds, top_k, class_id, weighted):
    y, p, weights = drawn(seed)
    cuts = thresholds if isinstance(thresholds, list) else [thresholds]
    defaults = [(0.5 if top_k is None else -1) if cut is None else cut for cut in cuts]
    counts = [counted(y, p, weights if weighted else np.ones(12), cut, top_k, class_id) for cut in defaults]
    for kind, other in (("Precision", 1), ("Recall", 2)):
        expected = [one[0] / (one[0] + one[other]) if one[0] + one[other] else 0.0 for one in counts]
        metric = getattr(metrics, kind)(thresholds, top_k, class_id)
        found = fed(metric, y, p, weights if weighted else None).result()
        assert isinstance(found, float) == (len(expected) == 1)
        np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-12)


@given(seed=SEEDS)
def test_counts_at_several_thresholds(seed):
    y, p, weights = drawn(seed)
    cuts = [0.3, 0.0, 0.6]
    kinds = {
        "TruePositives": (1, True),
        "FalsePositives": (0, True),
        "TrueNegatives": (0, False),
        "FalseNegatives": (1, False),
    }
    for kind, (label, above) in kinds.items():
        found = fed(getattr(metrics, kind)(cuts), y, p, weights).result()
        expected = [sum(weights @ ((y == label) & ((p > cut) == above))) for cut in cuts]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_top_k_of_one_row_looks_at_each_batch():
    metric = metrics.Precision(top_k=2)
    metric.update([0, 0, 1, 1], [1, 1, 1, 1])
    assert metric.result() == 0.0
    metric.update_batches(2, np.array([1, 0, 1, 0]), np.ones(4))
    assert metric.result() == 2 / 6


def curve_at(y, p, weights, cuts):
    """Return how much of labels 1, and of labels 0, is above each of falling thresholds."""
    rights, wrongs = [], []
    for cut in cuts:
        above = p > cut
        rights.append(sum(weights[above & (y == 1)]))
        wrongs.append(sum(weights[above & (y == 0)]))
    return rights, wrongs


def area_of(y, p, weights, cuts, curve, method):
    """Return the area under a curve through the points at thresholds, by a fine sum where precision is interpolated."""
    rights, wrongs = curve_at(y, p, weights, [math.inf, *sorted(cuts, reverse=True), -math.inf])
    total = 0.0
    for i in range(1, len(rights)):
        if curve == "PR" and method == "interpolation":
            at = (np.arange(20000) + 0.5) / 20000
            right = rights[i - 1] + at * (rights[i] - rights[i - 1])
            wrong = wrongs[i - 1] + at * (wrongs[i] - wrongs[i - 1])
            heights = np.divide(right, right + wrong, out=np.zeros(len(at)), where=right + wrong > 0)
            total += heights.mean() * (rights[i] - rights[i - 1]) / rights[-1]
            continue
        if curve == "PR":
            x = [one / rights[-1] for one in rights[i - 1 : i + 1]]
            y2 = [
                a / (a + b) if a + b else 0.0 for a, b in zip(rights[i - 1 : i + 1], wrongs[i - 1 : i + 1], strict=True)
            ]
        else:
            x, y2 = ([one / part[-1] for one in part[i - 1 : i + 1]] for part in (wrongs, rights))
        height = {"interpolation": sum(y2) / 2, "minoring": min(y2), "majoring": max(y2)}[method]
        total += height * (x[1] - x[0])
    return total


@given(
    seed=SEEDS, curve=st.sampled_from(["ROC", "PR"]), method=st.sampled_from(["interpolation", "minoring", "majoring"]),
    at=st.sampled_from([{}, {"num_thresholds": 2}, {"num_thresholds": 6}, {"thresholds": [0.7, 0.25, 0.5]}]),
)  # fmt: skip
def test_areas(seed, curve, method, at):
    y, p, weights = drawn(seed, 9, 2)
    y[0] = 0, 1  # one label alone has no area
    count = at.get("num_thresholds", 0)
    cuts = at.get("thresholds", [i / (count - 1) for i in range(1, count - 1)]) if at else set(p.ravel().tolist())
    found = fed(metrics.AUC(curve=curve, summation_method=method, **at), y, p, weights).result()
    each = np.repeat(weights, 2)
    assert found == pytest.approx(area_of(y.ravel(), p.ravel(), each, cuts, curve, method), rel=1e-6)


@given(seed=SEEDS, curve=st.sampled_from(["ROC", "PR"]), at=st.sampled_from([{}, {"num_thresholds": 5}]))
def test_several_labels(seed, curve, at):
    y, p, weights = drawn(seed, 15, 3)
    y[:2] = [[0, 0, 0], [1, 1, 1]]
    factors = [1.0, 0.5, 2.0]
    columns = [fed(metrics.AUC(curve=curve, **at), y[:, i], p[:, i], weights).result() for i in range(3)]
    metric = fed(metrics.AUC(curve=curve, multi_label=True, num_labels=3, **at), y, p, weights)
    assert metric.result() == pytest.approx(np.mean(columns), rel=1e-12)
    metric = fed(metrics.AUC(curve=curve, multi_label=True, label_weights=factors, **at), y, p, weights)
    assert metric.result() == pytest.approx(np.average(columns, weights=factors), rel=1e-12)
    metric = fed(metrics.AUC(curve=curve, label_weights=factors, **at), y, p, weights)
    flat = fed(
        metrics.AUC(curve=curve, **at), y.ravel()[:, None], p.ravel()[:, None], np.outer(weights, factors).ravel()
    )
    assert metric.result() == pytest.approx(flat.result(), rel=1e-12)


def test_scores_before_sigmoid():
    y, p, _ = drawn(0)
    scores = np.log((p + 0.01) / (1.01 - p))
    for at in ({}, {"num_thresholds": 4}):
        found = fed(metrics.AUC(from_logits=True, **at), y, scores).result()
        assert found == pytest.approx(fed(metrics.AUC(**at), y, (p + 0.01) / 1.02).result(), rel=1e-12)
    with pytest.raises(ArgumentError, match="from_logits=True"):
        metrics.AUC(4).update(y, scores)


def test_one_label_has_no_area():
    assert math.isnan(fed(metrics.AUC(curve="PR"), np.ones((6, 1)), np.ones((6, 1))).result())
    assert math.isnan(metrics.AUC(5).result())
    metric = metrics.AUC(5)
    metric.update([1, 0], [0.9, 0.1])
    assert metric.result() == 1.0
    metric.reset()
    assert math.isnan(metric.result())


def test_the_first_classes_of_an_order():
    metric = metrics.SparseTopKCategoricalAccuracy(2, from_sorted_ids=True)
    metric.update([3, 7, 7], [[3, 1, 7], [9, 7, 1], [1, 2, 7]])
    assert metric.result() == pytest.approx(2 / 3)
    assert metrics.SparseTopKCategoricalAccuracy(**metric.get_config()).from_sorted_ids
    with pytest.raises(ArgumentError, match=r"needs 2 numbers of classes, got predictions \(2, 1\)"):
        metric.update([3, 1], [[3], [1]])
    with pytest.raises(ShapeError, match=r"y_true \(1, 2\) must have the shape of y_pred \(1, 2\) without classes"):
        metric.update([[3, 1]], [[3, 1]])


@pytest.mark.parametrize(
    "metric",
    [
        metrics.Precision([0.2, 0.5], 3, 1), metrics.Recall(top_k=2), metrics.TruePositives([0.1, 0.2]),
        metrics.AUC(7, "PR", "minoring", "area", None, True, 2, [1.0, 2.0], True), metrics.AUC(thresholds=[0.5, 0.25]),
        metrics.SensitivityAtSpecificity(0.5, 20, 1),
    ],
)  # fmt: skip
def test_settings_are_kept(metric):
    again = type(metric)(**metric.get_config())
    assert again.get_config() == metric.get_config()
    assert vars(pickle.loads(pickle.dumps(metric))).keys() == vars(metric).keys()


def test_earlier_versions_had_one_threshold():
    assert metrics.Precision.from_config({"threshold": 0.8, "name": "p"}).thresholds == 0.8
    made = metrics.Recall()
    made.__setstate__({"threshold": 0.8, "name": "recall"})
    assert made.thresholds == 0.8
    assert not hasattr(made, "threshold")
    with pytest.raises(TypeError, match="unknown argument 'threshold'; it is called thresholds"):
        metrics.Precision(threshold=0.5)


@pytest.mark.parametrize("kind", [metrics.Precision, metrics.TruePositives])
def test_counts_of_earlier_versions_go_on(kind):
    made = kind()
    made.update([1, 1, 0], [0.9, 0.8, 0.7])
    before = made.result()
    assert {*COUNTS} <= {*vars(made)}
    again = kind.__new__(kind)
    again.__setstate__({name: float(value[0]) if name in COUNTS else value for name, value in vars(made).items()})
    assert type(again.result()) is float
    assert again.result() == before
    again.update([0], [0.6])
    made.update([0], [0.6])
    assert again.result() == made.result()


def test_scores_of_earlier_versions_go_on():
    made = metrics.AUC()
    made.update([1, 0, 1], [0.9, 0.8, 0.7])
    state = {name: value for name, value in vars(made).items() if name != "_counts"}
    again = metrics.AUC.__new__(metrics.AUC)
    again.__setstate__(state | {"_batches": [tuple(part.ravel() for part in one) for one in state["_batches"]]})
    assert again.result() == made.result() == 0.5
    for metric in (again, made):
        metric.update([[0], [0]], [[0.1], [0.2]])
    assert again.result() == made.result()


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_in_training():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 3)).astype(np.float32), rng.integers(0, 2, (24, 4)).astype(np.float32)
    model = nn.Sequential([nn.layers.Dense(4, activation="sigmoid")], rng=0)
    given_metrics = [metrics.Precision(top_k=2, class_id=1), metrics.AUC(20, curve="PR", multi_label=True)]
    model.compile("sgd", "binary_crossentropy", metrics=given_metrics)
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    p = model.predict(x, verbose=0)
    assert found["precision"] == fed(metrics.Precision(top_k=2, class_id=1), y, p).result()
    assert found["auc"] == fed(metrics.AUC(20, curve="PR", multi_label=True), y, p).result()
    model.compile("sgd", "binary_crossentropy", metrics=[metrics.Precision([0.2, 0.5])])
    with pytest.raises(ArgumentError, match="metric precision gives 2 numbers"):
        model.fit(x, y, verbose=0)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: metrics.Precision("high"), ArgumentError, "Precision: thresholds must be a finite number"),
        (lambda: metrics.Precision([]), ArgumentError, "thresholds must be a number or several"),
        (lambda: metrics.Recall(top_k=0), ArgumentError, "top_k must be an integer"),
        (lambda: metrics.Recall(class_id=-1), ArgumentError, "class_id must be an integer"),
        (lambda: metrics.Recall(class_id=2).update(Y, P), ArgumentError, r"class_id=2 is no column .* \(3, 2\)"),
        (lambda: metrics.Recall(class_id=0).update([1, 0], [1, 0]), ArgumentError, "class_id=0 is no column"),
        (lambda: metrics.Recall(top_k=3).update(Y, P), ArgumentError, r"top_k=3 is more than .* \(3, 2\)"),
        (lambda: metrics.PrecisionAtRecall(0.5, class_id=3).update(Y, P), ArgumentError, "class_id=3"),
        (lambda: metrics.AUC(1), ArgumentError, "num_thresholds must be an integer"),
        (lambda: metrics.AUC(curve="PRGAIN"), ArgumentError, "curve must be"),
        (lambda: metrics.AUC(summation_method="mean"), ArgumentError, "summation_method must be"),
        (lambda: metrics.AUC(thresholds=[0.5, 1.5]), ArgumentError, "thresholds must be"),
        (lambda: metrics.AUC(num_labels=2), ArgumentError, "num_labels is for multi_label=True"),
        (lambda: metrics.AUC(multi_label=True).update([1, 0], [1, 0]), ShapeError, "multi_label needs"),
        (lambda: metrics.AUC(multi_label=True, num_labels=3).update(Y, P), ShapeError, "num_labels says 3 labels"),
        (lambda: metrics.AUC(label_weights=[1.0]).update(Y, P), ShapeError, "label_weights says 1 labels"),
        (lambda: metrics.AUC(label_weights=[-1.0]), ArgumentError, "label_weights must be"),
    ],
)
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()
