"""Loading and storing `Lanes`: whole vectors, or the rest of a range with the lanes past its end masked."""

from llvmlite import ir
from numba.core import cgutils

from numbanet.backends.native.primitives.llvm_lanes import LlvmLanes, bits_of, everywhere, suffix_of
from numbanet.kernels.memory import LINE_BYTES

WORD, _INT32 = ir.IntType(64), ir.IntType(32)


class Whole:
    """All lanes of a vector that starts at element `i`."""

    def __init__(self, builder, i, count):
        self.builder, self.i, self.count = builder, i, count

    def _pointer(self, base):
        element = base.type.pointee
        vector = ir.VectorType(element, self.count)
        return self.builder.bitcast(self.builder.gep(base, [self.i]), vector.as_pointer()), bits_of(element) // 8

    def load(self, base, fill):
        """The elements; `fill` stands in lanes past the end."""
        pointer, align = self._pointer(base)
        return LlvmLanes(self.builder, self.builder.load(pointer, align=align))

    def store(self, v, base):
        """Write the lanes that are not past the end."""
        pointer, align = self._pointer(base)
        self.builder.store(v.value, pointer, align=align)

    def store_past_cache(self, v, base):
        """Write whole lines by way of no cache, into which they would be read first.

        Whoever publishes them to other threads does so by an instruction that waits for all writes (`add_to`).
        """
        pointer, align = self._pointer(base)
        if self.count * align % LINE_BYTES:
            self.store(v, base)
            return
        store = self.builder.store(v.value, pointer, align=LINE_BYTES)
        store.set_metadata("nontemporal", self.builder.module.add_metadata([_INT32(1)]))

    def kept(self, v, fill):
        """v, with `fill` in lanes past the end."""
        return v


class Rest(Whole):
    """The first lanes of a vector that starts at element `i`: those before `stop`."""

    def __init__(self, builder, i, count, stop):
        super().__init__(builder, i, count)
        self.stop = stop
        words = ir.VectorType(WORD, count)
        left = everywhere(builder, builder.sub(stop, i), count)
        self.mask = builder.icmp_unsigned("<", ir.Constant(words, list(range(count))), left)

    def _intrinsic(self, name, vector, result, operands):
        function_type = ir.FunctionType(result, operands)
        return cgutils.get_or_insert_function(
            self.builder.module, function_type, f"llvm.masked.{name}.{suffix_of(vector)}.p0"
        )

    def load(self, base, fill):
        pointer, align = self._pointer(base)
        vector = pointer.type.pointee
        load = self._intrinsic("load", vector, vector, [pointer.type, _INT32, self.mask.type, vector])
        filler = LlvmLanes(self.builder, ir.Constant(vector, ir.Undefined)).of(fill).value
        return LlvmLanes(self.builder, self.builder.call(load, [pointer, _INT32(align), self.mask, filler]))

    def store(self, v, base):
        pointer, align = self._pointer(base)
        kinds = [pointer.type.pointee, pointer.type, _INT32, self.mask.type]
        store = self._intrinsic("store", pointer.type.pointee, ir.VoidType(), kinds)
        self.builder.call(store, [v.value, pointer, _INT32(align), self.mask])

    def kept(self, v, fill):
        return LlvmLanes(self.builder, self.builder.select(self.mask, v.value, v.of(fill).value))


def each_vector(builder, start, stop, wide, narrow, step):
    """Call `step(part)` for parts of start..stop: `wide` elements each, then `narrow` ones, the last of them masked.

    Every element goes through the same operations in either, so a range gives the same bytes however it is split.
    """
    whole = builder.and_(builder.sub(stop, start), WORD(-wide))
    edge = builder.add(start, whole)
    each_whole_vector(builder, start, edge, wide, step)
    with cgutils.for_range_slice(builder, edge, stop, WORD(narrow), WORD) as (i, _):
        step(Rest(builder, i, narrow, stop))


def each_whole_vector(builder, start, stop, count, step):
    """The same where there are `count` elements for every part."""
    with cgutils.for_range_slice(builder, start, stop, WORD(count), WORD) as (i, _):
        step(Whole(builder, i, count))
