"""The layer Normalization: moments of data that it is shown, or given; the way back, replays and files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from tests.layer_checks import assert_replays, assert_saved, bytes_of, data_of

L = nn.layers
SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)


def draw(shape, seed=0):
    return np.random.default_rng(seed).normal(3.0, 2.0, shape)


@given(SHAPES, st.data())
def test_it_adapts_to_data(shape, data):
    axes = data.draw(st.sets(st.integers(1, len(shape) - 1)).map(sorted))
    x = draw((shape[0] + 1, *shape[1:]))
    others = tuple(d for d in range(x.ndim) if d not in axes)
    layer = L.Normalization(axes or None, dtype="float64")
    layer.adapt(x)
    mean, variance = x.mean(axis=others, keepdims=True), x.var(axis=others, keepdims=True)
    np.testing.assert_allclose(layer.mean.numpy().reshape(mean.shape), mean, rtol=1e-12)
    np.testing.assert_allclose(layer.variance.numpy().reshape(mean.shape), variance, rtol=1e-12)
    expected = (x - mean) / np.maximum(np.sqrt(variance), 1e-7)
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-9, atol=1e-9)
    back = L.Normalization(axes or None, layer.mean.numpy(), layer.variance.numpy(), invert=True, dtype="float64")
    np.testing.assert_allclose(back(layer(x)).numpy(), x, rtol=1e-6)


@pytest.mark.parametrize("cuts", [[3], [1, 2, 9], [0, 5], [2, 4, 6, 8]])
def test_batches_count_as_all_data_together(cuts):
    x = draw((10, 3, 2))
    whole, parts = L.Normalization(dtype="float64"), L.Normalization(dtype="float64")
    whole.adapt(x)
    batches = np.split(x, cuts)
    for given_batches in (batches, iter(batches), ((one, None) for one in batches), map(nn.asarray, batches)):
        parts.adapt(given_batches)
        np.testing.assert_allclose(parts.mean.numpy(), whole.mean.numpy(), rtol=1e-12)
        np.testing.assert_allclose(parts.variance.numpy(), whole.variance.numpy(), rtol=1e-12)


def test_data_of_other_kinds():
    for data in ([[1.0, 10.0], [3.0, 30.0]], nn.asarray([[1, 10], [3, 30]]), np.array([[1, 10], [3, 30]], np.uint8)):
        layer = L.Normalization()
        layer.adapt(data)
        assert layer.mean.tolist() == [2.0, 20.0]
        assert layer.variance.tolist() == [1.0, 100.0]
    assert [w.name for w in layer.weights] == ["normalization/mean", "normalization/variance"]
    assert not layer.trainable_weights


def test_a_feature_that_is_always_the_same_is_0():
    layer = L.Normalization()
    layer.adapt([[5.0, 1.0], [5.0, 3.0]])
    assert layer([[5.0, 2.0]]).tolist() == [[0.0, 0.0]]


def test_moments_that_are_given():
    x = draw((4, 3, 2)).astype(np.float32)
    for mean, variance, axis in (
        (2.0, 4.0, -1),
        ([1.0, 2.0], [4.0, 9.0], -1),
        ([[1.0], [2.0], [3.0]], [[4.0]] * 3, (1, 2)),
    ):
        layer = L.Normalization(axis, mean, variance)
        expected = (x - np.asarray(mean)) / np.sqrt(np.asarray(variance))
        np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-5, atol=1e-6)
        again = L.Normalization.from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        assert again(x).numpy().tobytes() == layer(x).numpy().tobytes()


def test_gradients():
    layer = L.Normalization(1, dtype="float64")
    layer.adapt(draw((5, 3, 2)))
    nn.testing.check_grad(lambda x: nn.sin(layer(x)), draw((2, 3, 2), 1), order=2)


def adapted():
    layer = L.Normalization()
    layer.adapt(data_of((4, 3))[0])
    return layer


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_replays_and_files(tmp_path):
    model = assert_replays(lambda: [adapted(), L.Dense(3)], (4, 3))
    assert_saved(model, tmp_path, data_of((4, 3))[0])
    model = assert_replays(lambda: [L.Normalization(mean=1.0, variance=[1.0, 2.0, 3.0], invert=True)], (4, 3))
    assert_saved(model, tmp_path, data_of((4, 3))[0])


def test_a_model_follows_another_adaption():
    layer = adapted()
    model = nn.Sequential([nn.Input((4, 3)), layer])
    x = data_of((4, 3))[0]
    before = model.predict(x, verbose=0)
    layer.adapt(x * 2.0 + 1.0)
    np.testing.assert_allclose(model.predict(x * 2.0 + 1.0, verbose=0), before, rtol=1e-4, atol=1e-5)


WRONG = {
    "one": (lambda: L.Normalization(mean=1.0), ArgumentError, "given together"),
    "negative": (lambda: L.Normalization(mean=1.0, variance=-1.0), ArgumentError, "variance must be at least 0"),
    "words": (lambda: L.Normalization(mean="a", variance="b"), ArgumentError, "must be a finite number"),
    "axis": (lambda: L.Normalization("last"), ArgumentError, "axis must be an integer, several or None"),
    "invert": (lambda: L.Normalization(invert=2), ArgumentError, "invert must be True or False"),
    "samples": (lambda: L.Normalization(0)([[1.0]]), ShapeError, "is that of the samples"),
    "sizes": (
        lambda: L.Normalization(mean=[1.0, 2.0], variance=1.0)(np.ones((2, 3))),
        ShapeError,
        "does not broadcast",
    ),
    "given": (lambda: L.Normalization(mean=1.0, variance=1.0).adapt([[1.0]]), ArgumentError, "were given"),
    "nothing": (lambda: L.Normalization().adapt([]), (ArgumentError, ShapeError), ""),
    "empty": (lambda: L.Normalization().adapt(np.ones((0, 3))), ArgumentError, "adapt needs data"),
    "strings": (lambda: L.Normalization().adapt(np.array([["a"]])), DTypeError, "adapt needs numbers"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name):
    make, error, message = WRONG[name]
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


def test_data_that_do_not_fit_change_nothing():
    layer = adapted()
    before = bytes_of(layer)
    for wrong in (np.ones((5, 4, 2)), np.ones((5, 3)), [np.ones((5, 4, 3)), np.ones((5, 4, 4))]):
        with pytest.raises(ShapeError, match="adapt got data of shape"):
            layer.adapt(wrong)
        assert bytes_of(layer) == before
    with pytest.raises(ShapeError, match="built for inputs of shape"):
        layer(np.ones((2, 4, 2)))
    fresh = L.Normalization()
    with pytest.raises(ShapeError, match="adapt got data of shape"):
        fresh.adapt([np.ones((5, 3)), np.ones((5, 4))])
    assert not fresh.built
