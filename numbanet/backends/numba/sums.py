"""Sums along rows in several partial sums, side by side, for Numba; `aot/sums.h` is the same in C.

Element i goes to partial sum i % PARTS; then the upper half of them is added to the lower, until one is left. The order
depends on the length of a row alone: it is the same in every backend and on every processor.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbanet.backends.native.primitives.rows import Total, folded, row_of
from numbanet.backends.native.primitives.vector_memory import WORD, each_vector

PARTS = 32


def _sum(builder, n, element, term):
    """The sum of `term(part)` over 0..n, with lanes past the end being zeros."""
    total = Total(builder, element, 0.0, PARTS)
    each_vector(builder, WORD(0), n, PARTS, PARTS, lambda part: total.set(total.get() + term(part)))
    return folded(total.get(), lambda a, b: a + b)


@intrinsic
def row_sum(typing_context, x, i):
    """The sum of row i, in double precision."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments)
        return _sum(builder, n, ir.DoubleType(), lambda part: part.load(row, 0.0).double())

    return types.float64(x, i), generate


@intrinsic
def row_squares(typing_context, x, i):
    """The sum of the squares of row i, in double precision."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments)

        def square(part):
            wide = part.load(row, 0.0).double()
            return wide * wide

        return _sum(builder, n, ir.DoubleType(), square)

    return types.float64(x, i), generate


@intrinsic
def row_dot(typing_context, x, i, y):
    """The sum of the products of row i and y, in their precision."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments[:2])
        other = context.make_array(y)(context, builder, arguments[2]).data
        element = context.get_data_type(x.dtype)
        return _sum(builder, n, element, lambda part: part.load(row, 0.0) * part.load(other, 0.0))

    return x.dtype(x, i, y), generate


def sum_rows(x, out, start, stop):
    for i in range(start, stop):
        out[i] = row_sum(x, i)


def sum_of_squares(x, out, start, stop):
    for i in range(start, stop):
        out[i] = row_squares(x, i)


def matrix_vector_dot(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = row_dot(x, i, y)
