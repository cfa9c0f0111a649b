"""What nested lists are made of: Python numbers, which are weak, NumPy values, which keep their dtype, and tensors.

Everything that takes array-likes asks here first, so that a list means the same everywhere: a list of Python numbers
takes the dtype of what it meets, as a Python number does, and a list with tensors in it is stacked with its gradient.
"""

from itertools import chain
from operator import countOf

import numpy as np

from numbanet.core.dtypes import (
    DEFAULT_FLOAT,
    FLOAT64,
    INT64,
    UINT64,
    check_supported,
    compared_number,
    promote,
    scalar_dtype,
)
from numbanet.errors import OutOfRangeError, ShapeError
from numbanet.tensor.foreign import is_sparse, refuse_masked, sparse_refusal
from numbanet.tensor.operators import Operators

_NUMBERS = {bool, int, float}
_LISTS = {list, tuple}
_KNOWN = (str, bytes, bytearray, memoryview, dict, set, frozenset)
_ARRAYS = ("__array__", "__array_interface__", "__array_struct__", "dtype")


def is_list(x):
    """Whether `x` is nested: a list, a tuple, or another sequence of things that is not an array itself."""
    kind = type(x)
    if kind is list or kind is tuple:
        return True
    if isinstance(x, (np.ndarray, np.generic, Operators, *_KNOWN)):
        return False
    if isinstance(x, (list, tuple)):
        return True
    sequence = hasattr(kind, "__len__") and hasattr(kind, "__getitem__")
    return sequence and not any(hasattr(x, name) for name in _ARRAYS) and not _is_buffer(x)


def _is_buffer(x):
    try:
        memoryview(x)
    except TypeError:
        return False
    return True


def _kinds_of(sample, parts, count=None):
    """The types of all parts, of which `sample` has some; None if they are not one and cannot be read again."""
    kind = type(sample[0]) if sample else None
    if kind in _NUMBERS and countOf(map(type, parts), kind) == (len(sample) if count is None else count):
        return {kind}
    return set(map(type, parts)) if count is None else None


class Contents:
    """What the leaves of nested lists are.

    Parameters
    ----------
    nested : sequence
        Lists, tuples and other sequences, to any depth.

    Attributes
    ----------
    number : bool, int, float or None
        One Python number of the kind to which those among the leaves add up; None where there are none.
    dtypes : set of numpy.dtype
        Those of the arrays, NumPy numbers, tensors and variables.
    tensors : bool
        Whether there are tensors or variables.
    """

    __slots__ = ("_kinds", "dtypes", "number", "tensors")

    def __init__(self, nested):
        self._kinds: set = set()
        self.dtypes: set = set()
        self.tensors = False
        try:
            self._look(nested)
        except RecursionError:
            raise ShapeError("lists are nested too deeply; no array has more than 64 dimensions") from None
        kinds = self._kinds
        self.number: float | None = None
        if float in kinds or not (kinds or self.dtypes):  # empty lists are of floats, as in NumPy
            self.number = 1.0
        elif kinds:
            self.number = 1 if int in kinds else True

    def _look(self, parts):
        """Take one level into account; types are counted in C, as most lists are long and of one type."""
        kinds = _kinds_of(parts, parts)
        if kinds <= _NUMBERS:
            self._kinds |= kinds
        elif kinds <= _LISTS:
            rows = _kinds_of(parts[0], chain.from_iterable(parts), sum(map(len, parts)))
            if rows and rows <= _NUMBERS:
                self._kinds |= rows
            else:
                self._look(list(chain.from_iterable(parts)))
        else:
            for part in parts:
                self._note(part)

    def _note(self, part):
        if type(part) in _NUMBERS:
            self._kinds.add(type(part))
        elif isinstance(part, Operators):
            self.tensors = True
            self.dtypes.add(part.dtype)
        elif isinstance(part, (np.ndarray, np.generic)):
            refuse_masked(part, "a list")
            self.dtypes.add(part.dtype)
        elif is_list(part):
            self._look(part)
        elif isinstance(part, (int, float)):
            self._kinds.add(float if isinstance(part, float) else int)
        elif is_sparse(part):
            raise sparse_refusal("a list", part)
        else:
            self.dtypes.add(np.asarray(part).dtype)

    @property
    def weak(self):
        """Whether all leaves are Python numbers."""
        return not self.dtypes

    @property
    def floats(self):
        """Whether they are Python numbers, and floats among them."""
        return self.weak and isinstance(self.number, float)

    @property
    def floating(self):
        """Whether there are floating-point numbers among the leaves."""
        return isinstance(self.number, float) or any(dtype.kind == "f" for dtype in self.dtypes)

    def check_numbers(self, what):
        """Raise DTypeError for leaves that are not numbers: a dtype makes none of strings, dates, None or objects."""
        for dtype in self.dtypes:
            if dtype.kind not in "biuf":
                check_supported(np.empty(0, dtype), what)

    def dtype(self, what, dtypes=()):
        """The dtype of all of it beside operands of `dtypes`.

        Parameters
        ----------
        what : str
            The name of the caller, for the error message.
        dtypes : sequence of numpy.dtype
            Those of what stands beside a list of Python numbers; other lists have a dtype of their own.

        Returns
        -------
        numpy.dtype or None
            None for Python integers that stand alone, for which `numbers_in` chooses.

        Raises
        ------
        DTypeError
            When the leaves have no common dtype, or one that numbanet does not have.
        """
        if self.weak:
            alone = type(self.number) is int and not any(dtype.kind in "fiu" for dtype in dtypes)
            return None if alone else scalar_dtype(self.number, dtypes)
        native = sorted({check_supported(np.empty(0, dtype), what).dtype for dtype in self.dtypes}, key=str)
        strong = promote(what, *native)
        return strong if self.number is None else promote(what, strong, scalar_dtype(self.number, [strong]))


