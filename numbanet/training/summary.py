"""What `model.summary()` prints, and notebooks show of a model."""

import math

from numbanet.core.checks import as_count, as_flag
from numbanet.core.structures import flatten
from numbanet.layers.inputs import mapped
from numbanet.layers.layer import output_shape_of
from numbanet.layers.module import Module, walk
from numbanet.training.network import Network


def print_summary(model, line_length=None, expand_nested=False):
    """Print a model's layers, their output shapes and parameter counts; shapes are open until the model is built."""
    expand_nested = as_flag("summary: expand_nested", expand_nested)
    from rich.console import Console
    from rich.table import Table

    width = None if line_length is None else as_count("summary: line_length", line_length, low=20)
    title, columns, rows, note = contents(model, expand_nested)
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if column == "parameters" else "left")
    for row in rows:
        table.add_row(*row)
    console = Console(width=width)
    console.print(table)
    console.print(note, highlight=False)


def contents(model, expand_nested=False):
    """Return the title, the columns, the rows and the last line of a summary: text."""
    taken = connections(model)
    columns = ["layer", "output shape", "parameters", *["connected to"] * (taken is not None)]
    rows = []
    for i, layer in enumerate(model.layers):
        connected = [] if taken is None else [", ".join(model.layers[place].name for place in taken[i])]
        rows.append(_row(layer.name, layer, shape_of(model, layer), *connected))
        for path, held in _inside(layer, expand_nested):
            inside = output_shape_of(held, held.input_shape) if held.built else None
            label = held.name if path.split("/")[-2:-1] == ["_layers"] else path  # one of a functional model's
            rows.append(_row(f"  {label}", held, inside, *connected and [""]))
    note = "The model has no weights yet: they are made when it first sees data."
    if model.built:
        trainable, total = _parameters(model.trainable_weights), _parameters(model.weights)
        note = f"{total:,} parameters, {trainable:,} of them trainable"
    return f"Model: {model.name}", columns, rows, note


def _inside(layer, expand_nested):
    """Return (path, module) for what a layer holds; the layers of a model only if it is to be expanded."""
    entered = walk(layer, None if expand_nested else lambda one: not isinstance(one, Network))
    return [(path, found) for path, found in entered if isinstance(found, Module) and found is not layer]


def shape_of(model, layer):
    """Return the shape of what a layer gives, or a list or dict of shapes; None if unknown."""
    calls = vars(layer).get("_calls_made") if model._topology is not None else None
    if calls:
        return mapped(lambda symbol: symbol.shape, calls[-1].outputs)
    return output_shape_of(layer, layer.input_shape) if model.built else None


def connections(model):
    """Return, for each layer of a functional model, the places of those whose outputs it takes; None for others."""
    topology = model._topology
    if topology is None:
        return None
    places = dict(enumerate(topology.input_layers))
    for entry in topology.entries:
        for slot in flatten(entry.gives):
            places.setdefault(slot, entry.layer)
    found: list = [[] for _ in model.layers]
    for entry in topology.entries:
        found[entry.layer] += [places[slot] for slot in flatten(entry.takes)]
    return found


def _row(label, module, shape, *connected):
    count = f"{_parameters(module.weights):,}" if module.built else "?"
    return [f"{label} ({type(module).__name__})", "?" if shape is None else str(shape), count, *connected]


def _parameters(weights):
    return sum(math.prod(weight.shape) for weight in weights)
