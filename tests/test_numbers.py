"""Numbers keep their value: what does not fit in a dtype raises, and comparisons answer whatever they are given."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.dtypes import BOOL, FLOATS, INTEGERS
from numbanet.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError

EDGES = sorted(
    {s * (2**b) + d for b in (0, 7, 8, 15, 16, 24, 31, 32, 53, 63, 64, 70) for s in (1, -1) for d in (-1, 0, 1)}
)
INTS = st.sampled_from(EDGES) | st.integers(-300, 300)
DOUBLES = st.sampled_from([float(edge) for edge in EDGES]) | st.floats(width=64)
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
ARITHMETIC = [operator.add, operator.sub, operator.mul, np.maximum, np.minimum]


def array_of(data, dtype):
    if dtype == BOOL:
        return np.array(data.draw(st.lists(st.booleans(), max_size=4)), bool)
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.array(data.draw(st.lists(DOUBLES, max_size=4)), dtype)
    limits = np.iinfo(dtype)
    fitting = st.sampled_from([edge for edge in EDGES if limits.min <= edge <= limits.max])
    return np.array(data.draw(st.lists(fitting | st.integers(int(limits.min), int(limits.max)), max_size=4)), dtype)


def outcome(function):
    """What a call returns, or that it finds a number too large, the same for NumPy and numbanet."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(function())
        except (OverflowError, ValueError):  # the second is NumPy's of NaN
            return "does not fit"


def same(found, expected):
    if isinstance(expected, str) or isinstance(found, str):
        return isinstance(found, str) and isinstance(expected, str)
    return found.dtype == expected.dtype and np.array_equal(found, expected, equal_nan=found.dtype.kind == "f")


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS], ids=str)
@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda f: f.__name__)
@given(data=st.data())
def test_comparisons_with_python_numbers_answer_as_numpy_does(compare, dtype, data):
    x = array_of(data, dtype)
    number = data.draw(INTS | DOUBLES)
    expected = outcome(lambda: compare(x, number))
    assert same(outcome(lambda: compare(nn.asarray(x), number)), expected)
    assert same(outcome(lambda: compare(nn.Variable(x), number)), expected)
    assert same(outcome(lambda: compare(number, nn.asarray(x))), outcome(lambda: compare(number, x)))


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize("compute", ARITHMETIC, ids=lambda f: f.__name__)
@given(data=st.data())
def test_integers_compute_with_python_integers_as_in_numpy(compute, dtype, data):
    x, number = array_of(data, dtype), data.draw(INTS)
    assert same(outcome(lambda: compute(nn.asarray(x), number)), outcome(lambda: compute(x, number)))
    assert same(outcome(lambda: compute(number, nn.asarray(x))), outcome(lambda: compute(number, x)))


@given(data=st.data(), one=st.sampled_from(INTEGERS), other=st.sampled_from(FLOATS))
def test_integers_compared_with_floats_are_not_rounded(one, other, data):
    x, y = array_of(data, one), array_of(data, other)
    for compare in COMPARISONS:
        found = compare(nn.asarray(x)[:, None], nn.asarray(y))
        expected = compare(x.astype(np.float64)[:, None], y.astype(np.float64))
        np.testing.assert_array_equal(found.numpy(), expected)


