"""The order of samples in arrays: all of them every epoch, or as many batches as an epoch is to have; and which epochs.

What a run draws, and where it is, may be written down, so that a run that was broken off goes on from there.
"""

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


class Run:
    """Where a call of `fit` is.

    Parameters
    ----------
    numbers : range
        The numbers of its epochs.
    orders : Epochs
    generator : numpy.random.Generator
        What all random numbers are drawn from.
    """

    def __init__(self, numbers, orders, generator):
        self.next, self._stop = numbers.start, numbers.stop
        self._orders, self._generator = orders, generator

    def epochs(self):
        """Yield the numbers of the epochs that are left."""
        while self.next < self._stop:
            self.next += 1
            yield self.next - 1

    def state(self):
        """Return what `restore` needs, as plain data: the next epoch, the generator, the rows that are left."""
        state = {"next": self.next, "samples": self._orders.size, "rest": self._orders.rest.tolist()}
        return state | {"generator": _plain(self._generator.bit_generator.state)}

    def restore(self, state):
        """Go on where another run was; DataError, and nothing changed, if it was of other data or another generator."""
        theirs, mine = state["generator"], self._generator.bit_generator
        if theirs["bit_generator"] != mine.state["bit_generator"] or state["samples"] != self._orders.size:
            raise DataError(
                f"it is of a run over {state['samples']} samples with {theirs['bit_generator']}, this one has "
                f"{self._orders.size} and {mine.state['bit_generator']}"
            )
        self._orders.rest = state["rest"]
        mine.state = _restored(theirs, mine.state)
        self.next = int(state["next"])


def _plain(state):
    """Return the state of a generator as data for JSON."""
    if isinstance(state, dict):
        return {key: _plain(one) for key, one in state.items()}
    if isinstance(state, np.ndarray):
        return state.tolist()
    return state.item() if isinstance(state, np.generic) else state


def _restored(state, like):
    """Return plain data as a state in the form of another one."""
    if isinstance(like, dict):
        return {key: _restored(state[key], one) for key, one in like.items()}
    return np.asarray(state, like.dtype) if isinstance(like, np.ndarray) else state
