"""Tensors from values, as NumPy's `array` and TensorFlow's `constant` make them."""

from __future__ import annotations

from numbanet.core.shapes import as_shape
from numbanet.errors import ShapeError
from numbanet.ops.shaping import broadcast_to, reshape
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Device, DType, Shape


def array(obj: ArrayLike, dtype: DType = None, device: Device = None) -> Tensor:
    """Return a Tensor with a copy of the values of `obj`.

    `nn.asarray` shares the memory of a NumPy array where it can. A tensor is returned as it is, since it never changes.

    Parameters
    ----------
    obj : Tensor, Variable, numpy.ndarray, number, or nested lists of these
        Any shape. Lists of Python floats become float32, lists of integers int64; arrays keep their dtype.
    dtype : dtype, optional
        Convert to this one.
    device : {None, "cpu", "cuda"}
        None leaves a tensor where it is, and puts everything else on the device of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape of `obj`, and of `dtype` if it is given.

    Raises
    ------
    DTypeError
        For strings, objects, complex numbers and half precision.
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    NumPy, numpy.array. Keras 3, keras.ops.array.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> values = np.ones(2)
    >>> t = nn.array(values)
    >>> values[0] = 5.0
    >>> t
    Tensor([1., 1.], shape=(2,), dtype=float64)
    """
    return asarray(obj, dtype, device, copy=None if isinstance(obj, Operators) else True)


def constant(value: ArrayLike, dtype: DType = None, shape: Shape | None = None) -> Tensor:
    """Return a Tensor with a copy of these values, in a shape if one is given.

    Parameters
    ----------
    value : array-like
        Any shape. As for `nn.array`.
    dtype : dtype, optional
        Convert to this one.
    shape : int or tuple of int, optional
        A single value fills it. Several values must be as many as it has elements.

    Returns
    -------
    Tensor
        Of shape `shape`, or that of `value`.

    Raises
    ------
    ShapeError
        When there are several values, but not as many as the shape has elements.
    ArgumentError
        When `shape` is not made of integers, or one is negative.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    TensorFlow, tf.constant.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.constant(7.0, shape=(2, 2))
    Tensor([[7., 7.],
            [7., 7.]], shape=(2, 2), dtype=float32)
    >>> nn.constant([1, 2, 3, 4], shape=(2, 2))
    Tensor([[1, 2],
            [3, 4]], shape=(2, 2), dtype=int64)
    """
    found = array(value, dtype)
    if shape is None:
        return found
    sizes, count = as_shape(shape, "constant: shape"), 1
    for size in sizes:
        count *= size
    if found.size == 1:
        return broadcast_to(reshape(found, ()), sizes)
    if found.size != count:
        raise ShapeError(f"constant: {found.size} values of shape {found.shape} do not fill the shape {sizes}")
    return reshape(found, sizes)
