"""Triangular and orthogonal factors: Cholesky and QR."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from numbanet.core.checks import as_choice, as_flag
from numbanet.errors import GradientError
from numbanet.linalg.lapack import lapack_op, matrix, pack, square, symmetric, unpack
from numbanet.linalg.solving import solve
from numbanet.ops.arranging import tril
from numbanet.ops.creation import eye
from numbanet.ops.linalg import matmul
from numbanet.ops.shaping import concat, matrix_transpose
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike


class QRResult(NamedTuple):
    """What `nn.linalg.qr` gives."""

    Q: Tensor
    R: Tensor


def _halved_diagonal(x):
    """The lower triangle, with half the diagonal."""
    return tril(x) * (1.0 - 0.5 * eye(x.shape[-1], dtype=x.dtype, device=x.device))


def _cholesky_vjp(g, y, x):
    turned = matrix_transpose(y)
    left = solve(turned, _halved_diagonal(matmul(turned, tril(g))))
    return matrix_transpose(solve(turned, matrix_transpose(left)))


_cholesky = lapack_op("linalg.cholesky", np.linalg.cholesky, vjp=(_cholesky_vjp,))


def cholesky(x: ArrayLike, upper: bool = False) -> Tensor:
    """Return the Cholesky factors of positive definite matrices: the lower triangular L for which `L @ L.mT` is `x`.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Symmetric: half the sum of `x` and its transpose is what counts. Floating; integers become float32.
    upper : bool
        Whether to return `L.mT` instead.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. The gradient is symmetric.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        When one of them is not positive definite.

    References
    ----------
    LAPACK, potrf; gradient: Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, 2016, equation 10.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.cholesky([[4.0, 2.0], [2.0, 2.0]])
    Tensor([[2., 0.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    x = square("linalg.cholesky", x)
    found = apply(_cholesky, symmetric(x))
    return matrix_transpose(found) if as_flag("linalg.cholesky: upper", upper) else found


def _shapes(x, complete):
    rows, columns = x.shape[-2:]
    inner = rows if complete else min(rows, columns)
    return (rows, inner), (inner, columns)


def _qr_forward(x, complete):
    return pack(np.linalg.qr(x, "complete" if complete else "reduced"), (2, 2))


def _qr_vjp(g, y, x, complete):
    (q, r), (by_q, by_r) = unpack(y, *_shapes(x, complete)), unpack(g, *_shapes(x, complete))
    rows, columns = x.shape[-2:]
    if complete and rows > columns:
        if np.any(by_q.numpy()[..., columns:]):
            raise GradientError(
                f"linalg.qr: of shape {x.shape}, the columns of Q from {columns} on are any basis of what is left, and "
                "have no derivative; use mode='reduced', or the first columns"
            )
        q, by_q, r, by_r = q[..., :columns], by_q[..., :columns], r[..., :columns, :], by_r[..., :columns, :]
    if rows >= columns:
        return _tall_vjp(q, r, by_q, by_r)
    left, rest, by_rest = x[..., rows:], r[..., :rows], by_r[..., rows:]
    by_q = by_q + matmul(left, matrix_transpose(by_rest))
    return concat([_tall_vjp(q, rest, by_q, by_r[..., :rows]), matmul(q, by_rest)], -1)


def _tall_vjp(q, r, by_q, by_r):
    """The gradient for at least as many rows as columns: (by_q + q copyltu(m)) r^-T, m = r by_r^T - by_q^T q.

    copyltu puts the lower triangle in place of the upper one.
    """
    m = matmul(r, matrix_transpose(by_r)) - matmul(matrix_transpose(by_q), q)
    half = _halved_diagonal(m)
    total = by_q + matmul(q, half + matrix_transpose(half))
    return matrix_transpose(solve(r, matrix_transpose(total)))


_qr = lapack_op("linalg.qr", _qr_forward, vjp=(_qr_vjp,))


def qr(x: ArrayLike, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """Return matrices Q with orthonormal columns and upper triangular R for which `Q @ R` is `x`.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Floating; integers become float32.
    mode : {"reduced", "complete"}
        Whether Q has min(m, n) columns, or m.

    Returns
    -------
    QRResult
        `Q`, (..., m, k), and `R`, (..., k, n), of the dtype of `x`. Gradients are those where the first k columns are
        independent.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    ArgumentError
        When there is no such mode.
    GradientError
        When a gradient is asked for by columns of Q that any others could stand for: those behind the n-th.
    LinAlgError
        In the gradient, when the columns are not independent.

    References
    ----------
    LAPACK, geqrf; gradient: Walter, Lehmann and Lamour, On evaluating higher-order derivatives of the QR decomposition
    of tall matrices with full column rank, Optimization Methods and Software 27, 2012; wide ones: Roberts and Roberts,
    QR and LQ decomposition matrix backpropagation algorithms, arXiv:2009.10071, 2020.

    Examples
    --------
    >>> import numbanet as nn
    >>> q, r = nn.linalg.qr([[0.0, 2.0], [-1.0, 3.0]])
    >>> nn.round(q @ r)
    Tensor([[ 0.,  2.],
            [-1.,  3.]], shape=(2, 2), dtype=float32)
    """
    x = matrix("linalg.qr", x)
    complete = as_choice("linalg.qr: mode", mode, ("reduced", "complete")) == "complete"
    return QRResult(*unpack(apply(_qr, x, complete=complete), *_shapes(x, complete)))
