"""Launches that run over some rows of what they run over: those that occur in a batch of sparse rows."""

import array
import dataclasses

import numpy as np

from numbanet.core.context import context
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty

_mark = Body("numbanet.backends.native.drivers.touched.mark_columns")
_over = Body("numbanet.backends.native.drivers.touched.over_touched")
_mark_first = Body("numbanet.backends.native.drivers.touched.mark_first")
_over_picked = Body("numbanet.backends.native.drivers.touched.over_picked")


def mark_columns(backend, rows, starts, columns, cuts):
    """Launch the marking of columns that occur in rows of a matrix; return its flags, uint8."""
    n = len(cuts) - 1
    flags = empty((n,), np.uint8)
    cost = 0.1 + len(rows) * (20.0 + len(columns) / max(len(starts) - 1, 1)) / max(n, 1)
    backend.run(_mark, n, (rows, starts, columns, cuts, flags), cost)
    return flags


def launch_touched(backend, launch, flags):
    """Record a launch that was kept, over the rows with a flag alone."""
    width = launch.n // len(flags)
    _record(backend, _over, launch, (flags, width), len(flags), 2.0 + width * launch.cost)


def mark_first(backend, index, count):
    """Launch the marking of places at which a number occurs for the first time; return its flags, uint8."""
    first = empty((len(index),), np.uint8)
    seen = np.zeros(count, np.uint8)  # of its own: each step finds it cleared, and clears what it has set
    backend.run(_mark_first, 1, (index, seen, first), 4.0 * len(index))
    return first


def launch_picked(backend, launch, count, index, first):
    """Record a launch that was kept, over those of its `count` rows alone that `index` has at places with a flag."""
    width = launch.n // count
    _record(backend, _over_picked, launch, (index, first, width), len(index), 10.0 + width * launch.cost)


def _record(backend, driver, launch, operands, n, cost):
    """Record a driver of a launch that was kept.

    The launch's operands stand behind those of the driver in one block, so that what changes there from step to step
    is found.
    """
    kernel, words = backend.prepare(driver, (launch.function, 0, *operands))
    block = array.array("q", [*words, *launch.block])
    block[1] = block.buffer_info()[0] + 8 * len(words)
    slots = [(len(words) + word, slot) for word, slot in launch.slots]
    arrays = [x for x in operands if isinstance(x, np.ndarray)]
    context.launches.append(
        dataclasses.replace(
            launch, name=f"{launch.name} of touched rows", function=kernel.address, block=block, n=n, cost=cost,
            keep=(launch, *arrays, *launch.keep), slots=slots, body="",
        )
    )  # fmt: skip
