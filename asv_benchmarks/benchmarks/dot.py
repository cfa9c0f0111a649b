"""Matrix products: called, and replayed in a Program without Python; T marks the transpose of a contiguous array."""

import numpy as np

import numbanet as nn
from numbanet.ops.linalg import dense

from .common import THREADS, Timed, installed
from .internals import Program, matmul, recording

SHAPES = (
    "128x784x512", "784Tx128x512", "128x512x784T", "512x512x512", "1000x1000x1000", "2048x2048x2048", "128x512x10",
    "512Tx128x10", "32x64x32", "1x784x512",
)  # fmt: skip
"""The products of a textbook's networks, and some large ones."""
THIN = ("2x815x96T", "75x949x4", "428x99x2", "1x297x251T", "14Tx884x60T", "621x46x3", "577x78x35", "38Tx571x1")
"""Few rows or few columns: where the register tile is not full."""


def parsed(shape):
    """Return (m, k, n), and whether a and b are transposed."""
    m, k, n = shape.split("x")
    return (int(m.rstrip("T")), int(k), int(n.rstrip("T"))), (m.endswith("T"), n.endswith("T"))


def operand(rng, rows, columns, turned):
    """Return a random matrix of float32, contiguous or the transpose of a contiguous one."""
    x = rng.standard_normal((columns, rows) if turned else (rows, columns), np.float32)
    return x.T if turned else x


def operands(shape):
    """Return a, b and a vector of n numbers."""
    rng = np.random.default_rng(0)
    (m, k, n), (a_turned, b_turned) = parsed(shape)
    return operand(rng, m, k, a_turned), operand(rng, k, n, b_turned), rng.standard_normal(n, np.float32)


class Dot(Timed):
    """`nn.dot` of two tensors, NumPy's OpenBLAS and PyTorch's MKL into memory that is there."""

    params = (installed("NumPy", "PyTorch"), [*SHAPES, *THIN])
    param_names = ("library", "shape")

    def make(self, library, shape):
        """Return the call."""
        a, b, _ = operands(shape)
        if library.startswith("numbanet"):
            x, w = nn.asarray(a), nn.asarray(b)
            return lambda: nn.dot(x, w)
        return their_product(library, a, b)


class DotOnThreads(Dot):
    """Large ones on as many threads as there are processors, two at most."""

    params = (installed("NumPy", "PyTorch"), [*SHAPES[:5]])

    def threads(self, *params):
        """Return how many."""
        return THREADS[-1]


class DotReplayed(Dot):
    """The product in a Program."""

    def make(self, library, shape):
        """Return the call."""
        a, b, _ = operands(shape)
        if not library.startswith("numbanet"):
            return their_product(library, a, b)
        out = np.empty((a.shape[0], b.shape[1]), a.dtype)
        with recording() as launches:
            matmul(a, b, out)
        program = Program(launches, (a, b, out))
        return lambda: program.run(1)


class DotBiasRelu(Dot):
    """Product, bias and relu: one launch of numbanet's, three calls of the others."""

    params = (installed("NumPy", "PyTorch"), [*SHAPES])

    def make(self, library, shape):
        """Return the call."""
        a, b, bias = operands(shape)
        if library.startswith("numbanet"):
            x, w, v = nn.asarray(a), nn.asarray(b), nn.asarray(bias)
            return lambda: dense(x, w, v, with_relu=True)
        product = their_product(library, a, b)
        if library == "NumPy":

            def call():
                z = product()
                np.add(z, bias, out=z)
                np.maximum(z, 0, out=z)

            return call
        import torch

        vector = torch.from_numpy(bias)
        return lambda: product().add_(vector).relu_()


def their_product(library, a, b):
    """Return a call of NumPy or PyTorch that computes a product, and returns it."""
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    if library == "NumPy":
        return lambda: np.matmul(a, b, out=out)
    import torch

    a, b, out = (torch.from_numpy(x) for x in (a, b, out))
    return lambda: torch.mm(a, b, out=out)
