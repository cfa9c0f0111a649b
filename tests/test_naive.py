"""The textbook's functions: equal to NumPy, compiled and interpreted alike."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.table import Domain
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from tests import strategies
from tests.test_convolution import convolved, sizes_of
from tests.test_sequences import enumerated

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


SEEDS = st.integers(0, 999)


def both(name, *args, **settings):
    """What the compiled function and the interpreted one return; they are to agree but for the last bits."""
    function = getattr(nn.naive, name)
    results = [run(*args, **settings) for run in (function, function.py_func)]
    np.testing.assert_allclose(*results, rtol=1e-13, atol=1e-14)
    return results[0]


@st.composite
def windows(draw):
    """Rank, window, strides, dilation, padding and sizes that windows fit into."""
    rank = draw(st.integers(1, 3))
    several = st.lists(st.integers(1, 2), min_size=rank, max_size=rank).map(tuple)
    window, strides, dilation = draw(several), draw(several), draw(several)
    padding = draw(st.sampled_from(["valid", "same", *(["causal"] if rank == 1 else [])]))
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    return window, strides, dilation, padding, tuple(draw(st.integers(n, n + 2)) for n in spans), spans


@given(windows(), st.sampled_from([1, 2]), SEEDS)
def test_convolution(of_windows, groups, seed):
    window, strides, dilation, padding, spatial, spans = of_windows
    rng = np.random.default_rng(seed)
    x, kernel = rng.normal(size=(2, *spatial, 2 * groups)), rng.normal(size=(*window, 2, 2 * groups))
    sizes, before = sizes_of(spatial, spans, strides, padding)
    parts = zip(np.split(x, groups, -1), np.split(kernel, groups, -1), strict=True)
    expected = np.concatenate([convolved(a, w, strides, dilation, before, sizes) for a, w in parts], -1)
    found = both("naive_conv", x, kernel, strides, padding, dilation)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@given(windows(), SEEDS)
def test_the_transposed_convolution_leads_back(of_windows, seed):
    """<conv(u), x> = <u, conv_transpose(x)>, whichever size strides leave open."""
    window, strides, _, padding, inner, _ = of_windows
    padding = "valid" if padding == "causal" else padding
    rng = np.random.default_rng(seed)
    x, kernel = rng.normal(size=(2, *inner, 3)), rng.normal(size=(*window, 2, 3))
    y = both("naive_conv_transpose", x, kernel, strides, padding)
    least = [(n - 1) * s + max(k, s) for n, s, k in zip(inner, strides, window, strict=True)]
    sizes = least if padding == "valid" else [n * s for n, s in zip(inner, strides, strict=True)]
    assert y.shape == (2, *sizes, 2)
    u = rng.normal(size=y.shape)
    counted, before = sizes_of(sizes, window, strides, padding)
    assert tuple(counted) == inner
    there = convolved(u, kernel, strides, (1,) * len(inner), before, inner)
    np.testing.assert_allclose(np.sum(y * u), np.sum(x * there), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("name", "reduce"), [("naive_max_pool", np.max), ("naive_average_pool", np.mean)])
@given(of_windows=windows(), seed=SEEDS)
def test_pooling(name, reduce, of_windows, seed):
    size, strides, _, padding, spatial, _ = of_windows
    padding = "same" if padding == "causal" else padding
    x = np.random.default_rng(seed).normal(size=(2, *spatial, 3))
    sizes, before = sizes_of(spatial, size, strides, padding)
    expected = np.empty((2, *sizes, 3))
    for at in np.ndindex(*sizes):
        axes = zip(at, size, strides, before, strict=True)
        part = x[(slice(None), *[slice(max(a * s - b, 0), a * s - b + k) for a, k, s, b in axes])]
        expected[(slice(None), *at)] = reduce(part, axis=tuple(range(1, x.ndim - 1)))
    np.testing.assert_allclose(both(name, x, size, strides, padding), expected, rtol=1e-13, atol=1e-14)


@given(st.integers(0, 3), st.integers(0, 4), SEEDS)
def test_a_step_of_the_simple_network(samples, units, seed):
    scores, product = np.random.default_rng(seed).normal(size=(2, samples, units))
    np.testing.assert_allclose(
        both("naive_simple_rnn_step", scores, product), np.tanh(scores + product), rtol=1e-13, atol=1e-14
    )


@given(st.integers(0, 3), st.integers(0, 4), SEEDS)
def test_a_step_of_the_gated_unit(samples, units, seed):
    rng = np.random.default_rng(seed)
    (scores, product), h = rng.normal(size=(2, samples, 3 * units)), rng.normal(size=(samples, units))
    before = scores.copy(), product.copy()
    (z, r, c), (of_z, of_r, of_c) = (np.split(a, 3, axis=1) for a in (scores, product))
    update, reset = 1 / (1 + np.exp(-z - of_z)), 1 / (1 + np.exp(-r - of_r))
    expected = update * h + (1 - update) * np.tanh(c + reset * of_c)
    np.testing.assert_allclose(both("naive_gru_step", scores, product, h), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal((scores, product), before)


@pytest.mark.parametrize(("name", "axis"), [("naive_batch_normalization", 0), ("naive_layer_normalization", 1)])
@given(rows=st.integers(1, 9), columns=st.integers(1, 5), epsilon=st.sampled_from([0.001, 0.3]), seed=SEEDS)
def test_normalization(name, axis, rows, columns, epsilon, seed):
    rng = np.random.default_rng(seed)
    x, gamma, beta = rng.normal(3, size=(rows, columns)), rng.normal(size=columns), rng.normal(size=columns)
    deviation = np.sqrt(x.var(axis=axis, keepdims=True) + epsilon)
    expected = (x - x.mean(axis=axis, keepdims=True)) / deviation * gamma + beta
    np.testing.assert_allclose(both(name, x, gamma, beta, epsilon), expected, rtol=1e-9, atol=1e-11)


@given(rows=st.integers(1, 4), columns=st.integers(1, 5), epsilon=st.sampled_from([0.001, 0.3]), seed=SEEDS)
def test_normalization_by_the_root_of_the_mean_square(rows, columns, epsilon, seed):
    rng = np.random.default_rng(seed)
    x, gamma = rng.normal(2, size=(rows, columns)), rng.normal(size=columns)
    expected = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + epsilon) * gamma
    np.testing.assert_allclose(both("naive_rms_normalization", x, gamma, epsilon), expected, rtol=1e-12)


@given(st.integers(1, 5), st.integers(0, 3), st.data())
def test_rows_are_taken_and_put_back(rows, columns, data):
    shape = tuple(data.draw(st.lists(st.integers(0, 3), max_size=2)))
    rng = np.random.default_rng(data.draw(SEEDS))
    index = rng.integers(-rows, rows, shape).astype(data.draw(st.sampled_from("bl")))
    kept = index.copy()
    table = np.arange(rows * columns).reshape(rows, columns)
    for dtype in (np.int32, np.float32):
        found = both("naive_take", table.astype(dtype), index)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, table[index])
    g = rng.normal(size=(*shape, columns))
    expected = np.zeros((rows, columns))
    np.add.at(expected, index, g)
    np.testing.assert_allclose(both("naive_take_back", g, index, rows), expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(index, kept)


@given(st.integers(1, 4), st.integers(0, 2), st.integers(0, 2), SEEDS)
def test_ctc(steps, count, blank, seed):
    rng = np.random.default_rng(seed)
    logarithms = np.log(rng.dirichlet(np.ones(3), (2, steps)))
    labels = rng.integers(0, 3, (2, count))
    expected = [enumerated(*one, blank) for one in zip(labels, logarithms, strict=True)]
    np.testing.assert_allclose(both("naive_ctc", logarithms, labels, blank), expected, rtol=1e-12, atol=1e-13)


@given(st.integers(1, 2), st.integers(1, 2), st.booleans(), st.booleans(), st.booleans(), SEEDS)
def test_attention(shared, together, with_bias, with_mask, is_causal, seed):
    rng = np.random.default_rng(seed)
    queries, keys, heads = rng.integers(1, 5), rng.integers(1, 5), shared * together
    query, key, value = (
        rng.normal(size=(2, *size)) for size in ((queries, heads, 3), (keys, shared, 3), (keys, shared, 2))
    )
    bias = rng.normal(size=(heads, 1, keys)) if with_bias else None
    mask = rng.random((2, 1, queries, keys)) < 0.7 if with_mask else None
    found = both("naive_dot_product_attention", query, key, value, bias, mask, 0.4, is_causal)
    wide = [np.repeat(x, together, axis=2) for x in (key, value)]
    scores = 0.4 * np.einsum("bthd,bshd->bhts", query, wide[0]) + (0 if bias is None else bias)
    seen = np.ones(scores.shape, bool) if mask is None else np.broadcast_to(mask, scores.shape)
    seen = seen & np.tri(queries, keys, dtype=bool) if is_causal else seen
    scores = np.where(seen, scores, -1e300)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found, np.einsum("bhts,bshd->bthd", weights, wide[1]), rtol=1e-12, atol=1e-13)


@given(st.integers(0, 9), st.integers(0, 2**48 - 1))
def test_dropout(size, seed):
    x = np.linspace(1, 2, size)
    numbers, z = [], seed * 0xD1342543DE82EF95
    for _ in range(size):  # SplitMix64, in integers of Python
        z += 0x9E3779B97F4A7C15
        mixed = z % 2**64
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
        numbers.append(((mixed ^ mixed >> 31) >> 40) / 2**24)
    found = both("naive_dropout", x, 0.25, seed)
    np.testing.assert_allclose(found, np.where(np.array(numbers) < 0.25, 0, x / 0.75), rtol=1e-14)


def test_attention_weighs_by_the_root_of_the_size_and_takes_integers():
    query, key = np.array([4, 0, 0, 0]).reshape(1, 1, 1, 4), np.eye(2, 4, dtype=int).reshape(1, 2, 1, 4)
    found = both("naive_dot_product_attention", query, key, key)
    np.testing.assert_allclose(found[0, 0, 0, :2], np.exp([2, 0]) / np.exp([2, 0]).sum(), rtol=1e-14)


def test_readers_see_the_function_and_callers_its_own_arguments():
    for function in (nn.naive.naive_softmax, nn.naive.naive_softmax.py_func):
        assert "run(_softmax, len(rows), rows, out)" in inspect.getsource(function)
        assert list(inspect.signature(function).parameters) == ["x"]
        np.testing.assert_array_equal(function(x=np.zeros(2)), [0.5, 0.5])
        with pytest.raises(TypeError, match=r"naive_softmax\(\) takes 1 arguments but 2 were given"):
            function(np.zeros(2), 0)


def test_arrays_without_dimensions():
    assert nn.naive.naive_relu(np.array(-1.0)).shape == ()
    np.testing.assert_array_equal(nn.naive.naive_take(np.eye(2), 1), [0, 1])
    np.testing.assert_array_equal(nn.naive.naive_take_back(np.ones(2), -1, 3), [[0, 0], [0, 0], [1, 1]])


X, HEADS = np.ones((1, 4, 2)), np.ones((1, 3, 2, 4))
REFUSED = [
    ("naive_conv", ShapeError, (np.ones((4, 2)), np.ones((2, 2, 1)))),
    ("naive_conv", ShapeError, (X, np.ones((2, 3, 1)))),
    ("naive_conv", ShapeError, (X, np.ones((5, 2, 1)))),
    ("naive_conv", ArgumentError, (X, np.ones((2, 2, 1)), 0)),
    ("naive_conv", ArgumentError, (np.ones((1, 4, 4, 2)), np.ones((2, 2, 2, 1)), 1, "causal")),
    ("naive_conv_transpose", ShapeError, (X, np.ones((2, 2, 1)))),
    ("naive_conv_transpose", ArgumentError, (X, np.ones((2, 1, 2)), 1, "causal")),
    ("naive_max_pool", ShapeError, (X, 5)),
    ("naive_average_pool", ArgumentError, (X, (2, 2))),
    ("naive_simple_rnn_step", ShapeError, (np.ones((2, 3)), np.ones((2, 4)))),
    ("naive_gru_step", ShapeError, (np.ones((2, 6)), np.ones((2, 6)), np.ones((2, 3)))),
    ("naive_batch_normalization", ShapeError, (np.ones((0, 2)), np.ones(2), np.ones(2))),
    ("naive_layer_normalization", ShapeError, (np.ones((2, 3)), np.ones(2), np.ones(2))),
    ("naive_layer_normalization", ArgumentError, (np.ones((2, 3)), np.ones(3), np.ones(3), -1)),
    ("naive_rms_normalization", ShapeError, (np.ones((2, 3)), np.ones((1, 3)))),
    ("naive_take", ShapeError, (np.ones(3), np.array([0]))),
    ("naive_take", DTypeError, (np.eye(3), np.array([0.5]))),
    ("naive_take", IndexError, (np.eye(3), np.array([3]))),
    ("naive_take_back", ShapeError, (np.eye(3), np.array([0]), 3)),
    ("naive_take_back", IndexError, (np.eye(3), np.array([0, 1, -4]), 3)),
    ("naive_take_back", ArgumentError, (np.eye(3), np.array([0, 1, 2]), 2.5)),
    ("naive_dot_product_attention", ShapeError, (HEADS, HEADS, HEADS[:, :2])),
    ("naive_dot_product_attention", ShapeError, (HEADS, HEADS[:, :0], HEADS[:, :0])),
    ("naive_dot_product_attention", ShapeError, (HEADS[:, :, :1], HEADS, HEADS)),
    ("naive_dot_product_attention", ShapeError, (HEADS, HEADS, HEADS, np.ones((2, 3)))),
    ("naive_dot_product_attention", DTypeError, (HEADS, HEADS, HEADS, None, np.ones((3, 3)))),
    ("naive_dot_product_attention", ArgumentError, (HEADS, HEADS, HEADS, None, None, np.inf)),
    ("naive_ctc", ShapeError, (np.zeros((2, 3)), np.ones((2, 1), int))),
    ("naive_ctc", ShapeError, (HEADS[0], np.ones((2, 1), int))),
    ("naive_ctc", IndexError, (HEADS[0], np.full((3, 1), 4))),
    ("naive_ctc", DTypeError, (HEADS[0], np.ones((3, 1)))),
    ("naive_ctc", ArgumentError, (HEADS[0], np.ones((3, 1), int), 4)),
    ("naive_dropout", ArgumentError, (X, 1.0, 3)),
    ("naive_dropout", ArgumentError, (X, 0.5, 2**48)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "error", "args"), REFUSED)
def test_refused(name, error, args):
    for run in (getattr(nn.naive, name), getattr(nn.naive, name).py_func):
        with pytest.raises(error, match=name):
            run(*args)


def test_all_are_held_to_numpy():
    """A function that is added needs a test above; one step is tested beside its layer, in test_recurrent.py."""
    values = inspect.getsource(inspect.getmodule(both)).split("\nREFUSED = ")[0]
    assert [name for name in nn.naive.__all__ if f'"{name}"' not in values] == ["naive_lstm_step"]
