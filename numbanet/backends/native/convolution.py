"""The fast convolution, channels last, and its gradients: plans of what tiles over runs compute.

Windows are read where they lie: `regions` says which runs of steps an output has, and `drivers.convolutions` walks the
rows of a region in tiles. The kernel, as a matrix (places * channels, filters), is what b is in a product. It goes
through panels where it is transposed, and where its rows are too long to lie well in the cache.
"""

import array
import functools
from typing import Any, NamedTuple

import numpy as np

from numbanet.backends.native.regions import along, back_along, positions, regions, steps, steps_of_lanes
from numbanet.backends.native.registers import RunTile
from numbanet.backends.native.tilings import GFLOPS
from numbanet.backends.protocol import Backend
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty
from numbanet.kernels.words import BIAS, BIAS_AND_RELU, PLAIN, ROWS_AT_ONCE

LONG_ROWS, MANY_ROWS = 1024, 256
"""Rows of a kernel of so many bytes go through panels where there are so many rows of outputs."""

AT_ONCE_BYTES = 1 << 17
"""What rows that are computed at once read of the operand, roughly: they stay in the second-level cache while strip
after strip of the kernel passes."""

MOST_PIECES, TILES_OF_PIECES = 16, 32
"""Into how many pieces each region is cut at most, and how many tiles there are for one piece of all."""

FEW_TILES = 64
"""With fewer tiles of rows, strips of columns are shared out among threads as well."""

_WORDS, _MATRIX = "int64", (np.dtype(np.int64).str, 2, True)
_conv_tiles = Body("numbanet.backends.native.drivers.convolutions.conv_tiles")
_pack_panels = Body("numbanet.backends.native.drivers.convolutions.pack_panels")
_pack = Body("numbanet.backends.native.drivers.panels.pack_panel")


@functools.cache
def _run_kernel(tile):
    def make():
        from numbanet.backends.native.primitives.runs import runs_body

        return runs_body(tile)

    return Body(f"numbanet.backends.native.primitives.runs.runs_{tile.name}", make=make)


def address_of_runs(backend, dtype, tile):
    """The address of the kernel that computes tiles over runs."""
    return backend.compiled(_run_kernel(tile), ((dtype.str, 1, True), *[_WORDS] * 12)).address


class Panels(NamedTuple):
    """How a kernel is moved to panels first."""

    built: Any
    jobs: np.ndarray
    size: int
    pack: int
    pitch: int
    cost: float


class Plan(NamedTuple):
    """What a convolution of certain shapes and dtype runs: all of its launch but addresses and epilogue."""

    built: Any
    regions: np.ndarray
    strips: np.ndarray
    runs: np.ndarray
    numbers: tuple
    panels: Panels | None
    tiles: int
    cost: float


class Shape(NamedTuple):
    """What is computed: windows of an operand (samples, depth, height, width, channels) meet a kernel.

    `channels` and `filters` are those of one group. For a gradient, the operand is that of the outputs, and the result
    has the shape of what was convolved.
    """

    operand: tuple
    result: tuple
    window: tuple
    channels: int
    filters: int
    groups: int

    @property
    def lanewise(self):
        """Whether each channel meets one column of the kernel alone."""
        return self.groups > 1 and self.channels == self.filters == 1

    @property
    def columns(self):
        """Neighbouring columns of the result that one strip may cover."""
        return self.groups if self.lanewise else self.filters


