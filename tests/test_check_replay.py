"""`nn.config.check_replay`: replays that are not the call raise, and everything is left as one plain call leaves it."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.context import context
from numbanet.core.settings import Config
from numbanet.core.table import TABLE, Op
from numbanet.errors import ArgumentError, ReplayError
from numbanet.graph.replay import ReplayedCall
from numbanet.launching.program import Program
from numbanet.tensor.tensor import apply
from tests.test_saving_contract import instance

pytestmark = pytest.mark.needs_compiled("Programs need compiled kernels")
X = nn.asarray(np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3))
SCALE = 2.0


@pytest.fixture(autouse=True)
def _checked():
    nn.config.check_replay = True
    yield
    nn.config.check_replay = False


def training_step():
    rng = np.random.default_rng(0)
    w, optimizer = nn.Variable(rng.normal(size=(3, 2)).astype(np.float32)), nn.optimizers.Nadam(0.1)
    layer, draws = nn.layers.Dropout(0.5), np.random.default_rng(1)

    def step(x):
        with nn.GradientTape() as tape:
            loss = nn.sum(nn.tanh(layer(x, training=True, rng=draws)) @ w)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return {"loss": loss, "n": 1}

    return step, w, optimizer, draws


def test_calls_leave_what_one_plain_call_leaves():
    plain, *expected = training_step()
    step, *found = training_step()
    checked = nn.function(step)
    for i in range(8):
        assert checked(X + i)["loss"].numpy().tobytes() == plain(X + i)["loss"].numpy().tobytes()
        assert found[0].numpy().tobytes() == expected[0].numpy().tobytes()
        assert found[1].iterations == expected[1].iterations == i + 1
        assert found[2].bit_generator.state == expected[2].bit_generator.state
        for (_, a), (_, b) in zip(found[1].state(), expected[1].state(), strict=True):
            assert a.tobytes() == b.tobytes()
    assert any(isinstance(one, ReplayedCall) for one in checked._calls.values())


def calls(f, count=5):
    return [f(X) for _ in range(count)]


def test_a_global_that_changes(monkeypatch):
    checked = nn.function(lambda x: nn.exp(x) * SCALE)
    calls(checked)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    with pytest.raises(ReplayError, match="the result of the replay is not what the call gives: multiply gets other"):
        checked(X)


def test_a_closure_that_changes_the_ops():
    deep = False
    checked = nn.function(lambda x: nn.relu(x) if deep else nn.tanh(x))
    calls(checked)
    deep = True
    with pytest.raises(ReplayError, match="once it runs tanh, once relu"):
        checked(X)


def test_a_variable_left_otherwise():
    v, optimizer, rates = nn.Variable([1.0]), nn.optimizers.SGD(0.1), [1.0]

    def step(x):
        optimizer.apply_gradients([(nn.ones(1) * rates[0], v)])
        return x * 2

    checked = nn.function(step)
    calls(checked)
    before = v.item()
    rates[0] = 5.0
    with pytest.raises(ReplayError, match=r"the variable  of shape \(1,\) of the replay"):
        checked(X)
    np.testing.assert_allclose(v.item(), before - 0.5, rtol=1e-6)  # as the plain call leaves it
    assert optimizer.iterations == 6


def test_an_op_that_is_computed_otherwise(monkeypatch):
    def forward(x):
        return TABLE["exp" if context.launches is not None else "tanh"].forward(x)

    wrong = Op("wrong", None, forward=forward, recordable=True)
    checked = nn.function(lambda x: nn.sum(apply(wrong, nn.exp(x) * 2)))
    calls(checked, 3)
    with pytest.raises(ReplayError, match=r"wrong, of shape \(4, 3\), is the first op that is computed otherwise"):
        checked(X)


def test_a_replay_that_raises_alone(monkeypatch):
    checked = nn.function(lambda x: x + 1)
    calls(checked)
    (replay,) = checked._calls.values()

    def fails():
        raise ArgumentError("no")

    monkeypatch.setattr(replay.recorded, "before", fails)
    with pytest.raises(ReplayError, match="the replay raises ArgumentError"):
        checked(X)


def test_errors_of_the_call_are_its_own():
    checked = nn.function(lambda x, y: nn.softmax_cross_entropy(x, y))
    for _ in range(5):
        checked(X, np.array([0, 1, 2, 0]))
    with pytest.raises(ArgumentError, match="label 3"):
        checked(X, np.array([0, 1, 3, 0]))


def test_evaluate_and_predict_are_checked():
    class Scaled(nn.layers.Layer):
        def call(self, x):
            return x * SCALE

    model = nn.Sequential([nn.layers.Dense(2), Scaled()])
    model.compile("sgd", "mean_squared_error")
    model.build((3,), rng=0)
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    plain = model.predict(x, batch_size=8, verbose=0)
    assert model.predict(x, batch_size=8, verbose=0).tobytes() == plain.tobytes()
    model.evaluate(x, np.zeros((64, 2)), batch_size=8, verbose=0)


def fitted(**options):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 3)).astype(np.float32), rng.integers(0, 2, 80)
    layers = [nn.layers.Dense(4, activation="relu"), nn.layers.Dropout(0.5), nn.layers.Dense(2, activation="softmax")]
    model = nn.Sequential(layers)
    model.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=16, epochs=3, verbose=0, rng=0, **options)
    return history.history, [w.numpy().tobytes() for w in model.weights]


def test_fit_is_checked_and_leaves_what_it_leaves():
    found = fitted()
    nn.config.check_replay = False
    assert found == fitted()


def test_a_difference_in_fit_is_told(monkeypatch):
    replay = Program.run

    def wrong(self, *args, **options):
        replay(self, *args, **options)
        for variable in self.memory.changed:
            variable.home()[...] += 1

    monkeypatch.setattr(Program, "run", wrong)
    with pytest.raises(ReplayError, match="fit: the variable"):
        fitted()


def test_the_setting():
    assert Config({}).check_replay is False
    assert Config({"NUMBANET_CHECK_REPLAY": "1"}).check_replay is True
    assert Config({"NUMBANET_CHECK_REPLAY": "0"}).check_replay is False
    for wrong in ("yes", 2, None):
        with pytest.raises(ArgumentError, match="check_replay"):
            nn.config.check_replay = wrong


OPTIMIZERS = [*{id(kind): kind for kind in nn.optimizers.OPTIMIZERS.values()}.values()]
LOSSES = sorted(nn.losses.LOSSES)


def of_itself(layer):
    """A whole model around a layer of two inputs, which gets three steps of one number as both of them."""
    x = nn.layers.Input((3,))
    steps = nn.layers.Reshape((3, 1))(x)
    y = layer([steps, steps]) if layer.several_inputs else layer(steps, steps)
    return nn.Model(x, nn.layers.Dense(2, "softmax")(nn.layers.Flatten()(y)))


def within(shape, layer):
    """A layer of samples of another shape, between two that give them that shape and take it from them."""
    return nn.Sequential([nn.layers.Input((3,)), nn.layers.Reshape(shape), layer, nn.layers.Flatten()])


LAYERS = {
    "Activation": lambda: nn.layers.Activation("gelu"),
    "AlphaDropout": lambda: nn.layers.AlphaDropout(0.5),
    "BatchNormalization": lambda: nn.layers.BatchNormalization(),
    "AveragePooling1D": lambda: within((3, 1), nn.layers.AveragePooling1D(2)),
    "AveragePooling2D": lambda: within((1, 3, 1), nn.layers.AveragePooling2D((1, 2))),
    "AveragePooling3D": lambda: within((1, 3, 1, 1), nn.layers.AveragePooling3D((1, 2, 1))),
    "Bidirectional": lambda: within((3, 1), nn.layers.Bidirectional(nn.layers.LSTM(2))),
    "Conv1D": lambda: within((3, 1), nn.layers.Conv1D(2, 2)),
    "Conv1DTranspose": lambda: within((3, 1), nn.layers.Conv1DTranspose(2, 2)),
    "Conv2D": lambda: within((1, 3, 1), nn.layers.Conv2D(2, (1, 2))),
    "Conv2DTranspose": lambda: within((1, 3, 1), nn.layers.Conv2DTranspose(2, 2)),
    "Conv3D": lambda: within((1, 3, 1, 1), nn.layers.Conv3D(2, (1, 2, 1))),
    "Conv3DTranspose": lambda: within((1, 3, 1, 1), nn.layers.Conv3DTranspose(2, 2)),
    "Cropping1D": lambda: within((3, 1), nn.layers.Cropping1D((1, 0))),
    "Cropping2D": lambda: within((1, 3, 1), nn.layers.Cropping2D((0, 1))),
    "Cropping3D": lambda: within((1, 3, 1, 1), nn.layers.Cropping3D((0, 1, 0))),
    "Dense": lambda: nn.layers.Dense(2, "tanh", use_bias=False),
    "DepthwiseConv1D": lambda: within((3, 1), nn.layers.DepthwiseConv1D(2)),
    "DepthwiseConv2D": lambda: within((1, 3, 1), nn.layers.DepthwiseConv2D((1, 2))),
    "Dropout": lambda: nn.layers.Dropout(0.5),
    "ELU": lambda: nn.layers.ELU(),
    "Embedding": lambda: nn.Sequential(
        [nn.layers.Lambda(nn.sign), nn.layers.Lambda(nn.abs), nn.layers.Embedding(2, 4), nn.layers.Flatten()]
    ),
    "Flatten": lambda: nn.layers.Flatten(),
    "GRU": lambda: within((3, 1), nn.layers.GRU(2, return_sequences=True, dropout=0.5)),
    "GRUCell": lambda: within((3, 1), nn.layers.RNN(nn.layers.GRUCell(2, recurrent_dropout=0.5))),
    "GaussianDropout": lambda: nn.layers.GaussianDropout(0.5),
    "GaussianNoise": lambda: nn.layers.GaussianNoise(0.5),
    "GroupNormalization": lambda: nn.layers.GroupNormalization(3),
    "GlobalAveragePooling1D": lambda: within((3, 1), nn.layers.GlobalAveragePooling1D()),
    "GlobalAveragePooling2D": lambda: within((1, 3, 1), nn.layers.GlobalAveragePooling2D()),
    "GlobalAveragePooling3D": lambda: within((1, 3, 1, 1), nn.layers.GlobalAveragePooling3D()),
    "GlobalMaxPooling1D": lambda: within((3, 1), nn.layers.GlobalMaxPooling1D()),
    "GlobalMaxPooling2D": lambda: within((1, 3, 1), nn.layers.GlobalMaxPooling2D()),
    "GlobalMaxPooling3D": lambda: within((1, 3, 1, 1), nn.layers.GlobalMaxPooling3D()),
    "Identity": lambda: nn.layers.Identity(),
    "Input": lambda: nn.layers.Input((3,)),
    "LSTM": lambda: within((3, 1), nn.layers.LSTM(2, dropout=0.5)),
    "LSTMCell": lambda: within((3, 1), nn.layers.RNN(nn.layers.LSTMCell(2, recurrent_dropout=0.5))),
    "Lambda": lambda: nn.layers.Lambda(nn.tanh),
    "LayerNormalization": lambda: nn.layers.LayerNormalization(),
    "LeakyReLU": lambda: nn.layers.LeakyReLU(),
    "Masking": lambda: within((3, 1), nn.Sequential([nn.layers.Masking(), nn.layers.SimpleRNN(2)])),
    "MaxPooling1D": lambda: within((3, 1), nn.layers.MaxPooling1D(2)),
    "MaxPooling2D": lambda: within((1, 3, 1), nn.layers.MaxPooling2D((1, 2))),
    "MaxPooling3D": lambda: within((1, 3, 1, 1), nn.layers.MaxPooling3D((1, 2, 1))),
    "MultiHeadAttention": lambda: of_itself(nn.layers.MultiHeadAttention(2, 3, dropout=0.5)),
    "Normalization": lambda: nn.layers.Normalization(mean=[1.0, 2.0, 3.0], variance=2.0),
    "PReLU": lambda: nn.layers.PReLU("uniform"),
    "Permute": lambda: within((3, 1), nn.layers.Permute((2, 1))),
    "RMSNormalization": lambda: nn.layers.RMSNormalization(),
    "RNN": lambda: within((3, 1), nn.layers.RNN(nn.layers.GRUCell(2), return_sequences=True, unroll=True)),
    "RandomContrast": lambda: within((1, 3, 1), nn.layers.RandomContrast(0.5)),
    "RandomCrop": lambda: within((1, 3, 1), nn.layers.RandomCrop(1, 2)),
    "RandomFlip": lambda: within((1, 3, 1), nn.layers.RandomFlip()),
    "RandomRotation": lambda: within((1, 3, 1), nn.layers.RandomRotation(0.5)),
    "RandomTranslation": lambda: within((1, 3, 1), nn.layers.RandomTranslation(0.5, 0.5)),
    "RandomZoom": lambda: within((1, 3, 1), nn.layers.RandomZoom(0.5)),
    "ReLU": lambda: nn.layers.ReLU(),
    "RepeatVector": lambda: within((3,), nn.layers.RepeatVector(2)),
    "Rescaling": lambda: nn.layers.Rescaling(2.0, [1.0, 2.0, 3.0]),
    "Reshape": lambda: nn.layers.Reshape((3,)),
    "SeparableConv1D": lambda: within((3, 1), nn.layers.SeparableConv1D(2, 2)),
    "SeparableConv2D": lambda: within((1, 3, 1), nn.layers.SeparableConv2D(2, (1, 2))),
    "SimpleRNN": lambda: within((3, 1), nn.layers.SimpleRNN(2, recurrent_dropout=0.5)),
    "SimpleRNNCell": lambda: within((3, 1), nn.layers.RNN(nn.layers.SimpleRNNCell(2))),
    "Softmax": lambda: nn.layers.Softmax(),
    "SpectralNormalization": lambda: nn.layers.SpectralNormalization(nn.layers.Dense(2)),
    "SpatialDropout1D": lambda: within((3, 1), nn.layers.SpatialDropout1D(0.5)),
    "SpatialDropout2D": lambda: within((1, 1, 3), nn.layers.SpatialDropout2D(0.5)),
    "SpatialDropout3D": lambda: within((3, 1, 1, 1), nn.layers.SpatialDropout3D(0.5, "channels_first")),
    "StackedRNNCells": lambda: within((3, 1), nn.layers.RNN([nn.layers.GRUCell(2), nn.layers.LSTMCell(3)])),
    "TimeDistributed": lambda: within((3, 1), nn.layers.TimeDistributed(nn.layers.Dense(2))),
    "UnitNormalization": lambda: nn.layers.UnitNormalization(),
    "UpSampling1D": lambda: within((3, 1), nn.layers.UpSampling1D()),
    "UpSampling2D": lambda: within((1, 3, 1), nn.layers.UpSampling2D(interpolation="bilinear")),
    "UpSampling3D": lambda: within((1, 3, 1, 1), nn.layers.UpSampling3D()),
    "ZeroPadding1D": lambda: within((3, 1), nn.layers.ZeroPadding1D()),
    "ZeroPadding2D": lambda: within((1, 3, 1), nn.layers.ZeroPadding2D()),
    "ZeroPadding3D": lambda: within((1, 3, 1, 1), nn.layers.ZeroPadding3D()),
}
SEVERAL = [name for name in nn.layers.__all__ if getattr(nn.layers, name).several_inputs]


class TestPartsOfNumbanet:
    """A step of these alone is traced once and believed, so each must do the same in every call."""

    def fit(self, layer=None, loss="mse", optimizer="rmsprop"):
        classes = {"sparse_categorical_crossentropy": np.array([0, 1] * 6), "hinge": np.sign(np.arange(24) - 11.5)}
        classes["categorical_generalized_cross_entropy"] = classes["sparse_categorical_crossentropy"]
        y = classes.get(loss, np.eye(2, dtype=np.float32)[[0, 1] * 6])
        y = y.reshape(12, 2) if loss == "hinge" else y
        last = nn.layers.Dense(2, "sigmoid" if loss == "binary_crossentropy" else "softmax")
        whole = type(layer) is nn.Model
        model = layer if whole else nn.Sequential([last] if layer is None else [layer, last])
        if loss == "ctc":
            model = nn.Sequential([nn.layers.Dense(8), nn.layers.Reshape((4, 2))])
            y = np.ones((12, 2), int)
        model.compile(optimizer=optimizer, loss=loss)
        model.fit(np.tile(X.numpy(), (3, 1)), y, batch_size=4, epochs=2, verbose=0, rng=0)
        steps = model.explanation.steps
        assert all(step.recorded.signature is not None for step in steps)
        assert steps

    @pytest.mark.parametrize("name", LAYERS)
    def test_layers(self, name):
        self.fit(LAYERS[name]())

    @pytest.mark.parametrize("loss", LOSSES)
    def test_losses(self, loss):
        self.fit(loss=loss)

    @pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
    def test_optimizers(self, kind):
        self.fit(optimizer=kind())

    @pytest.mark.parametrize("name", SEVERAL)
    def test_layers_of_several_inputs(self, name):
        self.fit(of_itself(instance(getattr(nn.layers, name))))

    def test_none_is_left_out(self):
        named = {name for name in nn.layers.__all__ if isinstance(getattr(nn.layers, name), type)}
        assert named - {"Layer"} == {*LAYERS, *SEVERAL}


def test_a_step_of_numbanets_own_parts_is_traced_once():
    nn.config.check_replay = False
    model = nn.Sequential([nn.layers.Dense(2)])
    model.compile(optimizer="sgd", loss="mse")
    model.fit(X, X[:, :2], verbose=0)
    assert [step.recorded.signature for step in model.explanation.steps] == [None]
    nn.config.check_replay = True
    model.fit(X, X[:, :2], verbose=0)
    assert None not in [step.recorded.signature for step in model.explanation.steps]
