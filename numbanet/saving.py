"""Models as files: one safetensors file, with the architecture as JSON in its header. Nothing is ever unpickled.

The header's metadata has one entry, `numbanet`: the format's version, the layers, what they and their weights are
called, and how the model was compiled. Weights are tensors named `weights/0`, `weights/1`, ..., the optimizer's state
`optimizer/...`; any safetensors tool can read them. Before a file is written, the model is made once more from its
description, without its weights: what could not be loaded is not saved. Everything is checked before a model is made:
what was edited, cut off or is of another making raises DataError.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

import numpy as np

from numbanet import losses, metrics, optimizers
from numbanet.core.files import check_readable, write_atomically
from numbanet.core.names import custom_objects, is_ours, register, saving
from numbanet.core.random import as_generator
from numbanet.core.registry import TAG, decode, describe, encode, one_tree
from numbanet.core.shapes import as_shape
from numbanet.errors import ArgumentError, DataError, NotBuiltError
from numbanet.layers.calls import Zeros, building
from numbanet.layers.module import Module, modules_of, walk
from numbanet.tensor.variable import Variable

__all__ = ["register"]

FORMAT = 2
"""Format 1, of version 0.1.0, had neither own classes nor layers in layers, and its weights in order of the layers."""
FOREIGN = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".onnx", ".pb", ".tflite", ".pkl", ".pickle", ".joblib", ".npz")


def save_model(model, path):
    """Write a model to one file; see `Sequential.save`."""
    check_ending("save", path)
    if not model.built:
        raise NotBuiltError("save: the model has no weights yet; call fit, build(input_shape) or the model first")
    with saving() as own:
        description = check_savable(model) | {"modules": [], "weights": []}
    tensors: dict = {}
    for where, found in walk(model):
        if isinstance(found, Variable):
            tensors[f"weights/{len(tensors)}"] = found.numpy()
            description["weights"].append([where, found.name, found.trainable, found._may_train])
        else:
            shape = found.input_shape if found.built and found.input_shape is not None else ()
            description["modules"].append([where, found.name, list(shape), found.trainable])
    if not all(is_ours(type(module)) for _, module in modules_of(model)):
        _check_weights(model, description, own)
    if description["compile"] is not None and model.optimizer.built:
        positions = {id(weight): i for i, weight in enumerate(model.weights)}
        known = [variable for variable in model.optimizer.variables if id(variable) in positions]
        description["compile"]["variables"] = [positions[id(variable)] for variable in known]
        tensors |= {f"optimizer/{name}": array for name, array in model.optimizer.state(known)}
    _write(path, tensors, {"numbanet": json.dumps(description)})


def _check_weights(model, description, own):
    """Raise NotBuiltError unless the model that `load_model` makes has the same weights, in the same places."""
    try:
        with custom_objects(own), one_tree(), building(as_generator(0), Zeros()):
            again = _empty_model(description, type(model))
    except Exception as error:
        raise NotBuiltError(f"save: the model cannot be built again ({type(error).__name__}: {error})") from error
    mine, other = ({where: one.shape for where, one in _variables(made)} for made in (model, again))
    differing = sorted(where for where in {*mine, *other} if mine.get(where) != other.get(where))
    if differing:
        where = differing[0]
        raise NotBuiltError(
            f"save: the weight {where} has the shape {mine.get(where)}, load_model would make it with "
            f"{other.get(where)} (None: there is none); __init__ and build must make all layers and weights"
        )


def _variables(model):
    return [(where, found) for where, found in walk(model) if isinstance(found, Variable)]


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
    """The classes and settings of a model and of what it was compiled with."""
    description = {"format": FORMAT, "name": model.name, "layers": [], "model": None, "compile": None}
    with one_tree():
        if is_ours(type(model)):
            description["layers"] = [encode(layer, f"layer {layer.name}") for layer in model.layers]
        else:
            description["model"] = encode(model, f"model {model.name}")
        if model.loss is not None:
            description["compile"] = _described_training(model)
    return description


def _described_training(model):
    plain = [metric for metric in model.metrics if not any(metric is one for one in model.weighted_metrics)]
    return {
        "optimizer": describe(model.optimizer, "the optimizer"),
        "loss": describe(model.loss, f"the loss {model.loss.name}"),
        "metrics": [describe(metric, f"the metric {metric.name}") for metric in plain],
        "weighted_metrics": [describe(metric, f"the metric {metric.name}") for metric in model.weighted_metrics],
    }


def _check_again(model, description):
    """Make every part of a description once more, and raise unless it is described as before."""
    layers = [(f"layer {layer.name}", entry) for layer, entry in zip(model.layers, description["layers"], strict=False)]
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


_GET = {"optimizer": optimizers.get, "loss": losses.get}


def check_ending(who, path):
    """Raise ArgumentError if the name of a file ends as those of other programs do."""
    ending = PurePath(str(path)).suffix.lower()
    if ending in FOREIGN:
        own = ".numbanet" if who == "save" else ".safetensors"
        raise ArgumentError(
            f"{who}: numbanet writes files of its own format, which other programs do not read as {ending}; "
            f"let the name end in {own}, got {str(path)!r}"
        )


def _write(path, tensors, metadata=None):
    from safetensors.numpy import save

    content = save({name: np.asarray(array, order="C") for name, array in tensors.items()}, metadata)
    with write_atomically(path) as stream:
        stream.write(content)


def _read(path):
    """The tensors and the metadata of a safetensors file; its own checks come first, then ours."""
    from safetensors import SafetensorError, safe_open

    file = check_readable(path)
    try:
        with safe_open(file, framework="numpy") as stream:
            names = stream.keys()  # safe_open is no dict: it cannot be iterated
            return {name: stream.get_tensor(name) for name in names}, stream.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path}: not a readable safetensors file{_kind_of(file)} ({_one_line(error)})") from None


def _kind_of(file):
    """What a file of Keras is called, for errors."""
    with open(file, "rb") as stream:
        start = stream.read(4)
    kinds = {b"PK\x03\x04": ", but a zip archive, as Keras's .keras", b"\x89HDF": ", but HDF5, as Keras's .h5"}
    return kinds.get(start, "")


def read_model(path, make, custom=None, compiled=True):
    """The model in a file, made by `make(name=...)`, a Sequential; see `load_model`."""
    tensors, metadata = _read(path)
    if "numbanet" not in metadata:
        raise DataError(f"{path}: a safetensors file, but not a numbanet model; load_weights reads weights alone")
    try:
        description = json.loads(metadata["numbanet"])
        if description["format"] not in (1, FORMAT):
            raise DataError(f"format {description['format']!r}; this version of numbanet reads formats 1 and {FORMAT}")
        arrays = [tensors[f"weights/{i}"] for i in range(sum(name.startswith("weights/") for name in tensors))]
        read = _read_first_format if description["format"] == 1 else _read_second_format
        with custom_objects(custom), one_tree():
            model = read(description, make, arrays)
            if compiled:
                _compile(model, description["compile"], tensors)
    except DataError as error:
        raise DataError(f"{path}: {_one_line(error)}") from None
    except MemoryError:
        raise
    except Exception as error:  # classes of one's own may raise anything
        reason = f"{type(error).__name__}: {_one_line(error)}"
        raise DataError(f"{path}: the model in it does not make sense ({reason})") from error
    return model


def _one_line(error):
    return " ".join(str(error).split())  # it may quote the file, line breaks and all


def _read_second_format(description, make, arrays):
    with building(as_generator(0), _FileShapes(arrays)):
        model = _empty_model(description, make)
    found = dict(_variables(model))
    entries = description["weights"]
    differing = sorted(set(found) ^ {entry[0] for entry in entries})
    if differing or len(entries) != len(arrays):
        raise DataError(f"has {len(arrays)} weights, the model needs {len(found)}; they differ at {differing[:3]}")
    for (where, name, trainable, may_train), array in zip(entries, arrays, strict=True):
        weight = found[where]
        if array.shape != weight.shape or array.dtype != weight.dtype:
            raise DataError(f"weight {name} needs {weight.dtype} {weight.shape}, has {array.dtype} {array.shape}")
        weight.assign(array)
        weight.name = None if name is None else _name(name)
        weight.trainable, weight._may_train = _flag(trainable), _flag(may_train)
    return model


def _empty_model(description, make):
    """The model of a description, with weights whose values are still to come."""
    if description["model"] is None:
        model = make(name=_name(description["name"]))
        model.layers.extend(_layer(entry) for entry in description["layers"])
    else:
        model = decode(description["model"])
    if not isinstance(model, make):
        raise DataError(f"{type(model).__name__} is not a {make.__name__}")
    _build(model, {entry[0]: entry[1:] for entry in description["modules"]})
    return model


def _build(model, entries):
    """Build the modules of a model, the outer ones first, for the shapes that they were built for."""
    position = 0
    while position < len(modules := modules_of(model)):
        where, module = modules[position]
        if where not in entries:
            raise DataError(f"the module {where!r} was not there when the model was saved")
        name, shape, trainable = entries[where]
        if not name:
            raise DataError(f"the layer {where!r} needs a name")
        module.name, module._trainable = _name(name), _flag(trainable)
        if shape and not module.built and "built" in vars(module):
            as_shape([size for size in shape if size is not None], f"layer {name}")
            module.ensure_built(tuple(shape))
        position += 1
    if not model.built:
        raise DataError("a layer lacks the shape of its input")


def _read_first_format(description, make, arrays):
    with building(as_generator(0), _FileValues(arrays)):
        model = make(name=_name(description["name"]))
        for number, entry in enumerate(description["layers"]):
            tagged = {TAG: "object", "kind": "Layer", "class": entry["class"], "config": entry["config"], "id": number}
            model.layers.append(_layer(tagged))  # add() would build an Input's model
        first, *sample = description["input_shape"]
        if first is not None:
            raise DataError("the input shape must start with null")
        model.build_for((None, *sample))
    if len(model.weights) != len(arrays):
        raise DataError(f"has {len(arrays)} weights, the model needs {len(model.weights)}")
    return model


def _layer(entry):
    if not isinstance(entry, dict) or entry.get(TAG) not in ("object", "same"):
        raise DataError(f"a layer must be a description of one, got {entry!r}")
    layer = decode(entry)
    if not isinstance(layer, Module):
        raise DataError(f"{type(layer).__name__} is not a layer")
    _name(entry.get("config", {}).get("name", layer.name))
    return layer


def _name(name):
    if not isinstance(name, str):
        raise DataError(f"a name must be text, got {name!r}")
    return name


def _flag(value):
    if not isinstance(value, bool):
        raise DataError(f"a flag must be true or false, got {value!r}")
    return value


class _FileShapes:
    """Zeros for weights until all are there: nothing is allocated for a weight that no array of the file would fit."""

    def __init__(self, arrays):
        self.known = {(array.shape, array.dtype) for array in arrays}

    def first_value(self, label, shape, dtype):
        if (shape, dtype) not in self.known:
            raise DataError(f"weight {label} needs {dtype} {shape}, the file has none")
        return np.zeros(shape, dtype)


class _FileValues:
    """First values of weights from a file, in order: nothing is allocated before a weight is known to fit."""

    def __init__(self, arrays):
        self.arrays = iter(arrays)

    def first_value(self, label, shape, dtype):
        array = next(self.arrays, None)
        if array is None or array.shape != shape or array.dtype != dtype:
            given = "nothing" if array is None else f"{array.dtype} {array.shape}"
            raise DataError(f"weight {label} needs {dtype} {shape}, the file has {given}")
        return array


def _compile(model, training, tensors):
    if training is None:
        return
    model.compile(
        optimizers.get(training["optimizer"]),
        losses.get(training["loss"]),
        [metrics.get(m) for m in training["metrics"]],
        [metrics.get(m) for m in training.get("weighted_metrics", [])],
    )
    prefix = "optimizer/"
    state = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    if state:
        weights = model.weights
        variables = [weights[i] for i in training["variables"]] if "variables" in training else model.trainable_weights
        model.optimizer.build(variables)
        model.optimizer.load_state(state)


def save_weights(model, path):
    """Write the weights alone; see `Sequential.save_weights`."""
    check_ending("save_weights", path)
    if not model.built:
        raise NotBuiltError(
            "save_weights: the model has no weights yet; call fit, build(input_shape) or the model first"
        )
    _write(path, {f"weights/{i}": weight.numpy() for i, weight in enumerate(model.weights)})


def load_weights(model, path):
    """Read weights into a model; see `Sequential.load_weights`."""
    tensors, _ = _read(path)
    if not model.built:
        raise NotBuiltError("load_weights: the model has no weights yet; call build(input_shape) first")
    _set_weights(model, path, tensors)


def _set_weights(model, path, tensors):
    found = [name for name in tensors if name.startswith("weights/")]
    if len(found) != len(model.weights):
        raise DataError(f"{path}: has {len(found)} weights, the model needs {len(model.weights)}")
    arrays = []
    for i, weight in enumerate(model.weights):
        array = tensors.get(f"weights/{i}")
        if array is None or array.shape != weight.shape or array.dtype != weight.dtype:
            given = "nothing" if array is None else f"{array.dtype} {array.shape}"
            raise DataError(f"{path}: weight {weight.name} needs {weight.dtype} {weight.shape}, the file has {given}")
        arrays.append(array)
    model.set_weights(arrays)
