"""Large results begin at a cache line: new ones, and those of a recorded step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.graph.replay import ReplayedCall
from numbanet.kernels.memory import LARGE_BYTES, LINE_BYTES, Pool, empty

SHAPES = st.lists(st.integers(0, 60), min_size=0, max_size=3).map(tuple)
DTYPES = st.sampled_from(["bool", "uint8", "int32", "int64", "float32", "float64"])


def begins_at_a_line(x):
    return x.ctypes.data % LINE_BYTES == 0


@given(SHAPES, DTYPES)
def test_memory_for_a_result(shape, dtype):
    found = empty(shape, dtype)
    assert (found.shape, found.dtype, found.flags.c_contiguous) == (shape, np.dtype(dtype), True)
    assert found.flags.writeable
    assert found.nbytes < LARGE_BYTES or begins_at_a_line(found)
    found[...] = 1
    assert found.all()


@given(st.lists(st.tuples(SHAPES, DTYPES), min_size=1, max_size=5))
def test_memory_of_a_program(wanted):
    pool = Pool()
    found = [pool.take(shape, np.dtype(dtype)) for shape, dtype in wanted]
    assert all(map(begins_at_a_line, found))
    for number, one in enumerate(found):
        one[...] = number % 2
    assert all((one == number % 2).all() for number, one in enumerate(found))  # none lies over another


def test_a_product_that_is_called():
    """The first calls run as they stand, the later ones a Plan."""
    a, b = nn.ones((300, 40)), nn.ones((40, 200))
    for _ in range(6):
        found = nn.dot(a, b).numpy()
        assert begins_at_a_line(found)
        assert (found == 40).all()


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_blocks_of_a_replayed_call():
    function = nn.function(lambda a, b: nn.exp(a @ b) * 2)
    for _ in range(6):
        function(nn.ones((30, 40)), nn.ones((40, 20)))
    replays = [one for one in function._calls.values() if isinstance(one, ReplayedCall)]
    blocks = [block for one in replays for block in one.recorded.lowering.pool.blocks.values()]
    assert blocks
    assert all(map(begins_at_a_line, blocks))
