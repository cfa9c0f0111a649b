"""Numbers that users pass as settings: learning rates, thresholds, counts. Wrong ones fail here, with their name."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import index
from typing import Any

import numpy as np

from numbanet.errors import ArgumentError


def as_number(
    what: str, value: Any, low: float = -math.inf, high: float = math.inf, positive: bool = False,
    below: float = math.inf,
) -> float:  # fmt: skip
    """`value` as a Python float.

    Parameters
    ----------
    what : str
        Its name, for the error.
    value : float, int, or a NumPy number, array or tensor without dimensions
    low, high : float
        The bounds, both allowed.
    positive : bool
        Whether it must be more than zero.
    below : float
        A bound that is not allowed itself.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError
        When it is not a number, not finite, or out of bounds.

    Examples
    --------
    >>> as_number("momentum", 1, 0, 1)
    1.0
    """
    number = _float_of(value)
    fits = number is not None and math.isfinite(number) and low <= number <= high and number < below
    if not fits or (positive and number <= 0):
        raise ArgumentError(f"{what} must be {_range(low, high, positive, below)}, got {value!r}")
    return number


def keep_numbers(obj: Any, **bounds: Any) -> None:
    """Check fields of a frozen dataclass as `as_number` does, and keep them as Python's numbers, which JSON has.

    Parameters
    ----------
    obj : dataclass
    **bounds : dict
        The arguments of `as_number` for the field of that name.

    Raises
    ------
    ArgumentError
        When a field is not a number, not finite, or out of bounds.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Decay:
    ...     rate: float
    >>> decay = Decay(np.float64(0.5))
    >>> keep_numbers(decay, rate={"low": 0})
    >>> decay
    Decay(rate=0.5)
    """
    for name, limits in bounds.items():
        value = getattr(obj, name)
        as_number(name, value, **limits)
        object.__setattr__(obj, name, plain_number(value))


def plain_number(value):
    """A number of any kind as Python's: an int stays an int.

    Examples
    --------
    >>> plain_number(np.float32(0.5)), plain_number(np.array(3))
    (0.5, 3)
    """
    return value.item() if hasattr(value, "item") else value


def as_float(what: str, value: Any) -> float:
    """`value` as a Python float, which may be infinite or NaN.

    Raises
    ------
    ArgumentError
        When it is not a number.

    Examples
    --------
    >>> as_float("start", -math.inf)
    -inf
    """
    number = _float_of(value)
    if number is None:
        raise ArgumentError(f"{what} must be a number, got {value!r}")
    return number


def _float_of(value):
    """Any kind of real number as a float, arrays and tensors without dimensions among them; None if it is not."""
    dimensions = getattr(value, "ndim", None)
    if isinstance(value, (str, bytes, bool, np.bool_)) or dimensions:
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):  # the last for integers beyond float64
        return None


def _range(low, high, positive, below):
    if below < math.inf:
        return f"a number from {low} up to but not including {below}"
    if positive:
        return "a finite number above 0"
    if high == math.inf:
        return "a finite number" if low == -math.inf else f"a finite number, at least {low}"
    return f"a number from {low} to {high}"


def as_count(what: str, value: Any, low: int = 0) -> int:
    """`value` as a Python int of at least `low`.

    Raises
    ------
    ArgumentError
        When it is not an integer, or too small.

    Examples
    --------
    >>> as_count("patience", 3)
    3
    """
    return as_integer(what, value, low)


def as_integer(what: str, value: Any, low: int | None = None) -> int:
    """`value` as a Python int, of at least `low` if that is given.

    Integers of all kinds are taken: Python's, NumPy's, and arrays and tensors without dimensions. Booleans are not.

    Raises
    ------
    ArgumentError
        When it is not an integer, or too small.

    Examples
    --------
    >>> as_integer("shift", np.int8(-3))
    -3
    """
    number = _integer_of(value)
    if number is None or (low is not None and number < low):
        bound = "" if low is None else f", at least {low}"
        ndim = 0 if isinstance(value, type) else getattr(value, "ndim", 0)
        kind = "an array" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        got = f"{kind} of shape {tuple(value.shape)}" if ndim else repr(value)
        raise ArgumentError(f"{what} must be an integer{bound}, got {got}")
    return number


def is_integer(value: Any) -> bool:
    """Whether `value` is an integer of any kind, rather than a sequence of them or another number.

    Examples
    --------
    >>> is_integer(np.int64(3)), is_integer([3]), is_integer(True)
    (True, False, False)
    """
    return _integer_of(value) is not None


def _integer_of(value):
    if isinstance(value, (bool, np.bool_)) or getattr(value, "ndim", None):
        return None
    try:
        return index(value)
    except TypeError:
        return None


def as_flag(what: str, value: Any) -> bool:
    """`value` as a Python bool.

    Raises
    ------
    ArgumentError
        When it is neither true nor false: "no" for example, which Python takes for true.

    Examples
    --------
    >>> as_flag("shuffle", True)
    True
    """
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, (int, np.integer)) and value in (0, 1)):
        return bool(value)
    raise ArgumentError(f"{what} must be True or False, got {value!r}")


def as_list(what: str, values: Any) -> list[Any]:
    """`values`, any sequence, as a list.

    Raises
    ------
    ArgumentError
        When it has no parts: a number, for example.

    Examples
    --------
    >>> as_list("arrays", (1, 2))
    [1, 2]
    """
    try:
        return list(values)
    except TypeError:
        raise ArgumentError(f"{what} must be a list or tuple, got {type(values).__name__}") from None


def as_choice(what: str, value: Any, choices: Iterable[str]) -> str:
    """`value` as a Python str, one of several.

    Raises
    ------
    ArgumentError
        When it is none of them: an array of names, for example, although it may be equal to one.

    Examples
    --------
    >>> as_choice("mode", "rows", ("rows", "columns"))
    'rows'
    """
    if isinstance(value, str) and value in choices:
        return str(value)
    raise ArgumentError(f"{what} must be {' or '.join(map(repr, choices))}, got {value!r}")
