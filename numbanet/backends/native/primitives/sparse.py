"""What is done with the rows of a matrix that the entries of one sparse row name, in LLVM vectors.

Columns are walked in vectors, some of them side by side, the last one masked; the entries are walked for each of them,
in their order, with one multiplication and one addition for each. `cython/sparse_rows.h` has the same in C.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes, everywhere
from numbanet.backends.native.primitives.vector_memory import WORD, each_vector

SIDE_BY_SIDE = 4
"""Vectors in one walk over the entries, where there are columns for them."""


class _Entries:
    """The entries begin..end of a sparse matrix."""

    def __init__(self, context, builder, kinds, arrays, begin, end):
        self.builder, self.begin, self.end = builder, begin, end
        columns, values = (
            context.make_array(kind)(context, builder, array).data for kind, array in zip(kinds, arrays, strict=True)
        )
        self._columns, self._values = columns, values

    def each(self, step):
        """Call `step(column, value)`, the value in as many lanes as it is asked for: `value(lanes)`."""
        builder = self.builder
        with cgutils.for_range_slice(builder, self.begin, self.end, WORD(1), WORD) as (p, _):
            column = builder.sext(builder.load(builder.gep(self._columns, [p])), WORD)
            number = builder.load(builder.gep(self._values, [p]))
            step(column, lambda count: LlvmLanes(builder, everywhere(builder, number, count)))


class _Matrix:
    """A matrix whose rows are walked in vectors."""

    def __init__(self, context, builder, kind, array):
        x = context.make_array(kind)(context, builder, array)
        self.builder, self._data = builder, x.data
        self.columns = cgutils.unpack_tuple(builder, x.shape)[1]
        self.lanes = VECTOR_BYTES // context.get_abi_sizeof(x.data.type.pointee)

    def row(self, i):
        return self.builder.gep(self._data, [self.builder.mul(i, self.columns)])

    def each_vector(self, step):
        """Call `step(part)` for the columns, several vectors at a time, then one by one, then the rest."""
        builder, wide = self.builder, self.lanes * SIDE_BY_SIDE
        edge = builder.and_(self.columns, WORD(-wide))
        each_vector(builder, WORD(0), edge, wide, wide, step)
        each_vector(builder, edge, self.columns, self.lanes, self.lanes, step)


@intrinsic
def sum_of_rows(typing_context, y, columns, values, begin, end, out, i):
    """out[i] = the sum over begin <= p < end of values[p] * y[columns[p]]."""

    def generate(context, builder, signature, arguments):
        matrix = _Matrix(context, builder, y, arguments[0])
        entries = _Entries(context, builder, (columns, values), arguments[1:3], *arguments[3:5])
        target = _Matrix(context, builder, out, arguments[5]).row(arguments[6])

        def sum_of(part):
            kind = ir.VectorType(target.type.pointee, part.count)
            place = cgutils.alloca_once_value(builder, ir.Constant(kind, [0.0] * part.count))
            builder.store(ir.Constant(kind, [0.0] * part.count), place)

            def add(column, value):
                product = value(part.count) * part.load(matrix.row(column), 0.0)
                builder.store((LlvmLanes(builder, builder.load(place)) + product).value, place)

            entries.each(add)
            part.store(LlvmLanes(builder, builder.load(place)), target)

        matrix.each_vector(sum_of)
        return context.get_dummy_value()

    return types.void(y, columns, values, begin, end, out, i), generate


@intrinsic
def add_to_rows(typing_context, g, i, columns, values, begin, end, out):
    """out[columns[p]] += values[p] * g[i], for begin <= p < end."""

    def generate(context, builder, signature, arguments):
        matrix = _Matrix(context, builder, out, arguments[6])
        entries = _Entries(context, builder, (columns, values), arguments[2:4], *arguments[4:6])
        source = _Matrix(context, builder, g, arguments[0]).row(arguments[1])

        def spread(part):
            gradient = part.load(source, 0.0)

            def add(column, value):
                row = matrix.row(column)
                part.store(part.load(row, 0.0) + value(part.count) * gradient, row)

            entries.each(add)

        matrix.each_vector(spread)
        return context.get_dummy_value()

    return types.void(g, i, columns, values, begin, end, out), generate
