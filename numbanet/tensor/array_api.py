"""What the Python array API standard asks of a namespace besides functions: dtypes, their limits, and an inventory."""

from __future__ import annotations

import builtins
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.dtypes import BOOL, DEFAULT_FLOAT, INT64, SUPPORTED, as_dtype, promote, scalar_dtype
from numbanet.errors import ArgumentError, DeviceError, DTypeError
from numbanet.tensor.operators import EDITION, Operators
from numbanet.tensor.tensor import default_device, device_named
from numbanet.typing import ArrayLike

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

bool = BOOL
int8, int16, int32, int64 = (np.dtype(f"int{bits}") for bits in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64))
float32, float64 = np.dtype(np.float32), np.dtype(np.float64)
e, pi, inf, nan, newaxis = math.e, math.pi, math.inf, math.nan, None
__array_api_version__ = EDITION
_WEAK = (builtins.bool, int, float)


@dataclass(frozen=True, slots=True)
class FloatLimits:
    """The limits of a floating dtype, as Python numbers; `nn.finfo` gives them."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype


@dataclass(frozen=True, slots=True)
class IntegerLimits:
    """The limits of an integer dtype, as Python numbers; `nn.iinfo` gives them."""

    bits: int
    max: int
    min: int
    dtype: np.dtype


def _dtype_of(x, what):
    """The dtype of a tensor or an array, or the one that `x` names."""
    return as_dtype(x.dtype if isinstance(x, Operators | np.ndarray) else x, what)


def finfo(type: DTypeLike | ArrayLike, /) -> FloatLimits:
    """Return the limits of a floating dtype.

    Parameters
    ----------
    type : dtype or array
        float32 or float64, or an array of it.

    Returns
    -------
    FloatLimits
        With `bits`, `eps`, `max`, `min`, `smallest_normal` and `dtype`.

    Raises
    ------
    DTypeError
        When the dtype is not a floating one.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.finfo(nn.float64).eps
    2.220446049250313e-16
    """
    dtype = _dtype_of(type, "finfo")
    if dtype.kind != "f":
        raise DTypeError(f"finfo: {dtype} is no floating dtype; use iinfo for integers")
    found = np.finfo(dtype)
    eps, most, least = float(found.eps), float(found.max), float(found.min)
    return FloatLimits(found.bits, eps, most, least, float(found.smallest_normal), dtype)


def iinfo(type: DTypeLike | ArrayLike, /) -> IntegerLimits:
    """Return the limits of an integer dtype.

    Parameters
    ----------
    type : dtype or array
        int8 to int64 or uint8 to uint64, or an array of one.

    Returns
    -------
    IntegerLimits
        With `bits`, `max`, `min` and `dtype`.

    Raises
    ------
    DTypeError
        When the dtype is not an integer one.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.iinfo("uint8").max
    255
    """
    dtype = _dtype_of(type, "iinfo")
    if dtype.kind not in "iu":
        raise DTypeError(f"iinfo: {dtype} is no integer dtype; use finfo for floating ones")
    found = np.iinfo(dtype)
    return IntegerLimits(found.bits, int(found.max), int(found.min), dtype)


def isdtype(dtype: DTypeLike, kind: Any) -> builtins.bool:
    """Return whether a dtype is of a kind.

    Parameters
    ----------
    dtype : dtype
        What is asked about.
    kind : dtype, str, or tuple of them
        Another dtype; or "bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating"
        or "numeric"; of several, any.

    Returns
    -------
    bool
        True if it is of that kind, or of one of several.

    Raises
    ------
    ArgumentError
        When there is no such kind.
    DTypeError
        When `dtype` is not supported.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.isdtype(nn.float32, "real floating"), nn.isdtype(nn.float32, (nn.int8, "integral"))
    (True, False)
    """
    try:
        return np.isdtype(as_dtype(dtype, "isdtype"), kind)
    except (TypeError, ValueError) as error:
        if isinstance(error, DTypeError):
            raise
        raise ArgumentError(f"isdtype: {kind!r} is no kind of dtype") from None


def can_cast(from_: DTypeLike | ArrayLike, to: DTypeLike, /) -> builtins.bool:
    """Return whether a dtype becomes another one by promotion alone.

    Parameters
    ----------
    from_ : dtype or array
        What is converted.
    to : dtype
        What it would become.

    Returns
    -------
    bool
        True where the two promote to `to`: integers become any floating dtype in numbanet.

    Raises
    ------
    DTypeError
        When a dtype is not supported.

    References
    ----------
    Python array API standard 2024.12, data type functions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.can_cast(nn.int8, nn.int16), nn.can_cast(nn.int64, nn.int32)
    (True, False)
    """
    start, end = _dtype_of(from_, "can_cast"), as_dtype(to, "can_cast")
    try:
        return promote("can_cast", start, end) == end
    except DTypeError:
        return False  # uint64 and a signed dtype


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Return the dtype to which arrays, dtypes and numbers promote.

    Parameters
    ----------
    *arrays_and_dtypes : array, dtype or number
        Python numbers are weak: they take the dtype of the others.

    Returns
    -------
    dtype
        The smallest that holds the values of all by the rules of promotion.

    Raises
    ------
    ArgumentError
        When nothing is given.
    DTypeError
        When there is no common dtype.

    References
    ----------
    Python array API standard 2024.12, data type functions and type promotion rules.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.result_type(nn.int8, nn.int32, 7)
    dtype('int32')
    """
    if not arrays_and_dtypes:
        raise ArgumentError("result_type: needs at least one array, dtype or number")
    numbers = [x for x in arrays_and_dtypes if type(x) in _WEAK]
    strong = [_dtype_of(x, "result_type") for x in arrays_and_dtypes if type(x) not in _WEAK]
    return promote("result_type", *strong, *(scalar_dtype(x, strong) for x in numbers))


class Inventory:
    """What numbanet has of the standard, as the standard asks for it."""

    def capabilities(self) -> dict[str, Any]:
        """What depends on the library.

        Returns
        -------
        dict
        """
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """The name of the device on which tensors are made.

        Returns
        -------
        str
        """
        return default_device()

    def default_dtypes(self, *, device: str | None = None) -> dict[str, np.dtype[Any] | None]:
        """The dtypes of what is made without one; there are no complex numbers.

        Returns
        -------
        dict
        """
        device_named(device)
        return {
            "real floating": DEFAULT_FLOAT,
            "complex floating": None,
            "integral": INT64,
            "indexing": INT64,
        }

    def dtypes(self, *, device: str | None = None, kind: Any = None) -> dict[str, np.dtype[Any]]:
        """The dtypes of a kind (see `nn.isdtype`), by name; all without one.

        Returns
        -------
        dict
        """
        device_named(device)
        ordered = sorted(SUPPORTED, key=lambda dtype: ("biuf".index(dtype.kind), dtype.itemsize))
        return {str(dtype): dtype for dtype in ordered if kind is None or kind == () or isdtype(dtype, kind)}

    def devices(self) -> tuple[str, ...]:
        """The names of the devices that can be used here.

        Returns
        -------
        tuple of str
        """
        try:
            device_named("cuda")
        except DeviceError:
            return ("cpu",)
        return ("cpu", "cuda")


def __array_namespace_info__() -> Inventory:
    """What numbanet has of the standard: capabilities, devices and dtypes.

    Returns
    -------
    Inventory

    References
    ----------
    Python array API standard 2024.12, inspection.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.__array_namespace_info__().default_dtypes()["real floating"]
    dtype('float32')
    """
    return Inventory()
