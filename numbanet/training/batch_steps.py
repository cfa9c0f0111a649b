"""What training, evaluation and prediction do with one batch.

A model may have methods of its own in place of these, see `Model`; those are called instead, wherever a batch comes
from. All of these are functions of a `Trainer`, whose model, loss and optimizer they use.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from numbanet.autodiff.tape import GradientTape
from numbanet.core.context import context
from numbanet.core.hooks import accepted, is_overridden
from numbanet.core.structures import flatten, restructure
from numbanet.errors import ArgumentError, NotBuiltError
from numbanet.layers.penalties import with_losses_of
from numbanet.losses.outputs import OutputLosses
from numbanet.ops.masks import mask_of, noted

if TYPE_CHECKING:
    from numbanet.training.trainer import Trainer

SCORING = ("__call__", "call", "forward", "compute_loss", "train_step", "test_step", "update")
"""The methods of a model that decide what becomes of targets."""


def train_on_batch(trainer: Trainer, x: Any, y: Any, sample_weight: Any, rng: Any) -> tuple[Any, Any]:
    """Return what the model's training step returns, in tensors as far as they are asked for: loss and predictions."""
    name = "train_step" if is_overridden(trainer.model, "train_step") else "update"
    return as_pair(name, step_of(trainer, name)(x, y, sample_weight, rng))


def parts_of(trainer: Trainer) -> list[Any]:
    """Return the losses of the outputs in the step that has just run, each once; none where there is only one."""
    loss = trainer.loss
    if not isinstance(loss, OutputLosses):
        return []
    found, loss.parts = loss.parts, []
    return found if loss.logged else []


def tested(trainer: Trainer, *batch: Any) -> tuple[Any, Any, list[Any]]:
    """Return the loss, the predictions and the losses of the outputs of one batch, without an update."""
    loss, prediction = as_pair("test_step", step_of(trainer, "test_step")(*batch))
    return loss, prediction, parts_of(trainer)


def step_of(trainer: Trainer, name: str) -> Callable[..., Any]:
    """Return the model's own method of this name, or the function that stands for it here."""
    if is_overridden(trainer.model, name):
        return getattr(trainer.model, name)
    return partial(_STEPS[name], trainer)


def update(trainer: Trainer, x: Any, y: Any, sample_weight: Any, rng: Any) -> tuple[Any, Any]:
    """Update the weights from one batch; return the loss and the predictions, both tensors."""
    optimizer = trainer.optimizer
    with GradientTape() as tape:
        loss, output, activate = _scored(trainer, x, y, sample_weight, training=True, rng=rng)
    weights = trainer.model.trainable_weights
    gradients = tape.differentiate("fit: the loss depends on none of the trainable weights", loss, weights)
    puts_off = context.trace is not None and context.trace.puts_off
    if optimizer.built and not optimizer.knows(weights) and not puts_off:
        optimizer.extend(weights)
    optimizer.apply_gradients(zip(gradients, weights, strict=True))
    return loss, activate(output)


def evaluate_on_batch(trainer: Trainer, x: Any, y: Any, sample_weight: Any = None) -> tuple[Any, Any]:
    """Return the loss and the predictions of one batch, without an update."""
    loss, output, activate = _scored(trainer, x, y, sample_weight, training=False, rng=None)
    return loss, activate(output)


def predict_on_batch(trainer: Trainer, x: Any) -> Any:
    """Return the predictions for one batch."""
    return _called(trainer.model, x, training=False, rng=None)


def compute_loss(trainer: Trainer, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """Return the loss of one batch, of shape ()."""
    if trainer.loss is None:
        raise NotBuiltError("compute_loss: the model was compiled without a loss")
    if isinstance(y_pred, (list, tuple, dict)) and not isinstance(trainer.loss, OutputLosses):
        if len(flatten(y_pred)) > 1:
            raise ArgumentError(f"the model has {len(flatten(y_pred))} outputs: compile needs a list or dict of losses")
        y_pred = flatten(y_pred)[0]
    return with_losses_of(trainer.model, trainer.loss(y, y_pred, sample_weight))


_STEPS: dict[str, Callable[..., Any]] = {
    "compute_loss": compute_loss,
    "predict_step": predict_on_batch,
    "test_step": evaluate_on_batch,
    "update": update,
}


def _called(model, x, training, rng):
    """Return the output of the model; a `__call__` of a subclass's own may leave out arguments."""
    given = {"training": training, "rng": rng}
    return model(x, **(accepted(model.__call__, **given) if is_overridden(model, "__call__") else given))


def _scored(trainer, x, y, sample_weight, training, rng):
    """Return the loss, an output, and the function that makes predictions of that output."""
    model, (on_scores, places) = trainer.model, _loss_on_scores(trainer)
    if on_scores is None:
        output = _called(model, x, training, rng)
        _tell_of_masks(trainer, output)
        return step_of(trainer, "compute_loss")(x, y, output, sample_weight), output, lambda output: output
    scores = model(x, training=training, rng=rng, logits=places)
    _tell_of_masks(trainer, scores)
    loss = with_losses_of(model, on_scores(y, scores, sample_weight))
    if places is True:
        return loss, scores, model.activate
    trainer.loss.parts = on_scores.parts
    return loss, scores, partial(_activated, model, places)


def _tell_of_masks(trainer, output):
    """Warn that metrics count steps that a mask leaves out of the loss."""
    if noted and trainer.metrics and any(mask_of(one) is not None for one in flatten([output])):
        warnings.warn("metrics count all steps of the outputs, those that a mask leaves out as well", stacklevel=2)


def _activated(model, places, scores):
    """Return the outputs of a model of which some are scores."""
    found = flatten(scores)
    for place in places:
        found[place] = model.activate_output(place, found[place])
    return restructure(scores, iter(found))


def _loss_on_scores(trainer):
    """Return the loss on what the last activation gets, where that is stabler: cross-entropy after softmax.

    Also which outputs are to be scores: True for the only one, or a list of places.
    """
    model, loss = trainer.model, trainer.loss
    if is_overridden(model, "__call__", "call", "forward", "activate", "output_activation", "compute_loss"):
        return None, True
    if isinstance(loss, OutputLosses):
        names = model.output_activations()
        on_scores, places = loss.with_scores(names) if len(names) == len(loss.losses) else (None, [])
        return (on_scores, places) if places else (None, True)
    if loss is None:
        return None, True
    pair = loss.activation
    return loss.with_logits() if pair is not None and pair == model.output_activation() else None, True


def scores_itself(model: Any) -> bool:
    """Return whether methods of a subclass compute the outputs or the loss."""
    return is_overridden(model, *SCORING)


def computes_loss(model: Any) -> bool:
    """Return whether a method of a subclass computes the loss in training, so that `compile` needs none."""
    return is_overridden(model, "compute_loss", "train_step", "update")


def may_do_without_targets(trainer: Trainer) -> bool:
    """Return whether a method of a subclass computes the loss, which may be one of the inputs alone."""
    return is_overridden(trainer.model, "compute_loss", "train_step", "update") and not trainer.metrics


def as_pair(who: str, result: Any) -> tuple[Any, Any]:
    """Return what a step has returned, if that is a loss and predictions."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise ArgumentError(f"{who} must return (loss, predictions), got {type(result).__name__}")
    return result  # type: ignore[return-value]  # a list of two does as well
