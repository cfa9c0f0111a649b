"""Softmax and its cross-entropy, row by row: x is (rows, classes), contiguous; the range counts rows.

The maximum is subtracted before exp, so that exp never overflows (Goodfellow, Bengio, Courville: Deep Learning, section
4.1). Sums accumulate in double precision. Labels are checked by whoever launches; one that is none of the classes all
the same, because somebody has written to them since, gives NaN, and nothing outside the row is read or written.
"""

import numpy as np


def softmax(x, out, start, stop):
    for i in range(start, stop):
        best = x[i, 0]
        for j in range(x.shape[1]):
            if x[i, j] > best or x[i, j] != x[i, j]:
                best = x[i, j]
        total = 0.0
        for j in range(x.shape[1]):
            e = np.exp(x[i, j] - best)
            out[i, j] = e
            total += float(e)
        for j in range(x.shape[1]):
            out[i, j] = out[i, j] / total


def log_softmax(x, out, start, stop):
    for i in range(start, stop):
        best = x[i, 0]
        for j in range(x.shape[1]):
            if x[i, j] > best or x[i, j] != x[i, j]:
                best = x[i, j]
        total = 0.0
        for j in range(x.shape[1]):
            total += float(np.exp(x[i, j] - best))
        shift = np.log(total)
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] - best - shift


def softmax_cross_entropy(logits, labels, out, start, stop):
    """out[i] = log(sum over j of exp(logits[i, j])) - logits[i, labels[i]]."""
    for i in range(start, stop):
        best = logits[i, 0]
        for j in range(logits.shape[1]):
            if logits[i, j] > best or logits[i, j] != logits[i, j]:
                best = logits[i, j]
        total = 0.0
        for j in range(logits.shape[1]):
            total += float(np.exp(logits[i, j] - best))
        if (labels[i] >= 0) & (labels[i] < logits.shape[1]):
            out[i] = np.log(total) - (logits[i, labels[i]] - best)
        else:
            out[i] = np.nan


def softmax_cross_entropy_gradient(g, logits, labels, out, start, stop):
    """out[i, j] = g[i] * (softmax(logits)[i, j] - (1 if j is the label else 0))."""
    for i in range(start, stop):
        best = logits[i, 0]
        for j in range(logits.shape[1]):
            if logits[i, j] > best or logits[i, j] != logits[i, j]:
                best = logits[i, j]
        total = 0.0
        for j in range(logits.shape[1]):
            e = np.exp(logits[i, j] - best)
            out[i, j] = e
            total += float(e)
        if (labels[i] < 0) | (labels[i] >= logits.shape[1]):
            total = np.nan
        for j in range(logits.shape[1]):
            out[i, j] = g[i] * (out[i, j] / total - (1.0 if j == labels[i] else 0.0))


def softmax_cross_entropy_and_gradient(g, logits, labels, losses, out, start, stop):
    """The two above at once: losses[i], and out[i, j], its gradient."""
    for i in range(start, stop):
        best = logits[i, 0]
        for j in range(logits.shape[1]):
            if logits[i, j] > best or logits[i, j] != logits[i, j]:
                best = logits[i, j]
        total = 0.0
        for j in range(logits.shape[1]):
            e = np.exp(logits[i, j] - best)
            out[i, j] = e
            total += float(e)
        if (labels[i] >= 0) & (labels[i] < logits.shape[1]):
            losses[i] = np.log(total) - (logits[i, labels[i]] - best)
        else:
            losses[i] = np.nan
            total = np.nan
        for j in range(logits.shape[1]):
            out[i, j] = g[i] * (out[i, j] / total - (1.0 if j == labels[i] else 0.0))
