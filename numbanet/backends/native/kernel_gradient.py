"""The fast gradient of a convolution by its kernel: plans of what tiles over runs compute.

Rows of the result are places of the kernel and channels. Places that have a part in the same outputs form a class,
whose tiles walk the same runs: with padding, a place at the border of the kernel meets fewer outputs.
"""

import array
import functools
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from numbanet.backends.native.convolution import Shape, address_of_runs, distances, folded, strips_of
from numbanet.backends.native.registers import RunTile
from numbanet.backends.native.tilings import GFLOPS
from numbanet.backends.protocol import Backend
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty
from numbanet.kernels.words import POSITIONS_AT_ONCE

MOST_PARTS, LEAST_CHUNKS, FEW_OUTPUTS, READ_FOR_EACH = 8, 4, 4096, 8
"""A result is computed in parts, each from some of the chunks, where it has few numbers, or where so many times more
are read for it: threads that share parts read different positions, while those that share rows of a part all read the
same. Shapes alone say how many parts there are, since they change the order of sums."""

_WORDS, _MATRIX, _ROW = "int64", (np.dtype(np.int64).str, 2, True), (np.dtype(np.int64).str, 1, True)
_tiles = Body("numbanet.backends.native.drivers.kernel_gradients.kernel_gradient_tiles")
_add_parts = Body("numbanet.backends.native.drivers.kernel_gradients.add_parts")


class Plan(NamedTuple):
    """All of a launch but addresses; and how many parts there are."""

    built: Any
    walk: np.ndarray
    classes: np.ndarray
    strips: np.ndarray
    rows: np.ndarray
    tile: int
    chunks: int
    parts: int
    tiles: int
    cost: float


