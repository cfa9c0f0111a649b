"""Sums along rows in several partial sums, side by side, for Numba; `cython/sums.h` is the same in C.

Element i goes to partial sum i % PARTS; then the upper half of them is added to the lower, until one is left. The order
depends on the length of a row alone: it is the same in every backend and on every processor.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes
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


def _everywhere(builder, number):
    """A double in all lanes."""
    kind = ir.VectorType(ir.DoubleType(), PARTS)
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), PARTS), [0] * PARTS)
    return LlvmLanes(builder, builder.shuffle_vector(single, single, zeros))


@intrinsic
def row_spread(typing_context, x, i, mean):
    """The sum over row i of (x - mean) ** 2, in double precision."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments[:2])
        shift = _everywhere(builder, arguments[2])

        def square(part):
            apart = part.load(row, 0.0).double() - shift
            return part.kept(apart * apart, 0.0)

        return _sum(builder, n, ir.DoubleType(), square)

    return types.float64(x, i, types.float64), generate


@intrinsic
def row_weighted(typing_context, g, i, gamma, x, mean):
    """The sums over row i of g * gamma, and of g * gamma * (x - mean), in double precision."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, g, *arguments[:2])
        other, _ = row_of(context, builder, x, arguments[3], arguments[1])
        factors = context.make_array(gamma)(context, builder, arguments[2]).data
        shift = _everywhere(builder, arguments[4])
        totals = [Total(builder, ir.DoubleType(), 0.0, PARTS) for _ in range(2)]

        def step(part):
            weight = part.load(row, 0.0).double() * part.load(factors, 0.0).double()
            apart = part.load(other, 0.0).double() - shift
            totals[0].set(totals[0].get() + weight)
            totals[1].set(totals[1].get() + part.kept(weight * apart, 0.0))

        each_vector(builder, WORD(0), n, PARTS, PARTS, step)
        sums = [folded(total.get(), lambda a, b: a + b) for total in totals]
        return context.make_tuple(builder, signature.return_type, sums)

    return types.UniTuple(types.float64, 2)(g, i, gamma, x, types.float64), generate


def row_moments(x, centred, epsilon, out, start, stop):
    count = float(x.shape[1])
    for i in range(start, stop):
        mean = row_sum(x, i) / count * float(centred)
        spread = row_spread(x, i, mean)
        out[i, 0] = mean
        out[i, 1] = 1.0 / np.sqrt(spread / count + epsilon)


def row_slopes(g, x, gamma, moments, centred, out, start, stop):
    count = float(x.shape[1])
    for i in range(start, stop):
        scale = float(moments[i, 1])
        total, product = row_weighted(g, i, gamma, x, float(moments[i, 0]))
        out[i, 0] = total / count * scale * float(centred)
        out[i, 1] = product / count * scale * scale * scale


def sum_rows(x, out, start, stop):
    for i in range(start, stop):
        out[i] = row_sum(x, i)


def sum_of_squares(x, out, start, stop):
    for i in range(start, stop):
        out[i] = row_squares(x, i)


def matrix_vector_dot(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = row_dot(x, i, y)
