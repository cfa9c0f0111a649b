"""Dot products at every rank, and what is made of them."""

from __future__ import annotations

import builtins
import math
from typing import Any, Literal

import numpy as np

from numbanet.core.checks import as_flag, as_float, as_integer
from numbanet.core.dtypes import DEFAULT_FLOAT, is_float, promote
from numbanet.core.shapes import broadcast_shapes, integers_of, normalize_axis
from numbanet.core.table import Case, Domain
from numbanet.errors import ArgumentError, ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.copies import contiguous, converted
from numbanet.ops.declare import FINITE, REAL, composed, primitive
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import abs, multiply
from numbanet.ops.reduce import length, max, sum
from numbanet.ops.shaping import expand_dims, matrix_transpose, permute_dims, reshape
from numbanet.ops.sparse import DENSE, sparse_dot
from numbanet.tensor.foreign import is_sparse
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply, asarray, pair
from numbanet.typing import ArrayLike, Axes, Axis, Integer


def _matmul_forward(a, b):
    common = a.dtype
    if common is not b.dtype:
        common = promote("matmul", common, b.dtype)
        a, b = converted(a, common), converted(b, common)
    if a.ndim == 2 and b.ndim == 2:
        out = empty((a.shape[0], b.shape[1]), common)
        launch.matmul(a, b, out)
        return out
    batch = broadcast_shapes("matmul", a.shape[:-2], b.shape[:-2])
    out = empty((*batch, a.shape[-2], b.shape[-1]), common)
    a = np.broadcast_to(a, (*batch, *a.shape[-2:]))
    b = np.broadcast_to(b, (*batch, *b.shape[-2:]))
    launch.matmul(a, b, out)
    return out


def _by_first(g, y, a, b):
    return matrices(g, matrix_transpose(b))


def _by_second(g, y, a, b):
    if b.ndim == 2 and a.ndim > 2:  # one product over all rows, instead of one per batch and a sum
        return matrices(matrix_transpose(_all_rows(a)), _all_rows(g))
    return matrices(matrix_transpose(a), g)


def _all_rows(x):
    """A batch of matrices as one matrix; the rows are counted, since those of no columns fill any number."""
    return reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


