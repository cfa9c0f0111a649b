"""`nn.function` gives what the function gives: whatever Python does, changes, looks at or hands in again.

Every test calls a function plainly and under `nn.function`, on the same arguments, and compares all results, and all
weights, to the byte. `follow` also says how the calls ended, so that none passes because nothing was replayed.
"""

import collections
import copy
import enum
import functools
import gc
import itertools
import pickle
import random

import numpy as np
import pytest

import numbanet as nn
from numbanet.graph.outcome import Replay

pytestmark = pytest.mark.needs_compiled("Programs need compiled kernels")

U, V = nn.asarray([1.0, 2.0, 3.0]), nn.asarray([10.0, 20.0, 30.0])
ONE = nn.ones(1)


def became(function):
    return ["program" if isinstance(call, Replay) else str(call) for _, call in function.calls]


def bits(x):
    """Everything about a result that can be compared, without identity."""
    if isinstance(x, (nn.Tensor, nn.Variable)):
        return type(x).__name__, x.shape, str(x.dtype), x.numpy().tobytes()
    if isinstance(x, np.ndarray):
        return "array", x.shape, str(x.dtype), x.tobytes()
    if isinstance(x, dict):
        return type(x), [(key, bits(part)) for key, part in x.items()]
    if isinstance(x, (list, tuple)):
        return type(x), [bits(part) for part in x]
    if isinstance(x, float):
        return np.float64(x).tobytes()
    return type(x), x


def outcome(f, args):
    try:
        return bits(f(*args))
    except Exception as error:
        return type(error), str(error)


def follow(make, calls, between=None):
    """The same calls, plain and under `nn.function`: equal results; returns what became of the kinds of calls.

    `make()` gives a function with a state of its own, `between(i, function)` runs before call i.
    """
    plain, wrapped = make(), make()
    replayed = nn.function(wrapped)
    for i, args in enumerate(calls):
        if between is not None:
            between(i, plain)
            between(i, wrapped)
        expected, found = outcome(plain, args), outcome(replayed, args)
        assert found == expected, f"call {i}"
    return became(replayed)


# Which arguments are the same tensor


def product(a, b):
    return nn.sum(a * b)


def test_one_tensor_given_twice_is_another_kind_of_call_than_two():
    calls = [(U, U)] * 4 + [(U, V)] * 4 + [(V, U), (V, V), (U, U)]
    assert follow(lambda: product, calls) == ["program"] * 2


def test_tensors_in_lists_and_dicts_given_twice():
    calls = [([U, U], {"a": U})] * 4 + [([U, V], {"a": V})] * 4 + [([V, V], {"a": V}), ([V, U], {"a": U})]
    assert follow(lambda: lambda xs, more: nn.sum(xs[0] * xs[1]) + more["a"], calls) == ["program"] * 2


def gradient_by_first(a, b):
    with nn.GradientTape() as tape:
        tape.watch(a)
        y = a * b
    return tape.gradient(y, a)


def test_the_gradient_by_a_tensor_given_twice():
    assert follow(lambda: gradient_by_first, [(U, U)] * 4 + [(U, V)] * 4) == ["program"] * 2


def test_an_argument_that_the_function_holds_already():
    held = nn.asarray([4.0, 5.0, 6.0])
    assert follow(lambda: lambda x: x * held, [(held,)] * 4 + [(U,)] * 4 + [(held,), (V,)]) == ["program"]
    assert follow(lambda: lambda x: gradient_by_first(x, held), [(U,)] * 4 + [(held,), (V,), (held,)]) == ["program"]


def test_an_argument_that_a_variable_holds():
    def make():
        v = nn.Variable([4.0, 5.0, 6.0])

        def f(x):
            with nn.GradientTape() as tape:
                y = nn.sum(x * v)
            return tape.gradient(y, v)

        f.v = v
        return f

    plain, replayed = make(), make()
    wrapped = nn.function(replayed)
    for i in range(10):
        arguments = (plain.v.value, replayed.v.value) if i % 3 == 2 else (U, U)
        assert bits(plain(arguments[0])) == bits(wrapped(arguments[1]))
    assert became(wrapped) == ["program"]


