"""Jacobians, Hessians, functions with a gradient of their own, and the check of gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import numbanet as nn
from numbanet.errors import ArgumentError, GradientError, ShapeError
from numbanet.graph.outcome import Replay
from tests import strategies


def points(shape):
    return hnp.arrays(np.float64, shape, elements=st.floats(-2, 2))


@given(x=points((3,)), w=points((3, 2)))
def test_the_jacobian_of_a_product_is_its_factor(x, w):
    by_x, by_w = nn.jacobian(nn.matmul, argnums=(0, 1))(x, w)
    np.testing.assert_array_equal(by_x, w.T)
    np.testing.assert_array_equal(by_w, np.einsum("i,jk->kij", x, np.eye(2)))


@given(x=strategies.shapes(max_dims=2, max_side=3).flatmap(points))
def test_shapes_are_those_of_output_and_input(x):
    assert nn.jacobian(lambda x: nn.stack([x, x]))(x).shape == (2, *x.shape, *x.shape)
    assert nn.hessian(lambda x: nn.sum(x * x))(x).shape == 2 * x.shape
    np.testing.assert_array_equal(nn.jacobian(nn.sum)(x), np.ones_like(x))


@given(x=points((4,)), v=points((4,)))
def test_hvp_is_the_hessian_times_the_vector(x, v):
    def f(x):
        return nn.sum(nn.sin(x) * nn.exp(x[::-1]))

    hessian = nn.hessian(f)(x).numpy()
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(nn.hvp(f)(x, v), hessian @ v, rtol=1e-12, atol=1e-12)


def test_structures_of_inputs_and_outputs():
    point = {"a": nn.asarray([1.0, 2.0]), "b": [nn.asarray(3.0)]}

    def f(p):
        return {"sum": nn.sum(p["a"]) * p["b"][0], "parts": (p["a"],)}

    found = nn.jacobian(f)(point)
    assert found["sum"]["a"].tolist() == [3, 3]
    assert found["sum"]["b"][0].item() == 3
    assert found["parts"][0]["a"].tolist() == [[1, 0], [0, 1]]
    assert found["parts"][0]["b"][0].tolist() == [0, 0]
    loss = lambda p: nn.sum(p["a"] ** 2) * p["b"][0]  # noqa: E731  (as users write it)
    assert nn.grad(loss)(point)["a"].tolist() == [6, 12]
    product = nn.hvp(loss)(point, {"a": [1.0, 0.0], "b": [1.0]})
    assert product["a"].tolist() == [8, 4]
    assert product["b"][0].item() == 2


def test_several_arguments_give_blocks():
    blocks = nn.hessian(lambda x, y: nn.sum(x * x * y), argnums=(0, 1))([1.0, 2.0], [3.0, 4.0])
    assert blocks[0][0].tolist() == [[6, 0], [0, 8]]
    assert blocks[0][1].tolist() == blocks[1][0].tolist() == [[2, 0], [0, 4]]
    assert blocks[1][1].tolist() == [[0, 0], [0, 0]]
    one, other = nn.hvp(lambda x, y: nn.sum(x * x * y), argnums=(0, -1))([1.0], [3.0], ([1.0], [0.0]))
    assert (one.tolist(), other.tolist()) == ([6], [2])


def test_a_jacobian_can_be_differentiated():
    trace = lambda x: nn.sum(nn.jacobian(lambda x: x**3)(x) * np.eye(2, dtype=np.float32))  # noqa: E731  (as users write it)
    assert nn.grad(trace)([1.0, 2.0]).tolist() == [6, 12]


@pytest.mark.parametrize("of", [nn.jacobian, nn.hessian, nn.grad, nn.hvp], ids=lambda of: of.__name__)
def test_integers_and_wrong_arguments_are_refused(of):
    with pytest.raises(GradientError, match="int64"):
        of(nn.sum)([1, 2], *[[1, 2]] * (of is nn.hvp))
    with pytest.raises(ArgumentError, match="argnums=3"):
        of(nn.sum, argnums=3)([1.0], *[[1.0]] * (of is nn.hvp))
    with pytest.raises(ArgumentError, match="argnums must be"):
        of(nn.sum, argnums="x")([1.0], *[[1.0]] * (of is nn.hvp))


def test_errors_name_what_does_not_fit():
    with pytest.raises(GradientError, match="float"):
        nn.jacobian(lambda x: 1.0)([1.0])
    with pytest.raises(GradientError, match="int64"):
        nn.jacobian(lambda x: nn.argmax(x))([1.0])
    with pytest.raises(ArgumentError, match="vector is missing"):
        nn.hvp(nn.sum)()
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        nn.hvp(lambda x: nn.sum(x * x))([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match=r"parts \[0, 1\], its argument \[0\]"):
        nn.hvp(lambda p: nn.sum(p[0] * p[0]))([nn.ones(1)], [[1.0], [2.0]])


# Functions with a gradient of their own


@nn.custom_gradient
def _scaled_product(x, y, scale=1.0):
    """Its gradient by y is not the true one, so that it shows whose rule was asked."""
    return x * y * scale, lambda g: (g * y * scale, 10.0 * g * x)


def test_the_gradient_is_the_one_that_is_returned():
    x, y = nn.Variable([1.0, 2.0]), nn.Variable([3.0, 4.0])
    with nn.GradientTape() as tape:
        z = _scaled_product(x, y, scale=2.0)
    assert z.tolist() == [6, 16]
    by_x, by_y = tape.gradient(z, [x, y])
    assert by_x.tolist() == [6, 8]
    assert by_y.tolist() == [10, 20]
    assert nn.jacobian(_scaled_product, argnums=1)(1.0, 3.0).item() == 10


def test_second_derivatives_follow_the_rule():
    @nn.custom_gradient
    def softplus(x):
        e = nn.exp(x)
        return nn.log(1.0 + e), lambda g: g * (1.0 - 1.0 / (1.0 + e))

    nn.testing.check_grad(softplus, [-1.0, 0.5, 2.0], order=2)
    assert nn.grad(nn.grad(lambda x: _scaled_product(2.0, x) * x))(1.0).item() == 40


def test_several_results_have_a_gradient_each():
    @nn.custom_gradient
    def both(x):
        s, c = nn.sin(x), nn.cos(x)
        return {"sin": s, "cos": c}, lambda g, h: g * c - h * s

    nn.testing.check_grad(lambda x: both(x)["sin"], [0.3, 1.0])
    nn.testing.check_grad(lambda x: [both(x)["cos"], both(x)["sin"]], [0.3, 1.0], order=2)


def test_the_rule_runs_once_for_all_arguments():
    calls = []

    @nn.custom_gradient
    def f(x, y):
        return x * y, lambda g: calls.append(1) or (g * y, g * x)

    nn.grad(f, argnums=(0, 1))(2.0, 3.0)
    assert len(calls) == 1


def test_no_gradient_flows_where_the_rule_gives_none():
    @nn.custom_gradient
    def first(x, y):
        return x + y, lambda g: [g, None]

    assert [g.item() for g in nn.grad(first, argnums=(0, 1))(1.0, 2.0)] == [1, 0]


@pytest.mark.needs_compiled("steps are replayed")
def test_a_gradient_of_ones_own_is_replayed():
    w, optimizer = nn.Variable([1.0, 2.0]), nn.optimizers.SGD(0.1)

    @nn.function
    def step(x):
        with nn.GradientTape() as tape:
            loss = nn.sum(_scaled_product(x, w))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return loss

    assert [step(nn.ones(2)).item() for _ in range(4)] == [3, 1, -1, -3]
    assert isinstance(step.calls[0][1], Replay), step.calls


@pytest.mark.parametrize(
    ("result", "error", "words"),
    [
        (lambda x: x, GradientError, r"returns \(y, vjp\)"),
        (lambda x: (1.0, lambda g: g), GradientError, "must be tensors"),
        (lambda x: (x, lambda g: (g, g)), GradientError, "2 gradients for 1 arguments"),
        (lambda x: (x, lambda g: nn.sum(g)), ShapeError, r"argument 0 has shape \(\), the argument \(2,\)"),
    ],
)
def test_wrong_rules_are_named(result, error, words):
    with pytest.raises(error, match=words):
        nn.jacobian(nn.custom_gradient(result))([1.0, 2.0])


# The check itself


def test_check_grad_names_what_is_wrong():
    def wrong(y, x):
        return nn.stop_gradient(x) * x + y

    with pytest.raises(GradientError, match=r"check_grad of wrong: input 1 at index \(0,\)"):
        nn.testing.check_grad(wrong, 1, [1.0, 2.0])
    with pytest.raises(ArgumentError, match="order"):
        nn.testing.check_grad(nn.sum, [1.0], order=3)


@pytest.mark.parametrize("size", [1e-3, 1e-6])
def test_check_grad_sees_small_faults(size):
    @nn.custom_gradient
    def f(x):
        return nn.sin(x), lambda g: g * nn.cos(x) * (1.0 + size)

    with pytest.raises(GradientError, match="input 0"):
        nn.testing.check_grad(f, [0.5])


def test_check_grad_sees_wrong_second_derivatives():
    @nn.custom_gradient
    def f(x):
        return nn.exp(x), lambda g: g * nn.stop_gradient(nn.exp(x))

    nn.testing.check_grad(f, [0.5])
    with pytest.raises(GradientError, match=r"gradient of f: input 0 at index \(0,\)"):
        nn.testing.check_grad(f, [0.5], order=2)

    @nn.custom_gradient
    def deaf(x):
        return 2.0 * x, lambda g: nn.stop_gradient(2.0 * g)

    with pytest.raises(GradientError, match=r"incoming gradient 0 at index \(0,\)"):
        nn.testing.check_grad(deaf, [0.5], order=2)


def test_check_grad_finds_points_without_a_derivative():
    with pytest.raises(GradientError, match="input 0"):
        nn.testing.check_grad(nn.relu, [0.0])


def test_unconnected_sources_of_functions_are_zero():
    assert nn.grad(lambda x, y: nn.sum(nn.stop_gradient(x) * y), (0, 1))([1.0, 2.0], 1.0)[0].tolist() == [0, 0]
    assert nn.jacobian(nn.floor)([1.5]).tolist() == [[0]]
