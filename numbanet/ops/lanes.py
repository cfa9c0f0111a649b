"""Reductions as launches: what is reduced lies in lanes, arrays (outer, n, inner) whose middle axis goes."""

import math

from numbanet.core.dtypes import accumulator_dtype
from numbanet.core.shapes import reduced_shape
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.copies import contiguous


def as_lanes(x, axes):
    """`x` as (outer, n, inner) with the axes to reduce in the middle; moves data only where they are not neighbours."""
    if not axes:
        return contiguous(x).reshape(-1, 1, 1)
    if axes != tuple(range(axes[0], axes[-1] + 1)):
        kept = tuple(d for d in range(x.ndim) if d not in axes)
        x, axes = x.transpose(kept + axes), tuple(range(len(kept), x.ndim))
    outer, n = math.prod(x.shape[: axes[0]]), math.prod(x.shape[axes[0] : axes[-1] + 1])
    inner = math.prod(x.shape[axes[-1] + 1 :])
    return contiguous(x).reshape(outer, n, inner)


def launch_lanes(kernel, x, axes, keepdims, dtype):
    """Reduce lane by lane."""
    lanes = as_lanes(x, axes)
    out = empty(reduced_shape(x.shape, axes, keepdims), dtype)
    kernel(out.size, lanes, out.reshape(-1), cost=max(lanes.shape[1], 1) * kernel.cost)
    return out


def launch_integers(kernel, x, axes, keepdims):
    """The loops accumulate in the dtype of the result, 64 bits wide, and read small integers as they lie."""
    return launch_lanes(kernel, x, axes, keepdims, accumulator_dtype(x.dtype))


def launch_columns(kernel, columns, x, axes, keepdims):
    """Reduce by either of two kernels: lane by lane, or row by row; see `launch.reduce`."""
    lanes, out = as_lanes(x, axes), empty(reduced_shape(x.shape, axes, keepdims), x.dtype)
    launch.reduce(kernel, columns, lanes, out)
    return out
