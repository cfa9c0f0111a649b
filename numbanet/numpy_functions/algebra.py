"""NumPy's linear algebra, with its parameters and defaults, as far as it is sums of products."""

import functools
import math

import numpy as np

from numbanet.core.checks import as_integer
from numbanet.core.dtypes import is_float
from numbanet.core.shapes import normalize_axes, normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.numpy_functions.picking import diagonal
from numbanet.numpy_functions.shapes import ravel
from numbanet.ops import arranging, creation, einsum, linalg, reduce, shaping
from numbanet.ops.elementwise import abs as absolute
from numbanet.ops.elementwise import astype, divide, multiply, not_equal, sqrt, square
from numbanet.tensor.tensor import as_tensors, asarray


@adapts("dot")
def dot(a, b, out=None):
    """The dot product at every rank."""
    no("dot", out=out)
    return linalg.dot(a, b)


@adapts("vdot")
def vdot(a, b, /):
    """The dot product of the flattened arrays."""
    return linalg.dot(ravel(a), ravel(b))


@adapts("inner")
def inner(a, b, /):
    """Sums of products over the last dimensions of both."""
    a, b = asarray(a), asarray(b)
    return linalg.tensordot(a, b, ([-1], [-1])) if a.ndim and b.ndim else multiply(a, b)


@adapts("outer")
def outer(a, b, out=None):
    """Every element of one times every element of the other."""
    no("outer", out=out)
    return linalg.outer(a, b)


@adapts("linalg.outer")
def vector_outer(x1, x2, /):
    """`np.outer` of two vectors."""
    x1, x2 = asarray(x1), asarray(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(f"np.linalg.outer: needs vectors, got shapes {x1.shape} and {x2.shape}")
    return linalg.outer(x1, x2)


@adapts("tensordot")
def tensordot(a, b, axes=2):
    """Sums of products over chosen dimensions."""
    return linalg.tensordot(a, b, axes)


@adapts("linalg.tensordot")
def tensordot_by_name(x1, x2, /, *, axes=2):
    """Sums of products over chosen dimensions."""
    return linalg.tensordot(x1, x2, axes)


adapts("linalg.matmul")(linalg.matmul)


@adapts("linalg.vecdot")
def vecdot(x1, x2, /, *, axis=-1):
    """Dot products of vectors along a dimension."""
    return linalg.vecdot(x1, x2, axis)


adapts("vecdot")(vecdot)


@adapts("matvec")
def matvec(x1, x2, /):
    """Matrices times vectors; the other dimensions broadcast."""
    return linalg.matmul(x1, shaping.expand_dims(x2, -1))[..., 0]


@adapts("vecmat")
def vecmat(x1, x2, /):
    """Vectors times matrices; the other dimensions broadcast."""
    return linalg.matmul(shaping.expand_dims(x1, -2), x2)[..., 0, :]


@adapts("einsum")
def einsum_of(*operands, out=None, optimize=False, dtype=None, order="K", casting="safe"):
    """Sums of products by letters."""
    no("einsum", out=out, dtype=dtype)
    return einsum.einsum(*operands, optimize=optimize)


@adapts("kron")
def kron(a, b):
    """Every element of one times the whole of the other, as blocks."""
    a, b = asarray(a), asarray(b)
    ndim = max(a.ndim, b.ndim)
    first, second = (1,) * (ndim - a.ndim) + a.shape, (1,) * (ndim - b.ndim) + b.shape
    left = shaping.reshape(a, tuple(n for size in first for n in (size, 1)))
    right = shaping.reshape(b, tuple(n for size in second for n in (1, size)))
    return shaping.reshape(left * right, tuple(n * m for n, m in zip(first, second, strict=True)))


@adapts("cross")
def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """Vectors at right angles to two others, in three dimensions."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = (arranging.moveaxis(x, at, -1) for x, at in ((a, axisa), (b, axisb)))
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ShapeError(f"np.cross: vectors must have 3 elements, got {a.shape[-1]} and {b.shape[-1]}")
    after, last = [1, 2, 0], [2, 0, 1]
    found = a[..., after] * b[..., last] - a[..., last] * b[..., after]
    return arranging.moveaxis(found, -1, axisc)


@adapts("linalg.cross")
def cross_by_name(x1, x2, /, *, axis=-1):
    """Vectors at right angles to two others."""
    return cross(x1, x2, axis=axis)


@adapts("trace")
def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum along the diagonal of two dimensions."""
    no("trace", out=out)
    return reduce.sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@adapts("linalg.trace")
def matrix_trace(x, /, *, offset=0, dtype=None):
    """The sums along the diagonals of matrices."""
    return trace(x, offset, -2, -1, dtype)


@adapts("linalg.multi_dot")
def multi_dot(arrays, *, out=None):
    """The product of several matrices."""
    no("linalg.multi_dot", out=out)
    return functools.reduce(linalg.dot, arrays)


@adapts("linalg.matrix_power")
def matrix_power(a, n):
    """The product of a matrix with itself, by repeated squaring."""
    a, count = asarray(a), as_integer("np.linalg.matrix_power: n", n)
    if count < 0:
        raise ArgumentError(f"np.linalg.matrix_power: n must not be negative for tensors, got {count}")
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"np.linalg.matrix_power: needs square matrices, got shape {a.shape}")
    found = shaping.broadcast_to(creation.eye(a.shape[-1], dtype=a.dtype, device=a.device), a.shape)
    while count:
        found = linalg.matmul(found, a) if count % 2 else found
        a, count = (linalg.matmul(a, a) if count > 1 else a), count // 2
    return found


