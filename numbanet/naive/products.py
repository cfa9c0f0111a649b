"""Products: of two vectors, of a matrix and a vector, of two matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.launching.launch import Kernel
from numbanet.loops import dot
from numbanet.naive.calls import alike, naive, need
from numbanet.typing import Array

_vector_dot, _matrix_vector_dot = Kernel(dot.vector_dot), Kernel(dot.matrix_vector_dot)
_matrix_dot = Kernel(dot.matrix_dot, strided=True)


@naive
def naive_vector_dot(run: Any, x: Array, y: Array) -> Any:
    """Return the sum over i of x[i] * y[i].

    Parameters
    ----------
    x, y : numpy.ndarray, (n,)

    Returns
    -------
    numpy scalar

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.3.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> float(nn.naive.naive_vector_dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    x, y = alike("naive_vector_dot", x, y)
    need("naive_vector_dot", x.ndim == 1 and x.shape == y.shape, x, y)
    out = np.zeros(1, x.dtype)
    run(_vector_dot, 1 if x.size else 0, x, y, out)
    return out[0]


@naive
def naive_matrix_vector_dot(run: Any, x: Array, y: Array) -> Array:
    """Return the sum over j of x[i, j] * y[j], for every i.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns)
    y : numpy.ndarray, (columns,)

    Returns
    -------
    numpy.ndarray
        (rows,).

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.3.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_matrix_vector_dot(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]))
    array([11.])
    """
    x, y = alike("naive_matrix_vector_dot", x, y)
    need("naive_matrix_vector_dot", x.ndim == 2 and y.shape == x.shape[1:], x, y)
    out = np.zeros(len(x), x.dtype)
    run(_matrix_vector_dot, len(x) if x.size else 0, x, y, out)
    return out


@naive
def naive_matrix_dot(run: Any, x: Array, y: Array) -> Array:
    """Return the sum over k of x[i, k] * y[k, j], for every i and j.

    Parameters
    ----------
    x : numpy.ndarray, (rows, n)
    y : numpy.ndarray, (n, columns)

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
    Chollet: Deep Learning with Python, section 2.3.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_matrix_dot(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    x, y = alike("naive_matrix_dot", x, y)
    need("naive_matrix_dot", x.ndim == 2 and y.ndim == 2 and x.shape[1] == y.shape[0], x, y)
    out = np.zeros((x.shape[0], y.shape[1]), x.dtype)
    run(_matrix_dot, len(x) if x.size and y.size else 0, x, y, out)
    return out
