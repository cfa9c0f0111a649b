"""The vectorised functions: at most so many units in the last place from the truth, special values right.

float32 is compared with NumPy in double precision, float64 with NumPy's long double, where that has more bits, or with
mpmath, which takes its time: fewer points are compared.
"""

import math
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.launching.launch import Kernel
from numbanet.loops import functions, reduce, softmax

PAGE = Path(__file__).parent.parent / "docs" / "numerics.md"
_erf, _erfc = np.vectorize(math.erf, otypes=[float]), np.vectorize(math.erfc, otypes=[float])


def _sigmoid(x):
    return np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def _silu(x):
    return np.where(x == -np.inf, -0.0, x * _sigmoid(x))  # the limit, from below


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))


def _gelu(x):
    return np.where(x == -np.inf, -0.0, 0.5 * x * _erfc(-math.sqrt(0.5) * x))


mp = mpmath.mp.clone()
mp.prec = 160


def _exact_gelu(x):
    return x * mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1000 else max(x, mp.zero)


EXACT = {"erf": mp.erf, "gelu": _exact_gelu, "sin": mp.sin, "cos": mp.cos}


def by_mpmath(name, x):
    """The true values of finite numbers as long doubles: a double and what it lacks."""
    values = [EXACT[name](mp.mpf(v)) for v in x.tolist()]
    highs = np.array([float(value) for value in values], np.longdouble)
    true = highs + np.array([float(value - mp.mpf(float(value))) for value in values], np.longdouble)
    return np.where(x == 0, x, np.where((true == 0) & (x < 0), -0.0, true))  # mpmath's zero has no sign


REFERENCES = {
    "exp": (nn.exp, np.exp), "expm1": (nn.expm1, np.expm1), "log": (nn.log, np.log), "log1p": (nn.log1p, np.log1p),
    "log2": (nn.log2, np.log2), "tanh": (nn.tanh, np.tanh), "sigmoid": (nn.sigmoid, _sigmoid), "silu": (nn.silu, _silu),
    "softplus": (nn.softplus, _softplus), "sin": (nn.sin, np.sin), "cos": (nn.cos, np.cos),
    "erf": (nn.erf, _erf), "gelu": (nn.gelu, _gelu),
}  # fmt: skip
NO_LONG_DOUBLE = {"erf", "gelu"}
FLOAT32 = {
    "exp": 0.88, "log": 0.95, "tanh": 0.94, "sigmoid": 0.88, "silu": 0.91, "expm1": 0.95, "log1p": 0.92, "log2": 0.98,
    "softplus": 0.96, "sin": 0.79, "cos": 0.79, "erf": 0.98, "gelu": 0.91,
}  # fmt: skip
FLOAT64 = dict.fromkeys(FLOAT32, 1.0)
CASES = [(name, np.float32) for name in FLOAT32] + [(name, np.float64) for name in FLOAT64]
"""The largest error of each function in units in the last place: docs/numerics.md has the same figures."""

registers = getattr(backend(), "registers", None)
FUSED = registers is not None and (registers.has_masks or registers.many)

pytestmark = [
    pytest.mark.needs_compiled("schedules are compiled"),
    pytest.mark.skipif(not FUSED, reason="schedules are for processors where a * b + c is one instruction"),
]


