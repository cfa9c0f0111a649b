"""Copies made by kernels, so that they can be recorded like everything else."""

import numpy as np

from numbanet.backends.select import backend_of, call
from numbanet.core.context import context
from numbanet.kernels.memory import empty
from numbanet.launching.launch import Kernel
from numbanet.loops import move

_copy = Kernel(move.astype, cost=0.2)


def contiguous(x):
    """`x` laid out row by row: itself if it already is, otherwise a copy made by the windowed walk."""
    return x if x.flags.c_contiguous else copied(x)


def copied(x):
    """A copy of `x`, laid out row by row."""
    out = empty(x.shape, x.dtype)
    _copy.map(out, x)
    return out


def copy_to(out, x):
    """Copy `x` into `out`, contiguous and of the same shape, dtype and device."""
    _copy.map(out, x)


def fill(out, value):
    """Write one number everywhere into `out`, contiguous and new: by a launch, unlike NumPy's assignment."""
    _copy.map(out, backend_of(out).number(np.asarray(value, out.dtype).item(), out.dtype))


def full(shape, value, dtype):
    """An array that holds one value everywhere, where `empty` would put it."""
    if context.pool is None and context.placement is None:
        return np.zeros(shape, dtype) if value == 0 else np.full(shape, value, dtype)
    out = empty(shape, np.dtype(dtype))
    fill(out, value)
    return out


def assign(target, x):
    """Copy `x`, of the same shape, dtype and device, into a view of an array."""
    if type(target) is np.ndarray and context.launches is None:
        target[...] = x  # NumPy's copy is as fast, and it is asked for without a way round
    elif target.size:
        call("assign", target, target, x)


def converted(x, dtype):
    """`x` in another dtype, as NumPy converts it.

    Floats that become integers fit in them: others are undefined in C (see `core.dtypes.check_fits`).
    """
    if x.dtype == dtype:
        return x
    if x.dtype.kind == "f" and dtype.kind != "f" and type(x) is np.ndarray and context.launches is None:
        with np.errstate(invalid="ignore", over="ignore"):  # NumPy's loops are the faster ones
            return x.astype(dtype)
    out = empty(x.shape, dtype)
    _copy.map(out, x)
    return out
