"""Reductions: from many elements to few, along one axis, several, or all."""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING

import numpy as np

from numbanet.core.checks import as_flag, as_number
from numbanet.core.dtypes import BOOL, DEFAULT_FLOAT, FLOAT64, INT64, as_dtype, is_float
from numbanet.core.shapes import normalize_axes, normalize_axis, reduced_shape
from numbanet.core.table import TABLE, Case
from numbanet.errors import ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, converted
from numbanet.launching.launch import Kernel
from numbanet.loops import reduce as loops
from numbanet.loops.optimizers import sum_of_squares
from numbanet.ops.declare import ANY, DISTINCT, NUMBER, REAL, as_floating, composed, primitive
from numbanet.ops.elementwise import equal, not_equal, share, square, where
from numbanet.ops.lanes import as_lanes, launch_columns, launch_integers, launch_lanes
from numbanet.ops.products import as_rows, others
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import ArrayLike, Axis

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

_DOC = """{summary}

Parameters
----------
x : array-like
    Any shape. {dtypes}
axis : int, tuple of int, or None
    What to reduce; None for everything.{one_axis}
keepdims : bool
    Keep reduced dimensions with size 1.{more}

Returns
-------
Tensor
    Of the shape of `x` without the reduced dimensions. {returns}

Raises
------
ShapeError
    When an axis is out of range{empty}.

References
----------
{source}

Examples
--------
>>> import numbanet as nn
>>> nn.{name}({call})
{result}
"""
_STANDARD = "Python array API standard 2024.12, statistical, searching and utility functions."


def _document(
    function, name, summary, dtypes, returns, call, result, *, empty="", one_axis="", more="", source=_STANDARD
):
    function.__name__ = function.__qualname__ = name
    function.__module__ = "numbanet"
    function.__doc__ = _DOC.format(
        summary=summary, dtypes=dtypes, returns=returns, call=call, result=result, name=name, source=source,
        empty=" or there is nothing to reduce" if empty else "", one_axis=one_axis,
        more=more,
    )  # fmt: skip


def _reject_empty(name, x, axes):
    if math.prod(x.shape[d] for d in axes) == 0:
        raise ShapeError(f"{name}: nothing to reduce in shape {x.shape} along axes {axes}; it has no identity")


_sum_floats, _sum_rows = Kernel(loops.sum), Kernel(loops.sum_rows, cost=0.2)
_sum_columns = Kernel(loops.sum_columns, cost=0.06)
_sum_integers = Kernel(loops.sum_integers)


def _sum_forward(x, axis, keepdims):
    axes = normalize_axes("sum", axis, x.ndim)
    if not is_float(x.dtype):
        return launch_integers(_sum_integers, x, axes, keepdims)
    lanes = as_lanes(x, axes)
    out = empty(reduced_shape(x.shape, axes, keepdims), x.dtype)
    if lanes.shape[2] == 1:
        _sum_rows(out.size, lanes[:, :, 0], out.reshape(-1), cost=lanes.shape[1] * _sum_rows.cost)
    elif lanes.shape[0] == 1:
        totals = empty((out.size,), np.dtype(np.float64))
        _sum_columns(out.size, lanes[0], totals, out.reshape(-1), cost=lanes.shape[1] * _sum_columns.cost)
    else:
        _sum_floats(out.size, lanes, out.reshape(-1), cost=lanes.shape[1] * _sum_floats.cost)
    return out


_product_floats, _product_integers = Kernel(loops.prod), Kernel(loops.prod_integers)


def _product_forward(x, axis, keepdims):
    axes = normalize_axes("prod", axis, x.ndim)
    if not is_float(x.dtype):
        return launch_integers(_product_integers, x, axes, keepdims)
    return launch_lanes(_product_floats, x, axes, keepdims, x.dtype)


def _extreme_forward(name, kernel, columns):
    def forward(x, axis, keepdims):
        axes = normalize_axes(name, axis, x.ndim)
        _reject_empty(name, x, axes)
        return launch_columns(kernel, columns, x, axes, keepdims)

    return forward


_largest = Kernel(loops.max), Kernel(loops.max_columns, cost=0.1)
_smallest = Kernel(loops.min), Kernel(loops.min_columns, cost=0.1)


def _position_forward(name, kernel):
    def forward(x, axis, keepdims):
        axes = normalize_axes(name, axis if axis is None else normalize_axis(name, axis, x.ndim), x.ndim)
        _reject_empty(name, x, axes)
        return launch_lanes(kernel, x, axes, keepdims, INT64)

    return forward


