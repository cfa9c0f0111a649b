"""Models from files: everything is checked before a model is made."""

from __future__ import annotations

import json

import numpy as np

from numbanet import losses, metrics, optimizers
from numbanet.core.context import undisturbed
from numbanet.core.encoding import TAG, decode, one_tree
from numbanet.core.names import custom_objects
from numbanet.core.random import as_generator
from numbanet.core.shapes import as_shape
from numbanet.errors import DataError, NotBuiltError
from numbanet.layers.calls import building
from numbanet.layers.module import Module, modules_of, walk
from numbanet.saving.container import one_line, read
from numbanet.saving.description import FORMAT
from numbanet.tensor.variable import Variable


@undisturbed
def read_model(path, make, base, custom=None, compiled=True):
    """Return the model in a file, see `load_model`: of class `base`, and made by `make(name=...)` if it is a stack."""
    tensors, metadata = read(path)
    if "numbanet" not in metadata:
        raise DataError(f"{path}: a safetensors file, but not a numbanet model; load_weights reads weights alone")
    try:
        description = json.loads(metadata["numbanet"])
        if description["format"] not in (1, FORMAT):
            raise DataError(f"format {description['format']!r}; this version of numbanet reads formats 1 and {FORMAT}")
        arrays = [tensors[f"weights/{i}"] for i in range(sum(name.startswith("weights/") for name in tensors))]
        make_model = _read_first_format if description["format"] == 1 else _read_second_format
        with custom_objects(custom), one_tree():
            model = make_model(description, make, base, arrays)
            if compiled:
                compile_again(model, description["compile"], tensors)
    except DataError as error:
        raise DataError(f"{path}: {one_line(error)}") from None
    except MemoryError:
        raise
    except Exception as error:  # classes of your own may raise anything
        reason = f"{type(error).__name__}: {one_line(error)}"
        raise DataError(f"{path}: the model in it does not make sense ({reason})") from error
    return model


def _read_second_format(description, make, base, arrays):
    with building(as_generator(0), _FileShapes(arrays)):
        model = empty_model(description, make, base)
    found = dict(variables_of(model))
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


def empty_model(description, make, base):
    """Return the model of a description, with weights whose values are still to come."""
    if description["model"] is None:
        model = make(name=_name(description["name"]))
        model._extend(_layer(entry) for entry in description["layers"])
    else:
        model = decode(description["model"])
    if not isinstance(model, base):
        raise DataError(f"{type(model).__name__} is not a {base.__name__}")
    _build(model, {entry[0]: entry[1:] for entry in description["modules"]})
    return model


def variables_of(model):
    return [(where, found) for where, found in walk(model) if isinstance(found, Variable)]


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


def _read_first_format(description, make, base, arrays):
    with building(as_generator(0), _FileValues(arrays)):
        model = make(name=_name(description["name"]))
        for number, entry in enumerate(description["layers"]):
            tagged = {TAG: "object", "kind": "Layer", "class": entry["class"], "config": entry["config"], "id": number}
            model._extend([_layer(tagged)])  # add() would build an Input's model
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


def compile_again(model, training, tensors):
    """Compile a model as `training`, a part of its description, says; with the optimizer's state if that is there."""
    if training is None:
        return
    model.compile(
        optimizers.get(training["optimizer"]),
        losses.get(training["loss"]),
        [metrics.get(m) for m in training["metrics"]],
        [metrics.get(m) for m in training.get("weighted_metrics", [])],
    )
    exclude_again(model, training.get("without_decay", []))
    prefix = "optimizer/"
    state = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    if state:
        weights = model.weights
        variables = [weights[i] for i in training["variables"]] if "variables" in training else model.trainable_weights
        model.optimizer.build(variables)
        model.optimizer.load_state(state)


def exclude_again(model, numbers):
    """Exclude weights from weight decay, by their numbers; NotBuiltError when they are not there yet."""
    weights, optimizer = model.weights, model.optimizer
    if numbers and max(numbers) >= len(weights):
        raise NotBuiltError(
            "weights are excluded from weight decay by var_list that the model made again does not have yet; use "
            "exclude_from_weight_decay(var_names=[...])"
        )
    if numbers:
        optimizer.exclude_from_weight_decay([weights[i] for i in numbers], optimizer.excluded_names)


@undisturbed
def load_weights(model, path):
    """Read weights into a model; see `Sequential.load_weights`."""
    tensors, _ = read(path)
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
