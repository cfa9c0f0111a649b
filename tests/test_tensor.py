"""Tensors and Variables: creation, dtypes, immutability, operators, NumPy's functions, and their errors."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.table import Domain
from numbanet.errors import ArgumentError, DTypeError, ImmutableError, ShapeError
from tests.strategies import arrays


class TestCreation:
    def test_python_numbers_become_float32_and_int64(self):
        assert nn.asarray(1.5).dtype == np.float32
        assert nn.asarray([1, 2]).dtype == np.int64
        assert nn.asarray([True]).dtype == np.bool_
        assert nn.zeros((2, 3)).dtype == nn.ones(1).dtype == nn.full(2, 1.0).dtype == np.float32
        assert nn.arange(3).dtype == np.int64
        assert nn.arange(3.0).dtype == nn.linspace(0, 1, 3).dtype == nn.eye(2).dtype == np.float32

    def test_arrays_keep_their_dtype(self):
        for dtype in (np.float64, np.float32, np.uint8, np.int16, np.bool_):
            assert nn.asarray(np.ones(2, dtype)).dtype == dtype

    def test_byte_order_is_made_native(self):
        t = nn.asarray(np.arange(3, dtype=">f4"))
        assert t.dtype == np.float32
        assert t.tolist() == [0, 1, 2]

    @pytest.mark.parametrize("bad", [["a"], [None], np.array([1j]), np.ones(1, np.float16), np.array([object()])])
    def test_other_dtypes_are_refused(self, bad):
        with pytest.raises(DTypeError, match="float32"):
            nn.asarray(bad)

    def test_ragged_lists_are_refused(self):
        with pytest.raises(ShapeError):
            nn.asarray([[1.0], [1.0, 2.0]])

    def test_copy(self):
        x = np.ones(3, np.float32)
        shared, copied = nn.asarray(x), nn.asarray(x, copy=True)
        x[0] = 5
        assert shared.tolist() == [5, 1, 1]
        assert copied.tolist() == [1, 1, 1]
        with pytest.raises(ArgumentError, match="copy"):
            nn.asarray([1.0], copy=False)

    @given(arrays((2, 3), Domain(kinds="fiub")))
    def test_round_trip(self, x):
        np.testing.assert_array_equal(np.asarray(nn.asarray(x)), x)

    def test_negative_sizes_are_refused(self):
        with pytest.raises(ArgumentError, match="negative"):
            nn.zeros((2, -1))


class TestImmutability:
    def test_item_assignment_says_what_to_do(self):
        t = nn.zeros(3)
        with pytest.raises(ImmutableError, match=r"nn\.where.*Variable"):
            t[0] = 1

    def test_numpy_views_are_read_only(self):
        t = nn.zeros(3)
        with pytest.raises(ValueError, match="read-only"):
            t.numpy()[0] = 1
        with pytest.raises(ValueError, match="read-only"):
            np.asarray(t)[0] = 1

    def test_augmented_assignment_makes_a_new_tensor(self):
        t = before = nn.ones(2)
        t += 1
        assert before.tolist() == [1, 1]
        assert t.tolist() == [2, 2]


class TestScalars:
    def test_conversions(self):
        t = nn.asarray(2.5)
        assert (float(t), int(t), bool(t), t.item()) == (2.5, 2, True, 2.5)
        assert f"{t:.2f}" == "2.50"
        assert repr(t) == "Tensor(2.5, shape=(), dtype=float32)"

    def test_many_values_are_no_scalar(self):
        with pytest.raises(ShapeError, match="not one"):
            nn.ones(2).item()
        with pytest.raises(ShapeError):
            bool(nn.ones(2))

    def test_len_and_iteration(self):
        t = nn.asarray([[1.0, 2.0], [3.0, 4.0]])
        assert len(t) == 2
        assert [row.tolist() for row in t] == [[1, 2], [3, 4]]
        with pytest.raises(DTypeError):
            len(nn.asarray(1.0))


class TestPromotion:
    def test_python_numbers_are_weak(self):
        for dtype in (np.float32, np.float64):
            x = nn.ones(2, dtype)
            assert (2 * x).dtype == (x + 1.5).dtype == (x**2).dtype == (1 / x).dtype == dtype
        assert (nn.asarray([1, 2]) * 2).dtype == np.int64
        assert (nn.asarray([1, 2]) * 2.0).dtype == np.float32

    def test_float64_wins_and_floats_win_over_integers(self):
        assert (nn.ones(1, np.float32) + nn.ones(1, np.float64)).dtype == np.float64
        assert (nn.ones(1, np.float32) * np.ones(1, np.int64)).dtype == np.float32

    def test_numbers_that_do_not_fit(self):
        with pytest.raises(DTypeError, match="300"):
            nn.asarray(np.ones(1, np.uint8)) + 300

    def test_integers_without_a_common_dtype(self):
        with pytest.raises(DTypeError, match="astype"):
            nn.asarray(np.ones(1, np.uint64)) + np.ones(1, np.int64)


class TestNumPyProtocols:
    def test_functions_return_tensors_and_are_recorded(self):
        x = nn.Variable([1.0, -2.0])
        with nn.GradientTape() as tape:
            y = np.sum(np.maximum(x, 0.5) * np.dot(np.ones((2, 2), np.float32), x), axis=0)
        assert isinstance(y, nn.Tensor)
        assert tape.gradient(y, x).shape == (2,)

    @pytest.mark.parametrize(
        "call",
        [
            lambda t: np.linalg.eigvals(t),
            lambda t: np.subtract.reduce(t),
            lambda t: np.add(t, t, out=np.zeros(2, np.float32)),
            lambda t: np.ldexp(t, 1),
            lambda t: np.convolve(t, t),
        ],
    )
    def test_what_is_not_supported_raises(self, call):
        with pytest.raises(TypeError, match="not supported"):
            call(nn.ones(2))

    def test_arrays_on_the_left(self):
        x = np.ones(2, np.float32)
        for y in (x + nn.ones(2), np.float32(1) + nn.ones(2), x @ nn.ones((2, 2)), x < nn.ones(2)):
            assert isinstance(y, nn.Tensor)

    def test_comparison_with_none(self):
        assert (nn.ones(1) == None) is False  # noqa: E711  (that == works is the test)


class TestIndexing:
    @given(st.data())
    def test_like_numpy(self, data):
        x = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)
        part = st.one_of(st.integers(-2, 1), st.slices(2), st.none(), st.just(Ellipsis))
        key = tuple(data.draw(st.lists(part, max_size=3)))
        if key.count(Ellipsis) > 1:
            key = tuple(p for p in key if p is not Ellipsis)
        np.testing.assert_array_equal(np.asarray(nn.asarray(x)[key]), x[key])

    def test_arrays_and_tensors(self):
        x = np.arange(6.0).reshape(3, 2)
        t = nn.asarray(x)
        np.testing.assert_array_equal(np.asarray(t[nn.asarray([2, 0])]), x[[2, 0]])
        np.testing.assert_array_equal(np.asarray(t[t > 2]), x[x > 2])

    def test_out_of_range(self):
        with pytest.raises(IndexError, match="out of bounds"):
            nn.ones(2)[5]
        with pytest.raises(ShapeError):
            nn.ones(2)[0, 0]
        with pytest.raises(DTypeError, match="index"):
            nn.ones(2)["a"]
        with pytest.raises(DTypeError, match="float"):
            nn.ones(2)[nn.ones(2)]


class TestErrorsNameTheOp:
    def test_shapes(self):
        with pytest.raises(ShapeError, match=r"add: shapes \(2, 3\) and \(4,\) do not broadcast"):
            nn.ones((2, 3)) + nn.ones(4)
        with pytest.raises(ShapeError, match=r"matmul: shapes \(2, 3\) and \(2, 3\)"):
            nn.ones((2, 3)) @ nn.ones((2, 3))
        with pytest.raises(ShapeError, match="reshape"):
            nn.ones(6).reshape(4, 2)
        with pytest.raises(ShapeError, match="axis 3"):
            nn.sum(nn.ones(2), axis=3)

    def test_operands(self):
        with pytest.raises(TypeError):
            nn.ones(2) + "a"
        with pytest.raises(DTypeError, match="add"):
            nn.add(nn.ones(2), "a")
        with pytest.raises(DTypeError, match="subtract"):
            nn.subtract(np.ones(1, bool), np.ones(1, bool))
        with pytest.raises(ArgumentError, match="negative powers"):
            nn.pow(nn.asarray([2]), nn.asarray([-1]))

    def test_nothing_to_reduce(self):
        for function in (nn.max, nn.min, nn.argmax, nn.mean, nn.logsumexp):
            with pytest.raises(ShapeError, match="nothing to reduce"):
                function(nn.zeros((0, 3)), axis=0)


class TestVariable:
    def test_assignments(self):
        v = nn.Variable([1.0, 2.0], name="w")
        v.assign([3.0, 4.0]).assign_add([1.0, 1.0]).assign_sub([0.5, 0.0])
        assert v.numpy().tolist() == [3.5, 5.0]
        assert v.value.tolist() == [3.5, 5.0]

    def test_values_are_copied(self):
        x = np.ones(2, np.float32)
        v = nn.Variable(x)
        x[0] = 9
        assert v.numpy().tolist() == [1, 1]

    def test_reading_before_assigning_keeps_the_old_value(self):
        v = nn.Variable([1.0])
        old = v.value
        v.assign([2.0])
        assert old.tolist() == [1.0]

    def test_shape_must_fit(self):
        v = nn.Variable([1.0, 2.0], name="w")
        for change in (v.assign, v.assign_add, v.assign_sub):
            with pytest.raises(ShapeError, match="'w'"):
                change([1.0])
        assert v.numpy().tolist() == [1, 2]

    def test_initializers(self):
        assert nn.Variable(shape=(2, 3), initializer="zeros").numpy().tolist() == [[0] * 3] * 2
        a, b = (nn.Variable(shape=(5,), initializer="uniform", rng=1).numpy() for _ in range(2))
        np.testing.assert_array_equal(a, b)
        with pytest.raises(ArgumentError):
            nn.Variable()

    def test_takes_part_in_every_op(self):
        v = nn.Variable([1.0, 4.0])
        assert isinstance(v + 1, nn.Tensor)
        assert (2 * v).tolist() == [2, 8]
        assert nn.sqrt(v).tolist() == [1, 2]
        assert np.sqrt(v).tolist() == [1, 2]
        assert (v @ v).item() == 17


def test_a_python_float_is_not_rounded_on_its_way_to_float64():
    assert nn.asarray(0.1, dtype="float64").item() == 0.1
    assert nn.asarray([0.1], dtype="float64").tolist() == [0.1]
    assert nn.full((1,), 0.1, dtype="float64").tolist() == [0.1]


def test_tensors_are_freed_at_once():
    """Nothing waits for the garbage collector: there are no reference cycles."""
    gc.disable()
    try:
        y = nn.exp(nn.zeros(3)) + 1
        freed = weakref.ref(y)
        del y
        assert freed() is None
    finally:
        gc.enable()
