"""Rows of a table: taken by an embedding, and put back by its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.shapes import as_shape, as_size
from numbanet.launching.launch import Kernel
from numbanet.loops import move
from numbanet.naive.calls import array_of, floats, naive, need, positions
from numbanet.typing import Array

_take, _take_back = Kernel(move.take), Kernel(move.take_back)


@naive
def naive_take(run: Any, x: Array, index: Array) -> Array:
    """Return x[index[i]] for every i: the rows that an embedding looks up.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns)
    index : numpy.ndarray of int
        Any shape. Negative ones count from the back.

    Returns
    -------
    numpy.ndarray
        Of the shape of `index`, and (columns,) behind it.

    Raises
    ------
    ShapeError
        When `x` is not a matrix; when there is no such row, one that is an IndexError as well.
    DTypeError
        When indices are not integers.

    References
    ----------
    Chollet: Deep Learning with Python, section 11.3.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_take(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 1, 0]))
    array([[3., 4.],
           [3., 4.],
           [1., 2.]])
    """
    x = array_of("naive_take", x)
    need("naive_take", x.ndim == 2, x)
    index = positions("naive_take", index, len(x))
    out = np.empty((*index.shape, x.shape[1]), x.dtype)
    rows = index.size if out.size else 0
    run(_take, rows, x[np.newaxis], index.reshape(-1), out.reshape(1, index.size, x.shape[1]))
    return out


@naive
def naive_take_back(run: Any, g: Array, index: Array, rows: int) -> Array:
    """Return the sum over i with index[i] = r of g[i], for every row r: the gradient of an embedding's table.

    Parameters
    ----------
    g : numpy.ndarray, (..., columns)
        The gradient by the rows that were taken, one for each of `index`. Integers become float64.
    index : numpy.ndarray of int
        Which rows these were. Negative ones count from the back.
    rows : int
        How many the table has.

    Returns
    -------
    numpy.ndarray
        (rows, columns).

    Raises
    ------
    ShapeError
        When the shapes do not fit; when there is no such row, one that is an IndexError as well.
    DTypeError
        When indices are not integers.
    ArgumentError
        When `rows` is not an integer of at least 0.

    References
    ----------
    NumPy, `numpy.add.at`.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_take_back(np.array([[1.0], [2.0], [4.0]]), np.array([1, 1, 0]), 3)
    array([[4.],
           [3.],
           [0.]])
    """
    (g,) = floats("naive_take_back", g)
    index = positions("naive_take_back", index, as_size("naive_take_back: rows", rows))
    need("naive_take_back", g.shape[:-1] == index.shape and g.ndim > 0, g, index)
    columns = g.shape[-1]
    out = np.zeros(as_shape((rows, columns), "naive_take_back: the result"), g.dtype)
    run(_take_back, columns if g.size else 0, g.reshape(1, index.size, columns), index.reshape(-1), out[np.newaxis])
    return out
