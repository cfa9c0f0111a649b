"""Products with too many steps of k, or rows of a, for the walk of `tiled`: in blocks of b that stay in the cache.

A block of b is some strips of columns for some steps of k. Some rows of tiles meet it, each with its numbers of a at
hand, before the next steps come; until then, their sums wait in memory that stays in the cache as well (Goto and van
de Geijn: Anatomy of High-Performance Matrix Multiplication, 2008). Sums go on from where they were: every output adds
its products in the order of k, to the bytes of one walk over all of them.
"""

from numbanet.backends.native.drivers.tiled import find_strip, list_tiles
from numbanet.backends.native.drivers.zeros import allocate_lists, forget_lists, make_lists
from numbanet.backends.native.primitives import (
    LISTED_ROWS,
    VECTOR_BYTES,
    address,
    all_finite,
    allocate,
    as_int64,
    call_kernel,
    copy_rows,
    fetch_ahead,
    inlined,
    read_word,
    release,
    stack_words,
)
from numbanet.kernels.words import DENSE, NOT_YET, PLAIN


@inlined
def pack_block(packing, pack, tiles, strips, n, itemsize, first, count, source, panel, size):
    """Copy `count` strips of b to panels of `size` bytes, unless b stays; `source` is where the steps of k begin."""
    for s in range(count if pack else 0):
        find_strip(tiles, first + s, strips, n)
        place, width = source + tiles[12] * packing[4], min(tiles[11], n - tiles[12])
        if packing[4] == itemsize:
            copy_rows(panel + s * size, packing[7] * itemsize, place, packing[3], packing[1], width * itemsize)
        else:
            packing[0], packing[2], packing[5] = place, width, panel + s * size
            call_kernel(pack, address(packing), 0, width)


@inlined
def bring_rows(block, source, row_stride, k_stride, panel):
    """Have tiles read their rows of a: in a panel if these lie side by side, step after step; else in their place."""
    block[0], block[3], block[4] = source, row_stride, k_stride
    if row_stride == block[9]:
        block[0], block[4] = panel, block[1] * row_stride
        copy_rows(panel, block[4], source, k_stride, block[2], block[4])


@inlined
def find_lists(like, block, ahead):
    """Whether a row of tiles has lists, which are made here; word 6 of `ahead` is how many rows are not looked at."""
    found = False
    if block[21] != 0 and ahead[6] == 0 and block[2] * block[9] >= VECTOR_BYTES:
        make_lists(like, block, block[1], 0)
        found = read_word(block[21]) != DENSE
        ahead[6] = 0 if found else block[23]
    ahead[6] = max(ahead[6] - 1, 0)
    return found


