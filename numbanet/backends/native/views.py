"""Copies into views: arrays of any strides, parts of a larger one."""

import array

import numpy as np

from numbanet.core.context import context
from numbanet.core.shapes import coalesce
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty
from numbanet.loops import move

_copy = Body(move.astype, cost=0.2)
_assign = Body("numbanet.backends.native.drivers.assign.assign", cost=0.3)


def assign(backend, target, x):
    """Copy `x` into `target`, by NumPy unless launches are recorded."""
    if context.launches is None:
        target[...] = x
    elif target.flags.c_contiguous:
        backend.map(_copy, target, (x,))
    else:
        if not x.flags.c_contiguous:
            lying, x = x, empty(x.shape, x.dtype)
            backend.map(_copy, x, (lying,))
        launch_assign(backend, target, x)


def launch_assign(backend, target, x):
    """Launch the copy of an `x` that lies row by row."""
    sizes, (walk,) = coalesce(target.shape, [target.strides])
    address_of = backend.address_of
    layout = np.array([address_of(x), address_of(target), x.itemsize, len(sizes), *sizes, *walk], np.int64)
    words = array.array("q", [address_of(layout), len(layout)])
    kernel, _ = backend.prepare(_assign, (layout,))
    backend.launch(_assign, kernel, words, target.size, _assign.cost, (layout, x, target))
