"""State that a step changes: variables that are assigned to are replayed, byte for byte as they run eagerly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from tests.plain import Listener
from tests.test_function import became

pytestmark = pytest.mark.needs_compiled("compiled kernels are recorded")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype(np.float32)
LABELS = (X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)


class MovingAverage(nn.layers.Layer):
    """Subtracts a mean: that of the batch in training, a moving average otherwise."""

    def build(self, input_shape):
        self.mean = self.add_weight((input_shape[-1],), "zeros", "mean", trainable=False)

    def call(self, x, training=False):
        if not training:
            return x - self.mean
        mean = nn.mean(x, axis=0)
        self.mean.assign(0.9 * self.mean + 0.1 * nn.stop_gradient(mean))
        return x - mean


class Counter(nn.layers.Layer):
    """Counts its calls, and divides by their number."""

    def build(self, input_shape):
        self.calls = self.add_weight((), "zeros", "calls", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x / self.calls


class Recurrent(nn.layers.Layer):
    """Adds its last output to its input: the state goes from batch to batch."""

    def __init__(self, batch, units, **options):
        super().__init__(**options)
        self.batch, self.units = batch, units
        self.state = nn.Variable(np.zeros((batch, units), np.float32), trainable=False)

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
        self.recurrent = self.add_weight((self.units, self.units), name="recurrent")

    def call(self, x):
        y = nn.tanh(x @ self.kernel + self.state @ self.recurrent)
        self.state.assign(nn.stop_gradient(y))
        return y


class InPlace(nn.layers.Layer):
    """Changes its state by augmented operators, reads it between, and gives it other values that do not depend on x."""

    def build(self, input_shape):
        self.state = self.add_weight((input_shape[-1],), "ones", "state", trainable=False)

    def call(self, x):
        before = self.state.value
        self.state *= 0.5
        y = x * self.state
        self.state += nn.stop_gradient(nn.max(x, axis=0))
        z = y + self.state
        self.state.assign(before + 0.25)
        return z


def trained(layer, optimizer, eagerly, **options):
    model = nn.Sequential([nn.layers.Dense(5), layer(), nn.layers.Dense(3, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    callbacks = [Listener()] if eagerly else []
    options = {"batch_size": 30, "epochs": 3, **options}
    history = model.fit(X, LABELS, verbose=0, rng=0, callbacks=callbacks, **options)
    assert hasattr(model.explanation, "steps") != eagerly, model.explanation
    return model, history.history


LAYERS = {
    "moving average": MovingAverage,
    "counter": Counter,
    "recurrent": lambda: Recurrent(30, 5),
    "in place": InPlace,
}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("kind", LAYERS)
def test_layers_with_state_replay_in_fit(kind, optimizer):
    eager, slow = trained(LAYERS[kind], optimizer, True)
    replayed, fast = trained(LAYERS[kind], optimizer, False)
    assert len(replayed.explanation.steps) == 1
    for a, b in zip(eager.get_weights(), replayed.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()
    np.testing.assert_allclose(fast["loss"], slow["loss"], rtol=1e-6)
    assert eager.predict(X[:30], verbose=0).tobytes() == replayed.predict(X[:30], verbose=0).tobytes()


def test_batches_of_two_sizes_share_the_state():
    eager, _ = trained(MovingAverage, "sgd", True, batch_size=40)
    replayed, _ = trained(MovingAverage, "sgd", False, batch_size=40, epochs=3)
    assert [step.batch for step in replayed.explanation.steps] == [40, 10]
    for a, b in zip(eager.get_weights(), replayed.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_state_is_checked_where_both_ways_are_run():
    nn.config.check_replay = True
    try:
        model, _ = trained(MovingAverage, "sgd", False)
    finally:
        nn.config.check_replay = False
    other, _ = trained(MovingAverage, "sgd", True)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()


def both(make, arguments):
    """What a function with variables gives eagerly and replayed, and what the variables hold after each call."""
    found = []
    for wrap in (lambda f: f, nn.function):
        function, variables = make()
        function = wrap(function)
        rows = []
        for argument in arguments:
            result = function(nn.asarray(argument))
            rows.append([x.numpy().tobytes() for x in (result, *variables)])
        found.append(rows)
    assert found[0] == found[1]
    assert became(function) == ["program"]


ARGUMENTS = [RNG.normal(size=(3,)).astype(np.float32) for _ in range(6)]


class TestFunctions:
    def test_a_counter_of_integers(self):
        def make():
            count = nn.Variable(0, trainable=False)

            def step(x):
                count.assign_add(1)
                return x * 2

            return step, [count]

        both(make, ARGUMENTS)

    def test_two_variables_change_places(self):
        def make():
            a, b = nn.Variable([1.0, 2.0, 3.0]), nn.Variable([4.0, 5.0, 6.0])

            def step(x):
                old = a.value
                a.assign(b)
                b.assign(old)
                return x + a * b

            return step, [a, b]

        both(make, ARGUMENTS)

    def test_what_was_assigned_is_returned(self):
        def make():
            a = nn.Variable([1.0, 2.0, 3.0])

            def step(x):
                a.assign(x + a)
                return a.value

            return step, [a]

        both(make, ARGUMENTS)

    def test_a_view_of_the_old_value_is_returned(self):
        def make():
            a = nn.Variable([[1.0, 2.0, 3.0]])

            def step(x):
                old = nn.reshape(a, (3,))
                a.assign(nn.expand_dims(x, 0))
                return old

            return step, [a]

        both(make, ARGUMENTS)

    def test_the_input_itself_and_a_constant(self):
        def make():
            a, b = nn.Variable([1.0, 2.0, 3.0]), nn.Variable([1.0, 2.0, 3.0])

            def step(x):
                a.assign(x)
                b.assign([7.0, 8.0, 9.0])
                return a + b

            return step, [a, b]

        both(make, ARGUMENTS)

    def test_a_numpy_array_that_is_written_to_between_calls(self):
        def make():
            a, values = nn.Variable([1.0, 2.0, 3.0]), np.zeros(3)  # float64: it has to be converted

            def step(x):
                a.assign(values)
                return x + a

            return step, [a], values

        results = []
        for wrap in (lambda f: f, nn.function):
            function, (a,), values = make()
            function = wrap(function)
            rows = []
            for x in ARGUMENTS:
                values += 1
                rows.append(function(x).numpy().tobytes() + a.numpy().tobytes())
            results.append(rows)
        assert results[0] == results[1]

    def test_an_optimizer_and_an_assignment(self):
        def make():
            w, mean = nn.Variable([1.0, 2.0, 3.0]), nn.Variable(np.zeros(3, np.float32), trainable=False)
            optimizer = nn.optimizers.SGD(0.1, momentum=0.9)

            def step(x):
                with nn.GradientTape() as tape:
                    loss = nn.sum((w * x - mean) ** 2)
                mean.assign(0.5 * mean + 0.5 * w * x)
                optimizer.apply_gradients([(tape.gradient(loss, w), w)])
                return loss

            return step, [w, mean]

        both(make, ARGUMENTS)

    def test_gradients_that_are_the_other_variable(self):
        """What an update reads is what was there before any of them: the gradients lie in the variables themselves."""

        def make():
            v, w = nn.Variable([1.0, 2.0, 3.0]), nn.Variable([4.0, 5.0, 6.0])
            optimizer = nn.optimizers.SGD(0.1)

            def step(x):
                optimizer.apply_gradients([(w.value, v), (v.value, w)])
                return x * 1

            return step, [v, w]

        both(make, ARGUMENTS)

    def test_what_is_assigned_and_trained_runs_eagerly(self):
        w, optimizer = nn.Variable([1.0, 2.0, 3.0]), nn.optimizers.SGD(0.1)

        @nn.function
        def step(x):
            optimizer.apply_gradients([(x, w)])
            w.assign(nn.maximum(w, 0.0))
            return w + 0.0

        expected = np.array([1.0, 2.0, 3.0], np.float32)
        for x in ARGUMENTS:
            expected = np.maximum(expected - np.float32(0.1) * x, 0)
            np.testing.assert_allclose(step(x).numpy(), expected, rtol=1e-5)
        (reason,) = became(step)
        assert "after it was updated" in reason

    @pytest.mark.parametrize(
        "options", [{}, {"clipnorm": 0.5}, {"use_ema": True}, {"gradient_accumulation_steps": 2}], ids=str
    )
    def test_what_is_assigned_first_and_then_trained(self, options):
        def make():
            w, v = nn.Variable([1.0, -2.0, 3.0]), nn.Variable([0.5, 0.5, 0.5])
            optimizer = nn.optimizers.Adam(0.1, **options)

            def step(x):
                w.assign(w / nn.sqrt(nn.sum(nn.square(w))))
                v.assign(v + w)
                with nn.GradientTape() as tape:
                    loss = nn.sum(nn.square(x * w - v))
                optimizer.apply_gradients(zip(tape.gradient(loss, [w, v]), [w, v], strict=True))
                return loss

            return step, [w, v]

        both(make, ARGUMENTS)

    def test_values_that_are_read_in_python_run_eagerly(self):
        count = nn.Variable(0, trainable=False)

        @nn.function
        def step(x):
            count.assign_add(1)
            return x * int(count)

        assert [step(nn.ones(1)).item() for _ in range(5)] == [1, 2, 3, 4, 5]
        assert "reads values in Python" in became(step)[0]

    def test_an_error_in_a_trace_leaves_the_variable(self):
        state = nn.Variable([1.0])
        model = nn.Sequential([nn.layers.Dense(1)])

        @nn.function
        def step(x):
            state.assign([5.0])
            return model(x)  # not built for this

        model.build((None, 4))
        for _ in range(4):
            state.assign([1.0])
            with pytest.raises(nn.errors.ShapeError):
                step(nn.ones((2, 3)))
            assert state.numpy() == [5.0]  # as in a call that is not traced


@given(st.lists(st.sampled_from(["assign", "add", "sub", "times", "swap", "read", "reset"]), min_size=1, max_size=8))
def test_any_sequence_of_changes(changes):
    def make():
        a, b = nn.Variable([1.0, -2.0, 3.0]), nn.Variable([0.5, 0.25, 2.0])

        def step(x):
            y = x * 1.5
            for change in changes:
                if change == "assign":
                    a.assign(nn.tanh(y) + b)
                elif change == "add":
                    b.assign_add(a)
                elif change == "sub":
                    a.assign_sub(y)
                elif change == "times":
                    b.__imul__(0.5)
                elif change == "swap":
                    old = a.value
                    a.assign(b)
                    b.assign(old)
                elif change == "read":
                    y = y + a - b
                else:
                    a.assign([1.0, 2.0, 3.0])
            return y

        return step, [a, b]

    both(make, ARGUMENTS[:5])
