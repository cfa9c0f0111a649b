"""The functions of `keras.ops` that turn labels into zeros and ones."""

from __future__ import annotations

import numpy as np

from numbanet.core.shapes import normalize_axis
from numbanet.errors import ShapeError
from numbanet.ops.arranging import moveaxis
from numbanet.ops.indexing import one_hot as rows_of
from numbanet.ops.reduce import max
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, DType, Integer


def one_hot(x: ArrayLike, num_classes: Integer, axis: Integer = -1, dtype: DType = None) -> Tensor:
    """Turn labels into zeros with a one at the label, along a new dimension.

    Parameters
    ----------
    x : integer array-like
        Labels, from 0, in any shape. Others give zeros alone.
    num_classes : int
        The size of the new dimension, at least 1.
    axis : int
        Where the result has that dimension; the last by default.
    dtype : dtype, optional
        Of the result; None means float32.

    Returns
    -------
    Tensor
        With one dimension more than `x`.

    Raises
    ------
    DTypeError
        When the labels are not integers, or the dtype is not supported.
    ShapeError
        When the axis is out of range.
    ArgumentError
        When `num_classes` is not an integer, or is below 1.

    References
    ----------
    Keras 3, keras.ops.one_hot.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.one_hot([1, 0], 2)
    Tensor([[0., 1.],
            [1., 0.]], shape=(2, 2), dtype=float32)
    """
    found = rows_of(x, num_classes, np.float32 if dtype is None else dtype)
    return moveaxis(found, -1, normalize_axis("one_hot", axis, found.ndim))


def multi_hot(inputs: ArrayLike, num_classes: Integer, axis: Integer = -1, dtype: DType = None) -> Tensor:
    """Turn sets of labels into zeros with a one at each label of the set.

    Parameters
    ----------
    inputs : integer array-like, (..., labels)
        The last dimension holds the labels of a set, from 0. Others are left out.
    num_classes : int
        The number of classes, at least 1.
    axis : int
        Where the result has the dimension of the classes; the last by default.
    dtype : dtype, optional
        Of the result; None means float32.

    Returns
    -------
    Tensor
        With a dimension of size `num_classes` in place of that of the labels.

    Raises
    ------
    DTypeError
        When the labels are not integers, or the dtype is not supported.
    ShapeError
        When `inputs` has no dimension, or the axis is out of range.
    ArgumentError
        When `num_classes` is not an integer, or is below 1.

    References
    ----------
    Keras 3, keras.ops.multi_hot.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.multi_hot([0, 2], 3)
    Tensor([1., 0., 1.], shape=(3,), dtype=float32)
    """
    labels = asarray(inputs)
    if not labels.ndim:
        raise ShapeError("multi_hot: needs labels along a dimension, got shape ()")
    found = max(rows_of(labels, num_classes, np.float32 if dtype is None else dtype), axis=-2)
    return moveaxis(found, -1, normalize_axis("multi_hot", axis, found.ndim))
