"""What `fit`, `evaluate` and `predict` check of all samples and targets before anything is changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from numbanet.core.hooks import is_overridden
from numbanet.errors import ArgumentError, NotBuiltError, ShapeError
from numbanet.layers.inputs import is_shape
from numbanet.layers.module import modules_of
from numbanet.losses.outputs import OutputLosses
from numbanet.metrics.checks import check_metrics
from numbanet.training.batch_steps import computes_loss, may_do_without_targets, scores_itself
from numbanet.training.data import ArrayData

if TYPE_CHECKING:
    from numbanet.training.trainer import Trainer


def require_compiled(trainer: Trainer, who: str) -> None:
    """Raise NotBuiltError unless the model was compiled."""
    own = trainer.optimizer is not None and (who != "evaluate" or is_overridden(trainer.model, "test_step"))
    if getattr(trainer, "loss", None) is None and not (own and computes_loss(trainer.model)):
        raise NotBuiltError(f"{who}: call compile(optimizer=..., loss=...) before {who}")


def require_weights(model: Any, who: str) -> None:
    """Raise NotBuiltError unless the model has weights."""
    if not model.built:
        raise NotBuiltError(f"{who}: the model has no weights yet; call fit, build(input_shape) or the model first")


def check_targets(trainer: Trainer, who: str, data: Any, metrics: Any) -> None:
    """Check samples and targets against model, loss and metrics; those of an iterable batch by batch, as they come."""
    if not isinstance(data, ArrayData):
        data.check = partial(check_targets, trainer, who, metrics=metrics)
        return
    model = trainer.model
    if scores_itself(model):  # only the model knows which targets it can use
        if data["y"] is None and not may_do_without_targets(trainer):
            raise ArgumentError(f"{who}: y is needed")
        return
    check_samples(model, who, data)
    try:
        output_shape = model.output_shape_for(data.shapes, data.dtypes)
    except ShapeError as error:
        raise ShapeError(f"{who}: {error}") from None
    if data["y"] is None:
        raise ArgumentError(f"{who}: y is needed")
    if output_shape is None:
        return  # a layer of your own does not say
    if is_shape(output_shape) and output_shape[-1:] == (1,) and model.output_activation() == "softmax":
        raise ArgumentError(
            f"{who}: softmax of one output is always 1; use the activation 'sigmoid' with binary_crossentropy, or "
            "one output per class"
        )
    loss = trainer.loss
    if not isinstance(loss, OutputLosses):
        if not is_shape(output_shape) and len(output_shape) == 1:
            output_shape = next(iter(output_shape.values() if isinstance(output_shape, dict) else output_shape))
        if not is_shape(output_shape):
            raise ArgumentError(f"{who}: the model has {len(output_shape)} outputs; compile it with a loss for each")
        loss.check_targets(who, data["y"], output_shape)
        check_metrics(who, metrics, data["y"], output_shape)
        return
    try:
        targets = loss.targets_of(data["y"])
    except ArgumentError as error:
        raise ArgumentError(f"{who}: {error}") from None
    loss.check_targets(who, data["y"], output_shape)
    for i, shape in enumerate(loss.shapes_of(output_shape)):
        check_metrics(who, [one for one in metrics if one.output == i], targets[i], shape)


def check_stateful(model: Any, parts: list[tuple[Any, int]]) -> None:
    """Raise ShapeError where a stateful layer would get batches of several sizes.

    Parameters
    ----------
    model : Model
    parts : list of (data, int)
        Data that go through the model one after the other, and the sizes of their batches.
    """
    layers = [one for _, one in modules_of(model) if getattr(one, "stateful", False) is True]
    if not layers:
        return
    carried = [one._carried for one in layers if getattr(one, "_carried", None) is not None]
    known = carried[0].variables[0].shape[0] if carried else None
    sizes = {} if known is None else {known: "the batch before"}
    for data, size in parts:
        if isinstance(data, ArrayData):
            sizes |= {min(size, data.size): data.who} | ({data.size % size: data.who} if data.size % size else {})
    if len(sizes) > 1:
        told = ", ".join(f"{count} ({who})" for count, who in sorted(sizes.items()))
        raise ShapeError(
            f"layer {layers[0].name}: it is stateful and needs batches of one size, and would get batches of {told} "
            "samples; leave samples out, choose another batch_size, or call layer.forget_state() before"
        )


def check_samples(model: Any, who: str, data: ArrayData) -> None:
    """Raise ShapeError for one sample where a batch of them is needed."""
    wanted, given = model.input_shape or (), getattr(data["x"], "shape", None)
    if given is None or not is_shape(wanted):
        return
    if len(wanted) > 1 and given == tuple(wanted[1:]):
        raise ShapeError(f"{who}: x has the shape {given} of one sample; give a batch of it, x[None]")
