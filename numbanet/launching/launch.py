"""Kernels as ops use them: range bodies that are launched by calling them, on whichever backend runs the loops."""

from numbanet.backends.select import call
from numbanet.kernels.body import Body


class Kernel(Body):
    """A range body that can be launched; see `Body` for its parameters."""

    __slots__ = ()

    def __call__(self, n, *operands, cost=None):
        """Run positions 0..n of the body on `operands`: arrays (the last one is written to), integers, floats.

        Floats become numbers of the dtype of the last array, so that they never widen the arithmetic.
        """
        if n:
            call("run", operands[0], self, n, operands, self.cost if cost is None else cost)

    def map(self, out, *inputs):
        """Run an elementwise body: `inputs` broadcast to the shape of `out`, which is contiguous and new."""
        if out.size:
            call("map", out, self, out, inputs)


def matmul(a, b, out, bias=None, with_relu=False):
    """Compute out = a @ b for arrays (..., m, k) and (..., k, n) of one dtype, plus bias, and the relu of it."""
    call("matmul", out, a, b, out, bias, with_relu)
