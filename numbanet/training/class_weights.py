"""Weights of classes: what `class_weight` of `fit` makes of the labels, one weight per sample."""

from collections.abc import Mapping

import numpy as np

from numbanet.core.checks import as_number
from numbanet.errors import ArgumentError


def class_weights(labels, given, known=None):
    """Return one weight per sample.

    Parameters
    ----------
    labels : numpy.ndarray, (samples,), (samples, 1) or one-hot (samples, classes)
    given : dict, "balanced", or list, array or Series
        From class to weight, 1 for classes that it leaves out. A list has the weights of the classes 0, 1, ...; a
        Series has the classes as its index. "balanced" weighs a class by samples / (classes * samples of the class),
        as scikit-learn does.
    known : numpy.ndarray, optional
        All labels, where those to be weighed are only a part of them: weights may name any class among these.

    Returns
    -------
    numpy.ndarray of float64, (samples,)

    Raises
    ------
    ArgumentError
        When labels are not classes, a weight is not a number of at least 0, or a class has no samples.
    """
    if isinstance(labels, (list, tuple, dict)):
        raise ArgumentError("fit: class_weight is for models of one output; give sample_weight, one array per output")
    labels = _classes(labels)
    if isinstance(given, str):
        if given != "balanced":
            raise ArgumentError(f"fit: class_weight must be a dict {{class: weight}} or 'balanced', got {given!r}")
        _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
        return (len(labels) / (len(counts) * counts))[place]
    weights = {label: as_number(f"fit: class_weight of {label!r}", w, 0) for label, w in _pairs(given)}
    classes = set(np.unique(labels if known is None else _classes(known)).tolist())
    unknown = [label for label in weights if label not in classes]
    if unknown:
        raise ArgumentError(
            f"fit: class_weight names classes without samples: {unknown}; the labels are {sorted(classes)[:10]}"
        )
    result = np.ones(len(labels))
    for label, weight in weights.items():
        result[labels == label] = weight
    return result


def _pairs(given):
    """Return (class, weight) of every class that has a weight."""
    if hasattr(given, "to_dict") and hasattr(given, "index"):  # a Series of pandas
        given = given.to_dict()
    if isinstance(given, Mapping):
        return list(given.items())
    if isinstance(given, (list, tuple)) or hasattr(given, "__array__"):
        weights = np.asarray(given)
        if weights.ndim == 1 and weights.dtype.kind in "biuf":
            return list(enumerate(weights.tolist()))
    raise ArgumentError(
        f"fit: class_weight must be a dict {{class: weight}}, a list of the weights of the classes 0, 1, ..., or "
        f"'balanced', got {given!r}"
    )


def _classes(labels):
    """Return flat labels, those of one-hot rows too; ArgumentError when samples have several labels, or none."""
    if labels.shape == (len(labels),) or labels.shape == (len(labels), 1):
        flat = labels.reshape(-1)
    elif labels.ndim == 2 and ((labels == 0) | (labels == 1)).all() and (np.sum(labels, axis=1) == 1).all():
        return labels.argmax(axis=1)
    else:
        raise ArgumentError(
            f"fit: class_weight needs one class per sample, got y of shape {labels.shape} that is not one-hot; give "
            "sample_weight instead"
        )
    if flat.dtype.kind == "f" and not (np.isfinite(flat) & (flat == np.floor(flat))).all():
        raise ArgumentError("fit: class_weight needs labels that are classes, got y with fractions, NaN or infinities")
    return flat
