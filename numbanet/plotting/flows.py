"""What flows through a network, layer by layer: outputs on the way up, gradients on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from numbanet.autodiff.tape import GradientTape
from numbanet.errors import ArgumentError, NotBuiltError
from numbanet.layers.topology import Entry, Topology
from numbanet.plotting.canvas import axes_for, check_model, numbers
from numbanet.tensor.tensor import asarray
from numbanet.training.model import Model
from numbanet.training.sequential import Sequential
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 60


def activations(model: Model, x: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw how the outputs of every layer are distributed for a batch, one histogram above the other.

    A layer whose outputs are all 0, or all at the ends of its activation, lets no gradient through. Zeros, which relu
    gives for every negative number, are left out of the histograms; their share stands beside each.

    Parameters
    ----------
    model : Model
        A `Sequential` or functional one, with weights.
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
        When the model has no layers, or a `call` of its own, or there are no samples.
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
    _check_built("activations", model)
    names, outputs = _outputs(model, asarray(numbers("activations", x, "x")))
    outputs = [y.numpy().ravel() for y in outputs]
    ax = axes_for("activations", ax, (6.4, 1 + 0.9 * len(names)))
    _histograms(ax, names, outputs, [f"{np.mean(values == 0):.0%} zeros" for values in outputs])
    ax.set(xlabel="output")
    return ax


def gradients(model: Model, x: ArrayLike, y: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw how the gradients of the loss by the weights are distributed, a histogram for every array of weights.

    Gradients that are much smaller in the first layers than in the last ones vanish; much larger ones explode. The
    axis is the size of a gradient on a scale of powers of ten, and the root of its mean square stands beside each.

    Parameters
    ----------
    model : Model
        Compiled with a loss, and with weights. They stay as they are; dropout and its like are off.
    x : array-like (samples, ...)
    y : array-like (samples, ...)
        Targets.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The weights from top to bottom, in the order of `model.trainable_weights`; each histogram is scaled to its own
        highest bin.

    Raises
    ------
    NotBuiltError
        When the model has no weights yet, or no loss.
    ArgumentError
        When there are no trainable weights.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010, figure 7.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> model = nn.Sequential([nn.layers.Dense(8, activation="tanh"), nn.layers.Dense(1)])
    >>> model.compile(loss="mse")
    >>> model.build((4,), rng=0)
    >>> ax = nn.plotting.gradients(model, np.ones((16, 4), np.float32), np.zeros((16, 1), np.float32))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['dense/kernel', 'dense/bias', 'dense_1/kernel', 'dense_1/bias']
    """
    _check_built("gradients", model)
    weights = model.trainable_weights
    if not weights:
        raise ArgumentError(f"gradients: {model.name} has no trainable weights")
    x, y = asarray(numbers("gradients", x, "x")), asarray(numbers("gradients", y, "y"))
    with GradientTape() as tape:
        loss, _ = model.test_step(x, y)
    found = [g.numpy().ravel() for g in tape.gradient(loss, weights, unconnected="zero")]
    ax = axes_for("gradients", ax, (6.4, 1 + 0.9 * len(weights)))
    sizes = [np.log10(np.abs(g[g != 0], dtype=np.float64)) for g in found]
    means = [np.sqrt(np.mean(np.square(g, dtype=np.float64))) for g in found]
    _histograms(ax, [weight.name for weight in weights], sizes, [f"rms {mean:.1e}" for mean in means])
    ax.set(xlabel="size of the gradient")
    ax.xaxis.set_major_formatter(lambda power, place: f"$10^{{{power:g}}}$")
    return ax


def _outputs(model, x):
    """The names of layers, in the order of their calls, and what each gives for `x`."""
    topology = model._topology
    if topology is not None:
        calls = [entry for entry in topology.entries if isinstance(entry.gives, int)]
        kept = [Entry(one.layer, one.takes, one.gives, one.options, frees=()) for one in topology.entries]
        every = Topology(kept, topology.inputs, [entry.gives for entry in calls])
        return [model.layers[call.layer].name for call in calls], every.run(model.layers, model._arranged(x))
    if not isinstance(model, Sequential):
        raise ArgumentError(
            f"activations: {type(model).__name__} computes its output by a call of its own, in which the outputs of "
            "layers are not known"
        )
    layers, outputs = model._parts(), []
    for layer in layers:
        x = layer(x)
        outputs.append(x)
    return [layer.name for layer in layers], outputs


def _check_built(who, model):
    check_model(who, model)
    if not model.built:
        raise NotBuiltError(f"{who}: the model has no weights yet; call fit, build(input_shape) or the model first")


def _histograms(ax, names, values, notes):
    """Draw a histogram for each array, one above the other, on one scale; 0 and what is not finite is left out."""
    finite = [one[np.isfinite(one) & (one != 0)] for one in values]
    edges = np.histogram_bin_edges(np.concatenate(finite), BINS)
    for row, one in enumerate(finite):
        counts = np.histogram(one, edges)[0]
        base = len(names) - 1 - row
        colour = f"C{row % 10}"
        ax.stairs(base + 0.85 * counts / max(counts.max(), 1), edges, baseline=base, fill=True, color=colour)
        ax.text(1.01, base + 0.4, notes[row], transform=ax.get_yaxis_transform(), color=colour, va="center")
    ax.set_yticks(np.arange(len(names))[::-1] + 0.4, names)
    ax.set(ylim=(0, len(names)))
