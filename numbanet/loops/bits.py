"""Floating numbers as their bits, which are signed integers here: in this order they are neighbours."""


def nextafter(x, y, infinity, largest, out, start, stop):
    """out[i] = the bits of the number next to that of x[i] on the way to that of y[i].

    `infinity` has the bits of infinity, and `largest` all bits but that of the sign. (IEEE 754-2019, 5.3.1; the numbers
    of a sign are in the order of their bits.)
    """
    for i in range(start, stop):
        a = x[i]
        b = y[i]
        size = a & largest
        other = b & largest
        if (size > infinity) | (other > infinity):
            out[i] = largest  # NaN
        elif (a == b) | ((size == 0) & (other == 0)):
            out[i] = b
        elif size == 0:
            out[i] = 1 if b > 0 else -largest
        else:
            position = size if a > 0 else -size
            goal = other if b > 0 else -other
            out[i] = a + 1 if (goal > position) == (a > 0) else a - 1
