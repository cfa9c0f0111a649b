"""Metrics beyond the first ones against formulas in float64, in batches, with weights, in training and in files."""

import math

import numpy as np
import pytest

import numbanet as nn
from numbanet import metrics
from numbanet.errors import ArgumentError, ShapeError

L = nn.layers
rng = np.random.default_rng(0)
N, CLASSES = 24, 3
BITS = rng.integers(0, 2, (N, 3)).astype(np.float32), rng.uniform(0, 1, (N, 3)).astype(np.float32)
FLAT = BITS[0][:, 0], BITS[1][:, 0]
NUMBERS = rng.normal(size=(N, 3)).astype(np.float32), rng.normal(size=(N, 3)).astype(np.float32)
POSITIVE = rng.uniform(0.1, 3, (N, 3)).astype(np.float32), rng.uniform(0.1, 3, (N, 3)).astype(np.float32)
LABELS = rng.integers(0, CLASSES, N), rng.integers(0, CLASSES, N)
PROBABILITIES = rng.dirichlet(np.ones(CLASSES), N).astype(np.float32)
HOT = np.eye(CLASSES, dtype=np.float32)[LABELS[0]], PROBABILITIES
WEIGHTS = rng.uniform(0, 2, N)


def f_score(y, found, beta, average, w):
    w = w[:, None]
    if average == "micro":
        right, predicted, there = ((w * one).sum() for one in (y * found, found, y))
        return (1 + beta**2) * right / (beta**2 * there + predicted)
    right, predicted, there = ((w * one).sum(0) for one in (y * found, found, y))
    scores = (1 + beta**2) * right / (beta**2 * there + predicted)
    return {None: scores, "macro": scores.mean(), "weighted": (scores * there).sum() / there.sum()}[average]


def most_probable(p):
    return (p == p.max(-1, keepdims=True)).astype(float)


def r2(y, p, w, aggregation="uniform_average", regressors=0):
    w = w[:, None]
    mean = (w * y).sum(0) / w.sum()
    spread = (w * (y - mean) ** 2).sum(0)
    scores = 1 - (w * (y - p) ** 2).sum(0) / spread
    if aggregation == "uniform_average":
        scores = scores.mean()
    elif aggregation:
        scores = (scores * spread).sum() / spread.sum()
    return 1 - (1 - scores) * (y.size - 1) / (y.size - regressors - 1) if regressors else scores


def iou(y, p, w, targets):
    found = []
    for k in targets:
        both, either = (w * ((y == k) & (p == k))).sum(), (w * ((y == k) | (p == k))).sum()
        found += [both / either] if either > 0 else []
    return np.mean(found) if found else 0.0


def at_thresholds(y, p, w, count):
    """Sensitivity, specificity and precision at each threshold."""
    rows = []
    for i, t in enumerate(np.arange(count) / (count - 1)):
        positive = (p > t) | (i == 0)
        tp, fp = (w * (positive & (y == 1))).sum(), (w * (positive & (y == 0))).sum()
        rows.append((tp / (w * (y == 1)).sum(), 1 - fp / (w * (y == 0)).sum(), tp / (tp + fp) if tp + fp else 0.0))
    return np.array(rows).T


def best(values, condition, least):
    return max([v for v, c in zip(values, condition, strict=True) if c >= least], default=0.0)


def mean_of(each):
    return lambda y, p, w: (w * each(y, p)).sum() / w.sum()


def unit(x):
    return x / np.sqrt((x**2).sum(-1, keepdims=True))