@planned
def matrices(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Matrix products of (..., m, k) and (..., k, n); a second operand of two dimensions takes all rows at once."""
    a, b = asarray(a), asarray(b)
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(f"matmul: shapes {a.shape} and {b.shape} do not fit: {a.shape[-1]} != {b.shape[-2]}")
    if a.ndim > 2 and b.ndim == 2:
        return reshape(apply(_matmul, _all_rows(a), b), (*a.shape[:-1], b.shape[-1]))
    return apply(_matmul, a, b)


@planned
def matmul(a: ArrayLike, b: ArrayLike) -> Tensor:
    if type(a) is Tensor and type(b) is Tensor:
        left, right = a._array.shape, b._array.shape
        if len(left) == 2 == len(right) and left[1] == right[0]:
            return apply(_matmul, a, b)
    if not (type(a) in DENSE and type(b) in DENSE) and (is_sparse(a) or is_sparse(b)):
        return sparse_dot("matmul", a, b)
    a, b = pair("matmul", a, b)
    if a.ndim == 2 and b.ndim == 2:
        return matrices(a, b)
    if not a.ndim or not b.ndim:
        raise ShapeError(f"matmul: needs at least one dimension each, got {a.shape} and {b.shape}; use multiply")
    left = expand_dims(a, 0) if a.ndim == 1 else a
    right = expand_dims(b, 1) if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise ShapeError(f"matmul: shapes {a.shape} and {b.shape} do not fit: {left.shape[-1]} != {right.shape[-2]}")
    y = matrices(left, right)
    shape = y.shape
    if a.ndim == 1:
        shape = (*shape[:-2], shape[-1])
    if b.ndim == 1:
        shape = shape[:-1]
    return y if shape == y.shape else reshape(y, shape)


def _pair(first, second, **params):
    return Case((REAL, REAL), shapes=(first, second), params=params)


_matmul = primitive(
    "matmul", matmul, _matmul_forward, vjp=(_by_first, _by_second), reference=np.matmul, family="linear algebra",
    cases=(_pair((3, 4), (4, 5)), _pair((2, 3, 4), (4, 2)), _pair((2, 1, 3, 4), (3, 4, 2)), _pair((4,), (4, 3)),
    _pair((2, 4), (4,))),
    numpy=(np.matmul,),
)  # fmt: skip
_A_AND_B = {"b": "array-like\n    Its second to last size (or only one) is the last of `a`."}
_FIRST = ("a", "array-like\n    At least one dimension; integer or floating.")
document(
    matmul, "Return the matrix product; dimensions before the last two broadcast.", _A_AND_B, "Of the promoted dtype.",
    "[[1.0, 2.0]], [[3.0], [4.0]]", "Tensor([[11.]], shape=(1, 1), dtype=float32)", first=_FIRST,
)  # fmt: skip


def _dense_forward(x, kernel, bias, with_relu):
    """`matmul`, `add` and `relu` in one pass; the same bytes as one after the other."""
    common = promote("dense", x.dtype, kernel.dtype, bias.dtype)
    x, kernel, bias = converted(x, common), converted(kernel, common), converted(bias, common)
    out = empty((x.shape[0], kernel.shape[1]), common)
    launch.matmul(x, kernel, out, contiguous(bias), with_relu)
    return out


@planned
def dense(x: ArrayLike, kernel: ArrayLike, bias: ArrayLike, with_relu: bool = False) -> Tensor:
    return apply(_dense, x, kernel, bias, with_relu=bool(with_relu))


_dense = primitive(
    "dense", dense, _dense_forward, family="linear algebra",
    reference=lambda x, w, b, with_relu: np.maximum(x @ w + b, 0) if with_relu else x @ w + b,
    cases=tuple(Case((REAL,) * 3, shapes=((3, 4), (4, 5), (5,)), params={"with_relu": r}) for r in (False, True)),
)  # fmt: skip
document(
    dense, "`x @ kernel + bias`, and its relu, in one pass: what a replayed Dense layer runs; no gradient.",
    {
        "kernel": "array-like, (features, units)", "bias": "array-like, (units,)",
        "with_relu": "bool\n    Whether to take relu.",
    },
    "(rows, units), of the dtype of `x`.", "[[1.0, 2.0]], [[3.0], [4.0]], [0.5]",
    "Tensor([[11.5]], shape=(1, 1), dtype=float32)", first=("x", "array-like, (rows, features)\n    Floating."),
    source="Chollet: Deep Learning with Python, section 2.1.",
)  # fmt: skip


@planned
def dot(a: ArrayLike, b: ArrayLike) -> Tensor:
    if type(a) is Tensor and type(b) is Tensor:
        left, right = a._array.shape, b._array.shape
        if len(left) == 2 == len(right) and left[1] == right[0]:
            return apply(_matmul, a, b)
    if not (type(a) in DENSE and type(b) in DENSE) and (is_sparse(a) or is_sparse(b)):
        return sparse_dot("dot", a, b)
    a, b = pair("dot", a, b)
    if not a.ndim or not b.ndim:
        return multiply(a, b)
    if b.ndim <= 2:
        if a.shape[-1] != b.shape[0]:
            raise ShapeError(f"dot: shapes {a.shape} and {b.shape} do not fit: {a.shape[-1]} != {b.shape[0]}")
        return matmul(a, b)
    return tensordot(a, b, ([a.ndim - 1], [b.ndim - 2]))


composed(
    "dot", dot, reference=np.dot, family="linear algebra", numpy=(np.dot,),
    cases=(
        _pair((4,), (4,)), _pair((3, 4), (4,)), _pair((3, 4), (4, 2)), _pair((2, 3, 4), (4,)),
        _pair((2, 3), (4, 3, 2)), _pair((3,), (2, 3, 2)),
        Case((FINITE, FINITE), shapes=((), (3,))),  # NumPy says 0 * inf = 0 here, alone among its products
    ),
)  # fmt: skip
document(
    dot, "Compute the dot product, NumPy's at every rank: sums over the last of `a` and the second to last of `b`.",
    _A_AND_B, "Of the promoted dtype.", "[1.0, 2.0], [3.0, 4.0]", "Tensor(11., shape=(), dtype=float32)", first=_FIRST,
    source="NumPy reference, numpy.dot; Chollet: Deep Learning with Python, section 2.3.3.",
)  # fmt: skip


def tensordot(a: ArrayLike, b: ArrayLike, axes: Axes = 2) -> Tensor:
    a, b = pair("tensordot", a, b)
    if isinstance(axes, (tuple, list)) or (not isinstance(axes, type) and getattr(axes, "ndim", 0) > 0):
        pairs: Any = axes
        if len(pairs) != 2:
            raise ArgumentError(f"tensordot: axes must be a number or one list for each array, got {axes!r}")
        one, other = (integers_of("tensordot: axes", part) for part in pairs)
    else:
        count = as_integer("tensordot: axes", axes, low=0)
        if count > builtins.min(a.ndim, b.ndim):
            raise ShapeError(f"tensordot: shapes {a.shape} and {b.shape} have no {count} dimensions to sum over")
        one, other = tuple(range(a.ndim - count, a.ndim)), tuple(range(count))
    first = [normalize_axis("tensordot", d, a.ndim) for d in one]
    second = [normalize_axis("tensordot", d, b.ndim) for d in other]
    if [a.shape[d] for d in first] != [b.shape[d] for d in second]:
        raise ShapeError(f"tensordot: axes {axes} of shapes {a.shape} and {b.shape} have different sizes")
    kept_a = [d for d in range(a.ndim) if d not in first]
    kept_b = [d for d in range(b.ndim) if d not in second]
    inner = math.prod(a.shape[d] for d in first)
    shape = (*[a.shape[d] for d in kept_a], *[b.shape[d] for d in kept_b])
    rows, columns = math.prod(a.shape[d] for d in kept_a), math.prod(b.shape[d] for d in kept_b)
    left = reshape(permute_dims(a, kept_a + first), (rows, inner))
    right = reshape(permute_dims(b, second + kept_b), (inner, columns))
    return reshape(matrices(left, right), shape)


composed(
    "tensordot", tensordot, reference=np.tensordot, family="linear algebra", numpy=(np.tensordot,),
    cases=(_pair((2, 3, 4), (3, 4, 2), axes=2), _pair((2, 3), (4, 3), axes=([1], [1])), _pair((2,), (3,), axes=0)),
)  # fmt: skip
document(
    tensordot, "Sum products over chosen dimensions of two arrays.",
    {"b": "array-like\n    Integer or floating.",
    "axes": "int, or a pair of lists of int\n    How many of the last dimensions of a, with as many of the first of b; "
    "or which of each."},
    "The remaining dimensions of `a`, then those of `b`.", "[1.0, 2.0], [3.0, 4.0], 1",
    "Tensor(11., shape=(), dtype=float32)", first=("a", "array-like\n    Integer or floating."),
    raises={"ArgumentError": "When `axes` is neither a number from 0 nor two lists.",
            "ShapeError": "When the sizes of these dimensions differ, or there are fewer."},
)  # fmt: skip


def vecdot(a: ArrayLike, b: ArrayLike, axis: Integer = -1) -> Tensor:
    a, b = pair("vecdot", a, b)
    first, second = (normalize_axis("vecdot", axis, x.ndim) - x.ndim for x in (a, b))
    if first != second or a.shape[first] != b.shape[second]:
        raise ShapeError(f"vecdot: shapes {a.shape} and {b.shape} have different sizes along axis {axis}")
    products = multiply(a, b)
    return sum(products, axis=axis, dtype=None if is_float(products.dtype) else products.dtype)


composed(
    "vecdot", vecdot, reference=lambda a, b: np.sum(a * b, -1), family="linear algebra", numpy=(np.vecdot,),
    cases=(_pair((2, 3), (3,)),),
)  # fmt: skip
document(
    vecdot, "Return the dot products of vectors along a dimension; the others broadcast.",
    {"b": "array-like\n    Integer or floating.", "axis": "int\n    The dimension of the vectors, from the end."},
    "Without that dimension, of the promoted dtype.", "[[1.0, 2.0]], [3.0, 4.0]",
    "Tensor([11.], shape=(1,), dtype=float32)",
    first=("a", "array-like\n    Integer or floating."),
)  # fmt: skip


def outer(a: ArrayLike, b: ArrayLike) -> Tensor:
    a, b = pair("outer", a, b)
    return multiply(reshape(a, (-1, 1)), reshape(b, (1, -1)))


composed("outer", outer, reference=np.outer, family="linear algebra", numpy=(np.outer,), cases=(_pair((3,), (2,)),))
document(
    outer, "Multiply every element of one vector by every element of the other.", {"b": "array-like\n    Flattened."},
    "Of shape (a.size, b.size) and the promoted dtype.", "[1.0, 2.0], [3.0]",
    "Tensor([[3.],\n        [6.]], shape=(2, 1), dtype=float32)", first=("a", "array-like\n    Flattened."),
    source="NumPy reference, numpy.outer.",
)  # fmt: skip


def norm(
    x: ArrayLike, ord: float | Literal["fro", "inf"] | None = 2, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    x, keepdims = asarray(x), as_flag("norm: keepdims", keepdims)
    if not (ord is None or isinstance(ord, str)):
        ord = as_float("norm: ord", ord)
    if ord in (2, None, "fro"):
        return length(x if is_float(x.dtype) else x.astype(DEFAULT_FLOAT), axis, keepdims)
    if ord == 1:
        return sum(abs(x), axis=axis, keepdims=keepdims)
    if ord in (math.inf, "inf"):
        return max(abs(x), axis=axis, keepdims=keepdims)
    raise ArgumentError(f"norm: ord must be 1, 2 or inf, got {ord!r}")


composed(
    "norm", norm, family="linear algebra", reference=lambda x, ord, axis: np.linalg.vector_norm(x, ord=ord, axis=axis),
    cases=tuple(
        Case((REAL,), shapes=((3, 4),), params={"ord": o, "axis": a}, smooth=(Domain(0.3, 3.0, distinct=True),))
        for o, a in ((2, None), (1, 0), (math.inf, 1))
    ),
)  # fmt: skip
document(
    norm, "Return the norm of vectors.",
    {
        "ord": "{1, 2, inf}\n    Sum of absolute values, Euclidean, or largest absolute value.",
        "axis": "int, tuple of int, or None\n    What makes up one vector; None for everything.",
        "keepdims": "bool\n    Keep reduced dimensions with size 1.",
    },
    "Without the dimensions of the vectors.", "[3.0, 4.0]", "Tensor(5., shape=(), dtype=float32)",
    raises={"ArgumentError": "When `ord` is none of these.", "ShapeError": "When an axis is out of range."},
    source="NumPy reference, numpy.linalg.vector_norm.",
)  # fmt: skip
