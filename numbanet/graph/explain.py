"""What `model.explain()` and `nn.function(...).explain()` print."""

import numpy as np

from numbanet.graph.outcome import Eager, Replay
from numbanet.launching.launch import TILES

PRODUCTS = TILES
"""How the names of launches begin that compute a product: those along k too, `dot_tiles_of_lines`."""


def print_training(outcome):
    """Print what became of training: the Programs of an engine, a line per launch, or why there are none."""
    if isinstance(outcome, Eager):
        print(f"Training runs eagerly: {outcome}.")
    elif not hasattr(outcome, "steps"):
        print(outcome)
    elif not outcome.steps:
        print("Training ran step by step: steps are recorded once they have done the same twice, and fit ended before.")
    else:
        for step in outcome.steps:
            print_program(f"Training replays a Program for batches of {step.batch} samples", step.program)


def print_calls(name, calls):
    """Print what became of the calls of a function: pairs of shapes, and a Replay or the reason why there is none."""
    for shapes, call in calls:
        given = ", ".join(map(str, shapes)) or "no tensors"
        if isinstance(call, Replay):
            print_program(f"{name} replays a Program for {given}", call.program)
        else:
            print(f"{name} runs as it is for {given}: {call}.")


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
    flops = f"  {flops_of_product(arrays) / 1e6:.2f} Mflop" if launch.name.startswith(PRODUCTS) else ""
    return f"{launch.name:<30} {launch.n:>8} positions  {size / 1e3:>9.1f} kB{flops}  {shapes}"


def flops_of_product(arrays):
    """Floating-point operations of a launch of a product on these arrays: a, b and others."""
    a, b = arrays[:2]
    return 2 * a.size * b.shape[-1]
