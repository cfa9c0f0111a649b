"""The losses of a model with several outputs: one for each, and their weighted sum."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.core.structures import flatten, matched
from numbanet.errors import ArgumentError
from numbanet.losses.loss import Loss
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config


class WeightedLoss(Loss):
    """The loss of the only output of a model, times a weight; made by `compile`.

    Parameters
    ----------
    loss : Loss
    weight : float

    Examples
    --------
    >>> import numbanet as nn
    >>> from numbanet.losses.outputs import WeightedLoss
    >>> WeightedLoss(nn.losses.MeanSquaredError(), 0.5)([[0.0]], [[2.0]])
    Tensor(2., shape=(), dtype=float32)
    """

    def __init__(self, loss: Loss, weight: float) -> None:
        super().__init__()
        self.loss, self.weight = loss, weight

    @property
    def name(self) -> str:
        """That of the loss."""
        return self.loss.name

    @property
    def activation(self) -> str | None:
        """That of the loss."""
        return self.loss.activation

    def with_logits(self) -> Loss | None:
        """Return the loss of scores, times the weight; or None."""
        on_scores = self.loss.with_logits()
        return None if on_scores is None else WeightedLoss(on_scores, self.weight)

    def check_targets(self, who: str, y_true: Any, output_shape: Any) -> None:
        """Raise what calling the loss would raise; see `Loss`."""
        self.loss.check_targets(who, y_true, output_shape)

    def get_config(self) -> Config:
        """Return the arguments that make an equal loss: a dict for JSON."""
        return {"loss": self.loss, "weight": self.weight}

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the loss times the weight."""
        return self.loss(y_true, y_pred, sample_weight) * self.weight


