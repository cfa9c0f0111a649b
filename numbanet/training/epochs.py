"""The order of samples in arrays: all of them every epoch, or as many batches as an epoch is to have."""

import numpy as np

from numbanet.errors import DataError


class Epochs:
    """The rows that each epoch goes through.

    Parameters
    ----------
    size : int
        How many samples there are.
    batch_size : int
    steps : int or None
        Batches per epoch; None for all. With fewer, the next epoch goes on where the last one ended, so that no sample
        is left out; with more, the samples come again.
    shuffle : bool
        Whether each pass over the samples has an order of its own.
    generator : numpy.random.Generator
        Draws the orders.
    """

    def __init__(self, size, batch_size, steps, shuffle, generator):
        self._size, self._batch_size, self._steps = size, batch_size, steps
        self._shuffle, self._generator = shuffle, generator
        self._rest = np.empty(0, np.int64)

    @property
    def size(self):
        """How many samples there are; None if unknown."""
        return self._size

    def next(self):
        """Return the rows of the next epoch, one array for each pass that it takes part in; None for all in order."""
        if self._steps is None:
            return [self._pass() if self._shuffle else None]
        passes, left = [], self._steps
        while left:
            if not len(self._rest):
                self._rest = self._pass()
            rows, self._rest = np.split(self._rest, [left * self._batch_size])
            passes.append(rows)
            left -= -(-len(rows) // self._batch_size)
        return passes

    def _pass(self):
        return self._generator.permutation(self._size) if self._shuffle else np.arange(self._size)

    @property
    def rest(self):
        """The rows that the next epoch begins with, those that the last one left."""
        return self._rest

    @rest.setter
    def rest(self, rows):
        rows = np.asarray(rows, np.int64)
        if rows.ndim != 1 or (len(rows) and not 0 <= rows.min() <= rows.max() < self._size):
            raise DataError(f"there are {self._size} samples, and others were left")
        self._rest = rows
