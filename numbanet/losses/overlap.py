"""How little of two regions overlaps, as a loss of segmentations; the formulas are Keras 3's."""

from __future__ import annotations

from typing import Any

from numbanet.core.checks import as_integer, as_number
from numbanet.losses.loss import Loss, _Distributions
from numbanet.losses.targets import EPSILON, aligned, check_between_0_and_1
from numbanet.ops.reduce import sum
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Axis, Config, Real


def dice(y_true: ArrayLike, y_pred: ArrayLike, axis: Axis = None) -> Tensor:
    """Return one minus the Dice coefficient: `1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))`.

    Parameters
    ----------
    y_true : array-like
        What belongs to the region: 0 or 1, or between.
    y_pred : array-like, of the same shape
        Probabilities. Floating; integers become float32.
    axis : int, or tuple of int, optional
        The axes that are summed over: all of them if not given, which gives one number for the batch.

    Returns
    -------
    Tensor
        From 0 to 1, of the shape of `y_pred` without these axes, and its dtype.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When a target lies outside 0..1.

    References
    ----------
    Milletari, Navab, Ahmadi: V-Net, 2016, arXiv:1606.04797. Keras 3, `dice`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.dice([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]]).numpy().round(4)
    np.float32(0.3333)
    """
    true, pred = _regions("dice", y_true, y_pred)
    overlap = 2 * sum(true * pred, axis=axis)
    return 1 - overlap / (sum(true, axis=axis) + sum(pred, axis=axis) + EPSILON)


def tversky(y_true: ArrayLike, y_pred: ArrayLike, alpha: Real = 0.5, beta: Real = 0.5, axis: Axis = None) -> Tensor:
    """Return one minus the Tversky index, which weighs what is missed and what is too much.

    Parameters
    ----------
    y_true : array-like
        What belongs to the region: 0 or 1, or between.
    y_pred : array-like, of the same shape
        Probabilities. Floating; integers become float32.
    alpha, beta : float
        The weights of `sum(y_true * (1 - y_pred))` and of `sum(y_pred * (1 - y_true))`; 0 or above. 0.5 and 0.5 give
        the Dice loss.
    axis : int, or tuple of int, optional
        The axes that are summed over: all of them if not given, which gives one number for the batch.

    Returns
    -------
    Tensor
        From 0 to 1, of the shape of `y_pred` without these axes, and its dtype.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When a target lies outside 0..1, or a weight is negative.

    References
    ----------
    Salehi, Erdogmus, Gholipour: Tversky loss function for image segmentation, 2017, arXiv:1706.05721. Keras 3,
    `tversky`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.tversky([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]], alpha=1.0).numpy().round(4)
    np.float32(0.5)
    """
    true, pred = _regions("tversky", y_true, y_pred)
    missed, beyond = as_number("alpha", alpha, 0), as_number("beta", beta, 0)
    overlap = sum(true * pred, axis=axis)
    others = missed * sum(true * (1 - pred), axis=axis) + beyond * sum(pred * (1 - true), axis=axis)
    return 1 - overlap / (overlap + others + EPSILON)


def _regions(name, y_true, y_pred):
    y_true, y_pred = aligned(name, y_true, y_pred)
    check_between_0_and_1(name, y_true)
    return y_true, y_pred


def _axes(who: str, axis: Any) -> Any:
    """Return axes as an int, a tuple of int, or None; ArgumentError for anything else."""
    if isinstance(axis, (list, tuple)):
        return tuple(as_integer(f"{who}: axis", one) for one in axis)
    return None if axis is None else as_integer(f"{who}: axis", axis)


class _Overlap(_Distributions):
    axis: int | tuple[int, ...] | None

    def settings(self) -> Config:
        return {"axis": self.axis}


class Dice(_Overlap):
    """The mean of `dice`.

    Parameters
    ----------
    reduction, name
        As for `Loss`.
    axis : int, or tuple of int, optional
        The axes that are summed over. With all of them, as by default, there is one number for the batch, which weights
        of samples do not fit.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.Dice(axis=-1)([[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]]).numpy().round(4)
    np.float32(0.5)
    """

    function = staticmethod(dice)

    def __init__(self, reduction: str | None = Loss.reduction, name: str | None = None, axis: Axis = None) -> None:
        super().__init__(reduction, name)
        self.axis = _axes("Dice", axis)


class Tversky(_Overlap):
    """The mean of `tversky`.

    Parameters
    ----------
    alpha, beta : float
        The weights of what is missed, and of what is too much.
    reduction, name
        As for `Loss`.
    axis : int, or tuple of int, optional
        The axes that are summed over. With all of them, as by default, there is one number for the batch, which weights
        of samples do not fit.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.Tversky(alpha=1.0)([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]]).numpy().round(4)
    np.float32(0.5)
    """

    function = staticmethod(tversky)

    def __init__(
        self,
        alpha: Real = 0.5,
        beta: Real = 0.5,
        reduction: str | None = Loss.reduction,
        name: str | None = None,
        axis: Axis = None,
    ) -> None:
        super().__init__(reduction, name)
        self.alpha: float = as_number("alpha", alpha, 0)
        self.beta: float = as_number("beta", beta, 0)
        self.axis = _axes("Tversky", axis)

    def settings(self) -> Config:
        return {"alpha": self.alpha, "beta": self.beta} | super().settings()
