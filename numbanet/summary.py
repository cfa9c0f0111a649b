"""What `model.summary()` and `model.explain()` print."""

import math

import numpy as np

from numbanet.layers.base import output_shape_of
from numbanet.module import modules_of


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
        shape = output_shape_of(layer, shape)
        _add_row(table, layer.name, layer, shape)
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


def print_explanation(explanation):
    """Print the Programs of an engine, a line per launch; or the sentence that says why there are none."""
    if isinstance(explanation, str):
        print(explanation)
        return
    if not explanation.steps:
        print("Training ran step by step: steps are recorded once they have done the same twice, and fit ended before.")
    for step in explanation.steps:
        print_program(f"Training replays a Program for batches of {step.batch} samples", step.program)


def print_calls(name, calls):
    """Print what became of the calls of a function: pairs of shapes, and a Program or the reason why there is none."""
    for shapes, call in calls:
        given = ", ".join(map(str, shapes)) or "no tensors"
        if isinstance(call, str):
            print(f"{name} runs as it is for {given}: {call}.")
        else:
            print_program(f"{name} replays a Program for {given}", call)


def print_program(title, program):
    """Print a Program, a line per launch."""
    print(f"{title}, {len(program.launches)} launches:")
    for number, launch in enumerate(program.launches):
        print(f"{number:4d}  {_described(launch)}")
    print(f"{program.memory.lowering.pool.bytes / 1e6:.2f} MB for what lies between them")


def _described(launch):
    arrays = [x for x in launch.keep if isinstance(x, np.ndarray)]
    if launch.name == "windows":
        arrays = arrays[1:]  # the first one describes the walk
    shapes = " ".join("x".join(map(str, x.shape)) or "()" for x in arrays)
    size = sum(x.nbytes for x in arrays)
    flops = f"  {flops_of_product(arrays) / 1e6:.2f} Mflop" if launch.name.startswith("dot_tiles") else ""
    return f"{launch.name:<30} {launch.n:>8} positions  {size / 1e3:>9.1f} kB{flops}  {shapes}"


def flops_of_product(arrays):
    """Floating-point operations of a launch of `dot_tiles` on these arrays: a, b and others."""
    a, b = arrays[:2]
    return 2 * a.size * b.shape[-1]
