"""Masks: who makes them, who hands them on, where they end; in models, in replays and in files."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.masks import mask_of, noted
from tests.layer_checks import assert_replays, assert_saved, data_of

KEEP = np.array([[1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]], bool)
RNG = np.random.default_rng(0)
X = np.where(KEEP[..., None], RNG.normal(size=(3, 4, 5)), 0).astype(np.float32)


def masked():
    return nn.layers.Masking()(X)


@given(st.integers(0, 999), st.sampled_from([0.0, -1.0, 2.5]))
def test_masking(seed, value):
    rng = np.random.default_rng(seed)
    x = rng.choice(np.float32([value, 3.0]), size=(2, 5, 2))
    layer = nn.layers.Masking(value)
    keep = (x != np.float32(value)).any(-1)
    y = layer(x)
    np.testing.assert_array_equal(mask_of(y).numpy(), keep)
    np.testing.assert_array_equal(y.numpy(), np.where(keep[..., None], x, 0))


def test_nan_counts():
    x = X.copy()
    x[0, 2, 0] = np.nan
    assert mask_of(nn.layers.Masking()(x)).numpy()[0, 2]


def test_masks_end_with_their_tensors():
    gc.collect()
    before = len(noted)
    y = masked()
    assert len(noted) == before + 1
    del y
    gc.collect()
    assert len(noted) == before


@pytest.mark.parametrize(
    "layer",
    [
        nn.layers.Dense(3), nn.layers.Dropout(0.5), nn.layers.Activation("relu"), nn.layers.ReLU(),
        nn.layers.LSTM(3, return_sequences=True), nn.layers.TimeDistributed(nn.layers.Dense(2)),
        nn.layers.Bidirectional(nn.layers.GRU(3, return_sequences=True)),
    ],
    ids=lambda layer: layer.name,
)  # fmt: skip
def test_layers_hand_masks_on(layer):
    for training in (False, True):
        np.testing.assert_array_equal(mask_of(layer(masked(), training=training, rng=0)).numpy(), KEEP)


def test_one_output_for_all_steps_has_no_mask():
    assert mask_of(nn.layers.LSTM(3)(masked())) is None
    output, *states = nn.layers.LSTM(3, return_sequences=True, return_state=True)(masked())
    np.testing.assert_array_equal(mask_of(output).numpy(), KEEP)
    assert all(mask_of(state) is None for state in states)


def test_where_a_mask_ends_a_warning_says_so():
    with pytest.warns(UserWarning, match="flatten: Flatten takes no mask"):
        y = nn.layers.Flatten()(masked())
    assert mask_of(y) is None


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_means_over_the_steps_that_count(data_format, keepdims):
    x = np.where(KEEP[..., None], X, np.nan)  # what does not count has no part in it, not even as NaN
    expected = np.stack([one[keep].mean(axis=0) for one, keep in zip(X, KEEP, strict=True)])
    layer = nn.layers.GlobalAveragePooling1D(data_format, keepdims)
    y = layer(x if data_format == "channels_last" else np.moveaxis(x, 1, 2).copy(), mask=KEEP)
    kept = {"channels_last": 1, "channels_first": 2}[data_format]
    np.testing.assert_allclose(y, np.expand_dims(expected, kept) if keepdims else expected, rtol=1e-5)
    assert mask_of(nn.layers.GlobalAveragePooling1D()(masked())) is None
    assert np.isnan(layer(np.ones((1, 3, 3), np.float32), mask=np.zeros((1, 3), bool))).all()


def test_means_over_steps_replay_and_save(tmp_path):
    def make():
        return [nn.layers.Embedding(5, 3, mask_zero=True), nn.layers.GlobalAveragePooling1D()]

    assert_saved(assert_replays(make, (7,), integers=5), tmp_path, data_of((7,), 5)[0])


def test_merged_masks():
    a, b = masked(), nn.layers.Masking()(X[:, ::-1].copy())
    np.testing.assert_array_equal(mask_of(nn.layers.Add()([a, b])).numpy(), KEEP | KEEP[:, ::-1])
    assert mask_of(nn.layers.Add()([a, nn.asarray(X)])) is None
    np.testing.assert_array_equal(mask_of(nn.layers.Concatenate()([a, b])).numpy(), KEEP | KEEP[:, ::-1])
    along = nn.layers.Concatenate(1)([a, nn.asarray(X)])
    np.testing.assert_array_equal(mask_of(along).numpy(), np.concatenate([KEEP, np.ones_like(KEEP)], 1))


class Counting(nn.layers.Layer):
    """The number of steps that count."""

    def call(self, x, mask=None):
        return nn.sum(nn.ones(x.shape[:2]) if mask is None else mask.astype("float32"), axis=1, keepdims=True)


class Every(nn.layers.Layer):
    """Lets every other step count, and leaves its input as it is."""

    def call(self, x):
        return x

    def compute_mask(self, inputs, previous_mask=None):
        return nn.asarray(np.tile([True, False], (inputs.shape[0], 2)))


def test_layers_of_ones_own():
    assert Counting()(X).numpy().ravel().tolist() == [4, 4, 4]
    with pytest.warns(UserWarning, match="ends here"):
        assert Counting()(masked()).numpy().ravel().tolist() == [3, 2, 4]
    x = nn.asarray(X)
    y = Every()(x)
    assert mask_of(x) is None
    np.testing.assert_array_equal(mask_of(y).numpy()[0], [True, False, True, False])
    with pytest.warns(UserWarning, match="ends here"):
        assert Counting()(X, mask=KEEP).numpy().ravel().tolist() == [3, 2, 4]


def test_a_mask_that_is_given_comes_before_one_that_is_noted():
    layer = nn.layers.GRU(3)
    other = np.ones_like(KEEP)
    np.testing.assert_array_equal(layer(masked(), mask=other).numpy(), layer(X).numpy())
    np.testing.assert_array_equal(layer(masked()).numpy(), layer(X, mask=KEEP).numpy())
    np.testing.assert_array_equal(layer(X, mask=KEEP.astype(int)).numpy(), layer(X, mask=KEEP).numpy())


def stacked():
    return [nn.layers.Masking(), nn.layers.Dense(4), nn.layers.Dropout(0.2), nn.layers.LSTM(3)]


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_sequential_models_replay_and_save(tmp_path):
    model = assert_replays(stacked, (4, 5))
    assert_saved(model, tmp_path, X)
    layers = model.layers
    np.testing.assert_allclose(
        layers[3](layers[1](layers[0](X))).numpy(), layers[3](layers[1](X), mask=KEEP).numpy(), rtol=1e-6
    )


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_functional_models(tmp_path):
    inputs = nn.Input((4, 5))
    h = nn.layers.Masking()(inputs)
    both = nn.layers.Add()([nn.layers.Dense(3)(h), nn.layers.LSTM(3, return_sequences=True)(h)])
    model = nn.Model(inputs, nn.layers.GRU(2)(both))
    rest = model.layers
    dense, lstm, gru = (next(one for one in rest if one.name == name) for name in ("dense", "lstm", "gru"))
    expected = gru(nn.add(dense(X), lstm(X, mask=KEEP)), mask=KEEP).numpy()
    np.testing.assert_allclose(model(X).numpy(), expected, rtol=1e-6)
    model.compile("adam", "mse")
    for _ in range(2):
        np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-6)
    model.save(tmp_path / "model.numbanet")
    np.testing.assert_array_equal(nn.load_model(tmp_path / "model.numbanet")(X).numpy(), model(X).numpy())


def test_functions_replay_masks():
    masking, layer = nn.layers.Masking(), nn.layers.LSTM(3)

    def plain(x):
        return layer(masking(x))

    function = nn.function(plain)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = np.where(rng.random((3, 4, 1)) < 0.5, rng.normal(size=(3, 4, 5)), 0).astype(np.float32)
        np.testing.assert_array_equal(function(nn.asarray(x)).numpy(), plain(nn.asarray(x)).numpy())


def test_losses_are_means_over_the_steps_that_count():
    y = nn.layers.Dense(2)(masked(), rng=0)
    target = RNG.normal(size=(3, 4, 2)).astype(np.float32)
    of_steps = ((y.numpy() - target) ** 2).mean(-1)
    loss = nn.losses.MeanSquaredError()
    assert float(loss(target, y)) == pytest.approx(of_steps[KEEP].mean(), rel=1e-5)
    weights = np.array([1.0, 0.5, 2.0])
    expected = (of_steps * weights[:, None])[KEEP].mean()
    assert float(loss(target, y, weights)) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ShapeError, match="the mask of the predictions"):
        nn.losses.FunctionLoss(lambda y_true, y_pred: nn.mean(y_pred))(target, y)


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_models_with_masked_outputs_train_on_what_counts():
    x = np.tile(X, (8, 1, 1))
    y = RNG.normal(size=(24, 4, 2)).astype(np.float32)
    wrong = np.where(np.tile(KEEP, (8, 1))[..., None], y, 100).astype(np.float32)

    def trained(targets):
        model = nn.Sequential([nn.layers.Masking(), nn.layers.Dense(2)])
        model.compile("sgd", "mse")
        history = model.fit(x, targets, batch_size=8, epochs=2, verbose=0, rng=0).history
        assert model.explanation.steps
        return history, [w.numpy().tobytes() for w in model.weights]

    assert trained(y) == trained(wrong)
    model = nn.Sequential([nn.layers.Masking(), nn.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=["mae"])
    with pytest.warns(UserWarning, match="metrics count all steps"):
        model.fit(x, y, batch_size=8, epochs=1, verbose=0, rng=0)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: nn.layers.Masking("a"), ArgumentError, "mask_value"),
        (lambda: nn.layers.Masking()(X[0]), ShapeError, "needs sequences"),
        (lambda: nn.layers.GRU(3)(X, mask=KEEP[:, :2]), ShapeError, r"needs a mask .*\(3, 4\), got \(3, 2\)"),
        (lambda: nn.layers.GRU(3)(nn.Input((4, 5)), mask=KEEP), ArgumentError, "mask is for calls with data"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.layers.Dense(3),
        lambda: nn.layers.LayerNormalization(),
        lambda: nn.layers.TimeDistributed(nn.layers.Dense(2)),
        lambda: nn.layers.Dropout(0.5),
    ],
)
def test_masks_that_are_only_passed_on_must_fit_too(make):
    x, layer = np.ones((4, 5, 3), np.float32), make()
    layer(x, training=True, rng=0)
    before = [weight.numpy().tobytes() for weight in layer.weights]
    for shape in ((4, 4), (3, 5), (5,), (4, 5, 3, 1), ()):
        with pytest.raises(
            ShapeError, match=r"layer .*: a mask of shape .* does not fit an input of shape \(4, 5, 3\)"
        ):
            layer(x, training=True, rng=0, mask=np.ones(shape, bool))
    assert [weight.numpy().tobytes() for weight in layer.weights] == before
    assert layer(x, mask=np.ones((4, 5), bool)).shape[:2] == (4, 5)
