"""Nested dicts, lists, tuples and named tuples as arguments: gradients come back in their structure."""

from collections import OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.structures import flatten
from numbanet.errors import ArgumentError, GradientError


class Layer(NamedTuple):
    kernel: object
    bias: object


LEAVES = st.sampled_from(
    [1.5, -2.0, np.array([1.0, 2.0]), np.array([[0.5], [3.0]], np.float32), nn.asarray([2.0, 3.0])]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3)
        | st.builds(Layer, inner, inner)
    ),
    max_leaves=6,
)


def numbers_alone(tree):
    """Whether numbanet takes a list for one array."""
    return isinstance(tree, float) or (type(tree) in (list, tuple) and all(map(numbers_alone, tree)))


def cubes(tree):
    """The sum of the cubes of all leaves."""
    return sum(nn.sum(nn.asarray(leaf) ** 3) for leaf in flatten(tree))


def same_structure(found, tree):
    """Every gradient stands where its leaf does, with its shape, and is three times its square."""
    if isinstance(tree, dict):
        assert type(found) is type(tree)
        assert list(found) == list(tree)
        for key in tree:
            same_structure(found[key], tree[key])
    elif isinstance(tree, (list, tuple)):
        assert type(found) is type(tree)
        assert len(found) == len(tree)
        for one, other in zip(found, tree, strict=True):
            same_structure(one, other)
    else:
        assert isinstance(found, nn.Tensor)
        assert found.shape == np.shape(tree)
        np.testing.assert_allclose(found.numpy(), 3.0 * np.square(np.asarray(tree)), rtol=1e-6)


@given(tree=TREES.filter(lambda tree: not numbers_alone(tree)), other=LEAVES)
def test_gradients_have_the_structure_of_the_argument(tree, other):
    value, found = nn.value_and_grad(lambda p, k: cubes(p) * k.sum() if hasattr(k, "sum") else cubes(p))(tree, 1.0)
    assert value.size == 1
    same_structure(found, tree)
    same_structure(nn.grad(cubes)(tree), tree)
    both = nn.grad(lambda a, b: cubes(a) + cubes(b), argnums=(0, 1))(tree, other)
    same_structure(both[0], tree)
    same_structure(both[1], other)


