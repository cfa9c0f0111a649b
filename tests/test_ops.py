"""First and second derivatives of every op of the table against differences, and corners of some ops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.dtypes import INTEGERS
from numbanet.core.table import TABLE
from tests import strategies
from tests.table_cases import GRADIENT_CASES, call, draw_smooth


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
@given(data=st.data())
def test_gradient_equals_differences(op, case, data):
    arrays = draw_smooth(data, case, ["contiguous", "transposed"])
    nn.testing.check_grad(_named(op, case), *arrays)


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
@settings(max_examples=max(5, settings().max_examples // 6))
@given(data=st.data())
def test_second_derivatives_equal_differences(op, case, data):
    """By nesting; small shapes, since each number of the inputs costs some gradients of all."""
    domains = case.smooth or case.inputs
    arrays = draw_smooth(data, case, ["contiguous", "transposed"], strategies.partners(len(domains), 3, 2))
    nn.testing.check_grad(_named(op, case), *arrays, order=2)


def _named(op, case):
    """The op with the parameters of a case, under its own name, which a failure tells."""

    def function(*tensors):
        return call(op.function, tensors, case.params)

    function.__name__ = op.name
    return function


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


class TestCorners:
    """Gradients where differences say nothing, and those of arguments that the table's cases hold constant."""

    @pytest.mark.parametrize(("base", "exponent", "by_base", "by_exponent"), [
        (0.0, 0.0, 0.0, 0.0), (0.0, 2.0, 0.0, 0.0), (0.0, 1.0, 1.0, 0.0), (-2.0, 2.0, -4.0, 0.0),
        (3.0, 0.0, 0.0, np.log(3.0)), (4.0, -1.0, -0.0625, 0.25 * np.log(4.0)),
    ])  # fmt: skip
    def test_powers(self, base, exponent, by_base, by_exponent):
        found = nn.grad(nn.pow, argnums=(0, 1))(nn.asarray(base, np.float64), nn.asarray(exponent, np.float64))
        assert [g.item() for g in found] == pytest.approx([by_base, by_exponent], rel=1e-15)

    def test_clip_has_the_gradient_of_what_it_returns(self):
        x, low, high = np.array([-2.0, -1.0, 0.5, 1.0, 3.0]), np.full(5, -1.0), np.full(5, 1.0)
        found = nn.grad(lambda x, low, high: nn.sum(nn.clip(x, low, high)), argnums=(0, 1, 2))(x, low, high)
        assert [g.tolist() for g in found] == [[0, 1, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]]

    def test_elu_by_its_slope(self):
        x = np.array([-2.0, -0.5, 0.5, 3.0])
        found = nn.grad(lambda slope: nn.sum(nn.elu(x, slope)))(nn.asarray(1.5, np.float64))
        assert found.item() == pytest.approx(np.expm1(x[x < 0]).sum(), rel=1e-14)

    def test_remainder_by_its_divisor(self):
        x, y = np.array([7.5, -7.5, 7.5, -7.5]), np.array([2.0, 2.0, -2.0, -2.0])
        by_x, by_y = nn.grad(lambda x, y: nn.sum(nn.remainder(x, y)), argnums=(0, 1))(x, y)
        assert by_x.tolist() == [1.0] * 4
        assert by_y.tolist() == [-3.0, 4.0, 4.0, -3.0]

    def test_copysign_at_zero(self):
        x, sign = np.array([0.0, -0.0, 2.0, -2.0]), np.array([1.0, -1.0, -1.0, -1.0])
        assert nn.grad(lambda x: nn.sum(nn.copysign(x, sign)))(x).tolist() == [0.0, 0.0, -1.0, 1.0]

    @pytest.mark.parametrize("reduce", [nn.max, nn.min])
    def test_ties_share_the_gradient(self, reduce):
        x = np.array([[2.0, 2.0, 2.0], [1.0, 3.0, 3.0], [4.0, 4.0, 1.0]]) * (1 if reduce is nn.max else -1)
        found = nn.grad(lambda x: nn.sum(reduce(x, axis=1)))(x).numpy()
        np.testing.assert_allclose(found, [[1 / 3, 1 / 3, 1 / 3], [0, 0.5, 0.5], [0.5, 0.5, 0]], rtol=1e-15)

    def test_reductions_of_one_number(self):
        for reduce in (nn.sum, nn.prod, nn.max, nn.min, nn.mean, nn.logsumexp):
            assert nn.grad(reduce)(3.0).item() == 1.0
            assert nn.grad(reduce)(0.0).item() == 1.0

    def test_leaky_relu_by_its_slope(self):
        x, slope = np.array([-2.0, -0.5, 0.5, 3.0]), np.full(4, 0.25)
        by_x, by_slope = nn.grad(lambda x, slope: nn.sum(nn.leaky_relu(x, slope)), argnums=(0, 1))(x, slope)
        assert by_x.tolist() == [0.25, 0.25, 1.0, 1.0]
        assert by_slope.tolist() == [-2.0, -0.5, 0.0, 0.0]

    @pytest.mark.parametrize("axis", [0, 1, 2, -1])
    def test_concat_and_stack(self, axis):
        parts = [np.random.default_rng(i).normal(size=(2, 2, 2)) for i in range(3)]
        uneven = [part.take(range(1 + i % 2), axis) for i, part in enumerate(parts)]
        nn.testing.check_grad(lambda *xs: nn.concat(list(xs), axis) ** 2, *uneven)
        nn.testing.check_grad(lambda *xs: nn.stack(list(xs), axis) ** 2, *parts)

    @pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
    def test_cumulative_products(self, axis):
        x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
        nn.testing.check_grad(lambda x: nn.cumulative_prod(x, axis=axis), x)
        x[0, 1] = 0.0
        nn.testing.check_grad(lambda x: nn.cumulative_prod(x, axis=axis), x)
