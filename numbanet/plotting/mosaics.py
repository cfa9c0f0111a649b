"""Images: samples, and the weights of units, side by side in one picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.checks import as_count
from numbanet.errors import ArgumentError, DataError, ShapeError
from numbanet.layers import Layer
from numbanet.plotting.canvas import axes_for, class_indices, numbers, scores_of
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDE = 16
"""Inches of the longer side of a picture, at most; an image takes 1.1 where there is room."""
SHOWN = 0.995
"""The part of the weights that the scale covers: after MNIST, the largest is 0.42, and 1 in 200 is beyond 0.17."""


def images(
    images: ArrayLike, captions: Sequence[Any] | None = None, columns: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw grey images side by side, 0 white and the largest number black.

    Parameters
    ----------
    images : array-like (samples, rows, columns), or (rows, columns) for a single one
    captions : list, optional
        What stands above each image.
    columns : int, optional
        Images beside each other; as many as make the picture roughly square if not given.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ShapeError
        When `images` are not of those shapes.
    ArgumentError
        When there are not as many captions as images.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.2, shows a digit of MNIST like this.

    Examples
    --------
    >>> import numbanet as nn
    >>> _, (x_test, y_test) = nn.datasets.mnist.load_data()
    >>> ax = nn.plotting.images(x_test[:6], captions=y_test[:6], columns=3)
    >>> [text.get_text() for text in ax.texts]
    ['7', '2', '1', '0', '4', '1']
    """
    pictures = numbers("images", images, "images")
    pictures = pictures[None] if pictures.ndim == 2 else pictures
    if pictures.ndim != 3:
        raise ShapeError(f"images: needs (samples, rows, columns), got shape {pictures.shape}")
    captions = [] if captions is None else [str(caption) for caption in captions]
    if captions and len(captions) != len(pictures):
        raise ArgumentError(f"images: {len(pictures)} images need as many captions, got {len(captions)}")
    columns = _columns("images", columns, len(pictures))
    room = 0.25 if captions else 0.0
    ax = axes_for("images", ax, _size(len(pictures), columns, pictures.shape[1:], room))
    gap = round(room * pictures.shape[1])
    mosaic = mosaic_of(pictures, columns, gap)
    ax.imshow(mosaic, cmap="gray_r", vmin=0, interpolation="nearest")
    for number, caption in enumerate(captions):
        top, left = _corner(number, columns, pictures.shape[1:], gap)
        ax.text(left + (pictures.shape[2] - 1) / 2, top - 1, caption, ha="center", va="bottom", fontsize="small")
    ax.set_axis_off()
    return ax