def test_an_array_given_twice_and_one_that_overlaps():
    x = np.arange(6.0, dtype=np.float32)
    assert follow(lambda: product, [(x, x), (x[:3], x[3:]), (x[:3], x[:3]), (x, x)] * 4) == ["program"] * 2


# Arguments that are no tensors


def apply_to(x, g):
    return g(x)


def test_functions_made_anew_for_every_call():
    calls = [(ONE, lambda v, k=k: v * k) for k in range(40)]
    follow(lambda: apply_to, calls)
    replayed = nn.function(apply_to)
    found = []
    for k in range(60):
        found.append(replayed(ONE, lambda v, k=k: v * k).item())
        gc.collect(0)
    assert found == list(range(60))


class Scale:
    shared = 1.0

    def __init__(self, k):
        self.k = k

    def by(self, v):
        return v * self.k * self.shared


def scaled(x, scale):
    return scale.by(x)


@pytest.mark.parametrize(
    "make",
    [lambda k: Scale(k).by, lambda k: functools.partial(nn.multiply, float(k))],
)
def test_bound_methods_and_partials_of_short_lived_objects(make):
    replayed = nn.function(apply_to)
    for k in range(30):
        for _ in range(3):
            assert replayed(ONE, make(k)).item() == k


def test_objects_whose_attributes_change():
    setting = Scale(1.0)
    replayed = nn.function(scaled)
    for k in (1.0, 2.0, 2.0, 2.0, 2.0, True, -0.0, 0.0, 3.0, 2.0):
        setting.k = k
        for _ in range(4):
            assert bits(replayed(ONE, setting)) == bits(scaled(ONE, setting))
    assert became(replayed).count("program") == 6


def test_class_attributes_change():
    class Own(Scale):
        pass

    setting, replayed = Own(2.0), nn.function(scaled)
    for k in (1.0, 2.0, 3.0):
        Own.shared = k
        for _ in range(4):
            assert replayed(ONE, setting).item() == 2 * k


def test_instances_of_one_class_share_a_function():
    class Model:
        def __init__(self, k):
            self.k, self.w = k, nn.Variable([2.0])

        @nn.function
        def __call__(self, x):
            return x * self.w * self.k

    for k in range(40):
        model = Model(k)
        assert [model(ONE).item() for _ in range(4)] == [2.0 * k] * 4
        model.k += 1
        assert [model(ONE).item() for _ in range(4)] == [2.0 * (k + 1)] * 4


Color = enum.Enum("Color", "red blue")
VALUES = [0.0, -0.0, 1, True, 1.0, float("nan"), "a", None, Color.red, Color.blue, np.float32, (1, 2), [1, 2], (1.0, 2)]


def test_values_that_compare_equal_are_told_apart():
    def told(x, k):
        if isinstance(k, float):
            return x / k
        return x * float(len(repr(k)))

    calls = [(ONE, k) for k in VALUES for _ in range(4)]
    follow(lambda: told, calls + calls)


def test_minus_zero():
    assert follow(lambda: lambda x, k: x / k, [(ONE, 0.0)] * 4 + [(ONE, -0.0)] * 4 + [(ONE, 0.0)]) == ["program"] * 2


def test_lists_that_grow_and_dicts_in_another_order():
    def total(x, ks):
        return x * float(sum(ks))

    grows = [1.0]
    replayed = nn.function(total)
    for i in range(12):
        if i % 4 == 3:
            grows.append(float(i))
        assert replayed(ONE, grows).item() == sum(grows)
    first = lambda x, d: x * next(iter(d.values()))  # noqa: E731  (as users write it)
    follow(lambda: first, [(ONE, {"a": 1.0, "b": 2.0})] * 4 + [(ONE, {"b": 2.0, "a": 1.0})] * 4)
    follow(lambda: first, [(ONE, {1: 1.0})] * 4 + [(ONE, {True: 2.0})] * 4 + [(ONE, {1.0: 3.0})] * 4)


