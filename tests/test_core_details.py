"""Details of the core that nothing else looks at: each of these tests was written for a change that no test noticed."""

import copy
import functools
import pickle
import threading

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.callbacks.progress import ProgressBar
from numbanet.graph.outcome import Eager, Replay
from numbanet.graph.trace import Trace

needs_compiled = pytest.mark.needs_compiled("Programs need compiled kernels")
X = nn.asarray(np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3))


def became(function):
    return ["program" if isinstance(call, Replay) else str(call) for _, call in function.calls]


def outcome(f, *args):
    try:
        return f(*args).numpy().tobytes()
    except nn.errors.NumbanetError as error:
        return str(error)


@pytest.fixture
def checked():
    nn.config.check_replay = True
    yield
    nn.config.check_replay = False


@needs_compiled
class TestFunction:
    def test_an_argument_that_is_returned_is_that_argument(self):
        returned = nn.function(lambda x, y: (x, [y, x * y], {"x": x}))
        for _ in range(6):
            y = X + 1
            first, (second, _), rest = returned(X, y)
            assert first is X
            assert second is y
            assert rest["x"] is X
        assert became(returned) == ["program"]

    def test_an_argument_that_is_returned_when_replays_are_checked(self, checked):
        returned = nn.function(lambda x: [x, nn.exp(x)])
        assert all(returned(X)[0] is X for _ in range(6))

    def test_a_call_does_not_wait_for_another_thread_that_watches_one(self):
        def body(x, inner):
            if inner:
                thread = threading.Thread(target=call_again, daemon=True)
                thread.start()
                thread.join(20)
            return x * 2

        def call_again():
            found.append(double(X + 1, False))

        double, found = nn.function(body), []
        for _ in range(2):
            double(X + 2, False)
        for i in range(3):
            double(X + 2, True)
            assert len(found) == i + 1, "the other call waited for this one"
        assert [y.numpy().tobytes() for y in found] == [((X + 1) * 2).numpy().tobytes()] * 3

    def test_a_variable_that_is_frozen_or_thawed_between_calls(self):
        def make():
            variables = [nn.Variable([1.0, 2.0]), nn.Variable([3.0, 4.0], trainable=False)]
            optimizer = nn.optimizers.SGD(0.1)
            optimizer.build(variables)

            def step(x):
                with nn.GradientTape() as tape:
                    loss = nn.sum(x * variables[0] * variables[1])
                weights = [one for one in variables if one.trainable]
                optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
                return loss

            return step, variables

        (plain, expected), (step, found) = make(), make()
        replayed = nn.function(step)
        for i in range(15):
            for variables in (expected, found):
                variables[1].trainable = 5 <= i < 10
            assert replayed(X[0, :2]).item() == plain(X[0, :2]).item(), f"call {i}"
            assert [v.numpy().tobytes() for v in found] == [v.numpy().tobytes() for v in expected], f"call {i}"
        assert became(replayed) == ["program"]

    def test_two_generators_of_which_a_step_draws_in_turn(self):
        def make():
            dropout, draws = nn.layers.Dropout(0.5), [np.random.default_rng(1), np.random.default_rng(2)]

            def step(x):
                parts = [dropout(x, training=True, rng=draws[i]) for i in (0, 1, 1, 0, 1)]
                return functools.reduce(lambda one, two: one * 3 + two, parts)

            return step, draws

        (plain, expected), (step, found) = make(), make()
        replayed = nn.function(step)
        for i in range(8):
            assert replayed(X).numpy().tobytes() == plain(X).numpy().tobytes(), f"call {i}"
            assert [g.bit_generator.state for g in found] == [g.bit_generator.state for g in expected], f"call {i}"
        assert became(replayed) == ["program"]

    @pytest.mark.parametrize("op", [nn.abs, nn.negative, nn.square, lambda y: y * 1, lambda y: nn.where(y > 0, y, 0)])
    def test_values_that_the_step_computes_and_checks(self, op):
        def loss(x, y):
            return nn.softmax_cross_entropy(x, op(y))

        step = nn.function(loss)
        for _ in range(5):
            step(X, nn.zeros(4, "int64"))
        assert became(step) == ["program"]
        for number in (0, 1, -1, 9):
            labels = nn.full(4, number, "int64")
            assert outcome(step, X, labels) == outcome(loss, X, labels), number

    @pytest.mark.parametrize("op", [nn.cumulative_sum, lambda y: nn.max(y, keepdims=True) * y])
    def test_values_that_cannot_be_computed_again_for_the_check(self, op):
        step = nn.function(lambda x, y: nn.softmax_cross_entropy(x, op(y)))
        for _ in range(5):
            step(X, nn.zeros(4, "int64"))
        (reason,) = became(step)
        assert "checked" in reason

    @pytest.mark.parametrize("dtypes", [("bool", "uint8"), ("uint8", "int16"), ("int32",), ()])
    def test_values_that_are_checked_when_they_were_converted(self, dtypes):
        def loss(x, y):
            for dtype in dtypes:
                y = nn.astype(nn.reshape(y, (2, 2)), dtype).reshape(4)
            return nn.softmax_cross_entropy(x, y)

        step, x = nn.function(loss), X[:, :1]
        for _ in range(5):
            step(x, nn.zeros(4, "int64"))
        assert became(step) == ["program"]
        for number in (256, 1, -1, 0):  # 256 is 1 as a bool, 0 in eight bits
            labels = nn.full(4, number, "int64")
            assert outcome(step, x, labels) == outcome(loss, x, labels), number

    @pytest.mark.parametrize("shape", [(50, 100), (2, 3)])
    def test_memory_of_what_is_not_read_any_more_is_used_again(self, shape):
        def deep(x):
            for _ in range(30):
                x = nn.tanh(nn.sin(x) * 2.0)
            return x

        x = nn.ones(shape)
        step = nn.function(deep)
        for _ in range(4):
            step(x)
        ((_, call),) = step.calls
        assert call.program.memory.lowering.pool.bytes <= 4 * max(x.numpy().nbytes, 64)