def weights(
    weights: Layer | ArrayLike, shape: Sequence[int] | None = None, columns: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the weights of every unit as an image of what it looks for: red for positive ones, blue for negative.

    Parameters
    ----------
    weights : Layer, Variable or array-like (inputs, units)
        A layer's first weights are drawn.
    shape : tuple of int, optional
        The rows and columns of an input; a square if not given.
    columns : int, optional
        Units beside each other; as many as make the picture roughly square if not given.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        White is 0, and all units share one scale; it ends where 1 weight in 200 is beyond it.

    Raises
    ------
    ShapeError
        When the weights are not a matrix, or its rows do not make images of that shape.
    ArgumentError
        When the layer has no weights.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Bishop: Pattern Recognition and Machine Learning, section 5.1: a unit adds up its inputs, each times a weight.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.Dense(6)
    >>> _ = layer(nn.zeros((1, 16)))
    >>> nn.plotting.weights(layer, columns=3).images[0].get_array().shape
    (9, 14)
    """
    owned: Any = getattr(weights, "weights", None)
    if owned is not None and not owned:
        raise ArgumentError(f"weights: {weights!r} has no weights (yet)")
    matrix = numbers("weights", owned[0] if owned else weights, "weights")
    if matrix.ndim != 2:
        raise ShapeError(f"weights: needs a matrix (inputs, units), got shape {matrix.shape}")
    shape = _image_shape(len(matrix), shape)
    pictures = matrix.T.reshape(-1, *shape)
    columns = _columns("weights", columns, len(pictures))
    ax = axes_for("weights", ax, _size(len(pictures), columns, shape, 0.0))
    sizes = np.abs(pictures[np.isfinite(pictures)])
    bound = (float(np.quantile(sizes, SHOWN)) or float(sizes.max()) or 1.0) if sizes.size else 1.0
    ax.imshow(mosaic_of(pictures, columns), cmap="RdBu_r", vmin=-bound, vmax=bound, interpolation="nearest")
    ax.set_axis_off()
    return ax


def mistakes(
    x: ArrayLike, y_true: ArrayLike, y_pred: ArrayLike, count: int = 12, labels: Sequence[Any] | None = None,
    columns: int | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw the images that are most confidently taken for what they are not, the worst first.

    Above each stands what it is, what it is taken for, and the probability that this got.

    Parameters
    ----------
    x : array-like (samples, rows, columns), or the same with a last axis of 1, or (samples, pixels) of square images
    y_true : array-like (samples,) of integers, or (samples, classes) one-hot
    y_pred : array-like (samples, classes)
        Probabilities: what `predict` gives.
    count : int
        How many are drawn, if there are as many.
    labels : list, optional
        The names of the classes; their numbers if not given.
    columns : int, optional
        Images beside each other; as many as make the picture roughly square if not given.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        When there are not as many answers as samples, or all are right.
    ShapeError
        When `x` are not images, or `y_pred` are not probabilities of classes.
    ArgumentError
        When there are fewer labels than classes.
    DependencyError
        When matplotlib is not installed.

    References
    ----------
    Ng: Machine Learning Yearning, chapter 14: look at what is wrong before you change anything.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> x = np.arange(8.0).reshape(2, 2, 2)
    >>> ax = nn.plotting.mistakes(x, [0, 1], [[0.2, 0.8], [0.1, 0.9]], labels=["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['cat as dog, 80 %']
    """
    if ax is not None:
        axes_for("mistakes", ax)
    true = class_indices("mistakes", y_true, "y_true")
    scores = scores_of("mistakes", y_pred, "y_pred")
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ShapeError(f"mistakes: y_pred must be probabilities (samples, classes), got shape {scores.shape}")
    pictures = _pictures("mistakes", numbers("mistakes", x, "x"))
    if not len(pictures) == len(true) == len(scores):
        raise DataError(f"mistakes: x has {len(pictures)} samples, y_true has {len(true)}, y_pred has {len(scores)}")
    found, sure = scores.argmax(axis=1), scores.max(axis=1)
    classes = 1 + int(max(true.max(), found.max()))
    names = [str(label) for label in (range(classes) if labels is None else labels)]
    if len(names) < classes:
        raise ArgumentError(f"mistakes: {classes} classes need as many labels, got {len(names)}")
    wrong = np.flatnonzero(found != true)
    if not len(wrong):
        raise DataError(f"mistakes: all {len(true)} answers are right")
    shown = wrong[np.argsort(-sure[wrong], kind="stable")][: as_count("mistakes: count", count, low=1)]
    captions = [f"{names[true[i]]} as {names[found[i]]}, {sure[i]:.0%}".replace("%", " %") for i in shown]
    return images(pictures[shown], captions, columns, ax)


def are_images(array):
    """Return whether samples are grey images, or rows of square ones."""
    square = array.ndim == 2 and math.isqrt(array.shape[1]) ** 2 == array.shape[1]
    return square or array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 1)


def _pictures(who, array):
    """Samples as (samples, rows, columns)."""
    if not are_images(array):
        raise ShapeError(
            f"{who}: needs grey images (samples, rows, columns) or rows of square ones, got shape {array.shape}"
        )
    side = math.isqrt(array.shape[1])
    return array.reshape(len(array), side, side) if array.ndim == 2 else array.reshape(array.shape[:3])


def mosaic_of(pictures, columns, gap=0):
    """Images in rows of `columns`, a pixel of NaN between them and `gap` more above each; NaN is left white."""
    height, width = pictures.shape[1:]
    rows = math.ceil(len(pictures) / columns)
    mosaic = np.full((rows * (height + gap + 1) - 1, columns * (width + 1) - 1), np.nan, np.float32)
    for number, picture in enumerate(pictures):
        top, left = _corner(number, columns, (height, width), gap)
        mosaic[top : top + height, left : left + width] = picture
    return np.ma.masked_invalid(mosaic)


def _corner(number, columns, shape, gap):
    row, column = divmod(number, columns)
    return row * (shape[0] + gap + 1) + gap, column * (shape[1] + 1)


def _columns(who, columns, count):
    if columns is None:
        return math.ceil(math.sqrt(count))
    return min(as_count(f"{who}: columns", columns, low=1), count)


def _size(count, columns, shape, room):
    """Inches of a picture of so many images, with the proportions of what is in it."""
    width, height = columns * 1.1, math.ceil(count / columns) * 1.1 * (room + shape[0] / shape[1])
    scale = min(1.0, SIDE / max(width, height))
    return max(width * scale, 1.0), max(height * scale, 1.0)


def _image_shape(size, shape):
    if shape is None:
        side = math.isqrt(size)
        if side * side != size:
            raise ShapeError(f"weights: {size} inputs make no square image; give their shape=(rows, columns)")
        return side, side
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if len(shape) != 2 or math.prod(shape) != size:
        raise ShapeError(f"weights: shape must be (rows, columns) with {size} numbers, got {shape}")
    return shape
