"""Lists of Python numbers are weak, as Python numbers are: they take the dtype of what they meet, converted once."""

import array
from collections import deque

import numpy as np
import pytest

import numbanet as nn

TENTH = 0.1


def value(t):
    return np.asarray(t).reshape(-1)[0].item()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", [list, tuple, deque, lambda x: [x], lambda x: (tuple(x),)])
def test_a_list_takes_the_dtype_of_what_it_meets(dtype, kind):
    x, expected = nn.ones(1, dtype=dtype), np.asarray(TENTH, dtype)
    for result in (nn.multiply(x, kind([TENTH])), nn.multiply(kind([TENTH]), np.ones(1, dtype))):
        assert result.dtype == dtype
        assert value(result) == expected.item()


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x * y,
        lambda x, y: y * x,
        lambda x, y: np.multiply(x, y),
        lambda x, y: nn.maximum(y, 0 * x),
        lambda x, y: nn.where([True], y, x),
        lambda x, y: nn.clip(y, x * 0, x),
        lambda x, y: nn.clip(x, None, y),
        lambda x, y: nn.dot(x, y),
        lambda x, y: nn.dot(y, x),
        lambda x, y: nn.matmul(y, x),
        lambda x, y: nn.tensordot(y, x, 1),
        lambda x, y: nn.vecdot(y, x),
        lambda x, y: nn.outer(y, x),
        lambda x, y: nn.einsum("i,i->i", y, x),
        lambda x, y: nn.concat([y, x]),
        lambda x, y: nn.stack([y, x]),
        lambda x, y: nn.asarray([y, x]),
        lambda x, y: nn.broadcast_arrays(y, x)[0],
        lambda x, y: nn.diff(x, prepend=[0.9]) * y / [0.1],
        lambda x, y: nn.diff(y, prepend=x - 1),
        lambda x, y: nn.ops.trapezoid(nn.concat([x, x]), dx=y[0]),
        lambda x, y: nn.full_like(x, y[0]),
        lambda x, y: nn.astype(y, x.dtype),
        lambda x, y: nn.asarray(y, x.dtype),
        lambda x, y: nn.asarray(y[0], x.dtype),
        lambda x, y: nn.Variable(0 * x).assign(y),
        lambda x, y: nn.Variable(0 * x).assign_add(y),
        lambda x, y: nn.Variable(0 * x).assign(y[0] * nn.ones(1, dtype="float64")),
        lambda x, y: nn.Variable(y, dtype=x.dtype),
        lambda x, y: nn.losses.mean_absolute_error(y, 0 * x),
        lambda x, y: nn.losses.mean_absolute_error(np.zeros(1), y),
        lambda x, y: nn.losses.MeanAbsoluteError()(np.zeros(1), y),
        lambda x, y: nn.losses.MeanAbsoluteError()(0 * x, x, sample_weight=y),
    ],
)
def test_beside_float64_no_digit_of_a_list_is_lost(f):
    result = f(nn.ones(1, dtype="float64"), [TENTH])
    assert result.dtype == np.float64
    assert value(result) == pytest.approx(TENTH, rel=1e-15)


@pytest.mark.parametrize("gradients", [[TENTH], (TENTH,), [nn.asarray(np.array(TENTH))], np.array([TENTH])])
def test_output_gradients_and_gradients_for_optimizers_keep_their_digits(gradients):
    x = nn.Variable(np.ones(1))
    with nn.GradientTape() as tape:
        y = x * 1.0
    assert tape.gradient(y, x, output_gradients=nn.asarray(gradients, "float64")).item() == TENTH
    nn.optimizers.SGD(1.0).apply_gradients([(gradients, x)])
    assert x.item() == 1 - TENTH


def test_output_gradients_may_be_lists():
    x = nn.Variable(np.ones(1))
    with nn.GradientTape() as tape:
        y = x * 1.0
    assert tape.gradient(y, x, output_gradients=[TENTH]).item() == TENTH


