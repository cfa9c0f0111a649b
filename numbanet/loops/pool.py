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
        for w in range(out.shape[3]):
            seen = 0
            for i in range(size_d):
                z = d * stride_d + i - before_d
                for j in range(size_h):
                    y = h * stride_h + j - before_h
                    for k in range(size_w):
                        v = w * stride_w + k - before_w
                        inside = (z >= 0) & (z < x.shape[1]) & (y >= 0) & (y < x.shape[2])
                        if inside & (v >= 0) & (v < x.shape[3]):
                            if seen == 0:
                                for c in range(x.shape[4]):
                                    out[n, d, h, w, c] = x[n, z, y, v, c]
                                seen = 1
                            else:
                                for c in range(x.shape[4]):
                                    value = x[n, z, y, v, c]
                                    best = out[n, d, h, w, c]
                                    out[n, d, h, w, c] = value if (value > best) | (value != value) else best


def max_pool_places(
    x, best, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = where in its window the first element is that `best`, of `max_pool`, was taken from.

    Elements of a window are counted row by row. The range counts the rows (n, d, h) of `out`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(out.shape[3]):
            for back in range(size_d * size_h * size_w):  # from the last to the first, which stays
                place = size_d * size_h * size_w - 1 - back
                z = d * stride_d + place // size_w // size_h - before_d
                y = h * stride_h + place // size_w % size_h - before_h
                v = w * stride_w + place % size_w - before_w
                inside = (z >= 0) & (z < x.shape[1]) & (y >= 0) & (y < x.shape[2])
                if inside & (v >= 0) & (v < x.shape[3]):
                    for c in range(x.shape[4]):
                        value = x[n, z, y, v, c]
                        found = (value == best[n, d, h, w, c]) | (value != value)
                        out[n, d, h, w, c] = place if found else out[n, d, h, w, c]


def max_pool_gradient(
    g, places, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = sum of g over the windows whose largest element this is, as `places` say.

    The range counts the rows (n, d, h) of `out`, which is shaped like `x`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(out.shape[3]):
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
            for i in range(size_d):
                z = d + before_d - i
                for j in range(size_h):
                    y = h + before_h - j
                    for k in range(size_w):
                        v = w + before_w - k
                        met = (z >= 0) & (z % stride_d == 0) & (z // stride_d < g.shape[1])
                        met = met & (y >= 0) & (y % stride_h == 0) & (y // stride_h < g.shape[2])
                        if met & (v >= 0) & (v % stride_w == 0) & (v // stride_w < g.shape[3]):
                            a = z // stride_d
                            b = y // stride_h
                            e = v // stride_w
                            place = (i * size_h + j) * size_w + k
                            for c in range(out.shape[4]):
                                number = g[n, a, b, e, c]
                                out[n, d, h, w, c] += number if places[n, a, b, e, c] == place else 0


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

    The range counts the rows (n, d, h) of `out`.
    """
    depth, height = out.shape[1], out.shape[2]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(out.shape[3]):
            count = 0
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
            for i in range(size_d):
                z = d * stride_d + i - before_d
                for j in range(size_h):
                    y = h * stride_h + j - before_h
                    for k in range(size_w):
                        v = w * stride_w + k - before_w
                        inside = (z >= 0) & (z < x.shape[1]) & (y >= 0) & (y < x.shape[2])
                        if inside & (v >= 0) & (v < x.shape[3]):
                            count += 1
                            for c in range(out.shape[4]):
                                out[n, d, h, w, c] += x[n, z, y, v, c]
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = float(out[n, d, h, w, c]) / float(count)


def average_pool_gradient(
    g, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    """out[n, d, h, w, c] = sum over the windows around it of g, divided by how many elements the window has.

    The range counts the rows (n, d, h) of `out`, which is shaped like `x`.
    """
    depth, height, width = out.shape[1], out.shape[2], out.shape[3]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(width):
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
            for i in range(size_d):
                z = d + before_d - i
                for j in range(size_h):
                    y = h + before_h - j
                    for k in range(size_w):
                        v = w + before_w - k
                        met = (z >= 0) & (z % stride_d == 0) & (z // stride_d < g.shape[1])
                        met = met & (y >= 0) & (y % stride_h == 0) & (y // stride_h < g.shape[2])
                        if met & (v >= 0) & (v % stride_w == 0) & (v // stride_w < g.shape[3]):
                            deep = min(depth - d + i, size_d) - max(i - d, 0)
                            high = min(height - h + j, size_h) - max(j - h, 0)
                            wide = min(width - w + k, size_w) - max(k - w, 0)
                            for c in range(out.shape[4]):
                                number = g[n, z // stride_d, y // stride_h, v // stride_w, c]
                                out[n, d, h, w, c] += float(number) / float(deep * high * wide)
