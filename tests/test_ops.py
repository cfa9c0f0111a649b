"""Every op of the table against its NumPy reference and, where it has a gradient, against central differences."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.dtypes import INTEGERS
from numbanet.table import TABLE
from tests import strategies

nn.ops  # noqa: B018  (fills the table)
CASES = [
    pytest.param(op, case, id=f"{op.name}-{i}")
    for op in TABLE.values()
    for i, case in enumerate(op.cases)
    if op.reference is not None
]
GRADIENT_CASES = [
    pytest.param(op, case, id=f"{op.name}-{i}")
    for op in TABLE.values()
    if op.differentiable
    for i, case in enumerate(op.cases)
    if any("f" in domain.kinds for domain in case.inputs)
]
ROUNDING = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}


def call(function, arrays, params):
    if "subscripts" in params:
        rest = {k: v for k, v in params.items() if k != "subscripts"}
        return function(params["subscripts"], *arrays, **rest)
    return function(*arrays, **params)


def draw_inputs(data, case, kinds=None, layouts=strategies.LAYOUTS, domains=None):
    domains = domains or case.inputs
    shapes = case.shapes or data.draw(strategies.partners(len(domains)), label="shapes")
    return [
        data.draw(strategies.arrays(shape, domain, kinds, layouts), label=f"input {i}")
        for i, (shape, domain) in enumerate(zip(shapes, domains, strict=True))
    ]


def in_common_float(arrays, result):
    """What the reference gets: numbers of the floating dtype in which numbanet computes, where it computes in one."""
    floats = [x.dtype for x in arrays if x.dtype.kind == "f"]
    if not floats and result.dtype.kind != "f":
        return arrays
    common = np.result_type(*floats) if floats else np.float32
    return [x if x.dtype.kind == "b" and len(arrays) == 3 else x.astype(common) for x in arrays]


@pytest.mark.parametrize(("op", "case"), CASES)
@given(data=st.data())
def test_forward_equals_the_reference(op, case, data):
    arrays = draw_inputs(data, case)
    before = [x.copy() for x in arrays]
    result = call(op.function, arrays, case.params)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy warns of overflow and NaN, which are inputs here
        expected = np.asarray(call(op.reference, in_common_float(arrays, result), case.params))
        expected = expected.astype(result.dtype) if expected.dtype.kind == result.dtype.kind == "f" else expected
    assert isinstance(result, nn.Tensor)
    assert result.shape == expected.shape
    assert result.dtype == expected.dtype
    tolerance = ROUNDING.get(result.dtype, 0)
    np.testing.assert_allclose(np.asarray(result), expected, rtol=tolerance, atol=tolerance)
    for x, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(x, copy)


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
@given(data=st.data())
def test_gradient_equals_central_differences(op, case, data):
    domains = [type(d)(d.low, d.high, False, "f") if "f" in d.kinds else d for d in case.smooth or case.inputs]
    arrays = [
        x.astype(np.float64) if x.dtype.kind == "f" else x
        for x in draw_inputs(data, case, domains=domains, layouts=["contiguous", "transposed"])
    ]
    arrays = [_spread_out(x, i) for i, x in enumerate(arrays)]
    nn.testing.check_grad(lambda *xs: call(op.function, xs, case.params), *arrays)


def _spread_out(x, position):
    """No two elements equal, so that maxima and orders have derivatives."""
    if x.dtype.kind != "f" or x.size < 2:
        return x
    return x + np.linspace(0, 0.05, x.size).reshape(x.shape) * (position + 1)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_powers_of_integers_wrap_as_in_numpy(dtype):
    x = np.array([0, 1, 2, 3, 7, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
    y = np.array([[0], [1], [2], [3], [9], [40]], dtype)
    np.testing.assert_array_equal(nn.pow(x, y).numpy(), np.power(x, y))


@pytest.mark.usefixtures("each_backend")
@pytest.mark.parametrize("op", [nn.floor_divide, nn.remainder], ids=lambda op: op.__name__)
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_integers_divide_as_in_numpy(dtype, op):
    least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
    ends = [least, least + 1, least // 2, most // 2, most // 2 + 1, most - 1, most]
    x = np.array([*ends, *range(max(least, -8), 9)], dtype)
    with np.errstate(all="ignore"):
        expected = getattr(np, op.__name__)(x, x[:, None])
    np.testing.assert_array_equal(op(x, x[:, None]).numpy(), expected)


def test_large_integers_pass_relu_unchanged():
    x = np.array([2**63 + 1, 2**53 + 1, 0], np.uint64)
    np.testing.assert_array_equal(nn.relu(x).numpy(), x)
    np.testing.assert_array_equal(TABLE["relu_gradient"].function(x, x).numpy(), x)


def test_every_op_is_reached_by_its_public_function():
    for op in TABLE.values():
        assert callable(op.function)
        if op.forward is not None and op.vjp is not None and not callable(op.vjp):
            assert len(op.vjp) >= 1
