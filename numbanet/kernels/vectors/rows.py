"""Softmax and what is computed like it, row by row: a row is walked in vectors, the last of them masked.

So a row of ten classes takes one vector, from its maximum to its quotients. Sums are of doubles, in an order that
depends on the length of the row alone: lane by lane, then halves of lanes onto each other.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.kernels.loops import neural, reduce
from numbanet.kernels.primitives import VECTOR_BYTES
from numbanet.kernels.vectors import float32
from numbanet.kernels.vectors.lanes import Lanes, select
from numbanet.kernels.vectors.memory import WORD, each_vector

LANES = VECTOR_BYTES // 4
_FLOAT, _DOUBLE, _INT32 = ir.FloatType(), ir.DoubleType(), ir.IntType(32)


def _row(context, builder, kind, array, i):
    """The pointer to the first element of row i, and the length of a row."""
    x = context.make_array(kind)(context, builder, array)
    n = cgutils.unpack_tuple(builder, x.shape)[1]
    return builder.gep(x.data, [builder.mul(i, n)]), n


def _folded(v, combine):
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
        v = combine(*(Lanes(builder, half) for half in halves))
    return builder.extract_element(v.value, _INT32(0))


def _larger(a, b):
    return select(b > a, b, a)


class _Total:
    """A vector in memory that a loop adds to; LLVM keeps it in a register."""

    def __init__(self, builder, element, first):
        kind = ir.VectorType(element, LANES)
        self.builder = builder
        self.place = cgutils.alloca_once_value(builder, ir.Constant(kind, [element(first)] * LANES))

    def get(self):
        return Lanes(self.builder, self.builder.load(self.place))

    def set(self, v):
        self.builder.store(v.value, self.place)


def _broadcast(builder, number):
    kind = ir.VectorType(number.type, LANES)
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), number, _INT32(0))
    return Lanes(
        builder, builder.shuffle_vector(single, single, ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES))
    )


@intrinsic
def row_maximum(typing_context, x, i):
    """The largest of row i. NaN may be passed over here: it comes back in the exponentials and their sum."""

    def generate(context, builder, signature, arguments):
        row, n = _row(context, builder, x, *arguments)
        best = _Total(builder, _FLOAT, -np.inf)
        each_vector(
            builder, WORD(0), n, LANES, LANES, lambda part: best.set(_larger(best.get(), part.load(row, -np.inf)))
        )
        return _folded(best.get(), _larger)

    return types.float32(x, i), generate


@intrinsic
def row_exponentials(typing_context, x, i, best, out):
    """The sum over row i of exp(x - best), which goes into row i of `out`; unless that is None."""

    def generate(context, builder, signature, arguments):
        row, n = _row(context, builder, x, *arguments[:2])
        target = None if isinstance(out, types.NoneType) else _row(context, builder, out, arguments[3], arguments[1])[0]
        shift, total = _broadcast(builder, arguments[2]), _Total(builder, _DOUBLE, 0.0)

        def step(part):
            y = float32.exp(part.load(row, shift) - shift)
            if target is not None:
                part.store(y, target)
            total.set(total.get() + part.kept(y, 0.0).double())

        each_vector(builder, WORD(0), n, LANES, LANES, step)
        return _folded(total.get(), lambda a, b: a + b)

    return types.float64(x, i, best, out), generate


@intrinsic
def row_scaled(typing_context, out, i, factor):
    """Multiply row i by a double."""

    def generate(context, builder, signature, arguments):
        row, n = _row(context, builder, out, *arguments[:2])
        scale = _broadcast(builder, arguments[2])
        each_vector(
            builder, WORD(0), n, LANES, LANES,
            lambda part: part.store((part.load(row, 0.0).double() * scale).single(), row),
        )  # fmt: skip
        return context.get_dummy_value()

    return types.void(out, i, factor), generate


def softmax(x, out, start, stop):
    for i in range(start, stop):
        total = row_exponentials(x, i, row_maximum(x, i), out)
        row_scaled(out, i, 1.0 / total)


def log_softmax(x, out, start, stop):
    for i in range(start, stop):
        best = row_maximum(x, i)
        shift = np.log(row_exponentials(x, i, best, None))
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] - best - shift


def softmax_cross_entropy(logits, labels, out, start, stop):
    for i in range(start, stop):
        best = row_maximum(logits, i)
        total = row_exponentials(logits, i, best, None)
        out[i] = np.log(total) - (logits[i, labels[i]] - best)


def softmax_cross_entropy_gradient(g, logits, labels, out, start, stop):
    for i in range(start, stop):
        total = row_exponentials(logits, i, row_maximum(logits, i), out)
        at_label = out[i, labels[i]] / total
        row_scaled(out, i, g[i] / total)
        out[i, labels[i]] = g[i] * (at_label - 1.0)


def softmax_cross_entropy_and_gradient(g, logits, labels, losses, out, start, stop):
    for i in range(start, stop):
        best = row_maximum(logits, i)
        total = row_exponentials(logits, i, best, out)
        losses[i] = np.log(total) - (logits[i, labels[i]] - best)
        at_label = out[i, labels[i]] / total
        row_scaled(out, i, g[i] / total)
        out[i, labels[i]] = g[i] * (at_label - 1.0)


def logsumexp(x, out, start, stop):
    """Vectorised where inner is 1, which makes x rows of n; else the loop of `reduce.logsumexp`."""
    inner = x.shape[2]
    for i in range(start, stop):
        best = row_maximum(x, i) if inner == 1 else x[i // inner, 0, i % inner]
        if inner != 1 or best - best != 0:
            for k in range(x.shape[1]):
                v = x[i // inner, k, i % inner]
                best = v if v > best or v != v else best
        total = 0.0
        if best - best == 0:
            if inner == 1:
                total = row_exponentials(x, i, best, None)
            else:
                for k in range(x.shape[1]):
                    total += np.float64(np.exp(x[i // inner, k, i % inner] - best))
        out[i] = best + np.log(total) if best - best == 0 else best


FLOAT32 = {
    neural.softmax: softmax,
    neural.log_softmax: log_softmax,
    neural.softmax_cross_entropy: softmax_cross_entropy,
    neural.softmax_cross_entropy_gradient: softmax_cross_entropy_gradient,
    neural.softmax_cross_entropy_and_gradient: softmax_cross_entropy_and_gradient,
    reduce.logsumexp: logsumexp,
}
