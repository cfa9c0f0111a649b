"""Determinants, and their gradients at all matrices, singular ones among them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numbanet.linalg.lapack import lapack_op, square
from numbanet.linalg.solving import inv
from numbanet.linalg.spectral import svd
from numbanet.ops.creation import eye
from numbanet.ops.elementwise import multiply, where
from numbanet.ops.linalg import matmul
from numbanet.ops.products import others
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import broadcast_to, expand_dims, matrix_transpose
from numbanet.tensor.tensor import Tensor, apply, put
from numbanet.typing import ArrayLike


class SlogdetResult(NamedTuple):
    """What `nn.linalg.slogdet` gives."""

    sign: Tensor
    logabsdet: Tensor


def _over_matrices(g):
    return expand_dims(expand_dims(g, -1), -1)


def _sign_of_factors(u, vh):
    """The product of the determinants of orthogonal matrices, 1 or -1, with two more dimensions."""
    return (np.linalg.slogdet(u)[0] * np.linalg.slogdet(vh)[0])[..., None, None]


def _adjugate_forward(x):
    """Products of all singular values but one, between the singular vectors; no element is divided by another."""
    u, s, vh = np.linalg.svd(x)
    products = _all_but_one(s.astype(np.float64))[..., None]
    found = np.swapaxes(vh, -1, -2) @ (products * np.swapaxes(u, -1, -2))
    return (_sign_of_factors(u, vh) * found).astype(x.dtype)


def _all_but_one(s):
    """For each number the product of all others; their exponents are added, so that none overflows on the way."""
    mantissas, exponents = np.frexp(s)
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, mantissas], -1), -1)[..., :-1]
    behind = np.cumprod(np.concatenate([ones, mantissas[..., ::-1]], -1), -1)[..., -2::-1]
    return np.ldexp(before * behind, np.sum(exponents, -1, keepdims=True) - exponents)


def _adjugate_vjp(g, y, x):
    """With x = u s vh: to first order, the adjugate of s + e has -e[i, j] times all singular values but i and j outside
    the diagonal, and the sum of e[k, k] times all but i and k on it.
    """
    u, s, vh = svd(x)
    sign = put(_sign_of_factors(u.numpy(), vh.numpy()), x.device)
    inner = multiply(matmul(matmul(vh, g), u), sign)
    n = x.shape[-1]
    diagonal = eye(n, dtype="bool", device=x.device)
    rows = where(diagonal, 1.0, broadcast_to(expand_dims(s, -2), x.shape))
    pairs = where(diagonal, 0.0, others(rows))
    on_diagonal = sum(where(diagonal, inner, 0.0), axis=-1, keepdims=True)
    moved = where(diagonal, matmul(pairs, on_diagonal), -(inner * pairs))
    return matmul(matmul(u, moved), vh)


_adjugate = lapack_op("linalg.adjugate", _adjugate_forward, vjp=(_adjugate_vjp,))


def _det_vjp(g, y, x):
    """Jacobi's formula; the adjugate is there where the inverse is not."""
    return _over_matrices(g) * matrix_transpose(apply(_adjugate, x))


_det = lapack_op("linalg.det", np.linalg.det, vjp=(_det_vjp,))


def det(x: ArrayLike) -> Tensor:
    """Return the determinants of matrices.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `x`. The gradient is right at singular matrices, too.

    Raises
    ------
    ShapeError
        When the matrices are not square.

    References
    ----------
    LAPACK, getrf; gradient: Giles, Collected matrix derivative results, 2008, section 2.2.4, with the adjugate by
    Stewart: On the adjugate matrix, Linear Algebra and its Applications 283, 1998.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.det([[1.0, 2.0], [3.0, 4.0]])
    Tensor(-2., shape=(), dtype=float32)
    """
    return apply(_det, square("linalg.det", x))


_sign = lapack_op("linalg.slogdet", lambda x: np.linalg.slogdet(x)[0])
_logabsdet = lapack_op(
    "linalg.slogdet",
    lambda x: np.linalg.slogdet(x)[1],
    vjp=(lambda g, y, x: _over_matrices(g) * matrix_transpose(inv(x)),),
)


def slogdet(x: ArrayLike) -> SlogdetResult:
    """Return the signs and the logarithms of the sizes of determinants: those neither overflow nor vanish.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Floating; integers become float32.

    Returns
    -------
    SlogdetResult
        `sign` and `logabsdet`, each of shape (...) and the dtype of `x`; 0 and minus infinity for singular matrices.
        Gradients flow through `logabsdet`.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        In the gradient, when a matrix is singular.

    References
    ----------
    LAPACK, getrf; gradient: Giles, Collected matrix derivative results, 2008, section 2.2.5.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.slogdet([[2.0, 0.0], [0.0, -0.5]])
    SlogdetResult(sign=Tensor(-1., shape=(), dtype=float32), logabsdet=Tensor(0., shape=(), dtype=float32))
    """
    x = square("linalg.slogdet", x)
    return SlogdetResult(apply(_sign, x), apply(_logabsdet, x))
