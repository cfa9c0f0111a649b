"""Loops of the fast attention over a block of scores, in which there is a row for each key and a lane for each query.

Inner loops run along lanes, so that compilers make vectors of them.
"""

from numbanet.backends.native.primitives import as_int64


def shift_scores(scores, best, start, stop):
    """Subtract from rows of scores their maxima, which `best` has afterwards; the row behind gets what `best` lost.

    Four rows at a time, since a loop over lanes takes as long to begin as to run: 132 rows of 32 took 1.3 us, and take
    0.7 so.
    """
    first, last = as_int64(start), as_int64(stop)
    fours = first + (last - first) // 4 * 4
    for i in range(best.shape[0]):
        scores[last, i] = best[i]
    for j in range(first, fours, 4):
        for i in range(best.shape[0]):
            largest = scores[j, i] if scores[j, i] > best[i] else best[i]
            largest = scores[j + 1, i] if scores[j + 1, i] > largest else largest
            largest = scores[j + 2, i] if scores[j + 2, i] > largest else largest
            best[i] = scores[j + 3, i] if scores[j + 3, i] > largest else largest
    for j in range(fours, last):
        for i in range(best.shape[0]):
            best[i] = scores[j, i] if scores[j, i] > best[i] else best[i]
    for j in range(first, last + 1):
        for i in range(best.shape[0]):
            scores[j, i] -= best[i]


def weigh_scores(weights, total, start, stop):
    """Add rows of weights to `total`, which is multiplied by the row behind them before."""
    for i in range(total.shape[0]):
        total[i] *= weights[as_int64(stop), i]
    for j in range(start, stop):
        for i in range(total.shape[0]):
            total[i] += weights[j, i]


def multiply_columns(x, by, start, stop):
    """x[j, i] *= by[i]."""
    for j in range(start, stop):
        for i in range(by.shape[0]):
            x[j, i] *= by[i]


def divide_columns(x, by, start, stop):
    """x[j, i] /= by[i]."""
    for j in range(start, stop):
        for i in range(by.shape[0]):
            x[j, i] /= by[i]


def lower_columns(x, by, start, stop):
    """x[j, i] -= by[i]."""
    for j in range(start, stop):
        for i in range(by.shape[0]):
            x[j, i] -= by[i]


def restrict_scores(bias, mask, diagonal, scores, start, stop):
    """Add a bias to rows of scores, and replace those that do not count; `diagonal` is the last key of query 0."""
    for j in range(start, stop):
        for i in range(bias.shape[0]):
            seen = mask[i, j] & (as_int64(j) - i <= diagonal)
            scores[j, i] = scores[j, i] + bias[i, j] if seen else -1.7014118346046923e38


def forget_slopes(mask, diagonal, slopes, start, stop):
    """Leave nothing of the slopes of scores that do not count."""
    for j in range(start, stop):
        for i in range(mask.shape[0]):
            seen = mask[i, j] & (as_int64(j) - i <= diagonal)
            slopes[j, i] = slopes[j, i] if seen else 0.0


def prepare_queries(g, out, along, total, start, stop):
    """along[i] = sum over d of g[d, i] * out[d, i]; `total` becomes what weights are multiplied by."""
    for i in range(total.shape[0]):
        along[i] = 0
        total[i] = 1 / total[i]
    for d in range(start, stop):
        for i in range(total.shape[0]):
            along[i] += g[d, i] * out[d, i]


def find_slopes(along, inverse, scales, weights, slopes, start, stop):
    """Make weights of rows of exponentials, and gradients by the scores of those by the weights."""
    for j in range(start, stop):
        for i in range(along.shape[0]):
            weights[j, i] *= inverse[i]
            slopes[j, i] = weights[j, i] * (slopes[j, i] - along[i]) * scales[0, i]
