"""Threads that compute results together: the states of all threads of a group become one, which every thread gets.

A block of threads is cut into `groups`, one after the other; a group computes `columns` results with `lanes` threads
each, thread t of it column t % columns. All three are powers of two. So one arrangement has a thread per result, a part
of a warp, a warp, a block, or 32 neighbouring columns and eight threads on each.

Within a warp threads exchange registers, at half the distance each time, and each gets the same result (CUDA C++
Programming Guide, warp shuffle functions); from warp to warp through shared memory, once, where each thread reads all
warps' states. The order depends on the arrangement alone: results are deterministic.
"""

from typing import NamedTuple

import numpy as np

from numbanet.backends.cuda.toolkit import device, shfl_xor_sync

uint = np.uint64
"""Unsigned indices: Numba adds code for negative ones to every access with a signed index."""

ALL_LANES = 0xFFFFFFFF


class Group(NamedTuple):
    """How a block of columns * lanes * groups threads is cut up; `warp` threads exchange registers."""

    columns: int
    lanes: int
    groups: int
    warp: int

    @property
    def threads(self):
        """Of a block."""
        return self.columns * self.lanes * self.groups

    @property
    def partials(self):
        """What is left of each column after the exchange within warps: one state per warp, or per thread."""
        return max(1, self.columns * self.lanes // max(self.columns, self.warp))


def power_of_two(n):
    """The smallest power of two that is not below n."""
    return 1 << max(n - 1, 0).bit_length()


def make_exchange(dtype, has_payload):
    """`exchange(state, distance)`: the state of the thread at that distance, in the bits of its number in the warp."""

    def of_value(value, distance):
        return shfl_xor_sync(ALL_LANES, value, distance)

    def of_unsigned(value, distance):  # warps exchange signed numbers
        return np.uint64(shfl_xor_sync(ALL_LANES, np.int64(value), distance))

    of_value = device(of_unsigned if dtype.kind == "u" else of_value)

    def value_alone(state, distance):
        return of_value(state[0], distance), state[1]

    def with_payload(state, distance):
        return of_value(state[0], distance), shfl_xor_sync(ALL_LANES, state[1], distance)

    return device(with_payload if has_payload else value_alone)


def make_group_of(group):
    """`group_of(thread)`: (group, lane, column) of a thread of the block."""
    columns, width = uint(group.columns), uint(group.columns * group.lanes)

    def group_of(thread):
        rest = thread % width
        return thread // width, rest // columns, rest % columns

    return device(group_of)


def make_left(elements, lanes):
    """`left(j, count)`: how far a row goes on from j, but not beyond a tile; elements 0, lanes, ... below are inside.

    32 bits do for that; a comparison of 64 takes two instructions, for each element of the tile.
    """
    span = uint(elements * lanes)

    def left(j, count):
        return np.int32(min(count - j, span)) if j < count else np.int32(0)

    return device(left)


def make_load(elements, lanes, otherwise):
    """`load(x, first, j, count, tile)`: elements j, j + lanes, ... of the row at `first`, into a local array.

    All of them are read before one is used. Past the end of the row stands `otherwise`.
    """
    left = make_left(elements, lanes)

    def load(x, first, j, count, tile):
        inside = left(j, count)
        for e in range(elements):
            tile[e] = x[first + j + uint(e * lanes)] if np.int32(e * lanes) < inside else otherwise

    return device(load)


def make_together(combine, dtype, group, has_payload):
    """Two functions that make the states of the threads on a column one; a barrier stands between their calls.

    `share(state, thread, values, payloads)` leaves the states of warps in shared memory, arrays for as many states as
    the block has threads; `collect`, with the same parameters, returns the state of all. They exchange what `share`
    returned. Nothing else may be written to this shared memory, since threads may still be reading when one returns.
    """
    columns, lanes, _, warp = group
    width, spread = columns * lanes, max(columns, warp)
    half, partials, step = min(width, warp) // 2, group.partials, uint(columns)
    exchange = make_exchange(dtype, has_payload)

    def put(state, at, values, payloads):
        values[at] = state[0]
        if has_payload:
            payloads[at] = state[1]

    def got(state, at, values, payloads):
        if has_payload:
            return values[at], payloads[at]
        return values[at], state[1]

    put, got = device(put), device(got)

    def share(state, thread, values, payloads):
        distance = half
        while distance >= columns:
            state = combine(state, exchange(state, distance))
            distance //= 2
        rest = thread % uint(width)
        if partials > 1 and rest % uint(spread) < step:
            first = thread // uint(width) * uint(partials)
            put(state, (first + rest // uint(spread)) * step + thread % step, values, payloads)
        return state

    def collect(state, thread, values, payloads):
        if partials > 1:
            first = thread // uint(width) * uint(partials) * step + thread % step
            state = got(state, first, values, payloads)
            for p in range(1, partials):
                state = combine(state, got(state, first + uint(p) * step, values, payloads))
        return state

    return device(share), device(collect)
