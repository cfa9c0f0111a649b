"""How large blocks and tiles are: values for GPUs, and tiny ones for the simulator, whose threads are Python's."""

from typing import NamedTuple

from numbanet.backends.cuda import tiles
from numbanet.backends.cuda.tiles import DotSizes


class Sizes(NamedTuple):
    """Sizes that kernels are made for; results of sums depend on them, so they are the same on every GPU.

    Parameters
    ----------
    threads : int
        Threads of a block of an elementwise kernel.
    bytes_each : int
        Bytes of an operand that a thread has on the way at the same time: enough of them hide the latency of memory.
    warp : int
        Threads that exchange values without shared memory.
    block : int
        Threads of a block whose threads compute results together: a power of two, like `warp` and `row_threads`.
    reduce_unroll : int
        Elements that a thread of a reduction reads before it uses the first.
    reduce_blocks : int
        Blocks that a reduction should have: with fewer, the elements of each result are cut into parts.
    reduce_elements : int
        Elements of a part that each thread has at least.
    row_threads, row_elements : int
        Threads of a row of a softmax, and elements that each keeps in registers, at most.
    tile : int
        Rows and columns of a tile of a transposition.
    searched : int
        Indices that are compared each to each; more of them are sorted.
    dot : DotSizes
        Those of products.
    """

    threads: int = 256
    bytes_each: int = 16
    warp: int = 32
    block: int = 256
    reduce_unroll: int = 8
    reduce_blocks: int = 1024
    reduce_elements: int = 32
    row_threads: int = 512
    row_elements: int = 16
    tile: int = 32
    searched: int = 4096
    dot: DotSizes = tiles.GPU


GPU = Sizes()
SIMULATOR = Sizes(
    threads=3,
    bytes_each=8,
    warp=2,
    block=8,
    reduce_unroll=2,
    reduce_blocks=6,
    reduce_elements=2,
    row_threads=8,
    row_elements=4,
    tile=4,
    searched=7,
    dot=tiles.SIMULATOR,
)
