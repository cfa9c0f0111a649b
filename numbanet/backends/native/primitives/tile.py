"""The register tile of `dot`, written as LLVM vectors through `numba.extending.intrinsic`.

A tile is rows x vectors of the output that stay in vector registers while k runs: per step, the vectors of a row of b
are loaded and each of the rows' numbers of a is broadcast against them. `drivers.panels` moves b into place where its
rows are not contiguous, `drivers.tiled` walks an output in tiles.

Every output adds its products in the order of k, whatever the tile: its bytes depend on shapes alone.
"""

import math
from itertools import chain

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.vectors import BYTE, WORD, Vectors, rows_of
from numbanet.backends.native.processor import REGISTERS
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN


def _sums(lanes, k, rows, k_stride, places, b, b_stride):
    """The loop over k: a vector of sums per row, and per place (offset, mask) in rows of b."""
    builder, entry = lanes.builder, lanes.builder.block
    loop, done = builder.append_basic_block("tile.loop"), builder.append_basic_block("tile.done")
    builder.branch(loop)
    builder.position_at_end(loop)
    left, offset, row_of_b = builder.phi(WORD), builder.phi(WORD), builder.phi(b.type)
    left.add_incoming(k, entry)
    offset.add_incoming(WORD(0), entry)
    row_of_b.add_incoming(b, entry)
    sums = [[builder.phi(lanes.vector) for _ in places] for _ in rows]
    columns = [lanes.load(row_of_b, place, mask if REGISTERS.has_masks else None) for place, mask in places]
    multiply_add = lanes.intrinsic("fmuladd", lanes.vector, [lanes.vector] * 3)
    totals = []
    for row, accumulators in zip(rows, sums, strict=True):
        number = lanes.broadcast(builder.load(builder.bitcast(builder.gep(row, [offset]), lanes.element.as_pointer())))
        pairs = zip(columns, accumulators, strict=True)
        totals.append([builder.call(multiply_add, [number, column, total]) for column, total in pairs])
    for total, following in zip(chain.from_iterable(sums), chain.from_iterable(totals), strict=True):
        total.add_incoming(lanes.constant(0.0), entry)
        total.add_incoming(following, loop)
    offset.add_incoming(builder.add(offset, k_stride), loop)
    row_of_b.add_incoming(builder.gep(row_of_b, [b_stride]), loop)
    fewer = builder.sub(left, WORD(1))
    left.add_incoming(fewer, loop)
    builder.cbranch(builder.icmp_unsigned("!=", fewer, WORD(0)), loop, done)
    builder.position_at_end(done)
    return totals


def _epilogue(lanes, totals, biases, epilogue):
    """What `epilogue` makes of the sums: themselves, plus the bias of their columns, or the relu of that.

    Without a branch: -0.0 is added and numbers below -inf are raised to it where sums are to stay as they are.
    """
    builder = lanes.builder
    plain, with_relu = (builder.icmp_signed("==", epilogue, WORD(which)) for which in (PLAIN, BIAS_AND_RELU))
    floor = builder.select(with_relu, lanes.constant(0.0), lanes.constant(-math.inf))
    biases = [builder.select(plain, lanes.constant(-0.0), bias) for bias in biases]

    def finished(total, bias):
        biased = builder.fadd(total, bias)
        return builder.select(builder.fcmp_unordered(">", biased, floor), biased, floor)  # NaN stays NaN

    return [[finished(total, bias) for total, bias in zip(row, biases, strict=True)] for row in totals]


def tile_body(tile):
    """The body `out = a @ b`, and the epilogue, for columns of one tile; its range counts tiles below each other.

    `a` is (rows, k), `b` is (k, columns) with contiguous rows, and k >= 1. A tile that sticks out at the end computes
    the last row again, and so stays inside a and out; fewer columns are for masked tiles alone. `bias` starts with as
    many numbers that can be read, whatever the epilogue.
    """
    rows = tile.rows

    @intrinsic
    def run_tile(typing_context, a, b, bias, out, epilogue, row):
        def generate(context, builder, signature, arguments):
            kinds = signature.args[:4]
            arrays = [context.make_array(kind)(context, builder, x) for kind, x in zip(kinds, arguments, strict=False)]
            _emit(tile, Vectors(context, builder, a.dtype), *arrays, *arguments[4:])
            return context.get_dummy_value()

        return types.void(a, b, bias, out, types.int64, types.int64), generate

    def body(a, b, bias, out, epilogue, start, stop):
        for t in range(start, stop):
            run_tile(a, b, bias, out, epilogue, t * rows)

    return body


def _emit(tile, lanes, a, b, bias, out, epilogue, row):
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

    totals = _sums(lanes, k, rows_from(bases[0], row_stride), k_stride, places, bases[1], b_stride)
    biases = [lanes.load(bases[2], offset, mask) for offset, mask in places]
    results = _epilogue(lanes, totals, biases, epilogue)
    for target, vectors in zip(rows_from(bases[3], out_stride), results, strict=True):
        for vector, (offset, mask) in zip(vectors, places, strict=True):
            lanes.store(vector, target, offset, mask)
