"""Moving whole rows: the batch's rows of a data set, rows by index, and adding them back.

The naive bodies are those of `loops.step` and `loops.move`. Neighbouring threads move neighbouring elements of a row: a
block has several short rows, or a piece of a long one.

`take_back` adds rows with the same index in the order in which they stand, as its naive body does. First it is
found out which rows are the first with their index, and which one follows each with the same index; then the threads of
a first row walk along these. No atomics are needed, sums are the same each time, and work does not depend on how many
rows the result has. Some thousand indices are searched, each of them compared to each, in one launch; more of them are
sorted, so that the work does not grow with the square of their number.
"""

import numpy as np

from numbanet.backends.cuda.groups import Group, make_group_of, make_left, make_load, power_of_two, uint
from numbanet.backends.cuda.sorting import order_of
from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.loops import move, step

MOST_PIECES = 65_535
"""Blocks along the second axis of a grid, at most; they walk on from there."""


def make_row_of(group):
    """`row_of(thread)`: the row that a thread works on, and its lane there."""
    group_of, groups = make_group_of(group), uint(group.groups)

    def row_of(thread):
        number, lane, _ = group_of(thread)
        return uint(cuda.blockIdx.x) * groups + number, lane

    return device(row_of)


def make_copy_row(dtype, elements, group):
    """`copy_row(x, source, out, target, lane, n)`: n elements, from one position to another; blocks y share them."""
    lanes = group.lanes
    load, left = make_load(elements, lanes, dtype.type(0)), make_left(elements, lanes)
    piece = uint(elements * lanes)

    def copy_row(x, source, out, target, lane, n):
        tile = cuda.local.array(elements, dtype)
        j = uint(cuda.blockIdx.y) * piece + lane
        while j < n:
            load(x, source, j, n, tile)
            inside = left(j, n)
            for e in range(elements):
                if np.int32(e * lanes) < inside:
                    out[target + j + uint(e * lanes)] = tile[e]
            j += uint(cuda.gridDim.y) * piece

    return device(copy_row)


def make_fetch(dtype, elements, *group):
    """The kernel of fetch_rows."""
    row_of, copy_row = make_row_of(Group(*group)), make_copy_row(dtype, elements, Group(*group))

    def kernel(x, order, cursor, out, rows, n):
        row, lane = row_of(uint(cuda.threadIdx.x))
        if row < uint(rows):
            source = uint(order[uint(cursor[0]) + row])
            copy_row(x, source * uint(n), out, row * uint(n), lane, uint(n))

    return kernel


def make_store(dtype, elements, *group):
    """The kernel of store_rows."""
    row_of, copy_row = make_row_of(Group(*group)), make_copy_row(dtype, elements, Group(*group))

    def kernel(x, cursor, out, rows, n):
        row, lane = row_of(uint(cuda.threadIdx.x))
        if row < uint(rows):
            target = uint(cursor[1]) * uint(rows) + row
            copy_row(x, row * uint(n), out, target * uint(n), lane, uint(n))

    return kernel


