"""The dot products of the textbook. `backends.native.products` has the fast ones; these say what they compute."""


def vector_dot(x, y, out, start, stop):
    """out[i] = sum over k of x[k] * y[k], for the one position i = 0."""
    for i in range(start, stop):
        total = x[0] * y[0]
        for k in range(1, x.shape[0]):
            total += x[k] * y[k]
        out[i] = total


def matrix_vector_dot(x, y, out, start, stop):
    """out[i] = sum over k of x[i, k] * y[k]."""
    for i in range(start, stop):
        total = x[i, 0] * y[0]
        for k in range(1, x.shape[1]):
            total += x[i, k] * y[k]
        out[i] = total


def matrix_dot(x, y, out, start, stop):
    """out[i, j] = sum over k of x[i, k] * y[k, j], for the rows start <= i < stop."""
    for i in range(start, stop):
        for j in range(y.shape[1]):
            total = x[i, 0] * y[0, j]
            for k in range(1, x.shape[1]):
                total += x[i, k] * y[k, j]
            out[i, j] = total
