"""The array API standard: what its public suite (`make array-api`) does not see, and libraries that go by it."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import numbanet as nn
from numbanet.core.dtypes import SUPPORTED
from numbanet.errors import ArgumentError, DTypeError, ShapeError

DTYPES = sorted(SUPPORTED, key=str)
XFAILS = Path(__file__).parent / "array_api_xfails.txt"
NUMBERS = hnp.arrays(
    st.sampled_from([np.int8, np.uint16, np.int64, np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    elements=st.integers(0, 5),
)
LINES = hnp.arrays(st.sampled_from([np.int32, np.float32]), st.integers(0, 8), elements=st.integers(0, 5))


def same(found, expected):
    expected = np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(found.numpy(), expected)


# The namespace


def test_tensors_and_variables_name_their_namespace():
    for x in (nn.zeros(2), nn.Variable([1.0])):
        assert x.__array_namespace__() is nn
        assert x.__array_namespace__(api_version=nn.__array_api_version__) is nn
        assert x.__array_namespace__(api_version="2022.12") is nn
        with pytest.raises(ArgumentError, match=r"not 1999\.12"):
            x.__array_namespace__(api_version="1999.12")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes_are_in_the_namespace_and_have_their_limits(dtype):
    assert getattr(nn, str(dtype)) == dtype == nn.zeros(1, dtype=dtype).dtype
    assert nn.__array_namespace_info__().dtypes()[str(dtype)] == dtype
    if dtype.kind == "f":
        found, expected = nn.finfo(nn.ones(2, dtype=dtype)), np.finfo(dtype)
        assert (found.eps, found.smallest_normal) == (expected.eps, expected.smallest_normal)
    elif dtype.kind in "iu":
        found, expected = nn.iinfo(dtype), np.iinfo(dtype)
    if dtype.kind != "b":
        assert (found.bits, found.min, found.max) == (expected.bits, expected.min, expected.max)
    with pytest.raises(DTypeError, match=str(dtype)):
        (nn.iinfo if dtype.kind == "f" else nn.finfo)(dtype)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)), ids=str)
def test_dtypes_promote_as_sums_do(a, b):
    try:
        expected = (nn.ones(1, dtype=a) + nn.ones(1, dtype=b)).dtype
    except DTypeError:
        with pytest.raises(DTypeError, match="no common"):
            nn.result_type(a, b)
        assert not nn.can_cast(a, b)
        return
    assert nn.result_type(a, b) == nn.result_type(nn.ones(1, dtype=a), b) == expected
    assert nn.can_cast(a, b) == (expected == b)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("number", [True, 1, 1.5])
def test_python_numbers_are_weak(dtype, number):
    assert nn.result_type(dtype, number) == (nn.ones(1, dtype=dtype) + number).dtype


def test_kinds_of_dtypes():
    kinds = ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]
    for dtype, kind in itertools.product(DTYPES, kinds):
        assert nn.isdtype(dtype, kind) == np.isdtype(dtype, kind)
    assert nn.isdtype(nn.int8, (nn.int16, "integral"))
    assert not nn.isdtype(nn.int8, (nn.int16, "bool"))
    with pytest.raises(ArgumentError, match="'real' is no kind"):
        nn.isdtype(nn.int8, "real")
    with pytest.raises(DTypeError, match="complex64"):
        nn.isdtype("complex64", "bool")


def test_the_inventory():
    info = nn.__array_namespace_info__()
    assert "cpu" in info.devices()
    assert info.default_device() == "cpu"
    assert info.default_dtypes()["real floating"] == nn.asarray(1.0).dtype
    assert info.default_dtypes(device="cpu")["integral"] == nn.asarray(1).dtype
    assert info.default_dtypes()["indexing"] == nn.argmax([1.0]).dtype
    assert set(info.dtypes(kind="real floating")) == {"float32", "float64"}
    assert set(info.dtypes(kind=("bool", "unsigned integer"))) == {"bool", "uint8", "uint16", "uint32", "uint64"}


def test_every_line_of_the_expected_failures_has_a_reason():
    blocks = XFAILS.read_text("utf-8").strip().split("\n\n")[1:]
    assert blocks
    for block in blocks:
        reasons = [line for line in block.splitlines() if line.startswith("#")]
        assert reasons == block.splitlines()[: len(reasons)]
        assert len(" ".join(reasons)) > 40, block
        assert all(line.startswith("array_api_tests/") for line in block.splitlines()[len(reasons) :])


# Functions whose results are several tensors, or whose arguments are no arrays: the table draws no cases for them


@given(x=NUMBERS.filter(lambda x: x.ndim), data=st.data())
def test_dimensions_move_as_in_numpy(x, data):
    count = data.draw(st.integers(1, x.ndim))
    source, destination = (data.draw(st.permutations(range(x.ndim)))[:count] for _ in range(2))
    same(nn.moveaxis(x, source, destination), np.moveaxis(x, source, destination))
    same(nn.moveaxis(x, source[0], destination[0] - x.ndim), np.moveaxis(x, source[0], destination[0]))


def test_dimensions_that_cannot_move():
    with pytest.raises(ShapeError, match="equally many"):
        nn.moveaxis(nn.zeros((2, 3)), (0, 1), 0)
    with pytest.raises(IndexError, match="axis 2"):
        nn.moveaxis(nn.zeros((2, 3)), 2, 0)


@given(x=NUMBERS, axes=st.sets(st.integers(0, 5), max_size=2).map(tuple))
def test_several_new_dimensions(x, axes):
    if any(axis >= x.ndim + len(axes) for axis in axes):
        with pytest.raises(IndexError, match="expand_dims"):
            nn.expand_dims(x, axes)
    else:
        same(nn.expand_dims(x, axes), np.expand_dims(x, axes))


@given(lines=st.lists(LINES, min_size=1, max_size=3), indexing=st.sampled_from(["xy", "ij"]))
def test_grids(lines, indexing):
    for found, expected in zip(
        nn.meshgrid(*lines, indexing=indexing), np.meshgrid(*lines, indexing=indexing), strict=True
    ):
        same(found, expected)


@given(x=NUMBERS.filter(lambda x: x.ndim), data=st.data())
def test_arrays_are_taken_apart_and_stretched(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    parts = nn.unstack(x, axis=axis)
    assert len(parts) == x.shape[axis]
    for found, expected in zip(parts, np.moveaxis(x, axis, 0), strict=True):
        same(found, expected)
    column = np.zeros((2, *[1] * x.ndim), np.int8)
    for found, expected in zip(nn.broadcast_arrays(x, column), np.broadcast_arrays(x, column), strict=True):
        same(found, expected)
    assert nn.broadcast_shapes(x.shape, column.shape) == (2, *x.shape)


@given(x=NUMBERS, data=st.data())
def test_elements_are_repeated_each_so_often(x, data):
    axis = data.draw(st.sampled_from([None, *range(x.ndim)]))
    size = x.size if axis is None else x.shape[axis]
    counts = data.draw(hnp.arrays(np.int64, size, elements=st.integers(0, 3)))
    same(nn.repeat(x, nn.asarray(counts), axis=axis), np.repeat(x, counts, axis=axis))


def test_repeats_that_do_not_fit():
    for counts in ([1, 2], [-1, 0, 1], [0.5, 1.0, 2.0]):
        with pytest.raises(ArgumentError, match="whole numbers, one or 3"):
            nn.repeat([1, 2, 3], counts)


@given(x=NUMBERS)
def test_values_are_found_and_counted(x):
    for function in ("unique_all", "unique_counts", "unique_inverse"):
        found, expected = getattr(nn, function)(x), getattr(np, function)(x)
        assert found._fields == expected._fields
        for part, wanted in zip(found, expected, strict=True):
            same(part, wanted)
    same(nn.unique_values(x), np.unique(x))
    if x.ndim:
        for part, wanted in zip(nn.nonzero(x), np.nonzero(x), strict=True):
            same(part, wanted)
    else:
        with pytest.raises(ShapeError, match="nonzero"):
            nn.nonzero(x)


@given(line=LINES, x=NUMBERS, side=st.sampled_from(["left", "right"]), invert=st.booleans())
def test_values_are_searched(line, x, side, invert):
    x = x.astype(line.dtype)
    same(nn.isin(x, line, invert=invert), np.isin(x, line, invert=invert))
    same(nn.searchsorted(np.sort(line), x, side=side), np.searchsorted(np.sort(line), x, side=side))
    order = np.argsort(line)
    same(nn.searchsorted(line, x, side=side, sorter=order), np.searchsorted(line, x, side=side, sorter=order))


@given(x=NUMBERS.filter(lambda x: x.ndim), n=st.integers(0, 2), data=st.data())
def test_differences_with_margins(x, n, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    margins = dict.fromkeys(data.draw(st.sets(st.sampled_from(["prepend", "append"]))), x)
    same(nn.diff(x, axis=axis, n=n, **margins), np.diff(x, axis=axis, n=n, **margins))


@given(x=NUMBERS.filter(lambda x: x.ndim), dtype=st.sampled_from(DTYPES), data=st.data())
def test_sums_and_products_in_another_dtype(x, dtype, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    x = x[tuple(slice(0, 3) for _ in x.shape)]
    same(nn.sum(x, axis=axis, dtype=dtype), np.sum(x.astype(dtype), axis=axis, dtype=dtype))
    same(nn.prod(x, axis=axis, dtype=dtype), np.prod(x.astype(dtype), axis=axis, dtype=dtype))
    for name in ("cumulative_sum", "cumulative_prod"):
        options = {"axis": axis, "dtype": dtype, "include_initial": True}
        same(getattr(nn, name)(x, **options), getattr(np, name)(x.astype(dtype), **options))


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0, -1.0], [0.0, 0.0, 1.5], [[1.0, 2.0], [0.0, -3.0]], [1.0]])
def test_running_products_have_a_gradient_where_a_factor_is_zero(x):
    nn.testing.check_grad(lambda v: nn.cumulative_prod(v, axis=-1), np.asarray(x))


def test_bits_are_those_of_integers():
    with pytest.raises(DTypeError, match="bitwise_and: defined for integers alone, got float32 and int64"):
        nn.ones(2) & nn.arange(2)
    with pytest.raises(DTypeError, match="bitwise_invert"):
        ~nn.ones(2)
    with pytest.raises(DTypeError, match="booleans"):
        nn.bitwise_left_shift(True, True)
    with pytest.raises(ArgumentError, match="by -1"):
        nn.arange(3) << -1
    x = nn.asarray([[True, False]])
    same(~x & x.T | x ^ True, ~x.numpy() & x.numpy().T | x.numpy() ^ True)


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype.kind in "iu"], ids=str)
@pytest.mark.usefixtures("each_backend")
def test_shifts_by_any_distance(dtype):
    x = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max, 0, 1, 3, 100], dtype)
    y = np.arange(0, 100, dtype=dtype)[:, None]
    same(nn.asarray(x) << y, x << y)
    same(nn.asarray(x) >> y, x >> y)


def test_vectors_of_different_sizes_have_no_product():
    same(nn.vecdot(np.ones((2, 3), np.int8), np.ones(3, np.int16)), np.full(2, 3, np.int16))
    for shapes in (((2, 3), (1,)), ((2, 3), ()), ((2, 3), (2,))):
        with pytest.raises(ShapeError, match="vecdot"):
            nn.vecdot(nn.ones(shapes[0]), nn.ones(shapes[1]), axis=-1)
    with pytest.raises(ShapeError, match="axis 0"):
        nn.vecdot(nn.ones((3, 3)), nn.ones(3), axis=0)


@pytest.mark.parametrize("shapes", [((2, 3, 0), (0,)), ((2, 3, 0), (0, 4)), ((0, 3, 0), (0, 2)), ((2, 3, 4), (4, 0))])
def test_products_over_nothing_are_zero(shapes):
    a, b = np.ones(shapes[0]), np.ones(shapes[1])
    same(nn.matmul(a, b), a @ b)
    for gradient, x in zip(nn.grad(lambda v, w: nn.sum(nn.matmul(v, w)), (0, 1))(a, b), (a, b), strict=True):
        same(gradient, np.zeros_like(x))


def test_the_sign_of_zero_is_zero():
    zeros = nn.sign([0.0, -0.0]).numpy()
    assert not np.signbit(zeros).any()


def test_reshape_says_when_it_would_copy():
    x = nn.asarray(np.zeros((2, 3)))
    assert np.shares_memory(nn.reshape(x, (6,), copy=False).numpy(), x.numpy())
    with pytest.raises(ArgumentError, match="needs a copy"):
        nn.reshape(x.T, (6,), copy=False)


# Other libraries


def test_einops():
    pytest.importorskip("einops", reason="einops is not installed")
    from einops import array_api as einops

    x = np.arange(24.0).reshape(2, 3, 4)
    t = nn.asarray(x)
    same(einops.rearrange(t, "a b c -> (a c) b"), x.transpose(0, 2, 1).reshape(8, 3))
    same(einops.reduce(t, "a b (c d) -> b d", "max", d=2), x.reshape(2, 3, 2, 2).max(axis=(0, 2)))
    same(einops.reduce(t, "a b c -> b", "mean"), x.mean(axis=(0, 2)))
    same(einops.repeat(t, "a b c -> a r b c", r=2), np.stack([x, x], 1))
    same(einops.pack([t, t], "a * c")[0], np.concatenate([x, x], 1))
    first, second = einops.unpack(t, [(1,), (2,)], "a * c")
    same(first, x[:, :1])
    same(second, x[:, 1:])
    same(nn.grad(lambda v: nn.sum(einops.reduce(v, "a b c -> b", "mean")))(t), np.full(x.shape, 1 / 8))


SCIPY = """
import numpy as np, numbanet as nn
from scipy import integrate, signal, special, stats
x = np.random.default_rng(0).uniform(1, 2, (4, 9))
t = nn.asarray(x)
for function in (
    special.softmax, special.expit, special.erf, special.entr, special.logit, special.gammaln, stats.skew,
    stats.kurtosis, stats.gmean, stats.hmean, stats.sem, stats.entropy, stats.circmean, integrate.trapezoid,
    signal.detrend,
):
    found = function(t)
    assert isinstance(found, nn.Tensor), function
    np.testing.assert_allclose(found.numpy(), function(x), rtol=1e-9, atol=1e-12, err_msg=function.__name__)
found, expected = stats.ttest_1samp(t, 1.4, axis=1), stats.ttest_1samp(x, 1.4, axis=1)
np.testing.assert_allclose(found.statistic.numpy(), expected.statistic)
np.testing.assert_allclose(found.pvalue.numpy(), expected.pvalue)
print("compared")
"""


def test_scipy():
    """In a process of its own: SciPy reads SCIPY_ARRAY_API when it is imported."""
    pytest.importorskip("scipy", minversion="1.15", reason="SciPy is not installed")
    done = subprocess.run(
        [sys.executable, "-c", SCIPY], env=os.environ | {"SCIPY_ARRAY_API": "1"}, capture_output=True, text=True
    )
    assert done.stdout == "compared\n", done.stderr
