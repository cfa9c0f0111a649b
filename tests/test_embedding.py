"""Embedding: rows of a table by number, their gradient, numbers that are out of range, replays and files."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, SettingError, ShapeError
from numbanet.ops.masks import mask_of
from tests.layer_checks import Batches, assert_replays, assert_saved, bytes_of, data_of, model_around

L = nn.layers
NUMBERS = arrays(np.int64, st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple), elements=st.integers(0, 6))


def table(layer, seed=0):
    layer.build((None, 1))
    values = np.random.default_rng(seed).normal(size=layer.embeddings.shape)
    layer.set_weights([values])
    return values


@given(NUMBERS, st.sampled_from([np.int64, np.uint8, np.int32, np.float64, np.float32]))
def test_rows_of_the_table(numbers, dtype):
    layer = L.Embedding(7, 3, dtype="float64")
    values = table(layer)
    found = layer(numbers.astype(dtype))
    np.testing.assert_array_equal(found.numpy(), values[numbers])
    assert layer.compute_output_shape((None, *numbers.shape[1:])) == (None, *numbers.shape[1:], 3)


@given(NUMBERS)
def test_the_gradient_adds_up_where_rows_were_picked(numbers):
    layer = L.Embedding(7, 3, dtype="float64")
    table(layer)
    weights = np.random.default_rng(1).normal(size=(*numbers.shape, 3))
    with nn.GradientTape() as tape:
        total = nn.sum(nn.tanh(layer(numbers)) * weights)
    expected = np.zeros((7, 3))
    values = layer.embeddings.numpy()
    np.add.at(expected, numbers, (1 - np.tanh(values[numbers]) ** 2) * weights)
    np.testing.assert_allclose(tape.gradient(total, layer.embeddings).numpy(), expected, rtol=1e-12, atol=1e-14)


def test_second_derivatives():
    numbers = np.array([[1, 0], [1, 3]])
    nn.testing.check_grad(
        lambda w: nn.tanh(nn.take(w, numbers, axis=0)), np.random.default_rng(0).normal(size=(4, 2)), order=2
    )


@pytest.mark.parametrize("shape", [(1, 50, 7), (3, 20, 5), (2, 4, 1)])
def test_ranges_of_the_gradient_give_the_same_bytes(shape):
    from numbanet.loops.move import take_back

    rng = np.random.default_rng(0)
    g, index = rng.normal(size=shape).astype(np.float32), rng.integers(0, 6, shape[1])
    expected = np.zeros((shape[0], 6, shape[2]), np.float32)
    for i in range(shape[1]):
        expected[:, index[i]] += g[:, i]
    n = shape[0] * shape[2]
    for cuts in ([0, n], [0, 1, n], [0, n // 2, n // 2, n - 1, n]):
        out = np.zeros_like(expected)
        for start, stop in itertools.pairwise(cuts):
            take_back(g, index, out, start, stop)
        assert out.tobytes() == expected.tobytes()


PARTS = {
    "Embedding": (lambda: [L.Embedding(9, 4)], (5,)),
    "with a penalty": (lambda: [L.Embedding(9, 4, "normal", "l2", "max_norm")], (3, 2)),
    "below others": (lambda: [L.Embedding(9, 4), L.Dense(3, "tanh"), L.LayerNormalization()], (5,)),
}


def announced(layers, shape):
    """A model of integers: an Input would make floats of them."""
    model = nn.Sequential([*layers, L.Flatten(), L.Dense(2)])
    model.compile(nn.optimizers.Adam(0.01), "mean_squared_error")
    model.build_for((None, *shape), np.random.default_rng(3))
    return model


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("name", PARTS)
def test_replays_and_files(name, tmp_path):
    make, shape = PARTS[name]
    model = assert_replays(make, shape, integers=9)  # through an Input, which makes floats of them
    assert_saved(model, tmp_path, data_of(shape, 9)[0])
    runs = []
    for callbacks in ([], [Batches()]):
        model = announced(make(), shape)
        x, y = data_of(shape, 9)
        history = model.fit(
            x.astype(np.uint8), y, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=callbacks
        ).history
        assert hasattr(model.explanation, "steps") != bool(callbacks)
        runs.append((history, bytes_of(model)))
    assert runs[0] == runs[1]


def test_it_learns():
    x = np.arange(40).reshape(40, 1) % 8
    y = np.eye(8)[x[:, 0]][:, :2] * 3
    model = announced([L.Embedding(8, 4)], (1,))
    history = model.fit(x, y, epochs=60, batch_size=8, verbose=0, rng=0).history["loss"]
    assert history[-1] < history[0] / 20


BAD = {
    "negative": (np.array([[0, -1]]), ShapeError, "-1 is none of the integers from 0 to 8"),
    "too large": (np.array([[0, 9]]), ShapeError, "9 is none of the integers from 0 to 8"),
    "unsigned": (np.array([[250]], np.uint8), ShapeError, "250 is none"),
    "parts": (np.array([[0.5]]), ArgumentError, "needs integers, or whole numbers, got 0.5"),
    "nan": (np.array([[np.nan]]), ArgumentError, "got nan"),
    "infinite": (np.array([[np.inf]]), ShapeError, "inf is none of the integers"),
    "huge": (np.array([[1e30]]), ShapeError, "is none of the integers"),
    "booleans": (np.array([[True]]), DTypeError, "needs integers, got bool"),
}


@pytest.mark.parametrize("name", BAD)
def test_numbers_that_have_no_vector_are_named(name):
    x, error, message = BAD[name]
    layer = L.Embedding(9, 4, name="words")
    layer.build((None, 1))
    before = bytes_of(layer)
    with pytest.raises(error, match=message) as caught:
        layer(x)
    assert "words" in str(caught.value)
    assert error is not ShapeError or isinstance(caught.value, IndexError)
    assert bytes_of(layer) == before


@pytest.mark.parametrize("bad", [-1, 9])
def test_fit_stops_before_a_batch_with_one(bad):
    weights = []
    for callbacks in ([], [Batches()]):
        model = announced([L.Embedding(9, 4)], (5,))
        x, y = data_of((5,), 9)
        x[13, 2] = bad
        with pytest.raises(ShapeError, match=f"{bad} is none of the integers"):
            model.fit(x, y, batch_size=4, epochs=2, verbose=0, shuffle=False, callbacks=callbacks)
        weights.append(bytes_of(model))
    assert weights[0] == weights[1]  # as three batches left them


class Spoils(nn.callbacks.Callback):
    """Writes to the data after the first epoch."""

    def __init__(self, x, value):
        super().__init__()
        self.x, self.value = x, value

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            self.x[7, 1] = self.value


@pytest.mark.parametrize("bad", [-3, 100])
def test_numbers_that_change_after_they_were_checked(bad):
    model = announced([L.Embedding(9, 4)], (5,))
    x, y = data_of((5,), 9)
    with pytest.raises(ShapeError, match=f"{bad} is none of the integers"):
        model.fit(x, y, batch_size=4, epochs=9, verbose=0, shuffle=False, callbacks=[Spoils(x, bad)])


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_functions_check_what_they_are_given():
    layer = L.Embedding(9, 4)
    table(layer)
    step = nn.function(lambda x: layer(x) * 2.0)
    for i in range(5):
        x = np.array([i, 8 - i])
        np.testing.assert_array_equal(step(x).numpy(), layer(x).numpy() * 2)
    with pytest.raises(ShapeError, match="9 is none of the integers"):
        step(np.array([1, 9]))


def test_it_is_a_layer_of_functional_models():
    x = nn.Input((5,), dtype="int64")
    model = nn.Model(x, L.Embedding(9, 4)(x))
    assert model(np.ones((2, 5), int)).shape == (2, 5, 4)
    plain = nn.Input((5,))
    assert nn.Model(plain, L.Embedding(9, 4)(plain))(np.ones((2, 5), int)).shape == (2, 5, 4)


def test_zero_may_stand_for_steps_that_do_not_count():
    x = np.array([[3, 1, 0, 0], [2, 0, 4, 0]])
    layer = L.Embedding(5, 3, mask_zero=True)
    np.testing.assert_array_equal(mask_of(layer(x)).numpy(), x != 0)
    assert mask_of(L.Embedding(5, 3)(x)) is None
    last = L.LSTM(2)
    found = nn.Sequential([layer, last])(x, rng=0).numpy()
    np.testing.assert_array_equal(found[:1], last(layer(x[:1, :2])).numpy())  # as if the sequence ended there


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_masks_are_replayed_and_saved(tmp_path):
    runs = []
    for callbacks in ([], [Batches()]):
        model = announced([L.Embedding(9, 4, mask_zero=True), L.LSTM(3)], (5,))
        x, y = data_of((5,), 9)
        history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=callbacks).history
        assert hasattr(model.explanation, "steps") != bool(callbacks)
        runs.append((history, bytes_of(model)))
    assert runs[0] == runs[1]
    assert_saved(model, tmp_path, x)


WRONG = {
    "dims": (lambda: L.Embedding(0, 4), "input_dim must be a positive integer, got 0"),
    "length": (lambda: L.Embedding(4, 2.5), "output_dim must be a positive integer, got 2.5"),
    "mask": (lambda: L.Embedding(4, 2, mask_zero="yes"), "mask_zero must be True or False"),
    "initializer": (lambda: L.Embedding(4, 2, "unifrom"), "uniform"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_are_named(name):
    make, message = WRONG[name]
    with pytest.raises(ArgumentError) as caught:
        make()
    assert message in str(caught.value)


def test_settings_that_cannot_change():
    layer = L.Embedding(4, 2)
    layer([[1]])
    with pytest.raises(SettingError, match="input_dim cannot change"):
        layer.input_dim = 9
    with pytest.raises(TypeError, match="set_weights"):
        L.Embedding(4, 2, weights=[np.zeros((4, 2))])
    model = model_around([L.Embedding(9, 2, input_shape=(3,))], (3,))
    assert model.layers[0].embeddings.shape == (9, 2)
