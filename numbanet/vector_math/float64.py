"""Functions in double precision: functions of `Lanes`, as those of `float32`, at most 1 unit in the last place off.

The logarithm, by s = f / (2 + f), is FDLIBM's; what is said of reductions and polynomials in `float32` holds here too.
Sine and cosine of large float32 numbers are computed here too, and rounded once.
"""

import math

from numbanet.vector_math.lanes import (
    at_least,
    at_most,
    copysign,
    estrin,
    multiply_add,
    one_by_one,
    select,
    where_rare,
)  # fmt: skip

LOG2_E = 1.4426950408889634
LN_2, LN_2_REST = 0.6931471805598903, 5.497923018708371e-14  # 42 bits, so that n * LN_2 loses nothing
MODERATE = 700.0  # e**v is a normal number for smaller magnitudes of v
SHIFT, SHIFT_BITS = 1.5 * 2.0**52, 0x4338000000000000  # adding it rounds to an integer, which stands in the last bits
ONE_BITS, SQRT_HALF_BITS, FRACTION = 0x3FF0000000000000, 0x3FE6A09E667F3BCD, 0xFFFFFFFFFFFFF

EXP = (
    0.16666666666666674, 0.04166666666666597, 0.00833333333332446, 0.0013888888889449322, 0.00019841269878173034,
    2.480158595664967e-05, 2.7557252108519283e-06, 2.755855315870746e-07, 2.5106472565576576e-08, 2.050563235401993e-09,
)  # fmt: skip
"""(exp(r) - 1 - r - r**2 / 2) / r**3 for abs(r) <= ln(2) / 2."""

LOG = (
    0.666666666666671, 0.3999999999954093, 0.28571428719103054, 0.22222200642128417, 0.1818346866025438,
    0.1531626873732056, 0.14775566629616138,
)  # fmt: skip
"""(log((1 + s) / (1 - s)) - 2 * s) / s**3 as a polynomial of s**2, for 1 + f from sqrt(1/2) to sqrt(2)."""

SIN = (
    -0.1666666666666664, 0.008333333333323959, -0.00019841269830772165, 2.755731396664404e-06, -2.5050794622511728e-08,
    1.589863272583135e-10,
)  # fmt: skip
"""(sin(x) - x) / x**3 as a polynomial of x**2, for abs(x) <= pi / 4."""

COS = (
    0.04166666666666665, -0.0013888888888881673, 2.4801587293630718e-05, -2.755731542816563e-07, 2.087585645956486e-09,
    -1.1365997552169695e-11,
)  # fmt: skip
"""(cos(x) - 1 + x**2 / 2) / x**4 likewise."""


def reduced_exp(v, low=None):
    """(shifted, r, tail): e**(v + low) = 2**n * (1 + r + tail), n in the last bits of `shifted`; r is exact."""
    shifted = multiply_add(v, LOG2_E, SHIFT)
    n = shifted - SHIFT
    r = multiply_add(n, -LN_2, v)
    rest = n * -LN_2_REST if low is None else multiply_add(n, -LN_2_REST, low)
    near = r + rest
    z = near * near
    return shifted, r, multiply_add(z, 0.5, multiply_add(z * near, estrin(near, EXP), rest))


def power_of_2(n):
    """2**n from n in the last bits."""
    return ((n << 52) + ONE_BITS).as_real()


def exp_everywhere(v):
    """exp(v), whatever v is."""
    shifted, r, tail = reduced_exp(at_least(at_most(v, 720.0), -760.0))
    n = shifted.bits() - SHIFT_BITS
    half = n >> 1  # 2**n itself may be no float64
    return (1.0 + (r + tail)) * power_of_2(half) * power_of_2(n - half)


def exp_of_moderate(v):
    """exp(v) for abs(v) < MODERATE."""
    shifted, r, tail = reduced_exp(v)
    return ((1.0 + (r + tail)).bits() + (shifted.bits() << 52)).as_real()


def exp(v):
    return where_rare(~(abs(v) < MODERATE), lambda: exp_everywhere(v), exp_of_moderate(v))


def _exp_of_negative(v):
    """(high, low), whose sum is e**v, for v from -700 to 0."""
    shifted, r, tail = reduced_exp(v)
    s = power_of_2(shifted.bits())
    high = multiply_add(s, r + tail, s)
    return high, multiply_add(s, tail, multiply_add(s, r, s - high))


def expm1_pair(v):
    """(high, low), whose sum is e**v - 1, for abs(v) < 700."""
    shifted, r, tail = reduced_exp(v)
    s = power_of_2(shifted.bits())
    less = s - 1.0
    high = multiply_add(s, r + tail, less)
    low = multiply_add(s, tail, multiply_add(s, r, less - high))
    return high, low + ((s - less) - 1.0)


def expm1(v):
    def everywhere():
        return select(v > 0.0, exp_everywhere(v), select(v.is_nan(), v, -1.0))

    high, low = expm1_pair(v)
    return where_rare(~(abs(v) < 700.0), everywhere, select(abs(v) < 2.0**-54, v, high + low))


def _parts(v, less=0.0):
    """(n, f) with v = 2**(n + less) * (1 + f), for a normal, finite, positive v."""
    bits = v.bits() + (ONE_BITS - SQRT_HALF_BITS)
    biased = ((bits >> 52) | 0x4330000000000000).as_real()  # the exponent made the last bits of 2**52
    return biased - (2.0**52 + 1023) - less, ((bits & FRACTION) + SQRT_HALF_BITS).as_real() - 1.0


