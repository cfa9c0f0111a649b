"""Losses of numbers: how far predictions lie from them.

All functions take `(y_true, y_pred)` and reduce the last axis; the formulas are Keras 3's.
"""

from __future__ import annotations

from functools import partial

from numbanet.core.checks import as_number
from numbanet.losses import targets
from numbanet.losses.loss import _Elementwise
from numbanet.losses.targets import aligned
from numbanet.ops.elementwise import abs, square, where
from numbanet.ops.reduce import mean
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Config, Real


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean((y_true - y_pred)**2)` over the last axis.

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

    References
    ----------
    Keras 3, `mean_squared_error`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]])
    Tensor([2.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("mean_squared_error", y_true, y_pred)
    return mean(square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean(|y_true - y_pred|)` over the last axis.

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

    References
    ----------
    Keras 3, `mean_absolute_error`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("mean_absolute_error", y_true, y_pred)
    return mean(abs(y_true - y_pred), axis=-1)


def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: Real = 1.0) -> Tensor:
    """Return half the squared error up to `delta`, and a straight line beyond; the mean of the last axis.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
        Targets and predictions. Floating; integers become float32.
    delta : float
        Where the line starts; positive.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When `delta` is not positive.

    References
    ----------
    Huber: Robust Estimation of a Location Parameter, 1964. Keras 3, `huber`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.huber([[0.0, 1.0]], [[1.0, 3.0]])
    Tensor([1.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("huber", y_true, y_pred)
    limit = as_number("delta", delta, positive=True)
    error = y_pred - y_true
    size = abs(error)
    return mean(where(size <= limit, 0.5 * square(error), limit * size - 0.5 * limit**2), axis=-1)


class _Regression(_Elementwise):
    """What takes any number for a target, as long as it is finite."""

    def _check(self, name, y_true, shape):
        super()._check(name, y_true, shape)
        targets.finite(name, y_true.dtype, y_true)

    def _check_values(self, y_true, y_pred):
        check_values(y_true, partial(targets.finite, self.name, targets.floating(y_pred).dtype))


class MeanSquaredError(_Regression):
    """The mean of `mean_squared_error`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.MeanSquaredError()([1.0, 2.0], [1.0, 4.0], sample_weight=[1.0, 0.5])
    Tensor(1., shape=(), dtype=float32)
    """

    function = staticmethod(mean_squared_error)


class MeanAbsoluteError(_Regression):
    """The mean of `mean_absolute_error`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.MeanAbsoluteError()([1.0, 2.0], [1.0, 4.0])
    Tensor(1., shape=(), dtype=float32)
    """

    function = staticmethod(mean_absolute_error)


class Huber(_Regression):
    """The mean of `huber`.

    Parameters
    ----------
    delta : float
        Where the straight line starts; positive.
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.Huber()([1.0, 2.0], [1.0, 4.0])
    Tensor(0.75, shape=(), dtype=float32)
    """

    function = staticmethod(huber)

    def __init__(
        self, delta: Real = 1.0, reduction: str | None = "sum_over_batch_size", name: str | None = None
    ) -> None:
        super().__init__(reduction, name)
        self.delta: float = as_number("delta", delta, positive=True)

    def settings(self) -> Config:
        return {"delta": self.delta}
