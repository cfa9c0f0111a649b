"""Classes: which are taken for which, and where in the plane one ends and the next begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.checks import as_count
from numbanet.errors import ArgumentError, DataError, ShapeError
from numbanet.plotting.canvas import axes_for, class_indices, numbers, scores_of
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DRAWN = 200
"""How many classes a confusion matrix has at most: one of 200 is 2.5 m wide on paper."""
MARGIN = 0.1
"""How much of the width of the points is drawn around them."""


def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, labels: Sequence[Any] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how many samples of each class were taken for which: a row per class, a column per answer.

    Parameters
    ----------
    y_true : array-like (samples,) of integers, or (samples, classes) one-hot
    y_pred : array-like (samples,) of integers, or (samples, classes) of probabilities or scores
        Or (samples, 1), probabilities of class 1.
    labels : list, optional
        The names of the classes; their numbers if not given.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Its image holds the counts; the colours are shares of a row, so that rare classes are seen as well.

    Raises
    ------
    DataError
        When there are not as many answers as samples, or scores are NaN.
    ArgumentError
        When there are fewer labels than classes, or more classes than can be drawn.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Bishop: Pattern Recognition and Machine Learning, section 1.5.

    Examples
    --------
    >>> import numbanet as nn
    >>> ax = nn.plotting.confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], labels=["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['1', '1', '0', '2']
    """
    true = class_indices("confusion_matrix", y_true, "y_true")
    found = class_indices("confusion_matrix", scores_of("confusion_matrix", y_pred, "y_pred"), "y_pred")
    if len(true) != len(found):
        raise DataError(f"confusion_matrix: y_true has {len(true)} samples, y_pred has {len(found)}")
    count = 1 + int(max(true.max(), found.max()))
    names = [str(label) for label in (range(count) if labels is None else labels)]
    if max(count, len(names)) > MOST_DRAWN:
        raise ArgumentError(f"confusion_matrix: draws {MOST_DRAWN} classes at most, there are {max(count, len(names))}")
    if len(names) < count:
        raise ArgumentError(f"confusion_matrix: {count} classes need as many labels, got {len(names)}")
    count = len(names)
    counts = np.zeros((count, count), np.int64)
    np.add.at(counts, (true, found), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax = axes_for("confusion_matrix", ax, (1.5 + 0.5 * count, 1.2 + 0.5 * count))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), number in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.5 else "black" if number else "0.8"
        ax.text(column, row, str(number), ha="center", va="center", color=colour, fontsize="small")
    ax.set_xticks(range(count), names)
    ax.set_yticks(range(count), names)
    ax.set(xlabel="answer", ylabel="class")
    return ax


def decision_boundary(
    model: Callable[..., Any], x: ArrayLike, y: ArrayLike | None = None, steps: int = 200, ax: Axes | None = None
) -> Axes:
    """Draw which class a model finds at every point of the plane around some points, and the points.

    Parameters
    ----------
    model : Sequential or callable
        Gives for points (n, 2) scores (n, classes), or (n, 1) and (n,): above one half for class 1.
    x : array-like (samples, 2)
    y : array-like (samples,) of integers, or (samples, classes), optional
        The classes of the points, for their colours.
    steps : int
        Points at which the model is asked, along each side.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Its image holds the classes.

    Raises
    ------
    ShapeError
        When points do not have two numbers, or the model gives something else than scores.
    DataError
        When there are not as many classes as points, or a point is not finite.
    ArgumentError
        When the model cannot be called.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Bishop: Pattern Recognition and Machine Learning, chapter 4.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> x = np.array([[-1.0, 0.0], [1.0, 0.0]])
    >>> ax = nn.plotting.decision_boundary(lambda points: points[:, :1] + 0.5, x, [0, 1], steps=4)
    >>> ax.images[0].get_array()[0].tolist()
    [0, 0, 1, 1]
    """
    points = numbers("decision_boundary", x, "x")
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeError(f"decision_boundary: x must have shape (samples, 2), got {points.shape}")
    classes = None if y is None else class_indices("decision_boundary", y, "y")
    if classes is not None and len(classes) != len(points):
        raise DataError(f"decision_boundary: x has {len(points)} samples, y has {len(classes)}")
    if not np.isfinite(points).all():
        raise DataError("decision_boundary: x has numbers that are not finite")
    if not callable(model):
        raise ArgumentError(f"decision_boundary: needs a model, or a function of points, got {model!r}")
    steps = as_count("decision_boundary: steps", steps, low=2)
    ax = axes_for("decision_boundary", ax, (6.0, 6.0))
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.where(high > low, MARGIN * (high - low), 1.0)
    (left, bottom), (right, top) = low - margin, high + margin
    found = _classes_on_a_grid(model, np.linspace(left, right, steps), np.linspace(bottom, top, steps))
    style: Any = {"cmap": "tab10", "vmin": 0, "vmax": 9}
    ax.imshow(found % 10, extent=(left, right, bottom, top), origin="lower", aspect="auto", alpha=0.35, **style)
    if classes is None:
        ax.plot(points[:, 0], points[:, 1], ".", color="black", markersize=4)
    else:
        ax.scatter(points[:, 0], points[:, 1], c=classes % 10, s=12, edgecolors="white", linewidths=0.4, **style)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    return ax


def _classes_on_a_grid(model, across, up):
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(np.float32)
    answer = model.predict(grid, verbose=0) if hasattr(model, "predict") and hasattr(model, "layers") else model(grid)
    scores = numbers("decision_boundary", answer, "what the model gives")
    if scores.ndim not in (1, 2) or len(scores) != len(grid):
        raise ShapeError(f"decision_boundary: the model gives {scores.shape} for points {grid.shape}; needs a row each")
    if scores.ndim == 2 and scores.shape[1] > 1:
        found = scores.argmax(axis=1)
    else:
        found = (scores.reshape(-1) > 0.5).astype(np.int64)
    return found.reshape(len(up), len(across))
