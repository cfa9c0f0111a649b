"""The fast dot: out = a @ b for matrices, or batches of them, of any strides, in one launch.

`a` is read where it lies, whatever its strides: one pointer per row of the tile. `b` is read where it lies if its rows
are contiguous; else each thread moves the columns of a tile into a panel before the tiles that need them.

Large products go in blocks instead (`drivers.blocks`), as the textbook of Goto and van de Geijn has it (Anatomy of
High-Performance Matrix Multiplication, 2008); smaller ones gained nothing by it.
"""

import array
import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numbanet.backends.native.registers import PARTIAL_BYTES, WIDEST
from numbanet.backends.native.tilings import (
    GFLOPS,
    PAGE,
    blocks_for,
    cost_of_packing,
    goes_by_rows,
    goes_in_blocks,
    may_list,
    steps_of,
    tiling_of,
)
from numbanet.core.settings import config
from numbanet.core.shapes import coalesce
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty
from numbanet.kernels.words import BIAS, BIAS_AND_RELU, PLAIN
from numbanet.loops import move
from numbanet.loops.dot import matrix_vector_dot

MANY_ROWS = 256
"""Rows of b that lie whole pages apart fall on the same few cache lines: with so many rows of a, b is packed after all.

On one core of Zen 5, 2048 cubed went from 123 to 175 Gflop/s and 512x1024x1024 from 130 to 144; 1000 cubed, whose rows
are 4,000 bytes long, lost from 217 to 176 by packing, and keeps b where it lies.
"""

LARGE_PANEL = 1 << 22
"""Bytes of a panel for which memory is looked for before the launch: rows of b, or of a, that are millions long."""

_copy = Body(move.astype, cost=0.2)
_pack = Body("numbanet.backends.native.drivers.panels.pack_panel")
_row_dot = Body(matrix_vector_dot)
_dot_rows = Body("numbanet.backends.native.drivers.tiled.dot_rows")
_dot_tiles = Body("numbanet.backends.native.drivers.tiled.dot_tiles")
_dot_blocks = Body("numbanet.backends.native.drivers.blocks.dot_blocks")
_dot_lines = Body("numbanet.backends.native.drivers.lines.dot_tiles_of_lines", strided=True)


@functools.cache
def tile_kernel(tile):
    """The kernel that computes one tile."""

    def make():
        from numbanet.backends.native.primitives.tile import tile_body

        return tile_body(tile)

    return Body(f"numbanet.backends.native.primitives.tile.tile_{tile.name}", make=make)


@functools.cache
def line_kernel(tile):
    """The kernel that computes tiles of lines along k."""

    def make():
        from numbanet.backends.native.primitives.lines import line_body

        return line_body(tile)

    return Body(f"numbanet.backends.native.primitives.lines.lines_{tile.name}", make=make)


class Plan(NamedTuple):
    """What a product of certain shapes, strides and dtype runs: all of its launch but addresses and epilogue.

    `turned` is whether b is what the launch takes for a, and a for b; `panel` how many bytes each thread takes for
    itself.
    """

    body: Body
    built: Any
    block: array.array
    tiles: int
    cost: float
    turned: bool
    panel: int = 0


