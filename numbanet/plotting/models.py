"""The layers of a model as a graph: what each is, the shape of what it gives, and how many parameters it has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from numbanet.core.checks import as_choice
from numbanet.errors import ArgumentError
from numbanet.layers import Input
from numbanet.plotting.boxes import draw
from numbanet.training.model import Model
from numbanet.training.sequential import Sequential
from numbanet.training.summary import connections, shape_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"input": "#cfe3f7", "weights": "#fdf3d0", "plain": "#eeeeee"}


def model(model: Model, direction: Literal["right", "down"] = "down", ax: Axes | None = None) -> Axes:
    """Draw the layers of a model and what each takes from which.

    A box has the name and the class of a layer, the shape of what it gives, and the number of its parameters. Inputs
    are blue, layers with weights yellow. Graphviz places the boxes where it is installed; else they are placed by a
    simpler rule.

    Parameters
    ----------
    model : Model
        A `Sequential` or functional one; its weights need not be there.
    direction : {"down", "right"}
        Which way computation goes.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Without axes lines, one unit for an inch at the full size of the letters.

    Raises
    ------
    ArgumentError
        When the model has no layers, or computes its output by a `call` of its own, so that nobody knows what takes
        what; `nn.plotting.tape` draws what such a call computes. Or when the direction is neither.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Chollet: Deep Learning with Python, section 7.2, draws models like this.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.Input((4,), name="x")
    >>> y = nn.layers.Dense(2, name="scores")(x)
    >>> ax = nn.plotting.model(nn.Model(x, y))
    >>> for text in ax.texts:
    ...     print(text.get_text().replace("\\n", ", "))
    x: Input, (None, 4)
    scores: Dense, (None, 2), 10 parameters
    """
    as_choice("model: direction", direction, ("right", "down"))
    layers, edges = _graph(model)
    labels = [_label(model, layer) for layer in layers]
    kinds = ["input" if isinstance(layer, Input) else "weights" if layer.weights else "plain" for layer in layers]
    return draw("model", labels, [COLOURS[kind] for kind in kinds], edges, direction == "down", ax)


def _graph(model):
    """The layers, and edges between their places."""
    if not isinstance(model, Model):
        raise ArgumentError(f"model: needs a model, got {type(model).__name__}")
    taken = connections(model)
    if taken is None and not isinstance(model, Sequential):
        raise ArgumentError(
            f"model: {type(model).__name__} computes its output by a call of its own, of which no graph is known; "
            "nn.plotting.tape draws what it computes under a GradientTape"
        )
    layers = model._parts()
    if not layers:
        raise ArgumentError(f"model: {model.name} has no layers")
    if taken is None:
        taken = [[i - 1] if i else [] for i in range(len(layers))]
    edges = dict.fromkeys((tail, head) for head, tails in enumerate(taken) for tail in tails)
    return layers, [*edges]


def _label(model, layer):
    lines = [f"{layer.name}: {type(layer).__name__}"]
    shape = shape_of(model, layer)
    if shape is not None:
        lines.append(str(shape))
    count = sum(math.prod(weight.shape) for weight in layer.weights) if layer.built else 0
    if count:
        lines.append(f"{count:,} parameters")
    return lines
