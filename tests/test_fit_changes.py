"""What Python changes between two batches of fit, evaluate or predict takes effect in the next one."""

import copy
import math
import os
from importlib import import_module

import numpy as np
import pytest

import numbanet as nn
from numbanet.launching.program import Program
from tests.plain import plain_run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(52, 4)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0.5)
TARGETS = X @ RNG.normal(size=(4, 2)).astype(np.float32)

needs_programs = pytest.mark.needs_compiled("Programs need compiled kernels")


@pytest.fixture
def plainly():
    """Calls a function with everything run batch by batch in Python."""

    def run(function, *args):
        with plain_run():
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
    (lambda: nn.optimizers.Adamax(0.01), {"beta_2": 0.5}),
    (lambda: nn.optimizers.Adadelta(1.0), {"rho": 0.5}),
    (lambda: nn.optimizers.Lion(0.01), {"beta_1": 0.5}),
    (lambda: nn.optimizers.Ftrl(0.1), {"l1_regularization_strength": 0.5, "learning_rate_power": -0.6}),
    (lambda: nn.optimizers.SGD(0.01), {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2}),
    (lambda: nn.optimizers.SGD(0.01, use_ema=True, ema_overwrite_frequency=2), {"ema_overwrite_frequency": None}),
    (lambda: nn.optimizers.SGD(0.01, gradient_accumulation_steps=2), {"weight_decay": 0.5, "clipnorm": 0.1}),
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


FACTOR = 1.0
BOX = [1.0]


class Config:
    factor = 1.0


def scaled(x):
    return x * FACTOR


def by_environment(x):
    return x * float(os.environ.get("NUMBANET_TEST_FACTOR", "1"))


def by_closure():
    factor = 1.0

    def scale(x):
        return x * factor

    def change():
        nonlocal factor
        factor = 3.0

    return scale, change


class Reading(nn.layers.Layer):
    """Multiplies by a number that stands anywhere."""

    shared = 1.0

    def __init__(self, read):
        super().__init__()
        self.read = read
        self.zero, self.number, self.numbers, self.table = 0.0, 1.0, [1.0, [1.0]], {"factor": {"of": 1.0}}
        self.config, self.array = Config(), np.ones(4, np.float32)

    def call(self, x):
        return x * self.read(self)


def set_global(model):
    globals()["FACTOR"] = 3.0


def set_numbers(layer, value):
    layer.numbers[1][0] = value


READS = {
    "attribute": (lambda layer: layer.number, lambda layer: setattr(layer, "number", 3.0)),
    "minus zero": (lambda layer: 1 + math.copysign(0.5, layer.zero), lambda layer: setattr(layer, "zero", -0.0)),
    "list": (lambda layer: layer.numbers[1][0], lambda layer: set_numbers(layer, 3.0)),
    "dict": (lambda layer: layer.table["factor"]["of"], lambda layer: layer.table["factor"].update(of=3.0)),
    "array": (lambda layer: layer.array, lambda layer: layer.array.fill(3.0)),
    "object": (lambda layer: layer.config.factor, lambda layer: setattr(layer.config, "factor", 3.0)),
    "another object": (lambda layer: layer.config.factor, lambda layer: setattr(layer, "config", Other())),
    "class attribute": (lambda layer: layer.shared, lambda layer: setattr(Reading, "shared", 3.0)),
    "class of a global": (lambda layer: Config.factor, lambda layer: setattr(Config, "factor", 3.0)),
    "global": (lambda layer: FACTOR, set_global),
    "global list": (lambda layer: BOX[0], lambda layer: BOX.__setitem__(0, 3.0)),
    "branch": (lambda layer: 2.0 if layer.numbers else 3.0, lambda layer: layer.numbers.clear()),
    "environment": (lambda layer: by_environment(1.0), lambda layer: os.environ.update(NUMBANET_TEST_FACTOR="3")),
}


class Other:
    factor = 3.0


@pytest.fixture
def as_before(monkeypatch):
    """Puts back what the changes of these tests set outside of models."""

    def put_back():
        globals()["FACTOR"], BOX[0], Config.factor, Reading.shared = 1.0, 1.0, 1.0, 1.0
        os.environ.pop("NUMBANET_TEST_FACTOR", None)

    yield put_back
    put_back()


