"""What a replayed training step does around its ops: fetch the batch, put away results, go on to the next batch."""


def fetch_rows(x, order, cursor, out, start, stop):
    """out[i] = x[order[cursor[0] + i]]: the rows of the batch; x and out are (rows, n)."""
    for i in range(start, stop):
        row = order[cursor[0] + i]
        for j in range(x.shape[1]):
            out[i, j] = x[row, j]


def store_rows(x, cursor, out, start, stop):
    """The batch's rows among those of all steps of a slice, where cursor[1] counts steps; x and out are (rows, n)."""
    for i in range(start, stop):
        row = cursor[1] * x.shape[0] + i
        for j in range(x.shape[1]):
            out[row, j] = x[i, j]


def store_number(x, cursor, out, start, stop):
    """out[step] = x[0], where cursor[1] counts steps; the range is the one position i = 0."""
    for i in range(start, stop):
        out[cursor[1] + i] = x[i]


def advance(cursor, samples, start, stop):
    """Go on by so many samples, and one step."""
    for i in range(start, stop):
        cursor[i] += samples
        cursor[i + 1] += 1
