"""`nn.utils`: labels as rows, vectors of length 1, and what is said of the rest of Keras's."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError


@pytest.mark.parametrize("dtype", ["int64", "uint8", "int32", "float32"])
def test_labels_become_rows(dtype):
    labels = np.array([3, 0, 1], dtype)
    np.testing.assert_array_equal(nn.utils.to_categorical(labels), np.eye(4)[[3, 0, 1]])
    np.testing.assert_array_equal(nn.utils.to_categorical(labels[:, None], 5), np.eye(5)[[3, 0, 1]])
    assert nn.utils.to_categorical(nn.asarray(labels)).dtype == np.float32
    assert nn.utils.to_categorical(labels.reshape(1, 3)).shape == (1, 3, 4)
    assert nn.utils.to_categorical(np.zeros(0, dtype), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0.5],), DTypeError, "whole numbers, got float32"),
        (([np.nan],), DTypeError, "whole numbers"),
        (([True],), DTypeError, "whole numbers, got bool"),
        (([-1],), ArgumentError, "label -1 is outside"),
        (([3], 3), ArgumentError, "label 3 is outside the 3 classes 0 to 2"),
        ((np.zeros(0, int),), ArgumentError, "num_classes is needed"),
        (([0], 0), ArgumentError, "num_classes"),
    ],
)
def test_what_is_no_label_is_refused(arguments, error, message):
    with pytest.raises(error, match=f"to_categorical: .*{message}"):
        nn.utils.to_categorical(*arguments)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("axis", [0, -1])
def test_vectors_get_length_1(order, axis):
    x = np.random.default_rng(0).normal(size=(3, 4))
    found = nn.utils.normalize(x, axis, order)
    np.testing.assert_allclose(np.linalg.norm(found, order, axis), 1)
    np.testing.assert_allclose(found * np.linalg.norm(x, order, axis, keepdims=True), x)
    assert nn.utils.normalize(x.astype(np.float32)).dtype == np.float32
    with pytest.raises(ShapeError):
        nn.utils.normalize(x, 2)
    with pytest.raises(ArgumentError, match="order"):
        nn.utils.normalize(x, order=-1)


def test_vectors_of_zeros_stay():
    assert nn.utils.normalize([[0, 0], [3, 4]]).tolist() == [[0, 0], [np.float32(0.6), np.float32(0.8)]]


def test_there_is_no_global_seed():
    with pytest.raises(ArgumentError, match=r"no global seed\. Write .*rng=7.*fit\(\.\.\., rng=7\)"):
        nn.utils.set_random_seed(7)


@pytest.mark.parametrize(
    ("module", "name", "message"),
    [
        ("utils", "get_file", "downloads nothing"),
        ("utils", "to_categoricl", "did you mean 'to_categorical'"),
        ("nn", "conv2d", r"nn\.conv\("),
        ("nn", "rel", "did you mean 'relu'"),
        ("math", "lgamma", "no gamma function"),
        ("math", "reduce_men", "did you mean 'reduce_mean'"),
    ],
)
def test_names_that_are_not_there_say_what_to_write(module, name, message):
    with pytest.raises(AttributeError, match=message):
        getattr(getattr(nn, module), name)
