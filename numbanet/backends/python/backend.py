"""The Python backend: the bodies as they stand. It defines what is right, and is what a debugger steps into."""

import array
import ctypes
import time
from types import SimpleNamespace

import numpy as np

from numbanet.backends.protocol import Backend
from numbanet.core.context import context
from numbanet.kernels.recording import CannotRecord
from numbanet.kernels.words import BEGAN, ENDED, HALF, OVER

LAUNCH = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)


class _Wrapping(np.ndarray):
    """An array of integers in which those that it cannot hold wrap around, as in C; NumPy raises for a single one."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value.astype(self.dtype) if isinstance(value, np.integer) else value)


def _as_in_c(operands):
    """The operands of a body; integers are stored as in C if they come in several dtypes."""
    whole = {x.dtype for x in operands if isinstance(x, np.ndarray) and x.dtype.kind in "iu"}
    if len(whole) < 2:
        return operands
    return [x.view(_Wrapping) if isinstance(x, np.ndarray) and x.dtype in whole else x for x in operands]


class PythonBackend(Backend):
    """Runs range bodies in the interpreter, on one thread."""

    name = "python"
    compiled = False

    def run(self, kernel, n, operands, cost):
        """Run positions 0..n of a body."""
        if context.launches is not None:  # another backend began to record, and failed
            raise CannotRecord("the loops run in the interpreter")
        with np.errstate(all="ignore"):
            kernel.function(*_as_in_c(operands), 0, n)

    def vectors(self):
        return "none: the loops run in the interpreter"

    def map(self, kernel, out, inputs):
        """Run an elementwise body over the broadcast inputs."""
        flat = [np.broadcast_to(x, out.shape).reshape(-1) for x in inputs]
        self.run(kernel, out.size, (*flat, out.reshape(-1)), kernel.cost)

    def prepare(self, kernel, operands):
        """The loop of `replay` over launches that another backend recorded before it failed."""

        def call(block, start, stop):
            walk(*operands, start, stop)

        return SimpleNamespace(call=call), array.array("q", [0])


def walk(launches, slots, numbers, words, every, turn, start, stop):
    """What `drivers.replay.replay` does."""
    words[BEGAN] = time.monotonic_ns()
    words[ENDED] = stop
    for step in range(start, stop):
        if step == stop // 2:
            words[HALF] = time.monotonic_ns()
        if step > 0 and time.monotonic_ns() - words[BEGAN] > turn:
            words[ENDED] = step
            break
        for address, column in slots.tolist():
            ctypes.c_double.from_address(address).value = numbers[step, column]
        for function, block, n, _ in launches.tolist():
            LAUNCH(function)(block, 0, n)
    words[OVER] = time.monotonic_ns()
