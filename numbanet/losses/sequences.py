"""Connectionist temporal classification: the loss of sequences of labels that are not aligned with the steps.

A path gives each step a label or a blank. It stands for the labels that are left when repetitions are merged and blanks
removed, so that many paths stand for one sequence of labels. The probability of the sequence is the sum of theirs.
`loops.sequences` computes it. (Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML
2006.)
"""

from __future__ import annotations

from functools import partial

import numpy as np

from numbanet.core.dtypes import INT64
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.loss import Loss
from numbanet.losses.targets import classes_of, floating
from numbanet.ops.elementwise import as_known, not_equal
from numbanet.ops.neural import log_softmax
from numbanet.ops.reduce import sum
from numbanet.ops.sequences import sequence_losses
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike


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
    counts = sum(not_equal(labels, 0).astype(INT64), axis=-1)
    steps = asarray(np.full(scores.shape[0], scores.shape[1]), device=scores.device)
    return sequence_losses(log_softmax(scores, axis=-1), labels, counts, steps, 0)


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