BOTH, FIRST = (0, 1, 2), (0, 2)
CASES = {
    "RMSE": (
        metrics.RootMeanSquaredError,
        NUMBERS,
        lambda y, p, w: math.sqrt((w * ((y - p) ** 2).mean(-1)).sum() / w.sum()),
    ),
    "MAPE": (
        metrics.MeanAbsolutePercentageError,
        NUMBERS,
        mean_of(lambda y, p: 100 * np.abs((y - p) / y).mean(-1)),
    ),
    "MSLE": (
        metrics.MeanSquaredLogarithmicError,
        POSITIVE,
        mean_of(lambda y, p: ((np.log1p(y) - np.log1p(p)) ** 2).mean(-1)),
    ),
    "log cosh": (metrics.LogCoshError, NUMBERS, mean_of(lambda y, p: np.log(np.cosh(y - p)).mean(-1))),
    "Poisson": (metrics.Poisson, POSITIVE, mean_of(lambda y, p: (p - y * np.log(p + 1e-7)).mean(-1))),
    "cosine": (metrics.CosineSimilarity, NUMBERS, mean_of(lambda y, p: (unit(y) * unit(p)).sum(-1))),
    "KL": (
        metrics.KLDivergence,
        (PROBABILITIES, PROBABILITIES[::-1]),
        mean_of(lambda y, p: (np.clip(y, 1e-7, 1) * np.log(np.clip(y, 1e-7, 1) / np.clip(p, 1e-7, 1))).sum(-1)),
    ),
    "hinge": (metrics.Hinge, BITS, mean_of(lambda y, p: np.maximum(1 - (2 * y - 1) * p, 0).mean(-1))),
    "squared hinge": (
        metrics.SquaredHinge,
        BITS,
        mean_of(lambda y, p: (np.maximum(1 - (2 * y - 1) * p, 0) ** 2).mean(-1)),
    ),
    "categorical hinge": (
        metrics.CategoricalHinge,
        HOT,
        mean_of(lambda y, p: np.maximum(((1 - y) * p).max(-1) - (y * p).sum(-1) + 1, 0)),
    ),
    "binary crossentropy": (
        lambda: metrics.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        (BITS[0], NUMBERS[0]),
        mean_of(lambda y, z: (np.logaddexp(0, z) - (0.9 * y + 0.05) * z).mean(-1)),
    ),
    "categorical crossentropy": (metrics.CategoricalCrossentropy, HOT, mean_of(lambda y, p: -np.log((y * p).sum(-1)))),
    "sparse crossentropy": (
        metrics.SparseCategoricalCrossentropy,
        (LABELS[0], PROBABILITIES),
        mean_of(lambda y, p: -np.log(p[np.arange(len(p)), y.astype(int)])),
    ),
    "F1": (
        lambda: metrics.F1Score("macro"),
        HOT,
        lambda y, p, w: f_score(y, most_probable(p), 1.0, "macro", w),
    ),
    "F1 micro": (
        lambda: metrics.F1Score("micro", threshold=0.4),
        BITS,
        lambda y, p, w: f_score(y, p > 0.4, 1.0, "micro", w),
    ),
    "F2 weighted": (
        lambda: metrics.FBetaScore("weighted", 2.0, 0.5),
        BITS,
        lambda y, p, w: f_score(y, p > 0.5, 2.0, "weighted", w),
    ),
    "F of classes": (
        lambda: metrics.FBetaScore(beta=0.5),
        HOT,
        lambda y, p, w: f_score(y, most_probable(p), 0.5, None, w),
    ),
    "F1 of one": (
        lambda: metrics.F1Score(threshold=0.5),
        (BITS[0][:, :1], BITS[1][:, :1]),
        lambda y, p, w: f_score(y, p > 0.5, 1.0, None, w),
    ),
    "R2": (metrics.R2Score, NUMBERS, r2),
    "R2 by variance": (
        lambda: metrics.R2Score("variance_weighted_average"),
        NUMBERS,
        lambda y, p, w: r2(y, p, w, "variance_weighted_average"),
    ),
    "R2 of outputs": (lambda: metrics.R2Score(None), NUMBERS, lambda y, p, w: r2(y, p, w, None)),
    "R2 adjusted": (lambda: metrics.R2Score(num_regressors=5), NUMBERS, lambda y, p, w: r2(y, p, w, regressors=5)),
    "IoU": (lambda: metrics.IoU(CLASSES, FIRST), LABELS, lambda y, p, w: iou(y, p, w, FIRST)),
    "IoU without a class": (
        lambda: metrics.IoU(CLASSES, FIRST, ignore_class=1),
        LABELS,
        lambda y, p, w: iou(y[y != 1], p[y != 1], w[y != 1], FIRST),
    ),
    "mean IoU": (lambda: metrics.MeanIoU(4), LABELS, lambda y, p, w: iou(y, p, w, range(4))),
    "binary IoU": (
        lambda: metrics.BinaryIoU([1], 0.3),
        FLAT,
        lambda y, p, w: iou(y, (p >= 0.3).astype(int), w, [1]),
    ),
    "one-hot IoU": (
        lambda: metrics.OneHotIoU(CLASSES, FIRST),
        HOT,
        lambda y, p, w: iou(y.argmax(-1), p.argmax(-1), w, FIRST),
    ),
    "one-hot mean IoU": (
        lambda: metrics.OneHotMeanIoU(CLASSES),
        HOT,
        lambda y, p, w: iou(y.argmax(-1), p.argmax(-1), w, BOTH),
    ),
    "true positives": (
        metrics.TruePositives,
        FLAT,
        lambda y, p, w: (w * ((y == 1) & (p > 0.5))).sum(),
    ),
    "true negatives": (
        lambda: metrics.TrueNegatives(0.3),
        FLAT,
        lambda y, p, w: (w * ((y == 0) & (p <= 0.3))).sum(),
    ),
    "false positives": (metrics.FalsePositives, FLAT, lambda y, p, w: (w * ((y == 0) & (p > 0.5))).sum()),
    "false negatives": (metrics.FalseNegatives, FLAT, lambda y, p, w: (w * ((y == 1) & (p <= 0.5))).sum()),
    "sensitivity": (
        lambda: metrics.SensitivityAtSpecificity(0.4),
        FLAT,
        lambda y, p, w: best(*at_thresholds(y, p, w, 200)[[0, 1]], 0.4),
    ),
    "specificity": (
        lambda: metrics.SpecificityAtSensitivity(0.6, 21),
        FLAT,
        lambda y, p, w: best(*at_thresholds(y, p, w, 21)[[1, 0]], 0.6),
    ),
    "precision": (
        lambda: metrics.PrecisionAtRecall(0.3),
        FLAT,
        lambda y, p, w: best(*at_thresholds(y, p, w, 200)[[2, 0]], 0.3),
    ),
    "recall": (
        lambda: metrics.RecallAtPrecision(0.55),
        FLAT,
        lambda y, p, w: best(*at_thresholds(y, p, w, 200)[[0, 2]], 0.55),
    ),
}


