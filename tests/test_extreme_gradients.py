"""Gradients at extreme but finite points, compared with mpmath, and at points where there is no derivative."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn

mp = mpmath.mp.clone()
mp.prec = 300
DTYPES = [np.float32, np.float64]


def logistic(x):
    return 1 / (1 + mp.exp(-x))


SLOPES = {
    "exp": mp.exp, "expm1": mp.exp, "log": lambda x: 1 / x, "log1p": lambda x: 1 / (1 + x),
    "log2": lambda x: 1 / (x * mp.log(2)), "log10": lambda x: 1 / (x * mp.log(10)), "sin": mp.cos,
    "cos": lambda x: -mp.sin(x), "tan": lambda x: 1 + mp.tan(x) ** 2, "asin": lambda x: 1 / mp.sqrt(1 - x * x),
    "acos": lambda x: -1 / mp.sqrt(1 - x * x), "atan": lambda x: 1 / (1 + x * x), "sinh": mp.cosh, "cosh": mp.sinh,
    "tanh": lambda x: mp.sech(x) ** 2, "asinh": lambda x: 1 / mp.sqrt(1 + x * x),
    "acosh": lambda x: 1 / mp.sqrt(x * x - 1) if x > 1 else mp.nan,
    "atanh": lambda x: 1 / (1 - x * x) if abs(x) < 1 else mp.nan,
    "erf": lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x), "sigmoid": lambda x: logistic(x) * logistic(-x),
    "softplus": logistic, "silu": lambda x: logistic(x) * (1 + x * logistic(-x)),
    "gelu": lambda x: mp.ncdf(x) + x * mp.npdf(x) if abs(x) < 1e4 else mp.mpf(x > 0),
    "elu": lambda x: mp.exp(min(x, mp.mpf(0))),
    "sqrt": lambda x: 1 / (2 * mp.sqrt(x)), "rsqrt": lambda x: -1 / (2 * x * mp.sqrt(x)),
    "reciprocal": lambda x: -1 / x**2, "square": lambda x: 2 * x, "abs": mp.sign,
    "relu": lambda x: mp.mpf(1 if x > 0 else 0),
}  # fmt: skip
SLOPES_OF_TWO = {
    "divide": (lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "hypot": (lambda x, y: x / mp.sqrt(x * x + y * y), lambda x, y: y / mp.sqrt(x * x + y * y)),
    "atan2": (lambda y, x: x / (x * x + y * y), lambda y, x: -y / (x * x + y * y)),
    "logaddexp": (lambda x, y: logistic(x - y), lambda x, y: logistic(y - x)),
}
SATURATING = {"elu", "gelu", "sigmoid", "silu", "tanh"}
"""Their gradients are made of results near 1, so that they err by the precision of 1 and not of their own size."""


def points(dtype):
    limits = np.finfo(dtype)
    sizes = [
        0,
        limits.tiny,
        1e-30,
        1e-10,
        limits.eps,
        1e-3,
        0.3,
        1 - 2 * limits.eps,
        1,
        1 + 2 * limits.eps,
        2,
        8,
        20,
        50,
    ]
    sizes += [80, 300, 700, 1e4, 1e8, 1e15, 1e19, 1e25, 1e38]
    sizes += [limits.max / 4] + [1e160, 1e200] * (dtype is np.float64)
    return [dtype(sign * size) for size in sizes for sign in (1, -1)]


def check(name, slope, position, arrays):
    """Compare one derivative at many points with the true one, where there is one in the dtype."""
    dtype = arrays[0].dtype.type
    limits = np.finfo(dtype)
    sources = [nn.asarray(x) for x in arrays]
    with nn.GradientTape() as tape:
        tape.watch(sources)
        y = getattr(nn, name)(*sources)
    found = tape.gradient(y, sources[position]).numpy()
    compared = 0
    for i, point in enumerate(zip(*arrays, strict=True)):
        try:
            true = slope(*[mp.mpf(float(v)) for v in point])
        except ZeroDivisionError:
            continue
        if isinstance(true, mp.mpc) or not mp.isfinite(true) or abs(true) > float(limits.max) / 4:
            continue
        tolerance = 4 * limits.eps if name in SATURATING else 1500 * limits.eps * abs(true) + limits.tiny
        error = abs(mp.mpf(float(found[i])) - true) if math.isfinite(found[i]) else mp.inf
        assert error <= tolerance, f"the derivative of {name} at {point} is {found[i]}, the true one {float(true)}"
        compared += 1
    assert compared > 8


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SLOPES)
def test_functions_of_one_number(name, dtype):
    check(name, SLOPES[name], 0, [np.array(points(dtype))])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("name", SLOPES_OF_TWO)
def test_functions_of_two_numbers(name, position, dtype):
    pairs = np.array(list(itertools.product(points(dtype), points(dtype))))
    check(name, SLOPES_OF_TWO[name][position], position, [pairs[:, 0].copy(), pairs[:, 1].copy()])


# Sums of exponentials


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("offset", [0.0, 1e8, -1e8, 1e30, -1e30])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), (1, 0)])
def test_logsumexp_shares_its_gradient_as_softmax_does(axis, offset, dtype):
    x = np.full((2, 3), offset, dtype)
    g = nn.grad(lambda x: nn.sum(nn.logsumexp(x, axis=axis)))(x)
    count = x.size if not isinstance(axis, int) else x.shape[axis]
    np.testing.assert_allclose(g.numpy(), 1 / count, rtol=1e-6)


def test_logsumexp_keeps_what_the_result_has_lost():
    x = np.array([1e8, 1e8 - 8, -np.inf], np.float32)
    expected = np.exp([0.0, -8.0, -np.inf]) / (1 + np.exp(-8.0))
    np.testing.assert_allclose(nn.grad(nn.logsumexp)(x).numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(
        nn.grad(nn.logaddexp)(np.float32(1e8), np.float32(1e8 - 8)).item(), expected[0], rtol=1e-6
    )


def test_logaddexp_of_equals_is_smooth():
    assert nn.hessian(lambda x: nn.logaddexp(x, 3.0))(3.0).item() == 0.25
    assert [g.item() for g in nn.grad(nn.logaddexp, (0, 1))(math.inf, math.inf)] == [0.5, 0.5]


@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2), (2, 1), (0, 1, 2)])
@pytest.mark.parametrize("f", [nn.logsumexp, nn.prod, nn.norm, nn.std])
def test_reductions_along_any_axes(f, axis, keepdims):
    x = np.random.default_rng(0).uniform(0.5, 2.0, (2, 3, 2))
    nn.testing.check_grad(lambda x: f(x, axis=axis, keepdims=keepdims), x, order=2)
    assert nn.grad(lambda x: f(x) * 1.0)(np.asarray(3.0)).shape == ()


@pytest.mark.parametrize("f", [nn.softmax, nn.log_softmax])
def test_softmax_at_large_scores(f):
    for x in ([1e8, 1e8, 1e8], [1e30, -1e30, 0.0], [-1e38, -1e38, 1e38]):
        rows = nn.jacobian(f)(np.array(x, np.float32)).numpy()
        wide = np.array(x) - max(x)
        p = np.exp(wide) / np.exp(wide).sum()
        expected = np.diag(p) - np.outer(p, p) if f is nn.softmax else np.eye(3) - p
        np.testing.assert_allclose(rows, expected, atol=1e-6)


@pytest.mark.parametrize("score", [0.0, 30.0, -30.0, 1e4, -1e4, 1e38, -1e38])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_cross_entropies_of_large_scores(score, label):
    slope = nn.grad(lambda z: nn.sum(nn.losses.binary_crossentropy([[label]], nn.reshape(z, (1, 1)), from_logits=True)))
    true = float(logistic(mp.mpf(score)) - label)
    assert slope(score).item() == pytest.approx(true, rel=1e-5, abs=1e-38)
    both = nn.grad(lambda z: nn.sum(nn.losses.sparse_categorical_crossentropy([0], z, from_logits=True)))
    assert np.isfinite(both([[score, -score]]).numpy()).all()


# Products

HARD = [
    [1e-30, 1e-30, 2.0], [1e30, 1e30, 1e-30], [0.0, 3.0, 2.0], [0.0, 0.0, 2.0], [1e-30, 1e30, 0.0, 1e30], [-1e-20] * 4,
    [1e30, 1e-30, 1e30, 1e-30], [3.0], [1e-38, 1e38, 1e-38, 1e38, 0.0], [2.0, -0.5, 1e-5, 7.0],
    [1e20] * 3 + [1e-20] * 3, [1e30, 1e30, 5.0],
]  # fmt: skip


def true_products(x):
    """The products of all elements but one."""
    return [mp.fprod(mp.mpf(float(v)) for k, v in enumerate(x) if k != i) for i in range(len(x))]


def true_running(g, x):
    """The gradient of running products, weighted by g."""
    x, g = [mp.mpf(float(v)) for v in x], [mp.mpf(float(v)) for v in g]
    n = len(x)
    return [sum(g[j] * mp.fprod(x[k] for k in range(j + 1) if k != i) for j in range(i, n)) for i in range(n)]


def close(found, true, dtype, sizes=None):
    """Compare with true values of which terms have `sizes`, if they are sums; what is larger than all floats is inf."""
    limits = np.finfo(dtype)
    for a, b, size in zip(found, true, sizes or true, strict=True):
        if abs(size) > float(limits.max):
            assert sizes or abs(a) == np.inf
        else:
            assert abs(mp.mpf(float(a)) - b) <= 64 * limits.eps * abs(size) + limits.tiny, (
                found,
                list(map(float, true)),
            )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("x", HARD)
def test_products_that_vanish_or_overflow(x, dtype):
    x = np.array(x, dtype)
    with np.errstate(all="ignore"):
        close(nn.grad(nn.prod)(x).numpy(), true_products(x), dtype)
        table = np.stack([x, x[::-1]])
        rows = nn.grad(lambda t: nn.sum(nn.prod(t, axis=1)))(table).numpy()
        columns = nn.grad(lambda t: nn.sum(nn.prod(t, axis=0)))(table.T.copy()).numpy()
        np.testing.assert_array_equal(rows, columns.T)
        close(rows[1], true_products(x[::-1]), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("x", HARD)
def test_running_products_that_vanish_or_overflow(x, dtype):
    x = np.array(x, dtype)
    weights = [np.ones(len(x)), np.eye(len(x))[0], np.linspace(-1, 2, len(x))]
    with np.errstate(all="ignore"):
        for w in weights:
            g = nn.grad(lambda x, w=w: nn.sum(nn.cumulative_prod(x) * w.astype(dtype)))(x).numpy()
            close(g, true_running(w.astype(dtype), x), dtype, true_running(np.abs(w), np.abs(x)))


@given(st.lists(st.sampled_from([0.0, 1e-30, -1e-10, 0.5, -1.0, 3.0, 1e10, 1e30]), min_size=1, max_size=9), st.data())
def test_any_products_of_float32(x, data):
    x = np.array(x, np.float32)
    w = np.array(data.draw(st.lists(st.sampled_from([0.0, 1.0, -2.0]), min_size=len(x), max_size=len(x))), np.float32)
    with np.errstate(all="ignore"):
        close(nn.grad(nn.prod)(x).numpy(), true_products(x), np.float32)
        g = nn.grad(lambda x: nn.sum(nn.cumulative_prod(x) * w))(x).numpy()
    close(g, true_running(w, x), np.float32, true_running(np.abs(w), np.abs(x)))


def test_products_with_infinities_are_no_nan():
    x = np.array([np.inf, 2.0, 3.0], np.float32)
    assert nn.grad(nn.prod)(x).tolist() == [6, np.inf, np.inf]
    assert nn.grad(lambda x: nn.sum(nn.cumulative_prod(x)))(x).tolist() == [9, np.inf, np.inf]
    assert nn.grad(lambda x: nn.cumulative_prod(x)[0])(x).tolist() == [1, 0, 0]


@pytest.mark.parametrize("x", [[0.0, 0.0, 2.0], [1.0, 0.0, 3.0, 2.0], [2.0], [0.5, -2.0, 3.0]])
@pytest.mark.parametrize("f", [nn.prod, nn.cumulative_prod])
def test_second_derivatives_of_products(f, x):
    nn.testing.check_grad(f, np.array(x), order=2)
    nn.testing.check_grad(lambda t: f(t, axis=0), np.array([x, x[::-1]]).T.copy(), order=2)


def test_products_of_nothing():
    for shape in ((0,), (2, 0), (0, 2)):
        assert nn.grad(lambda x: nn.sum(nn.prod(x, axis=0)))(nn.zeros(shape)).shape == shape
        assert nn.grad(lambda x: nn.sum(nn.cumulative_prod(x, axis=0)))(nn.zeros(shape)).shape == shape
    assert nn.grad(nn.prod)(5.0).item() == 1


# Lengths


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e-38, 1e-30, 1e-20, 1.0, 1e20, 1e30, 1e38])
def test_lengths_neither_overflow_nor_vanish(size, dtype):
    x = np.array([3.0, -4.0, 0.0], dtype) / dtype(4) * dtype(size)
    assert nn.norm(x).item() == pytest.approx(1.25 * size, rel=1e-5)
    np.testing.assert_allclose(nn.grad(nn.norm)(x).numpy(), [0.6, -0.8, 0], rtol=1e-5)
    assert nn.hypot(x[0], x[1]).item() == pytest.approx(1.25 * size, rel=1e-5)
    pair = np.array([-1.0, 1.0], dtype) * dtype(size)
    assert nn.std(pair).item() == pytest.approx(size, rel=1e-5)
    np.testing.assert_allclose(nn.grad(nn.std)(pair).numpy(), [-0.5, 0.5], rtol=1e-5)


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_lengths_of_what_is_not_finite(special):
    assert nn.norm([special, 1.0]).numpy() == pytest.approx(abs(special), nan_ok=True)
    assert nn.norm([[special, 1.0], [3.0, 4.0]], axis=1)[1].item() == 5
    assert nn.norm(nn.zeros((2, 0)), axis=1).tolist() == [0, 0]
    assert nn.norm(nn.zeros((0, 2)), axis=1).shape == (0,)
    assert nn.norm([3, 4]).item() == 5


# Clip


@pytest.mark.parametrize("x", [0.0, 1.0, 3.0, 5.0, 9.0])
@pytest.mark.parametrize(("low", "high"), [(5.0, 1.0), (1.0, 5.0), (3.0, 3.0), (-math.inf, 3.0), (3.0, math.inf)])
def test_clip_is_the_smaller_of_high_and_the_larger_and_its_gradient_fits(x, low, high):
    assert nn.clip(x, low, high).item() == np.clip(x, low, high) == min(max(x, low), high)
    g = [one.item() for one in nn.grad(nn.clip, (0, 1, 2))(x, low, high)]
    assert sum(g) == 1
    assert g.index(1) == (0 if low <= x <= high else 1 if x < low <= high else 2)


# Points without a derivative

KINKS = {
    "abs": (nn.abs, 0.0, 0),
    "sign": (nn.sign, 0.0, 0),
    "relu": (nn.relu, 0.0, 0),
    "leaky_relu": (nn.leaky_relu, 0.0, 0.2),
    "floor": (nn.floor, 1.0, 0),
    "round": (nn.round, 0.5, 0),
    "norm": (nn.norm, [0.0, 0.0], 0),
    "norm, 1": (lambda x: nn.norm(x, ord=1), [0.0, 0.0], 0),
    "norm, inf": (lambda x: nn.norm(x, ord=math.inf), [0.0, 0.0], 0),
    "norm of rows": (lambda x: nn.sum(nn.norm(x, axis=1)), [[0.0, 0.0], [3.0, 4.0]], [[0, 0], [0.6, 0.8]]),
    "std": (nn.std, [2.0, 2.0], 0),
    "std, corrected": (lambda x: nn.std(x, correction=1), [2.0, 2.0], 0),
    "std of columns": (lambda x: nn.sum(nn.std(x, axis=0)), [[1.0, 5.0], [3.0, 5.0]], [[-0.5, 0], [0.5, 0]]),
    "hypot": (lambda x: nn.hypot(x, x), 0.0, 0),
    "hypot of one": (lambda x: nn.hypot(x, 0.0), 0.0, 0),
    "atan2": (lambda x: nn.atan2(x, x), 0.0, 0),
    "atan2 of y": (lambda x: nn.atan2(x, 0.0), 0.0, 0),
    "atan2 of x": (lambda x: nn.atan2(0.0, x), 0.0, 0),
    "logsumexp": (nn.logsumexp, [-math.inf, -math.inf], 0),
    "logsumexp of rows": (lambda x: nn.logsumexp(x, axis=1), [[-math.inf] * 2, [0.0, 0.0]], [[0, 0], [0.5, 0.5]]),
    "logaddexp": (lambda x: nn.logaddexp(x, -math.inf), -math.inf, 0),
    "max": (nn.max, [3.0, 3.0, 1.0], [0.5, 0.5, 0]),
    "min": (nn.min, [3.0, 3.0, 1.0], [0, 0, 1]),
    "maximum": (lambda x: nn.maximum(x, 3.0), 3.0, 0.5),
    "minimum": (lambda x: nn.minimum(x, 3.0), 3.0, 0.5),
    "clip": (lambda x: nn.clip(x, 0, 3), 3.0, 1),
    "pow, 0": (lambda x: x**0, 0.0, 0),
    "pow, 1": (lambda x: x**1, 0.0, 1),
    "pow, 2": (lambda x: x**2, 0.0, 0),
    "pow of the exponent": (lambda y: nn.pow(0.0, y), 0.0, 0),
    "copysign": (lambda x: nn.copysign(x, 1.0), 0.0, 0),
    "mean absolute error": (lambda x: nn.sum(nn.losses.mean_absolute_error([[1.0]], nn.reshape(x, (1, 1)))), 1.0, 0),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", KINKS)
def test_points_without_a_derivative_have_a_finite_subgradient(name, dtype):
    f, point, expected = KINKS[name]
    x = np.array(point, dtype)
    g = nn.grad(lambda x: nn.sum(f(x)))(x).numpy()
    np.testing.assert_allclose(g, np.broadcast_to(expected, x.shape), rtol=1e-6)
    assert np.isfinite(nn.hessian(lambda x: nn.sum(f(x)))(x).numpy()).all()


@pytest.mark.parametrize(("f", "sign"), [(nn.sqrt, 1), (lambda x: x**0.5, 1), (nn.log, 1), (nn.reciprocal, -1)])
def test_infinite_slopes_are_infinite(f, sign):
    assert nn.grad(f)(0.0).item() == sign * np.inf


def test_a_constant_feature_does_not_turn_a_model_to_nan():
    class Standardize(nn.layers.Layer):
        def call(self, x):
            return (x - nn.mean(x, axis=0, keepdims=True)) / (nn.std(x, axis=0, keepdims=True) + 1e-6)

    x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
    x[:, 0] = 0
    model = nn.Sequential([nn.layers.Dense(4, kernel_initializer="zeros"), Standardize(), nn.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(x, x[:, 1:2], epochs=3, verbose=0, rng=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all(np.isfinite(w).all() for w in model.get_weights())