class TestWhatCodeReads:
    @pytest.mark.parametrize("name", READS)
    @pytest.mark.parametrize("batch_size", [8, 52])
    def test_in_a_layer(self, plainly, as_before, name, batch_size):
        read, change = READS[name]

        def run(changing=True):
            as_before()
            model = regression(Reading(read))

            def at(model, epoch):
                if epoch == 4 and changing:
                    change(model.layers[0])

            options = {"epochs": 7, "batch_size": batch_size, "callbacks": [AtEpochs(at)]}
            history = model.fit(X, TARGETS, verbose=0, rng=0, **options)
            return history.history, *state_of(model)

        assert_as_plainly(plainly, run)
        assert run() != run(changing=False)

    @pytest.mark.parametrize("name", READS)
    def test_between_two_predictions(self, as_before, name):
        read, change = READS[name]
        as_before()
        model = regression(Reading(read))
        for step in range(4):
            if step == 2:
                change(model.layers[0])
            expected = np.concatenate([model(X[i : i + 8]).numpy() for i in range(0, 52, 8)])
            np.testing.assert_array_equal(model.predict(X, batch_size=8, verbose=0), expected)
            loss = model.evaluate(X, TARGETS, batch_size=8, verbose=0)
            assert loss == pytest.approx(np.mean((expected - TARGETS) ** 2), rel=1e-5)

    def test_in_a_loss_and_in_an_activation(self, plainly, as_before):
        def run():
            as_before()
            scale, change = by_closure()
            model = regression(nn.layers.Dense(3, scale), loss=lambda y, p: nn.mean((y - p) ** 2, axis=-1) * FACTOR)

            def at(model, epoch):
                if epoch == 2:
                    change()
                if epoch == 4:
                    set_global(model)

            history = model.fit(X, TARGETS, epochs=6, verbose=0, rng=0, callbacks=[AtEpochs(at)])
            return history.history, *state_of(model)

        assert_as_plainly(plainly, run)

    def test_a_metric_changes_a_layer_between_two_batches(self, plainly):
        class Changing(nn.metrics.Metric):
            def reset(self):
                self.count = 0

            def update(self, y_true, y_pred, sample_weight=None):
                self.count += 1
                if self.count == 3:
                    self.layer.number *= 1.5

            def result(self):
                return float(self.count)

        def run():
            metric = Changing()
            model = regression(Reading(lambda layer: layer.number), metrics=[metric])
            metric.layer = model.layers[0]
            history = model.fit(X, TARGETS, batch_size=8, epochs=4, verbose=0, rng=0)
            return history.history, *state_of(model)

        assert_as_plainly(plainly, run)

    def test_a_layer_that_counts_its_calls(self, plainly):
        """Nothing runs it once more than a plain run does, not even to find out that it counts."""

        class Counting(nn.layers.Layer):
            calls = 0

            def call(self, x):
                self.calls += 1
                return x * float(self.calls)

        def run():
            model = regression(Counting())
            history = model.fit(X, TARGETS, epochs=2, batch_size=8, verbose=0, rng=0)
            return history.history, model.layers[0].calls, model.predict(X, verbose=0).tobytes(), *state_of(model)

        assert_as_plainly(plainly, run)


def swap_layer(model):
    model.layers[0] = nn.layers.Dense(4, "tanh", kernel_initializer="ones")


CHANGES = {
    "optimizer": lambda model: setattr(model, "optimizer", nn.optimizers.Adam(0.1)),
    "loss": lambda model: setattr(model, "loss", nn.losses.get("mae")),
    "setting of the loss": lambda model: setattr(model.loss, "delta", 0.1),
    "metrics": lambda model: setattr(model, "metrics", [nn.metrics.get("mae")]),
    "frozen weight": lambda model: setattr(model.layers[0].kernel, "trainable", False),
    "frozen layer": lambda model: setattr(model.layers[0], "trainable", False),
    "activation": lambda model: setattr(model.layers[0], "activation", nn.tanh),
    "use_bias": lambda model: setattr(model.layers[0], "use_bias", False),
    "rate of dropout": lambda model: setattr(model.layers[1], "rate", 0.9),
    "no layer": lambda model: model.layers.pop(1),
    "new layer": lambda model: model.add(nn.layers.Dense(2)),
    "another layer": swap_layer,
    "order of layers": lambda model: model.layers.insert(0, model.layers.pop(1)),
    "weights": lambda model: model.set_weights([w * 0.5 for w in model.get_weights()]),
    "iterations": lambda model: setattr(model.optimizer, "iterations", 100),
    "restored state": lambda model: model.optimizer.load_state([(n, a * 0) for n, a in model.optimizer.state()]),
    "backend": lambda model: setattr(nn.config, "backend", "python"),
    "threads": lambda model: setattr(nn.config, "num_threads", 1),
}