def _truth_forward(name, kernel):
    def forward(x, axis, keepdims):
        return launch_lanes(kernel, x, normalize_axes(name, axis, x.ndim), keepdims, BOOL)

    return forward


_logsumexp_kernel = Kernel(loops.logsumexp, cost=6.0)


def _logsumexp_forward(x, axis, keepdims):
    axes = normalize_axes("logsumexp", axis, x.ndim)
    _reject_empty("logsumexp", x, axes)
    x = as_floating(x)
    return launch_lanes(_logsumexp_kernel, x, axes, keepdims, x.dtype)


def spread(g, x, axis):
    """`g`, the gradient of a reduction of `x`, with the reduced dimensions back as size 1."""
    return g.reshape(reduced_shape(x.shape, normalize_axes("gradient", axis, x.ndim), True))


def _sum_vjp(g, y, x, axis, keepdims):
    return TABLE["broadcast_to"].function(spread(g, x, axis), x.shape)


def _extreme_vjp(g, y, x, axis, keepdims):
    chosen = equal(x, spread(y, x, axis)).astype(x.dtype)  # ties share equally, as in JAX
    return spread(g, x, axis) * chosen / sum(chosen, axis=axis, keepdims=True)


def _product_vjp(g, y, x, axis, keepdims):
    rows, back = as_rows(x, axis)
    return spread(g, x, axis) * back(others(rows))


def _logsumexp_vjp(g, y, x, axis, keepdims):
    """Softmax, not exp(x - y), in which the digits of a large y are lost; 0 where all are -inf, and so is y."""
    nothing = equal(spread(y, x, axis), -math.inf)
    rows, back = as_rows(where(nothing, 0.0, x), axis)
    return where(nothing, 0.0, spread(g, x, axis) * back(TABLE["softmax"].function(rows, axis=-1)))


def _reduction(name, forward, summary, dtypes, returns, call, result, *, vjp=None, numpy=None, inputs=REAL, **options):
    flag = f"{name}: keepdims"

    def function(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
        keepdims = keepdims if type(keepdims) is bool else as_flag(flag, keepdims)  # a step asks ten times
        return apply(op, x, axis=axis, keepdims=keepdims)

    def accumulated(x: ArrayLike, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None) -> Tensor:
        keepdims = keepdims if type(keepdims) is bool else as_flag(flag, keepdims)
        if dtype is None:
            return apply(op, x, axis=axis, keepdims=keepdims)
        dtype = as_dtype(dtype, name)
        return apply(op, asarray(x).astype(dtype), axis=axis, keepdims=keepdims).astype(dtype)

    if options.get("more") == _DTYPE:
        function = accumulated
    reference = options.pop("reference", None) or getattr(np, name)
    smooth = options.pop("smooth", None)
    axes = options.pop("axes", (None, 0, -1, (0, 1)))
    _document(function, name, summary, dtypes, returns, call, result, **options)
    function = planned(function)
    shape = ((3, 4),)
    cases = tuple(
        Case((inputs,), shapes=shape, params={"axis": axis, "keepdims": keep}, smooth=smooth)
        for axis in axes
        for keep in (False, True)
    )
    op = primitive(
        name, function, forward, vjp=None if vjp is None else (vjp,), reference=reference, cases=cases,
        family="reduction", numpy=(getattr(np, name),) if numpy is None else numpy,
    )  # fmt: skip
    return function


_DTYPE = "\ndtype : dtype, optional\n    Convert to it first, and give the result in it."
_AS_NUMBERS = "Integer, floating or bool."
_ANY_DTYPE = "Any dtype; everything but zero is true."
sum = _reduction(
    "sum", _sum_forward, "Sum elements; sums of floats accumulate in double precision.", _AS_NUMBERS,
    "Floats keep their dtype, unsigned integers become uint64, others int64.", "[[1.0, 2.0], [3.0, 4.0]], axis=0",
    "Tensor([4., 6.], shape=(2,), dtype=float32)", vjp=_sum_vjp, inputs=ANY, more=_DTYPE,
)  # fmt: skip
prod = _reduction(
    "prod", _product_forward, "Multiply elements.", _AS_NUMBERS,
    "Floats keep their dtype, unsigned integers become uint64, others int64.", "[[1.0, 2.0], [3.0, 4.0]], axis=0",
    "Tensor([3., 8.], shape=(2,), dtype=float32)", vjp=_product_vjp, inputs=NUMBER, more=_DTYPE,
)  # fmt: skip
max = _reduction(
    "max", _extreme_forward("max", *_largest), "Return the largest element; NaN if there is one.", _AS_NUMBERS,
    "Of the dtype of `x`.", "[[1.0, 2.0], [3.0, 4.0]], axis=0", "Tensor([3., 4.], shape=(2,), dtype=float32)",
    vjp=_extreme_vjp, inputs=NUMBER, smooth=(DISTINCT,), empty=True,
)  # fmt: skip
min = _reduction(
    "min", _extreme_forward("min", *_smallest), "Return the smallest element; NaN if there is one.", _AS_NUMBERS,
    "Of the dtype of `x`.", "[[1.0, 2.0], [3.0, 4.0]], axis=0", "Tensor([1., 2.], shape=(2,), dtype=float32)",
    vjp=_extreme_vjp, inputs=NUMBER, smooth=(DISTINCT,), empty=True,
)  # fmt: skip
argmax = _reduction(
    "argmax", _position_forward("argmax", Kernel(loops.argmax)),
    "Return the position of the largest element; the first of equals.",
    _AS_NUMBERS, "Positions, int64.", "[[1.0, 2.0], [3.0, 0.0]], axis=1", "Tensor([1, 0], shape=(2,), dtype=int64)",
    inputs=NUMBER, empty=True, one_axis=" One axis only.", axes=(None, 0, -1),
)  # fmt: skip
argmin = _reduction(
    "argmin", _position_forward("argmin", Kernel(loops.argmin)),
    "Return the position of the smallest element; the first of equals.",
    _AS_NUMBERS, "Positions, int64.", "[[1.0, 2.0], [3.0, 0.0]], axis=1", "Tensor([0, 1], shape=(2,), dtype=int64)",
    inputs=NUMBER, empty=True, one_axis=" One axis only.", axes=(None, 0, -1),
)  # fmt: skip
any = _reduction(
    "any", _truth_forward("any", Kernel(loops.any)), "Test whether any element is true.", _ANY_DTYPE, "bool.",
    "[[True, False], [False, False]], axis=1", "Tensor([ True, False], shape=(2,), dtype=bool)", inputs=ANY,
)  # fmt: skip
all = _reduction(
    "all", _truth_forward("all", Kernel(loops.all)), "Test whether all elements are true.", _ANY_DTYPE, "bool.",
    "[[True, False], [True, True]], axis=1", "Tensor([False,  True], shape=(2,), dtype=bool)", inputs=ANY,
)  # fmt: skip


def _logsumexp_reference(x, axis, keepdims):
    return (
        np.logaddexp.reduce(x, axis=axis, keepdims=keepdims)
        if not isinstance(axis, tuple)
        else np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))
    )


