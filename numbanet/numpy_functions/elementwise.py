"""NumPy's functions of single elements that are made of ops of the table, and what ufuncs do besides being called."""

import math
from typing import Any

import numpy as np

from numbanet.core.checks import as_integer
from numbanet.core.dtypes import is_float
from numbanet.core.shapes import as_size
from numbanet.core.table import NUMPY_FUNCTIONS, TABLE
from numbanet.errors import ArgumentError
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.numpy_functions.reductions import given
from numbanet.ops import arranging, floats, indexing, reduce, sets, shaping, sorting
from numbanet.ops import elementwise as ops
from numbanet.ops.elementwise import where as choose
from numbanet.ops.functions import sin
from numbanet.tensor.tensor import as_tensors, asarray, in_common_dtype


@adapts("where")
def where(condition, x=None, y=None, /):
    """Choose between two; the positions of what is true when there is nothing to choose from."""
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        raise ArgumentError("np.where: give both x and y, or neither")
    condition = asarray(condition)
    return choose(condition if condition.dtype == bool else ops.not_equal(condition, 0), x, y)


@adapts("nonzero", gradient=False)
def nonzero(a):
    """The positions of what is not zero."""
    return sets.nonzero(a)


@adapts("clip")
def clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None, **options):
    """Limited to an interval."""
    no("clip", out=out, **options)
    low, high = (first if given(first) else second for first, second in ((a_min, min), (a_max, max)))
    return ops.clip(a, low if given(low) else None, high if given(high) else None)


_MOST_PLACES = 308
"""Tens have no higher power in float64."""


@adapts("round", "around")
def rounded(a, decimals=0, out=None):
    """Rounded to decimals, halves to even."""
    no("round", out=out)
    x, places = asarray(a), as_integer("np.round: decimals", decimals)
    if not places or (not is_float(x.dtype) and places > 0):
        return ops.round(x)
    if not is_float(x.dtype):
        raise ArgumentError("np.round: integers are not rounded to tens; use a floating dtype")
    if abs(places) > _MOST_PLACES:  # all digits stay, or none: the least and the largest float64
        return x if places > 0 else x * 0.0
    factor = 10.0 ** abs(places)
    return ops.round(x * factor) / factor if places > 0 else ops.round(x / factor) * factor


@adapts("fix")
def fix(x, out=None):
    """Rounded to zero."""
    no("fix", out=out)
    return ops.trunc(x)


adapts("rint")(ops.round)


@adapts("astype")
def astype(x, dtype, /, *, copy=True, device=None):
    """Converted to another dtype."""
    return ops.astype(x, dtype, copy=copy, device=device)


@adapts("copy")
def copy(a, order="K", subok=False):
    """Itself, since tensors never change."""
    return asarray(a)