class TestPartsOfTheModel:
    @pytest.mark.parametrize("name", CHANGES)
    def test_changed_and_back_in_the_middle_of_fit(self, plainly, monkeypatch, name):
        monkeypatch.setattr(nn.config, "_backend", nn.config.backend)
        monkeypatch.setattr(nn.config, "_num_threads", 2)

        def at(model, epoch):
            if epoch == 2:
                CHANGES[name](model)

        def run(at=at):
            nn.config._backend, nn.config._num_threads = "auto", 2
            model = regression(nn.layers.Dense(4, "relu"), nn.layers.Dropout(0.5), optimizer="adam", loss="huber")
            history = model.fit(X, TARGETS, epochs=5, batch_size=16, verbose=0, rng=0, callbacks=[AtEpochs(at)])
            return history.history, *state_of(model)

        assert_as_plainly(plainly, run)
        if name not in ("threads", "backend"):
            assert run() != run(lambda model, epoch: None)

    def test_a_weight_frozen_and_trained_again(self, plainly):
        def at(model, epoch):
            model.layers[0].kernel.trainable = epoch != 1
            if epoch == 2:
                seen.append(model.layers[0].kernel.numpy().tobytes())

        def run():
            seen.clear()
            model = regression(nn.layers.Dense(4, "relu"), optimizer="adam")
            model.layers[0].kernel.trainable = False
            model.fit(X, TARGETS, epochs=4, batch_size=16, verbose=0, rng=0, callbacks=[AtEpochs(at)])
            return state_of(model), list(seen)

        seen = []
        assert_as_plainly(plainly, run)


@pytest.fixture
def replays(monkeypatch):
    """The slices that were replayed: how many steps each had."""
    monkeypatch.setattr(import_module("numbanet.graph.guard"), "LOOK_SECONDS", 1e9)  # however busy the machine is
    counts = []

    def counted(self, steps, numbers=None, until_done=True, run=Program.run):
        counts.append(steps)
        return run(self, steps, numbers, until_done)

    monkeypatch.setattr(Program, "run", counted)
    return counts


@needs_programs
def test_layers_of_ones_own_are_replayed_between_looks(replays):
    model = regression(Reading(lambda layer: layer.number))
    model.fit(X, TARGETS, epochs=4, batch_size=8, verbose=0, rng=0)
    assert sum(replays) > 14
    assert [step.batch for step in model.explanation.steps] == [8, 4]


def own_model(plain=True, layers=(), loss="mse", metrics=("mae",), **methods):
    """A model of a class with these methods, or one on which they are set."""
    kind = type("Own", (nn.Sequential,), methods) if plain else nn.Sequential
    model = kind([nn.layers.Input((4,)), *layers, nn.layers.Dense(2)], rng=0)
    if not plain:
        for name, method in methods.items():
            setattr(model, name, method.__get__(model))
    model.compile("sgd", loss, list(metrics))
    return model


def halved_call(self, x, training=False, rng=None):
    return nn.Sequential.__call__(self, x, training, rng) * 0.5


def short_call(self, x):
    return nn.Sequential.__call__(self, x) * 0.5


def doubled_loss(self, x, y, y_pred, sample_weight=None):
    return 2 * self.loss(y, y_pred, sample_weight) + nn.mean(x)


def train_step_in_values(self, x, y, sample_weight=None, rng=None):
    loss, prediction = nn.Sequential.train_step(self, x, y, sample_weight, rng)
    return loss * 2, prediction


def train_step_in_tensors(self, x, y, sample_weight=None, rng=None):
    with nn.GradientTape() as tape:
        prediction = self(x, training=True, rng=rng)
        loss = 3 * nn.mean((y - prediction) ** 2)
    self.optimizer.apply_gradients(
        zip(tape.gradient(loss, self.trainable_weights), self.trainable_weights, strict=True)
    )
    return loss, prediction


