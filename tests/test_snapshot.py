"""Snapshots: every change that Python can make to what a step reads is seen, and nothing of the user's is called."""

import array
import collections
import dataclasses
import decimal
import enum
import functools
import gc
import itertools
import logging
import math
import pathlib
import random
import sys
import threading
import types
import weakref
from concurrent.futures import ThreadPoolExecutor
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core import snapshots
from numbanet.core.snapshots import snapshot

FACTOR = 2.0
HISTORY: list = []
TABLE = types.ModuleType("table_of_factors")
TABLE.factor = 1.0


def seen(obj, **options):
    return snapshot({"it": obj}, **options)


class Settings:
    shared = 1.0

    def __init__(self, **values):
        vars(self).update(values)

    def scaled(self, x):
        return x * FACTOR


class Slotted:
    __slots__ = ("a", "b")


class Hostile:
    """Nothing of this may be called."""

    def _never(self, *_):
        raise RuntimeError("a snapshot called the object")

    __eq__ = __hash__ = __bool__ = __len__ = __iter__ = __repr__ = __getattr__ = __reduce_ex__ = _never
    __class__ = property(_never)
    value = property(_never)


# Values


NUMBERS = [0, 1, True, False, 0.0, -0.0, 1.0, math.nan, 1j, complex(-0.0, 1), "1", b"1", "", None, (), ..., 10**400]
NUMBERS += [np.float32(1), np.float64(1), np.int64(1), np.uint8(1), np.bool_(True), np.float32(-0.0), np.float32(0)]
NUMBERS += [np.dtype("f4"), np.dtype("f8"), np.dtype([("a", "f4")]), range(3), slice(1, 2), decimal.Decimal("1.0")]
NUMBERS += [
    decimal.Decimal("1.00"),
    pathlib.PurePath("a"),
    enum.Enum("Color", "red blue").red,
    float,
    int,
    len,
    math.exp,
]


@pytest.mark.parametrize("a", range(len(NUMBERS)))
def test_values_equal_themselves_and_no_others(a):
    equal = [b for b in range(len(NUMBERS)) if seen(NUMBERS[a]) == seen(NUMBERS[b])]
    assert equal == [a]
    assert hash(seen(NUMBERS[a])) == hash(seen(NUMBERS[a]))
    assert seen(NUMBERS[a]).opaque is None


def test_nan_equals_itself_by_its_bits():
    assert seen(float("nan")) == seen(float("nan"))
    assert seen(np.float32("nan")) == seen(np.float32("nan"))
    assert seen(-float("nan")) != seen(float("nan"))


def test_subclasses_of_values_count_by_type_value_and_attributes():
    class Count(int):
        pass

    class Name(str):
        __slots__ = ()

    a, b = Count(3), Count(3)
    assert seen(a) == seen(b) != seen(3)
    a.unit = "m"
    assert seen(a) != seen(b)
    assert seen(Name("a")) != seen("a")
    assert seen(Name("a")) == seen(Name("a"))


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3)
STRUCTURES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(), inner) | st.tuples(inner, inner)
)


