"""Launches that run over some rows of what they run over: those that occur in a batch of sparse rows."""

import array
import dataclasses

import numpy as np

from numbanet.core.context import context
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty

_mark = Body("numbanet.backends.native.drivers.touched.mark_columns")
_over = Body("numbanet.backends.native.drivers.touched.over_touched")


def mark_columns(backend, rows, starts, columns, cuts):
    """Launch the marking of columns that occur in rows of a matrix; return its flags, uint8."""
    n = len(cuts) - 1
    flags = empty((n,), np.uint8)
    cost = 0.1 + len(rows) * (20.0 + len(columns) / max(len(starts) - 1, 1)) / max(n, 1)
    backend.run(_mark, n, (rows, starts, columns, cuts, flags), cost)
    return flags


def launch_touched(backend, launch, flags):
    """Record a launch that was kept, over the rows with a flag alone.

    Its operands stand behind those of the driver in one block, so that what changes there from step to step is found.
    """
    width = launch.n // len(flags)
    kernel, words = backend.prepare(_over, (launch.function, 0, flags, width))
    block = array.array("q", [*words, *launch.block])
    block[1] = block.buffer_info()[0] + 8 * len(words)
    slots = [(len(words) + word, slot) for word, slot in launch.slots]
    context.launches.append(
        dataclasses.replace(
            launch, name=f"{launch.name} of touched rows", function=kernel.address, block=block, n=len(flags),
            cost=2.0 + width * launch.cost, keep=(launch, flags, *launch.keep), slots=slots, body="",
        )
    )  # fmt: skip
