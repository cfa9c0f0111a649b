"""Where pictures are drawn: the Axes that a caller gives, or those of a Figure that pyplot does not know."""

import numpy as np

from numbanet.core.files import as_path, check_writable, write_atomically
from numbanet.errors import ArgumentError, DataError, DependencyError, DTypeError
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import to_numpy

MOST_CLASSES = 10_000
"""Larger numbers are taken for something else than classes."""


def new_figure(size=(6.4, 4.8)):
    """An empty Figure of so many inches; DependencyError if matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise DependencyError(
            f"nn.plotting needs matplotlib, which is not there ({error}): python -m pip install matplotlib"
        ) from None
    return Figure(figsize=size, layout="constrained")


def check_picture(path):
    """Raise now, and not after training, when a picture could not be written at `path`."""
    known = new_figure().canvas.get_supported_filetypes()
    suffix = as_path(path).suffix.lower().removeprefix(".")
    if suffix not in known:
        raise ArgumentError(f"cannot draw {path}: its name must end in one of .{', .'.join(sorted(known))}")
    check_writable(path)


def write_picture(figure, path):
    """Write a Figure, in the format that the ending of `path` names."""
    with write_atomically(path) as stream:
        figure.savefig(stream, format=as_path(path).suffix.lower().removeprefix("."))


def axes_for(who, ax, size=(6.4, 4.8)):
    """`ax`, or the Axes of a new Figure of so many inches if it is None."""
    if ax is None:
        return new_figure(size).add_subplot()
    new_figure()  # says in one sentence that matplotlib is missing
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise ArgumentError(f"{who}: ax must be matplotlib Axes, got {type(ax).__name__}")
    return ax


def numbers(who, values, name):
    """`values` as a NumPy array of numbers, not empty."""
    array = to_numpy(values.numpy() if isinstance(values, Operators) else values, f"{who}: {name}")
    if not array.size:
        raise ArgumentError(f"{who}: {name} is empty, it has shape {array.shape}")
    return array


def check_model(who, model):
    """Raise ArgumentError unless `model` has layers."""
    if not getattr(model, "layers", None):
        raise ArgumentError(f"{who}: needs a model with layers, got {model!r}")


def scores_of(who, values, name):
    """`values` as scores (samples, classes), none of them NaN; of one score, that of class 1, those of both classes."""
    array = numbers(who, values, name)
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise DataError(f"{who}: {name} has NaN, which says nothing of classes")
    if array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind == "f":
        if array.min() < 0 or array.max() > 1:
            raise ArgumentError(f"{who}: {name} of one column must be probabilities of class 1, from 0 to 1")
        return np.concatenate([1 - array, array], axis=1)
    return array


def class_indices(who, values, name):
    """`values` as whole numbers from 0, one per sample; of rows of scores, the place of the largest."""
    array = numbers(who, values, name)
    if array.ndim == 2 and array.shape[1] > 1:
        return scores_of(who, array, name).argmax(axis=1)
    array = array.reshape(len(array), -1)[:, 0] if array.ndim == 2 else array
    if array.ndim != 1:
        raise ArgumentError(f"{who}: {name} must be classes (samples,) or scores (samples, classes), got {array.shape}")
    if array.dtype.kind == "f":
        raise DTypeError(
            f"{who}: {name} must be classes, whole numbers from 0, or (samples, classes); got {array.dtype}"
        )
    if array.dtype.kind == "i" and array.min() < 0:
        raise ArgumentError(f"{who}: {name} must be whole numbers from 0, got {array.min()}")
    if array.max() >= MOST_CLASSES:
        raise ArgumentError(f"{who}: {name} must be classes below {MOST_CLASSES}, got {array.max()}")
    return array.astype(np.int64)
