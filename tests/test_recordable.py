"""Which operations a replay has launches for: all of the table but those that are listed here, each with its reason.

The same list is in `docs/numerics.md`.
"""

import re
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.table import TABLE
from numbanet.errors import NumbanetError, ShapeError
from numbanet.graph.outcome import Replay
from numbanet.ops.positions import parts_of
from tests.plain import Listener
from tests.table_cases import CASES, GRADIENT_CASES, call, smooth_domains

pytestmark = pytest.mark.needs_compiled("Programs need compiled kernels")

PAGE = Path(__file__).parent.parent / "docs" / "numerics.md"
VALUES, CHECKED = "reads values in Python", "is checked in Python"
MASK = "how many elements a boolean index picks depends on its values"
X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
POSITIONS = np.array([[2, 0, 1, -1], [1, 1, 0, -3], [0, -2, 2, 2]])


def gradient(f, x, *others):
    with nn.GradientTape() as tape:
        tape.watch(x)
        y = nn.sum(nn.square(f(x, *others)))
    return tape.gradient(y, x)


EAGER = {
    "`x[mask]`": (lambda x: x[x > 0], MASK),
    "`nonzero`": (lambda x: nn.nonzero(x), VALUES),
    "`unique_values` and its kin": (lambda x: nn.unique_values(x), VALUES),
    "`repeat` with an array of counts": (lambda x: nn.repeat(x, np.array([1, 0, 2]), 0), "repeat: how many elements"),
    "the second derivative of `cumulative_prod`": (
        lambda x: gradient(lambda x: gradient(lambda x: nn.cumulative_prod(x, 1), x), x),
        VALUES,
    ),
    "`astype` to integers, of floats that the step computes otherwise": (
        lambda x: nn.mean(x, 1).astype("int32"),
        CHECKED,
    ),
    "indices that the step computes otherwise": (lambda x: nn.take(x, nn.argmax(x, 0) * 1), CHECKED),
    "powers and shifts of integers by numbers that the step computes otherwise": (
        lambda x: 2 ** nn.argmax(x, 1),
        CHECKED,
    ),
}
"""What has no launches: a call of it, and a part of what `explain()` says. `docs/numerics.md` lists the same."""
WITHOUT_CASES = {
    "concat": lambda x: nn.concat([x, x[:2], x[::-1]], 0),
    "concat of columns": lambda x: nn.concat([x.T, x.T[:, ::2], x.T[:, :1]], 1),
    "stack": lambda x: nn.stack([x[0], x[1], x[::-1, ::-1][0]], 1),
    "split": lambda x: nn.split(x, 2, 1),
    "unstack": lambda x: nn.unstack(x, axis=1),
    "moveaxis": lambda x: nn.moveaxis(x, 0, 1),
    "meshgrid": lambda x: nn.meshgrid(x[0], x[:, 1]),
    "broadcast_arrays": lambda x: nn.broadcast_arrays(x, x[0]),
    "full": lambda x: nn.full((2, 3), x[0, 0]),
    "zeros": lambda x: x + nn.zeros_like(x) + nn.ones(4) + nn.arange(4),
    "searchsorted": lambda x: nn.searchsorted(nn.arange(-1.0, 1.0, 0.25), x),
    "searchsorted, by a sorter": lambda x: nn.searchsorted(x[0], x, side="right", sorter=nn.argsort(x[0])),
    "isin": lambda x: (nn.isin(x, X[::2]), nn.isin(x, x[1], invert=True), nn.isin(x, np.zeros(0, np.float32))),
    "one_hot": lambda x: nn.one_hot(nn.argmax(x, 1), 5),
    "topk": lambda x: nn.topk(x, 2),
    "sort, descending": lambda x: nn.sort(x, 0, descending=True),
    "repeat": lambda x: nn.repeat(x, [1, 0, 2], 0),
    "pad with a number": lambda x: nn.pad(x, ((0, 2), (1, 0)), 7.5),
    "pad nothing": lambda x: nn.pad(x[:0], ((1, 1), (0, 2)), 7.5),
    "roll": lambda x: nn.roll(x, (2, -1), (0, 1)),
    "one element": lambda x: (x[1, 2], x[1, -1] * x[..., 0]),
    "an index of what the step finds": lambda x: nn.take_along_axis(x, nn.argsort(x, 1), 1),
    "rows of what the step finds": lambda x: nn.take(x, nn.argmax(x, 0)),
    "integers of the input": lambda x: (nn.floor(x * 10 + X) / 2).astype("int32"),
    "an index of what the step finds, converted": lambda x: nn.take(x, nn.argmax(x, 0).astype("int8")),
    "an index modulo a number": lambda x: nn.take(x, nn.argmax(x, 1) * 7 % 3),
    "bool": lambda x: nn.logical_and(x.astype("bool"), x > 1),
    "lists of tensors": lambda x: nn.asarray([x[0], x[1]]),
}


