"""relu, addition and the larger of two, element by element; a vector added to every row; what dropout leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_count, as_number
from numbanet.errors import ArgumentError
from numbanet.launching.launch import Kernel
from numbanet.loops import arithmetic, dropout, functions
from numbanet.naive.calls import alike, floats, naive, need
from numbanet.tensor.listeners import SEED_PART
from numbanet.typing import Array

_relu, _add, _maximum = Kernel(functions.relu), Kernel(arithmetic.add), Kernel(arithmetic.maximum)
_dropout = Kernel(dropout.dropout)


@naive
def naive_relu(run: Any, x: Array) -> Array:
    """Return max(x, 0), element by element.

    Parameters
    ----------
    x : numpy.ndarray
        Any shape; floating or integer.

    Returns
    -------
    numpy.ndarray
        Of the shape and dtype of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.3.1.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    (x,) = alike("naive_relu", x)
    out = np.empty_like(x)
    run(_relu, x.size, x.reshape(-1), out.reshape(-1))
    return out


@naive
def naive_add(run: Any, x: Array, y: Array) -> Array:
    """Return x + y, element by element.

    Parameters
    ----------
    x, y : numpy.ndarray
        Of one shape.

    Returns
    -------
    numpy.ndarray
        Of the same shape.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.3.1.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_add(np.array([1.0]), np.array([2.0]))
    array([3.])
    """
    x, y = alike("naive_add", x, y)
    need("naive_add", x.shape == y.shape, x, y)
    out = np.empty_like(x)
    run(_add, x.size, x.reshape(-1), y.reshape(-1), out.reshape(-1))
    return out


@naive
def naive_maximum(run: Any, x: Array, y: Array) -> Array:
    """Return the larger of x and y, element by element.

    Parameters
    ----------
    x, y : numpy.ndarray
        Of one shape.

    Returns
    -------
    numpy.ndarray
        Of the same shape.

    Raises
    ------
    ShapeError
        When the shapes differ.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.3.1.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_maximum(np.array([1.0, 5.0]), np.array([2.0, 3.0]))
    array([2., 5.])
    """
    x, y = alike("naive_maximum", x, y)
    need("naive_maximum", x.shape == y.shape, x, y)
    out = np.empty_like(x)
    run(_maximum, x.size, x.reshape(-1), y.reshape(-1), out.reshape(-1))
    return out


@naive
def naive_add_matrix_and_vector(run: Any, x: Array, y: Array) -> Array:
    """Return x[i, j] + y[j]: the vector is broadcast to every row.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns)
    y : numpy.ndarray, (columns,)

    Returns
    -------
    numpy.ndarray
        (rows, columns).

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.3.2.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_add_matrix_and_vector(np.array([[1.0, 2.0]]), np.array([10.0, 20.0]))
    array([[11., 22.]])
    """
    x, y = alike("naive_add_matrix_and_vector", x, y)
    need("naive_add_matrix_and_vector", x.ndim == 2 and y.shape == x.shape[1:], x, y)
    out = np.empty_like(x)
    for row, out_row in zip(x, out, strict=True):
        run(_add, y.size, row, y, out_row)
    return out


@naive
def naive_dropout(run: Any, x: Array, rate: float, seed: int) -> Array:
    """Return x with some elements set to 0, and the others divided by 1 - rate.

    Parameters
    ----------
    x : numpy.ndarray
        Any shape. Integers become float64.
    rate : float
        The part that goes, from 0 up to but not including 1.
    seed : int
        From 0 up to but not including 2 ** 48; the same one drops the same positions.

    Returns
    -------
    numpy.ndarray
        Of the shape of `x`.

    Raises
    ------
    ArgumentError
        When the rate or the seed is out of its range.
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014. The random numbers are those of
    SplitMix64: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_dropout(np.ones(4), 0.5, 3)
    array([0., 2., 2., 0.])
    """
    (x,) = floats("naive_dropout", x)
    rate = as_number("naive_dropout: rate", rate, 0.0, below=1.0)
    high, low = divmod(as_count("naive_dropout: seed", seed), SEED_PART)
    if high >= SEED_PART:
        raise ArgumentError(f"naive_dropout: seed must be below 2 ** 48, got {seed}")
    out = np.empty_like(x)
    run(_dropout, x.size, x.reshape(-1), float(high), float(low), rate, out.reshape(-1))
    return out