def _reached(size, count, window, stride, dilation, before):
    """The places of a window along one axis, by the outputs (first, end) in which they meet an element."""
    found = {}
    for k in range(window):
        far = k * dilation - before
        low, high = max(0, -(far // stride)), min(count, (size - 1 - far) // stride + 1)
        found.setdefault((low, high) if low < high else (0, 0), []).append(k)
    return found


def _classes(x_shape, g_shape, window, geometry):
    """Classes of places: which outputs they meet along the axes, and their indices along each."""
    axes = zip(x_shape[1:4], g_shape[1:4], window, *geometry, strict=True)
    found = product(*[_reached(*sizes).items() for sizes in axes])
    return [(tuple(met for met, _ in one), tuple(places for _, places in one)) for one in found]


def tile_for(registers, shape, itemsize, sizes):
    """The tile for classes of so many rows; None where lanes would have to be left out of loads and cannot be."""
    lanes, columns = registers.vector_bytes // itemsize, shape.columns
    if shape.lanewise:
        shapes = ((4, 2, 1.0), (1, 4, 1.6)) if registers.has_masks or columns >= 4 * lanes else ((4, 1, 1.2),)
    elif columns <= lanes or (columns < 2 * lanes and not registers.has_masks):
        shapes = ((12, 1, 1.0), (8, 1, 1.05)) if registers.many else ((6, 1, 1.0),)
    else:
        shapes = ((12, 2, 1.0), (9, 2, 1.02), (8, 2, 1.03)) if registers.many else ((6, 2, 1.0), (4, 2, 1.1))

    def work(one):
        rows, vectors, factor = one
        return sum(-(-size // rows) * rows for size in sizes) * -(-columns // (vectors * lanes)) * vectors * factor

    rows, vectors, _ = min(shapes, key=work)
    wide = vectors * lanes
    if columns < wide and not registers.has_masks:
        return None
    plain = not shape.lanewise and (rows, vectors) == (registers.rows, 2)
    return RunTile(rows, vectors, not plain or columns % wide > 0, shape.lanewise)


def _row_tables(found, shape, geometry, tile, itemsize):
    """Where rows lie in the operand and in the result, two lines of a table; and the tiles of each class."""
    sources = distances(shape.operand, shape.operand[4], itemsize)[1:]
    channels, line = np.arange(shape.channels), shape.groups * shape.filters * itemsize
    lines, tiles = [], []
    for _, places in found:
        kd, kh, kw = (own.reshape(-1, 1) for own in np.meshgrid(*places, indexing="ij"))
        walks = zip((kd, kh, kw), geometry.dilation, geometry.before, sources, strict=True)
        source = sum((k * dilation - before) * step for k, dilation, before, step in walks) + channels * itemsize
        place = (kd * shape.window[1] + kh) * shape.window[2] + kw
        both = np.stack([source.reshape(-1), (place * shape.channels * line + channels * line).reshape(-1)])
        count = -(-both.shape[1] // tile.rows)
        tiles.append((sum(own for _, own in tiles), count))
        lines.append(np.pad(both, ((0, 0), (0, count * tile.rows - both.shape[1])), mode="edge"))
    return np.ascontiguousarray(np.concatenate(lines, axis=1), np.int64), tiles


def _chunks(g_shape):
    """Rows of outputs in a chunk, positions of a row in it, and pieces of a row."""
    wide = g_shape[3]
    pieces = -(-wide // POSITIONS_AT_ONCE)
    positions = -(-wide // pieces)
    return max(1, POSITIONS_AT_ONCE // wide), positions, pieces


@functools.lru_cache(1024)
def plan(backend, dtype, x_shape, g_shape, kernel_shape, geometry):
    """The plan of a gradient by a kernel, None where the naive body has to do."""
    groups, window = x_shape[4] // kernel_shape[3], kernel_shape[:3]
    x_shape, g_shape, geometry = folded(x_shape, window, g_shape, geometry)
    shape = Shape(x_shape, g_shape, window, kernel_shape[3], g_shape[4] // groups, groups)
    found, itemsize = _classes(x_shape, g_shape, window, geometry), dtype.itemsize
    sizes = [shape.channels * int(np.prod([len(own) for own in places])) for _, places in found]
    tile = tile_for(backend.registers, shape, itemsize, sizes)
    if tile is None:
        return None
    columns = tile.vectors * backend.registers.vector_bytes // itemsize
    rows, tiles = _row_tables(found, shape, geometry, tile, itemsize)
    met = [[edge for pair in own for edge in pair] for own, _ in found]
    classes = np.array([[*own, *edges] for own, edges in zip(tiles, met, strict=True)], np.int64)
    in_chunk, positions, pieces = _chunks(g_shape)
    outer = int(np.prod(g_shape[:3]))
    chunks = -(-outer // in_chunk) * pieces
    outputs, read = int(np.prod(kernel_shape)), int(np.prod(x_shape)) + int(np.prod(g_shape))
    worth = max(FEW_OUTPUTS // outputs, read // (READ_FOR_EACH * outputs))
    parts = max(1, min(MOST_PARTS, chunks // LEAST_CHUNKS, worth))
    samples, *steps = distances(x_shape, x_shape[4], itemsize)
    steps = [step * stride for step, stride in zip(steps, geometry.strides, strict=True)]
    walk = [*g_shape[1:4], in_chunk, positions, pieces, samples, *steps, g_shape[4] * itemsize, outer]
    strips = strips_of(shape, columns, itemsize, added=True)
    built = backend.compiled(_tiles, (_ROW, _MATRIX, _MATRIX, *[_WORDS] * 9))
    cost = 2 * tile.rows * columns * len(strips) * outer * g_shape[3] / (parts * GFLOPS)
    walk = np.array(walk, np.int64)
    total = parts * sum(count for _, count in tiles)
    return Plan(built, walk, classes, strips, rows, address_of_runs(backend, dtype, tile), chunks, parts, total, cost)


def conv_kernel_gradient(backend, x, g, out, geometry):
    """Compute the gradient of a convolution by its kernel; see `Backend.conv_kernel_gradient`."""
    found = plan(backend, out.dtype, x.shape, g.shape, out.shape, geometry)
    if found is None:
        Backend.conv_kernel_gradient(backend, x, g, out, geometry)
        return
    built, walk, classes, strips, rows, tile, chunks, parts, tiles, cost = found
    address_of = backend.address_of
    target = out if parts == 1 else empty((parts, out.size), out.dtype)
    at = address_of(rows)
    tables = [address_of(walk), len(walk), address_of(classes), *classes.shape, address_of(strips), *strips.shape]
    places = [at, at + rows.strides[0], *map(address_of, (x, g, target)), out.nbytes]
    words = array.array("q", [*tables, *places, tile, chunks, parts])
    operands = walk, classes, strips, rows, x, g, target
    backend.launch(_tiles, built, words, tiles, cost, operands)
    if parts > 1:
        backend.run(_add_parts, out.size, (target, out.reshape(-1)), 0.2 * parts)
