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
    if block[21]:
        walk_listed(like, block, tile, listed, rows, first, last)
    else:
        call_kernel(tile, address(block), first, last)


@inlined
def find_strip(tiles, strip, strips, n):
    """Put what computes a strip of columns into words 9 to 12 of `tiles`: kernel, that along lists, width, column.

    Before them are the same three, without a column, of most strips, of the rest, and of the last; 0 if there is none.
    A strip that sticks out lies over the columns before: both write the same.
    """
    kind, column = 0, strip * tiles[2]
    if strip >= strips:
        kind, column = 1, strips * tiles[2]
        if strip > strips or tiles[3] == 0:
            kind, column = 2, n
    tiles[9], tiles[10], tiles[11] = tiles[3 * kind], tiles[3 * kind + 1], tiles[3 * kind + 2]
    tiles[12] = max(min(column, n - tiles[11]), 0)


@inlined
def list_tiles(tiles, tile, listed, columns, rest, rest_listed, rest_columns, last, last_listed, last_columns):
    """Put the kernels of strips and their columns into the words of `tiles` that `find_strip` reads."""
    tiles[0], tiles[1], tiles[2], tiles[3], tiles[4], tiles[5] = tile, listed, columns, rest, rest_listed, rest_columns
    tiles[6], tiles[7], tiles[8] = last, last_listed, last_columns


def dot_tiles(
    a, b, bias, out, epilogue, pack, tile, listed, columns, rest, rest_listed, rest_columns, last, last_listed,
    last_columns, rows, strips, turned, by_rows, ahead, start, stop,
):  # fmt: skip
    """out = a @ b for batches of matrices, in tiles of rows x columns; the range counts tiles.

    `tile` is the address of the kernel that computes tiles below each other, `listed` that of the one that does so
    along lists of steps, or 0, and `pack` that of `pack_panel`, or 0 where b stays in its place. As many strips of
    columns as `strips` says take this tile; then one takes `rest`, and one `last`, if there are any. If the tiles are
    `turned`, out is the transpose of a @ b, with a bias for each row of a. `ahead`, unless 0, has two words for
    each strip: see `tile_body`.

    The row of tiles runs fastest, so that columns of b stay in the cache while a passes, unless tiles go `by_rows`;
    then come the columns, then the batch.
    """
    m, k, n, itemsize = a.shape[1], a.shape[2], b.shape[2], out.strides[2]
    high, wide, lanes = (m + rows - 1) // rows, strips + (rest != 0) + (last != 0), VECTOR_BYTES // itemsize
    pitch = max(min(columns, (n + lanes - 1) // lanes * lanes), lanes)
    lists = high * (rows // LISTED_ROWS) if listed else 0
    memory = allocate((k + 1) * pitch * itemsize) if pack else 0
    words, packing, tiles, of = stack_words(26), stack_words(8), stack_words(13), -1
    list_tiles(tiles, tile, listed, columns, rest, rest_listed, rest_columns, last, last_listed, last_columns)
    words[1], words[2], words[3], words[4], words[6], words[24] = m, k, a.strides[1], a.strides[2], k, address(out)
    words[8], words[9], words[11], words[13], words[25] = pitch * itemsize if pack else b.strides[1], itemsize, n, m, 0
    words[15], words[16], words[17], words[18] = n * itemsize, itemsize, epilogue, 0
    if turned:
        words[15], words[16] = itemsize, m * itemsize
    packing[1], packing[3], packing[4], packing[6], packing[7] = k, b.strides[1], b.strides[2], k, pitch
    packing[5] = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    allocate_lists(words, lists, lanes)
    t, end = as_int64(start), as_int64(stop)
    while t < end:
        i, strip, first = t // (high * wide), t // high % wide, t % high
        if by_rows:
            strip, first = t % wide, t // wide % high
        upto = first + 1 if by_rows else min(high, first + end - t)
        find_strip(tiles, strip, strips, n)
        words[0] = address(a) + i * a.strides[0]
        words[10] = address(bias) if turned else address(bias) + tiles[12] * itemsize
        words[5] = address(b) + i * b.strides[0] + tiles[12] * b.strides[2]
        words[12] = address(out) + i * m * n * itemsize + tiles[12] * words[16]
        words[19] = ahead + 16 * strip if ahead else address(words) + 192
        words[7] = words[14] = min(tiles[11], n - tiles[12])
        if pack:
            pack_strip(packing, pack, words)
        if i != of:
            of = forget_lists(words, lists, i)
        walk_rows(b[0, 0, 0], words, tiles[9], tiles[10], rows, first, upto)
        t += upto - first
    release(words[21])
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
