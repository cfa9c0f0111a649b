"""A square of lanes x lanes elements, transposed in registers."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbanet.backends.native.primitives.vectors import BYTE, INT32, WORD, Vectors, rows_of
from numbanet.backends.native.processor import REGISTERS


@intrinsic
def transpose_square(typing_context, like, source, source_stride, last_row, width, target, target_stride):
    """target[i, j] = source[j, i] for j < lanes and i < width <= lanes; rows past `last_row` repeat that one.

    log2(lanes) times, every row is interleaved with the one half of the rows further down.
    """

    def generate(context, builder, signature, arguments):
        lanes = Vectors(context, builder, signature.args[0])
        _, source, source_stride, last_row, width, target, target_stride = arguments
        source, target = (builder.inttoptr(where, BYTE.as_pointer()) for where in (source, target))
        half, zero = lanes.count // 2, WORD(0)
        mask = lanes.below(width, 0) if REGISTERS.has_masks else None
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
