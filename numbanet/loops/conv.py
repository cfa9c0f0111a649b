"""Convolutions over up to three axes, channels last, and their gradients.

`x` is (samples, depth, height, width, channels) and `kernel` is (depth, height, width, channels of a group, filters);
images have a depth of 1, sequences a height of 1 as well. `before` is how many zeros are thought of in front of `x`
along each axis; what lies behind it is zero as well. Channels and filters fall into groups of neighbours: filters see
the channels of their own group alone. The window is not mirrored, as in all libraries for networks. (Goodfellow,
Bengio, Courville: Deep Learning, section 9.1; Chollet: Deep Learning with Python, section 8.1.1.)
"""


def conv(
    x, kernel, out, stride_d, stride_h, stride_w, dilation_d, dilation_h, dilation_w, before_d, before_h, before_w,
    start, stop,
):  # fmt: skip
    """out[n, d, h, w, f] = sum over i, j, k, c of x[n, d * stride + i * dilation - before, ..., c] * kernel[..., c, f].

    The range counts the rows (n, d, h) of `out`.
    """
    depth, height, channels = out.shape[1], out.shape[2], kernel.shape[3]
    groups = x.shape[4] // channels
    filters = out.shape[4] // groups
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(out.shape[3]):
            for f in range(out.shape[4]):
                out[n, d, h, w, f] = 0
            for i in range(kernel.shape[0]):
                z = d * stride_d + i * dilation_d - before_d
                for j in range(kernel.shape[1]):
                    y = h * stride_h + j * dilation_h - before_h
                    for k in range(kernel.shape[2]):
                        v = w * stride_w + k * dilation_w - before_w
                        inside = (z >= 0) & (z < x.shape[1]) & (y >= 0) & (y < x.shape[2])
                        if inside & (v >= 0) & (v < x.shape[3]):
                            for g in range(groups):
                                for c in range(channels):
                                    number = x[n, z, y, v, g * channels + c]
                                    for f in range(g * filters, (g + 1) * filters):
                                        out[n, d, h, w, f] += number * kernel[i, j, k, c, f]


def conv_input_gradient(
    g, kernel, out, stride_d, stride_h, stride_w, dilation_d, dilation_h, dilation_w, before_d, before_h, before_w,
    start, stop,
):  # fmt: skip
    """out[n, d, h, w, c] = sum of g * kernel over all outputs and filters that x[n, d, h, w, c] has a part in.

    The range counts the rows (n, d, h) of `out`, which is shaped like `x`. With the roles of the two exchanged, this is
    also the transposed convolution.
    """
    depth, height, channels = out.shape[1], out.shape[2], kernel.shape[3]
    filters = g.shape[4] // (out.shape[4] // channels)
    for r in range(start, stop):
        n = r // height // depth
        d = r // height % depth
        h = r % height
        for w in range(out.shape[3]):
            for c in range(out.shape[4]):
                out[n, d, h, w, c] = 0
            for i in range(kernel.shape[0]):
                z = d + before_d - i * dilation_d
                for j in range(kernel.shape[1]):
                    y = h + before_h - j * dilation_h
                    for k in range(kernel.shape[2]):
                        v = w + before_w - k * dilation_w
                        met = (z >= 0) & (z % stride_d == 0) & (z // stride_d < g.shape[1])
                        met = met & (y >= 0) & (y % stride_h == 0) & (y // stride_h < g.shape[2])
                        if met & (v >= 0) & (v % stride_w == 0) & (v // stride_w < g.shape[3]):
                            for f in range(g.shape[4]):
                                number = g[n, z // stride_d, y // stride_h, v // stride_w, f]
                                first = f // filters * channels
                                for c in range(channels):
                                    out[n, d, h, w, first + c] += number * kernel[i, j, k, c, f]


def conv_kernel_gradient(
    x, g, out, stride_d, stride_h, stride_w, dilation_d, dilation_h, dilation_w, before_d, before_h, before_w,
    start, stop,
):  # fmt: skip
    """out[i, j, k, c, f] = sum of x * g over all outputs of the filter f in which the element of the kernel has a part.

    The range counts the rows (i, j, k, c) of `out`, which is shaped like the kernel.
    """
    high, wide, channels = out.shape[1], out.shape[2], out.shape[3]
    filters = out.shape[4] // (x.shape[4] // channels)
    for r in range(start, stop):
        i = r // channels // wide // high
        j = r // channels // wide % high
        k = r // channels % wide
        c = r % channels
        for f in range(out.shape[4]):
            out[i, j, k, c, f] = 0
        for n in range(g.shape[0]):
            for d in range(g.shape[1]):
                z = d * stride_d + i * dilation_d - before_d
                for h in range(g.shape[2]):
                    y = h * stride_h + j * dilation_h - before_h
                    for w in range(g.shape[3]):
                        v = w * stride_w + k * dilation_w - before_w
                        inside = (z >= 0) & (z < x.shape[1]) & (y >= 0) & (y < x.shape[2])
                        if inside & (v >= 0) & (v < x.shape[3]):
                            for f in range(out.shape[4]):
                                out[i, j, k, c, f] += x[n, z, y, v, f // filters * channels + c] * g[n, d, h, w, f]
