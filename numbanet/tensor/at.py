"""Changing parts of tensors: `t.at[key].set(values)` makes a new tensor.

It is made of ops, so that gradients flow to what was set and to what stayed, and steps with them are replayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError, DTypeError
from numbanet.typing import ArrayLike, Key

if TYPE_CHECKING:
    from numbanet.tensor.tensor import Tensor


class At:
    """The elements of a tensor that an index picks; what `t.at[key]` is.

    Every method returns a new tensor of the shape and dtype of `t`, and leaves `t` as it is. Values broadcast to the
    shape of `t[key]`.

    Parameters
    ----------
    tensor : Tensor
    key : index
        As in `t[key]`.

    References
    ----------
    JAX, jax.numpy.ndarray.at.

    Examples
    --------
    >>> import numbanet as nn
    >>> t = nn.zeros(4)
    >>> t.at[1:3].set([1.0, 2.0])
    Tensor([0., 1., 2., 0.], shape=(4,), dtype=float32)
    >>> t.at[[0, 0, 3]].add(1.0)
    Tensor([2., 0., 0., 1.], shape=(4,), dtype=float32)
    """

    __slots__ = ("_key", "_tensor")

    def __init__(self, tensor: Tensor, key: Key) -> None:
        self._tensor, self._key = tensor, _plain(key)

    def get(self) -> Tensor:
        """Return `t[key]`."""
        return self._tensor[self._key]

    def set(self, values: ArrayLike) -> Tensor:
        """Put values in the place of the elements; of several for one element, the last one stays."""
        tensor, positions, mask = self._picked()
        if not positions.size:
            self._values(values, positions.shape)
            return TABLE["copy"].function(tensor)
        source = np.zeros(tensor.size, np.int64)
        source[positions.reshape(-1)] = np.arange(positions.size)
        flat = TABLE["reshape"].function(self._values(values, positions.shape), (positions.size,))
        found = TABLE["reshape"].function(TABLE["take"].function(flat, source), tensor.shape)
        return TABLE["where"].function(mask, found, tensor)

    def add(self, values: ArrayLike) -> Tensor:
        """Add values to the elements; those for one element are all added."""
        tensor, positions, mask = self._picked()
        there = TABLE["put_back"].function(self._values(values, positions.shape), self._key, tensor.shape)
        return TABLE["where"].function(mask, tensor + there, tensor)

    def subtract(self, values: ArrayLike) -> Tensor:
        """Subtract values from the elements; those for one element are all subtracted."""
        return self.add(-self._values(values, self._picked()[1].shape))

    def multiply(self, values: ArrayLike) -> Tensor:
        """Multiply the elements with values."""
        return self._each("multiply", values)

    def divide(self, values: ArrayLike) -> Tensor:
        """Divide the elements by values."""
        return self._each("divide", values)

    def min(self, values: ArrayLike) -> Tensor:
        """Replace the elements by values that are smaller."""
        return self._each("minimum", values)

    def max(self, values: ArrayLike) -> Tensor:
        """Replace the elements by values that are larger."""
        return self._each("maximum", values)

    def _each(self, op, values):
        _, positions, mask = self._picked()
        if positions.size != np.count_nonzero(mask):
            raise ArgumentError(f"at: {op} needs an index that picks no element twice")
        return self.set(TABLE[op].function(self.get(), self._values(values, positions.shape)))

    def _picked(self):
        """The tensor, the flat positions of what the index picks, and whether it picks an element."""
        tensor = self._tensor.read() if hasattr(self._tensor, "read") else self._tensor
        self.get()  # which says what is wrong with an index
        positions = np.arange(tensor.size).reshape(tensor.shape)[self._key]
        mask = np.zeros(tensor.shape, bool)
        mask[self._key] = True
        return tensor, np.asarray(positions), mask

    def _values(self, values, shape):
        """Values as a tensor of this shape, of the dtype of the tensor and beside it."""
        tensor = self._tensor
        if _is_floating(values) and tensor.dtype.kind != "f":
            raise DTypeError(f"at: floats do not go into a tensor of {tensor.dtype}; convert them with nn.astype")
        given = TABLE["astype"].function(values, tensor.dtype)
        given = given if hasattr(values, "zeros_like") else given.to_device(tensor.device)
        return given if given.shape == shape else TABLE["broadcast_to"].function(given, shape)


class Places:
    """What `t.at` is: an index behind it picks elements."""

    __slots__ = ("_tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    def __getitem__(self, key: Key) -> At:
        return At(self._tensor, key)


def _is_floating(values):
    """Whether there are floats among values: arrays, tensors, numbers, or lists of these."""
    if isinstance(values, (list, tuple)):
        return any(map(_is_floating, values))
    return isinstance(values, float) if (dtype := getattr(values, "dtype", None)) is None else dtype.kind == "f"


def _plain(key):
    """An index without tensors and lists: they become arrays."""
    if isinstance(key, tuple):
        return tuple([_plain(part) for part in key])
    if hasattr(key, "zeros_like"):
        key = key.numpy()
    if isinstance(key, list):
        key = np.asarray(key, None if key else np.int64)
    if isinstance(key, np.ndarray) and key.dtype.kind not in "iub":
        raise DTypeError(f"at: an index array must be integer or bool, got {key.dtype}")
    return key
