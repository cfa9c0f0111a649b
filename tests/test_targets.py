"""What losses and metrics make of targets: each kind with each loss is computed right, or refused by name."""

import math
import re

import numpy as np
import pytest

import numbanet as nn
from numbanet import losses, metrics
from numbanet.errors import ArgumentError, DataError, DTypeError, NumbanetError, ShapeError
from numbanet.training.class_weights import class_weights

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 5)).astype(np.float32)
NAN, INF = math.nan, math.inf
ONE_HOT = np.eye(3)[[0, 1, 2, 1]]
LOSSES = sorted({cls().name: cls for cls in losses.LOSSES.values()})
CLASSES = (
    "sparse_categorical_crossentropy", "categorical_crossentropy", "kl_divergence", "categorical_hinge",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy",
)  # fmt: skip

KINDS = {
    "ints": [0, 1, 1, 0],
    "bools": [True, False, True, True],
    "floats": [0.25, 0.5, 0.75, 1.0],
    "whole floats": [0.0, 1.0, 1.0, 0.0],
    "signs": [-1, 1, 1, -1],
    "strings": ["a", "b", "a", "b"],
    "objects": np.array([0, None, 1, 1], object),
    "one-hot": ONE_HOT,
    "wrong width": np.eye(4),
    "NaN": [0.0, NAN, 1.0, 1.0],
    "one-hot with NaN": np.where(ONE_HOT == 1, NAN, 0.0),
    "inf": [0.0, INF, 1.0, 1.0],
    "one-hot with inf": np.where(ONE_HOT == 1, INF, 0.0),
    "negative": [-2.0, 0.0, 1.0, 1.0],
    "one-hot below 0": ONE_HOT - 1.0,
    "out of range": [0, 7, 1, 1],
    "one-hot above 1": 2.0 * ONE_HOT,
    "empty": np.zeros((0,)),
    "column": [[0], [1], [1], [0]],
    "too few": [0, 1, 1],
    "three-dimensional": np.zeros((4, 1, 1, 1)),
}
NUMBERS = {"ints", "bools", "whole floats", "column"}
TAKEN = {
    "sparse_categorical_crossentropy": NUMBERS,
    "categorical_crossentropy": {"one-hot"},
    "kl_divergence": {"one-hot"},
    "binary_crossentropy": NUMBERS | {"floats"},
    "hinge": NUMBERS | {"signs"},
    "mean_squared_error": NUMBERS | {"floats", "signs", "negative", "out of range"},
}
REGRESSION = (
    "mean_absolute_error", "huber", "log_cosh", "poisson", "cosine_similarity", "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
)  # fmt: skip
TAKEN |= dict.fromkeys(REGRESSION, TAKEN["mean_squared_error"])
TAKEN |= dict.fromkeys(("binary_focal_crossentropy", "dice", "tversky"), TAKEN["binary_crossentropy"])
TAKEN |= {name: {"one-hot"} for name in ("categorical_focal_crossentropy", "categorical_hinge")}
TAKEN |= {"squared_hinge": TAKEN["hinge"], "categorical_generalized_cross_entropy": NUMBERS}
TAKEN |= {"ctc": set()}  # which is for sequences: tests/test_sequences.py
WORDS = {"strings": "dtype", "objects": "dtype object", "empty": "no samples", "too few": r"y has 3|\(3,\)"}
"""What an error says that no loss needs to see; others name the loss, and the shape or the label."""


def width(name):
    return 3 if name in CLASSES else 1


def model_of(loss, units, activation=None, **options):
    model = nn.Sequential([nn.layers.Input((5,)), nn.layers.Dense(units, activation)], rng=0)
    model.compile("sgd", loss, **options)
    return model


def weights_of(model):
    return b"".join(w.numpy().tobytes() for w in model.weights)


