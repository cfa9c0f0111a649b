"""Models as files: one safetensors file, with the architecture as JSON in its header. Nothing is ever unpickled.

The header's metadata has one entry, `numbanet`: the format's version, the layers and how the model was compiled.
Weights are tensors named `weights/0`, `weights/1`, ..., the optimizer's state `optimizer/...`; any safetensors tool can
read them.
Everything is checked before a model is made: what was edited, cut off or is of another making raises DataError.
"""

import json

import numpy as np

from numbanet import layers, losses, metrics, optimizers
from numbanet.errors import DataError, NotBuiltError, NumbanetError
from numbanet.files import check_readable, write_atomically
from numbanet.layers.calls import building
from numbanet.random import as_generator
from numbanet.registry import describe

FORMAT = 1
LAYERS = {name: getattr(layers, name) for name in layers.__all__ if name != "Layer"}


def save_model(model, path):
    """Write a model to one file; see `Sequential.save`."""
    if not model.built:
        raise NotBuiltError("save: the model has no weights yet; call fit, build(input_shape) or the model first")
    description = {
        "format": FORMAT,
        "name": model.name,
        "layers": [_describe_layer(layer) for layer in model.layers],
        "input_shape": list(model.layers[0].input_shape),
        "compile": _describe_training(model),
    }
    tensors = {f"weights/{i}": weight.numpy() for i, weight in enumerate(model.weights)}
    if model.optimizer is not None and model.optimizer.built:
        tensors |= {f"optimizer/{name}": array for name, array in model.optimizer.state()}
    _write(path, tensors, {"numbanet": json.dumps(description)})


def _describe_layer(layer):
    if LAYERS.get(type(layer).__name__) is not type(layer):
        raise NotBuiltError(
            f"save: layer {layer.name} is of the class {type(layer).__name__}, which no other program has; "
            "save its weights with save_weights"
        )
    return {"class": type(layer).__name__, "config": layer.get_config()}


def _describe_training(model):
    if model.loss is None:
        return None
    return {
        "optimizer": describe(model.optimizer),
        "loss": describe(model.loss),
        "metrics": [describe(metric) for metric in model.metrics if metric not in model.weighted_metrics],
        "weighted_metrics": [describe(metric) for metric in model.weighted_metrics],
    }


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
        reason = " ".join(str(error).split())  # it quotes the file, line breaks and all
        raise DataError(f"{path}: not a readable safetensors file ({reason})") from None


def read_model(path, make):
    """The model in a file, made by `make(name=...)`: a Sequential, for `load_model`."""
    tensors, metadata = _read(path)
    if "numbanet" not in metadata:
        raise DataError(f"{path}: a safetensors file, but not a numbanet model; load_weights reads weights alone")
    try:
        description = json.loads(metadata["numbanet"])
        if description["format"] != FORMAT:
            raise DataError(f"format {description['format']!r}; this version of numbanet reads format {FORMAT}")
        weights = [tensors[f"weights/{i}"] for i in range(sum(name.startswith("weights/") for name in tensors))]
        _check_name(description["name"])
        model = _fill(make(name=description["name"]), description, _FileValues(weights))
        if len(model.weights) != len(weights):
            raise DataError(f"has {len(weights)} weights, the model needs {len(model.weights)}")
        _compile(model, description["compile"], tensors)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except (NumbanetError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise DataError(f"{path}: the model in it does not make sense ({type(error).__name__}: {error})") from None
    return model


def _fill(model, description, weights):
    """Give an empty model its layers and weights."""
    for entry in description["layers"]:
        if entry["class"] not in LAYERS:
            raise DataError(f"unknown layer class {entry['class']!r}")
        _check_name(entry["config"]["name"])
        model.layers.append(LAYERS[entry["class"]].from_config(entry["config"]))  # add() would build an Input's model
    first, *sample = description["input_shape"]
    if first is not None:
        raise DataError("the input shape must start with null")
    with building(as_generator(0), weights):
        model.build_for((None, *sample))
    return model


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


def _check_name(name):
    if not isinstance(name, str):
        raise DataError(f"a name must be text, got {name!r}")


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
        model.optimizer.build(model.trainable_weights)
        model.optimizer.load_state(state)


def save_weights(model, path):
    """Write the weights alone; see `Sequential.save_weights`."""
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
