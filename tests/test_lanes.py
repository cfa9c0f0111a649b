"""Reductions that fold long lanes, or go through rows side by side, give what they give one element after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.fallbacks import LEAST, WIDTH

SIZES = [1, LEAST - 1, LEAST, 31, 32, 33, 4 * LEAST, 64, 97, 250, 256, 4 * WIDTH - 1, 4 * WIDTH, 4 * WIDTH + 1, 1500]
SHAPES = [((n,), None) for n in SIZES] + [((3, n), 1) for n in SIZES] + [((n, 9), 0) for n in SIZES]
SHAPES += (
    [((2, n, 7), 1) for n in (1, 33, 64)] + [((2, 5, n), (0, 1)) for n in (7, 8, 33)] + [((n, 3), None) for n in SIZES]
)
DTYPES = ["<f4", "<f8", "i1", "i8", "u2", "bool"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_extremes_are_those_of_numpy(shape, axis, dtype):
    x = (np.random.default_rng(len(shape)).normal(size=shape) * 50).astype(dtype)
    assert np.array_equal(nn.max(x, axis=axis).numpy(), x.max(axis=axis))
    assert np.array_equal(nn.min(x, axis=axis).numpy(), x.min(axis=axis))


@given(n=st.sampled_from(SIZES), seed=st.integers(0, 99), columns=st.sampled_from([1, 8]), data=st.data())
def test_nan_wins_wherever_it_is(n, seed, columns, data):
    x = np.random.default_rng(seed).normal(size=(n, columns)).astype(np.float32)
    x[data.draw(st.integers(0, n - 1)), 0] = np.nan
    x[data.draw(st.integers(0, n - 1)), columns - 1] = np.inf
    for axis in (None, 0):
        assert np.array_equal(nn.max(x, axis=axis).numpy(), x.max(axis=axis), equal_nan=True)
        assert np.array_equal(nn.min(x, axis=axis).numpy(), x.min(axis=axis), equal_nan=True)


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize(("shape", "axis"), [((4, 100), 1), ((4 * WIDTH + 3,), None), ((40, 16), 0)])
def test_they_are_replayed(shape, axis):
    f = nn.function(lambda x: nn.max(x, axis=axis) - nn.min(x, axis=axis))
    for seed in range(6):
        x = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
        assert np.array_equal(f(nn.asarray(x)).numpy(), x.max(axis=axis) - x.min(axis=axis))
    assert "replay" in type(f._calls[next(iter(f._calls))]).__name__.lower()


@pytest.mark.parametrize("n", [2, 33, 1000, 1001])
def test_lengths_along_rows_and_columns_are_the_same(n):
    x = np.random.default_rng(n).normal(size=(n, 11)).astype(np.float32)
    assert np.allclose(nn.norm(x, axis=0).numpy(), nn.norm(np.ascontiguousarray(x.T), axis=1).numpy(), rtol=1e-6)
    assert np.allclose(nn.norm(x, axis=0).numpy(), np.linalg.norm(x.astype(np.float64), axis=0), rtol=1e-6)
