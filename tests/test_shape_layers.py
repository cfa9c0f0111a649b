"""Layers that move, repeat, pad, crop, scale and rectify: against NumPy, with gradients, replays and files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, SettingError, ShapeError
from tests.layer_checks import assert_replays, assert_saved, data_of

L = nn.layers
FORMATS = ("channels_last", "channels_first")
SIZES = st.integers(1, 4)
MARGIN = st.tuples(st.integers(0, 3), st.integers(0, 3))


def images(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def spatial_shape(sizes, data_format):
    return (2, *sizes, 3) if data_format == "channels_last" else (2, 3, *sizes)


def of_dimensions(pairs, data_format):
    """The pairs of all dimensions, given those of the spatial ones."""
    none = ((0, 0),)
    return none + pairs + none if data_format == "channels_last" else none + none + pairs


@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=4), channels_first=st.booleans(), seed=st.integers(0, 99))
def test_flatten(sizes, channels_first, seed):
    x, factors = images((2, *sizes), seed), images((2, np.prod(sizes)), seed + 1)
    layer, v = L.Flatten(FORMATS[channels_first], dtype="float64"), nn.Variable(x)
    with nn.GradientTape() as tape:
        y = layer(v)
        total = nn.sum(y * factors)
    moved = np.moveaxis(x, 1, -1) if channels_first else x
    np.testing.assert_array_equal(y.numpy(), moved.reshape(2, -1) if x.size else np.zeros(factors.shape))
    expected = factors.reshape(moved.shape)
    expected = np.moveaxis(expected, -1, 1) if channels_first else expected
    np.testing.assert_array_equal(tape.gradient(total, v).numpy(), expected)
    assert layer.compute_output_shape((None, *sizes)) == (None, factors.shape[1])
    assert L.Flatten(**layer.get_config()).data_format == FORMATS[channels_first]


def test_flatten_replays_and_is_saved(tmp_path):
    def make():
        return [L.Conv2D(2, 2, data_format="channels_first"), L.Flatten("channels_first")]

    model = assert_replays(make, (3, 4, 5))
    assert_saved(model, tmp_path, data_of((3, 4, 5))[0])
    with pytest.raises(ArgumentError, match="data_format"):
        L.Flatten("first")


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("ndim", [1, 2, 3])
class TestMargins:
    @given(st.data())
    def test_padding(self, ndim, data_format, data):
        sizes = data.draw(st.tuples(*[SIZES] * ndim))
        pairs = data.draw(st.tuples(*[MARGIN] * ndim))
        x = images(spatial_shape(sizes, data_format))
        kind = (L.ZeroPadding1D, L.ZeroPadding2D, L.ZeroPadding3D)[ndim - 1]
        layer = kind(pairs[0] if ndim == 1 else pairs, data_format, dtype="float64")
        expected = np.pad(x, of_dimensions(pairs, data_format))
        np.testing.assert_array_equal(layer(x).numpy(), expected)
        assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *expected.shape[1:])

    @given(st.data())
    def test_cropping(self, ndim, data_format, data):
        if ndim == 1:
            data_format = "channels_last"  # Cropping1D knows no other
        pairs = data.draw(st.tuples(*[MARGIN] * ndim))
        left = data.draw(st.tuples(*[SIZES] * ndim))
        x = images(spatial_shape([n + sum(pair) for n, pair in zip(left, pairs, strict=True)], data_format))
        kind = (L.Cropping1D, L.Cropping2D, L.Cropping3D)[ndim - 1]
        given_format = {} if ndim == 1 else {"data_format": data_format}
        layer = kind(pairs[0] if ndim == 1 else pairs, **given_format, dtype="float64")
        whole = of_dimensions(pairs, data_format)
        expected = x[tuple(slice(a, n - b) for (a, b), n in zip(whole, x.shape, strict=True))]
        np.testing.assert_array_equal(layer(x).numpy(), expected)
        assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *expected.shape[1:])

    @given(st.data())
    def test_repeated_by_upsampling(self, ndim, data_format, data):
        if ndim == 1:
            data_format = "channels_last"
        sizes, factors = data.draw(st.tuples(*[SIZES] * ndim)), data.draw(st.tuples(*[SIZES] * ndim))
        x = images(spatial_shape(sizes, data_format))
        kind = (L.UpSampling1D, L.UpSampling2D, L.UpSampling3D)[ndim - 1]
        given_format = {} if ndim == 1 else {"data_format": data_format}
        layer = kind(factors[0] if ndim == 1 else factors, **given_format, dtype="float64")
        expected = x
        for axis, factor in enumerate(factors, 1 if data_format == "channels_last" else 2):
            expected = np.repeat(expected, factor, axis)
        np.testing.assert_array_equal(layer(x).numpy(), expected)
        assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *expected.shape[1:])


def interpolated(row, factor):
    """A row of numbers at the centres of squares, and of `factor` times as many smaller ones."""
    n = len(row)
    return np.interp((np.arange(n * factor) + 0.5) / factor, np.arange(n) + 0.5, row)


@pytest.mark.parametrize("data_format", FORMATS)
@given(st.tuples(SIZES, SIZES), st.tuples(SIZES, SIZES))
def test_bilinear_upsampling(data_format, sizes, factors):
    x = images(spatial_shape(sizes, data_format))
    layer = L.UpSampling2D(factors, data_format, "bilinear", dtype="float64")
    expected = x
    for axis, factor in enumerate(factors, 1 if data_format == "channels_last" else 2):
        expected = np.apply_along_axis(interpolated, axis, expected, factor)
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-12, atol=1e-14)
    assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *expected.shape[1:])


@given(st.permutations([1, 2, 3]))
def test_permute(dims):
    x = images((2, 3, 4, 5))
    layer = L.Permute(dims, dtype="float64")
    expected = np.transpose(x, (0, *dims))
    np.testing.assert_array_equal(layer(x).numpy(), expected)
    assert layer.compute_output_shape((None, 3, 4, 5)) == (None, *expected.shape[1:])


def test_repeat_vector():
    x = images((3, 4))
    np.testing.assert_array_equal(L.RepeatVector(5, dtype="float64")(x).numpy(), np.repeat(x[:, None], 5, axis=1))
    assert L.RepeatVector(5).compute_output_shape((None, 4)) == (None, 5, 4)


def test_identity_returns_what_it_gets():
    x = nn.asarray(images((3, 4)).astype(np.float32))
    assert L.Identity()(x) is x


@pytest.mark.parametrize(
    ("scale", "offset"),
    [(0.5, 0.0), (2, -1), ([1.0, 2.0, 3.0], 0.5), (np.float32(0.5), np.arange(3)), (1, [[1, 2, 3]])],
)
def test_rescaling(scale, offset):
    x = images((4, 3))
    expected = x * np.asarray(scale, float) + np.asarray(offset, float)
    np.testing.assert_allclose(L.Rescaling(scale, offset, dtype="float64")(x).numpy(), expected, rtol=1e-15)
    pixels = np.arange(12, dtype=np.uint8).reshape(4, 3)
    found = L.Rescaling(scale, offset)(pixels)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.numpy(), pixels * np.asarray(scale, float) + np.asarray(offset, float), rtol=1e-6)


@given(
    st.none() | st.floats(0, 3), st.floats(0, 2), st.floats(0, 2),
    st.lists(st.floats(-4, 4) | st.sampled_from([np.inf, -np.inf, np.nan]), min_size=1, max_size=9),
)  # fmt: skip
def test_relu(max_value, slope, threshold, values):
    x = np.array([values])
    with np.errstate(invalid="ignore"):
        below = slope * (x - threshold) if slope else np.zeros_like(x)
        expected = np.where(x <= threshold, below, x if max_value is None else np.minimum(x, max_value))
    layer = L.ReLU(max_value, slope, threshold, dtype="float64")
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-12)


def test_slopes_below_zero():
    x = images((5, 3))
    np.testing.assert_allclose(L.LeakyReLU(0.2, dtype="float64")(x).numpy(), np.where(x > 0, x, 0.2 * x))
    np.testing.assert_allclose(L.ELU(0.7, dtype="float64")(x).numpy(), np.where(x > 0, x, 0.7 * np.expm1(x)))
    assert (L.LeakyReLU().negative_slope, L.ELU().alpha) == (0.3, 1.0)


@pytest.mark.parametrize(
    ("axes", "shape"), [(None, (4, 5, 3)), ((1, 2), (1, 1, 3)), ([3], (4, 5, 1)), (2, (4, 1, 3)), ((), (4, 5, 3))]
)
def test_prelu(axes, shape):
    x = images((2, 4, 5, 3))
    layer = L.PReLU("glorot_uniform", shared_axes=axes, dtype="float64")
    found = layer(x, rng=0)
    assert layer.alpha.shape == shape
    assert layer.weights[0].name == "p_re_lu/alpha"
    np.testing.assert_allclose(found.numpy(), np.where(x > 0, x, layer.alpha.numpy() * x))


def test_prelu_holds_samples_to_the_shape_that_it_was_built_for():
    layer = L.PReLU(shared_axes=(1,))
    layer(np.ones((2, 4, 3)))
    assert layer(np.ones((2, 9, 3))).shape == (2, 9, 3)  # that size is shared
    for wrong in ((2, 4, 1), (2, 4), (2, 3)):
        with pytest.raises(ShapeError, match="built for inputs of shape"):
            layer(np.ones(wrong))
    with pytest.raises(SettingError, match="shared_axes cannot change"):
        layer.shared_axes = None


GRADIENTS = {
    "ZeroPadding2D": (lambda: L.ZeroPadding2D(((1, 0), (2, 1)), dtype="float64"), (2, 2, 3, 2)),
    "Cropping2D": (lambda: L.Cropping2D(((1, 0), (0, 1)), dtype="float64"), (2, 3, 3, 2)),
    "UpSampling3D": (lambda: L.UpSampling3D((2, 1, 3), dtype="float64"), (1, 2, 2, 1, 2)),
    "bilinear": (lambda: L.UpSampling2D((2, 3), None, "bilinear", dtype="float64"), (1, 2, 3, 2)),
    "Permute": (lambda: L.Permute((2, 1), dtype="float64"), (2, 2, 3)),
    "RepeatVector": (lambda: L.RepeatVector(3, dtype="float64"), (2, 3)),
    "Rescaling": (lambda: L.Rescaling([2.0, 0.5], 1.0, dtype="float64"), (3, 2)),
    "ReLU": (lambda: L.ReLU(1.0, 0.2, 0.25, dtype="float64"), (3, 4)),
    "LeakyReLU": (lambda: L.LeakyReLU(dtype="float64"), (3, 4)),
    "ELU": (lambda: L.ELU(dtype="float64"), (3, 4)),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    make, shape = GRADIENTS[name]
    x = images(shape)
    for kink in (0.0, 0.25, 1.0):
        x = np.where(np.abs(x - kink) < 0.05, x + 0.1, x)
    nn.testing.check_grad(make(), x, order=2)


def test_gradients_of_prelu_by_its_slopes():
    x = images((3, 4))
    x = np.where(np.abs(x) < 0.05, 0.2, x)
    nn.testing.check_grad(nn.leaky_relu, x, images((1, 4), 1), order=2)
    layer = L.PReLU("uniform", dtype="float64")
    with nn.GradientTape() as tape:
        total = nn.sum(layer(x, rng=0))
    np.testing.assert_allclose(tape.gradient(total, layer.alpha).numpy(), np.minimum(x, 0).sum(axis=0))


PARTS = {
    "ZeroPadding1D": (lambda: [L.ZeroPadding1D((0, 2))], (3, 2)),
    "ZeroPadding2D": (lambda: [L.ZeroPadding2D(1, "channels_first")], (2, 3, 3)),
    "ZeroPadding3D": (lambda: [L.ZeroPadding3D((1, 0, 2))], (2, 2, 2, 1)),
    "Cropping1D": (lambda: [L.Cropping1D(1)], (4, 2)),
    "Cropping2D": (lambda: [L.Cropping2D((1, 0))], (4, 2, 3)),
    "Cropping3D": (lambda: [L.Cropping3D()], (3, 4, 3, 2)),
    "UpSampling1D": (lambda: [L.UpSampling1D(3)], (3, 2)),
    "UpSampling2D": (lambda: [L.UpSampling2D((1, 2))], (3, 2, 2)),
    "bilinear": (lambda: [L.UpSampling2D(2, "channels_first", "bilinear")], (2, 3, 4)),
    "UpSampling3D": (lambda: [L.UpSampling3D()], (2, 2, 1, 2)),
    "Permute": (lambda: [L.Permute((3, 1, 2))], (2, 3, 4)),
    "RepeatVector": (lambda: [L.RepeatVector(2)], (3,)),
    "Rescaling": (lambda: [L.Rescaling([0.5, 1.0, 2.0], -1.0)], (4, 3)),
    "Identity": (lambda: [L.Identity()], (3,)),
    "ReLU": (lambda: [L.ReLU(6.0, 0.1, 0.5)], (5,)),
    "LeakyReLU": (lambda: [L.LeakyReLU(0.1)], (5,)),
    "ELU": (lambda: [L.ELU(0.5)], (5,)),
    "PReLU": (lambda: [L.Dense(4), L.PReLU("uniform", "l2")], (5,)),
    "PReLU of images": (lambda: [L.PReLU("uniform", shared_axes=(1, 2))], (3, 3, 2)),
}


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("name", PARTS)
def test_replays_and_files(name, tmp_path):
    make, shape = PARTS[name]
    model = assert_replays(make, shape)
    assert_saved(model, tmp_path, data_of(shape)[0])


def test_they_are_layers_of_functional_models():
    x = nn.Input((4, 6, 3))
    y = L.PReLU(shared_axes=(1, 2))(L.UpSampling2D(2)(L.Cropping2D(1)(L.ZeroPadding2D(2)(x))))
    model = nn.Model(x, L.Permute((3, 1, 2))(L.Rescaling(0.5)(y)))
    assert model(np.ones((2, 4, 6, 3))).shape == (2, 3, 12, 16)


WRONG = {
    "padding below zero": (lambda: L.ZeroPadding2D(-1), "padding must be an integer of at least 0"),
    "padding of three": (lambda: L.ZeroPadding2D((1, 2, 3)), "got (1, 2, 3)"),
    "padding 1.5": (lambda: L.ZeroPadding1D(1.5), "padding must be an integer of at least 0 or two of them"),
    "padding True": (lambda: L.ZeroPadding1D(True), "got True"),
    "padding None": (lambda: L.ZeroPadding3D(None), "got None"),
    "padding of words": (lambda: L.ZeroPadding2D("ab"), "got 'ab'"),
    "a pair of pairs for one": (lambda: L.Cropping1D(((1, 1), (1, 1))), "cropping must be an integer"),
    "cropping below zero": (lambda: L.Cropping3D(((1, 1), (1, -1), (0, 0))), "cropping must be an integer"),
    "no size": (lambda: L.UpSampling1D(0), "size must be a positive integer"),
    "size of pairs": (lambda: L.UpSampling2D((2, 2, 2)), "size must be a positive integer or 2 of them"),
    "size 1.5": (lambda: L.UpSampling3D((1.5, 1, 1)), "got (1.5, 1, 1)"),
    "cubic": (lambda: L.UpSampling2D(interpolation="bicubic"), "'nearest' or 'bilinear', got 'bicubic'"),
    "format": (lambda: L.ZeroPadding2D(data_format="NHWC"), "'channels_last' or 'channels_first', got 'NHWC'"),
    "dims from 0": (lambda: L.Permute((0, 1)), "counted from 1"),
    "dims twice": (lambda: L.Permute((1, 1)), "once each"),
    "no dims": (lambda: L.Permute(()), "once each"),
    "n": (lambda: L.RepeatVector(0), "n must be a positive integer"),
    "scale": (lambda: L.Rescaling([1.0, np.nan]), "scale must be a finite number or an array"),
    "scale word": (lambda: L.Rescaling("2"), "scale must be a finite number"),
    "offset": (lambda: L.Rescaling(1.0, [[1.0], [2.0, 3.0]]), "offset must be a finite number"),
    "max": (lambda: L.ReLU(-1.0), "max_value must be a finite number, at least 0"),
    "slope": (lambda: L.ReLU(negative_slope=-1.0), "negative_slope must be a finite number, at least 0"),
    "threshold": (lambda: L.ReLU(threshold=np.nan), "threshold must be"),
    "leak": (lambda: L.LeakyReLU(None), "negative_slope must be a finite number"),
    "elu": (lambda: L.ELU("a"), "alpha must be a finite number"),
    "shared": (lambda: L.PReLU(shared_axes=(0, 1)), "counted from 1"),
    "initializer": (lambda: L.PReLU("zeross"), "zeros"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_are_named(name):
    make, message = WRONG[name]
    with pytest.raises(ArgumentError) as caught:
        make()
    assert message in str(caught.value)


UNFIT = {
    "pad": (lambda: L.ZeroPadding2D(), (2, 3, 4), "needs inputs (samples, height, width, channels), got shape"),
    "crop": (lambda: L.Cropping1D(), (2, 3), "needs inputs (samples, steps, channels)"),
    "up": (lambda: L.UpSampling3D(), (2, 3, 4, 5), "needs inputs (samples, depth, height, width, channels)"),
    "first": (lambda: L.UpSampling2D(2, "channels_first"), (2, 3), "(samples, channels, height, width)"),
    "nothing left": (lambda: L.Cropping2D(2), (2, 4, 9, 1), "leaves nothing of inputs of shape (2, 4, 9, 1)"),
    "dims": (lambda: L.Permute((2, 1)), (2, 3), "dims (2, 1) need samples of 2 dimensions"),
    "vectors": (lambda: L.RepeatVector(2), (2, 3, 4), "needs inputs (samples, features)"),
    "wider": (lambda: L.Rescaling([1.0, 2.0]), (3, 1), "must broadcast to inputs of shape (3, 1)"),
    "does not broadcast": (lambda: L.Rescaling([1.0, 2.0]), (3, 3), "do not broadcast"),
    "axes": (lambda: L.PReLU(shared_axes=2), (2, 3), "need more dimensions"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_inputs_that_do_not_fit_are_named(name):
    make, shape, message = UNFIT[name]
    with pytest.raises(ShapeError) as caught:
        make()(np.ones(shape))
    assert message in str(caught.value)


def test_numbers_of_all_kinds_are_settings():
    one = np.array(1)
    assert L.ZeroPadding2D([np.int64(1), (one, 2)]).get_config()["padding"] == [[1, 1], [1, 2]]
    assert L.UpSampling2D(np.int8(2)).get_config()["size"] == [2, 2]
    assert L.Rescaling(nn.asarray([1.0, 2.0])).get_config()["scale"] == [1.0, 2.0]


def test_names_are_those_of_keras():
    names = {L.ReLU: "re_lu", L.ELU: "elu", L.UpSampling2D: "up_sampling2d", L.ZeroPadding1D: "zero_padding1d"}
    assert [kind().name for kind in names] == [*names.values()]


@pytest.mark.parametrize("shape", [(-2, 3), (-1, -1), (3, -4)])
def test_sizes_of_reshape_that_are_negative_are_refused_at_once(shape):
    with pytest.raises(ArgumentError, match="layer reshape: target_shape must have sizes of at least 0"):
        nn.layers.Reshape(shape)
