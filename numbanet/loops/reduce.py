"""Reductions: every body sees its input as (outer, n, inner) and reduces the middle, one output per (outer, inner).

Position i of the output is row i // inner, column i % inner. Sums accumulate in double precision whatever the dtype of
the elements, in the order of the elements: the result depends on shapes alone, never on how the range is split, and the
error of a float32 sum stays below that of pairwise summation in float32. `float` makes it so in the interpreter, where
a Python float would take the precision of what it meets; compiled, 0.0 is double precision by itself.
"""

import numpy as np


def sum(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        total = 0.0
        for k in range(x.shape[1]):
            total += float(x[i // inner, k, i % inner])
        out[i] = total


def sum_integers(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        out[i] = 0
        total = out[i]  # in the dtype of the result
        for k in range(x.shape[1]):
            total += x[i // inner, k, i % inner]
        out[i] = total


def sum_rows(x, out, start, stop):
    """`sum` where inner is 1: x is (outer, n), contiguous, so that the loop over n vectorises."""
    for i in range(start, stop):
        total = 0.0
        for k in range(x.shape[1]):
            total += float(x[i, k])
        out[i] = total


def sum_columns(x, totals, out, start, stop):
    """`sum` where outer is 1: x is (n, inner); row after row is added to the totals, double precision, side by side.

    Four at a time: to store a total and load it again takes longer than to add (32 x 32: 0.12 us, so 0.08).
    """
    fours = x.shape[0] // 4 * 4
    for i in range(start, stop):
        totals[i] = 0.0
    for k in range(0, fours, 4):
        for i in range(start, stop):
            total = totals[i] + float(x[k, i])
            total += float(x[k + 1, i])
            total += float(x[k + 2, i])
            totals[i] = total + float(x[k + 3, i])
    for k in range(fours, x.shape[0]):
        for i in range(start, stop):
            totals[i] += float(x[k, i])
    for i in range(start, stop):
        out[i] = totals[i]


def sum_of_squares_columns(x, totals, start, stop):
    """`optimizers.sum_of_squares` of the columns of x (n, inner), as `sum_columns` adds them: nothing is transposed."""
    twos = x.shape[0] // 2 * 2
    for i in range(start, stop):
        totals[i] = 0.0
    for k in range(0, twos, 2):
        for i in range(start, stop):
            one, two = 0.0 + float(x[k, i]), 0.0 + float(x[k + 1, i])
            totals[i] = totals[i] + one * one + two * two
    for k in range(twos, x.shape[0]):
        for i in range(start, stop):
            one = 0.0 + float(x[k, i])
            totals[i] += one * one


def prod(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        total = 1.0
        for k in range(x.shape[1]):
            total *= float(x[i // inner, k, i % inner])
        out[i] = total


def prod_integers(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        out[i] = 1
        total = out[i]  # in the dtype of the result
        for k in range(x.shape[1]):
            total *= x[i // inner, k, i % inner]
        out[i] = total


def max(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        best = x[i // inner, 0, i % inner]
        for k in range(1, x.shape[1]):
            v = x[i // inner, k, i % inner]
            if v > best or v != v:  # v != v: NaN wins and stays
                best = v
        out[i] = best


def max_columns(x, out, start, stop):
    """`max` where inner is large: x is (outer, n, inner), out (outer, inner), rows are compared side by side."""
    for o in range(start, stop):
        for i in range(x.shape[2]):
            out[o, i] = x[o, 0, i]
        for k in range(1, x.shape[1]):
            for i in range(x.shape[2]):
                v = x[o, k, i]
                best = out[o, i]
                out[o, i] = v if (v > best) | (v != v) else best


def min(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        best = x[i // inner, 0, i % inner]
        for k in range(1, x.shape[1]):
            v = x[i // inner, k, i % inner]
            if v < best or v != v:
                best = v
        out[i] = best


def min_columns(x, out, start, stop):
    """`min` where inner is large; see `max_columns`."""
    for o in range(start, stop):
        for i in range(x.shape[2]):
            out[o, i] = x[o, 0, i]
        for k in range(1, x.shape[1]):
            for i in range(x.shape[2]):
                v = x[o, k, i]
                best = out[o, i]
                out[o, i] = v if (v < best) | (v != v) else best


def argmax(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        best = x[i // inner, 0, i % inner]
        at = 0
        for k in range(1, x.shape[1]):
            v = x[i // inner, k, i % inner]
            if (v > best or v != v) and best == best:  # the first of equals, and the first NaN, wins
                best = v
                at = k
        out[i] = at


def argmin(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        best = x[i // inner, 0, i % inner]
        at = 0
        for k in range(1, x.shape[1]):
            v = x[i // inner, k, i % inner]
            if (v < best or v != v) and best == best:
                best = v
                at = k
        out[i] = at


def any(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        found = False
        for k in range(x.shape[1]):
            if x[i // inner, k, i % inner] != 0:
                found = True
        out[i] = found


def all(x, out, start, stop):
    inner = x.shape[2]
    for i in range(start, stop):
        held = True
        for k in range(x.shape[1]):
            if x[i // inner, k, i % inner] == 0:
                held = False
        out[i] = held


def logsumexp(x, out, start, stop):
    """log(sum(exp(x))), shifted by the maximum so that exp never overflows."""
    inner = x.shape[2]
    for i in range(start, stop):
        best = x[i // inner, 0, i % inner]
        for k in range(1, x.shape[1]):
            v = x[i // inner, k, i % inner]
            if v > best or v != v:
                best = v
        if best - best == 0:
            total = 0.0
            for k in range(x.shape[1]):
                total += float(np.exp(x[i // inner, k, i % inner] - best))
            out[i] = best + np.log(total)
        else:
            out[i] = best  # infinities and NaN are their own answer


def cumulative_sum(x, out, start, stop):
    """Running totals along n; out is (outer, n, inner) and the range counts (outer, inner) lanes."""
    inner = x.shape[2]
    for i in range(start, stop):
        total = 0.0
        for k in range(x.shape[1]):
            total += float(x[i // inner, k, i % inner])
            out[i // inner, k, i % inner] = total


def cumulative_sum_integers(x, out, start, stop):
    """`cumulative_sum` in the dtype of the result; n is at least 1."""
    inner = x.shape[2]
    for i in range(start, stop):
        out[i // inner, 0, i % inner] = x[i // inner, 0, i % inner]
        total = out[i // inner, 0, i % inner]
        for k in range(1, x.shape[1]):
            total += x[i // inner, k, i % inner]
            out[i // inner, k, i % inner] = total


def cumulative_prod(x, out, start, stop):
    """Running products along n, as `cumulative_sum` has totals."""
    inner = x.shape[2]
    for i in range(start, stop):
        product = 1.0
        for k in range(x.shape[1]):
            product *= float(x[i // inner, k, i % inner])
            out[i // inner, k, i % inner] = product


def cumulative_prod_integers(x, out, start, stop):
    """`cumulative_prod` in the dtype of the result; n is at least 1."""
    inner = x.shape[2]
    for i in range(start, stop):
        out[i // inner, 0, i % inner] = x[i // inner, 0, i % inner]
        product = out[i // inner, 0, i % inner]
        for k in range(1, x.shape[1]):
            product *= x[i // inner, k, i % inner]
            out[i // inner, k, i % inner] = product
