"""What products with many zeros are made of: lists of the steps of k that cannot be left out, and a look at b.

`cython/zeros.h` has the same in C. Rows are those of a listed tile, all of which must exist.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.llvm_lanes import any_lane
from numbanet.backends.native.primitives.vectors import BYTE, INT32, WORD, Vectors
from numbanet.backends.native.processor import REGISTERS

LISTED_ROWS = REGISTERS.listed_rows


def _bits_of_rows(builder, kind, place, stride):
    """The bits of all rows in one vector or word, by `or`."""
    found = None
    for i in range(LISTED_ROWS):
        row = builder.gep(place, [builder.mul(stride, WORD(i))])
        bits = builder.load(builder.bitcast(row, kind.as_pointer()))
        bits.align = 4
        found = bits if found is None else builder.or_(found, bits)
    return found


@intrinsic
def list_lanes(typing_context, like, source, row_stride, first, passed, target):
    """List those of the steps first, first + 1, ..., one for each lane, at which not all rows are zero.

    A row has a number per lane side by side. Lanes below `passed` are left out. The steps are written as int32 at the
    address `target`, where there is room for one vector of lanes; returns how many there are. NaN is not zero.
    """

    def generate(context, builder, signature, arguments):
        lanes = Vectors(context, builder, signature.args[0])
        _, source, stride, first, passed, target = arguments
        element = ir.IntType(8 * lanes.itemsize)
        kind = ir.VectorType(element, lanes.count)
        bits = _bits_of_rows(builder, kind, builder.inttoptr(source, BYTE.as_pointer()), stride)
        magnitudes = builder.shl(bits, ir.Constant(kind, [1] * lanes.count))  # -0.0 is zero
        found = builder.icmp_unsigned("!=", magnitudes, ir.Constant(kind, [0] * lanes.count))
        found = builder.and_(found, builder.not_(lanes.below(passed, 0)))
        numbers = ir.Constant(ir.VectorType(INT32, lanes.count), list(range(lanes.count)))
        steps = builder.add(lanes.broadcast(builder.trunc(first, INT32)), numbers)
        return _write(lanes, steps, found, builder.inttoptr(target, INT32.as_pointer()))

    return types.int64(like, *[types.int64] * 5), generate


def _write(lanes, steps, found, target):
    """Write the steps that were found one after the other; how many."""
    builder = lanes.builder
    if REGISTERS.vector_bytes == 64:  # a compress to memory is slow on some processors
        mask = ir.VectorType(ir.IntType(1), lanes.count)
        kind = ir.FunctionType(steps.type, [steps.type, mask, steps.type])
        name = f"llvm.experimental.vector.compress.v{lanes.count}i32"
        compress = cgutils.get_or_insert_function(builder.module, kind, name)
        kept = builder.call(compress, [steps, found, ir.Constant(steps.type, ir.Undefined)])
        builder.store(kept, builder.bitcast(target, steps.type.as_pointer())).align = 4
        bits = builder.bitcast(found, ir.IntType(lanes.count))
        return builder.zext(builder.ctpop(bits), WORD)
    count = WORD(0)
    for i in range(lanes.count):
        builder.store(builder.extract_element(steps, INT32(i)), builder.gep(target, [count]))
        count = builder.add(count, builder.zext(builder.extract_element(found, INT32(i)), WORD))
    return count


@intrinsic
def list_column(typing_context, like, source, step, target):
    """List one step, at which the rows' numbers lie side by side, if they are not all zero; returns 1 then, else 0."""

    def generate(context, builder, signature, arguments):
        itemsize = Vectors(context, builder, signature.args[0]).itemsize
        _, source, step, target = arguments
        place = builder.inttoptr(source, WORD.as_pointer())
        bits = WORD(0)
        for i in range(LISTED_ROWS * itemsize // 8):
            word = builder.load(builder.gep(place, [WORD(i)]))
            word.align = itemsize
            bits = builder.or_(bits, word)
        magnitude = builder.and_(bits, WORD(0x7FFFFFFF7FFFFFFF if itemsize == 4 else 0x7FFFFFFFFFFFFFFF))
        builder.store(builder.trunc(step, INT32), builder.inttoptr(target, INT32.as_pointer()))
        return builder.zext(builder.icmp_unsigned("!=", magnitude, WORD(0)), WORD)

    return types.int64(like, *[types.int64] * 3), generate


@intrinsic
def all_finite(typing_context, like, source, row_stride, rows, width):
    """Whether no number of a matrix with contiguous rows is NaN or infinite: 0 times those is NaN, else it is zero."""

    def generate(context, builder, signature, arguments):
        lanes = Vectors(context, builder, signature.args[0])
        _, source, stride, rows, width = arguments
        base, zero = builder.inttoptr(source, BYTE.as_pointer()), lanes.constant(0.0)
        multiply_add = lanes.intrinsic("fmuladd", lanes.vector, [lanes.vector] * 3)
        sums = [cgutils.alloca_once_value(builder, zero) for _ in range(2)]

        def add(row, column, mask, total):
            place = builder.gep(base, [builder.mul(row, stride)])
            numbers = lanes.load(place, builder.mul(column, WORD(lanes.itemsize)), mask)
            builder.store(builder.call(multiply_add, [numbers, zero, builder.load(total)]), total)

        with cgutils.for_range_slice(builder, WORD(0), width, WORD(lanes.count), WORD) as (column, _):
            mask = lanes.below(builder.sub(width, column), 0)
            with cgutils.for_range_slice(builder, WORD(0), rows, WORD(2), WORD) as (row, _):
                add(row, column, mask, sums[0])
                following = builder.add(row, WORD(1))
                last = builder.icmp_signed("<", following, rows)
                add(builder.select(last, following, row), column, mask, sums[1])
        total = builder.fadd(*(builder.load(place) for place in sums))
        broken = builder.fcmp_unordered("uno", total, total)
        return builder.zext(builder.not_(any_lane(builder, broken)), WORD)

    return types.int64(like, *[types.int64] * 4), generate
