"""A module from inputs to outputs: what a trainer asks of a model besides its weights."""

from __future__ import annotations

from typing import Any

from numbanet.core.context import context, undisturbed
from numbanet.core.dtypes import DEFAULT_FLOAT
from numbanet.core.hooks import accepted
from numbanet.core.random import as_generator
from numbanet.layers.calls import build_held, building, calling, inferred_shape, training_of
from numbanet.layers.inputs import network_input
from numbanet.layers.labels import snake_case
from numbanet.layers.module import Module, first_weight
from numbanet.layers.symbolic import has_symbolic
from numbanet.layers.wiring import symbolic_call
from numbanet.tensor.tensor import Tensor, default_device
from numbanet.typing import DType, Seed


class Network(Module):
    """A module that is called with samples: a subclass defines `call`, and what it knows better than its layers.

    What shapes come out, and for which shapes layers are built, a call of a copy with zeros tells.

    Parameters
    ----------
    name : str, optional
    """

    def __init__(self, name: str | None = None) -> None:
        self.name: str = snake_case(type(self).__name__) if name is None else name

    def __call__(self, x: Any, training: bool | None = None, rng: Seed = None) -> Any:
        """Return the output for `x`: what `call` makes of it. Layers inside get the same `training` and `rng`."""
        call = getattr(self, "call", None)
        if call is None:
            raise NotImplementedError(f"{type(self).__name__} must define call(x, training, rng)")
        if type(x) is not Tensor and has_symbolic(x):
            return symbolic_call(self, x, training, rng)
        training = training_of(self, training)
        rng = context.rng if rng is None else as_generator(rng)
        samples = network_input(self, x)
        with calling(self, training, rng):
            found: Any = call(samples, **accepted(call, training=training, rng=rng))
        return found

    @property
    def layers(self) -> list[Any]:
        """The layers and models that the attributes hold, in order."""
        return [found for _, found in self._held() if isinstance(found, Module)]

    def _parts(self):
        """Return the layers; what is called for every batch asks here."""
        return self.layers

    @property
    def dtype(self) -> Any:
        """The dtype of the weights; float32 before there are any."""
        weight = first_weight(self)
        return DEFAULT_FLOAT if weight is None else weight.dtype

    @property
    def built(self) -> bool:
        """Whether the weights have been made."""
        parts = self._parts()
        return bool(parts) and all(layer.built for layer in parts)

    @property
    def input_shape(self) -> Any:
        """The shape of the inputs that it was built for, (None, ...); None if unknown."""
        return None

    @property
    def device(self) -> str:
        """Where the weights are: "cpu" or "cuda"; before there are any, where they would be made now."""
        weight = first_weight(self)
        return default_device() if weight is None else weight.device

    @undisturbed
    def build_for(self, input_shape: Any, rng: Seed = None, dtype: DType = None) -> None:
        """Make the weights for inputs (None, ...) of `dtype`, from `rng`; what a dry run does not tell, a call does."""
        with building(as_generator(rng), None):
            build_held(self, input_shape, dtype)

    def output_shape_for(self, input_shape: Any, dtype: DType = None) -> Any:
        """Return the shape that inputs (None, ...) come out with; None if unknown."""
        return inferred_shape(self, input_shape, dtype)

    def output_activation(self) -> str | None:
        """Return the name of the activation that a loss on logits can do without; None where there is none."""
        return None

    def activate(self, logits: Tensor) -> Tensor:
        """Return the activation of `logits`."""
        return logits
