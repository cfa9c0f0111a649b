"""The register tile of `dot`, written as LLVM vectors through `numba.extending.intrinsic`.

A tile is rows x vectors of the output that stay in vector registers while k runs: per step, the vectors of a row of b
are loaded and each of the rows' numbers of a is broadcast against them. `drivers.panels` moves b into place where its
rows are not contiguous, `drivers.tiled` walks an output in tiles.

Every output adds its products in the order of k, whatever the tile: its bytes depend on shapes alone.
"""

import math
from itertools import chain, repeat

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.addresses import as_int64, read_word
from numbanet.backends.native.primitives.vectors import BYTE, INT32, WORD, Vectors, rows_of
from numbanet.backends.native.processor import REGISTERS
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN


class _EveryStep:
    """All k, in order: addresses that grow by a stride."""

    def __init__(self, builder, k, k_stride, b, b_stride):
        self.builder, self.first, self.strides = builder, (k, WORD(0), b), (k_stride, b_stride)

    def phis(self):
        """What changes from step to step: the first is how many are left; then the offset in a, and the row of b."""
        self.own = [self.builder.phi(first.type) for first in self.first]
        return self.own

    def place(self):
        return self.own[1:]

    def following(self):
        left, offset, row_of_b = self.own
        fewer, further = self.builder.sub(left, WORD(1)), self.builder.add(offset, self.strides[0])
        return [fewer, further, self.builder.gep(row_of_b, [self.strides[1]])]


class _ListedSteps(_EveryStep):
    """The k of a list of int32, in order."""

    def __init__(self, builder, count, k_stride, b, b_stride, steps):
        super().__init__(builder, count, k_stride, b, b_stride)
        self.first, self.b = (count, steps), b

    def place(self):
        builder = self.builder
        step = builder.zext(builder.load(self.own[1]), WORD)
        offset, further = (builder.mul(step, stride) for stride in self.strides)
        return offset, builder.gep(self.b, [further])

    def following(self):
        return [self.builder.sub(self.own[0], WORD(1)), self.builder.gep(self.own[1], [WORD(1)])]


def _sums(lanes, steps, rows, places):
    """The loop over k: a vector of sums per row, and per place (offset, mask) in rows of b; no steps leave zeros."""
    builder, entry = lanes.builder, lanes.builder.block
    loop, done = builder.append_basic_block("tile.loop"), builder.append_basic_block("tile.done")
    builder.cbranch(builder.icmp_unsigned("!=", steps.first[0], WORD(0)), loop, done)
    builder.position_at_end(loop)
    changing = steps.phis()
    sums = [[builder.phi(lanes.vector) for _ in places] for _ in rows]
    offset, row_of_b = steps.place()
    columns = [lanes.load(row_of_b, place, mask if REGISTERS.has_masks else None) for place, mask in places]
    multiply_add = lanes.intrinsic("fmuladd", lanes.vector, [lanes.vector] * 3)
    totals = []
    for row, accumulators in zip(rows, sums, strict=True):
        number = lanes.broadcast(builder.load(builder.bitcast(builder.gep(row, [offset]), lanes.element.as_pointer())))
        pairs = zip(columns, accumulators, strict=True)
        totals.append([builder.call(multiply_add, [number, column, total]) for column, total in pairs])
    following, zero = steps.following(), lanes.constant(0.0)
    firsts = chain(steps.first, repeat(zero))
    for phi, first, value in zip(chain(changing, *sums), firsts, chain(following, *totals), strict=False):
        phi.add_incoming(first, entry)
        phi.add_incoming(value, loop)
    builder.cbranch(builder.icmp_unsigned("!=", following[0], WORD(0)), loop, done)
    builder.position_at_end(done)

    def at_the_end(total):
        result = builder.phi(lanes.vector)
        result.add_incoming(zero, entry)
        result.add_incoming(total, loop)
        return result

    return [[at_the_end(total) for total in row] for row in totals]


