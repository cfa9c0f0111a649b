"""From what users hand to `fit` to batches of tensors: arrays are checked once, iterables batch by batch."""

import contextlib

import numpy as np

from numbanet.errors import ArgumentError, DataError, ShapeError
from numbanet.kernels.uploads import Uploads, fits
from numbanet.operators import Operators
from numbanet.ops.indexing import take
from numbanet.tensor import Tensor, device_named, put, to_numpy


def is_array_like(x):
    """Whether `x` is data itself, and not an iterable of batches, which may be a list of tuples (x, y)."""
    if isinstance(x, list) and x and isinstance(x[0], tuple):
        return False
    return isinstance(x, (np.ndarray, Operators, list)) or hasattr(x, "__array__")


class ArrayData:
    """Samples in arrays.

    Parameters
    ----------
    who : str
        The method that was called, for errors.
    x : array-like, (samples, ...)
    y : array-like, (samples, ...), optional
    sample_weight : array-like, (samples,) or (samples, 1), optional

    Raises
    ------
    DataError
        When there are no samples, or the lengths differ.
    DTypeError
        For strings, objects and complex numbers.
    """

    def __init__(self, who, x, y=None, sample_weight=None):
        self.parts = {"x": _samples(who, "x", x)}
        if y is not None:
            self.parts["y"] = _samples(who, "y", y)
        if sample_weight is not None:
            weights = _samples(who, "sample_weight", sample_weight)
            if weights.ndim != 1 and weights.shape != (len(weights), 1):
                raise ShapeError(f"{who}: sample_weight needs shape (samples,), got {weights.shape}")
            self.parts["sample_weight"] = weights.reshape(-1)
        lengths = {name: len(part) for name, part in self.parts.items()}
        if len(set(lengths.values())) > 1:
            listed = " and ".join(f"{name} has {length}" for name, length in lengths.items())
            raise DataError(f"{who}: {listed} samples; they must be as many")
        self.size, self._on = lengths["x"], {}
        if not self.size:
            raise DataError(f"{who}: there are no samples, x has shape {self.parts['x'].shape}")

    def __getitem__(self, name):
        return self.parts.get(name)

    def replace(self, **parts):
        """The same samples with some parts set."""
        return ArrayData("fit", *[parts.get(name, self[name]) for name in ("x", "y", "sample_weight")])

    def split(self, fraction):
        """All but the last `fraction` of the samples, and those."""
        at = self.size - int(self.size * fraction)
        if not 0 < at < self.size:
            raise ArgumentError(f"fit: validation_split={fraction} of {self.size} samples leaves one side without any")
        first = ArrayData("fit", *[part[:at] for part in self.parts.values()])
        last = ArrayData("fit", *[part[at:] for part in self.parts.values()])
        return first, last

    def steps(self, batch_size):
        """How many batches of `batch_size` there are; the last may be smaller."""
        return -(-self.size // batch_size)

    def on(self, device):
        """The parts as tensors on a device, copied there once and kept; None where it has no room for them."""
        if device not in self._on:
            place = device_named(device)
            there = place is None or fits(place, self.parts.values())
            self._on[device] = {name: put(part, device) for name, part in self.parts.items()} if there else None
        return self._on[device]

    def batches(self, batch_size, order=None, device="cpu"):
        """Triples (x, y, sample_weight) of tensors, in the order of the rows `order`; None for what is not there."""
        tensors = self.on(device)
        if tensors is not None:
            yield from _cut(tensors, batch_size, order)
            return
        uploads = Uploads(device_named(device), list(self.parts.values()), batch_size)
        with contextlib.closing(uploads.chunks(order)) as chunks:
            for arrays in chunks:
                yield from _cut(dict(zip(self.parts, map(Tensor, arrays), strict=True)), batch_size)


def _cut(tensors, batch_size, order=None):
    """Batches of the rows of tensors, as triples."""
    size = tensors["x"].shape[0]
    for start in range(0, size, batch_size):
        stop = min(start + batch_size, size)
        if order is None:
            batch = {name: t[start:stop] for name, t in tensors.items()}
        else:
            batch = {name: take(t, order[start:stop]) for name, t in tensors.items()}
        yield batch["x"], batch.get("y"), batch.get("sample_weight")


class IterableData:
    """Batches from an iterable of (x, y) or (x, y, sample_weight); `fit` asks for a new iterator every epoch."""

    size = None

    def __init__(self, who, batches):
        if not hasattr(batches, "__iter__"):
            raise ArgumentError(f"{who}: x must be an array or an iterable of batches, got {type(batches).__name__}")
        self.who = who
        self.source = batches

    def steps(self, batch_size):
        """How many batches there are, if the iterable says so."""
        return len(self.source) if hasattr(self.source, "__len__") else None

    def batches(self, batch_size, order=None, device="cpu"):
        """Triples (x, y, sample_weight) of tensors, as the iterable gives them."""
        found = False
        for batch in self.source:
            found = True
            if not isinstance(batch, tuple) or len(batch) not in (2, 3):
                raise DataError(f"{self.who}: a batch must be a tuple (x, y) or (x, y, sample_weight)")
            data = ArrayData(self.who, *batch)
            yield next(_cut({name: put(part, device) for name, part in data.parts.items()}, data.size))
        if not found:
            raise DataError(f"{self.who}: the iterable gave no batches; a generator can be read only once")


def as_data(who, x, y=None, sample_weight=None):
    """The data that `fit`, `evaluate` or `predict` was given."""
    if is_array_like(x):
        return ArrayData(who, x, y, sample_weight)
    if y is not None or sample_weight is not None:
        raise ArgumentError(f"{who}: an iterable of batches brings its own y and sample_weight")
    return IterableData(who, x)


def _samples(who, name, value):
    array = value.numpy() if isinstance(value, Operators) else to_numpy(value, f"{who}: {name}")
    if not array.ndim:
        raise ShapeError(f"{who}: {name} needs samples along its first dimension, got a single number")
    return array
