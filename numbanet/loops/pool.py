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
            for i in range(size_d - 1, -1, -1):  # from the last to the first, which stays
                z = d * stride_d + i - before_d
                for j in range(size_h - 1, -1, -1):
                    y = h * stride_h + j - before_h
                    for k in range(size_w - 1, -1, -1):
                        v = w * stride_w + k - before_w
                        place = (i * size_h + j) * size_w + k
                        inside = (z >= 0) & (z < x.shape[1]) & (y >= 0) & (y < x.shape[2])
                        if inside & (v >= 0) & (v < x.shape[3]):
                            for c in range(x.shape[4]):
                                entry = x[n, z, y, v, c]
                                found = (entry == best[n, d, h, w, c]) | (entry != entry)
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
        last_d = min((d + before_d) // stride_d + 1, g.shape[1])
        last_h = min((h + before_h) // stride_h + 1, g.shape[2])
        for w in range(out.shape[3]):
            last_w = min((w + before_w) // stride_w + 1, g.shape[3])
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
            for z in range(max(d + before_d - size_d + stride_d, 0) // stride_d, last_d):
                for y in range(max(h + before_h - size_h + stride_h, 0) // stride_h, last_h):
                    for v in range(max(w + before_w - size_w + stride_w, 0) // stride_w, last_w):
                        i = d + before_d - z * stride_d
                        j = h + before_h - y * stride_h
                        place = (i * size_h + j) * size_w + w + before_w - v * stride_w
                        for c in range(out.shape[4]):
                            entry = g[n, z, y, v, c]
                            out[n, d, h, w, c] += entry if places[n, z, y, v, c] == place else 0


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
        last_d = min((d + before_d) // stride_d + 1, g.shape[1])
        last_h = min((h + before_h) // stride_h + 1, g.shape[2])
        for w in range(width):
            last_w = min((w + before_w) // stride_w + 1, g.shape[3])
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
            for z in range(max(d + before_d - size_d + stride_d, 0) // stride_d, last_d):
                i = z * stride_d - before_d
                deep = min(depth, i + size_d) - max(i, 0)
                for y in range(max(h + before_h - size_h + stride_h, 0) // stride_h, last_h):
                    j = y * stride_h - before_h
                    high = min(height, j + size_h) - max(j, 0)
                    for v in range(max(w + before_w - size_w + stride_w, 0) // stride_w, last_w):
                        k = v * stride_w - before_w
                        wide = min(width, k + size_w) - max(k, 0)
                        for c in range(out.shape[4]):
                            out[n, d, h, w, c] += float(g[n, z, y, v, c]) / float(deep * high * wide)
