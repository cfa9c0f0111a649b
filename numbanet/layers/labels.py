"""What the weights of the layers that a layer holds are called after."""

import re
from typing import Any

from numbanet.layers.module import walk
from numbanet.tensor.variable import Variable


def label_held(layer: Any) -> None:
    """Name what a layer holds after the attributes that hold it, or, of those in `_named`, by its own name."""
    own = layer._label or layer.name
    for held in [vars(layer).get(name) for name in layer._named]:
        if hasattr(held, "built") and not held.built and held._label is None:
            held._label = f"{own}/{held.name}"
            label_held(held)
    for path, found in walk(layer):
        if isinstance(found, Variable):
            found.name = found.name or f"{own}/{path}"
        elif path and not found.built and found._label is None:
            found._label = f"{own}/{path}"


def snake_case(name: str) -> str:
    """Return the name of a class as one of a layer, as Keras does: dense for Dense, up_sampling2d for UpSampling2D."""
    words = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()