def _epilogue(lanes, totals, biases, epilogue):
    """What `epilogue` makes of the sums: themselves, plus the bias of their columns, or the relu of that.

    Without a branch: -0.0 is added and numbers below -inf are raised to it where sums are to stay as they are. A sum
    that is zero is made 0.0 first: it is -0.0 only if a negative product was too small to be told from zero, and then
    a product of 0.0 would have made it 0.0.
    """
    builder = lanes.builder
    plain, with_relu = (builder.icmp_signed("==", epilogue, WORD(which)) for which in (PLAIN, BIAS_AND_RELU))
    floor = builder.select(with_relu, lanes.constant(0.0), lanes.constant(-math.inf))
    biases = [builder.select(plain, lanes.constant(-0.0), bias) for bias in biases]

    def finished(total, bias):
        biased = builder.fadd(builder.fadd(total, lanes.constant(0.0)), bias)
        return builder.select(builder.fcmp_unordered(">", biased, floor), biased, floor)  # NaN stays NaN

    return [[finished(total, bias) for total, bias in zip(row, biases, strict=True)] for row in totals]


def tile_body(tile):
    """The body `out = a @ b`, and the epilogue, for columns of one tile; its range counts tiles below each other.

    `a` is (rows, k), `b` is (k, columns) with contiguous rows, and k >= 1. A tile that sticks out at the end computes
    the last row again, and so stays inside a and out; fewer columns are for masked tiles alone. `bias` starts with as
    many numbers that can be read, whatever the epilogue.

    A listed tile walks only the steps of k in its list: of its row of tiles t, `counts` (an address) says how many they
    are, and they are the int32 numbers from `lists` + t * `pitch` on.
    """
    rows = tile.rows

    def generate(context, builder, signature, arguments):
        kinds = signature.args[:4]
        arrays = [context.make_array(kind)(context, builder, x) for kind, x in zip(kinds, arguments, strict=False)]
        _emit(tile, Vectors(context, builder, signature.args[0].dtype), *arrays, *arguments[4:])
        return context.get_dummy_value()

    @intrinsic
    def run_tile(typing_context, a, b, bias, out, epilogue, row):
        return types.void(a, b, bias, out, types.int64, types.int64), generate

    @intrinsic
    def run_listed_tile(typing_context, a, b, bias, out, epilogue, row, steps, count):
        return types.void(a, b, bias, out, *[types.int64] * 4), generate

    def body(a, b, bias, out, epilogue, start, stop):
        for t in range(start, stop):
            run_tile(a, b, bias, out, epilogue, t * rows)

    def listed_body(a, b, bias, out, epilogue, lists, counts, pitch, start, stop):
        for t in range(start, stop):
            count = read_word(counts + as_int64(t) * 8)
            run_listed_tile(a, b, bias, out, epilogue, t * rows, lists + as_int64(t) * pitch, count)

    return listed_body if tile.listed else body


def _emit(tile, lanes, a, b, bias, out, epilogue, row, *listed):
    builder = lanes.builder
    bases = [builder.bitcast(x.data, BYTE.as_pointer()) for x in (a, b, bias, out)]
    (m, k), (row_stride, k_stride) = (cgutils.unpack_tuple(builder, x) for x in (a.shape, a.strides))
    b_stride, out_stride = (cgutils.unpack_tuple(builder, x.strides)[0] for x in (b, out))
    width, last_row = cgutils.unpack_tuple(builder, out.shape)[1], builder.sub(builder.sub(m, WORD(1)), row)
    offsets = [WORD(j * REGISTERS.vector_bytes) for j in range(tile.vectors)]
    masks = [lanes.below(width, j * lanes.count) if tile.masked else None for j in range(tile.vectors)]
    places = list(zip(offsets, masks, strict=True))

    def rows_from(base, stride):
        return rows_of(builder, builder.gep(base, [builder.mul(row, stride)]), stride, last_row, tile.rows)

    walk = k_stride, bases[1], b_stride
    if tile.listed:
        where, count = listed
        steps = _ListedSteps(builder, count, *walk, builder.inttoptr(where, INT32.as_pointer()))
    else:
        steps = _EveryStep(builder, k, *walk)
    totals = _sums(lanes, steps, rows_from(bases[0], row_stride), places)
    biases = [lanes.load(bases[2], offset, mask) for offset, mask in places]
    results = _epilogue(lanes, totals, biases, epilogue)
    for target, vectors in zip(rows_from(bases[3], out_stride), results, strict=True):
        for vector, (offset, mask) in zip(vectors, places, strict=True):
            lanes.store(vector, target, offset, mask)
