"""Which dtypes there are, and what two of them give together.

float32 is the default of everything that creates floating-point data. A floating dtype wins over integers and booleans
(`int64 * float32` is float32, where NumPy says float64), float64 wins over float32, and Python's own numbers are weak:
they take the dtype of what they meet, as in NumPy 2 and the array API standard.
"""

import numpy as np

from numbanet.errors import DTypeError

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
INTEGERS = tuple(np.dtype(code) for code in "bhilBHIL")
BOOL = np.dtype(np.bool_)
INT64 = np.dtype(np.int64)
UINT64 = np.dtype(np.uint64)
DEFAULT_FLOAT = np.dtype(np.float32)
SUPPORTED = frozenset((BOOL, *INTEGERS, *FLOATS))
_NAMES = "bool, int8 to int64, uint8 to uint64, float32 and float64"


def is_float(dtype):
    """Whether a dtype is one of the floating dtypes."""
    return dtype.kind == "f"


def as_dtype(dtype, what="dtype"):
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
