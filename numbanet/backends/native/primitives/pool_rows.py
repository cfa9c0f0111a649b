"""A row of windows that are two apart along the width, in LLVM vectors that go from window to window.

With few channels, a vector along them would be nearly empty: one channel took as long as sixteen. So a vector holds all
channels of as many windows as it has lanes for. What lies at one place of these windows is every other element of a row
of the input, which two loads and a constant shuffle fetch. Each lane goes through the same operations as a window by
itself. A row of 112 maxima of one channel, with their places, takes 0.07 of the time (one core of Zen 4).
"""

from functools import reduce

from llvmlite import ir
from numba.core import cgutils

from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes
from numbanet.backends.native.primitives.vector_memory import WORD, Rest
from numbanet.backends.native.processor import REGISTERS

FEW = 1, 3
"""So many channels, as images have. Each number is compiled, since shuffles are known then, and costs 0.1 to 0.4 s."""

_INT32 = ir.IntType(32)


def _shuffled(builder, low, high, order):
    return builder.shuffle_vector(low, high, ir.Constant(ir.VectorType(_INT32, len(order)), order))


class EveryOther:
    """Elements of an array of so few channels that are two apart along the width."""

    def __init__(self, array, few):
        self.array, self.few = array, few
        self.builder, self.element, self.steps = array.builder, array.element, array.steps

    def load(self, part, offset):
        """Those that stand `offset` numbers behind the first elements of windows."""
        builder, few, lanes = self.builder, self.few, part.count
        taken = lanes // few * few
        base = builder.gep(self.array.place, [builder.add(offset, builder.shl(part.i, WORD(1)))])
        later = max(2 * taken - few - lanes, 0)  # so that the second vector ends with the last element
        span = builder.sub(builder.shl(builder.sub(part.stop, part.i), WORD(1)), WORD(few))
        more = builder.select(builder.icmp_signed(">", span, WORD(later)), span, WORD(later))
        low = Rest(builder, WORD(0), lanes, span).load(base, 0).value
        high = Rest(builder, WORD(later), lanes, more).load(base, 0).value
        places = [2 * i - i % few if i < taken else 0 for i in range(lanes)]
        return _shuffled(builder, low, high, [i if i < lanes else lanes + i - later for i in places])


class Beside:
    """So many elements of an array of so few channels, one beside the other along the width."""

    def __init__(self, array, few, count):
        self.array, self.few, self.numbers = array, few, array.builder.mul(count, WORD(few))
        self.element, self.store = array.element, array.store

    def each_vector(self, step):
        """Call `step(part)` for as many elements as fill a vector, and for the rest."""
        builder, taken = self.array.builder, self.array.lanes // self.few * self.few
        with cgutils.for_range_slice(builder, WORD(0), self.numbers, WORD(taken), WORD) as (i, _):
            end = builder.add(i, WORD(taken))
            stop = builder.select(builder.icmp_signed("<", end, self.numbers), end, self.numbers)
            step(Rest(builder, i, self.array.lanes, stop))

    def each_vector_of_gradient(self, step):
        """The same, as arrays have it: rows of few channels are no whole lines, which go past the caches."""
        self.each_vector(lambda part: step(part, False))


def store_pairs(array, few, part, even, odd):
    """Write elements of two vectors in turn: for each of `even` the one of `odd` beside it."""
    builder, lanes = array.builder, part.count
    places = [i // (2 * few) * few + i % few + i // few % 2 * lanes for i in range(2 * (lanes // few * few))]
    places += [0] * (2 * lanes - len(places))
    base = builder.gep(array.place, [builder.shl(part.i, WORD(1))])
    span = builder.shl(builder.sub(part.stop, part.i), WORD(1))
    more = builder.select(builder.icmp_signed(">", span, WORD(lanes)), span, WORD(lanes))
    for first, stop in ((0, span), (lanes, more)):
        some = Rest(builder, WORD(first), lanes, stop)
        some.store(LlvmLanes(builder, _shuffled(builder, even, odd, places[first : first + lanes])), base)


def each_few(array, step):
    """Call `step(few)` for the number of channels of an array, if they are few."""
    for few in FEW:
        with array.builder.if_then(array.builder.icmp_signed("==", array.channels, WORD(few))):
            step(few)


def each_window(source, targets, count, stride, emit):
    """Call `emit(source, targets)` for so many windows, `stride` apart: along the width, or for one after the other."""
    builder = source.builder

    def one_by_one():
        with cgutils.for_range(builder, count) as loop:
            by = builder.mul(loop.index, source.channels)
            emit(source.moved(builder.mul(by, stride)), [target.moved(by) for target in targets])

    if not REGISTERS.has_masks:
        one_by_one()
        return
    few = reduce(builder.or_, [builder.icmp_signed("==", source.channels, WORD(few)) for few in FEW])
    with builder.if_else(builder.and_(few, builder.icmp_signed("==", stride, WORD(2)))) as (along, alone):
        with along:
            each_few(
                source, lambda few: emit(EveryOther(source, few), [Beside(target, few, count) for target in targets])
            )
        with alone:
            one_by_one()
