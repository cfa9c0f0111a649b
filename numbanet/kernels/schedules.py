"""Tuned schedules: what runs in place of, and is tested against, a naive body. Each is a few launches."""

import numpy as np

from numbanet.kernels import products, vectors, windows
from numbanet.kernels.launch import Kernel
from numbanet.shapes import coalesce

_windows = Kernel(windows.windows)


class Schedules:
    """The schedules of one build."""

    float32 = vectors.FLOAT32

    def __init__(self, build):
        self.build = build

    def run_windowed(self, kernel, out, inputs):
        """Run an elementwise kernel over inputs of any strides, broadcast to the shape of `out`."""
        build, shape = self.build, out.shape
        inner = build.compiled(kernel, (*[x.dtype for x in inputs], out.dtype))
        views = [x if x.shape == shape else np.broadcast_to(x, shape) for x in inputs]
        sizes, walks = coalesce(shape, [out.strides, *[view.strides for view in views]])
        words = [inner.address, len(inputs), len(sizes), *sizes]
        for view, walk in zip(views, walks[1:], strict=True):
            if (walk == walks[0] and view.itemsize == out.itemsize) or view.flags.c_contiguous:
                kind = windows.CONTIGUOUS
            else:
                kind = windows.STRIDED if any(walk) else windows.SCALAR
            words += [build.address_of(view), view.itemsize, kind, *walk]
        words += [build.address_of(out), out.itemsize]
        layout = np.array(words, np.int64)
        driver = build.compiled(_windows, ((layout.dtype, 1, True), None))
        operands = (layout, *inputs, out)
        build.launch(kernel, driver, (build.address_of(layout), len(words)), out.size, kernel.cost + 0.3, operands)

    def dot(self, a, b, out, bias=None, with_relu=False):
        """out = a @ b (+ bias, and relu of it); see `products.dot`."""
        products.dot(self.build, a, b, out, bias, with_relu)
