"""nn.random: shapes, dtypes and ranges; one seed gives the same numbers; what cannot be drawn is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError

SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)
FLOATS = ["normal", "truncated_normal", "uniform"]


@given(SHAPES, st.sampled_from(FLOATS), st.sampled_from([None, "float32", "float64"]), st.integers(0, 2**63))
def test_floats(shape, name, dtype, seed):
    draw = getattr(nn.random, name)
    x = draw(shape, dtype=dtype, rng=seed)
    assert (x.shape, x.dtype) == (shape, np.dtype(dtype or "float32"))
    assert x.numpy().tobytes() == draw(shape, dtype=dtype, seed=seed).numpy().tobytes()
    assert np.isfinite(x.numpy()).all()


def test_their_distributions():
    x = nn.random.normal((200_000,), mean=3.0, stddev=2.0, rng=0).numpy()
    assert abs(x.mean() - 3) < 0.02
    assert abs(x.std() - 2) < 0.02
    x = nn.random.truncated_normal((200_000,), mean=1.0, stddev=0.5, rng=0).numpy()
    assert (abs(x - 1) <= 1).all()
    assert abs(x.mean() - 1) < 0.01
    x = nn.random.uniform((200_000,), -1.0, 3.0, rng=0).numpy()
    assert (x >= -1).all()
    assert (x < 3).all()
    assert abs(x.mean() - 1) < 0.02
    x = nn.random.randint((200_000,), -2, 3, rng=0).numpy()
    assert sorted(set(x.tolist())) == [-2, -1, 0, 1, 2]
    assert abs(x.mean()) < 0.02


@given(st.floats(-1e6, 1e6, width=32), st.integers(1, 50))
def test_rounding_does_not_reach_the_upper_end(low, ulps):
    high = low
    for _ in range(ulps):
        high = np.nextafter(np.float32(high), np.float32(np.inf))
    x = nn.random.uniform((300,), low, float(high), rng=1).numpy()
    assert (x >= np.float32(low)).all()
    assert (x < high).all()


@given(SHAPES, st.sampled_from([np.int8, np.uint8, np.int64, np.uint64]), st.data())
def test_integers(shape, dtype, data):
    limits = np.iinfo(dtype)
    low = data.draw(st.integers(int(limits.min), int(limits.max)))
    high = data.draw(st.integers(low + 1, int(limits.max) + 1))
    x = nn.random.randint(shape, low, high, dtype, rng=0)
    assert (x.shape, x.dtype) == (shape, dtype)
    assert all(low <= value < high for value in x.numpy().ravel().tolist())
    if shape:
        assert nn.random.uniform(shape, low, high, dtype, rng=0).tolist() == x.tolist()


def test_orders():
    x = np.arange(24.0).reshape(4, 3, 2)
    for axis in (0, 1, -1):
        y = nn.random.shuffle(x, axis, rng=5).numpy()
        assert y.shape == x.shape
        assert not (y == x).all()
        np.testing.assert_array_equal(np.sort(y, axis), x)
    assert sorted(nn.random.permutation(7, rng=0).tolist()) == list(range(7))
    assert nn.random.permutation(0).shape == (0,)
    w = nn.Variable([1.0, 2.0, 3.0])
    with nn.GradientTape() as tape:
        loss = nn.sum(nn.random.shuffle(w, rng=1) * nn.asarray([1.0, 10.0, 100.0]))
    assert sorted(tape.gradient(loss, w).tolist()) == [1.0, 10.0, 100.0]


def test_a_generator_moves_on():
    rng = np.random.default_rng(0)
    first, second = (nn.random.normal((3,), rng=rng).tolist() for _ in range(2))
    assert first != second
    assert nn.random.normal((3,)).tolist() != nn.random.normal((3,)).tolist()


def test_numbers_without_a_seed_are_not_replayed():
    step = nn.function(lambda x: x + nn.random.normal((3,)))
    results = {tuple(step(nn.zeros(3)).tolist()) for _ in range(6)}
    assert len(results) == 6


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.random.normal((2,), rng=0, seed=1), ArgumentError, "two names for one thing"),
        (lambda: nn.random.normal((2,), stddev=-1.0), ArgumentError, "stddev"),
        (lambda: nn.random.normal((-2,)), ArgumentError, "shape"),
        (lambda: nn.random.normal((2,), dtype="int32"), DTypeError, "randint"),
        (lambda: nn.random.normal((2,), rng=-1), ArgumentError, "rng"),
        (lambda: nn.random.uniform((2,), 1.0, 1.0), ArgumentError, "maxval"),
        (lambda: nn.random.uniform((2,), 2.0), ArgumentError, "maxval"),
        (lambda: nn.random.uniform((2,), dtype="int32"), ArgumentError, "maxval"),
        (lambda: nn.random.uniform((2,), dtype="bool"), DTypeError, "floating"),
        (lambda: nn.random.randint((2,), 5, 5), ArgumentError, "minval < maxval"),
        (lambda: nn.random.randint((2,), 0, 300, "uint8"), ArgumentError, "uint8"),
        (lambda: nn.random.randint((2,), 0, 3, "float32"), DTypeError, "integer"),
        (lambda: nn.random.permutation(-1), ArgumentError, "permutation"),
        (lambda: nn.random.shuffle(3.0), ArgumentError, "axis"),
    ],
)
def test_what_cannot_be_drawn(call, error, words):
    with pytest.raises(error, match=words):
        call()
