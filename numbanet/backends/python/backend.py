"""The Python backend: the bodies as they stand. It defines what is right, and is what a debugger steps into."""

import numpy as np

from numbanet.backends.protocol import Backend
from numbanet.core.context import context
from numbanet.kernels.recording import CannotRecord

WIDEST = 8
"""Bytes of the integers that bodies compute in."""


class _Wrapping(np.ndarray):
    """An array of integers in which those that it cannot hold wrap around, as in C; NumPy raises for a single one."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value.astype(self.dtype) if isinstance(value, np.integer) else value)


def _as_in_c(operands):
    """The operands of a body; integers are stored as in C where a body may compute in a wider dtype."""
    whole = {x.dtype for x in operands if isinstance(x, np.ndarray) and x.dtype.kind in "iu"}
    if len(whole) < 2 and all(dtype.itemsize == WIDEST for dtype in whole):
        return operands
    return [x.view(_Wrapping) if isinstance(x, np.ndarray) and x.dtype in whole else x for x in operands]


class PythonBackend(Backend):
    """Runs range bodies in the interpreter, on one thread."""

    name = "python"
    compiled = False

    def run(self, body, n, operands, cost):
        """Run positions 0..n of a body."""
        if context.launches is not None:  # another backend began to record, and failed
            raise CannotRecord("the loops run in the interpreter")
        with np.errstate(all="ignore"):
            body.function(*_as_in_c(operands), 0, n)

    def vectors(self):
        return "none: the loops run in the interpreter"

    def map(self, body, out, inputs):
        """Run an elementwise body over the broadcast inputs."""
        flat = [np.broadcast_to(x, out.shape).reshape(-1) for x in inputs]
        self.run(body, out.size, (*flat, out.reshape(-1)), body.cost)
