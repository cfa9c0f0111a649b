"""Gradients of products: the product of all others, without dividing by what may be zero, tiny or infinite.

Quotients such as `prod(x) / x` fail where the product over- or underflows and where an element is zero. Products of
what stands before and behind each element do not. They are computed in double precision, in which float32 has room.
"""

import math

from numbanet.core.dtypes import FLOAT64
from numbanet.core.shapes import normalize_axes
from numbanet.core.table import TABLE
from numbanet.ops.creation import full
from numbanet.ops.elementwise import abs, equal, greater_equal, isfinite, isinf, logical_and, multiply, where
from numbanet.ops.shaping import concat, flip, permute_dims, reshape


def as_rows(x, axis):
    """Return `x` with the reduced axes flattened into the last one, and a function that puts such a tensor back."""
    axes = normalize_axes("gradient", axis, x.ndim)
    order = tuple(d for d in range(x.ndim) if d not in axes) + axes
    shape = tuple(x.shape[d] for d in order)
    kept = shape[: x.ndim - len(axes)]
    rows = reshape(permute_dims(x, order), (*kept, math.prod(shape[len(kept) :])))
    places = sorted(range(x.ndim), key=order.__getitem__)
    return rows, lambda y: permute_dims(reshape(y, shape), places)


def _beside(x, number, count=1):
    """A column of one number for the rows of `x`."""
    return full((*x.shape[:-1], count), number, x.dtype, x.device)


def before(x):
    """Return, for every element of rows, the product of those before it."""
    if not x.size:
        return x
    return TABLE["cumulative_prod"].function(concat([_beside(x, 1), x[..., :-1]], -1), axis=-1)


def others(x):
    """Return, for every element of rows, the product of all others."""
    wide = x.astype(FLOAT64)
    return multiply(before(wide), flip(before(flip(wide, -1)), -1)).astype(x.dtype)


def running_gradient(g, x):
    """Return the gradient of running products of rows: for element i the sum over j >= i of g[j] * prod(x[k]), k != i.

    That is the product before i, times s[i] = g[i] + x[i + 1] * s[i + 1]: a linear recurrence, here solved by recursive
    doubling. Each round joins every element with the one `step` further on (Kogge and Stone: A Parallel Algorithm for
    the Efficient Solution of a General Class of Recurrence Equations, 1973).
    """
    wide, sums, step = x.astype(FLOAT64), g.astype(FLOAT64), 1
    factors = _shifted(wide, 1)
    while step < x.shape[-1]:
        sums = sums + _product(factors, _shifted(sums, step))
        factors = factors * _shifted(factors, step)
        step *= 2
    return _product(before(wide), sums).astype(x.dtype)


def _shifted(x, step):
    """Every element replaced by the one `step` further on in its row, and zero behind the end."""
    return concat([x[..., step:], _beside(x, 0, min(step, x.shape[-1]))], -1)


def _product(factors, sums):
    """Products in which nothing is no share of a factor that has overflowed."""
    return where(logical_and(isinf(factors), equal(sums, 0)), 0.0, factors) * sums


def divides_well(x, y):
    """Whether running products `y` can be divided by `x`, bool of no dimensions: all away from zero and infinity."""
    small = y.dtype.type(2.0**-100)
    fine = logical_and(logical_and(greater_equal(abs(x), 2.0**-10), greater_equal(abs(y), float(small))), isfinite(y))
    return TABLE["all"].function(fine)
