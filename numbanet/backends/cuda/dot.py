"""The fast dot on a GPU: out = a @ b for matrices, or batches of them, of any strides; `loops.dot` is the definition.

Matrices go through `dot_tiles`; a matrix and a vector through `dot_lines`. A result too small to occupy a GPU by
itself is computed in parts: each sums some positions of k, and a second launch adds the parts in their order. No sum
depends on which block ends first, so that results are the same bits in every run.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numbanet.backends.cuda.dot_lines import make_lines, make_parts
from numbanet.backends.cuda.dot_tiles import make_tiled
from numbanet.backends.cuda.tiles import choose, part_group, split
from numbanet.backends.native.products import merged
from numbanet.kernels.arrays import DeviceArray
from numbanet.kernels.words import BIAS, BIAS_AND_RELU, PLAIN

NEAR = 1 << 31
"""Places below fit 32 bits: they take half of the registers and one instruction less each than those of 64."""


class Plan(NamedTuple):
    """The launch of a product of certain shapes, strides and dtype: all but its memory."""

    make: Any
    parameters: tuple
    grid: tuple
    block: tuple
    swapped: bool
    walks: tuple
    numbers: tuple
    parts: int


def dot(backend, a, b, out, bias=None, with_relu=False):
    """out = a @ b (+ bias, and relu of it), for matrices of one floating dtype and any strides; no size is 0.

    Parameters
    ----------
    backend : CudaBackend
    a, b : DeviceArray
        Matrices (m, k) and (k, n), or as many of both: (..., m, k) and (..., k, n).
    out : DeviceArray
        Contiguous, and no part of the memory of the others.
    bias : DeviceArray, optional
        Contiguous, one number per column.
    with_relu : bool
        Whether relu follows the bias; NaN stays NaN.
    """
    if a.ndim > 3:
        for layouts in merged(a.layout, b.layout, out.layout):
            dot(backend, *[DeviceArray(layout, out.device) for layout in layouts], bias, with_relu)
        return
    epilogue = PLAIN if bias is None else BIAS_AND_RELU if with_relu else BIAS
    made = plan(backend.sizes.dot, out.dtype, a.shape, a.strides, b.shape, b.strides, epilogue)
    flat = out.reshape(-1)
    bias = flat if bias is None else bias
    target = flat if made.parts == 1 else backend.empty((made.parts * out.size,), out.dtype)
    x, y = (b, a) if made.swapped else (a, b)
    x_walk, y_walk = made.walks
    operands = _elements(x), x_walk, _elements(y), y_walk, bias, target, *made.numbers
    backend.launch(made.make, made.parameters, made.grid, made.block, operands)
    if made.parts > 1:
        add_parts(backend, target, made.parts, epilogue, bias, flat, out.shape[-1])


def add_parts(backend, parts, count, epilogue, bias, out, columns):
    """out = the sum of its parts, which lie one after the other; the bias, if there is one, is of so many columns."""
    loads = backend.sizes.reduce_unroll
    lanes, width = part_group(backend.sizes.dot, count, loads)
    operands = parts, bias, out, count, out.size, columns
    parameters = out.dtype, epilogue, loads, lanes, width
    backend.launch(make_parts, parameters, (-(-out.size // width),), (lanes * width,), operands)


def _elements(x):
    """The elements of the memory of `x` from the lowest address on, as far as `x` reaches."""
    layout = x.layout
    lowest = layout[(*[-1 if step < 0 else 0 for step in layout.strides], ...)]
    return DeviceArray(
        as_strided(lowest, (_reach(layout.shape, layout.strides) // x.itemsize + 1,), (x.itemsize,)), x.device
    )


def _reach(shape, strides):
    return sum((size - 1) * abs(step) for size, step in zip(shape, strides, strict=True))


@functools.lru_cache(4096)
def plan(sizes, dtype, a_shape, a_strides, b_shape, b_strides, epilogue):
    """The plan of a product; kept, since making it takes longer than launching it."""
    (m, k), n = a_shape[-2:], b_shape[-1]
    batches = a_shape[0] if len(a_shape) == 3 else 1
    a_walk = _walk(a_shape, a_strides, dtype.itemsize, (-2, -1))
    b_walk = _walk(b_shape, b_strides, dtype.itemsize, (-1, -2))
    if batches > 1 and b_walk[1] == 0 and a_walk[1] == m * a_walk[2]:  # one b for all, and the rows of a go on
        batches, m, a_walk = 1, batches * m, (a_walk[0], 0, *a_walk[2:])
    if m == 1 or n == 1:
        return _lines_plan(sizes, dtype, batches, m, n, k, a_walk, b_walk, epilogue)
    tile, chunk = choose(sizes, dtype, batches, m, n, k)
    parts = -(-k // chunk)
    reach = max(_reach(a_shape, a_strides), _reach(b_shape, b_strides)) // dtype.itemsize
    place_dtype = np.dtype("int32" if reach < NEAR else "int64")
    parameters = dtype, tile, _along_k(a_walk), _along_k(b_walk), place_dtype, epilogue if parts == 1 else PLAIN
    grid = (parts * batches * tile.blocks(m, n),)
    return Plan(
        make_tiled, parameters, grid, (tile.threads,), False, (a_walk, b_walk), (batches, m, n, k, chunk), parts
    )


def _lines_plan(sizes, dtype, batches, m, n, k, a_walk, b_walk, epilogue):
    """The plan of a product with a vector: the lines are the rows of a, or the columns of b if a is the vector."""
    swapped = n != 1
    count, bias_step = (n, 1) if swapped else (m, 0)
    x_walk, y_walk = (b_walk, a_walk) if swapped else (a_walk, b_walk)
    threads, along_k = sizes.line_threads, _along_k(x_walk)
    depth = sizes.line_depth if along_k else threads // sizes.line_depth
    lines = threads // depth
    blocks = batches * -(-count // lines)
    parts, chunk = split(blocks * threads, sizes.threads, k, sizes.part * depth, depth)
    parameters = dtype, lines, depth, sizes.line_loads, along_k, bias_step, epilogue if parts == 1 else PLAIN
    numbers = batches, count, k, chunk
    return Plan(make_lines, parameters, (parts * blocks,), (threads,), swapped, (x_walk, y_walk), numbers, parts)


def _walk(shape, strides, itemsize, order):
    """(where it starts, the steps from a matrix, a line and a position of k to the next), in elements."""
    below = sum((size - 1) * -step for size, step in zip(shape, strides, strict=True) if step < 0)
    batch = strides[0] if len(shape) == 3 else 0
    return tuple(step // itemsize for step in (below, batch, strides[order[0]], strides[order[1]]))


def _along_k(walk):
    """Whether neighbours along k lie closer together than those along the lines."""
    return 0 < abs(walk[3]) <= abs(walk[2]) or walk[2] == 0
