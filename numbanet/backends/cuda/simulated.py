"""What numba-cuda's simulator lacks: shuffles, the exchange of registers between the threads of a warp.

The simulator runs every thread of a block as a Python thread with a `syncthreads`; a shuffle is two of these around a
dictionary that the threads of the block share. So every thread of the block has to call it, and as often as the others.
"""

from threading import current_thread

from numbanet.backends.cuda.sizes import SIMULATOR

WARP = SIMULATOR.warp
"""Threads of a warp: fewer than 32, so that small blocks have several."""


def shfl_down_sync(mask, value, delta):
    """The value of the thread so many further up in the warp; one's own at the end. The mask is of all threads."""
    return _exchanged(value, lambda lane: lane + int(delta))


def shfl_xor_sync(mask, value, lane_mask):
    """The value of the thread whose number in the warp differs in these bits. The mask is of all threads."""
    return _exchanged(value, lambda lane: lane ^ int(lane_mask))


def _exchanged(value, source_of):
    thread = current_thread()
    lane = thread.thread_id % WARP
    source = source_of(lane)
    values = vars(thread._manager).setdefault("exchanged", {})
    values[thread.thread_id] = value
    thread.syncthreads()
    found = values.get(thread.thread_id - lane + source, value) if source < WARP else value
    thread.syncthreads()
    return found
