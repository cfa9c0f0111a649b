"""How products are cut into tiles: which tiles there are, and which of them, and how many parts, a product gets.

These depend on shapes and dtypes alone, so that a product has the same bits on every GPU.
"""

from typing import NamedTuple

ADDED = 60
"""Multiply-adds that take as long as to write and read one element of a part; only used to choose between tiles."""

MOST_PARTS, MOST_LANES = 64, 8
"""Parts of a product, and threads that add those of an element, at most.

512 x 4096 x 10 is a case: 16 tiles of 32x32 leave a GPU idle, and 64 parts of 64 positions each make that 1,024 blocks.
Parts are written and read again, which is a third of what the operands take (2 * 64 * 512 * 10 numbers beside 4096 *
522), and stay in the cache. What takes long is to wait for the memory: a thread that adds 64 parts, 8 at a time, waits
8 times, with few threads beside it. 8 threads with 8 parts each wait once. More than 64 parts would make them wait
again."""


class Tile(NamedTuple):
    """What one block of threads computes of a product, and what one thread computes of that.

    Parameters
    ----------
    rows, columns : int
        The tile of the result; each a power of two times those of a thread.
    depth : int
        How many positions of k lie in shared memory at a time; a power of two.
    thread_rows, thread_columns : int
        The part of the tile that a thread holds in registers.
    speed : float
        What the inner loop does, as a part of the best: multiply-adds over all instructions, times what is known of
        latencies. Only used to choose between tiles.
    """

    rows: int
    columns: int
    depth: int
    thread_rows: int
    thread_columns: int
    speed: float

    @property
    def threads(self):
        """Threads of a block."""
        return self.rows // self.thread_rows * (self.columns // self.thread_columns)

    def blocks(self, m, n):
        """Blocks of a matrix of m rows and n columns."""
        return -(-m // self.rows) * -(-n // self.columns)


class DotSizes(NamedTuple):
    """Sizes of products.

    Parameters
    ----------
    float32, float64 : tuple of Tile
        The tiles there are for a dtype.
    threads : int
        All threads that should be at work: enough for the largest GPUs.
    part : int
        The fewest positions of k that are worth a part of their own.
    part_threads : int
        Threads of a block that adds parts, one element each: few, so that small results are added by many blocks.
    part_width : int
        Elements that a block has at least where several threads add the parts of one: neighbours are read together.
    line_threads : int
        Threads of a block of a product with a vector.
    line_depth : int
        How many of them share a line whose elements are neighbours.
    line_loads : int
        Elements of a line that a thread has on the way at a time.
    """

    float32: tuple
    float64: tuple
    threads: int
    part: int
    part_threads: int
    part_width: int
    line_threads: int
    line_depth: int
    line_loads: int


def choose(sizes, dtype, batches, m, n, k):
    """(tile, positions of k in each part): the largest product of a tile's speed and the part of a GPU it fills.

    Every tile may be split along k until there are enough threads or parts become small. A tile that reaches over the
    edge of the matrix works in vain there, which counts against it.
    """
    rated = [_rated(sizes, tile, batches, m, n, k) for tile in getattr(sizes, dtype.name)]
    return max(rated, key=lambda one: one[0])[1:]


def _rated(sizes, tile, batches, m, n, k):
    blocks = batches * tile.blocks(m, n)
    parts, chunk = split(blocks * tile.threads, sizes.threads, k, sizes.part, tile.depth)
    filled = min(1.0, parts * blocks * tile.threads / sizes.threads)
    useful = m * n / (tile.blocks(m, n) * tile.rows * tile.columns)
    adding = 1 + parts * ADDED / k if parts > 1 else 1.0
    return tile.speed * filled * useful / adding, tile, chunk


def split(threads, wanted, k, fewest, multiple):
    """(parts, positions of k in each but the last): as many parts as make `wanted` threads of `threads`."""
    parts = max(1, min(wanted // threads, k // fewest, MOST_PARTS))
    chunk = -(-k // parts)
    chunk += -chunk % multiple
    return -(-k // chunk), chunk


def part_group(sizes, parts, loads):
    """(threads on each element, elements) of a block that adds parts: each thread reads its parts at once, if it can.

    `loads` is how many it reads before it adds the first; the threads of an element are a power of two.
    """
    lanes = 1
    while lanes < MOST_LANES and parts > lanes * loads:
        lanes *= 2
    return lanes, max(sizes.part_threads // lanes, sizes.part_width) if lanes > 1 else sizes.part_threads


GPU = DotSizes(
    float32=(
        Tile(128, 128, 8, 8, 8, 1.0),
        Tile(128, 64, 8, 8, 8, 0.95),
        Tile(64, 64, 16, 8, 4, 0.85),
        Tile(32, 32, 16, 4, 4, 0.65),
        Tile(64, 16, 16, 4, 4, 0.6),
        Tile(16, 64, 16, 4, 4, 0.6),
    ),
    float64=(
        Tile(128, 64, 8, 8, 4, 1.0),
        Tile(64, 64, 8, 8, 4, 0.95),
        Tile(32, 32, 16, 4, 4, 0.75),
        Tile(64, 16, 16, 4, 4, 0.7),
        Tile(16, 64, 16, 4, 4, 0.7),
    ),
    threads=132 * 512,
    part=64,
    part_threads=64,
    part_width=32,
    line_threads=256,
    line_depth=32,
    line_loads=4,
)

_TINY = Tile(8, 4, 4, 2, 1, 1.0), Tile(4, 4, 4, 2, 2, 0.9)
SIMULATOR = DotSizes(
    _TINY, _TINY, threads=16, part=5, part_threads=3, part_width=2, line_threads=4, line_depth=2, line_loads=2
)
"""So small that arrays of a few elements have several tiles and parts."""
