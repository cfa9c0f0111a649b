"""Tuned schedules: what runs in place of, and is tested against, a naive body. Each is a few launches."""

import numpy as np

from numbanet.kernels import products
from numbanet.kernels.launch import Kernel
from numbanet.kernels.words import CONTIGUOUS, SCALAR, STRIDED
from numbanet.shapes import coalesce

_windows = Kernel("numbanet.kernels.windows.windows")


class Schedules:
    """The schedules of one build."""

    def __init__(self, build):
        self.build = build

    def run_windowed(self, kernel, out, inputs):
        """Run an elementwise kernel over inputs of any strides, broadcast to the shape of `out`."""
        build, shape = self.build, out.shape
        inner = build.compiled_map(kernel, (out.dtype, *[x.dtype for x in inputs]))
        views = [x if x.shape == shape else np.broadcast_to(x, shape) for x in inputs]
        sizes, walks = coalesce(shape, [out.strides, *[view.strides for view in views]])
        words = [inner.address, len(inputs), len(sizes), *sizes]
        for view, walk in zip(views, walks[1:], strict=True):
            if (walk == walks[0] and view.itemsize == out.itemsize) or view.flags.c_contiguous:
                kind = CONTIGUOUS
            else:
                kind = STRIDED if any(walk) else SCALAR
            words += [build.address_of(view), view.itemsize, kind, *walk]
        words += [build.address_of(out), out.itemsize]
        layout = np.array(words, np.int64)
        driver, block = build.prepare(_windows, (layout,))
        build.launch(kernel, driver, block, out.size, kernel.cost + 0.3, (layout, *inputs, out))

    def dot(self, a, b, out, bias=None, with_relu=False):
        """out = a @ b (+ bias, and relu of it); see `products.dot`."""
        products.dot(self.build, a, b, out, bias, with_relu)
