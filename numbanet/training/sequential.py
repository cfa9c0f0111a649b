"""Sequential: layers one after another, trained as in Keras."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_not
from typing import Any, Self

import numpy as np

from numbanet.core.context import context
from numbanet.core.encoding import decode, encode
from numbanet.core.names import BASES
from numbanet.core.notes import Notes
from numbanet.core.random import as_generator
from numbanet.core.shapes import as_open_shape
from numbanet.errors import ArgumentError, NotBuiltError
from numbanet.layers import Flatten, Input, Layer, Reshape
from numbanet.layers.calls import calling, training_of
from numbanet.layers.inputs import check_several, is_shape, mapped, takes_several
from numbanet.layers.layer import output_shape_of
from numbanet.layers.symbolic import Graph, belongs_to, has_symbolic
from numbanet.layers.wiring import symbolic_call
from numbanet.ops.sparse import as_samples
from numbanet.tensor.devices import device
from numbanet.tensor.lists import dtype_of_floats
from numbanet.tensor.tensor import Tensor
from numbanet.training.checks import require_weights
from numbanet.training.data import float_dtype_of
from numbanet.training.model import Model
from numbanet.typing import ArrayLike, Config, DType, Seed

_graphs = Notes()
"""The symbolic inputs and outputs of models; not among their attributes, which copies and replayed steps look at."""
_DTYPE_STAYS = (Flatten, Input, Reshape)


class Sequential(Model):
    """A stack of layers.

    Parameters
    ----------
    layers : list of Layer or Model, optional
        A model in it is one of the layers: a `Sequential`, a functional one with one input, or one of your own.
    name : str, optional
    rng : int or numpy.random.Generator, optional
        For the initial weights. By default these come from the `rng` of `fit`; but a model that begins with an `Input`,
        or with a layer that has an `input_shape`, is built at once, with other weights every time unless it has `rng`.

    Raises
    ------
    ArgumentError
        When something in the list is neither a layer nor a model, or is a model with several inputs.

    References
    ----------
    Keras 3, keras.Sequential; Chollet: Deep Learning with Python, chapter 2.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> model = nn.Sequential([nn.layers.Dense(8, activation="relu"), nn.layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> history = model.fit(x, 2 * x, epochs=3, verbose=0, rng=0)
    >>> len(history.history["loss"])
    3
    """

    layers: Any = ()  # an attribute of each object, which may be changed
    _input: Any = None
    """The Input that it begins with; it is none of the layers, but files and paths count it as the first of them."""

    def __init__(
        self, layers: Iterable[Layer | Model] | None = None, name: str | None = None, rng: Seed = None
    ) -> None:
        try:
            stack = iter(() if layers is None else layers)
        except TypeError:
            raise ArgumentError(
                f"Sequential: needs a list of layers, got {layers!r}; write nn.Sequential([...])"
            ) from None
        self.name: str = name or "sequential"
        self._input: Any = None
        self.layers: list[Any] = []  # of Layer and Model, which have attributes of their own
        self._rng = None if rng is None else as_generator(rng)
        for layer in stack:
            self.add(layer)

    def add(self, layer: Layer | Model) -> None:
        """Append a layer; an `Input` that comes first is not among `layers`, but says what they are called with.

        Raises
        ------
        ArgumentError
            When it is neither a layer nor a model, is a model with several inputs, or is in the model already.
        """
        _check_layer(layer)
        known_ones = self._parts()
        if any(layer is known for known in known_ones):
            raise ArgumentError(f"Sequential: layer {layer.name} is in the model already; sharing is not supported")
        given, names = layer.name, {known.name for known in known_ones}
        if layer.name in names:
            count = 1
            while f"{layer.name}_{count}" in names:
                count += 1
            layer.name = f"{layer.name}_{count}"
        self._extend([layer])
        announced = _announced(self._parts()[0])
        if announced is not None:
            try:
                self.build_for(announced)
            except Exception:
                self.pop().name = given  # a layer that does not fit is not in the model
                raise

    def _extend(self, layers):
        """Append layers as they are, none of which is built."""
        for layer in layers:
            if isinstance(layer, Input) and not self._parts():
                self._input = layer
            else:
                self.layers.append(layer)
            belongs_to(layer, self)

    def _parts(self):
        """Return the layers, and before them the Input if there is one."""
        return self.layers if self._input is None else [self._input, *self.layers]

    def _held(self):
        """Yield (path, module) of what it holds: the Input has the place 0 among the layers."""
        first = self._input
        for path, found in super()._held():
            kind, _, place = path.partition("/")
            if first is not None and kind == "layers":
                place = f"{int(place) + 1}"
            yield ("layers/0" if found is first else f"{kind}/{place}" if place else path), found

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore what was copied or pickled, in earlier versions with the Input among the layers."""
        super().__setstate__(state)
        if self._input is None and self.layers and isinstance(self.layers[0], Input):
            vars(self)["_input"] = self.layers.pop(0)
        for layer in self._parts():
            belongs_to(layer, self)

    def pop(self) -> Any:
        """Remove the last layer, and return it.

        Raises
        ------
        ArgumentError
            When there is none.
        """
        if self.layers:
            return self.layers.pop()
        found, self._input = self._input, None
        if found is None:
            raise ArgumentError(f"{self.name}: there is no layer to remove")
        return found

    def build(self, input_shape: Any, rng: Seed = None) -> None:
        """Make the weights for samples of a shape.

        Parameters
        ----------
        input_shape : tuple of int
            Of one sample, or with None for the number of samples in front: (None, 784) or (784,). Other sizes that
            are None are open: (None, None, 3) is for sequences of any length.
        rng : int or numpy.random.Generator, optional

        Raises
        ------
        ShapeError
            When the layers do not fit the shape, or each other.
        """
        shape = tuple(input_shape) if isinstance(input_shape, (tuple, list)) else (input_shape,)
        sample = shape[1:] if shape[:1] == (None,) else shape
        self.build_for((None, *as_open_shape(sample, "build")), rng)

    def build_for(self, input_shape: Any, rng: Seed = None, dtype: DType = None) -> None:
        """Make the weights for inputs (None, ...) of `dtype`, from `rng`; built layers are checked."""
        generator = self._rng if self._rng is not None else as_generator(rng)
        self.output_shape_for(input_shape, dtype)
        for layer in self._parts():
            if input_shape is None:
                return  # the output shape of the layer before is unknown: the first call builds the rest
            layer.ensure_built(input_shape, generator, dtype=dtype)
            input_shape = output_shape_of(layer, input_shape, dtype)
            dtype = dtype if isinstance(layer, _DTYPE_STAYS) else layer.dtype

    def ensure_built(
        self, input_shape: tuple[Any, ...], rng: Seed = None, values: Any = None, dtype: DType = None
    ) -> None:
        """Build the layers once, as those of a layer around; later inputs must fit."""
        if self.built:
            self.check_input(input_shape)
            return
        for layer in self._parts():
            layer._label = layer._label or f"{self._label or self.name}/{layer.name}"
        self.build_for(input_shape, context.rng if rng is None else rng, dtype)

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless inputs of `input_shape` fit the layers."""
        self.output_shape_for(input_shape)

    def output_shape_for(self, input_shape: Any, dtype: DType = None) -> Any:
        """Return the shape that inputs (None, ...) come out with; layers that do not fit raise, and none is built.

        None where a layer of your own does not say.
        """
        parts = self._parts()
        if not parts:
            raise NotBuiltError(f"{self.name}: the model has no layers; add some first")
        for layer in parts:
            if input_shape is None:
                return None
            if not is_shape(input_shape) and not takes_several(layer):
                raise ArgumentError(
                    f"{self.name}: {layer.name} takes one tensor, and would get tensors of shapes {input_shape}"
                )
            if layer.built:
                layer.check_input(input_shape)
            input_shape = output_shape_of(layer, input_shape, dtype)
            dtype = dtype if isinstance(layer, _DTYPE_STAYS) else layer.dtype
        return input_shape

    compute_output_shape = output_shape_for

    @property
    def input_shape(self) -> Any:
        """The shape of the inputs that it was built for, (None, ...); None before."""
        parts = self._parts()
        return parts[0].input_shape if parts else None

    @property
    def output_shape(self) -> Any:
        """The shape of what comes out, (None, ...); None before it is built, or where a layer does not say."""
        return None if self.input_shape is None or not self.built else self.output_shape_for(self.input_shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the outputs."""
        return self._parts()[-1].dtype

    def _own_graph(self):
        """Return the symbolic inputs and outputs, which are made when they are first asked for."""
        parts, known = self._parts(), _graphs.of(self)
        if known is None or len(known.parts) != len(parts) or any(map(is_not, known.parts, parts)):
            known = self._called()
            _graphs.note(self, known)
        return known

    def _called(self):
        """Call the layers with a symbolic input."""
        shape = self.input_shape
        if shape is None or not self.built:
            raise NotBuiltError(
                f"{self.name}: has no inputs and outputs before it is built; let it begin with nn.Input, or call build"
            )
        dtype = float_dtype_of(self)
        x = start = self._input if self._input is not None else mapped(lambda one: Input(one[1:], dtype=dtype), shape)
        calls = {}
        for layer in self.layers:
            x = layer(x)
            calls[id(layer)] = vars(layer)["_calls_made"][-1]
        return Graph(start, x, calls, list(self._parts()))

    def output_activation(self) -> str | None:
        """Return the name of the last layer's activation, which a loss on logits can do without, or None."""
        parts = self._parts()
        return parts[-1].output_activation() if parts else None

    def activate(self, logits: Tensor) -> Tensor:
        """Return the last layer's activation of `logits`."""
        return self._parts()[-1].activate(logits)

    def forward(self, x: ArrayLike, training: bool = False, rng: Seed = None, logits: bool = False) -> Tensor:
        """Return the output for `x`; with `logits`, what the last activation gets."""
        parts = self._parts()
        if not parts:
            raise NotBuiltError(f"{self.name}: the model has no layers; add some first")
        generator = rng if self._rng is None else self._rng
        y: Any = x
        if not self.built:
            y = as_samples(x, dtype_of_floats(x, float_dtype_of(self)), what=self.name)
            with device(y.device):  # weights are made where the first input is
                self.build_for((None, *y.shape[1:]), generator, y.dtype)
        last = parts[-1]
        for layer in parts:
            if not layer.built:  # what comes before it did not tell its shape
                with device(y.device):
                    layer.ensure_built((None, *y.shape[1:]), generator, dtype=y.dtype)
            y = layer(y, training=training, rng=rng, logits=logits and layer is last)
        return y

    def __call__(self, x: ArrayLike, training: bool | None = None, rng: Seed = None, logits: bool = False) -> Tensor:
        """Return the output for `x`, a Tensor; recorded by open tapes.

        Inside a layer that holds the model, `training` and `rng` are those of the layer, if not given.
        """
        if type(x) is not Tensor and has_symbolic(x):
            check_several(self, x)
            return symbolic_call(self, x, training, rng)
        training = training_of(self, training)
        rng = context.rng if rng is None else as_generator(rng)
        with calling(self, training, rng):
            return self.forward(x, training, rng, logits)

    def set_weights(self, values: Iterable[ArrayLike]) -> None:
        """Replace the values of all weights; nothing is changed unless every shape fits."""
        require_weights(self, "set_weights")
        super().set_weights(values)

    def get_config(self) -> Config:
        """Return what `from_config` needs to make the model again, without its weights: plain data."""
        return {"name": self.name, "layers": encode(list(self._parts()), self.name)}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Return the model that `get_config` describes, with weights to be made."""
        config = dict(config)
        layers = decode(config.pop("layers", []))
        model = cls(**config)
        for layer in layers:
            _check_layer(layer)
        model._extend(layers)  # add() would build the model of an Input
        return model

    def __repr__(self) -> str:
        return f"Sequential(name={self.name!r}, layers={self._parts()!r})"


def _check_layer(layer):
    """Raise ArgumentError unless something can be one of the layers."""
    if not isinstance(layer, (Layer, Model)):
        raise ArgumentError(f"Sequential: needs layers, got {layer!r}")
    if isinstance(layer, Model) and len(layer.input_names) > 1:
        raise ArgumentError(
            f"Sequential: {layer.name} takes {len(layer.input_names)} inputs ({', '.join(layer.input_names)}), and the "
            "layers of a Sequential take one; make a functional model of it"
        )


def _announced(layer):
    """Return the shape (None, ...) that a first layer says its inputs have, or None."""
    if isinstance(layer, Input):
        return layer.shape
    if isinstance(layer, Model):
        return layer.input_shape
    sample = getattr(layer, "sample_shape", None)
    return None if sample is None else (None, *sample)


BASES.append(Sequential)
