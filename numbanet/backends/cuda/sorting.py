"""Sorting on a device: rows, by a merge sort whose every round is one launch."""

import numpy as np

from numbanet.backends.cuda import ranges


def merge_runs(x, order, width, out, start, stop):
    """Every position of rows of `order`, sorted in runs of `width`, moves to its place in runs twice as wide.

    That place is its place in its own run plus how many of the neighbouring run come before it: those that are smaller
    and, seen from the right run, the equal ones of the left one. NaN is larger than everything. (Merge sort; Knuth: The
    Art of Computer Programming, section 5.2.4, by binary search instead of side by side.)
    """
    n = x.shape[1]
    for i in range(start, stop):
        row = i // n
        at = i % n
        mine = at // width
        own = x[row, order[row, at]]
        left = mine % 2 == 0
        low = min((mine + 1) * width, n) if left else (mine - 1) * width
        first = low
        high = min(low + width, n)
        while low < high:
            middle = (low + high) // 2
            other = x[row, order[row, middle]]
            if left:
                before = other < own or (own != own and other == other)
            else:
                before = other <= own or own != own
            if before:
                low = middle + 1
            else:
                high = middle
        begin = (mine if left else mine - 1) * width
        out[row, begin + at - mine * width + low - first] = order[row, at]


def order_of(backend, rows):
    """Return the positions that sort each row of a contiguous matrix, ascending: equals keep their order, NaN is last.

    Rounds take as many launches as n has binary digits; all of them can be recorded.
    """
    n = rows.shape[1]
    here, there = backend.empty(rows.shape, np.int64), backend.empty(rows.shape, np.int64)
    here[...] = backend.device.from_host(np.arange(n))
    width = 1
    while width < n:
        ranges.run(backend, merge_runs, rows.size, (rows, here, width, there))
        here, there, width = there, here, 2 * width
    return here
