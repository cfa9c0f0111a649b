"""Walks over broadcast and strided operands on a GPU, in Numba's simulator, and the division that they need."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import numbanet as nn
from tests.simulator import needs_simulator

pytestmark = needs_simulator
LARGEST = (1 << 31) - 1

SIZES = st.integers(2, LARGEST) | st.integers(1, 30).flatmap(lambda bits: st.integers((1 << bits), (1 << bits) + 1))


@given(size=SIZES, position=st.integers(0, LARGEST), multiple=st.integers(1, LARGEST), offset=st.integers(-1, 1))
@example(size=LARGEST, position=LARGEST, multiple=1, offset=-1)
@example(size=2, position=LARGEST, multiple=1, offset=0)
@example(size=(1 << 30) + 1, position=LARGEST, multiple=1, offset=0)
def test_a_multiplication_divides(size, position, multiple, offset):
    from numbanet.backends.cuda.elementwise import reciprocal

    factor, shift = reciprocal(size)
    assert factor < 1 << 32
    assert 0 <= shift < 32
    near = min(max(size * (multiple % (LARGEST // size + 1)) + offset, 0), LARGEST)
    for i in (position, near):
        assert (i * factor >> 32) >> shift == i // size


SHAPES = [
    ((7,), (7,)), ((5, 3), (3,)), ((5, 3), (5, 1)), ((1, 4), (6, 1)), ((2, 3, 4), (3, 1)), ((2, 1, 4), (1, 3, 1)),
    ((2, 3, 2, 3), (1, 3, 1, 3)), ((3, 1, 2, 1, 2), (1, 2, 1, 3, 1)), ((4, 1), (1, 1)), ((1, 1), (1,)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("small", [True, False])
def test_every_broadcast(shapes, small, monkeypatch):
    from numbanet.backends.cuda import elementwise

    if not small:  # positions of 64 bits, which are divided
        monkeypatch.setattr(elementwise, "SMALL", 0)
    x, y = (np.random.default_rng(i).normal(size=shape).astype(np.float32) for i, shape in enumerate(shapes))
    there = [nn.asarray(array, device="cuda") for array in (x, y)]
    np.testing.assert_array_equal((there[0] + there[1]).numpy(), x + y)
    np.testing.assert_array_equal((there[1] - there[0]).numpy(), y - x)


@pytest.mark.parametrize("small", [True, False])
def test_views_that_run_backwards_or_skip(small, monkeypatch):
    from numbanet.backends.cuda import elementwise

    if not small:
        monkeypatch.setattr(elementwise, "SMALL", 0)
    x = np.random.default_rng(0).normal(size=(4, 6, 5)).astype(np.float32)
    t = nn.asarray(x, device="cuda")
    for key in ((slice(None, None, -1),), (..., slice(None, None, -2)), (slice(1, None, 2), slice(None, None, -1))):
        np.testing.assert_array_equal((t[key] * t[key]).numpy(), x[key] * x[key])


def test_parts_of_a_sum_are_added_in_their_order():
    """Several are read at a time; the sum of each thread is that of adding one after the other."""
    from numbanet.backends.cuda.devices import cuda
    from numbanet.backends.cuda.dot_lines import make_parts
    from numbanet.kernels.words import PLAIN

    device, dtype = cuda(), np.dtype(np.float32)
    for count in (1, 2, 3, 8, 9, 19):
        parts = np.random.default_rng(count).normal(size=(count, 5)).astype(dtype)
        there, out = device.from_host(parts.reshape(-1)), device.empty((5,), dtype)
        for lanes in (1, 2):
            expected = np.zeros((lanes, 5), dtype)
            for p, part in enumerate(parts):
                expected[p // -(-count // lanes)] += part
            shape = (2,), (3 * lanes,)
            device.backend.launch(make_parts, (dtype, PLAIN, 3, lanes, 3), *shape, (there, out, out, count, 5, 5))
            np.testing.assert_array_equal(device.to_host(out), expected.sum(axis=0))
