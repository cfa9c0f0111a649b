"""What a model is made from again: its classes and settings, and what it was compiled with, as plain data."""

from __future__ import annotations

import json
from typing import Any

from numbanet import losses, metrics, optimizers
from numbanet.core.encoding import TAG, decode, encode, one_tree
from numbanet.core.names import custom_objects, is_ours, saving
from numbanet.core.random import as_generator
from numbanet.core.registry import describe
from numbanet.errors import ArgumentError, DataError, NotBuiltError
from numbanet.layers.calls import Zeros, building

FORMAT = 2
"""Format 1, of version 0.1.0, had neither own classes nor layers in layers, and its weights in order of the layers."""
_GET = {"optimizer": optimizers.get, "loss": losses.get}


def check_savable(model):
    """Return what `load_model` makes a model from, without weights; NotBuiltError unless it makes an equal one.

    The message names the layer, loss, metric or optimizer and says what to do.
    """
    try:
        with saving() as own:
            description = _described(model)
            with custom_objects(own), building(as_generator(0), Zeros()), one_tree():
                _check_again(model, description)
    except (ArgumentError, DataError) as error:
        raise NotBuiltError(f"save: {error}") from error
    return description


def _described(model):
    """Return the classes and settings of a model and of what it was compiled with."""
    description = {"format": FORMAT, "name": model.name, "layers": [], "model": None, "compile": None}
    with one_tree():
        if is_ours(type(model)) and model._topology is None:
            description["layers"] = [encode(layer, f"layer {layer.name}") for layer in model._parts()]
        else:
            description["model"] = encode(model, f"model {model.name}")
        if model.loss is not None:
            description["compile"] = described_training(model)
    return description


def described_training(model):
    """Return what a model was compiled with."""
    plain = [metric for metric in model.metrics if not any(metric is one for one in model.weighted_metrics)]
    return {
        "optimizer": describe(model.optimizer, "the optimizer"),
        "loss": describe(model.loss, f"the loss {model.loss.name}"),
        "metrics": [describe(metric, f"the metric {metric.name}") for metric in plain],
        "weighted_metrics": [describe(metric, f"the metric {metric.name}") for metric in model.weighted_metrics],
        "without_decay": without_decay(model),
    }


def without_decay(model):
    """Return the numbers of the weights that are excluded from weight decay for themselves, not for their names."""
    return [i for i, weight in enumerate(model.weights) if model.optimizer.lists(weight)]


def _check_again(model, description):
    """Make every part of a description once more, and raise unless it is described as before."""
    layers = [
        (f"layer {layer.name}", entry) for layer, entry in zip(model._parts(), description["layers"], strict=False)
    ]
    for what, entry in layers or [(f"model {model.name}", description["model"])]:
        _same(what, entry, decode, lambda made, what=what: encode(made, what))
    compiled = description["compile"] or {"metrics": [], "weighted_metrics": []}
    parts: list[Any] = [("metric", metrics.get, entry) for entry in compiled["metrics"] + compiled["weighted_metrics"]]
    parts += [(kind, get, compiled[kind]) for kind, get in _GET.items() if kind in compiled]
    for kind, get, entry in parts:
        _same(f"the {kind} {entry['class_name']}", entry, get, describe)


def _same(what, entry, make, again):
    try:
        made = make(entry)
    except Exception as error:
        raise ArgumentError(
            f"{what} cannot be saved: it cannot be made again from what get_config() returns "
            f"({type(error).__name__}: {error})"
        ) from error
    found = again(made)
    if json.dumps(_without_ids(found)) != json.dumps(_without_ids(entry)):
        raise ArgumentError(
            f"{what} cannot be saved: made again from what get_config() returns, it has other settings "
            f"({_without_ids(found)} instead of {_without_ids(entry)})"
        )


def _without_ids(entry):
    if isinstance(entry, list):
        return [_without_ids(one) for one in entry]
    if isinstance(entry, dict):
        return {key: _without_ids(one) for key, one in entry.items() if not (key == "id" and TAG in entry)}
    return entry
