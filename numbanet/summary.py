"""The table that `model.summary()` prints."""

import math


def print_summary(model):
    """Print a model's layers, their output shapes and parameter counts; shapes are open until the model is built."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Model: {model.name}", title_justify="left")
    table.add_column("layer")
    table.add_column("output shape")
    table.add_column("parameters", justify="right")
    shape = model.layers[0].input_shape if model.built else None
    for layer in model.layers:
        shape = layer.compute_output_shape(shape) if shape is not None else None
        count = f"{_parameters(layer.weights):,}" if layer.built else "?"
        table.add_row(f"{layer.name} ({type(layer).__name__})", "?" if shape is None else str(shape), count)
    console = Console()
    console.print(table)
    if model.built:
        trainable = _parameters(model.trainable_weights)
        total = _parameters(model.weights)
        console.print(f"{total:,} parameters, {trainable:,} of them trainable", highlight=False)
    else:
        console.print("The model has no weights yet: they are made when it first sees data.", highlight=False)


def _parameters(weights):
    return sum(math.prod(weight.shape) for weight in weights)
