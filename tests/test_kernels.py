"""Kernels: bodies, builds and schedules agree with NumPy and with each other, however a range is split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.python.backend import PythonBackend
from numbanet.core.table import Domain
from numbanet.launching.launch import Kernel
from numbanet.loops import arithmetic, dot, functions, move, reduce, softmax
from tests import strategies

FINITE = Domain(special=False)
interpreter = PythonBackend()


def identical(a, b):
    """Equal down to the signs of zeros; NaN is NaN."""
    a, b = np.asarray(a), np.asarray(b)
    np.testing.assert_array_equal(a, b)
    assert a.dtype == b.dtype
    if a.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))


class TestElementwise:
    @given(st.data())
    def test_add_is_numpys_to_the_bit(self, data):
        shapes = data.draw(strategies.partners(2, max_dims=5))
        dtype = data.draw(st.sampled_from("fiu"))
        x, y = (data.draw(strategies.arrays(shape, Domain(), dtype)) for shape in shapes)
        if x.dtype == y.dtype:
            with np.errstate(all="ignore"):
                identical(nn.add(x, y), np.add(x, y))

    @given(st.data())
    def test_relu_is_numpys_to_the_bit(self, data):
        x = data.draw(strategies.arrays(data.draw(strategies.shapes(5)), Domain(), "f"))
        result = np.asarray(nn.relu(x))
        np.testing.assert_array_equal(result, np.maximum(x, 0))
        assert result.dtype == x.dtype

    @given(st.data())
    def test_broadcasting_windows_equal_the_naive_walk(self, data):
        """More positions than a window holds, through every kind of stride."""
        rows, columns = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 120))
        base = np.arange(rows * columns, dtype=data.draw(st.sampled_from(["f4", "f8", "i2", "u1"])))
        x = strategies.laid_out(base.reshape(rows, columns), data.draw(st.sampled_from(strategies.LAYOUTS)))
        y = np.arange(columns, dtype=x.dtype)[:: data.draw(st.sampled_from([1, -1]))]
        z = np.arange(rows, dtype=x.dtype)[:, None]
        identical(nn.add(nn.add(x, y), z), x + y + z)
        identical(nn.add(x.T, z.T), x.T + z.T)
        identical(nn.multiply(x[::2], y), x[::2] * y)

    def test_a_row_longer_than_a_window(self):
        x = np.random.default_rng(0).normal(size=(5, 3000)).astype(np.float32)
        identical(nn.add(x, x[0]), x + x[0])
        identical(nn.add(x, x[:, :1]), x + x[:, :1])
        identical(nn.add(x[:, ::-1], 1.0), x[:, ::-1] + np.float32(1))

    @given(strategies.arrays((6,), Domain(), "f"))
    def test_copy_strided_is_the_definition_of_the_walk(self, x):
        out = np.empty(12, x.dtype)
        shape, strides = np.array([2, 3, 2]), np.array([0, 2, 1])
        interpreter.run(Kernel(move.copy_strided), 12, (x, shape, strides, out), 1.0)
        identical(out, np.broadcast_to(x.reshape(3, 2), (2, 3, 2)).reshape(-1))
        compiled = np.empty(12, x.dtype)
        Kernel(move.copy_strided)(12, np.ascontiguousarray(x), shape, strides, compiled)
        identical(compiled, out)


class TestDot:
    @given(st.data())
    def test_equals_numpy(self, data):
        m, k, n = (data.draw(st.integers(0, 40)) for _ in range(3))
        kinds = data.draw(st.sampled_from(["f", "i"]))
        a = data.draw(strategies.arrays((m, k), FINITE, kinds))
        b = data.draw(strategies.arrays((k, n), FINITE, kinds)).astype(a.dtype)
        result = np.asarray(nn.dot(a, b))
        with np.errstate(all="ignore"):
            expected = a @ b
        bound = k * np.finfo(a.dtype).eps * (np.abs(a) @ np.abs(b)) if kinds == "f" else 0
        assert result.dtype == expected.dtype
        assert (np.abs(result - expected) <= bound).all()

    @given(st.data())
    def test_nan_and_infinity_come_through(self, data):
        a = data.draw(strategies.arrays((3, 5), Domain(), "f"))
        b = data.draw(strategies.arrays((5, 2), Domain(), "f")).astype(a.dtype)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(np.asarray(nn.dot(a, b)), a @ b, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize(
        "shape", [(13, 1, 65), (1, 200, 33), (64, 31, 10), (25, 64, 1), (24, 17, 64), (12, 3, 129), (260, 3, 1024)]
    )
    @pytest.mark.parametrize("turn", ["NN", "TN", "NT", "TT"])
    def test_tiles_at_their_edges_equal_the_naive_loops(self, dtype, shape, turn):
        (m, k, n), rng = shape, np.random.default_rng(0)
        a = rng.normal(size=(m, k) if turn[0] == "N" else (k, m)).astype(dtype)
        b = rng.normal(size=(k, n) if turn[1] == "N" else (n, k)).astype(dtype)
        a, b = a if turn[0] == "N" else a.T, b if turn[1] == "N" else b.T
        naive = np.empty((m, n), dtype)
        Kernel(dot.matrix_dot, strided=True)(m, a, b, naive)
        bound = k * np.finfo(dtype).eps * (np.abs(a) @ np.abs(b))
        assert (np.abs(np.asarray(nn.dot(a, b)) - naive) <= bound).all()

    def test_no_products_give_zeros(self):
        assert np.asarray(nn.dot(np.ones((3, 0)), np.ones((0, 2)))).tolist() == [[0, 0]] * 3
        assert nn.dot(np.ones(0), np.ones(0)).item() == 0

    def test_strides_of_every_kind(self):
        rng = np.random.default_rng(1)
        a, b = rng.normal(size=(50, 60)), rng.normal(size=(60, 70))
        for left in (a, a[::-1], a[:, ::-1].copy()[:, ::-1], a[::2], np.repeat(a, 2, 1)[:, ::2]):
            for right in (b, b[:, ::-1], b[:, ::2], np.asfortranarray(b), np.broadcast_to(b[:1], b.shape)):
                np.testing.assert_allclose(np.asarray(nn.dot(left, right)), left @ right, rtol=1e-12, atol=1e-12)


BODIES = [
    (functions.relu, 1), (functions.sigmoid, 1), (functions.gelu, 1), (functions.softplus, 1), (functions.silu, 1),
    (arithmetic.add, 2), (arithmetic.maximum, 2), (arithmetic.divide, 2), (arithmetic.pow, 2),
    (arithmetic.remainder, 2),
    (arithmetic.sign, 1), (arithmetic.abs, 1), (arithmetic.isinf, 1), (arithmetic.isfinite, 1),
]  # fmt: skip


@pytest.mark.parametrize(("body", "count"), BODIES, ids=lambda value: getattr(value, "__name__", None))
@given(data=st.data())
def test_the_compiled_body_equals_the_interpreted_one(body, count, data):
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    inputs = [data.draw(strategies.arrays((7,), Domain(), "f", ["contiguous"])).astype(dtype) for _ in range(count)]
    compiled, interpreted = np.empty(7, dtype), np.empty(7, dtype)
    Kernel(body)(7, *inputs, compiled)
    interpreter.run(Kernel(body), 7, (*inputs, interpreted), 1.0)
    ulps = 64 if body is functions.gelu else 4  # the interpreter rounds gelu's constants to float32; x * x times that
    tolerance = ulps * np.finfo(dtype).eps
    np.testing.assert_allclose(compiled, interpreted, rtol=tolerance, atol=np.finfo(dtype).tiny)


@given(st.data())
def test_any_split_of_the_range_gives_the_same_bytes(data):
    x = data.draw(strategies.arrays((9, 5), Domain(), "f", ["contiguous"]))
    lanes = x.reshape(9, 5, 1)
    cases = [
        (reduce.sum, (lanes,), np.empty(9, x.dtype), 9),
        (reduce.argmax, (lanes,), np.empty(9, np.int64), 9),
        (reduce.logsumexp, (lanes,), np.empty(9, x.dtype), 9),
        (softmax.softmax, (x,), np.empty((9, 5), x.dtype), 9),
        (functions.tanh, (x.reshape(-1),), np.empty(45, x.dtype), 45),
        (dot.matrix_dot, (x, x.T.copy()), np.empty((9, 9), x.dtype), 9),
    ]
    for body, inputs, out, n in cases:
        with np.errstate(all="ignore"):
            body(*inputs, out, 0, n)
            whole = out.copy()
            cut = data.draw(st.integers(0, n))
            body(*inputs, out, cut, n)
            body(*inputs, out, 0, cut)
        identical(out, whole)


def test_sums_of_float32_keep_their_digits():
    x = np.full(1_000_000, 0.1, np.float32)
    exact = float(np.sum(x.astype(np.float64)))
    assert nn.sum(x).item() == pytest.approx(exact, rel=1e-7)
    assert nn.sum(x.reshape(-1, 2), axis=0).numpy() == pytest.approx(exact / 2, rel=1e-7)
    assert nn.mean(x).item() == pytest.approx(0.1, rel=1e-7)


def test_softmax_does_not_overflow():
    z = np.array([[1000.0, 0.0, -1000.0]], np.float32)
    assert np.asarray(nn.softmax(z)).tolist() == [[1, 0, 0]]
    assert np.asarray(nn.log_softmax(z)).tolist() == [[0, -1000, -2000]]
    assert np.asarray(nn.softmax_cross_entropy(z, [2])).tolist() == [2000]


def test_the_interpreter_accumulates_in_double_precision_too():
    x = np.full((1, 3000, 1), 0.1, np.float32)
    out = np.empty(1, np.float32)
    interpreter.run(Kernel(reduce.sum), 1, (x, out), 1.0)
    assert out[0] == pytest.approx(3000 * float(np.float32(0.1)), rel=1e-7)


def test_a_body_from_elsewhere_is_compiled_anew_when_it_changes():
    def results(text):
        namespace = {"__name__": "elsewhere"}
        exec(text, namespace)
        x, out = np.arange(3.0), np.empty(3)
        Kernel(namespace["body"])(3, x, out)
        return out.tolist()

    text = "def body(x, out, start, stop):\n    for i in range(start, stop):\n        out[i] = x[i] + {}\n"
    assert results(text.format(1)) == [1, 2, 3]
    assert results(text.format(2)) == [2, 3, 4]


@pytest.mark.usefixtures("each_backend")
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint32, np.uint64, np.int64])
def test_integer_sums_and_products_wrap_at_64_bits(dtype):
    x = np.full((3, 40), 100, dtype)
    big = np.iinfo(dtype).max
    for y in (x, np.array([[big, big], [big, 3]], dtype)):
        with np.errstate(all="ignore"):
            identical(nn.prod(y, axis=1), np.prod(y, axis=1))
            identical(nn.sum(y, axis=0), np.sum(y, axis=0))
            identical(nn.cumulative_sum(y, axis=1), np.cumsum(y, axis=1))
