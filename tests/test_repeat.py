"""Steps that are repeated in one launch: what they compute is what they compute one after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.kernels.memory import empty
from numbanet.kernels.recording import recording
from numbanet.launching.launch import Kernel, matmul, repeat
from numbanet.loops import arithmetic

ADD = Kernel(arithmetic.add)


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def running_sums(x, totals, place=lambda t: t):
    """The function of a step that adds step t of x to the total before."""

    def step(t, rows):
        ADD.map(totals[t + 1, rows], totals[t, rows], x[place(t), rows])

    return step


@given(count=st.integers(1, 9), rows=st.integers(1, 70), units=st.integers(1, 20), team=st.integers(1, 3))
def test_steps_with_products_equal_a_loop(count, rows, units, team):
    x, kernel = numbers(count, rows, units), numbers(units, units) / units
    found, expected = np.zeros((count + 1, rows, units), np.float32), np.zeros((count + 1, rows, units), np.float32)

    def step_of(states):
        def step(t, part):
            matmul(states[t, part], kernel, states[t + 1, part])
            ADD.map(states[t + 1, part], states[t + 1, part], x[t, part])

        return step

    before = nn.config.num_threads
    nn.config._num_threads = team  # more than there are processors
    try:
        repeat(count, rows, step_of(found), x, kernel, found)
    finally:
        nn.config._num_threads = before
    for t in range(count):
        step_of(expected)(t, slice(0, rows))
    assert found.tobytes() == expected.tobytes()


@pytest.mark.needs_compiled("launches of the interpreter cannot be recorded")
@pytest.mark.parametrize("place", [lambda t: t, lambda t: 5 - t, lambda t: t % 2, lambda t: t * t % 6])
def test_even_steps_are_one_launch_and_others_are_not(place):
    x, totals = numbers(6, 40, 3), np.zeros((7, 40, 3), np.float32)
    with recording() as launches:
        repeat(6, 40, running_sums(x, totals, place), x, totals)
    even = len({place(t + 1) - place(t) for t in range(5)}) == 1
    assert [one.name for one in launches] == (["repeat"] if even else ["add"] * 6)
    repeat(6, 40, running_sums(x, totals, place), x, totals)
    np.testing.assert_allclose(totals[1:], np.cumsum(x[[place(t) for t in range(6)]], axis=0), rtol=1e-5, atol=1e-6)


@pytest.mark.needs_compiled("launches of the interpreter cannot be recorded")
def test_a_step_with_memory_of_its_own_is_not_repeated():
    x, totals = numbers(6, 40, 3), np.zeros((7, 40, 3), np.float32)

    def step(t, rows):
        twice = empty(x[t, rows].shape, x.dtype)
        ADD.map(twice, x[t, rows], x[t, rows])
        ADD.map(totals[t + 1, rows], totals[t, rows], twice)

    with recording() as launches:
        repeat(6, 40, step, x, totals)
    assert [one.name for one in launches] == ["add"] * 12
    repeat(6, 40, step, x, totals)
    np.testing.assert_allclose(totals[6], 2 * x.sum(axis=0), rtol=1e-5, atol=1e-6)


def lines_of(x):
    """The cache lines of which all bytes are those of an array."""
    return set(range(-(-x.ctypes.data // 64), (x.ctypes.data + x.nbytes) // 64))


@pytest.mark.needs_compiled("launches of the interpreter cannot be recorded")
def test_the_product_of_a_step_fetches_what_only_the_next_one_touches():
    count, rows, units = 6, 96, 128
    x, kernel, states = numbers(count, rows, units), numbers(units, units), numbers(count + 1, rows, units)

    def step(t, part):
        matmul(states[t, part], kernel, states[t + 1, part])
        ADD.map(states[t + 1, part], states[t + 1, part], x[t, part])

    with recording() as recorded:
        repeat(count, rows, step, x, kernel, states)
    launches, first, advances, words = recorded[0].keep[:4]
    fetched = [set() for _ in range(count)]
    for part, ((_, begin, tiles), *_) in enumerate(launches):
        behind = (first[part, begin + 35] - words.ctypes.data) // 8 - part * first.shape[1]
        strips = (first.shape[1] - behind) // 2
        for place, pace in zip(range(behind, first.shape[1], 2), range(behind + 1, first.shape[1], 2), strict=True):
            for t, lines in enumerate(fetched):
                start = first[part, place] + t * advances[part, place]
                lines.update((start + i * first[part, pace]) // 64 for i in range(tiles // strips * units))
    for t in range(count - 1):
        assert lines_of(x[t + 1]) | lines_of(states[t + 2]) <= fetched[t]
        assert not fetched[t] & (lines_of(kernel) | lines_of(x[t]) | lines_of(states[t]))
