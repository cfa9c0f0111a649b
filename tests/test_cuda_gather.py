"""Moving rows on a GPU, in Numba's simulator, against the naive bodies: equal to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numbanet.loops import move, step
from tests.simulator import needs_simulator

pytestmark = needs_simulator

DTYPES = [np.float32, np.float64, np.int64, np.uint8, np.bool_]
LENGTHS = [1, 2, 5, 16, 17, 70]


@pytest.fixture(scope="module")
def device():
    from numbanet.backends.cuda.devices import cuda

    return cuda()


def assert_equals_the_body(device, body, n, *operands):
    from numbanet.backends.cuda.gather import TUNED

    there = [device.from_host(x) for x in operands]
    body(*operands, 0, n)
    TUNED[body](device.backend, *there)
    for array, expected in zip(there, operands, strict=True):
        np.testing.assert_array_equal(device.to_host(array), expected)


def random_array(shape, dtype):
    return np.random.default_rng(sum(shape)).normal(scale=40, size=shape).astype(np.int64).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", LENGTHS)
def test_batches(device, n, dtype):
    x, order = random_array((11, n), dtype), np.random.default_rng(0).permutation(11)
    batch, cursor = np.zeros((4, n), dtype), np.array([3, 2])
    assert_equals_the_body(device, step.fetch_rows, 4, x, order, cursor, batch)
    batch[...] = x[:4]
    assert_equals_the_body(device, step.store_rows, 4, batch, cursor, np.zeros((13, n), dtype))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), outer=st.integers(1, 3), size=st.integers(1, 9), inner=st.sampled_from([1, 3, 9, 20]))
def test_take_and_its_gradient(device, data, outer, size, inner):
    index = np.array(data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=19)))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    x, out = random_array((outer, size, inner), dtype), np.zeros((outer, len(index), inner), dtype)
    assert_equals_the_body(device, move.take, outer * len(index), x, index, out)
    g = np.random.default_rng(len(index)).normal(size=out.shape).astype(dtype)
    assert_equals_the_body(device, move.take_back, outer * inner, g, index, x)


@pytest.mark.parametrize("distinct", [1, 3, 1000])
def test_the_gradient_for_more_indices_than_are_searched(device, distinct):
    """Sorted instead of compared each to each: the same bytes, and the work does not grow with their square."""
    count = device.backend.sizes.searched + 6
    rng = np.random.default_rng(distinct)
    index, g = rng.integers(0, distinct, count), rng.normal(size=(2, count, 3)).astype(np.float32)
    out = rng.normal(size=(2, distinct, 3)).astype(np.float32)
    assert_equals_the_body(device, move.take_back, 6, g, index, out)


def test_rows_in_more_pieces_than_a_grid_has_blocks(device, monkeypatch):
    from numbanet.backends.cuda import gather

    monkeypatch.setattr(gather, "MOST_PIECES", 2)
    x, out = random_array((2, 99), np.float32), np.zeros((2, 99), np.float32)
    assert_equals_the_body(device, step.fetch_rows, 2, x, np.array([1, 0]), np.array([0, 0]), out)


def test_more_rows_than_32_bits_count(device):
    """The other way to divide; the numbers need not be large for it."""
    from numbanet.backends.cuda import gather

    x, index = random_array((3, 4, 2), np.float32), np.array([3, 0, 3, 1, 1])
    there, out = device.from_host(x), device.empty((3, 5, 2), x.dtype)
    operands = there.reshape(-1), device.from_host(index), out.reshape(-1), 3, 4, 5, 2
    device.backend.launch(gather.make_take, (x.dtype, 2, False, 1, 2, 4, 2), (4, 1), (8,), operands)
    np.testing.assert_array_equal(device.to_host(out), x[:, index])
