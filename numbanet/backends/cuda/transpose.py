"""Copies whose neighbours lie apart: through tiles in shared memory, so that reads and writes both are of neighbours.

A copy of a transposed view, thread by thread, either reads or writes elements that lie a row apart, and moves 32 bytes
for each 4. Here a block reads rows of a tile along the input's fastest axis and writes them along the output's last.
Rows of the tile are one element longer, so that a column of it lies in 32 different banks (Ruetsch, Micikevicius:
Optimizing matrix transpose in CUDA, 2009). The definition is `loops.move.copy_strided`.
"""

from typing import NamedTuple

import numpy as np

from numbanet.backends.cuda.groups import uint
from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.core.shapes import coalesce, contiguous_strides

MOST_BLOCKS = 65_535
"""Blocks along the second and third axis of a grid, at most."""


class Plan(NamedTuple):
    """A copy as a transposition of many matrices, sizes and strides in elements.

    Parameters
    ----------
    sizes : (int, int, int, int)
        Of two batch dimensions, of the input's fastest axis, and of the output's last axis.
    source, target : (int, int, int, int)
        Their strides in the input and in the output.
    """

    sizes: tuple
    source: tuple
    target: tuple


def plan(shape, strides, itemsize, tile):
    """The Plan of a copy of a view with these strides (in bytes), row by row; None if it is no transposition.

    It is one if the neighbours along another axis than the last lie side by side. Both axes need a quarter of a tile,
    or most threads would have nothing to do; and up to two more dimensions may be left.
    """
    if 0 in shape or any(step % itemsize for step in strides):
        return None
    row_by_row = contiguous_strides(shape, itemsize)
    sizes, (source, target) = coalesce(shape, [strides, row_by_row])
    source, target = ([step // itemsize for step in walk] for walk in (source, target))
    fastest = [d for d in range(len(sizes) - 1) if abs(source[d]) == 1]
    if not fastest or abs(source[-1]) < 2 or len(sizes) > 4:
        return None
    axes = [d for d in range(len(sizes) - 1) if d != fastest[0]]
    order = [*[None] * (2 - len(axes)), *axes, fastest[0], len(sizes) - 1]
    sizes = tuple(1 if d is None else sizes[d] for d in order)
    if min(sizes[2:]) < tile // 4 or -(-sizes[2] // tile) > MOST_BLOCKS:
        return None
    return Plan(sizes, *[tuple(0 if d is None else walk[d] for d in order) for walk in (source, target)])


def make_transposition(dtype, tile, threads):
    """The kernel of a Plan, whose strides and sizes are operands: x, where it starts, and out are one-dimensional."""
    rows, wide = threads // tile, tile + 1
    read, write, split = make_read(dtype, tile, rows), make_write(tile, rows), make_split()

    def kernel(x, start, source, out, target, sizes):
        square = cuda.shared.array((tile, wide), dtype)
        thread = uint(cuda.threadIdx.x)
        row, column = np.int64(thread // uint(tile)), np.int64(thread % uint(tile))
        slow, fast = np.int64(cuda.blockIdx.x) * tile, np.int64(cuda.blockIdx.y) * tile
        batch = np.int64(cuda.blockIdx.z)
        while batch < sizes[0] * sizes[1]:
            i, j = split(batch, sizes[1])
            at = start + i * source[0] + j * source[1] + (fast + column) * source[2] + (slow + row) * source[3]
            inside = min(sizes[3] - slow, tile) if fast + column < sizes[2] else 0
            read(x, at, source[3], inside, row, column, square)
            cuda.syncthreads()
            at = i * target[0] + j * target[1] + slow + column + (fast + row) * target[2]
            inside = min(sizes[2] - fast, tile) if slow + column < sizes[3] else 0
            write(out, at, target[2], inside, row, column, square)
            cuda.syncthreads()
            batch += np.int64(cuda.gridDim.z)

    return kernel


def make_split():
    """`split(batch, size)`: quotient and remainder, by a division of 32 bits, if one is needed at all."""

    def split(batch, size):
        if size == 1:
            return batch, np.int64(0)
        batch, size = np.uint32(batch), np.uint32(size)
        return np.int64(batch // size), np.int64(batch % size)

    return device(split)


def make_read(dtype, tile, rows):
    """`read(x, at, step, inside, row, column, square)`: rows of the tile, every `rows`-th, below row `inside`.

    Row `row` starts at position `at` of the input, and the next one `step` further on.
    """
    count = tile // rows

    def read(x, at, step, inside, row, column, square):
        values = cuda.local.array(count, dtype)
        for e in range(count):
            if row + e * rows < inside:
                values[e] = x[uint(at)]
            at += rows * step
        for e in range(count):
            square[uint(row + e * rows), uint(column)] = values[e]

    return device(read)


def make_write(tile, rows):
    """`write`, with the same parameters: columns of the tile, as rows of the output."""
    count = tile // rows

    def write(out, at, step, inside, row, column, square):
        for e in range(count):
            if row + e * rows < inside:
                out[uint(at)] = square[uint(column), uint(row + e * rows)]
            at += rows * step

    return device(write)


def transpose(backend, planned, x, start, out):
    """Run a Plan: x is the memory of the view as one row, whose first element stands at `start`; out is contiguous."""
    tile, threads, sizes = backend.sizes.tile, backend.sizes.block, planned.sizes
    grid = (-(-sizes[3] // tile), -(-sizes[2] // tile), min(sizes[0] * sizes[1], MOST_BLOCKS))
    operands = x, start, planned.source, out.reshape(-1), planned.target, sizes
    backend.launch(make_transposition, (x.dtype, tile, threads), grid, (threads,), operands)
