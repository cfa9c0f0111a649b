"""NumPy's functions of `np.linalg`, with its parameters and defaults."""

import math
from typing import Any

import numpy as np

from numbanet.core.dtypes import promote_to_float
from numbanet.core.shapes import integers_of
from numbanet.errors import ArgumentError, ShapeError
from numbanet.numpy_functions.adapters import Late, adapts, no
from numbanet.ops import arranging, creation, indexing, reduce, shaping, sorting
from numbanet.ops.elementwise import abs as absolute
from numbanet.ops.elementwise import sign, square
from numbanet.ops.linalg import matmul
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import asarray

linalg: Any = Late("numbanet.linalg")


@adapts("linalg.inv")
def inv(a):
    """The inverses of matrices."""
    return linalg.inv(a)


@adapts("linalg.solve")
def solve(a, b):
    """The solutions of systems of linear equations."""
    return linalg.solve(a, b)


@adapts("linalg.det")
def det(a):
    """Determinants."""
    return linalg.det(a)


@adapts("linalg.slogdet")
def slogdet(a):
    """Signs and logarithms of determinants."""
    return linalg.slogdet(a)


def _of_triangle(name, a, upper):
    """The symmetric matrices that one triangle says: what NumPy reads of them."""
    x = asarray(a)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"np.linalg.{name}: needs square matrices in the last two dimensions, got shape {x.shape}")
    half, rest = (arranging.triu, arranging.triu(x, k=1)) if upper else (arranging.tril, arranging.tril(x, k=-1))
    return half(x) + shaping.matrix_transpose(rest)


def _is_upper(name, triangle):
    if str(triangle).upper() not in ("L", "U"):
        raise ArgumentError(f"np.linalg.{name}: UPLO must be 'L' or 'U', got {triangle!r}")
    return str(triangle).upper() == "U"


@adapts("linalg.cholesky")
def cholesky(a, /, *, upper=False):
    """Triangular factors of positive definite matrices."""
    return linalg.cholesky(_of_triangle("cholesky", a, upper), upper)


@adapts("linalg.eigh")
def eigh(a, UPLO="L"):
    """Eigenvalues and eigenvectors of symmetric matrices."""
    return linalg.eigh(_of_triangle("eigh", a, _is_upper("eigh", UPLO)))


@adapts("linalg.eigvalsh")
def eigvalsh(a, UPLO="L"):
    """Eigenvalues of symmetric matrices."""
    return linalg.eigvalsh(_of_triangle("eigvalsh", a, _is_upper("eigvalsh", UPLO)))


@adapts("linalg.svd")
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    """Singular values and vectors."""
    if not hermitian:
        return linalg.svd(a, full_matrices, compute_uv)
    values, vectors = linalg.eigh(_of_triangle("svd", a, False))
    order = sorting.argsort(absolute(values), descending=True)
    values = indexing.take_along_axis(values, order)
    if not compute_uv:
        return absolute(values)
    u = indexing.take_along_axis(vectors, shaping.broadcast_to(shaping.expand_dims(order, -2), vectors.shape))
    signed = u * shaping.expand_dims(sign(values), -2)
    return linalg.SVDResult(u, absolute(values), shaping.matrix_transpose(signed))


@adapts("linalg.svdvals")
def svdvals(x, /):
    """Singular values."""
    return linalg.svdvals(x)


@adapts("linalg.qr")
def qr(a, mode="reduced"):
    """Orthogonal and triangular factors."""
    if mode == "r":
        return linalg.qr(a).R
    return linalg.qr(a, mode)


def _cutoff(rcond, rtol, default):
    """NumPy's two names of one number."""
    if rcond is not None and rtol is not np._NoValue:
        raise ArgumentError("np.linalg.pinv: give rcond or rtol, not both")
    return rcond if rcond is not None else default if rtol is np._NoValue else rtol


@adapts("linalg.pinv")
def pinv(a, rcond=None, hermitian=False, *, rtol=np._NoValue):
    """Pseudo-inverses."""
    return linalg.pinv(_of_triangle("pinv", a, False) if hermitian else a, _cutoff(rcond, rtol, 1e-15))


@adapts("linalg.matrix_rank", gradient=False)
def matrix_rank(A, tol=None, hermitian=False, *, rtol=None):
    """How many singular values are not zero."""
    x = _of_triangle("matrix_rank", A, False) if hermitian else asarray(A)
    if x.ndim < 2:
        return reduce.any(x != 0).astype(np.int64)
    return (
        linalg.matrix_rank(x, rtol)
        if tol is None
        else reduce.sum(linalg.svdvals(x) > np.asarray(values_of(tol))[..., None], axis=-1)
    )


