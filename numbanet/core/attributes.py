"""Attributes that nothing would read: setting one is an error, which names the one that was probably meant.

Objects of numbanet's own classes have the attributes that they have; any other name is refused. Objects of a user's
subclass take what the user likes, with two exceptions, and only from outside of the object's own methods: names that
are nearly, but not quite, those of a setting, and settings of Keras that numbanet does not have. Names that begin with
an underscore are free.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from numbanet.core.arguments import Explained
from numbanet.core.names import is_ours
from numbanet.errors import SettingError

KERAS = frozenset((
    "autocast", "bias_constraint", "bias_regularizer", "dtype_policy", "dynamic", "input_spec",
    "jit_compile", "kernel_constraint", "kernel_regularizer", "loss_weights", "run_eagerly", "stateful",
    "steps_per_execution", "supports_jit", "supports_masking",
))  # fmt: skip
"""Settings of Keras's layers and models that only some classes of numbanet have, or none."""
_INLINE = ("__setattr__", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")
"""Code that is a part of the function that calls it."""


class Guarded(Explained):
    """What has settings: attributes that nothing would read cannot be set."""

    _elsewhere: ClassVar[dict[str, str]] = {}
    """From a name that it does not have to the place where that setting is."""
    _free: ClassVar[tuple[str, ...]] = ("_",)
    """What free names begin with."""

    if not TYPE_CHECKING:  # to a type checker an attribute that there is not is an error, as it is here

        def __setattr__(self, name, value):
            if not name.startswith(self._free) and name not in vars(self) and not hasattr(type(self), name):
                _check_name(self, name)
            super().__setattr__(name, value)

    def _set(self, **settings: Any) -> None:
        """Set attributes that `__setattr__` may turn into something else: numbers of any kind into Python's."""
        for name, value in settings.items():
            setattr(self, name, value)


def _check_name(obj, name):
    """Raise SettingError if setting a new attribute has no effect, so far as anybody can tell."""
    if _inside(obj):
        return
    kind = type(obj)
    known = {one for base in kind.__mro__ if is_ours(base) for one in vars(base)} | set(vars(obj))
    known = {one for one in known if not one.startswith("_")}
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.6 if is_ours(kind) else 0.85)
    if name in obj._elsewhere:
        hint = f"; use {obj._elsewhere[name]}"
    elif near and (is_ours(kind) or not _other_word(name, near[0])):
        hint = f": did you mean {near[0]!r}?"
    elif is_ours(kind) or name in KERAS:
        hint = ", and nothing would read it; names that begin with an underscore are free"
    else:
        return
    raise SettingError(f"{kind.__name__} has no setting {name!r}{hint}")


def _inside(obj):
    """Whether a method of the object is setting the attribute."""
    frame: Any = sys._getframe(3)  # who set it: not this function, nor _check_name, nor __setattr__
    while frame is not None and frame.f_code.co_name in _INLINE:
        frame = frame.f_back
    if frame is None or not frame.f_code.co_argcount:
        return False
    return frame.f_locals.get(frame.f_code.co_varnames[0]) is obj


def _other_word(name, near):
    """Whether two names differ as those of different things do: by a number at the end, or as one and several."""
    return name.rstrip("_0123456789") == near or f"{name}s" == near or name == f"{near}s"