def tile_for(registers, shape, itemsize, sizes):
    """The tile over runs for regions of so many rows, None where lanes would have to be left out and cannot be.

    Rows past the last one of a region are computed again: many small regions have lower tiles.
    """
    lanes, columns = registers.vector_bytes // itemsize, shape.columns
    narrow = columns <= lanes or (columns < 2 * lanes and not registers.has_masks)
    rows = registers.rows
    if shape.lanewise:
        if columns < lanes and not registers.has_masks:
            return None
        rows, vectors = 4, 1 if narrow else 2
    elif narrow or (registers.many and 2 * lanes < columns <= 3 * lanes):
        vectors = 1
    else:
        vectors, lower = 2, ((8, 1.05), (4, 1.3)) if registers.many else ((4, 1.3),)
        heights = ((rows, 1.0), *lower) if registers.has_masks else ((rows, 1.0),)
        rows, _ = min(heights, key=lambda one: one[1] * sum(-(-size // one[0]) * one[0] for size in sizes))
    plain = shape.lanewise or rows == registers.rows
    return RunTile(rows, vectors, columns < vectors * lanes or vectors == 1 or not plain, shape.lanewise)


def strips_of(shape, tile_columns, itemsize, panel=0, added=False):
    """Offsets in operand, b and result, widths, and the first column that is stored, where strips add up.

    `panel` is the size of a panel in bytes, or 0 without any.
    """
    found, columns, each = [], shape.columns, 1 if shape.lanewise else shape.channels
    for group in range(1 if shape.lanewise else shape.groups):
        for column in range(0, columns, tile_columns):
            column, wanted = max(min(column, columns - tile_columns), 0), column
            passed = wanted - column if added else 0
            place = group * columns + column
            source = column if shape.lanewise else group * each
            b = len(found) * panel if panel else place * itemsize
            found.append((source * itemsize, b, place * itemsize, min(columns, tile_columns), passed))
    return np.array(found, np.int64)


def distances(sizes, channels, itemsize):
    """How far neighbours along each of the four axes lie apart, in bytes."""
    deep, high, wide = sizes[1:4]
    each = channels * itemsize
    return deep * high * wide * each, high * wide * each, wide * each, each


def _region_table(found, shape, tile, itemsize, b_step):
    """The tables of regions and of runs that `conv_tiles` reads; the second one has no addresses in it."""
    sources = distances(shape.operand, shape.operand[4], itemsize)
    targets = distances(shape.result, shape.result[4], itemsize)
    table, runs, tiles = [], [], 0
    sizes = shape.operand[1:4]
    for region in found:
        if shape.lanewise:
            own, length = steps_of_lanes(region, sizes, shape.window, shape.operand[4])
        else:
            own, length = steps(region, sizes, shape.window, shape.operand[4], shape.channels, shape.groups == 1)
        rows = shape.operand[0]
        walks = [rows, sources[0], targets[0]]
        source = target = 0
        for stretch, from_step, to_step in zip(region, sources[1:], targets[1:], strict=True):
            rows *= stretch.length
            source, target = source + stretch.source * from_step, target + stretch.first * to_step
            walks += stretch.length, stretch.source_step * from_step, stretch.step * to_step
        at_once = AT_ONCE_BYTES // (tile.rows * max(walks[-2] if walks[-3] > 1 else 0, itemsize))
        at_once = max(min(at_once, ROWS_AT_ONCE // tile.rows), 4)
        count = -(-rows // tile.rows)
        table.append([tiles, count, at_once, 16 * len(runs), len(own), length, source, target, *walks])
        runs += [(a * itemsize, b * b_step) for a, b in own]
        tiles += count
    runs, table = np.array(runs, np.int64).reshape(-1, 2), np.array(_in_pieces(table, tiles), np.int64)
    table[:, 3] += runs.ctypes.data
    return table, runs, tiles


def _in_pieces(table, tiles):
    """Entries for pieces of each region in turn, since tiles of a region at the border have less to do than others."""
    pieces = max(1, min(MOST_PIECES, tiles // TILES_OF_PIECES)) if len(table) > 1 else 1
    found, place = [], 0
    for piece in range(pieces):
        for _, count, *entry in table:
            first, end = count * piece // pieces, count * (piece + 1) // pieces
            if first < end:
                found.append([place, end - first, *entry, first])
                place += end - first
    return found


def _panels(backend, shape, dtype, columns, strips, turned):
    """How the kernel gets into panels; `turned` if it is turned around and its channels are its columns."""
    size, places = dtype.itemsize, int(np.prod(shape.window))
    jobs, depth, all_columns = [], shape.channels, shape.groups * shape.filters
    for s, (_, _, place, width, _) in enumerate(strips.tolist()):
        target = s * places * depth * columns
        if not turned:
            jobs.append((place, places * depth, width, all_columns * size, size, target * size))
            continue
        group, column = divmod(place // size, shape.filters)
        outer = shape.groups * depth  # the filters of the kernel, whose channels are the columns here
        for k in range(places):
            source = (k * shape.filters + column) * outer + group * depth
            to = target + (places - 1 - k) * depth * columns
            jobs.append((source * size, depth, width, size, outer * size, to * size))
    pack = backend.compiled(_pack, ((dtype.str, 2, False), (dtype.str, 2, True))).address
    built = backend.compiled(_pack_panels, (_MATRIX, *[_WORDS] * 4))
    amount = places * depth * columns * len(strips)
    jobs = np.array(jobs, np.int64)
    return Panels(built, jobs, amount, pack, columns, 0.3 * amount / len(jobs))


def _planned(backend, dtype, shape, axes, turned):
    """The plan of a walk over regions."""
    registers, itemsize = backend.registers, dtype.itemsize
    found = regions(axes)
    tile = tile_for(registers, shape, itemsize, [shape.operand[0] * positions(region) for region in found])
    if tile is None:
        return None
    columns = tile.vectors * registers.vector_bytes // itemsize
    places = int(np.prod(shape.window))
    row_bytes = shape.groups * shape.filters * itemsize
    outputs = int(np.prod(shape.result[:4]))
    packed = not shape.lanewise and (
        turned or (row_bytes >= LONG_ROWS and outputs >= MANY_ROWS) or (tile.masked and not registers.has_masks)
    )
    b_step = columns * itemsize if packed else row_bytes
    strips = strips_of(shape, columns, itemsize, places * shape.channels * b_step if packed else 0)
    table, runs, tiles = _region_table(found, shape, tile, itemsize, b_step)
    panels = _panels(backend, shape, dtype, columns, strips, turned) if packed else None
    built = backend.compiled(_conv_tiles, (_MATRIX, _MATRIX, *[_WORDS] * 10))
    a_step = itemsize
    if shape.lanewise:
        a_step, b_step = _lane_steps(axes[2], shape.operand[4] * itemsize, row_bytes)
    groups = min(len(strips), -(-FEW_TILES // tiles))
    together = -(-len(strips) // groups)
    groups = -(-len(strips) // together)
    done = (table[:, 1] * table[:, 4] * table[:, 5]).sum()
    cost = 2 * tile.rows * columns * together * max(float(done), tiles) / (tiles * GFLOPS)
    numbers = a_step, b_step, address_of_runs(backend, dtype, tile), tile.rows, together
    return Plan(built, table, strips, runs, numbers, panels, tiles * groups, cost)


def _lane_steps(stretches, a_step, b_step):
    """From one place of a window to the next along its width, which is the same for all: in the operand and in b."""
    for stretch in stretches:
        if len(stretch.places) > 1:
            (k, far), (next_k, next_far) = stretch.places[:2]
            return (next_far - far) * a_step, (next_k - k) * b_step
    return 0, 0


@functools.lru_cache(1024)
def plan(backend, dtype, x_shape, kernel_shape, out_shape, geometry):
    """The plan of a convolution; kept, since it takes up to a millisecond."""
    groups = x_shape[4] // kernel_shape[3]
    window = kernel_shape[:3]
    x_shape, out_shape, geometry = folded(x_shape, window, out_shape, geometry)
    shape = Shape(x_shape, out_shape, window, kernel_shape[3], out_shape[4] // groups, groups)
    axes = [along(*sizes) for sizes in zip(x_shape[1:4], out_shape[1:4], window, *geometry, strict=True)]
    return _planned(backend, dtype, shape, axes, turned=False)


@functools.lru_cache(1024)
def gradient_plan(backend, dtype, g_shape, kernel_shape, out_shape, geometry):
    """The plan of the gradient of a convolution by its operand, which has `out_shape`."""
    groups = out_shape[4] // kernel_shape[3]
    window = kernel_shape[:3]
    out_shape, g_shape, geometry = folded(out_shape, window, g_shape, geometry)
    shape = Shape(g_shape, out_shape, window, g_shape[4] // groups, kernel_shape[3], groups)
    axes = [back_along(*sizes) for sizes in zip(out_shape[1:4], g_shape[1:4], window, *geometry, strict=True)]
    if shape.lanewise:  # no panel: places are found in the kernel as it is
        axes = [[_turned_back(stretch, size) for stretch in own] for own, size in zip(axes, window, strict=True)]
    return _planned(backend, dtype, shape, axes, turned=True)


def _turned_back(stretch, size):
    return stretch._replace(places=tuple((size - 1 - k, far) for k, far in stretch.places))


def folded(x_shape, window, out_shape, geometry):
    """The same convolution along the width alone, where positions have nothing to do with each other."""
    (n, *sizes, channels), strides, before = x_shape, geometry.strides, geometry.before
    if window == strides == (1, 1, 1) and before == (0, 0, 0) and out_shape[1:4] == tuple(sizes):
        count = n * sizes[0] * sizes[1] * sizes[2]
        return (1, 1, 1, count, channels), (1, 1, 1, count, out_shape[4]), geometry
    return x_shape, out_shape, geometry


def conv(backend, x, kernel, out, geometry, bias=None, with_relu=False):
    """Compute out = the convolution of x with kernel, plus bias, and the relu of it; see `Backend.conv`."""
    found = plan(backend, out.dtype, x.shape, kernel.shape, out.shape, geometry)
    if found is None:
        Backend.conv(backend, x, kernel, out, geometry, bias, with_relu)
    else:
        _launch(backend, found, x, kernel, out, bias, with_relu)


def conv_input_gradient(backend, g, kernel, out, geometry):
    """Compute the gradient of a convolution by its operand; see `Backend.conv_input_gradient`."""
    found = gradient_plan(backend, out.dtype, g.shape, kernel.shape, out.shape, geometry)
    if found is None:
        Backend.conv_input_gradient(backend, g, kernel, out, geometry)
    else:
        _launch(backend, found, g, kernel, out, None, False)


def _launch(backend, found, x, kernel, out, bias, with_relu):
    built, table, strips, runs, numbers, panels, tiles, cost = found
    address_of, b = backend.address_of, kernel
    at = address_of(kernel)
    if panels is not None:
        b, at = _in_panels(backend, panels, kernel)
    a_step, b_step, tile, rows, together = numbers
    operands = table, strips, runs, x, b, out
    epilogue, bias_at = PLAIN, address_of(out)
    if bias is not None:
        epilogue, bias_at = BIAS_AND_RELU if with_relu else BIAS, address_of(bias)
        operands = table, strips, runs, x, b, bias, out
    words = [address_of(table), *table.shape, address_of(strips), *strips.shape]
    words += [address_of(x), at, bias_at, address_of(out), a_step, b_step, epilogue, tile, rows, together]
    backend.launch(_conv_tiles, built, array.array("q", words), tiles, cost, operands)


def _in_panels(backend, panels, kernel):
    """The kernel in panels, and their address, a multiple of a vector's size."""
    built, jobs, size, pack, pitch, cost = panels
    room = empty((size + 64 // kernel.itemsize,), kernel.dtype)
    at = -(-backend.address_of(room) // 64) * 64
    words = [backend.address_of(jobs), *jobs.shape, backend.address_of(kernel), at, pack, pitch]
    backend.launch(_pack_panels, built, array.array("q", words), len(jobs), cost, (jobs, kernel, room))
    return room, at