@pytest.mark.parametrize("name", CASES)
class TestFormulas:
    @pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
    @pytest.mark.parametrize("batch", [N, 5, 1])
    def test_values(self, name, batch, weights):
        make, (y, p), formula = CASES[name]
        metric = make()
        for _ in range(2):
            for i in range(0, N, batch):
                part = slice(i, i + batch)
                metric.update(y[part], p[part], None if weights is None else weights[part])
            if _ == 0:
                metric.reset()
        w = np.ones(N) if weights is None else weights
        y, p = (one.astype(np.float64) if one.dtype.kind == "f" else one for one in (y, p))
        np.testing.assert_allclose(metric.result(), formula(y, p, w), rtol=2e-5, atol=1e-7)

    def test_batches_at_once(self, name):
        make, (y, p), _ = CASES[name]
        one, other = make(), make()
        one.update_batches(4, y, p)
        for i in range(0, N, 4):
            other.update(y[i : i + 4], p[i : i + 4])
        assert np.asarray(one.result()).tobytes() == np.asarray(other.result()).tobytes()

    def test_a_copy_from_its_description(self, name):
        make, (y, p), _ = CASES[name]
        metric = make()
        again = type(metric)(**metric.get_config())
        assert again.get_config() == metric.get_config()
        for one in (metric, again):
            one.update(y, p)
        np.testing.assert_array_equal(again.result(), metric.result())
        assert repr(again) == repr(metric)
        assert metric.direction in ("min", "max")

    def test_before_the_first_batch(self, name):
        metric = CASES[name][0]()
        assert np.all(np.isnan(metric.result()) | (np.asarray(metric.result()) == 0))

    def test_what_does_not_fit(self, name):
        make, (y, p), _ = CASES[name]
        with pytest.raises(ShapeError):
            make().update(y[:-1], p)
        with pytest.raises(ShapeError):
            make().update(y, p, WEIGHTS[:-1])


