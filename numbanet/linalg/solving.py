"""Systems of linear equations, and inverses."""

from __future__ import annotations

import numpy as np

from numbanet.core.checks import as_flag, as_integer
from numbanet.core.shapes import broadcast_shapes
from numbanet.errors import GradientError, ShapeError
from numbanet.kernels.arrays import to_host
from numbanet.linalg.lapack import check_matrix, check_square, lapack_op, matrix, square, tolerance
from numbanet.ops.arranging import tril, triu
from numbanet.ops.by_numpy import floating
from numbanet.ops.creation import eye
from numbanet.ops.linalg import matmul
from numbanet.ops.shaping import broadcast_to, expand_dims, matrix_transpose, squeeze
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import ArrayLike, Integer, Real


def _by_matrix(g, y, a, b):
    return -matmul(solve(matrix_transpose(a), g), matrix_transpose(y))


_solve = lapack_op("linalg.solve", np.linalg.solve, vjp=(_by_matrix, lambda g, y, a, b: solve(matrix_transpose(a), g)))


def _right_sides(name, a, b):
    """`b` as matrices that fit the rows of `a`, and whether it was a vector."""
    sides = expand_dims(b, -1) if b.ndim == 1 else b
    if not b.ndim or sides.shape[-2] != a.shape[-2]:
        vectors = "; b[..., None] makes columns of vectors" if b.ndim > 1 and b.shape[-1] == a.shape[-2] else ""
        raise ShapeError(
            f"{name}: b of shape {b.shape} does not fit a of shape {a.shape}: it needs {a.shape[-2]} rows{vectors}"
        )
    broadcast_shapes(name, a.shape[:-2], sides.shape[:-2])
    return sides, b.ndim == 1


def solve(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Solve systems of linear equations: return the x for which `a @ x` is `b`.

    Parameters
    ----------
    a : array-like, (..., n, n)
        Coefficients. Floating; integers become float32.
    b : array-like, (n,) or (..., n, k)
        Right-hand sides: one vector, or the columns of matrices. The dimensions before the last two broadcast.

    Returns
    -------
    Tensor
        Of shape (..., n) for a vector, otherwise (..., n, k), of the promoted dtype.

    Raises
    ------
    ShapeError
        When `a` is not square, or `b` does not fit it.
    LinAlgError
        When a matrix is singular.

    References
    ----------
    LAPACK, gesv; gradient: Giles, Collected matrix derivative results for forward and reverse mode algorithmic
    differentiation, 2008, section 2.3.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 2.0])
    Tensor([0.5, 0.5], shape=(2,), dtype=float32)
    """
    a, b = floating("linalg.solve", a, b)
    check_square("linalg.solve", a)
    sides, vector = _right_sides("linalg.solve", a, b)
    found = apply(_solve, a, sides)
    return squeeze(found, -1) if vector else found


def solve_triangular(a: ArrayLike, b: ArrayLike, lower: bool = False) -> Tensor:
    """Solve systems of linear equations with triangular matrices.

    Parameters
    ----------
    a : array-like, (..., n, n)
        Coefficients. Floating; integers become float32. Only one triangle is read.
    b : array-like, (n,) or (..., n, k)
        Right-hand sides: one vector, or the columns of matrices.
    lower : bool
        Whether the lower triangle counts, not the upper one.

    Returns
    -------
    Tensor
        Of shape (..., n) for a vector, otherwise (..., n, k), of the promoted dtype.

    Raises
    ------
    ShapeError
        When `a` is not square, or `b` does not fit it.
    LinAlgError
        When a matrix has a zero on its diagonal.

    References
    ----------
    Keras 3, keras.ops.solve_triangular. The other triangle is set to zero, and the system solved as `solve` does.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.solve_triangular([[2.0, 9.0], [1.0, 4.0]], [1.0, 2.5], lower=True)
    Tensor([0.5, 0.5], shape=(2,), dtype=float32)
    """
    a, b = floating("linalg.solve_triangular", a, b)
    check_square("linalg.solve_triangular", a)
    return solve(tril(a) if as_flag("linalg.solve_triangular: lower", lower) else triu(a), b)


def _inv_vjp(g, y, x):
    turned = matrix_transpose(y)
    return -matmul(matmul(turned, g), turned)


_inv = lapack_op("linalg.inv", np.linalg.inv, vjp=(_inv_vjp,))


def inv(x: ArrayLike) -> Tensor:
    """Return the inverses of matrices; `solve` takes less time, and errs less, where they would be multiplied.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        When one of them is singular.

    References
    ----------
    LAPACK, gesv; gradient: Giles, Collected matrix derivative results, 2008, section 2.2.3.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.inv([[2.0, 0.0], [0.0, 4.0]])
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]], shape=(2, 2), dtype=float32)
    """
    return apply(_inv, square("linalg.inv", x))


def _inv_or_nan_forward(x):
    """Inverses, and NaN in place of those of singular matrices."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        if x.ndim == 2:
            return np.full_like(x, np.nan)
        return np.stack([_inv_or_nan_forward(one) for one in x])


inv_or_nan = lapack_op("linalg.inv", _inv_or_nan_forward, vjp=(_inv_vjp,))


