"""The rules of shapes, axes and strides against what NumPy does with arrays."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbanet.core import shapes
from numbanet.errors import ArgumentError, ShapeError
from tests import strategies

SIDES = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@given(st.lists(SIDES, min_size=1, max_size=3))
def test_broadcasting_is_numpys(given_shapes):
    try:
        expected = np.broadcast_shapes(*given_shapes)
    except ValueError:
        message = f"op: shapes {' and '.join(map(str, given_shapes))} do not broadcast; aligned at the right"
        with pytest.raises(ShapeError, match=re.escape(message)):
            shapes.broadcast_shapes("op", *given_shapes)
    else:
        assert shapes.broadcast_shapes("op", *given_shapes) == expected


@given(st.integers(-6, 6), st.integers(0, 5))
def test_axes_count_from_either_end(axis, ndim):
    if axis in range(-ndim, ndim):
        assert shapes.normalize_axis("op", axis, ndim) == range(ndim)[axis]
        assert shapes.normalize_axes("op", axis, ndim) == (range(ndim)[axis],)
    else:
        with pytest.raises(shapes.AxisError, match=f"op: axis {axis} is out of range for {ndim} dimensions"):
            shapes.normalize_axis("op", axis, ndim)


@given(st.lists(st.integers(-4, 3), max_size=4), st.sampled_from([tuple, list]))
def test_several_axes(axes, kind):
    chosen = sorted(range(4)[axis] for axis in axes)
    if len(set(chosen)) < len(chosen):
        with pytest.raises(ShapeError, match="name one dimension twice"):
            shapes.normalize_axes("op", kind(axes), 4)
    else:
        assert shapes.normalize_axes("op", kind(axes), 4) == tuple(chosen)


def test_no_axis_is_all_of_them():
    assert shapes.normalize_axes("op", None, 3) == (0, 1, 2)
    assert shapes.normalize_axes("op", None, 0) == ()


@pytest.mark.parametrize("axis", [1.0, "0", (0,), [0]])
def test_an_axis_is_an_integer(axis):
    with pytest.raises(ArgumentError, match=re.escape(f"op: axis must be an integer, got {axis!r}")):
        shapes.normalize_axis("op", axis, 2)


@given(SIDES, st.booleans(), st.data())
def test_reduced_shapes_are_numpys(shape, keepdims, data):
    axes = tuple(sorted(data.draw(st.sets(st.sampled_from(range(len(shape)))) if shape else st.just(set()))))
    expected = np.zeros(shape).sum(axis=axes, keepdims=keepdims).shape
    assert shapes.reduced_shape(shape, axes, keepdims) == expected


@given(SIDES, st.lists(st.integers(-2, 9), max_size=3).map(tuple))
def test_reshaping_is_numpys(shape, new):
    try:
        expected = np.zeros(shape).reshape(new).shape
    except ValueError:
        expected = None
    if expected is None or min(new, default=0) < -1:
        with pytest.raises(ShapeError, match=re.escape(f"reshape: {shape} has {np.prod(shape, dtype=int)} elements")):
            shapes.resolve_reshape(shape, new)
    else:
        assert shapes.resolve_reshape(shape, new) == expected


@pytest.mark.parametrize(
    ("shape", "new", "expected"),
    [
        ((2, 6), (3, -1), (3, 4)), ((2, 6), [-1, 2, 2], (3, 2, 2)), ((2, 6), -1, (12,)), ((12,), 12, (12,)),
        ((0, 3), (-1, 3), (0, 3)), ((), (-1,), (1,)), ((1,), (), ()), ((7,), (-1, 1), (7, 1)),
    ],
)  # fmt: skip
def test_one_size_follows_from_the_others(shape, new, expected):
    assert shapes.resolve_reshape(shape, new) == expected == np.zeros(shape).reshape(new).shape


@pytest.mark.parametrize(
    ("shape", "new"),
    [((4,), (-1, -1)), ((0,), (0, -1)), ((4,), (-4,)), ((4,), (-2, -2)), ((4,), 3), ((8,), (-1, -2, -2))],
)
def test_sizes_that_do_not_follow(shape, new):
    with pytest.raises(ShapeError, match="do not fill"):
        shapes.resolve_reshape(shape, new)


def test_shapes_are_sizes():
    assert shapes.as_shape(3, "zeros") == (3,)
    assert shapes.as_shape([2, 0], "zeros") == (2, 0)
    assert shapes.as_shape((), "zeros") == ()
    assert shapes.as_shape((np.int8(4), 1), "zeros") == (4, 1)
    for wrong in (2.0, "3", (1, 2.0), None):
        with pytest.raises(
            ArgumentError, match=re.escape(f"zeros: a shape is an integer or a sequence of integers, got {wrong!r}")
        ):
            shapes.as_shape(wrong, "zeros")
    for negative in (-1, (2, -1)):
        with pytest.raises(ArgumentError, match="zeros: sizes cannot be negative"):
            shapes.as_shape(negative, "zeros")


@given(st.lists(st.integers(1, 4), max_size=4).map(tuple))
def test_contiguous_strides_are_numpys(shape):
    assert shapes.contiguous_strides(shape, 8) == np.zeros(shape).strides


@given(strategies.partners(2, max_side=3))
def test_broadcast_strides_are_numpys(pair):
    array = np.zeros(pair[0])
    target = np.broadcast_shapes(*pair)
    found = shapes.broadcast_strides(array.shape, array.strides, target)
    expected = np.broadcast_to(array, target)
    assert len(found) == len(target)
    assert [f for f, n in zip(found, target, strict=True) if n > 1] == [
        s for s, n in zip(expected.strides, target, strict=True) if n > 1
    ]
    assert all(
        step == 0 for step, size in zip(found[len(target) - array.ndim :], array.shape, strict=True) if size == 1
    )


def offsets(shape, strides):
    """Where each operand is at every step of a walk, row by row."""
    return [[sum(i * s for i, s in zip(place, walk, strict=True)) for place in np.ndindex(*shape)] for walk in strides]


@given(st.lists(st.integers(1, 3), max_size=4).map(tuple), st.data())
def test_a_merged_walk_is_the_same_walk(shape, data):
    contiguous = shapes.contiguous_strides(shape, 4)
    walks = data.draw(
        st.lists(st.tuples(*(st.sampled_from([step, 0, 2 * step]) for step in contiguous)), min_size=1, max_size=3)
    )
    merged, steps = shapes.coalesce(shape, walks)
    assert offsets(merged, steps) == offsets(shape, walks)
    assert len(merged) >= 1
    for d in range(1, len(merged)):  # nothing more can be merged
        assert 1 not in merged
        assert any(walk[d - 1] != walk[d] * merged[d] for walk in steps)


def test_contiguous_operands_are_walked_in_one_stride():
    assert shapes.coalesce((2, 1, 3, 4), [(48, 48, 16, 4), (0, 0, 0, 0)]) == ((24,), [(4,), (0,)])
    assert shapes.coalesce((1, 1), [(8, 8)]) == ((1,), [(0,)])
    assert shapes.coalesce((2, 3, 4), [(100, 16, 4), (0, 0, 0)]) == ((2, 12), [(100, 4), (0, 0)])
    assert shapes.coalesce((2, 3, 4, 5), [(600, 200, 20, 4)]) == ((6, 20), [(200, 4)])
