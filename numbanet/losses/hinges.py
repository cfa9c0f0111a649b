"""Losses of classifiers with a margin.

All functions take `(y_true, y_pred)` and reduce the last axis; the formulas are Keras 3's.
"""

from __future__ import annotations

from functools import partial

from numbanet.losses import targets
from numbanet.losses.loss import _Distributions, _Elementwise
from numbanet.losses.targets import aligned, check_between_0_and_1, signs_or_bits
from numbanet.ops.elementwise import equal, maximum, square, where
from numbanet.ops.reduce import max, mean, sum
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike


def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean(maximum(1 - y_true * y_pred, 0))` over the last axis.

    Parameters
    ----------
    y_true : array-like, (..., n)
        -1 and 1; or 0 and 1, where 0 is taken for -1.
    y_pred : array-like, (..., n)
        Scores; floating, integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When labels are neither all -1 and 1 nor all 0 and 1.

    References
    ----------
    Rosasco et al.: Are Loss Functions All the Same?, 2004. Keras 3, `hinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.hinge([[-1.0], [1.0]], [[0.5], [2.0]])
    Tensor([1.5, 0. ], shape=(2,), dtype=float32)
    """
    return mean(_lacking("hinge", y_true, y_pred), axis=-1)


def squared_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `mean(maximum(1 - y_true * y_pred, 0)**2)` over the last axis.

    Parameters
    ----------
    y_true : array-like, (..., n)
        -1 and 1; or 0 and 1, where 0 is taken for -1.
    y_pred : array-like, (..., n)
        Scores; floating, integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When labels are neither all -1 and 1 nor all 0 and 1.

    References
    ----------
    Rosasco et al.: Are Loss Functions All the Same?, 2004. Keras 3, `squared_hinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.squared_hinge([[-1.0], [1.0]], [[0.5], [2.0]])
    Tensor([2.25, 0.  ], shape=(2,), dtype=float32)
    """
    return mean(square(_lacking("squared_hinge", y_true, y_pred)), axis=-1)


def _lacking(name, y_true, y_pred):
    """Return how far scores are from a margin of 1 on the right side; 0 for those beyond it."""
    y_true, y_pred = aligned(name, y_true, y_pred)
    check_values(y_true, partial(signs_or_bits, name))
    signs = where(equal(y_true, 0), -1.0, y_true)
    return maximum(1 - signs * y_pred, 0)


def categorical_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return `maximum(highest score of another class - score of the class + 1, 0)`.

    Parameters
    ----------
    y_true : array-like, (..., classes)
        One-hot rows.
    y_pred : array-like, (..., classes)
        Scores; floating, integers become float32.

    Returns
    -------
    Tensor
        Of shape (...) and the dtype of `y_pred`: `maximum(max((1 - y_true) * y_pred) - sum(y_true * y_pred) + 1, 0)`.
        As in Keras, the score of the class counts as 0 among those of the others.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When a target lies outside 0..1.

    References
    ----------
    Crammer and Singer: On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines, 2001. Keras 3,
    `categorical_hinge`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.categorical_hinge([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("categorical_hinge", y_true, y_pred)
    check_between_0_and_1("categorical_hinge", y_true)
    other = max((1 - y_true) * y_pred, axis=-1)
    return maximum(other - sum(y_true * y_pred, axis=-1) + 1, 0)


class Hinge(_Elementwise):
    """The mean of `hinge`: labels -1 and 1, or 0 and 1.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.Hinge()([1, -1], [1.0, 1.0])
    Tensor(1., shape=(), dtype=float32)
    """

    function = staticmethod(hinge)

    def _check(self, name, y_true, shape):
        super()._check(name, y_true, shape)
        targets.signs_or_bits(name, y_true)


class SquaredHinge(Hinge):
    """The mean of `squared_hinge`: labels -1 and 1, or 0 and 1.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.SquaredHinge()([1, -1], [1.0, 1.0])
    Tensor(2., shape=(), dtype=float32)
    """

    function = staticmethod(squared_hinge)


class CategoricalHinge(_Distributions):
    """The mean of `categorical_hinge`: one-hot labels.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    function = staticmethod(categorical_hinge)