def reference(name, y, p):
    """The mean loss, in NumPy, from targets that the loss takes."""
    if name == "sparse_categorical_crossentropy":
        name, y = "categorical_crossentropy", np.eye(3)[np.asarray(y, int).reshape(-1)]
    if name == "categorical_generalized_cross_entropy":
        y = np.eye(3)[np.asarray(y, int).reshape(-1)]
    y = np.asarray(y, float).reshape(p.shape)
    d = np.abs(y - p)
    return np.mean({
        "categorical_crossentropy": lambda: -(y * np.log(p / p.sum(1, keepdims=True))).sum(1),
        "kl_divergence": lambda: (np.maximum(y, 1e-7) * np.log(np.maximum(y, 1e-7) / p)).sum(1),
        "binary_crossentropy": lambda: -(y * np.log(p) + (1 - y) * np.log(1 - p)),
        "hinge": lambda: np.maximum(1 - (y if y.min() < 0 else 2 * y - 1) * p, 0),
        "mean_squared_error": lambda: d**2,
        "mean_absolute_error": lambda: d,
        "huber": lambda: np.where(d <= 1, d**2 / 2, d - 0.5),
        "log_cosh": lambda: np.log(np.cosh(d)),
        "poisson": lambda: p - y * np.log(p + 1e-7),
        "cosine_similarity": lambda: -np.sign(y * p),
        "mean_absolute_percentage_error": lambda: 100 * d / np.maximum(np.abs(y), 1e-7),
        "mean_squared_logarithmic_error": lambda: (np.log1p(np.maximum(y, 1e-7)) - np.log1p(p)) ** 2,
        "squared_hinge": lambda: np.maximum(1 - (y if y.min() < 0 else 2 * y - 1) * p, 0) ** 2,
        "categorical_hinge": lambda: np.maximum(((1 - y) * p).max(1) - (y * p).sum(1) + 1, 0),
        "binary_focal_crossentropy": lambda: (
            -((y * (1 - p) + (1 - y) * p) ** 2) * (y * np.log(p) + (1 - y) * np.log(1 - p))
        ),
        "categorical_focal_crossentropy": lambda: (
            -(0.25 * y * (1 - p / p.sum(1, keepdims=True)) ** 2 * np.log(p / p.sum(1, keepdims=True))).sum(1)
        ),
        "categorical_generalized_cross_entropy": lambda: 2 * (1 - (y * p).sum(1) ** 0.5),
        "dice": lambda: 1 - 2 * (y * p).sum() / (y.sum() + p.sum() + 1e-7),
        "tversky": lambda: 1 - 2 * (y * p).sum() / (y.sum() + p.sum() + 1e-7),
    }[name]())  # fmt: skip


def activation_for(name):
    return "softmax" if name in CLASSES else "sigmoid"


def reference_of(model, name, y):
    return reference(name, y, model.predict(X, verbose=0).astype(float))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LOSSES)
def test_every_kind_of_target_is_right_or_refused_by_name(name, kind):
    y, loss = KINDS[kind], losses.get(name)
    p = RNG.uniform(0.1, 0.9, (4, width(name)))
    model = model_of(name, width(name), activation_for(name))
    before = weights_of(model)
    samples = X[:0] if kind == "empty" else X
    if kind in TAKEN[name]:
        assert loss(y, p).item() == pytest.approx(reference(name, y, p), rel=1e-6)
        assert model.evaluate(samples, y, verbose=0) == pytest.approx(reference_of(model, name, y), rel=1e-5)
        assert math.isfinite(model.fit(samples, y, verbose=0).history["loss"][0])
        return
    words = WORDS.get(kind, name)
    p = p[:0] if kind == "empty" else p
    with pytest.raises(NumbanetError, match=words):
        loss(y, p)
    for call in (model.fit, model.evaluate):
        with pytest.raises(NumbanetError, match=words):
            call(samples, y, verbose=0)
    assert weights_of(model) == before


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_targets_beyond_the_dtype_of_predictions(loss):
    with pytest.raises(ArgumentError, match=r"label 1e\+300 is too large for float32"):
        losses.get(loss)(np.array([1e300]), np.zeros((1, 1), np.float32))
    assert losses.get("mae")(np.array([1e300]), np.zeros((1, 1))).item() == 1e300


@pytest.mark.parametrize("loss", ["mse", "categorical_crossentropy"])
def test_batches_of_an_iterable_are_checked_too(loss):
    y = np.where(ONE_HOT == 1, NAN, 0.0)
    model = model_of(loss, 3)
    before = weights_of(model)
    with pytest.raises(ArgumentError, match="label nan"):
        model.fit([(X, y)], verbose=0)
    assert weights_of(model) == before


