"""Normalization of columns, over all rows of a batch, and of rows, each by itself: arrays are (rows, columns).

Sums accumulate in double precision. The variance of a column is that of numbers from which the first one of them is
taken away (Chan, Golub, LeVeque: Algorithms for Computing the Sample Variance, The American Statistician 37, 1983), so
that one pass is enough: since that number is one of the sample, the error is at most that of a sum times its length,
however far from 0 the numbers are. Four rows at a time, as in `reduce.sum_columns`. A row, which stays in the cache, is
read twice.
"""

import numpy as np


def column_moments(x, totals, out, start, stop):
    """out[0] = means, out[1] = variances of the columns start <= j < stop; `totals` is of doubles, (2, columns)."""
    fours = x.shape[0] // 4 * 4
    count = float(x.shape[0])
    for j in range(start, stop):
        totals[0, j] = 0.0
        totals[1, j] = 0.0
    for i in range(0, fours, 4):
        for j in range(start, stop):
            first = float(x[0, j])
            a = float(x[i, j]) - first
            b = float(x[i + 1, j]) - first
            c = float(x[i + 2, j]) - first
            d = float(x[i + 3, j]) - first
            totals[0, j] += (a + b) + (c + d)
            totals[1, j] += (a * a + b * b) + (c * c + d * d)
    for i in range(fours, x.shape[0]):
        for j in range(start, stop):
            a = float(x[i, j]) - float(x[0, j])
            totals[0, j] += a
            totals[1, j] += a * a
    for j in range(start, stop):
        mean = totals[0, j] / count
        spread = totals[1, j] / count - mean * mean
        out[0, j] = float(x[0, j]) + mean
        out[1, j] = 0.0 if spread < 0.0 else spread


def column_scales(gamma, moments, epsilon, out, start, stop):
    """out[j] = gamma[j] / sqrt(variance[j] + epsilon)."""
    for j in range(start, stop):
        out[j] = float(gamma[j]) / np.sqrt(float(moments[1, j]) + epsilon)


def column_normalization(x, moments, scales, beta, out, start, stop):
    """out[i, j] = (x[i, j] - mean[j]) * scales[j] + beta[j]; the range counts rows."""
    for i in range(start, stop):
        for j in range(x.shape[1]):
            out[i, j] = (x[i, j] - moments[0, j]) * scales[j] + beta[j]


def column_products(g, x, moments, epsilon, totals, out, start, stop):
    """out[0] = sums of g, out[1] = sums of g times normalized x, of the columns start <= j < stop."""
    fours = x.shape[0] // 4 * 4
    for j in range(start, stop):
        totals[0, j] = 0.0
        totals[1, j] = 0.0
    for i in range(0, fours, 4):
        for j in range(start, stop):
            mean = float(moments[0, j])
            a = float(g[i, j])
            b = float(g[i + 1, j])
            c = float(g[i + 2, j])
            d = float(g[i + 3, j])
            totals[0, j] += (a + b) + (c + d)
            a = a * (float(x[i, j]) - mean)
            b = b * (float(x[i + 1, j]) - mean)
            c = c * (float(x[i + 2, j]) - mean)
            d = d * (float(x[i + 3, j]) - mean)
            totals[1, j] += (a + b) + (c + d)
    for i in range(fours, x.shape[0]):
        for j in range(start, stop):
            a = float(g[i, j])
            totals[0, j] += a
            totals[1, j] += a * (float(x[i, j]) - float(moments[0, j]))
    for j in range(start, stop):
        out[0, j] = totals[0, j]
        out[1, j] = totals[1, j] / np.sqrt(float(moments[1, j]) + epsilon)


def column_slopes(products, moments, scales, rows, epsilon, out, start, stop):
    """What `column_gradient` takes away: out[0] from each row, and out[1] for each unit of x - mean."""
    for j in range(start, stop):
        scale = float(scales[j]) / float(rows)
        out[0, j] = scale * float(products[0, j])
        out[1, j] = scale * float(products[1, j]) / np.sqrt(float(moments[1, j]) + epsilon)


