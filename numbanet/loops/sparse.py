"""Products with sparse rows: only the entries that a row has are visited.

A matrix is in compressed sparse row form: the entries of row r are at the positions starts[r] <= p < starts[r + 1],
each with its column and its value, columns ascending and none twice. `rows` says which rows take part, in which order.
(Saad: Iterative Methods for Sparse Linear Systems, section 3.4.)
"""


def csr_dot(rows, starts, columns, values, y, out, start, stop):
    """out[i, j] = sum over the entries p of the row rows[i] of values[p] * y[columns[p], j]."""
    for i in range(start, stop):
        for j in range(y.shape[1]):
            out[i, j] = 0
        for p in range(starts[rows[i]], starts[rows[i] + 1]):
            k = columns[p]
            v = values[p]
            for j in range(y.shape[1]):
                out[i, j] += v * y[k, j]


def csr_dot_transposed(rows, starts, columns, values, cuts, g, out, start, stop):
    """out[k, j] += sum over i of x[i, k] * g[i, j], where x[i] is the row rows[i], in the order of i.

    A range has the columns cuts[start] <= k < cuts[stop] of the matrix, which are rows of `out`: where they begin and
    end in each row is found by binary search.
    """
    first = cuts[start]
    last = cuts[stop]
    for i in range(rows.shape[0]):
        end = starts[rows[i] + 1]
        low = starts[rows[i]]
        high = end
        while low < high:
            middle = (low + high) // 2
            if columns[middle] < first:
                low = middle + 1
            else:
                high = middle
        begin = low
        high = end
        while low < high:
            middle = (low + high) // 2
            if columns[middle] < last:
                low = middle + 1
            else:
                high = middle
        for p in range(begin, low):
            k = columns[p]
            v = values[p]
            for j in range(g.shape[1]):
                out[k, j] += v * g[i, j]
