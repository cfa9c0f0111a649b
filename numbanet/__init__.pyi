"""The public names, for type checkers and editors; `__init__.py` loads them when they are first used.

Written by `make generated`: what stands here is taken from the table of operations, whose functions have their
annotations and docstrings.
"""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex

from numpy.typing import DTypeLike

from numbanet import activations as activations
from numbanet import callbacks as callbacks
from numbanet import constraints as constraints
from numbanet import datasets as datasets
from numbanet import debug as debug
from numbanet import errors as errors
from numbanet import fft as fft
from numbanet import initializers as initializers
from numbanet import layers as layers
from numbanet import linalg as linalg
from numbanet import losses as losses
from numbanet import math as math
from numbanet import metrics as metrics
from numbanet import models as models
from numbanet import naive as naive
from numbanet import nn as nn
from numbanet import ops as ops
from numbanet import optimizers as optimizers
from numbanet import plotting as plotting
from numbanet import random as random
from numbanet import regularizers as regularizers
from numbanet import saving as saving
from numbanet import testing as testing
from numbanet import typing as typing
from numbanet import utils as utils
from numbanet.autodiff.custom_gradients import custom_gradient as custom_gradient
from numbanet.autodiff.derivatives import hessian as hessian
from numbanet.autodiff.derivatives import hvp as hvp
from numbanet.autodiff.derivatives import jacobian as jacobian
from numbanet.autodiff.gradients import grad as grad
from numbanet.autodiff.gradients import value_and_grad as value_and_grad
from numbanet.autodiff.tape import GradientTape as GradientTape
from numbanet.compat.creation import array as array
from numbanet.compat.creation import constant as constant
from numbanet.compat.reductions import bincount as bincount
from numbanet.compat.reductions import median as median
from numbanet.compat.reductions import trace as trace
from numbanet.compat.shapes import boolean_mask as boolean_mask
from numbanet.compat.shapes import diagonal as diagonal
from numbanet.compat.shapes import hstack as hstack
from numbanet.compat.shapes import ndim as ndim
from numbanet.compat.shapes import ravel as ravel
from numbanet.compat.shapes import shape as shape
from numbanet.compat.shapes import size as size
from numbanet.compat.shapes import swapaxes as swapaxes
from numbanet.compat.shapes import vstack as vstack
from numbanet.core.settings import config as config
from numbanet.graph.function import function as function
from numbanet.layers import Input as Input
from numbanet.layers import Layer as Layer
from numbanet.layers.dot_product_attention import dot_product_attention as dot_product_attention
from numbanet.ops.sets import UniqueAll, UniqueCounts, UniqueInverse
from numbanet.ops.sparse import SparseRows as SparseRows
from numbanet.tensor.array_api import __array_api_version__ as __array_api_version__
from numbanet.tensor.array_api import __array_namespace_info__ as __array_namespace_info__
from numbanet.tensor.array_api import bool as bool
from numbanet.tensor.array_api import can_cast as can_cast
from numbanet.tensor.array_api import e as e
from numbanet.tensor.array_api import finfo as finfo
from numbanet.tensor.array_api import float32 as float32
from numbanet.tensor.array_api import float64 as float64
from numbanet.tensor.array_api import iinfo as iinfo
from numbanet.tensor.array_api import inf as inf
from numbanet.tensor.array_api import int8 as int8
from numbanet.tensor.array_api import int16 as int16
from numbanet.tensor.array_api import int32 as int32
from numbanet.tensor.array_api import int64 as int64
from numbanet.tensor.array_api import isdtype as isdtype
from numbanet.tensor.array_api import nan as nan
from numbanet.tensor.array_api import newaxis as newaxis
from numbanet.tensor.array_api import pi as pi
from numbanet.tensor.array_api import result_type as result_type
from numbanet.tensor.array_api import uint8 as uint8
from numbanet.tensor.array_api import uint16 as uint16
from numbanet.tensor.array_api import uint32 as uint32
from numbanet.tensor.array_api import uint64 as uint64
from numbanet.tensor.devices import device as device
from numbanet.tensor.interop import from_dlpack as from_dlpack
from numbanet.tensor.tensor import Tensor as Tensor
from numbanet.tensor.tensor import asarray as asarray
from numbanet.tensor.variable import Variable as Variable
from numbanet.training.loading import load_model as load_model
from numbanet.training.model import Model as Model
from numbanet.training.sequential import Sequential as Sequential
from numbanet.typing import ArrayLike, Axes, Axis, Device, Integer, PadWidth, Shape, Side
from numbanet.version import __version__ as __version__

convert_to_tensor = asarray
rank = ndim

def abs(x: ArrayLike, /) -> Tensor:
    """Return the absolute value.

    Computes `|x|` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.abs([1.0, -2.0])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

def absolute(x: ArrayLike, /) -> Tensor:
    """Return the absolute value.

    Computes `|x|` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.abs([1.0, -2.0])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

def acos(x: ArrayLike, /) -> Tensor:
    """Return the inverse cosine, in radians.

    Computes `acos(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.acos([1.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def acosh(x: ArrayLike, /) -> Tensor:
    """Return the inverse hyperbolic cosine; NaN below 1.

    Computes `acosh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.acosh([1.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def add(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Add x and y.

    Computes `x + y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.add([1.0, 2.0], 1)
    Tensor([2., 3.], shape=(2,), dtype=float32)
    """

def all(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Test whether all elements are true.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. bool.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.all([[True, False], [True, True]], axis=1)
    Tensor([False,  True], shape=(2,), dtype=bool)
    """

