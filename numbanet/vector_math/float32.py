"""exp, log, tanh, sigmoid and silu in float32 arithmetic: functions of `Lanes`, at most 1 unit in the last place off.

An argument is reduced as in Cody and Waite, Software Manual for the Elementary Functions, and Muller, Elementary
Functions: subtracting n ln 2, with ln 2 in two parts, is exact but for the second part, which is kept aside. The rest
is a polynomial, the one with the least maximal relative error on the reduced interval: Remez's algorithm, where one
coefficient after the other was rounded to float32 and the others were fitted again.

Denormals, infinities, NaN and what overflows take a branch that a vector without them does not enter.
"""

import math

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
SHIFT, SHIFT_BITS = 1.5 * 2.0**23, 0x4B400000  # adding it rounds to an integer, which stands in the last bits
ONE_BITS, SQRT_HALF_BITS = 0x3F800000, 0x3F3504F3

EXP = (0.4999999403953552, 0.1666652262210846, 0.041668184101581573, 0.00836851168423891, 0.0013827020302414894)
"""(exp(r) - 1 - r) / r**2 for abs(r) <= ln(2) / 2."""

LOG = (
    0.3333333134651184, -0.250008225440979, 0.20001260936260223, -0.16623330116271973, 0.14200939238071442,
    -0.13159574568271637, 0.12767140567302704, -0.07643203437328339,
)  # fmt: skip
"""(log(1 + f) - f + f**2 / 2) / f**3 for 1 + f from sqrt(1/2) to sqrt(2)."""

TANH = (
    -0.3333330750465393, 0.1333252489566803, -0.05388959124684334, 0.02151229977607727, -0.007981103844940662,
    0.0023253385443240404, -0.0003649650316219777,
)  # fmt: skip
"""(tanh(x) - x) / x**3 as a polynomial of x**2, for abs(x) <= 1."""


def _reduced_exp(v):
    """(shifted, r, tail): e**v = 2**n * (1 + r + tail), and n stands in the last bits of `shifted`; r is exact."""
    shifted = multiply_add(v, LOG2_E, SHIFT)
    n = shifted - SHIFT
    r = multiply_add(n, -LN_2, v)
    rest = n * -LN_2_REST
    near = r + rest
    return shifted, r, multiply_add(near * near, horner(near, EXP), rest)


def _power_of_2(n):
    """2**n from n in the last bits."""
    return ((n << 23) + ONE_BITS).as_real()


def _exp_everywhere(v):
    shifted, r, tail = _reduced_exp(at_least(at_most(v, 90.0), -110.0))
    n = shifted.bits() - SHIFT_BITS
    half = n >> 1  # 2**n itself may be no float32
    return (1.0 + (r + tail)) * _power_of_2(half) * _power_of_2(n - half)


def exp(v):
    shifted, r, tail = _reduced_exp(v)
    y = ((1.0 + (r + tail)).bits() + (shifted.bits() << 23)).as_real()
    return where_rare(~(abs(v) < 87.0), lambda: _exp_everywhere(v), y)


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


def tanh(v):
    a = abs(v)
    limited = at_most(a, 10.0)
    shifted, r, tail = _reduced_exp(limited + limited)
    s = _power_of_2(shifted.bits())
    y = 1.0 - 2.0 / multiply_add(s, r + tail, s + 1.0)
    z = v * v
    series = multiply_add(a * z, horner(z, TANH), a)
    return copysign(select(a < 1.0, series, y), v)


def _one_plus_exp(v, exponent=0):
    """(high, low), whose sum is (1 + e**v) * 2**exponent: high is rounded, low is what that lost."""
    shifted, r, tail = _reduced_exp(v)
    s, one = _power_of_2(shifted.bits() + exponent), 2.0**exponent
    high = multiply_add(s, r + tail, s + one)
    return high, multiply_add(s, tail, multiply_add(s, r, (s - high) + one))


def _quotient(v, w, exponent=0):
    """v / ((1 + e**-w) * 2**exponent); the remainder of a first quotient corrects it."""
    high, low = _one_plus_exp(-w, exponent)
    inverse = 1.0 / high
    q = v * inverse
    return multiply_add(inverse, multiply_add(-low, q, multiply_add(-high, q, v)), q)


def sigmoid(v):
    def everywhere():
        return _quotient(v.of(1.0), at_least(at_most(v, 30.0), -110.0), -32) * 2.0**-32

    return where_rare(~(abs(v) < 85.0), everywhere, _quotient(v.of(1.0), v))


def silu(v):
    def everywhere():
        limited = at_least(at_most(v, 30.0), -110.0)
        return select(v > 30.0, v, _quotient(limited, limited, -32) * 2.0**-32)

    return copysign(where_rare(~(abs(v) < 85.0), everywhere, _quotient(v, v)), v)