class TestTraces:
    def test_one_that_only_looks_leaves_generators_as_they_were(self):
        generator = np.random.default_rng(0)
        first = generator.bit_generator.state
        with Trace([], [generator]) as trace:
            generator.random()
        assert trace.reason == "the step draws random numbers in Python"
        assert generator.bit_generator.state == first

    def test_seeds_do_not_come_again(self):
        dropout, generator = nn.layers.Dropout(0.5), np.random.default_rng(0)
        ones = nn.ones((1, 64))
        masks = {dropout(ones, training=True, rng=generator).numpy().tobytes() for _ in range(400)}
        assert len(masks) == 400


@pytest.mark.usefixtures("each_backend")
def test_where_the_loops_are_interpreted_nothing_is_recorded():
    double = nn.function(lambda x: x * 2)
    for i in range(5):
        assert double(X + i).numpy().tobytes() == ((X + i) * 2).numpy().tobytes()
    interpreted = backend().name == "python"
    assert became(double) == ["the loops run in the interpreter" if interpreted else "program"]


@needs_compiled
class TestEngine:
    def test_what_is_thawed_between_two_calls_of_fit_is_replayed(self):
        model = nn.Sequential([nn.layers.Dense(4, "relu"), nn.layers.Dense(2)])
        model.compile("adam", "mean_squared_error")
        model.build((3,), rng=0)
        model.layers[0].trainable = False
        for _ in range(2):
            before = model.layers[0].get_weights()[0].copy()
            model.fit(X, X[:, :2], verbose=0)
            assert hasattr(model.explanation, "steps"), model.explanation
            assert np.array_equal(model.layers[0].get_weights()[0], before) is not model.layers[0].trainable
            model.layers[0].trainable = True

    @pytest.mark.parametrize(("done", "seconds", "at_once"), [(10, 0.4, 2), (1, 10.0, 1), (1, 0.0, 64), (99, 0.0, 500)])
    def test_slices_have_as_many_steps_as_take_80_ms(self, done, seconds, at_once):
        model = nn.Sequential([nn.layers.Dense(2)])
        model.compile("sgd", "mean_squared_error")
        model.fit(X, X[:, :2], verbose=0)
        (step,) = model.explanation.steps
        step.capacity = 500
        step.note_time(done, seconds)
        assert step.at_once == at_once

    def test_two_optimizers_in_one_step(self):
        class Two(nn.Sequential):
            def train_step(self, x, y, sample_weight=None, rng=None):
                with nn.GradientTape() as tape:
                    prediction = self(x)
                    loss = nn.mean(nn.square(prediction - y))
                kernel, bias = tape.gradient(loss, self.trainable_weights)
                self.optimizer.apply_gradients([(kernel, self.trainable_weights[0])])
                second.apply_gradients([(bias, self.trainable_weights[1])])
                return loss, prediction

        runs = []
        for callbacks in ([], [nn.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)]):
            second = nn.optimizers.Adam(0.1)
            model = Two([nn.layers.Dense(2)])
            model.compile("sgd", "mean_squared_error")
            model.fit(X, X[:, :2], batch_size=2, epochs=4, verbose=0, rng=0, callbacks=callbacks)
            assert isinstance(model.explanation, Eager)
            runs.append([weight.tobytes() for weight in model.get_weights()])
        assert runs[0] == runs[1]

    @pytest.mark.parametrize("eager", [False, True])
    def test_the_progress_bar_is_told_which_batches_are_done(self, eager, monkeypatch, capsys):
        told = []
        monkeypatch.setattr(ProgressBar, "on_train_batch_end", lambda self, batch, logs=None: told.append(batch))
        model = nn.Sequential([nn.layers.Dense(2)])
        model.compile("sgd", "mean_squared_error")
        listeners = [nn.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)] if eager else []
        model.fit(np.ones((90, 3)), np.ones((90, 2)), batch_size=20, epochs=2, verbose=1, callbacks=listeners)
        assert isinstance(model.explanation, Eager) is eager
        last = [batch for batch, following in zip(told, [*told[1:], 0], strict=True) if following <= batch]
        assert last == [4, 4]
        assert min(told) >= 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_lists_of_floats_are_what_the_layers_compute_in(dtype):
    class Seeing(nn.Sequential):
        def predict_step(self, x):
            seen.append(x.dtype)
            return self(x)

    seen = []
    model = Seeing([nn.layers.Dense(2), nn.layers.Dense(2, dtype=dtype)])
    model.build((3,), rng=0)
    model.predict([[0.1, 0.2, 0.3]], verbose=0)
    assert set(seen) == {np.dtype(dtype)}


