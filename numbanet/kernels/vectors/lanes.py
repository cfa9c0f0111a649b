"""`Lanes`: a vector under construction. Python functions of them become LLVM code when they are called, once.

`exp(v)` written with `+`, `*`, `select` and `multiply_add` runs while a kernel is compiled, on a `Lanes` that stands
for many elements at once; each operation appends one vector instruction. A vector may be several registers long, so
that the operations of one register run while those of another wait for each other. LLVM's own vectoriser, given the
same operations as scalar code, made loops of one register with every special case computed for every element: log of
float32 took 0.23 ns an element, where it takes 0.12 so (one core of Zen 5).

Numbers take the type of the lanes beside them. `multiply_add` rounds once, and the functions lean on that for their
last half unit.
"""

from llvmlite import ir
from numba.core import cgutils

_ONE_BIT, _INT32 = ir.IntType(1), ir.IntType(32)
_BITS = {"float": 32, "double": 64}
_REAL, _WORD = {32: ir.FloatType(), 64: ir.DoubleType()}, {32: ir.IntType(32), 64: ir.IntType(64)}


def suffix_of(vector):
    """What LLVM appends to the names of its intrinsics for vectors of real numbers."""
    return f"v{vector.count}f{_BITS[str(vector.element)]}"


class Lanes:
    """As many numbers, integers or truth values as `value`, an LLVM vector, has lanes."""

    __slots__ = ("builder", "value")

    def __init__(self, builder, value):
        self.builder = builder
        self.value = value

    @property
    def width(self):
        """The bits of one lane."""
        element = self.value.type.element
        return _BITS.get(str(element)) or element.width

    def _like(self, value):
        return Lanes(self.builder, value)

    def of(self, number):
        """`number` in every lane, unless it is lanes already."""
        if isinstance(number, Lanes):
            return number
        kind = self.value.type
        return self._like(ir.Constant(kind, [kind.element(number)] * kind.count))

    def _with(self, emit, other, swapped=False):
        a, b = self.value, self.of(other).value
        return self._like(emit(b, a) if swapped else emit(a, b))

    def _is_integer(self):
        return isinstance(self.value.type.element, ir.IntType)

    def __add__(self, other):
        return self._with(self.builder.add if self._is_integer() else self.builder.fadd, other)

    def __sub__(self, other):
        return self._with(self.builder.sub if self._is_integer() else self.builder.fsub, other)

    def __rsub__(self, other):
        return self._with(self.builder.sub if self._is_integer() else self.builder.fsub, other, swapped=True)

    def __mul__(self, other):
        return self._with(self.builder.fmul, other)

    def __truediv__(self, other):
        return self._with(self.builder.fdiv, other)

    def __rtruediv__(self, other):
        return self._with(self.builder.fdiv, other, swapped=True)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self._like(self.builder.fneg(self.value))

    def __abs__(self):
        return self._call("llvm.fabs", self)

    def __lshift__(self, count):
        return self._with(self.builder.shl, count)

    def __rshift__(self, count):
        """Shifted right, filled with the sign."""
        return self._with(self.builder.ashr, count)

    def __and__(self, other):
        return self._with(self.builder.and_, other)

    def __or__(self, other):
        return self._with(self.builder.or_, other)

    def __xor__(self, other):
        return self._with(self.builder.xor, other)

    def __invert__(self):
        return self._like(self.builder.not_(self.value))

    def _compare(self, sign, other):
        a, b = self.value, self.of(other).value
        if self._is_integer():
            return self._like(self.builder.icmp_signed(sign, a, b))
        compare = self.builder.fcmp_unordered if sign == "!=" else self.builder.fcmp_ordered
        return self._like(compare(sign, a, b))

    def __lt__(self, other):
        return self._compare("<", other)

    def __le__(self, other):
        return self._compare("<=", other)

    def __gt__(self, other):
        return self._compare(">", other)

    def __ge__(self, other):
        return self._compare(">=", other)

    def equals(self, other):
        return self._compare("==", other)

    def is_nan(self):
        return self._like(self.builder.fcmp_unordered("uno", self.value, self.value))

    def bits(self):
        """The bits of real numbers, as integers."""
        return self._like(self.builder.bitcast(self.value, ir.VectorType(_WORD[self.width], self.value.type.count)))

    def as_real(self):
        """The real numbers that have these bits."""
        return self._like(self.builder.bitcast(self.value, ir.VectorType(_REAL[self.width], self.value.type.count)))

    def double(self):
        """These numbers in double precision."""
        if self.width == 64:
            return self
        return self._like(self.builder.fpext(self.value, ir.VectorType(_REAL[64], self.value.type.count)))

    def single(self):
        """These numbers rounded to single precision."""
        return self._like(self.builder.fptrunc(self.value, ir.VectorType(_REAL[32], self.value.type.count)))

    def _call(self, name, *operands):
        kind = self.value.type
        name = f"{name}.{suffix_of(kind)}"
        function_type = ir.FunctionType(kind, [kind] * len(operands))
        function = cgutils.get_or_insert_function(self.builder.module, function_type, name)
        return self._like(self.builder.call(function, [self.of(x).value for x in operands]))


