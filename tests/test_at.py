"""`t.at[key]` and parts of Variables: NumPy's assignments, on copies; gradients; replays; what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ImmutableError, ShapeError

RNG = np.random.default_rng(0)
KEYS = [
    0, -1, slice(1, 3), (slice(None), 2), (1, 3), (slice(None, None, -1), slice(0, 4, 2)), Ellipsis, (Ellipsis, 1),
    [0, 2], ([0, 2, 1], [1, 1, 3]), (slice(None), [3, 0]), np.array([True, False, True]), None,
    (slice(0), 1), [], np.int64(1),
]  # fmt: skip
TWICE = [[0, 0], ([1, 1, 2], [3, 3, 0]), (slice(None), [2, 2])]
DTYPES = ["float32", "float64", "int64", "uint8"]


def values_for(x, key):
    return RNG.integers(1, 9, size=x[key].shape).astype(x.dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", [*KEYS, *TWICE], ids=str)
def test_set_and_add_do_what_numpy_does_in_place(key, dtype):
    x = RNG.integers(0, 9, size=(3, 4)).astype(dtype)
    t, before = nn.asarray(x.copy()), x.copy()
    values = values_for(x, key)
    expected = x.copy()
    expected[key] = values
    np.testing.assert_array_equal(t.at[key].set(values).numpy(), expected)
    expected = x.copy()
    np.add.at(expected, key, values)
    assert t.at[key].add(values).dtype == x.dtype
    np.testing.assert_array_equal(t.at[key].add(values).numpy(), expected)
    np.testing.assert_array_equal(t.at[key].get().numpy(), x[key])
    np.testing.assert_array_equal(t.numpy(), before)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_the_others_replace_what_is_there(key):
    x = RNG.normal(size=(3, 4)).astype(np.float32)
    values = values_for(x, key)
    for name, function in (("multiply", np.multiply), ("divide", np.divide), ("min", np.minimum), ("max", np.maximum)):
        expected = x.copy()
        expected[key] = function(expected[key], values)
        np.testing.assert_array_equal(getattr(nn.asarray(x).at[key], name)(values).numpy(), expected)
    expected = x.copy()
    expected[key] -= values
    np.testing.assert_array_equal(nn.asarray(x).at[key].subtract(values).numpy(), expected)


def test_every_bit_is_set_and_none_else():
    x = np.array([-0.0, np.nan, np.inf, -0.0], np.float32)
    found = nn.asarray(x).at[1:3].set([-0.0, np.nan]).numpy()
    assert found.tobytes() == np.array([-0.0, -0.0, np.nan, -0.0], np.float32).tobytes()
    found = nn.asarray(x).at[3].add(1.0).numpy()
    assert found[:3].tobytes() == x[:3].tobytes()


@given(st.data())
def test_broadcast_values(data):
    x = RNG.normal(size=(3, 4))
    key = data.draw(st.sampled_from([slice(None), (slice(None), 1), ([0, 2],), (Ellipsis, slice(1, 3))]))
    shape = x[key].shape
    values = RNG.normal(size=data.draw(st.sampled_from([(), (1,), shape[-1:], (1, *shape[1:]), shape])))
    expected = x.copy()
    expected[key] = values
    np.testing.assert_array_equal(nn.asarray(x).at[key].set(values).numpy(), expected)


@pytest.mark.parametrize("key", [1, (slice(None), 2), [2, 0], [0, 0]], ids=str)
@pytest.mark.parametrize("name", ["set", "add"])
def test_gradients_flow_to_what_was_set_and_to_what_stayed(name, key):
    x, values = RNG.normal(size=(3, 4)), RNG.normal(size=np.empty((3, 4))[key].shape)
    nn.testing.check_grad(lambda x, v: nn.sum(getattr(x.at[key], name)(v) ** 3), x, values, order=2)


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_they_are_replayed():
    variable = nn.Variable(np.zeros((3, 4), np.float32))

    @nn.function
    def step(x):
        variable[1].assign(x)
        variable[:, 0].assign_add(2.0)
        return x.at[2].set(0.0) + variable[1], variable[0, 1:3]

    expected = np.zeros((3, 4), np.float32)
    for _ in range(6):
        x = RNG.normal(size=4).astype(np.float32)
        y, part = step(nn.asarray(x))
        expected[1] = x
        expected[:, 0] += 2
        changed = x.copy()
        changed[2] = 0
        assert variable.numpy().tobytes() == expected.tobytes()
        assert y.numpy().tobytes() == (changed + expected[1]).tobytes()
        part.assign([5.0, 6.0])  # what a replay returns is a part of the variable, too
        expected[0, 1:3] = [5, 6]
        assert variable.numpy().tobytes() == expected.tobytes()
    assert type(step.calls[0][1]).__name__ == "ReplayedCall"


class TestParts:
    def test_parts_of_a_variable(self):
        v = nn.Variable(initial_value=[[1.0, 2.0], [3.0, 4.0]])
        assert v[0, 0].assign(9.0) is v
        v[1].assign_add([1.0, 1.0])
        v[:, 1].assign_sub(0.5)
        assert v.tolist() == [[9.0, 1.5], [4.0, 4.5]]

    def test_a_part_that_was_read_keeps_its_value(self):
        v = nn.Variable([1.0, 2.0])
        part = v[0]
        v.assign([5.0, 6.0])
        assert part.item() == 1.0
        part.assign(7.0)
        assert v.tolist() == [7.0, 6.0]

    def test_gradients_do_not_flow_through_an_assignment(self):
        v, w = nn.Variable([1.0, 2.0]), nn.Variable(3.0)
        with nn.GradientTape() as tape:
            v[0].assign(w * 2.0)
            y = nn.sum(v * w)
        dv, dw = tape.gradient(y, [v, w])
        assert (dv.tolist(), dw.item()) == ([3.0, 3.0], 8.0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.zeros(3).assign(1.0), ImmutableError, "at"),
        (lambda: (nn.Variable([1.0, 2.0])[0] + 1).assign(1.0), ImmutableError, "Variable"),
        (lambda: nn.zeros(3).at[5].set(1.0), IndexError, "getitem"),
        (lambda: nn.zeros(3).at[0:2].set([1.0, 2.0, 3.0]), ShapeError, "broadcast"),
        (lambda: nn.zeros(3, "int32").at[0].set(1.5), DTypeError, "floats"),
        (lambda: nn.zeros(3).at[0.5].set(1.0), DTypeError, "index"),
        (lambda: nn.zeros(3).at[[0.5]].set(1.0), DTypeError, "index"),
        (lambda: nn.zeros(3).at[[0, 0]].multiply(2.0), ArgumentError, "twice"),
        (lambda: nn.Variable(1.0, initial_value=2.0), ArgumentError, "two names"),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
