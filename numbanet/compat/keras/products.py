"""The functions of `keras.ops` that add up products, and the logarithm of determinants."""

from __future__ import annotations

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.linalg import slogdet
from numbanet.tensor.tensor import Tensor, as_tensors
from numbanet.typing import ArrayLike, Integer


def cross(
    x1: ArrayLike,
    x2: ArrayLike,
    axisa: Integer = -1,
    axisb: Integer = -1,
    axisc: Integer = -1,
    axis: Integer | None = None,
) -> Tensor:
    """Compute the cross product of vectors with three elements.

    Parameters
    ----------
    x1, x2 : array-like
        With 3 elements along one dimension; the others broadcast. Integer or floating.
    axisa, axisb, axisc : int
        The dimension of the vectors in `x1`, in `x2` and in the result.
    axis : int, optional
        The dimension of all three, in place of `axisa`, `axisb` and `axisc`.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the vectors do not have 3 elements, the other dimensions do not broadcast, or an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.cross. NumPy, numpy.cross.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.cross([1, 0, 0], [0, 1, 0])
    Tensor([0, 0, 1], shape=(3,), dtype=int64)
    """
    return call(np.cross, *as_tensors("cross", (x1, x2)), axisa, axisb, axisc, axis)


def inner(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the sums of products over the last dimensions of two arrays.

    Parameters
    ----------
    x1 : array-like, (..., n)
        Integer or floating; a single number is multiplied by all of `x2`.
    x2 : array-like, (..., n)
        Likewise. The other dimensions may differ.

    Returns
    -------
    Tensor
        Of shape `x1.shape[:-1] + x2.shape[:-1]` and the promoted dtype. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the last sizes differ.

    References
    ----------
    Keras 3, keras.ops.inner. NumPy, numpy.inner.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.inner([1, 2], [3, 4])
    Tensor(11, shape=(), dtype=int64)
    """
    return call(np.inner, *as_tensors("inner", (x1, x2)))


def kron(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the Kronecker product, blocks of `x2` scaled by each element of `x1`.

    Parameters
    ----------
    x1, x2 : array-like
        Any shapes; that with fewer dimensions counts as having sizes of 1 in front. Integer or floating.

    Returns
    -------
    Tensor
        Each size is the product of the two sizes; of the promoted dtype. Gradients flow to both.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Golub and Van Loan: Matrix computations, section 1.3.6. Keras 3, keras.ops.kron.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.kron([1, 2], [1, 10])
    Tensor([ 1, 10,  2, 20], shape=(4,), dtype=int64)
    """
    return call(np.kron, *as_tensors("kron", (x1, x2)))


def vdot(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Compute the dot product of two flattened arrays.

    Parameters
    ----------
    x1, x2 : array-like
        Of as many elements, in any shapes. Integer or floating.

    Returns
    -------
    Tensor
        A single number of the promoted dtype. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the numbers of elements differ.

    References
    ----------
    Keras 3, keras.ops.vdot. NumPy, numpy.vdot.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.vdot([1, 2], [3, 4])
    Tensor(11, shape=(), dtype=int64)
    """
    return call(np.vdot, *as_tensors("vdot", (x1, x2)))


def logdet(x: ArrayLike) -> Tensor:
    """Compute the logarithms of the absolute determinants of matrices.

    Parameters
    ----------
    x : array-like, (..., n, n)
        Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the floating dtype; minus infinity for singular matrices. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the matrices are not square.
    LinAlgError
        In the gradient, when a matrix is singular.

    References
    ----------
    LAPACK, getrf. Keras 3, keras.ops.logdet.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.logdet([[1.0, 0.0], [0.0, -1.0]])
    Tensor(0., shape=(), dtype=float32)
    """
    return slogdet(x).logabsdet
