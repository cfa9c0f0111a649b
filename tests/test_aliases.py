"""Other names of functions, and the functions with the names and parameters of NumPy and TensorFlow."""

import subprocess
import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.aliases import ALIASES
from numbanet.errors import ArgumentError, DTypeError, ShapeError

M = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize(("name", "known"), ALIASES.items())
def test_an_alias_is_the_function_itself(name, known):
    assert getattr(nn, name) is getattr(nn, known)
    assert known in dir(nn), "an alias names what is documented"
    assert known not in ALIASES


def test_aliases_can_be_asked_for_first():
    script = "import numbanet as nn; f = nn.reduce_sum; assert f is nn.sum; assert nn.convert_to_tensor is nn.asarray"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_names_of_textbooks():
    x = nn.constant([[1.0, 2.0], [3.0, 4.0]])
    assert nn.reduce_mean(x).item() == 2.5
    np.testing.assert_array_equal(nn.reduce_sum(x, axis=1, keepdims=True).numpy(), [[3], [7]])
    assert nn.cast(x, nn.int32).dtype == np.int32
    assert nn.cast(x, "float64").dtype == np.float64
    np.testing.assert_array_equal(nn.gather(x, [1, 0]).numpy(), [[3, 4], [1, 2]])
    np.testing.assert_array_equal(nn.range(2, 8, 3).numpy(), [2, 5])
    np.testing.assert_array_equal(nn.reverse(x, axis=[0]).numpy(), [[3, 4], [1, 2]])
    np.testing.assert_array_equal(nn.clip_by_value(x, 2, 3).numpy(), [[2, 2], [3, 3]])
    assert nn.rank(x) == nn.ndim(3.0) + 2 == 2
    assert nn.shape(x) == (2, 2)
    assert nn.size(x) == 4


class Foreign:
    """An array of another library, which gives its own memory."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


@pytest.mark.parametrize("wrap", [lambda a: a, Foreign])
@pytest.mark.parametrize("make", [nn.array, nn.constant, lambda x: nn.asarray(x, copy=True)])
def test_a_copy_shares_no_memory(make, wrap):
    values = np.zeros(3, np.float32)
    t = make(wrap(values))
    values[0] = 5
    assert t.numpy().tolist() == [0, 0, 0]


def test_an_array_of_a_tensor_keeps_its_gradient():
    assert nn.grad(lambda x: nn.sum(nn.array(x) * 2))(nn.asarray([1.0])).item() == 2
    assert nn.grad(lambda x: nn.sum(nn.constant(x, shape=(3, 2))))(nn.asarray(1.0)).item() == 6


def test_constants_fill_shapes():
    assert nn.constant(7, shape=(2, 3)).numpy().tolist() == [[7] * 3] * 2
    assert nn.constant([5.0], shape=3).shape == (3,)
    assert nn.constant([1, 2, 3, 4], dtype="float64", shape=(2, 2)).dtype == np.float64
    assert nn.constant(1.0, shape=(0, 2)).shape == (0, 2)
    with pytest.raises(ShapeError, match=r"constant: 2 values of shape \(2,\) do not fill the shape \(3,\)"):
        nn.constant([1, 2], shape=(3,))
    with pytest.raises(ShapeError, match="constant"):
        nn.constant([], shape=(3,))


CALLS = {
    "ravel": [{}],
    "swapaxes": [{"axis1": 0, "axis2": 1}, {"axis1": -1, "axis2": -2}],
    "diagonal": [{}, {"offset": 1}, {"offset": -2}, {"axis1": 1, "axis2": 0, "offset": 1}],
    "trace": [{}, {"offset": -1}],
    "median": [{}, {"axis": 0}, {"axis": (0, 1), "keepdims": True}],
}


@pytest.mark.parametrize(("name", "options"), [(name, one) for name, several in CALLS.items() for one in several])
def test_they_are_those_of_numpy(name, options):
    function, reference = getattr(nn, name), getattr(np, name)
    values = np.random.default_rng(0).permutation(M.ravel()).reshape(M.shape)
    found = function(nn.asarray(values), **options)
    np.testing.assert_allclose(found.numpy(), reference(values, **options))
    np.testing.assert_allclose(function(values.tolist(), **options).numpy(), reference(values, **options))
    nn.testing.check_grad(lambda x: function(x, **options), values.astype(np.float64))


@pytest.mark.parametrize("name", ["hstack", "vstack"])
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_stacks_are_those_of_numpy(name, shape):
    parts = [np.full(shape, i, np.float32) for i in (1, 2)]
    np.testing.assert_array_equal(getattr(nn, name)(parts).numpy(), getattr(np, name)(parts))
    found = nn.grad(lambda x: nn.sum(getattr(nn, name)([x, x])))(nn.asarray(parts[0]))
    np.testing.assert_array_equal(found.numpy(), np.full(shape, 2))


@pytest.mark.parametrize("name", ["diagonal", "trace"])
def test_a_vector_has_no_diagonal(name):
    with pytest.raises(ShapeError, match=r"needs at least 2 dimensions, got shape \(2,\)"):
        getattr(nn, name)([1.0, 2.0])
    with pytest.raises(ArgumentError, match="offset"):
        getattr(nn, name)(M, offset=0.5)


def test_counts_of_integers():
    assert nn.bincount([1, 1, 3]).numpy().tolist() == [0, 2, 0, 1]
    assert nn.bincount(np.array([], np.int32), minlength=2).numpy().tolist() == [0, 0]
    assert nn.bincount(np.array([2], np.uint8), minlength=2).shape == (3,)
    weights = nn.asarray([0.5, 1.0, 2.0])
    np.testing.assert_array_equal(nn.grad(lambda w: nn.sum(nn.bincount([1, 1, 0], w) ** 2))(weights).numpy(), [3, 3, 4])
    assert nn.bincount(np.array([], np.int32), weights=np.array([], np.float32), minlength=2).numpy().tolist() == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([-1],), ArgumentError, "integers from 0, got -1"),
        (([1.0],), DTypeError, "needs integers, got float32"),
        (([[1]],), ShapeError, "needs one dimension"),
        (([1], [1.0, 2.0]), ShapeError, r"weights of shape \(2,\) do not fit \(1,\)"),
        (([1], None, -1), ArgumentError, "minlength"),
    ],
)
def test_what_cannot_be_counted(arguments, error, message):
    with pytest.raises(error, match=f"bincount: .*{message}"):
        nn.bincount(*arguments)


def test_masks_pick():
    found = nn.boolean_mask(M, [True, False, True])
    np.testing.assert_array_equal(found.numpy(), M[[0, 2]])
    np.testing.assert_array_equal(nn.boolean_mask(M, M > 5).numpy(), M[M > 5])
    np.testing.assert_array_equal(nn.grad(lambda x: nn.sum(nn.boolean_mask(x, M > 5)))(M).numpy(), M > 5)
    with pytest.raises(DTypeError, match="must be bool, got int64"):
        nn.boolean_mask(M, [0, 2, 1])
    with pytest.raises(ShapeError, match=r"a mask of shape \(4,\) does not fit the first dimensions of \(3, 4\)"):
        nn.boolean_mask(M, [True] * 4)


def test_arguments_that_are_not_there_are_refused():
    with pytest.raises(TypeError, match="input_tensor"):
        nn.reduce_sum(input_tensor=M)
    with pytest.raises(TypeError, match="transpose_a"):
        nn.matmul(M, M, transpose_a=True)
