"""Which tiles compute a product, by its shape and strides; `registers` says which there are."""

from typing import NamedTuple

from numbanet.backends.native.registers import PARTIAL_BYTES

GFLOPS = 100.0
"""What a tile does on one core, roughly: only used to decide from which size work is split over threads."""

SKIPS_ZEROS = True
"""Whether products leave out steps at which a is zero. Results have the same bytes either way."""

LEAST_FOR_LISTS, MOST_FOR_LISTS = 1 << 19, 1 << 26
"""Products of as many multiplications take 10 us, of which looking for zeros takes little; a quarter of the size of a
is the memory that lists take."""

SMALL, LARGE = 1 << 17, 1 << 21
"""Bytes of b that stay in the cache while a row of tiles passes, and of an output that does not stay there."""

STEPS, MANY_STEPS, COLLIDING, LARGE_PAIR, LARGER_PAIR = 2048, 2560, 1024, 15 << 19, 10 << 20
"""A product whose rows of a lie side by side goes in blocks if it has so many steps of k and both operands have so many
bytes: the larger number of steps and the smaller one of bytes where rows of either begin at multiples of 1 kB, and so
fall on few lines of the cache.

Tiles that go down a strip of columns read all steps of k for each; where rows are 2 kB apart, a megabyte of cache has
room for 512 of them. On one core of Zen 4 (float32, Gflop/s), 128x3200x512 went from 52-97 to 98-104 in blocks,
512x8192x512 from 42 to 93, 784x2048x512 from 82-91 to 91-98; smaller ones lost 3 to 6 %, as 300x4096x300 and
784x2048x256.
"""
LARGE_COLUMNS, LARGE_ROWS, PAGE = 8 << 20, 12 << 20, 4096
"""Nor do others stay with tiles in strips if a has so many bytes: the first number where its rows lie side by side, the
second where they are shorter than a page, within which processors fetch ahead.

1024x2048x1024 went from 50 to 92, 2048x2048x512 from 63 to 104; with contiguous rows, 8192x512x512 from 80-98 to
101-104, 16384x256x256 from 58-85 to 95, 60000x64x256 from 41 to 72. Rows of 1,024 numbers and more lost 3 to 4 %.
"""
DEEP, ACROSS, PACKED_ACROSS, DOWN = 256, 16, 8, 32
"""Steps of k in a block, at most, its strips of columns, fewer if they are moved to panels, and the rows of tiles that
meet it before the next one: half a megabyte of b."""


class Blocks(NamedTuple):
    """How large blocks of a product are: steps of k, strips of columns, and the rows of tiles that meet one."""

    deep: int
    across: int
    down: int


def goes_in_blocks(shape, itemsize, a_walk, b_walk):
    """Whether a product is faster in blocks; walks are bytes from matrix to matrix, row and column."""
    m, k, n = shape
    if m < 24 or n * itemsize < 8 * PARTIAL_BYTES or (m < 256 and b_walk[2] != itemsize):
        return False
    lie_side_by_side = a_walk[1] == itemsize
    if m * k * itemsize >= (LARGE_COLUMNS if lie_side_by_side else LARGE_ROWS):
        return lie_side_by_side or k * itemsize < PAGE
    collide = a_walk[2] % COLLIDING == 0 or b_walk[1] % COLLIDING == 0
    least = LARGE_PAIR if collide and k >= MANY_STEPS else LARGER_PAIR
    return lie_side_by_side and k >= STEPS and k * (m + n) * itemsize >= least


def blocks_for(k, strips, in_place):
    """The blocks of a product: as even as can be."""
    parts, groups = -(-k // DEEP), -(-strips // (ACROSS if in_place else PACKED_ACROSS))
    return Blocks(-(-k // parts), -(-strips // groups), DOWN)


def may_list(registers, shape, itemsize, a_walk):
    """Whether making lists of the zeros of a can pay; walks are bytes from matrix to matrix, row and column."""
    m, k, n = shape
    worth = SKIPS_ZEROS and m * k * n >= LEAST_FOR_LISTS and k >= 64 and m * k <= MOST_FOR_LISTS
    wide = n * itemsize >= 2 * registers.vector_bytes  # else turned tiles are faster
    contiguous = a_walk[2] == itemsize or (a_walk[1] == itemsize and wide)
    return worth and contiguous and registers.has_listed(m, n)


def tiling_of(registers, shape, itemsize, a_walk, b_walk, listed):
    """The tiles of a product; those of the transposed product where a is contiguous along its columns and that pays."""
    m, k, n = shape
    tiling, turned = registers.tiling_for(m, n, itemsize, listed), None
    if a_walk[1] == itemsize and not listed:
        turned = registers.turned_for(n, m, itemsize)
    if turned is None:
        return tiling
    lanes = registers.vector_bytes // itemsize
    plainly = k * steps_of(tiling, m) + cost_of_packing(k, n, lanes, b_walk[2] == itemsize)
    return turned if (k + 8) * steps_of(turned, n) < plainly else tiling


def cost_of_packing(k, n, lanes, in_place):
    """Vectors of multiplications that take as long as moving b to a panel, unless it is read in its place."""
    return 0 if in_place else k * n * 6 / lanes


def steps_of(tiling, m):
    """Multiplications of vectors that a step of k takes in all tiles of m rows; those in halves count half.

    Four are under way at once in the least, if there are as many.
    """
    rows, tiles = tiling.tile.rows, ((tiling.tile, tiling.strips), (tiling.rest, 1), (tiling.last, 1))
    each = [count * max(4, rows * tile.vectors * (0.5 if tile.half else 1)) for tile, count in tiles if tile]
    return -(-m // rows) * sum(each)


def goes_by_rows(m, k, n, itemsize):
    """Whether rows of an output are written one after the other: with few steps of k, that is most of the time."""
    return k <= 32 and k * n * itemsize <= SMALL and m * n * itemsize >= LARGE
