"""Any range body on a GPU: one thread takes positions i, i + step, i + 2 step, and so on, of the range 0..n.

This is the grid-stride loop of the CUDA C++ Programming Guide's examples. It is right for every body, and fast for
those whose neighbouring positions read neighbouring memory.
"""

from numbanet.kernels.cuda.toolkit import cuda, device

_KERNEL = """
def kernel({operands}, n):
    i = cuda.grid(1)
    while i < n:
        body({operands}, i, i + 1)
        i += cuda.gridsize(1)
"""
"""Numba compiles functions with a fixed number of parameters, so that it is written for as many as a body has."""

BLOCKS = 4096
"""At most so many blocks: enough to fill any GPU; the loop does the rest."""


def make_range(body):
    """The kernel of a body."""
    count = body.__code__.co_argcount - 2
    names = {"cuda": cuda, "body": device(body)}
    exec(_KERNEL.format(operands=", ".join(f"x{i}" for i in range(count))), names)
    return names["kernel"]


def run(build, body, n, operands):
    """Launch positions 0..n of a body."""
    threads = build.sizes.threads
    blocks = min(-(-n // threads), BLOCKS)
    build.launch(make_range, (body,), (blocks,), (threads,), (*operands, n))
