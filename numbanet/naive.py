"""The textbook's functions by their textbook names: loops over NumPy arrays, compiled.

Each is a thin wrapper of the range bodies in `numbanet.loops`, which also train networks, and each has `py_func`,
the same function run by the interpreter, for reading and stepping through.

The functions are those of Chollet: Deep Learning with Python, sections 2.3.1 to 2.3.3.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from numbanet.backends.python.backend import PythonBackend
from numbanet.core.dtypes import check_supported
from numbanet.core.missing import only
from numbanet.errors import ShapeError
from numbanet.launching.launch import Kernel
from numbanet.loops import arithmetic, dot, functions, recurrent, softmax
from numbanet.tensor.foreign import plain_array
from numbanet.typing import Array, Naive

_relu, _add, _maximum = Kernel(functions.relu), Kernel(arithmetic.add), Kernel(arithmetic.maximum)
_vector_dot, _matrix_vector_dot = Kernel(dot.vector_dot), Kernel(dot.matrix_vector_dot)
_matrix_dot, _softmax = Kernel(dot.matrix_dot, strided=True), Kernel(softmax.softmax)
_lstm_step = Kernel(recurrent.lstm_step)

__all__ = [
    "naive_add", "naive_add_matrix_and_vector", "naive_lstm_step", "naive_matrix_dot", "naive_matrix_vector_dot",
    "naive_maximum", "naive_relu", "naive_softmax", "naive_vector_dot",
]  # fmt: skip
_interpreter = PythonBackend()

P = ParamSpec("P")
R = TypeVar("R")


def _compiled(kernel, n, *operands):
    kernel(n, *operands)


def _interpreted(kernel, n, *operands):
    _interpreter.run(kernel, n, operands, 1.0)


def _naive(function: Callable[Concatenate[Any, P], R]) -> Naive[P, R]:
    """The compiled function, with the interpreted one as its `py_func`."""
    compiled: Any = _running(function, _compiled)
    compiled.py_func = _running(function, _interpreted)
    return compiled


def _running(function, run):
    """`function` of arrays of one supported dtype, with `run` as its first argument."""

    @functools.wraps(function)
    def call(*operands):
        arrays = [
            np.ascontiguousarray(check_supported(plain_array(x, function.__name__), function.__name__))
            for x in operands
        ]
        common = np.result_type(*arrays)
        return function(run, *[x.astype(common, copy=False) for x in arrays])

    _, *parameters = inspect.signature(function).parameters.values()
    vars(call).update(__signature__=inspect.Signature(parameters))
    del call.__wrapped__
    return call


def _need(function, fits, *arrays):
    if not fits:
        raise ShapeError(f"{function}: shapes {' and '.join(str(x.shape) for x in arrays)} do not fit")


@_naive
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
    out = np.empty_like(x)
    run(_relu, x.size, x.reshape(-1), out.reshape(-1))
    return out


@_naive
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
    _need("naive_add", x.shape == y.shape, x, y)
    out = np.empty_like(x)
    run(_add, x.size, x.reshape(-1), y.reshape(-1), out.reshape(-1))
    return out


@_naive
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
    _need("naive_maximum", x.shape == y.shape, x, y)
    out = np.empty_like(x)
    run(_maximum, x.size, x.reshape(-1), y.reshape(-1), out.reshape(-1))
    return out


@_naive
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
    _need("naive_add_matrix_and_vector", x.ndim == 2 and y.shape == x.shape[1:], x, y)
    out = np.empty_like(x)
    for row, out_row in zip(x, out, strict=True):
        run(_add, y.size, row, y, out_row)
    return out


@_naive
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
    _need("naive_vector_dot", x.ndim == 1 and x.shape == y.shape, x, y)
    out = np.zeros(1, x.dtype)
    run(_vector_dot, 1 if x.size else 0, x, y, out)
    return out[0]


@_naive
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
    _need("naive_matrix_vector_dot", x.ndim == 2 and y.shape == x.shape[1:], x, y)
    out = np.zeros(len(x), x.dtype)
    run(_matrix_vector_dot, len(x) if x.size else 0, x, y, out)
    return out


@_naive
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
    _need("naive_matrix_dot", x.ndim == 2 and y.ndim == 2 and x.shape[1] == y.shape[0], x, y)
    out = np.zeros((x.shape[0], y.shape[1]), x.dtype)
    run(_matrix_dot, len(x) if x.size and y.size else 0, x, y, out)
    return out


@_naive
def naive_softmax(run: Any, x: Array) -> Array:
    """Return exp(x) divided by its sum, row by row.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns) or (columns,)
        Integers become float64.

    Returns
    -------
    numpy.ndarray
        Of the shape of `x`; rows sum to 1.

    Raises
    ------
    ShapeError
        When `x` has no dimension or more than two.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_softmax(np.array([1.0, 1.0]))
    array([0.5, 0.5])
    """
    _need("naive_softmax", x.ndim in (1, 2), x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    rows = x.reshape(-1, x.shape[-1]) if x.size else x.reshape(0, 1)
    out = np.empty_like(rows)
    run(_softmax, len(rows), rows, out)
    return out.reshape(x.shape)


@_naive
def naive_lstm_step(run: Any, scores: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """Return output and memory, (samples, units), after a step of long short-term memory.

    Parameters
    ----------
    scores : numpy.ndarray, (samples, 4 * units)
        `x @ kernel + h @ recurrent_kernel + bias`: of the input, forget, candidate and output gates.
    h, c : numpy.ndarray, (samples, units)

    Returns
    -------
    tuple of numpy.ndarray

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Hochreiter and Schmidhuber: Long Short-Term Memory, 1997.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_lstm_step(np.zeros((1, 4)), np.zeros((1, 1)), np.ones((1, 1)))[1]
    array([[0.5]])
    """
    _need("naive_lstm_step", h.ndim == 2 and c.shape == h.shape and scores.shape == (len(h), 4 * h.shape[1]), scores, h)
    scores, h, c = (x if x.dtype.kind == "f" else x.astype(np.float64) for x in (scores, h, c))
    after, memory, gates = np.empty_like(h), np.empty_like(c), np.zeros_like(scores)
    run(_lstm_step, len(h) if h.size else 0, scores, np.ones(len(h), bool), c, h, gates, memory, after)
    return after, memory


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.naive", __all__, {})
