"""Order: the positions that sort rows, and where values belong among sorted ones."""


def argsort(x, descending, scratch, out, start, stop):
    """out[i] = the positions that sort row i of x; equals keep their order, and NaN is larger than everything.

    Runs of 1, 2, 4, ... positions are merged in pairs. (Merge sort; Knuth: The Art of Computer Programming, section
    5.2.4.) `scratch` has the shape of `out`.
    """
    n = x.shape[1]
    for i in range(start, stop):
        for j in range(n):
            out[i, j] = j
        width = 1
        while width < n:
            begin = 0
            while begin < n:
                middle = min(begin + width, n)
                end = min(begin + 2 * width, n)
                left = begin
                right = middle
                for k in range(begin, end):
                    takes_right = left == middle
                    if (left < middle) & (right < end):
                        a = x[i, out[i, left]]
                        b = x[i, out[i, right]]
                        takes_right = (
                            ((b > a) | ((b != b) & (a == a))) if descending else ((b < a) | ((a != a) & (b == b)))
                        )
                    if takes_right:
                        scratch[i, k] = out[i, right]
                        right += 1
                    else:
                        scratch[i, k] = out[i, left]
                        left += 1
                begin = end
            for j in range(n):
                out[i, j] = scratch[i, j]
            width = 2 * width


def searchsorted(x, v, right, out, start, stop):
    """out[i] = how many of the sorted x come before v[i]: those that are smaller, and with `right` those that equal it.

    NaN is larger than everything. (Binary search; Knuth: The Art of Computer Programming, section 6.2.1.)
    """
    for i in range(start, stop):
        b = v[i]
        low = 0
        high = x.shape[0]
        while low < high:
            middle = (low + high) // 2
            a = x[middle]
            before = ((a <= b) | (b != b)) if right else ((a < b) | ((b != b) & (a == a)))
            if before:
                low = middle + 1
            else:
                high = middle
        out[i] = low
