"""What `model.summary()` prints."""

import math

from numbanet.layers.layer import output_shape_of
from numbanet.layers.module import modules_of


def print_summary(model):
    """Print a model's layers, their output shapes and parameter counts; shapes are open until the model is built."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Model: {model.name}", title_justify="left")
    table.add_column("layer")
    table.add_column("output shape")
    table.add_column("parameters", justify="right")
    for layer in model.layers:
        _add_row(table, layer.name, layer, output_shape_of(layer, layer.input_shape) if model.built else None)
        for path, held in modules_of(layer)[1:]:
            inside = output_shape_of(held, held.input_shape) if held.built else None
            _add_row(table, f"  {path}", held, inside)
    console = Console()
    console.print(table)
    if model.built:
        trainable = _parameters(model.trainable_weights)
        total = _parameters(model.weights)
        console.print(f"{total:,} parameters, {trainable:,} of them trainable", highlight=False)
    else:
        console.print("The model has no weights yet: they are made when it first sees data.", highlight=False)


def _add_row(table, label, module, shape):
    count = f"{_parameters(module.weights):,}" if module.built else "?"
    table.add_row(f"{label} ({type(module).__name__})", "?" if shape is None else str(shape), count)


def _parameters(weights):
    return sum(math.prod(weight.shape) for weight in weights)