class TestOneOutput:
    """A softmax over one output is always 1: nothing would be learned, and the loss would be 0."""

    @pytest.mark.parametrize("loss", ["mse", "binary_crossentropy", "sparse_categorical_crossentropy", "hinge"])
    def test_softmax(self, loss):
        model = model_of(loss, 1, "softmax")
        for call in (model.fit, model.evaluate):
            with pytest.raises(ArgumentError, match="softmax of one output is always 1; use the activation 'sigmoid'"):
                call(X, [0, 0, 1, 0], verbose=0)

    @pytest.mark.parametrize(("loss", "y"), [
        ("categorical_crossentropy", np.ones((4, 1))), ("sparse_categorical_crossentropy", np.zeros(4, int)),
    ])  # fmt: skip
    def test_crossentropies_of_classes(self, loss, y):
        with pytest.raises(ArgumentError, match="one output cannot tell classes apart; use binary_crossentropy"):
            model_of(loss, 1).fit(X, y, verbose=0)


class TestOwn:
    """Losses and metrics of one's own get targets in the shape of the predictions."""

    SHAPES = (((4,), (4, 1)), ((4, 1), (4,)), ((4, 1), (4, 1)), ((4, 2), (4, 2, 1)), ((4, 2, 1), (4, 2)))

    @pytest.mark.parametrize(("true", "pred"), SHAPES)
    def test_losses(self, true, pred):
        y, p = RNG.normal(size=true), RNG.normal(size=pred)
        seen = []

        def own(y_true, y_pred):
            seen.append((y_true.shape, y_pred.shape))
            return nn.mean(nn.square(y_true - y_pred), axis=-1)

        class Own(losses.Loss):
            def call(self, y_true, y_pred):
                return own(y_true, y_pred)

        for loss in (losses.get(own), Own()):
            assert loss(y, p).item() == pytest.approx(np.mean((y.reshape(pred) - p) ** 2))
        assert seen == [(pred, pred)] * 2

    @pytest.mark.parametrize(("true", "pred"), SHAPES)
    def test_metrics(self, true, pred):
        y, p = RNG.normal(size=true), RNG.normal(size=pred)

        class Own(metrics.MeanMetric):
            def values(self, y_true, y_pred):
                return np.abs(y_true - y_pred)

        for metric in (metrics.get(lambda y, p: np.abs(y - p)), Own()):
            metric.update(y, p)
            assert metric.result() == pytest.approx(np.mean(np.abs(y.reshape(pred) - p)))

    def test_training_is_that_of_the_built_in_loss(self):
        x = RNG.normal(size=(64, 5)).astype(np.float32)
        y = x @ np.arange(5.0)

        def own(y_true, y_pred):
            return nn.mean(nn.square(y_true - y_pred), axis=-1)

        def distance(y_true, y_pred):
            return np.mean((y_true - y_pred) ** 2, axis=-1)

        class Seen(metrics.Metric):
            def reset(self):
                self.shapes = set()

            def update(self, y_true, y_pred, sample_weight=None):
                self.shapes |= {y_true.shape, y_pred.shape}

            def result(self):
                return 0.0

        seen = Seen()
        histories = []
        for loss, chosen in ((own, [distance, seen]), ("mse", ["mse"])):
            model = model_of(loss, 1, metrics=chosen)
            histories.append(model.fit(x, y, batch_size=16, epochs=2, verbose=0, rng=0).history)
        assert histories[0]["loss"] == pytest.approx(histories[1]["loss"], rel=1e-6)
        assert histories[0]["distance"] == pytest.approx(histories[1]["mse"], rel=1e-6)
        assert seen.shapes == {(16, 1)}

    def test_labels_of_classes_stay_as_they_are(self):
        loss = losses.get(lambda y, p: losses.sparse_categorical_crossentropy(y, p, from_logits=True))
        assert loss([0, 2], np.zeros((2, 3))).item() == pytest.approx(math.log(3))
        assert loss([[0], [2]], np.zeros((2, 3))).item() == pytest.approx(math.log(3))

    def test_other_numbers_of_samples_are_named(self):
        with pytest.raises(ShapeError, match=r"own: y_true \(3,\) and y_pred \(4, 1\)"):
            losses.get(own_loss)(np.zeros(3), np.zeros((4, 1)))
        with pytest.raises(ShapeError, match=r"distance: y_true \(3, 2\) and y_pred \(4, 2\)"):
            metrics.FunctionMetric(np.subtract, "distance").update(np.zeros((3, 2)), np.zeros((4, 2)))

    def test_a_loss_of_ones_own_may_mask_labels_that_are_missing(self):
        def masked(y_true, y_pred):
            known = ~nn.isnan(y_true)
            return nn.sum(nn.where(known, nn.square(nn.where(known, y_true, 0.0) - y_pred), 0.0), axis=-1)

        assert losses.get(masked)([1.0, NAN], [[3.0], [5.0]]).item() == 2.0

    def test_one_number_for_a_batch_counts_as_its_samples(self):
        metric = metrics.FunctionMetric(lambda y, p: np.max(np.abs(y - p)), "worst")
        metric.update(np.zeros(3), np.ones(3))
        metric.update(np.zeros(1), np.full(1, 5.0))
        assert metric.result() == 2.0
        with pytest.raises(
            ArgumentError, match="worst: gives one number for the batch, which weights of samples cannot"
        ):
            metric.update(np.zeros(2), np.ones(2), np.array([1.0, 2.0]))

    @pytest.mark.parametrize("loss", [losses.Huber(0.5), losses.Huber, losses.huber, "huber"])
    def test_losses_are_metrics_with_one_number_per_sample(self, loss):
        metric = metrics.get(loss)
        assert (metric.name, type(metric)) == ("huber", metrics.LossMetric)
        metric.update([1.0, 2.0], [[3.0], [2.0]], [1.0, 0.0])
        assert metric.result() == (0.875 if isinstance(loss, losses.Huber) else 1.5)


