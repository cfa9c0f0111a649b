"""Losses of numbers that measure errors relatively, on a logarithmic scale, or as those of counts.

All functions take `(y_true, y_pred)` and reduce the last axis; the formulas are Keras 3's.
"""

from __future__ import annotations

import math

from numbanet.losses.regression import _Regression
from numbanet.losses.targets import EPSILON, aligned
from numbanet.ops.activations import softplus
from numbanet.ops.elementwise import abs, clip, less, maximum, square, where
from numbanet.ops.functions import log, log1p, sinh
from numbanet.ops.reduce import mean
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike


def mean_absolute_percentage_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `100 * mean(|y_true - y_pred| / |y_true|)` over the last axis.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
        Targets and predictions. Floating; integers become float32. Targets nearer to 0 than 1e-7 count as 1e-7.

    Returns
    -------
    Tensor
        Percents, of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, `mean_absolute_percentage_error`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.mean_absolute_percentage_error([[1.0, 2.0]], [[1.5, 1.0]])
    Tensor([50.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("mean_absolute_percentage_error", y_true, y_pred)
    return 100 * mean(abs((y_true - y_pred) / maximum(abs(y_true), EPSILON)), axis=-1)


def mean_squared_logarithmic_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean((log(1 + y_true) - log(1 + y_pred))**2)` over the last axis.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
        Targets and predictions. Floating; integers become float32. Numbers below 1e-7, negative ones among them, count
        as 1e-7.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, `mean_squared_logarithmic_error`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.mean_squared_logarithmic_error([[0.0, 3.0]], [[1.0, 3.0]]).numpy().round(4)
    array([0.2402], dtype=float32)
    """
    y_true, y_pred = aligned("mean_squared_logarithmic_error", y_true, y_pred)
    return mean(square(log1p(maximum(y_pred, EPSILON)) - log1p(maximum(y_true, EPSILON))), axis=-1)


def log_cosh(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean(log(cosh(y_pred - y_true)))` over the last axis: squares of small errors, sizes of large ones.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
        Targets and predictions. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    Notes
    -----
    For errors below 1, `log(cosh(x))` is `log(1 + 2 * sinh(x / 2)**2)`, and for others
    `|x| + log(1 + exp(-2 * |x|)) - log(2)`: no digit of small errors is lost, and none overflows.

    References
    ----------
    Keras 3, `log_cosh`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.log_cosh([[0.0, 0.0]], [[1.0, 200.0]]).numpy().round(4)
    array([99.8703], dtype=float32)
    """
    y_true, y_pred = aligned("log_cosh", y_true, y_pred)
    error = y_pred - y_true
    size = abs(error)
    small = log1p(2 * square(sinh(clip(error, -1, 1) / 2)))
    return mean(where(less(size, 1), small, size + softplus(-2 * size) - math.log(2)), axis=-1)


def poisson(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean(y_pred - y_true * log(y_pred))` over the last axis: minus the log-likelihood of counts.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
        Counts, and the rates that are predicted for them: positive numbers, to which 1e-7 is added in the logarithm.
        Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`, without the terms that depend on `y_true` alone; NaN where a rate is
        negative.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, `poisson`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.poisson([[2.0, 0.0]], [[1.0, 3.0]]).numpy().round(4)
    array([2.], dtype=float32)
    """
    y_true, y_pred = aligned("poisson", y_true, y_pred)
    return mean(y_pred - y_true * log(y_pred + EPSILON), axis=-1)


class MeanAbsolutePercentageError(_Regression):
    """The mean of `mean_absolute_percentage_error`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.MeanAbsolutePercentageError()([1.0, 2.0], [1.5, 2.0])
    Tensor(25., shape=(), dtype=float32)
    """

    function = staticmethod(mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(_Regression):
    """The mean of `mean_squared_logarithmic_error`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.MeanSquaredLogarithmicError()([0.0, 3.0], [1.0, 3.0]).numpy().round(4)
    np.float32(0.2402)
    """

    function = staticmethod(mean_squared_logarithmic_error)


class LogCosh(_Regression):
    """The mean of `log_cosh`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.LogCosh()([0.0, 0.0], [1.0, 200.0]).numpy().round(4)
    np.float32(99.8703)
    """

    function = staticmethod(log_cosh)


class Poisson(_Regression):
    """The mean of `poisson`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.Poisson()([2.0, 0.0], [1.0, 3.0]).numpy().round(4)
    np.float32(2.0)
    """

    function = staticmethod(poisson)
