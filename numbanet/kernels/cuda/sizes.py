"""How large blocks and tiles are: values for GPUs, and tiny ones for the simulator, whose threads are Python's."""

from typing import NamedTuple


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
    """

    threads: int = 256
    bytes_each: int = 16
    warp: int = 32


GPU = Sizes()
SIMULATOR = Sizes(threads=3, bytes_each=8, warp=2)