def test_opaque_arguments_run_eagerly_and_say_so():
    replayed = nn.function(lambda x, it: x * next(it))
    numbers = itertools.count(1)
    assert [replayed(ONE, numbers).item() for _ in range(5)] == [1, 2, 3, 4, 5]
    assert "a count moves when it is read" in became(replayed)[0]


def test_a_variable_as_an_argument():
    def make():
        v, w = nn.Variable([1.0]), nn.Variable([5.0])

        def f(which):
            with nn.GradientTape() as tape:
                y = (v if which else w) * v * w
            gradient = tape.gradient(y, [v, w])  # that of v is zero where it is not trainable
            return y, gradient

        f.v = v
        return f

    def between(i, f):
        if i == 6:
            f.v.trainable = False
        f.v.assign([float(i)])

    assert "program" in follow(make, [(True,)] * 12, between)
    v, w = nn.Variable([1.0]), nn.Variable([2.0])
    follow(lambda: lambda v, x: v * x, [(v, U), (w, U)] * 4)


def test_settings_are_part_of_a_call():
    f = nn.function(lambda x: nn.exp(x) * 2)
    expected = bits(f(U))
    for backend in ("python", "auto", "python", "auto"):
        nn.config.backend = backend
        try:
            for _ in range(4):
                np.testing.assert_allclose(f(U).numpy(), np.exp(U.numpy()) * 2, rtol=1e-6)
        finally:
            nn.config.backend = "auto"
    assert bits(f(U)) == expected


# Python that does something


def counting():
    n = 0

    def f(x):
        nonlocal n
        n += 1
        return x * 2, n

    return f


def every_second():
    n = 0

    def f(x):
        nonlocal n
        n += 1
        return x if n % 2 else -x

    return f


def every_third():
    state = {"n": 0}

    def f(x):
        state["n"] += 1
        return x * (1.0 if state["n"] % 3 else 100.0)

    return f


def appending():
    seen = []

    def f(x):
        seen.append(1)
        return x * float(len(seen))

    return f


def with_self():
    class Model:
        n = 0

        def __call__(self, x):
            self.n += 1
            return x * self.n

    return Model()


def with_class():
    class Model:
        n = 0

        def __call__(self, x):
            Model.n += 1
            return x * Model.n

    return Model()


def with_iterator():
    numbers = iter(range(100))
    return lambda x: x * next(numbers)


def with_generator():
    def numbers():
        n = 0
        while True:
            yield (n := n + 1)

    made = numbers()
    return lambda x: x + next(made)


def with_own_iterator():
    class Numbers:
        def __init__(self):
            self.n = 0

        def __next__(self):
            self.n += 1
            return self.n

    numbers = Numbers()
    return lambda x: x + next(numbers)


def with_default():
    def f(x, seen=[]):  # noqa: B006  (the mutable default is the test)
        seen.append(0)
        return x * float(len(seen))

    return f


def with_function_attribute():
    def f(x):
        f.n = getattr(f, "n", 0) + 1
        return x * f.n

    return f


def with_random():
    rng = random.Random(0)
    return lambda x: x * rng.random()


def with_numpy_random():
    rng = np.random.RandomState(0)
    return lambda x: x * float(rng.rand())


def with_generator_of_numpy():
    rng = np.random.default_rng(0)
    return lambda x: x * float(rng.random())


def with_mt19937():
    rng = np.random.Generator(np.random.MT19937(0))
    return lambda x, *_: x + rng.integers(3)


def with_array():
    count = np.zeros(1, np.float32)

    def f(x):
        count[0] += 1
        return x * count

    return f


def returns_history():
    history = []

    def f(x):
        history.append(1)
        return history, x

    return f


def fills_a_cache():
    cache = {}

    def f(x):
        if "mask" not in cache:
            cache["mask"] = nn.asarray([0.0, 1.0, 0.0])
        return x * cache["mask"]

    return f


