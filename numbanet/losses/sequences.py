"""Connectionist temporal classification: the loss of sequences of labels that are not aligned with the steps.

A path gives each step a label or a blank. It stands for the labels that are left when repetitions are merged and blanks
removed, so that many paths stand for one sequence of labels. The probability of the sequence is the sum of theirs: it
is computed step by step, over a line of places for the labels with blanks before, between and behind them. (Graves,
Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML 2006, section 4.1.)
"""

from __future__ import annotations

from functools import partial

import numpy as np

from numbanet.core.dtypes import INT64
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.loss import Loss
from numbanet.losses.targets import classes_of, floating
from numbanet.ops.elementwise import as_known, equal, greater, less, logical_and, logical_or, maximum, not_equal, where
from numbanet.ops.floats import logaddexp
from numbanet.ops.indexing import take_known
from numbanet.ops.neural import log_softmax
from numbanet.ops.reduce import any, sum
from numbanet.ops.shaping import concat, expand_dims, reshape, stack
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike

NEVER = -1e30
"""The logarithm of a probability of 0: finite, so that no gradient is NaN, and lost beside any other."""


def sequence_losses(labels: Tensor, scores: Tensor, label_length: Tensor, steps: Tensor | None, blank: int) -> Tensor:
    """Return the loss of each sample, minus the logarithm of the probability of its labels.

    Parameters
    ----------
    labels : Tensor, (samples, most labels)
        Integers from 0 up to the number of classes.
    scores : Tensor, (samples, most steps, classes)
        Before their softmax.
    label_length, steps : Tensor, (samples,)
        How many labels and steps of a sample count; all steps if `steps` is None.
    blank : int
        The class that stands for no label.

    Returns
    -------
    Tensor
        (samples,): inf where no path stands for the labels, with a gradient of 0.
    """
    places = _places(labels, blank)
    emitted = _emitted(log_softmax(scores, axis=-1), places)
    line = _first(emitted)
    skips = _skips(places, emitted)
    for step in range(scores.shape[1]):
        after = emitted[:, step] + logaddexp(logaddexp(line, _moved(line, 1)), _moved(line, 2) + skips)
        line = after if steps is None else where(expand_dims(greater(steps, step), -1), after, line)
    return _at_the_end(line, labels, label_length, blank)


def _places(labels, blank):
    """Return the line of places: a blank, a label, a blank, ..., a blank."""
    samples, count = labels.shape
    blanks = asarray(np.full((samples, count + 1), blank), device=labels.device)
    pairs = stack([blanks[:, :count], labels], axis=2)
    return concat([reshape(pairs, (samples, 2 * count)), blanks[:, count:]], axis=1)


def _emitted(logarithms, places):
    """Return the logarithm of the probability of each place at each step: (samples, steps, places)."""
    samples, steps, classes = logarithms.shape
    rows = np.arange(samples * steps).reshape(samples, steps, 1) * classes
    return take_known(reshape(logarithms, (-1,)), asarray(rows, device=places.device) + expand_dims(places, 1))


def _first(emitted):
    """Return the line before the first step: in front of the first place."""
    line = np.full((emitted.shape[0], emitted.shape[2]), NEVER, emitted.dtype)
    line[:, 0] = 0
    return asarray(line, device=emitted.device)


def _moved(line, by):
    """Return the line with what was `by` places before at each place."""
    before = asarray(np.full((line.shape[0], by), NEVER, line.dtype), device=line.device)
    return concat([before, line], axis=1)[:, : line.shape[1]]


def _skips(places, emitted):
    """Return 0 where a path may pass over the place before, a blank between two different labels; or NEVER."""
    samples, count = places.shape
    odd = asarray(np.arange(count) % 2 == 1, device=places.device)
    before = concat([places[:, :1], places[:, :1], places], axis=1)[:, :count]
    zero = asarray(np.zeros((samples, count), emitted.dtype), device=places.device)
    return where(logical_and(odd, not_equal(places, before)), zero, NEVER)


