"""Pooling over up to three axes, channels last: the largest or the mean of each window, and what gradients need.

`x` is (samples, depth, height, width, channels); images have a depth of 1, sequences a height of 1 as well. Windows are
`size` wide and `stride` apart along each axis, and the first one starts `before` elements in front of `x`; what lies
outside of `x` is not part of any window. Every window has at least one element. (Goodfellow, Bengio, Courville: Deep
Learning, section 9.3; Chollet: Deep Learning with Python, section 8.1.2.)

Channels are compared side by side, since they lie side by side: the loop over them is the innermost.
"""


def max_pool(
    x, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = the largest of x[n, ..., c] in the window (d, h, w), NaN if there is one.

    The range counts the rows (n, d, h) of `out`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        z_first = max(d * stride_d - before_d, 0)
        y_first = max(h * stride_h - before_h, 0)
        z_stop = min(d * stride_d - before_d + size_d, x.shape[1])
        y_stop = min(h * stride_h - before_h + size_h, x.shape[2])
        for w in range(out.shape[3]):
            v_first = max(w * stride_w - before_w, 0)
            v_stop = min(w * stride_w - before_w + size_w, x.shape[3])
            for c in range(x.shape[4]):
                best = x[n, z_first, y_first, v_first, c]
                for z in range(z_first, z_stop):
                    for y in range(y_first, y_stop):
                        for v in range(v_first, v_stop):
                            value = x[n, z, y, v, c]
                            best = best if (best >= value) | (best != best) else value  # the first NaN stays
                out[n, d, h, w, c] = best


def max_pool_with_places(
    x, out, places, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """The same, and where in its window the first element is that `out` was taken from.

    Elements of a window are counted row by row. The range counts the rows (n, d, h) of `out`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        z_first = d * stride_d - before_d
        y_first = h * stride_h - before_h
        for w in range(out.shape[3]):
            v_first = w * stride_w - before_w
            for c in range(x.shape[4]):
                best = x[n, max(z_first, 0), max(y_first, 0), max(v_first, 0), c]
                place = (max(-z_first, 0) * size_h + max(-y_first, 0)) * size_w + max(-v_first, 0)
                for z in range(max(z_first, 0), min(z_first + size_d, x.shape[1])):
                    for y in range(max(y_first, 0), min(y_first + size_h, x.shape[2])):
                        for v in range(max(v_first, 0), min(v_first + size_w, x.shape[3])):
                            value = x[n, z, y, v, c]
                            if not ((best >= value) | (best != best)):
                                best = value
                                place = ((z - z_first) * size_h + y - y_first) * size_w + v - v_first
                out[n, d, h, w, c] = best
                places[n, d, h, w, c] = place


def max_pool_gradient(
    g, places, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = sum of g over the windows whose largest element this is, as `places` say.

    The range counts the rows (n, d, h) of `out`, which is shaped like `x`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth + before_d
        h = r % height + before_h
        a_first = max(d - size_d + stride_d, 0) // stride_d
        b_first = max(h - size_h + stride_h, 0) // stride_h
        for w in range(before_w, before_w + out.shape[3]):
            e_first = max(w - size_w + stride_w, 0) // stride_w
            for c in range(out.shape[4]):
                out[n, d - before_d, h - before_h, w - before_w, c] = 0
                for a in range(a_first, min(d // stride_d + 1, g.shape[1])):
                    for b in range(b_first, min(h // stride_h + 1, g.shape[2])):
                        for e in range(e_first, min(w // stride_w + 1, g.shape[3])):
                            place = ((d - a * stride_d) * size_h + h - b * stride_h) * size_w + w - e * stride_w
                            if places[n, a, b, e, c] == place:
                                out[n, d - before_d, h - before_h, w - before_w, c] += g[n, a, b, e, c]


def max_pool_take(
    x, places, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = the element of x in the window (d, h, w) that stands where `places` say.

    The range counts the rows (n, d, h) of `out`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(out.shape[3]):
            for c in range(out.shape[4]):
                place = places[n, d, h, w, c]
                z = d * stride_d + place // size_w // size_h - before_d
                y = h * stride_h + place // size_w % size_h - before_h
                v = w * stride_w + place % size_w - before_w
                out[n, d, h, w, c] = x[n, z, y, v, c]


def average_pool(
    x, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = the mean of x[n, ..., c] in the window (d, h, w): of its elements that are inside of x.

    The range counts the rows (n, d, h) of `out`. Elements are added two at a time, as in `max_pool`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        z_first = max(d * stride_d - before_d, 0)
        y_first = max(h * stride_h - before_h, 0)
        z_stop = min(d * stride_d - before_d + size_d, x.shape[1])
        y_stop = min(h * stride_h - before_h + size_h, x.shape[2])
        for w in range(out.shape[3]):
            v_first = max(w * stride_w - before_w, 0)
            v_stop = min(w * stride_w - before_w + size_w, x.shape[3])
            for c in range(x.shape[4]):
                out[n, d, h, w, c] = 0
            for z in range(z_first, z_stop):
                for y in range(y_first, y_stop):
                    for v in range(v_first, v_stop, 2):
                        if v + 1 < v_stop:
                            for c in range(x.shape[4]):
                                out[n, d, h, w, c] += x[n, z, y, v, c] + x[n, z, y, v + 1, c]
                        else:
                            for c in range(x.shape[4]):
                                out[n, d, h, w, c] += x[n, z, y, v, c]
            share = 1.0 / float((z_stop - z_first) * (y_stop - y_first) * (v_stop - v_first))
            for c in range(x.shape[4]):
                out[n, d, h, w, c] = float(out[n, d, h, w, c]) * share


def average_pool_gradient(
    g, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = sum over the windows around it of g, divided by how many elements the window has.

    Where windows do not overlap an element is in one of them at most, and is written once.
    The range counts the rows (n, d, h) of `out`, which is shaped like `x`.
    """
    depth, height, width = out.shape[1], out.shape[2], out.shape[3]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        a_first = max(d + before_d - size_d + stride_d, 0) // stride_d
        b_first = max(h + before_h - size_h + stride_h, 0) // stride_h
        a_stop = min((d + before_d) // stride_d + 1, g.shape[1])
        b_stop = min((h + before_h) // stride_h + 1, g.shape[2])
        apart = (size_d <= stride_d) & (size_h <= stride_h) & (size_w <= stride_w)
        for w in range(0 if (a_first >= a_stop) | (b_first >= b_stop) | (not apart) else width, width):
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
        for a in range(a_first, a_stop):
            deep = min(a * stride_d - before_d + size_d, depth) - max(a * stride_d - before_d, 0)
            for b in range(b_first, b_stop):
                high = min(b * stride_h - before_h + size_h, height) - max(b * stride_h - before_h, 0)
                for e in range(g.shape[3]):
                    first = e * stride_w - before_w
                    wide = min(first + size_w, width) - max(first, 0)
                    share = 1.0 / float(deep * high * wide)
                    for w in range(max(first, 0), min(first + size_w, width)):
                        if apart:
                            for c in range(out.shape[4]):
                                out[n, d, h, w, c] = float(g[n, a, b, e, c]) * share
                        else:
                            for c in range(out.shape[4]):
                                out[n, d, h, w, c] += float(g[n, a, b, e, c]) * share
                    if apart:
                        for w in range(first + size_w, width if e == g.shape[3] - 1 else first + stride_w):
                            for c in range(out.shape[4]):
                                out[n, d, h, w, c] = 0
