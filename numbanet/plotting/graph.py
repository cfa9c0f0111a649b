"""What a tape has recorded, as a graph: variables and other inputs on the left, ops in the order of computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from numbanet.autodiff.tape import GradientTape
from numbanet.errors import ArgumentError, GradientError
from numbanet.plotting.canvas import axes_for, new_figure
from numbanet.plotting.layout import layout
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"variable": "#cfe3f7", "watched": "#cfe3f7", "constant": "#eeeeee", "op": "#fdf3d0", "target": "#f9d0c8"}
CHARACTER, LINE = 0.088, 0.19
"""Inches of a character and of a line in a box, at FONT points."""
FONT, MARGIN = 10, 0.15


def tape(
    tape: GradientTape,
    target: Tensor | None = None,
    names: Mapping[str, Tensor | Variable] | None = None,
    direction: Literal["right", "down"] = "right",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a tape has recorded as a graph, with values and, where a target is given, gradients.

    Boxes are tensors: those that were there before, and what each op gave. A box has the value of a single number, and
    the shape of more. Graphviz places the boxes where it is installed; else they are placed by a simpler rule.

    Parameters
    ----------
    tape : GradientTape
        One that still has its records: before `gradient`, or persistent.
    target : Tensor, optional
        Draw what leads to it alone, and write under each box the derivative of the target by it. Needs a persistent
        tape, since others forget what they recorded when they are asked for a gradient.
    names : dict of str to Tensor or Variable, optional
        What boxes are called; variables are called by their own names otherwise.
    direction : {"right", "down"}
        Which way computation goes.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Without axes lines, one unit for an inch at the full size of the letters.

    Raises
    ------
    GradientError
        When the tape has recorded nothing or is used up, or a target is given to a tape that is not persistent.
    ArgumentError
        When it is no tape, or the direction is neither.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Griewank, Walther: Evaluating Derivatives, chapter 2: computational graphs.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.Variable(3.0, name="x")
    >>> with nn.GradientTape(persistent=True) as tape:
    ...     y = nn.square(x) + x
    >>> ax = nn.plotting.tape(tape, y, names={"y": y})
    >>> for text in ax.texts:
    ...     print(text.get_text().replace("\\n", ", "))
    x, 3, grad 7
    square, 9, grad 1
    y = add, 12, grad 1
    """
    if direction not in ("right", "down"):
        raise ArgumentError(f"tape: direction must be 'right' or 'down', got {direction!r}")
    boxes, edges = _graph(tape, target)
    labels = _labels(tape, boxes, names or {}, _gradients(tape, target, boxes))
    kinds = ["target" if tensor is _plain(target) else _kind(tape, tensor, op) for tensor, op in boxes]
    return _draw(labels, kinds, edges, direction == "down", ax)


def _graph(tape, target):
    """Boxes, pairs of tensor and op or None, and edges between their positions."""
    if not isinstance(tape, GradientTape):
        raise ArgumentError(f"tape: needs a GradientTape, got {type(tape).__name__}")
    if target is not None and not isinstance(target, Operators):
        raise ArgumentError(f"tape: the target must be a Tensor, got {type(target).__name__}")
    if not tape._entries:
        why = "is used up; use GradientTape(persistent=True)" if tape._used else "has recorded nothing"
        raise GradientError(f"tape: this tape {why}")
    entries = tape._entries if target is None else _leading_to(tape._entries, _plain(target))
    boxes: list = []
    edges: list = []
    place: dict = {}
    for op, inputs, _, output in entries:
        for tensor in inputs:
            if id(tensor) not in place:
                place[id(tensor)] = len(boxes)
                boxes.append((tensor, None))
        place[id(output)] = len(boxes)
        boxes.append((output, op))
        edges += dict.fromkeys((place[id(tensor)], place[id(output)]) for tensor in inputs)
    return boxes, edges


def _leading_to(entries, target):
    wanted, kept = {id(target)}, []
    for entry in reversed(entries):
        if id(entry[3]) in wanted:
            wanted.update(id(tensor) for tensor in entry[1])
            kept.append(entry)
    if not kept:
        raise GradientError("tape: the target was not computed from anything that this tape watched")
    return kept[::-1]