def _at_the_end(line, labels, label_length, blank):
    """Return the loss from the line after the last step: a path ends at the last label or the blank behind it."""
    samples, count = line.shape
    rows = asarray(np.arange(samples) * count, device=line.device)
    last, flat = rows + label_length * 2, reshape(line, (-1,))
    by_label = take_known(flat, maximum(last - 1, rows))
    total = logaddexp(take_known(flat, last), where(greater(label_length, 0), by_label, NEVER))
    positions = asarray(np.arange(labels.shape[1]), device=labels.device)
    counts = less(positions, expand_dims(label_length, -1))
    never = logical_or(less(total, NEVER / 2), any(logical_and(equal(labels, blank), counts), axis=-1))
    return where(never, np.inf, -total)


def ctc(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the loss of sequences of labels that are not aligned with the steps.

    Parameters
    ----------
    y_true : array-like, (samples, most labels)
        Whole numbers from 1 to classes - 1; behind the last label of a sample, 0. The class 0 is the blank.
    y_pred : array-like, (samples, steps, classes)
        Scores, as the last layer gives them without a softmax. Floating; integers become float32.

    Returns
    -------
    Tensor
        (samples,), minus the logarithm of the probability of the labels. Gradients flow to `y_pred`.

    Raises
    ------
    ShapeError
        When the shapes are not these.
    ArgumentError
        When a label is not one of the classes or stands behind a 0, or the labels of a sample need more steps than
        there are: one each, and one more between two that are equal.

    References
    ----------
    Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML 2006; Keras 3, keras.losses.ctc.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> scores = np.log([[[0.5, 0.5], [0.5, 0.5]]])
    >>> nn.losses.ctc([[1, 0]], scores).numpy().round(4)  # of four paths, three stand for the label: - ln(3 / 4)
    array([0.2877])
    """
    scores = floating(y_pred)
    labels = asarray(y_true, device=scores.device)
    _check_shapes("ctc", labels.shape, scores.shape)
    check_values(labels, partial(_check_labels, "ctc", scores.shape[1], scores.shape[2]))
    labels = as_known(labels, INT64)
    return sequence_losses(labels, scores, sum(not_equal(labels, 0).astype(INT64), axis=-1), None, 0)


def _check_shapes(name, true, pred):
    if len(true) != 2 or len(pred) != 3 or true[0] != pred[0]:
        raise ShapeError(
            f"{name}: needs y_true (samples, labels) and y_pred (samples, steps, classes), got {true} and {pred}"
        )
    if pred[2] < 2:
        raise ShapeError(f"{name}: needs a class for the blank, and others, got y_pred {pred}")


def _check_labels(name, steps, classes, labels):
    """Raise ArgumentError unless all labels are classes, followed by zeros alone, and there are steps for them."""
    whole = classes_of(name, classes, labels)
    counts = whole != 0
    if (counts[:, 1:] & ~counts[:, :-1]).any():
        raise ArgumentError(f"{name}: 0 is the blank, which follows the labels of a sample, and stands between some")
    equal_ones = (whole[:, 1:] == whole[:, :-1]) & counts[:, 1:]
    needed = counts.sum(axis=1) + equal_ones.sum(axis=1)
    if needed.size and needed.max() > steps:
        at = int(needed.argmax())
        raise ArgumentError(
            f"{name}: the {counts[at].sum()} labels of sample {at} need {needed[at]} steps, one more between two that "
            f"are equal, and there are {steps}"
        )


class CTC(Loss):
    """The mean of `ctc`, of sequences of labels that are not aligned with the steps.

    Parameters
    ----------
    reduction, name
        As for `Loss`.

    Examples
    --------
    >>> import numbanet as nn
    >>> round(nn.losses.CTC()([[1, 2, 0]], nn.zeros((1, 4, 3))).item(), 4)
    1.6864
    """

    function = staticmethod(ctc)

    def _check(self, name, y_true, shape):
        _check_shapes(name, y_true.shape, shape)
        _check_labels(name, shape[1], shape[2], y_true)
