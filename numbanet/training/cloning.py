"""Models made anew from others: the same layers with new weights."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from numbanet import optimizers
from numbanet.core.checks import as_flag
from numbanet.core.context import undisturbed
from numbanet.core.encoding import TAG, decode, encode, one_tree
from numbanet.core.names import custom_objects as known_objects
from numbanet.core.names import saving
from numbanet.core.registry import describe
from numbanet.errors import ArgumentError, DataError, NumbanetError
from numbanet.layers import Input
from numbanet.layers.module import modules_of
from numbanet.layers.symbolic import symbols_in
from numbanet.layers.topology import called_again
from numbanet.saving.description import without_decay
from numbanet.saving.reading import compile_again, exclude_again
from numbanet.training.model import Model
from numbanet.training.sequential import Sequential


@undisturbed
def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """Return a model of the same layers, with new weights.

    Parameters
    ----------
    model : Model or Sequential
        One that is compiled gives one that is compiled alike, with a new optimizer.
    input_tensors : symbolic tensor, or a list, tuple or dict of them, optional
        What the new model begins with; new inputs if not given.
    clone_function : callable, optional
        `f(layer)` returns the layer that takes the place of one of the model, inputs left out: by default, one that is
        made from its configuration. It may return the layer itself, which is then shared.
    call_function : callable, optional
        `f(layer, *args, **kwargs)` calls a layer of a functional model, and may do more: the result is what the next
        layers get.
    recursive : bool
        Whether `clone_function` and `call_function` are for the layers of inner models too. Otherwise inner models are
        cloned as layers are.

    Returns
    -------
    Model
        Built, if the model is; of the model's class.

    Raises
    ------
    ArgumentError
        When something is not a model or a function, a layer cannot be made from its configuration, or the functions
        are given for a model whose `call` is its own.

    References
    ----------
    Keras 3, keras.models.clone_model.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.Input((3,))
    >>> model = nn.Model(x, nn.layers.Dense(2, name="scores")(x))
    >>> other = nn.models.clone_model(model)
    >>> [layer.name for layer in other.layers][-1], other.weights[0] is model.weights[0]
    ('scores', False)
    """
    for name, function in (("clone_function", clone_function), ("call_function", call_function)):
        if function is not None and not callable(function):
            raise ArgumentError(f"clone_model: {name} must be a function, got {function!r}")
    if not isinstance(model, Model):
        raise ArgumentError(f"clone_model: needs a model, got {type(model).__name__}")
    inner = as_flag("clone_model: recursive", recursive)
    with one_tree():
        made = _cloned(model, input_tensors, clone_function, call_function, inner, {})
    if model.optimizer is not None:
        _compile_like(made, model)
    return made


@undisturbed
def model_from_json(json_string: str, custom_objects: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """Return the model that `Model.to_json` described, with new weights.

    Parameters
    ----------
    json_string : str
    custom_objects : dict, optional
        From names to classes and functions of your own that are not registered.

    Returns
    -------
    Model
        Compiled, if the one that was described was.

    Raises
    ------
    DataError
        When the text is not such a description, or names what is not known.

    References
    ----------
    Keras 3, keras.models.model_from_json.

    Examples
    --------
    >>> import numbanet as nn
    >>> model = nn.Sequential([nn.layers.Dense(2, name="scores")])
    >>> nn.models.model_from_json(model.to_json()).layers[0].name
    'scores'
    """
    if not isinstance(json_string, str):
        raise ArgumentError(f"model_from_json: needs text, got {type(json_string).__name__}")
    try:
        description = json.loads(json_string)
        if not isinstance(description, dict) or description.get(TAG) != "object":
            raise DataError("it is not what to_json returns")
        with known_objects(dict(custom_objects or {})), one_tree():
            config = description["config"]
            model = decode(description | {"config": encode(config, "") if description.get("plain") is True else config})
            if not isinstance(model, Model):
                raise DataError(f"{type(model).__name__} is not a model")
            compile_again(model, description.get("compile"), {})
    except MemoryError:
        raise
    except Exception as error:  # classes of your own may raise anything
        what = str(error) if isinstance(error, NumbanetError) else f"{type(error).__name__}: {error}"
        raise DataError(f"model_from_json: {what}") from error
    return model


def _cloned(model, input_tensors, clone_function, call_function, recursive, known):
    """Return the model of clones; `known` has those that there are, by the ids of layers."""

    def clone(layer):
        if id(layer) not in known:
            inner = recursive and isinstance(layer, Model) and _is_of_layers(layer)
            known[id(layer)] = (
                _cloned(layer, None, clone_function, _calls(layer, call_function), True, known)
                if inner
                else (clone_function or _copied)(layer)
            )
        return known[id(layer)]

    if not _is_of_layers(model):
        if clone_function or call_function or input_tensors is not None:
            raise ArgumentError(
                f"clone_model: {type(model).__name__} has a call of its own, for which there are no input_tensors, "
                "clone_function or call_function"
            )
        return _copied(model)
    if isinstance(model, Sequential):
        if call_function is not None:
            raise ArgumentError("clone_model: call_function is for functional models; a Sequential lists its layers")
        return _sequence(model, input_tensors, clone)
    layers = [_copied(layer) if isinstance(layer, Input) else clone(layer) for layer in model._layers]
    config = model._topology.as_config()
    starts = None if input_tensors is None else symbols_in("clone_model: input_tensors", input_tensors)
    if starts is not None and len(starts) != len(config["input_layers"]):
        raise ArgumentError(f"clone_model: {len(config['input_layers'])} input_tensors are needed, got {len(starts)}")
    inputs, outputs = called_again(config, layers, starts, call_function)
    return type(model)(inputs=inputs, outputs=outputs, name=model.name)


def _sequence(model, input_tensors, clone):
    layers = [_copied(layer) if isinstance(layer, Input) else clone(layer) for layer in model._parts()]
    if input_tensors is not None:
        given = symbols_in("clone_model: input_tensors", input_tensors)
        if len(given) != 1 or not isinstance(given[0], Input):
            raise ArgumentError("clone_model: a Sequential begins with one nn.Input")
        layers = [given[0], *[layer for layer in layers if not isinstance(layer, Input)]]
    made = type(model).from_config({"name": model.name})
    for layer in layers:
        made.add(layer)
    if model.built and not made.built and model.input_shape is not None:
        made.build_for(model.input_shape)
    return made


def _is_of_layers(model):
    """Return whether the layers and how they are called are all that a model is."""
    return isinstance(model, Sequential) or (model._topology is not None and not hasattr(model, "call"))


def _calls(model, call_function):
    return None if isinstance(model, Sequential) else call_function


def _copied(layer):
    """Return a layer or model that is made from the configuration of another, and is frozen where that is."""
    try:
        with saving() as own:
            entry = encode(layer, f"layer {layer.name}")
        with known_objects(own):
            made = decode(entry)
    except (ArgumentError, DataError) as error:
        raise ArgumentError(f"clone_model: {error}") from error
    here, there = modules_of(layer), modules_of(made)
    for (_, module), (_, other) in zip(here, there, strict=False):
        other._trainable = module._trainable
    return made


def _compile_like(made, model):
    plain = [metric for metric in model._trainer.metrics if not any(metric is one for one in model.weighted_metrics)]
    with saving() as own:
        config = describe(model.optimizer, "the optimizer")
    with known_objects(own):
        optimizer = optimizers.get(config)
    loss, plain, weighted = copy.deepcopy((model.loss, plain, [*model.weighted_metrics]))
    made.compile(optimizer, loss, plain, weighted)
    exclude_again(made, without_decay(model))
