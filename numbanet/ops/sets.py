"""Where elements are, and which there are: results whose shape depends on the values.

The former are NumPy's on the CPU. Their shape is not known before the values are, so that no replay has them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numbanet.core.checks import as_choice, as_flag
from numbanet.core.context import context
from numbanet.core.dtypes import BOOL, INT64
from numbanet.core.table import TABLE
from numbanet.errors import DTypeError, ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous
from numbanet.launching.launch import Kernel
from numbanet.loops import sort as loops
from numbanet.ops.creation import full
from numbanet.ops.declare import composed, primitive
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import equal, minimum, not_equal
from numbanet.ops.indexing import take
from numbanet.ops.shaping import reshape
from numbanet.ops.sorting import sort
from numbanet.tensor.tensor import Tensor, apply, as_tensors, asarray, in_common_dtype, put
from numbanet.typing import ArrayLike, Side

_STANDARD = "Python array API standard 2024.12, set and searching functions."


class UniqueAll(NamedTuple):
    """What `nn.unique_all` gives."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What `nn.unique_counts` gives."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What `nn.unique_inverse` gives."""

    values: Tensor
    inverse_indices: Tensor


def nonzero(x: ArrayLike, /) -> tuple[Tensor, ...]:
    x = asarray(x)
    if not x.ndim:
        raise ShapeError("nonzero: needs at least one dimension, got shape ()")
    return tuple(put(np.ascontiguousarray(found), x.device) for found in np.nonzero(x.numpy()))


def unique_all(x: ArrayLike, /) -> UniqueAll:
    x = asarray(x)
    found = np.unique_all(x.numpy())
    return UniqueAll(*(put(part, x.device) for part in found))


def unique_counts(x: ArrayLike, /) -> UniqueCounts:
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: ArrayLike, /) -> UniqueInverse:
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: ArrayLike, /) -> Tensor:
    return unique_all(x).values


def searchsorted(x1: ArrayLike, x2: ArrayLike, /, *, side: Side = "left", sorter: ArrayLike | None = None) -> Tensor:
    as_choice("searchsorted: side", side, ("left", "right"))
    x1, x2 = in_common_dtype("searchsorted", as_tensors("searchsorted", (x1, x2)))
    if x1.ndim != 1:
        raise ShapeError(f"searchsorted: needs sorted values of one dimension, got shape {x1.shape}")
    if sorter is not None:
        order = asarray(sorter)
        if order.dtype.kind not in "iu":
            raise DTypeError(f"searchsorted: the sorter must be integer, got {order.dtype}")
        if order.shape != x1.shape:
            raise ShapeError(f"searchsorted: a sorter of shape {order.shape} does not sort values of shape {x1.shape}")
        x1 = take(x1, order)
    return apply(_searchsorted, x1, x2, right=side == "right")


def _searchsorted_forward(x, v, right):
    out = empty(v.shape, INT64)
    cost = 2.0 + 3.0 * x.size.bit_length()
    _searchsorted_kernel(out.size, contiguous(x), contiguous(v).reshape(-1), int(right), out.reshape(-1), cost=cost)
    return out


_searchsorted_kernel = Kernel(loops.searchsorted)
_searchsorted = primitive(
    "searchsorted", searchsorted, _searchsorted_forward, family="searching", numpy=(np.searchsorted,)
)


def isin(x1: ArrayLike, x2: ArrayLike, /, *, invert: bool = False) -> Tensor:
    invert = as_flag("isin: invert", invert)
    x1, x2 = in_common_dtype("isin", as_tensors("isin", (x1, x2)))
    if context.trace is None:
        return put(np.asarray(np.isin(x1.numpy(), x2.numpy(), invert=invert)), x1.device)
    if not x2.size:
        return full(x1.shape, invert, BOOL, x1.device)
    values = sort(reshape(x2, (-1,)))
    places = minimum(searchsorted(values, x1), x2.size - 1)  # all of them below its size: there is nothing to check
    return (not_equal if invert else equal)(apply(TABLE["take"], values, places, axis=0), x1)


for _function in (nonzero, unique_all, unique_counts, unique_inverse, unique_values, isin):
    _name = _function.__name__
    composed(_name, _function, family="searching", differentiable=False, numpy=(getattr(np, _name),))

_VALUES = "Tensor([1, 3], shape=(2,), dtype=int64)"
_POSITIONS = "Tensor([1, 0, 1], shape=(3,), dtype=int64)"
_COUNTS = "Tensor([1, 2], shape=(2,), dtype=int64)"
document(
    nonzero, "Return the positions of the elements that are not zero.", {},
    "Positions along each dimension, int64, of one dimension.",
    "[0.0, 2.0, 3.0]", "(Tensor([1, 2], shape=(2,), dtype=int64),)", kind="tuple of Tensor", source=_STANDARD,
)  # fmt: skip
document(
    unique_all, "Return the distinct values in ascending order; each NaN is a value of its own.", {},
    "`values` of the dtype of `x`, the `indices` of the first of each, the `inverse_indices` that make `x` of them, of "
    "its shape, and\n    `counts`, int64.",
    "[3, 1, 3]",
    f"UniqueAll(values={_VALUES}, indices=Tensor([1, 0], shape=(2,), dtype=int64), inverse_indices={_POSITIONS}, "
    f"counts={_COUNTS})",
    kind="UniqueAll", source=_STANDARD,
)  # fmt: skip
document(
    unique_counts, "Return the distinct values in ascending order, and how often each occurs.", {},
    "`values` of the dtype of `x`, and `counts`, int64, of one dimension.", "[3, 1, 3]",
    f"UniqueCounts(values={_VALUES}, counts={_COUNTS})", kind="UniqueCounts", source=_STANDARD,
)  # fmt: skip
document(
    unique_inverse, "Return the distinct values in ascending order, and which of them each element is.", {},
    "`values` of the dtype of `x`, and `inverse_indices`, int64, of its shape.", "[3, 1, 3]",
    f"UniqueInverse(values={_VALUES}, inverse_indices={_POSITIONS})", kind="UniqueInverse", source=_STANDARD,
)  # fmt: skip
document(
    unique_values, "Return the distinct values in ascending order; each NaN is a value of its own.", {},
    "Of one dimension and the dtype of `x`.", "[3, 1, 3]", _VALUES, source=_STANDARD,
)  # fmt: skip
document(
    searchsorted, "Return the positions at which inserted values would keep a sorted array sorted.",
    {
        "x2": "array-like\n    The values, of any shape.",
        "side": '{"left", "right"}\n    Before or behind the values that equal them.',
        "sorter": "integer array-like, optional\n    The positions that sort `x1`, if it is not sorted.",
    },
    "Positions, int64, of the shape of `x2`.", "[1.0, 2.0, 4.0], [2.0, 9.0]",
    "Tensor([1, 3], shape=(2,), dtype=int64)", first=("x1", "array-like\n    Of one dimension, in ascending order."),
    source=_STANDARD,
)  # fmt: skip
document(
    isin, "Test whether each element is one of the values of another array.",
    {"x2": "array-like\n    The values, of any shape.", "invert": "bool\n    Whether to tell the opposite."},
    "bool, of the shape of `x1`.", "[1, 2, 3], [2, 5]", "Tensor([False,  True, False], shape=(3,), dtype=bool)",
    first=("x1", "array-like\n    Any shape and dtype."), source="Python array API standard 2025.12, set functions.",
)  # fmt: skip
