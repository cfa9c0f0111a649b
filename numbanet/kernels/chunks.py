"""One range, shared by whoever comes: threads take chunks of it from a counter until none is left."""

import numpy as np

from numbanet.kernels.atomics import SPINS, add_to, let_others_run, look_at
from numbanet.kernels.windows import call_kernel, peek

NEXT, INSIDE, EDGES = 4, 5, 6
"""Words of a task: the position where the next chunk starts, and how many threads are at work."""


def take_chunks(task, function, block, count, start, stop):
    """Run chunks of `function(block, 0, n)` until none is left; the launching thread, `start` 0, waits for the others.

    `task` is the address of these operands, which `NEXT` and `INSIDE` follow. A thread that comes when all is done
    finds no chunk, so nobody has to wait for one that has not come.
    """
    add_to(task + 8 * INSIDE, np.int64(1))
    while True:
        chunk = add_to(task + 8 * NEXT, np.int64(1))
        if chunk >= count:
            break
        edge = task + 8 * (EDGES + chunk)
        call_kernel(function, block, peek(edge, np.int64(0)), peek(edge + 8, np.int64(0)))
    add_to(task + 8 * INSIDE, np.int64(-1))
    if start == 0:
        spins = 0
        while look_at(task + 8 * INSIDE) != 0:
            spins += 1
            if spins > SPINS:
                let_others_run()
