"""Moving elements: strided walks (broadcasting is one), gathering rows by index and adding them back."""


def copy_strided(x, shape, strides, out, start, stop):
    """out[i] = the element of x at the i-th position of `shape`, walked with `strides` (in elements; 0 repeats).

    This loop is broadcasting, transposition, reversal and slicing at once.
    """
    for i in range(start, stop):
        at = 0
        inner = 1
        for d in range(shape.shape[0] - 1, -1, -1):
            at += i // inner % shape[d] * strides[d]
            inner *= shape[d]
        out[i] = x[at]


def assign_strided(x, shape, strides, out, start, stop):
    """The element of `out` at the i-th position of `shape`, walked with `strides` (in elements), = x[i].

    No two positions are one element, so that strides are not 0.
    """
    for i in range(start, stop):
        at = 0
        inner = 1
        for d in range(shape.shape[0] - 1, -1, -1):
            at += i // inner % shape[d] * strides[d]
            inner *= shape[d]
        out[at] = x[i]


def take(x, index, out, start, stop):
    """out[o, i, j] = x[o, index[i], j]; the range counts pairs (o, i)."""
    n = index.shape[0]
    for r in range(start, stop):
        o = r // n
        i = r % n
        row = index[i]
        for j in range(x.shape[2]):
            out[o, i, j] = x[o, row, j]


def take_back(g, index, out, start, stop):
    """out[o, index[i], j] += g[o, i, j], in the order of i; out holds zeros; the range counts pairs (o, j)."""
    inner = g.shape[2]
    for o in range(g.shape[0]):
        first = start - o * inner if start > o * inner else 0
        last = stop - o * inner if stop < (o + 1) * inner else inner
        if (start < (o + 1) * inner) & (stop > o * inner):
            for i in range(index.shape[0]):
                row = index[i]
                for j in range(first, last):
                    out[o, row, j] += g[o, i, j]


def clear_rows(index, out, start, stop):
    """out[index[i], j] = 0; the range counts i, and a row may be cleared more than once."""
    for i in range(start, stop):
        row = index[i]
        for j in range(out.shape[1]):
            out[row, j] = 0


def astype(x, out, start, stop):
    """Copy into another dtype."""
    for i in range(start, stop):
        out[i] = x[i]