def became(f, *args, calls=4):
    """Compare calls of `f` under `nn.function` with plain ones; why they are not replayed, or None if they are."""
    replayed = nn.function(f)
    for i in range(calls):
        given = [nn.asarray(x) for x in (args if i % 2 else [x[::-1].copy() if x.ndim else x for x in args])]
        for found, expected in zip(_flat(replayed(*given)), _flat(f(*given)), strict=True):
            assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
            assert found.numpy().tobytes() == expected.numpy().tobytes()
    ((_, found),) = replayed.calls
    return None if isinstance(found, Replay) else str(found)


def _flat(result):
    return [result] if isinstance(result, nn.Tensor) else [x for part in result for x in _flat(part)]


def inputs_of(case, domains):
    """Finite inputs of a case, floating where they may be."""
    rng = np.random.default_rng(1)
    shapes = case.shapes or ((3, 4),) * len(domains)
    drawn = [rng.uniform(max(d.low, -9), min(d.high, 9), s) for s, d in zip(shapes, domains, strict=True)]
    kinds = ["f" if "f" in d.kinds else d.kinds[0] for d in domains]
    return [x.astype({"f": "f4", "b": "?", "i": "i4", "u": "u4"}[kind]) for x, kind in zip(drawn, kinds, strict=True)]


def has_mask(case):
    return any(np.asarray(part).dtype.kind == "b" for part in parts_of(case.params.get("key", 0)))


@pytest.mark.parametrize(("op", "case"), CASES)
def test_ops_are_recorded(op, case):
    expected = MASK if has_mask(case) else None
    assert_became(lambda *xs: call(op.function, xs, case.params), inputs_of(case, case.inputs), expected)


@pytest.mark.parametrize(("op", "case"), GRADIENT_CASES)
def test_gradients_are_recorded(op, case):
    def gradients(*xs):
        with nn.GradientTape() as tape:
            floating = [x for x in xs if x.dtype.kind == "f"]
            tape.watch(floating)
            y = nn.sum(call(op.function, xs, case.params))
        return tape.gradient(y, floating)

    expected = MASK if has_mask(case) else None
    assert_became(gradients, inputs_of(case, smooth_domains(case)), expected)


@pytest.mark.parametrize("name", WITHOUT_CASES)
def test_functions_without_cases_are_recorded(name):
    assert_became(WITHOUT_CASES[name], [X], None)


@pytest.mark.parametrize("name", EAGER)
def test_what_is_listed_runs_as_it_is(name):
    assert_became(EAGER[name][0], [X], EAGER[name][1])


def assert_became(f, args, expected):
    found = became(f, *args)
    if expected is None:
        assert found is None
    else:
        assert expected in found


def test_the_page_lists_the_same():
    page = PAGE.read_text(encoding="utf-8")
    rows = re.search(r"<!-- eager: begin -->\n(.*?)<!-- eager: end -->", page, re.DOTALL)[1]
    assert [row.split(" | ")[0].lstrip("| ") for row in rows.strip().splitlines()[2:]] == [*EAGER, ON_DEVICES]


ON_DEVICES = "`to_device`, from one device to another"


def test_each_op_that_cannot_be_recorded_is_listed():
    assert {op.name for op in TABLE.values() if op.forward and not op.recordable} == {"to_device"}


def test_the_gradient_of_running_products_is_the_one_that_python_chooses():
    tiny = X.copy()
    tiny[1, 2], tiny[2] = 0.0, 1e-30
    calls = [(x,) for x in (X, tiny, X, X[:, ::-1].copy(), tiny, X, np.full_like(X, np.inf))]
    f = nn.grad(lambda x: nn.sum(nn.cumulative_prod(x, 1)))
    assert follow(lambda x: [f(x)], calls) == ["program"]


# Indices that change from call to call


def follow(f, calls):
    """Calls, plain and under `nn.function`, with equal results or errors; returns what became of the kinds of calls."""
    replayed = nn.function(f)
    for args in calls:
        assert outcome(replayed, args) == outcome(f, args)
    return ["program" if isinstance(call, Replay) else str(call) for _, call in replayed.calls]


def outcome(f, args):
    try:
        return [(x.shape, str(x.dtype), x.numpy().tobytes()) for x in _flat(f(*[nn.asarray(x) for x in args]))]
    except NumbanetError as error:
        return type(error), str(error)


