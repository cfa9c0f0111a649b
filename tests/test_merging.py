"""Layers that make one tensor of several, against NumPy; and their errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError

RULES = {
    "Add": lambda xs: sum(xs[1:], xs[0]),
    "Multiply": lambda xs: np.prod(np.broadcast_arrays(*xs), axis=0),
    "Average": lambda xs: sum(xs[1:], xs[0]) / len(xs),
    "Maximum": lambda xs: np.max(np.broadcast_arrays(*xs), axis=0),
    "Minimum": lambda xs: np.min(np.broadcast_arrays(*xs), axis=0),
}


def draw(rng, *shapes):
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize("name", RULES)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 100))
def test_elementwise_layers_against_numpy(name, count, ndim, seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, ndim)
    shapes = [(5, *np.where(rng.random(ndim) < 0.3, 1, sizes)) for _ in range(count)]
    xs = draw(rng, *shapes)
    found = getattr(nn.layers, name)()(xs)
    np.testing.assert_allclose(found, RULES[name]([x.astype(float) for x in xs]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*RULES, "Subtract"])
def test_gradients(name):
    xs = draw(np.random.default_rng(0), (3, 2), (3, 2))
    layer = getattr(nn.layers, name)(dtype="float64")
    nn.testing.check_grad(lambda a, b: layer([a, b]), *[nn.asarray(x.astype(float)) for x in xs])


def test_subtract():
    a, b = draw(np.random.default_rng(0), (3, 2), (3, 2))
    np.testing.assert_array_equal(nn.layers.Subtract()([a, b]), a - b)
    with pytest.raises(ArgumentError, match="Subtract takes two tensors, got 3"):
        nn.layers.Subtract()([a, b, a])


def test_fewer_dimensions_are_aligned_behind_the_samples():
    a, b = draw(np.random.default_rng(0), (2, 3), (2, 5, 3))
    np.testing.assert_array_equal(nn.layers.Add()([a, b]), a[:, None] + b)
    np.testing.assert_array_equal(nn.layers.Add()([b, a]), b + a[:, None])


@given(st.integers(1, 3), st.integers(1, 3), st.integers(-3, 3), st.integers(0, 100))
def test_concatenate(count, ndim, axis, seed):
    rng = np.random.default_rng(seed)
    place = axis % (ndim + 1) if -ndim - 1 <= axis <= ndim else None
    sizes = [5, *rng.integers(1, 4, ndim)]
    shapes = [[*sizes] for _ in range(count)]
    for shape in shapes:
        if place:
            shape[place] = int(rng.integers(1, 4))
    xs = draw(rng, *shapes)
    layer = nn.layers.Concatenate(axis=axis)
    if place is None:
        with pytest.raises(ShapeError, match=f"layer concatenate: shapes .* cannot be joined along axis {axis}"):
            layer(xs)
    else:
        np.testing.assert_array_equal(layer(xs), np.concatenate(xs, axis))


DOTS = [
    ((4, 3), (4, 3), 1, "bi,bi->b"),
    ((4, 3), (4, 3), -1, "bi,bi->b"),
    ((4, 2, 3), (4, 5, 3), 2, "bij,bkj->bik"),
    ((4, 2, 3), (4, 5, 3), -1, "bij,bkj->bik"),
    ((4, 3, 5), (4, 10, 3), (1, 2), "bij,bki->bjk"),
    ((4, 3), (4, 5, 3), (1, 2), "bi,bki->bk"),
    ((4, 2, 3, 5), (4, 3, 6), (2, 1), "bijk,bjl->bikl"),
]


@pytest.mark.parametrize(("first", "second", "axes", "rule"), DOTS)
@pytest.mark.parametrize("normalize", [False, True])
def test_dot(first, second, axes, rule, normalize):
    a, b = (x.astype(float) for x in draw(np.random.default_rng(0), first, second))
    found = nn.layers.Dot(axes, normalize=normalize, dtype="float64")([a, b])
    if normalize:
        pair = axes if isinstance(axes, tuple) else (axes, axes)
        a, b = (x / np.linalg.norm(x, axis=axis, keepdims=True) for x, axis in zip((a, b), pair, strict=True))
    expected = np.einsum(rule, a, b)
    np.testing.assert_allclose(found, expected[:, None] if expected.ndim == 1 else expected, rtol=1e-12)


def test_dot_of_what_does_not_fit():
    a, b = draw(np.random.default_rng(0), (4, 3), (4, 2))
    with pytest.raises(
        ShapeError, match=r"layer dot: shapes \[\(4, 3\), \(4, 2\)\] have no dot product along the axes"
    ):
        nn.layers.Dot(1)([a, b])
    with pytest.raises(ShapeError, match="no dot product"):
        nn.layers.Dot(5)([a, a])
    for axes in (0, (1, 0), (1, 2, 3), "last", 1.5):
        with pytest.raises(ArgumentError, match="axes must be one or two integers other than 0"):
            nn.layers.Dot(axes)


@pytest.mark.parametrize("name", [*RULES, "Subtract", "Concatenate"])
def test_what_is_no_list_of_tensors(name):
    layer = getattr(nn.layers, name)()
    x = nn.ones((2, 3))
    for wrong in (x, [], {"a": x, "b": x}):
        with pytest.raises(ArgumentError, match=f"layer {layer.name}: {name} takes a list of"):
            layer(wrong)


def test_shapes_that_do_not_broadcast_name_the_layer():
    with pytest.raises(ShapeError, match=r"layer sum: shapes \(2, 3\) and \(2, 4\) do not broadcast"):
        nn.layers.Add(name="sum")([nn.ones((2, 3)), nn.ones((2, 4))])
    with pytest.raises(ShapeError, match="cannot be joined along axis -1"):
        nn.layers.Concatenate()([nn.ones((2, 3, 1)), nn.ones((2, 4, 1))])
    with pytest.raises(ShapeError, match="cannot be joined along axis -1"):
        nn.layers.Concatenate()([nn.ones((2, 3, 1)), nn.ones((2, 4))])


def test_floats_of_layers_dtype_integers_as_they_are():
    ones = np.ones((2, 2))
    assert nn.layers.Add()([ones, ones.astype("float32")]).dtype == np.float32
    assert nn.layers.Add(dtype="float64")([ones, ones]).dtype == np.float64
    assert nn.layers.Add()([ones.astype("int32"), ones.astype("int32")]).dtype == np.int32
    assert nn.layers.Average()([ones.astype("int32"), ones.astype("int32")]).dtype == np.float32
    assert nn.layers.Concatenate()([[[1.0, 2.0]], nn.ones((1, 2))]).dtype == np.float32


def test_a_nan_comes_through():
    x = np.array([[np.nan, 1.0]], np.float32)
    for name in RULES:
        found = getattr(nn.layers, name)()([x, np.zeros((1, 2), np.float32)])
        assert np.isnan(found.numpy()).tolist() == [[True, False]]


def test_configurations_make_equal_layers():
    for layer in (nn.layers.Add(name="a"), nn.layers.Concatenate(axis=1), nn.layers.Dot((1, 2), normalize=True)):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
