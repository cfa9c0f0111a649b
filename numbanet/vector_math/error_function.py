"""The error function and gelu for float32, in double precision, rounded once: at most 0.51 units in the last place off.

The complement erfc(a) for a >= 0 is exp(-a**2) times a smooth factor, which is a polynomial of (a - 3) / (a + 3) over
a + 3; erf below 1, where 1 - erfc would cancel, is a polynomial. Both were fitted by Remez's algorithm, with relative
errors of 2**-34 and 2**-40: enough for float32, not for float64, whose naive loops stay.
"""

from numbanet.vector_math.float64 import exp
from numbanet.vector_math.lanes import at_least, at_most, copysign, horner, select

ERF = (
    1.128379167094586, -0.3761263888850661, 0.11283791285419614, -0.026866131412457084, 0.00522377641793968,
    -0.0008542489166347041, 0.00011954821074651621, -1.389871390142963e-05, 1.056300997901868e-06,
)  # fmt: skip
"""erf(x) / x as a polynomial of x**2, for abs(x) <= 1."""

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
    x = v.double()
    a = abs(x)
    y = select(a < 1.0, x * horner(x * x, ERF), copysign(1.0 - _complement(a), x))
    return select(v.is_nan(), v, y.single())


def gelu(v):
    x = at_least(v.double(), -14.5)
    below = _complement(abs(x) * 0.7071067811865476) * 0.5
    return (select(x > 0.0, 1.0 - below, below) * x).single()
