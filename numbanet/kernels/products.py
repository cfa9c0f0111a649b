"""The fast dot: out = a @ b for matrices, or batches of them, of any strides, in one launch.

`a` is read where it lies, whatever its strides: one pointer per row of the tile. `b` is read where it lies if its rows
are contiguous; else each thread moves the columns of a tile into a panel before the tiles that need them.

Packing a as well, as the textbook of Goto and van de Geijn (Anatomy of High-Performance Matrix Multiplication, 2008)
has it, gained nothing at these sizes.
"""

import array
import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numbanet.kernels.copies import contiguous
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops.dot import matrix_vector_dot
from numbanet.kernels.panels import address, pack_panel
from numbanet.kernels.tiles import (
    BIAS,
    BIAS_AND_RELU,
    HAS_MASKS,
    MANY_REGISTERS,
    PLAIN,
    VECTOR_BYTES,
    Tile,
    tile_intrinsic,
)
from numbanet.kernels.windows import call_kernel
from numbanet.shapes import coalesce

GFLOPS = 100.0
"""What a tile does on one core, roughly: only used to decide from which size a dot is split over threads."""

PAGE, MANY_ROWS = 4096, 256
"""Rows of b that lie whole pages apart fall on the same few cache lines: with so many rows of a, b is packed after all.

On one core of Zen 5, 2048 cubed went from 123 to 175 Gflop/s and 512x1024x1024 from 130 to 144; 1000 cubed, whose rows
are 4,000 bytes long, lost from 217 to 176 by packing, and keeps b where it lies.
"""

ROWS = 12 if MANY_REGISTERS else 6
"""Rows of the tile that most products take, with two vectors of columns."""

_pack = Kernel(pack_panel)
_row_dot = Kernel(matrix_vector_dot, reassociate=True)


