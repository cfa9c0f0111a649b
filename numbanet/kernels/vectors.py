"""Schedules of float32 functions that LLVM vectorises: exp, log, tanh, sigmoid, and softmax around them.

They compute in double precision, with polynomials and no branches, and round once at the end: the largest error is 0.51
units in the last place, overflow, denormals and infinities come out of the conversion by themselves, and NaN stays NaN.
`loops.functions` and `loops.neural` say what they compute; the C library's functions, which compiled loops call
otherwise, take one element at a time: exp 1.9 ns, log 1.9, tanh 12.2, sigmoid 2.3 an element, where these take 0.57,
0.57, 0.85 and 0.66 (2^16 numbers in the cache, one core of Zen 5; NumPy's AVX-512 code, with up to 4 units of error,
takes 0.37 for exp, 0.26 for log and 0.17 for tanh).

The reduction of exp is that of Muller: Elementary Functions, chapter 11; that of log, by s = f / (2 + f), of FDLIBM.
"""

import numpy as np
from numba import njit

from numbanet.kernels.loops import functions, neural
from numbanet.kernels.scratch import free, heap_array

LOG2_E, LN_2 = 1.4426950408889634, 0.6931471805599453
MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, which stands in the last bits of the sum
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


@njit(inline="always")
def exp(v):
    """e ** v for a double that float32 can follow: beyond +-200 it is 0 or infinity there anyway."""
    v = max(min(v, 200.0), -200.0)
    shifted = v * LOG2_E + MAGIC
    r = v - (shifted - MAGIC) * LN_2
    p = r * (1 / 40320) + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)


@njit(inline="always")
def log(v):
    """The natural logarithm of a positive, finite double."""
    bits = np.float64(v).view(np.int64)
    exponent = (bits - SQRT_HALF_BITS) >> 52
    f = np.int64(bits - (exponent << 52)).view(np.float64) - 1.0  # the fraction lies from sqrt(1/2) to sqrt(2)
    s = f / (2.0 + f)
    z = s * s
    p = z * (2 / 13) + 2 / 11
    p = p * z + 2 / 9
    p = p * z + 2 / 7
    p = p * z + 2 / 5
    p = p * z + 2 / 3
    p = p * z + 2.0
    return np.float64(exponent) * LN_2 + s * p


def exponential(x, out, start, stop):
    for i in range(start, stop):
        v = np.float64(x[i])
        y = exp(v)
        out[i] = y if v == v else v


def logarithm(x, out, start, stop):
    for i in range(start, stop):
        v = np.float64(x[i])
        y = log(v)
        y = y if v > 0 else (-np.inf if v == 0 else np.nan)
        out[i] = y if v < np.inf else v


def hyperbolic_tangent(x, out, start, stop):
    for i in range(start, stop):
        v = np.float64(x[i])
        e = exp(abs(v) * -2.0)
        y = (1.0 - e) / (1.0 + e)
        z = v * v
        series = v * (1.0 + z * (-1 / 3 + z * (2 / 15 - z * (17 / 315))))  # where 1 - e would cancel
        y = series if z < 0.0004 else (y if v > 0 else -y)
        out[i] = y if v == v else v


def sigmoid(x, out, start, stop):
    for i in range(start, stop):
        v = np.float64(x[i])
        y = 1.0 / (1.0 + exp(-v))
        out[i] = y if v == v else v


def silu(x, out, start, stop):
    for i in range(start, stop):
        v = np.float64(x[i])
        y = v / (1.0 + exp(-v))
        y = y if v > -np.inf else 0.0
        out[i] = y if v == v else v


@njit(inline="always")
def largest(x, i):
    """The largest of row i; NaN if there is one."""
    best = x[i, 0]
    for j in range(x.shape[1]):
        v = x[i, j]
        best = v if v > best or v != v else best
    return best


@njit(inline="always")
def shifted_exp(v, best):
    """e ** (v - best), the difference rounded to float32 as the naive loop has it."""
    d = np.float64(np.float32(v - best))
    y = np.float32(exp(d))
    return y if d == d else np.float32(d)


def softmax(x, out, start, stop):
    for i in range(start, stop):
        best = largest(x, i)
        for j in range(x.shape[1]):
            out[i, j] = shifted_exp(x[i, j], best)
        total = 0.0
        for j in range(x.shape[1]):
            total += out[i, j]
        for j in range(x.shape[1]):
            out[i, j] = out[i, j] / total


def softmax_cross_entropy_gradient(g, logits, labels, out, start, stop):
    for i in range(start, stop):
        best = largest(logits, i)
        for j in range(logits.shape[1]):
            out[i, j] = shifted_exp(logits[i, j], best)
        total = 0.0
        for j in range(logits.shape[1]):
            total += out[i, j]
        for j in range(logits.shape[1]):
            out[i, j] = g[i] * (out[i, j] / total - (1.0 if j == labels[i] else 0.0))


def softmax_cross_entropy(logits, labels, out, start, stop):
    row = heap_array(logits.shape[1], np.float32(0))
    for i in range(start, stop):
        best = largest(logits, i)
        for j in range(logits.shape[1]):
            row[j] = shifted_exp(logits[i, j], best)
        total = 0.0
        for j in range(logits.shape[1]):
            total += row[j]
        out[i] = log(total) - (logits[i, labels[i]] - best) if total == total else total
    free(row)


def softmax_cross_entropy_and_gradient(g, logits, labels, losses, out, start, stop):
    for i in range(start, stop):
        best = largest(logits, i)
        for j in range(logits.shape[1]):
            out[i, j] = shifted_exp(logits[i, j], best)
        total = 0.0
        for j in range(logits.shape[1]):
            total += out[i, j]
        losses[i] = log(total) - (logits[i, labels[i]] - best) if total == total else total
        for j in range(logits.shape[1]):
            out[i, j] = g[i] * (out[i, j] / total - (1.0 if j == labels[i] else 0.0))


FLOAT32 = {
    functions.exponential: exponential,
    functions.logarithm: logarithm,
    functions.hyperbolic_tangent: hyperbolic_tangent,
    functions.sigmoid: sigmoid,
    functions.silu: silu,
    neural.softmax: softmax,
    neural.softmax_cross_entropy: softmax_cross_entropy,
    neural.softmax_cross_entropy_gradient: softmax_cross_entropy_gradient,
    neural.softmax_cross_entropy_and_gradient: softmax_cross_entropy_and_gradient,
}
"""What runs in place of a naive body when all floating operands are float32."""