logsumexp = _reduction(
    "logsumexp", _logsumexp_forward, "Return the logarithm of the sum of exponentials, without overflow.",
    "Floating; integers become float32.", "Of the floating dtype.", "[1000.0, 1000.0]",
    "Tensor(1000.6932, shape=(), dtype=float32)", vjp=_logsumexp_vjp, numpy=(), reference=_logsumexp_reference,
    empty=True, source="Goodfellow, Bengio, Courville: Deep Learning, section 4.1.", axes=(0, -1, (0, 1)),
)  # fmt: skip


_sum_of_squares = Kernel(sum_of_squares, cost=0.2)
_sum_of_squares_columns = Kernel(loops.sum_of_squares_columns, cost=0.12)


def _length_forward(x, axis, keepdims):
    """Squares are doubles: those of float32 neither overflow nor vanish."""
    axes = normalize_axes("norm", axis, x.ndim)
    kept = tuple(d for d in range(x.ndim) if d not in axes)
    totals, n = empty(reduced_shape(x.shape, axes, keepdims), FLOAT64), math.prod(x.shape[d] for d in axes)
    if kept and axes == tuple(range(len(axes))):
        kernel, lanes = _sum_of_squares_columns, contiguous(x).reshape(n, totals.size)
    else:
        kernel, lanes = _sum_of_squares, contiguous(x.transpose(kept + axes)).reshape(totals.size, n)
    kernel(totals.size, lanes, totals.reshape(-1), cost=n * kernel.cost)
    return converted(TABLE["sqrt"].forward(totals), x.dtype)


