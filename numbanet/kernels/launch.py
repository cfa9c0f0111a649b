"""Launching kernels: one range body, its operands, and the range 0..n, on whichever build runs the loops.

A `Kernel` names a body. Calling it launches the body over the whole range at once (eagerly); the builds turn every
launch into `(function, argument block, start, stop)`, the form that can later be kept and replayed.
"""

from importlib import import_module

from numpy import ndarray

from numbanet.backends.select import Superseded, backend

DIRECT_NS = 20_000
"""Launches that end sooner, in nanoseconds, are called directly, without giving other threads a turn."""


def build_of(array):
    """The build that runs loops over an array: that of its device, or the one that runs those of the host."""
    return backend() if type(array) is ndarray else array.device.build


class Kernel:
    """A range body and what a build needs to know about it.

    Parameters
    ----------
    body : function or str
        `body(*operands, start, stop)`: plain Python loops that fill the output positions `start <= i < stop`.
        One that needs Numba to be made at all is given by its full name, and made when it is compiled.
    cost : float
        Nanoseconds that one position takes, roughly; decides from which size a launch is split over threads.
    strided : bool
        Whether one build does for arrays of all strides: for bodies that work with addresses.
    make : callable, optional
        Makes a body that is given by name; without it, the name is imported.
    """

    __slots__ = ("_body", "cost", "make", "name", "qualified_name", "strided")

    def __init__(self, body, cost=1.0, strided=False, make=None):
        self._body, self.make = body, make
        self.qualified_name = body if isinstance(body, str) else f"{body.__module__}.{body.__qualname__}"
        self.name = self.qualified_name.rpartition(".")[2]
        self.cost = cost
        self.strided = strided

    @property
    def body(self):
        """The function."""
        if isinstance(self._body, str):
            module, _, name = self._body.rpartition(".")
            self._body = self.make() if self.make else getattr(import_module(module), name)
        return self._body

    def __call__(self, n, *operands, cost=None):
        """Run positions 0..n of the body on `operands`: arrays (the last one is written to), integers, floats.

        Floats become numbers of the dtype of the last array, so that they never widen the arithmetic.
        """
        if n:
            try:
                build_of(operands[0]).run(self, n, operands, self.cost if cost is None else cost)
            except Superseded:  # nothing has run yet
                self(n, *operands, cost=cost)

    def map(self, out, *inputs):
        """Run an elementwise body: `inputs` broadcast to the shape of `out`, which is contiguous and new."""
        if out.size:
            try:
                build_of(out).run_map(self, out, inputs)
            except Superseded:
                self.map(out, *inputs)

    def __repr__(self):
        return f"Kernel({self.name})"
