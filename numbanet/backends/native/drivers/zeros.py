"""Rows of tiles that leave out the steps of k at which a is zero; `tiled` walks them.

A sum is the same without them: it starts as 0.0, and adding 0.0 or -0.0 changes none but -0.0, which tiles do not
return. Products of zero with NaN or infinity are NaN, so b must be finite; a strip of it is looked at when it is first
walked along lists, and then lies in the cache.

`block` is that of a listed tile, and 23 of its words how far the next row of tiles is that is looked at.
"""

from numbanet.backends.native.primitives import (
    LISTED_ROWS,
    VECTOR_BYTES,
    address,
    all_finite,
    allocate,
    call_kernel,
    inlined,
    list_column,
    list_lanes,
    read_word,
    write_word,
)
from numbanet.kernels.words import DENSE, FARTHEST, FEWER, MOST, NOT_YET, SAMPLED


@inlined
def allocate_lists(block, count, lanes):
    """Find room for so many lists and for what is known of each; none where that is 0 or memory is short."""
    block[20], block[21], block[22] = 0, 0, 4 * (block[2] + lanes)
    if count > 0:
        block[21] = allocate(count * (block[22] + 8))
        block[20] = block[21] + 8 * count


@inlined
def forget_lists(block, count, i):
    """No row of tiles has lists yet: those of another matrix than number i, which is returned, are of no use."""
    block[23] = 1
    if block[21]:
        for j in range(count):
            write_word(block[21] + 8 * j, NOT_YET)
    return i


@inlined
def list_steps(like, block, row, every, target):
    """List the steps of k at which a listed tile's rows, from `row` on, are not all zero; every so many are looked at.

    Returns how many there are of all that were looked at.
    """
    m, k, row_stride, k_stride, itemsize = block[1], block[2], block[3], block[4], block[9]
    source = block[0] + min(row, m - LISTED_ROWS) * row_stride  # at the end, rows of the tile before count as well
    found, step = 0, 0
    if row_stride == itemsize:
        while step < k:
            found += list_column(like, source + step * k_stride, step, target + 4 * found)
            step += every
        return found
    lanes = VECTOR_BYTES // itemsize
    while step < k:
        first = min(step, k - lanes)
        found += list_lanes(like, source + first * itemsize, row_stride, first, step - first, target + 4 * found)
        step += every * lanes
    return found


@inlined
def make_lists(like, block, rows, t):
    """Make the lists of row of tiles t, or find that they would not pay; then more rows after it are not looked at.

    A sample of the steps comes first. With it, and with fewer and fewer rows looked at, a matrix without zeros costs
    next to nothing.
    """
    m, k, whole = block[1], block[2], rows // LISTED_ROWS
    parts = min(whole, (m - t * rows + LISTED_ROWS - 1) // LISTED_ROWS)
    every, pays = SAMPLED, True
    while every > 0:
        found = 0
        for part in range(t * whole, t * whole + parts):
            count = list_steps(like, block, part * LISTED_ROWS, every, block[20] + part * block[22])
            write_word(block[21] + 8 * part, count)
            found += count
        pays = MOST * found * every < FEWER * k * parts
        every = 0 if every == 1 or not pays else 1
    block[23] = 1 if pays else min(2 * block[23], FARTHEST)
    if not pays:
        for row in range(t, min(t + block[23], (m + rows - 1) // rows)):
            write_word(block[21] + 8 * row * whole, DENSE)


@inlined
def walk_listed(like, block, tile, listed, rows, first, last):
    """Compute rows of tiles first..last of a strip of columns, leaving out what is zero times a finite number."""
    whole, finite, t = rows // LISTED_ROWS, NOT_YET, first
    end = (block[1] + LISTED_ROWS - 1) // LISTED_ROWS
    while t < last:
        if read_word(block[21] + 8 * t * whole) == NOT_YET:
            make_lists(like, block, rows, t)
        begin = t
        t += 1
        if read_word(block[21] + 8 * begin * whole) == DENSE:
            while t < last and read_word(block[21] + 8 * t * whole) == DENSE:
                t += 1
            call_kernel(tile, address(block), begin, t)
            continue
        if finite == NOT_YET:
            finite = all_finite(like, block[5], block[8], block[6], block[7])
        if finite:
            call_kernel(listed, address(block), begin * whole, min(t * whole, end))
        else:
            call_kernel(tile, address(block), begin, t)
