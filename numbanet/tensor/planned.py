"""Functions that remember what their calls come to: the same call again runs compiled code from beginning to end.

A function that is `planned` runs as it stands for the first calls with operands of some shapes, strides and dtypes, and
some other arguments. Then one call is watched, and what it did becomes a Plan: which launches its ops are, which values
are checked, and what tapes are told. Everything that such a call asks about shapes, dtypes and arguments has been
answered by then; what it asks about values is asked again every time.

Plans need the compiled extension. Without it, and wherever something is unusual (a trace, an `nn.device` block,
operands on a device), functions run as they stand.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from numbanet.backends.cython.sources import digest_of_calls
from numbanet.backends.native import direct

Function = TypeVar("Function", bound=Callable[..., Any])


def _compiled() -> Any:
    """The module that runs Plans; None where there is none, or one of other sources, or for another kind of Python."""
    try:
        found = import_module("numbanet.backends.cython._calls")
    except ImportError:
        return None
    return found if digest_of_calls() == found.SOURCES and direct.is_possible() else None


_calls = _compiled()


def planned(function: Function) -> Function:
    """Return a function with the signature of another one, which remembers what its calls come to.

    Calls with the same arguments must do the same, apart from what they compute with the values of the operands.
    """
    return function if _calls is None else _through(_calls.Call(function), function)


def rules(vjp):
    """The rules of an op's gradient, which remember likewise."""
    if vjp is None or _calls is None:
        return vjp
    return _calls.Call(vjp) if callable(vjp) else tuple(None if one is None else _calls.Call(one) for one in vjp)


def _through(call, function):
    """`call` as a Python function that takes what `function` takes, for documentation, pickles and type checkers."""
    own = function.__code__
    if own.co_kwonlyargcount or own.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        raise TypeError(f"{function.__name__} has parameters that a planned function cannot have")
    template = _TEMPLATES[own.co_argcount](call)
    code = template.__code__.replace(  # signatures of all planned functions would add 0.8 ms to the first import
        co_varnames=own.co_varnames[: own.co_argcount], co_name=function.__name__,
        co_posonlyargcount=own.co_posonlyargcount,
    )  # fmt: skip
    around = function.__globals__, function.__name__, function.__defaults__, template.__closure__
    made = types.FunctionType(code, *around)
    functools.update_wrapper(made, function)
    made.call = call  # type: ignore[attr-defined]  # for tests
    return made


_TEMPLATES: dict[int, Callable] = {
    1: lambda call: lambda a: call(a),
    2: lambda call: lambda a, b: call(a, b),
    3: lambda call: lambda a, b, c: call(a, b, c),
    4: lambda call: lambda a, b, c, d: call(a, b, c, d),
    5: lambda call: lambda a, b, c, d, e: call(a, b, c, d, e),
    6: lambda call: lambda a, b, c, d, e, f: call(a, b, c, d, e, f),
    7: lambda call: lambda a, b, c, d, e, f, g: call(a, b, c, d, e, f, g),
}
