"""Elementwise functions of calculus and of neural networks, one output position per input position.

Inputs and output are one-dimensional and contiguous. NaN in gives NaN out.
"""

import math

import numpy as np


def exp(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.exp(x[i])


def expm1(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.expm1(x[i])


def log(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.log(x[i])


def log1p(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.log1p(x[i])


def log2(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.log2(x[i])


def log10(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.log10(x[i])


def logaddexp(x, y, out, start, stop):
    """log(exp(x) + exp(y)); the larger of the two is taken out, so that nothing overflows."""
    for i in range(start, stop):
        a = x[i]
        b = y[i]
        if a > b:
            out[i] = a + np.log1p(np.exp(b - a))
        elif (a == b) & (a - a != 0):
            out[i] = a  # infinities of one sign, whose difference would be NaN
        else:
            out[i] = b + np.log1p(np.exp(a - b))


def sin(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.sin(x[i])


def cos(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.cos(x[i])


def tan(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.tan(x[i])


def asin(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arcsin(x[i])


def acos(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arccos(x[i])


def atan(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arctan(x[i])


def atan2(y, x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arctan2(y[i], x[i])


def hypot(x, y, out, start, stop):
    """Scaled by the longer side, so that its square does not overflow; in double precision."""
    for i in range(start, stop):
        a = 0.0 + float(np.abs(x[i]))
        b = 0.0 + float(np.abs(y[i]))
        if (a == np.inf) | (b == np.inf):
            out[i] = np.inf
        elif a > b:
            out[i] = a * np.sqrt(1.0 + (b / a) * (b / a))
        elif b > 0.0:
            out[i] = b * np.sqrt(1.0 + (a / b) * (a / b))
        else:
            out[i] = a + b  # zero, or NaN


def copysign(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = np.copysign(x[i], y[i])


def sinh(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.sinh(x[i])


def cosh(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.cosh(x[i])


def tanh(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.tanh(x[i])


def asinh(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arcsinh(x[i])


def acosh(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arccosh(x[i])


def atanh(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.arctanh(x[i])


def erf(x, out, start, stop):
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
        out[i] = 1 / (1 + np.exp(-x[i]))


def leaky_relu(x, negative_slope, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v if v > 0 else v * negative_slope[i]


def elu(x, alpha, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v if v > 0 else alpha[i] * np.expm1(v)


def silu(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v / (1 + np.exp(-v)) if v != -np.inf else 0  # -inf / inf would be NaN


def softplus(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = (v if v > 0 else 0) + np.log1p(np.exp(-np.abs(v))) if v == v else v  # exp never overflows


def gelu(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = 0.5 * v * math.erfc(-0.7071067811865476 * v) if v != -np.inf else 0  # erfc: no cancellation below 0


def gelu_tanh(x, out, start, stop):
    """0.5 * v * (1 + tanh(w / 2)), written by what tanh is made of, so that nothing cancels."""
    for i in range(start, stop):
        v = x[i]
        w = 1.5957691216057308 * v * (1 + 0.044715 * v * v)
        out[i] = v / (1 + np.exp(-w)) if v != -np.inf else -0.0


def selu(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = 1.0507009873554805 * v if v > 0 else 1.7580993408473766 * np.expm1(v)


def sigmoid_gradient(g, y, out, start, stop):
    for i in range(start, stop):
        out[i] = g[i] * y[i] * (1 - y[i])


def tanh_gradient(g, y, out, start, stop):
    for i in range(start, stop):
        out[i] = g[i] * (1 - y[i] * y[i])


def softplus_gradient(g, x, out, start, stop):
    for i in range(start, stop):
        out[i] = g[i] * (1 / (1 + np.exp(-x[i])))


def leaky_relu_gradient(g, x, negative_slope, out, start, stop):
    for i in range(start, stop):
        out[i] = g[i] if x[i] > 0 else g[i] * negative_slope[i]


def elu_gradient(g, x, alpha, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = g[i] if v > 0 else g[i] * (alpha[i] * np.exp(v))


def selu_gradient(g, x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = g[i] * (1.0507009873554805 if v > 0 else 1.7580993408473766 * np.exp(v))


def silu_gradient(g, x, out, start, stop):
    """g * p * (1 + v * q) with p = sigmoid(v) and q = sigmoid(-v)."""
    for i in range(start, stop):
        v = x[i]
        e = np.exp(-v) if v > 0 else np.exp(v)
        if e == 0:
            out[i] = g[i] if v > 0 else 0 * g[i]  # v may be infinite
        elif v > 0:
            out[i] = g[i] * ((1 + v * (e / (1 + e))) / (1 + e))
        else:
            out[i] = g[i] * ((1 + v / (1 + e)) * (e / (1 + e)))


def gelu_gradient(g, x, out, start, stop):
    """g * (P(X <= v) + v * density(v)) for a standard normal X."""
    for i in range(start, stop):
        v = x[i]
        density = 0.3989422804014327 * math.exp(-0.5 * v * v)
        if density == 0:
            out[i] = g[i] if v > 0 else 0 * g[i]
        else:
            out[i] = g[i] * (0.5 * math.erfc(-0.7071067811865476 * v) + v * density)


def gelu_tanh_gradient(g, x, out, start, stop):
    """g * p * (1 + v * q * dw / dv) with p = sigmoid(w) and q = sigmoid(-w), and w as in gelu_tanh."""
    for i in range(start, stop):
        v = x[i]
        w = 1.5957691216057308 * v * (1 + 0.044715 * v * v)
        e = np.exp(-w) if v > 0 else np.exp(w)
        if e == 0:
            out[i] = g[i] if v > 0 else 0 * g[i]
        elif v > 0:
            slope = 1.5957691216057308 * (1 + 0.134145 * v * v)
            out[i] = g[i] * ((1 + v * slope * (e / (1 + e))) / (1 + e))
        else:
            slope = 1.5957691216057308 * (1 + 0.134145 * v * v)
            out[i] = g[i] * ((1 + v * slope / (1 + e)) * (e / (1 + e)))
