"""Accuracies as functions, one number per sample, as in Keras."""

from __future__ import annotations

import numpy as np

from numbanet.metrics import accuracy
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import ArrayLike, Integer, Real


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: Real = 0.5) -> Tensor:
    """Compute how often probability and threshold give the label, 0 or 1: the mean of the last axis.

    Parameters
    ----------
    y_true : array-like, (..., n)
        0 or 1.
    y_pred : array-like, (..., n)
        Probabilities of 1; any floating dtype.
    threshold : float
        Predictions above it mean 1.

    Returns
    -------
    Tensor
        Of shape (...); float32.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Keras 3, keras.metrics.binary_accuracy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.metrics.binary_accuracy([[1.0], [0.0]], [[0.9], [0.8]])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    found = _values(accuracy.BinaryAccuracy(threshold=threshold), y_true, y_pred)
    return put(np.asarray(found.mean(axis=-1) if found.ndim else found, np.float32))


def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute whether the most probable class is the one of a one-hot row.

    Parameters
    ----------
    y_true : array-like, (..., classes)
        One-hot rows, or other probabilities.
    y_pred : array-like, (..., classes)
        Probabilities or scores; any floating dtype.

    Returns
    -------
    Tensor
        1 or 0 for each row, of shape (...); float32.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Keras 3, keras.metrics.categorical_accuracy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.metrics.categorical_accuracy([[0, 1], [0, 1]], [[0.1, 0.9], [0.6, 0.4]])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return put(np.asarray(_values(accuracy.CategoricalAccuracy(), y_true, y_pred), np.float32))


def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute whether the most probable class is the label.

    Parameters
    ----------
    y_true : integer array-like, (...) or (..., 1)
        Labels from 0 to classes - 1.
    y_pred : array-like, (..., classes)
        Probabilities or scores; any floating dtype.

    Returns
    -------
    Tensor
        1 or 0 for each row, of shape (...); float32.

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Keras 3, keras.metrics.sparse_categorical_accuracy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.metrics.sparse_categorical_accuracy([1, 1], [[0.1, 0.9], [0.6, 0.4]])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return put(np.asarray(_values(accuracy.SparseCategoricalAccuracy(), y_true, y_pred), np.float32))


def top_k_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike, k: Integer = 5) -> Tensor:
    """Compute whether the class of a one-hot row is among the `k` most probable ones.

    Parameters
    ----------
    y_true : array-like, (samples, classes)
        One-hot rows, or other probabilities.
    y_pred : array-like, (samples, classes)
        Probabilities or scores; any floating dtype.
    k : int
        At least 1.

    Returns
    -------
    Tensor
        1 or 0 for each row, of shape (samples,); float32.

    Raises
    ------
    ShapeError
        When the shapes differ.
    ArgumentError
        When `k` is not positive.

    References
    ----------
    Keras 3, keras.metrics.top_k_categorical_accuracy.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.2, 0.5, 0.3]], k=2)
    Tensor([1.], shape=(1,), dtype=float32)
    """
    return put(np.asarray(_values(accuracy.TopKCategoricalAccuracy(k), y_true, y_pred), np.float32))


def _values(metric, y_true, y_pred):
    return np.asarray(metric.values(asarray(y_true).numpy(), asarray(y_pred).numpy()))
