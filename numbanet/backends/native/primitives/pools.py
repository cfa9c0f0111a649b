"""What pooling does in a window, or with the windows around an element, in LLVM vectors along the channels.

The elements of a window, and the windows around an element, are a box: so many steps along each of three axes. For some
vectors of channels at a time the whole box is walked, with the result in registers, which is then stored once. A loop
over channels inside a loop over the box is too short for the vectoriser, and reads and writes the result for each
element. `cython/pools.h` has the same in C.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes, any_lane, everywhere
from numbanet.backends.native.primitives.vector_memory import WORD, each_vector, each_whole_vector
from numbanet.kernels.memory import LINE_BYTES

_INT32 = ir.IntType(32)
SIDE_BY_SIDE = 4, 2, 1
"""Vectors of channels in one walk over a box, where there are channels for them."""

LARGE_GRADIENT = 1 << 24
"""A gradient of so many bytes is written past the caches, where little of it would be left for the next op: 25 MB with
windows of 2 took 1.9 ms and take 0.8, with a copy of it afterwards 4.0 and 3.2; with 5 MB the two took 0.44 and would
take 0.58 (one core of Zen 4)."""


class _Array:
    """An array (samples, depth, height, width, channels), from one of its elements on."""

    def __init__(self, context, builder, kind, array, at):
        x = context.make_array(kind)(context, builder, array)
        samples, depth, height, width, self.channels = cgutils.unpack_tuple(builder, x.shape)
        row = builder.mul(width, self.channels)
        self.steps = (builder.mul(height, row), row, self.channels)
        self.builder, self.place = builder, builder.gep(x.data, [at])
        self.element = x.data.type.pointee
        self.itemsize = context.get_abi_sizeof(self.element)
        self.lanes = VECTOR_BYTES // self.itemsize
        self.size = builder.mul(builder.mul(samples, depth), self.steps[0])

    def load(self, part, offset):
        return part.load(self.builder.gep(self.place, [offset]), 0).value

    def store(self, part, value, offset=None, past_cache=False):
        place = self.place if offset is None else self.builder.gep(self.place, [offset])
        store = part.store_past_cache if past_cache else part.store
        store(LlvmLanes(self.builder, value), place)

    def each_vector(self, step):
        """Call `step(part)` for the channels: some vectors at a time, then one by one, then the rest."""
        done = self._each_whole_vector(step)
        single = self.builder.icmp_signed("==", self.channels, WORD(1))
        with self.builder.if_else(single) as (alone, rest):  # a number takes less than a vector of one lane
            with alone:
                each_whole_vector(self.builder, done, self.channels, 1, step)
            with rest:
                each_vector(self.builder, done, self.channels, self.lanes, self.lanes, step)

    def _each_whole_vector(self, step):
        done = WORD(0)
        for vectors in SIDE_BY_SIDE:
            wide = self.lanes * vectors
            edge = self.builder.and_(self.channels, WORD(-wide))
            each_whole_vector(self.builder, done, edge, wide, step)
            done = edge
        return done

    def each_vector_of_gradient(self, step):
        """Call `step(part, past_cache)`, so that a large array is written past the caches."""
        builder, address = self.builder, self.builder.ptrtoint(self.place, WORD)
        apart = builder.or_(address, builder.mul(self.channels, WORD(self.itemsize)))
        on_lines = builder.icmp_unsigned("==", builder.and_(apart, WORD(LINE_BYTES - 1)), WORD(0))
        large = builder.icmp_unsigned(">=", self.size, WORD(LARGE_GRADIENT // self.itemsize))
        with builder.if_else(builder.and_(large, on_lines), likely=False) as (past, usual):
            with past:  # no rest: channels fill lines
                self._each_whole_vector(lambda part: step(part, True))
            with usual:
                self.each_vector(lambda part: step(part, False))


def _each_of_box(builder, counts, walks, step):
    """Call `step(*numbers)` at each place of a box; a walk is a number, and what is added to it along each axis."""
    if not counts:
        step(*[first for first, _ in walks])
        return
    with cgutils.for_range(builder, counts[0]) as loop:
        inner = [(builder.add(first, builder.mul(loop.index, by)), rest) for first, (by, *rest) in walks]
        _each_of_box(builder, counts[1:], inner, step)


def _variable(builder, first):
    """Memory that holds a vector; LLVM keeps it in a register."""
    place = cgutils.alloca_once(builder, first.type)
    builder.store(first, place)
    return place


def _stays(builder, best, value):
    """Whether a value does not replace the best so far: the first NaN stays, else the first of the largest."""
    return builder.or_(builder.fcmp_ordered(">=", best, value), builder.fcmp_unordered("uno", best, best))


def _filled(kind, count, number):
    """A number in all lanes, known now."""
    return ir.Constant(ir.VectorType(kind, count), [number] * count)


def _narrowed(builder, value, element):
    """Integers of 32 bits as those of an array."""
    return value if element == _INT32 else builder.trunc(value, ir.VectorType(element, value.type.count))


class _Largest:
    """The largest elements of a window, under construction, and where they are if `places` are given.

    A maximum is one instruction, which forgets NaN. So a sum goes along, which is NaN if an element is, or if there are
    infinities of both signs: then the window is walked again, with care.
    """

    def __init__(self, builder, source, counts, target, places=None, walk=None):
        self.builder, self.source, self.counts = builder, source, counts
        self.target, self.places = target, places
        self.walks = [(WORD(0), source.steps)] + ([walk] if walk else [])

    def emit(self):
        """All channels."""
        self.target.each_vector(self._quick_walk)

    def _quick_walk(self, part):
        builder = self.builder
        total = _variable(builder, _filled(self.source.element, part.count, 0.0))

        def stays(known, value):
            builder.store(builder.fadd(builder.load(total), value), total)
            return builder.fcmp_unordered("<=", value, known)

        self._walk(part, stays)
        total = builder.load(total)
        with builder.if_then(any_lane(builder, builder.fcmp_unordered("uno", total, total)), likely=False):
            self._walk(part, lambda known, value: _stays(builder, known, value))

    def _walk(self, part, stays):
        """Walk the window; `stays(known, value)` are the lanes in which what is known remains the largest."""
        builder = self.builder
        best = _variable(builder, _filled(self.source.element, part.count, -np.inf))
        first = [builder.trunc(number, _INT32) for number, _ in self.walks[1:]]
        best_place = [_variable(builder, everywhere(builder, number, part.count)) for number in first]

        def compare(offset, *place):
            value, known = self.source.load(part, offset), builder.load(best)
            remains = stays(known, value)
            builder.store(builder.select(remains, known, value), best)
            for number, known_place in zip(place, best_place, strict=True):
                here = everywhere(builder, builder.trunc(number, _INT32), part.count)
                builder.store(builder.select(remains, builder.load(known_place), here), known_place)

        _each_of_box(builder, self.counts, self.walks, compare)
        self.target.store(part, builder.load(best))
        for known_place in best_place:
            self.places.store(part, _narrowed(builder, builder.load(known_place), self.places.element))


@intrinsic
def largest_of_window(typing_context, x, at, depth, height, width, out, to):
    """Write the largest elements of the window that begins at element `at`, to element `to` and those beside it."""

    def generate(context, builder, signature, arguments):
        source = _Array(context, builder, x, *arguments[:2])
        _Largest(builder, source, arguments[2:5], _Array(context, builder, out, *arguments[5:])).emit()
        return context.get_dummy_value()

    return types.void(x, at, depth, height, width, out, to), generate


@intrinsic
def largest_and_places(typing_context, x, at, depth, height, width, out, places, to, first, by_depth, by_height):
    """The same; `places` get where in the window they are, counted from `first` in steps of these sizes, and of 1."""

    def generate(context, builder, signature, arguments):
        source = _Array(context, builder, x, *arguments[:2])
        target, found = (
            _Array(context, builder, kind, array, arguments[7])
            for kind, array in zip((out, places), arguments[5:7], strict=True)
        )
        first, *steps = arguments[8:]
        _Largest(builder, source, arguments[2:5], target, found, (first, (*steps, WORD(1)))).emit()
        return context.get_dummy_value()

    return types.void(x, at, depth, height, width, out, places, to, first, by_depth, by_height), generate


@intrinsic
def sum_where_placed(
    typing_context, g, places, at, depth, height, width, place, by_depth, by_height, by_width, out, to
):  # fmt: skip
    """Write sums over a box of g that begins at element `at`, of those elements whose places are the ones given.

    The first place is `place`; what is subtracted from it along each axis follows.
    """

    def generate(context, builder, signature, arguments):
        source, found = (
            _Array(context, builder, kind, array, arguments[2])
            for kind, array in zip((g, places), arguments[:2], strict=True)
        )
        target = _Array(context, builder, out, *arguments[10:])
        walks = [(WORD(0), source.steps), (arguments[6], [builder.neg(by) for by in arguments[7:10]])]

        def sum_up(part, past_cache):
            nothing = _filled(source.element, part.count, 0.0)
            total = _variable(builder, nothing)

            def add(offset, place):
                here = everywhere(builder, builder.trunc(place, found.element), part.count)
                same, known = builder.icmp_unsigned("==", found.load(part, offset), here), builder.load(total)
                builder.store(builder.select(same, builder.fadd(known, source.load(part, offset)), known), total)

            _each_of_box(builder, arguments[3:6], walks, add)
            target.store(part, builder.load(total), past_cache=past_cache)

        target.each_vector_of_gradient(sum_up)
        return context.get_dummy_value()

    counts = (depth, height, width)
    return types.void(g, places, at, *counts, place, by_depth, by_height, by_width, out, to), generate


@intrinsic
def spread_where_placed(typing_context, g, places, at, place, out, to, count):
    """Write g, or 0 where its place is another one, for so many places next to each other, from element `to` on.

    0 is added, as sums begin with it: -0 becomes 0.
    """

    def generate(context, builder, signature, arguments):
        source, found = (
            _Array(context, builder, kind, array, arguments[2])
            for kind, array in zip((g, places), arguments[:2], strict=True)
        )
        target = _Array(context, builder, out, *arguments[4:6])
        walks = [(WORD(0), source.steps[2:]), (arguments[3], (WORD(1),))]

        def spread(part, past_cache):
            nothing = _filled(source.element, part.count, 0.0)
            value, known = builder.fadd(source.load(part, WORD(0)), nothing), found.load(part, WORD(0))

            def write(offset, place):
                here = everywhere(builder, builder.trunc(place, found.element), part.count)
                taken = builder.select(builder.icmp_unsigned("==", known, here), value, nothing)
                target.store(part, taken, offset, past_cache)

            _each_of_box(builder, arguments[6:], walks, write)

        target.each_vector_of_gradient(spread)
        return context.get_dummy_value()

    return types.void(g, places, at, place, out, to, count), generate


def _times(builder, value, share, element):
    """Numbers times a double, rounded once."""
    double = LlvmLanes(builder, everywhere(builder, share, value.type.count))
    product = LlvmLanes(builder, value).double() * double
    return product.value if element == double.value.type.element else product.single().value


@intrinsic
def mean_of_box(typing_context, x, at, depth, height, width, share, out, to):
    """Write the sums over a box of x that begins at element `at`, times `share`, which is a double."""

    def generate(context, builder, signature, arguments):
        source = _Array(context, builder, x, *arguments[:2])
        target = _Array(context, builder, out, *arguments[6:])

        def mean(part, past_cache):
            total = _variable(builder, _filled(source.element, part.count, 0.0))

            def add(offset):
                builder.store(builder.fadd(builder.load(total), source.load(part, offset)), total)

            _each_of_box(builder, arguments[2:5], [(WORD(0), source.steps)], add)
            found = _times(builder, builder.load(total), arguments[5], source.element)
            target.store(part, found, past_cache=past_cache)

        target.each_vector_of_gradient(mean)
        return context.get_dummy_value()

    return types.void(x, at, depth, height, width, share, out, to), generate


@intrinsic
def spread_evenly(typing_context, g, at, share, out, to, count):
    """Write g times `share`, which is a double, to so many elements next to each other, from element `to` on."""

    def generate(context, builder, signature, arguments):
        source = _Array(context, builder, g, *arguments[:2])
        target = _Array(context, builder, out, *arguments[3:5])

        def spread(part, past_cache):
            value = _times(builder, source.load(part, WORD(0)), arguments[2], source.element)

            def write(offset):
                target.store(part, value, offset, past_cache)

            _each_of_box(builder, arguments[5:], [(WORD(0), source.steps[2:])], write)

        target.each_vector_of_gradient(spread)
        return context.get_dummy_value()

    return types.void(g, at, share, out, to, count), generate
