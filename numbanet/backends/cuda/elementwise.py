"""Elementwise bodies on a GPU: each thread loads a few elements of every operand, calls the body on them, and stores.

The elements that a thread loads first lie in local arrays, which become registers; the body is the untouched range body
over the positions 0..TILE of these. All loads of a thread are on their way before the first result is stored: a
thread that asked for one float32 at a time would leave the memory of a large GPU idle most of the time (Volkov: Better
Performance at Lower Occupancy, 2010).

Broadcasting and other strides are a walk, as in `loops.move.copy_strided`: the position is taken apart into coordinates
by division, and every operand adds up its own strides. The outermost coordinate is what is left over, so that there is
one division per inner dimension; and a division by a number that is known before the launch is a multiplication and a
shift (Granlund, Montgomery: Division by Invariant Integers using Multiplication, 1994).
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.core.shapes import broadcast_strides, coalesce, contiguous_strides
from numbanet.kernels.arrays import DeviceArray
from numbanet.loops import arithmetic
from numbanet.vector_math import integers

FLAT, SCALAR, STRIDED = "flat", "scalar", "strided"
SMALL = 1 << 31
"""Arrays of up to so many elements are walked with positions of 32 bits."""


def reciprocal(size):
    """Return (factor, shift) by which positions below `SMALL` are divided by a size of at least 2.

    i // size == (i * factor >> 32) >> shift for all i < 2 ** 31, since factor * size exceeds 2 ** (32 + shift) by less
    than 2 ** (shift + 1); and the factor has 32 bits.
    """
    shift = (size - 1).bit_length() - 1
    return -(-(1 << 32 + shift) // size), shift


def _make_offset(position):
    """A device function: where position i of a walk lies.

    walk[0] is where it starts, then come the strides of its dimensions. `sizes` has three numbers for each of the inner
    ones: how large it is, and its reciprocal, which positions of 32 bits are multiplied with.
    """
    of_32_bits = position == np.uint32
    position = position.type

    def quotient_of(i, size, factor, shift):
        if of_32_bits:
            return np.uint32((np.uint64(i) * np.uint64(factor)) >> np.uint64(32)) >> np.uint32(shift)
        return i // position(size)

    quotient_of = device(quotient_of)

    def offset(i, sizes, walk):
        at, i = walk[0], position(i)
        for d in range(len(walk) - 2, 0, -1):
            size = sizes[3 * d - 3]
            quotient = position(quotient_of(i, size, sizes[3 * d - 2], sizes[3 * d - 1]))
            at += np.int64(position(i - quotient * position(size))) * walk[d + 1]
            i = quotient
        return np.uint64(at + np.int64(i) * walk[1])

    return device(offset)


def _mover(kind, tile, threads, position, stores):
    """A device function that moves positions first, first + threads, ... of an operand to or from a local array."""
    offset = _make_offset(position)

    def load(x, walk, sizes, first, n, held):
        for v in range(tile):
            i = first + np.uint64(v * threads)
            if i < n:
                if kind == FLAT:
                    held[v] = x[i]
                elif kind == SCALAR:
                    held[v] = x[0]
                else:
                    held[v] = x[offset(i, sizes, walk)]

    def store(x, walk, sizes, first, n, held):
        for v in range(tile):
            i = first + np.uint64(v * threads)
            if i < n:
                if kind == FLAT:
                    x[i] = held[v]
                else:
                    x[offset(i, sizes, walk)] = held[v]

    return device(store if stores else load)


def make_map(body, kinds, dtypes, tile, threads, position):
    """The kernel of a body of one, two or three inputs; `kinds` and `dtypes` are those of the inputs and the output."""
    movers = [_mover(kind, tile, threads, position, i == len(kinds) - 1) for i, kind in enumerate(kinds)]
    make = {2: _unary, 3: _binary, 4: _ternary}[len(kinds)]
    return make(device(body, narrow=dtypes[-1] == np.float32), *movers, *dtypes, tile, np.uint64(tile * threads))


def _unary(body, load_x, store, x_dtype, out_dtype, tile, span):
    def kernel(sizes, x, x_walk, out, out_walk, n):
        first = np.uint64(cuda.blockIdx.x) * span + np.uint64(cuda.threadIdx.x)
        held_x, held_out = cuda.local.array(tile, x_dtype), cuda.local.array(tile, out_dtype)
        n = np.uint64(n)  # Numba compares signed with unsigned numbers as float64
        load_x(x, x_walk, sizes, first, n, held_x)
        body(held_x, held_out, 0, tile)
        store(out, out_walk, sizes, first, n, held_out)

    return kernel


def _binary(body, load_x, load_y, store, x_dtype, y_dtype, out_dtype, tile, span):
    def kernel(sizes, x, x_walk, y, y_walk, out, out_walk, n):
        first = np.uint64(cuda.blockIdx.x) * span + np.uint64(cuda.threadIdx.x)
        held_x, held_y = cuda.local.array(tile, x_dtype), cuda.local.array(tile, y_dtype)
        held_out = cuda.local.array(tile, out_dtype)
        n = np.uint64(n)  # Numba compares signed with unsigned numbers as float64
        load_x(x, x_walk, sizes, first, n, held_x)
        load_y(y, y_walk, sizes, first, n, held_y)
        body(held_x, held_y, held_out, 0, tile)
        store(out, out_walk, sizes, first, n, held_out)

    return kernel


def _ternary(body, load_x, load_y, load_z, store, x_dtype, y_dtype, z_dtype, out_dtype, tile, span):
    def kernel(sizes, x, x_walk, y, y_walk, z, z_walk, out, out_walk, n):
        first = np.uint64(cuda.blockIdx.x) * span + np.uint64(cuda.threadIdx.x)
        held_x, held_y = cuda.local.array(tile, x_dtype), cuda.local.array(tile, y_dtype)
        held_z, held_out = cuda.local.array(tile, z_dtype), cuda.local.array(tile, out_dtype)
        n = np.uint64(n)  # Numba compares signed with unsigned numbers as float64
        load_x(x, x_walk, sizes, first, n, held_x)
        load_y(y, y_walk, sizes, first, n, held_y)
        load_z(z, z_walk, sizes, first, n, held_z)
        body(held_x, held_y, held_z, held_out, 0, tile)
        store(out, out_walk, sizes, first, n, held_out)

    return kernel


class Plan(NamedTuple):
    """The launch of a body over operands of certain dtypes, shapes and strides: all but their memory."""

    parameters: tuple
    blocks: int
    threads: int
    sizes: tuple
    views: tuple


class View(NamedTuple):
    """How a kernel sees an operand: its kind, its elements as one row, and where these are walked."""

    kind: str
    corner: tuple
    length: int
    steps: tuple

    def of(self, x):
        """The elements of `x` from the lowest address to the highest."""
        if self.kind == FLAT:
            return x.reshape(-1)
        lowest = x.layout[self.corner]
        if self.kind == SCALAR:
            return DeviceArray(lowest.reshape(1), x.device)
        return DeviceArray(as_strided(lowest, (self.length,), (x.itemsize,)), x.device)


def run(backend, body, out, inputs):
    """Launch an elementwise body; inputs broadcast to the shape of `out`, which may be a view."""
    if body is arithmetic.floor_divide and out.dtype.kind == "i":
        body = integers.floor_divide  # Numba's own gives 0 for the least integer by -1
    operands = [*inputs, out]
    layouts = tuple([(x.dtype, x.shape, x.strides) for x in operands])
    made = plan(backend.sizes.threads, backend.sizes.bytes_each, out.size <= SMALL, body, layouts)
    arguments = [made.sizes]
    for x, view in zip(operands, made.views, strict=True):
        arguments += [view.of(x), view.steps]
    backend.launch(make_map, made.parameters, (made.blocks,), (made.threads,), (*arguments, out.size))


@functools.lru_cache(4096)
def plan(threads, bytes_each, is_small, body, layouts):
    """The plan of a launch; kept, since making it takes longer than launching it.

    `layouts` has (dtype, shape, strides) of every operand, the output's last.
    """
    dtypes, shapes, strides = zip(*layouts, strict=True)
    sizes, walks = coalesce(
        shapes[-1], [broadcast_strides(*one, shapes[-1]) for one in zip(shapes, strides, strict=True)]
    )
    views = [view(dtype.itemsize, own, sizes, walk) for dtype, own, walk in zip(dtypes, strides, walks, strict=True)]
    kinds = tuple([one.kind for one in views])
    tile = max(1, bytes_each // max(dtype.itemsize for dtype in dtypes))
    position = np.dtype(np.uint32 if is_small else np.uint64)
    blocks = -(-math.prod(shapes[-1]) // (threads * tile))
    inner = _inner(sizes) if STRIDED in kinds else (0,)  # which is not looked at
    return Plan((body, kinds, dtypes, tile, threads, position), blocks, threads, inner, tuple(views))


def _inner(sizes):
    """What walks need to know of sizes: inner ones, with their reciprocals; Numba has no parameters of no numbers."""
    return tuple(number for size in sizes[1:] for number in (size, *reciprocal(size))) or (0,)


def view(itemsize, strides, sizes, walk):
    """The View of an operand of these strides that is walked so: steps are (start, strides...) in elements."""
    if walk == contiguous_strides(sizes, itemsize):
        return View(FLAT, (), 0, (0, 0))
    corner = (*[-1 if step < 0 else 0 for step in strides], ...)
    if not any(walk):
        return View(SCALAR, corner, 1, (0, 0))
    steps = [step // itemsize for step in walk]
    ends = [(size - 1) * step for size, step in zip(sizes, steps, strict=True)]
    below, above = sum(min(end, 0) for end in ends), sum(max(end, 0) for end in ends)
    return View(STRIDED, corner, above - below + 1, (-below, *steps))