def dtype_of_floats(obj, dtype):
    """`dtype`, a floating one, if `obj` is a Python float or a list of Python numbers with floats; None otherwise."""
    floats = type(obj) is float or (is_list(obj) and Contents(obj).floats)
    return dtype if floats and dtype is not None and dtype.kind == "f" else None


def numbers_in(nested, dtype, what):
    """Nested lists without tensors as an array, converted once, from the values as they are.

    Parameters
    ----------
    nested : sequence
    dtype : numpy.dtype or None
        None for int64, or uint64 if the numbers need it.
    what : str
        The name of the caller, for error messages.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ShapeError
        When lists are of unequal lengths.
    OutOfRangeError
        When an integer does not fit in the dtype.
    """
    try:
        if dtype == DEFAULT_FLOAT:
            with np.errstate(over="ignore"):
                return np.asarray(nested, dtype)
        array = np.asarray(nested, dtype)
        if dtype is None and array.dtype.kind in "fO":  # NumPy's choice for integers on both sides of 2**63
            array = np.asarray(nested, UINT64 if array.min() >= 0 else INT64)
        return array
    except OverflowError as error:
        raise OutOfRangeError(f"{what}: the numbers of a list do not fit in {dtype or 'one dtype'}: {error}") from None
    except ValueError as error:
        raise ShapeError(f"{what}: {error}") from None


def compared_in(nested, contents, dtypes, what):
    """A list of Python numbers beside integers of `dtypes` in a comparison; see `compared_number`."""
    if isinstance(contents.number, float):
        return numbers_in(nested, FLOAT64, what)
    dtype = scalar_dtype(contents.number, dtypes)
    try:
        return numbers_in(nested, dtype, what)
    except OutOfRangeError:
        numbers = np.asarray(nested, object)
        return np.array([compared_number(number, dtype) for number in numbers.flat], FLOAT64).reshape(numbers.shape)


def stacked(nested, dtype, what, stack):
    """Nested lists with tensors in them as one tensor: `stack(parts)`, level by level.

    Parameters
    ----------
    nested : sequence
    dtype : numpy.dtype
        Of the result; what is not a tensor is converted to it at once.
    what : str
        The name of the caller, for error messages.
    stack : callable
        Joins tensors, arrays and numbers of one shape.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        When the parts of a list have different shapes.
    """
    parts = [
        part
        if isinstance(part, Operators)
        else stacked(part, dtype, what, stack)
        if is_list(part) and Contents(part).tensors
        else numbers_in(part, dtype, what)
        for part in nested
    ]
    shapes = {part.shape for part in parts}
    if len(shapes) != 1:
        raise ShapeError(f"{what}: the parts of a list must have one shape, got {', '.join(map(str, sorted(shapes)))}")
    return stack(parts)
