"""`CLanes`: C under construction. Functions of `Lanes` become statements about one number, for the body of a loop.

The C compiler makes vectors of that loop: every operation is one that vectors have, choices included. What `where_rare`
guards would so be computed for every element. A `Trace` writes one of two functions instead: the quick one leaves it
out and notes where it was needed, the careful one computes it and chooses.
"""

import math
import re
import struct

from numbanet.vector_math.lanes import Lanes, select

TYPES = {"f4": "float", "f8": "double", "i4": "uint32_t", "i8": "uint64_t", "bool": "_Bool"}
"""The types of variables in C. Integers have no sign, so that sums and shifts may overflow."""

_OPERATORS = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}", "and_": "{} & {}",
    "or_": "{} | {}", "xor": "{} ^ {}", "not_": "!{}", "shl": "{} << {}", "ashr": "shifted_right_{kind}({}, {})",
}  # fmt: skip
"""Other operations are called as in math.h."""

_VARIABLE = re.compile(r"t\d+@")


class Trace:
    """The statements of a function of numbers. The names of variables end in @, in place of a stream's number.

    Parameters
    ----------
    careful : bool
        Whether what is needed rarely is computed too; else `rare` has the conditions.
    """

    def __init__(self, careful):
        self.careful = careful
        self.rare = []
        self._statements = []

    def argument(self, kind, position):
        """The lanes of the operand at this position."""
        return CLanes(self, kind, f"x{position}@")

    def assign(self, kind, expression):
        """A new variable with this value."""
        name = f"t{len(self._statements)}@"
        self._statements.append((name, f"const {TYPES[kind]} {name} = {expression};"))
        return CLanes(self, kind, name)

    def statements_for(self, *results, streams=1):
        """The statements that variables need, in order: for as many numbers side by side, statement by statement."""
        needed, kept = set(results), []
        for name, statement in reversed(self._statements):
            if name in needed:
                needed.update(_VARIABLE.findall(statement))
                kept.append(statement)
        return [in_stream(statement, k) for statement in reversed(kept) for k in range(streams)]


def in_stream(text, number):
    """A piece of C with the variables of a stream."""
    return text.replace("@", f"_{number}")


class CLanes(Lanes):
    """A variable or a constant of C: `name`, of the type `TYPES[kind]`."""

    __slots__ = ("kind", "name", "trace")

    def __init__(self, trace, kind, name):
        self.trace = trace
        self.kind = kind
        self.name = name

    @property
    def width(self):
        """The bits of a number."""
        return 8 * int(self.kind[1])

    def of(self, number):
        """`number` in the type of these lanes, unless it is lanes already."""
        return number if isinstance(number, Lanes) else CLanes(self.trace, self.kind, _literal(self.kind, number))

    def _operate(self, name, *operands):
        names = [self.of(x).name for x in operands]
        call = f"{name}f" if self.kind == "f4" else name
        pattern = _OPERATORS.get(name) or f"{call}({', '.join(names)})"
        return self.trace.assign(self.kind, pattern.format(*names, kind=self.kind))

    def _compare(self, sign, other):
        return self.trace.assign("bool", f"{self.name} {sign} {self.of(other).name}")

    def _select(self, condition, a, b):
        return self.trace.assign(self.kind, f"{condition.name} ? {a.name} : {b.name}")

    def _where_rare(self, condition, careful):
        if self.trace.careful:
            return select(condition, careful(), self)
        self.trace.rare.append(condition.name)
        return self

    def _one_by_one(self, name):
        return self._operate(name, self)

    def bits(self):
        """The bits of a real number, as an integer."""
        return self.trace.assign(f"i{self.kind[1]}", f"bits_of_{self.kind}({self.name})")

    def as_real(self):
        """The real number that has these bits."""
        kind = f"f{self.kind[1]}"
        return self.trace.assign(kind, f"{kind}_of_bits({self.name})")

    def double(self):
        """The number in double precision."""
        return self if self.kind == "f8" else self.trace.assign("f8", f"(double){self.name}")

    def single(self):
        """The number rounded to single precision."""
        return self.trace.assign("f4", f"(float){self.name}")


def _literal(kind, number):
    """A number as C writes it: exactly."""
    if kind in ("i4", "i8"):
        return f"UINT{8 * int(kind[1])}_C({number:#x})"
    if math.isnan(number):
        return "NAN"
    rounded = struct.unpack("f", struct.pack("f", number))[0] if kind == "f4" else float(number)
    text = str(abs(rounded)).replace("inf", "INFINITY")
    suffix = "f" if kind == "f4" and math.isfinite(rounded) else ""
    return f"-{text}{suffix}" if math.copysign(1, rounded) < 0 else text + suffix
