"""`nn.function`: replayed calls equal plain ones to the bit, and what cannot be replayed runs as it is."""

import threading
from typing import NamedTuple

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.graph.outcome import Replay

needs_compiled = pytest.mark.needs_compiled("Programs need compiled kernels")
X = np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32)
Y = np.arange(12) % 3


def became(function):
    """What became of the calls of a function: "program", or why there is none."""
    return ["program" if isinstance(call, Replay) else str(call) for _, call in function.calls]


def make_step(optimizer, wrap):
    rng = np.random.default_rng(1)
    w, b = nn.Variable(rng.normal(size=(5, 3)).astype(np.float32)), nn.Variable(np.zeros(3, np.float32))

    @wrap
    def step(x, y):
        with nn.GradientTape() as tape:
            loss = nn.mean(nn.softmax_cross_entropy(nn.tanh(x) @ w + b, y))
        optimizer.apply_gradients(zip(tape.gradient(loss, [w, b]), [w, b], strict=True))
        return {"loss": loss, "name": "step"}

    return step, w, b


@pytest.mark.parametrize("make", [lambda: nn.optimizers.SGD(0.1), lambda: nn.optimizers.Adam(0.1, weight_decay=0.1)])
def test_a_training_step_equals_the_plain_one(make):
    plain, *expected = make_step(make(), lambda f: f)
    replayed, *found = make_step(make(), nn.function)
    for i in range(6):
        a, b = plain(nn.asarray(X + i), nn.asarray(Y)), replayed(X + i, Y)
        assert a["loss"].item() == b["loss"].item()
        assert b["name"] == "step"
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    if backend().name != "python":
        assert became(replayed) == ["program"]


@needs_compiled
def test_inputs_of_other_shapes_dtypes_and_values():
    @nn.function
    def affine(x, factor):
        return nn.exp(x) * factor, [x]

    for x in (X, X[::2], X.T, X.astype(np.float64), X):
        for factor in (2.0, 3.0):
            for _ in range(3):
                y, (same,) = affine(x, factor)
                np.testing.assert_array_equal(y.numpy(), (nn.exp(x) * factor).numpy())
                np.testing.assert_array_equal(same.numpy(), x)
    assert became(affine) == ["program"] * 8


@needs_compiled
def test_structures_of_tensors():
    class Pair(NamedTuple):
        x: object
        rest: object

    @nn.function
    def swapped(pair, scale):
        return Pair(pair.rest["y"] * scale, [pair.x])

    for i in range(4):
        found = swapped(Pair(X + i, {"y": Y + i}), 2)
        assert isinstance(found, Pair)
        np.testing.assert_array_equal(found.x.numpy(), (Y + i) * 2)
        np.testing.assert_array_equal(found.rest[0].numpy(), X + i)
    assert became(swapped) == ["program"]


@needs_compiled
def test_results_stay_what_they_were():
    double = nn.function(lambda x: x + x)
    results = [double(np.full(3, i, np.float32)) for i in range(5)]
    assert [r.numpy().tolist() for r in results] == [[2.0 * i] * 3 for i in range(5)]


@needs_compiled
def test_variables_may_be_assigned_and_read_between_calls():
    v = nn.Variable([1.0, 2.0])
    optimizer = nn.optimizers.SGD(1.0)

    @nn.function
    def step():
        optimizer.apply_gradients([(nn.ones(2) * v, v)])
        return v.value if False else nn.sum(v * 0)

    for _ in range(3):
        step()
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(v.numpy(), [1.0, 2.0])
    kept = v.value
    v.assign([3.0, 4.0])
    held = v.value
    step()
    np.testing.assert_array_equal(held.numpy(), [3.0, 4.0])
    np.testing.assert_array_equal(v.numpy(), [0.0, 0.0])
    np.testing.assert_array_equal(kept.numpy(), [0.0, 0.0])


@needs_compiled
def test_the_value_before_an_update_can_be_returned():
    v, optimizer = nn.Variable([1.0]), nn.optimizers.SGD(1.0)

    @nn.function
    def step():
        before = v.value
        optimizer.apply_gradients([(nn.ones(1), v)])
        return before

    assert [step().item() for _ in range(5)] == [1.0, 0.0, -1.0, -2.0, -3.0]
    assert became(step) == ["program"]


@needs_compiled
@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: nn.asarray(x.numpy() * 2), "reads values"),
        (lambda x: x if nn.sum(x) > 100 else -x, "reads values"),
        (lambda x: x * float(np.random.default_rng().random()), "not do the same"),
        (lambda x: nn.linalg.qr(x).R, "NumPy"),
    ],
)
def test_what_cannot_be_replayed_runs_as_it_is(function, reason, capsys):
    replayed = nn.function(function)
    for i in range(4):
        replayed(X + i)
    assert reason in became(replayed)[0]
    replayed.explain()
    assert reason in capsys.readouterr().out


@needs_compiled
def test_a_variable_read_after_its_update_is_not_replayed():
    v, optimizer = nn.Variable([1.0]), nn.optimizers.SGD(1.0)

    @nn.function
    def step():
        optimizer.apply_gradients([(nn.ones(1), v)])
        return v * 1.0

    assert [step().item() for _ in range(4)] == [0.0, -1.0, -2.0, -3.0]
    assert "after it was updated" in became(step)[0]


def test_errors_are_those_of_the_function():
    step, *_ = make_step(nn.optimizers.SGD(0.1), nn.function)
    for _ in range(4):
        with pytest.raises(nn.errors.ShapeError, match="matmul"):
            step(X[:, :3], Y)
        step(X, Y)
        with pytest.raises(nn.errors.ArgumentError, match="label 7"):
            step(X, np.full(12, 7))  # checked in replayed steps as well
    with pytest.raises(nn.errors.ArgumentError, match="called"):
        nn.function(3)