@adapts("nan_to_num")
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Numbers in place of NaN and infinities."""
    x = asarray(x)
    if not is_float(x.dtype):
        return x
    limits = np.finfo(x.dtype)
    found = choose(ops.isnan(x), nan, x)
    found = choose(ops.equal(x, math.inf), float(limits.max) if posinf is None else posinf, found)
    return choose(ops.equal(x, -math.inf), float(limits.min) if neginf is None else neginf, found)


@adapts("real")
def real(val):
    """Itself."""
    return asarray(val)


@adapts("imag", gradient=False)
def imag(val):
    """Zeros."""
    return floats.imag(val)


@adapts("real_if_close")
def real_if_close(a, tol=100):
    """Itself."""
    return asarray(a)


@adapts("sinc")
def sinc(x):
    """sin(pi x) / (pi x), 1 at 0."""
    x = asarray(x)
    x = (x if is_float(x.dtype) else x.astype(np.float32)) * math.pi
    zero = ops.equal(x, 0)
    safe = choose(zero, 1.0, x)
    return choose(zero, 1.0 - x * x / 6.0, sin(safe) / safe)


@adapts("linspace")
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """Numbers at equal steps from one to another, or arrays of them."""
    count = as_size("np.linspace: num", num)
    start, stop = in_common_dtype("linspace", [_floating(x) for x in as_tensors("linspace", (start, stop))])
    parts = count - 1 if endpoint else count
    step = (stop - start) / max(parts, 1)
    places = asarray(np.arange(count).reshape(-1, *(1,) * step.ndim), start.dtype, start.device)
    found = places * step + start
    if endpoint and count > 1:
        found = shaping.concat([found[:-1], shaping.broadcast_to(stop, found[-1:].shape)])
    found = arranging.moveaxis(found if dtype is None else ops.astype(found, dtype), 0, axis)
    return (found, step) if retstep else found


@adapts("interp")
def interp(x, xp, fp, left=None, right=None, period=None):
    """Linear interpolation between points, given in ascending order."""
    no("interp", period=period)
    x, xp, fp = in_common_dtype("interp", [_floating(v) for v in as_tensors("interp", (x, xp, fp))])
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ArgumentError(f"np.interp: xp and fp must be vectors of one size, got shapes {xp.shape} and {fp.shape}")
    low, high = fp[0] if left is None else left, fp[-1] if right is None else right
    inside = ops.clip(x, xp[0], xp[-1])
    if xp.size > 1:
        at = ops.clip(sets.searchsorted(xp, inside, side="right") - 1, 0, xp.size - 2)
        x0, x1, y0, y1 = (indexing.take(values, at + i) for values in (xp, fp) for i in (0, 1))
        inside = y0 + (y1 - y0) / (x1 - x0) * (inside - x0)
    else:
        inside = fp[0] + inside * 0.0
    found = choose(ops.less(x, xp[0]), low, choose(ops.greater(x, xp[-1]), high, inside))
    return choose(ops.isnan(x), x, found)


def _floating(x):
    return x if is_float(x.dtype) else x.astype(np.float32)


# Universal functions


def _scaled(factor):
    return lambda x, /: _floating(asarray(x)) * factor


adapts("deg2rad", "radians")(_scaled(math.pi / 180))
adapts("rad2deg", "degrees")(_scaled(180 / math.pi))


@adapts("exp2")
def exp2(x, /):
    """Powers of two."""
    return ops.pow(2.0, _floating(asarray(x)))


@adapts("logaddexp2")
def logaddexp2(x1, x2, /):
    """The logarithm to base two of the sum of powers of two."""
    return floats.logaddexp(*(_floating(x) * math.log(2) for x in as_tensors("logaddexp2", (x1, x2)))) / math.log(2)


@adapts("float_power")
def float_power(x1, x2, /):
    """Powers in double precision."""
    return ops.pow(ops.astype(x1, np.float64), ops.astype(x2, np.float64))


@adapts("cbrt")
def cbrt(x, /):
    """The cube root, of negative numbers too."""
    x = _floating(asarray(x))
    return ops.sign(x) * ops.pow(ops.abs(x), 1.0 / 3.0)


def _with_one_nan(name, extreme):
    def ignoring(x1, x2, /):
        x1, x2 = as_tensors(name, (x1, x2))
        return choose(ops.isnan(x1), x2, choose(ops.isnan(x2), x1, extreme(x1, x2)))

    return adapts(name)(ignoring)


fmax, fmin = _with_one_nan("fmax", ops.maximum), _with_one_nan("fmin", ops.minimum)


@adapts("fmod")
def fmod(x1, x2, /):
    """The remainder, with the sign of x1."""
    x1, x2 = as_tensors("fmod", (x1, x2))
    found = ops.remainder(ops.abs(x1), ops.abs(x2))
    return choose(ops.less(x1, 0), ops.negative(found), found) if x1.dtype.kind != "u" else found


@adapts("divmod")
def divided(x1, x2, /):
    """The quotient rounded down, and the remainder."""
    return ops.floor_divide(x1, x2), ops.remainder(x1, x2)


@adapts("modf")
def modf(x, /):
    """The fraction and the whole part, both with the sign of x."""
    x = _floating(asarray(x))
    whole = ops.trunc(x)
    return floats.copysign(choose(ops.isinf(x), 0.0, x - whole), x), whole


@adapts("heaviside")
def heaviside(x1, x2, /):
    """0 below zero, x2 at zero, 1 above."""
    x1, x2 = in_common_dtype("heaviside", [_floating(x) for x in as_tensors("heaviside", (x1, x2))])
    step = choose(ops.less(x1, 0), asarray(0, x1.dtype, x1.device), choose(ops.equal(x1, 0), x2, 1.0))
    return choose(ops.isnan(x1), x1, step)


_REDUCED = {
    np.add: (reduce.sum, sorting.cumulative_sum),
    np.multiply: (reduce.prod, sorting.cumulative_prod),
    np.maximum: (reduce.max, None),
    np.minimum: (reduce.min, None),
    np.logical_and: (reduce.all, None),
    np.logical_or: (reduce.any, None),
}


def _reducing(ufunc, compute):
    def reduced(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
        no(f"{ufunc.__name__}.reduce", out=out, initial=initial, where=where)
        x = asarray(array) if dtype is None else asarray(array).astype(dtype)
        return compute(x, axis=axis, keepdims=bool(keepdims))

    return reduced


def _accumulating(ufunc, compute):
    def accumulated(array, axis=0, dtype=None, out=None):
        no(f"{ufunc.__name__}.accumulate", out=out)
        return compute(array, axis=axis, dtype=dtype)

    return accumulated


def _crossing(function):
    def crossed(A, B, /):
        a, b = asarray(A), asarray(B)
        return function(shaping.reshape(a, (*a.shape, *(1,) * b.ndim)), b)

    return crossed


for _ufunc, (_compute, _accumulate) in _REDUCED.items():
    NUMPY_FUNCTIONS[_ufunc, "reduce"] = _reducing(_ufunc, _compute)
    if _accumulate is not None:
        NUMPY_FUNCTIONS[_ufunc, "accumulate"] = _accumulating(_ufunc, _accumulate)
for _op in list(TABLE.values()):
    _two: Any = getattr(np, _op.name, None)
    if isinstance(_two, np.ufunc) and _two.nin == 2 and not _two.signature:
        NUMPY_FUNCTIONS[_two, "outer"] = _crossing(_op.function)
