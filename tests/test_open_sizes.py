"""Sizes that are open until data comes: sequences of any length, images of any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.shapes import fits
from numbanet.errors import NumbanetError, ShapeError
from tests.layer_checks import Batches, bytes_of

L = nn.layers
RNG = np.random.default_rng(0)


def sequences(count, length, features=3):
    return np.random.default_rng(length).normal(size=(count, length, features)).astype(np.float32)


SEQUENCES = {
    "lstm": lambda: L.LSTM(4, return_sequences=True),
    "last": lambda: L.GRU(4),
    "bidirectional": lambda: L.Bidirectional(L.SimpleRNN(2, return_sequences=True)),
    "conv": lambda: L.Conv1D(4, 5, strides=2, padding="same"),
    "wide": lambda: L.Conv1D(4, 15),
    "pool": lambda: L.MaxPooling1D(2),
    "far": lambda: L.AveragePooling1D(2, strides=20, padding="same"),
    "global": lambda: L.GlobalAveragePooling1D(),
    "distributed": lambda: L.TimeDistributed(L.Dense(2)),
    "norm": lambda: L.LayerNormalization(),
    "shared": lambda: L.PReLU(shared_axes=[1]),
    "flatten": lambda: L.Flatten(),
    "reshape": lambda: L.Reshape((-1, 1)),
    "permute": lambda: L.Permute((2, 1)),
    "up": lambda: L.UpSampling1D(3),
    "pad": lambda: L.ZeroPadding1D((2, 1)),
    "crop": lambda: L.Cropping1D(2),
    "lambda": lambda: L.Lambda(lambda x: x[:, ::2] * 2),
}
IMAGES = {
    "conv": lambda: L.Conv2D(4, 3),
    "transposed": lambda: L.Conv2DTranspose(2, 3, strides=2),
    "depthwise": lambda: L.DepthwiseConv2D(3),
    "separable": lambda: L.SeparableConv2D(2, 3, padding="same"),
    "pool": lambda: L.MaxPooling2D((3, 1)),
    "global": lambda: L.GlobalMaxPooling2D(keepdims=True),
    "up": lambda: L.UpSampling2D((2, 3)),
    "flip": lambda: L.RandomFlip(),
    "group": lambda: L.GroupNormalization(1),
    "permute": lambda: L.Permute((3, 2, 1)),
}


@pytest.mark.parametrize("name", SEQUENCES)
@given(lengths=st.lists(st.integers(15, 50), min_size=2, max_size=3))
def test_shapes_of_sequences(name, lengths):
    layer = SEQUENCES[name]()
    symbol = layer(nn.Input((None, 3)))
    assert symbol.shape == layer.compute_output_shape((None, None, 3))
    for length in lengths:
        y = layer(sequences(2, length))
        assert fits(y.shape, symbol.shape)
        assert (None, *y.shape[1:]) == layer.compute_output_shape((None, length, 3))
    assert (None in symbol.shape[1:]) == (name not in ("last", "global"))


@pytest.mark.parametrize("name", IMAGES)
def test_shapes_of_images(name):
    layer = IMAGES[name]()
    symbol = layer(nn.Input(shape=(None, None, 1)))
    assert symbol.shape == layer.compute_output_shape((None, None, None, 1))
    for size in ((5, 7), (16, 4)):
        assert fits(layer(np.ones((2, *size, 1), np.float32)).shape, symbol.shape)
    half = layer.compute_output_shape((None, 8, None, 1))
    assert fits(layer(np.ones((2, 8, 9, 1), np.float32)).shape, half)


def convolutional(sample=(None, 3)):
    x = nn.Input(sample, rng=1)
    h = L.MaxPooling1D(2)(L.Conv1D(6, 3, activation="relu")(x))
    h = L.Dropout(0.3)(L.Bidirectional(L.GRU(4, return_sequences=True))(h))
    return nn.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(h)))


def labelled(sample=(None, 3)):
    return nn.Sequential(
        [L.LSTM(5, return_sequences=True, input_shape=sample), L.LayerNormalization(), L.Dense(2, "softmax")], rng=1
    )


@pytest.mark.parametrize("make", [convolutional, labelled])
def test_each_length_trains_as_with_a_fixed_size(make):
    open_ended, plain = make(), make()
    for model in (open_ended, plain):
        model.compile("adam", "mse", metrics=["mae"])
    for length in (6, 9, 6):
        x = sequences(12, length)
        y = np.abs(RNG.normal(size=plain(x).shape)).astype(np.float32)
        fixed = make((length, 3))
        fixed.compile("adam", "mse")
        fixed.set_weights(open_ended.get_weights())
        assert np.array_equal(fixed.predict(x, verbose=0), open_ended.predict(x, verbose=0))
        open_ended.fit(x, y, batch_size=5, epochs=2, verbose=0, rng=0)
        plain.fit(x, y, batch_size=5, epochs=2, verbose=0, rng=0, callbacks=[Batches()])
        assert bytes_of(open_ended) == bytes_of(plain)
    assert np.isfinite(open_ended.evaluate(x, y, verbose=0)).all()


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("make", [convolutional, labelled])
def test_they_are_replayed(make):
    model = make()
    model.compile("adam", "mse")
    for length in (6, 9):
        x = sequences(12, length)
        model.fit(x, np.zeros(model(x).shape, np.float32), verbose=0, rng=0)
        assert not hasattr(model.explanation, "reason") or model.explanation.reason is None


def test_the_same_numbers_as_numpy():
    x = nn.Input((None, 3), dtype="float64", rng=0)
    layer = L.Conv1D(4, 3, dtype="float64")
    model = nn.Model(x, L.GlobalMaxPooling1D(dtype="float64")(layer(x)))
    kernel, bias = layer.get_weights()
    for length in (3, 8):
        data = RNG.normal(size=(5, length, 3))
        windows = [np.tensordot(data[:, i : i + 3], kernel, 2) + bias for i in range(length - 2)]
        np.testing.assert_allclose(model.predict(data, verbose=0), np.max(windows, axis=0), rtol=1e-12)


def test_batches_of_several_lengths():
    model = convolutional()
    model.compile("adam", "mse")
    batches = [(sequences(4, n), np.ones((4, 2), np.float32)) for n in (5, 9, 7)]
    assert len(model.fit(batches, epochs=3, verbose=0, rng=0).history["loss"]) == 3
    assert model.predict((x for x, _ in batches), verbose=0).shape == (12, 2)
    assert model.train_on_batch(*batches[0]) > 0


def test_recorded_lengths_are_bounded():
    model = labelled()
    for length in range(3, 28):
        model.predict(sequences(2, length), verbose=0)
    for function in model._trainer.recordings._functions.values():
        assert len(function._calls) <= 16


def test_masks_of_several_lengths():
    words = nn.Input((None,), dtype="int64", rng=0)
    model = nn.Model(words, L.LSTM(3)(L.Embedding(9, 4, mask_zero=True)(words)))
    assert model.output_shape == (None, 3)
    short = np.array([[1, 5, 2]])
    long = np.array([[1, 5, 2, 0, 0, 0]])
    np.testing.assert_allclose(model(short), model(long), rtol=1e-6)


def test_two_inputs_of_open_sizes():
    query, value = nn.Input((None, 4), rng=0), nn.Input((None, 4))
    model = nn.Model([query, value], L.Attention()([query, value]))
    assert model.output_shape == (None, None, 4)
    assert model([sequences(2, 3, 4), sequences(2, 8, 4)]).shape == (2, 3, 4)


@pytest.mark.parametrize("make", [convolutional, labelled])
def test_files_and_copies(make, tmp_path, capsys):
    model = make()
    model.compile("adam", "mse")
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert again.input_shape == (None, None, 3) == nn.models.clone_model(model).input_shape
    for length in (5, 8):
        x = sequences(3, length)
        assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    nn.models.model_from_json(model.to_json())
    model.summary(line_length=120)
    assert "(None, None, " in capsys.readouterr().out


class Counting(L.Layer):
    """A layer whose build sees the shape."""

    def build(self, input_shape):
        self.seen = input_shape
        self.scale = self.add_weight((input_shape[-1],), "ones")

    def call(self, x):
        return x * self.scale


def test_build_sees_none_as_in_keras():
    layer = Counting()
    assert layer(nn.Input((None, 3))).shape == (None, None, 3)
    assert layer.seen == (None, None, 3)


def test_build_by_shape():
    model = nn.Sequential([L.LSTM(4, return_sequences=True), L.Dense(2)])
    model.build((None, None, 3))
    assert model.input_shape == (None, None, 3)
    assert model.output_shape_for(model.input_shape) == (None, None, 2)


NEEDS_A_SIZE = {
    "dense": (lambda: [L.Flatten(), L.Dense(2)], (None, 3), "dense"),
    "reshape": (lambda: [L.Reshape((5, 3))], (None, 3), "reshape"),
    "prelu": (lambda: [L.PReLU()], (None, 3), "p_re_lu"),
    "norm": (lambda: [L.LayerNormalization(axis=1)], (None, 3), "layer_normalization"),
    "batch": (lambda: [L.BatchNormalization()], (5, None), "batch_normalization"),
    "group": (lambda: [L.GroupNormalization(3)], (5, None), "group_normalization"),
    "conv": (lambda: [L.Conv1D(2, 3)], (5, None), "conv1d"),
    "lstm": (lambda: [L.LSTM(2)], (5, None), "lstm"),
    "held": (lambda: [L.TimeDistributed(L.Dense(2))], (5, None), "dense"),
}


@pytest.mark.parametrize("case", NEEDS_A_SIZE)
def test_layers_that_need_a_size_refuse_by_name(case):
    make, sample, name = NEEDS_A_SIZE[case]
    *first, last = make()
    y = nn.Input(sample)
    for layer in first:
        y = layer(y)
    with pytest.raises(ShapeError, match=f"layer .*{name}"):
        last(y)
    assert not last.built
    with pytest.raises(ShapeError, match=f"layer .*{name}"):
        nn.Sequential([nn.Input(sample), *make()])


def test_what_does_not_fit_fails_before_anything_changes():
    model = convolutional()
    model.compile("adam", "mse")
    before = bytes_of(model)
    with pytest.raises(ShapeError, match=r"fit: layer conv1d: windows of \(3,\) do not fit"):
        model.fit(sequences(8, 2), np.ones((8, 2)), verbose=0)
    with pytest.raises(ShapeError, match=r"samples of shape \(None, 3\) are needed, got \(7, 4\)"):
        model(sequences(8, 7, 4))
    with pytest.raises(ShapeError, match=r"samples of shape \(None, 3\) are needed"):
        model.fit(np.ones((8, 3)), np.ones((8, 2)), verbose=0)
    assert bytes_of(model) == before
    assert not model.optimizer.built


@pytest.mark.parametrize("shape", [(None, -3), (None, 2.5), "ab", (None, "3")])
def test_what_is_not_a_shape(shape):
    with pytest.raises(NumbanetError, match="layer input: "):
        nn.Input(shape)
