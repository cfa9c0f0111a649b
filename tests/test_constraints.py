"""Constraints on weights: what they compute, after each update, eagerly, replayed and lazily; files; wrong ones."""

import copy
import pickle

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import numbanet as nn
from numbanet.errors import ArgumentError, SettingError, ShapeError
from tests.layer_checks import Batches, assert_replays, assert_saved, bytes_of, data_of, model_around

C = nn.constraints
WEIGHTS = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-3, 3))
AXES = st.sampled_from([0, 1, -1, (0, 1), None])


def norms(w, axis):
    return np.sqrt(np.sum(w**2, axis=axis, keepdims=True))


@given(WEIGHTS, AXES, st.floats(0, 3))
def test_max_norm(w, axis, limit):
    found = C.MaxNorm(limit, axis)(w).numpy()
    np.testing.assert_allclose(found, w * np.clip(norms(w, axis), 0, limit) / (1e-7 + norms(w, axis)), atol=1e-12)


@given(WEIGHTS, AXES)
def test_unit_norm(w, axis):
    np.testing.assert_allclose(C.UnitNorm(axis)(w).numpy(), w / (1e-7 + norms(w, axis)), atol=1e-12)


@given(WEIGHTS, AXES, st.floats(0, 1), st.floats(1, 3), st.floats(0, 1))
def test_min_max_norm(w, axis, low, high, rate):
    n = norms(w, axis)
    expected = w * (rate * np.clip(n, low, high) + (1 - rate) * n) / (1e-7 + n)
    np.testing.assert_allclose(C.MinMaxNorm(low, high, rate, axis)(w).numpy(), expected, atol=1e-12)


def test_non_neg():
    found = C.NonNeg()(np.array([1.0, -2.0, np.nan, -np.inf, np.inf])).numpy()
    np.testing.assert_array_equal(found, [1.0, 0.0, np.nan, 0.0, np.inf])


@given(WEIGHTS, st.floats(0, 3))
def test_orthogonal_regularizer(w, factor):
    for mode, rows in (("rows", w), ("columns", w.T)):
        count = len(rows)
        rows = rows / np.maximum(norms(rows, 1), 1e-7)
        cosines = [abs(rows[i] @ rows[j]) for i in range(count) for j in range(i)]
        found = nn.regularizers.OrthogonalRegularizer(factor, mode)(w).item()
        np.testing.assert_allclose(found, factor * np.mean(cosines or [0.0]), atol=1e-12)


def test_gradients_of_the_orthogonal_regularizer():
    w = np.random.default_rng(0).normal(size=(3, 4))
    for mode in ("rows", "columns"):
        nn.testing.check_grad(nn.regularizers.OrthogonalRegularizer(0.3, mode), w, order=2)