STATEFUL = [
    counting, every_second, every_third, appending, with_self, with_class, with_iterator, with_generator,
    with_own_iterator, with_default, with_function_attribute, with_random, with_numpy_random, with_generator_of_numpy,
    with_mt19937, with_array, returns_history,
]  # fmt: skip


@pytest.mark.parametrize("make", STATEFUL)
def test_state_in_python(make):
    assert follow(make, [(U,)] * 9) != ["program"]


def test_what_is_computed_once_is_not_in_the_way():
    assert follow(fills_a_cache, [(U,), (V,)] * 5) == ["program"]


def test_an_argument_that_is_changed():
    def f(x, seen):
        seen.append(1)
        return x * float(len(seen))

    plain, replayed, seen, twin = f, nn.function(f), [], []
    for _ in range(8):
        assert bits(plain(U, seen)) == bits(replayed(U, twin))
        assert seen == twin
    tensors = [U]
    g = nn.function(lambda xs: xs.__setitem__(0, xs[0] * 2) or nn.sum(xs[0]))
    assert [g(tensors).item() for _ in range(5)] == [12.0, 24.0, 48.0, 96.0, 192.0]


def test_gradients_applied_every_second_call():
    def make():
        w, optimizer, state = nn.Variable([1.0, 2.0, 3.0]), nn.optimizers.Adam(0.1), {"n": 0}

        def f(x):
            state["n"] += 1
            with nn.GradientTape() as tape:
                loss = nn.sum(w * x)
            gradient = tape.gradient(loss, w)
            if state["n"] % 2 == 0:
                optimizer.apply_gradients([(gradient, w)])
            return loss

        return f

    follow(make, [(U,)] * 9)


@pytest.mark.parametrize("use", [float, int, bool, str, hash, lambda n: n % 2, lambda n: n > 4, lambda n: n + 1.0,
                                 lambda n: f"{n}", lambda n: n * 1.5])  # fmt: skip
def test_the_number_of_updates_is_read(use):
    def make():
        w, optimizer = nn.Variable([1.0]), nn.optimizers.SGD(0.1)

        def f(x):
            n = optimizer.apply_gradients([(x, w)])
            return x * float(len(str(use(n)))) if not isinstance(use(n), bool) else (x if use(n) else -x)

        return f

    assert "number of updates" in follow(make, [(ONE,)] * 12)[0]


def test_the_number_of_updates_is_returned():
    def make():
        w, optimizer = nn.Variable([1.0]), nn.optimizers.SGD(0.1)
        return lambda x: (optimizer.apply_gradients([(x, w)]), x * 2)

    follow(make, [(ONE,)] * 8)


@pytest.mark.parametrize(
    "read",
    [
        lambda o: float(o.iterations), lambda o: o.learning_rate, lambda o: o.iterations > 3,
        lambda o: float(o.state()[0][1]), lambda o: float(copy.deepcopy(o).iterations),
        lambda o: float(pickle.loads(pickle.dumps(o)).iterations),
    ],
)  # fmt: skip
def test_the_state_of_an_optimizer_is_read(read):
    def make():
        w = nn.Variable([1.0])
        optimizer = nn.optimizers.Adam(nn.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5))

        def f(x):
            k = read(optimizer)
            optimizer.apply_gradients([(x, w)])
            return x * k

        return f

    assert "optimizer" in follow(make, [(ONE,)] * 8)[0]


def test_a_learning_rate_assigned_inside():
    def make():
        w, optimizer = nn.Variable([1.0]), nn.optimizers.SGD(0.1)

        def f(x, rate):
            optimizer.learning_rate = rate
            optimizer.apply_gradients([(x, w)])

        f.w = w
        f.optimizer = optimizer
        return f

    plain, wrapped = make(), make()
    replayed = nn.function(wrapped)
    for i in range(8):
        plain.optimizer.learning_rate = wrapped.optimizer.learning_rate = 0.5 / (i + 1)
        plain(ONE, 0.25)
        replayed(ONE, 0.25)
        assert bits(plain.w) == bits(wrapped.w)


# Values that are read