def own_loss(y_true, y_pred):
    return nn.abs(y_true - y_pred)


own_loss.__name__ = "own"


class TestMetricLabels:
    @pytest.mark.parametrize("name", ["accuracy", "binary_accuracy", "precision", "recall", "auc"])
    @pytest.mark.parametrize(("labels", "words"), [
        ([-1, 1], r"labels must be 0 and 1, got \[-1, 1\]; for labels -1 and 1 give \(y \+ 1\) / 2"),
        ([0.3, 1.0], r"labels must be 0 and 1, got \[0.3, 1.0\]$"), ([NAN, 1.0], "must be 0 and 1"),
        ([0, 2], "must be 0 and 1"),
    ])  # fmt: skip
    def test_two_classes(self, name, labels, words):
        with pytest.raises(ArgumentError, match=f"{name}: .*{words}"):
            metrics.get(name).update(labels, [[0.2], [0.7]])

    @pytest.mark.parametrize("name", ["accuracy", "sparse_categorical_accuracy", "top_k"])
    @pytest.mark.parametrize("label", [-1, 3, 0.5, NAN])
    def test_classes(self, name, label):
        with pytest.raises(ArgumentError, match=f"{name}: label {label} is none of the 3 classes"):
            metrics.get(name).update([0, label], np.ones((2, 3)))

    @pytest.mark.parametrize("name", ["accuracy", "categorical_accuracy", "top_k"])
    def test_one_hot(self, name):
        with pytest.raises(ArgumentError, match=f"{name}: a label is nan"):
            metrics.get(name).update([[0.0, NAN], [1.0, 0.0]], np.ones((2, 2)))

    def test_hinge_and_binary_crossentropy_say_what_to_write(self):
        with pytest.raises(ArgumentError, match=re.escape("write (y + 1) / 2 for labels -1 and 1, or use the hinge")):
            model_of("binary_crossentropy", 1, "sigmoid").fit(X, [-1, 1, 1, -1], verbose=0)
        with pytest.raises(ArgumentError, match=re.escape("hinge: labels must be -1 and 1, or 0 and 1")):
            model_of("hinge", 1).fit(X, [-1, 0, 1, -1], verbose=0)


