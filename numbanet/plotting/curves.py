"""Curves: the numbers of training by epoch, and what the layers of a network give out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.callbacks import History
from numbanet.errors import ArgumentError, NotBuiltError, unknown_name
from numbanet.plotting.canvas import axes_for, numbers
from numbanet.training.sequential import Sequential
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 60


def history(
    history: History | Mapping[str, Sequence[float]], names: str | Sequence[str] = "loss", ax: Axes | None = None
) -> Axes:
    """Draw numbers of training by epoch; those of validation are dashed, in the same colour.

    Parameters
    ----------
    history : History or dict of str to list of float
        What `fit` returned, or its `history`.
    names : str or list of str
        What to draw: loss, accuracy, ... The same of validation comes by itself where it is there.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        When a name is not in the history, or the history is none.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Chollet: Deep Learning with Python, section 4.1.3, draws these curves.

    Examples
    --------
    >>> import numbanet as nn
    >>> ax = nn.plotting.history({"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.6]})
    >>> [line.get_label() for line in ax.get_lines()]
    ['loss', 'val_loss']
    """
    found = getattr(history, "history", history)
    if not isinstance(found, dict):
        raise ArgumentError(f"history: needs what fit returned, or its dict, got {type(history).__name__}")
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in found:
            raise unknown_name("name in the history", name, found)
    ax = axes_for("history", ax)
    for name in wanted:
        values = found[name]
        epochs = _epochs(history, len(values))
        (line,) = ax.plot(epochs, values, marker=".", label=name)
        validation = found.get(f"val_{name}")
        if validation is not None:
            epochs = _validated(history, epochs, len(validation))
            ax.plot(epochs, validation, "--", marker=".", color=line.get_color(), label=f"val_{name}")
    ax.set(xlabel="epoch", ylabel=wanted[0] if len(wanted) == 1 else "")
    locator: Any = ax.xaxis.get_major_locator()
    locator.set_params(integer=True)
    ax.legend()
    return ax


def _epochs(history, count):
    """The numbers of epochs, from 1; a History knows where it began."""
    known = getattr(history, "epoch", ())
    return np.asarray(known) + 1 if len(known) == count else np.arange(1, count + 1)


def _validated(history, epochs, count):
    """Those of the epochs after which was validated."""
    every = getattr(history, "params", {}).get("validation_freq", 1)
    validated = epochs[epochs % every == 0]
    if len(validated) != count:
        raise ArgumentError(
            f"history: {count} numbers of validation for {len(epochs)} epochs do not tell of which; give what fit "
            "returned"
        )
    return validated


def activations(model: Sequential, x: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw how the outputs of every layer are distributed for a batch, one histogram above the other.

    A layer whose outputs are all 0, or all at the ends of its activation, lets no gradient through. Zeros, which relu
    gives for every negative number, are left out of the histograms; their share stands beside each.

    Parameters
    ----------
    model : Sequential
        With weights.
    x : array-like (samples, ...)
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The layers from top to bottom; each histogram is scaled to its own highest bin.

    Raises
    ------
    NotBuiltError
        When the model has no weights yet.
    ArgumentError
        When the model has no layers, or there are no samples.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> model = nn.Sequential([nn.layers.Dense(8, activation="relu"), nn.layers.Dense(2)])
    >>> model.build((4,), rng=0)
    >>> ax = nn.plotting.activations(model, np.ones((16, 4), np.float32))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['dense', 'dense_1']
    """
    if not getattr(model, "layers", None):
        raise ArgumentError(f"activations: needs a model with layers, got {model!r}")
    if not model.built:
        raise NotBuiltError(
            "activations: the model has no weights yet; call fit, build(input_shape) or the model first"
        )
    y: Any = numbers("activations", x, "x")
    ax = axes_for("activations", ax, (6.4, 1 + 0.9 * len(model.layers)))
    outputs = []
    for layer in model.layers:
        y = layer(y)
        outputs.append(y.numpy().ravel())
    finite = [values[np.isfinite(values) & (values != 0)] for values in outputs]
    edges = np.histogram_bin_edges(np.concatenate(finite), BINS)
    for row, values in enumerate(finite):
        counts = np.histogram(values, edges)[0]
        base = len(outputs) - 1 - row
        colour = f"C{row % 10}"
        ax.stairs(base + 0.85 * counts / max(counts.max(), 1), edges, baseline=base, fill=True, color=colour)
        zeros = np.mean(outputs[row] == 0)
        ax.text(1.01, base + 0.4, f"{zeros:.0%} zeros", transform=ax.get_yaxis_transform(), color=colour, va="center")
    ax.set_yticks(np.arange(len(outputs))[::-1] + 0.4, [layer.name for layer in model.layers])
    ax.set(xlabel="output", ylim=(0, len(outputs)))
    return ax
