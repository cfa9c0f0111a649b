"""`Lanes`: numbers under construction. A Python function of them says what is computed, once for every build.

`exp(v)` written with `+`, `*`, `select` and `multiply_add` is called with a `Lanes`, and every operation in it appends
an instruction: a vector instruction of LLVM where `v` is of `llvm_lanes`, a statement of C where it is of
`aot.c_lanes`. Both run the same operations in the same order, so they give the same bytes.

Numbers take the type of the lanes beside them. `multiply_add` rounds once, and the functions lean on that for their
last half unit.
"""


class Lanes:
    """Real numbers, integers or truth values. A build says how each operation is written.

    It defines `width`, the bits of a number; `of`, `_operate`, `_compare`, `_select`, `_where_rare` and `_one_by_one`;
    and the conversions `bits`, `as_real`, `double` and `single`.
    """

    __slots__ = ()

    def __add__(self, other):
        return self._operate("add", self, other)

    def __sub__(self, other):
        return self._operate("sub", self, other)

    def __rsub__(self, other):
        return self._operate("sub", other, self)

    def __mul__(self, other):
        return self._operate("mul", self, other)

    def __truediv__(self, other):
        return self._operate("div", self, other)

    def __rtruediv__(self, other):
        return self._operate("div", other, self)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self._operate("neg", self)

    def __abs__(self):
        return self._operate("fabs", self)

    def __lshift__(self, count):
        return self._operate("shl", self, count)

    def __rshift__(self, count):
        """Shifted right, filled with the sign."""
        return self._operate("ashr", self, count)

    def __and__(self, other):
        return self._operate("and_", self, other)

    def __or__(self, other):
        return self._operate("or_", self, other)

    def __xor__(self, other):
        return self._operate("xor", self, other)

    def __invert__(self):
        return self._operate("not_", self)

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
        return self._compare("!=", self)


def multiply_add(a, b, c):
    """a * b + c, rounded once; `a` is lanes."""
    return a._operate("fma", a, b, c)


def select(condition, a, b):
    """a where the condition holds, b elsewhere; at least one is lanes of numbers."""
    like = a if isinstance(a, Lanes) else b
    return like._select(condition, like.of(a), like.of(b))


def at_most(v, limit):
    """The smaller of both; NaN stays NaN."""
    return select(v.of(limit) < v, limit, v)


def at_least(v, limit):
    """The larger of both; NaN stays NaN."""
    return select(v.of(limit) > v, limit, v)


def copysign(magnitude, v):
    """The magnitude with the sign of v, that of -0.0 included."""
    return magnitude._operate("copysign", magnitude, v)


def where_rare(condition, careful, value):
    """`value`, and where the condition holds `careful()`, which costs next to nothing while it holds nowhere."""
    return value._where_rare(condition, careful)


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
    return v._one_by_one(name)
