"""Elementwise functions of calculus and of neural networks, one output position per input position.

Inputs and output are one-dimensional and contiguous. NaN in gives NaN out.
"""

import math
from math import inf

from numpy import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    copysign,
    cos,
    cosh,
    exp,
    expm1,
    log,
    log1p,
    log2,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)


def exponential(x, out, start, stop):
    for i in range(start, stop):
        out[i] = exp(x[i])


def exponential_minus_one(x, out, start, stop):
    for i in range(start, stop):
        out[i] = expm1(x[i])


def logarithm(x, out, start, stop):
    for i in range(start, stop):
        out[i] = log(x[i])


def logarithm_one_plus(x, out, start, stop):
    for i in range(start, stop):
        out[i] = log1p(x[i])


def logarithm_2(x, out, start, stop):
    for i in range(start, stop):
        out[i] = log2(x[i])


def logarithm_10(x, out, start, stop):
    for i in range(start, stop):
        out[i] = log10(x[i])


def logarithm_of_sum(x, y, out, start, stop):
    """log(exp(x) + exp(y)); the larger of the two is taken out, so that nothing overflows."""
    for i in range(start, stop):
        a = x[i]
        b = y[i]
        if a > b:
            out[i] = a + log1p(exp(b - a))
        elif (a == b) & (a - a != 0):
            out[i] = a  # infinities of one sign, whose difference would be NaN
        else:
            out[i] = b + log1p(exp(a - b))


def sine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = sin(x[i])


def cosine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = cos(x[i])


def tangent(x, out, start, stop):
    for i in range(start, stop):
        out[i] = tan(x[i])


def arc_sine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = arcsin(x[i])


def arc_cosine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = arccos(x[i])


def arc_tangent(x, out, start, stop):
    for i in range(start, stop):
        out[i] = arctan(x[i])


def arc_tangent_2(y, x, out, start, stop):
    for i in range(start, stop):
        out[i] = arctan2(y[i], x[i])


def hypotenuse(x, y, out, start, stop):
    """Scaled by the longer side, so that its square does not overflow; in double precision."""
    for i in range(start, stop):
        a = 0.0 + abs(x[i])
        b = 0.0 + abs(y[i])
        if (a == inf) | (b == inf):
            out[i] = inf
        elif a > b:
            out[i] = a * sqrt(1.0 + (b / a) * (b / a))
        elif b > 0.0:
            out[i] = b * sqrt(1.0 + (a / b) * (a / b))
        else:
            out[i] = a + b  # zero, or NaN


def with_sign_of(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = copysign(x[i], y[i])


def hyperbolic_sine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = sinh(x[i])


def hyperbolic_cosine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = cosh(x[i])


def hyperbolic_tangent(x, out, start, stop):
    for i in range(start, stop):
        out[i] = tanh(x[i])


def area_sine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = arcsinh(x[i])


def area_cosine(x, out, start, stop):
    for i in range(start, stop):
        out[i] = arccosh(x[i])


def area_tangent(x, out, start, stop):
    for i in range(start, stop):
        out[i] = arctanh(x[i])


def error_function(x, out, start, stop):
    for i in range(start, stop):
        out[i] = math.erf(x[i])


def relu(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        if v <= 0:
            out[i] = 0
        else:
            out[i] = v  # NaN stays NaN, which is not <= 0


def relu_gradient(g, x, out, start, stop):
    for i in range(start, stop):
        if x[i] > 0:
            out[i] = g[i]
        else:
            out[i] = 0  # also at 0


def sigmoid(x, out, start, stop):
    for i in range(start, stop):
        out[i] = 1 / (1 + exp(-x[i]))


def leaky_relu(x, negative_slope, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v if v > 0 else v * negative_slope[i]


def elu(x, alpha, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v if v > 0 else alpha[i] * expm1(v)


def silu(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v / (1 + exp(-v)) if v != -inf else 0  # -inf / inf would be NaN


def softplus(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = (v if v > 0 else 0) + log1p(exp(-abs(v))) if v == v else v  # exp never overflows


def gelu(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = 0.5 * v * math.erfc(-0.7071067811865476 * v) if v != -inf else 0  # erfc: no cancellation below 0
