"""Functions in float32 arithmetic: functions of `Lanes`, at most 1 unit in the last place off.

An argument is reduced as in Cody and Waite, Software Manual for the Elementary Functions, and Muller, Elementary
Functions: subtracting n ln 2, with ln 2 in two parts, is exact but for the second part, which is kept aside. The rest
is a polynomial, the one with the least maximal relative error on the reduced interval: Remez's algorithm, where one
coefficient after the other was rounded to float32 and the others were fitted again.

Denormals, infinities, NaN and what overflows take a branch that a vector without them does not enter.
"""

import math

from numbanet.vector_math import float64
from numbanet.vector_math.lanes import (
    at_least,
    at_most,
    copysign,
    estrin,
    horner,
    multiply_add,
    select,
    where_rare,
)  # fmt: skip

LOG2_E = 1.4426950408889634
LN_2, LN_2_REST = 0.693147182464599609375, -1.904654323148236e-09  # 21 bits, so that n * LN_2 loses nothing
LN_2_SHORT, LN_2_SHORT_REST = 0.693145751953125, 1.42860682030941723e-06
MODERATE = 87.0  # e**v is a normal number for smaller magnitudes of v
SHIFT, SHIFT_BITS = 1.5 * 2.0**23, 0x4B400000  # adding it rounds to an integer, which stands in the last bits
ONE_BITS, SQRT_HALF_BITS, THREE_QUARTERS_BITS = 0x3F800000, 0x3F3504F3, 0x3F400000
LOG2_E_HIGH, LOG2_E_LOW = 1.4426950216293335, 1.925963033500011e-08
PI_HALF = (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15)

EXP = (0.4999999403953552, 0.1666652262210846, 0.041668184101581573, 0.00836851168423891, 0.0013827020302414894)
"""(exp(r) - 1 - r) / r**2 for abs(r) <= ln(2) / 2."""

EXPM1 = (
    0.5, 0.16666635870933533, 0.041666511446237564, 0.008341518230736256, 0.001393056707456708, 0.00015013731899671257,
)  # fmt: skip
"""The same, fitted to the relative error of exp(r) - 1."""

LOG = (
    0.3333333134651184, -0.250008225440979, 0.20001260936260223, -0.16623330116271973, 0.14200939238071442,
    -0.13159574568271637, 0.12767140567302704, -0.07643203437328339,
)  # fmt: skip
"""(log(1 + f) - f + f**2 / 2) / f**3 for 1 + f from sqrt(1/2) to sqrt(2)."""

LOG2 = (
    -0.7213473320007324, 0.4808989465236664, -0.3607000708580017, 0.2885221838951111, -0.23948144912719727,
    0.20541588962078094, -0.1931133270263672, 0.18174907565116882, -0.0993478074669838,
)  # fmt: skip
"""(log2(1 + f) / f - log2(e)) / f for 1 + f from sqrt(1/2) to sqrt(2)."""

LOG1P = (
    -0.5, 0.33333462476730347, -0.2500019371509552, 0.19990351796150208, -0.1664247065782547, 0.14475956559181213,
    -0.1321249008178711, 0.10596847534179688, -0.046070560812950134,
)  # fmt: skip
"""(log(1 + f) - f) / f**2 for 1 + f from 3/4 to 3/2."""

SIN = (-0.1666666716337204, 0.008333379402756691, -0.00019853025150950998, 2.8317181204329245e-06)
"""(sin(x) - x) / x**3 as a polynomial of x**2, for abs(x) <= pi / 4."""

COS = (-0.5, 0.04166664555668831, -0.0013887304812669754, 2.4431425117654726e-05)
"""(cos(x) - 1) / x**2 likewise."""

TANH = (
    -0.3333330750465393, 0.1333252489566803, -0.05388959124684334, 0.02151229977607727, -0.007981103844940662,
    0.0023253385443240404, -0.0003649650316219777,
)  # fmt: skip
"""(tanh(x) - x) / x**3 as a polynomial of x**2, for abs(x) <= 1."""


def reduced_exp(v, low=None, series=EXP):
    """(shifted, r, tail): e**(v + low) = 2**n * (1 + r + tail), n in the last bits of `shifted`; r is exact."""
    shifted = multiply_add(v, LOG2_E, SHIFT)
    n = shifted - SHIFT
    r = multiply_add(n, -LN_2, v)
    rest = n * -LN_2_REST if low is None else multiply_add(n, -LN_2_REST, low)
    near = r + rest
    return shifted, r, multiply_add(near * near, horner(near, series), rest)


