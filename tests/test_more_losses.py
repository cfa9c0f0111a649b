"""Losses beyond the first ones against formulas in float64: values, gradients, extremes, reductions, training."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet import losses
from numbanet.core.shapes import AxisError
from numbanet.errors import ArgumentError, ShapeError
from numbanet.testing import check_grad

L = nn.layers
EPS = 1e-7
ROWS, CLASSES = 5, 4


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def normalized(x, axis):
    return x / np.maximum(np.sqrt((x**2).sum(axis, keepdims=True)), 1e-6)


def binary_focal(y, p, balanced=False, alpha=0.25, gamma=2.0, from_logits=False, smoothing=0.0, axis=-1):
    y = y * (1 - smoothing) + smoothing / 2
    p = sigmoid(p) if from_logits else p
    near = y * p + (1 - y) * (1 - p)
    found = -((1 - near) ** gamma) * (y * np.log(p) + (1 - y) * np.log(1 - p))
    return (found * (y * alpha + (1 - y) * (1 - alpha) if balanced else 1)).mean(axis)


def categorical_focal(y, p, alpha=0.25, gamma=2.0, from_logits=False, smoothing=0.0, axis=-1):
    y = y * (1 - smoothing) + smoothing / y.shape[axis]
    p = softmax(p, axis) if from_logits else p / p.sum(axis, keepdims=True)
    return -(np.asarray(alpha) * (1 - p) ** gamma * y * np.log(p)).sum(axis)


def tversky(y, p, alpha=0.5, beta=0.5, axis=None):
    both, missed, beyond = ((a * b).sum(axis) for a, b in ((y, p), (y, 1 - p), (1 - y, p)))
    return 1 - both / (both + alpha * missed + beta * beyond + EPS)


def dice(y, p, axis=None):
    return 1 - 2 * (y * p).sum(axis) / (y.sum(axis) + p.sum(axis) + EPS)


def categorical_hinge(y, z):
    return np.maximum(((1 - y) * z).max(-1) - (y * z).sum(-1) + 1, 0)


def categorical_crossentropy(y, p, axis=-1):
    return -(y * np.log(p / p.sum(axis, keepdims=True))).sum(axis)


rng = np.random.default_rng(0)
NUMBERS = rng.normal(size=(ROWS, 3)), rng.normal(size=(ROWS, 3))
POSITIVE = rng.uniform(0.1, 3, (ROWS, 3)), rng.uniform(0.1, 3, (ROWS, 3))
BITS = rng.integers(0, 2, (ROWS, 3)).astype(float), rng.uniform(0.05, 0.95, (ROWS, 3))
SCORES = BITS[0], 3 * rng.normal(size=(ROWS, 3))
HOT = np.eye(CLASSES)[rng.integers(0, CLASSES, ROWS)], rng.uniform(0.05, 1, (ROWS, CLASSES))
HOT_SCORES = HOT[0], 3 * rng.normal(size=(ROWS, CLASSES))
COLUMNS = HOT[0].T.copy(), HOT[1].T.copy()
LABELS = rng.integers(0, CLASSES, ROWS), softmax(HOT_SCORES[1])

CASES = {
    "mape": (losses.MeanAbsolutePercentageError(), NUMBERS, lambda y, p: 100 * abs((y - p) / y).mean(-1)),
    "msle": (
        losses.MeanSquaredLogarithmicError(),
        POSITIVE,
        lambda y, p: ((np.log1p(y) - np.log1p(p)) ** 2).mean(-1),
    ),
    "log_cosh": (losses.LogCosh(), NUMBERS, lambda y, p: np.log(np.cosh(p - y)).mean(-1)),
    "poisson": (losses.Poisson(), POSITIVE, lambda y, p: (p - y * np.log(p + EPS)).mean(-1)),
    "cosine": (
        losses.CosineSimilarity(),
        NUMBERS,
        lambda y, p: -(normalized(y, -1) * normalized(p, -1)).sum(-1),
    ),
    "cosine of columns": (
        losses.CosineSimilarity(axis=0),
        NUMBERS,
        lambda y, p: -(normalized(y, 0) * normalized(p, 0)).sum(0),
    ),
    "squared_hinge": (
        losses.SquaredHinge(),
        SCORES,
        lambda y, z: (np.maximum(1 - (2 * y - 1) * z, 0) ** 2).mean(-1),
    ),
    "categorical_hinge": (losses.CategoricalHinge(), HOT_SCORES, categorical_hinge),
    "binary focal": (losses.BinaryFocalCrossentropy(), BITS, binary_focal),
    "binary focal, all": (
        losses.BinaryFocalCrossentropy(True, 0.3, 1.5, label_smoothing=0.2),
        BITS,
        lambda y, p: binary_focal(y, p, True, 0.3, 1.5, smoothing=0.2),
    ),
    "binary focal of scores": (
        losses.BinaryFocalCrossentropy(True, 0.7, 0.5, from_logits=True, label_smoothing=0.1),
        SCORES,
        lambda y, z: binary_focal(y, z, True, 0.7, 0.5, True, 0.1),
    ),
    "binary focal, gamma 0": (losses.BinaryFocalCrossentropy(gamma=0), BITS, lambda y, p: binary_focal(y, p, gamma=0)),
    "binary focal, gamma 1": (losses.BinaryFocalCrossentropy(gamma=1), BITS, lambda y, p: binary_focal(y, p, gamma=1)),
    "binary focal of columns": (
        losses.BinaryFocalCrossentropy(axis=0),
        BITS,
        lambda y, p: binary_focal(y, p, axis=0),
    ),
    "categorical focal": (losses.CategoricalFocalCrossentropy(), HOT, categorical_focal),
    "categorical focal, all": (
        losses.CategoricalFocalCrossentropy([0.1, 0.2, 0.3, 0.4], 3.0, True, 0.1),
        HOT_SCORES,
        lambda y, z: categorical_focal(y, z, [0.1, 0.2, 0.3, 0.4], 3.0, True, 0.1),
    ),
    "categorical focal of columns": (
        losses.CategoricalFocalCrossentropy(gamma=0.7, axis=0),
        COLUMNS,
        lambda y, p: categorical_focal(y, p, gamma=0.7, axis=0),
    ),
    "generalized": (
        losses.CategoricalGeneralizedCrossEntropy(0.3),
        LABELS,
        lambda y, p: (1 - p[np.arange(ROWS), y] ** 0.3) / 0.3,
    ),
    "tversky": (losses.Tversky(), BITS, tversky),
    "tversky, all": (
        losses.Tversky(0.2, 0.9, axis=-1),
        BITS,
        lambda y, p: tversky(y, p, 0.2, 0.9, -1),
    ),
    "dice": (losses.Dice(), BITS, dice),
    "dice of axes": (losses.Dice(axis=(-1,)), BITS, lambda y, p: dice(y, p, -1)),
    "categorical crossentropy of columns": (
        losses.CategoricalCrossentropy(axis=0),
        COLUMNS,
        lambda y, p: categorical_crossentropy(y, p, 0),
    ),
    "categorical crossentropy of scores in columns": (
        losses.CategoricalCrossentropy(from_logits=True, axis=0),
        COLUMNS,
        lambda y, z: -(y * np.log(softmax(z, 0))).sum(0),
    ),
    "binary crossentropy of columns": (
        losses.BinaryCrossentropy(axis=0),
        BITS,
        lambda y, p: -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(0),
    ),
}


def per_sample(loss, y, p):
    return loss.call(nn.asarray(y), nn.asarray(p))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
class TestFormulas:
    def test_values(self, name, dtype):
        loss, (y, p), formula = CASES[name]
        expected = formula(y, p)
        found = per_sample(loss, y if y.dtype.kind == "i" else y.astype(dtype), p.astype(dtype))
        assert found.dtype == dtype
        tolerance = 3e-6 if dtype == np.float32 else 1e-12
        np.testing.assert_allclose(found.numpy(), expected, rtol=tolerance, atol=tolerance)
        assert float(loss(y, p.astype(dtype))) == pytest.approx(expected.mean(), rel=10 * tolerance)

    def test_function(self, name, dtype):
        loss, (y, p), _ = CASES[name]
        found = loss.function(y, p.astype(dtype), **loss.settings())
        np.testing.assert_array_equal(found.numpy(), per_sample(loss, y, p.astype(dtype)).numpy())
        assert losses.get(loss.function.__name__).function is loss.function


@pytest.mark.parametrize("name", CASES)
def test_gradients(name):
    loss, (y, p), _ = CASES[name]
    p = np.maximum(p, 0.1) if name == "generalized" else p  # its root is steep at 0
    check_grad(lambda p: nn.sum(per_sample(loss, y, p)), p, order=2)


@pytest.mark.parametrize("name", CASES)
def test_a_copy_from_its_description(name):
    loss, (y, p), _ = CASES[name]
    again = type(loss)(**loss.get_config())
    assert again.get_config() == loss.get_config()
    assert float(again(y, p)) == float(loss(y, p))
    assert repr(again) == repr(loss)


class TestExtremes:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("size", [1e-30, 1e-4, 50.0, 1e4, 1e30])
    @pytest.mark.parametrize(
        ("loss", "hot"),
        [
            (losses.BinaryFocalCrossentropy(True, gamma=0.5, from_logits=True), False),
            (losses.BinaryFocalCrossentropy(gamma=2, from_logits=True, label_smoothing=0.1), False),
            (losses.CategoricalFocalCrossentropy(gamma=0.5, from_logits=True), True),
            (losses.CategoricalFocalCrossentropy(gamma=3, from_logits=True, label_smoothing=0.1), True),
            (losses.LogCosh(), False),
            (losses.CosineSimilarity(), False),
            (losses.CategoricalHinge(), True),
        ],
    )
    def test_scores_of_any_size(self, loss, hot, size, dtype):
        y = np.eye(3, dtype=dtype)[[0, 1, 2]] if hot else np.asarray([[0, 1, 0], [1, 1, 0], [0, 0, 1]], dtype)
        z = nn.asarray(np.asarray([[1, -1, 0.5], [-1, 1, 1], [0, 0.5, -1]], dtype) * dtype(size))
        with nn.GradientTape() as tape:
            tape.watch(z)
            value = loss(y, z)
        assert math.isfinite(float(value))
        assert np.isfinite(tape.gradient(value, z).numpy()).all()

    @pytest.mark.parametrize("gamma", [0.5, 1, 2, 2.5])
    @pytest.mark.parametrize("kind", [losses.BinaryFocalCrossentropy, losses.CategoricalFocalCrossentropy])
    def test_certain_probabilities(self, kind, gamma):
        p = nn.asarray([[0.0, 1.0], [1.0, 0.0]])
        with nn.GradientTape() as tape:
            tape.watch(p)
            value = kind(gamma=gamma)([[0.0, 1.0], [0.0, 1.0]], p)
        assert math.isfinite(float(value))
        assert np.isfinite(tape.gradient(value, p).numpy()).all()

    @pytest.mark.parametrize("error", [1e-3, 1e-6, 1e-15])
    def test_small_errors_of_log_cosh_keep_their_digits(self, error):
        found = losses.log_cosh(np.zeros((1, 1), np.float32), np.full((1, 1), error, np.float32))
        assert found.item() == pytest.approx(float(np.float32(error)) ** 2 / 2, rel=1e-5, abs=0)

    def test_log_cosh_of_infinity(self):
        p = nn.asarray([[math.inf], [-math.inf]])
        with nn.GradientTape() as tape:
            tape.watch(p)
            values = losses.log_cosh([[0.0], [0.0]], p)
        np.testing.assert_array_equal(values.numpy(), [math.inf, math.inf])
        np.testing.assert_array_equal(tape.gradient(values, p).numpy(), [[1.0], [-1.0]])

    def test_zeros_have_no_direction(self):
        p = nn.asarray([[0.0, 0.0], [1e-30, 0.0]])
        with nn.GradientTape() as tape:
            tape.watch(p)
            values = losses.cosine_similarity([[1.0, 2.0], [1.0, 2.0]], p)
        np.testing.assert_allclose(values.numpy(), [0.0, 0.0], atol=1e-20)
        assert np.isfinite(tape.gradient(values, p).numpy()).all()

    @pytest.mark.parametrize("kind", [losses.Dice, losses.Tversky])
    def test_nothing_there_and_nothing_found(self, kind):
        assert float(kind()(np.zeros((2, 3)), np.zeros((2, 3)))) == 1.0

    def test_percents_of_zero(self):
        assert float(losses.MeanAbsolutePercentageError()([[0.0]], [[1e-7]])) == pytest.approx(100)

    @pytest.mark.parametrize("name", CASES)
    def test_nan_in_predictions_shows(self, name):
        loss, (y, p), _ = CASES[name]
        wrong = p.copy()
        wrong[1, 1] = math.nan
        assert math.isnan(float(loss(y, wrong)))
        assert not math.isnan(float(loss(y, p)))


class TestTargets:
    @pytest.mark.parametrize("name", [name for name in CASES if CASES[name][1][0].dtype.kind == "f"])
    def test_labels_that_are_not_numbers(self, name):
        loss, (y, p), _ = CASES[name]
        wrong = y.copy()
        wrong[0, 0] = math.nan
        with pytest.raises(ArgumentError, match=loss.name):
            loss(wrong, p)

    @pytest.mark.parametrize(
        "loss",
        [losses.Dice(), losses.Tversky(), losses.CategoricalHinge(), losses.BinaryFocalCrossentropy()],
    )
    def test_labels_beyond_one(self, loss):
        with pytest.raises(ArgumentError, match="lies outside 0 to 1"):
            loss([[0.0, 2.0]], [[0.1, 0.9]])

    @pytest.mark.parametrize("name", CASES)
    def test_shapes_that_do_not_fit(self, name):
        loss, (y, p), _ = CASES[name]
        with pytest.raises(ShapeError):
            loss(y[:-1], p)
        with pytest.raises(ShapeError):
            loss(y, p[..., :-1]) if y.ndim > 1 else loss(y[:, None, None], p)

    def test_axes_out_of_range(self):
        for loss in (losses.CategoricalCrossentropy(axis=2), losses.Dice(axis=5), losses.CosineSimilarity(axis=-3)):
            with pytest.raises(AxisError):
                loss(*BITS)
        with pytest.raises(AxisError):
            losses.SparseCategoricalCrossentropy(axis=3)([0], [[0.5, 0.5]])

    def test_labels_of_classes_along_another_axis(self):
        p = softmax(np.random.default_rng(1).normal(size=(2, 3, 4)), 1)
        y = np.random.default_rng(2).integers(0, 3, (2, 4))
        expected = -np.log(np.take_along_axis(p, y[:, None], 1))[:, 0]
        for labels in (y, y[:, None, :]):
            found = losses.sparse_categorical_crossentropy(labels, p, axis=1)
            np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)
        scores = losses.SparseCategoricalCrossentropy(from_logits=True, axis=1)
        assert float(scores(y, np.log(p))) == pytest.approx(expected.mean())

    @pytest.mark.parametrize(
        "make",
        [
            lambda: losses.BinaryFocalCrossentropy(gamma=-1),
            lambda: losses.BinaryFocalCrossentropy(alpha=2),
            lambda: losses.BinaryFocalCrossentropy(apply_class_balancing="yes"),
            lambda: losses.CategoricalFocalCrossentropy(alpha=[0.5, -1]),
            lambda: losses.CategoricalFocalCrossentropy(alpha="balanced"),
            lambda: losses.CategoricalFocalCrossentropy(gamma=math.nan),
            lambda: losses.CategoricalGeneralizedCrossEntropy(0.0),
            lambda: losses.CategoricalGeneralizedCrossEntropy(1.0),
            lambda: losses.Tversky(alpha=-1),
            lambda: losses.Dice(axis="last"),
            lambda: losses.CosineSimilarity(axis=1.5),
            lambda: losses.CategoricalCrossentropy(axis=True),
            lambda: losses.MeanSquaredError(reduction="average"),
            lambda: losses.MeanSquaredError(reduction=3),
        ],
    )
    def test_settings_out_of_range(self, make):
        with pytest.raises(ArgumentError):
            make()

    def test_weights_of_classes_that_are_not_there(self):
        with pytest.raises(ShapeError, match="3 numbers as alpha do not fit 4 classes"):
            losses.CategoricalFocalCrossentropy([0.1, 0.2, 0.3])(*HOT)

    def test_weights_of_samples_do_not_fit_one_number(self):
        with pytest.raises(ShapeError, match="dice: sample_weight"):
            losses.Dice()(*BITS, sample_weight=np.ones(ROWS))
        assert float(losses.Dice(axis=-1)(*BITS, sample_weight=np.zeros(ROWS))) == 0


class TestReductions:
    WEIGHTS = np.array([1.0, 0.5, 0.0, 2.0, 1.0])

    @pytest.mark.parametrize(
        "kind", ["MeanSquaredError", "LogCosh", "CategoricalCrossentropy", "Huber", "KLDivergence"]
    )
    @pytest.mark.parametrize("weights", [None, WEIGHTS])
    def test_all(self, kind, weights):
        make = getattr(losses, kind)
        each = make(reduction=None)(*HOT, sample_weight=weights).numpy()
        assert each.shape == (ROWS,)
        np.testing.assert_array_equal(make(reduction="none")(*HOT, sample_weight=weights).numpy(), each)
        total = 1.0 * ROWS if weights is None else weights.sum()
        for reduction, expected in {
            "sum": each.sum(),
            "mean": each.mean(),
            "sum_over_batch_size": each.mean(),
            "mean_with_sample_weight": each.sum() / total,
        }.items():
            assert float(make(reduction=reduction)(*HOT, sample_weight=weights)) == pytest.approx(expected)

    def test_weights_of_zero(self):
        loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
        assert float(loss(*HOT, sample_weight=np.zeros(ROWS))) == 0.0

    def test_names(self):
        loss = losses.Huber(2.0, name="distance")
        assert (loss.name, losses.Huber().name) == ("distance", "huber")
        assert losses.get({"class_name": "Huber", "config": loss.get_config()}).name == "distance"

    def test_a_loss_of_ones_own(self):
        class Own(losses.Loss):
            def call(self, y_true, y_pred):
                return nn.square(y_true - y_pred)[:, 0]

        assert float(Own(reduction="sum", name="own")([[1.0], [2.0]], [[0.0], [0.0]])) == 5.0
        assert Own(name="own").name == "own"

    @pytest.mark.parametrize("reduction", [None, "none"])
    def test_training_needs_one_number(self, reduction):
        model = nn.Sequential([L.Dense(1)])
        for loss in (losses.MeanSquaredError(reduction=reduction), [losses.MeanSquaredError(reduction=reduction)]):
            with pytest.raises(ArgumentError, match="does not give one number"):
                model.compile("sgd", loss)

    def test_a_sum_in_training(self):
        """The gradient of a sum is that of the mean, times the size of the batch."""
        x, y = np.ones((8, 2), np.float32), np.ones((8, 1), np.float32)
        found = []
        for reduction, rate in (("sum", 0.01), ("mean", 0.08)):
            model = nn.Sequential([L.Dense(1)])
            model.compile(nn.optimizers.SGD(rate), losses.MeanSquaredError(reduction=reduction))
            model.fit(x, y, batch_size=8, epochs=3, verbose=0, rng=0)
            found.append(model.get_weights())
        for a, b in zip(*found, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5)


@given(st.floats(-30, 30), st.floats(-30, 30), st.sampled_from([0.0, 0.3, 1.0, 2.0, 3.7]), st.booleans())
def test_focal_loss_of_any_score(a, b, gamma, balanced):
    y, z = np.array([[1.0, 0.0]]), np.array([[a, b]])
    loss = losses.BinaryFocalCrossentropy(balanced, 0.3, gamma, from_logits=True)
    near = np.array([[np.logaddexp(0, -a), np.logaddexp(0, b)]])  # minus the logarithms of what happened
    far = np.array([[np.logaddexp(0, a), np.logaddexp(0, -b)]])
    weights = np.array([[0.3, 0.7]]) if balanced else 1.0
    expected = (weights * np.exp(-gamma * far) * near).mean()
    assert float(loss(y, z)) == pytest.approx(expected, rel=1e-9, abs=1e-300)


TRAINED = {
    "binary_focal_crossentropy": ("sigmoid", SCORES[0]),
    "categorical_focal_crossentropy": ("softmax", HOT[0]),
    "categorical_generalized_cross_entropy": ("softmax", LABELS[0]),
    "categorical_hinge": (None, HOT[0]),
    "cosine_similarity": (None, NUMBERS[0]),
    "dice": ("sigmoid", BITS[0]),
    "log_cosh": (None, NUMBERS[0]),
    "mape": (None, NUMBERS[0]),
    "msle": ("softplus", POSITIVE[0]),
    "poisson": ("softplus", POSITIVE[0]),
    "squared_hinge": (None, SCORES[0]),
    "tversky": ("sigmoid", BITS[0]),
}


@pytest.mark.parametrize("name", TRAINED)
class TestTraining:
    def trained(self, name, eager=False):
        activation, y = TRAINED[name]
        x = np.random.default_rng(1).normal(size=(40, 6)).astype(np.float32)
        y = np.concatenate([y] * 8)
        model = nn.Sequential([L.Dense(8, "tanh"), L.Dense(CLASSES if y.ndim == 1 else y.shape[1], activation)])
        model.compile("adam", name, [name])
        callbacks = [nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)] if eager else []
        history = model.fit(x, y, batch_size=8, epochs=4, verbose=0, rng=0, callbacks=callbacks).history
        return model, history, (x, y)

    @pytest.mark.needs_compiled("recorded steps are compiled")
    def test_replayed_as_eagerly(self, name, capsys):
        model, history, _ = self.trained(name)
        model.explain()
        assert "Training replays a Program" in capsys.readouterr().out
        other, plain, _ = self.trained(name, eager=True)
        assert history == plain
        assert history["loss"][-1] < history["loss"][0]
        assert [w.numpy().tobytes() for w in model.weights] == [w.numpy().tobytes() for w in other.weights]

    def test_saved_and_loaded(self, name, tmp_path):
        model, _, data = self.trained(name)
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        assert type(again.loss) is type(model.loss)
        assert again.evaluate(*data, verbose=0) == model.evaluate(*data, verbose=0)
