"""Models to files: what could not be loaded is not written."""

from __future__ import annotations

import json

from numbanet.core.context import undisturbed
from numbanet.core.encoding import one_tree
from numbanet.core.names import custom_objects, is_ours, saving
from numbanet.core.random import as_generator
from numbanet.errors import NotBuiltError
from numbanet.layers.calls import Zeros, building
from numbanet.layers.module import modules_of, walk
from numbanet.saving.container import check_ending, write
from numbanet.saving.description import check_savable
from numbanet.saving.reading import empty_model, variables_of
from numbanet.tensor.variable import Variable


@undisturbed
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
    write(path, tensors, {"numbanet": json.dumps(description)})


def _check_weights(model, description, own):
    """Raise NotBuiltError unless the model that `load_model` makes has the same weights, in the same places."""
    try:
        with custom_objects(own), one_tree(), building(as_generator(0), Zeros()):
            again = empty_model(description, type(model), type(model))
    except Exception as error:
        raise NotBuiltError(f"save: the model cannot be built again ({type(error).__name__}: {error})") from error
    mine, other = ({where: one.shape for where, one in variables_of(made)} for made in (model, again))
    differing = sorted(where for where in {*mine, *other} if mine.get(where) != other.get(where))
    if differing:
        where = differing[0]
        raise NotBuiltError(
            f"save: the weight {where} has the shape {mine.get(where)}, load_model would make it with "
            f"{other.get(where)} (None: there is none); __init__ and build must make all layers and weights"
        )


@undisturbed
def save_weights(model, path):
    """Write the weights alone; see `Sequential.save_weights`."""
    check_ending("save_weights", path)
    if not model.built:
        raise NotBuiltError(
            "save_weights: the model has no weights yet; call fit, build(input_shape) or the model first"
        )
    write(path, {f"weights/{i}": weight.numpy() for i, weight in enumerate(model.weights)})
