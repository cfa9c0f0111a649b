"""Rules for values: containers, numbers, arrays and generators of random numbers count by what they hold."""

import array
import collections
import functools
import hashlib
import random
import struct

import numpy as np

MOST_BYTES = 2**24
"""NumPy arrays that are larger are not read: they are opaque, unless nobody can write to them."""

_FLOAT_PAIR = struct.Struct("<dd")


def by_identity(walk, place, obj):
    """The object itself, whatever is in it."""
    walk.emit(place, "object", walk.hold(obj))


# Containers


def _sequence(walk, place, obj, base=None):
    items = list((base or type(obj)).__iter__(obj))
    walk.emit(place, "sequence", id(type(obj)), len(items))
    walk.visit_parts(place, [(f"[{i}]", item) for i, item in enumerate(items)])


def _mapping(walk, place, obj, base=dict):
    items = list(base.items(obj))
    walk.emit(place, "dict", id(type(obj)), len(items))
    parts = []
    for key, value in items:
        shown = repr(key)[:40] if type(key) in (str, int, bool, float, type(None)) else type(key).__name__
        parts += [(f"[{shown}]", key), (f"[{shown}]", value)]
    walk.visit_parts(place, parts)


def _deque(walk, place, obj):
    maxlen = collections.deque.maxlen.__get__(obj)
    walk.emit(place, -1 if maxlen is None else maxlen)
    _sequence(walk, place, obj, collections.deque)


def _buffer(walk, place, obj):
    view = memoryview(obj)
    walk.emit(place, "buffer", id(type(obj)), view.format, view.shape)
    if view.nbytes <= MOST_BYTES:
        walk.emit(place, _digest(view))
    else:
        walk.note_opaque(place, f"{view.nbytes:,} bytes are too many to be compared")


def _slice(walk, place, obj):
    walk.emit(place, "slice")
    walk.visit_parts(place, [(".start", obj.start), (".stop", obj.stop), (".step", obj.step)])


# Numbers and arrays


def _complex(walk, place, obj):
    walk.emit(place, "complex", _FLOAT_PAIR.pack(obj.real, obj.imag))


def _dtype(walk, place, obj):
    walk.emit(place, "dtype", _dtype_name(obj))


def _dtype_name(dtype):
    return dtype.str if dtype.names is None and dtype.subdtype is None else repr(dtype)


def _numpy_number(walk, place, obj):
    _array(walk, place, np.asarray(obj))
    walk.emit(place, id(type(obj)))


def _array(walk, place, obj):
    plain = np.ndarray.view(obj, np.ndarray)
    walk.emit(place, "array", id(type(obj)), _dtype_name(plain.dtype), plain.shape)
    base = obj.base
    while isinstance(base, np.ndarray):  # whose memory this is
        base = walk.held.setdefault(id(base), base).base
    if plain.dtype.hasobject:
        items = plain.ravel().tolist() if plain.dtype == object else [plain.tolist()]
        walk.visit_parts(place, [(f"[{i}]", item) for i, item in enumerate(items)])
    elif plain.nbytes <= MOST_BYTES:
        walk.emit(place, _digest(np.ascontiguousarray(plain).reshape(-1).view(np.uint8)))
    elif _nobody_can_write(obj):
        by_identity(walk, place, obj)
    else:
        by_identity(walk, place, obj)
        walk.note_opaque(place, f"an array of {plain.nbytes:,} bytes is too large to be compared; make it read-only")


def _digest(values):
    """The bytes of a few values, a hash of many."""
    return bytes(values) if memoryview(values).nbytes <= 64 else hashlib.blake2b(values, digest_size=16).digest()


def _nobody_can_write(owner):
    """Whether an array and all arrays that it is a view of are read-only."""
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    return owner is None or type(owner) is bytes


# Random numbers


def _random(walk, place, obj):
    if isinstance(obj, random.SystemRandom):
        walk.note_moving(place, "random numbers of the system")
    by_identity(walk, place, obj)
    walk.emit(place, _digest(repr(random.Random.getstate(obj)).encode()))


def _random_state(walk, place, obj):
    by_identity(walk, place, obj)
    walk.visit_parts(place, [(".get_state()", obj.get_state(legacy=False))])


def _value_of(base):
    """The rule for subclasses of int, float, str and bytes: the value that they extend."""

    def rule(walk, place, obj):
        value = struct.pack("<d", obj) if base is float else base.__add__(obj, base())
        walk.emit(place, "value", id(type(obj)), value)

    return rule


BASES = {
    int: _value_of(int),
    float: _value_of(float),
    str: _value_of(str),
    bytes: _value_of(bytes),
    list: functools.partial(_sequence, base=list),
    tuple: functools.partial(_sequence, base=tuple),
    collections.OrderedDict: functools.partial(_mapping, base=collections.OrderedDict),
    dict: _mapping,
    set: functools.partial(_sequence, base=set),
    frozenset: functools.partial(_sequence, base=frozenset),
    collections.deque: _deque,
    np.ndarray: _array,
    np.generic: _numpy_number,
    np.dtype: _dtype,
    random.Random: _random,
    np.random.Generator: by_identity,
    np.random.BitGenerator: by_identity,
    np.random.RandomState: _random_state,
}
"""What objects of these types and of their subclasses count by."""

EXACT = {
    list: _sequence,
    tuple: _sequence,
    dict: _mapping,
    set: _sequence,
    frozenset: _sequence,
    slice: _slice,
    complex: _complex,
    np.ndarray: _array,
    array.array: _buffer,
    bytearray: _buffer,
    memoryview: _buffer,
}
"""What objects of just these types count by."""