def _log1p_small(f):
    """What log(1 + f) is less than f."""
    s = f / (f + 2.0)
    half_square = f * f * 0.5
    z = s * s
    return half_square - s * multiply_add(z, estrin(z, LOG), half_square)


def _log_sum(n, f, low=0.0):
    """n ln 2 + log(1 + f) + low."""
    lost = _log1p_small(f) - multiply_add(n, LN_2_REST, low)
    return multiply_add(n, LN_2, f - lost)


def _for_positive(v, logarithm):
    """`logarithm(v, less)`, which is right for normal numbers, for all."""

    def everywhere():
        denormal = v < 2.0**-1022
        y = logarithm(select(denormal, v * 2.0**54, v), select(denormal, v.of(54.0), 0.0))
        y = select(v > 0.0, y, select(v.equals(0.0), v.of(-math.inf), math.nan))
        return select(v < math.inf, y, select(v > 0.0, v, y))

    return where_rare(~((v >= 2.0**-1022) & (v < math.inf)), everywhere, logarithm(v, 0.0))


def log(v):
    return _for_positive(v, lambda w, less: _log_sum(*_parts(w, less)))


def log2(v):
    def logarithm(w, less):
        n, f = _parts(w, less)
        product = f * LOG2_E
        rest = multiply_add(f, LOG2_E, -product) + f * 2.0355273740931033e-17
        rest = multiply_add(_log1p_small(f), -LOG2_E, rest)
        total = n + product
        return total + (((n - total) + product) + rest)

    return _for_positive(v, logarithm)


def _log1p_of(v):
    """log(1 + v) for v > -1, finite."""
    u = 1.0 + v
    n, f = _parts(u)
    large = select(v > 1.0, v, 1.0)
    small = select(v > 1.0, v.of(1.0), v)
    return _log_sum(n, f, ((large - u) + small) / u)


def log1p(v):
    def everywhere():
        y = select(v.equals(-1.0), v.of(-math.inf), select(v.equals(math.inf), v, math.nan))
        return select(abs(v) <= 2.0**-54, v, y)

    ordinary = (v > -1.0) & (v < math.inf) & (abs(v) > 2.0**-54)
    return where_rare(~ordinary, everywhere, _log1p_of(v))


def softplus(v):
    """max(v, 0) + log(1 + e**-abs(v)): a sum of three, whose roundings are added up and put back."""

    def everywhere():
        return select(v > 0.0, v, exp_everywhere(v))

    e, e_low = _exp_of_negative(-abs(v))
    u = 1.0 + e
    n, f = _parts(u)
    lost = _log1p_small(f) - multiply_add(n, LN_2_REST, (((1.0 - u) + e) + e_low) / u)
    small = f - lost
    logarithm = multiply_add(n, LN_2, small)
    rest = (multiply_add(n, LN_2, -logarithm) + small) + ((f - small) - lost)
    positive = at_least(v, 0.0)
    total = positive + logarithm
    large, less = at_least(positive, logarithm), at_most(positive, logarithm)
    y = total + (((large - total) + less) + rest)
    y = select(v < -20.0, e + multiply_add(e * e, -0.5, e_low), y)
    return where_rare(~(abs(v) < 700.0), everywhere, y)


def tanh(v):
    a = at_most(abs(v), 20.0)
    high, low = expm1_pair(a + a)
    d = high + 2.0
    large, small = at_least(high, 2.0), at_most(high, 2.0)
    rest = ((large - d) + small) + low
    inverse = 1.0 / d
    q = high * inverse
    y = multiply_add(inverse, multiply_add(-rest, q, multiply_add(-d, q, high)) + low, q)
    return copysign(select(a < 2.0**-28, a, y), v)


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
        return quotient(v.of(1.0), at_least(at_most(v, 60.0), -760.0), -128) * 2.0**-128

    return where_rare(~(abs(v) < 700.0), everywhere, quotient(v.of(1.0), v))


def silu(v):
    def everywhere():
        limited = at_least(at_most(v, 60.0), -760.0)
        return select(v > 60.0, v, quotient(limited, limited, -128) * 2.0**-128)

    return copysign(where_rare(~(abs(v) < 700.0), everywhere, quotient(v, v)), v)


# pi / 2 in three parts
PI_HALF = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33)


def _quadrant(v):
    """(n in the last bits, r, low): v = n pi / 2 + r + low, for abs(v) < 2**20."""
    shifted = multiply_add(v, 2 / math.pi, SHIFT)
    n = shifted - SHIFT
    r = multiply_add(n, -PI_HALF[0], v)
    second = n * -PI_HALF[1]
    high = r + second
    low = ((r - high) + second) + multiply_add(n, -PI_HALF[2], multiply_add(n, -PI_HALF[1], -second))
    return shifted.bits(), high, low


def _sine_of(n, r, low):
    """sin(n pi / 2 + r + low) for n in the last bits."""
    z = r * r
    sine = multiply_add(z * r, estrin(z, SIN), multiply_add(z, low * -0.5, low)) + r
    half = z * 0.5
    top = 1.0 - half
    lost = (1.0 - top) - half
    cosine = top + (lost + multiply_add(z * z, estrin(z, COS), -(r * low)))
    y = select((n & 1).equals(1), cosine, sine)
    return (y.bits() ^ ((n & 2) << 62)).as_real()


def sin(v):
    n, r, low = _quadrant(v)
    y = select(abs(v) < 2.0**-27, v, _sine_of(n, r, low))
    return where_rare(~(abs(v) < 2.0**20), lambda: one_by_one("sin", v), y)


def cos(v):
    n, r, low = _quadrant(v)
    return where_rare(~(abs(v) < 2.0**20), lambda: one_by_one("cos", v), _sine_of(n + 1, r, low))
