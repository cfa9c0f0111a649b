"""Order: sorting, the largest few, running totals.

On the CPU, sorting is NumPy's: it is no loop that networks train by, and its vectorised quicksort is hard to match.
"""

import numpy as np

from numbanet.dtypes import accumulator_dtype, is_float
from numbanet.errors import ArgumentError
from numbanet.kernels.copies import converted
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import reduce as loops
from numbanet.kernels.memory import empty
from numbanet.ops.declare import NUMBER, composed, primitive
from numbanet.ops.documentation import document
from numbanet.ops.indexing import take_along_axis
from numbanet.ops.reduce import as_lanes
from numbanet.ops.shaping import flip, reshape
from numbanet.shapes import normalize_axis
from numbanet.table import Case
from numbanet.tensor import apply, asarray

_sums, _integer_sums = Kernel(loops.cumulative_sum), Kernel(loops.cumulative_sum_integers)


def _cumulative_forward(x, axis):
    lanes = as_lanes(converted(x, accumulator_dtype(x.dtype)), (axis,))
    out = empty(x.shape, lanes.dtype)
    kernel = _sums if is_float(x.dtype) else _integer_sums
    kernel(lanes.shape[0] * lanes.shape[2], lanes, out.reshape(lanes.shape), cost=float(lanes.shape[1]))
    return out


def cumulative_sum(x, axis=None):
    x = asarray(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return apply(_cumulative_sum, x, axis=normalize_axis("cumulative_sum", axis, x.ndim))


_cumulative_sum = primitive(
    "cumulative_sum", cumulative_sum, _cumulative_forward, family="sorting",
    vjp=(lambda g, y, x, axis: flip(cumulative_sum(flip(g, axis), axis), axis),), reference=np.cumsum,
    cases=(Case((NUMBER,), shapes=((3, 4),), params={"axis": 0}),
    Case((NUMBER,), shapes=((3, 4),), params={"axis": -1})),
    numpy=(np.cumsum,),
)  # fmt: skip
document(
    cumulative_sum, "Running totals along a dimension.", {"axis": "int, or None\n    None for the flattened array."},
    "Of the shape of `x`; unsigned integers become uint64, others int64.", "[1.0, 2.0, 3.0]",
    "Tensor([1., 3., 6.], shape=(3,), dtype=float32)",
)  # fmt: skip


def argsort(x, axis=-1, descending=False, stable=True):
    x = asarray(x)
    return apply(_argsort, x, axis=normalize_axis("argsort", axis, x.ndim), descending=bool(descending))


def _argsort_forward(x, axis, descending):
    if type(x) is not np.ndarray:
        return x.device.build.argsort(x, axis, descending)
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    backwards = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - backwards, axis)  # turned twice, so that equals keep their order


_argsort = primitive(
    "argsort", argsort, _argsort_forward, family="sorting", recordable=False, numpy=(np.argsort,),
    reference=lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    cases=(Case((NUMBER,), shapes=((3, 4),), params={"axis": 0}),),
)  # fmt: skip
_ORDER = {
    "axis": "int",
    "descending": "bool\n    Largest first.",
    "stable": "bool\n    Equals keep their order always.",
}
document(
    argsort, "The positions that sort a dimension; NaN comes last.", _ORDER, "Positions, int64.", "[3.0, 1.0, 2.0]",
    "Tensor([1, 2, 0], shape=(3,), dtype=int64)",
)  # fmt: skip


def sort(x, axis=-1, descending=False, stable=True):
    x = asarray(x)
    return take_along_axis(x, argsort(x, axis, descending), axis)


composed(
    "sort", sort, reference=np.sort, family="sorting", numpy=(np.sort,),
    cases=(Case((NUMBER,), shapes=((3, 4),), params={"axis": 0}),
    Case((NUMBER,), shapes=((3, 4),), params={"axis": 1})),
)  # fmt: skip
document(
    sort, "A dimension in ascending order; NaN comes last.", _ORDER, "Of the shape of `x`.", "[3.0, 1.0, 2.0]",
    "Tensor([1., 2., 3.], shape=(3,), dtype=float32)",
)  # fmt: skip


def topk(x, k):
    x = asarray(x)
    if not isinstance(k, (int, np.integer)) or not x.ndim or not 1 <= k <= x.shape[-1]:
        raise ArgumentError(f"topk: k must be an integer from 1 to the last size of shape {x.shape}, got {k!r}")
    positions = argsort(x, -1, descending=True)[..., :k]
    return take_along_axis(x, positions, -1), positions


composed("topk", topk, family="sorting")
document(
    topk, "The k largest along the last dimension, largest first, and where they are.", {"k": "int"},
    "Values and int64 positions, each of shape `x.shape[:-1] + (k,)`.", "[3.0, 1.0, 2.0], 2",
    "(Tensor([3., 2.], shape=(2,), dtype=float32), Tensor([0, 2], shape=(2,), dtype=int64))",
    kind="tuple of two Tensors", source="Keras 3, keras.ops.top_k.",
)  # fmt: skip