@functools.lru_cache(4096)
def plan(backend, dtype, a_shape, a_strides, b_shape, b_strides):
    """The plan of a product of matrices, or of batches; kept, since making it takes longer than a small product."""
    itemsize, registers = dtype.itemsize, backend.registers
    (m, k), n = a_shape[-2:], b_shape[-1]
    batch, a_step, b_step = (a_shape[0], a_strides[0], b_strides[0]) if len(a_shape) == 3 else (1, 0, 0)
    a_walk, b_walk, outer = (a_step, *a_strides[-2:]), (b_step, *b_strides[-2:]), (0, batch, m, n)
    listed = may_list(registers, (m, k, n), itemsize, a_walk)
    if goes_in_blocks((m, k, n), itemsize, a_walk, b_walk):
        return _plan_in_blocks(backend, dtype, (batch, m, k, n), a_walk, b_walk, listed)
    tiling = tiling_of(registers, (m, k, n), itemsize, a_walk, b_walk, listed)
    tile, turned = tiling.tile, tiling.tile.turned
    if turned:
        (m, n), (a_walk, b_walk) = (n, m), ((step, along, down) for step, down, along in (b_walk, a_walk))
    colliding = b_walk[1] % PAGE == 0 and m >= MANY_ROWS
    in_place = b_walk[2] == itemsize and not colliding and (registers.has_masks or not tile.masked)
    pack = 0 if in_place else _pack_of(backend, dtype)
    matrices = [(dtype.str, 3, False)] * 2
    built = backend.compiled(_dot_tiles, (*matrices, (dtype.str, 1, True), (dtype.str, 3, True), *["int64"] * 16))
    words = [0, batch, m, k, *a_walk], [0, batch, k, n, *b_walk], [0, max(m, n)], outer
    by_rows = not (pack or listed or turned) and goes_by_rows(m, k, n, itemsize)
    numbers = PLAIN, pack, *_kernels(backend, dtype, tiling, listed), tile.rows, tiling.strips, turned, by_rows, 0
    block = array.array("q", itertools.chain(*words, numbers))
    tiles = batch * -(-m // tile.rows) * tiling.across
    columns, lanes = registers.columns(tile, itemsize), registers.vector_bytes // itemsize
    panel = (k + 1) * max(min(columns, -(-n // lanes) * lanes), lanes) * itemsize if pack else 0
    return Plan(_dot_tiles, built, block, tiles, 2 * tile.rows * n / tiling.across * k / GFLOPS, turned, panel)


def _plan_in_blocks(backend, dtype, sizes, a_walk, b_walk, listed):
    """The plan of a product whose b goes through the cache in blocks."""
    (batch, m, k, n), matrices, itemsize = sizes, [(dtype.str, 3, False)] * 2, dtype.itemsize
    side_by_side, in_place = a_walk[1] == itemsize, b_walk[2] == itemsize and b_walk[1] % PAGE > 0
    registers = backend.registers
    tiling = registers.packed_for(n, itemsize) if side_by_side else registers.tiling_for(m, n, itemsize, listed)
    blocks, rows = blocks_for(k, tiling.across, in_place), tiling.tile.rows
    built = backend.compiled(_dot_blocks, (*matrices, (dtype.str, 1, True), (dtype.str, 3, True), *["int64"] * 16))
    words = [0, batch, m, k, *a_walk], [0, batch, k, n, *b_walk], [0, max(m, n)], (0, batch, m, n)
    pack = 0 if in_place else _pack_of(backend, dtype)
    numbers = PLAIN, pack, *_kernels(backend, dtype, tiling, listed), rows, tiling.strips, *blocks
    groups = -(-tiling.across // blocks.across)
    cost = 2 * rows * n / groups * k / GFLOPS
    block, tiles = array.array("q", itertools.chain(*words, numbers)), batch * -(-m // rows) * groups
    return Plan(_dot_blocks, built, block, tiles, cost, False)


def _kernels(backend, dtype, tiling, listed):
    """Of each tile of a tiling the addresses of its kernel and of that along lists, and its columns; 0 for none."""
    matrix, vector = (dtype.str, 2, False), (dtype.str, 1, True)
    operands = matrix, matrix, vector, matrix, *["int64"] * 3
    for tile in (tiling.tile, tiling.rest, tiling.last):
        along = backend.registers.listed_for(tile) if listed and tile else None
        yield backend.compiled(tile_kernel(tile), operands).address if tile else 0
        yield backend.compiled(tile_kernel(along), (*operands, *["int64"] * 3)).address if along else 0
        yield backend.registers.columns(tile, dtype.itemsize) if tile else 0


def _tiled_lines(lines):
    """As many lines as their tiles compute."""
    return lines if lines <= 2 else -(-lines // 4) * 4


def _columns_are_few(k, n, itemsize):
    """Whether a product of few columns is faster along k, whatever its rows: a tile has a vector of columns then."""
    step, lines = PARTIAL_BYTES // itemsize, _tiled_lines(n)
    return n < step and -(-k // step) * lines + 8 * lines < 0.7 * k


def _rows_are_few(m, k, itemsize, a_strides, n):
    """Whether a product of few rows with columns that are contiguous is faster along k than by way of a panel.

    Nor may the transposed product, whose few rows are the columns of b, take less time. That is asked for the widest
    registers, whatever there are: bytes depend on shapes alone.
    """
    step, lines = PARTIAL_BYTES // itemsize, _tiled_lines(m)
    if m > 48 or -(-k // step) * lines + 4 * lines >= k * (-(-m // 12) * 12 + 6) / step:
        return False
    turned = WIDEST.turned_for(n, m, itemsize) if a_strides[0] == itemsize else None
    if turned is None:
        return True
    along = n * (-(-k // step) + 4) * lines + cost_of_packing(k, m, step, in_place=False)
    return (k + 8) * steps_of(turned, n) >= along


@functools.lru_cache(4096)
def line_plan(backend, dtype, a_shape, a_strides, b_shape, b_strides):
    """The plan of a product of matrices along k, None where that is no gain; and whether b is the few lines."""
    (m, k), n, size = a_shape, b_shape[1], dtype.itemsize
    if a_strides[1] == size and n > 1 and _columns_are_few(k, n, size):
        lines, others, few_columns = (n, k, b_strides[1], b_strides[0]), (m, k, *a_strides), True
        outer = (n, m, 0, 0), (n, m, size, n * size)
    elif b_strides[0] == size and n > 1 and _rows_are_few(m, k, size, a_strides, n):
        lines, others, few_columns = (m, k, *a_strides), (n, k, b_strides[1], size), False
        outer = (m, n, 0, 0), (m, n, n * size, size)
    else:
        return None
    tile, matrix = backend.registers.line_tile_for(lines[0]), (dtype.str, 2, False)
    one_tile = backend.compiled(line_kernel(tile), (*[matrix] * 4, "int64"))
    built = backend.compiled(_dot_lines, (*[matrix] * 4, *["int64"] * 3))
    words = [word for shape in (lines, others, *outer) for word in (0, *shape)]
    pack = 0 if lines[3] == size else _pack_of(backend, dtype)
    block = array.array("q", [*words, PLAIN, pack, one_tile.address])
    cost = 2 * lines[0] * tile.columns * k / GFLOPS
    panel = (max(lines[0], backend.registers.vector_bytes // size) + 1) * (k + 1) * size if pack else 0
    return Plan(_dot_lines, built, block, -(-others[0] // tile.columns), cost, few_columns, panel)


def _check_room(panel, parts):
    """Raise MemoryError where the panels of all threads are large and find no memory: a kernel could not say so."""
    if panel > LARGE_PANEL:
        np.empty((panel * min(config.num_threads, parts),), np.uint8)


def _dot_lines_of(backend, found, a, b, out, bias, with_relu):
    """Launch a product along k."""
    body, built, block, tiles, cost, few_columns, _ = found
    address_of, block, operands = backend.address_of, block[:], (a, b, out)
    block[0], block[5] = (address_of(b), address_of(a)) if few_columns else (address_of(a), address_of(b))
    block[10] = block[15] = address_of(out)
    if bias is not None:
        block[10], block[20] = address_of(bias), BIAS_AND_RELU if with_relu else BIAS
        block[13 if few_columns else 14] = bias.itemsize
        operands = a, b, bias, out
    backend.launch(body, built, block, tiles, cost, operands)


def dot(backend, a, b, out, bias=None, with_relu=False):
    """out = a @ b (+ bias, and relu of it), for matrices of one floating dtype and any strides; no size is 0.

    Matrices are (m, k) and (k, n), or as many of both: (..., m, k) and (..., k, n). `out` is contiguous, and so is
    `bias`, one number per column.
    """
    if a.ndim > 3:
        for pair in merged(a, b, out):
            dot(backend, *pair, bias, with_relu)
        return
    if b.shape[-1] == 1 and bias is None and a.ndim == 2:
        _dot_vector(backend, a, _contiguous(backend, b[:, 0]), out[:, 0])
        return
    found = a.ndim == 2 and line_plan(backend, out.dtype, a.shape, a.strides, b.shape, b.strides)
    if found:
        _check_room(found.panel, found.tiles)
        _dot_lines_of(backend, found, a, b, out, bias, with_relu)
        return
    found = plan(backend, out.dtype, a.shape, a.strides, b.shape, b.strides)
    _check_room(found.panel, found.tiles)
    body, built, block, tiles, cost, turned, _ = found
    address_of, block = backend.address_of, block[:]
    block[0], block[7] = (address_of(b), address_of(a)) if turned else (address_of(a), address_of(b))
    block[16] = address_of(out)
    block[14] = block[16]
    operands = a, b, out
    if bias is not None:
        block[14], block[20] = address_of(bias), BIAS_AND_RELU if with_relu else BIAS
        operands = a, b, bias, out
    backend.launch(body, built, block, tiles, cost, operands)


def _dot_vector(backend, a, y, out):
    if a.strides[0] == out.itemsize and len(a) > 1:  # the columns of a are rows that lie in one piece
        dot(backend, y[None], a.T, out[None])
        return
    cost = a.shape[1] * 0.1
    if a.flags.c_contiguous:
        backend.run(_row_dot, len(a), (a, y, out), cost)
        return
    _check_room((a.shape[1] + 1) * backend.registers.vector_bytes, len(a))
    vector = (out.dtype.str, 1, True)
    row_dot = backend.compiled(_row_dot, ((out.dtype.str, 2, True), vector, vector))
    backend.run(_dot_rows, len(a), (a, y, out, row_dot.address, _pack_of(backend, out.dtype)), 2 * cost)


def _contiguous(backend, x):
    if x.flags.c_contiguous:
        return x
    out = empty(x.shape, x.dtype)
    backend.map(_copy, out, (x,))
    return out


def _pack_of(backend, dtype):
    return backend.compiled(_pack, ((dtype.str, 2, False), (dtype.str, 2, True))).address


def merged(*operands):
    """The matrices (..., rows, columns) of operands, in as few arrays (batch, rows, columns) as their strides allow."""
    sizes, walks = coalesce(operands[0].shape[:-2], [x.strides[:-2] for x in operands])
    pairs = zip(operands, walks, strict=True)
    views = [as_strided(x, (*sizes, *x.shape[-2:]), (*walk, *x.strides[-2:])) for x, walk in pairs]
    for index in np.ndindex(*sizes[:-1]):
        yield [view[index] for view in views]
