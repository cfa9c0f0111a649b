"""From what users hand to `fit` to batches of tensors: arrays are checked once, iterables batch by batch."""

import contextlib
from collections.abc import Mapping

import numpy as np

from numbanet.core.checks import as_count
from numbanet.core.dtypes import DEFAULT_FLOAT, FLOAT64
from numbanet.errors import ArgumentError, DataError, DTypeError, ShapeError
from numbanet.ops.indexing import take
from numbanet.ops.sparse import SparseRows, picked, rows_of
from numbanet.tensor.foreign import is_pandas, is_sparse
from numbanet.tensor.lists import dtype_of_floats
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, device_named, put, to_numpy
from numbanet.training.prefetch import Prefetch, fits


def is_array_like(x):
    """Return whether `x` is data itself, and not an iterable of batches, which may be a list of tuples (x, y)."""
    if isinstance(x, list) and x and isinstance(x[0], tuple):
        return bool(x[0]) and all(isinstance(part, (int, float, np.generic)) for part in x[0])  # a row of numbers
    return isinstance(x, (np.ndarray, Operators, list)) or is_sparse(x) or hasattr(x, "__array__")


class ArrayData:
    """Samples in arrays.

    Parameters
    ----------
    who : str
        The method that was called, for errors.
    x : array-like, (samples, ...), or a sparse matrix of SciPy or SparseRows, (samples, features)
    y : array-like, (samples, ...), optional
    sample_weight : array-like, (samples,) or (samples, 1), optional
    limit : int, optional
        Batches per epoch, where these are not all.
    dtype : numpy.dtype, optional
        What lists of Python floats become, float32 if not given.

    Attributes
    ----------
    parts : dict of str to numpy.ndarray
        What batches are cut from. Sparse samples stay where they are, and the part is the numbers of their rows: so
        they are shuffled and fetched like all others, and nothing is gathered.

    Raises
    ------
    DataError
        When there are no samples, or the lengths differ.
    DTypeError
        For strings, objects and complex numbers.
    """

    def __init__(self, who, x, y=None, sample_weight=None, *, limit=None, dtype=None):
        self.who, self.limit = who, limit
        self.sparse = _sparse(f"{who}: x", x) if is_sparse(x) else None
        self.parts = {"x": _samples(who, "x", x, dtype) if self.sparse is None else self.sparse.rows.numpy()}
        if y is not None:
            self.parts["y"] = _samples(who, "y", y, dtype)
        if sample_weight is not None:
            weights = _samples(who, "sample_weight", sample_weight, dtype)
            if weights.ndim != 1 and weights.shape != (len(weights), 1):
                raise ShapeError(f"{who}: sample_weight needs shape (samples,), got {weights.shape}")
            if not np.isfinite(weights).all():
                raise DataError(f"{who}: sample_weight has values that are not finite")
            self.parts["sample_weight"] = weights.reshape(-1)
        lengths = {name: len(part) for name, part in self.parts.items()}
        if len(set(lengths.values())) > 1:
            listed = " and ".join(f"{name} has {length}" for name, length in lengths.items())
            raise DataError(f"{who}: {listed} samples; they must be as many")
        self.size, self._on = lengths["x"], {}
        if not self.size:
            raise DataError(f"{who}: there are no samples, x has shape {self.parts['x'].shape}")

    def __getitem__(self, name):
        return self.sparse if name == "x" and self.sparse is not None else self.parts.get(name)

    def as_input(self, x):
        """Return what a model is given for a tensor of the part x: the rows of these numbers, where it is sparse."""
        return x if self.sparse is None else picked(self.sparse.matrix, x, self.sparse.dtype)

    def replace(self, **parts):
        """Return the same samples with some parts set."""
        return ArrayData(
            self.who, *[parts.get(name, self[name]) for name in ("x", "y", "sample_weight")], limit=self.limit
        )

    def _cut(self, rows):
        """Return the parts of some rows, a slice, as they are given to `ArrayData`."""
        return {name: self[name][rows] for name in self.parts}

    def first(self, batch_size):
        """Return as many batches as an epoch has, from the start: what is evaluated."""
        if self.limit is None:
            return self
        if self.limit > self.steps(batch_size, whole=True):
            raise ArgumentError(
                f"{self.who}: {_STEPS.get(self.who, 'steps')} is {self.limit}, but {self.size} samples are "
                f"{self.steps(batch_size, whole=True)} batches of {batch_size}"
            )
        return ArrayData(self.who, **self._cut(np.s_[: self.limit * batch_size]))

    def check_passes(self, count):
        """Do nothing: arrays can be read any number of times."""

    def split(self, fraction, steps=None):
        """Return all but the last `fraction` of the samples, and those, of which `steps` batches are looked at."""
        at = self.size - int(self.size * fraction)
        if not 0 < at < self.size:
            raise ArgumentError(f"fit: validation_split={fraction} of {self.size} samples leaves one side without any")
        first, last = map(self._cut, np.s_[:at, at:])
        return ArrayData(self.who, **first, limit=self.limit), as_data("fit: validation_data", **last, steps=steps)

    def steps(self, batch_size, whole=False):
        """Return how many batches of `batch_size` an epoch has, or there are on the whole; the last may be smaller."""
        return -(-self.size // batch_size) if self.limit is None or whole else self.limit

    def on(self, device):
        """Return the parts as tensors on a device, copied there once and kept; None where it has no room for them."""
        if device not in self._on:
            place = device_named(device)
            there = place is None or fits(place, self.parts.values())
            self._on[device] = {name: put(part, device) for name, part in self.parts.items()} if there else None
        return self._on[device]

    def batches(self, batch_size, order=None, device="cpu"):
        """Yield triples (x, y, sample_weight) of tensors, in the order of the rows `order`; a missing part is None."""
        tensors = self.on(device)
        if tensors is not None:
            yield from self._batches(tensors, batch_size, order)
            return
        prefetch = Prefetch(device_named(device), list(self.parts.values()), batch_size)
        with contextlib.closing(prefetch.chunks(order)) as chunks:
            for arrays in chunks:
                yield from self._batches(dict(zip(self.parts, map(Tensor, arrays), strict=True)), batch_size)

    def _batches(self, tensors, batch_size, order=None):
        """Yield batches of the rows of tensors, as triples."""
        size = tensors["x"].shape[0] if order is None else len(order)
        for start in range(0, size, batch_size):
            stop = min(start + batch_size, size)
            if order is None:
                batch = {name: t[start:stop] for name, t in tensors.items()}
            else:
                batch = {name: take(t, order[start:stop]) for name, t in tensors.items()}
            yield self.as_input(batch["x"]), batch.get("y"), batch.get("sample_weight")

    def whole(self, device):
        """Return everything as one batch, a triple of tensors."""
        return next(self._batches({name: put(part, device) for name, part in self.parts.items()}, self.size))


class IterableData:
    """Batches from an iterable: of (x, y) or (x, y, sample_weight); for `predict` also of x alone.

    Parameters
    ----------
    who : str
        The method that was called, for errors.
    source : iterable, or object with `__len__` and `__getitem__`
        Such as a list of batches, a generator, a DataLoader of PyTorch, a Sequence of Keras. Each epoch reads it from
        the start, in its own order; with `limit`, an epoch of training goes on where the last one ended, and other
        passes start anew if they can, so that they see the same samples every time.
    limit : int, optional
        Batches per epoch.
    dtype : numpy.dtype, optional
        What lists of Python floats become.

    Raises
    ------
    ArgumentError
        When it is nothing of that kind.
    """

    size = None

    def __init__(self, who, source, limit=None, dtype=None):
        if not _is_iterable(source):
            raise ArgumentError(f"{who}: x must be an array or an iterable of batches, got {type(source).__name__}")
        self.who, self.source, self.limit, self._dtype = who, source, limit, dtype
        self._open = None
        self.check = lambda data: None
        """Called with every batch, as ArrayData, before anything is computed from it."""

    def first(self, batch_size):
        """Return itself: an epoch never has more than its batches."""
        return self

    @property
    def _once(self):
        return hasattr(type(self.source), "__next__")

    def check_passes(self, count):
        """Raise ArgumentError when nothing would be left for the second of `count` epochs."""
        if count > 1 and self.limit is None and self._once:
            raise ArgumentError(
                f"{self.who}: a {type(self.source).__name__} can be read only once, and there are {count} epochs; say "
                "how many batches each has (steps_per_epoch, validation_steps), or give an iterable that starts anew"
            )

    def steps(self, batch_size):
        """Return how many batches an epoch has, if that is known."""
        if self.limit is not None:
            return self.limit
        try:
            return len(self.source)
        except TypeError:  # also of those that have a length and do not know it
            return None

    def batches(self, batch_size, order=None, device="cpu"):
        """Yield triples (x, y, sample_weight) of tensors, as the iterable gives them; nothing is read ahead."""
        for batch in self._epoch():
            yield self._checked(batch).whole(device)

    def _checked(self, batch):
        try:
            data = ArrayData(self.who, *_parts(self.who, batch), dtype=self._dtype)
        except (DataError, ShapeError) as error:
            if hasattr(self.source, "__iter__"):
                raise
            hint = "; items must be batches: a Dataset of PyTorch, which gives samples, goes into a DataLoader"
            raise type(error)(f"{error}{hint}") from None
        self.check(data)
        return data

    def _epoch(self):
        if self.limit is not None:
            if self.who != "fit" and not self._once:
                self._open = None
            for step in range(self.limit):
                yield self._next(step)
            return
        found = False
        for batch in self._iterator():
            found = True
            yield batch
        if not found:
            raise DataError(f"{self.who}: the iterable gave no batches; a generator can be read only once")

    def _next(self, step):
        """Return the next batch, from the start again where the iterable can do that."""
        for _ in range(2):
            self._open = self._iterator() if self._open is None else self._open
            batch = next(self._open, _END)
            if batch is not _END:
                return batch
            if self._once:
                break
            self._open = None
        raise DataError(
            f"{self.who}: the {type(self.source).__name__} ran out after {step} of the {self.limit} batches of an epoch"
        )

    def _iterator(self):
        indexed = _is_indexed(self.source) and hasattr(self.source, "on_epoch_end")  # a Sequence of Keras
        return self._by_index() if indexed or not hasattr(self.source, "__iter__") else iter(self.source)

    def _by_index(self):
        for i in range(len(self.source)):
            yield self.source[i]
        getattr(self.source, "on_epoch_end", lambda: None)()


_END = object()
_STEPS = {"fit": "steps_per_epoch", "fit: validation_data": "validation_steps"}


def _is_indexed(x):
    return hasattr(x, "__len__") and hasattr(x, "__getitem__")


def _is_iterable(x):
    return (hasattr(x, "__iter__") or _is_indexed(x)) and not isinstance(x, (str, bytes, set, frozenset, Mapping))


def _parts(who, batch):
    """Return (x, y, sample_weight) of a batch, without what is missing; `predict` uses only x."""
    listed = isinstance(batch, list) and batch and all(hasattr(part, "shape") for part in batch)  # as PyTorch has them
    if isinstance(batch, tuple) or listed:
        if 1 <= len(batch) <= 3:
            return batch[:1] if who == "predict" else batch
    elif who == "predict" and is_array_like(batch):
        return (batch,)
    needed = "x, (x,), (x, y)" if who == "predict" else "(x, y)"
    given = type(batch).__name__
    if isinstance(batch, Mapping):
        given += f" of {', '.join(map(repr, batch))}; models have one input"
    elif isinstance(batch, (tuple, list)):
        given += f" of {len(batch)}"
    raise DataError(f"{who}: a batch must be {needed} or (x, y, sample_weight), got a {given}")


def as_data(who, x, y=None, sample_weight=None, *, steps=None, batch_size=None, dtype=None):
    """Return the data that `fit`, `evaluate` or `predict` was given, and how many batches of it an epoch is to have."""
    _refuse_mapping(who, "x", x)
    if steps is not None:
        steps = as_count(f"{who}: {_STEPS.get(who, 'steps')}", steps, low=1)
    if is_array_like(x) or (isinstance(x, (list, tuple, range)) and y is not None):
        return ArrayData(who, x, y, sample_weight, limit=steps, dtype=dtype)
    if y is not None or sample_weight is not None:
        raise ArgumentError(f"{who}: an iterable of batches brings its own y and sample_weight")
    if batch_size is not None:
        raise ArgumentError(f"{who}: batch_size is for arrays; an iterable has batches of its own")
    return IterableData(who, x, steps, dtype)


def as_validation_data(given, steps=None, dtype=None):
    """Return validation data: (x, y) or (x, y, sample_weight), or an iterable of batches."""
    pair = isinstance(given, tuple) or (isinstance(given, list) and is_array_like(given))
    if pair and len(given) in (2, 3):
        return as_data("fit: validation_data", *given, steps=steps, dtype=dtype)
    if pair or is_array_like(given) or not _is_iterable(given):
        raise ArgumentError(
            "fit: validation_data must be (x, y), (x, y, sample_weight) or an iterable of batches, got a "
            f"{type(given).__name__}" + (f" of {len(given)}" if pair else "")
        )
    return as_data("fit: validation_data", given, steps=steps, dtype=dtype)


def _refuse_mapping(who, name, part):
    if isinstance(part, Mapping):
        kind, keys = type(part).__name__, ", ".join(map(repr, part))
        raise ArgumentError(f"{who}: {name} is a {kind} of {keys}; models have one input and one output")


def _sparse(what, x):
    """Return sparse samples, on the host: batches are put where the model is."""
    return x.to_device("cpu") if isinstance(x, SparseRows) else rows_of(what, x, "cpu")


def _samples(who, name, value, dtype=None):
    _refuse_mapping(who, name, value)
    try:
        known = isinstance(value, Operators)
        array = value.numpy() if known else to_numpy(value, f"{who}: {name}", dtype_of_floats(value, dtype))
    except DTypeError as error:
        if name == "y" and not is_pandas(value) and np.asarray(value).dtype.kind in "US":
            raise DTypeError(f"{error}; for names of classes give np.unique(y, return_inverse=True)[1]") from None
        raise
    if not array.ndim:
        raise ShapeError(f"{who}: {name} needs samples along its first dimension, got a single number")
    return array


def float_dtype_of(model):
    """Return what lists of Python floats among the data become: float64 if a layer computes in it."""
    return FLOAT64 if any(layer.dtype == FLOAT64 for layer in model.layers) else DEFAULT_FLOAT
