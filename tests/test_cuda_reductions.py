"""Reductions on a GPU, in Numba's simulator, against the naive bodies: every arrangement of threads, every recipe."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numbanet.loops import reduce as loops
from tests.simulator import needs_simulator

pytestmark = needs_simulator

BODIES = {
    loops.sum: (np.float32, np.float64),
    loops.sum_integers: (np.int64, np.uint64),
    loops.prod: (np.float32, np.float64),
    loops.prod_integers: (np.int64, np.uint64),
    loops.max: (np.float32, np.float64, np.int8, np.uint64, np.bool_),
    loops.min: (np.float32, np.float64, np.int8, np.uint64, np.bool_),
    loops.argmax: (np.float32, np.float64, np.int8, np.uint64, np.bool_),
    loops.argmin: (np.float32, np.float64, np.int8, np.uint64, np.bool_),
    loops.any: (np.float32, np.int8, np.bool_),
    loops.all: (np.float32, np.int8, np.bool_),
    loops.logsumexp: (np.float32, np.float64),
}
CASES = [(body, np.dtype(dtype)) for body, dtypes in BODIES.items() for dtype in dtypes]
NEEDS_AN_ELEMENT = loops.max, loops.min, loops.argmax, loops.argmin, loops.logsumexp
RESULTS = {loops.argmax: np.int64, loops.argmin: np.int64, loops.any: np.bool_, loops.all: np.bool_}

ARRANGEMENTS = {
    "a thread per row": (9, 3, 1),
    "part of a warp per row": (5, 7, 1),
    "warps per row, rest": (2, 19, 1),
    "a row in parts": (1, 67, 1),
    "columns, one thread each": (1, 2, 19),
    "columns, several threads each": (3, 5, 3),
    "columns in parts": (1, 41, 3),
    "more columns than a block": (2, 9, 11),
    "one element": (1, 1, 1),
    "nothing to reduce": (2, 0, 3),
}
TOLERANCE = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-14}


@pytest.fixture(scope="module")
def device():
    from numbanet.backends.cuda.devices import cuda

    return cuda()


def reduced(device, body, x, run=None):
    """What the tuned version of `body` makes of x, and what the naive one does."""
    from numbanet.backends.cuda.reductions import TUNED

    out = np.zeros((x.shape[0], x.shape[2]), RESULTS.get(body, x.dtype))
    with np.errstate(all="ignore"):
        flat = out.reshape(-1)
        body(x, flat, 0, out.size)
    result = device.from_host(np.full_like(out, 1))
    TUNED[body](device.backend, device.from_host(x), result)
    return device.to_host(result), out


def assert_alike(result, expected):
    tolerance = TOLERANCE.get(expected.dtype, 0)
    np.testing.assert_allclose(result, expected, rtol=tolerance, atol=0)


def random_elements(shape, dtype):
    rng = np.random.default_rng(sum(shape))
    if dtype.kind == "f":
        return rng.uniform(-2, 2, shape).astype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    return rng.integers(-5 if dtype.kind == "i" else 0, 5, shape).astype(dtype)


@pytest.mark.parametrize("shape", ARRANGEMENTS.values(), ids=ARRANGEMENTS)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_every_arrangement(device, body, shape):
    if shape[1] == 0 and body in NEEDS_AN_ELEMENT:
        return  # ops reject it
    assert_alike(*reduced(device, body, random_elements(shape, np.dtype(BODIES[body][0]))))


SPECIAL = [0.0, -0.0, 1.0, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize(("body", "dtype"), CASES, ids=lambda case: getattr(case, "__name__", str(case)))
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_any_elements(device, body, dtype, data):
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 21), st.integers(1, 3)))
    elements = st.sampled_from(SPECIAL[:-1] if body is loops.prod else SPECIAL) if dtype.kind == "f" else None
    if elements is not None:  # infinities first: sums of finite ones are tested above
        elements = elements | st.floats(-3, 3, width=32)
    x = data.draw(hnp.arrays(dtype, shape, elements=elements))
    if body in (loops.argmax, loops.argmin, loops.any, loops.all):
        result, expected = reduced(device, body, x)
        np.testing.assert_array_equal(result, expected)
        return
    result, expected = reduced(device, body, x)
    tolerance = 4 * TOLERANCE.get(dtype, 0)
    np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("shape", [(1, 45, 1), (2, 13, 3)])
@pytest.mark.parametrize("body", [loops.argmax, loops.argmin, loops.max, loops.logsumexp], ids=lambda b: b.__name__)
@pytest.mark.parametrize("value", [0.0, np.inf, -np.inf, np.nan])
def test_all_elements_equal(device, body, shape, value):
    np.testing.assert_array_equal(*reduced(device, body, np.full(shape, value, np.float64)))


def test_sums_of_rows_and_of_columns(device):
    from numbanet.backends.cuda.reductions import TUNED

    x = np.random.default_rng(0).normal(size=(13, 7)).astype(np.float32)
    there, rows, columns = device.from_host(x), device.empty((13,), x.dtype), device.empty((7,), x.dtype)
    TUNED[loops.sum_rows](device.backend, there, rows)
    TUNED[loops.sum_columns](device.backend, there, device.empty((7,), np.float64), columns)
    np.testing.assert_array_equal(device.to_host(rows), x.sum(1, dtype=np.float64).astype(np.float32))
    np.testing.assert_array_equal(device.to_host(columns), x.sum(0, dtype=np.float64).astype(np.float32))


def test_a_slow_rise_costs_logsumexp_no_accuracy(device):
    """Each element is a new maximum, and all sums so far are shifted."""
    x = np.linspace(0, 1e-3, 60, dtype=np.float32).reshape(1, 60, 1)
    result, _ = reduced(device, loops.logsumexp, x)
    np.testing.assert_allclose(result, np.log(np.sum(np.exp(x.astype(np.float64)))), rtol=1e-7)


@given(n=st.integers(0, 1 << 26), outer=st.integers(1, 1 << 20), inner=st.integers(1, 1 << 20))
@settings(max_examples=200, deadline=None)
def test_arrangements_cover_all(n, outer, inner):
    from numbanet.backends.cuda.reductions import group_for, parts_for
    from numbanet.backends.cuda.sizes import GPU, SIMULATOR

    for sizes in (GPU, SIMULATOR):
        group = group_for(sizes, n, inner)
        assert group.threads == sizes.block
        assert group.groups == 1 or group.columns >= inner
        blocks = -(-outer // group.groups) * -(-inner // group.columns)
        parts, chunk = parts_for(sizes, blocks, n, group.lanes)
        assert (parts - 1) * chunk < max(n, 1) <= parts * chunk
        assert parts <= sizes.reduce_blocks


def test_the_table_of_substitutes_has_what_is_tuned():
    from numbanet.backends.cuda.backend import TUNED
    from numbanet.kernels.substitutes import CUDA

    tuned = {f"{body.__module__.rpartition('.')[2]}.{body.__name__}" for body in TUNED}
    assert tuned == {body for bodies in CUDA.values() for body in bodies}
