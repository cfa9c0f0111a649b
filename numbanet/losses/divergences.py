"""Divergences of distributions.

All functions take `(y_true, y_pred)` and reduce the last axis; the formulas are Keras 3's.
"""

from __future__ import annotations

from numbanet.losses.loss import _Distributions
from numbanet.losses.targets import EPSILON, aligned
from numbanet.ops.elementwise import clip
from numbanet.ops.functions import log
from numbanet.ops.reduce import sum
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike


def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return the Kullback-Leibler divergence of two distributions: `sum(y_true * log(y_true / y_pred))`.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., classes)
        Probabilities, kept between 1e-7 and 1.

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
    Goodfellow, Bengio, Courville: Deep Learning, section 3.13. Keras 3, `kl_divergence`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
    Tensor([0.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = aligned("kl_divergence", y_true, y_pred)
    y_true, y_pred = clip(y_true, EPSILON, 1), clip(y_pred, EPSILON, 1)
    return sum(y_true * log(y_true / y_pred), axis=-1)


class KLDivergence(_Distributions):
    """The mean of `kl_divergence`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.KLDivergence()([[1.0, 0.0]], [[1.0, 0.0]])
    Tensor(0., shape=(), dtype=float32)
    """

    function = staticmethod(kl_divergence)
