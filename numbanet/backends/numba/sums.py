"""Sums along rows in several partial sums, side by side, for Numba; `cython/sums.h` is the same in C.

Element i goes to partial sum i % PARTS; then the upper half of them is added to the lower, until one is left. The order
depends on the length of a row alone: it is the same in every backend and on every processor.

In rows of 4 * PARTS and more, `row_moments` and `row_slopes` add four elements to one another before they are made a
double, which would take most of the time. Where that overflows or vanishes, a row is added up once more. The variance
is that of numbers from which one near their mean is taken away (`loops/normalization.py`): the mean of the first PARTS
elements, so that one walk is enough, or if that is too far away, the mean that this walk finds.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes, everywhere
from numbanet.backends.native.primitives.rows import Total, folded, row_of
from numbanet.backends.native.primitives.vector_memory import WORD, Whole, each_vector

PARTS = 32
VANISHING = 1e-30
"""Below that, squares of single precision may have lost digits."""


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


class _Sums:
    """Sums over rows, side by side, under construction; `wide` makes each element a double first."""

    def __init__(self, builder, element, wide):
        self.builder, self.wide = builder, wide
        self.element = ir.DoubleType() if wide else element

    def load(self, part, row):
        v = part.load(row, 0.0)
        return v.double() if self.wide else v

    def everywhere(self, number):
        """A double in all lanes, rounded to what they hold."""
        number = number if number.type == self.element else self.builder.fptrunc(number, self.element)
        return LlvmLanes(self.builder, everywhere(self.builder, number, PARTS))

    def of(self, n, count, terms):
        """The sums of the `count` terms that `terms(part)` gives, over 0..n, with lanes past the end being zeros."""
        builder = self.builder
        totals = [Total(builder, ir.DoubleType(), 0.0, PARTS) for _ in range(count)]

        def add(several):
            for total, term in zip(totals, several, strict=True):
                total.set(total.get() + term.double())

        edge = WORD(0)
        if not self.wide:
            edge = builder.and_(n, WORD(-4 * PARTS))
            with cgutils.for_range_slice(builder, WORD(0), edge, WORD(4 * PARTS), WORD) as (i, _):
                four = [terms(Whole(builder, builder.add(i, WORD(k * PARTS)), PARTS)) for k in range(4)]
                add([(a + b) + (c + d) for a, b, c, d in zip(*four, strict=True)])
        each_vector(builder, edge, n, PARTS, PARTS, lambda part: add(terms(part)))
        return [folded(total.get(), lambda a, b: a + b) for total in totals]


@intrinsic
def row_beginning(typing_context, x, i):
    """The sum of the first PARTS elements of row i, in double precision."""

    def generate(context, builder, signature, arguments):
        row, _ = row_of(context, builder, x, *arguments)
        return folded(Whole(builder, WORD(0), PARTS).load(row, 0.0).double(), lambda a, b: a + b)

    return types.float64(x, i), generate


@intrinsic
def row_apart(typing_context, x, i, shift):
    """The sums over row i of x - shift, and of (x - shift) ** 2."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments[:2])
        sums = _Sums(builder, row.type.pointee, wide=False)
        shift = sums.everywhere(arguments[2])

        def apart(part):
            found = part.kept(sums.load(part, row) - shift, 0.0)
            return [found, found * found]

        return context.make_tuple(builder, signature.return_type, sums.of(n, 2, apart))

    return types.UniTuple(types.float64, 2)(x, i, types.float64), generate


@intrinsic
def row_spread(typing_context, x, i, mean):
    """The sum over row i of (x - mean) ** 2, in double precision."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments[:2])
        sums = _Sums(builder, row.type.pointee, wide=True)
        shift = sums.everywhere(arguments[2])

        def square(part):
            apart = sums.load(part, row) - shift
            return [part.kept(apart * apart, 0.0)]

        return sums.of(n, 1, square)[0]

    return types.float64(x, i, types.float64), generate


def _weighted(wide):
    @intrinsic
    def row_weighted(typing_context, g, i, gamma, x, mean):
        """The sums over row i of g * gamma, and of g * gamma * (x - mean)."""

        def generate(context, builder, signature, arguments):
            row, n = row_of(context, builder, g, *arguments[:2])
            other, _ = row_of(context, builder, x, arguments[3], arguments[1])
            factors = context.make_array(gamma)(context, builder, arguments[2]).data
            sums = _Sums(builder, row.type.pointee, wide)
            shift = sums.everywhere(arguments[4])

            def weighted(part):
                weight = sums.load(part, row) * sums.load(part, factors)
                return [weight, part.kept(weight * (sums.load(part, other) - shift), 0.0)]

            return context.make_tuple(builder, signature.return_type, sums.of(n, 2, weighted))

        return types.UniTuple(types.float64, 2)(g, i, gamma, x, types.float64), generate

    return row_weighted


row_weighted, row_weighted_of_doubles = _weighted(wide=False), _weighted(wide=True)


def row_moments(x, centred, epsilon, out, start, stop):
    count, quick = float(x.shape[1]), x.shape[1] >= 4 * PARTS
    for i in range(start, stop):
        mean, spread = 0.0, 0.0
        if quick:
            out[i, 0] = row_beginning(x, i) / PARTS * float(centred)
            for _ in range(2):
                shift = float(out[i, 0])
                rest, squares = row_apart(x, i, shift)
                rest *= float(centred) / count  # from the shift to the mean
                mean, spread = shift + rest, squares - count * rest * rest
                if 4.0 * spread >= squares:  # the shift is near the mean: little cancels
                    break
                out[i, 0] = mean
        if not ((spread > VANISHING) & (spread < np.inf)):
            mean = row_sum(x, i) / count * float(centred)
            spread = row_spread(x, i, mean)
        out[i, 0] = mean
        out[i, 1] = 1.0 / np.sqrt(spread / count + epsilon)


def row_slopes(g, x, gamma, moments, centred, out, start, stop):
    count, quick = float(x.shape[1]), x.shape[1] >= 4 * PARTS
    for i in range(start, stop):
        mean, scale, total, product = float(moments[i, 0]), float(moments[i, 1]), 0.0, 0.0
        if quick:
            total, product = row_weighted(g, i, gamma, x, mean)
        if not ((abs(product) > VANISHING) & (abs(product) < np.inf) & (abs(total) < np.inf)):
            total, product = row_weighted_of_doubles(g, i, gamma, x, mean)
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
