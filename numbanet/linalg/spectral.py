"""Eigenvalues of symmetric matrices, and singular values."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, overload

import numpy as np

from numbanet.core.checks import as_flag
from numbanet.errors import GradientError
from numbanet.linalg.lapack import lapack_op, matrix, pack, square, symmetric, tolerance, unpack
from numbanet.ops.creation import eye
from numbanet.ops.elementwise import divide, equal, logical_or, multiply, where
from numbanet.ops.linalg import matmul
from numbanet.ops.shaping import broadcast_to, expand_dims, matrix_transpose
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike


class EighResult(NamedTuple):
    """What `nn.linalg.eigh` gives."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """What `nn.linalg.svd` gives."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def _on_diagonal(values, like):
    """Matrices with these numbers on their diagonals."""
    diagonal = eye(like.shape[-1], dtype="bool", device=like.device)
    return where(diagonal, broadcast_to(expand_dims(values, -1), like.shape), 0.0)


def _over_gaps(name, what, moved, gaps, gradient):
    """`moved / gaps` outside the diagonal; GradientError where the gradient turns vectors of equal values."""
    close = equal(gaps, 0)
    diagonal = eye(gaps.shape[-1], dtype="bool", device=gaps.device)
    if np.any(close.numpy() & ~diagonal.numpy() & (gradient.numpy() != 0)):
        raise GradientError(
            f"{name}: {what} are equal, so that their vectors are any basis of a plane, and have no derivative"
        )
    return where(logical_or(close, diagonal), 0.0, divide(moved, where(close, 1.0, gaps)))


def _gaps(values):
    """From i and j to value j minus value i."""
    return expand_dims(values, -2) - expand_dims(values, -1)


def _eigh_shapes(x):
    n = x.shape[-1]
    return (n,), (n, n)


def _eigh_vjp(g, y, x):
    (w, v), (by_w, by_v) = unpack(y, *_eigh_shapes(x)), unpack(g, *_eigh_shapes(x))
    turned = matrix_transpose(v)
    moved = matmul(turned, by_v)
    inner = _on_diagonal(by_w, x) + _over_gaps("linalg.eigh", "eigenvalues", moved, _gaps(w), moved)
    return matmul(matmul(v, inner), turned)


_eigh = lapack_op("linalg.eigh", lambda x: pack(np.linalg.eigh(x), (1, 2)), vjp=(_eigh_vjp,))


def eigh(x: ArrayLike) -> EighResult:
    """Return the eigenvalues and eigenvectors of symmetric matrices.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Symmetric: half the sum of `x` and its transpose is what counts. Floating; integers become float32.

    Returns
    -------
    EighResult
        `eigenvalues`, (..., n), in ascending order, and `eigenvectors`, (..., n, n), each a column, of the dtype of
        `x`. The gradient is symmetric.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        When the iteration does not converge.
    GradientError
        When a gradient is asked for by eigenvectors of equal eigenvalues, which have no derivative.

    References
    ----------
    LAPACK, syevd; gradient: Giles, Collected matrix derivative results, 2008, section 3.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.eigh([[2.0, 0.0], [0.0, 1.0]]).eigenvalues
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    x = square("linalg.eigh", x)
    return EighResult(*unpack(apply(_eigh, symmetric(x)), *_eigh_shapes(x)))


def _eigvalsh_vjp(g, y, x):
    v = eigh(x).eigenvectors
    return matmul(multiply(v, expand_dims(g, -2)), matrix_transpose(v))


_eigvalsh = lapack_op("linalg.eigvalsh", np.linalg.eigvalsh, vjp=(_eigvalsh_vjp,))


def eigvalsh(x: ArrayLike) -> Tensor:
    """Return the eigenvalues of symmetric matrices.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Symmetric: half the sum of `x` and its transpose is what counts. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (..., n) and the dtype of `x`, in ascending order. Equal ones have a gradient, too: one of the
        subgradients.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        When the iteration does not converge.

    References
    ----------
    LAPACK, syevd; gradient: Giles, Collected matrix derivative results, 2008, section 3.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    return apply(_eigvalsh, symmetric(square("linalg.eigvalsh", x)))


def _svd_shapes(x, full):
    rows, columns = x.shape[-2:]
    inner = min(rows, columns)
    return (rows, rows if full else inner), (inner,), (columns if full else inner, columns)


def _svd_vjp(g, y, x, full):
    parts, gradients = unpack(y, *_svd_shapes(x, full)), unpack(g, *_svd_shapes(x, full))
    inner = min(x.shape[-2:])
    if full and (np.any(gradients[0].numpy()[..., inner:]) or np.any(gradients[2].numpy()[..., inner:, :])):
        raise GradientError(
            f"linalg.svd: of shape {x.shape}, the singular vectors from {inner} on are any basis of what is left, and "
            "have no derivative; use full_matrices=False, or the first ones"
        )
    return _thin_vjp(_thin(parts, inner), _thin(gradients, inner))


def _thin(parts, inner):
    """U, the singular values and V, as many columns of each as there are singular values."""
    u, s, vh = parts
    return u[..., :inner], s, matrix_transpose(vh[..., :inner, :])


