"""What the functions of `nn.ops` make of arguments that do not fit, of NaN, of large exponents, of Python numbers."""

import math

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError

NAN = math.nan
REFUSED = [
    ("diag", ([1.0], 1.5), ArgumentError, "k must be an integer"),
    ("diagflat", ([1.0], 1.5), ArgumentError, "k must be an integer"),
    ("kaiser", (3, 1e4), ArgumentError, "beta must be a number from -700"),
    ("linspace", (0, 1, 3, "no"), ArgumentError, "endpoint must be True or False"),
    ("gelu", ([1.0], "no"), ArgumentError, "approximate must be True or False"),
    ("vander", ([[1.0, 2.0]],), ShapeError, "needs a vector"),
    ("pad", ([1.0], 1.5), ArgumentError, "integers"),
    ("pad", ([1.0], 1.5, "edge"), ArgumentError, "integers"),
    ("pad", ([1.0], -1, "edge"), ArgumentError, "cannot be negative"),
    ("pad", ([], 1, "edge"), ArgumentError, "needs elements along axis 0"),
    ("pad", ([1.0], 1, "edge", 3.0), DTypeError, "constant_values= is not supported"),
    ("rot90", ([[1.0]], 0, (0, 5)), ShapeError, "axis 5 is out of range"),
    ("rot90", ([[1.0]], 1, (0, 0)), ShapeError, "name one dimension twice"),
    ("rot90", ([[1.0]], 1, (0,)), ArgumentError, "axes must be two dimensions"),
    ("select", ([], []), ArgumentError, "0 conditions"),
    ("unravel_index", ([4], (2, 2)), IndexError, "index 4 is out of range"),
    ("unravel_index", ([-1], (2, 2)), IndexError, "index -1 is out of range"),
    ("unravel_index", ([1.0], (2, 2)), DTypeError, "must be integers"),
    ("unravel_index", (0, ()), ArgumentError, "without dimensions"),
    ("switch", (0, []), ArgumentError, "at least one function"),
    ("scatter", ([[3]], [1.0], (3,)), ShapeError, "scatter: index 3 is out of bounds for axis 0"),
    ("scatter", ([[-4]], [1.0], (3,)), ShapeError, "scatter: index -4 is out of bounds for axis 0"),
    ("scatter_update", ([1.0], [[1]], [1.0]), ShapeError, "scatter_update: index 1 is out of bounds"),
    ("segment_sum", ([1.0], [0.0]), DTypeError, "must be integers"),
    ("argpartition", ([3, 1, 2], 3), ArgumentError, "kth 3 is out of range for 3 elements"),
    ("argpartition", ([3, 1, 2], "a"), ArgumentError, "kth must be an integer"),
    ("digitize", ([1.0], [2.0, 1.0, 3.0]), ArgumentError, "ascending or descending"),
    ("digitize", ([1.0], [NAN, 1.0]), ArgumentError, "ascending or descending"),
    ("digitize", ([1.0], [[1.0]]), ShapeError, "must be a vector"),
    ("gcd", ([1.5], 2), DTypeError, "needs integers"),
    ("lcm", ([6, 9], [1, 2, 3]), ShapeError, "do not broadcast"),
    ("isclose", ([1.0, 2.0], [1.0, 2.0, 3.0]), ShapeError, "do not broadcast"),
    ("isclose", ([1.0], [1.0], NAN), ArgumentError, "rtol must be a finite number"),
    ("isin", ([1], [1], False, "no"), ArgumentError, "invert must be True or False"),
    ("ldexp", ([1.0], [1.5]), DTypeError, "must be integers"),
    ("histogram", ([1.0], 0), ArgumentError, "must be positive"),
    ("histogram", ([NAN],), ArgumentError, "not finite"),
    ("histogram", ([1.0], 2, (1.0,)), ArgumentError, "range must be"),
    ("trapezoid", ([1.0, 2.0], [1.0, 2.0, 3.0]), ShapeError, "does not fit axis -1"),
    ("trapezoid", (np.ones((2, 3)), np.ones((2, 2))), ShapeError, "does not fit axis -1"),
    ("quantile", ([1.0], "a"), DTypeError, "not supported"),
]


@pytest.mark.parametrize(("name", "arguments", "error", "message"), REFUSED)
def test_what_does_not_fit_is_refused_by_name(name, arguments, error, message):
    with pytest.raises(error, match=message):
        getattr(nn.ops, name)(*arguments)


@pytest.mark.parametrize("function", [np.partition, np.argpartition])
@pytest.mark.parametrize("kth", [3, -4, [0, 7]])
def test_places_of_partitions_are_checked_for_numpy_too(function, kth):
    with pytest.raises(ArgumentError, match="out of range for 3 elements"):
        function(nn.asarray([3.0, 1.0, 2.0]), kth)
    assert function(nn.asarray([3.0, 1.0, 2.0]), [0, -1]).shape == (3,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [("hard_shrink", ()), ("soft_shrink", ()), ("threshold", (0.0, 5.0)), ("hard_tanh", ()), ("relu6", ()),
     ("hard_sigmoid", ()), ("sparse_plus", ()), ("sparse_sigmoid", ()), ("celu", ()), ("softsign", ())],
)  # fmt: skip
def test_activations_keep_nan(name, arguments, dtype):
    found = getattr(nn.ops, name)(np.array([NAN, 1.0], dtype), *arguments).numpy()
    assert np.isnan(found).tolist() == [True, False]


