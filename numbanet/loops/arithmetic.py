"""Elementwise arithmetic, comparison and logic: one output position per input position.

Inputs and output are one-dimensional and contiguous; broadcasting has happened before. NaN in gives NaN out.
Conditions are joined by `|` and `&`: `or` and `and` jump over their second half, and a loop that jumps is not
vectorised by every compiler (maximum compiled ahead of time: 0.45 ns an element, 0.09 so).
"""

from operator import floordiv, lshift, mod, rshift

import numpy as np


def add(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] + y[i]


def subtract(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] - y[i]


def multiply(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] * y[i]


def divide(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] / y[i]


def floor_divide(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = floordiv(x[i], y[i])  # x // y


def remainder(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = mod(x[i], y[i])  # x % y


def pow(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] * x[i] if y[i] == 2 else x[i] ** y[i]  # squares are what powers mostly are: 20 times as fast


def pow_integers(x, y, out, start, stop):
    """Square and multiply (Knuth, The Art of Computer Programming, section 4.6.3); no exponent is negative."""
    for i in range(start, stop):
        base = np.int64(x[i])
        exponent = np.uint64(y[i])
        result = np.int64(1)
        while exponent > 0:
            if exponent & 1:
                result = result * base
            base = base * base
            exponent = exponent >> 1
        out[i] = result


def maximum(x, y, out, start, stop):
    for i in range(start, stop):
        a = x[i]
        b = y[i]
        out[i] = a if (a > b) | (a != a) else b  # a != a: NaN wins, as in NumPy


def minimum(x, y, out, start, stop):
    for i in range(start, stop):
        a = x[i]
        b = y[i]
        out[i] = a if (a < b) | (a != a) else b


def negative(x, out, start, stop):
    for i in range(start, stop):
        out[i] = -x[i]


def abs(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.abs(x[i])


def sign(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = 1 if v > 0 else (-1 if v < 0 else np.abs(v))  # 0 and NaN are their own sign; that of -0.0 is 0.0


def square(x, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] * x[i]


def sqrt(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.sqrt(x[i])


def rsqrt(x, out, start, stop):
    for i in range(start, stop):
        out[i] = 1 / np.sqrt(x[i])


def reciprocal(x, out, start, stop):
    for i in range(start, stop):
        out[i] = 1 / x[i]


def floor(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.floor(x[i])


def ceil(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.ceil(x[i])


def trunc(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.trunc(x[i])


def round(x, out, start, stop):
    for i in range(start, stop):
        out[i] = np.rint(x[i])


def isnan(x, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] != x[i]


def isinf(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = (v == v) & (v - v != v - v)  # infinity minus itself is NaN


def isinf_integers(x, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] != x[i]  # booleans have no difference


def isfinite(x, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        out[i] = v - v == v - v


def isfinite_integers(x, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] == x[i]


def equal(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] == y[i]


def not_equal(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] != y[i]


def less(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] < y[i]


def less_equal(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] <= y[i]


def greater(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] > y[i]


def greater_equal(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] >= y[i]


def logical_and(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = (x[i] != 0) & (y[i] != 0)


def logical_or(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = (x[i] != 0) | (y[i] != 0)


def logical_xor(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = (x[i] != 0) != (y[i] != 0)


def logical_not(x, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] == 0


def bitwise_and(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] & y[i]


def bitwise_or(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] | y[i]


def bitwise_xor(x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] ^ y[i]


def bitwise_left_shift(x, y, out, start, stop):
    """Shifted by 64 bits or more, nothing is left; no shift is negative."""
    for i in range(start, stop):
        if y[i] < 64:
            out[i] = lshift(x[i], y[i])  # x << y
        else:
            out[i] = 0


def bitwise_right_shift(x, y, out, start, stop):
    """Shifted by 64 bits or more, the sign is left."""
    for i in range(start, stop):
        if y[i] < 64:
            out[i] = rshift(x[i], y[i])  # x >> y
        else:
            out[i] = -1 if x[i] < 0 else 0


def where(condition, x, y, out, start, stop):
    for i in range(start, stop):
        out[i] = x[i] if condition[i] else y[i]


def clip(x, low, high, out, start, stop):
    for i in range(start, stop):
        v = x[i]
        if (low[i] > v) | (low[i] != low[i]):
            v = low[i]
        if (high[i] < v) | (high[i] != high[i]):
            v = high[i]
        out[i] = v