@needs_compiled
def test_under_a_tape_it_is_recorded_like_any_function():
    square = nn.function(lambda x: x * x)
    x = nn.asarray(3.0)
    for _ in range(4):
        assert square(x).item() == 9.0
        assert nn.grad(square)(x).item() == 6.0


@needs_compiled
def test_functions_call_functions_and_methods_work():
    class Model:
        def __init__(self):
            self.w = nn.Variable([2.0])

        @nn.function
        def __call__(self, x):
            return x * self.w

    inner = nn.function(lambda x: x + 1)
    model = Model()
    outer = nn.function(lambda x: inner(inner(model(x))))
    assert [outer(np.float32(i)).item() for i in range(5)] == [2.0, 4.0, 6.0, 8.0, 10.0]
    other = Model()
    other.w.assign([5.0])
    assert [(model(np.float32(1)).item(), other(np.float32(1)).item()) for _ in range(4)] == [(2.0, 5.0)] * 4


@needs_compiled
def test_several_threads_at_once():
    double = nn.function(lambda x: nn.exp(x) + x)
    wrong = []

    def work(seed):
        x = np.random.default_rng(seed).normal(size=(64, 64)).astype(np.float32)
        expected = (nn.exp(x) + x).numpy()
        for _ in range(50):
            if not np.array_equal(double(x).numpy(), expected):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@needs_compiled
def test_it_remembers_a_limited_number_of_calls():
    double = nn.function(lambda x: x + x)
    for n in range(1, 40):
        for _ in range(3):
            assert double(np.ones(n, np.float32)).shape == (n,)
    assert len(double.calls) == 16


@needs_compiled
def test_explain(capsys):
    step, *_ = make_step(nn.optimizers.SGD(0.1), nn.function)
    step(X, Y)
    step.explain()
    assert "step runs as it is for (12, 5), (12,): it was called once so far." in capsys.readouterr().out
    step(X, Y)
    step.explain()
    assert "it was called twice so far." in capsys.readouterr().out
    step(X, Y)
    step.explain()
    assert "step replays a Program for (12, 5), (12,)" in capsys.readouterr().out


@needs_compiled
def test_arguments_may_be_given_by_name():
    def scaled(x, factor=2.0, shift=0.0):
        return x * factor + shift

    recorded, one = nn.function(scaled), np.float32([1.0, 2.0])
    for _ in range(4):
        assert recorded(one, 3.0, 1.0).tolist() == [4.0, 7.0]
        assert recorded(one, shift=1.0, factor=3.0).tolist() == [4.0, 7.0]
        assert recorded(x=one).tolist() == [2.0, 4.0]
        assert recorded(one, shift=1.0).tolist() == [3.0, 5.0]
    # the same arguments are the same kind of call
    assert [isinstance(call, Replay) for _, call in recorded.calls] == [True] * 3


def test_arguments_that_do_not_fit_are_an_error():
    recorded = nn.function(lambda x, *, factor=2.0: x * factor)
    with pytest.raises(TypeError, match="unexpected keyword argument 'y'"):
        recorded(np.ones(2), y=1.0)


@pytest.mark.needs_compiled("calls are replayed")
def test_arguments_that_have_names_alone():
    def mixed(x, *others, factor=2.0, **more):
        total = x * factor
        for other in others:
            total = total + other
        for name in sorted(more):
            total = total - more[name]
        return total

    recorded, one = nn.function(mixed), nn.asarray([1.0, 2.0])
    for i in range(5):
        y = nn.asarray([float(i), 1.0])
        assert recorded(one).tolist() == mixed(one).tolist()
        assert recorded(one, factor=3.0).tolist() == mixed(one, factor=3.0).tolist()
        assert recorded(one, y, one, factor=3.0, b=y + 1).tolist() == mixed(one, y, one, factor=3.0, b=y + 1).tolist()
        assert recorded(one, a=y).tolist() == mixed(one, a=y).tolist()
    assert [isinstance(call, Replay) for _, call in recorded.calls] == [True] * 4

    class Model:
        @nn.function
        def step(self, x, *, factor):
            return x * factor

    model = Model()
    for i in range(5):
        assert model.step(one, factor=nn.asarray(float(i))).tolist() == [i * 1.0, i * 2.0]


@pytest.mark.needs_compiled("calls are replayed")
def test_trees_of_tensors_as_arguments():
    recorded = nn.function(lambda tree: {"sum": tree["a"] + tree["b"][0], "others": [x * 2 for x in tree["b"]]})
    for i in range(5):
        a, b = nn.asarray([float(i)]), (nn.asarray([1.0]), nn.asarray([2.0 * i]))
        found = recorded({"a": a, "b": b})
        assert found["sum"].tolist() == [i + 1.0]
        assert [x.tolist() for x in found["others"]] == [[2.0], [4.0 * i]]
    assert became(recorded) == ["program"]


@pytest.mark.needs_compiled("calls are replayed")
@pytest.mark.parametrize("given", [{"jit_compile": True}, {"input_signature": [None]}, {"reduce_retracing": True}])
def test_words_of_others_are_told_to_be_needless(given):
    with pytest.warns(nn.errors.NotNeededWarning, match=next(iter(given))):

        @nn.function(**given)
        def double(x):
            return x * 2

    assert [double(nn.ones(1)).item() for _ in range(4)] == [2.0] * 4
    assert became(double) == ["program"]


def test_it_decorates_with_and_without_parentheses():
    double = nn.function()(lambda x: x * 2)
    assert double(nn.ones(1)).item() == 2.0
