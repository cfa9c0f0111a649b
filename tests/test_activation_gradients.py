"""Gradients of activations: one launch each, as exact as results near 1 are, right at the ends, replayed, planned."""

import math

import mpmath
import numpy as np
import pytest

import numbanet as nn
from numbanet.core.table import TABLE
from numbanet.loops import functions

mp = mpmath.mp.clone()
mp.prec = 200
SLOPE, CUBE = 2 * mp.sqrt(2 / mp.pi), mp.mpf(0.044715)
ALPHA, SCALE = mp.mpf(1.6732632423543772), mp.mpf(1.0507009873554805)


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def gelu_tanh_slope(x):
    w = SLOPE * x * (1 + CUBE * x * x)
    return logistic(w) * (1 + x * logistic(-w) * SLOPE * (1 + 3 * CUBE * x * x))


SLOPES = {
    "sigmoid": lambda x: logistic(x) * logistic(-x), "tanh": lambda x: mp.sech(x) ** 2, "softplus": logistic,
    "silu": lambda x: logistic(x) * (1 + x * logistic(-x)), "gelu": lambda x: mp.ncdf(x) + x * mp.npdf(x),
    "gelu_tanh": gelu_tanh_slope, "elu": lambda x: mp.exp(min(x, mp.mpf(0))),
    "selu": lambda x: SCALE if x > 0 else SCALE * ALPHA * mp.exp(x),
    "leaky_relu": lambda x: mp.mpf(1) if x > 0 else mp.mpf(0.2),
}  # fmt: skip
FUNCTIONS = {name: getattr(nn, name) for name in SLOPES}
ERRORS = {
    "sigmoid": 0.8, "tanh": 1.2, "softplus": 0.8, "silu": 1.5, "gelu": 1.2, "gelu_tanh": 1.5, "elu": 0.9, "selu": 1.9,
    "leaky_relu": 0.1,
}  # fmt: skip
"""The largest error of each, in units in the last place of 1: where a result saturates, no more is known of it."""
DTYPES = [np.float32, np.float64]


def gradient(f, x, g=None):
    """The gradient of f with respect to x, where g comes from behind."""
    x = nn.asarray(x)
    with nn.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
        loss = y if g is None else nn.sum(y * g)
    return tape.gradient(loss, x).numpy()


def entries_of(f, x):
    """The ops that the gradient of f runs."""
    with nn.GradientTape() as outer:
        outer.watch(x)
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        tape.gradient(y, x)
    return [op.name for op, *_ in outer._entries]


def points(dtype):
    rng = np.random.default_rng(0)
    regions = [rng.uniform(-9, 9, 250), rng.normal(size=150), rng.uniform(-100, 100, 60), rng.normal(size=40) * 1e-6]
    return np.concatenate([*regions, [0.0, -0.0, -750, 1e4, -1e4]]).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SLOPES)
def test_errors_are_small(name, dtype, each_backend):
    x = points(dtype)
    x = x if each_backend != "python" else x[::8]
    true = [SLOPES[name](mp.mpf(float(v))) for v in x]
    with np.errstate(all="ignore"):
        found = gradient(FUNCTIONS[name], x)
    assert found.dtype == dtype
    unit = np.finfo(dtype).eps
    errors = [abs(mp.mpf(float(a)) - b) / unit for a, b in zip(found, true, strict=True)]
    worst = int(np.argmax([float(error) for error in errors]))
    assert errors[worst] <= ERRORS[name], f"at {x[worst]!r}"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["softplus", "silu", "gelu", "elu", "selu"])
def test_small_gradients_keep_their_digits(name, dtype, each_backend):
    """Far below 0, where slopes are exponentials, and where the composed ones were differences of numbers near 1."""
    x = np.linspace(-12, -4, 80).astype(dtype)
    true = [SLOPES[name](mp.mpf(float(v))) for v in x]
    found = gradient(FUNCTIONS[name], x)
    errors = [abs(mp.mpf(float(a)) / b - 1) for a, b in zip(found, true, strict=True)]
    limit = 400 if each_backend == "python" and name == "gelu" else 24  # the interpreter rounds x * x
    assert max(errors) <= limit * np.finfo(dtype).eps


LIMITS = {
    "sigmoid": (0, 0), "tanh": (0, 0), "softplus": (0, 1), "silu": (0, 1), "gelu": (0, 1), "gelu_tanh": (0, 1),
    "elu": (0, 1), "selu": (0, float(SCALE)), "leaky_relu": (0.2, 1),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SLOPES)
def test_the_ends(name, dtype, each_backend):
    """At infinity and at the largest numbers a gradient is its limit; NaN stays NaN, but for leaky_relu's constants."""
    largest = float(np.finfo(dtype).max)
    with np.errstate(all="ignore"):
        found = gradient(FUNCTIONS[name], np.array([-np.inf, -largest, np.inf, largest, np.nan], dtype))
    below, above = (dtype(limit) for limit in LIMITS[name])
    np.testing.assert_array_equal(found[:4], [below, below, above, above])
    assert math.isnan(found[4]) is (name != "leaky_relu")


@pytest.mark.parametrize("name", SLOPES)
def test_both_zeros_have_the_slope_of_the_left(name, each_backend):
    found = gradient(FUNCTIONS[name], np.array([0.0, -0.0]))
    np.testing.assert_allclose(found, float(SLOPES[name](mp.mpf(0))), rtol=1e-15)


@pytest.mark.parametrize("name", SLOPES)
def test_what_comes_from_behind_may_be_nan_or_infinite(name, each_backend):
    g = np.array([np.nan, np.inf, -np.inf, 0.0])
    with np.errstate(all="ignore"):
        found = gradient(FUNCTIONS[name], np.full(4, 0.5), g)
    np.testing.assert_array_equal(found, g)


