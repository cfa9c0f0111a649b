"""Arguments that a class does not take: the TypeError says what to write in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import wraps
from inspect import CO_VARKEYWORDS
from types import FunctionType
from typing import Any, ClassVar, TypeVar, dataclass_transform

Kind = TypeVar("Kind", bound=type)
Method = TypeVar("Method", bound=Callable[..., Any])


class Explained:
    """What is made with arguments by name: an unknown one is a TypeError that names the class, and the right one.

    Examples
    --------
    >>> class Ball(Explained):
    ...     _former = {"r": "it is called radius"}
    ...     def __init__(self, radius=1.0):
    ...         self.radius = radius
    >>> Ball(r=2.0)
    Traceback (most recent call last):
    TypeError: Ball: unknown argument 'r'; it is called radius
    """

    _former: ClassVar[dict[str, str]] = {}
    """What to write in place of arguments of other and older libraries. A subclass adds to those of its bases."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        init = vars(cls).get("__init__")
        if isinstance(init, FunctionType):
            cls.__init__ = _explained(init)  # type: ignore[method-assign]  # the signature stays the same


@dataclass_transform(frozen_default=True)
def frozen(cls: Kind) -> Kind:
    """Make a frozen dataclass of an `Explained` class: its `__init__` comes too late for `__init_subclass__`."""
    made: Any = dataclass(frozen=True)(cls)
    made.__init__ = _explained(made.__init__)
    return made


def explained(former: Mapping[str, str]) -> Callable[[Method], Method]:
    """Have a method say what to write in place of an argument that it does not take.

    Parameters
    ----------
    former : dict of str
        What to write, by the names of other and older libraries.

    Examples
    --------
    >>> class Ball:
    ...     @explained({"height": "it is called y"})
    ...     def drop(self, y):
    ...         return y
    >>> Ball().drop(height=2.0)
    Traceback (most recent call last):
    TypeError: drop: unknown argument 'height'; it is called y
    """

    def decorate(method: Any) -> Any:
        code = method.__code__
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

        @wraps(method)
        def called(self: Any, *args: Any, **kwargs: Any) -> Any:
            unknown = [name for name in kwargs if name not in names]
            if unknown:
                raise TypeError(_nearest(method.__name__, unknown[0], former, names))
            return method(self, *args, **kwargs)

        return called

    return decorate


def _explained(init: FunctionType) -> Callable[..., None]:
    """An `__init__` that looks at names before Python does; as it was if it takes any.

    One that passes options on, and says by `Unpack[...]` that they are those of its base, takes the names of both.
    """
    code = init.__code__
    passes_on = bool(code.co_flags & CO_VARKEYWORDS)
    if passes_on and not any(str(kind).startswith("Unpack[") for kind in init.__annotations__.values()):
        return init
    first, last = code.co_posonlyargcount, code.co_argcount + code.co_kwonlyargcount
    names = frozenset(code.co_varnames[first:last])
    needed = code.co_varnames[1 : code.co_argcount - len(init.__defaults__ or ())]

    @wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if not names.issuperset(kwargs):
            known = names.union(_names(type(self))) if passes_on else names
            unknown = [name for name in kwargs if name not in known]
            if unknown:
                raise TypeError(_said(type(self), unknown[0]))
        missing = [name for name in needed[len(args) :] if name not in kwargs]
        if missing:
            raise TypeError(f"{type(self).__name__}: needs {', '.join(missing)}")
        init(self, *args, **kwargs)

    return __init__


def _said(kind: type, name: str) -> str:
    """Say that a class has no such argument, and what to write instead where that is known."""
    former: dict[str, str] = {}
    for base in kind.__mro__:
        former = vars(base).get("_former", {}) | former
    return _nearest(kind.__name__, name, former, _names(kind))


def _nearest(who: str, name: str, former: Mapping[str, str], known: Iterable[str]) -> str:
    """Say that there is no such argument, and what to write instead, or which one is nearest."""
    said = f"{who}: unknown argument {name!r}"
    if name in former:
        return f"{said}; {former[name]}"
    near = get_close_matches(name, known, n=1)
    return said + (f": did you mean {near[0]!r}?" if near else f". It takes {', '.join(known) or 'none'}")


def _names(kind: type) -> list[str]:
    """The arguments of a class by name, those of its bases among them where it passes on what it does not know."""
    names: dict[str, None] = {}
    for base in kind.__mro__:
        init = vars(base).get("__init__")
        if not isinstance(init, FunctionType):
            continue
        code = getattr(init, "__wrapped__", init).__code__
        names |= dict.fromkeys(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
        if not code.co_flags & CO_VARKEYWORDS:
            break
    return list(names)
