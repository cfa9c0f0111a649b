"""The names of classes and functions in model files.

Those of numbanet have the names that they have; those of your own are found by the name under which they were
registered, or in `custom_objects`. Nothing is imported or evaluated by name.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable
from typing import Any, TypeVar, overload

from numbanet.core.context import context, setting
from numbanet.core.notes import Notes
from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError, DataError, unknown_name

REGISTERED: dict = {}
"""The classes and functions that were registered, by package and name: "Custom>Scale"."""
FUNCTIONS: dict = {}
"""Functions of numbanet that are not in the table of operations, by name."""
BASES: list = []
"""The base classes of what models are made of: their subclasses in numbanet are found by name."""
_names = Notes()

HOW = (
    "decorate it with @nn.saving.register(), which gives it a name in files, or find it again with "
    "load_model(path, custom_objects={name: ...})"
)


@contextlib.contextmanager
def custom_objects(given):
    """Find classes and functions in a dict, by their names, before all others."""
    with setting(custom_objects=dict(given or {})):
        yield


@contextlib.contextmanager
def saving():
    """Refuse two classes or functions of one name inside; yields them by name."""
    names = {} if context.saved_names is None else context.saved_names
    with setting(saved_names=names):
        yield names


def custom(name):
    """Return what the file that is being read may call by a name, or None."""
    return (context.custom_objects or {}).get(name)


Own = TypeVar("Own", bound=Callable[..., Any])


@overload
def register(package: Own) -> Own: ...
@overload
def register(package: str = "Custom", name: str | None = None) -> Callable[[Own], Own]: ...
def register(package: Any = "Custom", name: str | None = None) -> Any:
    """Give a class or function of your own a name in model files, with which `load_model` finds it again.

    Parameters
    ----------
    package : str
        The first part of the name; that of a library keeps its names apart from others.
    name : str, optional
        That of the class or function, if not given.

    Returns
    -------
    callable
        A decorator, which returns what it is given. `@register` alone does as `@register()`.

    Raises
    ------
    ArgumentError
        When something else has the name, or what is decorated is neither a function nor a class with `get_config`.

    References
    ----------
    Keras 3, `keras.saving.register_keras_serializable`.

    Examples
    --------
    >>> import numbanet as nn
    >>> @nn.saving.register(package="docs")
    ... class Multiplied(nn.layers.Layer):
    ...     def __init__(self, factor, name=None, dtype=None):
    ...         super().__init__(name, dtype)
    ...         self.factor = factor
    ...     def call(self, x):
    ...         return x * self.factor
    >>> nn.saving.register(package="docs")(abs)
    Traceback (most recent call last):
        ...
    numbanet.errors.ArgumentError: register: needs a class or function of your own, got <built-in function abs>
    """
    if not isinstance(package, str) and name is None:
        return register()(package)
    for part in (package, package if name is None else name):
        if not isinstance(part, str) or not part or ">" in part:
            raise ArgumentError(f"register: package and name must be text without '>', got {part!r}")

    def enter(obj: Own) -> Own:
        if not inspect.isclass(obj) and not inspect.isfunction(obj):
            raise ArgumentError(f"register: needs a class or function of your own, got {obj!r}")
        if inspect.isclass(obj) and not hasattr(obj, "get_config"):
            raise ArgumentError(f"register: the class {obj.__name__} needs a method get_config()")
        key = f"{package}>{name or obj.__name__}"
        known = REGISTERED.get(key, obj)
        if (known.__module__, known.__qualname__) != (obj.__module__, obj.__qualname__):  # a cell may be run again
            raise ArgumentError(f"register: {key!r} is {known!r} already; give another name or package")
        REGISTERED[key] = obj
        _names.note(obj, key)
        return obj

    return enter


def is_ours(obj):
    """Return whether a class or function is numbanet's own."""
    return (getattr(obj, "__module__", None) or "").split(".")[0] == "numbanet"


def saved_name(obj, what):
    """Return the name in files of a class or function; ArgumentError, which says how to give it one.

    Parameters
    ----------
    obj : class or function
    what : str
        What it is, for the error: "the loss function distance".
    """
    name = getattr(obj, "__name__", None)
    if inspect.isclass(obj) or inspect.isfunction(obj):  # what can be registered
        registered = _names.of(obj)
        if registered is not None:
            return registered
    if inspect.isclass(obj):
        base = base_of(obj)
        if not is_ours(obj) and base is not None and name in built_in(base):
            raise ArgumentError(f"{what} cannot be saved: numbanet has a {name} of its own; {HOW}")
    else:
        ours = next((op.name for op in TABLE.values() if op.function is obj), None)
        if ours or FUNCTIONS.get(name) is obj:
            return ours or name
        if not inspect.isfunction(obj) or "<" in obj.__qualname__ or name in TABLE or name in FUNCTIONS:
            raise ArgumentError(f"{what} cannot be saved: it has no name by which it could be found again; {HOW}")
    if not is_ours(obj) and context.saved_names is not None and context.saved_names.setdefault(name, obj) is not obj:
        raise ArgumentError(f"{what} cannot be saved: something else is called {name}, too; {HOW}")
    return name


def base_of(cls):
    """Return the base class of what models are made of that `cls` is derived from, or None."""
    return next((base for base in cls.__mro__ if base in BASES), None)


def built_in(base):
    """Return the public subclasses of a base class in numbanet, by name."""
    found, left = {}, [base]
    while left:
        cls = left.pop()
        left += cls.__subclasses__()
        held = getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls  # not one of an example's, say
        if is_ours(cls) and held and not cls.__name__.startswith("_"):
            found[cls.__name__] = cls
    return found


def resolve(name: str, kind: str = "object") -> Any:
    """Return the class or function of your own with this name in files, or None.

    Raises
    ------
    DataError
        While a file is read, when there is none.
    """
    bare = name.split(">")[-1]
    for found in custom(name), custom(bare), REGISTERED.get(name):
        if found is not None:
            return found
    alike = [found for key, found in REGISTERED.items() if name == bare == key.split(">")[-1]]
    if len(alike) == 1:
        return alike[0]
    if context.custom_objects is not None:
        raise DataError(
            f"unknown {kind} {name!r}: give load_model(path, custom_objects={{{bare!r}: ...}}), or register it with "
            "@nn.saving.register() before"
        )
    return None


def function_named(name):
    """Return the function of a name in files: one of numbanet, or your own."""
    if custom(name) is not None:
        return custom(name)
    found = TABLE[name].function if name in TABLE else FUNCTIONS.get(name) or resolve(name, "function")
    if found is None:
        raise unknown_name("function", name, [*REGISTERED, *FUNCTIONS])
    return found