def test_metrics_need_targets_whoever_computes_the_loss():
    class Own(nn.Sequential):
        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return nn.mean(nn.square(y_pred - x))

    model = Own([nn.layers.Dense(3)])
    model.compile("sgd", "mean_squared_error", ["mae"])
    with pytest.raises(nn.errors.ArgumentError, match=r"^fit: y is needed"):
        model.fit(X, verbose=0)
    model.compile("sgd", "mean_squared_error")
    model.fit(X, verbose=0)


def test_what_callbacks_are_told_of_a_run():
    class Seeing(nn.callbacks.Callback):
        def on_test_begin(self, logs=None):
            seen.append(self.params)

        on_train_begin = on_predict_begin = on_test_begin

    seen = []
    model = nn.Sequential([nn.layers.Dense(2)])
    model.compile("sgd", "mean_squared_error")
    model.fit(X, X[:, :2], batch_size=3, epochs=2, verbose=0, callbacks=[Seeing()])
    model.evaluate(X, X[:, :2], batch_size=3, verbose=0, callbacks=[Seeing()])
    model.predict(X, verbose=0, callbacks=[Seeing()])
    assert seen == [
        {"epochs": 2, "steps": 2, "batch_size": 3},
        {"epochs": 1, "steps": 2, "batch_size": 3},
        {"epochs": 1, "steps": 1, "batch_size": 1024},
    ]


