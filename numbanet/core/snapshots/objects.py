"""Rules for objects: what can be called, classes, and everything that has attributes.

A rule is `rule(walk, place, obj)`: it emits what can be compared and tells the walk which parts to visit.
"""

import contextvars
import datetime
import decimal
import enum
import functools
import logging
import pathlib
import re
import sys
import threading
import types
import weakref
from _io import _IOBase

import numpy as np

from numbanet.core.snapshots.code import function_parts, is_foreign, visit_globals
from numbanet.core.snapshots.values import BASES, EXACT, by_identity

_HARMLESS = (
    *(type(threading.Lock()), type(threading.RLock()), logging.Logger, logging.Handler),
    *(np.ufunc, re.Pattern, types.CodeType, types.GenericAlias, types.UnionType, types.MethodWrapperType),
    *(types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType),
    *(types.GetSetDescriptorType, types.MemberDescriptorType),
)
"""Their state, if they have any, is not something that a step computes with: only their identity counts."""
_BY_REPR = (
    *(datetime.date, datetime.time, datetime.timedelta, datetime.timezone),
    *(decimal.Decimal, range, pathlib.PurePath),
)
_MOVING = (types.CoroutineType, types.AsyncGeneratorType)


# What can be called


def _function(walk, place, obj):
    walk.emit(place, "function", id(obj), walk.hold(obj.__code__))
    walk.visit_parts(place, function_parts(obj))
    if walk.code and not is_foreign(obj.__module__, obj.__code__.co_filename):
        visit_globals(walk, place, obj)


def _method(walk, place, obj):
    walk.emit(place, "method")
    walk.visit_parts(place, [("self", obj.__self__), (place[1], obj.__func__)])


def _builtin(walk, place, obj):
    owner = getattr(obj, "__self__", None)
    if owner is None or isinstance(owner, types.ModuleType):
        by_identity(walk, place, obj)
    else:
        walk.emit(place, "method", obj.__name__)
        walk.visit_parts(place, [(".__self__", owner)])


def _partial(walk, place, obj):
    walk.emit(place, "partial", id(type(obj)))
    parts = [(".func", obj.func), (".args", obj.args), (".keywords", obj.keywords)]
    walk.visit_parts(place, parts + _attributes(obj))


def _cached(walk, place, obj):
    by_identity(walk, place, obj)
    walk.visit_parts(place, [(".__wrapped__", obj.__wrapped__)])


def _wrapping(walk, place, obj):
    """A static or class method, or a property, as it stands in a class."""
    walk.emit(place, "wrapping", id(type(obj)))
    names = ("fget", "fset") if isinstance(obj, property) else ("__func__",)
    walk.visit_parts(place, [(f".{name}", getattr(obj, name)) for name in names])


def _cell(walk, place, obj):
    try:
        contents = obj.cell_contents
    except ValueError:
        walk.emit(place, "empty cell")
        return
    walk.emit(place, "cell")
    walk.visit_parts(place[0], [(place[1], contents)])


def _reference(walk, place, obj):
    walk.emit(place, "reference")
    walk.visit_parts(place, [("()", weakref.ref.__call__(obj))])


def _context_variable(walk, place, obj):
    by_identity(walk, place, obj)
    walk.visit_parts(place, [(".get()", obj.get(None))])


def _proxy(walk, place, obj):
    walk.emit(place, "proxy")
    walk.visit_parts(place, [("", dict(obj))])


# Classes and their objects


def _class(walk, place, cls):
    """A class of the user's counts by what stands in it and in its bases; others by identity."""
    by_identity(walk, place, cls)
    if _starts_threads(cls):
        walk.note_moving(place, "what other threads do is not recorded")
    if is_foreign(_module_of(cls)):
        return
    parts = [
        (f".{name}", value)
        for name, value in _namespace(cls).items()
        if not (name.startswith("__") and name.endswith("__")) or isinstance(value, types.FunctionType)
        if name != "_abc_impl"
    ]
    walk.visit_parts(place, [*parts, *[("", base) for base in cls.__bases__]])


class _Layout:
    """Where objects of a type keep what they hold."""

    def __init__(self, kind):
        self.kind = kind  # kept alive, since layouts are found by its id
        members = [(name, member) for cls in kind.__mro__ for name, member in _namespace(cls).items()]
        descriptors = (types.MemberDescriptorType, types.GetSetDescriptorType)
        self.dicts = [one for name, one in members if name == "__dict__" and isinstance(one, descriptors)]
        self.slots = [
            (f".{name}", one)
            for name, one in members
            if isinstance(one, types.MemberDescriptorType) and name != "__dict__"
        ]
        room = object.__basicsize__ + 8 * (len(self.slots) + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0))
        self.is_plain = kind.__itemsize__ == 0 and kind.__basicsize__ <= room
        """Whether all stands in `__dict__` and slots, as far as the size of objects tells."""
        self.parts_of = _static(kind, "in_snapshots")
        self.without = _static(kind, "followed_by_replay") or ()