def cholesky_inverse(x: ArrayLike, upper: bool = False) -> Tensor:
    """Return the inverses of positive definite matrices of which the Cholesky factors are given.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Factors, as `cholesky` returns them. Floating; integers become float32.
    upper : bool
        Whether they are upper triangular.

    Returns
    -------
    Tensor
        Inverses of `x @ x.mT`, or of `x.mT @ x` for upper ones, of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        When one of them is singular.

    References
    ----------
    Keras 3, keras.ops.cholesky_inverse.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.cholesky_inverse([[2.0, 0.0], [0.0, 1.0]])
    Tensor([[0.25, 0.  ],
            [0.  , 1.  ]], shape=(2, 2), dtype=float32)
    """
    x = square("linalg.cholesky_inverse", x)
    if as_flag("linalg.cholesky_inverse: upper", upper):
        x = matrix_transpose(x)
    inverse = solve_triangular(x, eye(x.shape[-1], dtype=x.dtype, device=x.device), lower=True)
    return matmul(matrix_transpose(inverse), inverse)


def _pinv_forward(x, rtol):
    return np.linalg.pinv(x, rtol=rtol)


def _pinv_vjp(g, y, x, rtol):
    """Golub and Pereyra's derivative, which holds as long as the rank stays what it is."""
    if rtol is not None:
        _check_cut(to_host(x._array), rtol)
    turned, back = matrix_transpose(y), matrix_transpose(g)
    found = -matmul(matmul(turned, g), turned)
    left = matmul(matmul(back, y), turned)
    right = matmul(matmul(turned, y), back)
    return found + left - matmul(x, matmul(y, left)) + right - matmul(matmul(right, y), x)


def _check_cut(x, rtol):
    """Raise GradientError where `rtol` takes for zero what is more than rounding: the rank is another one then."""
    values = np.linalg.svd(x, compute_uv=False)
    cut = np.asarray(rtol)[..., None]
    largest = np.max(values, axis=-1, keepdims=True, initial=0.0)
    rounding = max(x.shape[-2:]) * np.finfo(x.dtype).eps
    if np.any((values <= cut * largest) & (values > rounding * largest)):
        raise GradientError(
            f"linalg.pinv: there is no gradient where rtol={rtol} takes singular values for zero that are not; "
            "nn.linalg.svd has one, of which such an inverse can be made"
        )


_pinv = lapack_op("linalg.pinv", _pinv_forward, vjp=(_pinv_vjp,))


def pinv(x: ArrayLike, rtol: ArrayLike | None = None) -> Tensor:
    """Return the pseudo-inverses of Moore and Penrose.

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
        Of shape (..., n, m) and the dtype of `x`. The gradient is that among matrices of the same rank.

    Raises
    ------
    ShapeError
        When `x` has fewer than two dimensions.
    LinAlgError
        When a matrix has NaN or infinite elements.
    GradientError
        When a gradient is asked for where `rtol` takes singular values for zero that are more than rounding.

    References
    ----------
    Golub and Pereyra: The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
    separate, SIAM Journal on Numerical Analysis 10, 1973, equation 4.12.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.pinv([[2.0], [0.0]])
    Tensor([[0.5, 0. ]], shape=(1, 2), dtype=float32)
    """
    x = matrix("linalg.pinv", x)
    return apply(_pinv, x, rtol=tolerance("linalg.pinv: rtol", rtol, x))


def lstsq(a: ArrayLike, b: ArrayLike, rcond: Real | None = None) -> Tensor:
    """Return the shortest x for which `a @ x` is closest to `b`, in the sense of least squares.

    Parameters
    ----------
    a : array-like, (..., m, n)
        Coefficients. Floating; integers become float32.
    b : array-like, (m,) or (..., m, k)
        Right-hand sides: one vector, or the columns of matrices.
    rcond : float, optional
        Singular values up to `rcond` times the largest count as zero: max(m, n) epsilons of the dtype by default.

    Returns
    -------
    Tensor
        Of shape (..., n) for a vector, otherwise (..., n, k), of the promoted dtype. `np.linalg.lstsq` of tensors also
        gives the residuals, the rank and the singular values.

    Raises
    ------
    ShapeError
        When `b` does not fit `a`.
    LinAlgError
        When a matrix has NaN or infinite elements.

    References
    ----------
    Keras 3, keras.ops.lstsq. Computed as `pinv(a) @ b`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.lstsq([[2.0], [0.0]], [4.0, 1.0])
    Tensor([2.], shape=(1,), dtype=float32)
    """
    a, b = floating("linalg.lstsq", a, b)
    check_matrix("linalg.lstsq", a)
    sides, vector = _right_sides("linalg.lstsq", a, b)
    found = matmul(apply(_pinv, a, rtol=tolerance("linalg.lstsq: rcond", rcond, a)), sides)
    return squeeze(found, -1) if vector else found


def matrix_power(x: ArrayLike, n: Integer) -> Tensor:
    """Return the products of matrices with themselves, by repeated squaring; of their inverses for negative n.

    Parameters
    ----------
    x : array-like, (..., m, m)
        Integer or floating; integers become float32 for negative n.
    n : int
        The exponent.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    ArgumentError
        When n is not an integer.
    LinAlgError
        When n is negative, and a matrix is singular.

    References
    ----------
    Python array API standard 2024.12, linalg.matrix_power.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linalg.matrix_power([[1.0, 1.0], [0.0, 1.0]], 3)
    Tensor([[1., 3.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """
    x, count = asarray(x), as_integer("linalg.matrix_power: n", n)
    check_square("linalg.matrix_power", x)
    if count < 0:
        x, count = inv(x), -count
    found = None
    while count:
        if count % 2:
            found = x if found is None else matmul(found, x)
        count //= 2
        x = matmul(x, x) if count else x
    return broadcast_to(eye(x.shape[-1], dtype=x.dtype, device=x.device), x.shape) if found is None else found
