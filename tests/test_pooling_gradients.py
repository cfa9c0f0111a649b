"""Gradients of pooling against their definitions: equal elements, NaN, gaps between windows and rests at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from tests.test_convolution import sizes_of


@pytest.fixture(params=["numba", "cython"], scope="module", autouse=True)
def backend(request):
    """Both compilers: C rounds quotients below zero differently, for one."""
    before, nn.config.backend = nn.config.backend, request.param
    try:
        nn.zeros(1) + 1
        yield
    except nn.errors.NumbanetError as missing:
        pytest.skip(f"{request.param} is not here: {missing}")
    finally:
        nn.config.backend = before


@st.composite
def poolings(draw):
    """Sizes and strides that overlap, touch or leave gaps, and inputs that windows do not fill."""
    rank = draw(st.integers(1, 3))
    several = st.lists(st.integers(1, 4), min_size=rank, max_size=rank).map(tuple)
    size, strides = draw(several), draw(several)
    padding = draw(st.sampled_from(["valid", "same"]))
    spatial = tuple(n + draw(st.integers(0, 4)) for n in size)
    return size, strides, padding, spatial


def windows(size, strides, padding, spatial):
    """Each window: its number along each axis, and the part of the input that it covers."""
    sizes, before = sizes_of(spatial, size, strides, padding)
    for at in np.ndindex(*sizes):
        axes = zip(at, size, strides, before, strict=True)
        yield at, tuple(slice(max(a * s - b, 0), a * s - b + k) for a, k, s, b in axes)


def slopes_of(function, x, g):
    """The gradient of a pooling of x, given that of its result."""
    with nn.GradientTape() as tape:
        x = nn.asarray(x)
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x, output_gradients=g).numpy()


@pytest.mark.parametrize(("size", "strides"), [(2, 2), (3, 2)])
def test_a_gradient_that_is_larger_than_caches_is_that_of_its_halves(size, strides):
    """It is written past them, but only whole lines are: channels fill them, or do not."""
    for channels in (16, 20):
        shape = (2, 300, 460, channels)  # 17 MB and more
        x = np.random.default_rng(channels).normal(size=shape).astype("f4")
        sides = [(side - size) // strides + 1 for side in shape[1:3]]
        g = np.random.default_rng(1).normal(size=(2, *sides, channels)).astype("f4")
        for pool in (nn.max_pool, nn.average_pool):
            whole, *halves = (
                slopes_of(lambda x, pool=pool: pool(x, size, strides), x[part], g[part])
                for part in (slice(None), slice(0, 1), slice(1, 2))
            )
            assert whole.tobytes() == b"".join(half.tobytes() for half in halves)


@given(st.sampled_from(["f4", "f8"]), st.sampled_from([1, 3, 20, 64]), st.integers(0, 999))
def test_infinities_of_both_signs_in_a_window_are_no_nan(dtype, channels, seed):
    rng = np.random.default_rng(seed)
    x = rng.choice([-np.inf, -1.0, 3.0, np.inf, np.nan], (2, 6, 6, channels), p=[0.3, 0.2, 0.2, 0.28, 0.02])
    x = x.astype(dtype)
    found = nn.max_pool(x, 3, 1).numpy()
    expected = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2)).max((-2, -1))
    assert np.array_equal(found, expected, equal_nan=True)


@given(poolings(), st.sampled_from(["f4", "f8"]), st.sampled_from([1, 5, 33]), st.integers(0, 999))
def test_the_first_largest_element_of_each_window_gets_its_gradient(pooling, dtype, channels, seed):
    size, strides, padding, spatial = pooling
    rng = np.random.default_rng(seed)
    x = rng.choice([-np.inf, -1.0, 0.0, 2.0, 2.0, np.nan], (2, *spatial, channels), p=[0.2] * 4 + [0.15, 0.05])
    sizes, _ = sizes_of(spatial, size, strides, padding)
    g = rng.integers(-9, 9, (2, *sizes, channels)).astype(dtype)
    expected = np.zeros(x.shape)
    for at, where in windows(*pooling):
        part, slopes = x[(slice(None), *where)], expected[(slice(None), *where)]
        for n, c in np.ndindex(2, channels):
            first = np.unravel_index(np.argmax(part[n, ..., c]), part.shape[1:-1])  # NaN is the largest
            slopes[(n, *first, c)] += g[(n, *at, c)]
    found = slopes_of(lambda x: nn.max_pool(x, size, strides, padding), x.astype(dtype), g)
    np.testing.assert_array_equal(found, expected)


@given(poolings(), st.sampled_from(["f4", "f8"]), st.sampled_from([1, 5, 33]), st.integers(0, 999))
def test_the_elements_of_each_window_share_the_gradient_of_its_mean(pooling, dtype, channels, seed):
    size, strides, padding, spatial = pooling
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, *spatial, channels)).astype(dtype)
    sizes, _ = sizes_of(spatial, size, strides, padding)
    g = rng.standard_normal((2, *sizes, channels)).astype(dtype)
    expected = np.zeros(x.shape)
    for at, where in windows(*pooling):
        part = expected[(slice(None), *where)]
        share = g[(slice(None), *at)] / np.prod(part.shape[1:-1])
        part += share.reshape(2, *(1,) * len(size), channels)
    found = slopes_of(lambda x: nn.average_pool(x, size, strides, padding), x, g)
    few = 1e-5 if dtype == "f4" else 1e-13
    np.testing.assert_allclose(found, expected, rtol=few, atol=few)


@given(st.data(), st.sampled_from(["f4", "f8"]), st.integers(1, 4), st.integers(0, 999))
def test_few_channels_are_pooled_as_among_many(data, dtype, few, seed):
    """Along the width where windows are two apart, but to the same bytes: of NaN, infinities and -0, too."""
    size, stride = data.draw(st.integers(1, 5)), data.draw(st.sampled_from([1, 2, 2, 3]))
    spatial = size + data.draw(st.integers(0, 2)), size + data.draw(st.integers(0, 75))
    padding = data.draw(st.sampled_from(["valid", "same"]))
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=(2, *spatial, 9)), 1)
    special = np.where(rng.random(x.shape) < 0.01, rng.choice([np.nan, np.inf, -np.inf, -0.0], x.shape), x)
    for pool, inputs in ((nn.max_pool, special), (nn.average_pool, x)):
        inputs = inputs.astype(dtype)
        many = pool(inputs, size, stride, padding).numpy()
        assert pool(inputs[..., :few], size, stride, padding).numpy().tobytes() == many[..., :few].tobytes()
        g = rng.choice([-0.0, -1.5, 2.0], many.shape).astype(dtype)
        slopes = [
            slopes_of(lambda x, pool=pool: pool(x, size, stride, padding), inputs[..., :c], g[..., :c])
            for c in (few, 9)
        ]
        assert slopes[0].tobytes() == slopes[1][..., :few].tobytes()
