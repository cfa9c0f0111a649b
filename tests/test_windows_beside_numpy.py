"""Layers with windows, of one, two and three axes, beside loops in NumPy in float64: values and all gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from tests.test_convolution import convolved, of_rank, sizes_of

SEEDS = st.integers(0, 999)
RANKS = pytest.mark.parametrize("rank", [1, 2, 3])


@st.composite
def windows(draw, rank):
    """Window, strides, dilation, padding and the sizes of an input that windows fit into."""
    several = st.tuples(*[st.integers(1, 3 if rank < 3 else 2)] * rank)
    window, strides, dilation = draw(several), draw(several), draw(several)
    strides, dilation = (strides, (1,) * rank) if draw(st.booleans()) else ((1,) * rank, dilation)
    spans = tuple((k - 1) * d + 1 for k, d in zip(window, dilation, strict=True))
    sizes = tuple(draw(st.integers(n, n + 2)) for n in spans)
    return window, strides, dilation, draw(st.sampled_from(["valid", "same"])), sizes


def gradients(layer, x, factors):
    """The gradients of sum(layer(x) * factors) by `x` and by the weights of the layer."""
    v = nn.Variable(x)
    with nn.GradientTape() as tape:
        total = nn.sum(layer(v) * factors)
    return [one.numpy() for one in tape.gradient(total, [v, *layer.weights])]


def places(outer, inner, window, strides, dilation, before):
    """Where elements of windows meet those of the larger side: (window, element of it, element of the larger side)."""
    for at in np.ndindex(*inner):
        for place in np.ndindex(*window):
            axes = zip(at, place, strides, dilation, before, strict=True)
            where = tuple(a * s + p * d - b for a, p, s, d, b in axes)
            if all(0 <= w < n for w, n in zip(where, outer, strict=True)):
                yield at, place, where


def kernel_gradient(larger, smaller, window, *moves):
    """The sum of products of what kernels lead from and to, (window, channels of the larger side, of the smaller)."""
    out = np.zeros((*window, larger.shape[-1], smaller.shape[-1]))
    for at, place, where in places(larger.shape[1:-1], smaller.shape[1:-1], window, *moves):
        out[place] += larger[(slice(None), *where)].T @ smaller[(slice(None), *at)]
    return out


def spread(g, kernel, outer, *moves):
    """Each element of `g` times the kernel, added up where it lies on the larger side."""
    out = np.zeros((g.shape[0], *outer, kernel.shape[-2]))
    for at, place, where in places(outer, g.shape[1:-1], kernel.shape[:-2], *moves):
        out[(slice(None), *where)] += g[(slice(None), *at)] @ kernel[place].T
    return out


@RANKS
@given(data=st.data(), extra=st.booleans(), seed=SEEDS)
def test_transposed_convolutions(rank, data, extra, seed):
    window, strides, dilation, padding, inner = data.draw(windows(rank))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *inner, 3))
    output_padding = tuple(s - 1 for s in strides) if extra else None
    layer = of_rank("Conv{}DTranspose", rank)(
        2, window, strides, padding, output_padding, None, dilation, dtype="float64", bias_initializer="random_normal"
    )
    y = layer(x, rng=0).numpy()
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    axes = zip(y.shape[1:-1], spans, strides, inner, strict=True)
    before = [0 if padding == "valid" else max((m - 1) * s + w - n, 0) // 2 for n, w, s, m in axes]
    moves, kernel = (strides, dilation, before), layer.kernel.numpy()
    wanted = spread(x, kernel, y.shape[1:-1], *moves) + layer.bias.numpy()
    np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-12)
    g = rng.normal(size=y.shape)
    expected = (
        convolved(g, kernel, *moves, inner),
        kernel_gradient(g, x, window, *moves),
        g.sum(axis=tuple(range(rank + 1))),
    )
    for found, one in zip(gradients(layer, x, g), expected, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("rank", [1, 2])
@given(data=st.data(), channels=st.integers(1, 3), multiplier=st.integers(1, 2), seed=SEEDS)
def test_depthwise_convolutions(rank, data, channels, multiplier, seed):
    window, strides, dilation, padding, spatial = data.draw(windows(rank))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, *spatial, channels))
    layer = of_rank("DepthwiseConv{}D", rank)(
        window, strides, padding, multiplier, dilation_rate=dilation, dtype="float64", bias_initializer="random_normal"
    )
    y, kernel = layer(x, rng=0).numpy(), layer.kernel.numpy()
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    sizes, before = sizes_of(spatial, spans, strides, padding)
    moves = strides, dilation, before
    parts = [(slice(c, c + 1), slice(c * multiplier, (c + 1) * multiplier)) for c in range(channels)]
    whole = np.concatenate([convolved(x[..., c], kernel[..., c, :], *moves, sizes) for c, _ in parts], axis=-1)
    np.testing.assert_allclose(y, whole + layer.bias.numpy(), rtol=1e-12, atol=1e-12)
    g = rng.normal(size=y.shape)
    by_x = [spread(g[..., f], kernel[..., c, :], spatial, *moves) for c, f in parts]
    by_kernel = [kernel_gradient(x[..., c], g[..., f], window, *moves) for c, f in parts]
    expected = np.concatenate(by_x, -1), np.concatenate(by_kernel, -2), g.sum(axis=tuple(range(rank + 1)))
    for found, one in zip(gradients(layer, x, g), expected, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-11, atol=1e-12)


@RANKS
@pytest.mark.parametrize("kind", ["Max", "Average"])
@given(data=st.data(), first=st.booleans(), seed=SEEDS)
def test_pooling(kind, rank, data, first, seed):
    size, strides, _, padding, spatial = data.draw(windows(rank))
    rng = np.random.default_rng(seed)
    x = rng.permutation(2 * np.prod(spatial, dtype=int) * 3).reshape(2, *spatial, 3).astype(float)
    sizes, before = sizes_of(spatial, size, strides, padding)
    g = rng.normal(size=(2, *sizes, 3))
    values, slopes = np.empty(g.shape), np.zeros(x.shape)
    for at in np.ndindex(*sizes):
        axes = zip(at, size, strides, before, strict=True)
        where = (slice(None), *[slice(max(a * s - b, 0), a * s - b + k) for a, k, s, b in axes])
        part, inside = x[where], tuple(range(1, rank + 1))
        whole = part.max(inside, keepdims=True) if kind == "Max" else part.mean(inside, keepdims=True)
        share = part == whole if kind == "Max" else np.full(part.shape, 1 / np.prod(part.shape[1:-1]))
        values[(slice(None), *at)] = whole.reshape(2, 3)
        slopes[where] += share * g[(slice(None), *at)].reshape(2, *(1,) * rank, 3)
    layer = of_rank(kind + "Pooling{}D", rank)(
        size, strides, padding, "channels_first" if first else None, dtype="float64"
    )
    turned = [np.moveaxis(one, -1, 1) if first else one for one in (x, g, values, slopes)]
    np.testing.assert_allclose(layer(turned[0]).numpy(), turned[2], rtol=1e-13)
    (found,) = gradients(layer, turned[0], turned[1])
    np.testing.assert_allclose(found, turned[3], rtol=1e-12, atol=1e-13)
