"""Elementwise kernels over operands of any strides, broadcast to the shape of the output: walked in windows."""

import array
import functools

import numpy as np

from numbanet.core.context import context
from numbanet.core.shapes import broadcast_strides, coalesce, contiguous_strides
from numbanet.kernels.body import Body
from numbanet.kernels.threads import DIRECT_NS
from numbanet.kernels.words import CONTIGUOUS, SCALAR, STRIDED

_windows = Body("numbanet.backends.native.drivers.windows.windows")


class Windows:
    """The windowed walk of one backend, and the plans of the walks that it has made."""

    def __init__(self, backend):
        self.backend = backend

    def run(self, body, out, inputs):
        """Run an elementwise kernel over inputs of any strides, broadcast to the shape of `out`."""
        described = tuple([(x.dtype, x.shape, x.strides) for x in (out, *inputs)])
        template, places, driver = self._walk(body, described)
        layout, address_of = template.copy(), self.backend.address_of
        for place, x in zip(places, (*inputs, out), strict=True):
            layout[place] = address_of(x)
        n, cost = out.size, body.cost + 0.3
        if n * cost < DIRECT_NS and driver.direct is not None and context.launches is None:
            driver.direct(layout, n)
        else:
            words = array.array("q", [address_of(layout), len(layout)])
            self.backend.launch(body, driver, words, n, cost, (layout, *inputs, out))

    @functools.lru_cache(4096)  # noqa: B019  (one object per backend, as long as the process)
    def _walk(self, body, described):
        """What `windows` walks, but for addresses; where those belong; and the kernel of `windows`. It takes 10 us."""
        (out_dtype, shape, out_strides), *inputs = described
        inner = self.backend.compiled_map(body, (out_dtype, *[dtype for dtype, _, _ in inputs]))
        strides = [broadcast_strides(own_shape, own, shape) for _, own_shape, own in inputs]
        sizes, walks = coalesce(shape, [out_strides, *strides])
        words, places = [inner.address, len(inputs), len(sizes), *sizes], []
        for (dtype, _, _), own, walk in zip(inputs, strides, walks[1:], strict=True):
            if own == broadcast_strides(shape, contiguous_strides(shape, dtype.itemsize), shape):
                kind = CONTIGUOUS
            else:
                kind = STRIDED if any(walk) else SCALAR
            places.append(len(words))
            words += [0, dtype.itemsize, kind, *walk]
        places.append(len(words))
        words += [0, out_dtype.itemsize]
        layout = np.array(words, np.int64)
        return layout, places, self.backend.prepare(_windows, (layout,))[0]
