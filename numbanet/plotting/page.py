"""Pages of pictures: about a training run, which `numbanet train --plot` writes, and about a model, `numbanet plot`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from numbanet.callbacks import History
from numbanet.errors import ArgumentError, ShapeError
from numbanet.plotting.canvas import check_model, class_indices, new_figure, numbers, scores_of
from numbanet.plotting.classes import confusion_matrix
from numbanet.plotting.curves import history as draw_history
from numbanet.plotting.curves import lists_of
from numbanet.plotting.flows import activations
from numbanet.plotting.models import model as draw_model
from numbanet.plotting.mosaics import are_images, mistakes
from numbanet.plotting.mosaics import weights as draw_weights
from numbanet.training.model import Model
from numbanet.training.sequential import Sequential
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS = 64
"""How many units of the first layer are drawn."""
BATCH = 1000
"""Of how many samples the outputs of layers are drawn."""


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
    Chollet: Deep Learning with Python, chapter 4, looks at training like this.

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
    check_model("report", model)
    names = [name for name in lists_of("report", history) if not name.startswith("val_") and name != "learning_rate"]
    panels: list = [(name, draw_history, (history, name)) for name in names]
    if x is not None:
        panels.append(("test data", confusion_matrix, (y, _answers("report", model, x))))
    return _page(panels + _first_units(model))


def overview(model: Model, x: ArrayLike | None = None, y: ArrayLike | None = None) -> Figure:
    """Draw a page about a model: its layers, what the first units look for and, for data, what it makes of them.

    Parameters
    ----------
    model : Model
        A `Sequential` or functional one, with weights.
    x : array-like (samples, ...), optional
        Test data; the outputs of layers are those of the first 1,000.
    y : array-like (samples,) of integers, optional

    Returns
    -------
    matplotlib.figure.Figure
        With data also the outputs of layers, the confusion matrix and, where samples are images, the mistakes.

    Raises
    ------
    ArgumentError
        When one of `x` and `y` is given without the other, or the model has a `call` of its own.
    NotBuiltError
        When the model has no weights yet.
    ShapeError
        When the model does not give (samples, classes).
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014.

    Examples
    --------
    >>> import numbanet as nn
    >>> model = nn.Sequential([nn.layers.Dense(2, activation="softmax")])
    >>> model.build((4,), rng=0)
    >>> [ax.get_title() for ax in nn.plotting.overview(model).axes]
    ['layers', 'weights of dense']
    """
    if (x is None) != (y is None):
        raise ArgumentError("overview: x and y go together, one of them is missing")
    check_model("overview", model)
    panels: list = [("layers", draw_model, (model,)), *_first_units(model)]
    if x is not None:
        samples, answers = numbers("overview", x, "x"), _answers("overview", model, x)
        panels.append(("outputs of layers", activations, (model, samples[:BATCH])))
        panels.append(("test data", confusion_matrix, (y, answers)))
        found = class_indices("overview", scores_of("overview", answers, "the output"), "the output")
        if are_images(samples) and (class_indices("overview", y, "y") != found).any():
            panels.append(("most confident mistakes", mistakes, (samples, y, answers)))
    return _page(panels)


def _answers(who, model, x):
    """What a model gives for samples: ShapeError where it gives several outputs."""
    answers = model.predict(x, verbose=0)
    if not isinstance(answers, np.ndarray):
        raise ShapeError(f"{who}: draws models of one output, got {len(answers)}")
    return answers


def _page(panels):
    """A Figure with pictures in two columns: (title, function, arguments) of each."""
    rows = math.ceil(len(panels) / 2)
    figure = new_figure((11, 5 * rows))
    for place, (title, draw, given) in enumerate(panels, 1):
        draw(*given, ax=figure.add_subplot(rows, 2, place)).set_title(title)
    return figure


def _first_units(model):
    """The panel of the weights of the first layer that has any, where they make images of more than one pixel."""
    layer = next((layer for layer in model.layers if layer.weights), None)
    matrix = np.empty(0) if layer is None else np.asarray(layer.weights[0].numpy())
    side = math.isqrt(len(matrix))
    if layer is None or matrix.ndim != 2 or side < 2 or side * side != len(matrix):
        return []
    return [(f"weights of {layer.name}", draw_weights, (matrix[:, :UNITS],))]
