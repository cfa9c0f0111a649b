"""What a loss is: a function with its settings, which reduces to the mean over samples. Models train on these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numbanet.core.attributes import Guarded
from numbanet.core.names import BASES, function_named, saved_name
from numbanet.errors import ShapeError, unknown_name
from numbanet.losses import targets
from numbanet.ops.elementwise import equal, logical_and, where
from numbanet.ops.masks import mask_of
from numbanet.ops.reduce import mean, sum
from numbanet.ops.shaping import reshape
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import Tensor, asarray, beside
from numbanet.typing import ArrayLike, Config


class Loss(Guarded):
    """Base class: calling it gives the mean loss of a batch, one number.

    Subclass it with `call`, or write a function `f(y_true, y_pred)` that returns one loss per sample. Both get tensors,
    and targets that are aligned with the predictions: (n,) beside (n, 1), or (n, 1) beside (n,), has their shape.
    Labels are theirs to check: a loss of your own may take NaN for a label that is missing.

    Parameters
    ----------
    reduction : {"sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none"} or None
        What becomes of one loss per sample: their mean, the first two; their sum, divided by that of the weights; their
        sum; the losses as they are, which `compile` does not take.
    name : str, optional
        What it is called in messages and logs.

    Raises
    ------
    ArgumentError
        When there is no such reduction.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Biggest(nn.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return nn.max(nn.abs(y_true - y_pred), axis=-1)
    >>> Biggest()(nn.asarray([[0.0, 0.0]]), nn.asarray([[1.0, 3.0]]))
    Tensor(3., shape=(), dtype=float32)
    """

    function: Callable | None = None
    """The function of a built-in loss; it takes what `settings` returns."""
    reduction: str | None = "sum_over_batch_size"
    _name: str | None = None

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = None) -> None:
        self.reduction = as_reduction(type(self).__name__, reduction)
        self._name = None if name is None or name == self.name else name

    @property
    def name(self) -> str:
        """What it is called in messages and logs."""
        return str(self._name or getattr(self.function, "__name__", type(self).__name__))

    @property
    def activation(self) -> str | None:
        """The activation whose scores `with_logits` wants instead of probabilities: "softmax", "sigmoid" or None."""
        return None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return one loss per sample.

        Parameters
        ----------
        y_true, y_pred : array-like
            The first axis counts samples.

        Returns
        -------
        Tensor
        """
        if self.function is None:
            raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred)")
        return self.function(y_true, y_pred, **self.settings())

    def settings(self) -> Config:
        """Return the arguments that the function of a built-in loss gets beside targets and predictions."""
        return {}

    def check_targets(self, who: str, y_true: Any, output_shape: tuple[Any, ...]) -> None:
        """Raise what calling the loss would raise, for all targets of a data set before training starts.

        Parameters
        ----------
        who : str
            The name of the caller, for the message: "fit".
        y_true : array-like, (samples, ...)
        output_shape : tuple of int
            Of predictions; its first size, that of a batch, does not matter.

        Raises
        ------
        ShapeError, ArgumentError
            When targets do not fit the shape, or are nothing that this loss can use.
        """
        y_true = values_of(y_true)
        self._check(f"{who}: {self.name}", y_true, (*y_true.shape[:1], *output_shape[1:]))

    def _check(self, name, y_true, shape):
        """Make the checks of one loss: none for those of your own."""

    def _check_values(self, y_true, y_pred):
        """Check the values of targets as calling the loss does, where its function does not; when replayed too."""

    def with_logits(self) -> Loss | None:
        """Return the loss of the scores before `activation`, exact where probabilities round to 0 or 1; or None."""

    def get_config(self) -> Config:
        """Return the arguments that make an equal loss: a dict for JSON."""
        config = self.settings()
        if self.reduction != Loss.reduction:
            config["reduction"] = self.reduction
        return config if self._name is None else config | {"name": self._name}

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> Tensor:
        """Return the mean over samples, or what `reduction` says.

        Parameters
        ----------
        y_true, y_pred : array-like
            What the function of the same name takes.
        sample_weight : array-like, optional
            One factor per sample. The sum of weighted losses is still divided by the number of samples.

        Returns
        -------
        Tensor
            Of shape (); one number per sample if `reduction` is None.

        Raises
        ------
        ShapeError
            When the shapes do not fit.
        """
        mask = mask_of(y_pred)
        y_pred = targets.predictions(y_true, y_pred)
        if not y_pred.size:
            raise ShapeError(f"{self.name}: there are no samples to take the mean of, y_pred has shape {y_pred.shape}")
        y_true = targets.reshaped(self.name, beside(y_pred, y_true), y_pred)
        self._check_values(y_true, y_pred)
        losses = asarray(self.call(y_true, y_pred))
        mask = _both(mask, mask_of(losses))
        if sample_weight is None and mask is None:
            return REDUCTIONS[self.reduction](losses, None)
        weights: Any = None if sample_weight is None else self._weights(sample_weight, losses)
        if mask is not None:
            losses, kept = self._masked(losses, mask)
            weights = kept if weights is None else weights * kept
        return REDUCTIONS[self.reduction](losses * weights, weights)

    def _masked(self, losses, mask):
        """Return the losses with zeros where a mask is false, and weights with which means count the others alone."""
        if mask.shape != losses.shape:
            raise ShapeError(
                f"{self.name}: the mask of the predictions {mask.shape} does not fit losses {losses.shape}"
            )
        kept = mask.astype(losses.dtype)
        if self.reduction in ("sum_over_batch_size", "mean"):
            kept = kept * (losses.size / (sum(kept) + 1e-7))
        return where(mask, losses, 0.0), kept

    def _weights(self, sample_weight, losses):
        """Return the weights in the dtype of the losses, with trailing axes of size 1 where losses have more."""
        weights = beside(losses, sample_weight).astype(losses.dtype)
        shape = weights.shape
        if shape == (*losses.shape, 1):
            shape = losses.shape
        if shape != losses.shape[: len(shape)] or not shape:
            raise ShapeError(f"{self.name}: sample_weight {weights.shape} does not fit the losses {losses.shape}")
        return reshape(weights, shape + (1,) * (losses.ndim - len(shape)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_config().items())})"


