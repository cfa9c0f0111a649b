"""Calls that run a Plan: to the byte what the function does as it stands, for the same errors, tapes and listeners."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.autodiff import backward
from numbanet.core import context as contexts
from numbanet.core.context import context, setting
from numbanet.errors import ArgumentError, ShapeError
from numbanet.launching.plans import NoPlan
from numbanet.tensor import planned, witness
from numbanet.tensor.tensor import Tensor
from tests.table_cases import CASES, call, draw_inputs

pytestmark = pytest.mark.skipif(planned._calls is None, reason="Plans are run by the compiled extension")


@pytest.fixture(autouse=True)
def _plans_at_once(monkeypatch):
    """The first call of a kind makes its Plan, and the second one runs it."""
    monkeypatch.setattr(witness, "CALLS_BEFORE", 0)
    monkeypatch.setattr(witness, "LONGEST", float("inf"))  # the first call compiles
    planned._calls.drop()
    backward._plans.clear()


def as_it_stands(function, *args, **named):
    with setting(as_they_stand=True):
        return function(*args, **named)


def the_same(found, expected):
    """Whether two tensors are the same to the byte; all NaN are."""
    x, y = found.numpy(), expected.numpy()
    if x.dtype.kind == "f":
        assert np.array_equal(np.isnan(x), np.isnan(y))
        x, y = (
            np.nan_to_num(x, nan=0.0, posinf=np.inf, neginf=-np.inf),
            np.nan_to_num(y, nan=0.0, posinf=np.inf, neginf=-np.inf),
        )
    assert (x.dtype, x.shape, x.tobytes()) == (y.dtype, y.shape, y.tobytes())


def plans_of(function):
    return [plan for plan in function.call.plans.values() if plan is not None]


@pytest.mark.parametrize(("op", "case"), CASES)
@settings(max_examples=max(5, settings().max_examples // 10))
@given(data=st.data())
def test_a_plan_gives_what_the_function_gives(op, case, data):
    arrays = draw_inputs(data, case)
    tensors = [nn.asarray(x) for x in arrays]
    others = [nn.asarray(_other_values(x)) for x in arrays]
    try:
        expected = as_it_stands(call, op.function, tensors, case.params)
        wanted = as_it_stands(call, op.function, others, case.params)
    except ArgumentError:
        return
    if not isinstance(expected, Tensor):
        return
    for _ in range(3):
        the_same(call(op.function, tensors, case.params), expected)
    the_same(call(op.function, others, case.params), wanted)


def _other_values(x):
    """An array laid out as another one, with its elements the other way round."""
    out = np.empty_like(x, subok=False) if x.flags.forc else x.copy()
    out[...] = x[tuple(slice(None, None, -1) for _ in x.shape)]
    return out


def test_plans_are_made_and_run():
    x, y = nn.asarray(np.ones((3, 4), "f4")), nn.asarray(np.full((4, 2), 2.0, "f4"))
    for function, operands in ((nn.dot, (x, y)), (nn.matmul, (x, y)), (nn.add, (x, x)), (nn.relu, (x,)), (nn.sum, (x,)),
                               (nn.mean, (x,)), (nn.reshape, (x, (4, 3))), (nn.softmax, (x,))):  # fmt: skip
        function(*operands)
        assert plans_of(function), function
        the_same(function(*operands), as_it_stands(function, *operands))


LAYOUTS = {
    "transposed": lambda x: x.T,
    "every other column": lambda x: np.repeat(x, 2, 1)[:, ::2],
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "a part": lambda x: np.pad(x, 3)[3:-3, 3:-3],
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
    "read only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["relu", "sum", "mean", "softmax", "matrix_transpose", "square", "var"])
def test_operands_of_any_layout(name, layout):
    function, rng = getattr(nn, name), np.random.default_rng(0)
    for _ in range(4):
        x = nn.asarray(LAYOUTS[layout](rng.standard_normal((5, 5), np.float32)))
        the_same(function(x), as_it_stands(function, x))
        the_same(nn.dot(x, x), as_it_stands(nn.dot, x, x))
        the_same(nn.add(x, nn.ones((5, 5))), as_it_stands(nn.add, x, nn.ones((5, 5))))


def test_views_share_the_memory_of_their_operand_alone():
    for _ in range(3):
        x = nn.asarray(np.random.default_rng(0).standard_normal((3, 4)))
        y, z = nn.reshape(x, (4, 3)), nn.matrix_transpose(x)
        assert np.shares_memory(y._array, x._array)
        assert np.shares_memory(z._array, x._array)
    del x
    assert y.shape == (4, 3)  # its memory is still there
    assert np.isfinite(y.numpy()).all()


def test_arguments_that_are_equal_are_not_the_same():
    x = nn.asarray([[1.0, 2.0], [3.0, 4.0]])
    for _ in range(3):
        assert nn.sum(x, axis=1).shape == (2,)
        for axis in (True, 1.0):
            with pytest.raises(ArgumentError):
                nn.sum(x, axis=axis)
        assert np.signbit(nn.multiply(x, 0.0).numpy()).sum() == 0
        assert np.signbit(nn.multiply(x, -0.0).numpy()).all()
        assert nn.multiply(x, float("nan")).numpy().dtype == np.float32
        assert nn.add(nn.asarray([1, 2]), True).dtype == nn.add(nn.asarray([1, 2]), 1).dtype


def test_one_tensor_given_twice_is_not_two():
    x, y = nn.asarray([1.0, 2.0]), nn.asarray([3.0, 5.0])
    for _ in range(3):
        assert nn.multiply(x, x).tolist() == [1.0, 4.0]
        assert nn.multiply(x, y).tolist() == [3.0, 10.0]


def test_values_are_checked_again():
    logits = nn.zeros((3, 4))
    for _ in range(4):
        nn.softmax_cross_entropy(logits, nn.asarray([0, 3, 1]))
    for bad in ([0, 4, 1], [0, -1, 1]):
        with pytest.raises(ArgumentError, match="label"):
            nn.softmax_cross_entropy(logits, nn.asarray(bad))
    for dtype in ("uint8", "int32", "int16"):
        for _ in range(4):
            nn.softmax_cross_entropy(logits, nn.asarray(np.array([0, 3, 1], dtype)))
        with pytest.raises(ArgumentError, match="label"):
            nn.softmax_cross_entropy(logits, nn.asarray(np.array([0, 4, 1], dtype)))


def test_an_array_that_changed_its_shape_under_a_tensor_is_seen():
    array = np.arange(6.0)
    x = nn.asarray(array)
    for _ in range(3):
        nn.square(x)
    array.shape = (2, 3)
    assert nn.square(x).shape == (2, 3)
    with pytest.raises(ShapeError):
        nn.dot(x, x)


def test_integers_raised_to_negative_powers_raise():
    x = nn.asarray([1, 2])
    for _ in range(3):
        nn.pow(x, nn.asarray([1, 2]))
    with pytest.raises(ArgumentError, match="negative"):
        nn.pow(x, nn.asarray([1, -2]))


def test_gradients_with_plans_are_those_without():
    rng = np.random.default_rng(0)
    w, b = nn.Variable(rng.standard_normal((4, 3), np.float32)), nn.Variable(np.zeros(3, "f4"))

    def gradients(x, labels):
        with nn.GradientTape() as tape:
            hidden = nn.tanh(x @ w + b)
            loss = nn.mean(nn.softmax_cross_entropy(hidden * hidden, labels))
        return [loss, *tape.gradient(loss, [w, b])]

    for _ in range(4):
        x, labels = nn.asarray(rng.standard_normal((5, 4), np.float32)), nn.asarray(rng.integers(0, 3, 5))
        for found, expected in zip(gradients(x, labels), as_it_stands(gradients, x, labels), strict=True):
            the_same(found, expected)
    assert any(plan is not None for plan in backward._plans.values())


def test_what_is_asked_of_a_tape_is_part_of_what_its_plan_is_for():
    x, y = nn.asarray([1.0, 2.0]), nn.asarray([3.0, 4.0])
    for sources in ([x], [y], [x, y], [y, x], [x]) * 3:
        with nn.GradientTape() as tape:
            tape.watch([x, y])
            z = x * y * y
        found = tape.gradient(z, sources)
        expected = {id(x): [9.0, 16.0], id(y): [6.0, 16.0]}
        assert [g.tolist() for g in found] == [expected[id(one)] for one in sources]


def test_second_derivatives_are_recorded():
    for _ in range(4):
        x = nn.asarray(3.0)
        with nn.GradientTape() as outer:
            outer.watch(x)
            with nn.GradientTape() as inner:
                inner.watch(x)
                y = x * x * x
            first = inner.gradient(y, x)
        assert outer.gradient(first, x).item() == 18.0


def test_a_gradient_of_the_users_own_runs_every_time():
    times = []

    @nn.custom_gradient
    def own(x):
        def gradient(g):
            times.append(1)
            return g * float(len(times))

        return x * 1.0, gradient

    x = nn.asarray([1.0, 2.0])
    for i in range(1, 5):
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = own(x)
        assert tape.gradient(y, x).tolist() == [float(i)] * 2


def test_nans_are_found_behind_a_plan():
    x = nn.asarray([1.0, 0.0])
    for _ in range(3):
        nn.log(x - 1.0)
    with nn.debug.nans(), pytest.raises(nn.errors.NumericError, match="log"):
        nn.log(nn.asarray([-1.0, 0.0]))


def test_another_backend_runs_without_plans_of_the_one_before():
    x = nn.asarray(np.ones((3, 3), "f4"))
    nn.dot(x, x)
    assert plans_of(nn.dot)
    before = nn.config.backend
    nn.config.backend = "python"
    try:
        the_same(nn.dot(x, x), nn.asarray(np.full((3, 3), 3.0, "f4")))
        assert not plans_of(nn.dot)
    finally:
        nn.config.backend = before


def test_tables_are_bounded(monkeypatch):
    monkeypatch.setattr(witness, "MOST_PLANS", 8)
    for n in range(1, 40):
        nn.square(nn.ones(n))
        assert len(nn.square.call.plans) <= 8
    monkeypatch.setattr(witness, "CALLS_BEFORE", 10)
    monkeypatch.setattr(witness, "MOST_SEEN", 8)
    for n in range(100, 140):
        nn.square(nn.ones(n))
        assert len(nn.square.call.seen) <= 8


def test_what_takes_long_has_no_plan(monkeypatch):
    monkeypatch.setattr(witness, "LONGEST", -1.0)
    for _ in range(4):
        assert nn.square(nn.full(5, 3.0)).tolist() == [9.0] * 5
    assert not plans_of(nn.square)
    monkeypatch.setattr(witness, "LONGEST", float("inf"))
    nn.square(nn.full(5, 3.0))
    assert plans_of(nn.square)


def test_threads_share_plans():
    rng = np.random.default_rng(0)
    pairs = [(rng.standard_normal((8, 8), np.float32), rng.standard_normal((8, 8), np.float32)) for _ in range(4)]
    expected = [as_it_stands(nn.dot, nn.asarray(a), nn.asarray(b)).numpy() for a, b in pairs]
    wrong = []

    def work(i):
        a, b = (nn.asarray(x) for x in pairs[i])
        for _ in range(300):
            if not np.array_equal(nn.softmax(nn.dot(a, b)).numpy(), np.asarray(first[i])):
                wrong.append(i)

    first = [as_it_stands(nn.softmax, nn.asarray(x)).numpy() for x in expected]
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_products_that_are_split_over_threads_have_plans():
    rng = np.random.default_rng(0)
    x, y = (nn.asarray(rng.standard_normal((300, 300), np.float32)) for _ in range(2))
    for _ in range(3):
        the_same(nn.dot(x, y), as_it_stands(nn.dot, x, y))
    assert plans_of(nn.dot)


def test_functions_look_like_those_that_they_stand_for():
    import inspect
    import pickle

    assert list(inspect.signature(nn.dot).parameters) == ["a", "b"]
    assert nn.dot(a=[1.0], b=[2.0]).item() == 2.0
    assert pickle.loads(pickle.dumps(nn.sum)) is nn.sum
    assert nn.mean.__doc__.startswith("Return the arithmetic mean")
    with pytest.raises(TypeError, match="dot"):
        nn.dot([1.0])


def test_a_function_that_reads_values_has_no_plan():
    read = planned.planned(lambda x: x * float(nn.sum(x)))
    made_of_values = planned.planned(lambda x: x + Tensor(x._array.copy()))
    for values in ([1.0, 2.0], [3.0, 4.0], [5.0, 6.0]):
        x = nn.asarray(values)
        assert read(x).tolist() == [v * sum(values) for v in values]
        assert made_of_values(x).tolist() == [2 * v for v in values]
    assert not plans_of(read)
    assert not plans_of(made_of_values)


def test_state_of_the_thread_is_left_as_it_was():
    nn.square(nn.ones(3))
    assert (context.trace, context.pool, context.launches, context.listeners) == (None, None, None, ())
    assert issubclass(NoPlan, Exception)


def test_what_a_plan_of_a_tape_is_for_lives_as_long_as_it():
    """Layouts are compared by their addresses: with 512 other kinds of calls no other one may get that of a stride."""
    x, base = nn.asarray(np.ones((3, 8))), np.arange(8.0 * 600)

    def gradient(stride):
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = x * nn.asarray(base[: 8 * stride : stride])
        return tape.gradient(y, x)

    for stride in range(1, 30):
        for _ in range(3):
            gradient(stride)
    for n in range(1, 520):
        a = nn.ones(n + 8)
        with nn.GradientTape():
            for _ in range(2):
                with nn.GradientTape() as tape:
                    tape.watch(a)
                    y = a * a
                tape.gradient(y, a)
        stride = 30 + n
        the_same(gradient(stride)[0], nn.asarray(base[: 8 * stride : stride]))


def test_ctrl_c_while_a_plan_is_made_leaves_the_thread_as_it_was():
    names = sorted(contexts.AROUND_OPS)
    before = {name: getattr(context, name) for name in names}
    for place in range(0, 400, 3):
        left = [place]

        def trace(frame, event, argument, left=left):
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return trace

        x = nn.ones((place + 1, 2))
        outer = sys.gettrace()
        sys.settrace(trace)
        try:
            witness._plan_of(nn.square.call.function, [Tensor(x._array)], {})
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(outer)
        assert {name: getattr(context, name) for name in names} == before, place
        assert nn.square(nn.asarray([3.0, 1.0])).tolist() == [9.0, 1.0]


def test_tapes_are_written_to_without_python(monkeypatch):
    w, x = nn.Variable([1.0, 2.0]), nn.asarray([3.0, 4.0])
    told = []
    record = nn.GradientTape.record
    monkeypatch.setattr(nn.GradientTape, "record", lambda self, *what: told.append(what[0].name) or record(self, *what))

    def gradient():
        with nn.GradientTape() as tape:
            y = nn.multiply(nn.add(w, x), x)
        return tape.gradient(y, w)

    for _ in range(3):
        gradient()
    told.clear()
    assert gradient().tolist() == [3.0, 4.0]
    assert told == []


def test_views_that_must_not_be_written_to():
    x = nn.asarray(np.ones(3, "f4"))
    for _ in range(4):
        assert not nn.broadcast_to(x, (2, 3))._array.flags.writeable
        assert nn.reshape(x, (3, 1))._array.flags.writeable


def test_a_thread_that_ends_lets_go_of_its_tapes():
    kept = []

    def work():
        tape = nn.GradientTape()
        tape.__enter__()
        nn.square(nn.Variable([1.0, 2.0]))
        kept.append(weakref.ref(tape))

    for _ in range(5):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    gc.collect()
    assert [one() for one in kept] == [None] * 5


def test_variables_are_read_where_the_function_reads_them():
    v = nn.Variable([1.0, 2.0])
    for _ in range(4):
        with nn.GradientTape() as tape:
            assert (v == None) is False  # noqa: E711  (how users compare by mistake)
        assert not tape._variables
        with pytest.raises(ArgumentError, match="Variable"):
            nn.sum(nn.ones((2, 2)), axis=v)
        with nn.GradientTape() as tape:
            y = v * v
        assert tape.gradient(y, v).tolist() == [2.0, 4.0]


def test_a_plan_that_was_begun_before_another_backend_was_chosen_is_not_run(monkeypatch):
    x, kept = nn.asarray([1.0, 2.0]), witness.keep
    monkeypatch.setattr(witness, "keep", lambda *args: planned._calls.drop() or kept(*args))
    nn.square(x)
    monkeypatch.undo()
    (plan,) = plans_of(nn.square)
    assert plan(x) is None
    assert nn.square(x).tolist() == [1.0, 4.0]


@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"])
def test_gradients_of_normalization_have_plans(kind):
    layer = getattr(nn.layers, kind)(**({"groups": 2} if kind.startswith("Group") else {}))
    layer.build((None, 5, 6))
    rng = np.random.default_rng(0)
    x, g = nn.Variable(rng.normal(size=(3, 5, 6)).astype("f4")), nn.asarray(rng.normal(size=(3, 5, 6)).astype("f4"))
    wanted = [x, *layer.trainable_weights]

    def step():
        with nn.GradientTape() as tape:
            y = layer(x, training=True)
        return [y, *tape.gradient(y, wanted, g)]

    expected = as_it_stands(step)
    for _ in range(3):
        for found, one in zip(step(), expected, strict=True):
            the_same(found, one)
    assert backward._plans
    assert None not in backward._plans.values()
