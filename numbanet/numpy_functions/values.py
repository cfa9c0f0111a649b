"""NumPy's functions whose results have no gradient by their nature: NumPy computes them from the values of tensors.

They are positions, counts, truth values, descriptions of an array, its text, and files.
"""

import numpy as np

from numbanet.numpy_functions.adapters import adapts, of_values
from numbanet.ops import creation, sets
from numbanet.tensor.array_api import can_cast as casts
from numbanet.tensor.array_api import result_type as common_of
from numbanet.tensor.tensor import asarray

_TRUTH = ("allclose", "array_equal", "array_equiv", "isclose", "iscomplex", "isneginf", "isposinf", "isreal", "isnat")
_POSITIONS = (
    "argwhere", "digitize", "flatnonzero", "lexsort", "nanargmax", "nanargmin", "ravel_multi_index", "unravel_index",
    "diag_indices_from", "tril_indices_from", "triu_indices_from", "ix_",
)  # fmt: skip
_COUNTS = ("bincount", "histogram", "histogram2d", "histogramdd", "histogram_bin_edges")
_WHOLE = ("bitwise_count", "gcd", "lcm", "packbits", "unpackbits", "spacing", "frexp")
_TEXT = ("array2string", "array_repr", "array_str", "save", "savetxt", "savez", "savez_compressed")
_ABOUT = (
    "common_type", "einsum_path", "iscomplexobj", "isrealobj", "may_share_memory", "min_scalar_type", "shares_memory",
)  # fmt: skip
_SETS = ("intersect1d", "setdiff1d", "setxor1d", "union1d", "unique")
for _name in (*_TRUTH, *_POSITIONS, *_COUNTS, *_WHOLE, *_TEXT, *_ABOUT, *_SETS):
    of_values(_name)


@adapts("shape", gradient=False)
def shape(a):
    """Sizes, a tuple of int."""
    return asarray(a).shape


@adapts("ndim", gradient=False)
def ndim(a):
    """The number of dimensions."""
    return asarray(a).ndim


@adapts("size", gradient=False)
def size(a, axis=None):
    """The number of elements, or of those along axes."""
    x = asarray(a)
    return x.size if axis is None else np.size(np.broadcast_to(np.False_, x.shape), axis)


@adapts("result_type", gradient=False)
def result_type(*arrays_and_dtypes):
    """The dtype that arrays, dtypes and numbers promote to, by numbanet's rules."""
    return common_of(*arrays_and_dtypes)


@adapts("can_cast", gradient=False)
def can_cast(from_, to, casting="safe"):
    """Whether a dtype becomes another one by promotion alone."""
    return casts(from_, to)


@adapts("searchsorted", gradient=False)
def searchsorted(a, v, side="left", sorter=None):
    """The positions at which values would keep a sorted array sorted."""
    return sets.searchsorted(a, v, side=side, sorter=sorter)


@adapts("isin", gradient=False)
def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    """Whether each element is one of the values of another array."""
    return sets.isin(element, test_elements, invert=invert)


def _like(name, fill):
    def made(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
        x = asarray(a)
        return fill(x.shape if shape is None else shape, dtype or x.dtype, device or x.device)

    return adapts(name, gradient=False)(made)


zeros_like, ones_like = _like("zeros_like", creation.zeros), _like("ones_like", creation.ones)


@adapts("empty_like", gradient=False)
def empty_like(prototype, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Zeros, since a tensor that cannot be written to needs no empty room."""
    return zeros_like(prototype, dtype, order, subok, shape, device=device)


@adapts("full_like", gradient=False)
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """One value in the shape and dtype of another array."""
    x = asarray(a)
    return creation.full(x.shape if shape is None else shape, fill_value, dtype or x.dtype, device or x.device)
