"""One range, shared by whoever comes: threads take chunks of it from a counter until none is left."""

from numbanet.backends.native.primitives import (
    add_to,
    call_kernel,
    let_others_run,
    look_at,
    nanoseconds,
    put_at,
    read_word,
)
from numbanet.kernels.words import EDGES, INSIDE, NEXT, SPINS, WAIT_NS, WAITED


def take_chunks(task, function, block, count, start, stop):
    """Run chunks of `function(block, 0, n)` until none is left; the launching thread, `start` 0, waits for the others.

    `task` is the address of these operands, which `NEXT`, `INSIDE` and `WAITED` follow. A thread that comes when all is
    done finds no chunk, so nobody has to wait for one that has not come.
    """
    add_to(task + 8 * INSIDE, 1)
    while True:
        chunk = add_to(task + 8 * NEXT, 1)
        if chunk >= count:
            break
        edge = task + 8 * (EDGES + chunk)
        call_kernel(function, block, read_word(edge), read_word(edge + 8))
    add_to(task + 8 * INSIDE, -1)
    if start == 0:
        spins, began, since = 0, 0, 0
        while look_at(task + 8 * INSIDE) != 0:
            spins += 1
            if spins % SPINS == 0:
                now = nanoseconds()
                began = now if began == 0 else began
                if now - began > WAIT_NS:
                    since = now if since == 0 else since
                    let_others_run()
        if since != 0:
            put_at(task + 8 * WAITED, nanoseconds() - since)