def own_update(self, x, y, sample_weight, rng):
    loss, prediction = nn.Sequential.update(self, x * 2, y, sample_weight, rng)
    return loss + 1, prediction


def own_forward(self, x, training=False, rng=None, logits=False):
    return nn.Sequential.forward(self, x, training, rng, logits) * 0.5


def own_test_step(self, x, y, sample_weight=None):
    loss, prediction = nn.Sequential.test_step(self, x, y, sample_weight)
    return loss + 1, prediction


def own_predict_step(self, x):
    return nn.Sequential.predict_step(self, x) + 1


HOOKS = {
    "__call__": halved_call,
    "__call__ without options": short_call,
    "compute_loss": doubled_loss,
    "train_step": train_step_in_values,
    "train_step in tensors": train_step_in_tensors,
    "update": own_update,
    "forward": own_forward,
    "test_step": own_test_step,
    "predict_step": own_predict_step,
}


class TestHooks:
    """Methods of a subclass are what fit, evaluate and predict call."""

    @pytest.mark.parametrize("on_class", [True, False])
    @pytest.mark.parametrize("name", HOOKS)
    def test_it_is_called_and_gives_what_a_plain_run_gives(self, plainly, name, on_class):
        method = name.split()[0]
        if method == "__call__" and not on_class:
            pytest.skip("Python looks for __call__ in the class alone")

        def run(methods=None):
            methods = {method: HOOKS[name]} if methods is None else methods
            model = own_model(on_class, [nn.layers.Dense(4, "relu")], **methods)
            history = model.fit(X, TARGETS, epochs=3, batch_size=8, validation_split=0.2, verbose=0, rng=0)
            evaluated = model.evaluate(X, TARGETS, batch_size=8, verbose=0)
            return history.history, evaluated, model.predict(X, batch_size=8, verbose=0).tobytes(), *state_of(model)

        assert_as_plainly(plainly, run)
        assert run() != run({})

    def test_train_step_by_hand_is_what_fit_does(self):
        model, twin = (own_model(train_step=train_step_in_tensors) for _ in range(2))
        history = model.fit(X, TARGETS, batch_size=8, shuffle=False, verbose=0, rng=0)
        losses = [twin.train_step(nn.asarray(X[i : i + 8]), TARGETS[i : i + 8])[0].item() for i in range(0, 52, 8)]
        assert state_of(model) == state_of(twin)
        sizes = [8] * 6 + [4]
        assert history.history["loss"] == [pytest.approx(np.average(losses, weights=sizes), rel=1e-6)]

    @needs_programs
    def test_a_step_in_tensors_is_replayed_and_one_in_values_says_why_not(self, replays):
        model = own_model(train_step=train_step_in_tensors)
        model.fit(X, TARGETS, epochs=3, batch_size=8, verbose=0, rng=0)
        assert sum(replays) > 7
        model = own_model(train_step=train_step_in_values)
        model.fit(X, TARGETS, epochs=3, batch_size=8, verbose=0, rng=0)
        assert "item() reads values" in str(model.explanation)

    def test_own_outputs_are_not_scores(self):
        """A model whose call goes on after softmax: its loss is computed from what it returns."""
        model = own_model(layers=[nn.layers.Dense(3, "softmax")], loss="mse", __call__=halved_call)
        model.layers.pop()
        model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
        model.fit(X, LABELS, epochs=2, verbose=0, rng=0)
        expected = model(X).numpy()
        assert expected.sum() == pytest.approx(26, rel=1e-5)
        share = expected / expected.sum(axis=1, keepdims=True)
        loss = model.evaluate(X, LABELS, verbose=0)[0]
        assert loss == pytest.approx(-np.log(share[np.arange(52), LABELS]).mean(), rel=1e-5)

    def test_an_autoencoder_needs_no_targets(self, plainly):
        def loss_of_inputs(self, x, y, y_pred, sample_weight=None):
            return nn.mean((x[:, :2] - y_pred) ** 2)

        def run():
            model = own_model(metrics=(), compute_loss=loss_of_inputs)
            history = model.fit(X, epochs=3, batch_size=8, verbose=0, rng=0)
            return history.history, model.evaluate(X, verbose=0), *state_of(model)

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("result", [None, 1.0, (1.0,), "loss and predictions"])
    def test_what_a_step_returns_is_checked(self, result):
        def step(self, x, y, sample_weight=None, rng=None):
            return result

        model = own_model(train_step=step, test_step=step)
        with pytest.raises(nn.errors.ArgumentError, match=r"train_step must return \(loss, predictions\)"):
            model.fit(X, TARGETS, verbose=0)
        with pytest.raises(nn.errors.ArgumentError, match=r"test_step must return \(loss, predictions\)"):
            model.evaluate(X, TARGETS, verbose=0)