WAYS = {
    "asarray": lambda lib, value, dtype: lib.asarray(value, dtype=dtype),
    "asarray of a list": lambda lib, value, dtype: lib.asarray([value, value], dtype=dtype),
    "asarray of nested lists": lambda lib, value, dtype: lib.asarray([[0, 1], [1, value]], dtype=dtype),
    "full": lambda lib, value, dtype: lib.full((2, 1), value, dtype=dtype),
    "full_like": lambda lib, value, dtype: lib.full_like(np.zeros(3, dtype), value),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@given(value=INTS)
def test_python_integers_that_do_not_fit_raise_as_in_numpy(way, dtype, value):
    make = WAYS[way]
    assert same(outcome(lambda: make(nn, value, dtype)), outcome(lambda: make(np, value, dtype)))


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@given(value=DOUBLES)
def test_floats_that_do_not_fit_raise_and_others_lose_their_fraction(dtype, value):
    expected = outcome(lambda: np.asarray(value, dtype))
    for held in (value, [value], np.array([value]), np.float64(value), nn.asarray(np.array(value))):
        found = outcome(lambda held=held: nn.asarray(held, dtype=dtype))
        assert same(found if isinstance(found, str) else found.reshape(()), expected)
    assert same(outcome(lambda: nn.full((), value, dtype)), expected)
    assert same(outcome(lambda: nn.Variable(value, dtype).value), expected)
    assert same(outcome(lambda: nn.asarray(np.array(value)).astype(dtype)), expected)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@given(data=st.data(), source=st.sampled_from(INTEGERS))
def test_integers_of_arrays_wrap_around_as_in_numpy(dtype, data, source):
    x = array_of(data, source)
    assert same(nn.asarray(x, dtype).numpy(), np.asarray(x, dtype))
    assert same(nn.astype(nn.asarray(x), dtype).numpy(), x.astype(dtype))


@pytest.mark.parametrize("bad", [2**64, -(2**63) - 1, [1, 2**64], [[-(2**70)]], [2**63, -1]])
def test_integers_beyond_all_dtypes_are_named(bad):
    with pytest.raises(OutOfRangeError):
        nn.asarray(bad)
    assert same(nn.asarray(bad, "float64").numpy(), np.asarray(bad, np.float64))
    with pytest.raises(OverflowError):
        nn.asarray(10**400, "float64")


@pytest.mark.parametrize("bad", [[np.int64(300), 1], [[np.int8(-1)]], [np.array([256, 0])], [np.float32(256.0)]])
def test_numbers_of_numpy_in_lists_must_fit_too(bad):
    with pytest.raises(OutOfRangeError):
        nn.asarray(bad, "uint8")
    assert same(nn.asarray([np.int64(200), 1], "uint8").numpy(), np.array([200, 1], np.uint8))


@pytest.mark.parametrize("numbers", [(0, 5, float("nan")), (float("inf"),), (0, 1, 1e-300), (-float("inf"), 0)])
def test_ranges_that_no_array_holds_are_named(numbers):
    with pytest.raises(ArgumentError, match="arange"):
        nn.arange(*numbers)


def test_errors_name_the_function():
    for call in (lambda: nn.full(2, 300, "uint8"), lambda: nn.full_like(nn.ones(2, "uint8"), -1)):
        with pytest.raises(OutOfRangeError, match=r"^full: .* out of bounds for uint8"):
            call()
    with pytest.raises(OutOfRangeError, match=r"^pad: constant_values: "):
        nn.pad(nn.ones(2, "uint8"), 1, constant_values=300)
    with pytest.raises(ShapeError, match=r"^full: needs one number, got shape \(2,\)"):
        nn.full(2, [1, 2])


def test_an_integer_variable_takes_no_number_that_does_not_fit_and_keeps_its_value():
    v = nn.Variable([1, 2], "uint8")
    for bad in ([300, 0], [0, -1], [float("nan"), 0.0], np.array([1e9, 0.0])):
        with pytest.raises(OutOfRangeError):
            v.assign(bad)
        with pytest.raises((OutOfRangeError, DTypeError)):
            v.assign_add(bad)
    with pytest.raises(DTypeError, match="uint8"):
        v.assign_sub([0.5, 0.5])
    assert v.numpy().tolist() == [1, 2]
    assert v.assign([255, 0]).numpy().tolist() == [255, 0]


CALLS = {
    "where": lambda n: nn.where([True], nn.asarray([1], "uint8"), n),
    "pad": lambda n: nn.pad(nn.asarray([1], "uint8"), 1, constant_values=n),
    "maximum": lambda n: nn.maximum(nn.asarray([1], "uint8"), n),
    "arange": lambda n: nn.arange(n, dtype="uint8", stop=n + 1),
    "linspace": lambda n: nn.linspace(0, n, 3, dtype="uint8"),
    "concat": lambda n: nn.concat([nn.asarray([1], "uint8"), nn.full(1, n, "uint8")]),
    "bits": lambda n: nn.asarray([1], "uint8") & n,
}


@pytest.mark.parametrize("name", CALLS)
def test_numbers_that_do_not_fit_raise_wherever_they_are_taken(name):
    CALLS[name](200)
    for bad in (256, -1, 2**70):
        with pytest.raises(OutOfRangeError):
            CALLS[name](bad)


@pytest.mark.parametrize(
    ("low", "high"), [(-1, 300), (None, 300), (-1, None), (3, 7), (300, None), (None, -1), (-(2**70), 2**70)]
)
def test_clip_takes_bounds_that_no_element_reaches_as_numpy_does(low, high):
    x = np.array([0, 5, 255], np.uint8)
    assert same(outcome(lambda: nn.clip(x, low, high)), outcome(lambda: np.clip(x, low, high)))


def test_functions_that_compare_answer_too():
    x = nn.asarray([1, 255], "uint8")
    assert nn.isin(x, 256).tolist() == [False, False]
    assert nn.searchsorted(x, 256).item() == 2
    assert nn.searchsorted(x, -1).item() == 0
    assert nn.equal(nn.asarray(True), 2**70).item() is False
    with pytest.raises(OutOfRangeError, match="1180591620717411303424"):
        nn.equal(2**70, 2**71)  # Python's == knows


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float64"])
@pytest.mark.parametrize("endpoint", [True, False])
def test_linspace_rounds_down_to_integers_as_numpy_does(dtype, endpoint):
    start = 0 if dtype == "uint8" else -2.5
    for count in (0, 1, 4, 7):
        expected = np.linspace(start, 3.25, count, dtype=dtype, endpoint=endpoint)
        assert same(nn.linspace(start, 3.25, count, dtype, endpoint=endpoint).numpy(), expected)


def test_one_hot_of_numbers_outside_the_classes_is_zero():
    assert nn.one_hot([0, 300, -1], 2).tolist() == [[1, 0], [0, 0], [0, 0]]
    assert nn.one_hot(nn.asarray([255, 1], "uint8"), 300).numpy().argmax(1).tolist() == [255, 1]
    with pytest.raises(ArgumentError):
        nn.one_hot([0], 0)


def test_replayed_casts_check_every_batch():
    f = nn.function(lambda x: nn.asarray(x).astype("int64"))
    for _ in range(3):
        assert f(nn.asarray([1.5, -2.5])).tolist() == [1, -2]
    with pytest.raises(OutOfRangeError):
        f(nn.asarray([float("nan"), 0.0]))
