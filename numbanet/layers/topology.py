"""Topologies: which layers of a functional model are called with what, as plain data.

Everything that a call takes or gives has a number, its slot. A topology is a list of calls in the order in which they
are made: for each, which of the model's layers, the slots that it takes (in the form in which the layer takes them),
and those that it gives. It holds no layers and never changes, so that copies of a model share it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numbanet.core.encoding import decode, encode
from numbanet.core.structures import flatten, restructure
from numbanet.errors import ArgumentError, DataError
from numbanet.layers.input import Input
from numbanet.layers.symbolic import symbols_in


class Entry:
    """One call in a topology.

    Parameters
    ----------
    layer : int
        The place of the layer in the model.
    takes, gives : int, or nested lists, tuples and dicts of them
        Slots.
    options : dict
        Other arguments of the call, by name.
    frees : tuple of int
        The slots that no later call takes.
    """

    def __init__(self, layer: int, takes: Any, gives: Any, options: dict[str, Any], frees: tuple[int, ...]) -> None:
        self.layer, self.takes, self.gives, self.options, self.frees = layer, takes, gives, options, frees


class Topology:
    """The calls of a functional model.

    Parameters
    ----------
    entries : list of Entry
    inputs, outputs : int, or nested lists, tuples and dicts of them
        Slots; those of the inputs are 0, 1, ... in their order.

    Attributes
    ----------
    uses : dict of int to int
        How often a slot is taken, by calls and as an output.
    input_layers, output_layers : list of int
        The places of the layers that the inputs are, and that give the outputs.
    input_specs, output_specs : list of (tuple, numpy.dtype)
        Shapes (None, ...) and dtypes.
    """

    input_layers: list[int]
    output_layers: list[int]
    input_specs: list[Any]
    output_specs: list[Any]

    def __init__(self, entries: list[Entry], inputs: Any, outputs: Any) -> None:
        self.entries, self.inputs, self.outputs = entries, inputs, outputs
        self.count = len(flatten(inputs))
        self.uses: dict[int, int] = {}
        for slot in [*flatten(outputs), *[one for entry in entries for one in flatten(entry.takes)]]:
            self.uses[slot] = self.uses.get(slot, 0) + 1

    def __deepcopy__(self, memo: Any) -> Topology:
        return self

    def run(self, layers: list[Any], inputs: list[Any], scores: Any = ()) -> list[Any]:
        """Call the layers.

        Parameters
        ----------
        layers : list of Module
            Those of the model.
        inputs : list of Tensor or Symbolic
        scores : set of int
            The outputs of which the scores are asked for, what their last activations get.

        Returns
        -------
        list of Tensor or Symbolic
            The outputs, in order.
        """
        values = dict(enumerate(inputs))
        ends = flatten(self.outputs)
        wanted = {ends[i] for i in scores}
        raw: dict[int, Any] = {}
        for entry in self.entries:
            takes = restructure(entry.takes, map(values.__getitem__, flatten(entry.takes)))
            layer, gives = layers[entry.layer], entry.gives
            if isinstance(gives, int) and gives in wanted:
                raw[gives] = layer(takes, logits=True, **entry.options)
                if self.uses[gives] > 1:
                    values[gives] = layer.activate(raw[gives])
            else:
                found = flatten(layer(takes, **entry.options))
                for slot, value in zip(flatten(gives), found, strict=True):
                    if slot >= self.count:
                        values[slot] = value
            for slot in entry.frees:
                del values[slot]
        return [raw[slot] if i in scores else values[slot] for i, slot in enumerate(ends)]

    def as_config(self) -> dict[str, Any]:
        """Return the calls as plain data, from which `called_again` makes them."""
        calls = [[one.layer, encode(one.takes, ""), encode(one.gives, ""), one.options] for one in self.entries]
        starts = {"inputs": encode(self.inputs, ""), "input_layers": self.input_layers}
        return starts | {"calls": calls, "outputs": encode(self.outputs, "")}

    def entry_of(self, slot: int) -> Entry | None:
        """Return the call that gives a slot alone; None for an input, and where it gives several."""
        return next((one for one in self.entries if one.gives == slot and slot >= self.count), None)


def topology_of(inputs: Any, outputs: Any) -> tuple[Topology, list[Any]]:
    """Return the topology from inputs to outputs, and its layers, the inputs among them.

    Raises
    ------
    ArgumentError
        When something is not a symbolic tensor, or an output depends on an input that is not among the inputs.
    """
    starts, ends = symbols_in("Model: inputs", inputs), symbols_in("Model: outputs", outputs)
    if len({id(one) for one in starts}) < len(starts):
        raise ArgumentError("Model: an input is given twice")
    slots = {id(one): i for i, one in enumerate(starts)}
    calls = _needed(starts, ends)
    for call in calls:
        for one in flatten(call.outputs):
            slots.setdefault(id(one), len(slots))
    modules = _in_order(starts, calls)
    topology = Topology(
        _entries(calls, slots, modules, {slots[id(one)] for one in ends}),
        restructure(inputs, iter(range(len(starts)))),
        restructure(outputs, iter([slots[id(one)] for one in ends])),
    )
    places = {id(one): i for i, one in enumerate(modules.values())}
    topology.input_layers = [places[id(modules[id(one)])] for one in starts]
    topology.output_layers = [places[id(modules[id(_source(one, modules))])] for one in ends]
    topology.input_specs, topology.output_specs = ([(one.shape, one.dtype) for one in part] for part in (starts, ends))
    return topology, [*modules.values()]


def called_again(
    config: dict[str, Any],
    layers: list[Any],
    starts: list[Any] | None = None,
    call: Callable[..., Any] | None = None,
) -> tuple[Any, Any]:
    """Return the symbolic inputs and outputs that come of the calls in a configuration, made with other layers.

    Parameters
    ----------
    config : dict
        What `as_config` gives.
    layers : list of Module
    starts : list of Symbolic, optional
        In place of the inputs among the layers.
    call : callable, optional
        `call(layer, arguments, **options)` in place of calling the layer.

    Raises
    ------
    DataError
        When it is not what `as_config` gives.
    """
    inputs, outputs = decode(config["inputs"]), decode(config["outputs"])
    values: dict[int, Any] = {}
    for i, (slot, place) in enumerate(zip(flatten(inputs), config["input_layers"], strict=True)):
        if not isinstance(layers[place], Input):
            raise DataError(f"{type(layers[place]).__name__} is not an input")
        values[slot] = layers[place] if starts is None else starts[i]
    for place, takes, gives, options in config["calls"]:
        takes, gives = decode(takes), decode(gives)
        arguments = restructure(takes, map(values.__getitem__, flatten(takes)))
        result = layers[place](arguments, **options) if call is None else call(layers[place], arguments, **options)
        found = flatten(result)
        for slot, value in zip(flatten(gives), found, strict=True):
            values.setdefault(slot, value)
    first, last = (restructure(part, map(values.__getitem__, flatten(part))) for part in (inputs, outputs))
    return first, last


def _source(symbol, modules):
    """Return what stands for a symbolic tensor among the layers: itself if it is an input, or the layer it is from."""
    return symbol if id(symbol) in modules else symbol.call_of.module


def _entries(calls, slots, modules, kept):
    places = {id(one): i for i, one in enumerate(modules.values())}
    last = {slots[id(one)]: call.number for call in calls for one in flatten(call.arguments)}
    entries = []
    for call in calls:
        takes, gives = (
            restructure(part, iter([slots[id(one)] for one in flatten(part)]))
            for part in (call.arguments, call.outputs)
        )
        frees = tuple({slot for slot in flatten(takes) if last[slot] == call.number and slot not in kept})
        entries.append(Entry(places[id(call.module)], takes, gives, call.options, frees))
    return entries


def _in_order(starts, calls):
    """Return the layers, by the ids of inputs and layers: those farther from the outputs first, as in Keras."""
    depth: dict[int, int] = {}
    found = {}
    for call in reversed(calls):
        own = max([depth.get(id(one), 0) for one in flatten(call.outputs)])
        known = depth.get(id(call.module), 0)
        depth[id(call.module)] = max(own, known)
        for one in flatten(call.arguments):
            depth[id(one)] = max(depth.get(id(one), 0), own + 1)
    for start in starts:
        found[id(start)] = start if isinstance(start, Input) else _input_for(start)
    for call in calls:
        found[id(call.module)] = call.module
    return {key: found[key] for key in sorted(found, key=lambda key: -depth.get(key, 0))}


def _input_for(symbol):
    """Return an input layer for the output of a layer at which a model begins."""
    return Input(symbol.shape[1:], symbol.name, symbol.dtype)


def _needed(starts, ends):
    """Return the calls that lead from inputs to outputs, in the order in which they were made."""
    known, calls, left = {id(one) for one in starts}, {}, [*ends]
    while left:
        one = left.pop()
        if id(one) in known:
            continue
        known.add(id(one))
        call = one.call_of
        if call is None:
            raise ArgumentError(
                f"Model: the outputs depend on the input {one.name!r} of shape {one.shape}, which is not among the "
                f"inputs: {', '.join(repr(start.name) for start in starts)}"
            )
        calls[call.number] = call
        left += flatten(call.arguments)
    return [calls[number] for number in sorted(calls)]
