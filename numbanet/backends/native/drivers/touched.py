"""Updates of some rows: a kernel runs where a flag is set, over neighbouring rows at once."""

from numbanet.backends.native.primitives import as_int64, call_kernel


def mark_columns(rows, starts, columns, cuts, flags, start, stop):
    """Set the flags of the columns that occur in rows of a sparse matrix, and clear all others.

    Rows and ranges of columns are those of `loops.sparse.csr_dot_transposed`, which adds up where flags are set here.
    """
    first = cuts[start]
    last = cuts[stop]
    for k in range(first, last):
        flags[k] = 0
    for i in range(rows.shape[0]):
        low = starts[rows[i]]
        end = starts[rows[i] + 1]
        high = end
        while low < high:
            middle = (low + high) // 2
            if columns[middle] < first:
                low = middle + 1
            else:
                high = middle
        while low < end and columns[low] < last:
            flags[columns[low]] = 1
            low += 1


def over_touched(function, block, flags, width, start, stop):
    """Run `function(block, ...)` over the positions of rows with a flag; a row has `width` positions."""
    row, last = as_int64(start), as_int64(stop)
    while row < last:
        if flags[row] == 0:
            row += 1
        else:
            end = row + 1
            while end < last and flags[end] != 0:
                end += 1
            call_kernel(function, block, row * width, end * width)
            row = end


def mark_first(index, seen, first, start, stop):
    """Set the flags of the places at which a number occurs for the first time, and clear all others.

    `seen` holds zeros, before and after; the range has one position.
    """
    for i in range(index.shape[0]):
        first[i] = 1 - seen[index[i]]
        seen[index[i]] = 1
    for i in range(index.shape[0]):
        seen[index[i]] = 0


def over_picked(function, block, index, first, width, start, stop):
    """Run `function(block, ...)` over rows index[i] for those i of the range that have a flag; as `over_touched`."""
    for i in range(start, stop):
        if first[i] != 0:
            call_kernel(function, block, index[i] * width, (index[i] + 1) * width)