READS = {
    "float": float,
    "int": int,
    "bool": lambda t: 2.0 if bool(t > 2) else 3.0,
    "complex": lambda t: complex(t).real,
    "item": lambda t: t.item(),
    "numpy": lambda t: float(t.numpy()),
    "tolist": lambda t: t.tolist(),
    "asarray": lambda t: float(np.asarray(t)),
    "array": lambda t: float(np.array(t, dtype=np.float64)),
    "dlpack": lambda t: float(np.from_dlpack(t)),
    "format": lambda t: float(format(t, ".3f")),
    "f-string": lambda t: float(f"{t:.2f}"),
    "repr": lambda t: float(len(repr(t))),
    "str": lambda t: float(len(str(t))),
    "compare": lambda t: 5.0 if t > 2 else 6.0,
    "index": lambda t: [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0][nn.asarray(t).astype("int64")],
    "pickle": lambda t: pickle.loads(pickle.dumps(t)).item(),
    "iterate": lambda t: sum(row.item() for row in nn.reshape(t, (1,))),
    "np.float64": lambda t: float(np.float64(t)),
    "in": lambda t: 1.0 if t in [nn.asarray(3.0)] else 2.0,
    "max": lambda t: max(t, 4.0) * 1.0,
    "round": lambda t: float(round(float(t))),
    "full": lambda t: nn.full((), t) * 1.0,
    "as a variable": lambda t: nn.Variable(t) * 1.0,
    "numpy function": lambda t: float(np.vectorize(float)(t.numpy())),
    "debug": lambda t: float(repr(t.numpy().tolist())),
}


@pytest.mark.parametrize("name", READS)
def test_reading_a_tensor(name):
    read = READS[name]
    follow(lambda: lambda x, t: x * read(nn.sum(t) * 1.0), [(ONE, nn.asarray(float(i))) for i in range(1, 8)])
    follow(lambda: lambda x, t: x * read(t), [(ONE, nn.asarray(float(i))) for i in range(1, 8)])


@pytest.mark.parametrize("name", [*READS, "copy", "deepcopy"])
def test_reading_a_variable(name):
    read = (READS | {"copy": lambda v: copy.copy(v) * 1.0, "deepcopy": lambda v: copy.deepcopy(v) * 1.0})[name]

    def make():
        v = nn.Variable(1.0)
        f = lambda x: x * read(v)  # noqa: E731  (as users write it)
        f.v = v
        return f

    follow(make, [(ONE,)] * 8, lambda i, f: f.v.assign(float(i % 7)))


@pytest.mark.parametrize("kind", [Exception, BaseException])
def test_no_except_hides_a_refusal(kind):
    def f(x):
        try:
            k = float(nn.sum(x))
        except kind:
            k = -1.0
        return x * k

    assert "reads values" in follow(lambda: f, [(U,), (V,)] * 4)[0]


def test_constants_may_be_read():
    c = nn.asarray(3.0)
    assert follow(lambda: lambda x: x * c.item() * float(nn.zeros(()) + 1), [(U,), (V,)] * 4) == ["program"]