def largest_error(name, x):
    """The largest error over `x` in units in the last place of the true value, rounded to the dtype of x."""
    function, reference = REFERENCES[name]
    if x.dtype == np.float64 and name in NO_LONG_DOUBLE:
        x, reference = x[np.isfinite(x)][:: max(1, len(x) // 3000)], lambda wide: by_mpmath(name, wide.astype(float))
    found, wider = np.asarray(function(x)), np.float64 if x.dtype == np.float32 else np.longdouble
    assert found.dtype == x.dtype
    with np.errstate(all="ignore"):
        true = reference(x.astype(wider))
        rounded = true.astype(x.dtype)
        unit = np.spacing(np.maximum(np.abs(rounded), np.finfo(x.dtype).smallest_subnormal)).astype(wider)
        finite = np.isfinite(rounded)
        np.testing.assert_array_equal(found[~finite], rounded[~finite])
        zero = finite & (true == 0)
        np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(true[zero]))
        return float((np.abs(found[finite].astype(wider) - true[finite]) / unit[finite]).max(initial=0))


def bound(name, dtype):
    if dtype == np.float64 and np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps:
        pytest.skip("long double has no more bits than double here")
    return (FLOAT32 if dtype == np.float32 else FLOAT64)[name]


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_random_bit_patterns(name, dtype):
    rng = np.random.default_rng(0)
    if dtype == np.float32:
        x = rng.integers(0, 2**32, 500_000, dtype=np.uint64).astype(np.uint32).view(dtype)
    else:
        x = rng.integers(0, 2**64, 200_000, dtype=np.uint64).view(dtype)
    x = x[np.abs(x) < 1e15] if name in ("sin", "cos") else x  # what the reference reduces exactly
    assert largest_error(name, x) <= bound(name, dtype)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_where_results_are_neither_0_nor_1_nor_infinite(name, dtype):
    rng = np.random.default_rng(1)
    edges = (-104, 89) if dtype == np.float32 else (-745, 710)
    regions = [rng.uniform(*edges, 200_000), rng.uniform(-2, 2, 200_000), rng.uniform(-40, 40, 200_000)]
    regions += [
        1 + rng.uniform(-0.6, 0.6, 200_000),
        np.exp(rng.uniform(-60, 3, 100_000)) * rng.choice([-1, 1], 100_000),
    ]
    assert largest_error(name, np.concatenate(regions).astype(dtype)) <= bound(name, dtype)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_special_values_and_denormals(name, dtype):
    tiny, normal = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).smallest_normal
    magnitudes = [0, tiny, 3 * tiny, normal / 2, normal, 1, 2, 88.8, 103.98, 104.1, 709.9, 745.1, 746, np.inf]
    special = np.array([np.nan, *magnitudes, *(-np.array(magnitudes))]).astype(dtype)
    if name in ("sin", "cos"):
        special = special[np.isfinite(special)]
    assert largest_error(name, special) <= bound(name, dtype)
    result = np.asarray(REFERENCES[name][0](np.array([np.nan], dtype)))
    assert np.isnan(result).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_digits_are_kept_at_multiples_of_half_pi(name, dtype):
    """There the quarter turns that are taken away cancel all of the number but its last bits."""
    turns = np.arange(1, 20_000, 7 if dtype == np.float64 else 1)
    x = (turns * (math.pi / 2)).astype(dtype)
    found, true = np.asarray(REFERENCES[name][0](x)), by_mpmath(name, x.astype(float))
    unit = np.spacing(np.abs(true).astype(dtype)).astype(np.longdouble)
    assert float((np.abs(found.astype(np.longdouble) - true) / unit).max()) <= 1


@pytest.mark.parametrize("name", ["erf", "gelu"])
def test_infinities_go_to_the_limits(name):
    for dtype in (np.float32, np.float64):
        found = np.asarray(REFERENCES[name][0](np.array([np.inf, -np.inf, np.nan], dtype)))
        limits = (1, -1) if name == "erf" else (np.inf, 0)
        np.testing.assert_array_equal(found, [*limits, np.nan])
        assert np.signbit(found[:2]).tolist() == [False, True]


@pytest.mark.parametrize("name", ["tanh", "erf", "sin", "expm1", "log1p", "silu", "gelu"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_keep_their_sign(name, dtype):
    result = np.asarray(REFERENCES[name][0](np.array([0.0, -0.0], dtype)))
    assert result.tolist() == [0, 0]
    assert np.signbit(result).tolist() == [False, True]


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_any_position_in_a_vector_gives_the_same_bytes(name, dtype):
    """Whole vectors and the rest that is masked run the same operations, and nothing past the end is written."""
    x = np.concatenate([np.random.default_rng(2).normal(size=150) * 4, [np.nan, 1e30, -200, 0.3]]).astype(dtype)
    whole = np.asarray(REFERENCES[name][0](x))
    for n in (1, 2, 15, 16, 17, 63, 65, 130):
        for start in (0, 1, 24):
            np.testing.assert_array_equal(
                np.asarray(REFERENCES[name][0](x[start : start + n].copy())), whole[start : start + n]
            )


def test_ranges_touch_nothing_else():
    x = np.random.default_rng(3).normal(size=(9, 10)).astype(np.float32)
    labels, g = np.arange(9), np.ones(9, np.float32)
    for body, inputs, out in (
        (functions.exp, (x.reshape(-1),), np.zeros(90, np.float32)),
        (softmax.softmax, (x,), np.zeros((9, 10), np.float32)),
        (softmax.softmax_cross_entropy_gradient, (g, x, labels), np.zeros((9, 10), np.float32)),
    ):
        built, block = backend().prepare(Kernel(body), (*inputs, out))
        built.call(block.buffer_info()[0], 2, 5)
        assert not out[:2].any()
        assert not out[5:].any()
        assert out[2:5].all()


BYTES = """
import hashlib
import numpy as np
import numbanet as nn
x = np.random.default_rng(5).normal(size=1000) * 8
for name in {names}:
    for dtype in (np.float32, np.float64):
        print(name, hashlib.sha256(np.asarray(getattr(nn, name)(x.astype(dtype))).tobytes()).hexdigest())
"""


@pytest.mark.needs_numba("its environment variables choose the width of vectors")
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names a processor of that kind")
def test_vectors_of_half_the_length_give_the_same_bytes():
    """AVX2 and AVX-512 run the same operations: Haswell's code is compared with what this processor runs."""
    numba = {"NUMBANET_BACKEND": "numba"}  # the extension has its own ways to choose
    haswell = {**numba, "NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}
    code = BYTES.format(names=sorted(FLOAT64))
    results = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **more}, timeout=300
        )
        for more in (numba, haswell)
    ]
    assert [result.returncode for result in results] == [0, 0], results
    assert results[0].stdout == results[1].stdout
    assert results[0].stdout.count("\n") == 2 * len(FLOAT64)