@pytest.mark.parametrize("name", SLOPES)
def test_one_op_computes_the_gradient(name):
    x = nn.asarray(np.linspace(-3, 3, 7))
    assert entries_of(FUNCTIONS[name], x).count(f"{name}_gradient") == 1
    assert len(entries_of(FUNCTIONS[name], x)) == 2


@pytest.mark.parametrize("name", SLOPES)
def test_second_and_third_derivatives(name):
    x = np.array([-2.5, -0.8, 0.3, 1.7])
    nn.testing.check_grad(FUNCTIONS[name], x, order=2)
    once = nn.grad(lambda v: nn.sum(FUNCTIONS[name](v)))
    twice = nn.grad(lambda v: nn.sum(once(v)))
    third = nn.grad(lambda v: nn.sum(twice(v)))
    steps = (twice(x + 1e-5).numpy() - twice(x - 1e-5).numpy()) / 2e-5
    np.testing.assert_allclose(third(x).numpy(), steps, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", SLOPES)
def test_second_derivatives_at_the_ends(name):
    x = np.array([-np.inf, -1e30, 1e30, np.inf], np.float32)
    once = nn.grad(lambda v: nn.sum(FUNCTIONS[name](v)))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(nn.grad(lambda v: nn.sum(once(v)))(x).numpy(), np.zeros(4))


def test_gradients_by_the_parameters():
    x, alpha = np.array([-90.0, -1.0, 0.5, 1e3], np.float32), np.array([0.5, 2.0, 1.0, 3.0], np.float32)
    by_alpha = nn.grad(lambda a: nn.sum(nn.elu(x, a)))(alpha).numpy()
    np.testing.assert_allclose(by_alpha, np.where(x > 0, 0, np.expm1(np.minimum(x, 0))), rtol=1e-6)
    nn.testing.check_grad(lambda a: nn.elu(x[1:3].astype(float), a), np.array([0.5, 2.0]), order=2)
    nn.testing.check_grad(lambda s: nn.leaky_relu(x[1:3].astype(float), s), np.array([0.5, 0.2]), order=2)


@pytest.mark.parametrize("name", [f"{name}_gradient" for name in SLOPES])
def test_shapes_and_dtypes_are_checked(name):
    f = TABLE[name].function
    count = getattr(functions, name).__code__.co_argcount - 3
    with pytest.raises(nn.errors.ShapeError, match=name):
        f(np.ones(2), np.ones(3), *[np.ones(1)] * (count - 2))
    with pytest.raises(nn.errors.DTypeError):
        f(np.ones(2), np.array(["a", "b"]), *[np.ones(1)] * (count - 2))
    assert f(np.ones((2, 1)), np.ones(3, np.float32), *[0.5] * (count - 2)).shape == (2, 3)
    assert f(2, [1, 2], *[1] * (count - 2)).dtype == np.float32
    assert f(np.ones(0), np.ones(0), *[1.0] * (count - 2)).shape == (0,)
    assert f(1.0, 0.5, *[1.0] * (count - 2)).shape == ()
    assert TABLE[name].recordable


@pytest.mark.needs_compiled("Plans and Programs need compiled kernels")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SLOPES)
def test_replayed_and_planned_bytes_are_the_eager_ones(name, dtype):
    f = FUNCTIONS[name]

    def step(x, g):
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = nn.sum(f(x) * g)
        return tape.gradient(y, x)

    replayed = nn.function(step)
    for seed in range(7):  # from the fourth call on, both run what was recorded
        rng = np.random.default_rng(seed)
        x, g = (rng.normal(size=(5, 33)) * 4).astype(dtype), rng.normal(size=(5, 33)).astype(dtype)
        x[0, :3] = np.inf, -np.inf, -120
        found = replayed(nn.asarray(x), nn.asarray(g)).numpy()
        again = step(nn.asarray(x), nn.asarray(g)).numpy()
        assert found.tobytes() == again.tobytes()
    assert "replay" in type(replayed._calls[next(iter(replayed._calls))]).__name__.lower()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_approximate_gelu_has_its_digits_below_zero(dtype, each_backend):
    """1 + tanh(w) loses them all; v * sigmoid(2 w) does not."""
    x = np.linspace(-6, 6, 61).astype(dtype)
    true = [v * logistic(SLOPE * v * (1 + CUBE * v * v)) for v in map(mp.mpf, x.tolist())]
    found = nn.ops.gelu(x).numpy()
    errors = [abs(mp.mpf(float(a)) / b - 1) for a, b in zip(found, true, strict=True) if b]
    assert max(errors) <= 32 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("f", [nn.elu, nn.selu, nn.gelu_tanh])
def test_new_activations_at_special_points(f, dtype, each_backend):
    tiny, largest = np.finfo(dtype).smallest_subnormal, float(np.finfo(dtype).max)
    x = np.array([0.0, -0.0, tiny, -tiny, np.inf, -np.inf, largest, -largest, np.nan], dtype)
    with np.errstate(all="ignore"):
        found = f(x).numpy()
    end = {nn.elu: -1.0, nn.selu: -float(SCALE * ALPHA)}.get(f, -0.0)
    top = {nn.selu: np.inf}.get(f, largest)
    half = f is nn.gelu_tanh
    small = dtype(0.5) * tiny if half else tiny * dtype({nn.selu: 1.0507009873554805}.get(f, 1.0))
    below = dtype(-0.5) * tiny if half else tiny * dtype({nn.selu: -1.7580993408473766}.get(f, -1.0))
    expected = np.array([0.0, -0.0, small, below, np.inf, end, top, end, np.nan], dtype)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found[:8]), np.signbit(expected[:8]))
