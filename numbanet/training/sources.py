"""What a replayed step fetches its samples from: a data set that is where the model is, or chunks that arrive there."""

import contextlib

import numpy as np

from numbanet.launching.copies import contiguous
from numbanet.ops.indexing import take
from numbanet.ops.shaping import reshape
from numbanet.tensor.tensor import Tensor, device_named, put
from numbanet.training.prefetch import Prefetch


class Whole:
    """A data set where the model is, as matrices of rows; an epoch fetches them in its order."""

    def __init__(self, place, tensors):
        self.rows = [as_matrix(contiguous(tensor._array)) for tensor in tensors]
        self.order = put(np.arange(len(self.rows[0])), place)._array

    def refresh(self, parts, rows):
        """Copy these samples again where the rows are a copy: the arrays of the user may have been written to."""
        if isinstance(self.order, np.ndarray):
            for matrix, part in zip(self.rows, parts, strict=True):
                if not np.may_share_memory(matrix, part):
                    matrix[rows] = part[rows].reshape(len(rows), -1)

    def batch(self, parts, first, rows):
        """The samples of one batch as tensors."""
        if isinstance(self.order, np.ndarray):
            return [Tensor(part[rows]) for part in parts]
        return _taken(self, parts, first, len(rows))

    def spans(self, order):
        """How many samples of the epoch can be fetched now, one after the other: all."""
        rows = np.arange(len(self.order)) if order is None else order
        self.order[: len(rows)] = rows
        yield len(rows)


class Chunks:
    """Room for a chunk of a data set that does not fit where the model is; it arrives in the order of the epoch."""

    def __init__(self, place, parts, batch):
        device = device_named(place)
        self.prefetch = Prefetch(device, [as_matrix(part) for part in parts], batch)
        self.rows = [device.empty((self.prefetch.rows, x.shape[1]), x.dtype) for x in self.prefetch.arrays]
        self.order = put(np.arange(self.prefetch.rows), place)._array

    def refresh(self, parts, rows):
        """Nothing is kept of an epoch that is over."""

    def batch(self, parts, first, rows):
        """The samples of one batch as tensors."""
        return _taken(self, parts, first, len(rows))

    def spans(self, order):
        """How many samples of the epoch can be fetched now, one after the other: those of a chunk, after each other."""
        with contextlib.closing(self.prefetch.chunks(order)) as chunks:
            for arrays in chunks:
                for rows, chunk in zip(self.rows, arrays, strict=True):
                    rows[: len(chunk)] = chunk  # on the device: a hundredth of its way there
                yield len(arrays[0])


def _taken(source, parts, first, count):
    """Samples that are on a device already."""
    places = Tensor(source.order[first : first + count])
    return [
        reshape(take(Tensor(matrix), places, axis=0), (count, *part.shape[1:]))
        for matrix, part in zip(source.rows, parts, strict=True)
    ]


def as_matrix(part):
    """An array of samples as a matrix with a row for each."""
    return part.reshape(len(part), part[0].size)