ROWS = [(1, 1), (3, 2), (32, 10), (5, 16), (5, 17), (4, 33), (2, 1000)]


def naive_in_double(body, *inputs):
    wide = [x.astype(np.float64) if x.dtype == np.float32 else x for x in inputs]
    x = wide[-1] if wide[-1].dtype == np.float64 else wide[-2]
    out = np.empty(len(x) if body in (softmax.softmax_cross_entropy, reduce.logsumexp) else x.shape)
    with np.errstate(all="ignore"):
        body(*wide, out, 0, len(x))
    return out


@pytest.mark.parametrize("shape", ROWS)
def test_softmax_and_its_kin_equal_the_naive_loops(shape):
    rng = np.random.default_rng(4)
    x, labels = (rng.normal(size=shape) * 5).astype(np.float32), rng.integers(0, shape[1], shape[0])
    g = rng.normal(size=shape[0]).astype(np.float32)
    x[0, -1] = -np.inf if shape[1] > 1 else 0
    for body, inputs, tolerance in (
        (softmax.softmax, (x,), 2e-6), (softmax.log_softmax, (x,), 2e-6),
        (softmax.softmax_cross_entropy, (x, labels), 2e-6),
        (softmax.softmax_cross_entropy_gradient, (g, x, labels), 2e-6),
        (reduce.logsumexp, (x[:, :, None],), 1e-6), (reduce.logsumexp, (x[:, None, :].reshape(1, *shape),), 1e-6),
    ):  # fmt: skip
        if body is reduce.logsumexp and inputs[0].shape[0] == 1 and shape[0] > 1:
            continue
        expected = naive_in_double(body, *inputs)
        out = np.empty(expected.shape, np.float32)
        Kernel(body)(len(out), *inputs, out)
        np.testing.assert_allclose(out, expected, rtol=tolerance, atol=2e-7)


@pytest.mark.parametrize(
    "row", [[np.nan, 1], [1, np.nan], [np.inf, np.nan], [np.inf, 1], [-np.inf, -np.inf], [np.inf] * 2]
)
@pytest.mark.parametrize("width", [2, 20])
def test_rows_with_nan_and_infinities(row, width):
    x = np.array([row * (width // 2), [0.0, 1.0] * (width // 2)], np.float32)
    for body, inputs in (
        (softmax.softmax, (x,)), (softmax.log_softmax, (x,)), (softmax.softmax_cross_entropy, (x, np.zeros(2, int))),
        (reduce.logsumexp, (x[:, :, None],)),
    ):  # fmt: skip
        expected = naive_in_double(body, *inputs)
        out = np.empty(expected.shape, np.float32)
        Kernel(body)(2, *inputs, out)
        np.testing.assert_allclose(out, expected, rtol=1e-6)


def test_the_page_has_these_figures():
    """The table in docs/numerics.md has one line per function: name, float32, float64."""
    section = PAGE.read_text(encoding="utf-8").split("## Vectorised functions")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE))
    single = {name: f"{limit:.2f}" for name, limit in FLOAT32.items()}
    double = {name: f"{limit:.2f}" for name, limit in FLOAT64.items()}
    assert rows == {name: f"{single[name]} | {double[name]}" for name in FLOAT32}


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="all 2**32 take minutes: deep profile only")
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", [name for name in FLOAT32 if name not in NO_LONG_DOUBLE])
def test_all_float32(name, part):
    step = 1 << 17  # stays in the cache
    for start in range(part << 30, (part + 1) << 30, step):
        x = np.arange(start, start + step, dtype=np.uint32).view(np.float32)
        assert largest_error(name, x) <= FLOAT32[name]
