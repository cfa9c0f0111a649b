"""A recorded convolution takes its bias and its relu along: one launch, the same bytes."""

import numpy as np
import pytest

import numbanet as nn

from .test_passes import assert_same_bytes

pytestmark = pytest.mark.needs_compiled("compiled kernels are recorded")

RNG = np.random.default_rng(0)
X, K = (RNG.standard_normal(shape).astype(np.float32) for shape in ((2, 6, 5, 3), (3, 3, 3, 4)))
B = RNG.standard_normal(4).astype(np.float32)


def convolutions(names):
    return [name for name in names if name.startswith("conv")]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("after", [lambda z: z, nn.relu], ids=["bias", "bias and relu"])
def test_convolution_bias_and_relu_are_one_launch(padding, after):
    names = assert_same_bytes(lambda x, k, b: after(nn.conv(x, k, strides=(2, 1), padding=padding) + b), X, K, B)
    assert names == ["conv_tiles"]


@pytest.mark.parametrize("rank", [1, 3])
def test_other_ranks_and_groups(rank):
    x = RNG.standard_normal((2, *[5] * rank, 4)).astype(np.float32)
    k = RNG.standard_normal((*[2] * rank, 2, 6)).astype(np.float32)
    assert assert_same_bytes(lambda x, k, b: nn.relu(nn.conv(x, k) + b), x, k, k[(0,) * (rank + 1)]) == ["conv_tiles"]


@pytest.mark.parametrize("shape", [(), (1,), (1, 4), (4, 3, 4), (2, 1, 1, 4)])
def test_what_is_not_one_number_per_filter_is_added_by_itself(shape):
    bias = RNG.standard_normal(shape).astype(np.float32)
    assert len(assert_same_bytes(lambda x, k, b: nn.relu(nn.conv(x, k) + b), X, K, bias)) > 1


def test_another_dtype_is_not_fused():
    assert len(assert_same_bytes(lambda x, k, b: nn.relu(nn.conv(x, k) + b), X, K, B.astype(np.float64))) > 1


@pytest.mark.parametrize(
    "also", [lambda z: z * 2, nn.exp, nn.sum, lambda z: z, nn.relu], ids=["times", "exp", "sum", "returned", "relu"]
)
def test_who_else_reads_the_sums_gets_them(also):
    def f(x, k, b):
        z = nn.conv(x, k)
        y = z + b
        return nn.relu(y), also(y), also(z)

    assert_same_bytes(f, X, K, B)


def test_a_batch_without_samples():
    assert_same_bytes(lambda x, k, b: nn.relu(nn.conv(x, k) + b), X[:0], K, B)


def test_gradients_of_a_fused_step():
    def f(x, k, b):
        with nn.GradientTape() as tape:
            tape.watch(k)
            tape.watch(b)
            loss = nn.sum(nn.relu(nn.conv(x, k, padding="same") + b))
        return [loss, *tape.gradient(loss, [k, b])]

    names = assert_same_bytes(f, X, K, B)
    assert convolutions(names) == ["conv_tiles"]


def slopes(f, *args):
    """The gradients of the sum of squares of what `f` gives."""
    with nn.GradientTape() as tape:
        operands = [nn.asarray(x) for x in args]
        tape.watch(operands)
        y = f(*operands)
    return tape.gradient(y, operands, y * 2)


@pytest.mark.parametrize(("size", "strides"), [(2, 2), (3, 2), (2, 3)])
def test_the_gradient_of_a_pooled_relu_is_taken_from_the_results(size, strides):
    def f(x, k, b):
        return slopes(lambda x, k, b: nn.max_pool(nn.relu(nn.conv(x, k) + b), size, strides, "same"), x, k, b)

    names = assert_same_bytes(f, X, K, B)
    assert names.index("relu_gradient") < names.index("max_pool_gradient")
    assert names[:2] == ["conv_tiles", "max_pool_with_places"]


@pytest.mark.parametrize(
    "around",
    [
        lambda z: nn.relu(nn.max_pool(z, 2)), lambda z: nn.max_pool(nn.relu(nn.relu(z) * -1), 2) + nn.sum(nn.relu(z)),
        lambda z: nn.max_pool(nn.relu(z), 2) + nn.max_pool(nn.relu(z)[:, ::-1], 2), lambda z: nn.max_pool(z, 2),
        lambda z: nn.max_pool(nn.relu(z), 2) * nn.average_pool(nn.relu(z), 2),
        lambda z: nn.max_pool(nn.sigmoid(z), 2) * nn.max_pool(nn.relu(z), 2),
    ],
    ids=["after", "of another", "reversed", "none", "also averaged", "sigmoid"],
)  # fmt: skip
def test_other_relus_and_poolings_stay_as_they_are(around):
    x = X.copy()
    x[0, 0, 0], x[1, 1:3, 1:3, 0] = np.nan, 0.5
    assert_same_bytes(lambda x: slopes(around, x)[0], x)
