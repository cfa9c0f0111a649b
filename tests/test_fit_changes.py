"""What Python changes between two batches of fit, evaluate or predict takes effect in the next one."""

import copy

import numpy as np
import pytest

import numbanet as nn
from numbanet.kernels.recording import CannotRecord

RNG = np.random.default_rng(0)
X = RNG.normal(size=(52, 4)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0.5)
TARGETS = X @ RNG.normal(size=(4, 2)).astype(np.float32)


def refuse(*args, **kwargs):
    raise CannotRecord("the test wants a plain run")


@pytest.fixture
def plainly(monkeypatch):
    """Calls a function with everything run batch by batch in Python."""

    def run(function, *args):
        with monkeypatch.context() as patch:
            patch.setattr("numbanet.training.Engine", refuse)
            patch.setattr("numbanet.recorded.RecordedStep.__init__", refuse)
            return function(*args)

    return run


def state_of(model):
    """The bytes of the weights and of the optimizer's state."""
    return [w.tobytes() for w in model.get_weights()], [(n, a.tobytes()) for n, a in model.optimizer.state()]


def regression(*layers, optimizer="sgd", loss="mse", metrics=()):
    model = nn.Sequential([nn.layers.Input((4,)), *layers, nn.layers.Dense(2)], rng=0)
    model.compile(optimizer, loss, list(metrics))
    return model


class AtEpochs(nn.callbacks.Callback):
    """Calls `change(model, epoch)` before every epoch."""

    def __init__(self, change):
        self.change = change

    def on_epoch_begin(self, epoch, logs=None):
        self.change(self.model, epoch)


def assert_as_plainly(plainly, run):
    """`run()` gives the same whether steps are replayed or not."""
    assert run() == plainly(run)


SETTINGS = [
    (lambda: nn.optimizers.SGD(0.1), {"momentum": 0.9}),
    (lambda: nn.optimizers.SGD(0.1, momentum=0.9), {"momentum": 0.0}),
    (lambda: nn.optimizers.SGD(0.1, momentum=0.9), {"nesterov": True}),
    (lambda: nn.optimizers.SGD(0.1), {"weight_decay": 0.1}),
    (lambda: nn.optimizers.SGD(0.1, weight_decay=0.1), {"weight_decay": None}),
    (lambda: nn.optimizers.SGD(0.1), {"clipnorm": 0.01}),
    (lambda: nn.optimizers.SGD(0.1, clipvalue=0.01), {"clipvalue": None, "global_clipnorm": 0.02}),
    (lambda: nn.optimizers.RMSprop(0.01), {"rho": 0.5}),
    (lambda: nn.optimizers.RMSprop(0.01), {"epsilon": 0.1}),
    (lambda: nn.optimizers.RMSprop(0.01), {"momentum": 0.5, "centered": True}),
    (lambda: nn.optimizers.RMSprop(0.01, momentum=0.5, centered=True), {"momentum": 0.0, "centered": False}),
    (lambda: nn.optimizers.Adam(0.01), {"beta_1": 0.5}),
    (lambda: nn.optimizers.Adam(0.01), {"beta_2": 0.5}),
    (lambda: nn.optimizers.Adam(0.01), {"epsilon": 0.1}),
    (lambda: nn.optimizers.Adam(0.01), {"amsgrad": True}),
    (lambda: nn.optimizers.Nadam(0.01), {"beta_1": 0.5}),
    (lambda: nn.optimizers.Adagrad(0.01), {"epsilon": 0.5}),
    (lambda: nn.optimizers.AdamW(0.01), {"weight_decay": 0.5}),
    (lambda: nn.optimizers.Adam(0.01), {"learning_rate": nn.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)}),
]


