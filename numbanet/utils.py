"""Small tools with the names of Keras's `keras.utils`.

Examples
--------
>>> import numbanet as nn
>>> nn.utils.to_categorical([0, 2])
array([[1., 0., 0.],
       [0., 0., 1.]], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from numbanet.core.checks import as_choice, as_integer, as_list, as_number
from numbanet.core.dtypes import FLOAT64, as_dtype
from numbanet.core.missing import only
from numbanet.core.shapes import as_shape, normalize_axis
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.tensor.tensor import asarray, to_numpy
from numbanet.typing import Array, ArrayLike, DType, Integer, Real

__all__ = ["normalize", "pad_sequences", "set_random_seed", "to_categorical"]

_MISSING = {
    "get_file": "numbanet downloads nothing; nn.datasets has MNIST, and reads folders of files",
    "plot_model": "model.summary() prints the layers, and nn.plotting draws what a model has learnt",
    "image_dataset_from_directory": "numbanet reads no images; give fit NumPy arrays, which Pillow makes of files",
    "load_img": "numbanet reads no images; np.asarray(PIL.Image.open(path)) does",
    "split_dataset": "cut arrays with x[:n] and x[n:], or give fit validation_split",
    "text_dataset_from_directory": "numbanet reads no text; give fit arrays of numbers",
    "train_test_split": "draw an order, np.random.default_rng(0).permutation(len(x)), and cut it in two",
    "timeseries_dataset_from_array": "numbanet makes no windows; numpy.lib.stride_tricks.sliding_window_view does",
}


def to_categorical(x: ArrayLike, num_classes: Integer | None = None) -> Array:
    """Turn labels into rows of zeros with a one at the label.

    Parameters
    ----------
    x : integer array-like, (...) or (..., 1)
        Labels, from 0.
    num_classes : int, optional
        One more than the largest label, if not given.

    Returns
    -------
    numpy.ndarray
        Of shape (..., num_classes); float32. `nn.one_hot` makes a Tensor.

    Raises
    ------
    DTypeError
        When labels are not whole numbers.
    ArgumentError
        When a label is negative or not below `num_classes`, or there are no labels and no `num_classes`.

    References
    ----------
    Keras 3, keras.utils.to_categorical.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.utils.to_categorical([1, 0], num_classes=3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    labels = asarray(x).numpy()
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and (labels == np.trunc(labels)).all():
        labels = labels.astype(np.int64)  # arrays of files often hold labels as floats
    if labels.dtype.kind not in "iu":
        raise DTypeError(f"to_categorical: labels must be whole numbers, got {labels.dtype}")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if num_classes is not None:
        count = as_integer("to_categorical: num_classes", num_classes, low=1)
    elif labels.size:
        count = int(labels.max()) + 1
    else:
        raise ArgumentError("to_categorical: num_classes is needed where there are no labels")
    if labels.size and not (labels.min() >= 0 and labels.max() < count):
        if labels.min() < 0:
            raise ArgumentError(f"to_categorical: label {labels.min()} is outside the classes, which count from 0")
        raise ArgumentError(f"to_categorical: label {labels.max()} is outside the {count} classes 0 to {count - 1}")
    found: Array = np.zeros(as_shape((labels.size, count), "to_categorical"), np.float32)
    found[np.arange(labels.size), labels.reshape(-1)] = 1
    return found.reshape(*labels.shape, count)


def pad_sequences(
    sequences: Sequence[Any], maxlen: Integer | None = None, dtype: DType = "int32", padding: str = "pre",
    truncating: str = "pre", value: Real = 0.0,
) -> Array:  # fmt: skip
    """Make sequences of several lengths one array: short ones are filled up, long ones cut.

    Parameters
    ----------
    sequences : sequence of array-like, each (steps, ...)
        Steps may be numbers or arrays of one shape.
    maxlen : int, optional
        The length of all; that of the longest, if not given.
    dtype : dtype
        Of the result. Whole numbers alone go into an integer dtype.
    padding, truncating : {"pre", "post"}
        Whether the value is put before or behind a sequence, and steps are cut from its beginning or its end.
    value : float
        What short ones are filled up with.

    Returns
    -------
    numpy.ndarray
        (sequences, maxlen, ...). `Masking`, and `Embedding` with `mask_zero=True`, pass over steps of zeros.

    Raises
    ------
    DTypeError
        When sequences or the value hold numbers that the dtype cannot hold.
    ShapeError
        When steps have several shapes, or a sequence is a single number.
    ArgumentError
        When `sequences` is a single number, `maxlen` is below 1, or `padding` or `truncating` is another word.

    References
    ----------
    Keras 3, keras.utils.pad_sequences, which cuts off the digits of floats without a word.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.utils.pad_sequences([[1, 2, 3], [4]], padding="post")
    array([[1, 2, 3],
           [4, 0, 0]], dtype=int32)
    """
    for name, where in ("padding", padding), ("truncating", truncating):
        as_choice(f"pad_sequences: {name}", where, ("pre", "post"))
    kind = as_dtype(dtype, "pad_sequences: dtype")
    given = as_list("pad_sequences: sequences", sequences)
    arrays = [_steps(f"pad_sequences: sequences[{i}]", one, kind) for i, one in enumerate(given)]
    steps = {array.shape[1:] for array in arrays if array is not None}
    if len(steps) > 1:
        raise ShapeError(f"pad_sequences: steps must have one shape, got {', '.join(map(str, sorted(steps)))}")
    longest = max((len(array) for array in arrays if array is not None), default=0)
    length = longest if maxlen is None else as_integer("pad_sequences: maxlen", maxlen, low=1)
    filler = as_number("pad_sequences: value", value)
    found = np.full((len(arrays), length, *(steps.pop() if steps else ())), _kept(np.asarray(filler), kind), kind)
    for row, array in zip(found, arrays, strict=True):
        if array is not None:
            cut = _kept(array[-length:] if truncating == "pre" else array[:length], kind)
            row[(length - len(cut) if padding == "pre" else 0) :][: len(cut)] = cut
    return found


def _steps(what, sequence, dtype):
    """The steps of a sequence as an array, or None where there are none."""
    array = to_numpy(sequence, what, FLOAT64 if dtype.kind == "f" else None)
    if not array.ndim:
        raise ShapeError(f"{what} must be a sequence, got {sequence!r}")
    return array if len(array) else None


def _kept(values, dtype):
    """Numbers in a dtype; DTypeError where it cannot hold them."""
    with np.errstate(invalid="ignore", over="ignore"):
        found = values.astype(dtype)
    lost = np.isinf(found) & np.isfinite(values) if dtype.kind == "f" else found != values
    if lost.any():
        raise DTypeError(f"pad_sequences: {dtype} cannot hold {values[lost][0]}; give dtype='float32' for floats")
    return found


def normalize(x: ArrayLike, axis: Integer = -1, order: Real = 2) -> Array:
    """Divide vectors by their length.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    axis : int
        Along which vectors lie.
    order : float
        Which norm is the length: 2 is the Euclidean one, 1 the sum of absolute values.

    Returns
    -------
    numpy.ndarray
        Of the shape of `x`; vectors of zeros stay as they are.

    Raises
    ------
    ShapeError
        When the axis is out of range.
    ArgumentError
        When `order` is not a positive number.

    References
    ----------
    Keras 3, keras.utils.normalize.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.utils.normalize([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    values = asarray(x).numpy()
    values = values if values.dtype.kind == "f" else values.astype(np.float32)
    values = np.atleast_1d(values)
    power, at = as_number("normalize: order", order, positive=True), normalize_axis("normalize", axis, values.ndim)
    length = np.linalg.norm(values, power, at, keepdims=True)
    return np.asarray(values / np.where(length == 0, 1, length), values.dtype)


def set_random_seed(seed: Integer) -> Never:
    """Raise an error that says where seeds go: numbanet has no global one.

    Parameters
    ----------
    seed : int
        Shown in what the error says to write.

    Raises
    ------
    ArgumentError
        Always.

    Notes
    -----
    What a global seed gives depends on everything that drew numbers before, in any thread, so that running one part of
    a program alone gives other results. Functions that draw take an `rng` instead: with one in `fit`, first weights,
    the order of samples and dropout are the same in every run.

    References
    ----------
    Scientific Python SPEC 7, https://scientific-python.org/specs/spec-0007/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.utils.set_random_seed(1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    numbanet.errors.ArgumentError: set_random_seed: numbanet has no global seed. Write nn.Sequential(layers, rng=1) ...
    """
    raise ArgumentError(
        f"set_random_seed: numbanet has no global seed. Write nn.Sequential(layers, rng={seed}) for the first weights, "
        f"model.fit(..., rng={seed}) for these, the order of samples and dropout, and "
        f"nn.random.normal(..., seed={seed}) for tensors; each takes a numpy.random.Generator, too"
    )


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.utils", __all__, _MISSING)