class TestDetails:
    def test_sums(self):
        total = metrics.Sum()
        assert total.result() == 0.0
        total.update([1.0, 2.0])
        total.update(3.0, 0.5)
        assert total.result() == 4.5
        total.reset_state()
        assert total.result() == 0.0

    def test_classes_that_never_occur(self):
        assert metrics.MeanIoU(3).result() == 0.0
        metric = metrics.F1Score("macro")
        metric.update([[1.0, 0.0]], [[0.0, 0.0]])
        assert metric.result() == 0.0

    def test_targets_that_are_all_the_same(self):
        metric = metrics.R2Score()
        metric.update([[1.0], [1.0]], [[1.0], [2.0]])
        assert metric.result() == 0.0

    def test_an_ignored_class_beyond_the_others(self):
        metric = metrics.MeanIoU(2, ignore_class=255)
        metric.update([0, 255, 1], [0, 1, 1])
        assert metric.result() == 1.0

    def test_images(self):
        y, p = rng.integers(0, 3, (4, 5, 6)), rng.normal(size=(4, 5, 6, 3))
        metric = metrics.MeanIoU(3, sparse_y_pred=False)
        metric.update(y, p)
        assert metric.result() == pytest.approx(iou(y, p.argmax(-1), np.ones(y.shape), range(3)))
        first = metrics.MeanIoU(3, sparse_y_pred=False, axis=1)
        first.update(y, np.moveaxis(p, -1, 1))
        assert first.result() == metric.result()

    @pytest.mark.parametrize("label", [3, -1, 0.5, math.nan])
    def test_labels_that_are_no_classes(self, label):
        with pytest.raises(ArgumentError, match="io_u: label"):
            metrics.IoU(3, [0]).update([0, label], [0, 1])
        with pytest.raises(ArgumentError, match="io_u: label"):
            metrics.IoU(3, [0]).update([0, 1], [0, label])

    @pytest.mark.parametrize("score", [-0.1, 1.1, math.nan, math.inf])
    def test_scores_that_are_no_probabilities(self, score):
        with pytest.raises(ArgumentError, match="probabilities"):
            metrics.PrecisionAtRecall(0.5).update([0, 1], [0.5, score])

    def test_one_threshold(self):
        metric = metrics.RecallAtPrecision(0.1, num_thresholds=1)
        metric.update([1, 1, 0], [0.9, 0.4, 0.1])
        assert metric.result() == 0.5

    @pytest.mark.parametrize(
        "make",
        [
            lambda: metrics.F1Score("mean"),
            lambda: metrics.F1Score(["macro"]),
            lambda: metrics.F1Score(threshold=0.0),
            lambda: metrics.FBetaScore(beta=0.0),
            lambda: metrics.R2Score("mean"),
            lambda: metrics.R2Score(num_regressors=-1),
            lambda: metrics.IoU(2, [2]),
            lambda: metrics.IoU(2, []),
            lambda: metrics.IoU(0, [0]),
            lambda: metrics.IoU(2, [0], sparse_y_true="no"),
            lambda: metrics.BinaryIoU([0, 2]),
            lambda: metrics.MeanIoU(2.5),
            lambda: metrics.TruePositives([]),
            lambda: metrics.SensitivityAtSpecificity(1.5),
            lambda: metrics.PrecisionAtRecall(0.5, 0),
            lambda: metrics.CosineSimilarity(axis="last"),
        ],
    )
    def test_settings_out_of_range(self, make):
        with pytest.raises(ArgumentError):
            make()

    def test_outputs_of_another_number(self):
        metric = metrics.R2Score()
        metric.update(*NUMBERS)
        with pytest.raises(ShapeError, match="had 3 outputs"):
            metric.update(NUMBERS[0][:, :2], NUMBERS[1][:, :2])


NAMES = ["root_mean_squared_error", "cosine_similarity", "r2_score", "logcosh", "poisson", "mape"]


class TestTraining:
    def trained(self, chosen, y, activation=None, loss="mse", eager=False):
        model = nn.Sequential([L.Dense(6, "tanh"), L.Dense(y.shape[1], activation)])
        model.compile("adam", loss, metrics=chosen)
        callbacks = [nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)] if eager else []
        x = np.random.default_rng(1).normal(size=(N, 4)).astype(np.float32)
        history = model.fit(x, y, batch_size=5, epochs=3, verbose=0, rng=0, callbacks=callbacks).history
        return model, history, (x, y)

    def own(self):
        return [
            metrics.F1Score("macro"),
            metrics.OneHotMeanIoU(CLASSES),
            metrics.TruePositives(),
            metrics.SensitivityAtSpecificity(0.5),
            metrics.CategoricalCrossentropy(),
        ]

    def test_by_name(self):
        model, history, _ = self.trained(NAMES, POSITIVE[0])
        assert [*history] == ["loss", *NAMES]
        assert all(isinstance(value, float) for values in history.values() for value in values)
        assert [metric.name for metric in model.metrics] == NAMES

    def test_replayed_as_eagerly(self):
        replayed = self.trained(self.own(), HOT[0], "softmax", "categorical_crossentropy")[1]
        eager = self.trained(self.own(), HOT[0], "softmax", "categorical_crossentropy", eager=True)[1]
        assert replayed == eager

    def test_saved_and_loaded(self, tmp_path):
        model, _, data = self.trained(self.own(), HOT[0], "softmax", "categorical_crossentropy")
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        assert [type(one) for one in again.metrics] == [type(one) for one in model.metrics]
        assert again.evaluate(*data, verbose=0) == model.evaluate(*data, verbose=0)

    def test_an_array_of_scores_is_refused_before_training(self):
        for metric in (metrics.F1Score(), metrics.R2Score(None)):
            with pytest.raises(ArgumentError, match="gives 3 numbers"):
                self.trained([metric], HOT[0], "softmax", "categorical_crossentropy")

    def test_the_score_of_the_only_class_is_a_number(self):
        history = self.trained([metrics.F1Score(threshold=0.5)], BITS[0][:, :1], "sigmoid", "binary_crossentropy")[1]
        assert isinstance(history["f1_score"][0], float)

    def test_a_metric_is_monitored_the_right_way(self, tmp_path):
        for metric, wanted in ((metrics.RootMeanSquaredError(), "min"), (metrics.R2Score(), "max")):
            model, _, _ = self.trained([metric], POSITIVE[0])
            monitor = nn.callbacks.EarlyStopping(metric.name)
            monitor.set_model(model)
            assert monitor.direction() == wanted