@pytest.mark.parametrize(("dtype", "largest"), [("float32", 277), ("float64", 2098)])
def test_ldexp_reaches_from_the_smallest_number_to_the_largest(dtype, largest):
    small = np.nextafter(np.zeros(1, dtype), np.ones(1, dtype))
    for exponent in (-largest, -40, 0, 40, largest - 1):
        assert nn.ops.ldexp(small, [exponent]).numpy() == np.ldexp(small, exponent)
    large = np.ldexp(np.ones(1, dtype), np.finfo(dtype).maxexp - 1)
    for exponent in (1 - largest, -300, -1, 0, 3):
        with np.errstate(over="ignore", under="ignore"):
            assert nn.ops.ldexp(large, [exponent]).numpy() == np.ldexp(large, exponent)
    assert nn.ops.ldexp(np.zeros(1, dtype), [5000]).numpy() == 0


TENTH, X = 0.1, np.array([0.2, 0.4, 0.7])
MEETS = [
    ("kron", (TENTH, X), lambda: TENTH * X),
    ("inner", (TENTH, X), lambda: TENTH * X),
    ("inner", ([0.1, 0.2, 0.3], X), lambda: np.inner([0.1, 0.2, 0.3], X)),
    ("vdot", (X, [0.1, 0.2, 0.3]), lambda: np.vdot(X, [0.1, 0.2, 0.3])),
    ("cross", ([0.1, 0.2, 0.3], X), lambda: np.cross([0.1, 0.2, 0.3], X)),
    ("append", ([0.1], X), lambda: np.append([0.1], X)),
    ("heaviside", ([0.0], X), lambda: X),
    ("logaddexp2", (TENTH, X), lambda: np.logaddexp2(TENTH, X)),
    ("average", (X, None, [0.1, 0.2, 0.3]), lambda: np.average(X, None, [0.1, 0.2, 0.3])),
    ("average", ([0.1, 0.2, 0.3], None, X), lambda: np.average([0.1, 0.2, 0.3], None, X)),
    ("trapezoid", ([0.1, 0.2, 0.3], X), lambda: np.trapezoid([0.1, 0.2, 0.3], X)),
    ("quantile", (X, TENTH), lambda: np.quantile(X, TENTH)),
    ("select", ([[True, False, True]], [[0.1, 0.2, 0.3]], X), lambda: np.array([0.1, 0.4, 0.3])),
    ("isclose", (TENTH, np.array([TENTH]), 0.0, 0.0), lambda: np.array([True])),
    ("linspace", (TENTH, X, 3), lambda: np.linspace(TENTH, X, 3)),
    ("batch_normalization", (X, [0.1, 0.2, 0.3], [0.1, 0.2, 0.3], 0),
     lambda: (X - [0.1, 0.2, 0.3]) / np.sqrt(np.array([0.1, 0.2, 0.3]) + 1e-3)),
    ("rms_normalization", (X, [0.1, 0.2, 0.3]), lambda: X / np.sqrt((X**2).mean() + 1e-7) * [0.1, 0.2, 0.3]),
    ("psnr", (X, [0.1, 0.2, 0.3], 1.0), lambda: -10 * np.log10(((X - [0.1, 0.2, 0.3]) ** 2).mean())),
    ("binary_crossentropy", ([0.1, 0.2, 0.3], X),
     lambda: -([0.1, 0.2, 0.3] * np.log(X) + np.array([0.9, 0.8, 0.7]) * np.log(1 - X))),
    ("slice_update", (X, (0,), [0.1]), lambda: np.array([0.1, 0.4, 0.7])),
    ("scatter_update", (X, [[0]], [0.1]), lambda: np.array([0.1, 0.4, 0.7])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), MEETS)
def test_python_numbers_take_the_precision_of_what_they_meet(name, arguments, expected):
    found, expected = getattr(nn.ops, name)(*arguments), expected()
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14)


def test_a_signature_tells_which_operand_comes_first():
    import inspect

    assert list(inspect.signature(nn.atan2).parameters) == ["y", "x"]
    assert list(inspect.signature(nn.add).parameters) == ["x", "y"]


def test_histograms_of_booleans_count():
    counts, edges = nn.ops.histogram([True, False, True], 2)
    assert counts.numpy().tolist() == [1, 2]
    assert edges.numpy().tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("function", [nn.math.cumsum, nn.math.cumprod])
@pytest.mark.parametrize("flags", [("no", False), (False, "no")])
def test_flags_of_running_totals_are_checked(function, flags):
    with pytest.raises(ArgumentError, match=f"{function.__name__}: .* must be True or False"):
        function([1.0], 0, *flags)


@pytest.mark.parametrize("function", [nn.fft.fftfreq, nn.fft.rfftfreq])
def test_frequencies_are_never_cut_off_to_integers(function):
    with pytest.raises(DTypeError, match="need a floating dtype, got int32"):
        function(4, dtype="int32")


def test_labels_below_zero_are_named():
    with pytest.raises(ArgumentError, match="label -1 is outside the classes, which count from 0"):
        nn.utils.to_categorical([-1])