BASES.append(Loss)


def _both(mask, other):
    """Return where two masks are true, of which either may be None."""
    return mask if other is None else other if mask is None else logical_and(mask, other)


def _mean_by_weights(losses, weights):
    """Divide the sum by that of the weights; 0 where that is 0, as in Keras."""
    if weights is None:
        return mean(losses)
    total = sum(weights)
    return where(equal(total, 0), 0.0, sum(losses) / where(equal(total, 0), 1.0, total))


REDUCTIONS: dict[str | None, Callable[[Tensor, Any], Tensor]] = {
    "sum_over_batch_size": lambda losses, weights: mean(losses),
    "mean": lambda losses, weights: mean(losses),
    "mean_with_sample_weight": _mean_by_weights,
    "sum": lambda losses, weights: sum(losses),
    "none": lambda losses, weights: losses,
    None: lambda losses, weights: losses,
}
"""What becomes of one loss per sample, times its weight, and the weights."""


def as_reduction(who: str, reduction: Any) -> str | None:
    """Return `reduction` if it is one of Keras's; ArgumentError otherwise."""
    if reduction is not None and (not isinstance(reduction, str) or reduction not in REDUCTIONS):
        raise unknown_name(f"reduction of {who}", str(reduction), [one for one in REDUCTIONS if one])
    return reduction


class FunctionLoss(Loss):
    """A function `f(y_true, y_pred)` of your own as a loss.

    Parameters
    ----------
    function : callable
        Returns one loss per sample, or one for the batch. To be saved with a model it needs a name in files, see
        `nn.saving.register`.

    Examples
    --------
    >>> import numbanet as nn
    >>> loss = nn.losses.FunctionLoss(lambda y_true, y_pred: nn.abs(y_true - y_pred))
    >>> loss(nn.asarray([1.0, 2.0]), nn.asarray([2.0, 4.0]))
    Tensor(1.5, shape=(), dtype=float32)
    """

    function: Callable

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.function = function_named(function) if isinstance(function, str) else function

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.function(y_true, y_pred)  # without settings: it has none

    def get_config(self) -> Config:
        return {"function": saved_name(self.function, f"the loss function {self.name}")}

    def __repr__(self) -> str:
        return f"FunctionLoss({self.name})"


class _Distributions(Loss):
    """What compares distributions over classes: targets lie from 0 to 1."""

    def _check(self, name, y_true, shape):
        targets.check_shapes(name, y_true.shape, shape)
        targets.between_0_and_1(name, y_true)

    def _check_values(self, y_true, y_pred):
        targets.check_between_0_and_1(self.name, y_true)


class _Elementwise(Loss):
    """What compares number by number: a flat batch (n,) is n samples of one number."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_pred = targets.predictions(y_true, y_pred)
        return super().call(y_true, reshape(y_pred, (-1, 1)) if y_pred.ndim == 1 else y_pred)

    def _check(self, name, y_true, shape):
        targets.check_shapes(name, y_true.shape, shape)