PICKS = {
    "rows": lambda x, i: x[i],
    "columns": lambda x, i: x[:, i],
    "elements": lambda x, i: x[i[:2], i[1:]],
    "beside a slice": lambda x, i: x[1:, i[0], None],
    "beside an integer": lambda x, i: x[None, 1, i],
    "apart": lambda x, i: x[i[0], None, i[1]],
    "one": lambda x, i: x[i[0, 0], ..., i[0, 1]],
    "constants and what changes": lambda x, i: x[np.array([0, -1, 1, 0]), i],
    "take": lambda x, i: nn.take(x, i, 0),
    "take of a part": lambda x, i: nn.take(x, i[:, 1].astype("int8"), 1),
    "computed from what is given": lambda x, i: nn.take(x, nn.where(i[0] < 0, i[0] + 3, i[0] * 1), 0),
    "squares": lambda x, i: nn.take(x, i[1] * i[1] // np.array([1, 2, 1, 3]), 1),
    "limited": lambda x, i: nn.take(x, nn.clip(i, -1, 2), 0),
    "take of a part of another shape": lambda x, i: nn.take(x, nn.reshape(i, (4, -1))[1:, 0].T, 0),
    "take_along_axis": lambda x, i: nn.take_along_axis(x, i, 0),
}


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16"])
@pytest.mark.parametrize("name", PICKS)
def test_indices_may_change_and_are_checked_in_every_replay(name, dtype):
    f = PICKS[name]
    i = POSITIONS if dtype != "uint16" else POSITIONS % 3
    wrong, lower = i.copy(), i.copy()
    wrong[0, 1], lower[0, 1] = 100, 100 if dtype == "uint16" else -100
    calls = [(X, k.astype(dtype)) for k in (i, i[::-1], i, i[:, ::-1], wrong, i, lower, i[::-1])]
    for place in np.ndindex(i.shape):
        wrong[...] = i
        wrong[place] = 100
        calls.append((X, wrong.astype(dtype)))
    assert follow(f, calls) == ["program"]
    assert follow(lambda x, i: gradient(f, x, i), calls) == ["program"]


def test_a_check_of_indices_comes_before_anything_is_changed():
    w, optimizer = nn.Variable(np.ones((3, 2), np.float32)), nn.optimizers.SGD(0.1)

    @nn.function
    def step(i):
        with nn.GradientTape() as tape:
            loss = nn.sum(nn.square(nn.take(w, i)))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return loss

    for _ in range(5):
        step(np.array([0, 2, 2]))
    before = w.numpy().copy(), optimizer.iterations
    with pytest.raises(ShapeError, match="take: index 3 is out of range for size 3"):
        step(np.array([0, 3, 2]))
    assert (w.numpy() == before[0]).all()
    assert optimizer.iterations == before[1]


def test_an_index_in_memory_that_others_write_to_is_read_anew():
    i = np.array([0, 1, -1])
    replayed = nn.function(lambda x: (x[i], nn.take(x, i, 1)))
    for k in range(8):
        i[0] = k % 3
        rows, columns = replayed(nn.asarray(X))
        assert (rows.numpy() == X[i]).all()
        assert (columns.numpy() == X[:, i]).all()
    i[0] = 3
    with pytest.raises(IndexError):
        replayed(nn.asarray(X))


class Joining(nn.layers.Layer):
    """Rows of a table by the words of a sample, joined in several ways."""

    def __init__(self):
        super().__init__()
        self.table = nn.Variable(np.random.default_rng(1).normal(size=(10, 8)).astype(np.float32))

    def call(self, x):
        rows = nn.take(self.table, x.astype("int64"))
        first, last = rows[:, 0], rows[:, -1]
        padded = nn.pad(last[:, ::2], ((0, 0), (1, 1)))
        return nn.concat([nn.mean(rows, 1), first * padded[:, :1], padded, nn.sort(rows[:, 1], 1)], 1)


class FirstRows(nn.layers.Layer):
    """Looks up the first four samples of a batch alone, for all of them: what stands in the others is not looked at."""

    def __init__(self):
        super().__init__()
        self.table = nn.Variable(np.random.default_rng(1).normal(size=(10, 8)).astype(np.float32))

    def call(self, x):
        rows = nn.take(self.table, (x[:4, 0] * 1.0).astype("int64"))
        return nn.concat([rows, rows])


@pytest.mark.parametrize("bad", [3, 14, 18])
@pytest.mark.parametrize("shuffle", [True, False])
def test_fit_checks_the_indices_that_a_step_uses(bad, shuffle):
    """A number that is no index raises when its row is looked up, as it does step by step, and never before."""
    x, y = np.arange(48)[:, None] % 10, np.arange(48) % 2
    x[bad] = 10

    def trained(callbacks):
        model = nn.Sequential([FirstRows(), nn.layers.Dense(2, activation="softmax")])
        model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
        try:
            options = {"batch_size": 8, "epochs": 4, "rng": 3, "verbose": 0, "shuffle": shuffle}
            ended = model.fit(x, y, callbacks=callbacks, **options).history["loss"]
        except ShapeError as error:
            ended = str(error)
        return ended, [w.tobytes() for w in model.get_weights()]

    assert trained([]) == trained([Listener()])


def test_fit_replays_a_model_that_joins_and_indexes(capsys):
    rng = np.random.default_rng(0)
    x = rng.integers(-10, 10, (72, 6))
    y = (x.sum(1) > 0).astype(np.int64)

    def trained(checked):
        model = nn.Sequential([Joining(), nn.layers.Dense(2, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        nn.config.check_replay = checked
        try:
            model.fit(x, y, batch_size=8, epochs=2, rng=0, verbose=0)
        finally:
            nn.config.check_replay = False
        return model

    model, plain = trained(False), trained(True)  # every step of the latter is what Python gives
    for found, expected in zip(model.get_weights(), plain.get_weights(), strict=True):
        assert found.tobytes() == expected.tobytes()
    model.explain()
    assert "take_back" in capsys.readouterr().out
    with pytest.raises(ShapeError, match="index 10 is out of range for size 10"):
        model.fit(x + 1, y, batch_size=8, epochs=1, rng=0, verbose=0)
