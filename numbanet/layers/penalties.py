"""What layers add to the loss: penalties on their weights, and what `call` has given to `add_loss`."""

from __future__ import annotations

from typing import Any

from numbanet.core.context import context
from numbanet.errors import ArgumentError, ShapeError
from numbanet.tensor.tensor import Tensor


class Added:
    """The losses that a layer has added in one call of the outermost module around it."""

    def __init__(self, call: Any) -> None:
        self.call, self.losses = call, list[Tensor]()


def add(layer: Any, loss: Any) -> None:
    """Keep a loss until the next call of the outermost module."""
    if not isinstance(loss, Tensor):
        raise ArgumentError(f"layer {layer.name}: add_loss takes a Tensor, got {type(loss).__name__}")
    added = vars(layer).get("_added")
    if added is None or added.call is not context.call:
        added = layer._added = Added(context.call)
    added.losses.append(_scalar(layer, "add_loss", loss))


def losses_of(modules: list[Any], last: Any) -> list[Tensor]:
    """The penalties of the trainable weights of modules, and what they have added in a call.

    Parameters
    ----------
    modules : list of Module
    last : object or None
        Stands for the call; None where there was none.

    Returns
    -------
    list of Tensor
        Of shape ().
    """
    found = []
    for one in modules:
        own = vars(one)
        for index, regularizer in (own.get("_penalties") or {}).items():
            weight = one._weights[index]
            if weight.trainable:
                found.append(_scalar(one, repr(regularizer), regularizer(weight)))
        added = own.get("_added")
        if added is not None and (last is None or added.call is last):
            found += added.losses
    return found


def with_losses_of(module: Any, loss: Tensor) -> Tensor:
    """A loss, and what the layers of a module add to it."""
    for extra in module.losses:
        loss = loss + (extra if extra.dtype == loss.dtype else extra.astype(loss.dtype))
    return loss


def _scalar(layer, what, loss):
    if not isinstance(loss, Tensor) or loss.shape:
        got = f"shape {loss.shape}" if isinstance(loss, Tensor) else type(loss).__name__
        raise ShapeError(f"layer {layer.name}: {what} gives a Tensor of shape (), got {got}; use nn.sum or nn.mean")
    return loss
