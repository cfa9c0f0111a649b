"""Tuned schedules: what runs in place of, and is tested against, a naive body. Each is a few launches."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numbanet.kernels import tiles, vectors, windows
from numbanet.kernels.copies import contiguous
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import dot as dot_loops
from numbanet.kernels.memory import empty
from numbanet.shapes import coalesce

GFLOPS = 100.0
"""What a tile does on one core, roughly: only used to decide from which size a dot is split over threads."""

PAGE, MANY_ROWS = 4096, 256
"""Rows of b that lie whole pages apart fall on the same few cache lines: with so many rows of a, b is packed after all.

On one core of Zen 5, 2048 cubed went from 123 to 175 Gflop/s and 512x1024x1024 from 130 to 144; 1000 cubed, whose rows
are 4,000 bytes long, lost from 217 to 176 by packing, and keeps b where it lies.
"""

_windows = Kernel(windows.windows)
_pack = Kernel(tiles.pack_panels)
_tiles = Kernel(tiles.dot_tiles)
_rows = Kernel(dot_loops.matrix_vector_dot, reassociate=True)


class Schedules:
    """The schedules of one build."""

    float32, float64 = vectors.FLOAT32, vectors.FLOAT64

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
        """out = a @ b (+ bias, and relu of it), for matrices of one floating dtype and any strides; no size is 0.

        `out` is contiguous, and so is `bias`, one number per column.
        """
        (m, k), n = a.shape, b.shape[1]
        if n == 1 and bias is None:
            _rows(m, contiguous(a), contiguous(b[:, 0]), out[:, 0], cost=k * 0.1)
            return
        epilogue = tiles.PLAIN if bias is None else tiles.BIAS_AND_RELU if with_relu else tiles.BIAS
        biases = out[0] if bias is None else bias
        columns = tiles.columns_of(out.dtype)
        colliding = b.strides[0] % PAGE == 0 and m >= MANY_ROWS
        whole = n // columns if b.strides[1] == b.itemsize and not colliding else 0
        tile_rows = -(-m // tiles.ROWS)
        cost = 2 * tiles.ROWS * columns * k / GFLOPS
        if whole:
            in_place = as_strided(b, (whole, k, columns), (columns * b.itemsize, *b.strides))
            _tiles(whole * tile_rows, a, in_place, biases, out, epilogue, 0, cost=cost)
        if whole * columns < n:
            rest = b[:, whole * columns :]
            panels = empty((-(-rest.shape[1] // columns), k, columns), out.dtype)
            _pack(len(panels), rest, panels, cost=k * columns * 0.5)
            _tiles(len(panels) * tile_rows, a, panels, biases, out, epilogue, whole * columns, cost=cost)
