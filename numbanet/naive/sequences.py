"""Connectionist temporal classification: how probable labels are that are not aligned with the steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_integer
from numbanet.errors import ArgumentError
from numbanet.launching.launch import Kernel
from numbanet.loops import sequences
from numbanet.naive.calls import floats, naive, need, positions
from numbanet.typing import Array, Integer

_ctc = Kernel(sequences.ctc)


@naive
def naive_ctc(run: Any, logarithms: Array, labels: Array, blank: Integer = 0) -> Array:
    """Return minus the logarithm of the probability of labels: the sum of those of all paths that stand for them.

    Parameters
    ----------
    logarithms : numpy.ndarray, (samples, steps, classes)
        Of the probability of each class at each step. Integers become float64.
    labels : numpy.ndarray of int, (samples, labels)
        All of them count.
    blank : int
        The class that stands for no label.

    Returns
    -------
    numpy.ndarray
        (samples,): inf where no path stands for the labels.

    Raises
    ------
    ShapeError
        When the shapes do not fit; when a label is none of the classes, one that is an IndexError as well.
    DTypeError
        When labels are not integers.
    ArgumentError
        When `blank` is none of the classes.

    References
    ----------
    Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML 2006, section 4.1.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_ctc(np.log([[[0.5, 0.5], [0.5, 0.5]]]), np.array([[1]])).round(4)  # three of four paths
    array([0.2877])
    """
    (logarithms,) = floats("naive_ctc", logarithms)
    need("naive_ctc", logarithms.ndim == 3, logarithms)
    samples, length, classes = logarithms.shape
    labels = positions("naive_ctc", labels, classes)
    need("naive_ctc", labels.ndim == 2 and len(labels) == samples, logarithms, labels)
    if as_integer("naive_ctc: blank", blank, low=0) >= classes:
        raise ArgumentError(f"naive_ctc: blank {blank} is none of the {classes} classes")
    counts, steps = np.full(samples, labels.shape[1]), np.full(samples, length)
    losses, places = np.empty(samples, logarithms.dtype), 2 * labels.shape[1] + 1
    line, shares = np.empty((samples, places), losses.dtype), np.empty((samples, length, 3, places), losses.dtype)
    run(_ctc, samples, logarithms, labels, counts, steps, int(blank), losses, line, shares)
    return losses
