"""Snapshots: what Python objects are now, as a value that can be compared with what they are later.

Replayed steps run no Python, so whatever a step took from Python must still be what it was. `snapshot` walks objects
and writes down everything in them that Python can change: numbers by type and bits, containers by what they hold,
NumPy arrays by content, other objects by identity and attributes. No method of the objects is called on the way:
neither `__eq__` nor `__hash__`, properties nor `__getattr__`.

Two depths: for the arguments of a call, functions count by identity, defaults and closures; with `code=True` also by
the globals that their code names. Code of numbanet, NumPy and the standard library is not walked into. NumPy's
`Generator` counts by identity, since replayed steps draw from it.
"""

import struct
from typing import Any

from numbanet.core.snapshots.objects import RULES, by_layout

MOST_OBJECTS = 50_000
"""A walk that meets more objects than this ends: what it has not seen counts as opaque."""


class Snapshot:
    """What some objects were when `snapshot` walked them; equal snapshots mean that nothing has changed.

    It holds strong references to all that it compares by identity, so that no id in it is that of another object.

    Attributes
    ----------
    opaque : str or None
        The first part whose state cannot be seen from Python (iterators, objects of C libraries, arrays that are too
        large), in words.
    moving : str or None
        The first part that changes by being read, such as an iterator or an open file.
    held : dict
        From the id of every object that was met to the object.
    """

    __slots__ = ("_hash", "_places", "_tokens", "held", "moving", "opaque")

    def __init__(self, walk):
        self._tokens, self._places, self.held = tuple(walk.tokens), walk.places, walk.held
        self._hash = hash(self._tokens)
        self.opaque, self.moving = walk.opaque, walk.moving

    def __eq__(self, other):
        return type(other) is Snapshot and self._hash == other._hash and self._tokens == other._tokens

    def __hash__(self):
        return self._hash

    def difference(self, later):
        """The first part that is not the same in another snapshot of the same roots, in words; None if all are."""
        count = min(len(self._tokens), len(later._tokens))
        first = next((i for i in range(count) if self._tokens[i] != later._tokens[i]), count)
        places = [
            (_named(one._places[first]), {_named(place) for place in other._places})
            for one, other in ((self, later), (later, self))
            if first < len(one._tokens)
        ]
        lost_or_new = [place for place, others in places if place not in others]
        return (lost_or_new or [place for place, _ in places] or [None])[0]

    def __repr__(self):
        return f"Snapshot({len(self._tokens)} parts, opaque={self.opaque!r}, moving={self.moving!r})"


def snapshot(roots, code=False, by_identity=()):
    """Walk objects and everything in them.

    Parameters
    ----------
    roots : dict
        From names, for messages, to objects of any kind.
    code : bool
        Whether functions, those of classes included, also count by the globals that their code names.
    by_identity : iterable
        Objects that are not walked into.

    Returns
    -------
    Snapshot

    Examples
    --------
    >>> settings = {"rate": 0.1, "sizes": [3, 4]}
    >>> before = snapshot({"settings": settings})
    >>> settings["sizes"].append(5)
    >>> before.difference(snapshot({"settings": settings}))
    "settings['sizes']"
    """
    walk = Walk(code, by_identity)
    for name, obj in roots.items():
        walk.todo.append(((None, name), obj))
        walk.run()
    return Snapshot(walk)


class Walk:
    """One walk: what was met so far, and what is still to be visited. The rules for each type call its methods."""

    def __init__(self, code, by_identity):
        self.code = code
        self.tokens: list = []
        self.places: list = []
        self.todo: list = []
        self.held: dict[int, Any] = {}
        self.opaque: str | None = None
        self.moving: str | None = None
        self._visits = 0
        self._numbers: dict[int, int] = {}
        self._plain = {id(obj): obj for obj in by_identity}

    def run(self):
        """Visit what is to be visited, depth first, in order: a stack, since structures may be deep."""
        todo = self.todo
        while todo:
            place, obj = todo.pop()
            self._visits += 1
            if self._visits > MOST_OBJECTS:
                self.note_moving(place, f"it reaches more than {MOST_OBJECTS:,} objects")
                todo.clear()
                return
            self._visit(place, obj)

    def _visit(self, place, obj):
        kind = type(obj)
        if kind is float:
            self.emit(place, "float", struct.pack("<d", obj))
        elif kind in _VALUES:
            self.emit(place, kind.__name__, obj)
        elif id(obj) in self._numbers and kind is not tuple:  # equal tuples are the same, one object or two
            self.emit(place, "again", self._numbers[id(obj)])
        else:
            self._numbers[id(obj)] = len(self._numbers)
            self.held[id(obj)] = obj
            if id(obj) in self._plain:
                self.emit(place, "object", id(obj))
            else:
                self._follow_rule(place, kind, obj)

    def _follow_rule(self, place, kind, obj):
        try:
            RULES.get(id(kind), by_layout)(self, place, obj)
        except Exception as error:  # objects that cannot even be looked at must not break a step
            self.emit(place, "object", id(obj))
            self.note_opaque(place, f"looking at it raises {type(error).__name__}")

    def emit(self, place, *tokens):
        """Write down values: numbers, strings, bytes or tuples of them."""
        self.tokens += tokens
        self.places += [place] * len(tokens)

    def hold(self, obj):
        """The id of an object, which is kept alive."""
        self.held[id(obj)] = obj
        return id(obj)

    def visit_parts(self, place, parts):
        """Visit (label, object) pairs, after what was emitted: `label` is ".name", "[0]", or a name by itself."""
        self.todo += [((place, label), part) for label, part in reversed(parts)]

    def note_opaque(self, place, why):
        """Something whose state cannot be seen."""
        if self.opaque is None:
            self.opaque = f"{_named(place)}: {why}"

    def note_moving(self, place, why):
        """Something that changes when it is read."""
        self.note_opaque(place, why)
        if self.moving is None:
            self.moving = f"{_named(place)}: {why}"


_VALUES = {bool, int, str, bytes, type(None), type(Ellipsis), type(NotImplemented)}


def _named(place):
    """A place in words: what stands before a label that is a name by itself is left out."""
    parts = []
    while place is not None:
        place, label = place
        parts.append(label)
        if label and label[0] not in ".[":
            break
    return "".join(reversed(parts))