def test_set_weights_keeps_the_digits_of_lists():
    layer = nn.layers.Dense(1, dtype="float64")
    layer(np.ones((1, 1)))
    layer.set_weights([[[TENTH]], [0.2]])
    assert [w.item() for w in layer.get_weights()] == [TENTH, 0.2]


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        ([1.0, np.float64(TENTH)], "float64"),
        ([np.float64(TENTH), 1.0], "float64"),
        ([[1.0, 2], [3, np.float64(TENTH)]], "float64"),
        ([np.float32(1), TENTH], "float32"),
        ([TENTH, np.float32(1)], "float32"),
        ([np.float32(1), np.float64(TENTH)], "float64"),
        ([np.int64(1), np.float32(0.5)], "float32"),
        ([np.int64(1), TENTH], "float32"),
        ([np.int8(1), 2], "int8"),
        ([2, np.int8(1)], "int8"),
        ([np.int8(1), np.int16(1)], "int16"),
        ([True, np.int8(1)], "int8"),
        ([np.ones(2), [1, 2]], "float64"),
        ([np.array(1), 2.5], "float32"),
        ([True, False], "bool"),
        ([True, 2], "int64"),
        ([True, 2.5], "float32"),
        ([], "float32"),
        ([[], []], "float32"),
        (range(3), "int64"),
        ([range(2), range(2)], "int64"),
        ([2**63, 1], "uint64"),
        (array.array("d", [1.0]), "float64"),
    ],
)
def test_the_dtype_of_a_list_is_that_of_its_elements_in_any_order(given, dtype):
    t = nn.asarray(given)
    assert t.dtype == dtype
    assert nn.flip(given).dtype == nn.concat([given]).dtype == dtype
    assert np.array_equal(t.numpy(), np.asarray(given).astype(dtype))


@pytest.mark.parametrize(
    ("dtype", "given", "expected"),
    [
        ("int8", [1], "int8"), ("uint64", [1], "uint64"), ("int8", [1.5], "float32"), ("float32", [1], "float32"),
        ("bool", [True], "bool"), ("bool", [1], "int64"), ("int16", [True, 1], "int16"), ("int32", [1, 0.5], "float32"),
    ],
)  # fmt: skip
def test_lists_are_as_weak_as_numbers(dtype, given, expected):
    x = nn.ones(1, dtype=dtype)
    assert (x + given).dtype == (x + given[-1]).dtype == (given + x).dtype == expected


def test_integers_beyond_float32_keep_their_value_beside_float64():
    big = 2**24 + 1
    assert nn.add(nn.zeros(2, dtype="float64"), [big, 0.5]).tolist() == [big, 0.5]
    assert nn.asarray([big, np.float64(0.5)]).tolist() == [big, 0.5]
    assert nn.asarray([big, 0.5], dtype="float64").tolist() == [big, 0.5]
    assert nn.asarray([[big], [0.5]], dtype="int64").tolist() == [[big], [0]]
    assert nn.add(nn.zeros(1, dtype="int64"), [2**53 + 1]).tolist() == [2**53 + 1]


@pytest.mark.parametrize("f", [lambda: nn.add(nn.ones(1, dtype="int8"), [300]), lambda: nn.asarray([np.int8(1), 300]),
                               lambda: nn.asarray([2**63, -1]), lambda: nn.asarray([2**64])])  # fmt: skip
def test_integers_that_do_not_fit_raise(f):
    with pytest.raises(nn.errors.DTypeError):
        f()


@pytest.mark.parametrize(
    "bad", [["a"], [1, "a"], [None], [1j], [np.float16(1)], [{}], [b"a"], "a", [object()], [[1.0, None]]]
)
def test_what_is_no_number_raises(bad):
    for f in (nn.asarray, nn.exp, lambda x: nn.ones(1) + nn.add(x, 1.0)):
        with pytest.raises(nn.errors.DTypeError):
            f(bad)


@pytest.mark.parametrize("ragged", [[[1.0], [1.0, 2.0]], [1.0, [2.0]], [np.ones(2), 1.0], [np.ones(2), [1.0]]])
def test_lists_of_unequal_lengths_raise(ragged):
    for f in (nn.asarray, nn.exp, lambda x: nn.ones(1) + x):
        with pytest.raises(nn.errors.ShapeError):
            f(ragged)


