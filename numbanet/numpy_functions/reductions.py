"""NumPy's reductions, with its parameters and defaults."""

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from numbanet.core.checks import as_choice, as_flag
from numbanet.core.dtypes import DEFAULT_FLOAT, is_float
from numbanet.core.shapes import integers_of, normalize_axes, normalize_axis, reduced_shape
from numbanet.errors import ArgumentError, ShapeError
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.numpy_functions.shapes import ravel
from numbanet.ops import elementwise, indexing, reduce, shaping, sorting
from numbanet.ops.elementwise import where as choose
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import asarray

_NOTHING = (None, np._NoValue)


def given(value):
    """Whether an optional argument of NumPy was given."""
    return not builtins.any(value is nothing for nothing in _NOTHING)


def keeps(keepdims):
    """Whether reduced dimensions are kept; NumPy tells its functions that nothing was given by a value of its own."""
    return False if keepdims is np._NoValue else as_flag("keepdims", keepdims)


def _where(x, condition, other):
    """`x` with `other` in place of what `condition` leaves out."""
    return x if condition is True or not given(condition) else choose(condition, x, other)


def _total(name, reduce_all, combine, neutral):
    """`np.sum` or `np.prod`: neutral numbers in place of what is left out, and a first value."""

    def total(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
        no(name, out=out)
        found = reduce_all(_where(asarray(a), where, neutral), axis=axis, keepdims=keeps(keepdims), dtype=dtype)
        return combine(found, initial) if given(initial) else found

    return adapts(name)(total)


sum = _total("sum", reduce.sum, elementwise.add, 0)
prod = _total("prod", reduce.prod, elementwise.multiply, 1)


def _extreme(names, reduce_all, combine):
    """`np.max` or `np.min`, with a first value, which stands in place of what is left out."""

    def extreme(a, axis=None, out=None, keepdims=False, initial=None, where=True):
        no(names[0], out=out)
        x = asarray(a)
        if not given(initial):
            if where is not True and given(where):
                raise ArgumentError(f"np.{names[0]}: where= needs an initial value, for where nothing is left")
            return reduce_all(x, axis=axis, keepdims=keeps(keepdims))
        axes, x = normalize_axes(names[0], axis, x.ndim), _where(x, where, initial)
        if not x.size:
            return shaping.broadcast_to(asarray(initial, x.dtype), reduced_shape(x.shape, axes, keeps(keepdims)))
        return combine(reduce_all(x, axis=axis, keepdims=keeps(keepdims)), initial)

    return adapts(*names)(extreme)


max = _extreme(("max", "amax"), reduce.max, elementwise.maximum)
min = _extreme(("min", "amin"), reduce.min, elementwise.minimum)


def _truth(name, reduce_all, neutral):
    def truth(a, axis=None, out=None, keepdims=False, *, where=True):
        no(name, out=out)
        x = asarray(a)
        return reduce_all(_where(x, where, asarray(neutral, x.dtype)), axis=axis, keepdims=keeps(keepdims))

    return adapts(name, gradient=False)(truth)


any, all = _truth("any", reduce.any, 0), _truth("all", reduce.all, 1)


@adapts("mean")
def mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    """The arithmetic mean, of the elements that `where` keeps."""
    no("mean", out=out)
    x = asarray(a) if dtype is None else asarray(a).astype(dtype)
    if where is True or not given(where):
        return reduce.mean(x, axis=axis, keepdims=keeps(keepdims))
    count = reduce.sum(shaping.broadcast_to(where, x.shape), axis=axis, keepdims=keeps(keepdims))
    return elementwise.divide(reduce.sum(_where(x, where, 0), axis=axis, keepdims=keeps(keepdims)), count)


def _spread(name, compute):
    def spread(
        a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None
    ):  # fmt: skip
        no(name, out=out, where=where, mean=mean)
        x = asarray(a) if dtype is None else asarray(a).astype(dtype)
        return compute(x, axis=axis, keepdims=keeps(keepdims), correction=correction if given(correction) else ddof)

    return adapts(name)(spread)


std, var = _spread("std", reduce.std), _spread("var", reduce.var)


@adapts("ptp")
def ptp(a, axis=None, out=None, keepdims=False):
    """The largest minus the smallest."""
    no("ptp", out=out)
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


@adapts("average")
def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    """The mean, weighted by `weights` if they are given; and the sum of the weights if `returned`."""
    x = asarray(a)
    kept = keeps(keepdims)
    if weights is None:
        found = reduce.mean(x, axis=axis, keepdims=kept)
        total = asarray(x.size // builtins.max(found.size, 1), found.dtype)
    else:
        w = asarray(weights)
        if w.shape != x.shape:
            at = normalize_axis("average", axis, x.ndim) if axis is not None else None
            if at is None or w.ndim != 1 or w.shape[0] != x.shape[at]:
                raise ShapeError(f"np.average: weights of shape {w.shape} fit neither {x.shape} nor its axis {axis}")
            w = shaping.reshape(w, tuple(-1 if d == at else 1 for d in range(x.ndim)))
        w = shaping.broadcast_to(w, x.shape)
        total = reduce.sum(w, axis=axis, keepdims=kept)
        found = elementwise.divide(reduce.sum(x * w, axis=axis, keepdims=kept), total)
    return (found, shaping.broadcast_to(total, found.shape)) if returned else found


@adapts("argmax", gradient=False)
def argmax(a, axis=None, out=None, *, keepdims=False):
    """Where the largest is."""
    no("argmax", out=out)
    return reduce.argmax(a, axis=axis, keepdims=keeps(keepdims))


@adapts("argmin", gradient=False)
def argmin(a, axis=None, out=None, *, keepdims=False):
    """Where the smallest is."""
    no("argmin", out=out)
    return reduce.argmin(a, axis=axis, keepdims=keeps(keepdims))


@adapts("count_nonzero", gradient=False)
def count_nonzero(a, axis=None, *, keepdims=False):
    """How many elements are not zero."""
    return reduce.count_nonzero(a, axis=axis, keepdims=keeps(keepdims))


# Order


@adapts("sort")
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """In ascending order; of the flattened array for no axis."""
    no("sort", order=order)
    return sorting.sort(ravel(a), 0) if axis is None else sorting.sort(a, axis)


@adapts("argsort", gradient=False)
def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    """The positions that sort."""
    no("argsort", order=order)
    return sorting.argsort(ravel(a), 0) if axis is None else sorting.argsort(a, axis)


@adapts("partition")
def partition(a, kth, axis=-1, kind="introselect", order=None):
    """Sorted altogether, which is a partition at every position."""
    _check_places("partition", a, kth, axis)
    return sort(a, axis, order=order)


@adapts("argpartition", gradient=False)
def argpartition(a, kth, axis=-1, kind="introselect", order=None):
    """The positions that sort altogether."""
    _check_places("argpartition", a, kth, axis)
    return argsort(a, axis, order=order)


def _check_places(name, a, kth, axis):
    """The errors of NumPy for the places at which it partitions."""
    x = asarray(a)
    size = x.size if axis is None else x.shape[normalize_axis(name, axis, x.ndim)]
    for place in integers_of(f"np.{name}: kth", kth):
        if not -size <= place < size:
            raise ArgumentError(f"np.{name}: kth {place} is out of range for {size} elements")


def _sorted_lanes(name, a, axis):
    """(sorted, axes, shape): a floating `a`, its axes merged into a last one and sorted, and the shape that is left."""
    x = asarray(a)
    x = x if is_float(x.dtype) else x.astype(DEFAULT_FLOAT)
    axes = normalize_axes(name, axis, x.ndim)
    kept = tuple(d for d in range(x.ndim) if d not in axes)
    size = int(np.prod([x.shape[d] for d in axes]))
    if not size:
        raise ShapeError(f"np.{name}: nothing to reduce in shape {x.shape} along axes {axes}")
    shape = tuple(x.shape[d] for d in kept)
    return sorting.sort(shaping.reshape(shaping.permute_dims(x, kept + axes), (*shape, size)), -1), axes, x.shape


_METHODS: dict[str, Callable[..., Any]] = {
    "linear": lambda places: places,
    "lower": np.floor,
    "higher": np.ceil,
    "nearest": np.rint,
    "midpoint": lambda places: (np.floor(places) + np.ceil(places)) / 2,
}
"""Where a quantile is taken that lies between two elements."""


def _quantiles(name, a, at, axis, keepdims, method="linear"):
    """Quantiles by linear interpolation between the nearest two, or one of them; NaN where there is one."""
    as_choice(f"np.{name}: method", method, _METHODS)
    lanes, axes, shape = _sorted_lanes(name, a, axis)
    if at.size and not (at.min() >= 0 and at.max() <= 1):
        raise ArgumentError(f"np.{name}: quantiles lie from 0 to 1, percentiles from 0 to 100")
    places = _METHODS[method](at.reshape(-1) * (lanes.shape[-1] - 1))
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, lanes.shape[-1] - 1)
    share = asarray((places - below).astype(lanes.dtype), device=lanes.device)
    low, high = indexing.take(lanes, below, -1), indexing.take(lanes, above, -1)
    between = low + (high - low) * share  # of two infinities, the first
    found = choose(elementwise.logical_or(share == 0, low == high), low, between)
    found = choose(elementwise.isnan(lanes[..., -1:]), lanes[..., -1:], found)  # NaN is sorted last
    kept = reduced_shape(shape, axes, keeps(keepdims))
    return shaping.reshape(shaping.permute_dims(found, (found.ndim - 1, *range(found.ndim - 1))), at.shape + kept)


def _quantile(name, scale):
    def quantile(
        a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None,
        interpolation=None,
    ):  # fmt: skip
        no(name, out=out, weights=weights, interpolation=interpolation)
        return _quantiles(name, a, np.asarray(values_of(q), np.float64) / scale, axis, keepdims, method)

    return adapts(name)(quantile)


quantile, percentile = _quantile("quantile", 1.0), _quantile("percentile", 100.0)


@adapts("median")
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The middle one, or the mean of the middle two."""
    no("median", out=out)
    return _quantiles("median", a, np.asarray(0.5), axis, keepdims)


# Running totals


def _running(name, new_name, compute):
    def running(a, axis=None, dtype=None, out=None):
        no(name, out=out)
        return compute(a, axis, dtype)

    def of_axis(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        no(new_name, out=out)
        if axis is None and asarray(x).ndim != 1:
            raise ShapeError(f"np.{new_name}: needs an axis for shape {asarray(x).shape}")
        return compute(x, axis, dtype, include_initial)

    adapts(new_name)(of_axis)
    return adapts(name)(running)


cumsum = _running("cumsum", "cumulative_sum", sorting.cumulative_sum)
cumprod = _running("cumprod", "cumulative_prod", sorting.cumulative_prod)


@adapts("trapezoid")
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral by the trapezoidal rule."""
    y = asarray(y)
    at = normalize_axis("trapezoid", axis, y.ndim)
    before = (slice(None),) * at
    if x is not None:
        x = asarray(x)
        if x.ndim not in (1, y.ndim) or x.shape[at if x.ndim == y.ndim else 0] != y.shape[at]:
            raise ShapeError(f"np.trapezoid: x of shape {x.shape} does not fit axis {axis} of y, {y.shape}")
        dx = x[1:] - x[:-1] if x.ndim == 1 else x[(*before, slice(1, None))] - x[(*before, slice(None, -1))]
        if x.ndim == 1:
            dx = shaping.reshape(dx, tuple(-1 if d == at else 1 for d in range(y.ndim)))
    both = y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]
    return reduce.sum(elementwise.multiply(dx, both) / 2.0, axis=at)