@given(tree=TREES.filter(lambda tree: not numbers_alone(tree)))
def test_they_are_those_of_the_tape(tree):
    tensors = [nn.Variable(leaf) for leaf in flatten(tree)]
    with nn.GradientTape() as tape:
        y = cubes(tensors)
    expected = tape.gradient(y, tensors)
    for one, other in zip(flatten(nn.grad(cubes)(tree)), expected, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_numbers_are_leaves_of_dicts_and_named_tuples():
    def line(p, x):
        return nn.sum(p["slope"] * x + p["shift"])

    found = nn.grad(line)({"slope": 2.0, "shift": 1.0}, np.array([1.0, 2.0]))
    assert {key: g.item() for key, g in found.items()} == {"slope": 3.0, "shift": 2.0}
    found = nn.grad(lambda p: p.kernel * p.bias)(Layer(2.0, 5.0))
    assert type(found) is Layer
    assert (found.kernel.item(), found.bias.item()) == (5.0, 2.0)
    found = nn.grad(lambda p: nn.sum(p["w"][0] * p["w"][1]))({"w": [2.0, 5.0]})
    assert [g.item() for g in found["w"]] == [5.0, 2.0]


def test_a_list_of_numbers_alone_is_one_array():
    for x in ([1.0, 2.0], (1.0, 2.0), [np.float64(1.0), 2.0]):
        found = nn.grad(lambda x: nn.sum(nn.square(x)))(x)
        assert isinstance(found, nn.Tensor)
        assert found.tolist() == [2.0, 4.0]
    found = nn.grad(lambda x: nn.sum(nn.asarray([x[0] * 2, x[1] * 3])))([1.0, 1.0])
    assert found.tolist() == [2.0, 3.0]


def test_numbers_keep_their_value_beside_double_precision():
    x = np.array([1.0, 1.0])
    value, found = nn.value_and_grad(lambda p: nn.sum(p["x"] * p["k"]))({"x": x, "k": 0.1})
    assert value.item() == 0.2
    assert found["k"].dtype == np.float64
    assert nn.value_and_grad(lambda x, k: nn.sum(x * k), argnums=1)(x, 0.1)[0].item() == 0.2
    assert nn.value_and_grad(lambda k, x: nn.sum(x * k))([0.1, 0.1], x)[0].item() == 0.2
    assert nn.grad(lambda k: k * k)(0.1).dtype == np.float32


@pytest.mark.parametrize("kind", [OrderedDict, lambda parts: defaultdict(float, parts), dict])
def test_dicts_keep_their_kind_and_order(kind):
    tree = kind({"z": np.ones(2), "a": np.ones(1)})
    found = nn.grad(cubes)(tree)
    assert type(found) is type(tree)
    assert list(found) == ["z", "a"]
    assert isinstance(tree["z"], np.ndarray)
    if isinstance(tree, defaultdict):
        assert found["new"] == 0.0


def test_none_stands_for_nothing():
    found = nn.grad(lambda p: nn.sum(p["w"] * 2.0) if p["b"] is None else p["b"])({"w": np.ones(2), "b": None})
    assert found["w"].tolist() == [2.0, 2.0]
    assert found["b"] is None
    found = nn.grad(lambda p: nn.sum(p[0]))([nn.ones(2), None])
    assert found[1] is None


def test_variables_and_nested_gradients():
    v = nn.Variable([1.0, 2.0])
    found = nn.grad(cubes)({"v": v})
    assert found["v"].tolist() == [3.0, 12.0]
    second = nn.grad(lambda p: cubes(nn.grad(cubes)(p)["x"]))({"x": nn.asarray([1.0, 2.0])})
    np.testing.assert_allclose(second["x"].numpy(), 162.0 * np.array([1.0, 2.0]) ** 5)  # (3 x^2)^3 = 27 x^6


def test_jacobians_hessians_and_products_have_the_structure_too():
    tree = {"a": np.array([1.0, 2.0]), "b": (np.array(3.0), None)}
    found = nn.jacobian(lambda p: p["a"] ** 2 * p["b"][0])(tree)
    np.testing.assert_array_equal(found["a"].numpy(), np.diag([6.0, 12.0]))
    assert found["b"][0].tolist() == [1.0, 4.0]
    assert found["b"][1] is None
    second = nn.hessian(lambda p: nn.sum(p["a"] ** 2) * p["b"][0])(tree)
    np.testing.assert_array_equal(second["a"]["a"].numpy(), 6.0 * np.eye(2))
    assert second["a"]["b"][0].tolist() == [2.0, 4.0]
    vector = {"a": [1.0, 0.0], "b": (2.0, None)}
    product = nn.hvp(lambda p: nn.sum(p["a"] ** 2) * p["b"][0])(tree, vector)
    assert product["a"].tolist() == [6.0 + 4.0, 8.0]
    assert product["b"][0].item() == 2.0
    found = nn.jacobian(lambda p: p.kernel * p.bias)(Layer(np.array([1.0, 2.0]), 3.0))
    np.testing.assert_array_equal(found.kernel.numpy(), 3.0 * np.eye(2))
    assert found.bias.tolist() == [1.0, 2.0]


def test_argnums_are_integers_of_any_kind():
    def f(x, y):
        return nn.sum(x * y)

    x, y = nn.asarray([1.0, 2.0]), nn.asarray([3.0, 4.0])
    assert nn.grad(f, argnums=np.int64(1))(x, y).tolist() == [1.0, 2.0]
    assert nn.grad(f, argnums=nn.asarray(-1))(x, y).tolist() == [1.0, 2.0]
    for several in ((0, 1), [0, np.int8(1)], (np.uint8(0), -1)):
        assert [g.tolist() for g in nn.grad(f, argnums=several)(x, y)] == [[3.0, 4.0], [1.0, 2.0]]
    for bad in ((), [], True, "0", 1.0, (0, None)):
        with pytest.raises(ArgumentError, match="argnums"):
            nn.grad(f, argnums=bad)
    for twice in ((0, 0), (0, -2)):
        with pytest.raises(ArgumentError, match="twice"):
            nn.grad(f, argnums=twice)(x, y)


@pytest.mark.parametrize("tree", [{"w": "text"}, {"w": 3}, {"w": np.array([1, 2])}, [np.ones(2), object()]])
def test_what_is_not_a_floating_leaf_is_an_error(tree):
    with pytest.raises((GradientError, TypeError)):
        nn.grad(cubes)(tree)


def test_arguments_are_left_as_they_are():
    x = np.array([1.0, 2.0])
    tree = {"x": x, "more": [x, 2.0]}
    nn.grad(cubes)(tree)
    assert tree["x"] is x
    assert tree["more"][0] is x
    assert tree["more"][1] == 2.0