FOLLOWED = {
    "stop_gradient": lambda x: nn.stop_gradient(x) + 0.0,
    "asarray copy": lambda x: nn.asarray(x, copy=True) * 2,
    "asarray copy alone": lambda x: nn.asarray(x, copy=True),
    "copy": lambda x: copy.copy(x) * 2,
    "deepcopy": lambda x: copy.deepcopy(x) * 2,
    "deepcopy in a list": lambda x: copy.deepcopy([x, x * 2]),
    "identity": lambda x: nn.identity(x) * 1.0,
    "stop_gradient alone": nn.stop_gradient,
    "itself": lambda x: x,
    "twice": lambda x: (x * 2,) * 2,
    "pos": lambda x: +x,
    "asarray dtype": lambda x: nn.asarray(x, dtype="float64"),
    "reshape": lambda x: x.reshape(-1, 1) * 1.0,
    "grad": nn.grad(lambda x: nn.sum(x * nn.stop_gradient(x) * nn.asarray(x, copy=True))),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_copies_follow_the_argument(name):
    assert follow(lambda: FOLLOWED[name], [(U,), (V,), (-U,), (U * V,)] * 3) == ["program"]


# Results


class Pair(collections.namedtuple("Pair", "a b")):
    pass


RESULTS = {
    "ordered": lambda x: collections.OrderedDict(a=x * 2, b=1),
    "default": lambda x: collections.defaultdict(list, a=x * 2),
    "pair": lambda x: Pair(x * 2, [x, None, "a", 2.5, Color.red]),
    "array": lambda x: (x * 2, np.arange(3)),
    "set": lambda x: (x * 2, {1, 2}),
    "object": lambda x: (x * 2, Scale(1).k),
    "nothing": lambda x: None,
    "number": lambda x: 3,
    "constant": lambda x: (x * 2, U),
    "empty": lambda x: [(), [], {}],
    "zeros": lambda x: (nn.zeros(3), x),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_keep_their_types(name):
    follow(lambda: RESULTS[name], [(U,), (V,)] * 4)


def test_results_that_plain_calls_make_anew_are_not_shared():
    f = nn.function(lambda x: (x * 2, np.zeros(2), [1]))
    for _ in range(5):
        _, array, numbers = f(U)
        assert array.tolist() == [0, 0]
        assert numbers == [1]
        array += 1
        numbers.append(2)


def test_a_variable_is_returned_as_itself():
    v = nn.Variable([1.0])
    f = nn.function(lambda x: (v, x + v))
    assert all(f(ONE)[0] is v for _ in range(6))
    assert became(f) == ["program"]


def test_which_result_is_which():
    def make():
        n = [0]

        def f(a, b):
            n[0] += 1
            c, d = a * 2, b * 2
            return (c, d) if n[0] % 2 else (d, c)

        return f

    follow(make, [(U, V)] * 9)


# Two calls that are not the same


def test_updates_in_another_order():
    def make():
        v, w = nn.Variable([1.0]), nn.Variable([2.0])
        numbers = itertools.cycle([0, 1])
        chosen = iter(lambda: next(numbers), None)
        first, second = nn.optimizers.SGD(0.1), nn.optimizers.SGD(0.2)
        first.build([v, w]), second.build([v, w])

        def f(x):
            pair = (first, second) if next(chosen) else (second, first)
            pair[0].apply_gradients([(x, v)])
            pair[1].apply_gradients([(x, w)])

        f.weights = (v, w)
        return f

    plain, wrapped = make(), make()
    replayed = nn.function(wrapped)
    for _ in range(8):
        plain(ONE)
        replayed(ONE)
        assert bits(plain.weights) == bits(wrapped.weights)


def test_draws_follow_the_generator():
    def make():
        layer, rng = nn.layers.Dropout(0.5), np.random.default_rng(3)
        return lambda x: layer(x, training=True, rng=rng)

    x = nn.ones(64)
    assert follow(make, [(x,)] * 8) == ["program"]

    def with_argument():
        layer = nn.layers.Dropout(0.5)
        return lambda x, rng: layer(x, training=True, rng=rng)

    plain, replayed = with_argument(), nn.function(with_argument())
    a, b = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(8):
        assert bits(plain(x, a)) == bits(replayed(x, b))
    assert a.random() == b.random()
    assert became(replayed) == ["program"]


def test_draws_on_a_constant():
    def make():
        layer, rng, x = nn.layers.Dropout(0.5), np.random.default_rng(3), nn.ones(64)
        return lambda y: layer(x, training=True, rng=rng) + y

    follow(make, [(ONE,)] * 8)


def test_long_parameters_are_compared_whole():
    rows = np.arange(5000)

    def make():
        state = iter([0, 1] * 10)

        def f(x):
            picked = rows.copy()
            picked[2500] = next(state)
            return nn.take(x, picked)

        return f

    follow(make, [(nn.arange(5000),)] * 8)


# Constants


def test_arrays_that_the_function_holds_are_read_in_every_call():
    def make():
        scale = np.ones(3, np.float32)
        f = lambda x: x * scale / scale[::-1]  # noqa: E731  (as users write it)
        f.scale = scale
        return f

    def between(i, f):
        f.scale[:] = i

    assert follow(make, [(U,), (V,)] * 4, between) == ["program"]


def test_labels_in_a_closure_are_checked_in_every_call():
    def make():
        labels = np.array([0, 1, 2])
        f = lambda x: nn.softmax_cross_entropy(x, labels)  # noqa: E731  (as users write it)
        f.labels = labels
        return f

    def between(i, f):
        f.labels[1] = {5: 2**40, 6: -1, 7: 2}.get(i, 0)

    assert follow(make, [(nn.ones((3, 3)),)] * 9, between) == ["program"]


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_labels_of_losses_are_checked_in_every_call(dtype):
    for loss in (nn.losses.SparseCategoricalCrossentropy(from_logits=True), nn.losses.SparseCategoricalCrossentropy()):

        def make(loss=loss):
            labels = np.array([0, 1, 2], dtype)
            f = lambda x: loss(labels, x)  # noqa: E731  (as users write it)
            f.labels = labels
            return f

        def between(i, f):
            f.labels[1] = {5: 100, 7: 2}.get(i, 0)

        follow(make, [(nn.ones((3, 3)) / 3,)] * 9, between)


def test_minus_zero_and_nan_constants():
    def make(first, second):
        def inner():
            values = itertools.cycle([first, second])
            chosen = iter(lambda: next(values), None)
            return lambda x: x / nn.asarray([next(chosen)])

        return inner

    follow(make(0.0, -0.0), [(ONE,)] * 8)


def test_integer_powers_and_shifts_raise_as_they_do_eagerly():
    two, minus = nn.asarray([2]), nn.asarray([-1])
    for f in (lambda x, y: x**y, lambda x, y: x << y, lambda x, y: x >> y):
        follow(lambda f=f: f, [(two, two)] * 5 + [(two, minus), (two, two), (minus, minus)])


def test_errors_leave_everything_as_it_was():
    w, optimizer = nn.Variable([2.0]), nn.optimizers.SGD(1.0)

    def f(x, labels):
        loss = nn.mean(nn.softmax_cross_entropy(x * w, labels))
        optimizer.apply_gradients([(nn.ones(1), w)])
        return loss

    replayed, x = nn.function(f), nn.ones((2, 3))
    for i in range(10):
        if i % 2:
            before = w.numpy().copy(), optimizer.iterations
            with pytest.raises(nn.errors.ArgumentError, match="label 3"):
                replayed(x, np.array([0, 3]))
            assert (w.numpy().copy(), optimizer.iterations) == before
        else:
            replayed(x, np.array([0, 2]))
    assert became(replayed) == ["program"]


LAYOUTS = {
    "columns": np.asfortranarray,
    "every other column": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "every other row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "reversed": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "repeated": lambda x: np.broadcast_to(x[:1], x.shape),
    "rows": np.ascontiguousarray,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(2, 4, 1), (64, 100, 3), (5, 300, 7)])
def test_arguments_keep_their_strides(layout, shape):
    """Products along k and across it add up in other orders, so a buffer with other strides gives other bytes."""
    rows, k, columns = shape
    rng = np.random.default_rng(0)
    y = rng.normal(size=(k, columns)).astype("f4")
    product = nn.function(lambda x, y: (nn.matmul(x, y), nn.matmul(x, y[:, 0])))
    for made in (*[layout] * 4, "rows", layout, *["rows"] * 4):
        x = LAYOUTS[made](rng.normal(size=(rows, k)).astype("f4"))
        found = product(nn.Tensor(x) if made == "repeated" else nn.asarray(x), nn.asarray(y))
        for one, plain in zip(found, (nn.matmul(x, y), nn.matmul(x, y[:, 0])), strict=True):
            assert one.numpy().tobytes() == plain.numpy().tobytes()
