"""Normalization of the columns of a matrix, over all rows, or of its rows, each by itself.

The moments, and the sums that gradients need, are operands of their own, so that they are computed once. They have no
derivatives: the rules for `x` are those of the whole, moments included.

None of these is in the table: layers and `nn.ops` are how they are called.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

from numbanet.core.context import context
from numbanet.core.dtypes import FLOAT64
from numbanet.core.table import Op, internal
from numbanet.errors import ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous
from numbanet.launching.launch import Kernel
from numbanet.loops import normalization as loops
from numbanet.ops.elementwise import rsqrt, square
from numbanet.ops.reduce import mean as mean_of
from numbanet.ops.reduce import sum as total_of
from numbanet.ops.shaping import broadcast_to
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import Array

COLUMNS, ROWS = 0, 1
"""The axis that is normalized along."""

_column_moments, _column_scales = Kernel(loops.column_moments, cost=0.1), Kernel(loops.column_scales, cost=5.0)
_column_normalization = Kernel(loops.column_normalization, cost=0.1)
_column_products, _column_slopes = Kernel(loops.column_products, cost=0.15), Kernel(loops.column_slopes, cost=5.0)
_column_gradient = Kernel(loops.column_gradient, cost=0.15)
_row_moments, _row_normalization = Kernel(loops.row_moments, cost=1.0), Kernel(loops.row_normalization, cost=0.1)
_row_slopes, _row_gradient = Kernel(loops.row_slopes, cost=1.0), Kernel(loops.row_gradient, cost=0.15)
_row_products = Kernel(loops.row_products, cost=0.15)


@planned
def column_moments(x: Tensor) -> Tensor:
    """Return the means and variances of the columns of `x`, (rows, columns): a Tensor (2, columns)."""
    if not x.shape[0]:
        raise ShapeError(f"normalization: there is nothing to take the mean of in shape {x.shape}")
    return apply(_COLUMN_MOMENTS, x)


@planned
def normalized_columns(x: Tensor, moments: Tensor, gamma: Tensor, beta: Tensor, epsilon: float) -> Tensor:
    """Return `(x - mean) / sqrt(variance + epsilon) * gamma + beta` of `x`, (rows, columns).

    Parameters
    ----------
    x : Tensor, (rows, columns)
    moments : Tensor, (2, columns)
        Of `x`, by `column_moments`: gradients flow to `x` through the moments, too.
    gamma, beta : Tensor, (columns,)
    epsilon : float

    References
    ----------
    Ioffe and Szegedy: Batch normalization, 2015, arXiv:1502.03167, algorithm 1; the gradient is that of section 3, with
    its sums put together.
    """
    return apply(_COLUMN_NORMALIZATION, x, moments, gamma, beta, epsilon=epsilon)


@planned
def normalized_rows(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float, centred: bool = True) -> Tensor:
    """Return `(x - mean) / sqrt(variance + epsilon) * gamma + beta` of `x`, (rows, columns), row by row.

    Parameters
    ----------
    x : Tensor, (rows, columns)
    gamma, beta : Tensor, (columns,)
    epsilon : float
    centred : bool
        Whether the mean is taken away; otherwise it counts as 0, and the variance is the mean square.

    References
    ----------
    Ba, Kiros and Hinton: Layer normalization, 2016, arXiv:1607.06450; Zhang and Sennrich: Root mean square layer
    normalization, 2019, arXiv:1910.07467.
    """
    if not x.shape[1]:
        raise ShapeError(f"normalization: there is nothing to take the mean of in shape {x.shape}")
    moments = apply(_ROW_MOMENTS, x, epsilon=epsilon, centred=int(centred))
    return apply(_ROW_NORMALIZATION, x, moments, gamma, beta, epsilon=epsilon, centred=int(centred))


def _column_moments_forward(x: Array) -> Array:
    x, columns = contiguous(x), x.shape[1]
    totals, out = empty((2, columns), FLOAT64), empty((2, columns), x.dtype)
    _column_moments(columns, x, totals, out, cost=x.shape[0] * _column_moments.cost)
    return out


def _scales_of(gamma: Array, moments: Array, epsilon: float) -> Array:
    scales = empty(gamma.shape, moments.dtype)
    _column_scales(gamma.size, contiguous(gamma), contiguous(moments), epsilon, scales)
    return scales


def _column_normalization_forward(x: Array, moments: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    x, out = contiguous(x), empty(x.shape, x.dtype)
    scales, cost = _scales_of(gamma, moments, epsilon), x.shape[1] * _column_normalization.cost
    _column_normalization(len(x), x, contiguous(moments), scales, contiguous(beta), out, cost=cost)
    return out


def _column_products_forward(g: Array, x: Array, moments: Array, epsilon: float) -> Array:
    g, x, columns = contiguous(g), contiguous(x), x.shape[1]
    totals, out = empty((2, columns), FLOAT64), empty((2, columns), x.dtype)
    cost = x.shape[0] * _column_products.cost
    _column_products(columns, g, x, contiguous(moments), epsilon, totals, out, cost=cost)
    return out


def _column_gradient_forward(
    g: Array, x: Array, gamma: Array, moments: Array, products: Array, epsilon: float
) -> Array:
    g, x, moments, rows = contiguous(g), contiguous(x), contiguous(moments), len(x)
    scales, slopes = _scales_of(gamma, moments, epsilon), empty(moments.shape, moments.dtype)
    _column_slopes(scales.size, contiguous(products), moments, scales, rows, epsilon, slopes)
    out = empty(x.shape, x.dtype)
    _column_gradient(rows, g, x, moments, scales, slopes, out, cost=x.shape[1] * _column_gradient.cost)
    return out


def _row_moments_forward(x: Array, epsilon: float, centred: int) -> Array:
    x, out = contiguous(x), empty((len(x), 2), x.dtype)
    _row_moments(len(x), x, centred, epsilon, out, cost=x.shape[1] * _row_moments.cost)
    return out


def _row_normalization_forward(
    x: Array, moments: Array, gamma: Array, beta: Array, epsilon: float, centred: int
) -> Array:
    x, out, cost = contiguous(x), empty(x.shape, x.dtype), x.shape[1] * _row_normalization.cost
    _row_normalization(len(x), x, contiguous(moments), contiguous(gamma), contiguous(beta), out, cost=cost)
    return out


def _row_products_forward(g: Array, x: Array, moments: Array) -> Array:
    g, x, columns = contiguous(g), contiguous(x), x.shape[1]
    totals, out = empty((2, columns), FLOAT64), empty((2, columns), x.dtype)
    _row_products(columns, g, x, contiguous(moments), totals, out, cost=x.shape[0] * _row_products.cost)
    return out


def _row_gradient_forward(g: Array, x: Array, gamma: Array, moments: Array, epsilon: float, centred: int) -> Array:
    g, x, gamma, moments = contiguous(g), contiguous(x), contiguous(gamma), contiguous(moments)
    slopes, out, rows = empty(moments.shape, x.dtype), empty(x.shape, x.dtype), len(x)
    _row_slopes(rows, g, x, gamma, moments, centred, slopes, cost=x.shape[1] * _row_slopes.cost)
    _row_gradient(rows, g, x, gamma, moments, slopes, out, cost=x.shape[1] * _row_gradient.cost)
    return out


# Gradients: `axis` is COLUMNS or ROWS, and `how` has epsilon, and for rows whether they are centred.


class _Latest(threading.local):
    """The latest sums of this thread, for which three gradients ask; what they are of is not kept alive.

    Recorded steps share them by a pass, and taped ones are all written down.
    """

    of: tuple = (None,) * 3
    how: tuple = ()
    products: Any = None


_latest = _Latest()


def _products(axis: int, g: Tensor, x: Tensor, moments: Tensor, how: dict) -> Tensor:
    """Return the sums of the columns of g, and of g times normalized x: what every gradient needs."""
    if context.unusual or context.listeners:
        return _new_products(axis, g, x, moments, how)
    settings = axis, how["epsilon"]
    known = [None if one is None else one() for one in _latest.of]
    if _latest.how != settings or not (known[0] is g and known[1] is x and known[2] is moments):
        _latest.products = _new_products(axis, g, x, moments, how)
        _latest.of, _latest.how = (weakref.ref(g), weakref.ref(x), weakref.ref(moments)), settings
    return _latest.products


def _new_products(axis, g, x, moments, how):
    if axis == COLUMNS:
        return apply(_COLUMN_PRODUCTS, g, x, moments, epsilon=how["epsilon"])
    return apply(_ROW_PRODUCTS, g, x, moments)


def _by_x(axis: int, g: Tensor, x: Tensor, moments: Tensor, gamma: Tensor, how: dict) -> Tensor:
    """Return the gradient by x: of what is normalized, times gamma."""
    if axis == COLUMNS:
        return apply(_COLUMN_GRADIENT, g, x, gamma, moments, _products(axis, g, x, moments, how), **how)
    return apply(_ROW_GRADIENT, g, x, gamma, moments, **how)


def _rule(axis: int) -> Any:
    def vjp(i: int, g: Tensor, y: Tensor, x: Tensor, moments: Tensor, gamma: Tensor, beta: Tensor, **how: Any) -> Any:
        if i == 0:
            return _by_x(axis, g, x, moments, gamma, how)
        if i == 1:
            return None
        op = (_BY_GAMMA if i == 2 else _BY_BETA)[axis]
        return apply(op, g, x, moments, _products(axis, g, x, moments, how), **how)

    return vjp


def _rule_by_gamma(axis: int) -> Any:
    """The rules of the sums of g times normalized x."""

    def vjp(i: int, h: Tensor, y: Tensor, g: Tensor, x: Tensor, moments: Tensor, products: Tensor, **how: Any) -> Any:
        if i == 0:
            return h * _normalized(axis, x, how)[0]
        return _by_x(axis, g, x, moments, h, how) if i == 1 else None

    return vjp


def _rule_by_beta(
    i: int, h: Tensor, y: Tensor, g: Tensor, x: Tensor, moments: Tensor, products: Tensor, **how: Any
) -> Any:
    return broadcast_to(h, g.shape) if i == 0 else None


def _rule_of_gradient(axis: int) -> Any:
    """The rules of the gradient by x, which is linear in g * gamma, by a matrix that is symmetric."""

    def vjp(
        i: int, h: Tensor, y: Tensor, g: Tensor, x: Tensor, gamma: Tensor, moments: Tensor, *_: Tensor, **how: Any
    ) -> Any:
        if i == 0:
            return gamma * _by_x(axis, h, x, moments, gamma.ones_like(), how)
        if i == 2:
            return total_of(g * _by_x(axis, h, x, moments, gamma.ones_like(), how), axis=0)
        return _by_x_again(axis, h, g * gamma, x, how) if i == 1 else None

    return vjp


def _normalized(axis: int, x: Tensor, how: dict) -> tuple[Tensor, Tensor]:
    """Return normalized x, and one over its deviation, in ops of the table."""
    if how.get("centred", 1):
        x = x - mean_of(x, axis=axis, keepdims=True)
    inverse = rsqrt(mean_of(square(x), axis=axis, keepdims=True) + how["epsilon"])
    return x * inverse, inverse


def _by_x_again(axis: int, h: Tensor, w: Tensor, x: Tensor, how: dict) -> Tensor:
    """Return the derivative by x of `sum(h * (w - mean(w) - n * mean(w * n)) / deviation)`, with n for normalized x."""
    n, inverse = _normalized(axis, x, how)

    def average(y: Tensor) -> Tensor:
        return mean_of(y, axis=axis, keepdims=True)

    if how.get("centred", 1):
        h, w = h - average(h), w - average(w)
    p, q = average(h * n), average(w * n)
    return -square(inverse) * (n * (average(h * w) - p * q) + q * (h - n * p) + p * (w - n * q))


def _op(name: str, function: Any, forward: Any, vjp: Any = None) -> Op:
    differentiable = vjp is not None
    return internal(Op(name, function, forward=forward, vjp=vjp, differentiable=differentiable, recordable=True))


_COLUMN_MOMENTS = _op("column_moments", column_moments, _column_moments_forward)
_ROW_MOMENTS = _op("row_moments", normalized_rows, _row_moments_forward)
_COLUMN_NORMALIZATION = _op("column_normalization", normalized_columns, _column_normalization_forward, _rule(COLUMNS))
_ROW_NORMALIZATION = _op("row_normalization", normalized_rows, _row_normalization_forward, _rule(ROWS))
_COLUMN_PRODUCTS = _op("column_products", normalized_columns, _column_products_forward)
_ROW_PRODUCTS = _op("row_products", normalized_rows, _row_products_forward)
_COLUMN_GRADIENT = _op("column_gradient", normalized_columns, _column_gradient_forward, _rule_of_gradient(COLUMNS))
_ROW_GRADIENT = _op("row_gradient", normalized_rows, _row_gradient_forward, _rule_of_gradient(ROWS))
_BY_GAMMA = [
    _op("normalization_by_gamma", function, lambda g, x, moments, products, **how: products[1], _rule_by_gamma(axis))
    for axis, function in ((COLUMNS, normalized_columns), (ROWS, normalized_rows))
]
_BY_BETA = [
    _op("normalization_by_beta", normalized_rows, lambda g, x, moments, products, **how: products[0], _rule_by_beta)
] * 2
SHARED = frozenset((_COLUMN_PRODUCTS, _ROW_PRODUCTS))
"""Ops that several gradients ask for with the same operands: a recorded step computes them once."""
