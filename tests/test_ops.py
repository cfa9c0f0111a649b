"""Gradients of every op of the table against central differences, and corners of some ops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.dtypes import INTEGERS
from numbanet.table import TABLE
from tests.table_cases import GRADIENT_CASES, call, draw_inputs, smooth_domains


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
@given(data=st.data())
def test_gradient_equals_central_differences(op, case, data):
    arrays = [
        x.astype(np.float64) if x.dtype.kind == "f" else x
        for x in draw_inputs(data, case, domains=smooth_domains(case), layouts=["contiguous", "transposed"])
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
