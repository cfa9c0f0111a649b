"""Connectionist temporal classification in `keras.ops`, with Keras 3's parameters: its loss, and the best path."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from numbanet.core.checks import as_choice, as_flag, as_integer
from numbanet.core.dtypes import INT64
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.ops.by_numpy import floating
from numbanet.ops.elementwise import as_known, equal, greater_equal, where
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.neural import log_softmax
from numbanet.ops.reduce import argmax, max, sum
from numbanet.ops.sequences import sequence_losses
from numbanet.ops.shaping import concat, expand_dims
from numbanet.ops.sorting import argsort
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Integer


def ctc_loss(
    target: ArrayLike, output: ArrayLike, target_length: ArrayLike, output_length: ArrayLike, mask_index: Integer = 0
) -> Tensor:
    """Compute the loss of sequences of labels that are not aligned with the steps.

    Parameters
    ----------
    target : array-like, (samples, most labels)
        Integers from 0 to classes - 1; what stands behind the labels of a sample does not matter.
    output : array-like, (samples, most steps, classes)
        Scores before their softmax. Floating; integers become float32.
    target_length, output_length : array-like, (samples,)
        How many labels and how many steps of a sample count.
    mask_index : int
        The class that is the blank.

    Returns
    -------
    Tensor
        (samples,), minus the logarithm of the probability of the labels: inf where there are too few steps for them, or
        a blank among them. Gradients flow to `output`; those of inf are 0.

    Raises
    ------
    ShapeError
        When the shapes are not these.
    DTypeError
        When labels or lengths are not integers.
    ArgumentError
        When a label is not one of the classes, a length is negative or too large, or there is no class `mask_index`.

    References
    ----------
    Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML 2006; Keras 3,
    keras.ops.ctc_loss.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.ctc_loss([[1]], nn.zeros((1, 2, 2)), [1], [2]).numpy().round(4)
    array([0.2877], dtype=float32)
    """
    scores = floating("ctc_loss", output)[0]
    if scores.ndim != 3 or scores.shape[2] < 2:
        raise ShapeError(f"ctc_loss: output must be (samples, steps, classes), got {scores.shape}")
    samples, steps, classes = scores.shape
    labels = _integers("ctc_loss: target", target, scores)
    if labels.ndim != 2 or labels.shape[0] != samples:
        raise ShapeError(f"ctc_loss: target {labels.shape} must be (samples, labels) beside output {scores.shape}")
    check_values(labels, partial(_check_range, "ctc_loss: target", classes - 1))
    count = _lengths("ctc_loss: target_length", target_length, samples, labels.shape[1], scores)
    length = _lengths("ctc_loss: output_length", output_length, samples, steps, scores)
    blank = _blank("ctc_loss", mask_index, classes)
    return sequence_losses(log_softmax(scores, axis=-1), labels, count, length, blank)


def _integers(what, given, beside):
    found = asarray(given, device=beside.device)
    if found.dtype.kind not in "iu":
        raise DTypeError(f"{what}: needs integers, got {found.dtype}")
    return as_known(found, INT64)


def _lengths(what, given, samples, most, beside):
    found = _integers(what, given, beside)
    if found.shape != (samples,):
        raise ShapeError(f"{what}: needs one length per sample, ({samples},), got {found.shape}")
    check_values(found, partial(_check_range, what, most))
    return found


def _check_range(what, most, values):
    if values.size and not (values.min() >= 0 and values.max() <= most):
        bad = values[(values < 0) | (values > most)].flat[0]
        raise ArgumentError(f"{what}: {bad} is outside 0 to {most}")


def _blank(who, mask_index, classes):
    blank = as_integer(f"{who}: mask_index", mask_index, low=0)
    if blank >= classes:
        raise ArgumentError(f"{who}: mask_index {blank} is none of the {classes} classes")
    return blank


def ctc_decode(
    inputs: ArrayLike, sequence_lengths: ArrayLike, strategy: str = "greedy", beam_width: Integer = 100,
    top_paths: Integer = 1, merge_repeated: bool = True, mask_index: Integer = 0,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Return the labels that the best path stands for: the best class of each step, without repetitions and blanks.

    Parameters
    ----------
    inputs : array-like, (samples, most steps, classes)
        Scores. Floating; integers become float32.
    sequence_lengths : array-like, (samples,)
        How many steps of a sample count.
    strategy : {"greedy"}
        Keras has "beam_search" as well, which numbanet lacks.
    beam_width, top_paths : int
        For a beam search.
    merge_repeated : bool
        Whether to merge repetitions of a label that no blank separates.
    mask_index : int
        The class that is the blank.

    Returns
    -------
    (Tensor, Tensor)
        Labels (1, samples, most steps), with -1 behind the last one; and (samples, 1), minus the sum of the scores of
        the path.

    Raises
    ------
    ShapeError
        When the shapes are not these.
    DTypeError
        When lengths are not integers.
    ArgumentError
        When a length is negative or too large, there is no class `mask_index`, or `strategy` is another one.

    References
    ----------
    Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML 2006, section 3.2; Keras 3,
    keras.ops.ctc_decode.

    Examples
    --------
    >>> import numbanet as nn
    >>> path = nn.ops.one_hot([[1, 1, 0, 1, 2]], 3)
    >>> nn.ops.ctc_decode(path, [5])[0]
    Tensor([[[ 1,  1,  2, -1, -1]]], shape=(1, 1, 5), dtype=int64)
    """
    as_choice("ctc_decode: strategy", strategy, ("greedy",))
    merge_repeated = as_flag("ctc_decode: merge_repeated", merge_repeated)
    for name, value in (("beam_width", beam_width), ("top_paths", top_paths)):
        as_integer(f"ctc_decode: {name}", value, low=1)
    scores = floating("ctc_decode", inputs)[0]
    if scores.ndim != 3 or 0 in scores.shape[1:]:
        raise ShapeError(f"ctc_decode: inputs must be (samples, steps, classes), got {scores.shape}")
    samples, steps, classes = scores.shape
    blank = _blank("ctc_decode", mask_index, classes)
    length = _lengths("ctc_decode: sequence_lengths", sequence_lengths, samples, steps, scores)
    places: Any = asarray(np.arange(steps), device=scores.device)
    behind = greater_equal(places, expand_dims(length, -1))
    path = where(behind, blank, argmax(scores, axis=-1))
    if merge_repeated:
        repeated = equal(path[:, 1:], path[:, :-1])
        path = concat([path[:, :1], where(repeated, blank, path[:, 1:])], axis=1)
    gone = equal(path, blank)
    order = argsort(where(gone, steps, places), axis=-1)
    found = take_along_axis(where(gone, -1, path), order, axis=-1)
    return expand_dims(found, 0), -sum(where(behind, 0.0, max(scores, axis=-1)), axis=1, keepdims=True)
