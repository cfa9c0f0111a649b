"""Layers beside formulas in NumPy in float64: noise in evaluation, pools of everything, activations; with gradients."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn

L = nn.layers
SEEDS = st.integers(0, 999)
FORMATS = ("channels_last", "channels_first")
QUIET = {
    "Dropout": 1, "AlphaDropout": 1, "GaussianDropout": 1, "GaussianNoise": 1, "Identity": 1, "SpatialDropout1D": 2,
    "SpatialDropout2D": 3, "SpatialDropout3D": 4, "RandomFlip": 3,
}  # fmt: skip
"""Layers that give back what they get unless they train, and the dimensions of their samples."""


def drawn(shape, seed):
    """Return numbers for each position, and factors for the gradient, neither of them zero."""
    rng = np.random.default_rng(seed)
    return [rng.choice((-1.0, 1.0), shape) * rng.uniform(0.1, 2, shape) for _ in range(2)]


def output_and_gradient(layer, x, factors, **options):
    """Return what a layer makes of `x`, and the gradient of the sum of that times `factors`."""
    v = nn.Variable(x)
    with nn.GradientTape() as tape:
        y = layer(v, **options)
        total = nn.sum(y * factors)
    return y.numpy(), tape.gradient(total, v).numpy()


@pytest.mark.parametrize("name", QUIET)
@given(data=st.data(), seed=SEEDS)
def test_noise_in_evaluation(name, data, seed):
    sizes = data.draw(st.tuples(*[st.integers(1, 4)] * QUIET[name]))
    x, factors = drawn((data.draw(st.integers(0, 3)), *sizes), seed)
    layer = getattr(L, name)(*(() if name in ("Identity", "RandomFlip") else (0.4,)), dtype="float64")
    y, gradient = output_and_gradient(layer, x, factors, training=False)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(gradient, factors)


@pytest.mark.parametrize("name", ["Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"])
@given(data=st.data(), rate=st.sampled_from([0.0, 0.25, 0.6]), seed=SEEDS)
def test_dropout_in_training_is_a_mask_times_a_scale(name, data, rate, seed):
    sizes = data.draw(st.tuples(*[st.integers(1, 4)] * QUIET[name]))
    x, factors = drawn((3, *sizes), seed)
    layer = getattr(L, name)(rate, dtype="float64")
    v = nn.Variable(x)
    with nn.GradientTape() as tape:
        y = layer(v, training=True, rng=seed)
        total = nn.sum(y * factors)
    kept = y.numpy() != 0
    together = (3, *(1,) * (len(sizes) - 1), sizes[-1]) if name != "Dropout" else x.shape
    mask = kept[tuple(slice(size) for size in together)] / (1 - rate)
    np.testing.assert_allclose(y.numpy(), x * mask, rtol=1e-14)
    np.testing.assert_allclose(tape.gradient(total, v).numpy(), factors * mask, rtol=1e-14)
    assert rate or kept.all()
    np.testing.assert_array_equal(layer(x, training=True, rng=seed).numpy(), y.numpy())


@pytest.mark.parametrize("kind", ["Max", "Average"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@given(data=st.data(), keepdims=st.booleans(), seed=SEEDS)
def test_pools_of_everything(rank, kind, data, keepdims, seed):
    last = data.draw(st.booleans())
    sizes = data.draw(st.tuples(*[st.integers(1, 4)] * rank))
    x, _ = drawn((2, *sizes, 3) if last else (2, 3, *sizes), seed)
    axes = tuple(range(1, rank + 1)) if last else tuple(range(2, rank + 2))
    whole = (x.max if kind == "Max" else x.mean)(axis=axes, keepdims=True)
    _, factors = drawn(whole.shape, seed + 1)
    layer = getattr(L, f"Global{kind}Pooling{rank}D")(FORMATS[not last], keepdims, dtype="float64")
    found, gradient = output_and_gradient(layer, x, factors if keepdims else factors.squeeze(axes))
    np.testing.assert_allclose(found, whole if keepdims else whole.squeeze(axes), rtol=1e-14, atol=1e-15)
    share = (x == whole) * factors if kind == "Max" else np.broadcast_to(factors / math.prod(sizes), x.shape)
    np.testing.assert_allclose(gradient, share, rtol=1e-14)


def normal(x):
    """Return the density of the normal distribution, and the share of it below `x`."""
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi), (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def exponentials(x):
    """Return the shares of exponentials along the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logistic(x):
    """Return the sigmoid."""
    return 1 / (1 + np.exp(-x))


def linear_below(x, slope):
    """Return what is `x` above zero and `slope` times it below."""
    return np.where(x > 0, x, slope * x), np.where(x > 0, 1, slope)


def exponential_below(x, scale, alpha):
    """Return `scale` times what is `x` above zero, and alpha (exp(x) - 1) below."""
    return scale * np.where(x > 0, x, alpha * np.expm1(x)), scale * np.where(x > 0, 1, alpha * np.exp(x))


FORMULAS = {
    "elu": lambda x: exponential_below(x, 1, 1),
    "exponential": lambda x: (np.exp(x), np.exp(x)),
    "gelu": lambda x: (x * normal(x)[1], normal(x)[1] + x * normal(x)[0]),
    "leaky_relu": lambda x: linear_below(x, 0.2),
    "linear": lambda x: (x, np.ones_like(x)),
    "relu": lambda x: linear_below(x, 0),
    "selu": lambda x: exponential_below(x, 1.0507009873554805, 1.6732632423543772),
    "sigmoid": lambda x: (logistic(x), logistic(x) * logistic(-x)),
    "silu": lambda x: (x * logistic(x), logistic(x) + x * logistic(x) * logistic(-x)),
    "softplus": lambda x: (np.log1p(np.exp(x)), logistic(x)),
    "tanh": lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2),
}
"""Values and slopes of functions of single elements."""
SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


@pytest.mark.parametrize("name", FORMULAS)
@given(sizes=SHAPES, seed=SEEDS)
def test_activations(name, sizes, seed):
    x, factors = drawn((2, *sizes), seed)
    y, gradient = output_and_gradient(L.Activation(name, dtype="float64"), x, factors)
    value, slope = FORMULAS[name](x)
    np.testing.assert_allclose(y, value, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradient, slope * factors, rtol=1e-12, atol=1e-15)


@given(sizes=SHAPES, seed=SEEDS)
def test_softmax(sizes, seed):
    x, factors = drawn((2, *sizes), seed)
    shares = exponentials(x)
    expected = shares * (factors - np.sum(factors * shares, axis=-1, keepdims=True))
    for layer in (L.Softmax(dtype="float64"), L.Activation("softmax", dtype="float64")):
        y, gradient = output_and_gradient(layer, x, factors)
        np.testing.assert_allclose(y, shares, rtol=1e-13)
        np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-14)
    y, gradient = output_and_gradient(L.Activation("log_softmax", dtype="float64"), x, factors)
    np.testing.assert_allclose(y, np.log(shares), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(gradient, factors - shares * factors.sum(axis=-1, keepdims=True), rtol=1e-11, atol=1e-14)


def test_all_activations_have_a_formula():
    assert {*FORMULAS, "softmax", "log_softmax", "swish"} == {*nn.activations.ACTIVATIONS}
