"""What TensorFlow's `tf.nn` has besides activations: losses of scores, normalization, moments."""

from __future__ import annotations

from numbanet.core.checks import as_number
from numbanet.core.dtypes import is_float
from numbanet.errors import ShapeError
from numbanet.losses import categorical_crossentropy, sparse_categorical_crossentropy
from numbanet.losses.targets import floating
from numbanet.ops.activations import softplus
from numbanet.ops.arranging import moveaxis
from numbanet.ops.elementwise import maximum, rsqrt, square
from numbanet.ops.reduce import mean, sum, var
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Axis, Integer, Real


def softmax_cross_entropy_with_logits(labels: ArrayLike, logits: ArrayLike, axis: Integer = -1) -> Tensor:
    """Compute the cross-entropy of distributions over classes and the softmax of scores.

    Parameters
    ----------
    labels : array-like, (..., classes)
        One-hot rows, or other probabilities.
    logits : array-like, (..., classes)
        Scores before softmax, of the shape of the labels; floating.
    axis : int
        That of the classes.

    Returns
    -------
    Tensor
        One loss per row: `nn.losses.categorical_crossentropy(labels, logits, from_logits=True)`.

    Raises
    ------
    ShapeError
        When the shapes differ, or the axis is out of range.

    References
    ----------
    TensorFlow, tf.nn.softmax_cross_entropy_with_logits.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nn.softmax_cross_entropy_with_logits(labels=[[0.0, 1.0]], logits=[[0.0, 0.0]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    return categorical_crossentropy(moveaxis(labels, axis, -1), moveaxis(logits, axis, -1), from_logits=True)


def sparse_softmax_cross_entropy_with_logits(labels: ArrayLike, logits: ArrayLike) -> Tensor:
    """Compute minus the logarithm of the probability that the softmax of scores gives to the right class.

    Parameters
    ----------
    labels : integer array-like, (...)
        From 0 to classes - 1.
    logits : array-like, (..., classes)
        Scores before softmax; floating.

    Returns
    -------
    Tensor
        One loss per row: `nn.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)`.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    ArgumentError
        When a label is none of the classes.

    References
    ----------
    TensorFlow, tf.nn.sparse_softmax_cross_entropy_with_logits.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0.0, 0.0]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    return sparse_categorical_crossentropy(labels, logits, from_logits=True)


def sigmoid_cross_entropy_with_logits(labels: ArrayLike, logits: ArrayLike) -> Tensor:
    """Compute the cross-entropy of labels and the sigmoid of scores, for each element by itself.

    Parameters
    ----------
    labels : array-like
        0 or 1, or between. Any shape.
    logits : array-like
        Scores before sigmoid, of the shape of the labels; floating.

    Returns
    -------
    Tensor
        `labels * softplus(-logits) + (1 - labels) * softplus(logits)`, of the shape of the labels: unlike
        `nn.losses.binary_crossentropy`, it takes no mean of the last axis.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    TensorFlow, tf.nn.sigmoid_cross_entropy_with_logits.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0, 0.0]).numpy().round(4)
    array([0.6931, 0.6931], dtype=float32)
    """
    z, y = asarray(logits), asarray(labels)
    if z.shape != y.shape:
        raise ShapeError(
            f"sigmoid_cross_entropy_with_logits: labels {y.shape} and logits {z.shape} must be of one shape"
        )
    y = y if is_float(y.dtype) else y.astype(z.dtype)
    return y * softplus(-z) + (1.0 - y) * softplus(z)


def l2_normalize(x: ArrayLike, axis: Axis = None, epsilon: Real = 1e-12) -> Tensor:
    """Scale vectors to length 1.

    Parameters
    ----------
    x : array-like
        Any shape; floating.
    axis : int, tuple of int, or None
        Along which vectors lie; None takes all elements for one vector.
    epsilon : float
        The least square of a length that is divided by.

    Returns
    -------
    Tensor
        `x / sqrt(max(sum(x ** 2), epsilon))`, of the shape of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When `epsilon` is negative.

    References
    ----------
    TensorFlow, tf.math.l2_normalize.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nn.l2_normalize([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """
    x, least = floating(x), as_number("l2_normalize: epsilon", epsilon, low=0.0)
    return x * rsqrt(maximum(sum(square(x), axis=axis, keepdims=True), least))


def moments(x: ArrayLike, axes: Axis, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """Compute mean and variance.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axes : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    tuple of Tensor
        The mean, and the variance that is divided by the number of elements.

    Raises
    ------
    ShapeError
        When there is nothing to reduce, or an axis is out of range.

    References
    ----------
    TensorFlow, tf.nn.moments. Keras 3, keras.ops.moments.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.nn.moments([1.0, 3.0], axes=0)
    (Tensor(2., shape=(), dtype=float32), Tensor(1., shape=(), dtype=float32))
    """
    return mean(x, axis=axes, keepdims=keepdims), var(x, axis=axes, keepdims=keepdims)
