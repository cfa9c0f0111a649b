"""Where an index with integer arrays picks: a view, dimensions of it side by side, and flat positions in these.

NumPy's rules for such an index: integers beside arrays are arrays without dimensions; all of them broadcast; and the
dimensions of the result stand where the arrays stood if these were neighbours, and first of all otherwise.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from numbanet.core.shapes import contiguous_strides
from numbanet.errors import ShapeError
from numbanet.tensor.operators import Operators


class OutOfRange(ShapeError, IndexError):
    """An index that is out of range: also an IndexError, so that Python's iteration protocol ends."""


class Picked(NamedTuple):
    """An index with integer arrays, taken apart.

    Parameters
    ----------
    view : tuple
        The slices and None of the index, with whole dimensions in place of arrays and integers.
    order : tuple of int
        The dimensions of that view, those that arrays pick from side by side.
    place : int
        Where the first of these stands then.
    sizes : tuple of int
        How large they are.
    axes : tuple of int
        Which dimensions of the indexed array they are.
    parts : tuple
        Integers, arrays and tensors of integers: one for each of them.
    """

    view: tuple
    order: tuple
    place: int
    sizes: tuple
    axes: tuple
    parts: tuple

    @property
    def strides(self):
        """How many positions a step of each array is."""
        return contiguous_strides(self.sizes, 1)

    def lanes(self, shape):
        """The shape of the view in order, `shape`, with the dimensions that arrays pick from as one."""
        return (*shape[: self.place], math.prod(self.sizes), *shape[self.place + len(self.sizes) :])


def parts_of(key):
    """An index as a tuple."""
    return key if isinstance(key, tuple) else (key,)


def is_view(key):
    """Whether an index consists only of integers, slices, `...` and None."""
    return not any(isinstance(part, (np.ndarray, np.bool_, bool, list, Operators)) for part in parts_of(key))


def is_mask(part):
    """Whether a part of an index is boolean."""
    return part.dtype.kind == "b" if hasattr(part, "dtype") else isinstance(part, bool)


def picked(key, shape):
    """Take an index with integer arrays, and without booleans, apart.

    Parameters
    ----------
    key : tuple
        Its lists are arrays already.
    shape : tuple of int
        Of the indexed array.

    Returns
    -------
    Picked
    """
    parts = _in_full(key, len(shape))
    view: list[Any] = []
    axes, places, found = [], [], []  # dimensions of the array, of the view, and what picks from them
    axis, blocks, neighbours = 0, 0, False
    for part in parts:
        if part is Ellipsis:  # of no dimensions, and yet between two arrays
            neighbours = False
            continue
        if part is None or isinstance(part, slice):
            neighbours = False
        else:
            blocks, neighbours = blocks + (not neighbours), True
            axes.append(axis)
            places.append(len(view))
            found.append(part)
            part = slice(None)
        view.append(part)
        axis += part is not None
    place = places[0] if blocks == 1 else 0
    rest = [d for d in range(len(view)) if d not in places]
    order = (*rest[:place], *places, *rest[place:])
    return Picked(tuple(view), order, place, tuple(shape[a] for a in axes), tuple(axes), tuple(found))


def _in_full(key, ndim):
    """An index with a slice for each dimension that it leaves to `...` or does not name; `...` stays before them."""
    named = sum(part is not None and part is not Ellipsis for part in key)
    if named > ndim or sum(part is Ellipsis for part in key) > 1:
        raise OutOfRange(f"getitem: too many indices: {named} for {ndim} dimensions")
    whole = (slice(None),) * (ndim - named)
    if not any(part is Ellipsis for part in key):
        return (*key, *whole)
    at = next(i for i, part in enumerate(key) if part is Ellipsis)
    return (*key[: at + 1], *whole, *key[at + 1 :])


def check_range(size, message, indices):
    """Raise OutOfRange unless all indices count from the front or the back of a dimension.

    Parameters
    ----------
    size : int
    message : str
        With `{}` in place of the first index that does not.
    indices : numpy.ndarray
        Of integers.
    """
    if indices.size and not (-size <= indices.min() and indices.max() < size):
        outside = (indices < -size) | (indices >= size)
        raise OutOfRange(message.format(indices[outside][0]))