def test_a_float_too_large_for_float32_is_infinite_without_a_warning():
    assert nn.asarray([1e300]).tolist() == nn.add(nn.zeros(1), [1e300]).tolist() == [np.inf]
    assert nn.add(nn.zeros(1, dtype="float64"), [1e300]).tolist() == [1e300]


# Tensors from numbers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_numpy_make_tensors_of_their_dtype(dtype):
    t = nn.arange(dtype(0), dtype(1), dtype(0.25))
    assert t.dtype == dtype
    assert t.tolist() == [0, 0.25, 0.5, 0.75]
    assert nn.arange(0, dtype(1), 0.25).dtype == nn.arange(dtype(2)).dtype == dtype
    assert nn.linspace(dtype(0), 1, 3).dtype == nn.full(1, dtype(1)).dtype == dtype
    assert nn.linspace(dtype(0), dtype(1), 3).tolist() == [0, 0.5, 1]
    assert nn.arange(np.asarray(1, dtype), nn.asarray(np.asarray(2, dtype))).dtype == dtype


def test_python_numbers_and_integers_make_tensors_as_before():
    assert nn.arange(3).dtype == nn.arange(np.int64(3)).dtype == np.int64
    assert nn.arange(np.int8(3)).dtype == np.int8
    assert nn.arange(3.0).dtype == nn.arange(0, 1, 0.5).dtype == nn.linspace(0, 1, 2).dtype == np.float32
    assert nn.linspace(np.int64(0), 1, 2).dtype == np.float32
    assert nn.eye(np.int64(2), k=np.int8(1)).tolist() == [[0, 1], [0, 0]]
    assert nn.arange(np.float32(0), 1, 0.5, dtype="int32").dtype == np.int32


@pytest.mark.parametrize("bad", ["a", None, 1j, [1.0], np.ones(2), np.float16(1)])
def test_what_is_no_single_number_makes_no_tensor(bad):
    for f in (lambda: nn.arange(bad, 3), lambda: nn.linspace(0, bad, 3)):
        with pytest.raises((nn.errors.DTypeError, nn.errors.ArgumentError)):
            f()
    with pytest.raises(nn.errors.ArgumentError):
        nn.arange(0, 1, np.float32(0))


# Models


def float64_model():
    model = nn.Sequential([nn.layers.Dense(1, kernel_initializer="zeros", use_bias=False, dtype="float64")])
    model.compile(nn.optimizers.SGD(0.5), "mean_absolute_error", ["mae"])
    return model


X, Y = [[0.1], [0.3], [0.7]], [[0.2], [0.4], [0.9]]


@pytest.mark.parametrize("weights", [None, [0.1, 0.2, 0.3]])
def test_float64_models_see_lists_as_they_see_float64_arrays(weights):
    lists, arrays = float64_model(), float64_model()
    assert float64_model()(X).dtype == np.float64
    one = lists.fit(X, Y, sample_weight=weights, validation_data=(X, Y), epochs=3, shuffle=False, verbose=0)
    wide = None if weights is None else np.array(weights)
    x, y = np.array(X), np.array(Y)
    other = arrays.fit(x, y, sample_weight=wide, validation_data=(x, y), epochs=3, shuffle=False, verbose=0)
    assert one.history == other.history
    assert lists.get_weights()[0].tolist() == arrays.get_weights()[0].tolist()
    assert lists.evaluate(X, Y, sample_weight=weights, verbose=0) == arrays.evaluate(
        x, y, sample_weight=wide, verbose=0
    )
    assert lists.predict(X, verbose=0).tolist() == arrays.predict(x, verbose=0).tolist()
    assert lists(X).tolist() == arrays(x).tolist()
    batches = [(X, Y)] * 2
    assert lists.fit(batches, verbose=0).history == arrays.fit([(x, y)] * 2, verbose=0).history


def test_models_of_float32_and_integer_labels_see_lists_as_before():
    model = nn.Sequential([nn.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit([[0.1, 0.2], [0.3, 0.4]], [2, 0], verbose=0)
    assert model.predict([[0.1, 0.2]], verbose=0).dtype == np.float32
