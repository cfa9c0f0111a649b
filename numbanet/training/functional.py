"""Functional models: a network whose call is a graph of layers, from inputs to outputs."""

from __future__ import annotations

import re
from typing import Any

from numbanet.core.context import context
from numbanet.core.random import as_generator
from numbanet.core.shapes import fits
from numbanet.core.structures import flatten, matched, restructure
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import Input
from numbanet.layers.calls import called_apart, calling, samples_like, training_of
from numbanet.layers.inputs import announced, is_shape, mapped, shape_of
from numbanet.layers.labels import snake_case
from numbanet.layers.module import modules_of
from numbanet.layers.open_sizes import is_open
from numbanet.layers.symbolic import Graph, has_symbolic, of_the_graph
from numbanet.layers.topology import topology_of
from numbanet.layers.wiring import symbolic_call
from numbanet.ops.shaping import reshape
from numbanet.ops.sparse import SparseRows, as_samples
from numbanet.tensor.lists import dtype_of_floats
from numbanet.tensor.operators import Operators
from numbanet.training.network import Network
from numbanet.typing import DType, Seed


class Functional(Network):
    """A network that may have inputs and outputs; without them it is one with a `call` of its own.

    Parameters
    ----------
    inputs, outputs : symbolic tensor, or nested lists, tuples and dicts of them, optional
    name : str, optional

    Raises
    ------
    ArgumentError
        When outputs depend on inputs that are not given, or two layers have one name.
    """

    _topology: Any = None
    """The Topology of a functional model."""
    _layers: Any = ()
    _not_copied = Network._not_copied | {"_graph"}
    _not_kept = Network._not_kept | {"_graph"}
    input, output = of_the_graph("input"), of_the_graph("output")
    inputs, outputs = of_the_graph("inputs"), of_the_graph("outputs")

    def __init__(self, inputs: Any = None, outputs: Any = None, name: str | None = None) -> None:
        if isinstance(inputs, str) and outputs is None and name is None:
            inputs, name = None, inputs
        if (inputs is None) != (outputs is None):
            raise ArgumentError(f"{type(self).__name__}: give inputs and outputs, or none of them")
        super().__init__(name)
        if inputs is None:
            return
        topology, layers = topology_of(inputs, outputs)
        settle_names(layers)
        if name is None and self.name == "model":
            self.name = "functional"
        for layer in layers:
            if isinstance(layer, Input):
                layer.ensure_built(layer.shape)
        self._layers, self._topology = layers, topology
        vars(self)["_graph"] = Graph(inputs, outputs)

    def __call__(self, x: Any, training: bool | None = None, rng: Seed = None, logits: Any = False) -> Any:
        """Return the output for `x`: what the layers, or `call`, make of it. Layers inside get `training` and `rng`.

        With `logits`, what the last activation gets: True, or the places of outputs for which it is asked.
        """
        if self._topology is None or hasattr(self, "call"):
            return super().__call__(x, training, rng)
        if has_symbolic(x):
            return symbolic_call(self, x, training, rng)
        scores = set(range(len(flatten(self._topology.outputs)))) if logits is True else set(logits or ())
        training = training_of(self, training)
        rng = context.rng if rng is None else as_generator(rng)
        with calling(self, training, rng):
            found = self._topology.run(self._layers, self._arranged(x), scores)
        return restructure(self._topology.outputs, iter(found))

    def _arranged(self, x):
        """Return the tensors of the inputs, in order; ArgumentError, ShapeError or DTypeError unless they fit."""
        topology, place = self._topology, self.device
        given = matched(f"{self.name}: inputs", topology.inputs, x, self.input_names)
        return [
            _fitted(f"{self.name}: input {self._layers[at].name}", one, shape, dtype, place)
            for one, (shape, dtype), at in zip(
                given, self._topology.input_specs, self._topology.input_layers, strict=True
            )
        ]

    @property
    def layers(self) -> list[Any]:
        """The layers and models that it is made of, in order; those of the attributes if it has a call of its own."""
        if self._topology is None:
            return super().layers
        self._symbols()
        return [*self._layers]

    def _parts(self):
        return self._layers if self._topology is not None else super()._parts()

    def _own_graph(self):
        return None if self._topology is None else self._symbols()

    def _symbols(self):
        """Return the symbolic inputs and outputs; after a copy, or where a file was read, they are made first."""
        graph = vars(self).get("_graph")
        if graph is None:
            topology = self._topology
            starts = [self._layers[at] for at in topology.input_layers]
            found = topology.run(self._layers, starts)
            graph = Graph(restructure(topology.inputs, iter(starts)), restructure(topology.outputs, iter(found)))
            vars(self)["_graph"] = graph
        return graph

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs, in order: by these, data in a dict is found."""
        if self._topology is None:
            return []
        inputs = self._topology.inputs
        return [*inputs] if _is_flat_dict(inputs) else [self._layers[at].name for at in self._topology.input_layers]

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs, in order: those of the layers that give them, or the keys of a dict."""
        if self._topology is None:
            return []
        outputs = self._topology.outputs
        if _is_flat_dict(outputs):
            return [*outputs]
        names = [self._layers[at].name for at in self._topology.output_layers]
        return [f"{name}_{i}" if names.count(name) > 1 else name for i, name in enumerate(names)]

    @property
    def input_shape(self) -> Any:
        """The shapes of the inputs, (None, ...), in the form of the inputs; None if unknown."""
        if self._topology is None:
            return super().input_shape
        return restructure(self._topology.inputs, iter([shape for shape, _ in self._topology.input_specs]))

    @property
    def output_shape(self) -> Any:
        """The shapes of the outputs, (None, ...), in the form of the outputs; None if unknown."""
        if self._topology is None:
            return None
        return restructure(self._topology.outputs, iter([shape for shape, _ in self._topology.output_specs]))

    @property
    def dtype(self) -> Any:
        """The dtype of the first output; float32 if unknown."""
        return super().dtype if self._topology is None else self._topology.output_specs[0][1]

    def ensure_built(self, input_shape: Any, rng: Seed = None, values: Any = None, dtype: DType = None) -> None:
        """Check the shapes of inputs: the layers are built already. Make the weights of a model with a `call`."""
        if self._topology is None:
            self.build_for(input_shape, context.rng if rng is None else rng, dtype)
        else:
            self._given_shapes(input_shape)

    def build_for(self, input_shape: Any, rng: Seed = None, dtype: DType = None) -> None:
        """Make the weights for inputs (None, ...) of `dtype`; those of a functional model are there."""
        if self._topology is None:
            super().build_for(input_shape, rng, dtype)
        else:
            self._given_shapes(input_shape)

    def output_shape_for(self, input_shape: Any, dtype: DType = None) -> Any:
        """Return the shapes that inputs of `input_shape` come out with; ShapeError unless they fit."""
        if self._topology is None:
            return super().output_shape_for(input_shape, dtype)
        given = self._given_shapes(input_shape)
        if is_open(given) or not is_open([shape for shape, _ in self._topology.input_specs]):
            return self.output_shape
        kinds = [kind for _, kind in self._topology.input_specs]  # what comes of open sizes only a call can tell
        samples = map(samples_like, given, kinds)
        return mapped(shape_of, called_apart(self, restructure(self._topology.inputs, samples))[0])

    def _given_shapes(self, input_shape):
        """Return the shapes of the inputs in order; ShapeError unless they fit."""
        shapes = [input_shape] if is_shape(input_shape) else input_shape
        wanted = self._topology.inputs
        given = matched(
            f"{self.name}: inputs", [wanted] if isinstance(wanted, int) else wanted, shapes, self.input_names
        )
        for at, shape, (wanted, _) in zip(self._topology.input_layers, given, self._topology.input_specs, strict=True):
            if not _fits(tuple(shape), wanted):
                raise _misfit(f"{self.name}: input {self._layers[at].name}", wanted, tuple(shape))
        return given

    compute_output_shape = output_shape_for

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError unless inputs of `input_shape` fit."""
        if self._topology is None:
            self.output_shape_for(input_shape)
        else:
            self._given_shapes(input_shape)

    def output_activations(self) -> list[str | None]:
        """Return, for each output, the name of the activation that a loss on logits can do without, or None."""
        if self._topology is None or hasattr(self, "call"):
            return [self.output_activation()]
        return [None if layer is None else layer.output_activation() for layer in self._last_layers()]

    def output_activation(self) -> str | None:
        """Return the activation of the only output that a loss on logits can do without, or None."""
        if self._topology is None or hasattr(self, "call"):
            return None
        found = self.output_activations()
        return found[0] if isinstance(self._topology.outputs, int) else None

    def activate(self, logits: Any) -> Any:
        """Return the activation of the scores of the only output."""
        return self.activate_output(0, logits) if self._topology is not None else logits

    def activate_output(self, output: int, logits: Any) -> Any:
        """Return the activation of the scores of one of the outputs, by its place."""
        return self._last_layers()[output].activate(logits)

    def _last_layers(self):
        entries = [self._topology.entry_of(slot) for slot in flatten(self._topology.outputs)]
        return [None if entry is None else self._layers[entry.layer] for entry in entries]


def _is_flat_dict(structure):
    return isinstance(structure, dict) and all(isinstance(one, int) for one in structure.values())


def _fits(shape, wanted):
    return fits(shape[1:], wanted[1:]) or (len(shape) == 1 and wanted[1:] == (1,))


def _misfit(what, wanted, shape):
    return ShapeError(f"{what}: samples of shape {wanted[1:]} are needed, got {shape[1:]} (shape {shape})")


def _fitted(what, x, wanted, dtype, place):
    """Return one input as a tensor of its dtype, where the weights are."""
    kept = isinstance(x, Operators)
    samples = as_samples(x, None if kept else dtype_of_floats(x, dtype), None if kept else place, what)
    if not _fits(samples.shape, wanted):
        raise _misfit(what, wanted, samples.shape)
    if samples.ndim < len(wanted):
        samples = reshape(samples, (samples.shape[0], 1))
    if samples.dtype == dtype or isinstance(samples, SparseRows):
        return samples
    return announced(what, samples, dtype)


def settle_names(layers: list[Any]) -> None:
    """Give layers that have no name of their own others than the layers beside them: dense, dense_1, ...

    Raises
    ------
    ArgumentError
        When two layers were given one name.
    """
    taken: set[str] = set()
    open_ones = []
    for layer in layers:
        if not _is_made(layer) or vars(layer).get("_settled"):
            if layer.name in taken:
                raise ArgumentError(f"Model: two layers are called {layer.name!r}; give one of them another name")
            taken.add(layer.name)
        else:
            open_ones.append(layer)
    for layer in open_ones:
        base = re.sub(r"_\d+$", "", layer.name) if layer.name in taken else layer.name
        name, count = base, 0
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        _rename(layer, name)
        taken.add(name)
    for layer in layers:
        vars(layer)["_settled"] = True


def _is_made(layer):
    """Return whether a layer has the name that its class, or its operation, has given it."""
    base = getattr(layer, "operation", None) or snake_case(type(layer).__name__)
    return re.fullmatch(rf"({re.escape(base)}|functional|module|model)(_\d+)?", layer.name) is not None


def _rename(layer, name):
    """Give a layer another name, and its weights, which are called after it."""
    before = f"{layer.name}/"
    for weight in layer.weights:
        if weight.name and weight.name.startswith(before):
            weight.name = f"{name}/{weight.name.removeprefix(before)}"
    for _, module in modules_of(layer):
        if module._label and module._label.startswith(before):
            module._label = f"{name}/{module._label.removeprefix(before)}"
    layer.name = name
