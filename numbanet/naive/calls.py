"""How functions of `nn.naive` are called: compiled or by the interpreter, with NumPy arrays of one dtype."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from numbanet.backends.python.backend import PythonBackend
from numbanet.core.dtypes import FLOAT64, INT64, check_supported
from numbanet.errors import DTypeError, ShapeError
from numbanet.ops.positions import check_range
from numbanet.tensor.foreign import plain_array
from numbanet.typing import Array, Naive

_interpreter = PythonBackend()

P = ParamSpec("P")
R = TypeVar("R")


def _compiled(kernel, n, *operands):
    kernel(n, *operands)


def _interpreted(kernel, n, *operands):
    _interpreter.run(kernel, n, operands, 1.0)


def naive(function: Callable[Concatenate[Any, P], R]) -> Naive[P, R]:
    """The compiled function, with the interpreted one as its `py_func`."""
    compiled: Any = _running(function, _compiled)
    compiled.py_func = _running(function, _interpreted)
    return compiled


def _running(function, run):
    """`function` with `run` as its first argument, which the signature does not show."""

    _, *parameters = inspect.signature(function).parameters.values()

    @functools.wraps(function)
    def call(*args, **kwargs):
        if len(args) > len(parameters):  # Python's own error would count `run` as well
            raise TypeError(f"{function.__name__}() takes {len(parameters)} arguments but {len(args)} were given")
        return function(run, *args, **kwargs)

    vars(call).update(__signature__=inspect.Signature(parameters))
    return call


def array_of(what: str, x: Any) -> Array:
    """Return a contiguous array of a supported dtype, and of the dimensions of `x`, be it none."""
    return np.asarray(check_supported(plain_array(x, what), what), order="C")


def alike(what: str, *given: Any) -> list[Array]:
    """Return arrays of the dtype to which all promote, as in NumPy."""
    arrays = [array_of(what, x) for x in given]
    common = np.result_type(*arrays)
    return [x.astype(common, copy=False) for x in arrays]


def floats(what: str, *given: Any) -> list[Array]:
    """Return arrays of one floating dtype; where all are of integers, float64."""
    return [x if x.dtype.kind == "f" else x.astype(FLOAT64) for x in alike(what, *given)]


def positions(what: str, given: Any, size: int) -> Array:
    """Return indices into a dimension as int64, counted from the front."""
    index = array_of(what, given)
    if index.dtype.kind not in "iu":
        raise DTypeError(f"{what}: indices must be integers, got {index.dtype}")
    check_range(size, f"{what}: index {{}} is out of range for size {size}", index)
    index = index.astype(INT64)
    index[index < 0] += size
    return index


def need(function: str, fits: bool, *arrays: Array) -> None:
    """Raise ShapeError unless shapes fit."""
    if not fits:
        raise ShapeError(f"{function}: shapes {' and '.join(str(x.shape) for x in arrays)} do not fit")
