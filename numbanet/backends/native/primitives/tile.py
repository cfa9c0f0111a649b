"""The register tile of `dot`, written as LLVM vectors through `numba.extending.intrinsic`.

A tile is rows x vectors of the output that stay in vector registers while k runs: per step, the vectors of a row of b
are loaded and each of the rows' numbers of a is broadcast against them. `drivers.panels` moves b into place where its
rows are not contiguous, `drivers.tiled` walks an output in tiles.

Every output adds its products in the order of k, whatever the tile: its bytes depend on shapes alone.
"""

import math
from itertools import chain

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.addresses import as_int64, fetch_line, read_word
from numbanet.backends.native.primitives.vectors import BYTE, INT32, WORD, Vectors
from numbanet.backends.native.processor import REGISTERS
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN


class _EveryStep:
    """All k, in order: addresses that grow by a stride. Each step fetches a line of memory that is needed later."""

    def __init__(self, builder, k, k_stride, b, b_stride, ahead, pace):
        self.builder, self.first, self.strides = builder, (k, WORD(0), b, ahead), (k_stride, b_stride, pace)

    def phis(self):
        """What changes from step to step: how many are left, the offset in a, the row of b, and what is fetched."""
        self.own = [self.builder.phi(first.type) for first in self.first]
        return self.own

    def place(self):
        fetch_line(self.builder, self.own[3])
        return self.own[1:3]

    def following(self):
        builder, (left, offset, row_of_b, ahead), (k_stride, b_stride, pace) = self.builder, self.own, self.strides
        fewer, further = builder.sub(left, WORD(1)), builder.add(offset, k_stride)
        return [fewer, further, builder.gep(row_of_b, [b_stride]), builder.gep(ahead, [pace])]


class _ListedSteps(_EveryStep):
    """The k of a list of int32, in order."""

    def __init__(self, builder, count, k_stride, b, b_stride, steps):
        self.builder, self.first, self.strides, self.b = builder, (count, steps), (k_stride, b_stride), b

    def place(self):
        builder = self.builder
        step = builder.zext(builder.load(self.own[1]), WORD)
        offset, further = (builder.mul(step, stride) for stride in self.strides)
        return offset, builder.gep(self.b, [further])

    def following(self):
        return [self.builder.sub(self.own[0], WORD(1)), self.builder.gep(self.own[1], [WORD(1)])]


def _rows_at(builder, base, stride, count):
    """Pointers to rows 0, 1, ...: one is computed for every three, as a processor adds one or two strides to it."""
    pointers = []
    for i in range(count):
        if i % 3 == 0:
            base = base if i == 0 else builder.gep(base, [builder.mul(stride, WORD(3))])
            pointers.append(base)
        else:
            pointers.append(builder.gep(base, [builder.mul(stride, WORD(i % 3))]))
    return pointers


def _beginnings(lanes, begun, count):
    """What so many vectors of sums are before the first step: zero, or what lies at the address `begun`."""
    builder, before, zero = lanes.builder, lanes.builder.block, lanes.constant(0.0)
    with builder.if_then(builder.icmp_unsigned("!=", begun, WORD(0))):
        base = builder.inttoptr(begun, BYTE.as_pointer())
        loaded = [lanes.load(base, WORD(i * lanes.size)) for i in range(count)]
        within = builder.block
    sums = [builder.phi(lanes.vector) for _ in range(count)]
    for own, value in zip(sums, loaded, strict=True):
        own.add_incoming(zero, before)
        own.add_incoming(value, within)
    return sums