def multiply_add(a, b, c):
    """a * b + c, rounded once; `a` is lanes."""
    return a._call("llvm.fma", a, b, c)


def select(condition, a, b):
    """a where the condition holds, b elsewhere; at least one is lanes of numbers."""
    like = a if isinstance(a, Lanes) else b
    return Lanes(like.builder, like.builder.select(condition.value, like.of(a).value, like.of(b).value))


def at_most(v, limit):
    """The smaller of both; NaN stays NaN."""
    return select(v.of(limit) < v, limit, v)


def at_least(v, limit):
    """The larger of both; NaN stays NaN."""
    return select(v.of(limit) > v, limit, v)


def with_sign_of(magnitude, v):
    """The magnitude with the sign of v, that of -0.0 included."""
    return magnitude._call("llvm.copysign", magnitude, v)


def where_rare(condition, careful, value):
    """`value`, and where the condition holds `careful()`, behind a branch that is taken if any lane needs it."""
    builder, count = value.builder, value.value.type.count
    any_lane = builder.icmp_unsigned(
        "!=", builder.bitcast(condition.value, ir.IntType(count)), ir.Constant(ir.IntType(count), 0)
    )
    before = builder.block
    with builder.if_then(any_lane, likely=False):
        replaced = select(condition, careful(), value).value
        rare = builder.block
    phi = builder.phi(value.value.type)
    phi.add_incoming(value.value, before)
    phi.add_incoming(replaced, rare)
    return Lanes(builder, phi)


def horner(x, coefficients):
    """The polynomial with these coefficients, lowest power first."""
    total = x.of(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = multiply_add(total, x, c)
    return total


def estrin(x, coefficients):
    """`horner` in another order: neighbours are paired, level by level; fewer operations wait for each other."""
    terms = [x.of(c) for c in coefficients]
    while len(terms) > 1:
        paired = [multiply_add(high, x, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = paired + terms[2 * len(paired) :]
        x = x * x
    return terms[0]


def one_by_one(name, v):
    """The C library's function, one lane after the other: for where nothing better is at hand."""
    builder, kind = v.builder, v.value.type
    scalar = ir.FunctionType(kind.element, [kind.element])
    function = cgutils.get_or_insert_function(builder.module, scalar, f"llvm.{name}.f{v.width}")
    place = cgutils.alloca_once(builder, kind)
    builder.store(v.value, place)
    numbers = builder.bitcast(place, kind.element.as_pointer())
    with cgutils.for_range(builder, ir.IntType(64)(kind.count)) as lane:
        here = builder.gep(numbers, [lane.index])
        builder.store(builder.call(function, [builder.load(here)]), here)
    return Lanes(builder, builder.load(place))
