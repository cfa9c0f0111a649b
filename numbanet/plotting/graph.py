"""What a tape has recorded, as a graph: variables and other inputs on the left, ops in the order of computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from numbanet.autodiff.tape import GradientTape
from numbanet.core.checks import as_choice
from numbanet.errors import ArgumentError, GradientError
from numbanet.plotting.boxes import draw
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"variable": "#cfe3f7", "watched": "#cfe3f7", "constant": "#eeeeee", "op": "#fdf3d0", "target": "#f9d0c8"}


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
        When it is not a tape, or the direction is neither.
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
    as_choice("tape: direction", direction, ("right", "down"))
    boxes, edges = _graph(tape, target)
    labels = _labels(tape, boxes, names or {}, _gradients(tape, target, boxes))
    kinds = ["target" if tensor is _plain(target) else _kind(tape, tensor, op) for tensor, op in boxes]
    return draw("tape", labels, [COLOURS[kind] for kind in kinds], edges, direction == "down", ax)


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
