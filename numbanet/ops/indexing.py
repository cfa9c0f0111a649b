"""Picking elements by index, and putting gradients back where they were picked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.context import context
from numbanet.core.dtypes import INT64, as_dtype
from numbanet.core.shapes import as_size, normalize_axis
from numbanet.core.table import Case
from numbanet.errors import DTypeError, ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.copies import contiguous, full
from numbanet.launching.launch import Kernel
from numbanet.loops import move as loops
from numbanet.ops.declare import REAL, composed, primitive
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import add, equal, multiply, remainder
from numbanet.ops.placement import to_device
from numbanet.ops.positions import OutOfRange, check_range, is_mask, is_view, parts_of, picked
from numbanet.ops.shaping import expand_dims, permute_dims, reshape
from numbanet.ops.touched import note_operand
from numbanet.tensor.listeners import check_values, refuse
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, apply, asarray, put, to_numpy
from numbanet.tensor.variable import Variable
from numbanet.typing import ArrayLike, Integer, Key

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def _plain_key(key):
    """An index with tensors and lists replaced by arrays; DTypeError for anything that is not an index."""
    kind = type(key)
    if kind is int or kind is slice or (kind is np.ndarray and key.dtype.kind in "iub"):
        return key
    return tuple([_plain_part(part) for part in key]) if isinstance(key, tuple) else _plain_part(key)


def _plain_part(key, read=True):
    if isinstance(key, Operators) and read:
        key = key.numpy()
    if isinstance(key, list):
        key = np.asarray(key, dtype=INT64) if not key else to_numpy(key, "getitem: an index array")
    if isinstance(key, (np.ndarray, Operators)) and key.dtype.kind not in "iub":
        raise DTypeError(f"getitem: an index array must be integer or bool, got {key.dtype}")
    if key is None or key is Ellipsis or isinstance(key, (int, np.integer, slice, np.ndarray, np.bool_, Operators)):
        return key
    raise DTypeError(f"getitem: an index is an integer, a slice, ..., None or an array, got {type(key).__name__}")


def _getitem_forward(x, key):
    try:
        found = x[key]
    except IndexError as error:
        raise OutOfRange(f"getitem: {error} (shape {x.shape})") from None
    if isinstance(found, np.generic):  # NumPy gives the number, where a launch needs to know where it lies
        return np.asarray(found) if context.launches is None else x[(*parts_of(key), ...)]
    return found


def getitem(x: ArrayLike, key: Key) -> Tensor:
    if context.trace is not None and not is_view(key):
        return _getitem_traced(asarray(x), key)
    return apply(_getitem, x, key=_plain_key(key))


def _put_back_forward(g, key, shape):
    return launch.scatter_add(g, key, shape)


def put_back(g, key, shape):
    return apply(_put_back, g, key=key, shape=shape)


_getitem = primitive(
    "getitem", getitem, _getitem_forward, vjp=(lambda g, y, x, key: put_back(g, key, x.shape),),
    reference=lambda x, key: x[key], family="indexing",
    cases=tuple(
        Case((REAL,), shapes=((3, 4),), params={"key": key})
        for key in (1, slice(None, None, -2), (slice(None), None, 2), ([0, 2, 0],),
        (Ellipsis, np.array([True, False, True, True])))
    ),
)  # fmt: skip
_put_back = primitive(
    "put_back",
    put_back,
    _put_back_forward,
    vjp=(lambda g, y, x, key, shape: getitem(g, key),),
    family="indexing",
)
document(
    getitem, "Return the elements that an index picks, `x[key]`.",
    {"key": "integers, slices, `...`, None, integer and boolean arrays, or a tuple of them\n    As in NumPy."},
    "A view for integers and slices, otherwise a copy.", "[1.0, 2.0, 3.0], slice(1, None)",
    "Tensor([2., 3.], shape=(2,), dtype=float32)", source="NumPy user guide, indexing on ndarrays.",
)  # fmt: skip
document(
    put_back, "Zeros of `shape`, with `x` added at the places that `key` picks: the gradient of getitem.",
    {"key": "as in getitem", "shape": "tuple of int"}, "Of shape `shape`.", "[1.0], slice(0, 1), (2,)",
    "Tensor([1., 0.], shape=(2,), dtype=float32)", source="NumPy user guide, indexing on ndarrays.",
)  # fmt: skip

_take_kernel, _take_back_kernel = Kernel(loops.take, cost=0.5), Kernel(loops.take_back, cost=1.0)
_clear_rows = Kernel(loops.clear_rows)


def _three(x, axis):
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    return contiguous(x).reshape(int(np.prod(before)), x.shape[axis], int(np.prod(after)))


def _take_forward(x, indices, axis):
    lanes = _three(x, axis)
    out = empty((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]), x.dtype)
    flat = contiguous(indices).reshape(-1)
    n = lanes.shape[0] * flat.size
    if out.size:
        _take_kernel(n, lanes, flat, out.reshape(lanes.shape[0], flat.size, lanes.shape[2]), cost=lanes.shape[2] * 0.5)
    return out


def _take_back_forward(g, indices, axis, shape, out=None):
    out = full(shape, 0, g.dtype) if out is None else out
    outer, inner = int(np.prod(shape[:axis])), int(np.prod(shape[axis + 1 :]))
    flat = contiguous(indices).reshape(-1)
    if g.size:
        lanes = contiguous(g).reshape(outer, flat.size, inner)
        _take_back_kernel(outer * inner, lanes, flat, out.reshape(outer, shape[axis], inner), cost=float(flat.size))
    return out


def clear_rows(out, indices):
    """Put zeros into the rows of an array that have these numbers, int64."""
    flat, rows = contiguous(indices).reshape(-1), out.reshape(out.shape[0], -1)
    if flat.size:
        _clear_rows(flat.size, flat, rows, cost=4.0 + rows.shape[1] * 0.1)


def _checked_indices(name, indices, x, axis):
    """Indices along an axis of `x` as int64, counted from the front, all inside its size, on its device."""
    indices, size = asarray(indices), x.shape[axis]
    if indices.dtype.kind not in "iu":
        raise DTypeError(f"{name}: indices must be integers, got {indices.dtype}")
    message = f"{name}: index {{}} is out of range for size {size}"
    if context.trace is not None:
        return _from_front(indices, size, message, x.device)
    plain = indices.numpy()
    check_range(size, message, plain)
    plain = plain.astype(INT64)  # a copy: a range that was checked stays as it is, whoever writes to the array
    plain[plain < 0] += size
    return put(plain, x.device)


def _from_front(indices, size, message, device):
    """The same, by ops that a trace can follow; what replays are given is checked again."""
    check_values(indices, partial(check_range, size, message), below=size)
    return remainder(to_device(indices.astype(INT64), device), max(size, 1))


def take(x: ArrayLike, indices: ArrayLike, axis: Integer = 0) -> Tensor:
    is_table, x = isinstance(x, Variable), asarray(x)
    at = normalize_axis("take", axis, x.ndim)
    if is_table and at == 0:
        note_operand(x)
    return apply(_take, x, _checked_indices("take", indices, x, at), axis=at)


def take_known(x, indices, axis=0):
    """`take` without a look at the indices, which are in range by the way in which they were computed."""
    return apply(_take, x, indices, axis=axis)


def take_back(g, indices, axis, shape):
    return apply(_take_back_op, g, indices, axis=axis, shape=shape)


_take = primitive(
    "take", take, _take_forward, vjp=(lambda g, y, x, i, axis: take_back(g, i, axis, x.shape), None),
    reference=lambda x, indices, axis: np.take(x, indices, axis), family="indexing", numpy=(np.take,),
    cases=(Case((REAL,), shapes=((3, 4),), params={"indices": np.array([[2, 0], [2, 1]]), "axis": 1}),),
)  # fmt: skip
_take_back_op = primitive(
    "take_back", take_back, _take_back_forward, vjp=(lambda g, y, x, i, axis, shape: take_known(g, i, axis), None),
    family="indexing",
)  # fmt: skip
document(
    take, "Return the elements at `indices` along a dimension: rows of a table, a batch of samples.",
    {"indices": "integer array-like\n    Any shape; negative ones count from the end.",
    "axis": "int\n    The first, by default; `np.take` without an axis takes from the flattened array."},
    "Of shape `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`.", "[10.0, 20.0, 30.0], [2, 0]",
    "Tensor([30., 10.], shape=(2,), dtype=float32)",
)  # fmt: skip
document(
    take_back, "Zeros of `shape` with `x` added at `indices` along a dimension: the gradient of take.",
    {"indices": "integer array-like", "axis": "int", "shape": "tuple of int"}, "Of shape `shape`.",
    "[1.0, 2.0], [1, 1], 0, (2,)", "Tensor([0., 3.], shape=(2,), dtype=float32)",
)  # fmt: skip


def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: Integer = -1) -> Tensor:
    x, indices = asarray(x), asarray(indices)
    at = normalize_axis("take_along_axis", axis, x.ndim)
    if indices.ndim != x.ndim:
        raise ShapeError(f"take_along_axis: indices of shape {indices.shape} need the {x.ndim} dimensions of x")
    key: list = [
        np.arange(n).reshape([-1 if d == k else 1 for k in range(x.ndim)]) for d, n in enumerate(indices.shape)
    ]
    chosen = _checked_indices("take_along_axis", indices, x, at)
    key[at] = chosen if context.trace is not None else chosen.numpy()
    return getitem(x, tuple(key))


composed(
    "take_along_axis", take_along_axis, reference=np.take_along_axis, family="indexing", numpy=(np.take_along_axis,),
    cases=(Case((REAL,), shapes=((2, 3),), params={"indices": np.array([[2, 0], [1, 1]]), "axis": 1}),),
)  # fmt: skip
document(
    take_along_axis, "Return one element per index along a dimension, as argsort and argmax give them.",
    {"indices": "integer array-like\n    Of the dimensions of x.", "axis": "int\n    Which dimension."},
    "Of the shape of `indices`.",
    "[[10.0, 20.0]], [[1]]", "Tensor([[20.]], shape=(1, 1), dtype=float32)",
)  # fmt: skip


def _getitem_traced(x, key):
    """`x[key]` for an index with arrays, by ops that a trace can follow: a view, flat positions in it, and take."""
    parts = tuple([_plain_part(part, read=False) for part in parts_of(key)])
    if any(map(is_mask, parts)):
        refuse("how many elements a boolean index picks depends on its values")
        return apply(_getitem, x, key=_plain_key(key))
    how = picked(parts, x.shape)
    view = permute_dims(getitem(x, how.view), how.order)
    lanes = reshape(view, how.lanes(view.shape))
    return apply(_take, lanes, _flat_positions(how, x.shape, x.device), axis=how.place)


def _rank(pick):
    return getattr(pick[0], "ndim", 0) > 0, pick[1]


def _flat_positions(how, shape, device):
    """The positions that the arrays of an index pick, int64, of the shape to which they broadcast."""
    total: Any = 0
    picks = zip(how.parts, how.axes, how.sizes, how.strides, strict=True)
    for part, axis, size, stride in sorted(picks, key=_rank):  # NumPy looks at single integers first, too
        message = f"getitem: index {{}} is out of bounds for axis {axis} with size {size} (shape {shape})"
        if not isinstance(part, Operators):
            part = asarray(part, device=device)
        total = add(total, multiply(_from_front(part, size, message, device), stride))
    return total


def one_hot(indices: ArrayLike, num_classes: Integer, dtype: DTypeLike | None = "float32") -> Tensor:
    indices = asarray(indices)
    if indices.dtype.kind not in "iu":
        raise DTypeError(f"one_hot: indices must be integers, got {indices.dtype}")
    classes = asarray(np.arange(as_size("one_hot: num_classes", num_classes, 1)), device=indices.device)
    return equal(expand_dims(indices, -1), classes).astype(as_dtype(dtype, "one_hot"))


composed("one_hot", one_hot, family="indexing", differentiable=False)
document(
    one_hot, "Return rows of zeros with a one at each index.",
    {"num_classes": "int\n    The length of a row.", "dtype": "dtype\n    Of the result."},
    "Of shape `indices.shape + (num_classes,)`; rows of indices outside 0..num_classes are zero.", "[1, 0], 3",
    "Tensor([[0., 1., 0.],\n        [1., 0., 0.]], shape=(2, 3), dtype=float32)",
    first=("indices", "integer array-like\n    Any shape."), source="Keras 3, keras.ops.one_hot.",
    raises={"ArgumentError": "When `num_classes` is not an integer of at least 1.",
            "DTypeError": "When the indices are not integers, or the dtype is not supported."},
)  # fmt: skip
