"""Which tiles compute a product, by its shape and strides; `registers` says which there are."""

GFLOPS = 100.0
"""What a tile does on one core, roughly: only used to decide from which size work is split over threads."""

SKIPS_ZEROS = True
"""Whether products leave out steps at which a is zero. Results have the same bytes either way."""

LEAST_FOR_LISTS, MOST_FOR_LISTS = 1 << 19, 1 << 26
"""Products of as many multiplications take 10 us, of which looking for zeros takes little; a quarter of the size of a
is the memory that lists take."""

SMALL, LARGE = 1 << 17, 1 << 21
"""Bytes of b that stay in the cache while a row of tiles passes, and of an output that does not stay there."""


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
