"""What a replay computes is written anew in every replay, whatever lies in its memory: empty operands among others.

Between two replays all memory of the Program that lies between its launches is filled with a pattern. A forward that
writes in Python, instead of by a launch, has written when it was recorded and never again: the pattern is seen.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.graph.replay import ReplayedCall
from tests.table_cases import CASES, call, same_bytes

pytestmark = pytest.mark.needs_compiled("Programs need compiled kernels")


def poison(function):
    """Fill the memory of all Programs of a function with a pattern; how many there are."""
    replays = [one for one in function._calls.values() if isinstance(one, ReplayedCall)]
    for one in replays:
        for block in one.recorded.lowering.pool.blocks.values():
            block[...] = 0x5A
    return len(replays)


def outcome(f, args):
    try:
        return f(*args).numpy().copy()
    except nn.errors.NumbanetError as error:
        return type(error), str(error)


def assert_replays(f, args):
    """Whether the calls were replayed; each time with the values of a plain call."""
    replayed = nn.function(f)
    for _ in range(6):
        poison(replayed)
        found, expected = outcome(replayed, args), outcome(f, args)
        assert type(found) is type(expected), (found, expected)
        assert same_bytes(found, expected) if isinstance(found, np.ndarray) else found == expected
    return poison(replayed)


def inputs_of(case, shapes, dtype):
    """Numbers in the domains of a case."""
    rng = np.random.default_rng(0)
    arrays = []
    for shape, domain in zip(shapes, case.inputs, strict=True):
        kind = dtype if np.dtype(dtype).kind in domain.kinds else {"b": "bool", "i": "int64"}.get(domain.kinds[0], "f4")
        arrays.append(nn.asarray(rng.uniform(domain.low, domain.high, shape).astype(kind)))
    return arrays


def shapes_of(case):
    """The shapes of a case, and those with each of its sizes made 0 wherever it stands."""
    shapes = case.shapes or ((3, 4),) * len(case.inputs)
    yield shapes
    for size in sorted({n for shape in shapes for n in shape}):
        yield tuple(tuple(0 if n == size else n for n in shape) for shape in shapes)


@pytest.mark.parametrize(("op", "case"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_every_op_writes_its_result_in_every_replay(op, case, dtype):
    for shapes in shapes_of(case):
        arrays = inputs_of(case, shapes, dtype)
        assert_replays(lambda *xs: call(op.function, xs, case.params) * 1, arrays)
        assert_replays(lambda *xs: call(op.function, xs, case.params), arrays)


def test_a_product_over_nothing():
    c = nn.asarray(np.linspace(0, 2, 12, dtype=np.float32).reshape(3, 4))
    for dtype in ("float32", "float64", "int64"):
        a, b = nn.zeros((3, 0), dtype), nn.zeros((0, 4), dtype)
        assert assert_replays(lambda c, a, b: nn.exp(c) * 2 + a @ b, [c, a, b])
        assert assert_replays(lambda c, a, b: nn.relu(a @ b + nn.sum(c, axis=0)), [c, a, b])
    stack = nn.zeros((2, 3, 0)), nn.zeros((2, 0, 4))
    assert assert_replays(lambda a, b: (a @ b) + 1, stack)
    assert assert_replays(lambda a, b: nn.tensordot(a, b, ([2], [1])), stack)


@pytest.mark.parametrize("batch", [0, 1])
def test_layers_on_nothing(batch):
    layer = nn.layers.Dense(4, activation="relu")
    layer(nn.ones((2, 3)))
    assert assert_replays(lambda x: layer(x) + 1, [nn.ones((batch, 3))])


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_random_shapes_with_zeros(data):
    m, k, n = [data.draw(st.sampled_from([0, 0, 1, 2, 5])) for _ in range(3)]
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    a, b = (nn.asarray(rng.normal(size=shape).astype(np.float32)) for shape in ((m, k), (k, n)))
    c = nn.asarray(rng.normal(size=n).astype(np.float32))

    def f(a, b, c):
        h = nn.tanh(a) @ b
        h = nn.relu(h + c) if data_relu else h * 2 + c
        return nn.sum(h, axis=0) + nn.sum(h) + nn.sum(a) + nn.prod(b, axis=None)

    data_relu = data.draw(st.booleans())
    assert_replays(f, [a, b, c])

    def gradient(a, b, c):
        with nn.GradientTape() as tape:
            tape.watch([a, b])
            loss = nn.sum(f(a, b, c))
        first, second = tape.gradient(loss, [a, b])
        return nn.sum(first) + nn.sum(second)

    assert_replays(gradient, [a, b, c])
