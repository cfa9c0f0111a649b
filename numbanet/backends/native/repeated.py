"""One launch for all steps of a recurrence: what a step launches is recorded, and repeated at other addresses.

So the steps cost no Python, and no meeting of threads: one that takes some of the samples takes them through all steps.
Three steps are recorded, the first two and the last, and they must lie evenly.
"""

import itertools

import numpy as np

from numbanet.backends.native.ahead import LEAST_BYTES, fetch_ahead
from numbanet.core.context import context, undisturbed
from numbanet.core.settings import config
from numbanet.kernels.body import Body
from numbanet.kernels.memory import owner
from numbanet.kernels.recording import CannotRecord, recording

LEAST_STEPS, LEAST_ROWS, EVEN = 4, 16, 4
"""The least number of steps that are worth it, and of rows of a part; and of what the rows of parts are a multiple."""

_repeat = Body("numbanet.backends.native.drivers.repeat.repeat")


def repeat(backend, count, rows, step, operands):
    """Run `step(t, rows)` for t = 0, 1, ..., in one launch where that can be; see `Backend.repeat`."""
    parts = None if count < LEAST_STEPS or not rows else _parts(count, rows, step, operands)
    if parts is None:
        for t in range(count):
            step(t, slice(0, rows))
        return
    launches, first, advances = (np.array(table, np.int64) for table in zip(*map(_table, parts), strict=True))
    words = np.zeros(first.size, np.int64)
    if sum(x.nbytes for x in operands) >= LEAST_BYTES:
        first, advances, words = fetch_ahead(parts, launches, first, advances, backend.address_of)
    tables = launches, first, advances, words
    built, block = backend.prepare(_repeat, (*tables, count))
    cost = count * sum(one.n * one.cost for one in parts[0][0])
    backend.launch(_repeat, built, block, len(parts), cost, (*tables, *operands))


def _parts(count, rows, step, operands):
    """The launches of the steps 0, 1 and count - 1, for each part of the rows; None if they are not even."""
    try:
        whole = _recorded(count, slice(0, rows), step)
        team = max(1, min(config.num_threads, rows // LEAST_ROWS))
        edges = itertools.pairwise((*(rows * i // team // EVEN * EVEN for i in range(team)), rows))
        parts = [_recorded(count, slice(*edge), step) for edge in edges] if team > 1 else []
    except CannotRecord:
        if context.launches is not None:
            raise
        return None
    alike = [one.function for one in whole[0]]  # else rows would be computed another way, to other bytes
    if not parts or any([one.function for one in part[0]] != alike for part in parts):
        parts = [whole]
    known = {id(owner(x)) for x in operands}
    return parts if all(_is_even(part, count, known) for part in parts) else None


@undisturbed
def _recorded(count, rows, step):
    """The launches of the first two steps and the last one."""
    found = []
    for t in (0, 1, count - 1):
        with recording() as launches:
            step(t, rows)
        found.append(launches)
    return found


def _is_even(steps, count, known):
    """Whether launches differ by addresses alone, which advance evenly and point into memory that is known."""
    if len({len(launches) for launches in steps}) > 1:
        return False
    for first, second, last in zip(*steps, strict=True):
        if len({(one.function, one.n, len(one.block), len(one.slots)) for one in (first, second, last)}) > 1:
            return False
        arrays = [x for one in (first, last) for x in one.keep if isinstance(x, np.ndarray)]
        if first.slots or not all(id(owner(x)) in known for x in arrays):
            return False
        words = zip(first.block, second.block, last.block, strict=True)
        if any(a + (count - 1) * (b - a) != c for a, b, c in words):
            return False
    return True


def _table(steps):
    """The rows of a part in the tables of the driver."""
    launches, first, advances = [], [], []
    for one, other in zip(*steps[:2], strict=True):
        launches.append((one.function, len(first), one.n))
        first += one.block
        advances += [b - a for a, b in zip(one.block, other.block, strict=True)]
    return launches, first, advances
