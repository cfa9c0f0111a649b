"""Every op of the table in Numba's CUDA simulator: forward and gradient, against NumPy and against the CPU."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError
from tests.simulator import needs_simulator
from tests.table_cases import (
    ACCUMULATING,
    CASES,
    GRADIENT_CASES,
    ROUNDING,
    call,
    draw_inputs,
    expected_values,
    smooth_domains,
)

pytestmark = needs_simulator


def on_device(arrays):
    return [nn.asarray(x, device="cuda") for x in arrays]


def numpy(result):
    return [x.numpy() for x in result] if isinstance(result, (list, tuple)) else result.numpy()


@pytest.mark.parametrize(("op", "case"), CASES)
@settings(max_examples=4)
@given(data=st.data())
def test_forward_equals_the_reference(op, case, data):
    arrays = draw_inputs(data, case, ends=op.family not in ACCUMULATING)
    with nn.device("cuda"):
        tensors = on_device(arrays)
        result = call(op.function, tensors, case.params)
    expected = expected_values(op, case, arrays, result)
    assert result.device == case.params.get("device", "cuda")
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    tolerance = ROUNDING.get(result.dtype, 0)
    np.testing.assert_allclose(result.numpy(), expected, rtol=tolerance, atol=tolerance)
    for tensor, array in zip(tensors, arrays, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
@settings(max_examples=2)
@given(data=st.data())
def test_gradient_equals_that_of_the_cpu(op, case, data):
    arrays = draw_inputs(data, case, domains=smooth_domains(case))
    gradients = []
    for device in ("cpu", "cuda"):
        tensors = [nn.asarray(x, device=device) for x in arrays]
        floating = [x for x in tensors if x.dtype.kind == "f"]
        with nn.device(device), nn.GradientTape() as tape:
            tape.watch(floating)
            result = call(op.function, tensors, case.params)
        gradients.append([g.numpy() for g in tape.gradient(result, floating)])
    tolerance = 10 * max(ROUNDING[x.dtype] for x in floating)
    for found, expected in zip(gradients[1], gradients[0], strict=True):
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_powers_of_integers():
    x, y = np.array([2, -3, 7, 0, 3]), np.array([10, 3, 0, 0, 41])
    there = nn.asarray(x, device="cuda")
    np.testing.assert_array_equal(nn.pow(there, nn.asarray(y, device="cuda")).numpy(), x**y)
    np.testing.assert_array_equal(nn.pow(there, 3).numpy(), x**3)
    with pytest.raises(ArgumentError, match="negative powers"):
        nn.pow(there, nn.asarray(-y, device="cuda"))


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64"])
def test_the_least_integer_by_minus_one(dtype):
    least = np.iinfo(dtype).min
    x, y = np.array([least, least, least + 1, 7, -7, 5], dtype), np.array([-1, 1, -1, -2, 2, 0], dtype)
    left, right = on_device([x, y])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal((left // right).numpy(), x // y)
        np.testing.assert_array_equal((left % right).numpy(), x % y)
        np.testing.assert_array_equal(abs(left).numpy(), abs(x))
