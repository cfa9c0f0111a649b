"""Initializers: bounds, moments and fans as Keras 3 has them, and what they refuse. Also what `rng` may be."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet import initializers
from numbanet.core.random import as_generator
from numbanet.core.registry import describe
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.initializers.scaling import fans

RANDOM = [name for name in initializers.INITIALIZERS if name not in ("zeros", "ones", "constant", "identity")]
OF_ANY_SHAPE = [name for name in initializers.INITIALIZERS if name not in ("orthogonal", "identity")]
SHAPE = (300, 200)  # 60,000 numbers: their standard deviation is within 2 % with certainty for all practical purposes


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("uniform", 0.05),
        ("random_uniform", 0.05),
        ("glorot_uniform", math.sqrt(6 / 500)),
        ("he_uniform", math.sqrt(6 / 300)),
        ("lecun_uniform", math.sqrt(3 / 300)),
    ],
)
def test_uniform(name, limit):
    values = initializers.get(name)(SHAPE, rng=0)
    assert np.abs(values).max() <= np.float32(limit)
    assert np.abs(values).max() > 0.999 * limit
    assert values.std() == pytest.approx(limit / math.sqrt(3), rel=0.02)
    assert abs(values.mean()) < limit / 50


@pytest.mark.parametrize(
    ("name", "stddev"),
    [
        ("glorot_normal", math.sqrt(2 / 500)),
        ("he_normal", math.sqrt(2 / 300)),
        ("lecun_normal", math.sqrt(1 / 300)),
        ("variance_scaling", math.sqrt(1 / 300)),
    ],
)
def test_scaled_normals_have_their_deviation_after_the_cut(name, stddev):
    values = initializers.get(name)(SHAPE, rng=0)
    cut = 2 * stddev / 0.87962566103423978
    assert values.std() == pytest.approx(stddev, rel=0.02)
    assert 0.99 * cut < np.abs(values).max() <= np.float32(cut)


def test_normals():
    values = initializers.RandomNormal(1.0, 0.1)(SHAPE, rng=0)
    assert values.mean() == pytest.approx(1, abs=0.002)
    assert values.std() == pytest.approx(0.1, rel=0.02)
    assert np.abs(values - 1).max() > 0.3
    cut = initializers.TruncatedNormal(1.0, 0.1)(SHAPE, rng=0)
    assert 0.19 < np.abs(cut - 1).max() <= 0.2 + 1e-7
    assert cut.std() == pytest.approx(0.1 * 0.8796, rel=0.02)
    free = initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal")(SHAPE, rng=0)
    assert free.std() == pytest.approx(math.sqrt(3 / 200), rel=0.02)
    assert np.abs(free).max() > 3 * math.sqrt(3 / 200)


def test_constants():
    np.testing.assert_array_equal(initializers.get("zeros")((2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(initializers.ones()((2,), np.int64), [1, 1])
    np.testing.assert_array_equal(initializers.constant(2.5)(3), [2.5, 2.5, 2.5])
    np.testing.assert_array_equal(initializers.get("constant")(2), [0, 0])


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (2, 3, 4), (1, 1), (5, 0), (0, 5)])
def test_orthogonal_vectors(shape):
    values = initializers.get("orthogonal")(shape, np.float64, rng=0)
    assert values.shape == shape
    matrix = values.reshape(-1, shape[-1]) if shape[-1] else values
    few = matrix if matrix.shape[0] < matrix.shape[1] else matrix.T
    np.testing.assert_allclose(few @ few.T, np.eye(len(few)), atol=1e-12)
    np.testing.assert_array_equal(initializers.Orthogonal(2)(shape, np.float64, rng=0), 2 * values)


def test_orthogonal_matrices_have_no_preferred_sign():
    signs = [initializers.Orthogonal()((2, 2), rng=seed)[0, 0] > 0 for seed in range(200)]
    assert 60 < sum(signs) < 140


def test_identity():
    np.testing.assert_array_equal(initializers.get("identity")((2, 3)), [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(initializers.Identity(0.5)((2, 2)), [[0.5, 0], [0, 0.5]])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), (1, 1)), ((5,), (5, 5)), ((5, 7), (5, 7)), ((3, 5, 7), (15, 21)), ((3, 3, 16, 32), (144, 288))],
)
def test_fans(shape, expected):
    assert fans(shape) == expected


def test_convolution_kernels_are_scaled_by_their_window():
    values = initializers.he_uniform()((3, 3, 10, 40), rng=0)
    assert np.abs(values).max() == pytest.approx(math.sqrt(6 / 90), rel=0.01)


@pytest.mark.parametrize("name", OF_ANY_SHAPE)
@given(shape=st.lists(st.integers(0, 4), max_size=3).map(tuple), dtype=st.sampled_from([np.float32, np.float64]))
def test_shapes_and_dtypes(name, shape, dtype):
    values = initializers.initial_value(name, shape, dtype, 0)
    assert values.shape == shape
    assert values.dtype == dtype
    assert np.isfinite(values).all()


@pytest.mark.parametrize("name", RANDOM)
def test_seeds(name):
    def draw(rng, dtype=np.float32):
        return initializers.initial_value(name, (4, 4), dtype, rng)

    np.testing.assert_array_equal(draw(7), draw(7))
    np.testing.assert_array_equal(draw(7), draw(7, np.float64).astype(np.float32))
    assert (draw(7) != draw(8)).any()
    assert (draw(None) != draw(None)).any()
    generator = np.random.default_rng(7)
    np.testing.assert_array_equal(draw(generator), draw(7))
    assert (draw(generator) != draw(7)).any()


def test_variables_use_them():
    w = nn.Variable(shape=(3, 2), initializer="glorot_uniform", rng=0)
    np.testing.assert_array_equal(w.numpy(), initializers.GlorotUniform()((3, 2), rng=0))
    own = nn.Variable(shape=(2,), initializer=lambda shape, dtype, rng: np.full(shape, 3))
    assert own.dtype == np.float32
    np.testing.assert_array_equal(own.numpy(), [3, 3])


@pytest.mark.parametrize("name", initializers.INITIALIZERS)
def test_get_and_describe(name):
    initializer = initializers.get(name)
    assert initializers.get(json.loads(json.dumps(describe(initializer)))) == initializer
    assert initializers.get(type(initializer)) == initializer
    assert initializers.get(type(initializer).__name__) == initializer
    assert initializers.get(initializer) is initializer


def test_defaults():
    assert initializers.RandomUniform() == initializers.RandomUniform(-0.05, 0.05)
    assert initializers.RandomNormal() == initializers.RandomNormal(0.0, 0.05)
    assert initializers.TruncatedNormal() == initializers.TruncatedNormal(0.0, 0.05)
    assert initializers.VarianceScaling() == initializers.VarianceScaling(1.0, "fan_in", "truncated_normal")


def test_settings_survive_describe():
    assert initializers.get(describe(initializers.RandomUniform(-1, 3))) == initializers.RandomUniform(-1, 3)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: initializers.get("glorot_unifrom"), ArgumentError, "did you mean 'glorot_uniform'"),
        (lambda: initializers.get(3), ArgumentError, "initializer"),
        (lambda: initializers.RandomUniform(1, 0), ArgumentError, "maxval"),
        (lambda: initializers.RandomUniform(math.nan, 0), ArgumentError, "minval"),
        (lambda: initializers.RandomNormal(stddev=-1), ArgumentError, "stddev"),
        (lambda: initializers.Constant(math.inf), ArgumentError, "value"),
        (lambda: initializers.VarianceScaling(0), ArgumentError, "scale"),
        (lambda: initializers.Orthogonal(math.nan), ArgumentError, "gain"),
        (lambda: initializers.Orthogonal()((3,)), ShapeError, r"two dimensions, got shape \(3,\)"),
        (lambda: initializers.Identity()((2, 2, 2)), ShapeError, r"two dimensions, got shape \(2, 2, 2\)"),
        (lambda: initializers.Orthogonal()((2, 2), np.int64), DTypeError, "int64"),
        (lambda: initializers.VarianceScaling(mode="fan"), ArgumentError, "did you mean 'fan_"),
        (lambda: initializers.VarianceScaling(distribution="uniforms"), ArgumentError, "did you mean 'uniform'"),
        (lambda: initializers.initial_value("zeros", (-1,)), ArgumentError, "negative"),
        (lambda: initializers.initial_value("zeros", 1.5), ArgumentError, "shape"),
        (lambda: initializers.initial_value("uniform", 2, np.int64), DTypeError, "int64"),
        (
            lambda: initializers.initial_value(lambda shape, dtype, rng: np.zeros(3), (2,)),
            ShapeError,
            r"\(2,\).*\(3,\)",
        ),
        (lambda: initializers.initial_value("uniform", 2, rng="0"), ArgumentError, "rng"),
    ],
)
def test_refused(call, error, match):
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize("rng", [-1, 1.5, "1", True, [1], np.random.RandomState(0)])
def test_no_generators(rng):
    with pytest.raises(ArgumentError, match="rng must be None"):
        as_generator(rng)


def test_generators():
    generator = np.random.default_rng(0)
    assert as_generator(generator) is generator
    assert as_generator(np.int64(3)).random() == np.random.default_rng(3).random()
    assert as_generator().random() != as_generator(None).random()
