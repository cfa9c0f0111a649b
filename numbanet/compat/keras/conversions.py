"""The functions of `keras.ops` that tell and change what an array is: its kind, its dtype."""

from __future__ import annotations

import numpy as np

from numbanet.core.dtypes import as_dtype
from numbanet.ops.elementwise import clip
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import Array, ArrayLike, DType


def convert_to_numpy(x: ArrayLike) -> Array:
    """Return the values as a NumPy array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype, on any device.

    Returns
    -------
    numpy.ndarray
        Of the shape and dtype of `x`. It is read-only where it shares the memory of a tensor.

    Raises
    ------
    DTypeError
        For strings, objects and complex numbers.
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    Keras 3, keras.ops.convert_to_numpy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.convert_to_numpy([1.0])
    array([1.], dtype=float32)
    """
    return asarray(x).numpy()


def is_tensor(x: object) -> bool:
    """Return whether an object is a Tensor or a Variable.

    Parameters
    ----------
    x : object
        Anything.

    Returns
    -------
    bool
        False for NumPy arrays, numbers and lists, too.

    References
    ----------
    Keras 3, keras.ops.is_tensor.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.is_tensor(nn.ones(2))
    True
    """
    return isinstance(x, Operators)


def dtype(x: ArrayLike) -> str:
    """Return the name of the dtype of an array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    str
        "float32", for example.

    Raises
    ------
    DTypeError
        For strings, objects and complex numbers.
    ShapeError
        For nested lists of unequal lengths.

    References
    ----------
    Keras 3, keras.ops.dtype.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.dtype([1.0])
    'float32'
    """
    return str(asarray(x).dtype.name)


def saturate_cast(x: ArrayLike, dtype: DType) -> Tensor:
    """Convert to a dtype, with the nearest number that it holds in place of those beyond its range.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    dtype : dtype
        That of the result.

    Returns
    -------
    Tensor
        Of the shape of `x`. Floats beyond the range of an integer dtype become the largest or smallest integer that
        their own dtype holds exactly; infinities count as such floats.

    Raises
    ------
    DTypeError
        When a dtype is not supported, or NaN is converted to integers.

    References
    ----------
    Keras 3, keras.ops.saturate_cast.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.saturate_cast([-5, 300], "uint8")
    Tensor([  0, 255], shape=(2,), dtype=uint8)
    """
    x, wanted = asarray(x), as_dtype(dtype, "saturate_cast")
    if wanted.kind in "iu" and x.dtype.kind in "iu":
        own, limits = np.iinfo(x.dtype), np.iinfo(wanted)
        x = clip(x, max(int(limits.min), int(own.min)), min(int(limits.max), int(own.max)))
    elif wanted.kind in "iu" and x.dtype.kind == "f":
        limits, kind = np.iinfo(wanted), x.dtype.type
        high = kind(limits.max)  # which may be rounded up
        x = clip(x, float(limits.min), float(high if int(high) <= limits.max else np.nextafter(high, kind(0))))
    elif wanted.kind == "f" and x.dtype.kind == "f" and wanted.itemsize < x.dtype.itemsize:
        x = clip(x, float(np.finfo(wanted).min), float(np.finfo(wanted).max))
    return x.astype(wanted)
