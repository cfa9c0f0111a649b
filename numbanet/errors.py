"""The errors that numbanet raises, each also the built-in error that a caller would expect, and its warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

__all__ = [
    "ArgumentError",
    "CallbackWarning",
    "DTypeError",
    "DataError",
    "DataWarning",
    "DependencyError",
    "DeviceError",
    "DeviceMemoryError",
    "ExchangeError",
    "GradientError",
    "ImmutableError",
    "LinAlgError",
    "NotBuiltError",
    "NotNeededWarning",
    "NumbanetError",
    "NumericError",
    "OutOfRangeError",
    "ReplayError",
    "SettingError",
    "ShapeError",
    "ThreadsWarning",
]


class NumbanetError(Exception):
    """Base class of every error that numbanet raises on purpose."""


class ShapeError(NumbanetError, ValueError):
    """Shapes do not fit an operation: the message names the operation, the shapes and what is needed."""


class DTypeError(NumbanetError, TypeError):
    """A dtype does not fit an operation: the message names the operation, the dtypes and what is needed."""


class OutOfRangeError(DTypeError, OverflowError, ValueError):
    """A number does not fit in a dtype: also an OverflowError, or the ValueError of a NaN, as in NumPy 2."""


class ArgumentError(NumbanetError, ValueError):
    """An argument has a value that cannot be used: the message names it, its value and what is needed."""


class SettingError(NumbanetError, AttributeError):
    """An attribute is set that nothing reads: the message names the one that was probably meant."""


class NotBuiltError(NumbanetError, RuntimeError):
    """A layer, model or optimizer is used before it is ready, `fit` before `compile` for example."""


class DeviceError(NumbanetError, RuntimeError):
    """A device is not there or cannot do what is asked, or operands of one operation are on several devices."""


class DeviceMemoryError(DeviceError, MemoryError):
    """A device has no memory left for an array: the message says how much was asked for and how much there is."""


class ExchangeError(NumbanetError, BufferError):
    """An array cannot be handed to another library or taken from one: the message says what is in the way."""


class DependencyError(NumbanetError, ImportError):
    """A package is missing that only a part of numbanet needs: the message says which, and how to install it."""


class GradientError(NumbanetError, RuntimeError):
    """A gradient is asked for that does not exist: a used-up tape, an unconnected source, no derivative."""


class NumericError(NumbanetError, FloatingPointError):
    """A NaN was computed inside `nn.debug.nans()`: the message names the operation, the shapes and the user's line.

    Also raised by `TerminateOnNaN(raise_error=True)`, when the loss is not finite.
    """


class LinAlgError(NumbanetError, np.linalg.LinAlgError):
    """A matrix has no inverse, no such factor or no decomposition: the message names the function, shape and matrix."""


class ReplayError(NumbanetError, RuntimeError):
    """A replayed step gave another result than the step, under `nn.config.check_replay`: the message says which."""


class DataError(NumbanetError, ValueError):
    """A file or a data set is not valid: truncated, foreign, corrupt or inconsistent."""


class ImmutableError(NumbanetError, TypeError):
    """A Tensor was written to; Tensors never change, Variables do."""


class DataWarning(RuntimeWarning):
    """A run of `fit` ended in NaN, and so are some of its samples: the message says how many."""


class CallbackWarning(UserWarning):
    """A callback has a method `on_...` that nothing calls: the message names it and the nearest valid name."""


class NotNeededWarning(UserWarning):
    """An argument of another framework was given that has no meaning here."""


class ThreadsWarning(RuntimeWarning):
    """More threads were asked for than there are processors: the message says how many are used instead."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> Exception:
    """Return the error for a name that is not in a table, which suggests the nearest name that is.

    Parameters
    ----------
    kind : str
        What the name should be, `"optimizer"` for example.
    name : object
        What was given.
    known : iterable of str
        The names that exist.

    Returns
    -------
    ArgumentError
        To be raised by the caller.

    Raises
    ------
    Nothing.

    References
    ----------
    Python standard library, difflib.get_close_matches.

    Examples
    --------
    >>> print(unknown_name("loss", "mean_square_error", ["mean_squared_error", "hinge"]))
    unknown loss 'mean_square_error': did you mean 'mean_squared_error'? Known: hinge, mean_squared_error
    >>> print(unknown_name("metric", "rmse", ["root_mean_squared_error", "mse"]))
    unknown metric 'rmse': did you mean 'root_mean_squared_error'? Known: mse, root_mean_squared_error
    """
    from difflib import get_close_matches

    known = sorted(known)
    lower, names = str(name).lower(), {one.lower(): one for one in known}
    near = names.get(lower) or next((one for one in known if lower in _short_forms(one)), None)
    near = near or next(iter(get_close_matches(str(name), known, n=1, cutoff=0.5)), None)
    near = near or next((names[one] for one in get_close_matches(lower, names, n=1, cutoff=0.5)), None)
    hint = f": did you mean {near!r}?" if near else "."
    return ArgumentError(f"unknown {kind} {name!r}{hint} Known: {', '.join(known)}")


def _short_forms(name: str) -> set[str]:
    """What people call root_mean_squared_error, leaky_relu and f1_score: rmse, lrelu, f1 and f1score."""
    words = [word for word in name.lower().split("_") if word] or [""]
    firsts = "".join(word[:1] for word in words)
    return {firsts, firsts[:-1] + words[-1], words[0], "".join(words)}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name.startswith("_"):  # each import of an error asks for `__path__`, and a search takes 0.4 ms
            raise AttributeError(f"nn.errors has no attribute {name!r}", name=name)
        raise AttributeError(f"nn.errors: {unknown_name('name', name, __all__)}", name=name)

    def __dir__() -> list[str]:
        return sorted(__all__)
