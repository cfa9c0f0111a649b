"""Layers that normalize: against NumPy in float64, with gradients, replays and files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.settings import usable_processors
from numbanet.errors import ArgumentError, SettingError, ShapeError
from numbanet.ops import normalization as ops
from tests.layer_checks import Batches, assert_replays, assert_saved, bytes_of, data_of, model_around

L = nn.layers
SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)


def draw(shape, seed=0, mean=0.5):
    return np.random.default_rng(seed).normal(mean, 2.0, shape)


def normalized(x, axes, epsilon, gamma=1.0, beta=0.0, centred=True):
    mean = x.mean(axis=axes, keepdims=True) if centred else 0.0
    spread = ((x - mean) ** 2).mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(spread + epsilon) * gamma + beta


def beside(vector, axis, ndim):
    """A vector along an axis of an array."""
    return vector.reshape([-1 if d == axis else 1 for d in range(ndim)])


def ready(layer, shape):
    """A layer with weights that are not what they begin as."""
    layer.build((None, *shape[1:]))
    layer.set_weights([np.abs(draw(w.shape, i)) + 0.1 for i, w in enumerate(layer.weights)])
    return layer


@given(SHAPES, st.data(), st.sampled_from([1e-3, 0.5]))
def test_batches(shape, data, epsilon):
    axis = data.draw(st.integers(1, len(shape) - 1))
    x = draw(shape)
    layer = ready(
        L.BatchNormalization(axis - data.draw(st.sampled_from([0, len(shape)])), 0.9, epsilon, dtype="float64"), shape
    )
    gamma, beta, moving_mean, moving_variance = (w.numpy().copy() for w in layer.weights)
    others = tuple(d for d in range(x.ndim) if d != axis)
    wide = [beside(v, axis, x.ndim) for v in (gamma, beta, moving_mean, moving_variance)]
    expected = (x - wide[2]) / np.sqrt(wide[3] + epsilon) * wide[0] + wide[1]
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-10, atol=1e-10)
    found = layer(x, training=True).numpy()
    np.testing.assert_allclose(found, normalized(x, others, epsilon, *wide[:2]), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.9 * moving_mean + 0.1 * x.mean(others), rtol=1e-12)
    np.testing.assert_allclose(layer.moving_variance.numpy(), 0.9 * moving_variance + 0.1 * x.var(others), rtol=1e-12)


@given(SHAPES, st.data())
def test_samples(shape, data):
    axes = data.draw(st.sets(st.integers(1, len(shape) - 1), min_size=1).map(sorted))
    x = draw(shape)
    sizes = [shape[d] for d in axes]
    wide = [n if d in axes else 1 for d, n in enumerate(shape)]
    layer = ready(L.LayerNormalization(axes[::-1], 1e-2, dtype="float64"), shape)
    assert layer.gamma.shape == layer.beta.shape == tuple(sizes)
    gamma, beta = (w.numpy().reshape(wide) for w in layer.weights)
    expected = normalized(x, tuple(axes), 1e-2, gamma, beta)
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-9, atol=1e-9)
    rms = ready(L.RMSNormalization(axes, dtype="float64"), shape)
    expected = normalized(x, tuple(axes), 1e-6, rms.scale.numpy().reshape(wide), centred=False)
    np.testing.assert_allclose(rms(x).numpy(), expected, rtol=1e-9, atol=1e-9)
    unit = L.UnitNormalization(axes, dtype="float64")(x).numpy()
    np.testing.assert_allclose(unit, x / np.sqrt((x**2).sum(axis=tuple(axes), keepdims=True)), rtol=1e-12)


@given(SHAPES, st.data())
def test_groups(shape, data):
    axis = data.draw(st.integers(1, len(shape) - 1))
    groups = data.draw(st.sampled_from([n for n in (1, 2, 3, 4) if shape[axis] % n == 0]))
    x = draw(shape)
    layer = ready(L.GroupNormalization(groups, axis, dtype="float64"), shape)
    apart = np.stack(np.split(x, groups, axis))  # (groups, samples, ...)
    expected = np.concatenate(normalized(apart, tuple(range(2, apart.ndim)), 1e-3), axis=axis)
    gamma, beta = (beside(w.numpy(), axis, x.ndim) for w in layer.weights)
    np.testing.assert_allclose(layer(x).numpy(), expected * gamma + beta, rtol=1e-9, atol=1e-9)
    each = ready(L.GroupNormalization(-1, axis, dtype="float64"), shape)
    others = tuple(d for d in range(1, x.ndim) if d != axis)
    if others:
        gamma, beta = (beside(w.numpy(), axis, x.ndim) for w in each.weights)
        np.testing.assert_allclose(each(x).numpy(), normalized(x, others, 1e-3, gamma, beta), rtol=1e-8, atol=1e-8)


def columns(x, gamma, beta):
    return ops.normalized_columns(x, ops.column_moments(x), gamma, beta, 1e-2)


def rows(x, gamma, beta):
    return ops.normalized_rows(x, gamma, beta, 1e-2)


def rows_of_squares(x, gamma, beta):
    return ops.normalized_rows(x, gamma, beta, 1e-2, centred=False)


@pytest.mark.parametrize("function", [columns, rows, rows_of_squares])
@pytest.mark.parametrize("shape", [(2, 3), (5, 1), (7, 4), (9, 11)])
def test_gradients(function, shape):
    nn.testing.check_grad(function, draw(shape), draw(shape[1:], 1), draw(shape[1:], 2), order=2)


def test_third_derivatives():
    def second(x, gamma, beta):
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = nn.sum(nn.sin(columns(x, gamma, beta)))
        return tape.gradient(y, x)

    nn.testing.check_grad(second, draw((4, 2)), draw((2,), 1), draw((2,), 2), order=2)


LAYERS = {
    "BatchNormalization": lambda: L.BatchNormalization(1, dtype="float64"),
    "LayerNormalization": lambda: L.LayerNormalization((1, 3), dtype="float64"),
    "GroupNormalization": lambda: L.GroupNormalization(2, dtype="float64"),
    "RMSNormalization": lambda: L.RMSNormalization(1, dtype="float64"),
    "UnitNormalization": lambda: L.UnitNormalization((1, 2), dtype="float64"),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("training", [False, True])
def test_gradients_of_layers(name, training):
    shape = (3, 2, 3, 4)
    layer = ready(LAYERS[name](), shape)
    nn.testing.check_grad(lambda x: nn.sin(layer(x, training=training)), draw(shape))
    x, weights = draw(shape), layer.trainable_weights

    def of_weights(*values):
        for weight, value in zip(weights, values, strict=True):
            weight.assign(value)
        return nn.sum(nn.sin(layer(x, training=training)))

    values = [w.numpy().copy() for w in weights]
    with nn.GradientTape() as tape:
        total = of_weights(*values)
    if not weights:
        return
    step = 1e-5
    for gradient, value in zip(tape.gradient(total, weights), values, strict=True):
        for i in np.ndindex(value.shape):
            ends = []
            for sign in (1, -1):
                value[i] += sign * step
                ends.append(of_weights(*values).item())
                value[i] -= sign * step
            np.testing.assert_allclose(gradient.numpy()[i], (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("shape", [(1000, 3), (7, 5), (1, 4), (64, 70)])
def test_float32_far_from_zero(shape):
    """One pass over the data, and yet no cancellation: numbers are shifted by one of them."""
    x = (draw(shape) + 1e4).astype(np.float32)
    found = ops.column_moments(nn.asarray(x)).numpy()
    wide = x.astype(np.float64)
    np.testing.assert_allclose(found[0], wide.mean(0), rtol=1e-7)
    np.testing.assert_allclose(found[1], wide.var(0), rtol=1e-6, atol=1e-12)
    far = np.vstack([np.full((1, 3), 1e8), draw((500, 3))])  # the first one is far from all others
    found = ops.column_moments(nn.asarray(far)).numpy()
    np.testing.assert_allclose(found[1], far.var(0), rtol=1e-11)


@pytest.mark.parametrize("centred", [0, 1])
@pytest.mark.parametrize("columns", [1, 31, 127, 128, 161, 1000])
@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (1e-3, 1e4), (1, -3e6), (1e25, 0), (1e-24, 0), (0, 7)])
def test_moments_of_rows_that_are_far_from_zero_large_or_small(columns, scale, offset, centred):
    """Four elements go together in single precision: nothing cancels, overflows or vanishes for all that."""
    x = (draw((5, columns)) * scale + offset).astype(np.float32)
    wide = x.astype(np.float64)
    mean = wide.mean(1) * centred
    epsilon = np.float32(1e-30)
    deviation = np.sqrt(np.square(wide - mean[:, None]).mean(1) + float(epsilon))
    found = ops._row_moments_forward(x, float(epsilon), centred)
    np.testing.assert_allclose(found[:, 0], mean, rtol=1e-7, atol=2e-7 * scale)
    np.testing.assert_allclose(found[:, 1], 1 / deviation, rtol=1e-6)


@pytest.mark.parametrize("centred", [0, 1])
@pytest.mark.parametrize("beginning", [0.0, 7.0, -1e4, 1e8, np.inf])
def test_moments_of_rows_that_begin_far_from_their_mean(beginning, centred):
    """A number near the first elements is taken away from all: where that is far from the mean, once more."""
    x = draw((5, 500), mean=30.0).astype(np.float32)
    x[:, :32] = beginning
    wide = x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        mean = wide.mean(1) * centred
        deviation = np.sqrt(np.square(wide - mean[:, None]).mean(1))
    found = ops._row_moments_forward(x, 1e-30, centred)
    np.testing.assert_allclose(found[:, 0], mean, rtol=1e-7)
    np.testing.assert_allclose(found[:, 1], 1 / deviation, rtol=2e-7)


@pytest.mark.parametrize("columns", [5, 128, 300])
@pytest.mark.parametrize("scale", [1, 1e25, 1e-24, 0])
def test_slopes_of_rows_that_are_large_or_small(columns, scale):
    x, gamma = draw((4, columns)).astype(np.float32), draw(columns).astype(np.float32)
    g = (draw((4, columns)) * scale).astype(np.float32)
    moments = ops._row_moments_forward(x, 1e-3, 1)
    slopes = np.empty((4, 2), np.float32)
    ops._row_slopes(4, g, x, gamma, moments, 1, slopes)
    mean, inverse = (part[:, None].astype(np.float64) for part in moments.T)
    weighted = g.astype(np.float64) * gamma
    apart = (weighted * (x - mean)).mean(1) * inverse[:, 0] ** 3
    size = 1e-6 * np.abs(weighted).mean(1)
    assert (np.abs(slopes[:, 0] - weighted.mean(1) * inverse[:, 0]) <= size * inverse[:, 0]).all()
    assert (np.abs(slopes[:, 1] - apart) <= 4 * size * inverse[:, 0] ** 3).all()


def test_nan_and_infinity_stay_in_their_channel_or_sample():
    x = draw((6, 3))
    x[2, 1], x[3, 2] = np.nan, np.inf
    found = columns(nn.asarray(x), nn.ones(3, "float64"), nn.zeros(3, "float64")).numpy()
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1]).all()
    found = rows(nn.asarray(x), nn.ones(3, "float64"), nn.zeros(3, "float64")).numpy()
    assert np.isfinite(found[[0, 1, 4, 5]]).all()
    assert np.isnan(found[2]).all()


def test_results_do_not_depend_on_threads(monkeypatch):
    x, gamma = nn.asarray(draw((3000, 67)).astype(np.float32)), nn.ones(67)
    results = []
    for threads in (1, min(2, usable_processors())):
        monkeypatch.setattr(nn.config, "num_threads", threads)
        for function in (columns, rows):
            with nn.GradientTape() as tape:
                tape.watch(x)
                tape.watch(gamma)
                y = nn.sum(nn.sin(function(x, gamma, nn.zeros(67))))
            results.append([g.numpy().tobytes() for g in tape.gradient(y, [x, gamma])])
    assert results[:2] == results[2:]


PARTS = {
    "BatchNormalization": (lambda: [L.Dense(4), L.BatchNormalization(momentum=0.7)], (3,)),
    "without scale": (lambda: [L.BatchNormalization(scale=False, center=False)], (3,)),
    "of images": (lambda: [L.BatchNormalization(1, gamma_constraint="non_neg", beta_regularizer="l2")], (2, 3, 4)),
    "LayerNormalization": (lambda: [L.Dense(4), L.LayerNormalization()], (3,)),
    "of several axes": (lambda: [L.LayerNormalization((1, 3), gamma_regularizer="l1")], (2, 3, 4)),
    "GroupNormalization": (lambda: [L.GroupNormalization(2)], (2, 3, 4)),
    "RMSNormalization": (lambda: [L.Dense(4), L.RMSNormalization()], (3,)),
    "UnitNormalization": (lambda: [L.Dense(4), L.UnitNormalization()], (3,)),
}


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("name", PARTS)
def test_replays_and_files(name, tmp_path):
    make, shape = PARTS[name]
    model = assert_replays(make, shape)
    assert_saved(model, tmp_path, data_of(shape)[0])


def launches_of(model, capsys):
    model.explain()
    return [line.split()[1] for line in capsys.readouterr().out.splitlines() if line[:4].strip().isdigit()]


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("kind", [L.BatchNormalization, L.LayerNormalization])
def test_sums_that_several_gradients_need_are_computed_once(kind, capsys):
    model = model_around([L.Dense(4), kind()], (3,))
    model.fit(*data_of((3,)), batch_size=20, epochs=4, verbose=0)
    launches = launches_of(model, capsys)
    assert sum(name.endswith("_products") for name in launches) == 1
    assert sum(name.endswith("_moments") for name in launches) == 1


class Freezing(nn.callbacks.Callback):
    """Freezes a layer for the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[0].trainable = epoch != 1


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_a_frozen_layer_is_in_inference(capsys):
    layer = ready(L.BatchNormalization(dtype="float64"), (5, 3))
    before, x = bytes_of(layer), draw((5, 3))
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True).numpy(), layer(x).numpy())
    assert bytes_of(layer) == before
    runs = []
    for more in ([], [Batches()]):
        model, seen = model_around([L.BatchNormalization(momentum=0.5)], (3,)), []
        keep = nn.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs, m=model, to=seen: to.append(m.layers[0].moving_mean.numpy().tobytes())
        )
        model.fit(*data_of((3,)), batch_size=5, epochs=3, verbose=0, rng=0, callbacks=[Freezing(), keep, *more])
        assert seen[0] == seen[1] != seen[2]
        runs.append((seen, bytes_of(model)))
    assert runs[0] == runs[1]


