"""One table drives everything: every op on every backend, for every dtype, shape, memory layout and special value."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.settings import config
from tests import conftest, thread_work
from tests.table_cases import (
    ACCUMULATING,
    CASES,
    GRADIENT_CASES,
    ROUNDING,
    call,
    draw_inputs,
    expected_values,
    same_bytes,
    smooth_domains,
)

EXAMPLES = settings.default.max_examples // 3
"""On each of three backends."""
WHY_NOT = {"numba": conftest.why_no_numba, "cython": conftest.why_no_extension, "python": str}


@pytest.fixture(params=["numba", "cython", "python"], scope="module", autouse=True)
def backend(request):
    """Every backend in turn; one that cannot be used here is left out."""
    reason = WHY_NOT[request.param]()
    if reason:
        pytest.skip(reason)
    before, config.backend = config.backend, request.param
    yield request.param
    config.backend = before


@contextlib.contextmanager
def threads(count):
    """Every launch is shared by so many threads, however small it is."""
    before = config.num_threads
    kept = {(module, name): getattr(module, name) for module, name in thread_work.THRESHOLDS}
    try:
        for (module, name), value in thread_work.THRESHOLDS.items():
            setattr(module, name, value)
        config.num_threads = count
        yield
    finally:
        config.num_threads = before
        for (module, name), value in kept.items():
            setattr(module, name, value)


@pytest.mark.parametrize(("op", "case"), CASES)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_it_is_what_numpy_computes_and_nothing_else_changes(op, case, data):
    arrays = draw_inputs(data, case, ends=op.family not in ACCUMULATING)
    before = [x.tobytes() for x in arrays]
    result = call(op.function, arrays, case.params)
    expected = expected_values(op, case, arrays, result)
    assert isinstance(result, nn.Tensor)
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    tolerance = ROUNDING.get(result.dtype, 0)
    np.testing.assert_allclose(result.numpy(), expected, rtol=tolerance, atol=tolerance)
    kept = result.numpy().copy()
    with threads(3):
        again = call(op.function, arrays, case.params)
    assert same_bytes(again.numpy(), kept)  # however the ranges are split
    assert same_bytes(result.numpy(), kept)  # and a result is nobody else's buffer
    assert [x.tobytes() for x in arrays] == before


@pytest.mark.parametrize(("op", "case"), CASES)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_replayed_it_is_the_same(op, case, data):
    arrays = draw_inputs(data, case, ends=op.family not in ACCUMULATING)
    others = [x[::-1].copy() if x.ndim and x.dtype.kind == "f" else x for x in arrays]
    replayed = nn.function(lambda *xs: call(op.function, xs, case.params))
    for given_arrays in (arrays, others, arrays, others, arrays):
        found = replayed(*[nn.asarray(x) for x in given_arrays])
        plain = call(op.function, [nn.asarray(x) for x in given_arrays], case.params)
        assert same_bytes(found.numpy(), plain.numpy())


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_gradients_change_nothing_and_are_the_same_with_threads_and_replayed(op, case, data):
    arrays = draw_inputs(data, case, domains=smooth_domains(case))
    tensors = [nn.asarray(x) for x in arrays]
    floating = [i for i, x in enumerate(arrays) if x.dtype.kind == "f"]

    def gradients(g, *xs):
        with nn.GradientTape() as tape:
            tape.watch([xs[i] for i in floating])
            y = call(op.function, xs, case.params)
        return tape.gradient(y, [xs[i] for i in floating], output_gradients=g)

    y = call(op.function, tensors, case.params)
    g = np.linspace(-1, 1, y.size, dtype=y.dtype).reshape(y.shape)
    before = [x.tobytes() for x in (*arrays, g)]
    plain = [x.numpy() for x in gradients(nn.asarray(g), *tensors)]
    assert [x.shape for x in plain] == [arrays[i].shape for i in floating]
    assert [x.dtype for x in plain] == [tensors[i].dtype for i in floating]
    kept = [x.copy() for x in plain]
    with threads(3):
        shared = [x.numpy() for x in gradients(nn.asarray(g), *tensors)]
    replayed = nn.function(gradients)
    for _ in range(4):
        found = [x.numpy() for x in replayed(nn.asarray(g), *tensors)]
    assert all(map(same_bytes, shared, kept))
    assert all(map(same_bytes, found, kept))
    assert all(map(same_bytes, plain, kept))
    assert [x.tobytes() for x in (*arrays, g)] == before
