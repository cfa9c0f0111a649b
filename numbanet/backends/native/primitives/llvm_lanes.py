"""`LlvmLanes`: a vector under construction. Functions of `Lanes` become LLVM code when they are called, once.

`exp(v)` runs while a kernel is compiled, on lanes that stand for many elements at once; each operation appends one
vector instruction. A vector may be several registers long, so that the operations of one register run while those of
another wait for each other. LLVM's own vectoriser, given the same operations as scalar code, made loops of one register
with every special case computed for every element: log of float32 took 0.23 ns an element, where it takes 0.12 so (one
core of Zen 5).
"""

from llvmlite import ir
from numba.core import cgutils

from numbanet.vector_math.lanes import Lanes, select

_INT32 = ir.IntType(32)
_BITS = {"float": 32, "double": 64}
_REAL, _WORD = {32: ir.FloatType(), 64: ir.DoubleType()}, {32: _INT32, 64: ir.IntType(64)}
_OF_REALS = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv", "neg": "fneg"}
"""The instructions that are named otherwise for real numbers."""
_INTRINSICS = ("copysign", "fabs", "fma")


def bits_of(element):
    """The bits of a number."""
    return _BITS.get(str(element)) or element.width


def suffix_of(vector):
    """What LLVM appends to the names of its intrinsics for vectors of real numbers or integers."""
    kind = "i" if isinstance(vector.element, ir.IntType) else "f"
    return f"v{vector.count}{kind}{bits_of(vector.element)}"


def everywhere(builder, number, count):
    """A vector of so many lanes with a number, known when the kernel runs, in each."""
    single = builder.insert_element(ir.Constant(ir.VectorType(number.type, count), ir.Undefined), number, _INT32(0))
    return builder.shuffle_vector(single, single, ir.Constant(ir.VectorType(_INT32, count), None))


def any_lane(builder, mask):
    """Whether any lane of a mask is set."""
    bits = builder.bitcast(mask, ir.IntType(mask.type.count))
    return builder.icmp_unsigned("!=", bits, bits.type(0))


class LlvmLanes(Lanes):
    """As many numbers, integers or truth values as `value`, an LLVM vector, has lanes."""

    __slots__ = ("builder", "value")

    def __init__(self, builder, value):
        self.builder = builder
        self.value = value

    @property
    def width(self):
        """The bits of one lane."""
        return bits_of(self.value.type.element)

    def _like(self, value):
        return LlvmLanes(self.builder, value)

    def of(self, number):
        """`number` in every lane, unless it is lanes already."""
        if isinstance(number, Lanes):
            return number
        kind = self.value.type
        return self._like(ir.Constant(kind, [kind.element(number)] * kind.count))

    def _is_integer(self):
        return isinstance(self.value.type.element, ir.IntType)

    def _operate(self, name, *operands):
        values = [self.of(x).value for x in operands]
        if name in _INTRINSICS:
            kind = self.value.type
            function_type = ir.FunctionType(kind, [kind] * len(values))
            name = f"llvm.{name}.{suffix_of(kind)}"
            function = cgutils.get_or_insert_function(self.builder.module, function_type, name)
            return self._like(self.builder.call(function, values))
        name = name if self._is_integer() else _OF_REALS[name]
        return self._like(getattr(self.builder, name)(*values))

    def _compare(self, sign, other):
        a, b = self.value, self.of(other).value
        if self._is_integer():
            return self._like(self.builder.icmp_signed(sign, a, b))
        compare = self.builder.fcmp_unordered if sign == "!=" else self.builder.fcmp_ordered
        return self._like(compare(sign, a, b))

    def _select(self, condition, a, b):
        return self._like(self.builder.select(condition.value, a.value, b.value))

    def _where_rare(self, condition, careful):
        """A branch that is taken if any lane needs it."""
        builder, before = self.builder, self.builder.block
        with builder.if_then(any_lane(builder, condition.value), likely=False):
            replaced = select(condition, careful(), self).value
            rare = builder.block
        phi = builder.phi(self.value.type)
        phi.add_incoming(self.value, before)
        phi.add_incoming(replaced, rare)
        return self._like(phi)

    def _one_by_one(self, name):
        builder, kind = self.builder, self.value.type
        scalar = ir.FunctionType(kind.element, [kind.element])
        function = cgutils.get_or_insert_function(builder.module, scalar, f"llvm.{name}.f{self.width}")
        place = cgutils.alloca_once(builder, kind)
        builder.store(self.value, place)
        numbers = builder.bitcast(place, kind.element.as_pointer())
        with cgutils.for_range(builder, ir.IntType(64)(kind.count)) as lane:
            here = builder.gep(numbers, [lane.index])
            builder.store(builder.call(function, [builder.load(here)]), here)
        return self._like(builder.load(place))

    def _cast(self, cast, elements):
        vector = ir.VectorType(elements[self.width], self.value.type.count)
        return self._like(cast(self.value, vector))

    def bits(self):
        """The bits of real numbers, as integers."""
        return self._cast(self.builder.bitcast, _WORD)

    def as_real(self):
        """The real numbers that have these bits."""
        return self._cast(self.builder.bitcast, _REAL)

    def double(self):
        """These numbers in double precision."""
        return self if self.width == 64 else self._cast(self.builder.fpext, {32: _REAL[64]})

    def single(self):
        """These numbers rounded to single precision."""
        return self._cast(self.builder.fptrunc, {64: _REAL[32]})
