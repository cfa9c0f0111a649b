"""Activations and gradients of activations, in the arithmetic of their arguments.

A gradient is what comes from behind times the slope, which is at most 1.5 units in the last place of 1 off; where
nothing cancels, as far below 0, its digits are right as well.
"""

import math

from numbanet.vector_math import float32, float64
from numbanet.vector_math.lanes import at_least, at_most, copysign, multiply_add, select, where_rare

SELU = {32: (1.0507009029388428, 8.441663768010699e-08), 64: (1.0507009873554805, 0.0)}
"""By the width of numbers, the scale of selu, rounded down, and what it lacks."""

SELU_BELOW = {32: (1.7580993175506592, 2.3296717501556057e-08), 64: (1.7580993408473766, 5.75014648756476e-17)}
"""The same, times alpha."""

LARGEST = {32: (30.0, -110.0, 32), 64: (60.0, -760.0, 128)}
"""Above the first, 1 + e**-w is 1; below the second, 1 / (1 + e**-w) is 0; 2**-third keeps numbers between finite."""

TANH_SLOPE, TANH_CUBE = 2.0 * math.sqrt(2.0 / math.pi), 2.0 * math.sqrt(2.0 / math.pi) * 0.044715
"""gelu_tanh(x) is x * sigmoid(TANH_SLOPE * x + TANH_CUBE * x**3)."""


def maths_of(v):
    """The module that has exp and its kin for these numbers."""
    return float32 if v.width == 32 else float64


def _slope_of_product(v, w, inner):
    """The slope of v * sigmoid(w), where `inner` is v times the slope of w; at infinity its limit."""
    of = maths_of(v)

    def slope(e):
        """p + inner * p * q, where p and q are sigmoid(w) and sigmoid(-w), and e is exp(-abs(w))."""
        near = 1.0 / (e + 1.0)
        far = e * near
        return multiply_add(inner * far, near, select(w > 0.0, near, far))

    def everywhere():
        e = of.exp_everywhere(-abs(w))
        return select(e.equals(0.0), select(v > 0.0, v.of(1.0), 0.0), slope(e))

    return where_rare(~(abs(w) < of.MODERATE), everywhere, slope(of.exp_of_moderate(-abs(w))))


def sigmoid_gradient(g, y):
    return g * y * (1.0 - y)


def tanh_gradient(g, y):
    return g * (1.0 - y * y)


def softplus_gradient(g, v):
    return g * maths_of(v).sigmoid(v)


def silu_gradient(g, v):
    return g * _slope_of_product(v, v, v)


def gelu_tanh(v):
    of, (largest, least, exponent) = maths_of(v), LARGEST[v.width]
    w = v * multiply_add(v * v, TANH_CUBE, TANH_SLOPE)

    def everywhere():
        limited = at_least(at_most(w, largest), least)
        y = of.quotient(at_least(v, -50.0), limited, -exponent) * 2.0**-exponent
        return select(w > largest, v, y)

    return copysign(where_rare(~(abs(w) < 85.0), everywhere, of.quotient(v, w)), v)


def gelu_tanh_gradient(g, v):
    z = v * v
    w = v * multiply_add(z, TANH_CUBE, TANH_SLOPE)
    return g * _slope_of_product(v, w, v * multiply_add(z, 3.0 * TANH_CUBE, TANH_SLOPE))


def elu(v, alpha):
    return select(v > 0.0, v, alpha * maths_of(v).expm1(at_most(v, 0.0)))


def elu_gradient(g, v, alpha):
    return select(v > 0.0, g, g * (alpha * maths_of(v).exp(at_most(v, 0.0))))


def selu(v):
    of, (scale, scale_low), (below, below_low) = maths_of(v), SELU[v.width], SELU_BELOW[v.width]
    w = at_most(v, 0.0)
    high, low = of.expm1_pair(w)
    y = high * below
    rest = multiply_add(high, below, -y)
    y = y + multiply_add(low, below, multiply_add(high, below_low, rest))
    y = where_rare(~(w > -of.MODERATE), lambda: select(w.is_nan(), w, -below), copysign(y, v))
    above = multiply_add(v, scale, v * scale_low) if scale_low else v * scale
    return select(v > 0.0, above, y)


def selu_gradient(g, v):
    slope = maths_of(v).exp(at_most(v, 0.0)) * SELU_BELOW[v.width][0]
    return g * select(v > 0.0, v.of(sum(SELU[v.width])), slope)