def _floating(x):
    x = asarray(x)
    return x if is_float(x.dtype) else x.astype(np.float32)


def _length(x, order, axis, keepdims):
    """The norm of vectors of any order."""
    if order is None or order == 2:
        return sqrt(reduce.sum(square(x), axis=axis, keepdims=keepdims))
    if order == math.inf:
        return reduce.max(absolute(x), axis=axis, keepdims=keepdims)
    if order == -math.inf:
        return reduce.min(absolute(x), axis=axis, keepdims=keepdims)
    if order == 0:
        return astype(reduce.sum(not_equal(x, 0), axis=axis, keepdims=keepdims), x.dtype)
    if isinstance(order, str):
        raise ArgumentError(f"np.linalg.norm: {order!r} is a norm of matrices, of two axes")
    return reduce.sum(absolute(x) ** float(order), axis=axis, keepdims=keepdims) ** (1.0 / order)


def _matrix_norm(x, order, axes, keepdims):
    """The norm of matrices: Frobenius', or the largest or smallest sum of a row or column."""
    if order in (None, "fro"):
        return _length(x, 2, axes, keepdims)
    if order not in (1, -1, math.inf, -math.inf):
        raise ArgumentError(
            f"np.linalg.norm: ord must be None, 'fro', 1, -1, inf or -inf for matrices of tensors, got {order!r}"
        )
    rows, columns = (normalize_axis("norm", axis, x.ndim) for axis in axes)
    summed, left = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = reduce.sum(absolute(x), axis=summed, keepdims=True)
    found = (reduce.max if order > 0 else reduce.min)(sums, axis=left, keepdims=True)
    return found if keepdims else shaping.squeeze(found, (rows, columns))


@adapts("linalg.norm")
def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of vectors or matrices."""
    x = _floating(x)
    if axis is None and ord is None:
        found = _length(ravel(x), 2, None, False)
        return shaping.reshape(found, (1,) * x.ndim) if keepdims else found
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if len(axes) == 1:
        return _length(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ShapeError(f"np.linalg.norm: needs one axis for vectors or two for matrices, got {axes} of shape {x.shape}")


@adapts("linalg.vector_norm")
def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """The norm of vectors, along any axes."""
    x = _floating(x)
    return _length(x, ord, normalize_axes("vector_norm", axis, x.ndim), keepdims)


@adapts("linalg.matrix_norm")
def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """The norm of the matrices in the last two dimensions."""
    return _matrix_norm(_floating(x), ord, (-2, -1), keepdims)


@adapts("cov")
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """The covariances of variables, each a row."""
    no("cov", fweights=fweights, aweights=aweights)
    rows = [_widened(part, rowvar) for part in (m, y) if part is not None]
    x = _floating(shaping.concat(rows, 0) if len(rows) > 1 else rows[0])
    x = x if dtype is None else x.astype(dtype)
    lost = ddof if ddof is not None else int(not bias)
    centred = x - reduce.mean(x, axis=1, keepdims=True)
    found = linalg.matmul(centred, shaping.permute_dims(centred)) / float(x.shape[1] - lost)
    return shaping.squeeze(found)


def _widened(part, rowvar):
    x = asarray(part)
    if x.ndim > 2:
        raise ShapeError(f"np.cov: needs at most 2 dimensions, got shape {x.shape}")
    x = shaping.reshape(x, (1, -1)) if x.ndim < 2 else x
    return x if rowvar or x.shape[0] == 1 else shaping.permute_dims(x)


@adapts("corrcoef")
def corrcoef(x, y=None, rowvar=True, bias=None, ddof=None, *, dtype=None):
    """The correlations of variables, each a row."""
    found = cov(x, y, rowvar, dtype=dtype)
    if not found.ndim:
        return divide(found, found)
    size = sqrt(diagonal(found))
    return found / shaping.reshape(size, (-1, 1)) / size


@adapts("vander")
def vander(x, N=None, increasing=False):
    """Powers of numbers, side by side."""
    (x,) = as_tensors("vander", [x])
    count = x.size if N is None else as_integer("np.vander: N", N, low=0)
    powers = [x**k for k in range(count)] if count else []
    if not powers:
        return creation.zeros((x.size, 0), x.dtype, x.device)
    return shaping.stack(powers if increasing else powers[::-1], 1)


@adapts("polyval")
def polyval(p, x):
    """A polynomial at points, the coefficient of the highest power first."""
    coefficients, x = asarray(p), asarray(x)
    if coefficients.ndim != 1:
        raise ShapeError(f"np.polyval: coefficients must be a vector, got shape {coefficients.shape}")
    found = creation.zeros_like(x)
    for i in range(coefficients.size):
        found = found * x + coefficients[i]
    return found