class TestClassWeights:
    LABELS = np.array([2, 0, 0, 1, 0, 2])

    def test_balanced_is_that_of_scikit_learn(self):
        counts = np.bincount(self.LABELS)
        expected = (len(self.LABELS) / (3 * counts))[self.LABELS]
        np.testing.assert_array_equal(class_weights(self.LABELS, "balanced"), expected)
        np.testing.assert_array_equal(class_weights(self.LABELS[:, None], "balanced"), expected)
        np.testing.assert_array_equal(class_weights(np.eye(3)[self.LABELS], "balanced"), expected)
        np.testing.assert_array_equal(class_weights(5 * self.LABELS - 1, "balanced"), expected)

    @pytest.mark.parametrize("given", [
        {0: 1, 1: 0.1, 2: 3}, [1, 0.1, 3], (1, 0.1, 3), np.array([1, 0.1, 3]), {1.0: 0.1, np.int64(2): np.float32(3)},
        {True: 0.1, 2: 3},
    ])  # fmt: skip
    def test_dicts_and_lists(self, given):
        np.testing.assert_array_equal(class_weights(self.LABELS, given), np.array([1.0, 0.1, 3.0])[self.LABELS])

    def test_series(self):
        pandas = pytest.importorskip("pandas", reason="pandas is an optional peer")
        given = pandas.Series({2: 3.0, 1: 0.1})
        np.testing.assert_array_equal(class_weights(self.LABELS, given), np.array([1.0, 0.1, 3.0])[self.LABELS])

    @pytest.mark.parametrize(("given", "words"), [
        ("balance", "'balanced', got 'balance'"), (3, "a dict"), (["a"], "a dict"), ({0, 1}, "a dict"),
        (np.ones((2, 2)), "a dict"), ({3: 1.0}, r"without samples: \[3\]; the labels are \[0, 1, 2\]"),
        ({"0": 1.0}, "without samples"), ([1, 1, 1, 1], r"without samples: \[3\]"), ({0: -1.0}, "class_weight of 0"),
        ({0: NAN}, "class_weight of 0"), ({0: "x"}, "class_weight of 0"), ({0: None}, "class_weight of 0"),
    ])  # fmt: skip
    def test_what_is_refused(self, given, words):
        with pytest.raises(ArgumentError, match=f"fit: .*{words}"):
            class_weights(self.LABELS, given)

    @pytest.mark.parametrize("labels", [
        np.array([[1, 1, 0], [0, 1, 0]]), np.array([[0, 0], [0, 1]]), np.array([[2, 0], [0, 1]]), np.ones((2, 2, 1)),
        np.array([[0.5, 0.5]]),
    ])  # fmt: skip
    @pytest.mark.parametrize("given", ["balanced", {0: 1.0}])
    def test_several_labels_per_sample(self, labels, given):
        with pytest.raises(ArgumentError, match=r"one class per sample, got y of shape .* give sample_weight instead"):
            class_weights(labels, given)

    @pytest.mark.parametrize("value", [0.5, NAN, INF])
    def test_targets_that_are_no_classes(self, value):
        with pytest.raises(ArgumentError, match="labels that are classes"):
            class_weights(np.array([0.0, value]), "balanced")

    def test_iterables_bring_their_own_weights(self):
        for given in ({}, {0: 1.0}, "balanced"):
            with pytest.raises(ArgumentError, match="need arrays"):
                model_of("mse", 1).fit([(X, X[:, :1])], class_weight=given, verbose=0)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_weights_may_be_a_column(shape):
    results = []
    for weights in (np.array([1.0, 0.0, 2.0, 0.5]), np.array([1.0, 0.0, 2.0, 0.5]).reshape(shape)):
        model = model_of("mse", 1)
        history = model.fit(X, X[:, 0], sample_weight=weights, verbose=0, rng=0).history["loss"]
        results.append((history, weights_of(model), model.evaluate(X, X[:, 0], sample_weight=weights, verbose=0)))
    assert results[0] == results[1]


@pytest.mark.parametrize("shape", [(4, 2), (1, 4), (), (4, 1, 1)])
def test_weights_of_other_shapes_are_named(shape):
    with pytest.raises(ShapeError, match="sample_weight"):
        model_of("mse", 1).fit(X, X[:, 0], sample_weight=np.ones(shape), verbose=0)
    with pytest.raises((DataError, DTypeError)):
        model_of("mse", 1).fit(X, X[:, 0], sample_weight=["a", "b", "c", "d"], verbose=0)


@pytest.mark.parametrize("value", [NAN, INF])
def test_weights_that_are_not_finite_are_named(value):
    for call in (model_of("mse", 1).fit, model_of("mse", 1).evaluate):
        with pytest.raises(DataError, match="sample_weight has values that are not finite"):
            call(X, X[:, 0], sample_weight=[1.0, value, 1.0, 1.0], verbose=0)
