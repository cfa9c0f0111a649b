"""The functions of `numbanet.compat` inside `nn.function`: replayed or not, later calls give what they give outside."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError

rng = np.random.default_rng(0)
START = rng.bit_generator.state


@pytest.fixture(autouse=True)
def same_numbers_in_any_order():
    rng.bit_generator.state = START


CALLS = {
    "bincount": (lambda i: nn.bincount(i), lambda: rng.integers(0, 5, 6)),
    "bincount_w": (lambda i: nn.bincount(i, i * 2.0), lambda: rng.integers(0, 5, 6)),
    "mask": (lambda x: nn.boolean_mask(x, x > 0), lambda: rng.normal(size=5)),
    "median": (lambda x: nn.median(x, axis=0), lambda: rng.normal(size=(5, 3))),
    "trace": (lambda x: nn.trace(x), lambda: rng.normal(size=(5, 3))),
    "confusion": (lambda i: nn.math.confusion_matrix(i, i[::-1], 5), lambda: rng.integers(0, 5, 6)),
    "argmax": (lambda x: nn.math.argmax(x), lambda: rng.normal(size=(5, 3))),
    "cumsum": (lambda x: nn.math.cumsum(x, exclusive=True, reverse=True), lambda: rng.normal(size=(5, 3))),
    "divno": (lambda x: nn.math.divide_no_nan(1.0, nn.relu(x)), lambda: rng.normal(size=(5, 3))),
    "intopk": (lambda x: nn.ops.in_top_k([0, 1], x, 2), lambda: rng.normal(size=(2, 4))),
    "intopk2": (
        lambda i: nn.ops.in_top_k(i, [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]], 2),
        lambda: rng.integers(0, 4, 2),
    ),
    "segsum": (lambda i: nn.ops.segment_sum(nn.ones(4), i, 5), lambda: rng.integers(0, 5, 4)),
    "segsum2": (lambda i: nn.ops.segment_sum(nn.ones(4), i), lambda: rng.integers(0, 5, 4)),
    "scatter": (lambda i: nn.ops.scatter(i, nn.ones(4), (5,)), lambda: rng.integers(0, 5, (4, 1))),
    "scatter_update": (lambda i: nn.ops.scatter_update(nn.zeros(5), i, nn.ones(1)), lambda: rng.integers(0, 5, (1, 1))),
    "cond": (lambda x: nn.ops.cond(nn.sum(x) > 0, lambda: x, lambda: -x), lambda: rng.normal(size=3)),
    "while": (
        lambda x: nn.ops.while_loop(lambda v: nn.sum(v) < 10, lambda v: v * 2, x),
        lambda: rng.uniform(0.1, 5, size=3),
    ),
    "scce": (lambda i: nn.ops.sparse_categorical_crossentropy(i, [[0.1, 0.2, 0.7]] * 4), lambda: rng.integers(0, 3, 4)),
    "onehot": (lambda i: nn.ops.one_hot(i, 3, axis=0), lambda: rng.integers(0, 3, 4)),
    "multihot": (lambda i: nn.ops.multi_hot(i, 3), lambda: rng.integers(0, 3, 4)),
    "where1": (lambda x: nn.ops.where(x > 0)[0], lambda: rng.normal(size=6)),
    "hist": (lambda x: nn.ops.histogram(x, 3, (-2, 2))[0], lambda: rng.normal(size=6)),
    "saturate": (lambda x: nn.ops.saturate_cast(x * 1e3, "int8"), lambda: rng.normal(size=6)),
    "tocat": (lambda i: nn.asarray(nn.utils.to_categorical(i, 5)), lambda: rng.integers(0, 5, 4)),
    "norm": (lambda x: nn.asarray(nn.utils.normalize(x)), lambda: rng.normal(size=(2, 3))),
    "binacc": (lambda x: nn.metrics.binary_accuracy([1, 0, 1, 1], x), lambda: rng.uniform(size=4)),
    "sce": (
        lambda i: nn.nn.sparse_softmax_cross_entropy_with_logits(i, nn.ones((4, 3)) * nn.arange(3)),
        lambda: rng.integers(0, 3, 4),
    ),
    "shape": (lambda x: x * nn.size(x) + nn.rank(x), lambda: rng.normal(size=4)),
    "slice_update": (lambda x: nn.ops.slice_update(x, (1,), [5.0]), lambda: rng.normal(size=4)),
    "map": (lambda x: nn.ops.map(lambda r: r * 2, x), lambda: rng.normal(size=4)),
    "constant": (lambda x: nn.constant(x, shape=(2, 2)) + nn.array(x)[0], lambda: rng.normal(size=4)),
}


@pytest.mark.parametrize("name", CALLS)
def test_later_calls_give_what_they_give_outside(name):
    function, make = CALLS[name]
    recorded = nn.function(function)
    for _ in range(6):
        x = make()
        found, expected = np.asarray(recorded(nn.asarray(x))), np.asarray(function(nn.asarray(x)))
        assert found.shape == expected.shape
        np.testing.assert_array_equal(found, expected)


BAD = {"scce": 7, "segsum": 7, "confusion": 9, "bincount": -1}


@pytest.mark.parametrize("name", BAD)
def test_later_calls_are_checked_too(name):
    function, make = CALLS[name]
    recorded = nn.function(function)
    for _ in range(4):
        x = make()
        recorded(nn.asarray(x))
    x[-1] = BAD[name]
    with pytest.raises(ArgumentError):
        recorded(nn.asarray(x))
