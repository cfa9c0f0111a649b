"""What shapes are, and views: dimensions swapped, elements in a row, diagonals."""

from __future__ import annotations

from numbanet.core.checks import as_integer
from numbanet.errors import DTypeError, ShapeError
from numbanet.numpy_functions import joining, picking, shapes
from numbanet.ops.shaping import reshape
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Integer, Items


def shape(x: ArrayLike) -> tuple[int, ...]:
    """Return the sizes of an array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    tuple of int
        Like `x.shape`. TensorFlow gives a tensor, which unpacks and is indexed the same way.

    Raises
    ------
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    NumPy, numpy.shape. Keras 3, keras.ops.shape.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.shape([[1.0, 2.0, 3.0]])
    (1, 3)
    """
    return asarray(x).shape


def ndim(x: ArrayLike) -> int:
    """Return the number of dimensions of an array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    int
        The number of dimensions, 0 for a single number.

    Raises
    ------
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    NumPy, numpy.ndim. TensorFlow, tf.rank.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ndim([[1.0, 2.0, 3.0]])
    2
    """
    return asarray(x).ndim


def size(x: ArrayLike) -> int:
    """Return the number of elements of an array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    int
        The number of elements, 1 for a single number.

    Raises
    ------
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    NumPy, numpy.size. TensorFlow, tf.size.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.size([[1.0, 2.0, 3.0]])
    3
    """
    return asarray(x).size


def ravel(x: ArrayLike) -> Tensor:
    """Return all elements in one dimension, row by row.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of one dimension and the dtype of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    NumPy, numpy.ravel. Keras 3, keras.ops.ravel.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ravel([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 2., 3., 4.], shape=(4,), dtype=float32)
    """
    return reshape(x, (-1,))


def swapaxes(x: ArrayLike, axis1: Integer, axis2: Integer) -> Tensor:
    """Swap two dimensions.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis1, axis2 : int
        Which two; negative ones count from the end.

    Returns
    -------
    Tensor
        A view of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When an axis is not an integer.

    References
    ----------
    NumPy, numpy.swapaxes. Keras 3, keras.ops.swapaxes.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.swapaxes(nn.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    return shapes.swapaxes(x, axis1, axis2)


def diagonal(x: ArrayLike, offset: Integer = 0, axis1: Integer = 0, axis2: Integer = 1) -> Tensor:
    """Return the diagonal of two dimensions, as the last dimension.

    Parameters
    ----------
    x : array-like
        Of at least two dimensions; any dtype.
    offset : int
        Which diagonal: 0 is the main one, those above it are positive.
    axis1, axis2 : int
        The rows and the columns. `nn.linalg.diagonal` takes the last two dimensions.

    Returns
    -------
    Tensor
        Of the dtype of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When there are fewer than two dimensions, or an axis is out of range.
    ArgumentError
        When `offset` or an axis is not an integer.

    References
    ----------
    NumPy, numpy.diagonal. Keras 3, keras.ops.diagonal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.diagonal([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 4.], shape=(2,), dtype=float32)
    """
    return picking.diagonal(_plane("diagonal", x), as_integer("diagonal: offset", offset), axis1, axis2)


def hstack(arrays: Items[ArrayLike]) -> Tensor:
    """Join arrays along their second dimension; those of one dimension end to end.

    Parameters
    ----------
    arrays : sequence of array-like
        Of the same shape but along that dimension. Dtypes promote.

    Returns
    -------
    Tensor
        Gradients flow through it.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When there are no arrays.

    References
    ----------
    NumPy, numpy.hstack. Keras 3, keras.ops.hstack.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.hstack([[1.0, 2.0], [3.0]])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    return joining.hstack(arrays)


def vstack(arrays: Items[ArrayLike]) -> Tensor:
    """Join arrays along their first dimension; those of one dimension become rows.

    Parameters
    ----------
    arrays : sequence of array-like
        Of the same shape but along that dimension. Dtypes promote.

    Returns
    -------
    Tensor
        Of at least two dimensions. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When there are no arrays.

    References
    ----------
    NumPy, numpy.vstack. Keras 3, keras.ops.vstack.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.vstack([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 2)
    """
    return joining.vstack(arrays)


def boolean_mask(x: ArrayLike, mask: ArrayLike) -> Tensor:
    """Return the elements where a mask is true, `x[mask]`.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    mask : bool array-like
        Of the shape of the first dimensions of `x`.

    Returns
    -------
    Tensor
        Of one dimension, in place of those of the mask, and the other dimensions. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the mask does not fit.
    DTypeError
        When the mask is not of booleans.

    References
    ----------
    TensorFlow, tf.boolean_mask.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.boolean_mask([1.0, 2.0, 3.0], [True, False, True])
    Tensor([1., 3.], shape=(2,), dtype=float32)
    """
    x, mask = asarray(x), asarray(mask)
    if mask.dtype.kind != "b":
        raise DTypeError(f"boolean_mask: the mask must be bool, got {mask.dtype}")
    if not mask.ndim or x.shape[: mask.ndim] != mask.shape:
        raise ShapeError(f"boolean_mask: a mask of shape {mask.shape} does not fit the first dimensions of {x.shape}")
    return x[mask]


def _plane(name: str, x: ArrayLike) -> Tensor:
    """`x`, of at least two dimensions."""
    x = asarray(x)
    if x.ndim < 2:
        raise ShapeError(f"{name}: needs at least 2 dimensions, got shape {x.shape}")
    return x
