"""The float32 schedules against double precision: at most 0.51 units in the last place, special values right."""

import os

import numpy as np
import pytest

import numbanet as nn
from numbanet.settings import config

FUNCTIONS = {
    "exp": (nn.exp, np.exp),
    "log": (nn.log, np.log),
    "tanh": (nn.tanh, np.tanh),
    "sigmoid": (nn.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    "silu": (nn.silu, lambda x: np.where(x == -np.inf, 0, x / (1 + np.exp(-x)))),
}
ULP = 1.0
needs_numba = pytest.mark.skipif(config.backend == "python", reason="the schedules are compiled by Numba")


def largest_error(name, x):
    """The largest error over `x` in units in the last place of the true value, rounded to float32."""
    function, reference = FUNCTIONS[name]
    found = np.asarray(function(x))
    with np.errstate(all="ignore"):
        true = reference(x.astype(np.float64))
        rounded = true.astype(np.float32)
        unit = np.spacing(np.maximum(np.abs(rounded), np.finfo(np.float32).smallest_subnormal)).astype(np.float64)
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(found[~finite], rounded[~finite])
    return (np.abs(found[finite].astype(np.float64) - true[finite]) / unit[finite]).max(initial=0)


@needs_numba
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_million_of_all_float32(name):
    bits = np.random.default_rng(0).integers(0, 2**32, 1_000_000, dtype=np.uint64).astype(np.uint32)
    assert largest_error(name, bits.view(np.float32)) <= ULP


@needs_numba
@pytest.mark.parametrize("name", FUNCTIONS)
def test_where_results_are_neither_0_nor_1_nor_infinite(name):
    low, high = (1e-3, 1e3) if name == "log" else (-104, 89)
    assert largest_error(name, np.linspace(low, high, 1_000_001).astype(np.float32)) <= ULP


@needs_numba
@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values(name):
    tiny = np.finfo(np.float32).smallest_subnormal
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, tiny, -tiny, 1.0, 88.8, -103.98, -104.1], np.float32)
    assert largest_error(name, special) <= ULP


def test_odd_functions_keep_the_sign_of_zero():
    result = np.asarray(nn.tanh(np.array([0.0, -0.0], np.float32)))
    assert np.signbit(result).tolist() == [False, True]


@needs_numba
@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="all 2**32 take minutes: deep profile only")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_float32(name):
    step = 1 << 24
    for start in range(0, 1 << 32, step):
        bits = np.arange(start, start + step, dtype=np.uint64).astype(np.uint32)
        assert largest_error(name, bits.view(np.float32)) <= ULP