def classifier(optimizer="sgd", metrics=("accuracy",)):
    model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(3, "softmax")], rng=0)
    model.compile(optimizer, "sparse_categorical_crossentropy", list(metrics))
    return model


class TestDataThatIsWrittenTo:
    @pytest.mark.parametrize("bad", [10**12, -1, 3])
    @pytest.mark.parametrize("strided", [False, True])
    def test_labels(self, plainly, bad, strided):
        """An error when the batch with the label comes, and the weights of the batches before it."""

        def run(epoch_of_change=2):
            y = np.repeat(LABELS, 2)[::2].copy() if not strided else np.repeat(LABELS, 2)[::2]
            model = classifier()

            def at(model, epoch):
                if epoch == epoch_of_change:
                    y[40] = bad

            with pytest.raises(nn.errors.ArgumentError, match=f"label {bad} is none of the 3 classes") as caught:
                model.fit(X, y, epochs=4, batch_size=8, verbose=0, rng=0, callbacks=[AtEpochs(at)])
            return str(caught.value), model.optimizer.iterations, *state_of(model)

        assert_as_plainly(plainly, run)
        assert 14 <= run()[1] < 21

    def test_all_labels_at_once(self, plainly):
        def run():
            y, model = LABELS.copy(), classifier()
            with pytest.raises(nn.errors.ArgumentError, match="label 1000000000000 is none of the 3 classes"):
                model.fit(
                    X, y, epochs=4, verbose=0, rng=0, callbacks=[AtEpochs(lambda m, e: e == 1 and y.fill(10**12))]
                )
            return model.optimizer.iterations, *state_of(model)

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("layout", ["contiguous", "strided", "reversed", "Fortran"])
    @pytest.mark.parametrize("part", ["x", "y", "sample_weight"])
    def test_other_values_are_those_that_are_trained_on(self, plainly, layout, part):
        def laid_out(array):
            if layout == "Fortran":
                return np.asfortranarray(array)
            step = {"contiguous": 1, "strided": 2, "reversed": -2}[layout]
            return np.repeat(array, abs(step), axis=0)[::step] if step != 1 else array.copy()

        def run(changing=True):
            parts = {"x": X, "y": TARGETS, "sample_weight": np.ones(52, np.float32)}
            parts = {name: laid_out(array) for name, array in parts.items()}
            model = regression(metrics=["mae"])

            def at(model, epoch):
                if epoch == 2 and changing:
                    parts[part][5:9] *= 3

            history = model.fit(**parts, epochs=4, batch_size=8, verbose=0, rng=0, callbacks=[AtEpochs(at)])
            return history.history, *state_of(model)

        assert_as_plainly(plainly, run)
        assert run() != run(changing=False)

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_targets_that_are_no_numbers(self, plainly, value):
        def run():
            y, model = TARGETS.copy(), regression()
            change = AtEpochs(lambda m, e: e == 1 and y[30:].fill(value))
            with pytest.raises(nn.errors.ArgumentError, match="not a finite number"):
                model.fit(X, y, epochs=3, batch_size=8, verbose=0, rng=0, callbacks=[change])
            return model.optimizer.iterations, *state_of(model)

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("bad", [10**12, -1])
    def test_validation_data(self, plainly, bad):
        def run():
            y, model = LABELS.copy(), classifier()
            change = AtEpochs(lambda m, e: e == 2 and y[30:].fill(bad))
            with pytest.raises(nn.errors.ArgumentError, match="is none of the 3 classes"):
                model.fit(X, LABELS, epochs=4, validation_data=(X, y), verbose=0, rng=0, callbacks=[change])
            return model.optimizer.iterations, *state_of(model)

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("bad", [10**12, -1])
    def test_evaluate_while_a_metric_writes(self, bad):
        class Writing(nn.metrics.Metric):
            def reset(self):
                self.count = 0

            def update(self, y_true, y_pred, sample_weight=None):
                self.count += 1
                if self.count == 5:
                    y[45] = bad

            def result(self):
                return 0.0

        y, model = LABELS.copy(), classifier(metrics=[Writing()])
        with pytest.raises(nn.errors.ArgumentError, match=f"label {bad} is none"):
            model.evaluate(X, y, batch_size=8, verbose=0)
        y[45] = 0
        with pytest.raises(nn.errors.ArgumentError, match=f"label {bad} is none"):
            model.fit(X, y, batch_size=8, shuffle=False, verbose=0)
        assert model.optimizer.iterations == 5

    def test_batches_of_an_iterable(self):
        def batches():
            for step in range(7):
                yield X[:8], np.full(8, 10**12 if step == 5 else 1)

        model = classifier()
        for call in (lambda: model.fit(batches(), verbose=0), lambda: model.evaluate(batches(), verbose=0)):
            with pytest.raises(nn.errors.ArgumentError, match="label 1000000000000"):
                call()
        assert model.optimizer.iterations == 5


