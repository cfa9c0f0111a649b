"""Bodies of the fast dot: how outputs are walked in tiles, and where panels are packed on the way."""

from numbanet.backends.native.drivers.zeros import allocate_lists, forget_lists, walk_listed
from numbanet.backends.native.primitives import (
    LISTED_ROWS,
    VECTOR_BYTES,
    address,
    allocate,
    as_int64,
    call_kernel,
    inlined,
    release,
    stack_words,
)


@inlined
def pack_strip(packing, pack, strip):
    """Copy a strip of columns of b, words 5 and 7 of a tile's block, to the panel, and have the tile read it there."""
    packing[0], packing[2] = strip[5], strip[7]
    call_kernel(pack, address(packing), 0, packing[2])
    strip[5] = packing[5]


@inlined
def walk_rows(like, block, tile, listed, rows, first, last):
    """Compute rows of tiles first..last of a strip of columns, along lists where there is room for any."""
    if block[19]:
        walk_listed(like, block, tile, listed, rows, first, last)
    else:
        call_kernel(tile, address(block), first, last)


def dot_tiles(a, b, bias, out, epilogue, pack, tile, listed, rows, columns, masked, start, stop):
    """out = a @ b for batches of matrices, in tiles of rows x columns; the range counts tiles.

    `tile` is the address of the kernel that computes tiles below each other, `listed` that of the one that does so
    along lists of steps, or 0, and `pack` that of `pack_panel`, or 0 where b stays in its place. The row of tiles runs
    fastest, so that columns of b stay in the cache while a passes; then come the columns, then the batch. Where tiles
    are not masked, the last one lies over the one before: both write the same.
    """
    m, k, n, itemsize = a.shape[1], a.shape[2], out.shape[2], out.strides[2]
    high, wide, lanes = (m + rows - 1) // rows, (n + columns - 1) // columns, VECTOR_BYTES // itemsize
    memory, pitch = 0, min(columns, (n + lanes - 1) // lanes * lanes)
    if pack:
        memory = allocate((k + 1) * columns * itemsize)
    words, packing, of = stack_words(22), stack_words(8), -1
    words[1], words[2], words[3], words[4] = m, k, a.strides[1], a.strides[2]
    words[6], words[8], words[9], words[11] = k, pitch * itemsize if pack else b.strides[1], itemsize, n
    words[13], words[15], words[16], words[17] = m, n * itemsize, itemsize, epilogue
    packing[1], packing[3], packing[4], packing[6], packing[7] = k, b.strides[1], b.strides[2], k, pitch
    packing[5] = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    allocate_lists(words, high * (rows // LISTED_ROWS) if listed else 0, lanes)
    t, end = as_int64(start), as_int64(stop)
    while t < end:
        strip, first = t // high, t % high
        i, column = strip // wide, strip % wide * columns
        if not masked:
            column = min(column, n - columns)
        words[0], words[10] = address(a) + i * a.strides[0], address(bias) + column * itemsize
        words[5] = address(b) + i * b.strides[0] + column * b.strides[2]
        words[7], words[12] = min(columns, n - column), address(out) + (i * m * n + column) * itemsize
        words[14], last = words[7], min(high, first + end - t)
        if pack:
            pack_strip(packing, pack, words)
        if i != of:
            of = forget_lists(words, high * (rows // LISTED_ROWS), i)
        walk_rows(b[0, 0, 0], words, tile, listed, rows, first, last)
        t += last - first
    release(words[19])
    release(memory)


def dot_rows(a, y, out, row_dot, pack, start, stop):
    """out = a @ y where a is not contiguous: its rows go through a panel, a vector's lanes of them at a time."""
    k, itemsize, end = a.shape[1], y.strides[0], as_int64(stop)
    lanes = VECTOR_BYTES // itemsize
    pitch = (k + lanes - 1) // lanes * lanes
    panel = allocate(lanes * pitch * itemsize)
    words, row = stack_words(8), stack_words(7)
    i = as_int64(start)
    while i < end:
        count = min(lanes, end - i)
        words[0], words[1], words[2] = address(a) + i * a.strides[0], count, k
        words[3], words[4], words[5] = a.strides[0], a.strides[1], panel
        words[6], words[7] = lanes, pitch
        call_kernel(pack, address(words), 0, k)
        for j in range(count):
            row[0], row[1], row[2] = panel + j * pitch * itemsize, 1, k
            row[3], row[4], row[5], row[6] = address(y), k, address(out) + (i + j) * itemsize, 1
            call_kernel(row_dot, address(row), 0, 1)
        i += lanes
    release(panel)