def same(a, b):
    """What snapshots should say, written the naive way."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes()
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(pair, other) for pair, other in zip(a.items(), b.items(), strict=True))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@given(STRUCTURES, STRUCTURES)
def test_structures_are_equal_where_all_their_parts_are(a, b):
    assert (seen(a) == seen(b)) == same(a, b)
    assert (seen(a).difference(seen(b)) is None) == same(a, b)


# What changes is seen, and named


def _append(x):
    x.append(1)


CHANGES = [
    (lambda: [1, [2]], lambda x: x[1].append(3), "it[1]"),
    (lambda: [1], lambda x: x.__setitem__(0, True), "it[0]"),
    (lambda: {"a": {"b": 1}}, lambda x: x["a"].update(b=2), "it['a']['b']"),
    (lambda: {1: 2}, lambda x: x.update({3: 4}), "it"),
    (lambda: collections.OrderedDict(a=1, b=2), lambda x: x.move_to_end("a"), "it['a']"),
    (lambda: {1, 2}, lambda x: x.add(3), "it"),
    (lambda: collections.deque([1]), _append, "it"),
    (lambda: collections.deque([1]), lambda x: x.rotate() or x.extend([2, 3]), "it"),
    (lambda: collections.Counter("a"), lambda x: x.update("a"), "it['a']"),
    (lambda: collections.defaultdict(int), lambda x: setattr(x, "default_factory", list), "it.default_factory"),
    (lambda: bytearray(b"ab"), lambda x: x.__setitem__(0, 0), "it"),
    (lambda: array.array("d", [1.0]), lambda x: x.__setitem__(0, 2.0), "it"),
    (lambda: np.zeros(3), lambda x: x.__setitem__(1, -0.0), "it"),
    (lambda: np.zeros(1000), lambda x: x.__setitem__(999, np.nan), "it"),
    (lambda: np.zeros((2, 3)), lambda x: x.resize(3, 2, refcheck=False), "it"),
    (lambda: np.array([1, [2]], object), lambda x: x[1].append(3), "it[1]"),
    (lambda: np.ma.array([1.0, 2.0]), lambda x: x.__setitem__(0, np.ma.masked), "it._mask"),
    (lambda: Settings(k=1), lambda x: setattr(x, "k", 1.0), "it.k"),
    (lambda: Settings(k=1), lambda x: setattr(x, "j", 1), "it.j"),
    (lambda: Settings(k=Settings(j=[1])), lambda x: x.k.j.append(1), "it.k.j"),
    (lambda: Settings(k=Settings()), lambda x: setattr(x, "k", Settings()), "it.k"),
    (Slotted, lambda x: setattr(x, "b", 1), "it.b"),
    (lambda: type("Own", (Settings,), {"k": 1})(), lambda x: setattr(type(x), "k", 2), "it.k"),
    (lambda: type("Own", (Settings,), {"k": 1}), lambda x: setattr(x, "k", 2), "it.k"),
    (lambda: type("Own", (), {"f": lambda self: 1})(), lambda x: setattr(type(x), "f", lambda self: 1), "it.f"),
    (lambda: types.SimpleNamespace(k=1), lambda x: setattr(x, "k", 2), "it.k"),
    (lambda: Settings(k=1).scaled, lambda x: setattr(x.__self__, "k", 2), "self.k"),
    (lambda: functools.partial(max, [1]), lambda x: x.args[0].append(2), "it.args[0]"),
    (lambda: [].append, lambda x: x(1), "it.__self__"),
    (lambda: random.Random(1), lambda x: x.random(), "it"),
    (lambda: np.random.RandomState(1), lambda x: x.rand(), "it.get_state()['state']['key']"),
    (lambda: np.random.default_rng(1).random, lambda x: None, None),
    (lambda: nn.Variable([1.0]), lambda x: setattr(x, "trainable", False), "it.trainable"),
    (lambda: nn.Variable([1.0]), lambda x: x.assign([2.0]), None),
    (lambda: nn.optimizers.RMSprop(), lambda x: setattr(x, "rho", 0.5), "it.rho"),
    (lambda: nn.optimizers.RMSprop(), lambda x: setattr(x, "learning_rate", 0.5), None),
    (lambda: nn.layers.Dense(3), lambda x: setattr(x, "activation", nn.relu), "it.activation"),
    (lambda: nn.function(Settings().scaled), lambda x: x(nn.ones(1)), None),
    (lambda: types.MappingProxyType({"a": [1]}), lambda x: x["a"].append(2), "it['a']"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "change", "place"), CHANGES)
def test_changes_are_seen_and_named(make, change, place):
    obj = make()
    before, again = seen(obj), seen(obj)
    assert before == again
    assert before.difference(again) is None
    change(obj)
    assert before.difference(seen(obj)) == place
    assert (before == seen(obj)) == (place is None)


def test_functions_count_by_identity_defaults_attributes_and_closure():
    k, calls = 1.0, []

    def f(x, scale=[2.0]):  # noqa: B006  (the mutable default is the test)
        calls.append(x)
        return x * k * scale[0]

    def changed(change):
        before = seen(f)
        change()
        return before.difference(seen(f))

    def assign():
        nonlocal k
        k = 3.0

    assert changed(assign) == "k"
    assert changed(lambda: calls.append(1)) == "calls"
    assert changed(lambda: f.__defaults__[0].append(1)) == "it.__defaults__[0]"
    assert changed(lambda: setattr(f, "count", 1)) == "it.count"
    assert changed(lambda: setattr(f, "__code__", (lambda x: x * k * len(calls)).__code__)) == "it"
    assert seen(lambda: 1) != seen(lambda: 1)
    assert seen(lambda: later).opaque is None  # a cell that is empty still
    later = 1


def test_ids_of_the_dead_are_not_met_again():
    def key():
        return seen(Settings(k=1)), seen(lambda v: v)

    keys = [key() for _ in range(200) if gc.collect(0) >= 0]
    assert len(set(keys)) == 200


# With code


def reads_global(x):
    return x * FACTOR


def appends_in_a_method(x):
    return [y for y in [Writer().write(x)] if y]


class Writer:
    def write(self, x):
        HISTORY.append(x)
        return x


def reads_module(x):
    return x * TABLE.factor


def uses_random(x):
    return x * random.random()


def uses_numpy_random(x):
    return x * np.random.rand()  # noqa: NPY002  (the old generator is the test)


def imports_inside(x):
    import random as r

    return x * r.random()


def reads_new_global(x):
    return x * NOT_YET  # noqa: F821  (that it is not there is the test)


def change_global(name, value):
    globals()[name] = value


@pytest.mark.parametrize(
    ("function", "change", "place"),
    [
        (reads_global, lambda: change_global("FACTOR", FACTOR + 1), "FACTOR"),
        (appends_in_a_method, lambda: HISTORY.append(1), "HISTORY"),
        (reads_module, lambda: setattr(TABLE, "factor", TABLE.factor + 1), "TABLE.factor"),
        (uses_random, random.random, "random.random.__self__"),
        (imports_inside, random.random, "random.random.__self__"),
        (uses_numpy_random, lambda: np.random.rand(1000), "self.get_state()['state']['key']"),  # noqa: NPY002  (the test)
        (reads_new_global, lambda: change_global("NOT_YET", 1), "NOT_YET"),
        (lambda x: [reads_global(y) for y in x], lambda: change_global("FACTOR", FACTOR + 1), "FACTOR"),
        (Settings().scaled, lambda: change_global("FACTOR", FACTOR + 1), "FACTOR"),
        (nn.grad(reads_global), lambda: change_global("FACTOR", FACTOR + 1), "FACTOR"),
        (functools.lru_cache(reads_global), lambda: change_global("FACTOR", FACTOR + 1), "FACTOR"),
        (functools.partial(reads_global, 1), lambda: change_global("FACTOR", FACTOR + 1), "FACTOR"),
    ],
)
def test_code_is_followed_to_the_globals_that_it_names(function, change, place):
    random.random(), np.random.rand()  # noqa: NPY002  (the old generator is the test)  # so that neither is just about to make new numbers
    before = seen(function, code=True)
    assert before == seen(function, code=True)
    change()
    assert before.difference(seen(function, code=True)) == place
    globals().pop("NOT_YET", None)


def test_generators_count_by_identity():
    rng = np.random.default_rng(1)
    before = seen([rng, rng.random], code=True)
    rng.random()
    assert before == seen([rng, rng.random], code=True)
    assert seen(rng) != seen(np.random.default_rng(1))


# What cannot be seen


def a_generator():
    yield 1


@pytest.mark.parametrize(
    "make",
    [lambda: iter([1]), a_generator, lambda: zip([1], [2], strict=True), itertools.count, lambda: open(__file__),  # noqa: SIM115  (opened)
     lambda: threading.Thread(target=print), lambda: ThreadPoolExecutor(1), lambda: random.SystemRandom()],
)  # fmt: skip
def test_what_moves_is_named(make):
    thing = make()
    assert seen({"a": thing}).moving.startswith("it['a']")
    assert seen({"a": thing}).opaque.startswith("it['a']")
    assert seen(lambda: thing).moving.startswith("thing")
    if hasattr(thing, "close"):
        thing.close()


def test_iterators_written_in_python_are_objects():
    class Numbers:
        def __init__(self):
            self.n = 0

        def __next__(self):
            self.n += 1
            return self.n

    numbers = Numbers()
    before = seen(numbers)
    next(numbers)
    assert before.moving is None
    assert before.difference(seen(numbers)) == "it.n"


def test_objects_of_c_libraries_are_opaque():
    found = seen(Settings(tree=Element("a")))
    assert found.opaque == "it.tree: what an object of type Element holds cannot be seen"
    assert found.moving is None


def test_what_a_step_does_not_compute_with_is_not_opaque():
    things = [threading.Lock(), threading.RLock(), threading.Event(), logging.getLogger("a"), sys.stdout, np.add]
    things += [weakref.ref(Settings), list[int], int | str, property(), Settings.scaled, object()]
    assert seen(things).moving is None
    assert seen(things[:4]).opaque is None


def test_large_arrays_are_opaque_unless_nobody_can_write_to_them(monkeypatch):
    monkeypatch.setattr(snapshots.values, "MOST_BYTES", 100)
    x = np.zeros(100)
    assert "too large" in seen(x).opaque
    assert "too many" in seen(bytearray(200)).opaque
    view = x[:50]
    view.flags.writeable = False
    assert "too large" in seen(view).opaque  # x can be written to
    x.flags.writeable = False
    assert seen(x).opaque is None
    assert seen(x) == seen(x)
    assert seen(x) != seen(np.zeros(100))


def test_walks_end(monkeypatch):
    monkeypatch.setattr(snapshots, "MOST_OBJECTS", 100)
    assert "more than 100 objects" in seen(list(range(1000))).opaque


def test_cycles_and_depth():
    circle: list = [1]
    circle.append(circle)
    before = seen(circle)
    assert before == seen(circle)
    circle.append(2)
    assert before != seen(circle)
    deep: list = []
    for _ in range(20_000):
        deep = [deep]
    assert seen(deep) == seen(deep)


def test_nothing_of_the_object_is_called():
    hostile = Hostile()
    before = seen([hostile, {"a": hostile}])
    assert before == seen([hostile, {"a": hostile}])
    object.__setattr__(hostile, "k", 1)
    assert before.difference(seen([hostile, {"a": hostile}])) == "it[0].k"


def test_objects_that_cannot_be_looked_at_are_opaque():
    released = memoryview(b"a")
    released.release()
    assert "raises ValueError" in seen([released]).opaque


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: float
    b: tuple


def test_two_objects_are_two():
    assert seen(Frozen(1.0, (2,))) != seen(Frozen(1.0, (2,)))
    one = Frozen(1.0, (2,))
    assert seen(one) == seen(one)


def test_variables_are_not_copied_from_home():
    v = nn.Variable(np.ones(3, np.float32))
    v.home()[...] = 2
    v.changed_at_home()
    seen(v)
    assert v._held is None
