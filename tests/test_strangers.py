"""What people bring from NumPy, TensorFlow and Keras 3: it is computed as there, or the error says what to write."""

import datetime
import decimal
import types

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError

NAN = np.array([np.nan, -3.0, 0.1, 3.0])

# Lists


@pytest.mark.parametrize(
    "leaf", ["1.5", b"1", None, 1j, datetime.date(2020, 1, 1), np.timedelta64(3), decimal.Decimal(1)]
)
@pytest.mark.parametrize("dtype", [None, "float32", "float64", "int64", "bool"])
@pytest.mark.parametrize("nested", [lambda x: [x], lambda x: [[1, x]], lambda x: (np.float32(1), x)])
def test_a_dtype_makes_no_numbers_of_other_things(leaf, dtype, nested):
    v = nn.Variable([1.0])
    for make in (nn.asarray, nn.array, nn.constant, nn.Variable):
        with pytest.raises(DTypeError, match="are not supported"):
            make(nested(leaf), dtype=dtype)
    with pytest.raises(DTypeError, match="are not supported"):
        v.assign([leaf])
    assert v.tolist() == [1.0]


def test_numbers_of_other_sizes_in_lists_are_converted():
    assert nn.asarray([np.longdouble(1.5), np.float16(2)], "float32").tolist() == [1.5, 2.0]
    assert nn.asarray([True, np.int8(2), 3.0], "float64").tolist() == [1.0, 2.0, 3.0]


# NaN, and defaults of Keras


@pytest.mark.parametrize("name", ["hard_shrink", "soft_shrink", "tanh_shrink", "hard_tanh", "relu6", "sparse_plus"])
def test_nan_stays_nan(name):
    found = getattr(nn.ops, name)(NAN).numpy()
    assert np.isnan(found).tolist() == [True, False, False, False]


def test_nan_is_not_below_a_threshold():
    np.testing.assert_array_equal(nn.ops.threshold(NAN, 0.5, 7.0).numpy(), [np.nan, 7.0, 7.0, 3.0])


@pytest.mark.parametrize("epsilon", [None, 0.1])
def test_normalizations_have_one_epsilon(epsilon):
    x = np.array([[1e-4, 2e-4, 4e-4]])
    least = 1e-7 if epsilon is None else epsilon
    for function, centre in ((nn.ops.layer_normalization, x.mean()), (nn.ops.rms_normalization, 0.0)):
        expected = (x - centre) / np.sqrt(((x - centre) ** 2).mean() + least)
        np.testing.assert_allclose(function(x, epsilon=epsilon).numpy(), expected, rtol=1e-12)


# Quantiles, orders, norms and transforms, as NumPy has them


@pytest.mark.parametrize("method", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_quantiles_by_each_method(method, axis):
    x = np.random.default_rng(0).normal(size=(6, 5))
    q = np.array([0.0, 0.1, 0.125, 0.3, 0.5, 0.625, 0.77, 1.0])
    expected = np.quantile(x, q, axis, method=method)
    np.testing.assert_allclose(nn.ops.quantile(x, q, axis, method).numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(np.percentile(nn.asarray(x), q * 100, axis, method=method).numpy(), expected, rtol=1e-12)
    nn.testing.check_grad(lambda x: nn.ops.quantile(x, 0.3, axis, method), x, step=1e-4)


def test_a_method_of_quantiles_that_is_not_there_is_told():
    with pytest.raises(ArgumentError, match="method must be 'linear' or 'lower' or"):
        nn.ops.quantile([1.0], 0.5, method="weibull")


def test_everything_is_sorted_without_an_axis():
    x = np.random.default_rng(0).normal(size=(3, 4))
    for ours, theirs in ((nn.sort, np.sort), (nn.argsort, np.argsort), (nn.ops.sort, np.sort)):
        np.testing.assert_array_equal(ours(x, None).numpy(), theirs(x, None))
        np.testing.assert_array_equal(theirs(nn.asarray(x), axis=None), theirs(x, None))
    nn.testing.check_grad(lambda x: nn.sort(x, None), x, step=1e-4)
    with pytest.raises(ArgumentError, match=r"^sort: axis"):
        nn.sort(x, "last")


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 0, 3)])
@pytest.mark.parametrize("order", [1, 2, -1, -2, np.inf, -np.inf, "fro", "nuc"])
def test_norms_of_nothing(shape, order):
    x = np.zeros(shape)
    try:
        expected = np.linalg.norm(x, order, (-2, -1), keepdims=True)
    except ValueError:
        with pytest.raises(ValueError, match="nothing to reduce"):
            nn.linalg.norm(x, order, (-2, -1), keepdims=True)
    else:
        found = nn.linalg.norm(x, order, (-2, -1), keepdims=True).numpy()
        assert found.shape == expected.shape
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "shapes", [((3,), (3,), (3, 3)), ((2, 3), (3,), (3,)), ((), (2, 2), (2,)), ((2, 2), (2, 2), (1, 2, 2))]
)
def test_products_of_several_take_vectors_at_the_ends_alone(shapes):
    arrays = [np.ones(shape) for shape in shapes]
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.multi_dot(arrays)
    with pytest.raises(ShapeError, match=r"linalg\.multi_dot: needs matrices"):
        nn.linalg.multi_dot(arrays)


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "ihfft", "fftn", "rfftn", "fft2"])
def test_no_norm_is_the_usual_one(name):
    x = np.random.default_rng(0).normal(size=(3, 4))
    found, expected = getattr(nn.fft, name)(x, norm=None), getattr(np.fft, name)(x, norm=None)
    np.testing.assert_allclose(found.real.numpy(), expected.real, atol=1e-12)
    np.testing.assert_allclose(found.imag.numpy(), expected.imag, atol=1e-12)


