"""What losses ask of targets, checked before anything is computed: shapes that fit, labels that are classes."""

from __future__ import annotations

from functools import partial

import numpy as np

from numbanet.core.checks import as_number, is_integer
from numbanet.core.dtypes import INT64, check_supported, is_float
from numbanet.core.shapes import normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.arranging import moveaxis
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.shaping import expand_dims, reshape
from numbanet.tensor.listeners import check_again, check_values, is_traced
from numbanet.tensor.lists import is_list
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import Tensor, asarray, beside
from numbanet.typing import ArrayLike, Integer, Real

EPSILON = 1e-7
"""How near to 0 and 1 probabilities may come: Keras's `epsilon()`. It keeps logarithms finite."""


def floating(y_pred: ArrayLike) -> Tensor:
    """Return predictions as a floating tensor."""
    tensor = asarray(y_pred)
    return tensor if is_float(tensor.dtype) else tensor.astype(np.float32)


def predictions(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return predictions as a tensor; a list of Python numbers takes the dtype of the targets, if they have one."""
    return asarray(y_pred) if is_list(y_true) or not is_list(y_pred) else beside(asarray(y_true), y_pred)


def aligned_shape(name, true, pred):
    """Return the shape that targets of shape `true` take beside predictions of shape `pred`.

    The one rule of all losses and metrics, built in or not: (n,) beside (n, 1), and (n, 1) beside (n,), are the same
    samples and take the shape of the predictions, so that nothing is broadcast. Other shapes stay as they are, such as
    class labels (n,) beside (n, classes). ShapeError when there are not as many targets as predictions.
    """
    if (*true, 1) == pred or true == (*pred, 1):
        return pred
    if true[:1] != pred[:1]:
        raise ShapeError(f"{name}: y_true {true} and y_pred {pred} must have the same number of samples")
    return true


def is_last(axis):
    """Return whether an axis is given as the last one."""
    return is_integer(axis) and axis == -1


def moved(name, y_true, shape, axis):
    """Return targets and the shape of predictions with the axis of the classes last."""
    if is_last(axis):
        return y_true, shape
    at = normalize_axis(name, axis, len(shape))
    if y_true is not None and y_true.ndim == len(shape):
        y_true = np.moveaxis(y_true, at, -1)
    return y_true, (*shape[:at], *shape[at + 1 :], shape[at])


def with_last(name: str, y_true: ArrayLike, y_pred: Tensor, axis: Integer) -> tuple[Tensor, Tensor]:
    """Return targets and predictions with the axis of the classes last; labels may lack it."""
    at = normalize_axis(name, axis, y_pred.ndim)
    labels = asarray(y_true, device=y_pred.device)
    return moveaxis(labels, at, -1) if labels.ndim == y_pred.ndim else labels, moveaxis(y_pred, at, -1)


def check_shapes(name, true, pred):
    """Raise ShapeError unless targets and predictions have one shape, once they are aligned."""
    fits = true in (pred, (*pred, 1)) or (*true, 1) == pred
    if not fits or not pred:
        hint = ""
        if name.endswith("categorical_crossentropy") and true in (pred[:-1], (*pred[:-1], 1)):
            hint = "; for integer labels use sparse_categorical_crossentropy"
        hint = hint or one_of_each(true, pred)
        raise ShapeError(f"{name}: y_true {true} and y_pred {pred} must have one shape, with a last axis{hint}")


def one_of_each(true, pred):
    """Say what makes one prediction of each sample, if there are predictions for each place of it and one target."""
    if len(pred) < 3 or true not in (pred[:1], (*pred[:1], 1)):
        return ""
    return (
        f"; there is one target for each sample, and predictions for {' x '.join(map(str, pred[1:-1]))} places: give "
        "the last layer one row of each, with Flatten, global pooling, or without return_sequences"
    )


def aligned(name: str, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Tensor, Tensor]:
    """Return both as floating tensors of the shape of `y_pred`; nothing is broadcast."""
    found = floating(predictions(y_true, y_pred))
    wanted = beside(found, y_true)
    check_shapes(name, wanted.shape, found.shape)
    return reshaped(name, wanted, found).astype(found.dtype), found


def reshaped(name: str, y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Return the tensor `y_true` in the shape that `aligned_shape` gives it."""
    shape = aligned_shape(name, y_true.shape, y_pred.shape)
    return y_true if shape == y_true.shape else reshape(y_true, shape)


def class_labels(name, y_true, pred, ignored=None):
    """Return labels, all of them classes or ignored, in the shape `pred` of predictions without its last axis."""
    labels, rows = values_of(y_true), pred[:-1]
    if labels.shape == (*rows, 1):
        labels = labels.reshape(rows)
    if labels.shape != rows or not pred:
        onehot = "; for one-hot targets use categorical_crossentropy"
        hint = onehot if labels.shape == pred else one_of_each(labels.shape, pred)
        raise ShapeError(f"{name}: y_true {labels.shape} must have the shape of y_pred {pred} without classes{hint}")
    return classes_of(name, pred[-1], labels, ignored)


def classes_of(name, count, labels, ignored=None):
    """Return labels as integers; ArgumentError unless all are of the classes 0 to count - 1, or `ignored`."""
    whole = labels if labels.dtype.kind in "iu" else _whole(labels)
    if whole.size and not (whole.min() >= 0 and whole.max() < count):
        wrong = ((whole < 0) | (whole >= count)) & (True if ignored is None else whole != ignored)
        if wrong.any():
            hint = "; a model with one output needs binary_crossentropy" if count == 1 else ""
            bad, rest = labels[wrong].flat[0], "" if ignored is None else f", nor ignore_class={ignored}"
            raise ArgumentError(f"{name}: label {bad} is none of the {count} classes 0 to {count - 1}{rest}{hint}")
    return whole


def _whole(labels):
    """Return floats or booleans as int64 labels: the least integer where they are not whole numbers."""
    check_supported(labels, "labels")
    with np.errstate(invalid="ignore"):
        whole = labels.astype(INT64)
    return np.where(whole == labels, whole, np.iinfo(INT64).min)


def finite(name, dtype, labels):
    """Raise ArgumentError when a target is not a finite number of a floating dtype, that of the predictions."""
    if labels.dtype.kind != "f":
        return
    with np.errstate(over="ignore"):
        bad = ~np.isfinite(labels.astype(dtype, copy=False))
    if bad.any():
        why = f"is too large for {dtype}" if np.isfinite(labels[bad].flat[0]) else "is not a finite number"
        raise ArgumentError(f"{name}: label {labels[bad].flat[0]:g} {why}")


def between_0_and_1(name, labels):
    """Raise ArgumentError when a target lies outside 0 to 1, or is NaN."""
    bad = ~((labels >= 0) & (labels <= 1))
    if bad.any():
        hint = ""
        if (np.abs(labels) == 1).all():
            hint = "; write (y + 1) / 2 for labels -1 and 1, or use the hinge loss"
        raise ArgumentError(f"{name}: label {labels[bad].flat[0]:g} lies outside 0 to 1{hint}")


def several_classes(name, pred):
    """Raise ArgumentError when predictions have one class only, which is certain whatever the scores are."""
    if pred[-1:] == (1,):
        raise ArgumentError(
            f"{name}: one output cannot tell classes apart; use binary_crossentropy with a sigmoid, or one output per "
            "class"
        )


def check_between_0_and_1(name, y_true):
    """Raise ArgumentError when a target lies outside 0 to 1; in replayed steps as well."""
    check_values(asarray(y_true), partial(between_0_and_1, name))


def signs_or_bits(name, y_true):
    """Raise ArgumentError when targets are neither all -1 and 1, nor all 0 and 1."""
    labels = values_of(y_true)
    if not (((labels == 0) | (labels == 1)).all() or (np.abs(labels) == 1).all()):
        raise ArgumentError(f"{name}: labels must be -1 and 1, or 0 and 1, got {np.unique(labels)[:5].tolist()}")


def smoothed(y_true: Tensor, label_smoothing: Real, count: int) -> Tensor:
    """Return targets of which a share, from 0 to 1, is spread over `count` classes."""
    share = as_number("label_smoothing", label_smoothing, 0, 1)
    return y_true * (1 - share) + share / count if share else y_true


def labels_of(name: str, y_true: ArrayLike, y_pred: Tensor, ignored: int | None = None) -> Tensor:
    """Return integer labels of the shape of `y_pred` without its last axis; checked, in replayed steps as well."""
    if not y_pred.ndim:
        raise ShapeError(f"{name}: needs y_pred (samples, ..., classes), got shape ()")
    check = partial(classes_of, name, y_pred.shape[-1], ignored=ignored)
    if is_traced(y_true):
        check_values(y_true, check)
        return reshape(y_true, y_pred.shape[:-1])
    labels = asarray(class_labels(name, y_true, y_pred.shape, ignored), device=y_pred.device)
    check_again(labels, check)
    return labels


def predicted_for(labels: Tensor, y_pred: Tensor) -> Tensor:
    """Return what was predicted for the labels, of their shape."""
    return reshape(take_along_axis(y_pred, expand_dims(labels.astype(INT64), -1), axis=-1), labels.shape)
