"""What layers are called with: one tensor, or a list, tuple or dict of several, put where the weights are."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from numbanet.core.dtypes import is_float
from numbanet.core.hooks import is_overridden
from numbanet.core.shapes import as_open_shape
from numbanet.errors import ArgumentError, DeviceError, DTypeError, NotBuiltError, OutOfRangeError, ShapeError
from numbanet.layers.module import first_weight
from numbanet.ops.sparse import SparseRows, as_samples
from numbanet.tensor.listeners import check_values
from numbanet.tensor.lists import dtype_of_floats
from numbanet.tensor.operators import Operators

CONTAINERS = (list, tuple, dict)


def is_shape(x: Any) -> bool:
    """Return whether `x` is one shape, and not a list, tuple or dict of shapes."""
    if type(x) is tuple and x and x[0] is None:  # nearly always, and each call of a layer asks
        return True
    return x is None or (not isinstance(x, dict) and not any(isinstance(one, CONTAINERS) for one in x))


def checked_shapes(layer: Any, shapes: Any) -> Any:
    """Return a shape that is given by hand as a tuple of sizes, or a structure of shapes as one of tuples.

    Raises
    ------
    ArgumentError
        When it is neither, a size is not an integer or is negative, or a layer of one input gets several shapes.
    """
    if shapes is None:
        return None
    if not isinstance(shapes, CONTAINERS):
        raise ArgumentError(f"layer {layer.name}: needs the shape of inputs, a tuple (None, ...), got {shapes!r}")
    if is_shape(shapes):
        return as_open_shape(shapes, f"layer {layer.name}: a shape of inputs")
    check_several(layer, shapes)
    if isinstance(shapes, dict):
        return {name: checked_shapes(layer, one) for name, one in shapes.items()}
    return type(shapes)([checked_shapes(layer, one) for one in shapes])


def mapped(function: Any, structure: Any, *others: Any) -> Any:
    """Return a structure of what a function gives for the leaves of one, shapes or tensors.

    `others` are arguments beside the leaves: structures of the same form, or one value for all.
    """
    if isinstance(structure, dict):
        return {
            key: mapped(function, one, *[o[key] if isinstance(o, dict) else o for o in others])
            for key, one in structure.items()
        }
    if isinstance(structure, (list, tuple)) and not (structure and _is_size(structure[0])):
        parts = [
            mapped(function, one, *[o[i] if isinstance(o, (list, tuple)) else o for o in others])
            for i, one in enumerate(structure)
        ]
        return parts if isinstance(structure, list) else tuple(parts)
    return function(structure, *others)


def _is_size(x):
    return x is None or isinstance(x, (int, np.integer))


def shape_of(tensor: Any) -> tuple[Any, ...]:
    """Return the shape of a tensor, with the samples left open."""
    return (None, *tensor.shape[1:])


def dtype_of(tensor: Any) -> Any:
    """Return the dtype of a tensor."""
    return tensor.dtype


def first_of(structure: Any) -> Any:
    """Return the first leaf of a structure."""
    while isinstance(structure, CONTAINERS):
        structure = next(iter(structure.values() if isinstance(structure, dict) else structure))
    return structure


def first_shape(layer: Any, shapes: Any) -> Any:
    """Return the shape of the first of a list of inputs, or that of the only one; ArgumentError for a dict."""
    if isinstance(shapes, dict):
        raise ArgumentError(f"layer {layer.name}: needs one tensor or a list, got a dict of {[*shapes]}")
    return shapes[0] if not is_shape(shapes) else shapes


def check_as_many(layer: Any, tensors: Any) -> None:
    """Raise ShapeError unless several inputs have as many samples: none is for all those of another."""
    if len({one.shape[:1] for one in tensors}) > 1:
        raise ShapeError(
            f"layer {layer.name}: needs as many samples of each input, got shapes "
            f"{', '.join(str(one.shape) for one in tensors)}"
        )


def holds_arrays(x: Any) -> bool:
    """Return whether `x` is a dict, or a list or tuple of arrays of at least two dimensions: several inputs."""
    if isinstance(x, dict):
        return bool(x)
    if not isinstance(x, (list, tuple)) or not x:
        return False
    return all(holds_arrays(one) if isinstance(one, CONTAINERS) else _is_array(one) and len(one.shape) > 1 for one in x)


def _is_array(x):
    return isinstance(x, (Operators, np.ndarray, SparseRows)) or hasattr(x, "__array_interface__")


def takes_several(layer: Any) -> bool:
    """Return whether a layer may be called with several tensors."""
    return layer.several_inputs or layer.takes_structures or is_overridden(layer, "call")


def check_several(layer: Any, x: Any) -> None:
    """Raise ArgumentError when a layer of one input is called with a list, tuple or dict."""
    if isinstance(x, CONTAINERS) and not takes_several(layer):
        raise ArgumentError(
            f"layer {layer.name}: {type(layer).__name__} takes one tensor, got a {type(x).__name__} of {len(x)}; "
            "nn.layers.Concatenate, Add and their kin make one of several"
        )


def input_of(layer: Any, x: Any) -> Any:
    """Return what `call` gets for `x`: tensors, or sparse rows, floating ones in the layer's dtype.

    They are put where the weights are; a tensor on another device is refused.
    """
    if layer.several_inputs and isinstance(x, (list, tuple)):
        if not x:
            raise ArgumentError(f"layer {layer.name}: {type(layer).__name__} takes a list of tensors, got none")
        return [_one(layer, one) for one in x]
    if holds_arrays(x) and takes_several(layer):
        return mapped(partial(_one, layer), x)
    return _one(layer, x)


def cast(layer: Any, x: Any) -> Any:
    """Return what `call` got in the dtype of the layer: itself, and not the result of an op, where it has that."""
    return x if x.dtype == layer.dtype else announced(f"layer {layer.name}", x, layer.dtype)


def announced(what: str, x: Any, dtype: Any) -> Any:
    """Return a tensor in the dtype that was announced for it, in which its values are the same.

    Raises
    ------
    DTypeError
        When it is floating and the dtype is not.
    OutOfRangeError
        When an integer does not fit in the dtype: NumPy would take it modulo the number of those that do.
    """
    if dtype.kind != "f":
        if is_float(x.dtype):
            raise DTypeError(f"{what}: {dtype} is needed, got {x.dtype}; convert it with astype")
        if not np.can_cast(x.dtype, dtype):
            check_values(x, partial(_check_range, what, dtype))
    return x.astype(dtype)


def _check_range(what, dtype, values):
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    for value in (values.min(), values.max()) if values.size else ():
        if not low <= int(value) <= high:
            raise OutOfRangeError(f"{what}: {dtype} is needed, in which {value} does not fit")


def network_input(network: Any, x: Any) -> Any:
    """Return what the `call` of a model gets for `x`: tensors, where the weights are."""
    if holds_arrays(x):
        weight = first_weight(network)
        return mapped(partial(_samples, network.name, None if weight is None else weight.device), x)
    return as_samples(x, what=network.name)


def _samples(name, place, x):
    return as_samples(x, None, None if isinstance(x, Operators) else place, name)


def _one(layer, x):
    samples = _placed(layer, x)
    return cast(layer, samples) if is_float(samples.dtype) else samples


def _placed(layer, x):
    weights = layer._weights if isinstance(x, Operators) else layer._weights or layer.weights
    dtype = None if isinstance(x, Operators) else dtype_of_floats(x, layer.dtype)
    if not weights:
        return as_samples(x, dtype, what=layer.name)
    place = weights[0].device
    x = as_samples(x, dtype, None if isinstance(x, Operators) else place, layer.name)
    if x.device != place:
        raise DeviceError(
            f"layer {layer.name}: the input is on {x.device}, the weights are on {place}; "
            "move one of them with x.to_device(...) or model.to_device(...)"
        )
    return x


def check_features(layer: Any, input_shape: Any) -> None:
    """Raise ShapeError unless several inputs have the form, and the last sizes, for which a layer was built."""
    known, given = (mapped(lambda shape: shape[-1:], shapes) for shapes in (layer.input_shape, input_shape))
    if layer._weights and _plain(known) != _plain(given):
        raise ShapeError(
            f"layer {layer.name}: built for inputs of shapes {layer.input_shape}, called with {input_shape}"
        )


def _plain(structure):
    return [_plain(one) for one in structure] if isinstance(structure, (list, tuple)) else structure


def feature_count(layer: Any, input_shape: Any) -> Any:
    """Return the last size of `input_shape`; NotBuiltError or ShapeError where the layer needs one."""
    if len(input_shape) < 2:
        raise ShapeError(f"layer {layer.name}: needs inputs (samples, ..., features), got shape {input_shape}")
    if input_shape[-1] is None:
        raise NotBuiltError(f"layer {layer.name}: the last size of the input must be known, got {input_shape}")
    return input_shape[-1]
