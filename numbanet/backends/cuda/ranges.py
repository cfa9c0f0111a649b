"""Any range body on a GPU: one thread takes positions i, i + step, i + 2 step, and so on, of the range 0..n.

This is the grid-stride loop of the CUDA C++ Programming Guide's examples. It is right for every body, and fast for
those whose neighbouring positions read neighbouring memory.
"""

import numpy as np

from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.core.context import context
from numbanet.kernels.arrays import DeviceArray
from numbanet.kernels.recording import Slot
from numbanet.loops.dropout import dropout

_KERNEL = """
def kernel({parameters}, n):
    i = cuda.grid(1)
    while i < n:
        body({operands}, i, i + 1)
        i += cuda.gridsize(1)
"""
"""Numba compiles functions with a fixed number of parameters, so that it is written for as many as a body has."""

BLOCKS = 4096
"""At most so many blocks: enough to fill any GPU; the loop does the rest."""


def make_range(body, slots, number):
    """The kernel of a body; the operands at the positions `slots` are numbers of a dtype that lie in memory."""
    parameters = [f"x{i}" for i in range(body.__code__.co_argcount - 2)]
    operands = [f"number({name}[0])" if i in slots else name for i, name in enumerate(parameters)]
    narrow = body is dropout and number == np.float32  # its integers are positions, and 64 bits wide
    names = {"cuda": cuda, "body": device(body, narrow), "number": number.type}
    exec(_KERNEL.format(parameters=", ".join(parameters), operands=", ".join(operands)), names)
    return names["kernel"]


def run(backend, body, n, operands):
    """Launch positions 0..n of a body; numbers that change from step to step are read from the memory of the plan."""
    slots = tuple(i for i, x in enumerate(operands) if type(x) is Slot) if context.launches is not None else ()
    number = [x.dtype for x in operands if isinstance(x, DeviceArray)][-1]  # floats become numbers of the last array
    if slots:
        plan = context.pool
        operands = [plan.slot(x) if i in slots else x for i, x in enumerate(operands)]
    threads = backend.sizes.threads
    blocks = min(-(-n // threads), BLOCKS)
    backend.launch(make_range, (body, slots, number), (blocks,), (threads,), (*operands, n), number)
