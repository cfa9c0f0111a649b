"""Tiles of a product of lines that lie along k, as LLVM vectors: out[i, j] = sum of x[i, k] * y[j, k].

A vector holds numbers of one line, and each output has partial sums in 64 bytes of registers, whatever a register's
size: lane l of a step is added to sum l. In the end sums l and l + half are added, again and again, for all outputs of
a tile together, by interleaving halves of vectors. `cython/lines.h` has the same in C.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.vectors import BYTE, INT32, WORD, Vectors, rows_of
from numbanet.backends.native.processor import REGISTERS
from numbanet.backends.native.registers import PARTIAL_BYTES
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN

_WIDTH = PARTIAL_BYTES // REGISTERS.vector_bytes


def _halved(builder, vectors):
    """Registers of the partial sums of one output, added until one is left."""
    while len(vectors) > 1:
        half = len(vectors) // 2
        vectors = [builder.fadd(x, y) for x, y in zip(vectors[:half], vectors[half:], strict=True)]
    return vectors[0]


def _totals(lanes, vectors):
    """The sum of the lanes of each vector, as scalars."""
    builder, count, half = lanes.builder, lanes.count, lanes.count // 2
    order, outputs = ir.VectorType(INT32, count), len(vectors)
    low = ir.Constant(order, [i // 2 + i % 2 * count for i in range(count)])
    high = ir.Constant(order, [half + i // 2 + i % 2 * count for i in range(count)])
    for _ in range(count.bit_length() - 1):
        middle = len(vectors) // 2
        pairs = list(zip(vectors[:middle], vectors[middle:], strict=True)) if middle else [2 * vectors]
        vectors = [builder.fadd(*(builder.shuffle_vector(x, y, part) for part in (low, high))) for x, y in pairs]
    if outputs < count:
        places = [(0, i * (count // outputs)) for i in range(outputs)]
    else:
        places = [(i % len(vectors), i // len(vectors)) for i in range(outputs)]
    vectors = [builder.fadd(vector, lanes.constant(0.0)) for vector in vectors]  # a zero is 0.0
    return [builder.extract_element(vectors[vector], INT32(lane)) for vector, lane in places]


def _sums(lanes, k, x_rows, y_rows):
    """The partial sums of each pair of lines, as one vector."""
    builder, step = lanes.builder, PARTIAL_BYTES // lanes.itemsize
    multiply_add = lanes.intrinsic("fmuladd", lanes.vector, [lanes.vector] * 3)
    zero, parts = lanes.constant(0.0), range(_WIDTH)
    sums = [[[cgutils.alloca_once_value(builder, zero) for _ in parts] for _ in y_rows] for _ in x_rows]

    def add(offset, masks):
        for part, mask in zip(parts, masks, strict=True):  # in an order that keeps few numbers in registers
            place = builder.add(offset, WORD(part * REGISTERS.vector_bytes))
            xs = [lanes.load(row, place, mask) for row in x_rows]
            for j, row in enumerate(y_rows):
                y = lanes.load(row, place, mask)
                for x, own in zip(xs, sums, strict=True):
                    total = own[j][part]
                    builder.store(builder.call(multiply_add, [x, y, builder.load(total)]), total)

    whole = builder.udiv(k, WORD(step))
    with cgutils.for_range(builder, whole) as loop:
        add(builder.mul(loop.index, WORD(PARTIAL_BYTES)), [None] * _WIDTH)
    rest = builder.urem(k, WORD(step))
    with builder.if_then(builder.icmp_unsigned("!=", rest, WORD(0))):
        add(builder.mul(whole, WORD(PARTIAL_BYTES)), [lanes.below(rest, part * lanes.count) for part in parts])
    return [_halved(builder, [builder.load(place) for place in places]) for own in sums for places in own]


def _finished(builder, total, bias, epilogue):
    """A sum with its bias, and the relu of that if it is asked for; NaN stays NaN."""
    zero, biased = ir.Constant(total.type, 0.0), builder.fadd(total, bias)
    kept = builder.or_(
        builder.icmp_signed("!=", epilogue, WORD(BIAS_AND_RELU)), builder.fcmp_unordered(">", biased, zero)
    )
    return builder.select(kept, biased, zero)


def line_body(tile):
    """The body out = x @ y.T, and the epilogue; its range counts tiles over the lines of y.

    `x` is (p, k) and `y` is (q, k), both contiguous along k; `bias` and `out` are (p, q), of any strides. A tile that
    sticks out at the end computes the last line again, and writes the same there.
    """
    rows, columns = tile

    @intrinsic
    def run_tile(typing_context, x, y, bias, out, epilogue, i, j):
        def generate(context, builder, signature, arguments):
            arrays = [
                context.make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args[:4], arguments, strict=False)
            ]
            lanes = Vectors(context, builder, signature.args[0].dtype)
            _emit(lanes, tile, *arrays, *arguments[4:])
            return context.get_dummy_value()

        return types.void(x, y, bias, out, *[types.int64] * 3), generate

    def body(x, y, bias, out, epilogue, start, stop):
        for t in range(start, stop):
            for i in range(0, x.shape[0], rows):
                run_tile(x, y, bias, out, epilogue, i, t * columns)

    return body


def _emit(lanes, tile, x, y, bias, out, epilogue, i, j):
    builder = lanes.builder
    (p, k), (q, _) = (cgutils.unpack_tuple(builder, array.shape) for array in (x, y))
    last_i, last_j = (builder.sub(builder.sub(size, WORD(1)), at) for size, at in ((p, i), (q, j)))

    def lines(base, stride, at, last, count):
        return rows_of(builder, builder.gep(base, [builder.mul(stride, at)]), stride, last, count)

    bases = [builder.bitcast(array.data, BYTE.as_pointer()) for array in (x, y, bias, out)]
    strides = [cgutils.unpack_tuple(builder, array.strides) for array in (x, y, bias, out)]
    x_rows = lines(bases[0], strides[0][0], i, last_i, tile.rows)
    y_rows = lines(bases[1], strides[1][0], j, last_j, tile.columns)
    totals = _totals(lanes, _sums(lanes, k, x_rows, y_rows))
    pointer = lanes.element.as_pointer()

    def places(base, down, along):
        offsets = [builder.mul(along, _within(builder, lane, last_j)) for lane in range(tile.columns)]
        start = builder.gep(base, [builder.mul(along, j)])
        rows = lines(start, down, i, last_i, tile.rows)
        return [builder.bitcast(builder.gep(row, [offset]), pointer) for row in rows for offset in offsets]

    targets = places(bases[3], *strides[3])
    with builder.if_else(builder.icmp_signed("==", epilogue, WORD(PLAIN))) as (plain, otherwise):
        with plain:
            for total, target in zip(totals, targets, strict=True):
                builder.store(total, target)
        with otherwise:
            for total, target, place in zip(totals, targets, places(bases[2], *strides[2]), strict=True):
                builder.store(_finished(builder, total, builder.load(place), epilogue), target)


def _within(builder, position, last):
    """A position, but not past the last one."""
    return builder.select(builder.icmp_signed("<", WORD(position), last), WORD(position), last)