def make_split(is_small):
    """`split(row, count)`: quotient and remainder; 32 bits do for most, and take a fifth of the instructions."""

    def of_small(row, count):
        row, count = np.uint32(row), np.uint32(count)
        return uint(row // count), uint(row % count)

    def of_any(row, count):
        return row // count, row % count

    return device(of_small if is_small else of_any)


def make_take(dtype, elements, is_small, *group):
    """The kernel of take: x is (outer, size, n), and rows are pairs (o, i) of an outer position and an index."""
    row_of, copy_row = make_row_of(Group(*group)), make_copy_row(dtype, elements, Group(*group))
    split = make_split(is_small)

    def kernel(x, index, out, outer, size, count, n):
        row, lane = row_of(uint(cuda.threadIdx.x))
        if row < uint(outer) * uint(count):
            o, i = split(row, uint(count))
            source = o * uint(size) + uint(index[i])
            copy_row(x, source * uint(n), out, row * uint(n), lane, uint(n))

    return kernel


def make_links(elements):
    """`leads[i]`: whether no index before i equals it; `following[i]`: where the next that does stands, or count."""

    def search(index, wanted, k, stop, tile):
        found = stop
        while k < stop and found == stop:
            for e in range(elements):
                tile[e] = index[min(k + uint(e), stop - uint(1))]
            for e in range(elements):
                if tile[e] == wanted and k + uint(e) < found:
                    found = k + uint(e)
            k += uint(elements)
        return found

    search = device(search)

    def kernel(index, leads, following, count):
        i = uint(cuda.blockIdx.x) * uint(cuda.blockDim.x) + uint(cuda.threadIdx.x)
        tile = cuda.local.array(elements, np.int64)
        if i < uint(count):
            leads[i] = search(index, index[i], uint(0), i, tile) == i
            following[i] = search(index, index[i], i + uint(1), uint(count), tile)

    return kernel


def make_sorted_links():
    """The same as `make_links` does, from the order that sorts the indices: equal ones are neighbours there."""

    def kernel(index, order, leads, following, count):
        p, count = uint(cuda.blockIdx.x) * uint(cuda.blockDim.x) + uint(cuda.threadIdx.x), uint(count)
        if p < count:
            i = uint(order[p])
            leads[i] = p == uint(0) or index[uint(order[p - uint(1)])] != index[i]
            following[i] = count
            if p + uint(1) < count:
                later = uint(order[p + uint(1)])
                if index[later] == index[i]:
                    following[i] = later

    return kernel


def make_take_back(is_small, *group):
    """The kernel of take_back, for rows (o, i) as in take."""
    row_of, split, lanes = make_row_of(Group(*group)), make_split(is_small), uint(group[1])

    def add_chain(g, following, first, i, count, inner, total):
        while i < count:
            total += g[first + i * inner]
            i = uint(following[i])
        return total

    add_chain = device(add_chain)

    def kernel(g, index, leads, following, out, outer, size, count, inner):
        row, j = row_of(uint(cuda.threadIdx.x))
        count, inner = uint(count), uint(inner)
        if row < uint(outer) * count:
            o, i = split(row, count)
            if leads[i]:
                target = (o * uint(size) + uint(index[i])) * inner
                while j < inner:
                    first = o * count * inner + j
                    out[target + j] = add_chain(g, following, first, i, count, inner, out[target + j])
                    j += lanes

    return kernel


def arrangement(sizes, n, elements):
    """The Group for rows of n elements, so many in each thread."""
    lanes = min(sizes.block, power_of_two(-(-n // elements)))
    return Group(1, lanes, sizes.block // lanes, sizes.warp)


def _launch_copies(backend, make, more, rows, n, operands, numbers):
    x = operands[0]
    elements = max(1, backend.sizes.bytes_each // x.dtype.itemsize)
    group = arrangement(backend.sizes, n, elements)
    pieces = min(-(-n // (group.lanes * elements)), MOST_PIECES)
    flat = [operand.reshape(-1) for operand in operands]
    grid = (-(-rows // group.groups), pieces)
    backend.launch(make, (x.dtype, elements, *more, *group), grid, (group.threads,), (*flat, *numbers))


def fetch_rows(backend, x, order, cursor, out):
    """out[i] = x[order[cursor[0] + i]]."""
    rows, n = out.shape
    _launch_copies(backend, make_fetch, (), rows, n, (x, order, cursor, out), (rows, n))


def store_rows(backend, x, cursor, out):
    """out[cursor[1] * rows + i] = x[i]."""
    rows, n = x.shape
    _launch_copies(backend, make_store, (), rows, n, (x, cursor, out), (rows, n))


def take(backend, x, index, out):
    """out[o, i] = x[o, index[i]]."""
    (outer, size, n), (count,) = x.shape, index.shape
    rows = outer * count
    _launch_copies(backend, make_take, (rows < 1 << 32,), rows, n, (x, index, out), (outer, size, count, n))


def take_back(backend, g, index, out):
    """out[o, index[i]] += g[o, i], in the order of i."""
    (outer, count, inner), size, block = g.shape, out.shape[1], backend.sizes.block
    leads, following = backend.empty((count,), np.bool_), backend.empty((count,), np.int64)
    blocks, links = (-(-count // block),), (leads, following, count)
    if count <= backend.sizes.searched:
        backend.launch(make_links, (backend.sizes.reduce_unroll,), blocks, (block,), (index, *links))
    else:
        order = order_of(backend, index.reshape(1, -1)).reshape(-1)
        backend.launch(make_sorted_links, (), blocks, (block,), (index, order, *links))
    rows, group = outer * count, arrangement(backend.sizes, inner, 1)
    operands = g.reshape(-1), index, leads, following, out.reshape(-1)
    grid = (-(-rows // group.groups),)
    numbers = outer, size, count, inner
    parameters = rows < 1 << 32, *group
    backend.launch(make_take_back, parameters, grid, (group.threads,), (*operands, *numbers))


TUNED = {
    step.fetch_rows: fetch_rows,
    step.store_rows: store_rows,
    move.take: take,
    move.take_back: take_back,
}
"""What runs on the device in place of a naive body; operands are contiguous, and there is an element to move."""