class TestSettingsOfOptimizers:
    @pytest.mark.parametrize(("make", "settings"), SETTINGS, ids=lambda x: str(x) if isinstance(x, dict) else "")
    def test_a_setting_changed_in_the_middle_of_fit(self, plainly, make, settings):
        def change(model, epoch):
            if epoch == 2:
                for name, value in settings.items():
                    setattr(model.optimizer, name, value)

        def run(change=change):
            model = regression(optimizer=make())
            history = model.fit(X, TARGETS, epochs=4, verbose=0, rng=0, callbacks=[AtEpochs(change)])
            return history.history["loss"], *state_of(model)

        assert_as_plainly(plainly, run)
        assert run() != run(lambda model, epoch: None)

    def test_momentum_comes_and_goes(self):
        """A state array that is asked for starts like that of a new optimizer; one that is not, is forgotten."""
        w = nn.Variable([1.0])
        optimizer = nn.optimizers.SGD(1.0)
        optimizer.apply_gradients([([1.0], w)])
        optimizer.momentum = 0.5
        optimizer.apply_gradients([([1.0], w)])
        assert dict(optimizer.state())["0/momentum"] == [-1.0]
        optimizer.apply_gradients([([1.0], w)])
        assert w.numpy() == [1 - 1 - 1 - 1.5]
        optimizer.momentum = 0
        assert list(dict(optimizer.state())) == ["iterations"]
        optimizer.momentum = 0.5
        optimizer.apply_gradients([([0.0], w)])
        assert w.numpy() == [-2.5]
        twin = copy.deepcopy(optimizer)
        assert twin.state() == optimizer.state()

    @pytest.mark.parametrize(
        ("optimizer", "name", "bad"),
        [("sgd", "momentum", 2), ("sgd", "momentum", "x"), ("sgd", "weight_decay", -1), ("sgd", "clipnorm", 0),
         ("rmsprop", "rho", 1), ("rmsprop", "epsilon", -1), ("adam", "beta_1", 1.0), ("nadam", "beta_2", np.nan),
         ("adagrad", "epsilon", None), ("adam", "learning_rate", -1)],
    )  # fmt: skip
    def test_settings_are_checked_when_they_are_assigned(self, optimizer, name, bad):
        optimizer = nn.optimizers.get(optimizer)
        before = getattr(optimizer, name)
        with pytest.raises(nn.errors.ArgumentError, match=name):
            setattr(optimizer, name, bad)
        assert getattr(optimizer, name) == before

    def test_one_limit_at_most(self):
        optimizer = nn.optimizers.SGD(clipnorm=1.0)
        with pytest.raises(nn.errors.ArgumentError, match="clipvalue beside clipnorm"):
            optimizer.clipvalue = 1.0
        assert (optimizer.clipnorm, optimizer.clipvalue) == (1.0, None)
        assert optimizer.get_config()["clipnorm"] == 1.0


def test_a_layer_added_after_compile(plainly):
    """The loss was computed from the scores of a softmax that had become a hidden layer: TypeError about None."""

    def run():
        model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(3, "softmax")], rng=0)
        model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
        first = model.fit(X, LABELS, verbose=0, rng=0).history
        model.add(Halved())
        model.build((4,))
        second = model.fit(X, LABELS, epochs=2, verbose=0, rng=0).history
        expected = model.predict(X, verbose=0)
        loss = model.evaluate(X, LABELS, verbose=0)[0]
        np.testing.assert_allclose(loss, -np.log(2 * expected[np.arange(52), LABELS]).mean(), rtol=1e-5)
        return first, second, *state_of(model)

    assert_as_plainly(plainly, run)


class Halved(nn.layers.Layer):
    def call(self, x):
        return x * 0.5


class Capped(nn.layers.Dense):
    def call(self, x):
        return nn.clip(super().call(x), 0.3, 0.4)


def test_a_dense_layer_with_a_call_of_its_own():
    """It inherits `logits`, which says nothing of what its `call` makes of them."""
    model = nn.Sequential([nn.layers.Input((4,)), Capped(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    expected = model(X).numpy()
    assert expected.max() <= np.float32(0.4)
    loss = model.evaluate(X, LABELS, verbose=0)
    share = expected / expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(loss, -np.log(share[np.arange(52), LABELS]).mean(), rtol=1e-5)


class OfProbabilities(nn.losses.SparseCategoricalCrossentropy):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, y_true, y_pred):
        return nn.sum(y_pred, axis=-1) * self.factor


def test_a_loss_that_inherits_from_cross_entropy_gets_probabilities():
    model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(3, "softmax")])
    model.compile("sgd", OfProbabilities(2.0))
    assert model.evaluate(X, LABELS, verbose=0) == pytest.approx(2.0)