def test_evaluation_uses_moving_averages():
    model = model_around([L.BatchNormalization(momentum=0.0)], (3,))
    x, y = data_of((3,))
    model.fit(x, y, batch_size=20, epochs=1, verbose=0)
    layer = model.layers[0]
    np.testing.assert_allclose(layer.moving_mean.numpy(), x.mean(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x.var(0), rtol=1e-5)
    before = bytes_of(model)
    model.evaluate(x, y, verbose=0)
    model.predict(x, verbose=0)
    assert bytes_of(model) == before


def test_steps_by_hand_are_replayed():
    def training():
        layer = L.BatchNormalization()
        layer.build((None, 3))

        def step(x):
            with nn.GradientTape() as tape:
                tape.watch(x)
                y = nn.sum(nn.sin(layer(x, training=True)))
            return tape.gradient(y, [x, *layer.trainable_weights])

        return step, layer

    (step, layer), (plain, other) = training(), training()
    step = nn.function(step)
    for i in range(6):
        x = nn.asarray(draw((6, 3), i).astype(np.float32))
        for one, two in zip(step(x), plain(x), strict=True):
            assert one.numpy().tobytes() == two.numpy().tobytes()
        assert bytes_of(layer) == bytes_of(other)


def test_they_are_layers_of_functional_models():
    x = nn.Input((4, 6))
    y = L.GroupNormalization(3)(L.LayerNormalization()(L.BatchNormalization()(L.Dense(6)(x))))
    model = nn.Model(x, L.UnitNormalization()(L.RMSNormalization()(y)))
    assert model(np.ones((2, 4, 6))).shape == (2, 4, 6)
    assert len(model.weights) == 2 + 4 + 2 + 2 + 1
    assert len(model.non_trainable_weights) == 2


WRONG = {
    "momentum": (lambda: L.BatchNormalization(momentum=1.5), "momentum must be a number from 0.0 to 1.0"),
    "epsilon": (lambda: L.LayerNormalization(epsilon=-1), "epsilon must be a finite number, at least 0"),
    "axis": (lambda: L.LayerNormalization(axis=()), "axis must be an integer or several"),
    "axis None": (lambda: L.RMSNormalization(axis=None), "axis must be an integer or several, got None"),
    "two axes": (lambda: L.BatchNormalization(axis=(1, 2)), "axis must be an integer"),
    "groups": (lambda: L.GroupNormalization(0), "groups must be a positive integer or -1, got 0"),
    "center": (lambda: L.GroupNormalization(center="yes"), "center must be True or False"),
    "synchronized": (lambda: L.BatchNormalization(synchronized=True), "synchronized=True is not possible"),
    "initializer": (lambda: L.BatchNormalization(gamma_initializer="one"), "ones"),
    "unit": (lambda: L.UnitNormalization(axis="last"), "axis must be an integer or several, got 'last'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_are_named(name):
    make, message = WRONG[name]
    with pytest.raises(ArgumentError) as caught:
        make()
    assert message in str(caught.value)


def test_other_arguments_of_keras_are_named():
    with pytest.raises(TypeError, match="no batch renormalization"):
        L.BatchNormalization(renorm=True)
    with pytest.raises(TypeError, match="RMSNormalization"):
        L.LayerNormalization(rms_scaling=True)


UNFIT = {
    "axis": (lambda: L.LayerNormalization(3), (2, 3), "axis 3 is out of range"),
    "samples": (lambda: L.LayerNormalization((0, 1)), (2, 3), "is that of the samples"),
    "batch": (lambda: L.BatchNormalization(0), (2, 3), "is that of the samples"),
    "groups": (lambda: L.GroupNormalization(2), (2, 3), "3 channels cannot be divided into 2 groups"),
    "nothing": (lambda: L.LayerNormalization(), (2, 0), "nothing to take the mean of"),
    "unit": (lambda: L.UnitNormalization(2), (2, 3), "axis 2 is out of range"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_inputs_that_do_not_fit_are_named(name):
    make, shape, message = UNFIT[name]
    with pytest.raises(ShapeError) as caught:
        make()(np.ones(shape))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "make", [L.BatchNormalization, L.LayerNormalization, L.RMSNormalization, lambda: L.GroupNormalization(1)]
)
def test_a_layer_that_is_built_keeps_its_channels(make):
    layer = make()
    layer(np.ones((2, 4, 3)))
    assert layer(np.ones((5, 2, 3))).shape == (5, 2, 3)
    for wrong in ((2, 4, 5), (2, 3), (2, 4, 1)):
        with pytest.raises(ShapeError, match="built for inputs of shape"):
            layer(np.ones(wrong))
    with pytest.raises(SettingError, match="axis cannot change"):
        layer.axis = 1


def test_an_empty_batch():
    layer = L.BatchNormalization()
    assert layer(np.ones((0, 3))).shape == (0, 3)
    before = bytes_of(layer)
    with pytest.raises(ShapeError, match="nothing to take the mean of"):
        layer(np.ones((0, 3)), training=True)
    assert bytes_of(layer) == before
    assert L.LayerNormalization()(np.ones((0, 3))).shape == (0, 3)
    assert L.GroupNormalization(1)(np.ones((0, 2, 3))).shape == (0, 2, 3)


def test_integers_are_converted():
    x = np.arange(12).reshape(4, 3)
    assert L.BatchNormalization()(x, training=True).dtype == np.float32
    assert L.LayerNormalization()(x).dtype == np.float32
    np.testing.assert_allclose(L.UnitNormalization()(x[1:]).numpy()[0], x[1] / np.linalg.norm(x[1]), rtol=1e-6)


@pytest.mark.parametrize("function", [
    lambda x, gamma, beta: ops.normalized_rows(x, gamma, beta, 0.1),
    lambda x, gamma, beta: ops.normalized_columns(x, ops.column_moments(x), gamma, beta, 0.1),
], ids=["rows", "columns"])  # fmt: skip
def test_gradients_of_one_pass_share_their_sums_and_others_do_not(function, monkeypatch):
    gamma, beta = (nn.asarray(draw(3, seed).astype(np.float32)) for seed in (1, 2))
    made, new = [], ops._new_products
    monkeypatch.setattr(ops, "_new_products", lambda *given: made.append(given) or new(*given))

    def slopes(x, together):
        with nn.GradientTape(persistent=True) as tape:
            tape.watch([x, gamma, beta])
            y = function(x, gamma, beta)
        if together:
            return tape.gradient(y, [x, gamma, beta], y * 2)
        return [tape.gradient(y, one, y * 2) for one in (x, gamma, beta)]

    for seed in (3, 4):
        x = nn.asarray(draw((5, 3), seed).astype(np.float32))
        before = len(made)
        together, sums = slopes(x, True), len(made) - before
        assert sums == 1
        for one, other in zip(together, slopes(x, False), strict=True):
            assert one.numpy().tobytes() == other.numpy().tobytes()
        assert len(made) - before > 2
