"""Convolutional and pooling layers: against sums of products over windows, in float64, and as parts of models."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from tests.test_shape_layers import assert_replays, assert_saved, data_of

L = nn.layers


def convolved(x, kernel, strides, dilation, before, sizes):
    """The definition, output by output; channels last, one group."""
    out = np.zeros((x.shape[0], *sizes, kernel.shape[-1]))
    for at in np.ndindex(*sizes):
        for place in np.ndindex(*kernel.shape[:-2]):
            axes = zip(at, place, strides, dilation, before, strict=True)
            where = tuple(a * s + p * d - b for a, p, s, d, b in axes)
            if all(0 <= w < n for w, n in zip(where, x.shape[1:-1], strict=True)):
                out[(slice(None), *at)] += x[(slice(None), *where)] @ kernel[place]
    return out


def sizes_of(spatial, windows, strides, padding):
    """How many windows there are along each axis, and the padding in front, as TensorFlow defines them."""
    if padding == "valid":
        return [(n - w) // s + 1 for n, w, s in zip(spatial, windows, strides, strict=True)], [0] * len(spatial)
    sizes = [-(-n // s) for n, s in zip(spatial, strides, strict=True)]
    if padding == "causal":
        return sizes, [w - 1 for w in windows]
    axes = zip(spatial, windows, strides, sizes, strict=True)
    return sizes, [max((many - 1) * s + w - n, 0) // 2 for n, w, s, many in axes]


@st.composite
def geometries(draw):
    rank = draw(st.integers(1, 3))
    several = st.lists(st.integers(1, 3), min_size=rank, max_size=rank).map(tuple)
    kernel, strides, dilation = draw(several), draw(several), draw(several)
    if draw(st.booleans()):
        strides = (1,) * rank
    else:
        dilation = (1,) * rank
    padding = draw(st.sampled_from(["valid", "same", *(["causal"] if rank == 1 else [])]))
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    least = spans if padding == "valid" else [1] * rank
    spatial = tuple(draw(st.integers(n, n + 4)) for n in least)
    return kernel, strides, dilation, padding, spatial, spans


def of_rank(name, rank):
    return getattr(L, name.format(rank))


@given(geometries(), st.integers(1, 3), st.sampled_from([1, 2]), st.booleans(), st.integers(0, 999))
def test_convolutions_are_sums_of_products_over_windows(geometry, channels, groups, first, seed):
    kernel, strides, dilation, padding, spatial, spans = geometry
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *spatial, channels * groups))
    layer = of_rank("Conv{}D", len(kernel))(
        2 * groups, kernel, strides, padding, "channels_first" if first else None, dilation, groups, "tanh",
        dtype="float64", bias_initializer="random_normal",
    )  # fmt: skip
    y = layer(np.moveaxis(x, -1, 1) if first else x, rng=0).numpy()
    sizes, before = sizes_of(spatial, spans, strides, padding)
    weights = layer.kernel.numpy()
    parts = zip(np.split(x, groups, -1), np.split(weights, groups, -1), strict=True)
    expected = np.concatenate([convolved(a, w, strides, dilation, before, sizes) for a, w in parts], -1)
    expected = np.tanh(expected + layer.bias.numpy())
    np.testing.assert_allclose(np.moveaxis(y, 1, -1) if first else y, expected, rtol=1e-12, atol=1e-12)
    shape = (None, *(np.moveaxis(x, -1, 1) if first else x).shape[1:])
    assert layer.compute_output_shape(shape) == (None, *y.shape[1:])


@given(geometries(), st.integers(1, 2), st.integers(0, 999))
def test_gradients_of_convolutions(geometry, channels, seed):
    kernel, strides, dilation, padding, spatial, _ = geometry
    rng = np.random.default_rng(seed)
    x, weights = rng.normal(size=(2, *spatial, channels)), rng.normal(size=(*kernel, channels, 2))

    def f(x, w):
        return nn.conv(x, w, strides, padding, None, dilation)

    nn.testing.check_grad(f, x, weights)


@given(geometries(), st.integers(1, 2), st.integers(0, 999))
def test_second_derivatives_of_convolutions(geometry, channels, seed):
    kernel, strides, dilation, padding, spatial, _ = geometry
    rng = np.random.default_rng(seed)
    x, weights = rng.normal(size=(1, *spatial, channels)), rng.normal(size=(*kernel, channels, 2))

    def slope(x, w):
        return nn.grad(lambda x: nn.sum(nn.conv(x, w, strides, padding, None, dilation) ** 2))(x)

    nn.testing.check_grad(slope, x, weights)


@given(geometries(), st.integers(0, 999), st.sampled_from([None, 0, 1]))
def test_a_transposed_convolution_is_the_transposed_matrix(geometry, seed, extra):
    """<conv(u), x> = <u, conv_transpose(x)> for the convolution that leads the other way."""
    kernel, strides, dilation, padding, inner, spans = geometry
    padding = "valid" if padding == "causal" else padding
    if extra is not None and extra >= min(strides):
        extra = 0
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *inner, 3))
    layer = of_rank("Conv{}DTranspose", len(kernel))(
        2, kernel, strides, padding, extra, None, dilation, dtype="float64", use_bias=False
    )
    y = layer(x, rng=0).numpy()
    assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *y.shape[1:])
    u = rng.normal(size=y.shape)
    axes = zip(y.shape[1:-1], spans, strides, inner, strict=True)
    before = [0 if padding == "valid" else max((n - 1) * s + w - m, 0) // 2 for m, w, s, n in axes]
    back = convolved(u, layer.kernel.numpy(), strides, dilation, before, inner)
    np.testing.assert_allclose(np.sum(y * u), np.sum(x * back), rtol=1e-9, atol=1e-9)


@given(geometries(), st.integers(1, 3), st.integers(1, 2), st.integers(0, 999))
def test_depthwise_and_separable_convolutions(geometry, channels, multiplier, seed):
    kernel, strides, dilation, padding, spatial, spans = geometry
    if len(kernel) == 3 or padding == "causal":
        kernel, strides, dilation, spatial, spans = (a[:1] for a in geometry[:3] + geometry[4:])
        padding = "same"
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *spatial, channels))
    sizes, before = sizes_of(spatial, spans, strides, padding)
    how = {"strides": strides, "padding": padding, "dilation_rate": dilation, "dtype": "float64"}
    depthwise = of_rank("DepthwiseConv{}D", len(kernel))(kernel, depth_multiplier=multiplier, **how)
    separable = of_rank("SeparableConv{}D", len(kernel))(4, kernel, depth_multiplier=multiplier, **how)
    y, z = depthwise(x, rng=0).numpy(), separable(x, rng=0).numpy()
    for weights, found, after in (
        (depthwise.kernel.numpy(), y, None),
        (separable.depthwise_kernel.numpy(), z, separable.pointwise_kernel.numpy()),
    ):
        parts = [
            convolved(x[..., [c]], weights[..., [c], :], strides, dilation, before, sizes) for c in range(channels)
        ]
        expected = np.concatenate(parts, -1)
        expected = expected if after is None else expected @ after.reshape(after.shape[-2:])
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@given(geometries(), st.booleans(), st.integers(0, 999))
def test_pooling_takes_the_largest_or_the_mean_of_each_window(geometry, first, seed):
    size, strides, _, padding, spatial, _ = geometry
    padding = "same" if padding == "causal" else padding
    spatial = tuple(map(max, spatial, size))
    rng = np.random.default_rng(seed)
    x = rng.permutation(2 * np.prod(spatial, dtype=int) * 3).reshape(2, *spatial, 3).astype(float)
    sizes, before = sizes_of(spatial, size, strides, padding)
    for name, reduce, function in (("Max", np.max, nn.max_pool), ("Average", np.mean, nn.average_pool)):
        layer = of_rank(name + "Pooling{}D", len(size))(size, strides, padding, "channels_first" if first else None)
        y = layer(np.moveaxis(x, -1, 1) if first else x).numpy()
        expected = np.empty((2, *sizes, 3))
        for at in np.ndindex(*sizes):
            axes = zip(at, size, strides, before, strict=True)
            window = tuple(slice(max(a * s - b, 0), a * s - b + k) for a, k, s, b in axes)
            expected[(slice(None), *at)] = reduce(x[(slice(None), *window)], axis=tuple(range(1, x.ndim - 1)))
        np.testing.assert_allclose(np.moveaxis(y, 1, -1) if first else y, expected, rtol=1e-6)
        nn.testing.check_grad(
            lambda x, f=function: f(x, size, strides, padding), x / 4
        )  # far enough apart for differences
        whole = of_rank("Global" + name + "Pooling{}D", len(size))(dtype="float64", keepdims=first)
        np.testing.assert_allclose(
            whole(x).numpy(), reduce(x, axis=tuple(range(1, x.ndim - 1)), keepdims=first), rtol=1e-12
        )


def test_the_first_of_equal_elements_gets_the_gradient_of_a_maximum():
    x = nn.Variable(np.zeros((1, 4, 1)))
    with nn.GradientTape() as tape:
        y = nn.sum(nn.max_pool(x, 3, 1) * np.array([[[1.0], [10.0]]]))
    np.testing.assert_array_equal(tape.gradient(y, x).numpy()[0, :, 0], [1, 10, 0, 0])


def test_nan_is_the_largest_and_gets_the_gradient():
    x = nn.asarray([[[1.0], [np.nan], [3.0], [np.nan]]])
    y, slopes = nn.value_and_grad(lambda x: nn.sum(nn.max_pool(x, 4)))(x)
    assert np.isnan(y.item())
    np.testing.assert_array_equal(slopes.numpy()[0, :, 0], [0, 1, 0, 0])


def test_windows_of_many_elements_are_counted_beyond_a_byte():
    x = np.arange(300.0, dtype="f4").reshape(1, 300, 1)
    slopes = nn.grad(lambda x: nn.sum(nn.max_pool(x, 300)))(x).numpy()
    assert slopes[0, -1, 0] == 1 == slopes.sum()


@pytest.mark.parametrize("samples", [0, 1])
def test_no_samples_give_no_outputs_and_gradients_of_zero(samples):
    x, kernel = np.ones((samples, 5, 4, 2), "f4"), np.ones((3, 2, 2, 3), "f4")
    with nn.GradientTape() as tape:
        x, kernel = nn.asarray(x), nn.asarray(kernel)
        tape.watch([x, kernel])
        y = nn.max_pool(nn.conv(x, kernel, padding="same"), 2)
        z = nn.sum(nn.average_pool(y, (2, 2), padding="same"))
    slopes = tape.gradient(z, [x, kernel])
    assert y.shape == (samples, 2, 2, 3)
    assert [g.shape for g in slopes] == [x.shape, kernel.shape]
    assert bool(nn.sum(nn.abs(slopes[1])) > 0) == bool(samples)


def test_integers_become_float32():
    y = nn.conv(np.arange(8, dtype=np.uint8).reshape(1, 8, 1), np.ones((2, 1, 1), np.int64))
    assert y.dtype == "float32"
    np.testing.assert_array_equal(y.numpy()[0, :, 0], np.arange(7) * 2 + 1)


MODELS = {
    "images": (
        lambda: [
            L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D(2), L.Conv2D(4, 2, padding="same", strides=2),
            L.AveragePooling2D(2, padding="same"), L.Flatten(),
        ],
        (9, 8, 2),
    ),
    "sequences": (
        lambda: [
            L.Conv1D(4, 3, padding="causal", dilation_rate=2, kernel_regularizer="l2"), L.MaxPooling1D(2),
            L.SeparableConv1D(3, 2, depth_multiplier=2), L.GlobalAveragePooling1D(),
        ],
        (10, 3),
    ),
    "volumes": (lambda: [L.Conv3D(2, 2, groups=2), L.AveragePooling3D(2), L.GlobalMaxPooling3D()], (5, 5, 5, 2)),
    "transposed": (
        lambda: [
            L.Conv2DTranspose(2, 3, strides=2, padding="same", activation="relu"), L.DepthwiseConv2D(3),
            L.GlobalMaxPooling2D(),
        ],
        (3, 4, 2),
    ),
    "channels first": (
        lambda: [
            L.Conv2D(3, 2, data_format="channels_first"), L.MaxPooling2D(2, data_format="channels_first"),
            L.Flatten(),
        ],
        (2, 6, 5),
    ),
}  # fmt: skip


@pytest.mark.needs_compiled("replayed steps are compiled")
@pytest.mark.parametrize("name", MODELS)
def test_models_replay_their_steps_and_are_saved(name, tmp_path):
    make, shape = MODELS[name]
    model = assert_replays(make, shape)
    assert_saved(model, tmp_path, data_of(shape)[0])


BAD = {
    "channels": (lambda: nn.conv(np.ones((1, 5, 3)), np.ones((2, 2, 1))), ShapeError, "do not fit"),
    "groups": (lambda: nn.conv(np.ones((1, 5, 4)), np.ones((2, 2, 3))), ShapeError, "groups"),
    "axes of the kernel": (lambda: nn.conv(np.ones((1, 5, 3)), np.ones((2, 3))), ShapeError, "kernel of 3 axes"),
    "axes": (lambda: nn.conv(np.ones((5, 3)), np.ones((3, 2))), ShapeError, "axes between them"),
    "large window": (lambda: nn.conv(np.ones((1, 4, 1)), np.ones((5, 1, 1))), ShapeError, "do not fit into an input"),
    "large pool": (lambda: nn.max_pool(np.ones((1, 4, 1)), 5), ShapeError, "do not fit into an input"),
    "empty kernel": (lambda: nn.conv(np.ones((1, 4, 1)), np.ones((0, 1, 1))), ShapeError, "none of size 0"),
    "padding": (lambda: nn.conv(np.ones((1, 4, 1)), np.ones((1, 1, 1)), padding="full"), ArgumentError, "padding"),
    "causal": (lambda: L.Conv2D(1, 1, padding="causal"), ArgumentError, "padding must be"),
    "strides": (lambda: L.Conv2D(1, 1, strides=0), ArgumentError, "strides must be a positive integer"),
    "three strides": (lambda: L.Conv2D(1, 1, strides=(1, 1, 1)), ArgumentError, "2 of them"),
    "both steps": (lambda: L.Conv2D(1, 1, strides=2, dilation_rate=2), ArgumentError, "cannot both"),
    "filters of groups": (lambda: L.Conv1D(3, 1, groups=2), ArgumentError, "do not divide"),
    "channels of groups": (lambda: L.Conv1D(4, 1, groups=2)(np.ones((1, 4, 3))), ShapeError, "do not divide"),
    "no image": (lambda: L.Conv2D(1, 1)(np.ones((1, 4, 3))), ShapeError, "samples, height, width, channels"),
    "small image": (lambda: L.Conv2D(1, 5)(np.ones((1, 4, 9, 1))), ShapeError, "layer conv2d"),
    "small pooled image": (lambda: L.MaxPooling2D(5)(np.ones((1, 4, 9, 1))), ShapeError, "layer max_pooling2d"),
    "output padding": (lambda: L.Conv1DTranspose(1, 3, 2, output_padding=2), ArgumentError, "output_padding"),
    "format": (lambda: L.MaxPooling1D(data_format="first"), ArgumentError, "data_format"),
    "float size": (lambda: L.Conv1D(1, 2.5), (ArgumentError, DTypeError), "kernel_size"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_by_name(name):
    call, kind, message = BAD[name]
    with pytest.raises(kind, match=message):
        call()


def test_a_built_layer_refuses_other_channels():
    layer = L.Conv2D(2, 2, data_format="channels_first")
    layer(np.ones((1, 3, 4, 5)))
    layer(np.ones((1, 3, 6, 7)))  # other sizes are no matter
    with pytest.raises(ShapeError, match="built for inputs of 3 channels"):
        layer(np.ones((1, 4, 4, 5)))


@pytest.mark.parametrize("given", [np.int64(1), np.asarray(1), nn.asarray(1), [1], (np.int32(1),), nn.asarray([1])])
def test_output_padding_may_be_any_integer(given):
    assert nn.conv_transpose(np.ones((1, 2, 1)), np.ones((2, 1, 1)), 2, output_padding=given).shape == (1, 5, 1)


@pytest.mark.parametrize("given", [1.5, np.float64(1), nn.asarray(1.0), True, "a", [1.0], 2, -1, (1, 1)])
def test_output_padding_that_is_none_is_named(given):
    with pytest.raises(ArgumentError, match="output_padding"):
        nn.conv_transpose(np.ones((1, 2, 1)), np.ones((2, 1, 1)), 2, output_padding=given)


def test_all_steps_of_a_separable_convolution_compute_in_the_dtype_of_the_result():
    rng = np.random.default_rng(0)
    x, first, second = rng.random((1, 4, 2)), rng.random((3, 2, 2)), rng.random((1, 4, 3))
    expected = nn.separable_conv(*[a.astype("f4").astype("f8") for a in (x, first, second)]).numpy()
    for wide in range(3):
        operands = [a.astype("f4").astype("f8" if i == wide else "f4") for i, a in enumerate((x, first, second))]
        np.testing.assert_array_equal(nn.separable_conv(*operands).numpy(), expected)
