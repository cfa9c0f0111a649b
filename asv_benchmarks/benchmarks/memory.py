"""The most memory of a process, and how fast numbers move through it."""

import functools

import numpy as np

import numbanet as nn

from .common import BACKENDS, THREADS, Timed, installed, prepare
from .networks import TEXTBOOK, mnist, trainer

LARGE = 1 << 24


class Peak:
    """The most memory that a process has had at a time."""

    params = ([*BACKENDS],)
    param_names = ("library",)
    timeout = 120

    def setup(self, library):
        """Choose the backend."""
        prepare(library)

    def peakmem_import(self, library):
        """Import and nothing else."""

    def peakmem_sum_of_bytes(self, library):
        """Sum 100 MB of small integers."""
        nn.sum(nn.asarray(np.ones(100_000_000, np.uint8)))

    def peakmem_epoch(self, library):
        """Train an epoch of MNIST."""
        (x, y), _ = mnist()
        trainer(library, TEXTBOOK).train(x, y, None)


class Bandwidth(Timed):
    """Operations on 64 MB, into new memory: bound by it, so their ratio to a copy is what counts."""

    params = (installed("NumPy", "PyTorch"), ["add", "relu", "add a row"], THREADS)
    param_names = ("library", "operation", "threads")
    control = "copy"

    def make(self, library, operation, threads):
        """Return the call."""
        rng = np.random.default_rng(0)
        x, y = (rng.standard_normal((LARGE // 4096, 4096), np.float32) for _ in range(2))
        if library == "NumPy":
            relu = functools.partial(np.maximum, 0)
        elif library == "PyTorch":
            import torch

            x, y, relu = torch.from_numpy(x), torch.from_numpy(y), torch.relu
        else:
            x, y, relu = nn.asarray(x), nn.asarray(y), nn.relu
        row = y[0]
        return {"add": lambda: x + y, "relu": lambda: relu(x), "add a row": lambda: x + row}[operation]
