"""Kernels as ops use them: range bodies that are launched by calling them, on whichever backend runs the loops."""

from numbanet.backends import select
from numbanet.backends.select import call
from numbanet.core.context import context
from numbanet.kernels.body import Body
from numbanet.kernels.recording import Launch

TILES = ("dot_tiles", "dot_blocks")
"""The launches of products in tiles, which rows can be taken from."""


class Kernel(Body):
    """A range body that can be launched; see `Body` for its parameters."""

    __slots__ = ()

    def __call__(self, n, *operands, cost=None):
        """Run positions 0..n of the body on `operands`: arrays (the last one is written to), integers, floats.

        Floats become numbers of the dtype of the last array, so that they never widen the arithmetic.
        """
        if n:
            select.run(self, n, operands, self.cost if cost is None else cost)

    def map(self, out, *inputs):
        """Run an elementwise body: `inputs` broadcast to the shape of `out`, which is contiguous and new."""
        if out.size:
            select.map(self, out, inputs)


def matmul(a, b, out, bias=None, with_relu=False):
    """Compute out = a @ b for arrays (..., m, k) and (..., k, n) of one dtype, plus bias, and the relu of it."""
    call("matmul", out, a, b, out, bias, with_relu)
    last = context.launches[-1] if context.launches and out.ndim == 2 else None
    if type(last) is Launch and last.name in TILES and last.keep[0] is a and last.keep[-1] is out:
        last.product = a, b, out, bias, with_relu


def conv(x, kernel, out, geometry, bias=None, with_relu=False):
    """Convolve x with kernel into `out`, plus bias, and the relu of it; see `Backend.conv`."""
    call("conv", out, x, kernel, out, geometry, bias, with_relu)


def conv_input_gradient(g, kernel, out, geometry):
    """Compute the gradient of `conv` with respect to its input."""
    call("conv_input_gradient", out, g, kernel, out, geometry)


def conv_kernel_gradient(x, g, out, geometry):
    """Compute the gradient of `conv` with respect to its kernel."""
    call("conv_kernel_gradient", out, x, g, out, geometry)


def attention(query, key, value, bias, mask, scale, is_causal, out, statistics):
    """Compute scaled dot-product attention; see `Backend.attention`."""
    call("attention", out, query, key, value, bias, mask, scale, is_causal, out, statistics)


def attention_gradient(g, query, key, value, bias, mask, scale, is_causal, *known_and_wanted):
    """Compute the gradients of `attention` by query, key and value; see `Backend.attention_gradient`."""
    call("attention_gradient", g, g, query, key, value, bias, mask, scale, is_causal, *known_and_wanted)


def reduce(body, columns, lanes, out):
    """Reduce lanes (outer, n, inner) to `out`, by one of two kernels that give the same; see `Backend.reduce`."""
    if out.size:
        call("reduce", out, body, columns, lanes, out)


def argsort(x, axis, descending):
    """Return the positions that sort an axis; equals keep their order, and NaN is the largest."""
    return call("argsort", x, x, axis, descending)


def concat(arrays, axis):
    """Return arrays of one dtype and device one after the other along an axis."""
    return call("concat", arrays[0], arrays, axis)


def scatter_add(g, key, shape):
    """Return zeros of a shape with `g` added where an index picks."""
    return call("scatter_add", g, g, key, shape)


def repeat(count, rows, step, *operands):
    """Run `step(t, rows)` for t = 0, 1, ..., count - 1, for some rows or all; see `Backend.repeat`."""
    call("repeat", operands[-1], count, rows, step, operands)


def beside(values, x):
    """Return values of the host where the array `x` lies."""
    return call("from_host", x, values)


def mark_columns(rows, starts, columns, cuts):
    """Return flags, uint8, of the columns that occur in rows of a sparse matrix."""
    return call("mark_columns", rows, rows, starts, columns, cuts)


def launch_touched(launch, flags):
    """Record a launch that was kept, over the rows with a flag alone."""
    call("launch_touched", flags, launch, flags)


def mark_first(index, count):
    """Return flags, uint8, of the places of `index` at which a number below `count` occurs for the first time."""
    return call("mark_first", index, index, count)


def launch_picked(launch, count, index, first):
    """Record a launch that was kept, over those of its `count` rows alone that `index` has at places with a flag."""
    call("launch_picked", index, launch, count, index, first)
