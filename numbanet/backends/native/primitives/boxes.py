"""Arrays that are pooled, as vectors along their channels, and the boxes of their elements that are walked.

A box is so many steps along each of three axes: the elements of a window, or the windows around an element.
"""

import copy

from llvmlite import ir
from numba.core import cgutils

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes
from numbanet.backends.native.primitives.vector_memory import WORD, each_vector, each_whole_vector
from numbanet.kernels.memory import LINE_BYTES

SIDE_BY_SIDE = 4, 2, 1
"""Vectors of channels in one walk over a box, where there are channels for them."""

LARGE_GRADIENT = 1 << 24
"""A gradient of so many bytes is written past the caches, where little of it would be left for the next op: 25 MB with
windows of 2 took 1.9 ms and take 0.8, with a copy of it afterwards 4.0 and 3.2; with 5 MB the two took 0.44 and would
take 0.58 (one core of Zen 4)."""


class Array:
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

    def moved(self, by):
        """The same array, from another element on."""
        other = copy.copy(self)
        other.place = self.builder.gep(self.place, [by])
        return other

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


def each_of_box(builder, counts, walks, step):
    """Call `step(*numbers)` at each place of a box; a walk is a number, and what is added to it along each axis."""
    if not counts:
        step(*[first for first, _ in walks])
        return
    with cgutils.for_range(builder, counts[0]) as loop:
        inner = [(builder.add(first, builder.mul(loop.index, by)), rest) for first, (by, *rest) in walks]
        each_of_box(builder, counts[1:], inner, step)


def variable(builder, first):
    """Memory that holds a vector; LLVM keeps it in a register."""
    place = cgutils.alloca_once(builder, first.type)
    builder.store(first, place)
    return place


def filled(kind, count, number):
    """A number in all lanes, known now."""
    return ir.Constant(ir.VectorType(kind, count), [number] * count)