@functools.cache
def tiles_kernel(tile):
    """The kernel out = a @ b for batches of matrices, in tiles of one shape; its range counts tiles.

    The row of tiles runs fastest, so that columns of b stay in the cache while a passes; then come the columns, then
    the batch. Where tiles are not masked, the last one lies over the one before: both write the same.
    """
    rows, masked = tile.rows, tile.masked
    column_bytes = tile.vectors * VECTOR_BYTES
    run_tile = tile_intrinsic(tile)

    def dot_tiles(a, b, bias, out, epilogue, pack, start, stop):
        m, k, n, itemsize, like = a.shape[1], a.shape[2], out.shape[2], out.itemsize, out[0, 0, 0]
        columns, lanes = column_bytes // itemsize, VECTOR_BYTES // itemsize
        pitch = min(columns, (n + lanes - 1) // lanes * lanes)  # of a panel, in elements
        high, wide = (m + rows - 1) // rows, (n + columns - 1) // columns
        memory = np.empty((k + 1) * columns if pack else 0, out.dtype)  # in use as long as the loop names it
        words = np.empty(8, np.int64)
        packed = -1
        for t in range(np.int64(start), np.int64(stop)):
            strip, row = t // high, t % high * rows
            i, column = strip // wide, strip % wide * columns
            if not masked:
                column = min(column, n - columns)
            width = min(columns, n - column)
            source, step = address(b) + i * b.strides[0] + column * b.strides[2], b.strides[1]
            if pack:
                panel = (address(memory) + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
                if packed != strip:
                    words[0], words[1], words[2], words[3], words[4] = source, k, width, step, b.strides[2]
                    words[5], words[6], words[7] = panel, k, pitch
                    call_kernel(pack, address(words), 0, width)
                    packed = strip
                source, step = panel, pitch * itemsize
            run_tile(
                like, k, address(a) + i * a.strides[0] + row * a.strides[1], a.strides[1], a.strides[2], m - 1 - row,
                source, step, address(out) + ((i * m + row) * n + column) * itemsize, n * itemsize, width,
                address(bias) + column * itemsize, epilogue,
            )  # fmt: skip

    dot_tiles.__qualname__ = f"dot_tiles_{rows}x{tile.vectors}{'_masked' if masked else ''}"
    return Kernel(dot_tiles)


def dot_rows(a, y, out, row_dot, pack, start, stop):
    """out = a @ y where a is not contiguous: its rows go through a panel, a vector's lanes of them at a time."""
    k, itemsize = a.shape[1], a.itemsize
    lanes = VECTOR_BYTES // itemsize
    panel = np.empty((lanes, (k + lanes - 1) // lanes * lanes), a.dtype)
    words, row = np.empty(8, np.int64), np.empty(7, np.int64)
    for i in range(np.int64(start), np.int64(stop), lanes):
        count = min(lanes, np.int64(stop) - i)
        words[0], words[1], words[2] = address(a) + i * a.strides[0], count, k
        words[3], words[4], words[5] = a.strides[0], a.strides[1], address(panel)
        words[6], words[7] = panel.shape
        call_kernel(pack, address(words), 0, k)
        for j in range(count):
            row[0], row[1], row[2] = address(panel) + j * panel.strides[0], 1, k
            row[3], row[4], row[5], row[6] = address(y), k, address(out) + (i + j) * itemsize, 1
            call_kernel(row_dot, address(row), 0, 1)


_dot_rows = Kernel(dot_rows)


def tile_for(m, n, itemsize):
    """The tile for an output of m rows and n columns: as high and wide as registers and the output allow."""
    lanes = VECTOR_BYTES // itemsize
    if m == 1:
        rows, vectors = 1, 8
    elif n <= lanes:
        rows, vectors = 4 if m <= 4 else 12, 1
    elif m <= 4:
        rows, vectors = 4, 4 if MANY_REGISTERS else 2
    else:
        rows, vectors = ROWS, 2
    return Tile(rows, vectors, n < vectors * lanes or vectors == 1)


class Plan(NamedTuple):
    """What a product of certain shapes, strides and dtype runs: all of its launch but addresses and epilogue."""

    kernel: Kernel
    built: Any
    block: array.array
    tiles: int
    cost: float


@functools.lru_cache(4096)
def plan(build, dtype, a_shape, a_strides, b_shape, b_strides):
    """The plan of a product of matrices, or of batches; kept, since making it takes longer than a small product."""
    itemsize = dtype.itemsize
    (m, k), n = a_shape[-2:], b_shape[-1]
    batch, a_step, b_step = (a_shape[0], a_strides[0], b_strides[0]) if len(a_shape) == 3 else (1, 0, 0)
    tile = tile_for(m, n, itemsize)
    columns = tile.columns(itemsize)
    colliding = b_strides[-2] % PAGE == 0 and m >= MANY_ROWS
    in_place = b_strides[-1] == itemsize and not colliding and (HAS_MASKS or not tile.masked)
    pack = 0 if in_place else _pack_of(build, dtype)
    kernel, matrices = tiles_kernel(tile), (dtype, 3, False)
    built = build.compiled(kernel, (matrices, matrices, (dtype, 1, True), (dtype, 3, True), int, int, dtype))
    words = [0, batch, m, k, a_step, *a_strides[-2:]], [0, batch, k, n, b_step, *b_strides[-2:]], [0, n]
    block = array.array("q", [*itertools.chain(*words), 0, batch, m, n, PLAIN, pack])
    tiles = batch * -(-m // tile.rows) * -(-n // columns)
    return Plan(kernel, built, block, tiles, 2 * tile.rows * columns * k / GFLOPS)


def dot(build, a, b, out, bias=None, with_relu=False):
    """out = a @ b (+ bias, and relu of it), for matrices of one floating dtype and any strides; no size is 0.

    Matrices are (m, k) and (k, n), or as many of both: (..., m, k) and (..., k, n). `out` is contiguous, and so is
    `bias`, one number per column.
    """
    if a.ndim > 3:
        for pair in merged(a, b, out):
            dot(build, *pair, bias, with_relu)
        return
    if b.shape[-1] == 1 and bias is None and a.ndim == 2:
        _dot_vector(build, a, contiguous(b[:, 0]), out[:, 0])
        return
    kernel, built, block, tiles, cost = plan(build, out.dtype, a.shape, a.strides, b.shape, b.strides)
    address_of, block = build.address_of, block[:]
    block[0], block[7], block[16] = address_of(a), address_of(b), address_of(out)
    block[14] = block[16]
    operands = a, b, out
    if bias is not None:
        block[14], block[20] = address_of(bias), BIAS_AND_RELU if with_relu else BIAS
        operands = a, b, bias, out
    build.launch(kernel, built, block, tiles, cost, operands)


def _dot_vector(build, a, y, out):
    cost = a.shape[1] * 0.1
    if a.flags.c_contiguous:
        _row_dot(len(a), a, y, out, cost=cost)
        return
    vector = (out.dtype, 1, True)
    row_dot = build.compiled(_row_dot, ((out.dtype, 2, True), vector, vector, out.dtype))
    _dot_rows(len(a), a, y, out, row_dot.address, _pack_of(build, out.dtype), cost=2 * cost)


def _pack_of(build, dtype):
    return build.compiled(_pack, ((dtype, 2, False), (dtype, 2, True), dtype)).address


def merged(*operands):
    """The matrices (..., rows, columns) of operands, in as few arrays (batch, rows, columns) as their strides allow."""
    sizes, walks = coalesce(operands[0].shape[:-2], [x.strides[:-2] for x in operands])
    pairs = zip(operands, walks, strict=True)
    views = [as_strided(x, (*sizes, *x.shape[-2:]), (*walk, *x.strides[-2:])) for x, walk in pairs]
    for index in np.ndindex(*sizes[:-1]):
        yield [view[index] for view in views]
