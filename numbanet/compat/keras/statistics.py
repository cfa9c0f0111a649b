"""The reductions of `keras.ops` for statistics: weighted means, correlations, histograms, quantiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numbanet.compat.keras.calls import call, call_several
from numbanet.errors import ArgumentError
from numbanet.tensor.tensor import Tensor, as_tensors, asarray, to_numpy
from numbanet.typing import ArrayLike, Axis


def average(x: ArrayLike, axis: Axis = None, weights: ArrayLike | None = None) -> Tensor:
    """Compute the mean, weighted if there are weights.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    weights : array-like, optional
        Of the shape of `x`, or a vector along one axis; None weighs all elements alike.

    Returns
    -------
    Tensor
        `sum(weights * x) / sum(weights)`, NaN where the weights add up to 0. Gradients flow to both.

    Raises
    ------
    ShapeError
        When the weights do not fit, there is nothing to reduce, or an axis is out of range.

    References
    ----------
    Keras 3, keras.ops.average. NumPy, numpy.average.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.average([1.0, 3.0], weights=[3.0, 1.0])
    Tensor(1.5, shape=(), dtype=float32)
    """
    x, w = (asarray(x), None) if weights is None else as_tensors("average", (x, weights))
    return call(np.average, x, axis, w)


def corrcoef(x: ArrayLike) -> Tensor:
    """Compute Pearson's correlation coefficients of variables.

    Parameters
    ----------
    x : array-like, (variables, observations) or (observations,)
        Each row is a variable. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of shape (variables, variables) and the floating dtype; a single number for one variable. NaN for a variable
        that does not vary. Gradients flow through it.

    Raises
    ------
    ShapeError
        When `x` has more than two dimensions.

    References
    ----------
    Pearson: Notes on regression and inheritance in the case of two parents, Proceedings of the Royal Society of London
    58, 1895. Keras 3, keras.ops.corrcoef.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.corrcoef([[1.0, 2.0], [2.0, 1.0]])
    Tensor([[ 1., -1.],
            [-1.,  1.]], shape=(2, 2), dtype=float32)
    """
    return call(np.corrcoef, x)


def histogram(
    x: ArrayLike, bins: int | str | ArrayLike = 10, range: Sequence[float] | None = None
) -> tuple[Tensor, ...]:
    """Count the elements in bins.

    Parameters
    ----------
    x : array-like
        Any shape; it is flattened. Integer or floating; booleans count as 0 and 1.
    bins : int, array-like or str
        The number of bins of equal width; their edges in ascending order; or one of NumPy's rules, "auto" for example.
    range : (float, float), optional
        The first and the last edge; None means the smallest and the largest element. Elements outside are not counted.

    Returns
    -------
    tuple of two Tensors
        The counts, (n,), int64, and the edges, (n + 1,), floating. The last bin includes its upper edge.

    Raises
    ------
    ArgumentError
        When `bins` is not positive, in no order or an unknown rule, `range` is not two ascending numbers, or elements
        are not finite and there is no range.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.histogram. NumPy, numpy.histogram.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.histogram([1.0, 2.0, 2.0], 2)
    (Tensor([1, 2], shape=(2,), dtype=int64), Tensor([1. , 1.5, 2. ], shape=(3,), dtype=float32))
    """
    if range is not None and to_numpy(range, "histogram: range").shape != (2,):
        raise ArgumentError(f"histogram: range must be (first, last), got {range!r}")
    values = asarray(x)
    values = values.astype(np.uint8) if values.dtype.kind == "b" else values
    try:
        return call_several(np.histogram, values, bins, range)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"histogram: {error}") from None


def ptp(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Compute the range of elements, the largest minus the smallest.

    Parameters
    ----------
    x : array-like
        Any shape; integer or floating.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of the dtype of `x`; NaN where there is one. Gradients flow through it.

    Raises
    ------
    ShapeError
        When there is nothing to reduce, or an axis is out of range.
    DTypeError
        For booleans.

    References
    ----------
    Keras 3, keras.ops.ptp. NumPy, numpy.ptp.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.ptp([1, 5, 3])
    Tensor(4, shape=(), dtype=int64)
    """
    return call(np.ptp, x, axis=axis, keepdims=keepdims)


def quantile(x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Compute quantiles: the elements, or numbers between two of them, below which given shares lie.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    q : array-like
        Which quantiles, from 0 to 1, in any shape: 0.5 is the median. No gradient flows to them.
    axis : int, tuple of int, or None
        What to reduce; None for everything.
    method : {"linear", "lower", "higher", "nearest", "midpoint"}
        What stands for a quantile between two elements: a number between them, one of them, or their mean.
    keepdims : bool
        Keep reduced dimensions with size 1.

    Returns
    -------
    Tensor
        Of shape `q.shape` followed by what is left of that of `x`, and the floating dtype; NaN where there is one.
        Gradients flow to `x`.

    Raises
    ------
    ArgumentError
        When a quantile does not lie from 0 to 1, or there is no such method.
    ShapeError
        When there is nothing to reduce, or an axis is out of range.

    References
    ----------
    Hyndman and Fan: Sample quantiles in statistical packages, The American Statistician 50, 1996, definition 7.
    Keras 3, keras.ops.quantile.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.quantile([1.0, 2.0, 3.0], 0.5)
    Tensor(2., shape=(), dtype=float32)
    """
    return call(np.quantile, x, asarray(q, np.float64), axis, method=method, keepdims=keepdims)