_layouts: dict[int, _Layout] = {}


def _layout_of(kind):
    found = _layouts.get(id(kind))
    if found is None:
        if len(_layouts) >= 1024:
            _layouts.clear()
        found = _layouts[id(kind)] = _Layout(kind)
    return found


def _attributes(obj):
    """(label, value) of what stands in `__dict__` and slots, without asking the object."""
    layout = _layout_of(type(obj))
    found = [
        (f".{name}", value)
        for one in layout.dicts[:1]
        for name, value in one.__get__(obj).items()
        if name not in layout.without
    ]
    for label, member in layout.slots:
        try:
            found.append((label, member.__get__(obj)))
        except AttributeError:  # a slot that nothing was put in
            found.append((label, _ABSENT))
    return found


_ABSENT = object()


def _object(walk, place, obj):
    """An object: its identity, its class and its attributes."""
    kind = type(obj)
    walk.emit(place, "object", id(obj), id(kind))
    layout = _layout_of(kind)
    if not layout.is_plain:
        walk.note_opaque(place, f"what an object of type {kind.__name__} holds cannot be seen")
    walk.visit_parts(place, [("", kind), *(layout.parts_of(obj) if layout.parts_of else _attributes(obj))])


def _static(kind, name):
    """An attribute of a class, found without asking its metaclass."""
    return next((_namespace(cls)[name] for cls in kind.__mro__ if name in _namespace(cls)), None)


def _namespace(kind):
    return type.__dict__["__dict__"].__get__(kind)


def _module_of(kind):
    return type.__dict__["__module__"].__get__(kind)


def _starts_threads(kind):
    named = {(cls.__module__, cls.__name__) for cls in kind.__mro__}
    return not named.isdisjoint({("threading", "Thread"), ("concurrent.futures._base", "Executor")})


def by_layout(walk, place, obj):
    """Objects of types that have no rule of their own: those of subclasses, then any."""
    kind = type(obj)
    if issubclass(kind, enum.Enum) or issubclass(kind, _HARMLESS):
        by_identity(walk, place, obj)
    elif kind.__name__ == "cython_function_or_method":
        _builtin(walk, place, obj)
    elif issubclass(kind, type):
        _class(walk, place, obj)
    elif issubclass(kind, types.ModuleType):
        by_identity(walk, place, obj)
    elif issubclass(kind, _BY_REPR) and is_foreign(_module_of(kind)):
        walk.emit(place, "repr", id(kind), repr(obj))
    elif issubclass(kind, _IOBase):
        _file(walk, place, obj)
    elif rule := next((rule for base, rule in _BASES.items() if issubclass(kind, base)), None):
        rule(walk, place, obj)
        if not is_foreign(_module_of(kind)) or issubclass(kind, (dict, list, np.ndarray)):
            walk.visit_parts(place, [("", kind), *_attributes(obj)])
    elif issubclass(kind, _MOVING) or (_static(kind, "__next__") is not None and not _is_python(kind)):
        by_identity(walk, place, obj)
        walk.note_moving(place, f"a {kind.__name__} moves when it is read")
    else:
        _object(walk, place, obj)


def _is_python(kind):
    """Whether a class was written in Python, so that what its objects hold is found in their attributes."""
    return isinstance(_static(kind, "__next__"), types.FunctionType) and _layout_of(kind).is_plain


def _file(walk, place, obj):
    by_identity(walk, place, obj)
    if obj is sys.stdout or obj is sys.stderr:
        return
    if is_foreign(_module_of(type(obj))) and (obj.closed or not obj.readable()):
        return  # written to, which is no part of what a step computes
    walk.note_moving(place, "a file moves when it is read")


_BASES = BASES | {functools.partial: _partial, weakref.ref: _reference}
_EXACT = EXACT | {
    types.FunctionType: _function,
    types.MethodType: _method,
    types.BuiltinMethodType: _builtin,
    functools.partial: _partial,
    type(functools.lru_cache(by_identity)): _cached,
    staticmethod: _wrapping,
    classmethod: _wrapping,
    property: _wrapping,
    types.CellType: _cell,
    types.MappingProxyType: _proxy,
    weakref.ref: _reference,
    contextvars.ContextVar: _context_variable,
    type: _class,
    types.ModuleType: by_identity,
    object: by_identity,
}
RULES = {id(kind): rule for kind, rule in _EXACT.items()}
"""From the id of a type to its rule; these types are never freed."""
