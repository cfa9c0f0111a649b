"""The error function in float32 arithmetic, at most 0.95 units in the last place off, and gelu for float32.

gelu is computed in double precision and rounded once. The complement erfc(a) for a >= 0 is exp(-a**2) times a smooth
factor, which is a polynomial of (a - 3) / (a + 3) over a + 3, with a relative error of 2**-34: enough for float32, not
for float64, whose naive loop stays. All polynomials were fitted by Remez's algorithm.
"""

from numbanet.vector_math.float32 import ONE_BITS, SHIFT
from numbanet.vector_math.float64 import exp
from numbanet.vector_math.lanes import at_least, at_most, copysign, horner, multiply_add, select

ERF = (
    0.12837916612625122, -0.3761262595653534, 0.11283578723669052, -0.026853347197175026, 0.005187162198126316,
    -0.0007997853099368513, 7.806903158780187e-05,
)  # fmt: skip
"""erf(x) / x - 1 as a polynomial of x**2, for abs(x) <= 1."""

LOG2_COMPLEMENT = (
    0.0, -1.6280461549758911, -0.9173323512077332, -0.15162253379821777, 0.03287340700626373, -0.004592269193381071,
    0.0003032275417353958,
)  # fmt: skip
"""log2(erfc(x)) for x from 1 to 4."""

EXP2 = (
    1.0, 0.6931472420692444, 0.24022655189037323, 0.05550272762775421, 0.009617060422897339, 0.001341774594038725,
    0.00015827316383365542,
)  # fmt: skip
"""2**r for abs(r) <= 1/2."""

FACTOR = (
    1.0740069070850982, -0.8833944538838048, 0.5902283580493181, -0.31046722391430076, 0.11952774302040252,
    -0.026827814574073117, -0.0012124804319231072, 0.00303778152580654, -0.0005460514434415498,
    -0.00028725727250600037, 9.630614017848789e-05, 3.975048253701906e-05,
)  # fmt: skip
"""erfc(a) * exp(a**2) * (a + 3) as a polynomial of (a - 3) / (a + 3), for a from 0 to 10.3."""


def _complement(a):
    """erfc(a) for a >= 0; from 10.3 on it is less than float32 can hold."""
    a = at_most(a, 10.3)
    inverse = 1.0 / (a + 3.0)
    return exp(-(a * a)) * horner((a - 3.0) * inverse, FACTOR) * inverse


def erf(v):
    """In float32: x + x * polynomial(x**2) where abs(x) is small, and 1 - 2**polynomial(abs(x)) elsewhere."""
    a = at_most(abs(v), 4.0)  # erf(4) is rounded to 1
    small = a < 1.0
    w = select(small, v * v, a)
    first, *others = [select(small, v.of(s), c) for s, c in zip(ERF, LOG2_COMPLEMENT, strict=True)]
    slope = horner(w, others)
    series = multiply_add(w, slope, first)
    shifted = series + SHIFT
    r = multiply_add(w, slope, SHIFT - shifted)
    power = ((shifted.bits() << 23) + ONE_BITS).as_real()
    y = select(small, multiply_add(a, series, a), multiply_add(-horner(r, EXP2), power, 1.0))
    return copysign(y, v)


def gelu(v):
    x = at_least(v.double(), -14.5)
    below = _complement(abs(x) * 0.7071067811865476) * 0.5
    return (select(x > 0.0, 1.0 - below, below) * x).single()