def power_of_2(n):
    """2**n from n in the last bits."""
    return ((n << 23) + ONE_BITS).as_real()


def exp_everywhere(v):
    """exp(v), whatever v is."""
    shifted, r, tail = reduced_exp(at_least(at_most(v, 90.0), -110.0))
    n = shifted.bits() - SHIFT_BITS
    half = n >> 1  # 2**n itself may be no float32
    return (1.0 + (r + tail)) * power_of_2(half) * power_of_2(n - half)


def exp_of_moderate(v):
    """exp(v) for abs(v) < MODERATE."""
    shifted, r, tail = reduced_exp(v)
    return ((1.0 + (r + tail)).bits() + (shifted.bits() << 23)).as_real()


def exp(v):
    return where_rare(~(abs(v) < MODERATE), lambda: exp_everywhere(v), exp_of_moderate(v))


def _log_of_normal(v, less=0.0):
    """log(v) - less * ln 2."""
    bits = v.bits() + (ONE_BITS - SQRT_HALF_BITS)
    n = ((bits >> 23) | 0x4B000000).as_real() - (2.0**23 + 127) - less  # the exponent made the last bits of 2**23
    f = ((bits & 0x7FFFFF) + SQRT_HALF_BITS).as_real() - 1.0
    y = multiply_add(f * f, multiply_add(f, estrin(f, LOG), -0.5), multiply_add(n, LN_2_SHORT_REST, f))
    return multiply_add(n, LN_2_SHORT, y)


def log(v):
    def everywhere():
        denormal = v < 2.0**-126
        y = _log_of_normal(select(denormal, v * 2.0**23, v), select(denormal, v.of(23.0), 0.0))
        y = select(v > 0.0, y, select(v.equals(0.0), v.of(-math.inf), math.nan))
        return select(v < math.inf, y, select(v > 0.0, v, y))

    return where_rare(~((v >= 2.0**-126) & (v < math.inf)), everywhere, _log_of_normal(v))


def expm1_pair(v):
    """(high, low), whose sum is e**v - 1, for abs(v) < MODERATE."""
    shifted, r, tail = reduced_exp(v, series=EXPM1)
    s = power_of_2(shifted.bits())
    less = s - 1.0
    high = multiply_add(s, r, less)
    return high, multiply_add(s, tail, multiply_add(s, r, less - high)) + ((s - less) - 1.0)


def expm1(v):
    def everywhere():
        return select(v > 0.0, exp_everywhere(v), select(v.is_nan(), v, -1.0))

    high, low = expm1_pair(v)
    return where_rare(~(abs(v) < 87.0), everywhere, copysign(high + low, v))


def log2(v):
    def of_normal(w, less=0.0):
        bits = w.bits() + (ONE_BITS - SQRT_HALF_BITS)
        n = ((bits >> 23) | 0x4B000000).as_real() - (2.0**23 + 127) - less
        f = ((bits & 0x7FFFFF) + SQRT_HALF_BITS).as_real() - 1.0
        rest = multiply_add(f, horner(f, LOG2), LOG2_E_LOW)
        return n + multiply_add(f, LOG2_E_HIGH, f * rest)

    def everywhere():
        denormal = v < 2.0**-126
        y = of_normal(select(denormal, v * 2.0**23, v), select(denormal, v.of(23.0), 0.0))
        y = select(v > 0.0, y, select(v.equals(0.0), v.of(-math.inf), math.nan))
        return select(v < math.inf, y, select(v > 0.0, v, y))

    return where_rare(~((v >= 2.0**-126) & (v < math.inf)), everywhere, of_normal(v))


def _log1p_sum(p, f, low):
    """p + log(1 + f) + low, where p is 0 or not less than f."""
    high = p + f
    return high + multiply_add(f * f, horner(f, LOG1P), ((p - high) + f) + low)


def log1p(v):
    """The power of 2 that takes 1 + v to between 3/4 and 3/2 is taken from v and from 1, so that nothing is lost."""

    def everywhere():
        return select(v > 0.0, log(v), select(v.equals(-1.0), v.of(-math.inf), math.nan))

    bits = (1.0 + v).bits() + (ONE_BITS - THREE_QUARTERS_BITS)
    n = ((bits >> 23) | 0x4B000000).as_real() - (2.0**23 + 127)
    scale = (2 * ONE_BITS - (bits & 0x7F800000)).as_real()
    f = multiply_add(v, scale, scale - 1.0)
    y = _log1p_sum(n * LN_2_SHORT, f, n * LN_2_SHORT_REST)
    return where_rare(~((v > -1.0) & (v < 2.0**126)), everywhere, copysign(y, v))


