"""A fifth backend: it counts what is asked of it, and has the interpreter compute it, so that results are right.

It shows what a backend must have (`run` and `map`, which count and hand over), what it may have (`matmul_floats`, whose
operations have a formula of their own), and what it can leave to the fallbacks of `numbanet.backends.protocol`.

What is counted is the model that is usual for such figures, not what a processor does: an elementwise kernel is one
operation per element of its result, a product of matrices two per multiplication and addition, every other body one
per element of its largest operand. Bytes are those of the operands, each read or written once.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np

from numbanet.backends.protocol import Backend
from numbanet.backends.python.backend import PythonBackend


class Count(NamedTuple):
    """What some launches do.

    Parameters
    ----------
    launches, operations, bytes : int
    """

    launches: int = 0
    operations: int = 0
    bytes: int = 0


class CountingBackend(Backend):
    """Counts launches, operations and bytes, by body.

    Attributes
    ----------
    launches, operations, bytes : Counter
        By the name of the body; products of matrices are "matmul".
    """

    name = "counting"
    compiled = False

    def __init__(self):
        self._interpreter = PythonBackend()
        self.launches, self.operations, self.bytes = Counter(), Counter(), Counter()

    def run(self, body, n, operands, cost):
        self._count(body.name, max(x.size for x in operands if isinstance(x, np.ndarray)), operands)
        self._interpreter.run(body, n, operands, cost)

    def map(self, body, out, inputs):
        self._count(body.name, out.size, (*inputs, out))
        self._interpreter.map(body, out, inputs)

    def matmul_floats(self, a, b, out, bias, with_relu):
        operations = 2 * a.shape[-1] * out.size
        operands = [a, b, out]
        if bias is not None:
            operations += (1 + bool(with_relu)) * out.size
            operands.append(bias)
        self._count("matmul", operations, operands)
        self._interpreter.matmul_floats(a, b, out, bias, with_relu)

    def _count(self, name, operations, operands):
        self.launches[name] += 1
        self.operations[name] += operations
        self.bytes[name] += sum(x.nbytes for x in operands if isinstance(x, np.ndarray))

    def total(self, name=None):
        """Return the Count of a body, or of everything."""
        counters = self.launches, self.operations, self.bytes
        return Count(*[one.total() if name is None else one[name] for one in counters])
