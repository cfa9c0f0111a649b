"""Order: sorting, the largest few, running totals.

Called one by one on the CPU, `argsort` is NumPy's, whose sorting is hard to match; a replay runs our loop, which gives
the same positions.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from numbanet.core.checks import as_flag, is_integer
from numbanet.core.dtypes import accumulator_dtype, is_float
from numbanet.core.shapes import normalize_axis
from numbanet.core.table import Case
from numbanet.errors import ArgumentError
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.launch import Kernel
from numbanet.loops import reduce as loops
from numbanet.ops.arranging import moveaxis
from numbanet.ops.creation import full
from numbanet.ops.declare import DISTINCT, NUMBER, composed, primitive
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import where
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.lanes import as_lanes
from numbanet.ops.products import divides_well, running_gradient
from numbanet.ops.shaping import concat, flip, reshape
from numbanet.tensor.listeners import followed, is_traced
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import ArrayLike, Integer

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

_sums, _integer_sums = Kernel(loops.cumulative_sum), Kernel(loops.cumulative_sum_integers)
_products, _integer_products = Kernel(loops.cumulative_prod), Kernel(loops.cumulative_prod_integers)


def _cumulative_forward(floats, integers):
    def forward(x, axis):
        lanes = as_lanes(x, (axis,))
        out = empty(x.shape, accumulator_dtype(x.dtype))
        kernel = floats if is_float(x.dtype) else integers
        if out.size:
            kernel(lanes.shape[0] * lanes.shape[2], lanes, out.reshape(lanes.shape), cost=float(lanes.shape[1]))
        return out

    return forward


def _cumulative(name, op, first, x, axis, dtype, include_initial):
    x = asarray(x) if dtype is None else asarray(x).astype(dtype)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    at = normalize_axis(name, axis, x.ndim)
    y = apply(op, x, axis=at)
    if as_flag(f"{name}: include_initial", include_initial):
        y = concat([full((*y.shape[:at], 1, *y.shape[at + 1 :]), first, y.dtype, y.device), y], at)
    return y if dtype is None or y.dtype == dtype else y.astype(dtype)


def cumulative_sum(
    x: ArrayLike, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    return _cumulative("cumulative_sum", _cumulative_sum, 0, x, axis, dtype, include_initial)


def cumulative_prod(
    x: ArrayLike, axis: SupportsIndex | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    return _cumulative("cumulative_prod", _cumulative_prod, 1, x, axis, dtype, include_initial)


def _product_vjp(g, y, x, axis):
    """Sums of products of all but one; of quotients, which take less time, where these are as good.

    A replay computes both, and chooses as Python does; unless this gradient is followed, whose own gradient is that of
    the one that was chosen.
    """
    fine = divides_well(x, y)
    both = is_traced(fine) and not any(map(followed, (g, y, x)))
    if both or fine.item():
        quotients = flip(cumulative_sum(flip(g * y, axis), axis), axis) / x
        if not both:
            return quotients
    products = moveaxis(running_gradient(moveaxis(g, axis, -1), moveaxis(x, axis, -1)), -1, axis)
    return where(fine, quotients, products) if both else products


_CASES = (
    Case((NUMBER,), shapes=((3, 4),), params={"axis": 0}),
    Case((NUMBER,), shapes=((3, 4),), params={"axis": -1}),
)


def _cumprod_reference(x, axis):
    """NumPy's, in double precision: in float32, 1e-36 * 1e-36 * inf has underflowed before it meets the infinity."""
    wide = np.cumprod(x, axis, dtype=np.float64 if is_float(x.dtype) else None)
    return wide.astype(x.dtype) if is_float(x.dtype) else wide


