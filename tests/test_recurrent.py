"""Recurrent layers against loops in NumPy and float64: values, gradients, masks, states, replays, files, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.native import backend as native
from numbanet.errors import ArgumentError, ShapeError
from numbanet.kernels import threads
from numbanet.kernels.recording import recording
from numbanet.layers import recurrence
from numbanet.ops import recurrent as ops
from tests.layer_checks import assert_replays, assert_saved

KINDS = ("SimpleRNN", "LSTM", "GRU")
GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}
FUNCTIONS = {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru"}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(kind, x, states, kernel, recurrent, bias, reset_after=True, act=np.tanh, gate=sigmoid):
    """Return the states after a step, as the papers have it: one sample after another, one gate after another."""
    after = [np.empty_like(one) for one in states]
    units = recurrent.shape[0]
    for i in range(len(x)):
        h = states[0][i]
        parts = [slice(k * units, (k + 1) * units) for k in range(GATES[kind])]
        if kind == "SimpleRNN":
            after[0][i] = act(x[i] @ kernel + h @ recurrent + bias)
        elif kind == "LSTM":
            a, f, g, o = (x[i] @ kernel[:, p] + h @ recurrent[:, p] + bias[p] for p in parts)
            c = gate(f) * states[1][i] + gate(a) * act(g)
            after[0][i], after[1][i] = gate(o) * act(c), c
        else:
            of_input, of_state = bias if reset_after else (bias, np.zeros_like(bias))
            z, r = (gate(x[i] @ kernel[:, p] + of_input[p] + h @ recurrent[:, p] + of_state[p]) for p in parts[:2])
            p = parts[2]
            inner = r * (h @ recurrent[:, p] + of_state[p]) if reset_after else (r * h) @ recurrent[:, p]
            after[0][i] = z * h + (1 - z) * act(x[i] @ kernel[:, p] + of_input[p] + inner)
    return after


def by_hand(kind, x, weights, states=None, mask=None, **options):
    """Return the outputs of all steps (samples, steps, units), and the last states."""
    kernel, recurrent, bias = weights
    units = recurrent.shape[0]
    states = [np.zeros((len(x), units))] * STATES[kind] if states is None else states
    outputs = []
    for t in range(x.shape[1]):
        after = step(kind, x[:, t], states, kernel, recurrent, bias, **options)
        keep = np.ones(len(x), bool) if mask is None else mask[:, t]
        states = [np.where(keep[:, None], new, old) for new, old in zip(after, states, strict=True)]
        outputs.append(states[0])
    return np.stack(outputs, 1), states


def randomized(layer, features, seed=0):
    """Return a layer of float64 with random weights, and those."""
    rng = np.random.default_rng(seed)
    layer.build((None, None, features))
    weights = [rng.normal(size=w.shape) * 0.6 for w in layer.weights]
    layer.set_weights(weights)
    return weights


sizes = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(1, 5))


@pytest.mark.parametrize("kind", KINDS)
@given(sizes=sizes, seed=st.integers(0, 99), masked=st.booleans(), started=st.booleans(), backwards=st.booleans())
def test_values(kind, sizes, seed, masked, started, backwards):
    samples, steps, features, units = sizes
    layer = getattr(nn.layers, kind)(
        units, return_sequences=True, return_state=True, go_backwards=backwards, dtype="float64"
    )
    weights, rng = randomized(layer, features, seed), np.random.default_rng(seed)
    x = rng.normal(size=(samples, steps, features))
    mask = rng.random((samples, steps)) < 0.6 if masked else None
    states = [rng.normal(size=(samples, units)) for _ in range(STATES[kind])] if started else None
    order = slice(None, None, -1 if backwards else 1)
    outputs, last = by_hand(kind, x[:, order], weights, states, None if mask is None else mask[:, order])
    found = layer(x, initial_state=states, mask=mask)
    for one, other in zip(found, [outputs, *last], strict=True):
        np.testing.assert_allclose(one.numpy(), other, rtol=1e-12, atol=1e-12)
    unrolled = type(layer).from_config(layer.get_config() | {"unroll": True, "return_state": False})
    unrolled.build((None, None, features))
    unrolled.set_weights(weights)
    np.testing.assert_allclose(unrolled(x, initial_state=states, mask=mask).numpy(), outputs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"unroll": True}, {"use_bias": False}, {"activation": "softplus"}], ids=str)
@pytest.mark.parametrize("masked", [False, True])
def test_gradients(kind, options, masked):
    layer = getattr(nn.layers, kind)(3, return_sequences=True, return_state=True, dtype="float64", **options)
    weights = randomized(layer, 2)
    rng = np.random.default_rng(1)
    mask = np.array([[1, 1, 0, 1], [0, 1, 1, 0]], bool) if masked else None
    factors = [rng.normal(size=(2, 4, 3)), *[rng.normal(size=(2, 3)) for _ in range(STATES[kind])]]

    def loss(x, *given):
        states, values = given[: STATES[kind]], given[STATES[kind] :]
        for weight, value in zip(layer.weights, values, strict=True):
            weight.assign(nn.stop_gradient(value))
        found = layer(x, initial_state=list(states), mask=mask)
        return sum(nn.sum(y * factor) for y, factor in zip(found, factors, strict=True))

    x, states = rng.normal(size=(2, 4, 2)), [rng.normal(size=(2, 3)) for _ in range(STATES[kind])]
    nn.testing.check_grad(lambda *given: loss(*given, *weights), x, *states)
    with nn.GradientTape() as tape:
        y = loss(nn.asarray(x), *map(nn.asarray, states), *weights)
    for weight, found in zip(layer.weights, tape.gradient(y, layer.weights), strict=True):
        at, value = np.unravel_index(found.numpy().argmax(), found.shape), weight.numpy().copy()
        slope = 0.0
        for sign in (1, -1):
            moved = value.copy()
            moved[at] += sign * 1e-6
            given = [moved if w is weight else v for w, v in zip(layer.weights, weights, strict=True)]
            slope += sign * float(loss(nn.asarray(x), *map(nn.asarray, states), *given)) / 2e-6
        weight.assign(value)
        assert slope == pytest.approx(float(found[at]), rel=1e-7)


def operands(kind, steps=4, samples=3, units=5, dtype=np.float64):
    rng = np.random.default_rng(2)
    wide = GATES[kind] * units
    shapes = [(steps, samples, 2), (2, wide), (wide,), (units, wide), (samples, units)]
    shapes += {"SimpleRNN": [], "LSTM": [(samples, units)], "GRU": [(3 * units,)]}[kind]
    given = [nn.asarray(rng.normal(size=shape).astype(dtype)) for shape in shapes]
    return given, nn.asarray(rng.random((steps, samples)) < 0.7)


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives_are_those_of_the_composed_recurrence(kind):
    given, keep = operands(kind)
    places = tuple(range(len(given)))

    def second(recurrence):
        def total(*given):
            return nn.sum(nn.square(recurrence(*given, keep)))

        return nn.grad(lambda *given: sum(nn.sum(g * g) for g in nn.grad(total, places)(*given)), places)(*given)

    name = FUNCTIONS[kind]
    for one, other in zip(
        second(getattr(recurrence, name)), second(getattr(recurrence, f"composed_{name}")), strict=True
    ):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-10, atol=1e-10)
        assert np.abs(one.numpy()).max() > 0


@pytest.mark.needs_compiled("launches are recorded of compiled kernels")
@pytest.mark.parametrize("kind", KINDS)
def test_all_steps_are_one_launch_forth_and_back(kind):
    given, keep = operands(kind, steps=10, dtype=np.float32)
    forward, backward = getattr(ops, FUNCTIONS[kind].upper())
    memory = forward.forward(*[x._array for x in given], keep._array)
    front = {"LSTM": 12}.get(kind, 11)
    with recording() as launches:
        forward.forward(*[x._array for x in given], keep._array)
    assert [one.name for one in launches].count("repeat") == 1
    assert len(launches) <= 5
    with recording() as launches:
        backward.forward(memory[-front:], memory, given[3]._array, keep._array)
    assert [one.name for one in launches].count("repeat") == 1
    assert len(launches) <= 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_do_not_depend_on_threads(kind, dtype, monkeypatch):
    given, keep = operands(kind, samples=40, units=32, dtype=dtype)
    name = FUNCTIONS[kind]

    def bytes_of():
        with nn.GradientTape() as tape:
            tape.watch(given)
            y = getattr(recurrence, name)(*given, keep)
        return y.numpy().tobytes(), [g.numpy().tobytes() for g in tape.gradient(y, given)]

    alone = bytes_of()
    monkeypatch.setattr(nn.config, "_num_threads", 3)
    for module, names in ((threads, ("SPLIT_NS", "CHUNK_NS", "DIRECT_NS")), (native, ("DIRECT_NS",))):
        for one in names:
            monkeypatch.setattr(module, one, 1.0)
    assert bytes_of() == alone


@pytest.mark.parametrize("kind", KINDS)
def test_nan_stays_in_its_sample(kind):
    layer = getattr(nn.layers, kind)(3)
    x = np.zeros((2, 3, 2), np.float32)
    x[1, 1] = np.nan
    y = layer(x, rng=0).numpy()
    assert np.isfinite(y[0]).all()
    assert np.isnan(y[1]).all()


@pytest.mark.parametrize("options", [{"activation": "relu"}, {"reset_after": False}, {"recurrent_activation": "relu"}])
def test_other_settings_of_gru(options):
    layer = nn.layers.GRU(4, dtype="float64", **options)
    weights = randomized(layer, 3)
    x = np.random.default_rng(0).normal(size=(2, 5, 3))
    functions = {"relu": lambda v: np.maximum(v, 0)}
    named = {"activation": "act", "recurrent_activation": "gate"}
    given = {named.get(k, k): functions.get(v, v) for k, v in options.items()}
    np.testing.assert_allclose(layer(x).numpy(), by_hand("GRU", x, weights, **given)[0][:, -1], rtol=1e-12)


def test_weights_are_those_of_keras():
    layer = nn.layers.LSTM(4)
    layer.build((None, 7, 3))
    assert [(w.name, w.shape) for w in layer.weights] == [
        ("lstm/lstm_cell/kernel", (3, 16)),
        ("lstm/lstm_cell/recurrent_kernel", (4, 16)),
        ("lstm/lstm_cell/bias", (16,)),
    ]
    np.testing.assert_array_equal(layer.bias, np.repeat([0, 1, 0, 0], 4))
    assert nn.layers.LSTM(4, unit_forget_bias=False).from_config(layer.get_config()).unit_forget_bias
    np.testing.assert_allclose(layer.recurrent_kernel.numpy() @ layer.recurrent_kernel.numpy().T, np.eye(4), atol=1e-6)
    gru = nn.layers.GRU(4)
    gru.build((None, 7, 3))
    assert [w.shape for w in gru.weights] == [(3, 12), (4, 12), (2, 12)]


LAYERS = {
    "SimpleRNN": lambda: [nn.layers.SimpleRNN(5)],
    "LSTM": lambda: [
        nn.layers.LSTM(5, return_sequences=True, kernel_regularizer="l2", recurrent_constraint="max_norm")
    ],
    "GRU": lambda: [nn.layers.GRU(5, go_backwards=True)],
    "GRU, reset before": lambda: [nn.layers.GRU(3, reset_after=False)],
    "dropout": lambda: [nn.layers.LSTM(5, dropout=0.3), nn.layers.Dense(3)],
    "recurrent dropout": lambda: [nn.layers.GRU(3, dropout=0.2, recurrent_dropout=0.3)],
    "masked": lambda: [nn.layers.Masking(), nn.layers.LSTM(5, return_sequences=True), nn.layers.GRU(4)],
    "two ways": lambda: [nn.layers.Bidirectional(nn.layers.LSTM(3, return_sequences=True), "sum"), nn.layers.GRU(2)],
    "stacked cells": lambda: [nn.layers.RNN([nn.layers.LSTMCell(3, dropout=0.1), nn.layers.SimpleRNNCell(2)])],
    "distributed": lambda: [nn.layers.TimeDistributed(nn.layers.Dense(3)), nn.layers.SimpleRNN(4)],
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_replays_and_files(name, tmp_path):
    model = assert_replays(LAYERS[name], (6, 4), epochs=2)
    assert_saved(model, tmp_path, np.random.default_rng(1).normal(size=(3, 6, 4)).astype(np.float32))


@pytest.mark.needs_compiled("compiled kernels are recorded")
@pytest.mark.parametrize("kind", KINDS)
def test_states_go_from_batch_to_batch(kind):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 4, 3)).astype(np.float32), rng.normal(size=(32, 2)).astype(np.float32)

    class Batches(nn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            """Has training run eagerly."""

    def trained(callbacks):
        layer = getattr(nn.layers, kind)(4, stateful=True)
        model = nn.Sequential([layer, nn.layers.Dense(2)])
        model.compile("adam", "mse")
        history = model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0, rng=0, callbacks=callbacks).history
        return model, layer, history, [w.numpy().tobytes() for w in model.weights]

    model, layer, *replayed = trained([])
    assert model.explanation.steps
    assert trained([Batches()])[2:] == tuple(replayed)
    assert len(layer.weights) == 3
    layer.reset_state()
    first, second = model(x[:8]).numpy(), model(x[8:16]).numpy()
    layer.reset_state()
    np.testing.assert_array_equal(model.predict(x[:16], batch_size=8, verbose=0), np.concatenate([first, second]))
    whole = type(layer)(4)
    whole.build((None, 4, 3))
    whole.set_weights(layer.get_weights())
    joined = whole(np.concatenate([x[:8], x[8:16]], axis=1)).numpy()
    layer.reset_state()
    layer(x[:8])
    np.testing.assert_allclose(layer(x[8:16]).numpy(), joined, rtol=1e-5, atol=1e-6)
    with pytest.raises(ShapeError, match="states of 8 samples, got 5"):
        model(x[:5])
    layer.forget_state()
    assert model(x[:5]).shape == (5, 2)


def test_states_of_both_directions_are_forgotten():
    """The message about another number of samples names `forget_state`."""
    layer = nn.layers.Bidirectional(nn.layers.GRU(4, stateful=True))
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)
    first = layer(x, rng=0).numpy()
    assert not np.array_equal(layer(x), first)
    with pytest.raises(ShapeError, match=r"call layer.forget_state\(\) before batches of another size"):
        layer(x[:1])
    layer.forget_state()
    np.testing.assert_array_equal(layer(x[:1]), first[:1])


def test_cells_of_ones_own():
    class Minimal(nn.layers.Layer):
        def __init__(self, units, **options):
            super().__init__(**options)
            self.units = self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
            self.recurrent_kernel = self.add_weight((self.units, self.units), name="recurrent_kernel")

        def call(self, x, states):
            h = x @ self.kernel + states[0] @ self.recurrent_kernel
            return h, [h]

    layer = nn.layers.RNN(Minimal(3), return_sequences=True, return_state=True)
    x = np.random.default_rng(0).normal(size=(2, 4, 5)).astype(np.float32)
    y, state = layer(x, rng=0)
    like = nn.layers.SimpleRNN(3, activation=None, use_bias=False, return_sequences=True)
    like.build((None, 4, 5))
    like.set_weights(layer.get_weights())
    np.testing.assert_allclose(y.numpy(), like(x).numpy(), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(y.numpy()[:, -1], state.numpy())
    mask = np.array([[1, 0, 1, 0], [0, 1, 1, 1]], bool)
    np.testing.assert_allclose(layer(x, mask=mask)[0].numpy(), like(x, mask=mask).numpy(), rtol=1e-6, atol=1e-6)


def test_stacked_cells_are_layers_behind_each_other():
    stacked = nn.layers.RNN([nn.layers.LSTMCell(4), nn.layers.GRUCell(3)], return_sequences=True, return_state=True)
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    y, *states = stacked(x, rng=0)
    lstm, gru = nn.layers.LSTM(4, return_sequences=True), nn.layers.GRU(3, return_sequences=True)
    lstm.build((None, 5, 3))
    gru.build((None, 5, 4))
    lstm.set_weights(stacked.get_weights()[:3])
    gru.set_weights(stacked.get_weights()[3:])
    np.testing.assert_allclose(y.numpy(), gru(lstm(x)).numpy(), rtol=1e-5, atol=1e-6)
    flat = [one for pair in states for one in (pair if isinstance(pair, list) else [pair])]
    assert [one.shape for one in flat] == [(2, 4), (2, 4), (2, 3)]


@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3), sizes=sizes, seed=st.integers(0, 99))
def test_stacked_cells_and_their_gradient(kinds, sizes, seed):
    """Values beside loops; the gradient beside differences of these along one direction."""
    samples, steps, features, units = sizes
    rng = np.random.default_rng(seed)
    cells = [getattr(nn.layers, kind + "Cell")(units + i, dtype="float64") for i, kind in enumerate(kinds)]
    layer = nn.layers.RNN(nn.layers.StackedRNNCells(cells), return_sequences=True, dtype="float64")
    layer.build((None, None, features))
    weights = [rng.normal(size=w.shape) * 0.6 for w in layer.get_weights()]
    layer.set_weights(weights)

    def all_steps(x):
        for i, kind in enumerate(kinds):
            x = by_hand(kind, x, weights[3 * i : 3 * i + 3])[0]
        return x

    x, direction = rng.normal(size=(2, samples, steps, features))
    expected, v = all_steps(x), nn.Variable(x)
    factors = rng.normal(size=expected.shape)
    with nn.GradientTape() as tape:
        y = layer(v)
        total = nn.sum(y * factors)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-12)
    ahead, behind = (np.sum(all_steps(x + sign * 1e-5 * direction) * factors) for sign in (1, -1))
    slope = np.sum(tape.gradient(total, v).numpy() * direction)
    assert slope == pytest.approx((ahead - behind) / 2e-5, rel=1e-6, abs=1e-7)


def test_both_ways():
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    whole = nn.layers.Bidirectional(nn.layers.GRU(4, return_sequences=True, return_state=True))
    y, there, back = whole(x, rng=0)
    forward, backward = (nn.layers.GRU(4, return_sequences=True) for _ in range(2))
    for layer, part in ((forward, whole.forward_layer), (backward, whole.backward_layer)):
        layer.build((None, 5, 3))
        layer.set_weights(part.get_weights())
    np.testing.assert_array_equal(y.numpy()[..., :4], forward(x).numpy())
    np.testing.assert_array_equal(y.numpy()[:, ::-1, 4:], backward(x[:, ::-1]).numpy())
    np.testing.assert_array_equal(there.numpy(), y.numpy()[:, -1, :4])
    np.testing.assert_array_equal(back.numpy(), y.numpy()[:, 0, 4:])
    for mode, function in (("sum", np.add), ("mul", np.multiply), ("ave", lambda a, b: (a + b) / 2)):
        other = nn.layers.Bidirectional(nn.layers.GRU(4, return_sequences=True), mode)
        other.build((None, 5, 3))
        other.set_weights(whole.get_weights())
        np.testing.assert_allclose(other(x).numpy(), function(y.numpy()[..., :4], y.numpy()[..., 4:]), rtol=1e-6)


def test_an_encoder_gives_its_states_to_a_decoder(tmp_path):
    source, target = nn.Input((5, 3)), nn.Input((4, 2))
    _, h, c = nn.layers.LSTM(6, return_state=True)(source)
    decoded = nn.layers.LSTM(6, return_sequences=True)(target, initial_state=[h, c])
    model = nn.Model([source, target], nn.layers.TimeDistributed(nn.layers.Dense(2))(decoded))
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(20, 5, 3)).astype(np.float32), rng.normal(size=(20, 4, 2)).astype(np.float32)]
    model.compile("adam", "mse")
    losses = model.fit(x, x[1], batch_size=10, epochs=5, verbose=0, rng=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.numbanet")
    np.testing.assert_array_equal(nn.load_model(tmp_path / "model.numbanet")(x).numpy(), model(x).numpy())


@pytest.mark.parametrize("interpreted", [False, True])
def test_the_naive_step(interpreted):
    function = nn.naive.naive_lstm_step.py_func if interpreted else nn.naive.naive_lstm_step
    rng = np.random.default_rng(0)
    x, h, c = rng.normal(size=(3, 2)), rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    kernel, recurrent, bias = rng.normal(size=(2, 16)), rng.normal(size=(4, 16)), rng.normal(size=16)
    expected = step("LSTM", x, [h, c], kernel, recurrent, bias)
    for one, other in zip(function(x @ kernel + h @ recurrent + bias, h, c), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    with pytest.raises(ShapeError, match="naive_lstm_step"):
        function(x, h, c)


X = np.zeros((2, 4, 3), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: nn.layers.LSTM(0), ArgumentError, "units must be a positive integer"),
        (lambda: nn.layers.LSTM(3, dropout=1.0), ArgumentError, "dropout"),
        (lambda: nn.layers.LSTM(3, activation="tahn"), ArgumentError, "tanh"),
        (lambda: nn.layers.LSTM(3)(X[0]), ShapeError, r"needs sequences .* got shape \(None, 3\)"),
        (lambda: nn.layers.LSTM(3)(X[..., None]), ShapeError, "needs sequences"),
        (lambda: nn.layers.LSTM(3)(X[:, :0]), ShapeError, r"no steps: shape \(\d+, 0, \d+\)"),
        (lambda: nn.layers.LSTM(3)(X, mask=np.ones((2, 3), bool)), ShapeError, r"mask .* \(2, 4\), got \(2, 3\)"),
        (lambda: nn.layers.LSTM(3)(X, initial_state=[np.zeros((2, 3), "f")]), ShapeError, "2 initial states, got 1"),
        (lambda: nn.layers.GRU(3)(X, initial_state=np.zeros((2, 4), "f")), ShapeError, r"\(2, 3\), got \(2, 4\)"),
        (lambda: nn.layers.GRUCell(3)(X, np.zeros((2, 3))), ShapeError, "a step takes"),
        (lambda: nn.layers.GRUCell(3)(X[:, 0], np.zeros((2, 4))), ShapeError, "needs states of shapes"),
        (lambda: nn.layers.RNN(nn.layers.Dense(3)), ArgumentError, "state_size"),
        (lambda: nn.layers.RNN([]), ArgumentError, "at least one"),
        (lambda: nn.layers.Bidirectional(nn.layers.Dense(3)), ArgumentError, "recurrent layer"),
        (lambda: nn.layers.Bidirectional(nn.layers.GRU(3), "cat"), ArgumentError, "merge_mode must be one of"),
        (
            lambda: nn.layers.Bidirectional(nn.layers.GRU(3), backward_layer=nn.layers.GRU(3)),
            ArgumentError,
            "go_backwards of backward_layer",
        ),
        (lambda: nn.layers.TimeDistributed(3), ArgumentError, "needs a layer"),
        (lambda: nn.layers.TimeDistributed(nn.layers.Dense(3))(X[0]), ShapeError, "needs sequences"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_a_layer_that_was_built_for_other_features():
    layer = nn.layers.LSTM(3)
    layer(X, rng=0)
    before = layer.get_weights()
    with pytest.raises(ShapeError, match="built for inputs of 3 features"):
        layer(X[..., :2])
    for one, other in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**24 - 1))
def test_dropout_drops_the_same_in_all_steps(seed):
    layer = nn.layers.SimpleRNN(4, activation=None, use_bias=False, dropout=0.5, return_sequences=True)
    layer.build((None, 3, 4))
    layer.set_weights([np.eye(4, dtype="f"), np.zeros((4, 4), "f")])
    y = layer(np.ones((5, 3, 4), "f"), training=True, rng=seed).numpy()
    assert set(np.unique(y)) <= {0.0, 2.0}
    np.testing.assert_array_equal(y, np.repeat(y[:, :1], 3, axis=1))


class _Tagged(nn.layers.LSTM):
    """A subclass with something of its own under the name of a setting of the cell."""

    dropout = property(lambda self: "mine", lambda self, value: None)


class _TaggedAgain(_Tagged):
    pass


@pytest.mark.parametrize("kind", [_Tagged, _TaggedAgain])
def test_subclasses_keep_attributes_of_their_own(kind):
    layer = kind(3)
    assert (layer.dropout, layer.units, layer.unit_forget_bias) == ("mine", 3, True)


def test_batches_of_several_sizes_are_refused_before_a_stateful_layer_trains():
    def model():
        made = nn.Sequential([nn.layers.Input((5, 3)), nn.layers.LSTM(2, stateful=True), nn.layers.Dense(1)], rng=0)
        made.compile("sgd", "mse")
        return made

    x, y = np.ones((7, 5, 3), np.float32), np.zeros((7, 1), np.float32)
    one = model()
    before = [weight.numpy().tobytes() for weight in one.weights]
    with pytest.raises(ShapeError, match=r"layer lstm: it is stateful .* batches of 3 \(fit\), 4 \(fit\) samples"):
        one.fit(x, y, batch_size=4, verbose=0)
    with pytest.raises(ShapeError, match=r"2 \(fit: validation_data\), 4 \(fit\) samples"):
        one.fit(x[:4], y[:4], batch_size=4, validation_data=(x[:2], y[:2]), verbose=0)
    assert [weight.numpy().tobytes() for weight in one.weights] == before
    one.fit(np.vstack([x[:4], x[:4]]), np.vstack([y[:4], y[:4]]), batch_size=4, verbose=0)
    with pytest.raises(ShapeError, match=r"3 \(fit\), 4 \(the batch before\) samples"):
        one.fit(x[:3], y[:3], verbose=0)
    one.layers[0].forget_state()
    one.fit(x[:3], y[:3], verbose=0)
