"""Vectors of the width of a register, under construction: what a tile and a transposed square are made of."""

from llvmlite import ir
from numba.core import cgutils

from numbanet.backends.native.primitives.llvm_lanes import everywhere
from numbanet.backends.native.processor import REGISTERS

WORD, INT32, BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)


class Vectors:
    """Vectors of one element type, as long as a register or shorter: loads, stores, broadcasts."""

    def __init__(self, context, builder, like, size=REGISTERS.vector_bytes):
        self.builder, self.size = builder, size
        self.element = context.get_data_type(like)
        self.itemsize = context.get_abi_sizeof(self.element)
        self.count = size // self.itemsize
        self.vector = ir.VectorType(self.element, self.count)
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

    def store_part(self, value, first, count, width, base, offset):
        """Store `count` lanes from `first` on; `width` lanes are there, a power of two."""
        order = ir.Constant(ir.VectorType(INT32, width), [first + i for i in range(width)])
        part = value if width == self.count else self.builder.shuffle_vector(value, value, order)
        pointer = self.builder.bitcast(self.builder.gep(base, [offset]), part.type.as_pointer())
        if count == width:
            self.builder.store(part, pointer).align = self.itemsize
            return
        mask = ir.Constant(ir.VectorType(ir.IntType(1), width), [i < count for i in range(width)])
        operands = [part, pointer, INT32(self.itemsize), mask]
        kind = ir.FunctionType(ir.VoidType(), [x.type for x in operands])
        name = f"llvm.masked.store.v{width}f{self.itemsize * 8}"
        self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), operands)

    def broadcast(self, number):
        return everywhere(self.builder, number, self.count)

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
