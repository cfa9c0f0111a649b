"""Panels of b: columns of one tile side by side, row after row, where b itself does not have them so.

A transposed b, whose columns are contiguous, goes through squares of lanes x lanes that are transposed in registers.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbanet.kernels.registers import HAS_MASKS, VECTOR_BYTES
from numbanet.kernels.tiles import BYTE, INT32, WORD, Lanes, rows_of
from numbanet.kernels.windows import copy_bytes


@intrinsic
def address(typing_context, x):
    """The address of the first element of an array."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.ptrtoint(data, WORD)

    return types.int64(x), generate


@intrinsic
def transpose_square(typing_context, like, source, source_stride, last_row, width, target, target_stride):
    """target[i, j] = source[j, i] for j < lanes and i < width <= lanes; rows past `last_row` repeat that one.

    log2(lanes) times, every row is interleaved with the one half of the rows further down.
    """

    def generate(context, builder, signature, arguments):
        lanes = Lanes(context, builder, signature.args[0])
        _, source, source_stride, last_row, width, target, target_stride = arguments
        source, target = (builder.inttoptr(where, BYTE.as_pointer()) for where in (source, target))
        half, zero = lanes.count // 2, WORD(0)
        mask = lanes.below(width, 0) if HAS_MASKS else None
        rows = [lanes.load(row, zero, mask) for row in rows_of(builder, source, source_stride, last_row, lanes.count)]
        order = ir.VectorType(INT32, lanes.count)
        low = ir.Constant(order, [i // 2 + i % 2 * lanes.count for i in range(lanes.count)])
        high = ir.Constant(order, [half + i // 2 + i % 2 * lanes.count for i in range(lanes.count)])
        for _ in range(half.bit_length()):
            pairs = zip(rows[:half], rows[half:], strict=True)
            rows = [builder.shuffle_vector(x, y, part) for x, y in pairs for part in (low, high)]
        places = rows_of(builder, target, target_stride, builder.sub(width, WORD(1)), lanes.count)
        for row, place in zip(rows[::-1], places[::-1], strict=True):  # the last of those that share a place is right
            lanes.store(row, place, zero)
        return context.get_dummy_value()

    return types.void(like, *[types.int64] * 6), generate


def pack_panel(b, panel, start, stop):
    """panel[i, j] = b[i, j] for the columns start <= j < stop of b; the panel is as wide, up to whole vectors."""
    k, first, width, itemsize = b.shape[0], np.int64(start), np.int64(stop), b.itemsize
    lanes, pitch = VECTOR_BYTES // itemsize, panel.shape[1] * itemsize
    if b.strides[0] == itemsize and (k >= lanes or HAS_MASKS):
        for j in range(first, width, lanes):
            for i in range(0, k, lanes):
                row = max(min(i, k - lanes), 0)  # the last square lies over the one before
                source = address(b) + j * b.strides[1] + row * itemsize
                target = address(panel) + row * pitch + j * itemsize
                transpose_square(b[0, 0], source, b.strides[1], width - 1 - j, min(lanes, k), target, pitch)
    elif b.strides[1] == itemsize:
        for i in range(k):
            source, target = address(b) + i * b.strides[0], address(panel) + i * pitch
            copy_bytes(target + first * itemsize, source + first * itemsize, (width - first) * itemsize)
    else:
        for i in range(k):
            for j in range(first, width):
                panel[i, j] = b[i, j]
