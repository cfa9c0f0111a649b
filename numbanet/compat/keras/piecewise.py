"""The activations of `keras.ops` that are made of pieces, and that numbanet has in no other place."""

from __future__ import annotations

from numbanet.core.checks import as_number
from numbanet.ops.activations import relu
from numbanet.ops.elementwise import abs, clip, greater, less_equal, minimum, sign, square, where
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Real


def hard_shrink(x: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Set elements to 0 unless they are farther from 0 than a threshold.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    threshold : float
        The largest distance from 0 of what becomes 0.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype; NaN stays. Gradients flow to the elements that stay.

    Raises
    ------
    ArgumentError
        When `threshold` is not a finite number.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Donoho and Johnstone: Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, 1994. Keras 3,
    keras.ops.hard_shrink.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_shrink([0.2, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """
    x = asarray(x)
    return where(less_equal(abs(x), as_number("hard_shrink: threshold", threshold)), 0.0, x)


def soft_shrink(x: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Move elements towards 0 by a threshold; those that are nearer become 0.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    threshold : float
        How far to move them.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype; NaN stays. Gradients flow to the elements that do not become 0.

    Raises
    ------
    ArgumentError
        When `threshold` is not a finite number.
    DTypeError
        When the dtype is not supported, or is bool.

    References
    ----------
    Donoho and Johnstone: Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, 1994. Keras 3,
    keras.ops.soft_shrink.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.soft_shrink([0.2, 2.0])
    Tensor([0. , 1.5], shape=(2,), dtype=float32)
    """
    x, by = asarray(x), as_number("soft_shrink: threshold", threshold)
    return where(less_equal(abs(x), by), 0.0, x - sign(x) * by)


def hard_sigmoid(x: ArrayLike) -> Tensor:
    """Compute `x / 6 + 1 / 2`, limited to the interval from 0 to 1.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Howard et al.: Searching for MobileNetV3, arXiv:1905.02244, 2019. Keras 3, keras.ops.hard_sigmoid.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_sigmoid([-3.0, 0.0, 3.0])
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return relu6(asarray(x) + 3.0) / 6.0


def hard_silu(x: ArrayLike) -> Tensor:
    """Compute `x * hard_sigmoid(x)`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow through it.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Howard et al.: Searching for MobileNetV3, arXiv:1905.02244, 2019, section 5.2. Keras 3, keras.ops.hard_silu.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_silu([-3.0, 0.0, 3.0])
    Tensor([-0.,  0.,  3.], shape=(3,), dtype=float32)
    """
    x = asarray(x)
    return x * hard_sigmoid(x)


def hard_tanh(x: ArrayLike) -> Tensor:
    """Limit elements to the interval from -1 to 1.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow to the elements inside.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Collobert: Large scale machine learning, Université Paris VI, 2004. Keras 3, keras.ops.hard_tanh.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hard_tanh([-2.0, 0.5])
    Tensor([-1. ,  0.5], shape=(2,), dtype=float32)
    """
    return clip(x, -1.0, 1.0)


def relu6(x: ArrayLike) -> Tensor:
    """Limit elements to the interval from 0 to 6.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating. Booleans become integers.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. Gradients flow to the elements inside.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Krizhevsky: Convolutional deep belief networks on CIFAR-10, 2010. Keras 3, keras.ops.relu6.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.relu6([-1.0, 9.0])
    Tensor([0., 6.], shape=(2,), dtype=float32)
    """
    return minimum(relu(x), 6)


def sparse_plus(x: ArrayLike) -> Tensor:
    """Compute 0 up to -1, `(x + 1) ** 2 / 4` from there to 1, and `x` above.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Its gradient is `sparse_sigmoid(x)`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Blondel, Martins and Niculae: Learning with Fenchel-Young losses, Journal of Machine Learning Research 21, 2020.
    Keras 3, keras.ops.sparse_plus.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.sparse_plus([-2.0, 0.0, 2.0])
    Tensor([0.  , 0.25, 2.  ], shape=(3,), dtype=float32)
    """
    x = asarray(x)
    return where(greater(x, 1.0), x, square(relu(x + 1.0)) / 4.0)


def sparse_sigmoid(x: ArrayLike) -> Tensor:
    """Compute `(x + 1) / 2`, limited to the interval from 0 to 1.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype. Gradients flow to the elements from -1 to 1.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Martins and Astudillo: From softmax to sparsemax, arXiv:1602.02068, 2016, for two classes. Keras 3,
    keras.ops.sparse_sigmoid.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.sparse_sigmoid([-2.0, 0.0, 2.0])
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return clip((asarray(x) + 1.0) / 2.0, 0.0, 1.0)


def threshold(x: ArrayLike, threshold: Real, default_value: Real) -> Tensor:
    """Put a value in place of the elements that are not above a threshold.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    threshold : float
        The largest element that is replaced.
    default_value : float
        The value.

    Returns
    -------
    Tensor
        Of the shape of `x` and the floating dtype; NaN stays. Gradients flow to the elements that stay.

    Raises
    ------
    ArgumentError
        When `threshold` or `default_value` is not a finite number.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.threshold.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.threshold([1.0, 3.0], 2.0, 0.0)
    Tensor([0., 3.], shape=(2,), dtype=float32)
    """
    x, value = asarray(x), as_number("threshold: default_value", default_value)
    return where(less_equal(x, as_number("threshold", threshold)), value, x)
