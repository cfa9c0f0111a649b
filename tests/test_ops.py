"""Every op of the table against its NumPy reference and, where it has a gradient, against central differences."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.dtypes import DEFAULT_FLOAT, SUPPORTED
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


def expected_dtype(op, arrays, result):
    """Results are of the dtypes that the package documents; NumPy's are compared after conversion."""
    return result.dtype in SUPPORTED


@pytest.mark.parametrize(("op", "case"), CASES)
@given(data=st.data())
def test_forward_equals_the_reference(op, case, data):
    arrays = draw_inputs(data, case)
    before = [x.copy() for x in arrays]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wide = [x.astype(np.float32) if x.dtype.kind in "iub" and _mixes_floats(arrays) else x for x in arrays]
        wide = [x.astype(np.result_type(*[a.dtype for a in wide if a.dtype.kind == "f"])) if x.dtype.kind == "f" else x
                for x in wide]  # fmt: skip
        expected = np.asarray(call(op.reference, wide, case.params))
    result = call(op.function, arrays, case.params)
    assert isinstance(result, nn.Tensor)
    assert result.shape == expected.shape
    assert result.dtype in SUPPORTED
    if expected.dtype.kind != "f" or result.dtype.kind != "f":
        assert result.dtype.kind == expected.dtype.kind or result.dtype == DEFAULT_FLOAT
    floats = [x.dtype for x in arrays if x.dtype.kind == "f"]
    if floats and result.dtype.kind == "f":
        assert result.dtype == np.result_type(*floats)
    tolerance = ROUNDING[np.dtype(np.float32) if result.dtype != np.float64 else np.dtype(np.float64)]
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(np.asarray(result), expected.astype(result.dtype), rtol=tolerance, atol=tolerance)
    for x, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(x, copy)


def _mixes_floats(arrays):
    return any(x.dtype.kind == "f" for x in arrays)


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


def test_every_op_is_reached_by_its_public_function():
    for op in TABLE.values():
        assert callable(op.function)
        if op.forward is not None and op.vjp is not None and not callable(op.vjp):
            assert len(op.vjp) >= 1