@inlined
def multiply_strip(like, block, tiles, listed, finite, s):
    """Compute a tile of strip s, along lists if its row has any and b is finite there."""
    if listed and finite[s] == NOT_YET:
        finite[s] = all_finite(like, block[5], block[8], block[6], block[7])
    if listed and finite[s]:
        call_kernel(tiles[10], address(block), 0, block[1] // LISTED_ROWS)
    else:
        call_kernel(tiles[9], address(block), 0, 1)


@inlined
def look_ahead(ahead, at, source, stride, size):
    """Write down where the rows lie that `fetch_share` fetches."""
    ahead[at], ahead[at + 1], ahead[at + 2] = source, stride, size


@inlined
def fetch_share(ahead):
    """Fetch what some of the next steps of k need, of b and of rows of a that lie side by side.

    Words of `ahead` are the step that comes next, for how many, and their end; address, stride and size of rows of b,
    and, from the seventh on, of steps of a.
    """
    some = min(ahead[1], ahead[2] - ahead[0])
    if some > 0:
        fetch_ahead(ahead[3] + ahead[0] * ahead[4], ahead[4], some, ahead[5])
        fetch_ahead(ahead[7] + ahead[0] * ahead[8], ahead[8], some, ahead[9])
        ahead[0] += some


@inlined
def place_strip(block, tiles, at, n, row, number, s):
    """Have a tile read strip s of the block, begin with its sums, and leave them or write its part of a row of out.

    `number` is that of the row of tiles in the block; see `meet_rows`.
    """
    column, sums = tiles[12] * block[9], at[10] + (number * at[12] + s) * at[11]
    block[5] = at[5] + s * at[6] if at[5] else at[4] + column
    block[7] = block[14] = min(tiles[11], n - tiles[12])
    block[10], block[12], block[15] = at[7] + column, sums, tiles[11] * block[9]
    block[18] = sums if at[13] else 0
    if at[14]:
        block[12], block[15] = at[8] + row * at[9] + column, at[9]


@inlined
def meet_rows(like, block, tiles, at, ahead, finite, strips, m, n, group, count, first, upto):
    """Compute rows of tiles first..upto of a block, whose strips are `count` from number `group` on.

    Words of `at` are where the steps of k begin in a, the strides of its rows and steps, the panel of its rows; where
    they begin in b, its panel or 0, the size of a strip there; bias; out, its stride; sums, the size of those of a
    tile, how many tiles a row has; whether sums are begun, and whether this is the last part of them; what tiles fetch.
    """
    ahead[6] = forget_lists(block, 0, 0)
    for s in range(count):
        finite[s] = NOT_YET
    for t in range(first, upto):
        row = min(t * block[1], m - block[1])
        bring_rows(block, at[0] + row * at[1], at[1], at[2], at[3])
        listed = find_lists(like, block, ahead)
        for s in range(count):
            find_strip(tiles, group + s, strips, n)
            place_strip(block, tiles, at, n, row, t - first, s)
            multiply_strip(like, block, tiles, listed, finite, s)
            fetch_share(ahead)


def dot_blocks(
    a, b, bias, out, epilogue, pack, tile, listed, columns, rest, rest_listed, rest_columns, last, last_listed,
    last_columns, rows, strips, deep, across, down, start, stop,
):  # fmt: skip
    """out = a @ b for batches of matrices, as `dot_tiles` has it; the range counts rows of tiles of groups of strips.

    A block is `across` strips for `deep` steps of k, and meets `down` rows of tiles at a time. If the rows of a lie
    side by side, tiles are packed ones.
    """
    m, k, n, itemsize = a.shape[1], a.shape[2], b.shape[2], out.strides[2]
    high, wide, pitch = (m + rows - 1) // rows, strips + (rest != 0) + (last != 0), columns * itemsize
    groups, of_b, of_a = (wide + across - 1) // across, across * deep * pitch if pack else 0, rows * deep * itemsize
    words, packing, tiles, at = stack_words(24), stack_words(8), stack_words(13), stack_words(17)
    finite, ahead, t, end = stack_words(across), stack_words(10), as_int64(start), as_int64(stop)
    list_tiles(tiles, tile, listed, columns, rest, rest_listed, rest_columns, last, last_listed, last_columns)
    words[1], words[2], words[8], words[9], words[11] = rows, deep, pitch if pack else b.strides[1], itemsize, n
    words[13], words[16], wide_of_a = rows, itemsize, rows * itemsize if a.strides[1] == itemsize else 0
    packing[3], packing[4], packing[7], at[15], at[16] = b.strides[1], b.strides[2], columns, address(out), 0
    memory = allocate(of_b + of_a + (down * across * rows * pitch if k > deep else 0) + 3 * VECTOR_BYTES)
    at[1], at[2], at[6], at[7], at[9] = a.strides[1], a.strides[2], deep * pitch, address(bias), n * itemsize
    at[5] = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    at[3], at[11], at[12], words[19] = at[5] + of_b, rows * pitch, across, address(at) + 120
    at[10], at[5] = (at[3] + of_a + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES, at[5] if pack else 0
    allocate_lists(words, rows // LISTED_ROWS if listed else 0, VECTOR_BYTES // itemsize)
    while t < end:
        i, group, first = t // (high * groups), t // high % groups * across, t % high
        upto, count = min(min(high, first + down), first + end - t), min(across, wide - group)
        at[8] = address(out) + i * m * n * itemsize
        ahead[1], ahead[2] = (deep - 1) // ((upto - first) * count) + 1, k if b.strides[2] == itemsize else 0
        look_ahead(ahead, 3, address(b) + i * b.strides[0] + group * pitch, b.strides[1], count * pitch)
        beside = address(a) + i * a.strides[0] + first * wide_of_a
        look_ahead(ahead, 7, beside, a.strides[2], (upto - first) * wide_of_a)
        step = 0
        while step < k:
            words[2] = words[6] = packing[1] = packing[6] = min(deep, k - step)
            at[0] = address(a) + i * a.strides[0] + step * a.strides[2]
            at[4] = address(b) + i * b.strides[0] + step * b.strides[1]
            at[13], at[14], ahead[0] = step > 0, step + deep >= k, step + deep
            words[17] = epilogue if at[14] else PLAIN
            pack_block(packing, pack, tiles, strips, n, itemsize, group, count, at[4], at[5], at[6])
            meet_rows(b[0, 0, 0], words, tiles, at, ahead, finite, strips, m, n, group, count, first, upto)
            step += deep
        t += upto - first
    release(words[21])
    release(memory)