class Keeping(nn.metrics.Metric):
    """Keeps the arrays that it gets, and raises at one of them."""

    def __init__(self, raise_at=None):
        self.kept, self.raise_at = [], raise_at
        super().__init__("keeping")

    def reset(self):
        self.count = 0

    def update(self, y_true, y_pred, sample_weight=None):
        self.count += 1
        self.kept.append((y_true, y_pred, sample_weight))
        if len(self.kept) == self.raise_at:
            raise RuntimeError("enough")

    def result(self):
        return float(self.count)

    def bytes(self):
        return [
            [(a.dtype.str, a.shape, a.tobytes(), a.flags.writeable) for a in kept if a is not None]
            for kept in self.kept
        ]


class TestMetrics:
    @needs_programs
    def test_own_metrics_get_batch_after_batch_and_may_keep_it(self, plainly, replays):
        def run():
            metric = Keeping()
            model = regression(nn.layers.Dense(4, "relu"), metrics=[metric])
            history = model.fit(X, TARGETS, epochs=3, batch_size=8, verbose=0, rng=0)
            return history.history, metric.bytes(), *state_of(model)

        assert_as_plainly(plainly, run)
        assert set(replays) == {1}

    def test_a_metric_that_raises_does_so_after_its_step(self, plainly):
        def run():
            metric = Keeping(raise_at=10)
            model = regression(metrics=[metric])
            with pytest.raises(RuntimeError, match="enough"):
                model.fit(X, TARGETS, epochs=3, batch_size=8, verbose=0, rng=0)
            assert model.optimizer.iterations == 10
            return metric.bytes(), *state_of(model)

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("weighted", [False, True])
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_logs_have_the_same_bytes(self, plainly, weighted, dtype):
        weights = RNG.random(52).astype(dtype)

        def run():
            model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(2, dtype=dtype)], rng=0)
            model.compile("adam", "mse", ["mae", "huber", "mse"], weighted_metrics=["mae"])
            options = {"sample_weight": weights} if weighted else {}
            return model.fit(
                X, TARGETS, epochs=4, batch_size=7, validation_split=0.3, verbose=0, rng=0, **options
            ).history

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("weighted", [False, True])
    def test_counts_have_the_same_bytes(self, plainly, weighted):
        weights = {0: 0.3, 1: 1.7}

        def run():
            model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(1, "sigmoid")], rng=0)
            names = ["accuracy", "auc", "precision", "recall"]
            model.compile("sgd", "binary_crossentropy", names, weighted_metrics=names)
            options = {"class_weight": weights} if weighted else {}
            return model.fit(X, LABELS > 0, epochs=3, batch_size=7, verbose=0, rng=0, **options).history

        assert_as_plainly(plainly, run)


