"""One page about a training run: what `numbanet train --plot` writes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from numbanet.callbacks import History
from numbanet.errors import ArgumentError
from numbanet.plotting.canvas import new_figure
from numbanet.plotting.classes import confusion_matrix
from numbanet.plotting.curves import history as draw_history
from numbanet.plotting.mosaics import weights as draw_weights
from numbanet.training.sequential import Sequential
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS = 64
"""How many units of the first layer are drawn."""


def report(model: Sequential, history: History, x: ArrayLike | None = None, y: ArrayLike | None = None) -> Figure:
    """Draw a page about a training run: loss, metrics, what was taken for what, and what the first units look for.

    Parameters
    ----------
    model : Sequential
        Trained.
    history : History
        What `fit` returned.
    x : array-like (samples, ...), optional
        Test data, for the confusion matrix; none is drawn without.
    y : array-like (samples,) of integers, optional

    Returns
    -------
    matplotlib.figure.Figure
        The weights of the first 64 units are on it where the inputs make square images.

    Raises
    ------
    ArgumentError
        When one of `x` and `y` is given without the other.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Chollet: Deep Learning with Python, chapter 4, looks at training so.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> x, y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    >>> model = nn.Sequential([nn.layers.Dense(2, activation="softmax")])
    >>> model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    >>> figure = nn.plotting.report(model, model.fit(x, y, epochs=2, verbose=0, rng=0), x, y)
    >>> [ax.get_title() for ax in figure.axes]
    ['loss', 'accuracy', 'test data', 'weights of dense']
    """
    if (x is None) != (y is None):
        raise ArgumentError("report: x and y go together, one of them is missing")
    names = [name for name in history.history if not name.startswith("val_") and name != "learning_rate"]
    panels: list = [(name, draw_history, (history, name)) for name in names]
    if x is not None:
        panels.append(("test data", confusion_matrix, (y, model.predict(x, verbose=0))))
    pictures = _first_units(model)
    if pictures is not None:
        panels.append((f"weights of {model.layers[0].name}", draw_weights, (pictures,)))
    rows = math.ceil(len(panels) / 2)
    figure = new_figure((11, 5 * rows))
    for place, (title, draw, given) in enumerate(panels, 1):
        draw(*given, ax=figure.add_subplot(rows, 2, place)).set_title(title)
    return figure


def _first_units(model):
    """The weights of the first layer, of a few units, where they make square images of more than one pixel."""
    weights = model.layers[0].weights if model.layers else []
    matrix = np.asarray(weights[0].numpy()) if weights else np.empty(0)
    side = math.isqrt(len(matrix))
    return matrix[:, :UNITS] if matrix.ndim == 2 and side > 1 and side * side == len(matrix) else None