@adapts("linalg.lstsq")
def lstsq(a, b, rcond=None):
    """Solutions by least squares, the squares that are left, the rank and the singular values."""
    a, b = asarray(a), asarray(b)
    if a.ndim != 2 or b.ndim not in (1, 2):
        raise ShapeError(f"np.linalg.lstsq: needs a matrix, and a vector or matrix, got shapes {a.shape} and {b.shape}")
    rtol = rcond if rcond is None or rcond >= 0 else float(np.finfo(promote_to_float("lstsq", a.dtype, b.dtype)).eps)
    found, rank = linalg.lstsq(a, b, rtol), linalg.matrix_rank(a, rtol)
    left = creation.zeros((0,), found.dtype, found.device)
    if rank.item() == a.shape[1] < a.shape[0]:
        left = reduce.sum(square(b - linalg.matmul(a, found)), axis=0, keepdims=b.ndim == 1)
    return found, left, rank, linalg.svdvals(a)


@adapts("linalg.cond")
def cond(x, p=None):
    """Condition numbers."""
    return linalg.cond(x, p)


@adapts("linalg.tensorsolve")
def tensorsolve(a, b, axes=None):
    """The solutions of systems whose unknowns have several dimensions."""
    a, b = asarray(a), asarray(b)
    if axes is not None:
        moved = integers_of("np.linalg.tensorsolve: axes", axes)
        a = arranging.moveaxis(a, moved, tuple(range(a.ndim - len(moved), a.ndim)))
    shape = a.shape[b.ndim :]
    if math.prod(shape) != b.size:
        raise ShapeError(f"np.linalg.tensorsolve: a of shape {a.shape} does not fit b of shape {b.shape}")
    found = linalg.solve(shaping.reshape(a, (b.size, b.size)), shaping.reshape(b, (-1,)))
    return shaping.reshape(found, shape)


@adapts("linalg.tensorinv")
def tensorinv(a, ind=2):
    """The inverses of what takes arrays of several dimensions to others."""
    a = asarray(a)
    first, second = a.shape[:ind], a.shape[ind:]
    if not ind > 0 or math.prod(first) != math.prod(second):
        raise ShapeError(f"np.linalg.tensorinv: shape {a.shape} is not that of a square matrix, divided at {ind}")
    size = math.prod(first)
    return shaping.reshape(linalg.inv(shaping.reshape(a, (size, size))), (*second, *first))


@adapts("linalg.outer")
def outer(x1, x2, /):
    """Every element of one vector times every element of another."""
    return linalg.outer(x1, x2)


adapts("linalg.matmul")(matmul)


@adapts("linalg.tensordot")
def tensordot(x1, x2, /, *, axes=2):
    """Sums of products over chosen dimensions."""
    return linalg.tensordot(x1, x2, axes)


@adapts("linalg.vecdot")
def vecdot(x1, x2, /, *, axis=-1):
    """Dot products of vectors along a dimension."""
    return linalg.vecdot(x1, x2, axis)


@adapts("linalg.cross")
def cross(x1, x2, /, *, axis=-1):
    """Vectors at right angles to two others."""
    return linalg.cross(x1, x2, axis)


@adapts("linalg.diagonal")
def diagonal(x, /, *, offset=0):
    """The diagonals of matrices."""
    return linalg.diagonal(x, offset)


@adapts("linalg.trace")
def trace(x, /, *, offset=0, dtype=None):
    """The sums along the diagonals of matrices."""
    return linalg.trace(x, offset, dtype)


@adapts("linalg.multi_dot")
def multi_dot(arrays, *, out=None):
    """The product of several matrices."""
    no("linalg.multi_dot", out=out)
    return linalg.multi_dot(arrays)


@adapts("linalg.matrix_power")
def matrix_power(a, n):
    """The products of matrices with themselves."""
    return linalg.matrix_power(a, n)


@adapts("linalg.norm")
def norm(x, ord=None, axis=None, keepdims=False):
    """The norms of vectors or matrices."""
    return linalg.norm(x, ord, axis, keepdims)


@adapts("linalg.vector_norm")
def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """The norms of vectors, along any axes."""
    return linalg.vector_norm(x, axis, keepdims, ord)


@adapts("linalg.matrix_norm")
def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """The norms of the matrices in the last two dimensions."""
    return linalg.matrix_norm(x, keepdims, ord)
