"""Normalization: of the columns of a batch, over all its rows, and of rows, each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.dtypes import FLOAT64
from numbanet.launching.launch import Kernel
from numbanet.loops import normalization
from numbanet.naive.calls import array_of, floats, naive, need
from numbanet.typing import Array

_column_moments, _column_scales = Kernel(normalization.column_moments), Kernel(normalization.column_scales)
_column_normalization = Kernel(normalization.column_normalization)
_row_moments, _row_normalization = Kernel(normalization.row_moments), Kernel(normalization.row_normalization)


def _checked(what, x, gamma, beta, epsilon):
    x, gamma, beta = floats(what, x, gamma, beta)
    need(what, x.ndim == 2 and gamma.shape == beta.shape == x.shape[1:] and x.size > 0, x, gamma, beta)
    return x, gamma, beta, as_number(f"{what}: epsilon", epsilon, 0.0)


@naive
def naive_batch_normalization(run: Any, x: Array, gamma: Array, beta: Array, epsilon: float = 0.001) -> Array:
    """Return (x - mean) / sqrt(variance + epsilon) * gamma + beta, with the mean and the variance of each column.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns)
        A batch. Integers become float64.
    gamma, beta : numpy.ndarray, (columns,)
    epsilon : float

    Returns
    -------
    numpy.ndarray
        (rows, columns).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or there is no element.
    ArgumentError
        When `epsilon` is not a finite number of at least 0.

    References
    ----------
    Ioffe and Szegedy: Batch normalization, 2015, arXiv:1502.03167, algorithm 1.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_batch_normalization(np.array([[1.0], [3.0]]), np.array([2.0]), np.array([5.0]), epsilon=0.0)
    array([[3.],
           [7.]])
    """
    x, gamma, beta, epsilon = _checked("naive_batch_normalization", x, gamma, beta, epsilon)
    columns = x.shape[1]
    moments, scales, out = np.empty((2, columns), x.dtype), np.empty(columns, x.dtype), np.empty_like(x)
    run(_column_moments, columns, x, np.empty((2, columns), FLOAT64), moments)
    run(_column_scales, columns, gamma, moments, epsilon, scales)
    run(_column_normalization, len(x), x, moments, scales, beta, out)
    return out


@naive
def naive_layer_normalization(run: Any, x: Array, gamma: Array, beta: Array, epsilon: float = 0.001) -> Array:
    """Return (x - mean) / sqrt(variance + epsilon) * gamma + beta, with the mean and the variance of each row.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns)
        Integers become float64.
    gamma, beta : numpy.ndarray, (columns,)
    epsilon : float

    Returns
    -------
    numpy.ndarray
        (rows, columns).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or there is no element.
    ArgumentError
        When `epsilon` is not a finite number of at least 0.

    References
    ----------
    Ba, Kiros and Hinton: Layer normalization, 2016, arXiv:1607.06450, section 3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_layer_normalization(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2), epsilon=0.0)
    array([[-1.,  1.]])
    """
    return _rows(run, 1, *_checked("naive_layer_normalization", x, gamma, beta, epsilon))


def _rows(run, centred, x, gamma, beta, epsilon):
    """Normalize rows, from which the mean is taken away where `centred` is not 0."""
    moments, out = np.empty((len(x), 2), x.dtype), np.empty_like(x)
    run(_row_moments, len(x), x, centred, epsilon, moments)
    run(_row_normalization, len(x), x, moments, gamma, beta, out)
    return out


@naive
def naive_rms_normalization(run: Any, x: Array, gamma: Array, epsilon: float = 0.001) -> Array:
    """Return x / sqrt(mean of squares + epsilon) * gamma, with the mean of each row.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns)
        Integers become float64.
    gamma : numpy.ndarray, (columns,)
    epsilon : float

    Returns
    -------
    numpy.ndarray
        (rows, columns).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or there is no element.
    ArgumentError
        When `epsilon` is not a finite number of at least 0.

    References
    ----------
    Zhang and Sennrich: Root mean square layer normalization, 2019, arXiv:1910.07467, section 3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_rms_normalization(np.array([[1.0, 7.0]]), np.array([5.0, 10.0]), epsilon=0.0)
    array([[ 1., 14.]])
    """
    gamma = array_of("naive_rms_normalization", gamma)
    beta = np.zeros(gamma.shape, bool)
    return _rows(run, 0, *_checked("naive_rms_normalization", x, gamma, beta, epsilon))