def amax(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the largest element; NaN if there is one.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.max([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 4.], shape=(2,), dtype=float32)
    """

def amin(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the smallest element; NaN if there is one.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.min([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

def any(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Test whether any element is true.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. bool.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.any([[True, False], [False, False]], axis=1)
    Tensor([ True, False], shape=(2,), dtype=bool)
    """

def arange(
    start: ArrayLike,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    """Return numbers at equal steps, without the end.

    Parameters
    ----------
    start : number
        The end, if it is the only one.
    stop : number, optional
        The end.
    step : number
        The distance, not 0.
    dtype : dtype, optional
        int64 or float32.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When an end or the step is not a finite number, or the step is 0.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.arange(3)
    Tensor([0, 1, 2], shape=(3,), dtype=int64)
    """

def arccos(x: ArrayLike, /) -> Tensor:
    """Return the inverse cosine, in radians.

    Computes `acos(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.acos([1.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def arccosh(x: ArrayLike, /) -> Tensor:
    """Return the inverse hyperbolic cosine; NaN below 1.

    Computes `acosh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.acosh([1.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def arcsin(x: ArrayLike, /) -> Tensor:
    """Return the inverse sine, in radians.

    Computes `asin(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.asin([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def arcsinh(x: ArrayLike, /) -> Tensor:
    """Return the inverse hyperbolic sine.

    Computes `asinh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.asinh([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def arctan(x: ArrayLike, /) -> Tensor:
    """Return the inverse tangent, in radians.

    Computes `atan(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.atan([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def arctan2(y: ArrayLike, x: ArrayLike, /) -> Tensor:
    """Return the angle of the point (x, y), in radians.

    Computes `the angle of the point (x, y)` for every element; shapes broadcast together.

    Parameters
    ----------
    y : array-like
        Any shape. Floating; integers become float32.
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.atan2([0.0, 1.0], [1.0, 0.0])
    Tensor([0.       , 1.5707964], shape=(2,), dtype=float32)
    """

def arctanh(x: ArrayLike, /) -> Tensor:
    """Return the inverse hyperbolic tangent.

    Computes `atanh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.atanh([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def argmax(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the position of the largest element; the first of equals.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything. One axis only.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Positions, int64.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.argmax([[1.0, 2.0], [3.0, 0.0]], axis=1)
    Tensor([1, 0], shape=(2,), dtype=int64)
    """

def argmin(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the position of the smallest element; the first of equals.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything. One axis only.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Positions, int64.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.argmin([[1.0, 2.0], [3.0, 0.0]], axis=1)
    Tensor([0, 1], shape=(2,), dtype=int64)
    """

def argsort(
    x: ArrayLike, axis: Integer | None = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """Return the positions that sort a dimension; NaN comes last.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int or None
        Which dimension; None for all elements, as one vector.
    descending : bool
        Largest first.
    stable : bool
        Equals keep their order always.

    Returns
    -------
    Tensor
        Positions, int64.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.argsort([3.0, 1.0, 2.0])
    Tensor([1, 2, 0], shape=(3,), dtype=int64)
    """

def asin(x: ArrayLike, /) -> Tensor:
    """Return the inverse sine, in radians.

    Computes `asin(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.asin([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def asinh(x: ArrayLike, /) -> Tensor:
    """Return the inverse hyperbolic sine.

    Computes `asinh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.asinh([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def astype(x: ArrayLike, dtype: DTypeLike, *, copy: builtins.bool = True, device: Device = None) -> Tensor:
    """Convert to another dtype.

    Parameters
    ----------
    x : array-like
        Any shape, any dtype.
    dtype : dtype
        The result's. On the way to integers, fractions are cut off, and integers wrap around, as in NumPy.
    copy : bool
        Means nothing, since tensors never change.
    device : {None, "cpu", "cuda"}
        Where the result is to be; None leaves it where `x` is.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When `dtype` is not supported.
    OutOfRangeError
        When floats that become integers are NaN, infinite or too large.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.astype([1.5, -2.5], "int64")
    Tensor([ 1, -2], shape=(2,), dtype=int64)
    """

def atan(x: ArrayLike, /) -> Tensor:
    """Return the inverse tangent, in radians.

    Computes `atan(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.atan([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def atan2(y: ArrayLike, x: ArrayLike, /) -> Tensor:
    """Return the angle of the point (x, y), in radians.

    Computes `the angle of the point (x, y)` for every element; shapes broadcast together.

    Parameters
    ----------
    y : array-like
        Any shape. Floating; integers become float32.
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.atan2([0.0, 1.0], [1.0, 0.0])
    Tensor([0.       , 1.5707964], shape=(2,), dtype=float32)
    """

def atanh(x: ArrayLike, /) -> Tensor:
    """Return the inverse hyperbolic tangent.

    Computes `atanh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.atanh([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def average_pool(
    inputs: ArrayLike, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """Return the mean of each window, channel by channel.

    Parameters
    ----------
    inputs : array-like, (samples, ..., channels)
        With one, two or three axes for `...`; integers become float32.
    pool_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int, optional
        How far apart windows are; as far as they are wide if not given.
    padding : {"valid", "same"}
        Whether windows stay inside, or may reach out so that there is one per stride;
        what is outside takes no part.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels are; last if not given.

    Returns
    -------
    Tensor
        (samples, ..., channels).

    Raises
    ------
    ShapeError
        When windows do not fit into the input.
    ArgumentError
        When a setting is not one of those above.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.3; Keras 3, keras.ops.average_pool.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.average_pool([[[1.0], [3.0], [2.0], [0.0]]], 2)
    Tensor([[[2.], [1.]]], shape=(1, 2, 1), dtype=float32)
    """

def bitwise_and(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the bits that are set in both x and y.

    Computes `x & y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_and([12, 10], 6)
    Tensor([4, 2], shape=(2,), dtype=int64)
    """

def bitwise_invert(x: ArrayLike, /) -> Tensor:
    """Invert every bit.

    Parameters
    ----------
    x : array-like
        Integer or bool, any shape.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_invert([0, 5])
    Tensor([-1, -6], shape=(2,), dtype=int64)
    """

def bitwise_left_shift(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Shift the bits of x to the left, filling with zeros.

    Computes `x << y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_left_shift([-5, 12], 1)
    Tensor([-10,  24], shape=(2,), dtype=int64)
    """

def bitwise_not(x: ArrayLike, /) -> Tensor:
    """Invert every bit.

    Parameters
    ----------
    x : array-like
        Integer or bool, any shape.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_invert([0, 5])
    Tensor([-1, -6], shape=(2,), dtype=int64)
    """

def bitwise_or(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the bits that are set in x, in y or in both.

    Computes `x | y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_or([12, 10], 6)
    Tensor([14, 14], shape=(2,), dtype=int64)
    """

def bitwise_right_shift(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Shift the bits of x to the right, filling with the sign.

    Computes `x >> y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_right_shift([-5, 12], 1)
    Tensor([-3,  6], shape=(2,), dtype=int64)
    """

def bitwise_xor(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the bits that are set in exactly one of x and y.

    Computes `x ^ y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_xor([12, 10], 6)
    Tensor([10, 12], shape=(2,), dtype=int64)
    """

def broadcast_arrays(*arrays: ArrayLike) -> tuple[Tensor, ...]:
    """Broadcast arrays to one shape; views.

    Parameters
    ----------
    *arrays : array-like
        Any shapes and dtypes.

    Returns
    -------
    tuple of Tensor
        Views, each of its own dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.broadcast_arrays([1.0], [2, 3])
    (Tensor([1., 1.], shape=(2,), dtype=float32), Tensor([2, 3], shape=(2,), dtype=int64))
    """

def broadcast_shapes(*shapes: Shape) -> tuple[int, ...]:
    """Return the shape to which shapes broadcast.

    Parameters
    ----------
    *shapes : tuple of int
        Any number of them, of arrays of any dtype.

    Returns
    -------
    tuple of int
        The common shape.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2025.12, manipulation functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.broadcast_shapes((3, 1), (4,))
    (3, 4)
    """

def broadcast_to(x: ArrayLike, shape: Shape) -> Tensor:
    """Repeat along dimensions of size 1, and along new first ones; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    shape : tuple of int
        The shape to repeat to.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.broadcast_to([1.0, 2.0], (2, 2))
    Tensor([[1., 2.],
            [1., 2.]], shape=(2, 2), dtype=float32)
    """

def cast(x: ArrayLike, dtype: DTypeLike, *, copy: builtins.bool = True, device: Device = None) -> Tensor:
    """Convert to another dtype.

    Parameters
    ----------
    x : array-like
        Any shape, any dtype.
    dtype : dtype
        The result's. On the way to integers, fractions are cut off, and integers wrap around, as in NumPy.
    copy : bool
        Means nothing, since tensors never change.
    device : {None, "cpu", "cuda"}
        Where the result is to be; None leaves it where `x` is.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When `dtype` is not supported.
    OutOfRangeError
        When floats that become integers are NaN, infinite or too large.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.astype([1.5, -2.5], "int64")
    Tensor([ 1, -2], shape=(2,), dtype=int64)
    """

def ceil(x: ArrayLike, /) -> Tensor:
    """Round up to an integer.

    Computes `ceil(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ceil([1.5, -2.7])
    Tensor([ 2., -2.], shape=(2,), dtype=float32)
    """

def clip(x: ArrayLike, min: ArrayLike | None = None, max: ArrayLike | None = None) -> Tensor:
    """Limit values to an interval.

    Parameters
    ----------
    x, min, max : array-like
        Any shapes; they broadcast together. None means no limit, as does a Python integer that no element can reach.
        Integer or floating.

    Returns
    -------
    Tensor
        `minimum(maximum(x, min), max)`; where x lies outside, no gradient flows to it.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.clip([-2.0, 0.5, 9.0], 0, 1)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """

def clip_by_value(x: ArrayLike, min: ArrayLike | None = None, max: ArrayLike | None = None) -> Tensor:
    """Limit values to an interval.

    Parameters
    ----------
    x, min, max : array-like
        Any shapes; they broadcast together. None means no limit, as does a Python integer that no element can reach.
        Integer or floating.

    Returns
    -------
    Tensor
        `minimum(maximum(x, min), max)`; where x lies outside, no gradient flows to it.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.clip([-2.0, 0.5, 9.0], 0, 1)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """

def concat(arrays: Sequence[ArrayLike], axis: SupportsIndex | None = 0) -> Tensor:
    """Join arrays along a dimension.

    Parameters
    ----------
    arrays : list or tuple of array-like
        Shapes agree in all other dimensions.
    axis : int, or None
        Which; None joins them flattened.

    Returns
    -------
    Tensor
        Of the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.concat(([1.0], [2.0, 3.0]))
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """

def concatenate(arrays: Sequence[ArrayLike], axis: SupportsIndex | None = 0) -> Tensor:
    """Join arrays along a dimension.

    Parameters
    ----------
    arrays : list or tuple of array-like
        Shapes agree in all other dimensions.
    axis : int, or None
        Which; None joins them flattened.

    Returns
    -------
    Tensor
        Of the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.concat(([1.0], [2.0, 3.0]))
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """

def conj(x: ArrayLike, /) -> Tensor:
    """Return the complex conjugate: the same values, since there are no complex numbers.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.conj([-1.0, 2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """

def conjugate(x: ArrayLike, /) -> Tensor:
    """Return the complex conjugate: the same values, since there are no complex numbers.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.conj([-1.0, 2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """

def conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Return sums of products of a kernel and every window of the input, as networks convolve.

    Parameters
    ----------
    inputs : array-like, (samples, ..., channels)
        With one, two or three axes for `...`; integers become float32.
    kernel : array-like, (window, channels, filters)
        Where it has a part of the channels, both fall into groups, and filters see those of their
        group.
    strides : int or tuple of int
        How far apart windows are along each axis.
    padding : {"valid", "same"}
        Whether windows stay inside, or zeros around the input make room for one window per stride.
        Over one axis also "causal": windows that end at their element.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels are; last if not given.
    dilation_rate : int or tuple of int
        How far apart the elements of a window are.

    Returns
    -------
    Tensor
        (samples, ..., filters), of the promoted floating dtype.

    Raises
    ------
    ShapeError
        When channels do not match, or windows do not fit into the input.
    ArgumentError
        When a setting is not one of those above.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.1; Keras 3, keras.ops.conv.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.conv([[[1.0], [2.0], [4.0]]], [[[1.0]], [[-1.0]]])
    Tensor([[[-1.], [-2.]]], shape=(1, 2, 1), dtype=float32)
    """

def conv_transpose(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Return the convolution that leads from the result of conv back to the shape of its input.

    Parameters
    ----------
    inputs : array-like, (samples, ..., channels)
        With one, two or three axes for `...`; integers become float32.
    kernel : array-like, (window, filters, channels)
        As in conv, with the roles of the two exchanged.
    strides : int or tuple of int
        How far apart windows are along each axis.
    padding : {"valid", "same"}
        That of the convolution that leads the other way.
    output_padding : int or tuple of int, optional
        How many elements the result is longer, where several sizes lead to that of the input; fewer than strides.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels are; last if not given.
    dilation_rate : int or tuple of int
        How far apart the elements of a window are.

    Returns
    -------
    Tensor
        (samples, ..., filters), of the promoted floating dtype.

    Raises
    ------
    ShapeError
        When channels do not match, or windows do not fit into the input.
    ArgumentError
        When a setting is not one of those above.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Dumoulin, Visin: A guide to convolution arithmetic for deep learning, arXiv:1603.07285, 2016; Keras 3, keras.ops.conv_transpose.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.conv_transpose([[[1.0], [2.0]]], [[[1.0]], [[-1.0]]], strides=2)
    Tensor([[[ 1.], [-1.], [ 2.], [-2.]]], shape=(1, 4, 1), dtype=float32)
    """

def copysign(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the magnitude of x with the sign of y.

    Computes `|x| with the sign of y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    y : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.copysign([3.0, -2.0], [-0.0, 5.0])
    Tensor([-3.,  2.], shape=(2,), dtype=float32)
    """

def cos(x: ArrayLike, /) -> Tensor:
    """Return the cosine; x is in radians.

    Computes `cos(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.cos([0.0])
    Tensor([1.], shape=(1,), dtype=float32)
    """

def cosh(x: ArrayLike, /) -> Tensor:
    """Return the hyperbolic cosine.

    Computes `(e ** x + e ** -x) / 2` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.cosh([0.0])
    Tensor([1.], shape=(1,), dtype=float32)
    """

def count_nonzero(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Count the elements that are not zero.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Counts, int64.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.count_nonzero([0.0, 2.0, 3.0])
    Tensor(2, shape=(), dtype=int64)
    """

def cumprod(
    x: ArrayLike,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """Return running products along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, or None
        None for the flattened array.
    dtype : dtype, optional
        Convert to it first, and give the result in it.
    include_initial : bool
        Whether the result starts with that of nothing, one element longer.

    Returns
    -------
    Tensor
        Of the shape of `x`; unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.cumulative_prod([1.0, 2.0, 3.0])
    Tensor([1., 2., 6.], shape=(3,), dtype=float32)
    """

def cumsum(
    x: ArrayLike,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """Return running sums along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, or None
        None for the flattened array.
    dtype : dtype, optional
        Convert to it first, and give the result in it.
    include_initial : bool
        Whether the result starts with that of nothing, one element longer.

    Returns
    -------
    Tensor
        Of the shape of `x`; unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.cumulative_sum([1.0, 2.0, 3.0])
    Tensor([1., 3., 6.], shape=(3,), dtype=float32)
    """

def cumulative_prod(
    x: ArrayLike,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """Return running products along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, or None
        None for the flattened array.
    dtype : dtype, optional
        Convert to it first, and give the result in it.
    include_initial : bool
        Whether the result starts with that of nothing, one element longer.

    Returns
    -------
    Tensor
        Of the shape of `x`; unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.cumulative_prod([1.0, 2.0, 3.0])
    Tensor([1., 2., 6.], shape=(3,), dtype=float32)
    """

def cumulative_sum(
    x: ArrayLike,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """Return running sums along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, or None
        None for the flattened array.
    dtype : dtype, optional
        Convert to it first, and give the result in it.
    include_initial : bool
        Whether the result starts with that of nothing, one element longer.

    Returns
    -------
    Tensor
        Of the shape of `x`; unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.cumulative_sum([1.0, 2.0, 3.0])
    Tensor([1., 3., 6.], shape=(3,), dtype=float32)
    """

def depthwise_conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Convolve every channel with kernels of its own.

    Parameters
    ----------
    inputs : array-like, (samples, ..., channels)
        With one, two or three axes for `...`; integers become float32.
    kernel : array-like, (window, channels, multiplier)
        The kernels of each channel.
    strides : int or tuple of int
        How far apart windows are along each axis.
    padding : {"valid", "same"}
        Whether windows stay inside, or zeros around the input make room for one window per stride.
        Over one axis also "causal": windows that end at their element.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels are; last if not given.
    dilation_rate : int or tuple of int
        How far apart the elements of a window are.

    Returns
    -------
    Tensor
        (samples, ..., channels * multiplier): those of the first channel come first.

    Raises
    ------
    ShapeError
        When channels do not match, or windows do not fit into the input.
    ArgumentError
        When a setting is not one of those above.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.1; Keras 3, keras.ops.depthwise_conv.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.depthwise_conv([[[1.0, 2.0], [3.0, 4.0]]], [[[1.0], [10.0]], [[1.0], [10.0]]])
    Tensor([[[ 4., 60.]]], shape=(1, 1, 2), dtype=float32)
    """

def diff(
    x: ArrayLike,
    /,
    *,
    axis: Integer = -1,
    n: Integer = 1,
    prepend: ArrayLike | None = None,
    append: ArrayLike | None = None,
) -> Tensor:
    """Return the differences of neighbours along a dimension; for booleans, whether they differ.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int
        Which dimension.
    n : int
        How many times in a row.
    prepend : array-like, optional
        Put before `x` first.
    append : array-like, optional
        Put after it.

    Returns
    -------
    Tensor
        Shorter by n.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.diff([1.0, 4.0, 9.0])
    Tensor([3., 5.], shape=(2,), dtype=float32)
    """

def divide(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide x by y.

    Computes `x / y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    y : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.divide([1.0, 2.0], 4)
    Tensor([0.25, 0.5 ], shape=(2,), dtype=float32)
    """

def dot(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Compute the dot product, NumPy's at every rank: sums over the last of `a` and the second to last of `b`.

    Parameters
    ----------
    a : array-like
        At least one dimension; integer or floating.
    b : array-like
        Its second to last size (or only one) is the last of `a`.

    Returns
    -------
    Tensor
        Of the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    NumPy reference, numpy.dot; Chollet: Deep Learning with Python, section 2.3.3.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.dot([1.0, 2.0], [3.0, 4.0])
    Tensor(11., shape=(), dtype=float32)
    """

def einsum(
    subscripts: str, *operands: ArrayLike, optimize: builtins.bool | Literal["greedy", "optimal"] | list[Any] = True
) -> Tensor:
    """Sum products, by letters: equal letters go together, and those that are missing at the right are summed.

    Parameters
    ----------
    subscripts : str
        Letters for dimensions, operands separated by commas, `->` and the result. A letter twice in an operand
        means its diagonal, `...` all other dimensions, which broadcast. Without `->` the result has these, then the
        letters that stand there once, in alphabetical order.
    *operands : array-like
        One per term, of any shapes and dtypes. A dimension of size 1 broadcasts.
    optimize : bool, "greedy", "optimal", or a path of `np.einsum_path`
        Which of three or more operands are multiplied first: the pair that a greedy search
        finds by default, from left to right for False.

    Returns
    -------
    Tensor
        With the dimensions named at the right, of the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Einstein: Die Grundlage der allgemeinen Relativitaetstheorie, 1916, section 5; numpy.einsum; Smith and
    Gray: opt_einsum, Journal of Open Source Software 3, 2018.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.einsum('ij,jk->ik', [[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """

def elu(x: ArrayLike, alpha: ArrayLike = 1.0) -> Tensor:
    """Return the exponential linear unit.

    Computes `x if x > 0 else alpha * (e ** x - 1)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    alpha : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Clevert, Unterthiner, Hochreiter: Exponential Linear Units, 2015, arXiv:1511.07289.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.elu([-100.0, 2.0], 1.0)
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """

def empty(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return a tensor of zeros: a tensor cannot be written to, so nothing would fill it.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result, not negative.
    dtype : dtype, optional
        float32 if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When a size is not an integer, or is negative.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.empty(0)
    Tensor([], shape=(0,), dtype=float32)
    """

def empty_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return zeros of the shape and dtype of another array.

    Parameters
    ----------
    x : array-like
        Whose shape and dtype are taken.
    dtype : dtype, optional
        Another one.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.empty_like([1.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x and y are equal.

    Computes `x == y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.equal([1, 2, 3], 2)
    Tensor([False,  True, False], shape=(3,), dtype=bool)
    """

def erf(x: ArrayLike, /) -> Tensor:
    """Return the error function.

    Computes `2 / sqrt(pi) * integral of e ** -t**2 from 0 to x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Abramowitz and Stegun: Handbook of Mathematical Functions, 7.1.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.erf([0.0, 4.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """

def exp(x: ArrayLike, /) -> Tensor:
    """Return the exponential.

    Computes `e ** x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.exp([0.0, 0.5])
    Tensor([1.       , 1.6487212], shape=(2,), dtype=float32)
    """

def expand_dims(x: ArrayLike, axis: Axis = 0) -> Tensor:
    """Insert dimensions of size 1.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int or tuple of int
        Where they stand in the result.

    Returns
    -------
    Tensor
        Of as many dimensions more.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.expand_dims([1.0, 2.0], axis=1)
    Tensor([[1.],
            [2.]], shape=(2, 1), dtype=float32)
    """

def expm1(x: ArrayLike, /) -> Tensor:
    """Return the exponential minus one, accurate near zero.

    Computes `e ** x - 1` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.expm1([0.0, 1e-6])
    Tensor([0.0000000e+00, 1.0000005e-06], shape=(2,), dtype=float32)
    """

def eye(
    n_rows: Integer,
    n_cols: Integer | None = None,
    k: Integer = 0,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    """Return a matrix with ones on a diagonal and zeros elsewhere.

    Parameters
    ----------
    n_rows : int
        The number of rows.
    n_cols : int, optional
        n_rows if not given.
    k : int
        Which diagonal.
    dtype : dtype, optional
        float32 if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When a size is not an integer, or is negative.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.eye(2)
    Tensor([[1., 0.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """

def fill(shape: Shape, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return a tensor that is filled with one value.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result, not negative.
    fill_value : number
        The value of every element.
    dtype : dtype, optional
        That of the value if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When a size is not an integer, or is negative.
    ShapeError
        When `fill_value` is not a single number.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.full(2, 7.0)
    Tensor([7., 7.], shape=(2,), dtype=float32)
    """

def flip(x: ArrayLike, axis: Axis = None) -> Tensor:
    """Reverse the elements along dimensions; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, tuple of int, or None
        Which; None for all.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.flip([1.0, 2.0])
    Tensor([2., 1.], shape=(2,), dtype=float32)
    """

def floor(x: ArrayLike, /) -> Tensor:
    """Round down to an integer.

    Computes `floor(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.floor([1.5, -2.7])
    Tensor([ 1., -3.], shape=(2,), dtype=float32)
    """

def floor_divide(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide x by y and round down.

    Computes `floor(x / y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.floor_divide([-7, 7], 2)
    Tensor([-4,  3], shape=(2,), dtype=int64)
    """

def floordiv(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide x by y and round down.

    Computes `floor(x / y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.floor_divide([-7, 7], 2)
    Tensor([-4,  3], shape=(2,), dtype=int64)
    """

def floormod(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the remainder of x / y, with the sign of y.

    Computes `x - y * floor(x / y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.remainder([-7, 7], 3)
    Tensor([2, 1], shape=(2,), dtype=int64)
    """

def full(shape: Shape, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return a tensor that is filled with one value.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result, not negative.
    fill_value : number
        The value of every element.
    dtype : dtype, optional
        That of the value if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When a size is not an integer, or is negative.
    ShapeError
        When `fill_value` is not a single number.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.full(2, 7.0)
    Tensor([7., 7.], shape=(2,), dtype=float32)
    """

def full_like(x: ArrayLike, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return one value in the shape and dtype of another array.

    Parameters
    ----------
    x : array-like
        Whose shape and dtype are taken.
    fill_value : number
        The value of every element.
    dtype : dtype, optional
        Another one.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ShapeError
        When `fill_value` is not a single number.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.full_like([5.0], 2)
    Tensor([2.], shape=(1,), dtype=float32)
    """

def gather(x: ArrayLike, indices: ArrayLike, axis: Integer = 0) -> Tensor:
    """Return the elements at `indices` along a dimension: rows of a table, a batch of samples.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    indices : integer array-like
        Any shape; negative ones count from the end.
    axis : int
        The first, by default; `np.take` without an axis takes from the flattened array.

    Returns
    -------
    Tensor
        Of shape `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.take([10.0, 20.0, 30.0], [2, 0])
    Tensor([30., 10.], shape=(2,), dtype=float32)
    """

def gaussian_dropout(x: ArrayLike, stddev: float, seed: Any) -> Tensor:
    """Multiply `x` by normal noise of mean 1.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    stddev : float
        The standard deviation of the noise, at least 0.
    seed : pair of float
        Whole numbers from 0 up to 2 ** 24; the same pair gives the same noise, that of `gaussian_noise`.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.
    ArgumentError
        When `stddev` or `seed` is not what it must be.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014, section 10.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.gaussian_dropout([1.0, 1.0], 0.0, (0.0, 3.0))
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """

def gaussian_noise(x: ArrayLike, stddev: float, seed: Any) -> Tensor:
    """Add normal noise of mean 0 to `x`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    stddev : float
        The standard deviation of the noise, at least 0.
    seed : pair of float
        Whole numbers from 0 up to 2 ** 24; the same pair gives the same noise.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.
    ArgumentError
        When `stddev` or `seed` is not what it must be.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 7.5. The random numbers are those of SplitMix64: Steele, Lea,
    Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014; they are made normal as in Box and Muller: A
    Note on the Generation of Random Normal Deviates, Annals of Mathematical Statistics 29, 1958.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.gaussian_noise([1.0, 1.0], 0.0, (0.0, 3.0))
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """

def gelu(x: ArrayLike, /) -> Tensor:
    """Return the Gaussian error linear unit, without approximation.

    Computes `x * P(X <= x) for a standard normal X` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Hendrycks and Gimpel: Gaussian Error Linear Units, 2016, arXiv:1606.08415.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.gelu([0.0, 100.0])
    Tensor([  0., 100.], shape=(2,), dtype=float32)
    """

def gelu_tanh(x: ArrayLike, /) -> Tensor:
    """Return an approximation of the Gaussian error linear unit.

    Computes `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Hendrycks and Gimpel: Gaussian Error Linear Units, 2016, arXiv:1606.08415.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.gelu_tanh([0.0, 100.0])
    Tensor([  0., 100.], shape=(2,), dtype=float32)
    """

def greater(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x is greater than y.

    Computes `x > y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.greater([1, 2, 3], 2)
    Tensor([False, False,  True], shape=(3,), dtype=bool)
    """

def greater_equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x is greater than or equal to y.

    Computes `x >= y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.greater_equal([1, 2, 3], 2)
    Tensor([False,  True,  True], shape=(3,), dtype=bool)
    """

def hypot(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the hypotenuse, without intermediate overflow.

    Computes `sqrt(x ** 2 + y ** 2)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    y : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.hypot([3.0, 5.0], [4.0, 12.0])
    Tensor([ 5., 13.], shape=(2,), dtype=float32)
    """

def identity(x: ArrayLike) -> Tensor:
    """Return the same values as a tensor of its own, connected to `x`: one argument given twice is two sources.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Sharing the memory of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Griewank and Walther: Evaluating Derivatives, section 3.2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.identity(2.0)
    Tensor(2., shape=(), dtype=float32)
    """

def imag(x: ArrayLike, /) -> Tensor:
    """Return the imaginary part: zeros, since there are no complex numbers.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.imag([-1.0, 2.0])
    Tensor([0., 0.], shape=(2,), dtype=float32)
    """

def invert(x: ArrayLike, /) -> Tensor:
    """Invert every bit.

    Parameters
    ----------
    x : array-like
        Integer or bool, any shape.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_invert([0, 5])
    Tensor([-1, -6], shape=(2,), dtype=int64)
    """

def isfinite(x: ArrayLike, /) -> Tensor:
    """Test whether x is neither NaN nor infinite.

    Computes `|x| < inf` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the shape of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.isfinite([1.0, float('nan'), float('inf')])
    Tensor([ True, False, False], shape=(3,), dtype=bool)
    """

def isin(x1: ArrayLike, x2: ArrayLike, /, *, invert: builtins.bool = False) -> Tensor:
    """Test whether each element is one of the values of another array.

    Parameters
    ----------
    x1 : array-like
        Any shape and dtype.
    x2 : array-like
        The values, of any shape.
    invert : bool
        Whether to tell the opposite.

    Returns
    -------
    Tensor
        bool, of the shape of `x1`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2025.12, set functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.isin([1, 2, 3], [2, 5])
    Tensor([False,  True, False], shape=(3,), dtype=bool)
    """

def isinf(x: ArrayLike, /) -> Tensor:
    """Test whether x is infinite.

    Computes `|x| == inf` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the shape of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.isinf([1.0, float('nan'), float('inf')])
    Tensor([False, False,  True], shape=(3,), dtype=bool)
    """

def isnan(x: ArrayLike, /) -> Tensor:
    """Test whether x is NaN.

    Computes `x != x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the shape of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.isnan([1.0, float('nan'), float('inf')])
    Tensor([False,  True, False], shape=(3,), dtype=bool)
    """

def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.2) -> Tensor:
    """Return the rectified linear unit with a slope below zero.

    Computes `x if x > 0 else negative_slope * x` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    negative_slope : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.leaky_relu([-1.0, 2.0], 0.1)
    Tensor([-0.1,  2. ], shape=(2,), dtype=float32)
    """

def left_shift(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Shift the bits of x to the left, filling with zeros.

    Computes `x << y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_left_shift([-5, 12], 1)
    Tensor([-10,  24], shape=(2,), dtype=int64)
    """

def less(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x is less than y.

    Computes `x < y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.less([1, 2, 3], 2)
    Tensor([ True, False, False], shape=(3,), dtype=bool)
    """

def less_equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x is less than or equal to y.

    Computes `x <= y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.less_equal([1, 2, 3], 2)
    Tensor([ True,  True, False], shape=(3,), dtype=bool)
    """

def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: Integer,
    dtype: DTypeLike | None = None,
    device: Device = None,
    endpoint: builtins.bool = True,
) -> Tensor:
    """Return equally spaced numbers over an interval.

    Parameters
    ----------
    start : number
        The first number.
    stop : number
        The end.
    num : int
        How many, at least 0.
    dtype : dtype, optional
        float32 if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.
    endpoint : bool
        Whether stop belongs to them.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When an end is not a number, or `num` is not an integer of at least 0.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.linspace(0, 1, 3)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """

def log(x: ArrayLike, /) -> Tensor:
    """Return the natural logarithm; -inf at zero, NaN below.

    Computes `ln(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.log([1.0, 0.0])
    Tensor([  0., -inf], shape=(2,), dtype=float32)
    """

def log10(x: ArrayLike, /) -> Tensor:
    """Return the logarithm to base 10.

    Computes `log10(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.log10([10.0, 0.1])
    Tensor([ 1., -1.], shape=(2,), dtype=float32)
    """

def log1p(x: ArrayLike, /) -> Tensor:
    """Return the logarithm of 1 + x, accurate near zero.

    Computes `ln(1 + x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.log1p([0.0, 1e-6])
    Tensor([0.000000e+00, 9.999995e-07], shape=(2,), dtype=float32)
    """

def log2(x: ArrayLike, /) -> Tensor:
    """Return the logarithm to base 2.

    Computes `log2(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.log2([8.0, 0.5])
    Tensor([ 3., -1.], shape=(2,), dtype=float32)
    """

def log_softmax(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """Return the logarithm of softmax, accurate where probabilities are tiny.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int
        The dimension along which the probabilities add up to 1.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.log_softmax([1.0, 1.0])
    Tensor([-0.6931472, -0.6931472], shape=(2,), dtype=float32)
    """

def logaddexp(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the logarithm of the sum of exponentials, without overflow.

    Computes `ln(e ** x + e ** y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    y : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logaddexp([1000.0, 0.0], [1000.0, -1000.0])
    Tensor([1000.6932,    0.    ], shape=(2,), dtype=float32)
    """

def logical_and(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether both x and y are true.

    Computes `x and y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    y : array-like
        Any shape. Any dtype; everything but zero is true.

    Returns
    -------
    Tensor
        bool, of the broadcast shape.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logical_and([True, False], True)
    Tensor([ True, False], shape=(2,), dtype=bool)
    """

def logical_not(x: ArrayLike, /) -> Tensor:
    """Test whether x is zero or false.

    Computes `not x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.

    Returns
    -------
    Tensor
        bool, of the shape of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logical_not([True, False])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """

def logical_or(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x or y is true.

    Computes `x or y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    y : array-like
        Any shape. Any dtype; everything but zero is true.

    Returns
    -------
    Tensor
        bool, of the broadcast shape.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logical_or([True, False], True)
    Tensor([ True,  True], shape=(2,), dtype=bool)
    """

def logical_xor(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether exactly one of x and y is true.

    Computes `bool(x) != bool(y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    y : array-like
        Any shape. Any dtype; everything but zero is true.

    Returns
    -------
    Tensor
        bool, of the broadcast shape.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logical_xor([True, False], True)
    Tensor([False,  True], shape=(2,), dtype=bool)
    """

def logsumexp(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the logarithm of the sum of exponentials, without overflow.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the floating dtype.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 4.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logsumexp([1000.0, 1000.0])
    Tensor(1000.6932, shape=(), dtype=float32)
    """

def matmul(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Return the matrix product; dimensions before the last two broadcast.

    Parameters
    ----------
    a : array-like
        At least one dimension; integer or floating.
    b : array-like
        Its second to last size (or only one) is the last of `a`.

    Returns
    -------
    Tensor
        Of the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.matmul([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """

def matrix_transpose(x: ArrayLike) -> Tensor:
    """Swap the last two dimensions; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.matrix_transpose([[1.0, 2.0]])
    Tensor([[1.],
            [2.]], shape=(2, 1), dtype=float32)
    """

def max(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the largest element; NaN if there is one.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.max([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 4.], shape=(2,), dtype=float32)
    """

def max_pool(
    inputs: ArrayLike, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """Return the largest element of each window; of equal ones, the gradient goes to the first.

    Parameters
    ----------
    inputs : array-like, (samples, ..., channels)
        With one, two or three axes for `...`; integers become float32.
    pool_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int, optional
        How far apart windows are; as far as they are wide if not given.
    padding : {"valid", "same"}
        Whether windows stay inside, or may reach out so that there is one per stride;
        what is outside takes no part.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels are; last if not given.

    Returns
    -------
    Tensor
        (samples, ..., channels).

    Raises
    ------
    ShapeError
        When windows do not fit into the input.
    ArgumentError
        When a setting is not one of those above.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 9.3; Keras 3, keras.ops.max_pool.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2)
    Tensor([[[3.], [2.]]], shape=(1, 2, 1), dtype=float32)
    """

def maximum(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the larger of x and y; NaN if either is NaN.

    Computes `x if x > y else y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.maximum([1.0, 5.0], 3)
    Tensor([3., 5.], shape=(2,), dtype=float32)
    """

def mean(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the arithmetic mean.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers and booleans become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floating.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.mean([1.0, 2.0, 6.0])
    Tensor(3., shape=(), dtype=float32)
    """

def meshgrid(*arrays: ArrayLike, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """Return the coordinates of a grid from those of its sides.

    Parameters
    ----------
    *arrays : array-like
        Of one dimension each.
    indexing : {"xy", "ij"}
        Whether the first array runs along the second dimension, or the first.

    Returns
    -------
    tuple of Tensor
        One grid per array, of its dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.meshgrid([1, 2], [3])
    (Tensor([[1, 2]], shape=(1, 2), dtype=int64), Tensor([[3, 3]], shape=(1, 2), dtype=int64))
    """

def min(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the smallest element; NaN if there is one.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.min([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

def minimum(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the smaller of x and y; NaN if either is NaN.

    Computes `x if x < y else y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.minimum([1.0, 5.0], 3)
    Tensor([1., 3.], shape=(2,), dtype=float32)
    """

def mod(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the remainder of x / y, with the sign of y.

    Computes `x - y * floor(x / y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.remainder([-7, 7], 3)
    Tensor([2, 1], shape=(2,), dtype=int64)
    """

def moveaxis(x: ArrayLike, source: Shape, destination: Shape, /) -> Tensor:
    """Move dimensions to other positions; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    source : int or tuple of int
        Which.
    destination : int or tuple of int
        Where to.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.moveaxis([[1.0, 2.0]], 0, 1)
    Tensor([[1.],
            [2.]], shape=(2, 1), dtype=float32)
    """

def multiply(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Multiply x by y.

    Computes `x * y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.multiply([1.0, 2.0], 3)
    Tensor([3., 6.], shape=(2,), dtype=float32)
    """

def negative(x: ArrayLike, /) -> Tensor:
    """Change the sign of x.

    Computes `-x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.negative([1.0, -2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """

def nextafter(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the next representable number after x, towards y.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    y : array-like
        Where to; shapes broadcast together.

    Returns
    -------
    Tensor
        Of the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nextafter([1.0, 0.0], 2.0)
    Tensor([1.0000001e+00, 1.4012985e-45], shape=(2,), dtype=float32)
    """

def nonzero(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """Return the positions of the elements that are not zero.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    tuple of Tensor
        Positions along each dimension, int64, of one dimension.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, set and searching functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nonzero([0.0, 2.0, 3.0])
    (Tensor([1, 2], shape=(2,), dtype=int64),)
    """

def norm(
    x: ArrayLike, ord: float | Literal["fro", "inf"] | None = 2, axis: Axis = None, keepdims: builtins.bool = False
) -> Tensor:
    """Return the norm of vectors.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    ord : {1, 2, inf}
        Sum of absolute values, Euclidean, or largest absolute value.
    axis : int, tuple of int, or None
        What makes up one vector; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Without the dimensions of the vectors.

    Raises
    ------
    ArgumentError
        When `ord` is none of these.
    ShapeError
        When an axis is out of range.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    NumPy reference, numpy.linalg.vector_norm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.norm([3.0, 4.0])
    Tensor(5., shape=(), dtype=float32)
    """

def not_equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Test whether x and y differ.

    Computes `x != y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.not_equal([1, 2, 3], 2)
    Tensor([ True, False,  True], shape=(3,), dtype=bool)
    """

def one_hot(indices: ArrayLike, num_classes: Integer, dtype: DTypeLike | None = "float32") -> Tensor:
    """Return rows of zeros with a one at each index.

    Parameters
    ----------
    indices : integer array-like
        Any shape.
    num_classes : int
        The length of a row.
    dtype : dtype
        Of the result.

    Returns
    -------
    Tensor
        Of shape `indices.shape + (num_classes,)`; rows of indices outside 0..num_classes are zero.

    Raises
    ------
    ArgumentError
        When `num_classes` is not an integer of at least 1.
    DTypeError
        When the indices are not integers, or the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.one_hot.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.one_hot([1, 0], 3)
    Tensor([[0., 1., 0.],
            [1., 0., 0.]], shape=(2, 3), dtype=float32)
    """

def ones(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return a tensor of ones.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result, not negative.
    dtype : dtype, optional
        float32 if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When a size is not an integer, or is negative.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ones(2)
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """

def ones_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return ones of the shape and dtype of another array.

    Parameters
    ----------
    x : array-like
        Whose shape and dtype are taken.
    dtype : dtype, optional
        Another one.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ones_like([5.0])
    Tensor([1.], shape=(1,), dtype=float32)
    """

def outer(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Multiply every element of one vector by every element of the other.

    Parameters
    ----------
    a : array-like
        Flattened.
    b : array-like
        Flattened.

    Returns
    -------
    Tensor
        Of shape (a.size, b.size) and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    NumPy reference, numpy.outer.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.outer([1.0, 2.0], [3.0])
    Tensor([[3.],
            [6.]], shape=(2, 1), dtype=float32)
    """

def pad(x: ArrayLike, pad_width: PadWidth, constant_values: ArrayLike = 0) -> Tensor:
    """Put a margin around an array.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    pad_width : int, (before, after), or one pair per dimension
        Not negative.
    constant_values : number
        What the margin holds.

    Returns
    -------
    Tensor
        A larger tensor.

    Raises
    ------
    ArgumentError
        When the widths do not fit the dimensions, are not integers, or are negative.
    ShapeError
        When `constant_values` is not a single number.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    NumPy reference, numpy.pad.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.pad([1.0, 2.0], 1)
    Tensor([0., 1., 2., 0.], shape=(4,), dtype=float32)
    """

def permute_dims(x: ArrayLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    """Permute the dimensions; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axes : tuple of int, optional
        Reversed if not given.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.permute_dims([[1.0, 2.0]])
    Tensor([[1.],
            [2.]], shape=(2, 1), dtype=float32)
    """

def positive(x: ArrayLike, /) -> Tensor:
    """Return the same values: the operator `+x`.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.positive([-1.0, 2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """

def pow(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Raise x to the power y.

    Computes `x ** y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.pow([1.0, 2.0], 3)
    Tensor([1., 8.], shape=(2,), dtype=float32)
    """

def power(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Raise x to the power y.

    Computes `x ** y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.pow([1.0, 2.0], 3)
    Tensor([1., 8.], shape=(2,), dtype=float32)
    """

def prod(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, dtype: DTypeLike | None = None) -> Tensor:
    """Multiply elements.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    dtype : dtype, optional
        Convert to it first, and give the result in it.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floats keep their dtype, unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.prod([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 8.], shape=(2,), dtype=float32)
    """

def range(
    start: ArrayLike,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    """Return numbers at equal steps, without the end.

    Parameters
    ----------
    start : number
        The end, if it is the only one.
    stop : number, optional
        The end.
    step : number
        The distance, not 0.
    dtype : dtype, optional
        int64 or float32.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When an end or the step is not a finite number, or the step is 0.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.arange(3)
    Tensor([0, 1, 2], shape=(3,), dtype=int64)
    """

def real(x: ArrayLike, /) -> Tensor:
    """Return the real part: the same values, since there are no complex numbers.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.real([-1.0, 2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """

def reciprocal(x: ArrayLike, /) -> Tensor:
    """Return the reciprocal.

    Computes `1 / x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.reciprocal([2.0, 4.0])
    Tensor([0.5 , 0.25], shape=(2,), dtype=float32)
    """

def reduce_all(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Test whether all elements are true.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. bool.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.all([[True, False], [True, True]], axis=1)
    Tensor([False,  True], shape=(2,), dtype=bool)
    """

def reduce_any(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Test whether any element is true.

    Parameters
    ----------
    x : array-like
        Any shape. Any dtype; everything but zero is true.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. bool.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.any([[True, False], [False, False]], axis=1)
    Tensor([ True, False], shape=(2,), dtype=bool)
    """

def reduce_logsumexp(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the logarithm of the sum of exponentials, without overflow.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the floating dtype.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 4.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.logsumexp([1000.0, 1000.0])
    Tensor(1000.6932, shape=(), dtype=float32)
    """

def reduce_max(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the largest element; NaN if there is one.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.max([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 4.], shape=(2,), dtype=float32)
    """

def reduce_mean(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the arithmetic mean.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers and booleans become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floating.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.mean([1.0, 2.0, 6.0])
    Tensor(3., shape=(), dtype=float32)
    """

def reduce_min(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Return the smallest element; NaN if there is one.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Of the dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.min([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

def reduce_prod(
    x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, dtype: DTypeLike | None = None
) -> Tensor:
    """Multiply elements.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    dtype : dtype, optional
        Convert to it first, and give the result in it.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floats keep their dtype, unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.prod([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 8.], shape=(2,), dtype=float32)
    """

def reduce_std(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, correction: float = 0) -> Tensor:
    """Return the standard deviation, the square root of the variance.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers and booleans become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    correction : float
        1 for the unbiased estimate from a sample (Bessel), 0 for a whole population.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floating.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.std([1.0, 3.0])
    Tensor(1., shape=(), dtype=float32)
    """

def reduce_sum(
    x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, dtype: DTypeLike | None = None
) -> Tensor:
    """Sum elements; sums of floats accumulate in double precision.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    dtype : dtype, optional
        Convert to it first, and give the result in it.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floats keep their dtype, unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([4., 6.], shape=(2,), dtype=float32)
    """

def reduce_variance(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, correction: float = 0) -> Tensor:
    """Return the variance: the mean squared distance from the mean, divided by n - correction.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers and booleans become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    correction : float
        1 for the unbiased estimate from a sample (Bessel), 0 for a whole population.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floating.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.var([1.0, 2.0, 6.0])
    Tensor(4.6666665, shape=(), dtype=float32)
    """

def relu(x: ArrayLike, /) -> Tensor:
    """Return the rectified linear unit; its gradient at 0 is 0.

    Computes `x if x > 0 else 0` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Nair and Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.relu([-1.0, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """

def remainder(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return the remainder of x / y, with the sign of y.

    Computes `x - y * floor(x / y)` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.remainder([-7, 7], 3)
    Tensor([2, 1], shape=(2,), dtype=int64)
    """

def repeat(x: ArrayLike, repeats: Shape, axis: SupportsIndex | None = None) -> Tensor:
    """Repeat every element along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    repeats : int, or integer array-like
        How often; or how often each.
    axis : int, or None
        None for the flattened array.

    Returns
    -------
    Tensor
        A larger tensor.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.repeat([1.0, 2.0], 2)
    Tensor([1., 1., 2., 2.], shape=(4,), dtype=float32)
    """

def reshape(x: ArrayLike, shape: Shape, copy: builtins.bool | None = None) -> Tensor:
    """Return the same elements, row by row, in another shape.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    shape : tuple of int
        One size may be -1.
    copy : bool, optional
        False raises if a copy is needed; True means nothing, since tensors never change.

    Returns
    -------
    Tensor
        Of shape `shape` and the dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.reshape([1.0, 2.0, 3.0, 4.0], (2, 2))
    Tensor([[1., 2.],
            [3., 4.]], shape=(2, 2), dtype=float32)
    """

def reverse(x: ArrayLike, axis: Axis = None) -> Tensor:
    """Reverse the elements along dimensions; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, tuple of int, or None
        Which; None for all.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.flip([1.0, 2.0])
    Tensor([2., 1.], shape=(2,), dtype=float32)
    """

def right_shift(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Shift the bits of x to the right, filling with the sign.

    Computes `x >> y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or bool.
    y : array-like
        Any shape. Integer or bool.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.bitwise_right_shift([-5, 12], 1)
    Tensor([-3,  6], shape=(2,), dtype=int64)
    """

def roll(x: ArrayLike, shift: Shape, axis: Axis = None) -> Tensor:
    """Shift elements along dimensions; what falls off one end comes in at the other.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    shift : int or tuple of int
        How many places.
    axis : int, tuple of int, or None
        Which; None for the flattened array.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.roll([1.0, 2.0, 3.0], 1)
    Tensor([3., 1., 2.], shape=(3,), dtype=float32)
    """

def round(x: ArrayLike, /) -> Tensor:
    """Round to the nearest integer, halves to even.

    Computes `round(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.round([1.5, -2.7])
    Tensor([ 2., -3.], shape=(2,), dtype=float32)
    """

def rsqrt(x: ArrayLike, /) -> Tensor:
    """Return the reciprocal of the square root.

    Computes `1 / sqrt(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.rsqrt.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.rsqrt([4.0, 16.0])
    Tensor([0.5 , 0.25], shape=(2,), dtype=float32)
    """

def searchsorted(x1: ArrayLike, x2: ArrayLike, /, *, side: Side = "left", sorter: ArrayLike | None = None) -> Tensor:
    """Return the positions at which inserted values would keep a sorted array sorted.

    Parameters
    ----------
    x1 : array-like
        Of one dimension, in ascending order.
    x2 : array-like
        The values, of any shape.
    side : {"left", "right"}
        Before or behind the values that equal them.
    sorter : integer array-like, optional
        The positions that sort `x1`, if it is not sorted.

    Returns
    -------
    Tensor
        Positions, int64, of the shape of `x2`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, set and searching functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.searchsorted([1.0, 2.0, 4.0], [2.0, 9.0])
    Tensor([1, 3], shape=(2,), dtype=int64)
    """

def selu(x: ArrayLike, /) -> Tensor:
    """Return the scaled exponential linear unit, with the constants that keep mean 0 and variance 1.

    Computes `1.0507 * x if x > 0 else 1.0507 * 1.67326 * (e ** x - 1)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, 2017, arXiv:1706.02515.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.selu([0.0, 1.0])
    Tensor([0.      , 1.050701], shape=(2,), dtype=float32)
    """

def separable_conv(
    inputs: ArrayLike,
    depthwise_kernel: ArrayLike,
    pointwise_kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Convolve every channel with kernels of its own, and mix the results, element by element.

    Parameters
    ----------
    inputs : array-like, (samples, ..., channels)
        With one, two or three axes for `...`; integers become float32.
    depthwise_kernel : array-like, (window, channels, multiplier)
        As in depthwise_conv.
    pointwise_kernel : array-like, (1, channels * multiplier, filters)
        The window is 1.
    strides : int or tuple of int
        How far apart windows are along each axis.
    padding : {"valid", "same"}
        Whether windows stay inside, or zeros around the input make room for one window per stride.
        Over one axis also "causal": windows that end at their element.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels are; last if not given.
    dilation_rate : int or tuple of int
        How far apart the elements of a window are.

    Returns
    -------
    Tensor
        (samples, ..., filters), of the promoted floating dtype.

    Raises
    ------
    ShapeError
        When channels do not match, or windows do not fit into the input.
    ArgumentError
        When a setting is not one of those above.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Chollet: Xception, arXiv:1610.02357, 2016; Keras 3, keras.ops.separable_conv.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.separable_conv([[[1.0, 2.0], [3.0, 4.0]]], [[[1.0], [10.0]], [[1.0], [10.0]]], [[[1.0], [1.0]]])
    Tensor([[[64.]]], shape=(1, 1, 1), dtype=float32)
    """

def sigmoid(x: ArrayLike, /) -> Tensor:
    """Return the logistic function.

    Computes `1 / (1 + e ** -x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 3.10.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sigmoid([0.0, 100.0])
    Tensor([0.5, 1. ], shape=(2,), dtype=float32)
    """

def sign(x: ArrayLike, /) -> Tensor:
    """Return the sign, which is -1, 0 or 1; NaN stays NaN.

    Computes `-1, 0 or 1` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sign([3.0, -2.0, 0.0])
    Tensor([ 1., -1.,  0.], shape=(3,), dtype=float32)
    """

def signbit(x: ArrayLike, /) -> Tensor:
    """Test whether the sign bit is set, as it is in -0.0.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.

    Returns
    -------
    Tensor
        bool, of the shape of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.signbit([-0.0, 0.0, -1.0])
    Tensor([ True, False,  True], shape=(3,), dtype=bool)
    """

def silu(x: ArrayLike, /) -> Tensor:
    """Return the sigmoid-weighted linear unit, also called swish.

    Computes `x / (1 + e ** -x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units, 2017, arXiv:1702.03118.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.silu([0.0, 100.0])
    Tensor([  0., 100.], shape=(2,), dtype=float32)
    """

def sin(x: ArrayLike, /) -> Tensor:
    """Return the sine; x is in radians.

    Computes `sin(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sin([0.0, 1.5707964])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """

def sinh(x: ArrayLike, /) -> Tensor:
    """Return the hyperbolic sine.

    Computes `(e ** x - e ** -x) / 2` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sinh([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def softmax(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """Divide exponentials by their sum, which makes probabilities of scores.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int
        Which sums to 1.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.softmax([1.0, 1.0])
    Tensor([0.5, 0.5], shape=(2,), dtype=float32)
    """

def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> Tensor:
    """Return minus the logarithm of the probability that softmax gives to the label, per row, in one pass.

    Parameters
    ----------
    logits : array-like, (rows, classes)
        Scores before softmax; floating.
    labels : integer array-like, (rows,)
        In 0..classes.

    Returns
    -------
    Tensor
        Of shape (rows,).

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.softmax_cross_entropy([[0.0, 0.0]], [1])
    Tensor([0.6931472], shape=(1,), dtype=float32)
    """

def softplus(x: ArrayLike, /) -> Tensor:
    """Return the softplus, a smooth relu.

    Computes `ln(1 + e ** x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Dugas et al.: Incorporating Second-Order Functional Knowledge, 2001.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.softplus([0.0, 100.0])
    Tensor([  0.6931472, 100.       ], shape=(2,), dtype=float32)
    """

def sort(
    x: ArrayLike, axis: Integer | None = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """Sort a dimension in ascending order; NaN comes last.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int or None
        Which dimension; None for all elements, as one vector.
    descending : bool
        Largest first.
    stable : bool
        Equals keep their order always.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sort([3.0, 1.0, 2.0])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """

def split(x: ArrayLike, indices_or_sections: Shape, axis: Integer = 0) -> list[Tensor]:
    """Cut along a dimension.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    indices_or_sections : int, or list of int
        The number of equal parts, or the positions of the cuts.
    axis : int
        Which dimension.

    Returns
    -------
    list of Tensor
        A list of views.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    NumPy reference, numpy.split.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.split([1.0, 2.0], 2)
    [Tensor([1.], shape=(1,), dtype=float32), Tensor([2.], shape=(1,), dtype=float32)]
    """

def sqrt(x: ArrayLike, /) -> Tensor:
    """Return the square root; NaN below zero.

    Computes `sqrt(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sqrt([9.0, 4.0])
    Tensor([3., 2.], shape=(2,), dtype=float32)
    """

def square(x: ArrayLike, /) -> Tensor:
    """Return the square.

    Computes `x * x` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.square([3.0, -2.0])
    Tensor([9., 4.], shape=(2,), dtype=float32)
    """

def squeeze(x: ArrayLike, axis: Axis = None) -> Tensor:
    """Remove dimensions of size 1.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int, tuple of int, or None
        Which; None for all of them.

    Returns
    -------
    Tensor
        Of fewer dimensions.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.squeeze([[1.0, 2.0]])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

def stack(arrays: Sequence[ArrayLike], axis: Integer = 0) -> Tensor:
    """Join arrays of one shape along a new dimension.

    Parameters
    ----------
    arrays : list or tuple of array-like
        Of one shape.
    axis : int
        Where it stands in the result.

    Returns
    -------
    Tensor
        Of one dimension more.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.stack(([1.0, 2.0], [3.0, 4.0]))
    Tensor([[1., 2.],
            [3., 4.]], shape=(2, 2), dtype=float32)
    """

def std(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, correction: float = 0) -> Tensor:
    """Return the standard deviation, the square root of the variance.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers and booleans become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    correction : float
        1 for the unbiased estimate from a sample (Bessel), 0 for a whole population.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floating.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.std([1.0, 3.0])
    Tensor(1., shape=(), dtype=float32)
    """

def stop_gradient(x: ArrayLike) -> Tensor:
    """Return the same values, through which no gradient flows.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Sharing the memory of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    TensorFlow, tf.stop_gradient.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.grad(lambda x: x * nn.stop_gradient(x))(3.0).item()
    3.0
    """

def subtract(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Subtract y from x.

    Computes `x - y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.
    y : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.subtract([1.0, 2.0], 1)
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """

def sum(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, dtype: DTypeLike | None = None) -> Tensor:
    """Sum elements; sums of floats accumulate in double precision.

    Parameters
    ----------
    x : array-like
        Any shape. Integer, floating or bool.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    dtype : dtype, optional
        Convert to it first, and give the result in it.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floats keep their dtype, unsigned integers become uint64, others int64.

    Raises
    ------
    ShapeError
        When an axis is out of range.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([4., 6.], shape=(2,), dtype=float32)
    """

def swish(x: ArrayLike, /) -> Tensor:
    """Return the sigmoid-weighted linear unit, also called swish.

    Computes `x / (1 + e ** -x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units, 2017, arXiv:1702.03118.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.silu([0.0, 100.0])
    Tensor([  0., 100.], shape=(2,), dtype=float32)
    """

def take(x: ArrayLike, indices: ArrayLike, axis: Integer = 0) -> Tensor:
    """Return the elements at `indices` along a dimension: rows of a table, a batch of samples.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    indices : integer array-like
        Any shape; negative ones count from the end.
    axis : int
        The first, by default; `np.take` without an axis takes from the flattened array.

    Returns
    -------
    Tensor
        Of shape `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.take([10.0, 20.0, 30.0], [2, 0])
    Tensor([30., 10.], shape=(2,), dtype=float32)
    """

def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: Integer = -1) -> Tensor:
    """Return one element per index along a dimension, as argsort and argmax give them.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    indices : integer array-like
        Of the dimensions of x.
    axis : int
        Which dimension.

    Returns
    -------
    Tensor
        Of the shape of `indices`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.take_along_axis([[10.0, 20.0]], [[1]])
    Tensor([[20.]], shape=(1, 1), dtype=float32)
    """

def tan(x: ArrayLike, /) -> Tensor:
    """Return the tangent; x is in radians.

    Computes `tan(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.tan([0.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """

def tanh(x: ArrayLike, /) -> Tensor:
    """Return the hyperbolic tangent.

    Computes `sinh(x) / cosh(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.tanh([0.0, 20.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """

def tensordot(a: ArrayLike, b: ArrayLike, axes: Axes = 2) -> Tensor:
    """Sum products over chosen dimensions of two arrays.

    Parameters
    ----------
    a : array-like
        Integer or floating.
    b : array-like
        Integer or floating.
    axes : int, or a pair of lists of int
        How many of the last dimensions of a, with as many of the first of b; or which of each.

    Returns
    -------
    Tensor
        The remaining dimensions of `a`, then those of `b`.

    Raises
    ------
    ArgumentError
        When `axes` is neither a number from 0 nor two lists.
    ShapeError
        When the sizes of these dimensions differ, or there are fewer.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.tensordot([1.0, 2.0], [3.0, 4.0], 1)
    Tensor(11., shape=(), dtype=float32)
    """

def tile(x: ArrayLike, repetitions: Shape) -> Tensor:
    """Repeat the whole array along its dimensions.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    repetitions : int or tuple of int
        How often, by dimension.

    Returns
    -------
    Tensor
        A larger tensor.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.tile([1.0, 2.0], 2)
    Tensor([1., 2., 1., 2.], shape=(4,), dtype=float32)
    """

def top_k(x: ArrayLike, k: Integer) -> tuple[Tensor, Tensor]:
    """Return the k largest elements along the last dimension, largest first, and their positions.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    k : int
        From 1 to the size of the last dimension.

    Returns
    -------
    tuple of two Tensors
        Values and int64 positions, each of shape `x.shape[:-1] + (k,)`.

    Raises
    ------
    ArgumentError
        When `k` is not an integer from 1 to the size of the last dimension.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.top_k.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.topk([3.0, 1.0, 2.0], 2)
    (Tensor([3., 2.], shape=(2,), dtype=float32), Tensor([0, 2], shape=(2,), dtype=int64))
    """

def topk(x: ArrayLike, k: Integer) -> tuple[Tensor, Tensor]:
    """Return the k largest elements along the last dimension, largest first, and their positions.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    k : int
        From 1 to the size of the last dimension.

    Returns
    -------
    tuple of two Tensors
        Values and int64 positions, each of shape `x.shape[:-1] + (k,)`.

    Raises
    ------
    ArgumentError
        When `k` is not an integer from 1 to the size of the last dimension.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.top_k.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.topk([3.0, 1.0, 2.0], 2)
    (Tensor([3., 2.], shape=(2,), dtype=float32), Tensor([0, 2], shape=(2,), dtype=int64))
    """

def transpose(x: ArrayLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    """Permute the dimensions; a view.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axes : tuple of int, optional
        Reversed if not given.

    Returns
    -------
    Tensor
        A view of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.permute_dims([[1.0, 2.0]])
    Tensor([[1.],
            [2.]], shape=(2, 1), dtype=float32)
    """

def tril(x: ArrayLike, /, *, k: Integer = 0) -> Tensor:
    """Return the elements on a diagonal and below it, with zeros elsewhere.

    Parameters
    ----------
    x : array-like
        At least two dimensions; the last two are a matrix.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.tril([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 0.],
            [3., 4.]], shape=(2, 2), dtype=float32)
    """

def triu(x: ArrayLike, /, *, k: Integer = 0) -> Tensor:
    """Return the elements on a diagonal and above it, with zeros elsewhere.

    Parameters
    ----------
    x : array-like
        At least two dimensions; the last two are a matrix.
    k : int
        Which diagonal: 0 is the main one, those above it are positive.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.triu([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 2.],
            [0., 4.]], shape=(2, 2), dtype=float32)
    """

def true_divide(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide x by y.

    Computes `x / y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    y : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.divide([1.0, 2.0], 4)
    Tensor([0.25, 0.5 ], shape=(2,), dtype=float32)
    """

def truediv(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide x by y.

    Computes `x / y` for every element; shapes broadcast together.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    y : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted floating dtype.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.divide([1.0, 2.0], 4)
    Tensor([0.25, 0.5 ], shape=(2,), dtype=float32)
    """

def trunc(x: ArrayLike, /) -> Tensor:
    """Round towards zero.

    Computes `trunc(x)` for every element.

    Parameters
    ----------
    x : array-like
        Any shape. Integer or floating.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.trunc([1.5, -2.7])
    Tensor([ 1., -2.], shape=(2,), dtype=float32)
    """

def unique_all(x: ArrayLike, /) -> UniqueAll:
    """Return the distinct values in ascending order; each NaN is a value of its own.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    UniqueAll
        `values` of the dtype of `x`, the `indices` of the first of each, the `inverse_indices` that make `x` of them, of its shape, and
        `counts`, int64.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, set and searching functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.unique_all([3, 1, 3])
    UniqueAll(values=Tensor([1, 3], shape=(2,), dtype=int64), indices=Tensor([1, 0], shape=(2,), dtype=int64), inverse_indices=Tensor([1, 0, 1], shape=(3,), dtype=int64), counts=Tensor([1, 2], shape=(2,), dtype=int64))
    """

def unique_counts(x: ArrayLike, /) -> UniqueCounts:
    """Return the distinct values in ascending order, and how often each occurs.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    UniqueCounts
        `values` of the dtype of `x`, and `counts`, int64, of one dimension.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, set and searching functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.unique_counts([3, 1, 3])
    UniqueCounts(values=Tensor([1, 3], shape=(2,), dtype=int64), counts=Tensor([1, 2], shape=(2,), dtype=int64))
    """

def unique_inverse(x: ArrayLike, /) -> UniqueInverse:
    """Return the distinct values in ascending order, and which of them each element is.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    UniqueInverse
        `values` of the dtype of `x`, and `inverse_indices`, int64, of its shape.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, set and searching functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.unique_inverse([3, 1, 3])
    UniqueInverse(values=Tensor([1, 3], shape=(2,), dtype=int64), inverse_indices=Tensor([1, 0, 1], shape=(3,), dtype=int64))
    """

def unique_values(x: ArrayLike, /) -> Tensor:
    """Return the distinct values in ascending order; each NaN is a value of its own.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of one dimension and the dtype of `x`.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, set and searching functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.unique_values([3, 1, 3])
    Tensor([1, 3], shape=(2,), dtype=int64)
    """

def unstack(x: ArrayLike, /, *, axis: Integer = 0) -> tuple[Tensor, ...]:
    """Return the parts of an array along a dimension; views.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.
    axis : int
        Which dimension.

    Returns
    -------
    tuple of Tensor
        Of one dimension less each.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.unstack([1.0, 2.0])
    (Tensor(1., shape=(), dtype=float32), Tensor(2., shape=(), dtype=float32))
    """

def var(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, correction: float = 0) -> Tensor:
    """Return the variance: the mean squared distance from the mean, divided by n - correction.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers and booleans become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.
    correction : float
        1 for the unbiased estimate from a sample (Bessel), 0 for a whole population.

    Returns
    -------
    Tensor
        Of the shape of `x` without the reduced dimensions. Floating.

    Raises
    ------
    ShapeError
        When an axis is out of range or there is nothing to reduce.

    References
    ----------
    Python array API standard 2024.12, statistical, searching and utility functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.var([1.0, 2.0, 6.0])
    Tensor(4.6666665, shape=(), dtype=float32)
    """

def vecdot(a: ArrayLike, b: ArrayLike, axis: Integer = -1) -> Tensor:
    """Return the dot products of vectors along a dimension; the others broadcast.

    Parameters
    ----------
    a : array-like
        Integer or floating.
    b : array-like
        Integer or floating.
    axis : int
        The dimension of the vectors, from the end.

    Returns
    -------
    Tensor
        Without that dimension, of the promoted dtype.

    Raises
    ------
    ShapeError
        When the shape does not fit.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.vecdot([[1.0, 2.0]], [3.0, 4.0])
    Tensor([11.], shape=(1,), dtype=float32)
    """

def where(condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Return x where the condition is true, and y elsewhere.

    Computes `x if condition else y` for every element; shapes broadcast together.

    Parameters
    ----------
    condition : array-like
        Any shape. Booleans.
    x : array-like
        Any shape. Any dtype.
    y : array-like
        Any shape. Any dtype.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype of `x` and `y`.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.where([True, False], [1.0, 2.0], 0)
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """

def zeros(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return a tensor of zeros.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result, not negative.
    dtype : dtype, optional
        float32 if not given.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    ArgumentError
        When a size is not an integer, or is negative.
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.zeros(2)
    Tensor([0., 0.], shape=(2,), dtype=float32)
    """

def zeros_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return zeros of the shape and dtype of another array.

    Parameters
    ----------
    x : array-like
        Whose shape and dtype are taken.
    dtype : dtype, optional
        Another one.
    device : {None, "cpu", "cuda"}
        None: that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of the shape asked for.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.zeros_like([1.0])
    Tensor([0.], shape=(1,), dtype=float32)
    """
