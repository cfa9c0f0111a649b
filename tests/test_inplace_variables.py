"""Augmented assignment: on a Variable it assigns, on a Tensor it makes another Tensor."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import DTypeError, ShapeError

FLOATS = {
    "iadd": operator.iadd, "isub": operator.isub, "imul": operator.imul, "itruediv": operator.itruediv,
    "ifloordiv": operator.ifloordiv, "imod": operator.imod, "ipow": operator.ipow,
}  # fmt: skip
BITS = {
    "iand": operator.iand, "ior": operator.ior, "ixor": operator.ixor, "ilshift": operator.ilshift,
    "irshift": operator.irshift,
}  # fmt: skip


def test_every_operator_that_tensors_have_is_tried_here():
    """Each with a reflected form is one that Python can augment."""
    names = {
        f"i{name[3:-2]}" for name in dir(nn.Tensor) if name.startswith("__r") and f"__{name[3:]}" in dir(nn.Tensor)
    } - {"idivmod"}  # which Python does not have
    assert names == {*FLOATS, *BITS, "imatmul"}
    assert all(f"__{name}__" in dir(nn.Variable) for name in names)


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("other", [2, 2.0, np.float64(2), np.array([2.0, 3.0, 4.0]), [2.0, 3.0, 4.0]])
def test_floats(name, dtype, other):
    v = nn.Variable(np.array([1.5, 2.0, 7.0], dtype), name="v")
    plain = getattr(operator, name[1:])(nn.asarray(v), other)
    same = v
    v = FLOATS[name](v, other)
    assert v is same
    assert v.dtype == dtype
    assert v.name == "v"
    np.testing.assert_array_equal(v.numpy(), plain.astype(dtype).numpy())


@pytest.mark.parametrize("other", [nn.asarray([1, 2]), nn.Variable([1, 2]), np.array([1, 2]), 3])
@pytest.mark.parametrize("name", BITS)
def test_bits(name, other):
    v = same = nn.Variable([5, 9])
    expected = getattr(operator, {"iand": "and_", "ior": "or_"}.get(name, name[1:]))(nn.asarray(v), other).tolist()
    v = BITS[name](v, other)
    assert v is same
    assert v.tolist() == expected


def test_matrix_products():
    v = same = nn.Variable([[1.0, 2.0], [3.0, 4.0]])
    v @= nn.asarray([[0.0, 1.0], [1.0, 0.0]])
    assert v is same
    assert v.tolist() == [[2.0, 1.0], [4.0, 3.0]]


def test_a_variable_with_itself():
    v = nn.Variable([1.0, 2.0])
    v += v
    v *= v
    assert v.tolist() == [4.0, 16.0]


@pytest.mark.parametrize("value", [[1.0, 2.0], 1.0, [[1.0], [2.0]]])
def test_another_shape_is_refused_and_nothing_changes(value):
    v = nn.Variable(value, name="w")
    with pytest.raises(ShapeError, match="'w'"):
        v += nn.ones((3, 2, 2))
    assert v.tolist() == nn.asarray(value).tolist()


def test_what_integers_cannot_hold_is_refused():
    v = nn.Variable([4, 6], name="steps")
    for change in (lambda: operator.itruediv(v, 2), lambda: operator.isub(v, 0.5)):
        with pytest.raises(DTypeError, match="'steps'"):
            change()
    v //= 2
    assert v.tolist() == [2, 3]
    assert v.dtype == np.int64


def test_a_loop_by_hand_learns():
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    w = nn.Variable(np.zeros(3, np.float32))
    weights = [w]
    for _ in range(50):
        with nn.GradientTape() as tape:
            loss = nn.mean((nn.asarray(x) @ w - x @ np.float32([1, -2, 3])) ** 2)
        g = tape.gradient(loss, w)
        w -= 0.1 * g
    assert w is weights[0]
    np.testing.assert_allclose(w.numpy(), [1, -2, 3], atol=0.05)


def test_inside_a_tape_it_is_an_assignment():
    """What comes later depends on the new value alone, as after `assign`."""
    found = []
    for change in (lambda v: v.assign(v * 2.0), lambda v: operator.imul(v, 2.0)):
        v = nn.Variable(3.0)
        with nn.GradientTape() as tape:
            change(v)
            y = v * v
        found.append((v.item(), tape.gradient(y, v).item()))
    assert found == [(6.0, 12.0)] * 2


def test_inside_a_function_every_call_assigns():
    v = nn.Variable([1.0])

    @nn.function
    def step(x):
        nonlocal v
        v += x
        return v * 2.0

    assert [step(nn.ones(1)).item() for _ in range(4)] == [4.0, 6.0, 8.0, 10.0]


def test_weights_of_a_layer():
    layer = nn.layers.Dense(2)
    layer.build((None, 3))
    layer.kernel -= layer.kernel
    assert isinstance(layer.kernel, nn.Variable)
    assert not layer.get_weights()[0].any()


def test_what_a_tape_or_a_reader_had_before_stays():
    v = nn.Variable([1.0, 2.0])
    before, array = v.value, v.numpy()
    v *= 3.0
    assert before.tolist() == array.tolist() == [1.0, 2.0]


def test_tensors_are_rebound():
    t = before = nn.asarray([1.0, 2.0])
    t -= 1.0
    assert t is not before
    assert before.tolist() == [1.0, 2.0]
    assert t.tolist() == [0.0, 1.0]


@given(st.lists(st.sampled_from(sorted(FLOATS)), max_size=6), st.integers(1, 4))
def test_chains_equal_assign(names, size):
    start = np.linspace(0.5, 2.0, size).astype(np.float32)
    one, other = nn.Variable(start), nn.Variable(start)
    for name in names:
        one = FLOATS[name](one, 1.25)
        other.assign(getattr(operator, name[1:])(other, 1.25))
    np.testing.assert_array_equal(one.numpy(), other.numpy())
