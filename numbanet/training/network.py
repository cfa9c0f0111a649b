"""A module from inputs to outputs: what a trainer asks of a model besides its weights."""

from __future__ import annotations

from typing import Any

from numbanet.core.context import context
from numbanet.core.hooks import accepted
from numbanet.core.random import as_generator
from numbanet.layers.calls import build_held, building, calling, samples_like
from numbanet.layers.layer import inferred_shape
from numbanet.layers.module import Module, first_weight
from numbanet.ops.sparse import as_samples
from numbanet.tensor.tensor import Tensor, default_device
from numbanet.typing import ArrayLike, DType, Seed


class Network(Module):
    """A module that is called with samples: a subclass defines `call`, and what it knows better than its layers.

    What shapes come out, and for which shapes layers are built, a call of a copy with zeros tells.

    Parameters
    ----------
    name : str, optional

    Raises
    ------
    TypeError
        For `inputs` and `outputs`: models of a graph of layers, Keras's functional ones, are not made here.
    """

    _former = dict.fromkeys(
        ("inputs", "outputs"),
        "a model is an nn.Sequential, or a subclass of nn.Model that makes its layers in __init__ and calls them in "
        "call(self, x); functional models, of inputs and outputs, are not supported",
    )

    def __init__(self, name: str | None = None) -> None:
        if name is not None:
            self.name = name

    def __call__(self, x: ArrayLike, training: bool | None = None, rng: Seed = None) -> Tensor:
        """Return the output for `x`: what `call` makes of it. Layers inside get the same `training` and `rng`."""
        call = getattr(self, "call", None)
        if call is None:
            raise NotImplementedError(f"{type(self).__name__} must define call(x, training, rng)")
        training = context.training if training is None else training
        rng = context.rng if rng is None else as_generator(rng)
        with calling(self, training, rng):
            found: Tensor = call(as_samples(x, what=self.name), **accepted(call, training=training, rng=rng))
        return found

    @property
    def layers(self) -> list[Any]:
        """The layers and models that the attributes hold, in order."""
        return [found for _, found in self._held() if isinstance(found, Module)]

    @property
    def built(self) -> bool:
        """Whether the weights have been made."""
        return bool(self.layers) and all(layer.built for layer in self.layers)

    @property
    def input_shape(self) -> Any:
        """The shape of the inputs that it was built for, (None, ...); None if unknown."""
        return None

    @property
    def device(self) -> str:
        """Where the weights are: "cpu" or "cuda"; before there are any, where they would be made now."""
        weight = first_weight(self)
        return default_device() if weight is None else weight.device

    def build_for(self, input_shape: Any, rng: Seed = None, dtype: DType = None) -> None:
        """Make the weights for inputs (None, ...) of `dtype`, from `rng`; what a dry run does not tell, a call does."""
        with building(as_generator(rng), None):
            build_held(self, samples_like(input_shape, dtype))

    def output_shape_for(self, input_shape: Any, dtype: DType = None) -> Any:
        """Return the shape that inputs (None, ...) come out with; None if unknown."""
        return inferred_shape(self, input_shape, dtype)

    def output_activation(self) -> str | None:
        """Return the name of the activation that a loss on logits can do without; None where there is none."""
        return None

    def activate(self, logits: Tensor) -> Tensor:
        """Return the activation of `logits`."""
        return logits