class TestEnds:
    def test_stop_training_at_the_beginning_of_an_epoch(self, plainly):
        """As in Keras: training ends after the next batch."""

        def run():
            model = regression()
            change = AtEpochs(lambda model, epoch: setattr(model, "stop_training", epoch == 2))
            history = model.fit(X, TARGETS, epochs=5, batch_size=8, verbose=0, rng=0, callbacks=[change])
            assert model.optimizer.iterations == 15
            return history.history, *state_of(model)

        assert_as_plainly(plainly, run)

    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize("bad", ["raises", math.nan, -1.0, "text"])
    def test_a_schedule_without_a_rate_for_some_step(self, plainly, bad, own):
        calls = []

        def rate(step):
            if step == 9:
                if bad == "raises":
                    raise RuntimeError("no rate")
                return bad
            return 0.1 / (1 + step)

        class Counting:
            def __call__(self, step):
                calls.append(step)
                return rate(step)

        def run():
            calls.clear()
            rng = np.random.default_rng(0)
            model = regression(nn.layers.Dropout(0.3), optimizer=nn.optimizers.Nadam(Counting() if own else rate))
            with pytest.raises((RuntimeError, nn.errors.ArgumentError), match=r"no rate|learning_rate"):
                model.fit(X, TARGETS, epochs=3, batch_size=8, verbose=0, rng=rng)
            assert model.optimizer.iterations == 9
            drawn = rng.bit_generator.state
            model.optimizer.learning_rate = 0.1
            model.fit(X, TARGETS, batch_size=8, verbose=0, rng=0)
            return list(calls), drawn, *state_of(model)

        assert_as_plainly(plainly, run)

    def test_a_built_in_schedule_that_overflows(self, plainly):
        def run():
            schedule = nn.optimizers.schedules.ExponentialDecay(0.0, 1, 1e60)
            model = regression(optimizer=nn.optimizers.SGD(schedule))
            with pytest.raises((OverflowError, nn.errors.ArgumentError)):
                model.fit(X, TARGETS, epochs=3, batch_size=8, verbose=0, rng=0)
            assert model.optimizer.iterations == 6
            return state_of(model)

        assert_as_plainly(plainly, run)

    @needs_programs
    @pytest.mark.parametrize("done", [0, 1, 3])
    def test_ctrl_c_in_a_slice_counts_the_steps_that_were_done(self, monkeypatch, done):
        """Adam's correction depends on the count: the weights go on as if the slice had had so many steps."""
        x, y = np.repeat(X, 20, axis=0), np.repeat(TARGETS, 20, axis=0)

        def interrupted(self, steps, numbers=None, until_done=True, run=Program.run):
            slices.append(steps)
            if steps >= 4:
                run(self, done, numbers[:done])
                raise KeyboardInterrupt
            return run(self, steps, numbers)

        slices = []
        model = regression(optimizer="adam")
        with monkeypatch.context() as patch:
            patch.setattr(Program, "run", interrupted)
            with pytest.raises(KeyboardInterrupt):
                model.fit(x, y, batch_size=8, shuffle=False, verbose=0, rng=0)
        count = sum(slices[:-1]) + done
        assert model.optimizer.iterations == count
        twin = regression(optimizer="adam")
        twin.fit(x[: 8 * count], y[: 8 * count], batch_size=8, shuffle=False, verbose=0, rng=0)
        assert state_of(model) == state_of(twin)


def test_state_that_was_thrown_away_and_made_again(plainly):
    """The settings are what they were, but the arrays of the state are others, and start at 0."""

    def at(model, epoch):
        if epoch == 2:
            model.optimizer.momentum = 0
            model.optimizer.state()
            model.optimizer.momentum = 0.9

    def run(at=at):
        model = regression(optimizer=nn.optimizers.SGD(0.05, momentum=0.9))
        history = model.fit(X, TARGETS, epochs=4, batch_size=8, verbose=0, rng=0, callbacks=[AtEpochs(at)])
        return history.history, *state_of(model)

    assert_as_plainly(plainly, run)
    assert run() != run(lambda model, epoch: None)


@needs_programs
def test_a_subclass_that_adds_nothing_is_numbanets_own(replays):
    class Named(nn.Sequential):
        """A model that knows how it is made."""

        def __init__(self, units):
            super().__init__([nn.layers.Input((4,)), nn.layers.Dense(units)])

    model = Named(2)
    model.compile("sgd", "mse")
    model.fit(X, TARGETS, batch_size=8, verbose=0, rng=0)
    assert sum(replays) == 7


@needs_programs
def test_code_of_ones_own_is_replayed_within_one_evaluation(replays):
    model = regression(Reading(lambda layer: layer.number))
    expected = np.concatenate([model(X[i : i + 8]).numpy() for i in range(0, 52, 8)])
    for _ in range(2):
        replays.clear()
        np.testing.assert_array_equal(model.predict(X, batch_size=8, verbose=0), expected)
        assert len(replays) >= 3  # of six full batches, the first ones are watched
