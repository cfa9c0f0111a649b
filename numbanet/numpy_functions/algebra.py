"""NumPy's sums of products outside of `np.linalg`, with its parameters and defaults."""

import numpy as np

from numbanet.core.dtypes import is_float
from numbanet.core.shapes import as_size
from numbanet.errors import ShapeError
from numbanet.numpy_functions.adapters import Late, adapts, no
from numbanet.numpy_functions.picking import diagonal
from numbanet.numpy_functions.shapes import ravel
from numbanet.ops import arranging, creation, linalg, reduce, shaping
from numbanet.ops.einsum import einsum
from numbanet.ops.elementwise import divide, multiply, sqrt
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


@adapts("tensordot")
def tensordot(a, b, axes=2):
    """Sums of products over chosen dimensions."""
    return linalg.tensordot(a, b, axes)


@adapts("vecdot")
def vecdot(x1, x2, /, *, axis=-1):
    """Dot products of vectors along a dimension."""
    return linalg.vecdot(x1, x2, axis)


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
    return einsum(*operands, optimize=optimize)


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
    return arranging.moveaxis(Late("numbanet.linalg").cross(a, b), -1, axisc)


@adapts("trace")
def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum along the diagonal of two dimensions."""
    no("trace", out=out)
    return reduce.sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


def _floating(x):
    x = asarray(x)
    return x if is_float(x.dtype) else x.astype(np.float32)


@adapts("cov")
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """The covariances of variables, each a row."""
    no("cov", fweights=fweights, aweights=aweights)
    rows = [_widened(part, rowvar) for part in ((m,) if y is None else (m, y))]
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
    if x.ndim != 1:
        raise ShapeError(f"np.vander: needs a vector, got shape {x.shape}")
    count = x.size if N is None else as_size("np.vander: N", N)
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
