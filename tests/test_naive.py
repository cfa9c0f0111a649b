"""The textbook's functions: equal to NumPy, compiled and interpreted alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.table import Domain
from numbanet.errors import DTypeError, ShapeError
from tests import strategies

FINITE = Domain(special=False)
CASES = [
    ("naive_relu", [(3, 4)], lambda x: np.maximum(x, 0)),
    ("naive_add", [(3, 4), (3, 4)], np.add),
    ("naive_maximum", [(3, 4), (3, 4)], np.maximum),
    ("naive_add_matrix_and_vector", [(3, 4), (4,)], np.add),
    ("naive_vector_dot", [(5,), (5,)], np.dot),
    ("naive_matrix_vector_dot", [(3, 4), (4,)], np.dot),
    ("naive_matrix_dot", [(3, 4), (4, 2)], np.dot),
    ("naive_softmax", [(3, 4)], lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)),
]


@pytest.mark.parametrize(("name", "shapes", "reference"), CASES, ids=[name for name, _, _ in CASES])
@given(data=st.data())
def test_compiled_and_interpreted_equal_numpy(name, shapes, reference, data):
    function = getattr(nn.naive, name)
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    arrays = [data.draw(strategies.arrays(shape, FINITE, "f")).astype(dtype) for shape in shapes]
    expected = reference(*arrays)
    for run in (function, function.py_func):
        result = run(*arrays)
        assert result.dtype == dtype
        assert np.shape(result) == np.shape(expected)
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "shapes", "reference"), CASES, ids=[name for name, _, _ in CASES])
def test_shapes_that_do_not_fit(name, shapes, reference):
    wrong = [np.ones((2, 3, 4, 5)[: len(shape) + 1]) for shape in shapes]
    if name in ("naive_relu", "naive_add", "naive_maximum"):
        wrong = [np.ones((2, i + 2)) for i in range(len(shapes))]
        if name == "naive_relu":
            return  # any shape will do
    with pytest.raises(ShapeError, match=name):
        getattr(nn.naive, name)(*wrong)


def test_other_dtypes_are_refused():
    with pytest.raises(DTypeError, match="naive_add"):
        nn.naive.naive_add(np.array(["a"]), np.array(["b"]))


def test_nothing_to_sum():
    assert nn.naive.naive_vector_dot(np.ones(0), np.ones(0)) == 0
    assert nn.naive.naive_matrix_dot(np.ones((2, 0)), np.ones((0, 3))).tolist() == [[0] * 3] * 2
    assert nn.naive.naive_softmax(np.ones((0, 3))).shape == (0, 3)


def test_integers():
    assert nn.naive.naive_relu(np.array([-1, 2])).tolist() == [0, 2]
    assert nn.naive.naive_matrix_dot(np.array([[1, 2]]), np.array([[3], [4]])).tolist() == [[11]]