@planned
def length(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    keepdims = keepdims if type(keepdims) is bool else as_flag("length: keepdims", keepdims)
    return apply(_length, x, axis=axis, keepdims=keepdims)


_length = primitive(
    "length", length, _length_forward, family="reduction",
    vjp=(lambda g, y, x, axis, keepdims: spread(g, x, axis) * share(x, spread(y, x, axis)),),
    reference=lambda x, axis, keepdims: np.linalg.norm(x.astype(np.float64), None, axis, keepdims).astype(x.dtype),
    cases=tuple(
        Case((REAL,), shapes=((3, 4),), params={"axis": axis, "keepdims": keep}, smooth=(DISTINCT,))
        for axis in (None, 0, 1) for keep in (False, True)
    ),
)  # fmt: skip
_document(
    length, "length", "Return the Euclidean length of vectors, whose squares are added in double precision.",
    "Floating.",
    "Of the dtype of `x`.", "[3.0, 4.0]", "Tensor(5., shape=(), dtype=float32)",
)  # fmt: skip


def _mean_document(function, summary, returns, call, result, source=_STANDARD, **options):
    dtypes = "Floating; integers and booleans become float32."
    _document(function, function.__name__, summary, dtypes, returns, call, result, source=source, **options)


def _operand(name, x, axis):
    """`x` as a floating tensor, and how many of its elements each result is made of."""
    x = asarray(x)
    count = _count(name, x, axis)
    return x if is_float(x.dtype) else x.astype(DEFAULT_FLOAT), count


def _count(name, x, axis):
    """How many elements of `x` each result is made of."""
    axes = normalize_axes(name, axis, x.ndim)
    _reject_empty(name, x, axes)
    return math.prod(x.shape[d] for d in axes)


@planned
def mean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    keepdims = keepdims if type(keepdims) is bool else as_flag("mean: keepdims", keepdims)
    x = asarray(x)
    if not is_float(x.dtype) and x.dtype.itemsize <= 4:  # their sums are exact, and need no copy
        count = _count("mean", x, axis)
        return sum(x, axis=axis, keepdims=keepdims).astype(DEFAULT_FLOAT) / count
    x, count = _operand("mean", x, axis)
    return sum(x, axis=axis, keepdims=keepdims) / count


@planned
def var(x: ArrayLike, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> Tensor:
    keepdims = keepdims if type(keepdims) is bool else as_flag("var: keepdims", keepdims)
    x, count = _operand("var", x, axis)
    centred = x - mean(x, axis=axis, keepdims=True)
    total = sum(square(centred), axis=axis, keepdims=keepdims)
    return total / builtins.max(count - as_number("var: correction", correction), 0)


def std(x: ArrayLike, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> Tensor:
    keepdims = keepdims if type(keepdims) is bool else as_flag("std: keepdims", keepdims)
    x, count = _operand("std", x, axis)
    distance = length(x - mean(x, axis=axis, keepdims=True), axis, keepdims)
    return distance / math.sqrt(builtins.max(count - as_number("std: correction", correction), 0))


def count_nonzero(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    keepdims = keepdims if type(keepdims) is bool else as_flag("count_nonzero: keepdims", keepdims)
    x = asarray(x)
    return sum(x if x.dtype == BOOL else not_equal(x, 0), axis=axis, keepdims=keepdims)


_CORRECTION = "\ncorrection : float\n    1 for the unbiased estimate from a sample (Bessel), 0 for a whole population."
_mean_document(
    mean,
    "Return the arithmetic mean.",
    "Floating.",
    "[1.0, 2.0, 6.0]",
    "Tensor(3., shape=(), dtype=float32)",
    empty=True,
)
_mean_document(
    var, "Return the variance: the mean squared distance from the mean, divided by n - correction.", "Floating.",
    "[1.0, 2.0, 6.0]", "Tensor(4.6666665, shape=(), dtype=float32)", empty=True, more=_CORRECTION,
)  # fmt: skip
_mean_document(
    std, "Return the standard deviation, the square root of the variance.", "Floating.", "[1.0, 3.0]",
    "Tensor(1., shape=(), dtype=float32)", empty=True, more=_CORRECTION,
)  # fmt: skip
_document(
    count_nonzero, "count_nonzero", "Count the elements that are not zero.", _ANY_DTYPE, "Counts, int64.",
    "[0.0, 2.0, 3.0]",
    "Tensor(2, shape=(), dtype=int64)",
)  # fmt: skip
_MEAN_CASES = tuple(  # the standard deviation has no derivative where all elements are equal
    Case((REAL,), shapes=((3, 4),), params={"axis": axis, "keepdims": True}, smooth=(DISTINCT,))
    for axis in (None, 0, (0, 1))
)
for _function in (mean, var, std):
    composed(
        _function.__name__, _function, reference=getattr(np, _function.__name__), cases=_MEAN_CASES,
        family="reduction", numpy=(getattr(np, _function.__name__),),
    )  # fmt: skip
composed(
    "count_nonzero", count_nonzero, reference=np.count_nonzero,
    cases=(Case((ANY,), shapes=((3, 4),), params={"axis": 0}),),
    family="reduction", numpy=(np.count_nonzero,), differentiable=False,
)  # fmt: skip
