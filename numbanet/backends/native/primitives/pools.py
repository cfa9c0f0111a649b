"""What pooling does in a window, or with the windows around an element, in LLVM vectors along the channels.

The elements of a window, and the windows around an element, are a box: so many steps along each of three axes. For some
vectors of channels at a time the whole box is walked, with the result in registers, which is then stored once. A loop
over channels inside a loop over the box is too short for the vectoriser, and reads and writes the result for each
element. Where channels are few, vectors go along the width (`pool_rows`). `cython/pools.h` has the same in C, without
these.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.boxes import Array, each_of_box, filled, variable
from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes, any_lane, everywhere
from numbanet.backends.native.primitives.pool_rows import Beside, EveryOther, each_few, each_window, store_pairs
from numbanet.backends.native.primitives.vector_memory import WORD, each_whole_vector
from numbanet.backends.native.processor import REGISTERS

_INT32 = ir.IntType(32)


def _stays(builder, best, value):
    """Whether a value does not replace the best so far: the first NaN stays, else the first of the largest."""
    return builder.or_(builder.fcmp_ordered(">=", best, value), builder.fcmp_unordered("uno", best, best))


def _narrowed(builder, value, element):
    """Integers of 32 bits as those of an array."""
    return value if element == _INT32 else builder.trunc(value, ir.VectorType(element, value.type.count))


class _Largest:
    """The largest elements of a window, under construction, and where they are if `places` are given.

    A maximum is one instruction, which forgets NaN. So a sum goes along, which is NaN if an element is, or if there are
    infinities of both signs: then the window is walked again, with care. With few channels it is walked so at once: two
    walks for each number of them would take long to compile.
    """

    def __init__(self, builder, source, counts, target, places=None, walk=None):
        self.builder, self.source, self.counts = builder, source, counts
        self.target, self.places = target, places
        self.walks = [(WORD(0), source.steps)] + ([walk] if walk else [])

    def emit(self):
        """All channels."""
        self.target.each_vector(self._careful_walk if isinstance(self.source, EveryOther) else self._quick_walk)

    def _careful_walk(self, part):
        self._walk(part, lambda known, value: _stays(self.builder, known, value))

    def _quick_walk(self, part):
        builder = self.builder
        total = variable(builder, filled(self.source.element, part.count, 0.0))

        def stays(known, value):
            builder.store(builder.fadd(builder.load(total), value), total)
            return builder.fcmp_unordered("<=", value, known)

        self._walk(part, stays)
        total = builder.load(total)
        with builder.if_then(any_lane(builder, builder.fcmp_unordered("uno", total, total)), likely=False):
            self._careful_walk(part)

    def _walk(self, part, stays):
        """Walk the window; `stays(known, value)` are the lanes in which what is known remains the largest."""
        builder = self.builder
        best = variable(builder, filled(self.source.element, part.count, -np.inf))
        first = [builder.trunc(number, _INT32) for number, _ in self.walks[1:]]
        best_place = [variable(builder, everywhere(builder, number, part.count)) for number in first]

        def compare(offset, *place):
            value, known = self.source.load(part, offset), builder.load(best)
            remains = stays(known, value)
            builder.store(builder.select(remains, known, value), best)
            for number, known_place in zip(place, best_place, strict=True):
                here = everywhere(builder, builder.trunc(number, _INT32), part.count)
                builder.store(builder.select(remains, builder.load(known_place), here), known_place)

        each_of_box(builder, self.counts, self.walks, compare)
        self.target.store(part, builder.load(best))
        for known_place in best_place:
            self.places.store(part, _narrowed(builder, builder.load(known_place), self.places.element))


@intrinsic
def largest_of_windows(typing_context, x, at, depth, height, width, count, stride, out, to):
    """Write the largest elements of so many windows, the first of which begins at element `at`, from `to` on."""

    def generate(context, builder, signature, arguments):
        source, target = Array(context, builder, x, *arguments[:2]), Array(context, builder, out, *arguments[7:])
        each_window(
            source, [target], *arguments[5:7],
            lambda source, targets: _Largest(builder, source, arguments[2:5], *targets).emit(),
        )  # fmt: skip
        return context.get_dummy_value()

    return types.void(x, at, depth, height, width, count, stride, out, to), generate


@intrinsic
def largest_and_places(
    typing_context, x, at, depth, height, width, count, stride, out, places, to, first, by_depth, by_height
):  # fmt: skip
    """The same; `places` get where in a window they are, counted from `first` in steps of these sizes, and of 1."""

    def generate(context, builder, signature, arguments):
        source = Array(context, builder, x, *arguments[:2])
        targets = [
            Array(context, builder, kind, array, arguments[9])
            for kind, array in zip((out, places), arguments[7:9], strict=True)
        ]
        walk = arguments[10], (*arguments[11:], WORD(1))
        each_window(
            source, targets, *arguments[5:7],
            lambda source, targets: _Largest(builder, source, arguments[2:5], *targets, walk).emit(),
        )  # fmt: skip
        return context.get_dummy_value()

    counts = (depth, height, width)
    return types.void(x, at, *counts, count, stride, out, places, to, first, by_depth, by_height), generate


def _sum_where(source, found, part, counts, walks):
    """The sum over a box of what `source` has where `found` is the place that goes along."""
    builder = source.builder
    total = variable(builder, filled(source.element, part.count, 0.0))

    def add(offset, place):
        here = everywhere(builder, builder.trunc(place, found.element), part.count)
        same, known = builder.icmp_unsigned("==", found.load(part, offset), here), builder.load(total)
        builder.store(builder.select(same, builder.fadd(known, source.load(part, offset)), known), total)

    each_of_box(builder, counts, walks, add)
    return builder.load(total)


def _sum_where_placed(few):
    @intrinsic
    def sum_where_placed(
        typing_context, g, places, at, depth, height, width, place, by_depth, by_height, by_width, out, to
    ):  # fmt: skip
        """Write sums over a box of g that begins at element `at`, of those elements whose places are the ones given.

        The first place is `place`; what is subtracted from it along each axis follows.
        """

        def generate(context, builder, signature, arguments):
            source, found = (
                Array(context, builder, kind, array, arguments[2])
                for kind, array in zip((g, places), arguments[:2], strict=True)
            )
            target = Array(context, builder, out, *arguments[10:])
            walks = [(WORD(0), source.steps), (arguments[6], [builder.neg(by) for by in arguments[7:10]])]

            def sum_up(part, past_cache):
                target.store(part, _sum_where(source, found, part, arguments[3:6], walks), past_cache=past_cache)

            if few:
                each_whole_vector(builder, WORD(0), target.channels, 1, lambda part: sum_up(part, False))
            else:
                target.each_vector_of_gradient(sum_up)
            return context.get_dummy_value()

        counts = (depth, height, width)
        return types.void(g, places, at, *counts, place, by_depth, by_height, by_width, out, to), generate

    return sum_where_placed


sum_where_placed, sum_few_where_placed = _sum_where_placed(few=False), _sum_where_placed(few=True)
"""Of few channels, one after the other: the rest of a row of pairs."""


@intrinsic
def sum_pairs_where_placed(
    typing_context, g, places, at, depth, height, size, place, by_depth, by_height, count, out, to
):  # fmt: skip
    """The same for so many pairs of elements, from `to` on, among windows of few channels that are two apart.

    `at` is the first window around the first element; windows are `size` wide, and all that might be there are. The
    second element is one place further in a window, so it may be in the same windows, or in one less.
    """

    def generate(context, builder, signature, arguments):
        source, found = (
            Array(context, builder, kind, array, arguments[2])
            for kind, array in zip((g, places), arguments[:2], strict=True)
        )
        target = Array(context, builder, out, *arguments[10:])
        depth, height, size, place, *steps, count = arguments[3:10]
        last, odd = builder.sub(size, WORD(1)), builder.and_(size, WORD(1))

        def summed(part, element, source, found):
            """What the first or second elements of pairs get."""
            unless = odd if element else builder.xor(odd, WORD(1))
            windows = builder.lshr(builder.add(last, WORD(2 - element)), WORD(1))
            skipped = builder.mul(odd if element else WORD(0), source.channels)
            first = builder.add(place, builder.sub(last, unless))
            walks = [(skipped, source.steps), (first, [builder.neg(by) for by in (*steps, WORD(2))])]
            return _sum_where(source, found, part, (depth, height, windows), walks)

        def along(few):
            Beside(target, few, count).each_vector(
                lambda part: store_pairs(target, few, part, *(summed(part, one, source, found) for one in (0, 1)))
            )

        if REGISTERS.has_masks:
            each_few(target, along)
            return context.get_dummy_value()
        pair = builder.mul(WORD(2), target.channels)
        with cgutils.for_range(builder, count) as loop:
            by = builder.mul(loop.index, source.channels)
            some, first = (source.moved(by), found.moved(by)), target.moved(builder.mul(loop.index, pair))
            for one, to in enumerate((first, first.moved(target.channels))):
                to.each_vector(lambda part, one=one, to=to, some=some: to.store(part, summed(part, one, *some)))
        return context.get_dummy_value()

    counts = (depth, height, size)
    return types.void(g, places, at, *counts, place, by_depth, by_height, count, out, to), generate


@intrinsic
def spread_where_placed(typing_context, g, places, at, place, out, to, count):
    """Write g, or 0 where its place is another one, for so many places next to each other, from element `to` on.

    0 is added, as sums begin with it: -0 becomes 0.
    """

    def generate(context, builder, signature, arguments):
        source, found = (
            Array(context, builder, kind, array, arguments[2])
            for kind, array in zip((g, places), arguments[:2], strict=True)
        )
        target = Array(context, builder, out, *arguments[4:6])
        walks = [(WORD(0), source.steps[2:]), (arguments[3], (WORD(1),))]

        def spread(part, past_cache):
            nothing = filled(source.element, part.count, 0.0)
            value, known = builder.fadd(source.load(part, WORD(0)), nothing), found.load(part, WORD(0))

            def write(offset, place):
                here = everywhere(builder, builder.trunc(place, found.element), part.count)
                taken = builder.select(builder.icmp_unsigned("==", known, here), value, nothing)
                target.store(part, taken, offset, past_cache)

            each_of_box(builder, arguments[6:], walks, write)

        target.each_vector_of_gradient(spread)
        return context.get_dummy_value()

    return types.void(g, places, at, place, out, to, count), generate


def _times(builder, value, share, element):
    """Numbers times a double, rounded once."""
    double = LlvmLanes(builder, everywhere(builder, share, value.type.count))
    product = LlvmLanes(builder, value).double() * double
    return product.value if element == double.value.type.element else product.single().value


def _write_means(source, counts, share, target):
    """Write the sums over a box, times a double."""
    builder = source.builder

    def mean(part, past_cache):
        total = variable(builder, filled(source.element, part.count, 0.0))

        def add(offset):
            builder.store(builder.fadd(builder.load(total), source.load(part, offset)), total)

        each_of_box(builder, counts, [(WORD(0), source.steps)], add)
        target.store(part, _times(builder, builder.load(total), share, source.element), past_cache=past_cache)

    target.each_vector_of_gradient(mean)


@intrinsic
def mean_of_box(typing_context, x, at, depth, height, width, share, out, to):
    """Write the sums over a box of x that begins at element `at`, times `share`, which is a double."""

    def generate(context, builder, signature, arguments):
        source, target = Array(context, builder, x, *arguments[:2]), Array(context, builder, out, *arguments[6:])
        _write_means(source, arguments[2:5], arguments[5], target)
        return context.get_dummy_value()

    return types.void(x, at, depth, height, width, share, out, to), generate


@intrinsic
def means_of_windows(typing_context, x, at, depth, height, width, share, count, stride, out, to):
    """The same for so many windows, `stride` apart; means go from element `to` on."""

    def generate(context, builder, signature, arguments):
        source, target = Array(context, builder, x, *arguments[:2]), Array(context, builder, out, *arguments[8:])
        each_window(
            source, [target], *arguments[6:8],
            lambda source, targets: _write_means(source, arguments[2:5], arguments[5], *targets),
        )  # fmt: skip
        return context.get_dummy_value()

    return types.void(x, at, depth, height, width, share, count, stride, out, to), generate


@intrinsic
def spread_evenly(typing_context, g, at, share, out, to, count):
    """Write g times `share`, which is a double, to so many elements next to each other, from element `to` on."""

    def generate(context, builder, signature, arguments):
        source = Array(context, builder, g, *arguments[:2])
        target = Array(context, builder, out, *arguments[3:5])

        def spread(part, past_cache):
            value = _times(builder, source.load(part, WORD(0)), arguments[2], source.element)

            def write(offset):
                target.store(part, value, offset, past_cache)

            each_of_box(builder, arguments[5:], [(WORD(0), source.steps[2:])], write)

        target.each_vector_of_gradient(spread)
        return context.get_dummy_value()

    return types.void(g, at, share, out, to, count), generate