def column_gradient(g, x, moments, scales, slopes, out, start, stop):
    """The gradient of `column_normalization` by x, whose moments these are; the range counts rows."""
    for i in range(start, stop):
        for j in range(x.shape[1]):
            out[i, j] = g[i, j] * scales[j] - slopes[0, j] - (x[i, j] - moments[0, j]) * slopes[1, j]


def row_moments(x, centred, epsilon, out, start, stop):
    """out[i, 0] = mean of row i, or 0 unless `centred`; out[i, 1] = 1 / sqrt(mean((x[i] - out[i, 0])^2) + epsilon)."""
    count = float(x.shape[1])
    for i in range(start, stop):
        total = 0.0
        for j in range(x.shape[1]):
            total += float(x[i, j])
        mean = total / count * float(centred)
        spread = 0.0
        for j in range(x.shape[1]):
            a = float(x[i, j]) - mean
            spread += a * a
        out[i, 0] = mean
        out[i, 1] = 1.0 / np.sqrt(spread / count + epsilon)


def row_normalization(x, moments, gamma, beta, out, start, stop):
    """out[i, j] = (x[i, j] - mean[i]) / deviation[i] * gamma[j] + beta[j]."""
    for i in range(start, stop):
        mean = moments[i, 0]
        scale = moments[i, 1]
        for j in range(x.shape[1]):
            out[i, j] = (x[i, j] - mean) * scale * gamma[j] + beta[j]


def row_slopes(g, x, gamma, moments, centred, out, start, stop):
    """What `row_gradient` takes away: out[i, 0] from each element, and out[i, 1] for each unit of x - mean."""
    count = float(x.shape[1])
    for i in range(start, stop):
        mean = float(moments[i, 0])
        scale = float(moments[i, 1])
        total = 0.0
        product = 0.0
        for j in range(x.shape[1]):
            a = float(g[i, j]) * float(gamma[j])
            total += a
            product += a * (float(x[i, j]) - mean)
        out[i, 0] = total / count * scale * float(centred)
        out[i, 1] = product / count * scale * scale * scale


def row_gradient(g, x, gamma, moments, slopes, out, start, stop):
    """The gradient of `row_normalization` by x, whose moments these are."""
    for i in range(start, stop):
        mean = moments[i, 0]
        scale = moments[i, 1]
        shift = slopes[i, 0]
        slope = slopes[i, 1]
        for j in range(x.shape[1]):
            out[i, j] = g[i, j] * gamma[j] * scale - shift - (x[i, j] - mean) * slope


def row_products(g, x, moments, totals, out, start, stop):
    """out[0] = sums of g, out[1] = sums of g times normalized x, of the columns start <= j < stop."""
    twos = x.shape[0] // 2 * 2
    for j in range(start, stop):
        totals[0, j] = 0.0
        totals[1, j] = 0.0
    for i in range(0, twos, 2):
        mean = float(moments[i, 0])
        scale = float(moments[i, 1])
        other_mean = float(moments[i + 1, 0])
        other_scale = float(moments[i + 1, 1])
        for j in range(start, stop):
            a = float(g[i, j])
            b = float(g[i + 1, j])
            totals[0, j] += a + b
            totals[1, j] += a * ((float(x[i, j]) - mean) * scale) + b * (
                (float(x[i + 1, j]) - other_mean) * other_scale
            )
    for i in range(twos, x.shape[0]):
        mean = float(moments[i, 0])
        scale = float(moments[i, 1])
        for j in range(start, stop):
            a = float(g[i, j])
            totals[0, j] += a
            totals[1, j] += a * ((float(x[i, j]) - mean) * scale)
    for j in range(start, stop):
        out[0, j] = totals[0, j]
        out[1, j] = totals[1, j]
