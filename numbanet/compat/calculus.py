"""What TensorFlow's `tf.math` has that differs from numbanet's own functions in parameters or defaults."""

from __future__ import annotations

import numpy as np

from numbanet.compat.reductions import bincount
from numbanet.core.checks import as_flag, as_integer
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops import reduce
from numbanet.ops.activations import softplus
from numbanet.ops.elementwise import divide, equal, negative, square, subtract, where
from numbanet.ops.shaping import concat, flip, reshape
from numbanet.ops.sorting import cumulative_prod, cumulative_sum
from numbanet.tensor.tensor import Tensor, asarray, pair
from numbanet.typing import ArrayLike, Integer


def argmax(x: ArrayLike, axis: Integer | None = 0) -> Tensor:
    """Find the position of the largest element, along the first dimension by default.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int or None
        None: of the flattened array. `nn.argmax`, like NumPy's, takes this if no axis is given.

    Returns
    -------
    Tensor
        Positions, int64; the first one of equal elements.

    Raises
    ------
    ShapeError
        When the axis is out of range or has no elements.

    References
    ----------
    TensorFlow, tf.math.argmax.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.argmax([[1.0, 5.0], [2.0, 3.0]])
    Tensor([1, 0], shape=(2,), dtype=int64)
    """
    return reduce.argmax(x, axis=axis)


def argmin(x: ArrayLike, axis: Integer | None = 0) -> Tensor:
    """Find the position of the smallest element, along the first dimension by default.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int or None
        None: of the flattened array. `nn.argmin`, like NumPy's, takes this if no axis is given.

    Returns
    -------
    Tensor
        Positions, int64; the first one of equal elements.

    Raises
    ------
    ShapeError
        When the axis is out of range or has no elements.

    References
    ----------
    TensorFlow, tf.math.argmin.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.argmin([[1.0, 5.0], [2.0, 3.0]])
    Tensor([0, 1], shape=(2,), dtype=int64)
    """
    return reduce.argmin(x, axis=axis)


def cumsum(x: ArrayLike, axis: Integer = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """Compute running totals, along the first dimension by default.

    Parameters
    ----------
    x : array-like
        Of at least one dimension; integer or floating.
    axis : int
        The dimension along which to add up.
    exclusive : bool
        Leave each element out of its own total: the first is 0.
    reverse : bool
        Begin at the end.

    Returns
    -------
    Tensor
        Of the shape of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the axis is out of range.
    ArgumentError
        When the axis is not an integer, or `exclusive` or `reverse` is not a bool.

    References
    ----------
    TensorFlow, tf.math.cumsum.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.cumsum([1.0, 2.0, 3.0], exclusive=True)
    Tensor([0., 1., 3.], shape=(3,), dtype=float32)
    """
    return _running("cumsum", cumulative_sum, x, axis, exclusive, reverse)


def cumprod(x: ArrayLike, axis: Integer = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """Compute running products, along the first dimension by default.

    Parameters
    ----------
    x : array-like
        Of at least one dimension; integer or floating.
    axis : int
        The dimension along which to multiply.
    exclusive : bool
        Leave each element out of its own product: the first is 1.
    reverse : bool
        Begin at the end.

    Returns
    -------
    Tensor
        Of the shape of `x`. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the axis is out of range.
    ArgumentError
        When the axis is not an integer, or `exclusive` or `reverse` is not a bool.

    References
    ----------
    TensorFlow, tf.math.cumprod.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.cumprod([1.0, 2.0, 3.0], reverse=True)
    Tensor([6., 6., 3.], shape=(3,), dtype=float32)
    """
    return _running("cumprod", cumulative_prod, x, axis, exclusive, reverse)


def _running(name, compute, x, axis, exclusive, reverse):
    x = asarray(x)
    at, without_own = as_integer(f"{name}: axis", axis), as_flag(f"{name}: exclusive", exclusive)
    backwards = as_flag(f"{name}: reverse", reverse)
    x = flip(x, at) if backwards else x
    found = compute(x, axis=at, include_initial=without_own)
    if without_own:
        parts = [slice(None)] * found.ndim
        parts[at] = slice(None, -1)
        found = found[tuple(parts)]
    return flip(found, at) if backwards else found


def divide_no_nan(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Divide, with 0 where the divisor is 0.

    Parameters
    ----------
    x, y : array-like
        Of shapes that broadcast; floating.

    Returns
    -------
    Tensor
        Gradients are 0, too, where the divisor is 0.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.

    References
    ----------
    TensorFlow, tf.math.divide_no_nan.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.divide_no_nan([1.0, 4.0], [0.0, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """
    x, y = pair("divide_no_nan", x, y)
    nothing = equal(y, 0)
    return where(nothing, 0.0, divide(x, where(nothing, 1.0, y)))


def squared_difference(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Compute `(x - y) ** 2`.

    Parameters
    ----------
    x, y : array-like
        Of shapes that broadcast; integer or floating.

    Returns
    -------
    Tensor
        Of the broadcast shape and the promoted dtype. Gradients flow through it.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.

    References
    ----------
    TensorFlow, tf.math.squared_difference.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.squared_difference([1.0, 4.0], [3.0, 4.0])
    Tensor([4., 0.], shape=(2,), dtype=float32)
    """
    return square(subtract(x, y))


def log_sigmoid(x: ArrayLike) -> Tensor:
    """Compute the logarithm of the sigmoid, `-softplus(-x)`, which is exact where the sigmoid is tiny.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x`. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    TensorFlow, tf.math.log_sigmoid. Keras 3, keras.ops.log_sigmoid.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.log_sigmoid([-100.0])
    Tensor([-100.], shape=(1,), dtype=float32)
    """
    return negative(softplus(negative(x)))


def confusion_matrix(
    labels: ArrayLike, predictions: ArrayLike, num_classes: Integer | None = None, weights: ArrayLike | None = None
) -> Tensor:
    """Count how often each class was taken for each other.

    Parameters
    ----------
    labels, predictions : integer array-like, (n,)
        Classes, from 0.
    num_classes : int, optional
        One more than the largest class, if not given.
    weights : array-like, (n,), optional
        What each element counts.

    Returns
    -------
    Tensor
        Of shape (classes, classes): rows are labels, columns predictions. int64, or of the dtype of `nn.bincount`.

    Raises
    ------
    ShapeError
        When the shapes differ, or are not of one dimension.
    DTypeError
        When classes are not integers.
    ArgumentError
        When a class is negative, or not below `num_classes`.

    References
    ----------
    TensorFlow, tf.math.confusion_matrix.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.math.confusion_matrix([0, 1, 1], [0, 0, 1])
    Tensor([[1, 0],
            [1, 1]], shape=(2, 2), dtype=int64)
    """
    true, found = asarray(labels), asarray(predictions)
    if true.shape != found.shape or true.ndim != 1:
        raise ShapeError(f"confusion_matrix: needs two vectors of one length, got {true.shape} and {found.shape}")
    seen = len(bincount(concat([true, found])))  # which refuses what is not a class
    count = seen if num_classes is None else as_integer("confusion_matrix: num_classes", num_classes, low=1)
    if seen > count:
        raise ArgumentError(f"confusion_matrix: class {seen - 1} is outside the {count} classes 0 to {count - 1}")
    places = true.astype(np.int64) * count + found.astype(np.int64)
    return reshape(bincount(places, weights, count * count), (count, count))
