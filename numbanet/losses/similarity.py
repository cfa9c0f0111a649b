"""The angle between targets and predictions as a loss; the formula is Keras 3's."""

from __future__ import annotations

from numbanet.core.checks import as_integer
from numbanet.losses.regression import _Regression
from numbanet.losses.targets import aligned, is_last
from numbanet.ops.elementwise import abs, divide, maximum, sqrt, square
from numbanet.ops.reduce import max, sum
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Config, Integer

SHORTEST = 1e-6
"""Shorter vectors are not made longer: this is the root of the epsilon of Keras's `normalize`."""


def cosine_similarity(y_true: ArrayLike, y_pred: ArrayLike, axis: Integer = -1) -> Tensor:
    """Return minus the cosine of the angle between targets and predictions: -1 for the same direction.

    Parameters
    ----------
    y_true, y_pred : array-like, (..., n)
        Vectors. Floating; integers become float32. The length of one that is shorter than 1e-6 counts as 1e-6, so that
        the similarity to a vector of zeros is 0.
    axis : int
        The axis of the vectors, which is left out of the result.

    Returns
    -------
    Tensor
        From -1 to 1; of shape (...) and the dtype of `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, `keras.losses.cosine_similarity`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.cosine_similarity([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [3.0, 3.0]]).numpy().round(4)
    array([-0., -1.], dtype=float32)
    """
    y_true, y_pred = aligned("cosine_similarity", y_true, y_pred)
    return -sum(_direction(y_true, axis) * _direction(y_pred, axis), axis=axis)


def _direction(x, axis):
    """Return vectors of length 1; they are divided by their largest element first, whose square could overflow."""
    largest = maximum(max(abs(x), axis=axis, keepdims=True), SHORTEST)
    scaled = x / largest
    return scaled / sqrt(maximum(sum(square(scaled), axis=axis, keepdims=True), square(divide(SHORTEST, largest))))


class CosineSimilarity(_Regression):
    """The mean of `cosine_similarity`.

    Parameters
    ----------
    axis : int
        The axis of the vectors.
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]])
    Tensor(-1., shape=(), dtype=float32)
    """

    function = staticmethod(cosine_similarity)
    axis: int = -1

    def __init__(
        self, axis: Integer = -1, reduction: str | None = "sum_over_batch_size", name: str | None = None
    ) -> None:
        super().__init__(reduction, name)
        self.axis = as_integer("CosineSimilarity: axis", axis)

    def settings(self) -> Config:
        return {} if is_last(self.axis) else {"axis": self.axis}
