"""Reductions as launches: what is reduced lies in lanes, arrays (outer, n, inner) whose middle axis goes."""

import functools
import math

import numpy as np

from numbanet.core.dtypes import accumulator_dtype
from numbanet.core.shapes import reduced_shape
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, converted

WIDTH = 256
"""This many elements of a long lane are compared side by side at most: 65,536 floats take 12 us, and 105 one by one."""
WIDTH_OF_MANY = 64
"""The same where there are many lanes, since what is left of each is compared one by one: 1,000 lanes of 1,000 floats
take 240 us, and 480 with 250 side by side."""
LEAST = 8
"""With fewer side by side, one after the other is as fast."""


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
    return launch_lanes(kernel, as_accumulated(x), axes, keepdims, accumulator_dtype(x.dtype))


def as_accumulated(x):
    """Integers as the loops of sums and products take them: any on the host, those of 64 bits on a device."""
    return x if type(x) is np.ndarray else converted(x, accumulator_dtype(x.dtype))


def launch_columns(kernel, columns, x, axes, keepdims):
    """Reduce by loops that compare elements side by side, on the host and where there are enough of them.

    Parameters
    ----------
    kernel, columns : Kernel
        That reduce lane by lane, and row by row.
    x : array
    axes : tuple of int
    keepdims : bool
    """
    lanes, out = as_lanes(x, axes), empty(reduced_shape(x.shape, axes, keepdims), x.dtype)
    outer, n, inner = lanes.shape
    if type(x) is np.ndarray and inner >= LEAST:
        columns(outer, lanes, out.reshape(outer, inner), cost=n * inner * columns.cost)
        return out
    if type(x) is np.ndarray and inner == 1:
        lanes = _folded(kernel, columns, lanes)
    kernel(out.size, lanes, out.reshape(-1), cost=max(lanes.shape[1], 1) * kernel.cost)
    return out


def _folded(kernel, columns, lanes):
    """Lanes (outer, n, 1) with the same result that are shorter, if n is large: of the rows of each, the best."""
    outer, n, _ = lanes.shape
    width = _width_of(n) if outer > 1 or n < 4 * WIDTH else WIDTH
    if not width:
        return lanes
    rows = n // width
    rest = n - rows * width  # 0 unless there is one lane
    folded = empty((outer, width + (rest > 0), 1), lanes.dtype)
    whole = lanes[:, : rows * width].reshape(outer, rows, width)
    columns(outer, whole, folded[:, :width, 0], cost=rows * width * columns.cost)
    if rest:
        kernel(1, lanes[:, -rest:], folded[0, width:, 0], cost=rest * kernel.cost)
    return folded


@functools.lru_cache(256)
def _width_of(n):
    """In how many columns a lane is folded so that nothing is left over, 4 rows at least; 0 where that does not pay."""
    return next((width for width in range(min(WIDTH_OF_MANY, n // 4), LEAST - 1, -1) if n % width == 0), 0)
