"""What is done to a row of float32, in LLVM vectors: it is walked in vectors, the last of them masked.

Sums are of doubles: lane by lane, then halves of lanes onto each other. `cython/rows.h` has the same in C.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes, everywhere
from numbanet.backends.native.primitives.vector_memory import WORD, each_vector
from numbanet.vector_math import float32
from numbanet.vector_math.lanes import select

LANES = VECTOR_BYTES // 4
_FLOAT, _DOUBLE, _INT32 = ir.FloatType(), ir.DoubleType(), ir.IntType(32)


def row_of(context, builder, kind, array, i):
    """The pointer to the first element of row i, and the length of a row."""
    x = context.make_array(kind)(context, builder, array)
    n = cgutils.unpack_tuple(builder, x.shape)[1]
    return builder.gep(x.data, [builder.mul(i, n)]), n


def folded(v, combine):
    """One number of all lanes: the upper half is combined with the lower until one lane is left."""
    builder, count = v.builder, v.value.type.count
    while count > 1:
        count //= 2
        halves = [
            builder.shuffle_vector(
                v.value, v.value, ir.Constant(ir.VectorType(_INT32, count), list(range(first, first + count)))
            )
            for first in (0, count)
        ]
        v = combine(*(LlvmLanes(builder, half) for half in halves))
    return builder.extract_element(v.value, _INT32(0))


def _larger(a, b):
    return select(b > a, b, a)


class Total:
    """A vector in memory that a loop adds to; LLVM keeps it in a register."""

    def __init__(self, builder, element, first, count=LANES):
        kind = ir.VectorType(element, count)
        self.builder = builder
        self.place = cgutils.alloca_once_value(builder, ir.Constant(kind, [element(first)] * count))

    def get(self):
        return LlvmLanes(self.builder, self.builder.load(self.place))

    def set(self, v):
        self.builder.store(v.value, self.place)


def _broadcast(builder, number):
    return LlvmLanes(builder, everywhere(builder, number, LANES))


@intrinsic
def row_maximum(typing_context, x, i):
    """The largest of row i. NaN may be passed over here: it comes back in the exponentials and their sum."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, x, *arguments)
        best = Total(builder, _FLOAT, -np.inf)
        each_vector(
            builder, WORD(0), n, LANES, LANES, lambda part: best.set(_larger(best.get(), part.load(row, -np.inf)))
        )
        return folded(best.get(), _larger)

    return types.float32(x, i), generate


def _exponentials(context, builder, x, target, arguments):
    """The sum over row i of exp(x - best), `arguments` being x, i and best; `target` is None or takes the terms."""
    row, n = row_of(context, builder, x, *arguments[:2])
    shift, total = _broadcast(builder, arguments[2]), Total(builder, _DOUBLE, 0.0)

    def step(part):
        y = float32.exp(part.load(row, shift) - shift)
        if target is not None:
            part.store(y, target)
        total.set(total.get() + part.kept(y, 0.0).double())

    each_vector(builder, WORD(0), n, LANES, LANES, step)
    return folded(total.get(), lambda a, b: a + b)


@intrinsic
def row_exponential_sum(typing_context, x, i, best):
    """The sum over row i of exp(x - best)."""

    def generate(context, builder, signature, arguments):
        return _exponentials(context, builder, x, None, arguments)

    return types.float64(x, i, best), generate


@intrinsic
def row_exponentials(typing_context, x, i, best, out):
    """The same; the exponentials go into row i of `out`."""

    def generate(context, builder, signature, arguments):
        target, _ = row_of(context, builder, out, arguments[3], arguments[1])
        return _exponentials(context, builder, x, target, arguments[:3])

    return types.float64(x, i, best, out), generate


@intrinsic
def row_scaled(typing_context, out, i, factor):
    """Multiply row i by a double."""

    def generate(context, builder, signature, arguments):
        row, n = row_of(context, builder, out, *arguments[:2])
        scale = _broadcast(builder, arguments[2])
        each_vector(
            builder, WORD(0), n, LANES, LANES,
            lambda part: part.store((part.load(row, 0.0).double() * scale).single(), row),
        )  # fmt: skip
        return context.get_dummy_value()

    return types.void(out, i, factor), generate
