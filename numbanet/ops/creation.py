"""Making tensors from nothing but a shape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from numbanet.core.checks import as_flag, as_float, as_integer
from numbanet.core.dtypes import (
    DEFAULT_FLOAT,
    INT64,
    as_dtype,
    as_number_of,
    check_fits,
    from_objects,
    is_float,
    promote_to_float,
)
from numbanet.core.shapes import MOST_ELEMENTS, as_shape, as_size
from numbanet.errors import ArgumentError
from numbanet.kernels.memory import placed
from numbanet.launching.copies import full as full_array
from numbanet.ops.declare import composed
from numbanet.ops.documentation import document
from numbanet.ops.shaping import broadcast_to
from numbanet.tensor.lists import Contents, is_list
from numbanet.tensor.operators import Operators, values_of
from numbanet.tensor.tensor import Tensor, asarray, device_named, put, single
from numbanet.typing import ArrayLike, Device, Integer, Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

_DTYPE = "dtype, optional\n    float32 if not given."
_SHAPE = ("shape", "int or tuple of int\n    The sizes of the result, not negative.")


def _given(value, otherwise):
    return otherwise if value is None else value


def _filled(name, shape, value, dtype, device):
    shape, dtype = as_shape(shape, name), as_dtype(dtype, name)
    with placed(device_named(device)):
        return Tensor(full_array(shape, value, dtype))


def zeros(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    return _filled("zeros", shape, 0, _given(dtype, DEFAULT_FLOAT), device)


def ones(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    return _filled("ones", shape, 1, _given(dtype, DEFAULT_FLOAT), device)


def full(shape: Shape, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    if isinstance(fill_value, Operators):  # which may have a gradient
        return broadcast_to(asarray(fill_value, dtype, device), as_shape(shape, "full"))
    value = single("full", fill_value, dtype)
    return _filled("full", shape, value.item(), value.dtype, device)


def empty(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    return zeros(
        shape, dtype, device
    )  # a tensor cannot be written to, so there is nothing that uninitialised memory is for


def _dtype_of(name, numbers):
    """The dtype of what is made from numbers: NumPy's keep theirs, Python's are float32 or int64 by themselves."""
    if any(is_list(number) or getattr(number, "shape", ()) for number in numbers):
        raise ArgumentError(f"{name}: needs single numbers, got {', '.join(map(repr, numbers))}")
    return Contents(numbers).dtype(name) or INT64


def arange(
    start: ArrayLike,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    numbers = (0, start, step) if stop is None else (start, stop, step)
    kind = _dtype_of("arange", numbers)
    first, last, by = [values_of(number).item() for number in numbers]
    if by == 0:
        raise ArgumentError("arange: step cannot be 0")
    if not all(map(math.isfinite, (first, last, by))) or abs((last - first) / by) > MOST_ELEMENTS:
        raise ArgumentError(f"arange: no array has the numbers from {first} to {last} at steps of {by}")
    return put(_spaced("arange", np.arange(first, last, by), _given(dtype, kind)), device)


def _spaced(name, numbers, dtype):
    """Numbers at equal steps in the dtype asked for; OutOfRangeError when they do not fit."""
    dtype = as_dtype(dtype, name)
    if numbers.dtype == object:
        numbers = from_objects(name, numbers, narrow=False)
    check_fits(name, dtype, numbers)
    if dtype.kind in "iu" and numbers.dtype.kind in "iu":
        for end in numbers[:1].tolist() + numbers[-1:].tolist():
            as_number_of(name, end, dtype)
    return numbers.astype(dtype)


def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: Integer,
    dtype: DTypeLike | None = None,
    device: Device = None,
    endpoint: bool = True,
) -> Tensor:
    first, last = as_float("linspace: start", start), as_float("linspace: stop", stop)
    kind = promote_to_float("linspace", _dtype_of("linspace", (start, stop)))
    count, dtype = as_size("linspace: num", num), as_dtype(_given(dtype, kind), "linspace")
    numbers = np.linspace(first, last, count, endpoint=as_flag("linspace: endpoint", endpoint))
    return put(_spaced("linspace", numbers if is_float(dtype) else np.floor(numbers), dtype), device)


def eye(
    n_rows: Integer,
    n_cols: Integer | None = None,
    k: Integer = 0,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    rows, columns = as_shape((n_rows, n_rows if n_cols is None else n_cols), "eye")
    return put(np.eye(rows, columns, as_integer("eye: k", k), as_dtype(_given(dtype, DEFAULT_FLOAT), "eye")), device)


def zeros_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    x = asarray(x)
    return zeros(x.shape, _given(dtype, x.dtype), _given(device, x.device))


def ones_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    x = asarray(x)
    return ones(x.shape, _given(dtype, x.dtype), _given(device, x.device))


def full_like(x: ArrayLike, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    x = asarray(x)
    return full(x.shape, fill_value, _given(dtype, x.dtype), _given(device, x.device))


def empty_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    return zeros_like(x, dtype, device)


_LIKE = ("x", "array-like\n    Whose shape and dtype are taken.")
_DEVICE = {"device": '{None, "cpu", "cuda"}\n    None: that of the `nn.device` block around.'}
_OTHER = {"dtype": "dtype, optional\n    Another one.", **_DEVICE}
_TEXTS = (
    (zeros, "Return a tensor of zeros.", _SHAPE, {"dtype": _DTYPE, **_DEVICE}, "2",
        "Tensor([0., 0.], shape=(2,), dtype=float32)"),
    (ones, "Return a tensor of ones.", _SHAPE, {"dtype": _DTYPE, **_DEVICE}, "2",
        "Tensor([1., 1.], shape=(2,), dtype=float32)"),
    (
        full, "Return a tensor that is filled with one value.", _SHAPE,
        {"fill_value": "number\n    The value of every element.",
        "dtype": "dtype, optional\n    That of the value if not given.", **_DEVICE},
        "2, 7.0", "Tensor([7., 7.], shape=(2,), dtype=float32)",
    ),
    (empty, "Return a tensor of zeros: a tensor cannot be written to, so nothing would fill it.", _SHAPE,
        {"dtype": _DTYPE, **_DEVICE}, "0",
     "Tensor([], shape=(0,), dtype=float32)"),
    (
        arange, "Return numbers at equal steps, without the end.",
        ("start", "number\n    The end, if it is the only one."),
        {"stop": "number, optional\n    The end.", "step": "number\n    The distance, not 0.",
        "dtype": "dtype, optional\n    int64 or float32.", **_DEVICE},
        "3", "Tensor([0, 1, 2], shape=(3,), dtype=int64)",
    ),
    (
        linspace, "Return equally spaced numbers over an interval.", ("start", "number\n    The first number."),
        {"stop": "number\n    The end.", "num": "int\n    How many, at least 0.", "dtype": _DTYPE, **_DEVICE,
        "endpoint": "bool\n    Whether stop belongs to them."},
        "0, 1, 3", "Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)",
    ),
    (
        eye, "Return a matrix with ones on a diagonal and zeros elsewhere.", ("n_rows", "int\n    The number of rows."),
        {"n_cols": "int, optional\n    n_rows if not given.", "k": "int\n    Which diagonal.", "dtype": _DTYPE,
        **_DEVICE},
        "2", "Tensor([[1., 0.],\n        [0., 1.]], shape=(2, 2), dtype=float32)",
    ),
    (zeros_like, "Return zeros of the shape and dtype of another array.", _LIKE, _OTHER, "[1.0]",
    "Tensor([0.], shape=(1,), dtype=float32)"),
    (ones_like, "Return ones of the shape and dtype of another array.", _LIKE, _OTHER, "[5.0]",
    "Tensor([1.], shape=(1,), dtype=float32)"),
    (
        full_like, "Return one value in the shape and dtype of another array.", _LIKE,
        {"fill_value": "number\n    The value of every element.", **_OTHER},
        "[5.0], 2", "Tensor([2.], shape=(1,), dtype=float32)",
    ),
    (empty_like, "Return zeros of the shape and dtype of another array.", _LIKE, _OTHER, "[1.0]",
    "Tensor([0.], shape=(1,), dtype=float32)"),
)  # fmt: skip
_NUMPY = {"zeros_like": np.zeros_like, "ones_like": np.ones_like, "full_like": np.full_like}
_SIZES = {"ArgumentError": "When a size is not an integer, or is negative."}
_RAISES = {
    "arange": {"ArgumentError": "When an end or the step is not a finite number, or the step is 0."},
    "linspace": {"ArgumentError": "When an end is not a number, or `num` is not an integer of at least 0."},
    "full": {**_SIZES, "ShapeError": "When `fill_value` is not a single number."},
    "full_like": {"ShapeError": "When `fill_value` is not a single number."},
    **{name: {} for name in ("zeros_like", "ones_like", "empty_like")},
}
for _function, _summary, _first, _parameters, _call, _result in _TEXTS:
    _name = _function.__name__
    document(
        _function, _summary, _parameters, "Of the shape asked for.", _call, _result, first=_first,
        raises=_RAISES.get(_name, _SIZES),
    )  # fmt: skip
    composed(
        _name, _function, family="creation", differentiable=False, numpy=(_NUMPY[_name],) if _name in _NUMPY else ()
    )
