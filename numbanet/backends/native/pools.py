"""Pooling and its gradients in vectors along the channels: the bodies of `loops.pool`, on primitives.

Every output compares or adds the same elements in the same order; of max pooling, to the same bytes.
"""

from numbanet.backends.native.primitives.pools import (
    largest_and_places,
    largest_of_windows,
    mean_of_box,
    means_of_windows,
    spread_evenly,
    spread_where_placed,
    sum_few_where_placed,
    sum_pairs_where_placed,
    sum_where_placed,
)


def max_pool(
    x, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    depth, height, width = out.shape[1], out.shape[2], out.shape[3]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        z = max(d * stride_d - before_d, 0)
        y = max(h * stride_h - before_h, 0)
        deep = min(d * stride_d - before_d + size_d, x.shape[1]) - z
        high = min(h * stride_h - before_h + size_h, x.shape[2]) - y
        row = ((n * x.shape[1] + z) * x.shape[2] + y) * x.shape[3]
        w = 0
        while w < width:
            v = max(w * stride_w - before_w, 0)
            wide = min(w * stride_w - before_w + size_w, x.shape[3]) - v
            count = 1
            if wide == size_w:  # so are those up to the last one that is whole
                count = min((x.shape[3] + before_w - size_w) // stride_w + 1, width) - w
            at = (row + v) * x.shape[4]
            largest_of_windows(x, at, deep, high, wide, count, stride_w, out, (r * width + w) * x.shape[4])
            w += count


def max_pool_with_places(
    x, out, places, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    depth, height, width = out.shape[1], out.shape[2], out.shape[3]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        z = max(d * stride_d - before_d, 0)
        y = max(h * stride_h - before_h, 0)
        deep = min(d * stride_d - before_d + size_d, x.shape[1]) - z
        high = min(h * stride_h - before_h + size_h, x.shape[2]) - y
        row = ((n * x.shape[1] + z) * x.shape[2] + y) * x.shape[3]
        place = ((z - d * stride_d + before_d) * size_h + y - h * stride_h + before_h) * size_w
        w = 0
        while w < width:
            v = max(w * stride_w - before_w, 0)
            wide = min(w * stride_w - before_w + size_w, x.shape[3]) - v
            count = 1
            if wide == size_w:
                count = min((x.shape[3] + before_w - size_w) // stride_w + 1, width) - w
            first = place + v - w * stride_w + before_w
            at = (row + v) * x.shape[4]
            to = (r * width + w) * x.shape[4]
            largest_and_places(
                x, at, deep, high, wide, count, stride_w, out, places, to, first, size_h * size_w, size_w
            )
            w += count


def max_pool_gradient(
    g, places, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    depth, height, width = out.shape[1], out.shape[2], out.shape[3]
    by_d, by_h = stride_d * size_h * size_w, stride_h * size_w
    q = max(size_w - 1, before_w + 1) // 2  # from there on, all windows that might be around 2 q and 2 q + 1 are
    paired = 2 * q - before_w
    few = (stride_w == 2) & ((g.shape[4] == 1) | (g.shape[4] == 3))
    pairs = min(g.shape[3] - q, max(width - paired, 0) // 2) if few else 0
    for r in range(start, stop):
        n, d, h = r // height // depth, r // height % depth + before_d, r % height + before_h
        a, b = max(d - size_d + stride_d, 0) // stride_d, max(h - size_h + stride_h, 0) // stride_h
        deep, high = min(d // stride_d + 1, g.shape[1]) - a, min(h // stride_h + 1, g.shape[2]) - b
        row = ((n * g.shape[1] + a) * g.shape[2] + b) * g.shape[3]
        place = ((d - a * stride_d) * size_h + h - b * stride_h) * size_w
        if pairs > 0:
            at, to = (row + q - (size_w - 1) // 2) * g.shape[4], (r * width + paired) * g.shape[4]
            sum_pairs_where_placed(g, places, at, deep, high, size_w, place, by_d, by_h, pairs, out, to)
            for side in range(width - 2 * pairs):  # what is before and behind them
                w = side if side < paired else side + 2 * pairs
                e, wide = max(w + before_w - size_w + 2, 0) // 2, min((w + before_w) // 2 + 1, g.shape[3])
                at, to = (row + e) * g.shape[4], (r * width + w) * g.shape[4]
                first = place + w + before_w - 2 * e
                sum_few_where_placed(g, places, at, deep, high, wide - e, first, by_d, by_h, 2, out, to)
        else:
            e, end, w = 0, 0, 0
            while w < width:
                while e * stride_w + size_w <= w + before_w:
                    e += 1
                while (end < g.shape[3]) & (end * stride_w <= w + before_w):
                    end += 1
                at, to = (row + e) * g.shape[4], (r * width + w) * g.shape[4]
                first = place + w + before_w - e * stride_w
                if (size_w <= stride_w) & (deep == 1) & (high == 1) & (e < end):  # all of a row of one window
                    wide = min(e * stride_w + size_w - before_w, width) - w
                    spread_where_placed(g, places, at, first, out, to, wide)
                    w += wide
                else:
                    sum_where_placed(g, places, at, deep, high, end - e, first, by_d, by_h, stride_w, out, to)
                    w += 1


def average_pool(
    x, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    depth, height, width = out.shape[1], out.shape[2], out.shape[3]
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        z = max(d * stride_d - before_d, 0)
        y = max(h * stride_h - before_h, 0)
        deep = min(d * stride_d - before_d + size_d, x.shape[1]) - z
        high = min(h * stride_h - before_h + size_h, x.shape[2]) - y
        row = ((n * x.shape[1] + z) * x.shape[2] + y) * x.shape[3]
        w = 0
        while w < width:
            v = max(w * stride_w - before_w, 0)
            wide = min(w * stride_w - before_w + size_w, x.shape[3]) - v
            count = 1
            if wide == size_w:
                count = min((x.shape[3] + before_w - size_w) // stride_w + 1, width) - w
            at, to = (row + v) * x.shape[4], (r * width + w) * x.shape[4]
            means_of_windows(x, at, deep, high, wide, 1.0 / float(deep * high * wide), count, stride_w, out, to)
            w += count


def average_pool_gradient(
    g, out, size_d, size_h, size_w, stride_d, stride_h, stride_w, before_d, before_h, before_w, start, stop
):  # fmt: skip
    depth, height, width, channels = out.shape[1], out.shape[2], out.shape[3], out.shape[4]
    for r in range(start, stop):
        n = r // height // depth
        d, h = r // height % depth + before_d, r % height + before_h
        a, b = max(d - size_d + stride_d, 0) // stride_d, max(h - size_h + stride_h, 0) // stride_h
        deep, high = min(d // stride_d + 1, g.shape[1]) - a, min(h // stride_h + 1, g.shape[2]) - b
        z, y = (a + deep - 1) * stride_d + size_d - before_d, (b + high - 1) * stride_h + size_h - before_h
        inside = (a * stride_d >= before_d) & (z <= depth) & (b * stride_h >= before_h) & (y <= height)
        rows = (min(z, depth) - max(a * stride_d - before_d, 0)) * (min(y, height) - max(b * stride_h - before_h, 0))
        row = ((n * g.shape[1] + a) * g.shape[2] + b) * g.shape[3]
        e, end, w = 0, 0, 0
        while w < width:
            while e * stride_w + size_w <= w + before_w:
                e += 1
            while (end < g.shape[3]) & (end * stride_w <= w + before_w):
                end += 1
            at, to = (row + e) * channels, (r * width + w) * channels
            v = (end - 1) * stride_w + size_w - before_w
            if (size_w <= stride_w) & (deep == 1) & (high == 1) & (e < end):  # all of a row of one window
                wide = min(v, width) - w
                spread_evenly(g, at, 1.0 / float(rows * wide), out, to, wide)
                w += wide
            elif inside & (e * stride_w >= before_w) & (v <= width):  # all windows around it are whole
                mean_of_box(g, at, deep, high, end - e, 1.0 / float(size_d * size_h * size_w), out, to)
                w += 1
            else:
                for c in range(channels):
                    total = 0.0
                    for i in range(a, a + deep):
                        z = min(i * stride_d - before_d + size_d, depth) - max(i * stride_d - before_d, 0)
                        for j in range(b, b + high):
                            y = min(j * stride_h - before_h + size_h, height) - max(j * stride_h - before_h, 0)
                            for k in range(e, end):
                                v = min(k * stride_w - before_w + size_w, width) - max(k * stride_w - before_w, 0)
                                total += float(g[n, i, j, k, c]) / float(z * y * v)
                    out[n, d - before_d, h - before_h, w, c] = total
                w += 1
