"""Shapes: the same elements seen in another shape, order or number. Most of these are views and move nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import SupportsIndex

import numpy as np

from numbanet.core import shapes
from numbanet.core.checks import as_integer, as_list, is_integer
from numbanet.core.shapes import as_shape, broadcast_shapes, normalize_axes, normalize_axis, resolve_reshape
from numbanet.core.table import Case
from numbanet.errors import ArgumentError, ShapeError
from numbanet.launching import launch
from numbanet.launching.copies import assign, contiguous, full
from numbanet.ops.declare import ANY, composed, primitive
from numbanet.ops.documentation import document
from numbanet.tensor.listeners import is_traced, refuse
from numbanet.tensor.operators import values_of
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply, as_tensors, asarray, in_common_dtype, single
from numbanet.typing import ArrayLike, Axis, Integer, PadWidth, Shape


def _case(of=(2, 3, 4), /, **params):
    return Case((ANY,), shapes=(of,), params=params)


@planned
def reshape(x: ArrayLike, shape: Shape, copy: bool | None = None) -> Tensor:
    x = asarray(x)
    if copy is False and is_traced(x):
        refuse("reshape(copy=False) asks how the elements lie in memory")
    if copy is False and not x._array.flags.c_contiguous:
        raise ArgumentError(f"reshape: the elements of shape {x.shape} do not lie in order, which needs a copy")
    return apply(_reshape, x, shape=resolve_reshape(x.shape, shape))


_reshape = primitive(
    "reshape", reshape, lambda x, shape: contiguous(x).reshape(shape),
    vjp=(lambda g, y, x, shape: reshape(g, x.shape),), reference=lambda x, shape: np.reshape(x, shape),
    cases=(_case(shape=(4, 6)), _case(shape=(-1,))), family="shape", numpy=(np.reshape,),
)  # fmt: skip
document(
    reshape, "Return the same elements, row by row, in another shape.", {
        "shape": "tuple of int\n    One size may be -1.",
        "copy": "bool, optional\n    False raises if a copy is needed; True means nothing, since tensors never change.",
    },
    "Of shape `shape` and the dtype of `x`.", "[1.0, 2.0, 3.0, 4.0], (2, 2)",
    "Tensor([[1., 2.],\n        [3., 4.]], shape=(2, 2), dtype=float32)",
)  # fmt: skip


@planned
def permute_dims(x: ArrayLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    x = asarray(x)
    named = range(x.ndim)[::-1] if axes is None else as_list("permute_dims: axes", axes)
    order = tuple(normalize_axis("permute_dims", a, x.ndim) for a in named)
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(f"permute_dims: axes {axes} do not name each of the {x.ndim} dimensions once")
    return apply(_permute_dims, x, axes=order)


_permute_dims = primitive(
    "permute_dims", permute_dims, lambda x, axes: x.transpose(axes),
    vjp=(lambda g, y, x, axes: permute_dims(g, np.argsort(axes).tolist()),),
    reference=lambda x, axes: np.transpose(x, axes), cases=(_case(axes=(2, 0, 1)), _case(axes=(0, 2, 1))),
    family="shape", numpy=(np.transpose,),
)  # fmt: skip
document(
    permute_dims, "Permute the dimensions; a view.",
    {"axes": "tuple of int, optional\n    Reversed if not given."},
    "A view of `x`.", "[[1.0, 2.0]]", "Tensor([[1.],\n        [2.]], shape=(2, 1), dtype=float32)",
)  # fmt: skip


@planned
def matrix_transpose(x: ArrayLike) -> Tensor:
    x = asarray(x)
    if x.ndim < 2:
        raise ShapeError(f"matrix_transpose: needs at least 2 dimensions, got shape {x.shape}")
    return permute_dims(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


composed(
    "matrix_transpose", matrix_transpose, reference=lambda x: np.swapaxes(x, -1, -2), cases=(_case(),), family="shape",
    numpy=(np.matrix_transpose,),
)  # fmt: skip
document(
    matrix_transpose, "Swap the last two dimensions; a view.", {}, "A view of `x`.", "[[1.0, 2.0]]",
    "Tensor([[1.],\n        [2.]], shape=(2, 1), dtype=float32)",
)  # fmt: skip


@planned
def broadcast_to(x: ArrayLike, shape: Shape) -> Tensor:
    x, shape = asarray(x), as_shape(shape, "broadcast_to")
    if broadcast_shapes("broadcast_to", x.shape, shape) != shape:
        raise ShapeError(f"broadcast_to: shape {x.shape} does not broadcast to {shape}")
    return apply(_broadcast_to, x, shape=shape)


_broadcast_to = primitive(
    "broadcast_to", broadcast_to, lambda x, shape: np.broadcast_to(x, shape), vjp=(lambda g, y, x, shape: g,),
    reference=np.broadcast_to, cases=(_case((2, 1, 4), shape=(3, 2, 5, 4)),), family="shape", numpy=(np.broadcast_to,),
)  # fmt: skip
document(
    broadcast_to, "Repeat along dimensions of size 1, and along new first ones; a view.",
    {"shape": "tuple of int\n    The shape to repeat to."},
    "A view of `x`.", "[1.0, 2.0], (2, 2)", "Tensor([[1., 2.],\n        [1., 2.]], shape=(2, 2), dtype=float32)",
)  # fmt: skip


@planned
def expand_dims(x: ArrayLike, axis: Axis = 0) -> Tensor:
    x = asarray(x)
    ndim = x.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    at, sizes = normalize_axes("expand_dims", axis, ndim), iter(x.shape)
    return reshape(x, tuple(1 if d in at else next(sizes) for d in range(ndim)))


composed(
    "expand_dims", expand_dims, reference=np.expand_dims, cases=(_case(axis=1), _case(axis=-1)), family="shape",
    numpy=(np.expand_dims,),
)  # fmt: skip
document(
    expand_dims, "Insert dimensions of size 1.", {"axis": "int or tuple of int\n    Where they stand in the result."},
    "Of as many dimensions more.", "[1.0, 2.0], axis=1",
    "Tensor([[1.],\n        [2.]], shape=(2, 1), dtype=float32)",
)  # fmt: skip


@planned
def squeeze(x: ArrayLike, axis: Axis = None) -> Tensor:
    x = asarray(x)
    if axis is None:
        axes = tuple(d for d, size in enumerate(x.shape) if size == 1)
    else:
        axes = normalize_axes("squeeze", axis, x.ndim)
    if any(x.shape[d] != 1 for d in axes):
        raise ShapeError(f"squeeze: shape {x.shape} has a size other than 1 along axis {axis}")
    return reshape(x, tuple(size for d, size in enumerate(x.shape) if d not in axes))


composed(
    "squeeze", squeeze, reference=np.squeeze, cases=(_case((2, 1, 3, 1), axis=1), _case((2, 1, 3, 1), axis=None)),
    family="shape", numpy=(np.squeeze,),
)  # fmt: skip
document(
    squeeze, "Remove dimensions of size 1.", {"axis": "int, tuple of int, or None\n    Which; None for all of them."},
    "Of fewer dimensions.", "[[1.0, 2.0]]", "Tensor([1., 2.], shape=(2,), dtype=float32)",
)  # fmt: skip


def _concat_forward(*arrays, axis):
    return launch.concat(arrays, axis)


def _concat_vjp(i, g, y, *inputs, axis):
    start = sum(x.shape[axis] for x in inputs[:i])
    return g[(slice(None),) * axis + (slice(start, start + inputs[i].shape[axis]),)]


def concat(arrays: Sequence[ArrayLike], axis: SupportsIndex | None = 0) -> Tensor:
    tensors = _several("concat", arrays)
    if axis is None:
        tensors, axis = [reshape(x, (-1,)) for x in tensors], 0
    at = normalize_axis("concat", axis, tensors[0].ndim)
    known = [x.shape for x in tensors]
    if known.count(known[0]) != len(known):
        others = {(len(shape), *shape[:at], *shape[at + 1 :]) for shape in known}
        if len(others) != 1:
            raise ShapeError(f"concat: shapes {', '.join(map(str, known))} must agree in all but axis {axis}")
    return apply(_concat, *tensors, axis=at)


def _several(name, arrays):
    if not isinstance(arrays, (list, tuple)) or not arrays:
        raise ArgumentError(f"{name}: needs a list or tuple of at least one array, got {type(arrays).__name__}")
    return in_common_dtype(name, as_tensors(name, arrays))


_concat = primitive("concat", concat, _concat_forward, vjp=_concat_vjp, family="shape", numpy=(np.concatenate,))
document(
    concat, "Join arrays along a dimension.", {"axis": "int, or None\n    Which; None joins them flattened."},
    "Of the promoted dtype.", "([1.0], [2.0, 3.0])", "Tensor([1., 2., 3.], shape=(3,), dtype=float32)",
    first=("arrays", "list or tuple of array-like\n    Shapes agree in all other dimensions."),
)  # fmt: skip


def stack(arrays: Sequence[ArrayLike], axis: Integer = 0) -> Tensor:
    tensors = _several("stack", arrays)
    if len({x.shape for x in tensors}) != 1:
        raise ShapeError(f"stack: shapes must be equal, got {', '.join(str(x.shape) for x in tensors)}")
    return apply(_stack, *tensors, axis=normalize_axis("stack", axis, tensors[0].ndim + 1))


def _stack_forward(*arrays, axis):
    key = (*[slice(None)] * axis, None, ...)
    return _concat_forward(*[x[key] for x in arrays], axis=axis)


def _stack_vjp(i, g, y, *inputs, axis):
    return g[(*(slice(None),) * axis, i)]


_stack = primitive("stack", stack, _stack_forward, vjp=_stack_vjp, family="shape", numpy=(np.stack,))
document(
    stack, "Join arrays of one shape along a new dimension.", {"axis": "int\n    Where it stands in the result."},
    "Of one dimension more.", "([1.0, 2.0], [3.0, 4.0])",
    "Tensor([[1., 2.],\n        [3., 4.]], shape=(2, 2), dtype=float32)",
    first=("arrays", "list or tuple of array-like\n    Of one shape."),
)  # fmt: skip


def split(x: ArrayLike, indices_or_sections: Shape, axis: Integer = 0) -> list[Tensor]:
    x = asarray(x)
    at = normalize_axis("split", axis, x.ndim)
    size = x.shape[at]
    if not isinstance(indices_or_sections, (list, tuple)) and not getattr(indices_or_sections, "ndim", 0):
        count = as_integer("split: the number of parts", indices_or_sections)
        if count < 1 or size % count or count > shapes.MOST_ELEMENTS:
            raise ShapeError(f"split: {count} equal parts do not fit axis {axis} of shape {x.shape}")
        edges = [size * i // count for i in range(count + 1)]
    else:
        edges = [0, *shapes.integers_of("split: a position", indices_or_sections), size]
    before = (slice(None),) * at
    return [x[(*before, slice(start, stop))] for start, stop in pairwise(edges)]


composed("split", split, family="shape", numpy=(np.split,))
document(
    split, "Cut along a dimension.",
    {
        "indices_or_sections": "int, or list of int\n    The number of equal parts, or the positions of the cuts.",
        "axis": "int\n    Which dimension.",
    },
    "A list of views.", "[1.0, 2.0], 2",
    "[Tensor([1.], shape=(1,), dtype=float32), Tensor([2.], shape=(1,), dtype=float32)]", kind="list of Tensor",
    source="NumPy reference, numpy.split.",
)  # fmt: skip


def flip(x: ArrayLike, axis: Axis = None) -> Tensor:
    x = asarray(x)
    axes = normalize_axes("flip", axis, x.ndim)
    return x[tuple(slice(None, None, -1) if d in axes else slice(None) for d in range(x.ndim))]


composed("flip", flip, reference=np.flip, cases=(_case(axis=None), _case(axis=1)), family="shape", numpy=(np.flip,))
document(
    flip, "Reverse the elements along dimensions; a view.",
    {"axis": "int, tuple of int, or None\n    Which; None for all."},
    "A view of `x`.", "[1.0, 2.0]", "Tensor([2., 1.], shape=(2,), dtype=float32)",
)  # fmt: skip


def roll(x: ArrayLike, shift: Shape, axis: Axis = None) -> Tensor:
    x = asarray(x)
    if axis is None:
        return reshape(roll(reshape(x, (-1,)), shift, 0), x.shape)
    shifts, axes = shapes.integers_of("roll: shift", shift), shapes.integers_of("roll: axis", axis)
    if len(shifts) == 1:
        shifts = shifts * len(axes)
    if len(shifts) != len(axes):
        raise ArgumentError(f"roll: {len(shifts)} shifts for {len(axes)} axes")
    for step, along in zip(shifts, axes, strict=True):
        at = normalize_axis("roll", along, x.ndim)
        before, size = (slice(None),) * at, x.shape[at]
        if size and step % size:
            cut = size - step % size
            x = concat([x[(*before, slice(cut, None))], x[(*before, slice(None, cut))]], at)
    return x


composed(
    "roll", roll, reference=np.roll, cases=(_case(shift=1, axis=2), _case(shift=-5, axis=None), _case(shift=(1, 2),
        axis=(0, 2))),
    family="shape", numpy=(np.roll,),
)  # fmt: skip
document(
    roll, "Shift elements along dimensions; what falls off one end comes in at the other.",
    {"shift": "int or tuple of int\n    How many places.",
    "axis": "int, tuple of int, or None\n    Which; None for the flattened array."},
    "Of the shape of `x`.", "[1.0, 2.0, 3.0], 1", "Tensor([3., 1., 2.], shape=(3,), dtype=float32)",
)  # fmt: skip


def tile(x: ArrayLike, repetitions: Shape) -> Tensor:
    x = asarray(x)
    counts = as_shape(repetitions, "tile")
    ndim = max(x.ndim, len(counts))
    counts = (1,) * (ndim - len(counts)) + counts
    shape = (1,) * (ndim - x.ndim) + x.shape
    spaced = reshape(x, tuple(n for size in shape for n in (1, size)))
    wide = broadcast_to(spaced, tuple(n for count, size in zip(counts, shape, strict=True) for n in (count, size)))
    return reshape(wide, tuple(count * size for count, size in zip(counts, shape, strict=True)))


composed(
    "tile", tile, reference=lambda x, repetitions: np.tile(x, repetitions),
    cases=(_case(repetitions=(2, 1, 3)), _case((3,), repetitions=(2, 2))),
    family="shape", numpy=(np.tile,),
)  # fmt: skip
document(
    tile, "Repeat the whole array along its dimensions.",
    {"repetitions": "int or tuple of int\n    How often, by dimension."},
    "A larger tensor.", "[1.0, 2.0], 2", "Tensor([1., 2., 1., 2.], shape=(4,), dtype=float32)",
)  # fmt: skip


def repeat(x: ArrayLike, repeats: Shape, axis: SupportsIndex | None = None) -> Tensor:
    x = asarray(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    at = normalize_axis("repeat", axis, x.ndim)
    if not is_integer(repeats):
        if not isinstance(repeats, (list, tuple)):
            refuse("repeat: how many elements there are depends on the values of repeats")
        return _repeated_each(x, values_of(repeats), at)
    (count,) = as_shape(repeats, "repeat")
    wide = broadcast_to(expand_dims(x, at + 1), (*x.shape[: at + 1], count, *x.shape[at + 1 :]))
    return reshape(wide, (*x.shape[:at], x.shape[at] * count, *x.shape[at + 1 :]))


def _repeated_each(x, counts, axis):
    """Every element along an axis repeated so often as its count says."""
    if counts.dtype.kind not in "iu" or counts.size not in (1, x.shape[axis]) or counts.min(initial=0) < 0:
        raise ArgumentError(f"repeat: repeats must be whole numbers, one or {x.shape[axis]}, got {counts!r}")
    as_shape(int(counts.sum(dtype=object)) * (x.shape[axis] if counts.size == 1 else 1), "repeat")
    return x[(*(slice(None),) * axis, np.repeat(np.arange(x.shape[axis]), counts.reshape(-1)))]


composed(
    "repeat", repeat, reference=np.repeat, cases=(_case(repeats=2, axis=1), _case(repeats=3, axis=None)),
    family="shape", numpy=(np.repeat,),
)  # fmt: skip
document(
    repeat, "Repeat every element along a dimension.",
    {"repeats": "int, or integer array-like\n    How often; or how often each.",
    "axis": "int, or None\n    None for the flattened array."},
    "A larger tensor.", "[1.0, 2.0], 2", "Tensor([1., 1., 2., 2.], shape=(4,), dtype=float32)",
)  # fmt: skip


def pad_widths(pad_width, ndim):
    """The widths before and after the elements of each dimension."""
    try:
        given = np.asarray(pad_width)
        widths = (given if given.shape == (ndim, 2) else np.broadcast_to(given, (ndim, 2))).tolist()
        whole = given.dtype.kind in "iu"
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise ArgumentError(f"pad: pad_width {pad_width!r} is not (before, after), integers, for {ndim} dimensions")
    if any(n < 0 for pair in widths for n in pair):
        raise ArgumentError(f"pad: widths cannot be negative, got {pad_width!r}")
    return widths


def pad(x: ArrayLike, pad_width: PadWidth, constant_values: ArrayLike = 0) -> Tensor:
    x = asarray(x)
    widths = pad_widths(pad_width, x.ndim)
    as_shape([before + size + after for (before, after), size in zip(widths, x.shape, strict=True)], "pad")
    value = single("pad: constant_values", constant_values, x.dtype).item()
    return apply(_pad, x, pad_width=tuple(map(tuple, widths)), constant_values=value)


def _pad_forward(x, pad_width, constant_values):
    sizes = [before + size + after for (before, after), size in zip(pad_width, x.shape, strict=True)]
    out = full(tuple(sizes), constant_values, x.dtype)
    inside = tuple(slice(before, before + size) for (before, _), size in zip(pad_width, x.shape, strict=True))
    assign(out[(*inside, ...)], x)
    return out


def _pad_vjp(g, y, x, pad_width, constant_values):
    return g[tuple(slice(before, before + size) for (before, _), size in zip(pad_width, x.shape, strict=True))]


_pad = primitive(
    "pad", pad, _pad_forward,
    vjp=(_pad_vjp,), reference=lambda x, pad_width, constant_values=0: np.pad(x, pad_width,
        constant_values=constant_values),
    cases=(_case((2, 3), pad_width=((1, 0), (2, 1))),), family="shape",
)  # fmt: skip
document(
    pad, "Put a margin around an array.",
    {
        "pad_width": "int, (before, after), or one pair per dimension\n    Not negative.",
        "constant_values": "number\n    What the margin holds.",
    },
    "A larger tensor.", "[1.0, 2.0], 1", "Tensor([0., 1., 2., 0.], shape=(4,), dtype=float32)",
    raises={"ArgumentError": "When the widths do not fit the dimensions, are not integers, or are negative.",
            "ShapeError": "When `constant_values` is not a single number."},
    source="NumPy reference, numpy.pad.",
)  # fmt: skip
