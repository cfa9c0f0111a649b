"""Losses against independent NumPy, their gradients against central differences, and what they refuse."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet import losses
from numbanet.core.registry import describe
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.testing import check_grad

TINY = 1e-7


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def near(p):
    return np.clip(p, TINY, 1 - TINY)


def rows(p):
    return p / p.sum(-1, keepdims=True)


def sparse(y, p):
    return -np.take_along_axis(np.log(p), y[..., None], -1)[..., 0]


def categorical(y, p, smoothing=0.0):
    y = y * (1 - smoothing) + smoothing / y.shape[-1]
    return -(y * np.log(p)).sum(-1)


def binary(y, p, smoothing=0.0):
    y = y * (1 - smoothing) + 0.5 * smoothing
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(-1)


def huber(y, p, delta=1.0):
    error = np.abs(y - p)
    return np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2).mean(-1)


def focal(y, p):
    of_it = y * p + (1 - y) * (1 - p)
    return -((1 - of_it) ** 2 * np.log(of_it)).mean(-1)


LABELS = ("labels", "probabilities")
POSITIVE = ("probabilities", "probabilities")
ONE_HOT = ("one hot", "probabilities")
BITS = ("bits", "probabilities")
REALS = ("reals", "reals")
CASES = {
    "sparse_categorical_crossentropy": (LABELS, {}, lambda y, p: sparse(y, near(rows(p)))),
    "sparse_categorical_crossentropy logits": (
        ("labels", "reals"), {"from_logits": True}, lambda y, z: sparse(y, softmax(z)),
    ),
    "categorical_crossentropy": (ONE_HOT, {}, lambda y, p: categorical(y, near(rows(p)))),
    "categorical_crossentropy smoothed": (
        ONE_HOT, {"label_smoothing": 0.2}, lambda y, p: categorical(y, near(rows(p)), 0.2),
    ),
    "categorical_crossentropy logits": (
        ("one hot", "reals"), {"from_logits": True, "label_smoothing": 0.1},
        lambda y, z: categorical(y, softmax(z), 0.1),
    ),
    "binary_crossentropy": (BITS, {}, binary),
    "binary_crossentropy smoothed": (BITS, {"label_smoothing": 0.2}, lambda y, p: binary(y, p, 0.2)),
    "binary_crossentropy logits": (
        ("bits", "reals"), {"from_logits": True, "label_smoothing": 0.1}, lambda y, z: binary(y, sigmoid(z), 0.1),
    ),
    "mean_squared_error": (REALS, {}, lambda y, p: ((y - p) ** 2).mean(-1)),
    "mean_absolute_error": (REALS, {}, lambda y, p: np.abs(y - p).mean(-1)),
    "huber": (REALS, {}, huber),
    "huber wide": (REALS, {"delta": 2.5}, lambda y, p: huber(y, p, 2.5)),
    "kl_divergence": (
        ("probabilities", "probabilities"), {},
        lambda y, p: (y.clip(TINY, 1) * np.log(y.clip(TINY, 1) / p.clip(TINY, 1))).sum(-1),
    ),
    "hinge": (("signs", "reals"), {}, lambda y, p: np.maximum(1 - y * p, 0).mean(-1)),
    "hinge bits": (("bits", "reals"), {}, lambda y, p: np.maximum(1 - (2 * y - 1) * p, 0).mean(-1)),
    "squared_hinge": (("signs", "reals"), {}, lambda y, p: (np.maximum(1 - y * p, 0) ** 2).mean(-1)),
    "categorical_hinge": (
        ("one hot", "reals"), {}, lambda y, p: np.maximum(((1 - y) * p).max(-1) - (y * p).sum(-1) + 1, 0),
    ),
    "mean_absolute_percentage_error": (POSITIVE, {}, lambda y, p: 100 * np.abs((y - p) / y).mean(-1)),
    "mean_squared_logarithmic_error": (POSITIVE, {}, lambda y, p: ((np.log1p(y) - np.log1p(p)) ** 2).mean(-1)),
    "log_cosh": (REALS, {}, lambda y, p: np.log(np.cosh(y - p)).mean(-1)),
    "poisson": (POSITIVE, {}, lambda y, p: (p - y * np.log(p + TINY)).mean(-1)),
    "cosine_similarity": (
        REALS, {}, lambda y, p: -(y * p).sum(-1) / np.sqrt((y**2).sum(-1) * (p**2).sum(-1)),
    ),
    "binary_focal_crossentropy": (BITS, {}, focal),
    "categorical_focal_crossentropy": (
        ONE_HOT, {}, lambda y, p: -(0.25 * y * (1 - near(rows(p))) ** 2 * np.log(near(rows(p)))).sum(-1),
    ),
    "categorical_generalized_cross_entropy": (
        LABELS, {"q": 0.5}, lambda y, p: (1 - np.take_along_axis(p, y[..., None], -1)[..., 0] ** 0.5) / 0.5,
    ),
}  # fmt: skip


def draw(kind, shape, rng):
    if kind == "labels":
        return rng.integers(0, shape[-1], shape[:-1])
    if kind == "one hot":
        return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    if kind == "bits":
        return rng.integers(0, 2, shape).astype(float)
    if kind == "signs":
        return rng.integers(0, 2, shape) * 2.0 - 1
    return rng.uniform(0.05, 0.95, shape) if kind == "probabilities" else rng.normal(0, 2, shape)


def inputs(case, shape, seed=0):
    rng = np.random.default_rng(seed)
    (true, pred), options, reference = CASES[case]
    function = getattr(losses, case.split()[0])
    return draw(true, shape, rng), draw(pred, shape, rng), function, options, reference


@pytest.mark.parametrize("case", CASES)
@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple), seed=st.integers(0, 99))
def test_values(case, shape, seed):
    y_true, y_pred, function, options, reference = inputs(case, shape, seed)
    found = function(y_true, y_pred, **options)
    assert found.shape == shape[:-1]
    np.testing.assert_allclose(np.asarray(found), reference(y_true, y_pred), rtol=1e-12, atol=1e-14)
    single = function(nn.asarray(y_true), y_pred.astype(np.float32), **options)
    assert single.dtype == np.float32
    np.testing.assert_allclose(np.asarray(single), reference(y_true, y_pred), rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("case", CASES)
def test_gradients(case):
    y_true, y_pred, function, options, _ = inputs(case, (4, 3))
    check_grad(lambda p: function(y_true, p, **options), y_pred)


@pytest.mark.parametrize("case", ["categorical_crossentropy logits", "kl_divergence", "mean_squared_error"])
def test_gradients_by_the_truth(case):
    y_true, y_pred, function, options, _ = inputs(case, (4, 3))
    check_grad(lambda y: function(y, y_pred, **options), y_true)


# --- extreme scores ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("loss", "y"),
    [(losses.sparse_categorical_crossentropy, [0, 0]), (losses.categorical_crossentropy, [[1, 0, 0]] * 2)],
)
def test_logits_of_a_thousand(loss, y, dtype):
    z = nn.Variable(np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 0.0]], dtype))
    with nn.GradientTape() as tape:
        value = loss(y, z, from_logits=True)
    np.testing.assert_allclose(value.numpy(), [0, 2000])
    np.testing.assert_allclose(tape.gradient(value, z).numpy(), [[0, 0, 0], [-1, 1, 0]], atol=1e-30)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_logits_of_a_thousand(dtype):
    z = nn.Variable(np.array([[1000.0], [-1000.0], [1000.0], [-1000.0], [0.0]], dtype))
    y = [[1], [0], [0], [1], [1]]
    with nn.GradientTape() as tape:
        value = losses.binary_crossentropy(y, z, from_logits=True)
    np.testing.assert_allclose(value.numpy(), [0, 0, 1000, 1000, math.log(2)], rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(value, z).numpy()[:, 0], [0, 0, 1, -1, -0.5])


def test_small_binary_losses_keep_their_digits():
    value = losses.binary_crossentropy([[1.0]], np.array([[10.0]], np.float32), from_logits=True)
    assert value.item() == pytest.approx(math.log1p(math.exp(-10)), rel=1e-6)


@pytest.mark.parametrize("case", [c for c in CASES if CASES[c][0][1] == "probabilities"])
def test_certain_probabilities_stay_finite(case):
    y_true, _, function, options, _ = inputs(case, (4, 3))
    wrong = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]
    variable = nn.Variable(wrong)
    with nn.GradientTape() as tape:
        value = function(y_true, variable, **options)
    assert np.isfinite(value.numpy()).all()
    assert np.isfinite(tape.gradient(value, variable).numpy()).all()


def test_probabilities_are_kept_from_0_as_in_keras():
    limit = -math.log(1e-7)
    zero_one = np.array([[0.0, 1.0]])
    assert losses.sparse_categorical_crossentropy([0], zero_one).item() == pytest.approx(limit, rel=1e-12)
    assert losses.categorical_crossentropy([[1, 0]], zero_one).item() == pytest.approx(limit, rel=1e-12)
    assert losses.binary_crossentropy([[1, 0]], zero_one).item() == pytest.approx(limit, rel=1e-8)
    assert losses.kl_divergence([[1, 0]], zero_one).item() == pytest.approx(limit, rel=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_nan_in_nan_out(case):
    y_true, y_pred, function, options, _ = inputs(case, (4, 3))
    y_pred[1, 2] = math.nan
    found = np.isnan(np.asarray(function(y_true, y_pred, **options)))
    np.testing.assert_array_equal(found, [False, True, False, False])


# --- classes -------------------------------------------------------------------------------------------------------

CLASSES = {name: kind for name, kind in losses.LOSSES.items() if name in CASES}


@pytest.mark.parametrize("name", CLASSES)
def test_class_is_the_mean_of_its_function(name):
    y_true, y_pred, function, options, _ = inputs(name, (6, 3))
    per_sample = np.asarray(function(y_true, y_pred, **options))
    loss = CLASSES[name]()
    assert loss.name == name
    assert loss(y_true, y_pred).shape == ()
    assert loss(y_true, y_pred).item() == pytest.approx(per_sample.mean(), rel=1e-12)
    weights = np.arange(6.0)
    expected = (per_sample * weights).sum() / 6
    assert loss(y_true, y_pred, sample_weight=weights).item() == pytest.approx(expected, rel=1e-12)
    assert loss(y_true, y_pred, sample_weight=weights[:, None]).item() == pytest.approx(expected, rel=1e-12)


def test_weights_of_sequences():
    y, p = np.zeros((2, 3, 4)), np.arange(24.0).reshape(2, 3, 4)
    per_step = (p**2).mean(-1)
    loss = losses.MeanSquaredError()
    assert loss(y, p, [1.0, 0.5]).item() == pytest.approx((per_step * [[1], [0.5]]).mean())
    each = np.arange(6.0).reshape(2, 3)
    assert loss(y, p, each).item() == pytest.approx((per_step * each).mean())
    for wrong in (np.ones(3), np.ones((3, 2)), 1.0):
        with pytest.raises(ShapeError, match="sample_weight"):
            loss(y, p, wrong)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber", "binary_crossentropy", "hinge"])
def test_flat_batches_are_samples_of_one_number(name):
    y, p = np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.7, 0.4])
    loss, w = CLASSES[name](), np.array([1.0, 2.0, 0.0])
    column = loss(y[:, None], p[:, None], w).item()
    assert loss(y, p, w).item() == pytest.approx(column, rel=1e-12)
    assert loss(y, p[:, None], w).item() == pytest.approx(column, rel=1e-12)
    assert loss(y[:, None], p, w).item() == pytest.approx(column, rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "activation", "case"),
    [
        (losses.SparseCategoricalCrossentropy(), "softmax", "sparse_categorical_crossentropy logits"),
        (losses.CategoricalCrossentropy(label_smoothing=0.1), "softmax", "categorical_crossentropy logits"),
        (losses.BinaryCrossentropy(label_smoothing=0.1), "sigmoid", "binary_crossentropy logits"),
    ],
)
def test_with_logits_is_the_same_loss(loss, activation, case):
    y_true, z, *_ = inputs(case, (5, 3))
    assert loss.activation == activation
    probabilities = softmax(z) if activation == "softmax" else sigmoid(z)
    other = loss.with_logits()
    assert other.from_logits
    assert other(y_true, z).item() == pytest.approx(loss(y_true, probabilities).item(), rel=1e-9)
    assert other.activation is None
    assert other.with_logits() is None


def test_other_losses_have_no_logits():
    assert losses.MeanSquaredError().with_logits() is None
    assert losses.MeanSquaredError().activation is None


@pytest.mark.parametrize("name", losses.LOSSES)
def test_get_and_describe(name):
    loss = losses.get(name)
    assert type(losses.get(json.loads(json.dumps(describe(loss))))) is type(loss)
    assert losses.get(loss) is loss
    assert isinstance(losses.get(type(loss)), type(loss))
    assert isinstance(losses.get(type(loss).function), type(loss))
    assert isinstance(losses.get(type(loss).__name__), type(loss))


def test_settings_survive_describe():
    copy = losses.get(describe(losses.CategoricalCrossentropy(True, 0.25)))
    assert (copy.from_logits, copy.label_smoothing) == (True, 0.25)
    assert losses.get(describe(losses.Huber(3))).delta == 3


def test_own_functions():
    loss = losses.get(lambda y, p: nn.abs(y - p))
    assert loss(nn.asarray([1.0, 2.0]), nn.asarray([2.0, 4.0]), [1.0, 0.0]).item() == 0.5
    with pytest.raises(ArgumentError, match="cannot be saved"):
        describe(loss)


def test_unknown_names():
    with pytest.raises(ArgumentError, match="did you mean 'mean_squared_error'"):
        losses.get("mean_square_error")
    with pytest.raises(ArgumentError, match="loss: needs"):
        losses.get(3)


# --- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([0, 10], "label 10 is none of the 3 classes 0 to 2"),
        ([-1, 1], "label -1 is none of the 3 classes"),
        ([0.5, 1.0], r"label 0\.5 is none"),
        ([math.nan, 1.0], "label nan is none"),
    ],
)
def test_bad_labels(labels, match, from_logits):
    with pytest.raises(ArgumentError, match=match):
        losses.sparse_categorical_crossentropy(labels, np.ones((2, 3)), from_logits)


def test_labels_of_any_number_type():
    p = np.array([[0.2, 0.8], [0.6, 0.4]])
    expected = losses.sparse_categorical_crossentropy([1, 0], p).numpy()
    for labels in (np.array([1, 0], np.uint8), np.array([1.0, 0.0]), [[1], [0]], nn.asarray([1, 0]), [True, False]):
        np.testing.assert_array_equal(losses.sparse_categorical_crossentropy(labels, p).numpy(), expected)


def test_one_output_needs_binary():
    with pytest.raises(ArgumentError, match="binary_crossentropy"):
        losses.sparse_categorical_crossentropy([0, 1], np.ones((2, 1)))


def test_mixed_up_targets_get_a_hint():
    with pytest.raises(ShapeError, match="use categorical_crossentropy"):
        losses.sparse_categorical_crossentropy(np.eye(3), np.ones((3, 3)))
    with pytest.raises(ShapeError, match="use sparse_categorical_crossentropy"):
        losses.categorical_crossentropy([0, 1, 2], np.ones((3, 3)))
    with pytest.raises(ShapeError, match="use sparse_categorical_crossentropy"):
        losses.categorical_crossentropy([[[0], [1]]], np.ones((1, 2, 3)))
    with pytest.raises(ShapeError, match=r"one shape, with a last axis$"):
        losses.categorical_crossentropy(np.ones((4, 3)), np.ones((3, 3)))


@pytest.mark.parametrize("case", CASES)
def test_shapes_are_named(case):
    _, y_pred, function, options, _ = inputs(case, (4, 3))
    with pytest.raises(ShapeError, match=case.split()[0] + r".*\(5, 2\).*\(4, 3\)"):
        function(np.zeros((5, 2)), y_pred, **options)


def test_a_column_never_meets_a_row():
    with pytest.raises(ShapeError):
        losses.mean_squared_error(np.zeros((3, 1)), np.zeros((1, 3)))
    value = losses.mean_squared_error(np.arange(3.0), np.arange(3.0)[:, None])
    np.testing.assert_array_equal(value.numpy(), 0)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: losses.binary_crossentropy([[-1.0]], [[0.5]]), "label -1 lies outside 0 to 1"),
        (lambda: losses.binary_crossentropy([[2.0]], [[0.5]], True), "label 2 lies outside"),
        (lambda: losses.hinge([[0.0, -1.0]], [[0.5, 0.5]]), "-1 and 1, or 0 and 1"),
        (lambda: losses.huber([[0.0]], [[0.5]], 0), "delta"),
        (lambda: losses.Huber(-1), "delta"),
        (lambda: losses.BinaryCrossentropy(label_smoothing=1.5), "label_smoothing"),
        (lambda: losses.categorical_crossentropy([[1.0]], [[0.5]], label_smoothing=-1), "label_smoothing"),
        (lambda: losses.categorical_crossentropy([[1.0]], [[0.5]], label_smoothing=1.5), "label_smoothing"),
        (lambda: losses.binary_crossentropy([[1.0]], [[0.5]], label_smoothing=1.5), "label_smoothing"),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ArgumentError, match=match):
        call()


@pytest.mark.parametrize(
    ("loss", "targets", "output", "error", "match"),
    [
        ("sparse_categorical_crossentropy", [0, 3], (None, 3), ArgumentError, "fit: sparse.*label 3"),
        ("sparse_categorical_crossentropy", np.eye(3), (None, 3), ShapeError, "use categorical"),
        ("categorical_crossentropy", [0, 1, 2], (None, 3), ShapeError, "use sparse_categorical"),
        ("binary_crossentropy", [0, 2], (None, 1), ArgumentError, "fit: binary_crossentropy: label 2"),
        ("binary_crossentropy", [0, 1], (None, 2), ShapeError, "fit: binary_crossentropy"),
        ("hinge", [0, -1], (None, 1), ArgumentError, "fit: hinge"),
        ("hinge", [0, 1], (None, 2), ShapeError, "fit: hinge"),
        (
            "mse",
            np.zeros((4, 2)),
            (None, 3),
            ShapeError,
            r"fit: mean_squared_error: y_true \(4, 2\) and y_pred \(4, 3\)",
        ),
        ("kl_divergence", np.zeros((4, 2)), (None, 3), ShapeError, "fit: kl_divergence"),
    ],
)
def test_targets_are_checked_before_training(loss, targets, output, error, match):
    with pytest.raises(error, match=match):
        losses.get(loss).check_targets("fit", targets, output)


def test_targets_that_fit():
    losses.get("sparse_categorical_crossentropy").check_targets("fit", [[0], [2]], (None, 3))
    losses.get("mse").check_targets("fit", [0.5, 2.0], (None, 1))
    losses.get("hinge").check_targets("fit", nn.asarray([1, -1]), (32, 1))
    losses.get(lambda y, p: y - p).check_targets("fit", "anything", (None, 1))


def test_strings_are_no_predictions():
    with pytest.raises(DTypeError):
        losses.mean_squared_error([[0.0]], [["a"]])
