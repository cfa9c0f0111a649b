"""The functions of `keras.ops` that order elements and look them up in what is ordered."""

from __future__ import annotations

from functools import partial

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.core.checks import as_flag, as_integer
from numbanet.errors import ArgumentError, ShapeError
from numbanet.losses.targets import classes_of
from numbanet.ops import sets
from numbanet.ops.elementwise import isfinite
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import expand_dims
from numbanet.ops.sorting import topk
from numbanet.tensor.listeners import check_values
from numbanet.tensor.tensor import Tensor, as_tensors, asarray
from numbanet.typing import ArrayLike, Integer, Side


def argpartition(x: ArrayLike, kth: Integer, axis: Integer = -1) -> Tensor:
    """Find positions that put the k-th smallest element in its place, smaller ones before it and larger ones behind.

    Parameters
    ----------
    x : array-like
        Of at least one dimension; any dtype.
    kth : int
        The place, from 0; negative ones count from the end. Elements are sorted altogether here, so that the result is
        the same for all places.
    axis : int
        The dimension along which to order.

    Returns
    -------
    Tensor
        Positions, of the shape of `x`, int64.

    Raises
    ------
    ShapeError
        When the axis is out of range.
    ArgumentError
        When `kth` is not an integer, or is out of range.

    References
    ----------
    Keras 3, keras.ops.argpartition. NumPy, numpy.argpartition.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.argpartition([3, 1, 2], 1)
    Tensor([1, 2, 0], shape=(3,), dtype=int64)
    """
    return call(np.argpartition, x, as_integer("argpartition: kth", kth), axis)


def digitize(x: ArrayLike, bins: ArrayLike) -> Tensor:
    """Find the bins in which elements lie.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    bins : array-like, (n,)
        The edges, in ascending or descending order. Bin i holds `bins[i - 1] <= x < bins[i]` for ascending ones, and
        `bins[i] <= x < bins[i - 1]` for descending ones.

    Returns
    -------
    Tensor
        Of the shape of `x`, int64: 0 before the first edge, n behind the last.

    Raises
    ------
    ShapeError
        When the edges are not a vector.
    ArgumentError
        When they neither ascend nor descend.

    References
    ----------
    Keras 3, keras.ops.digitize. NumPy, numpy.digitize.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.digitize([0.5, 1.5], [0.0, 1.0])
    Tensor([1, 2], shape=(2,), dtype=int64)
    """
    x, edges = as_tensors("digitize", (x, bins))
    if edges.ndim != 1:
        raise ShapeError(f"digitize: bins must be a vector, got shape {edges.shape}")
    before, behind = edges.numpy()[:-1], edges.numpy()[1:]
    if not (np.all(before <= behind) or np.all(before >= behind)):
        raise ArgumentError("digitize: bins must be in ascending or descending order")
    return call(np.digitize, x, edges)


def searchsorted(sorted_sequence: ArrayLike, values: ArrayLike, side: Side = "left") -> Tensor:
    """Find the positions at which values can be inserted in a sorted array so that it stays sorted.

    Parameters
    ----------
    sorted_sequence : array-like, (n,)
        In ascending order, which is not checked.
    values : array-like
        Any shape. Dtypes promote.
    side : {"left", "right"}
        Whether to return the first or the last such position.

    Returns
    -------
    Tensor
        From 0 to n, of the shape of `values`, int64.

    Raises
    ------
    ShapeError
        When `sorted_sequence` is not a vector.
    ArgumentError
        When there is no such side.

    References
    ----------
    Keras 3, keras.ops.searchsorted. Python array API standard 2024.12, searchsorted.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.searchsorted([1, 3, 5], [2])
    Tensor([1], shape=(1,), dtype=int64)
    """
    return sets.searchsorted(sorted_sequence, values, side=side)


def top_k(x: ArrayLike, k: Integer, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Find the `k` largest elements along the last dimension, and their positions.

    Parameters
    ----------
    x : array-like, (..., n)
        Any dtype. NaN counts as the largest.
    k : int
        From 1 to n.
    sorted : bool
        Whether they must be in order. They are in any case here, the largest first.

    Returns
    -------
    tuple of two Tensors
        The elements, of the dtype of `x`, and their positions, int64, both of shape (..., k). Gradients flow through
        the elements.

    Raises
    ------
    ArgumentError
        When `k` is not an integer from 1 to n.

    References
    ----------
    Keras 3, keras.ops.top_k.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.top_k([1, 3, 2], 2)
    (Tensor([3, 2], shape=(2,), dtype=int64), Tensor([1, 2], shape=(2,), dtype=int64))
    """
    as_flag("top_k: sorted", sorted)  # they always are
    return topk(x, k)


def in_top_k(targets: ArrayLike, predictions: ArrayLike, k: Integer) -> Tensor:
    """Return whether the prediction for each target is among the `k` largest of its row.

    Parameters
    ----------
    targets : integer array-like, (n,)
        Classes, from 0; negative ones count from the end.
    predictions : array-like, (n, classes)
        Scores or probabilities; integer or floating.
    k : int
        At least 1.

    Returns
    -------
    Tensor
        Of shape (n,), bool. Classes that are equal to the k-th largest count; predictions that are not finite do not.

    Raises
    ------
    ShapeError
        When the shapes do not fit.
    DTypeError
        When the targets are not integers.
    ArgumentError
        When `k` is not an integer, or is below 1, or a target is not one of the classes.

    References
    ----------
    Keras 3, keras.ops.in_top_k.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.in_top_k([1], [[0.3, 0.5, 0.2]], 2)
    Tensor([ True], shape=(1,), dtype=bool)
    """
    t, p, most = asarray(targets), asarray(predictions), as_integer("in_top_k: k", k, low=1)
    if p.ndim != 2 or t.shape != p.shape[:1]:
        raise ShapeError(f"in_top_k: needs predictions (rows, classes) and targets (rows,), got {p.shape}, {t.shape}")
    if t.dtype.kind in "iu":  # what is left is refused where it is an index
        check_values(t, partial(classes_of, "in_top_k", p.shape[1]))
    of_target = take_along_axis(p, expand_dims(t, -1), axis=-1)
    return (sum(p > of_target, axis=-1) < most) & isfinite(of_target[:, 0])