_cumulative_sum = primitive(
    "cumulative_sum", cumulative_sum, _cumulative_forward(_sums, _integer_sums), family="sorting",
    vjp=(lambda g, y, x, axis: flip(cumulative_sum(flip(g, axis), axis), axis),), reference=np.cumsum, cases=_CASES,
    numpy=(np.cumsum, np.cumulative_sum),
)  # fmt: skip
_cumulative_prod = primitive(
    "cumulative_prod", cumulative_prod, _cumulative_forward(_products, _integer_products), family="sorting",
    vjp=(_product_vjp,), reference=_cumprod_reference, cases=_CASES, numpy=(np.cumprod, np.cumulative_prod),
)  # fmt: skip
_RUNNING = {
    "axis": "int, or None\n    None for the flattened array.",
    "dtype": "dtype, optional\n    Convert to it first, and give the result in it.",
    "include_initial": "bool\n    Whether the result starts with that of nothing, one element longer.",
}
document(
    cumulative_sum, "Return running sums along a dimension.", _RUNNING,
    "Of the shape of `x`; unsigned integers become uint64, others int64.", "[1.0, 2.0, 3.0]",
    "Tensor([1., 3., 6.], shape=(3,), dtype=float32)",
)  # fmt: skip
document(
    cumulative_prod, "Return running products along a dimension.", _RUNNING,
    "Of the shape of `x`; unsigned integers become uint64, others int64.", "[1.0, 2.0, 3.0]",
    "Tensor([1., 2., 6.], shape=(3,), dtype=float32)",
)  # fmt: skip


def _order(name, x, axis, descending, stable):
    """What `sort` and `argsort` go by: the tensor, flat where no axis is given, the axis, and which end comes first."""
    as_flag(f"{name}: stable", stable)  # it always is
    x = asarray(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return x, normalize_axis(name, axis, x.ndim), as_flag(f"{name}: descending", descending)


def argsort(x: ArrayLike, axis: Integer | None = -1, descending: bool = False, stable: bool = True) -> Tensor:
    x, at, downwards = _order("argsort", x, axis, descending, stable)
    return apply(_argsort, x, axis=at, descending=downwards)


_argsort = primitive(
    "argsort", argsort, launch.argsort, family="sorting", numpy=(np.argsort,),
    reference=lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    cases=(Case((NUMBER,), shapes=((3, 4),), params={"axis": 0}),),
)  # fmt: skip
_ORDER = {
    "axis": "int or None\n    Which dimension; None for all elements, as one vector.",
    "descending": "bool\n    Largest first.",
    "stable": "bool\n    Equals keep their order always.",
}
document(
    argsort, "Return the positions that sort a dimension; NaN comes last.", _ORDER, "Positions, int64.",
    "[3.0, 1.0, 2.0]",
    "Tensor([1, 2, 0], shape=(3,), dtype=int64)",
)  # fmt: skip


def sort(x: ArrayLike, axis: Integer | None = -1, descending: bool = False, stable: bool = True) -> Tensor:
    x, at, downwards = _order("sort", x, axis, descending, stable)
    return take_along_axis(x, apply(_argsort, x, axis=at, descending=downwards), at)


composed(
    "sort", sort, reference=np.sort, family="sorting", numpy=(np.sort,),
    cases=tuple(Case((NUMBER,), shapes=((3, 4),), params={"axis": a}, smooth=(DISTINCT,)) for a in (0, 1)),
)  # fmt: skip
document(
    sort, "Sort a dimension in ascending order; NaN comes last.", _ORDER, "Of the shape of `x`.", "[3.0, 1.0, 2.0]",
    "Tensor([1., 2., 3.], shape=(3,), dtype=float32)",
)  # fmt: skip


def topk(x: ArrayLike, k: Integer) -> tuple[Tensor, Tensor]:
    x = asarray(x)
    if not is_integer(k) or not x.ndim or not 1 <= index(k) <= x.shape[-1]:
        raise ArgumentError(f"topk: k must be an integer from 1 to the last size of shape {x.shape}, got {k!r}")
    positions = argsort(x, -1, descending=True)[..., : int(k)]
    return take_along_axis(x, positions, -1), positions


composed("topk", topk, family="sorting")
document(
    topk, "Return the k largest elements along the last dimension, largest first, and their positions.",
    {"k": "int\n    From 1 to the size of the last dimension."},
    "Values and int64 positions, each of shape `x.shape[:-1] + (k,)`.", "[3.0, 1.0, 2.0], 2",
    "(Tensor([3., 2.], shape=(2,), dtype=float32), Tensor([0, 2], shape=(2,), dtype=int64))",
    kind="tuple of two Tensors", source="Keras 3, keras.ops.top_k.",
    raises={"ArgumentError": "When `k` is not an integer from 1 to the size of the last dimension."},
)  # fmt: skip