def _sums(lanes, steps, rows, places, begun):
    """The loop over k: a vector of sums per row, and per place (offset, mask) in rows of b, that begin as at `begun`.

    `rows` is the pointer to the first row of a, the bytes to the next, and their number.
    """
    beginnings = _beginnings(lanes, begun, rows[2] * len(places))
    builder, entry = lanes.builder, lanes.builder.block
    loop, done = builder.append_basic_block("tile.loop"), builder.append_basic_block("tile.done")
    builder.cbranch(builder.icmp_unsigned("!=", steps.first[0], WORD(0)), loop, done)
    builder.position_at_end(loop)
    changing = steps.phis()
    base, stride, count = rows
    sums = [[builder.phi(lanes.vector) for _ in places] for _ in range(count)]
    offset, row_of_b = steps.place()
    columns = [lanes.load(row_of_b, place, mask if REGISTERS.has_masks else None) for place, mask in places]
    multiply_add = lanes.intrinsic("fmuladd", lanes.vector, [lanes.vector] * 3)
    totals = []
    for row, accumulators in zip(_rows_at(builder, builder.gep(base, [offset]), stride, count), sums, strict=True):
        number = lanes.broadcast(builder.load(builder.bitcast(row, lanes.element.as_pointer())))
        pairs = zip(columns, accumulators, strict=True)
        totals.append([builder.call(multiply_add, [number, column, total]) for column, total in pairs])
    following, firsts = steps.following(), chain(steps.first, beginnings)
    for phi, first, value in zip(chain(changing, *sums), firsts, chain(following, *totals), strict=True):
        phi.add_incoming(first, entry)
        phi.add_incoming(value, loop)
    builder.cbranch(builder.icmp_unsigned("!=", following[0], WORD(0)), loop, done)
    builder.position_at_end(done)

    def at_the_end(beginning, total):
        result = builder.phi(lanes.vector)
        result.add_incoming(beginning, entry)
        result.add_incoming(total, loop)
        return result

    left = iter(beginnings)
    return [[at_the_end(next(left), total) for total in row] for row in totals]


def _epilogue(lanes, totals, biases, epilogue):
    """What `epilogue` makes of the sums: themselves, plus the bias of their columns, or the relu of that.

    A sum that is zero is made 0.0 first: it is -0.0 only if a negative product was too small to be told from zero, and
    then a product of 0.0 would have made it 0.0.
    """
    builder = lanes.builder
    plain, with_relu = (builder.icmp_signed("==", epilogue, WORD(which)) for which in (PLAIN, BIAS_AND_RELU))
    floor = builder.select(with_relu, lanes.constant(0.0), lanes.constant(-math.inf))
    totals = [[builder.fadd(total, lanes.constant(0.0)) for total in row] for row in totals]

    def finished(total, bias):
        biased = builder.fadd(total, bias)
        return builder.select(builder.fcmp_unordered(">", biased, floor), biased, floor)  # NaN stays NaN

    before = builder.block
    with builder.if_then(builder.not_(plain)):
        rows = zip(totals, biases, strict=True)
        others = [[finished(*pair) for pair in zip(row, own, strict=True)] for row, own in rows]
        within = builder.block

    def either(total, other):
        result = builder.phi(lanes.vector)
        result.add_incoming(total, before)
        result.add_incoming(other, within)
        return result

    rows = zip(totals, others, strict=True)
    return [[either(*pair) for pair in zip(row, own, strict=True)] for row, own in rows]


