"""What is known of an object, noted beside it for as long as it lives."""

from __future__ import annotations

import functools
import weakref
from typing import Any


class Notes(dict[int, Any]):
    """From the ids of objects, which may compare element by element, to references and values; false while empty.

    Unlike in a `WeakKeyDictionary`, no Python code runs when an object dies: Python ignores an exception there, and
    Ctrl-C during garbage collection, which takes 100 ms at times, would go on to the first such code and be lost.
    """

    def note(self, obj: Any, value: Any) -> None:
        """Note a value beside an object, in place of the one before."""
        key = id(obj)
        self[key] = weakref.ref(obj, functools.partial(self.pop, key)), value  # the reference is what pop may return

    def of(self, obj: Any) -> Any:
        """Return what is noted beside an object, or None."""
        reference, value = self.get(id(obj), (None, None))
        return value if reference is not None and reference() is obj else None
