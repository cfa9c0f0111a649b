"""`nn.debug.nans`: the first NaN names the operation, the shapes and the line, eagerly and in what is replayed."""

import inspect

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import NumericError


def line_with(text):
    """The place of the line in this file that has a text, as an error tells it."""
    lines = inspect.getsource(inspect.getmodule(line_with)).splitlines()
    return f"test_debug.py:{next(i for i, line in enumerate(lines, 1) if text in line)}:"


def raised(function, *args, **options):
    with nn.debug.nans(**options), pytest.raises(NumericError) as caught:
        function(*args)
    return str(caught.value)


def log_of(x):
    return nn.log(x - 2.0)  # the line of the log


def root_of(x):
    return nn.sqrt(x * 0.0)  # the line of the root


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_an_operation_is_named_with_shapes_index_and_line(rank):
    x = np.full((2,) * rank, 3.0)
    x[(1,) * rank] = 1.0
    message = raised(log_of, nn.asarray(x))
    assert message.startswith(f"log of float64 {x.shape} gives NaN at {(1,) * rank}, called at ")
    assert line_with("the line of the log") in message
    assert "return nn.log(x - 2.0)" in message


def test_operands_that_had_a_nan_are_named():
    x = nn.asarray([1.0, np.nan])
    assert raised(lambda: nn.add(1.0, x)).endswith("; operand 1 had one already")


def test_infinities_raise_if_wanted():
    x = nn.asarray([1.0, 0.0])
    with nn.debug.nans():
        assert nn.log(x)[1].item() == -np.inf
    assert "gives an infinity at (1,)" in raised(nn.log, x, infinities=True)


def test_gradients_name_the_line_of_the_forward_pass():
    x = nn.Variable([1.0, 2.0])

    def work():
        with nn.GradientTape() as tape:
            y = nn.sum(root_of(x) * 0.0)
        tape.gradient(y, x)  # the line of the gradient

    message = raised(work)
    assert message.startswith("in the gradient of sqrt, called at ")
    assert line_with("the line of the root") in message
    assert "divide of float32 (2,), float32 (2,) gives NaN at (0,)" in message
    assert line_with("the line of the gradient") in message


def test_lines_from_before_the_block_are_not_known():
    x = nn.Variable([1.0])
    with nn.GradientTape() as tape:
        y = root_of(x) * 0.0
    assert "called at a line before nn.debug.nans()" in raised(tape.gradient, y, x)


@pytest.mark.parametrize("calls_before", [0, 1, 3])
def test_replayed_functions_name_the_same_operation(calls_before):
    function = nn.function(log_of)
    for _ in range(calls_before):
        function(nn.full(2, 3.0))
    message = raised(function, nn.zeros(2))
    assert message.startswith("log of float32 (2,) gives NaN at (0,)")
    assert line_with("the line of the log") in message
    assert np.isnan(function(nn.zeros(2)).numpy()).all()


class Logarithm(nn.layers.Layer):
    """A layer that gives NaN for what is below 2."""

    def call(self, x):
        return log_of(x)


def model_of(*layers):
    model = nn.Sequential(list(layers))
    model.compile(optimizer="sgd", loss="mse")
    return model


def test_training_names_the_same_operation():
    x, y = np.full((64, 3), 3.0, np.float32), np.ones((64, 3), np.float32)
    x[40] = 0.0
    model = model_of(Logarithm(), nn.layers.Dense(3))
    for _ in range(2):
        message = raised(lambda: model.fit(x, y, verbose=0))
        assert message.startswith("log of float32 (32, 3) gives NaN at ")
        assert line_with("the line of the log") in message
    assert "nn.debug.nans() looks at every result" in str(model.explanation)
    assert raised(lambda: model.evaluate(x, y, verbose=0)).startswith("log of float32 (64, 3) gives NaN at (40, 0)")
    assert raised(lambda: model.predict(x, verbose=0)).startswith("log of float32 (64, 3) gives NaN at (40, 0)")


def test_gradients_in_training_name_the_line_of_the_layer():
    class Root(nn.layers.Layer):
        """Its derivative at zero is NaN once multiplied by zero."""

        def call(self, x):
            return root_of(x)

    x, y = np.ones((8, 3), np.float32), np.zeros((8, 2), np.float32)
    message = raised(lambda: model_of(nn.layers.Dense(2), Root()).fit(x, y, verbose=0))
    assert message.startswith("in the gradient of sqrt, called at ")
    assert line_with("the line of the root") in message


def test_a_variable_that_holds_a_nan_is_named():
    w = nn.Variable([1.0, np.nan], name="scale")
    assert raised(lambda: w * 2.0).startswith("variable scale (2,) holds NaN at (1,)")


@pytest.mark.needs_compiled("networks are trained")
def test_training_inside_gives_the_same_weights():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(96, 4)).astype(np.float32), rng.integers(0, 3, 96)
    weights = []
    for inside in (False, True):
        model = nn.Sequential([nn.layers.Dense(8, activation="relu"), nn.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        if inside:
            with nn.debug.nans():
                model.fit(x, y, epochs=2, verbose=0, rng=0)
        else:
            model.fit(x, y, epochs=2, verbose=0, rng=0)
        weights.append([w.numpy().tobytes() for w in model.weights])
    assert weights[0] == weights[1]


def test_nothing_is_looked_at_after_the_block():
    with pytest.raises(NumericError), nn.debug.nans():
        nn.log(nn.asarray(-1.0))
    assert np.isnan(nn.log(nn.asarray(-1.0)).item())