@needs_compiled
@pytest.mark.parametrize("who", ["a generator", "a callback"])
@pytest.mark.parametrize("what", ["evaluate", "predict"])
def test_what_changes_between_batches_is_seen_by_the_next(what, who):
    model = nn.Sequential([nn.layers.Dense(3, "relu")])
    model.compile("sgd", "mean_squared_error")
    model.build((3,), rng=0)

    def change(batch, logs=None):
        model.layers[0].activation = nn.tanh if batch in (6, 9, 10) else nn.relu

    def batches():
        for i in range(12):
            change(i)
            yield (X, X + 1) if what == "evaluate" else X

    expected = []
    for _ in batches():
        y = model(X).numpy()
        expected.append(np.mean((y - (X.numpy() + 1)) ** 2) if what == "evaluate" else y)
    if who == "a generator":
        found = getattr(model, what)(batches(), verbose=0)
    else:
        event = "on_test_batch_begin" if what == "evaluate" else "on_predict_batch_begin"
        callbacks = [nn.callbacks.LambdaCallback(**{event: change})]
        x = np.tile(X.numpy(), (12, 1))
        parts = (x, x + 1) if what == "evaluate" else (x,)
        found = getattr(model, what)(*parts, batch_size=len(X), verbose=0, callbacks=callbacks)
    if what == "evaluate":
        assert found == pytest.approx(np.mean(expected), rel=1e-6)
    else:
        np.testing.assert_array_equal(found, np.concatenate(expected))


class TestTape:
    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (nn.Variable([1, 2]), "dtype int64 has no gradient"),
            ([1.0], "a source is a Tensor or a Variable, got float"),
        ],
    )
    def test_one_source_among_others_that_has_no_gradient(self, source, words):
        x = nn.Variable(2.0)
        with nn.GradientTape() as tape:
            y = x * x
        with pytest.raises(nn.errors.GradientError, match=words):
            tape.gradient(y, [x, source])


@pytest.mark.parametrize("other", [(2, 3), (4, 3), (1, 3), (3, 1)])
def test_an_augmented_operator_that_would_change_the_shape(other):
    v = nn.Variable([1.0, 2.0, 3.0])
    with pytest.raises(nn.errors.ShapeError):
        v += nn.ones(other)
    square = nn.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for columns in (1, 2, 4):
        with pytest.raises(nn.errors.ShapeError):
            square @= nn.ones((3, columns))
    assert v.numpy().tolist() == [1.0, 2.0, 3.0]
    assert square.shape == (2, 3)


def test_the_repr_of_variables_with_and_without_a_name():
    assert repr(nn.Variable([1.0], name="w")) == "Variable([1.], shape=(1,), dtype=float32, name='w')"
    assert repr(nn.Variable([1.0])) == "Variable([1.], shape=(1,), dtype=float32)"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v)), lambda v: v.twin()])
@pytest.mark.parametrize("name", [None, "w"])
def test_copies_of_frozen_variables_thaw_if_they_may_train(copied, name):
    for trainable in (True, False):
        v = nn.Variable([1.0], trainable=trainable, name=name)
        v.freeze()
        twin = copied(v)
        assert twin.trainable is v.trainable is False
        twin.freeze(False)
        assert twin.trainable is trainable
        old = nn.Variable([2.0])
        old.__setstate__((v.value, trainable, name))  # as version 0.1.0 pickled it
        for frozen in (True, False):
            old.freeze(frozen)
            assert old.trainable is (trainable and not frozen)


@pytest.mark.parametrize("shape", [[2, 3], np.array([2, 3]), nn.asarray([2, 3]), (np.int8(2), np.int64(3))])
def test_vectors_of_integers_are_shapes(shape):
    assert nn.zeros(shape).shape == (2, 3)
    assert nn.reshape(nn.zeros(6), shape).shape == (2, 3)


@pytest.mark.parametrize("shape", [(2**31, 2**31), (2**62, 0), (0, 2**62), 2**61, (2, 3, 2**60)])
def test_shapes_that_no_array_has(shape):
    with pytest.raises(nn.errors.ArgumentError, match="no array has the shape"):
        nn.zeros(shape)


@pytest.mark.parametrize("op", [nn.softmax, nn.log_softmax, nn.logsumexp])
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64"])
def test_integers_and_booleans_are_made_floats(op, dtype):
    x = nn.asarray(np.array([[True, False, True]])).astype(dtype)
    found, expected = op(x), op(x.astype("float32"))
    assert found.dtype == np.float32
    assert found.numpy().tobytes() == expected.numpy().tobytes()