def _store_turned(lanes, rows, base, stride):
    """Store rows of vectors as the columns of rows `stride` bytes apart.

    As in a transposed square, rows are interleaved with those half of them further down until a vector has what lies
    side by side, for one or several rows of the output.
    """
    builder, half = lanes.builder, lanes.count // 2
    order = ir.VectorType(INT32, lanes.count)
    low = ir.Constant(order, [i // 2 + i % 2 * lanes.count for i in range(lanes.count)])
    high = ir.Constant(order, [half + i // 2 + i % 2 * lanes.count for i in range(lanes.count)])
    for first in range(0, len(rows), lanes.count):
        some = rows[first : first + lanes.count]
        width = 1 << (len(some) - 1).bit_length()
        for j in range(len(rows[0])):
            vectors = [row[j] for row in some] + [lanes.constant(ir.Undefined)] * (width - len(some))
            for _ in range(width.bit_length() - 1):
                pairs = list(zip(vectors[: width // 2], vectors[width // 2 :], strict=True))
                vectors = [builder.shuffle_vector(x, y, part) for x, y in pairs for part in (low, high)]
            down = builder.mul(stride, WORD(j * lanes.count))
            targets = _rows_at(builder, builder.gep(base, [down]), stride, lanes.count)
            offset = WORD(first * lanes.itemsize)
            for lane, target in enumerate(targets):
                vector, place = divmod(lane * width, lanes.count)
                lanes.store_part(vectors[vector], place, len(some), width, target, offset)


def tile_body(tile):
    """The body `out = a @ b`, and the epilogue, for columns of one tile; its range counts tiles below each other.

    `a` is (rows, k), `b` is (k, columns) with contiguous rows, and k >= 1. A tile that sticks out at the end computes
    the last row again, and so stays inside a and out; fewer columns are for masked tiles alone. `bias` starts with as
    many numbers that can be read, whatever the epilogue. Unless the address `begun` is 0, sums begin with those that
    lie there: all vectors of a row one after the other, and the rows of all tiles.

    `ahead` is the address of two words, another address and a pace: each step of k has the processor fetch the line
    there, and goes on by so many bytes, through all tiles.

    A listed tile walks only the steps of k in its list: of its row of tiles t, `counts` (an address) says how many they
    are, and they are the int32 numbers from `lists` + t * `pitch` on.
    """

    def generate(context, builder, signature, arguments):
        kinds = signature.args[:4]
        arrays = [context.make_array(kind)(context, builder, x) for kind, x in zip(kinds, arguments, strict=False)]
        size = REGISTERS.vector_bytes // (2 if tile.half else 1)
        _emit(tile, Vectors(context, builder, signature.args[0].dtype, size), *arrays, *arguments[4:])
        return context.get_dummy_value()

    @intrinsic
    def run_tile(typing_context, a, b, bias, out, epilogue, begun, t, ahead, pace):
        return types.void(a, b, bias, out, *[types.int64] * 5), generate

    @intrinsic
    def run_listed_tile(typing_context, a, b, bias, out, epilogue, begun, t, steps, count):
        return types.void(a, b, bias, out, *[types.int64] * 5), generate

    def body(a, b, bias, out, epilogue, begun, ahead, start, stop):
        where, pace = read_word(ahead), read_word(ahead + 8)
        for t in range(start, stop):
            run_tile(a, b, bias, out, epilogue, begun, t, where + as_int64(t) * a.shape[1] * pace, pace)

    def listed_body(a, b, bias, out, epilogue, begun, ahead, lists, counts, pitch, start, stop):
        for t in range(start, stop):
            count = read_word(counts + as_int64(t) * 8)
            run_listed_tile(a, b, bias, out, epilogue, begun, t, lists + as_int64(t) * pitch, count)

    return listed_body if tile.listed else body


def _emit(tile, lanes, a, b, bias, out, epilogue, begun, t, where, other):
    builder = lanes.builder
    bases = [builder.bitcast(x.data, BYTE.as_pointer()) for x in (a, b, bias, out)]
    (m, k), (row_stride, k_stride) = (cgutils.unpack_tuple(builder, x) for x in (a.shape, a.strides))
    row_stride = WORD(lanes.itemsize) if tile.packed else row_stride
    b_stride, item = cgutils.unpack_tuple(builder, b.strides)
    out_stride, across = cgutils.unpack_tuple(builder, out.strides)
    width, fits = cgutils.unpack_tuple(builder, out.shape)[1], builder.sub(m, WORD(tile.rows))
    row, far = (builder.mul(t, WORD(size)) for size in (tile.rows, tile.rows * tile.vectors * lanes.size))
    row = builder.select(builder.icmp_signed("<", row, fits), row, fits)
    begun = builder.select(builder.icmp_unsigned("!=", begun, WORD(0)), builder.add(begun, far), WORD(0))
    offsets = [WORD(j * lanes.size) for j in range(tile.vectors)]
    masks = [lanes.below(width, j * lanes.count) if tile.masked else None for j in range(tile.vectors)]
    places = list(zip(offsets, masks, strict=True))

    def first_of(base, stride):
        return builder.gep(base, [builder.mul(row, stride)])

    walk = k_stride, bases[1], b_stride
    if tile.listed:
        steps = _ListedSteps(builder, other, *walk, builder.inttoptr(where, INT32.as_pointer()))
    else:
        steps = _EveryStep(builder, k, *walk, builder.inttoptr(where, BYTE.as_pointer()), other)
    totals = _sums(lanes, steps, (first_of(bases[0], row_stride), row_stride, tile.rows), places, begun)
    if tile.turned:
        numbers = _rows_at(builder, builder.gep(bases[2], [builder.mul(row, item)]), item, tile.rows)
        numbers = [builder.load(builder.bitcast(number, lanes.element.as_pointer())) for number in numbers]
        biases = [[lanes.broadcast(number)] * tile.vectors for number in numbers]
    else:
        biases = [[lanes.load(bases[2], offset, mask) for offset, mask in places]] * tile.rows
    results = _epilogue(lanes, totals, biases, epilogue)
    first_of_out = first_of(bases[3], out_stride)
    if tile.turned:
        _store_turned(lanes, results, first_of_out, across)
        return
    for target, vectors in zip(_rows_at(builder, first_of_out, out_stride, tile.rows), results, strict=True):
        for vector, (offset, mask) in zip(vectors, places, strict=True):
            lanes.store(vector, target, offset, mask)