class OutputLosses(Loss):
    """A loss per output, made by `compile`; calling it gives their weighted sum.

    Parameters
    ----------
    losses : list of Loss or None
        In the order of the outputs; None for an output that no loss depends on.
    weights : list of float
        The factors of the losses in the sum.
    names : list of str
        What the losses are called in logs, `_loss` left out.
    keys : list of str, optional
        By which targets in a dict are found: the names of the outputs.

    Attributes
    ----------
    parts : list of Tensor
        The losses of the last call, before they are multiplied by the weights.

    Examples
    --------
    >>> import numbanet as nn
    >>> from numbanet.losses.outputs import OutputLosses
    >>> mse = nn.losses.MeanSquaredError()
    >>> loss = OutputLosses([mse, mse], [1.0, 0.5], ["a", "b"])
    >>> loss([[[0.0]], [[0.0]]], [nn.asarray([[1.0]]), nn.asarray([[2.0]])])
    Tensor(3., shape=(), dtype=float32)
    """

    followed_by_replay: ClassVar[tuple[str, ...]] = ("parts",)

    def __init__(
        self, losses: list[Any], weights: list[float], names: list[str], keys: list[str] | None = None
    ) -> None:
        super().__init__()
        self.losses, self.weights, self.names, self.keys = list(losses), list(weights), list(names), list(keys or ())
        self.parts: list[Tensor] = []

    @property
    def name(self) -> str:
        """What it is called in messages: the names of the losses."""
        return ", ".join(loss.name for loss in self.losses if loss is not None)

    @property
    def places(self) -> list[int]:
        """The outputs that have a loss."""
        return [i for i, loss in enumerate(self.losses) if loss is not None]

    @property
    def logged(self) -> list[str]:
        """The names of the parts in logs; none where there is only one."""
        return [f"{self.names[i]}_loss" for i in self.places] if len(self.places) > 1 else []

    def outputs_of(self, y_pred: Any) -> list[Any]:
        """Return the outputs in order; ArgumentError unless there are as many as losses."""
        found = flatten(y_pred) if isinstance(y_pred, (list, tuple, dict)) else [y_pred]
        if isinstance(y_pred, dict) and self.keys and set(self.keys) == set(y_pred):
            found = [y_pred[key] for key in self.keys]
        if len(found) != len(self.losses):
            raise ArgumentError(f"compile: there are {len(self.losses)} losses, the model has {len(found)} outputs")
        return found

    def targets_of(self, y_true: Any) -> list[Any]:
        """Return one target per output, None where there is no loss; ArgumentError where they do not fit.

        A dict is looked up by the names of the outputs; a list may leave out the outputs that have no loss.
        """
        found = self._targets_given(y_true)
        without = [self.names[i] for i in self.places if found[i] is None]
        if without:
            raise ArgumentError(f"y: output {without[0]} has a loss, which needs targets, got None")
        return found

    def _targets_given(self, y_true):
        keys, places = self.keys, self.places
        if isinstance(y_true, dict):
            if not keys:
                raise ArgumentError("y: the outputs have no names; give the targets as a list")
            given = {key: y_true[key] for key in keys if key in y_true}
            missing = [keys[i] for i in places if keys[i] not in given]
            if missing or len(given) < len(y_true):
                raise ArgumentError(f"y: needs {', '.join(map(repr, keys))}, got {', '.join(map(repr, y_true))}")
            return [given.get(key) for key in keys]
        if isinstance(y_true, (list, tuple)) and len(y_true) == len(places) < len(self.losses):
            found = dict(zip(places, y_true, strict=True))
            return [found.get(i) for i in range(len(self.losses))]
        return matched("y", [*range(len(self.losses))], y_true, keys)

    def weights_of(self, sample_weight: Any) -> list[Any]:
        """Return the weights of the samples for each output: one array counts for all of them."""
        if not isinstance(sample_weight, (list, tuple, dict)):
            return [sample_weight] * len(self.losses)
        if isinstance(sample_weight, dict):
            unknown = [key for key in sample_weight if key not in self.keys]
            if unknown:
                raise ArgumentError(f"sample_weight: there is no output {unknown[0]!r}, but {', '.join(self.keys)}")
            return [sample_weight.get(key) for key in self.keys]
        return matched("sample_weight", [*range(len(self.losses))], sample_weight, self.keys)

    def check_targets(self, who: str, y_true: Any, output_shape: Any) -> None:
        """Raise what calling the losses would raise, for all targets of a data set; see `Loss`."""
        shapes, targets = self.shapes_of(output_shape), self.targets_of(y_true)
        for loss, target, shape, name in zip(self.losses, targets, shapes, self.names, strict=True):
            if loss is not None:
                loss.check_targets(f"{who}: output {name}", target, shape)

    def shapes_of(self, output_shape: Any) -> list[Any]:
        """Return the shapes of the outputs in order."""
        if isinstance(output_shape, dict):
            return [output_shape[key] for key in self.keys or output_shape]
        return [*output_shape] if len(self.losses) > 1 else [output_shape]

    def with_scores(self, activations: list[str | None]) -> tuple[OutputLosses, list[int]]:
        """Return the losses on scores for outputs that end in these activations, and the places of those outputs."""
        found, places = [*self.losses], []
        for i, (loss, name) in enumerate(zip(self.losses, activations, strict=True)):
            other = loss.with_logits() if loss is not None and name is not None and loss.activation == name else None
            if other is not None:
                found[i] = other
                places.append(i)
        return OutputLosses(found, self.weights, self.names, self.keys), places

    def get_config(self) -> Config:
        """Return the arguments that make an equal loss: a dict for JSON."""
        return {"losses": self.losses, "weights": self.weights, "names": self.names, "keys": self.keys}

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the weighted sum of the losses.

        Parameters
        ----------
        y_true, y_pred : list, tuple or dict of array-like
        sample_weight : array-like, or a list, tuple or dict of them, optional

        Returns
        -------
        Tensor
            Of shape ().
        """
        given = zip(self.outputs_of(y_pred), self.targets_of(y_true), self.weights_of(sample_weight), strict=True)
        total, self.parts = None, []
        for (pred, true, weight), loss, factor in zip(given, self.losses, self.weights, strict=True):
            if loss is None:
                continue
            part = loss(true, pred, weight)
            self.parts.append(part)
            weighted = part if factor == 1 else part * factor
            if total is not None and total.dtype != weighted.dtype:
                weighted = weighted.astype(total.dtype)
            total = weighted if total is None else total + weighted
        if total is None:
            raise ArgumentError("compile: no output has a loss")
        return total
