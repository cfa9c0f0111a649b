"""Which dtypes there are, and what two of them give together.

float32 is the default of everything that creates floating-point data. A floating dtype wins over integers and booleans
(`int64 * float32` is float32, where NumPy says float64), float64 wins over float32, and Python's own numbers are weak:
they take the dtype of what they meet, as in NumPy 2 and the array API standard.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.errors import DTypeError, OutOfRangeError

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
INTEGERS = tuple(np.dtype(code) for code in "bhilBHIL")
BOOL = np.dtype(np.bool_)
INT64 = np.dtype(np.int64)
UINT64 = np.dtype(np.uint64)
DEFAULT_FLOAT = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)
SUPPORTED = frozenset((BOOL, *INTEGERS, *FLOATS))
COMPARISONS = frozenset(
    ("equal", "greater", "greater_equal", "isin", "less", "less_equal", "not_equal", "searchsorted")
)
"""The operations whose result says nothing of the dtype in which they compute."""
_NAMES = "bool, int8 to int64, uint8 to uint64, float32 and float64"


def is_float(dtype: Any) -> bool:
    """Whether a dtype is one of the floating dtypes."""
    return dtype.kind == "f"


def as_dtype(dtype: Any, what: str = "dtype") -> np.dtype[Any]:
    """The NumPy dtype that `dtype` names.

    Raises
    ------
    DTypeError
        When it names none, or one that numbanet has no loops for.
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"{what}: {dtype!r} is no dtype; numbanet has {_NAMES}") from None
    if found not in SUPPORTED:
        raise DTypeError(f"{what}: dtype {found} is not supported; numbanet has {_NAMES}")
    return found


def check_supported(array, what):
    """`array`, in native byte order; strings, objects, complex and half precision raise DTypeError."""
    if array.dtype in SUPPORTED:
        return array
    native = array.dtype.newbyteorder("=")
    if native in SUPPORTED:
        return array.astype(native)
    raise DTypeError(f"{what}: arrays of dtype {array.dtype} are not supported; numbanet has {_NAMES}")


def from_objects(what, array, narrow):
    """The floats of an array that NumPy made of objects, if they are Python numbers beyond int64 and uint64.

    With a dtype still to be chosen (`narrow`) there is none that holds such integers.
    """
    if not array.size or not all(isinstance(number, (int, float)) for number in array.flat):
        return array
    if narrow:
        raise OutOfRangeError(f"{what}: there are integers beyond int64 and uint64; ask for a floating dtype")
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise OutOfRangeError(f"{what}: there are integers beyond float64") from None


def check_fits(what, dtype, array):
    """Raise OutOfRangeError if floats that become integers are NaN, infinite or too large; fractions are cut off.

    What C and NumPy make of such numbers depends on the machine.
    """
    if dtype.kind not in "iu" or array.dtype.kind != "f" or not array.size:
        return
    low, high, limits = np.trunc(array.min()), np.trunc(array.max()), np.iinfo(dtype)
    if not (low >= float(limits.min) and high < float(int(limits.max) + 1)):
        bad = high if low >= float(limits.min) else low
        raise OutOfRangeError(f"{what}: the number {float(bad)} does not fit in {dtype}")


def check_kept(what, nested, array):
    """Raise OutOfRangeError if integers of NumPy in lists have become others, since they do not fit in the dtype."""
    if not np.array_equal(np.asarray(nested), array):
        raise OutOfRangeError(f"{what}: the numbers of a list do not fit in {array.dtype}")


def as_number_of(what, number, dtype):
    """A Python number as an array without dimensions; OutOfRangeError when it does not fit in the dtype."""
    try:
        with np.errstate(over="ignore"):
            return np.asarray(number, dtype)
    except (OverflowError, ValueError):
        raise OutOfRangeError(f"{what}: the number {number} does not fit in {dtype}; use astype first") from None


def compared_number(number, dtype):
    """A Python number beside integers of `dtype` in a comparison, whose answer needs no common dtype.

    Floats keep double precision, and what lies beyond the integers lies at infinity, which no integer equals.
    """
    if isinstance(number, int):
        limits = np.iinfo(dtype) if dtype.kind in "iu" else np.iinfo(INT64)
        if limits.min <= number <= limits.max:
            return np.asarray(number, dtype)
        number = np.inf if number > 0 else -np.inf
    return np.asarray(number, np.float64)


def converted_values(what, obj, array, dtype):
    """`array`, which was made of `obj`, in another dtype.

    Numbers must fit, those in lists too; integers of arrays wrap around, as in NumPy 2.
    """
    check_fits(what, dtype, array)
    numbers = obj.item() if isinstance(obj, np.generic) else obj
    if dtype.kind in "iu" and not hasattr(numbers, "__array__"):
        try:
            return np.asarray(numbers, dtype)
        except (OverflowError, ValueError) as error:
            raise OutOfRangeError(f"{what}: {error}") from None
    with np.errstate(over="ignore"):
        return array.astype(dtype, copy=False)


def promote(op, *dtypes):
    """The dtype in which `op` computes on operands of these dtypes."""
    first = dtypes[0]
    if all(dtype == first for dtype in dtypes):
        return first
    floats = [dtype for dtype in dtypes if dtype.kind == "f"]
    if floats:
        return max(floats, key=lambda dtype: dtype.itemsize)
    common = np.result_type(*dtypes)
    if common.kind == "f":
        raise DTypeError(f"{op}: {' and '.join(map(str, dtypes))} have no common integer dtype; use astype first")
    return common


def promote_to_float(op, *dtypes):
    """Like `promote`, with float32 where only integers or booleans meet."""
    common = promote(op, *dtypes)
    return common if common.kind == "f" else DEFAULT_FLOAT


def promote_to_compare(op, *dtypes):
    """Like `promote`, with float64 where integers meet floats and float32 may not hold them: 2 ** 24 + 1, for one."""
    common = promote(op, *dtypes)
    if common.kind == "f" and any(dtype.kind in "iu" and dtype.itemsize > 2 for dtype in dtypes):
        return np.dtype(np.float64)
    return common


def accumulator_dtype(dtype):
    """The dtype of a sum: floats keep theirs, unsigned integers give uint64, other integers and booleans int64."""
    if dtype.kind == "f":
        return dtype
    return UINT64 if dtype.kind == "u" else INT64


def scalar_dtype(number, dtypes):
    """The dtype that a Python number takes beside operands of `dtypes`."""
    if isinstance(number, bool):
        return BOOL
    floats = [dtype for dtype in dtypes if dtype.kind == "f"]
    if floats:
        return max(floats, key=lambda dtype: dtype.itemsize)
    if isinstance(number, float):
        return DEFAULT_FLOAT
    integers = [dtype for dtype in dtypes if dtype.kind in "iu"]
    return np.result_type(*integers) if integers else INT64