def softplus(v):
    """max(v, 0) + log(1 + e**-abs(v)), where e**-abs(v) is known to more than float32 holds."""

    def everywhere():
        return select(v > 0.0, v, exp_everywhere(v))

    shifted, r, tail = reduced_exp(-abs(v))
    s = power_of_2(shifted.bits())
    e = multiply_add(s, r + tail, s)
    e_low = multiply_add(s, tail, multiply_add(s, r, s - e))
    halved = e > 0.5
    f = select(halved, multiply_add(e, 0.5, -0.5), e)
    ln_2, positive = select(halved, v.of(LN_2_SHORT), 0.0), at_least(v, 0.0)
    p = positive + ln_2
    low = multiply_add(e_low, multiply_add(e, -0.5, 1.0), select(halved, v.of(LN_2_SHORT_REST), 0.0))
    y = _log1p_sum(p, f, ((ln_2 - p) + positive) + low)
    return where_rare(~(abs(v) < 87.0), everywhere, y)


def _sine(v, quarter_turns):
    """sin(v + quarter_turns * pi / 2), for abs(v) < 2**15.

    v is n pi / 2 + r + low; where n is odd, the cosine is asked for. Both are b + b * z * polynomial(z) + low * slope.
    """
    shifted = multiply_add(v, 2 / math.pi, SHIFT)
    n, quadrant = shifted - SHIFT, shifted.bits() + quarter_turns
    first = multiply_add(n, -PI_HALF[0], v)
    second = n * -PI_HALF[1]
    r = first + second
    low = ((first - r) + second) + multiply_add(n, -PI_HALF[2], multiply_add(n, -PI_HALF[1], -second))
    z, odd = r * r, (quadrant & 1).equals(1)
    b = select(odd, v.of(1.0), r)
    leading, *others = (select(odd, v.of(c), s) for s, c in zip(SIN, COS, strict=True))
    step = b * z
    high = multiply_add(step, leading, b)
    rest = multiply_add(step, leading, b - high) + select(odd, -(r * low), low)
    y = high + multiply_add(step * z, horner(z, others), rest)
    return (y.bits() ^ ((quadrant & 2) << 30)).as_real()


def sin(v):
    y = select(abs(v) < 2.0**-12, v, _sine(v, 0))
    return where_rare(~(abs(v) < 2.0**15), lambda: float64.sin(v.double()).single(), y)


def cos(v):
    return where_rare(~(abs(v) < 2.0**15), lambda: float64.cos(v.double()).single(), _sine(v, 1))


def tanh(v):
    a = abs(v)
    limited = at_most(a, 10.0)
    shifted, r, tail = reduced_exp(limited + limited)
    s = power_of_2(shifted.bits())
    y = 1.0 - 2.0 / multiply_add(s, r + tail, s + 1.0)
    z = v * v
    series = multiply_add(a * z, horner(z, TANH), a)
    return copysign(select(a < 1.0, series, y), v)


def _one_plus_exp(v, exponent=0):
    """(high, low), whose sum is (1 + e**v) * 2**exponent: high is rounded, low is what that lost."""
    shifted, r, tail = reduced_exp(v)
    s, one = power_of_2(shifted.bits() + exponent), 2.0**exponent
    high = multiply_add(s, r + tail, s + one)
    return high, multiply_add(s, tail, multiply_add(s, r, (s - high) + one))


def quotient(v, w, exponent=0):
    """v / ((1 + e**-w) * 2**exponent); the remainder of a first quotient corrects it."""
    high, low = _one_plus_exp(-w, exponent)
    inverse = 1.0 / high
    q = v * inverse
    return multiply_add(inverse, multiply_add(-low, q, multiply_add(-high, q, v)), q)


def sigmoid(v):
    def everywhere():
        return quotient(v.of(1.0), at_least(at_most(v, 30.0), -110.0), -32) * 2.0**-32

    return where_rare(~(abs(v) < 85.0), everywhere, quotient(v.of(1.0), v))


def silu(v):
    def everywhere():
        limited = at_least(at_most(v, 30.0), -110.0)
        return select(v > 30.0, v, quotient(limited, limited, -32) * 2.0**-32)

    return copysign(where_rare(~(abs(v) < 85.0), everywhere, quotient(v, v)), v)