KINDS = {
    "max_norm": C.MaxNorm(0.4),
    "min_max_norm": C.MinMaxNorm(0.5, 0.9, 0.7, axis=1),
    "non_neg": C.NonNeg(),
    "unit_norm": C.UnitNorm(axis=None),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_replays_and_files(name, tmp_path):
    constraint = KINDS[name]
    model = assert_replays(lambda: [nn.layers.Dense(4, kernel_constraint=constraint, bias_constraint="non_neg")], (3,))
    layer = model.layers[0]
    assert (layer.bias.numpy() >= 0).all()
    kernel = layer.kernel.numpy()
    if name != "min_max_norm":  # which moves by a part of the way
        np.testing.assert_allclose(kernel, constraint(kernel).numpy(), rtol=1e-5, atol=1e-6)
    assert_saved(model, tmp_path, data_of((3,))[0])
    again = nn.load_model(tmp_path / "model.numbanet").layers[0]
    assert repr(again.kernel.constraint) == repr(again.kernel_constraint) == repr(constraint)


@pytest.mark.parametrize("kind", ["sgd", "adam", "rmsprop", "adagrad", "nadam", "adamw"])
def test_they_are_applied_after_each_update(kind):
    w, plain = nn.Variable([[3.0, -1.0], [0.5, 2.0]]), nn.Variable([[3.0, -1.0], [0.5, 2.0]])
    w.constraint = C.UnitNorm(axis=1)
    one, other = nn.optimizers.get(kind), nn.optimizers.get(kind)
    g = np.array([[1.0, 2.0], [-3.0, 0.5]])
    for _ in range(3):
        one.apply_gradients([(g, w)])
        other.apply_gradients([(g, plain)])
        plain.assign(C.UnitNorm(axis=1)(plain))
        assert w.numpy().tobytes() == plain.numpy().tobytes()


def test_a_layer_of_ones_own():
    class Scale(nn.layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight((input_shape[-1],), "ones", "scale", constraint="unit_norm")

        def call(self, x):
            return x * self.scale

    model = model_around([Scale()], (3,))
    model.fit(*data_of((3,)), verbose=0)
    assert np.linalg.norm(model.layers[0].scale.numpy()) == pytest.approx(1, abs=1e-5)


def test_a_function_is_a_constraint_and_trains_eagerly(capsys):
    def halves(w):
        return nn.clip(w, -0.5, 0.5)

    model = model_around([nn.layers.Dense(4, kernel_constraint=halves)], (3,))
    model.fit(*data_of((3,)), batch_size=4, epochs=2, verbose=0)
    assert np.abs(model.layers[0].kernel.numpy()).max() <= 0.5
    model.explain()
    assert "the constraint of dense/kernel is a function of its own" in capsys.readouterr().out


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_steps_by_hand_are_replayed_with_them(capsys):
    def training():
        w = nn.Variable(np.ones((2, 2), np.float32))
        w.constraint = C.MaxNorm(1.0)
        optimizer = nn.optimizers.Adam(0.1)

        def step(x):
            with nn.GradientTape() as tape:
                loss = nn.sum(nn.square(x @ w - 1.0))
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
            return loss

        return step, w

    (step, w), (plain, other) = training(), training()
    step = nn.function(step)
    for i in range(6):
        x = np.full((3, 2), 0.1 * i, np.float32)
        assert step(x).numpy().tobytes() == plain(x).numpy().tobytes()
        assert w.numpy().tobytes() == other.numpy().tobytes()
    step.explain()
    assert "step replays a Program" in capsys.readouterr().out


class Changing(nn.callbacks.Callback):
    """Changes constraints between two epochs."""

    def on_epoch_begin(self, epoch, logs=None):
        layer = self.model.layers[0]
        if epoch == 1:
            layer.kernel_constraint.max_value = 0.1
        if epoch == 2:
            layer.bias.constraint = C.NonNeg()
        if epoch == 3:
            layer.kernel.constraint = None


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_what_changes_counts_from_the_next_step_on():
    models = []
    for more in ([], [Batches()]):
        model = model_around([nn.layers.Dense(4, kernel_constraint=C.MaxNorm(0.4))], (3,))
        seen = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs, m=model, to=[]: to.append(bytes_of(m)))
        model.fit(*data_of((3,)), batch_size=5, epochs=5, verbose=0, rng=0, callbacks=[Changing(), seen, *more])
        models.append(model)
    replayed, eager = models
    assert hasattr(replayed.explanation, "steps")
    assert bytes_of(replayed) == bytes_of(eager)
    assert (replayed.layers[0].bias.numpy() >= 0).all()


def test_lazy_updates_constrain_the_whole_weight():
    x = scipy.sparse.random(20, 7, 0.3, "csr", np.float32, rng=np.random.default_rng(0))
    y = data_of((7,))[1]
    for callbacks in ([], [Batches()]):
        model = nn.Sequential([nn.layers.Dense(2, kernel_constraint="unit_norm", input_shape=(7,))], rng=0)
        model.compile(nn.optimizers.Adam(0.1, sparse_update="lazy"), "mse")
        model.fit(x, y, batch_size=4, epochs=2, verbose=0, rng=0, callbacks=callbacks)
        np.testing.assert_allclose(np.linalg.norm(model.weights[0].numpy(), axis=0), 1, atol=1e-5)


def test_copies_and_pickles_keep_them():
    layer = nn.layers.Dense(2, kernel_constraint="non_neg")
    layer.build((None, 3))
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert isinstance(other.kernel.constraint, C.NonNeg)
        assert other.bias.constraint is None
    weight = layer.kernel.twin()
    assert isinstance(weight.constraint, C.NonNeg)


BAD = {
    "no tensor": (lambda w: 1.0, ArgumentError, "must return a Tensor, got float"),
    "shape": (lambda w: nn.sum(w), ShapeError, r"gives shape \(\), where \(2,\) is needed"),
    "array": (lambda w: w.numpy(), ArgumentError, "must return a Tensor, got ndarray"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_a_constraint_gives_is_checked_before_anything_changes(name):
    function, error, message = BAD[name]
    v, w = nn.Variable([1.0, 2.0]), nn.Variable([1.0, 2.0], name="w")
    w.constraint = function
    optimizer = nn.optimizers.SGD(0.1)
    with pytest.raises(error, match=message):
        optimizer.apply_gradients([(nn.ones(2), v), (nn.ones(2), w)])
    assert v.tolist() == w.tolist() == [1.0, 2.0]
    assert optimizer.iterations == 0


def test_what_it_gives_is_converted():
    w = nn.Variable(np.array([1.0, 2.0], np.float32))
    w.constraint = lambda x: x.astype("float64") / 2
    nn.optimizers.SGD(0.0).apply_gradients([(nn.ones(2), w)])
    assert w.dtype == np.float32
    assert w.tolist() == [0.5, 1.0]


def test_an_open_tape_does_not_see_them():
    w = nn.Variable([3.0, 4.0])
    w.constraint = C.UnitNorm()
    with nn.GradientTape(persistent=True) as tape:
        y = nn.sum(w * w)
        nn.optimizers.SGD(0.0).apply_gradients([(nn.zeros(2), w)])
    assert tape.gradient(y, w).tolist() == [6.0, 8.0]


WRONG = {
    "name": (lambda: nn.layers.Dense(2, kernel_constraint="nonneg"), "non_neg"),
    "number": (lambda: nn.layers.Dense(2, bias_constraint=1.0), "constraint: needs a name"),
    "limit": (lambda: C.MaxNorm(-1.0), "max_value must be a finite number, at least 0"),
    "limits": (lambda: C.MinMaxNorm(2.0, 1.0), "min_value 2.0 is above max_value 1.0"),
    "rate": (lambda: C.MinMaxNorm(rate=1.5), "rate must be a number from 0.0 to 1.0"),
    "axis": (lambda: C.UnitNorm(0.5), "UnitNorm: axis"),
    "variable": (lambda: setattr(nn.Variable([1.0]), "constraint", "non_neg"), "a function of the weight or None"),
    "weight": (lambda: nn.layers.Layer().add_weight((2,), constraint="no"), "unknown constraint 'no'"),
    "mode": (lambda: nn.regularizers.OrthogonalRegularizer(mode="both"), "'rows' or 'columns', got 'both'"),
    "factor": (lambda: nn.regularizers.OrthogonalRegularizer(-0.1), "factor must be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_ones_are_named(name):
    make, message = WRONG[name]
    with pytest.raises(ArgumentError) as caught:
        make()
    assert message in str(caught.value)


def test_more_that_is_refused():
    with pytest.raises(ShapeError, match="needs a matrix"):
        nn.regularizers.OrthogonalRegularizer()(np.ones((2, 3, 4)))
    layer = nn.layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(SettingError, match="kernel_constraint cannot change"):
        layer.kernel_constraint = "non_neg"
    assert nn.constraints.get(None) is None
    assert repr(nn.constraints.get({"class_name": "UnitNorm", "config": {"axis": [0, 1]}})) == "UnitNorm(axis=(0, 1))"
    assert isinstance(nn.regularizers.get("orthogonal_regularizer"), nn.regularizers.OrthogonalRegularizer)