def _gradients(tape, target, boxes):
    """From the id of a tensor to the derivative of the target by it, where there is one."""
    if target is None:
        return {}
    if not tape._persistent:
        raise GradientError("tape: gradients need a tape that keeps its records: GradientTape(persistent=True)")
    tensors = [tensor for tensor, _ in boxes if id(tensor) in tape._tracked and tensor.dtype.kind == "f"]
    return {id(tensor): g for tensor, g in zip(tensors, tape.gradient(target, tensors), strict=True)}


def _labels(tape, boxes, names, gradients):
    known = _names(tape, names)
    labels = []
    for tensor, op in boxes:
        name = known.get(id(tensor))
        title = " = ".join(part for part in (name, op.name if op else None) if part)
        lines = [title] if title else []
        lines.append(_told(tensor))
        if id(tensor) in gradients:
            lines.append(f"grad {_told(gradients[id(tensor)])}")
        labels.append(lines)
    return labels


def _names(tape, names):
    """From the ids of tensors to names: those of variables, and above them those that were given."""
    known = {}
    given = {id(thing): name for name, thing in names.items()}
    for variable, tensors in tape._variables.values():
        for tensor in tensors:
            known[id(tensor)] = given.get(id(variable), variable.name)
    return known | given


def _told(tensor):
    return f"{tensor.item():.4g}" if tensor.size == 1 else "x".join(map(str, tensor.shape))


def _kind(tape, tensor, op):
    if op is not None:
        return "op"
    if any(tensor is one for _, tensors in tape._variables.values() for one in tensors):
        return "variable"
    return "watched" if id(tensor) in tape._tracked else "constant"


def _plain(target):
    """The tensor that a variable holds, or the tensor itself."""
    return getattr(target, "_tensor", target)


def _draw(labels, kinds, edges, down, ax):
    sizes = [(max(map(len, lines)) * CHARACTER + 0.2, len(lines) * LINE + 0.12) for lines in labels]
    new_figure()  # says in one sentence that matplotlib is missing
    places, curves = _turned(sizes, edges) if down else layout(sizes, edges)
    (left, low), (right, high) = _bounds(places, sizes)
    width, height = right - left, high - low
    ax = axes_for("tape", ax, (max(width, 1.0), max(height, 1.0)))
    ax.set(xlim=(left, right), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    own = ax.get_window_extent()
    scale = min(1.0, own.width / ax.figure.dpi / width, own.height / ax.figure.dpi / height)
    for curve in curves:
        _arrow(ax, curve, scale)
    for lines, kind, place, size in zip(labels, kinds, places, sizes, strict=True):
        _box(ax, lines, kind, place, size, scale)
    return ax


def _turned(sizes, edges):
    """The layout from top to bottom: that from left to right of boxes that lie on their sides, turned."""
    places, curves = layout([(height, width) for width, height in sizes], edges)
    return [(-y, -x) for x, y in places], [[(-y, -x) for x, y in curve] for curve in curves]


def _bounds(places, sizes):
    """The lower left and the upper right corner of everything, with a margin."""
    middles, halves = np.array(places), np.array(sizes) / 2
    return (middles - halves).min(axis=0) - MARGIN, (middles + halves).max(axis=0) + MARGIN


def _arrow(ax, curve, scale):
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    path = Path(curve, [Path.MOVETO] + [Path.CURVE4] * (len(curve) - 1))
    head = "-|>,head_length=0.35,head_width=0.15"
    ax.add_patch(FancyArrowPatch(
        path=path, arrowstyle=head, mutation_scale=12 * scale, color="0.35", linewidth=scale, shrinkA=0, shrinkB=0,
    ))  # fmt: skip


def _box(ax, lines, kind, place, size, scale):
    from matplotlib.patches import FancyBboxPatch

    corner = (place[0] - size[0] / 2 + 0.04, place[1] - size[1] / 2 + 0.04)
    style = {"boxstyle": "round,pad=0.04", "facecolor": COLOURS[kind], "edgecolor": "0.35", "linewidth": scale}
    ax.add_patch(FancyBboxPatch(corner, size[0] - 0.08, size[1] - 0.08, **style))
    ax.text(*place, "\n".join(lines), ha="center", va="center", fontsize=FONT * scale, linespacing=1.25)
