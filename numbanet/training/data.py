"""From what users hand to `fit` to batches of tensors: arrays are checked once, iterables batch by batch."""

import contextlib
from collections.abc import Mapping

import numpy as np

from numbanet.core.checks import as_count
from numbanet.core.dtypes import DEFAULT_FLOAT, FLOAT64
from numbanet.errors import ArgumentError, DataError, ShapeError
from numbanet.layers.inputs import dtype_of, first_of, mapped, shape_of
from numbanet.ops.indexing import take
from numbanet.ops.sparse import picked
from numbanet.tensor.foreign import is_sparse
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, device_named, put
from numbanet.training.arrays import as_array, flat_weights, refuse_mapping, sparse
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
    forms : Forms, optional
        Says where a list, tuple or dict stands for several arrays.

    Attributes
    ----------
    parts : dict of str to numpy.ndarray
        What batches are cut from, those of several arrays one by one. Sparse samples
        stay where they are, and the part is the numbers of their rows: so
        they are shuffled and fetched like all others, and nothing is gathered.

    Raises
    ------
    DataError
        When there are no samples, or the lengths differ.
    DTypeError
        For strings, objects and complex numbers.
    """

    def __init__(self, who, x, y=None, sample_weight=None, *, limit=None, dtype=None, forms=None):
        self.who, self.limit, self.forms = who, limit, forms
        self.sparse = sparse(f"{who}: x", x) if is_sparse(x) else None
        self._labels: dict = {}
        if self.sparse is None:
            self.parts = self._taken("x", x, dtype)
        else:
            self.parts, self._labels["x"] = {"x": self.sparse.rows.numpy()}, "x"
        if y is not None:
            self.parts |= self._taken("y", y, dtype)
        if sample_weight is not None:
            weights = self._taken("sample_weight", sample_weight, dtype)
            self.parts |= {label: flat_weights(who, label, one) for label, one in weights.items()}
        lengths = {name: len(part) for name, part in self.parts.items()}
        if len(set(lengths.values())) > 1:
            listed = " and ".join(f"{name} has {length}" for name, length in lengths.items())
            raise DataError(f"{who}: {listed} samples; they must be as many")
        (first, self.size), self._on = next(iter(lengths.items())), {}
        if not self.size:
            raise DataError(f"{who}: there are no samples, x has shape {self.parts[first].shape}")

    def _taken(self, name, value, dtype):
        """Return the arrays of a part by their labels, and note which of them stand where."""
        if self.forms is None or not self.forms.several(name, value):
            self._labels[name] = name
            return {name: as_array(self.who, name, value, dtype)}
        keys = [*value] if isinstance(value, dict) else range(len(value))
        if name == "x" and any(value[key] is None for key in keys):
            raise ArgumentError(f"{self.who}: x needs an array for each input, got None")
        given = {f"{name}[{key!r}]": value[key] for key in keys if value[key] is not None}
        labels = [f"{name}[{key!r}]" if value[key] is not None else None for key in keys]
        self._labels[name] = dict(zip(keys, labels, strict=True)) if isinstance(value, dict) else labels
        return {label: as_array(self.who, label, one, dtype) for label, one in given.items()}

    def __getitem__(self, name):
        return self.sparse if name == "x" and self.sparse is not None else self.arranged(name, self.parts)

    def arranged(self, name, parts):
        """Return what stands for a part among arrays or tensors by label: one, or a list or dict; None if missing."""
        labels = self._labels.get(name)
        if isinstance(labels, dict):
            return {key: parts.get(label) for key, label in labels.items()}
        if isinstance(labels, list):
            return [parts.get(label) for label in labels]
        return parts.get(labels)

    def triple(self, parts):
        """Return (x, y, sample_weight) of tensors by label, as steps take them."""
        return (
            self.as_input(self.arranged("x", parts)),
            self.arranged("y", parts),
            self.arranged("sample_weight", parts),
        )

    @property
    def shapes(self):
        """The shapes of x with the samples left open, one or a list or dict of them."""
        return mapped(shape_of, self["x"])

    @property
    def dtypes(self):
        """The dtypes of x, one or a list or dict of them."""
        return mapped(dtype_of, self["x"])

    def as_input(self, x):
        """Return what a model is given for a tensor of the part x: the rows of these numbers, where it is sparse."""
        return x if self.sparse is None else picked(self.sparse.matrix, x, self.sparse.dtype)

    def replace(self, **parts):
        """Return the same samples with some parts set."""
        return ArrayData(self.who, *[parts.get(name, self[name]) for name in PARTS], limit=self.limit, forms=self.forms)

    def _cut(self, rows):
        """Return the parts of some rows, a slice, as they are given to `ArrayData`."""
        parts = {label: part[rows] for label, part in self.parts.items()}
        sparse = {} if self.sparse is None else {"x": self.sparse[rows]}
        return {name: self.arranged(name, parts) for name in self._labels} | sparse

    def first(self, batch_size):
        """Return as many batches as an epoch has, from the start: what is evaluated."""
        if self.limit is None:
            return self
        if self.limit > self.steps(batch_size, whole=True):
            raise ArgumentError(
                f"{self.who}: {_STEPS.get(self.who, 'steps')} is {self.limit}, but {self.size} samples are "
                f"{self.steps(batch_size, whole=True)} batches of {batch_size}"
            )
        return ArrayData(self.who, **self._cut(np.s_[: self.limit * batch_size]), forms=self.forms)

    def check_passes(self, count):
        """Do nothing: arrays can be read any number of times."""

    def split(self, fraction, steps=None):
        """Return all but the last `fraction` of the samples, and those, of which `steps` batches are looked at."""
        at = self.size - int(self.size * fraction)
        if not 0 < at < self.size:
            raise ArgumentError(f"fit: validation_split={fraction} of {self.size} samples leaves one side without any")
        first, last = map(self._cut, np.s_[:at, at:])
        rest = as_data("fit: validation_data", **last, steps=steps, forms=self.forms)
        return ArrayData(self.who, **first, limit=self.limit, forms=self.forms), rest

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
        size = next(iter(tensors.values())).shape[0] if order is None else len(order)
        for start in range(0, size, batch_size):
            stop = min(start + batch_size, size)
            if order is None:
                batch = {name: t[start:stop] for name, t in tensors.items()}
            else:
                batch = {name: take(t, order[start:stop]) for name, t in tensors.items()}
            yield self.triple(batch)

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

    def __init__(self, who, source, limit=None, dtype=None, forms=None):
        if not _is_iterable(source):
            raise ArgumentError(f"{who}: x must be an array or an iterable of batches, got {type(source).__name__}")
        self.who, self.source, self.limit, self._dtype, self._forms = who, source, limit, dtype, forms
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
            data = ArrayData(self.who, *_parts(self.who, batch, self._forms), dtype=self._dtype, forms=self._forms)
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


PARTS = ("x", "y", "sample_weight")
_END = object()
_STEPS = {"fit": "steps_per_epoch", "fit: validation_data": "validation_steps"}


def _is_indexed(x):
    return hasattr(x, "__len__") and hasattr(x, "__getitem__")


def _is_iterable(x):
    return (hasattr(x, "__iter__") or _is_indexed(x)) and not isinstance(x, (str, bytes, set, frozenset, Mapping))


def _parts(who, batch, forms=None):
    """Return (x, y, sample_weight) of a batch, without what is missing; `predict` uses only x."""
    listed = isinstance(batch, list) and batch and all(hasattr(part, "shape") for part in batch)  # as PyTorch has them
    if isinstance(batch, tuple) or listed:
        if 1 <= len(batch) <= 3:
            return batch[:1] if who == "predict" else batch
    elif who == "predict" and (is_array_like(batch) or (forms is not None and forms.several("x", batch))):
        return (batch,)
    needed = "x, (x,), (x, y)" if who == "predict" else "(x, y)"
    given = type(batch).__name__
    if isinstance(batch, Mapping):
        given += f" of {', '.join(map(repr, batch))}"
    elif isinstance(batch, (tuple, list)):
        given += f" of {len(batch)}"
    raise DataError(f"{who}: a batch must be {needed} or (x, y, sample_weight), got a {given}")


def as_data(who, x, y=None, sample_weight=None, *, steps=None, batch_size=None, dtype=None, forms=None):
    """Return the data that `fit`, `evaluate` or `predict` was given, and how many batches of it an epoch is to have."""
    several = forms is not None and forms.several("x", x)
    if not several:
        refuse_mapping(who, "x", x)
    if steps is not None:
        steps = as_count(f"{who}: {_STEPS.get(who, 'steps')}", steps, low=1)
    if several or is_array_like(x) or (isinstance(x, (list, tuple, range)) and y is not None):
        return ArrayData(who, x, y, sample_weight, limit=steps, dtype=dtype, forms=forms)
    if y is not None or sample_weight is not None:
        raise ArgumentError(f"{who}: an iterable of batches brings its own y and sample_weight")
    if batch_size is not None:
        raise ArgumentError(f"{who}: batch_size is for arrays; an iterable has batches of its own")
    return IterableData(who, x, steps, dtype, forms)


def as_validation_data(given, steps=None, dtype=None, forms=None):
    """Return validation data: (x, y) or (x, y, sample_weight), or an iterable of batches."""
    pair = isinstance(given, tuple) or (isinstance(given, list) and is_array_like(given))
    if pair and len(given) in (2, 3):
        return as_data("fit: validation_data", *given, steps=steps, dtype=dtype, forms=forms)
    if pair or is_array_like(given) or not _is_iterable(given):
        raise ArgumentError(
            "fit: validation_data must be (x, y), (x, y, sample_weight) or an iterable of batches, got a "
            f"{type(given).__name__}" + (f" of {len(given)}" if pair else "")
        )
    return as_data("fit: validation_data", given, steps=steps, dtype=dtype, forms=forms)


def samples_of(x):
    """Return how many samples a batch has."""
    return first_of(x).shape[0]


def float_dtype_of(model):
    """Return what lists of Python floats among the data become: float64 if a layer computes in it."""
    return FLOAT64 if any(layer.dtype == FLOAT64 for layer in model._parts()) else DEFAULT_FLOAT
