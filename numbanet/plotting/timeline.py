"""A Program as a timeline: when each launch of a step runs, and how long it takes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.errors import ArgumentError
from numbanet.graph.function import Function
from numbanet.graph.outcome import Eager, Replay
from numbanet.launching.program import Program
from numbanet.plotting.canvas import axes_for
from numbanet.training.engine import Engine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = {
    "dot": "products and convolutions",
    "conv": "products and convolutions",
    "pool": "pooling",
    "softmax": "softmax, losses, dropout",
    "dropout": "softmax, losses, dropout",
    "normalization": "normalization",
    "reduce": "reductions",
    "optimizers": "updates of weights",
    "step": "batches and results",
    "move": "batches and results",
}
"""What launches are called together, by the module of `numbanet.loops` that their body is in."""
OTHERS = "elementwise"
PRODUCTS = ("dot", "conv", "depthwise", "kernel_gradient", "pack_panels", "add_parts")
"""How the names of launches begin that compute products and convolutions in tiles, or prepare that."""


def program(program: Any, ax: Axes | None = None) -> Axes:
    """Draw the launches of a replayed step as a timeline, measured now, by one thread.

    The step is run a few times, launch by launch, on its own buffers, which are put back as they were: weights and the
    optimizer's state do not change. Do not call it while another thread trains the same model. What a launch takes is
    the least of those times; with several threads, long launches are shared among them.

    Parameters
    ----------
    program : Sequential, Function or Program
        A model that was trained by replayed steps: the step for whole batches is drawn. Or what `nn.function` made and
        recorded: its latest recording is drawn.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        One bar per launch, from top to bottom, over microseconds.

    Raises
    ------
    ArgumentError
        When there is no Program, with the reason, or it runs on a GPU.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Frostig, Johnson, Leary: Compiling machine learning programs via high-level tracing, SysML 2018, for such steps.

    Examples
    --------
    >>> import numbanet as nn
    >>> step = nn.function(lambda x: nn.mean(nn.exp(x) @ nn.ones((4, 3))))
    >>> for _ in range(3):
    ...     y = step(nn.zeros((8, 4)))
    >>> ax = nn.plotting.program(step)
    >>> ax.get_xlabel()
    'microseconds, one thread'
    """
    found, cursor = _program_of(program)
    if not isinstance(found, Program):
        raise ArgumentError("program: a Program on a GPU cannot be timed launch by launch")
    ax = axes_for("program", ax, (8.0, 1.0 + 0.24 * len(found.launches)))
    widths = 1e6 * _measured(found, cursor)
    ends = np.cumsum(widths)
    rows, kinds = np.arange(len(ends)), np.array([_kind(launch.name) for launch in found.launches])
    for colour, kind in enumerate(dict.fromkeys([*KINDS.values(), OTHERS])):
        own = kinds == kind
        if own.any():
            ax.barh(rows[own], widths[own], left=(ends - widths)[own], label=kind, color=f"C{colour}")
    for row, (end, width) in enumerate(zip(ends, widths, strict=True)):
        ax.text(end, row, f" {width:.1f}", va="center", fontsize="small")
    ax.set_yticks(rows, [launch.name for launch in found.launches], fontsize="small")
    ax.set(xlabel="microseconds, one thread", xlim=(0, 1.1 * ends[-1] or 1.0), ylim=(len(rows) - 0.4, -0.6))
    ax.legend(loc="lower left", fontsize="small")
    return ax


def _program_of(given):
    """A Program that can run now, and the place where its batches are counted, or None."""
    if isinstance(given, Function):
        told = [call for _, call in given.calls]
        found = next((call for call in reversed(told) if isinstance(call, Replay)), None)
        given = found and found.program
        why = f"the function is not replayed: {told[-1] if told else 'it was not called yet'}"
    elif hasattr(given, "explanation"):
        given = given.explanation
        why = f"training runs eagerly: {given}" if isinstance(given, Eager) else str(given)
    else:
        why = f"needs a model, what nn.function made, or a Program, got {type(given).__name__}"
    if isinstance(given, Engine):
        if not given.steps:
            raise ArgumentError("program: no step of the model was recorded; fit has to run for some more steps")
        return given.steps[0].program, given.cursor
    if not hasattr(given, "launches"):
        raise ArgumentError(f"program: {why}")
    return given, None


def _measured(program, cursor):
    """Seconds of each launch; what they write is put back after each round."""
    arrays = {id(x): x for launch in program.launches for x in _written(launch)}.values()
    if cursor is not None:
        cursor[:] = 0  # the last epoch left it behind the last batch; the next one begins at 0 by itself
    kept = [(x, x.copy()) for x in arrays]

    def put_back():
        for array, values in kept:
            array[...] = values

    try:
        return np.array(program.times(put_back))
    finally:
        put_back()


def _written(launch):
    """The arrays that a launch may write to; the data set, the first of `fetch_rows`, is large and only read."""
    arrays = launch.keep[1:] if launch.name == "fetch_rows" else launch.keep
    return [x for x in arrays if isinstance(x, np.ndarray) and x.flags.writeable]


def _kind(name):
    name = name.partition(" ")[0]  # "adam of touched rows" is adam
    if name.startswith(PRODUCTS):
        return KINDS["dot"]
    for module, kind in KINDS.items():
        body = getattr(import_module(f"numbanet.loops.{module}"), name, None)
        if body is not None and body.__module__.endswith(f".{module}"):  # not one that it imports
            return kind
    return OTHERS
