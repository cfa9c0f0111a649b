"""Sums and products of small integers: they accumulate in 64 bits, and nothing is copied for that."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import numbanet as nn
from numbanet.core.dtypes import BOOL, INTEGERS

SMALL = [BOOL, *INTEGERS]
REDUCTIONS = {"sum": np.sum, "prod": np.prod, "cumulative_sum": np.cumsum, "cumulative_prod": np.cumprod}


@pytest.mark.usefixtures("each_backend")
@pytest.mark.parametrize("name", REDUCTIONS)
@settings(max_examples=2 * settings.default.max_examples)
@given(data=st.data(), dtype=st.sampled_from(SMALL))
def test_they_wrap_around_at_64_bits_as_in_numpy(name, dtype, data):
    x = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1) | st.none())
    found = getattr(nn, name)(x, axis=axis)
    with np.errstate(all="ignore"):
        expected = REDUCTIONS[name](x, axis=axis)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.needs_compiled("20 MB are reduced")
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int32"])
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "any", "all", "max", "min"])
def test_nothing_is_copied(name, dtype, axis):
    reduce = getattr(nn, name)
    x = nn.ones((8000, 2500), dtype)
    reduce(x, axis=axis)  # compiles
    tracemalloc.start()
    try:
        reduce(x, axis=axis)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < x.numpy().nbytes // 10


@given(data=st.data())
def test_means_of_small_integers_are_those_of_exact_sums(data):
    dtype = data.draw(st.sampled_from([np.bool_, np.uint8, np.int16, np.int32, np.uint32]))
    x = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=2, max_side=6)))
    exact = [sum(row) for row in x.reshape(x.shape[0], -1).tolist()]
    expected = np.float32(exact) / np.float32(x[0].size)
    np.testing.assert_array_equal(nn.mean(x.reshape(x.shape[0], -1), axis=1).numpy(), expected)
