"""The register tile of `dot`, written as LLVM vectors through `numba.extending.intrinsic`.

A tile is rows x vectors of the output that stay in vector registers while k runs: per step, the vectors of a row of b
are loaded and each of the rows' numbers of a is broadcast against them. `numbanet.kernels.panels` moves b into place
where its rows are not contiguous, `numbanet.kernels.products` walks an output in tiles.

Every output adds its products in the order of k, whatever the tile: its bytes depend on shapes alone.
"""

import math
from itertools import chain

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.kernels.registers import HAS_MASKS, VECTOR_BYTES
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN

WORD, INT32, BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)


class Lanes:
    """Vectors of one element type: loads, stores, broadcasts."""

    def __init__(self, context, builder, like):
        self.builder = builder
        self.element = context.get_data_type(like)
        self.itemsize = context.get_abi_sizeof(self.element)
        self.count = VECTOR_BYTES // self.itemsize
        self.vector = ir.VectorType(self.element, self.count)
        self.first_lane = ir.Constant(ir.VectorType(INT32, self.count), None)  # zeros
        self.name = f"v{self.count}f{self.itemsize * 8}"

    def constant(self, number):
        return ir.Constant(self.vector, [number] * self.count)

    def intrinsic(self, name, result, operands):
        function_type = ir.FunctionType(result, operands)
        return cgutils.get_or_insert_function(self.builder.module, function_type, f"llvm.{name}.{self.name}")

    def at(self, base, offset):
        return self.builder.bitcast(self.builder.gep(base, [offset]), self.vector.as_pointer())

    def load(self, base, offset, mask=None):
        pointer = self.at(base, offset)
        if mask is None:
            load = self.builder.load(pointer)
            load.align = self.itemsize
            return load
        operands = [pointer, INT32(self.itemsize), mask, self.constant(0.0)]
        function = self.intrinsic("masked.load", self.vector, [x.type for x in operands])
        return self.builder.call(function, operands)

    def store(self, value, base, offset, mask=None):
        pointer = self.at(base, offset)
        if mask is None:
            self.builder.store(value, pointer).align = self.itemsize
            return
        operands = [value, pointer, INT32(self.itemsize), mask]
        self.builder.call(self.intrinsic("masked.store", ir.VoidType(), [x.type for x in operands]), operands)

    def broadcast(self, number):
        vector = ir.VectorType(number.type, self.count)
        single = self.builder.insert_element(ir.Constant(vector, ir.Undefined), number, INT32(0))
        return self.builder.shuffle_vector(single, single, self.first_lane)

    def below(self, width, first):
        """The mask of the lanes first, first + 1, ... that are less than `width`."""
        numbers = ir.Constant(ir.VectorType(INT32, self.count), [first + i for i in range(self.count)])
        return self.builder.icmp_signed("<", numbers, self.broadcast(self.builder.trunc(width, INT32)))


def rows_of(builder, base, stride, last, count):
    """Pointers to rows 0, 1, ... of memory; those past the last one point to it again and so stay inside."""
    pointers = []
    for i in range(count):
        row = builder.select(builder.icmp_signed("<", WORD(i), last), WORD(i), last)
        pointers.append(builder.gep(base, [builder.mul(row, stride)]))
    return pointers


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
    columns = [lanes.load(row_of_b, place, mask if HAS_MASKS else None) for place, mask in places]
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


def tile_intrinsic(tile):
    """The function `run_tile(like, k, a, ..., epilogue)` that computes one tile.

    out[0:rows, 0:width] = a @ b over k >= 1 steps, then the epilogue; addresses and strides are in bytes. Rows past
    `last_row` compute row `last_row` again, so that a tile at the edge stays inside a and out. `width` counts in masked
    tiles alone. `bias` is the address of as many numbers that can be read, whatever the epilogue.
    """

    @intrinsic
    def run_tile(
        typing_context, like, k, a, row_stride, k_stride, last_row, b, b_stride, out, out_stride, width, bias, epilogue
    ):
        def generate(context, builder, signature, arguments):
            lanes = Lanes(context, builder, signature.args[0])
            _emit(tile, lanes, *arguments[1:])
            return context.get_dummy_value()

        return types.void(like, *[types.int64] * 12), generate

    return run_tile


def _emit(tile, lanes, k, a, row_stride, k_stride, last_row, b, b_stride, out, out_stride, width, bias, epilogue):
    builder = lanes.builder
    a, b, out, bias = (builder.inttoptr(address, BYTE.as_pointer()) for address in (a, b, out, bias))
    offsets = [WORD(j * VECTOR_BYTES) for j in range(tile.vectors)]
    masks = [lanes.below(width, j * lanes.count) if tile.masked else None for j in range(tile.vectors)]
    places = list(zip(offsets, masks, strict=True))
    rows = rows_of(builder, a, row_stride, last_row, tile.rows)
    totals = _sums(lanes, k, rows, k_stride, places, b, b_stride)
    biases = [lanes.load(bias, offset, mask) for offset, mask in places]
    rows = rows_of(builder, out, out_stride, last_row, tile.rows)
    for row, results in zip(rows, _epilogue(lanes, totals, biases, epilogue), strict=True):
        for result, (offset, mask) in zip(results, places, strict=True):
            lanes.store(result, row, offset, mask)
