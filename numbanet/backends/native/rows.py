"""Softmax and what is computed like it, row by row, in float32: `primitives.rows` walk a row in vectors.

So a row of ten classes takes one vector, from its maximum to its quotients. Sums are of doubles, in an order that
depends on the length of the row alone. The bodies have the names of those in `loops.softmax` and `loops.reduce` that
they run in place of, and `cython/rows.pxd` types the same ones for Cython, with primitives written in C.
"""

from numpy import exp, log, nan

from numbanet.backends.native.primitives.rows import row_exponential_sum, row_exponentials, row_maximum, row_scaled


def softmax(x, out, start, stop):
    for i in range(start, stop):
        total = row_exponentials(x, i, row_maximum(x, i), out)
        row_scaled(out, i, 1.0 / total)


def log_softmax(x, out, start, stop):
    for i in range(start, stop):
        best = row_maximum(x, i)
        shift = log(row_exponential_sum(x, i, best))
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] - best - shift


def softmax_cross_entropy(logits, labels, out, start, stop):
    for i in range(start, stop):
        best = row_maximum(logits, i)
        total = row_exponential_sum(logits, i, best)
        if (labels[i] >= 0) & (labels[i] < logits.shape[1]):
            out[i] = log(total) - (logits[i, labels[i]] - best)
        else:
            out[i] = nan


def softmax_cross_entropy_gradient(g, logits, labels, out, start, stop):
    for i in range(start, stop):
        total = row_exponentials(logits, i, row_maximum(logits, i), out)
        if (labels[i] >= 0) & (labels[i] < logits.shape[1]):
            at_label = out[i, labels[i]] / total
            row_scaled(out, i, g[i] / total)
            out[i, labels[i]] = g[i] * (at_label - 1.0)
        else:
            row_scaled(out, i, nan)


def softmax_cross_entropy_and_gradient(g, logits, labels, losses, out, start, stop):
    for i in range(start, stop):
        best = row_maximum(logits, i)
        total = row_exponentials(logits, i, best, out)
        if (labels[i] >= 0) & (labels[i] < logits.shape[1]):
            losses[i] = log(total) - (logits[i, labels[i]] - best)
            at_label = out[i, labels[i]] / total
            row_scaled(out, i, g[i] / total)
            out[i, labels[i]] = g[i] * (at_label - 1.0)
        else:
            losses[i] = nan
            row_scaled(out, i, nan)


def logsumexp(x, out, start, stop):
    """Vectorised where inner is 1, which makes x rows of n; else the loop of `reduce.logsumexp`."""
    inner = x.shape[2]
    for i in range(start, stop):
        if inner == 1:
            best = row_maximum(x, i)
        else:
            best = x[i // inner, 0, i % inner]
        if inner != 1 or best - best != 0:
            for k in range(x.shape[1]):
                v = x[i // inner, k, i % inner]
                if v > best or v != v:
                    best = v
        total = 0.0
        if best - best == 0:
            if inner == 1:
                total = row_exponential_sum(x, i, best)
            else:
                for k in range(x.shape[1]):
                    total += float(exp(x[i // inner, k, i % inner] - best))
        out[i] = best + log(total) if best - best == 0 else best
