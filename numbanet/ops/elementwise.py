"""Arithmetic, rounding, comparison and logic, element by element."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from numbanet.core.checks import as_flag
from numbanet.core.dtypes import as_dtype, check_fits
from numbanet.core.table import TABLE, Case, Domain
from numbanet.errors import ArgumentError
from numbanet.kernels.arrays import to_host
from numbanet.launching.copies import converted
from numbanet.loops import arithmetic as loops
from numbanet.ops.declare import (
    ANY,
    ARITHMETIC,
    COMPARISON,
    FLOATING,
    LOGICAL,
    NUMBER,
    REAL,
    SELECTION,
    elementwise,
    primitive,
    publish,
)  # fmt: skip
from numbanet.tensor.listeners import check_values
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, apply, as_tensors, asarray
from numbanet.typing import ArrayLike, Device

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

POSITIVE = Domain(0.2, 5.0)
AWAY = Domain(0.3, 3.0)  # clear of zero
LOW, HIGH = Domain(-4.0, -0.2), Domain(0.2, 4.0)  # clear of each other
PAIR = (NUMBER, NUMBER)


def flat(g, *_):
    """The gradient of what is constant between its jumps: zero, also where an infinite gradient comes in."""
    return g.zeros_like()


add = elementwise(
    "add", loops.add, ARITHMETIC, "x + y", "Add x and y.",
    ("[1.0, 2.0], 1", "Tensor([2., 3.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g, lambda g, z, x, y: g),
    inputs=(ANY, ANY), numpy=(np.add,), reference=np.add, cost=0.2,
)  # fmt: skip
subtract = elementwise(
    "subtract", loops.subtract, ARITHMETIC, "x - y", "Subtract y from x.",
    ("[1.0, 2.0], 1", "Tensor([0., 1.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g, lambda g, z, x, y: -g),
    inputs=PAIR, numpy=(np.subtract,), reference=np.subtract, integers="not bool", cost=0.2,
)  # fmt: skip
multiply = elementwise(
    "multiply", loops.multiply, ARITHMETIC, "x * y", "Multiply x by y.",
    ("[1.0, 2.0], 3", "Tensor([3., 6.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g * y, lambda g, z, x, y: g * x),
    inputs=(ANY, ANY), numpy=(np.multiply,), reference=np.multiply, cost=0.2,
)  # fmt: skip
divide = elementwise(
    "divide", loops.divide, FLOATING, "x / y", "Divide x by y.",
    ("[1.0, 2.0], 4", "Tensor([0.25, 0.5 ], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g / y, lambda g, z, x, y: -g * z / y),
    inputs=PAIR, smooth=(REAL, AWAY), numpy=(np.divide,), reference=np.divide, cost=0.3,
)  # fmt: skip
floor_divide = elementwise(
    "floor_divide", loops.floor_divide, ARITHMETIC, "floor(x / y)", "Divide x by y and round down.",
    ("[-7, 7], 2", "Tensor([-4,  3], shape=(2,), dtype=int64)"),
    vjp=(flat, flat), inputs=PAIR, smooth=(Domain(0.2, 0.8), Domain(1.0, 2.0)), numpy=(np.floor_divide,),
    reference=np.floor_divide, integers="not bool",
)  # fmt: skip
remainder = elementwise(
    "remainder", loops.remainder, ARITHMETIC, "x - y * floor(x / y)",
    "Return the remainder of x / y, with the sign of y.",
    ("[-7, 7], 3", "Tensor([2, 1], shape=(2,), dtype=int64)"),
    vjp=(lambda g, z, x, y: g, lambda g, z, x, y: -g * floor_divide(x, y)),
    inputs=PAIR, smooth=(Domain(0.2, 0.8), Domain(1.0, 2.0)), numpy=(np.remainder,), reference=np.remainder,
    integers="not bool",
)  # fmt: skip


def _no_negative_powers(x, y):
    if y.dtype.kind == "i" and y.size and to_host(y).min() < 0:
        raise ArgumentError("pow: integers cannot be raised to negative powers; use a floating dtype")


def _power_by_base(g, z, x, y):
    nothing = logical_and(equal(y, 0), less(abs(x), float(np.finfo(z.dtype).tiny)))  # y is 0, and 1 / x infinite
    return g * y * pow(x, where(nothing, 1.0, y - 1.0))


def _power_by_exponent(g, z, x, y):
    return g * z * TABLE["log"].function(where(greater(x, 0), x, 1.0))  # 0 ** y is flat where y > 0


pow = elementwise(
    "pow", loops.pow, ARITHMETIC, "x ** y", "Raise x to the power y.",
    ("[1.0, 2.0], 3", "Tensor([1., 8.], shape=(2,), dtype=float32)"),
    vjp=(_power_by_base, _power_by_exponent), inputs=(Domain(0.1, 3.0), Domain(-3.0, 3.0)), numpy=(np.power,),
    reference=np.power, integers=_no_negative_powers, integer_body=loops.pow_integers, cost=5.0,
)  # fmt: skip


def _share_of_larger(x, y):
    return where(greater(x, y), 1.0, where(equal(x, y), 0.5, 0.0))  # a tie is split equally, as in JAX


maximum = elementwise(
    "maximum", loops.maximum, ARITHMETIC, "x if x > y else y", "Return the larger of x and y; NaN if either is NaN.",
    ("[1.0, 5.0], 3", "Tensor([3., 5.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g * _share_of_larger(x, y), lambda g, z, x, y: g * _share_of_larger(y, x)),
    inputs=(ANY, ANY), smooth=(LOW, HIGH), numpy=(np.maximum,), reference=np.maximum, cost=0.2,
)  # fmt: skip
minimum = elementwise(
    "minimum", loops.minimum, ARITHMETIC, "x if x < y else y", "Return the smaller of x and y; NaN if either is NaN.",
    ("[1.0, 5.0], 3", "Tensor([1., 3.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g * _share_of_larger(y, x), lambda g, z, x, y: g * _share_of_larger(x, y)),
    inputs=(ANY, ANY), smooth=(LOW, HIGH), numpy=(np.minimum,), reference=np.minimum, cost=0.2,
)  # fmt: skip
negative = elementwise(
    "negative", loops.negative, ARITHMETIC, "-x", "Change the sign of x.",
    ("[1.0, -2.0]", "Tensor([-1.,  2.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: -g,), inputs=(NUMBER,), numpy=(np.negative,), reference=np.negative, integers="not bool",
    cost=0.2,
)  # fmt: skip
abs = elementwise(
    "abs", loops.abs, ARITHMETIC, "|x|", "Return the absolute value.",
    ("[1.0, -2.0]", "Tensor([1., 2.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * sign(x),), inputs=(NUMBER,), smooth=(AWAY,), numpy=(np.absolute, np.fabs),
    reference=np.abs, cost=0.2,
)  # fmt: skip
sign = elementwise(
    "sign", loops.sign, ARITHMETIC, "-1, 0 or 1", "Return the sign, which is -1, 0 or 1; NaN stays NaN.",
    ("[3.0, -2.0, 0.0]", "Tensor([ 1., -1.,  0.], shape=(3,), dtype=float32)"),
    vjp=(flat,), inputs=(NUMBER,), smooth=(AWAY,), numpy=(np.sign,), reference=np.sign,
    integers="not bool", cost=0.2,
)  # fmt: skip
square = elementwise(
    "square", loops.square, ARITHMETIC, "x * x", "Return the square.",
    ("[3.0, -2.0]", "Tensor([9., 4.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * 2.0 * x,), inputs=(NUMBER,), numpy=(np.square,), reference=np.square, cost=0.2,
)  # fmt: skip
sqrt = elementwise(
    "sqrt", loops.sqrt, FLOATING, "sqrt(x)", "Return the square root; NaN below zero.",
    ("[9.0, 4.0]", "Tensor([3., 2.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * 0.5 / y,), smooth=(POSITIVE,), numpy=(np.sqrt,), reference=np.sqrt, cost=0.3,
)  # fmt: skip
rsqrt = elementwise(
    "rsqrt", loops.rsqrt, FLOATING, "1 / sqrt(x)", "Return the reciprocal of the square root.",
    ("[4.0, 16.0]", "Tensor([0.5 , 0.25], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * -0.5 * y / x,), smooth=(POSITIVE,), reference=lambda x: 1 / np.sqrt(x), cost=0.5,
    source="Keras 3, keras.ops.rsqrt.",
)  # fmt: skip
reciprocal = elementwise(
    "reciprocal", loops.reciprocal, FLOATING, "1 / x", "Return the reciprocal.",
    ("[2.0, 4.0]", "Tensor([0.5 , 0.25], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: -g * y * y,), smooth=(AWAY,), numpy=(np.reciprocal,), reference=lambda x: 1 / x, cost=0.3,
)  # fmt: skip


def _rounding(name, body, summary, result, numpy_function):
    return elementwise(
        name, body, ARITHMETIC, f"{name}(x)", summary, ("[1.5, -2.7]", result), vjp=(flat,),
        inputs=(NUMBER,), smooth=(Domain(0.6, 0.9),), numpy=(numpy_function,), reference=numpy_function,
        integers="identity", cost=0.2,
    )  # fmt: skip


floor = _rounding(
    "floor", loops.floor, "Round down to an integer.", "Tensor([ 1., -3.], shape=(2,), dtype=float32)", np.floor
)
ceil = _rounding(
    "ceil", loops.ceil, "Round up to an integer.", "Tensor([ 2., -2.], shape=(2,), dtype=float32)", np.ceil
)
trunc = _rounding(
    "trunc", loops.trunc, "Round towards zero.", "Tensor([ 1., -2.], shape=(2,), dtype=float32)", np.trunc
)
round = _rounding(
    "round", loops.round, "Round to the nearest integer, halves to even.",
    "Tensor([ 2., -3.], shape=(2,), dtype=float32)", np.round,
)  # fmt: skip


def _predicate(name, body, formula, summary, result, integer_body=None):
    numpy_function = getattr(np, name)
    return elementwise(
        name, body, COMPARISON, formula, summary, ("[1.0, float('nan'), float('inf')]", result), inputs=(ANY,),
        numpy=(numpy_function,), reference=numpy_function, integer_body=integer_body, cost=0.2,
    )  # fmt: skip


isnan = _predicate(
    "isnan", loops.isnan, "x != x", "Test whether x is NaN.", "Tensor([False,  True, False], shape=(3,), dtype=bool)"
)
isinf = _predicate(
    "isinf", loops.isinf, "|x| == inf", "Test whether x is infinite.",
    "Tensor([False, False,  True], shape=(3,), dtype=bool)", integer_body=loops.isinf_integers,
)  # fmt: skip
isfinite = _predicate(
    "isfinite", loops.isfinite, "|x| < inf", "Test whether x is neither NaN nor infinite.",
    "Tensor([ True, False, False], shape=(3,), dtype=bool)", integer_body=loops.isfinite_integers,
)  # fmt: skip


def _comparison(name, body, sign, summary, result):
    numpy_function = getattr(np, name)
    return elementwise(
        name, body, COMPARISON, f"x {sign} y", summary, ("[1, 2, 3], 2", f"Tensor({result}, shape=(3,), dtype=bool)"),
        inputs=(ANY, ANY), numpy=(numpy_function,), reference=numpy_function, cost=0.2,
    )  # fmt: skip


equal = _comparison("equal", loops.equal, "==", "Test whether x and y are equal.", "[False,  True, False]")
not_equal = _comparison("not_equal", loops.not_equal, "!=", "Test whether x and y differ.", "[ True, False,  True]")
less = _comparison("less", loops.less, "<", "Test whether x is less than y.", "[ True, False, False]")
less_equal = _comparison(
    "less_equal", loops.less_equal, "<=", "Test whether x is less than or equal to y.", "[ True,  True, False]"
)
greater = _comparison("greater", loops.greater, ">", "Test whether x is greater than y.", "[False, False,  True]")
greater_equal = _comparison(
    "greater_equal", loops.greater_equal, ">=", "Test whether x is greater than or equal to y.", "[False,  True,  True]"
)


def _logical(name, body, formula, summary, result):
    numpy_function = getattr(np, name)
    return elementwise(
        name, body, LOGICAL, formula, summary, ("[True, False], True", f"Tensor({result}, shape=(2,), dtype=bool)"),
        inputs=(ANY, ANY), numpy=(numpy_function,), reference=numpy_function, cost=0.2,
    )  # fmt: skip


logical_and = _logical(
    "logical_and", loops.logical_and, "x and y", "Test whether both x and y are true.", "[ True, False]"
)
logical_or = _logical("logical_or", loops.logical_or, "x or y", "Test whether x or y is true.", "[ True,  True]")
logical_xor = _logical(
    "logical_xor",
    loops.logical_xor,
    "bool(x) != bool(y)",
    "Test whether exactly one of x and y is true.",
    "[False,  True]",
)
logical_not = elementwise(
    "logical_not", loops.logical_not, LOGICAL, "not x", "Test whether x is zero or false.",
    ("[True, False]", "Tensor([False,  True], shape=(2,), dtype=bool)"),
    inputs=(ANY,), numpy=(np.logical_not,), reference=np.logical_not, cost=0.2,
)  # fmt: skip
where = elementwise(
    "where", loops.where, SELECTION, "x if condition else y", "Return x where the condition is true, and y elsewhere.",
    ("[True, False], [1.0, 2.0], 0", "Tensor([1., 0.], shape=(2,), dtype=float32)"),
    vjp=(None, lambda g, z, c, x, y: where(c, g, 0.0), lambda g, z, c, x, y: where(c, 0.0, g)),
    inputs=(Domain(kinds="b"), ANY, ANY), numpy=(np.where,), reference=np.where, cost=0.3,
)  # fmt: skip


def share(x, z):
    """x / z, and 0 where z is: the gradient of a length by one of its parts."""
    nothing = equal(z, 0)
    return where(nothing, 0.0, x / where(nothing, 1.0, z))


def _astype_forward(x, dtype):
    return converted(x, dtype)


def astype(x: ArrayLike, dtype: DTypeLike, *, copy: bool = True, device: Device = None) -> Tensor:
    """Convert to another dtype.

    Parameters
    ----------
    x : array-like
        Any shape, any dtype.
    dtype : dtype
        The result's. On the way to integers, fractions are cut off, and integers wrap around, as in NumPy.
    copy : bool
        Means nothing, since tensors never change.
    device : {None, "cpu", "cuda"}
        Where the result is to be; None leaves it where `x` is.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When `dtype` is not supported.
    OutOfRangeError
        When floats that become integers are NaN, infinite or too large.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.astype([1.5, -2.5], "int64")
    Tensor([ 1, -2], shape=(2,), dtype=int64)
    """
    if type(copy) is not bool:
        as_flag("astype: copy", copy)  # no matter which: tensors do not change
    dtype = as_dtype(dtype, "astype")
    x = asarray(x) if isinstance(x, Operators) else asarray(x, dtype)  # Python numbers are converted once
    if dtype.kind in "iu" and x.dtype.kind == "f":
        check_values(x, partial(check_fits, "astype", dtype))
    y = apply(_astype, x, dtype=dtype)
    return y if device is None else y.to_device(device)


def as_known(x, dtype):
    """`astype` without a look at the values, which fit by the way in which they were computed."""
    return apply(_astype, x, dtype=dtype)


_astype = primitive(
    "astype", astype, _astype_forward, vjp=(lambda g, y, x, dtype: astype(g, x.dtype),), family="elementwise",
    reference=lambda x, dtype: x.astype(dtype), cases=(Case((ANY,), params={"dtype": np.dtype(np.float64)}),),
)  # fmt: skip


def clip(x: ArrayLike, min: ArrayLike | None = None, max: ArrayLike | None = None) -> Tensor:
    """Limit values to an interval.

    Parameters
    ----------
    x, min, max : array-like
        Any shapes; they broadcast together. None means no limit, as does a Python integer that no element can reach.
        Integer or floating.

    Returns
    -------
    Tensor
        `minimum(maximum(x, min), max)`; where x lies outside, no gradient flows to it.

    Raises
    ------
    ShapeError
        When the shapes do not broadcast.

    References
    ----------
    Python array API standard 2024.12, elementwise functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.clip([-2.0, 0.5, 9.0], 0, 1)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    if isinstance(x, (Operators, np.ndarray)):
        x = asarray(x)
    else:  # Python numbers take the dtype of the bounds
        x = as_tensors("clip", [x, *(bound for bound in (min, max) if type(bound) not in (int, float, type(None)))])[0]
    if x.dtype.kind not in "iu":
        return _clip(x, -np.inf if min is None else min, np.inf if max is None else max)
    limits = np.iinfo(x.dtype)
    lowest, highest = int(limits.min), int(limits.max)
    low_is_none = min is None or (type(min) is int and min < lowest)  # as in NumPy 2: nothing of x is smaller
    high_is_none = max is None or (type(max) is int and max > highest)
    return _clip(x, lowest if low_is_none else min, highest if high_is_none else max)


_clip = elementwise(
    "clip", loops.clip, ARITHMETIC, "minimum(maximum(x, low), high)", "Limit values to an interval.",
    ("[-2.0, 0.5, 9.0], 0, 1", "Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)"),
    vjp=(
        lambda g, z, x, low, high: where(logical_and(less_equal(low, x), less_equal(x, high)), g, 0.0),
        lambda g, z, x, low, high: where(logical_and(less(x, low), less_equal(low, high)), g, 0.0),
        lambda g, z, x, low, high: where(greater(maximum(x, low), high), g, 0.0),  # with low > high it is always high
    ),
    inputs=(REAL, Domain(-2.0, -1.0), Domain(1.0, 2.0)), smooth=(Domain(-0.9, 0.9), Domain(-2, -1), Domain(1, 2)),
    reference=lambda x, low, high: np.minimum(np.maximum(x, low), high), numpy=(), integers="not bool", cost=0.3,
)  # fmt: skip
publish("clip", clip, np.clip)