def _thin_vjp(parts, gradients):
    """Townsend's formula: what turns the vectors among each other, and what turns them out of their space."""
    (u, s, v), (by_u, by_s, by_v) = parts, gradients
    row, column = expand_dims(s, -2), expand_dims(s, -1)
    gaps = _gaps(s) * (row + column)
    left, right = (matmul(matrix_transpose(a), b) for a, b in ((u, by_u), (v, by_v)))
    by_left = _over_gaps("linalg.svd", "singular values", left - matrix_transpose(left), gaps, left) * row
    by_right = _over_gaps("linalg.svd", "singular values", right - matrix_transpose(right), gaps, right) * column
    inner = by_left + by_right + _on_diagonal(_where_positive(s, by_s), gaps)
    found = matmul(matmul(u, inner), matrix_transpose(v))
    if u.shape[-2] > u.shape[-1]:
        out = _over_values(by_u - matmul(u, left), row)
        found = found + matmul(out, matrix_transpose(v))
    if v.shape[-2] > v.shape[-1]:
        out = _over_values(by_v - matmul(v, right), row)
        found = found + matmul(u, matrix_transpose(out))
    return found


def _over_values(moved, values):
    """`moved / values`; GradientError where the vectors of a singular value of zero are turned out of their space."""
    nothing = equal(values, 0)
    if np.any(nothing.numpy() & (moved.numpy() != 0)):
        raise GradientError("linalg.svd: singular vectors of singular values that are zero have no derivative")
    return where(nothing, 0.0, divide(moved, where(nothing, 1.0, values)))


_svd = lapack_op("linalg.svd", lambda x, full: pack(np.linalg.svd(x, full), (2, 1, 2)), vjp=(_svd_vjp,))


@overload
def svd(x: ArrayLike, full_matrices: bool = True, compute_uv: Literal[True] = True) -> SVDResult: ...
@overload
def svd(x: ArrayLike, full_matrices: bool = True, *, compute_uv: Literal[False]) -> Tensor: ...
def svd(x: ArrayLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return the singular value decomposition: U, S and Vh for which `(U * S[..., None, :]) @ Vh` is `x`.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Floating; integers become float32.
    full_matrices : bool
        Whether U and Vh are square, not of min(m, n) columns and rows.
    compute_uv : bool
        Whether to return the vectors; False gives the singular values alone, as `svdvals` does.

    Returns
    -------
    SVDResult, or Tensor
        `U`, (..., m, k), `S`, (..., min(m, n)), in descending order, and `Vh`, (..., k, n), of the dtype of `x`.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    LinAlgError
        When the iteration does not converge: a matrix has NaN or infinite elements.
    GradientError
        When a gradient is asked for by vectors without a derivative: those of equal singular values, and those that
        `full_matrices` adds.

    References
    ----------
    LAPACK, gesdd; gradient: Townsend, Differentiating the singular value decomposition, 2016.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.svd([[0.0, 2.0], [1.0, 0.0]]).S
    Tensor([2., 1.], shape=(2,), dtype=float32)
    """
    x = matrix("linalg.svd", x)
    full = as_flag("linalg.svd: full_matrices", full_matrices)
    if not as_flag("linalg.svd: compute_uv", compute_uv):
        return svdvals(x)
    return SVDResult(*unpack(apply(_svd, x, full=full), *_svd_shapes(x, full)))


def _where_positive(values, gradient):
    """The gradient of singular values; that of one that is zero, where it cannot fall, is zero."""
    return where(equal(values, 0), 0.0, gradient)


def _svdvals_vjp(g, y, x):
    u, _, vh = svd(x, full_matrices=False)
    return matmul(multiply(u, expand_dims(_where_positive(y, g), -2)), vh)


_svdvals = lapack_op("linalg.svdvals", lambda x: np.linalg.svd(x, compute_uv=False), vjp=(_svdvals_vjp,))


def svdvals(x: ArrayLike) -> Tensor:
    """Return the singular values of matrices.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (..., min(m, n)) and the dtype of `x`, in descending order. Equal ones, and those that are zero, have a
        gradient, too: one of the subgradients.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    LinAlgError
        When the iteration does not converge: a matrix has NaN or infinite elements.

    References
    ----------
    LAPACK, gesdd; gradient: Townsend, Differentiating the singular value decomposition, 2016.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.svdvals([[0.0, 2.0], [1.0, 0.0]])
    Tensor([2., 1.], shape=(2,), dtype=float32)
    """
    return apply(_svdvals, matrix("linalg.svdvals", x))


_matrix_rank = lapack_op("linalg.matrix_rank", lambda x, rtol: np.linalg.matrix_rank(x, rtol=rtol))


def matrix_rank(x: ArrayLike, rtol: ArrayLike | None = None) -> Tensor:
    """Return how many singular values of each matrix are not zero, up to rounding.

    Parameters
    ----------
    x : array-like, (..., m, n)
        Floating; integers become float32.
    rtol : float or array-like, optional
        Singular values up to `rtol` times the largest count as zero: max(m, n) epsilons of the dtype by default. An
        array has one for each matrix.

    Returns
    -------
    Tensor
        Of shape (...), int64; it has no gradient.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    LinAlgError
        When a matrix has NaN or infinite elements.

    References
    ----------
    Python array API standard 2024.12, linalg.matrix_rank.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]])
    Tensor(1, shape=(), dtype=int64)
    """
    x = matrix("linalg.matrix_rank", x)
    return apply(_matrix_rank, x, rtol=tolerance("linalg.matrix_rank: rtol", rtol, x))