# Random numbers


@pytest.mark.parametrize(
    "draw",
    [
        lambda kind, most, rng: nn.random.normal((3,), most, most, kind, rng),
        lambda kind, most, rng: nn.random.normal((3,), stddev=most, dtype=kind, rng=rng),
        lambda kind, most, rng: nn.random.truncated_normal((3,), -most, most, kind, rng),
        lambda kind, most, rng: nn.random.uniform((3,), -most, most, kind, rng),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_does_not_fit_in_the_dtype_is_not_drawn(draw, dtype):
    rng = np.random.default_rng(0)
    with pytest.raises(OutOfRangeError, match=f"do not fit in {dtype}"):
        draw(dtype, float(np.finfo(dtype).max), rng)
    assert rng.random() == np.random.default_rng(0).random(), "the generator has not moved"
    assert np.isfinite(draw(dtype, float(np.finfo(dtype).max) / 20, rng).numpy()).all()


def test_wider_than_float32():
    with pytest.raises(OutOfRangeError):
        nn.random.uniform((2,), 0.0, 1e39)
    assert nn.random.uniform((2,), 0.0, 1e39, "float64").dtype == np.float64


def test_orders_say_who_was_called_and_check_the_axis():
    with pytest.raises(ArgumentError, match=r"shuffle: needs an array"):
        nn.random.shuffle(3)
    with pytest.raises(ArgumentError, match=r"permutation: needs an array"):
        nn.random.permutation(3.0)
    with pytest.raises(IndexError, match="permutation: axis 7"):
        nn.random.permutation(5, axis=7)


# Public modules


MODULES = [name for name in dir(nn) if isinstance(getattr(nn, name), types.ModuleType)]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_what_is_for_users(name):
    module = getattr(nn, name)
    assert dir(module) == sorted(module.__all__)
    for one in module.__all__:
        assert getattr(module, one) is not None
    if name == "typing":  # stands below what finds the nearest name
        return
    longest = max(module.__all__, key=len)
    with pytest.raises(AttributeError, match=rf"nn\.{name}: unknown name '{longest}e': did you mean '{longest}'"):
        getattr(module, f"{longest}e")
    assert not hasattr(module, "_qqq")


def test_the_nearest_name_is_found_in_any_case():
    cases = ((nn.metrics, "auc", "AUC"), (nn.layers, "relu", "ReLU"), (nn.errors, "shapeerr", "ShapeError"))
    for module, written, meant in cases:
        with pytest.raises(AttributeError, match=f"did you mean '{meant}'"):
            getattr(module, written)


@pytest.mark.parametrize("name", ["rand", "randn", "seed", "choice", "Generator", "SeedGenerator", "default_rng"])
def test_names_of_other_random_modules_say_what_to_write(name):
    with pytest.raises(AttributeError, match=f"nn.random has no {name}: .*(nn|numpy|rng)"):
        getattr(nn.random, name)
