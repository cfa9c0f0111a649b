"""The engine: replayed epochs equal eager ones to the bit; what cannot be replayed runs eagerly, with its reason."""

import threading
from importlib import import_module

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.settings import config
from numbanet.graph.outcome import Eager
from tests.plain import Listener

pytestmark = pytest.mark.needs_compiled("the engine replays compiled kernels")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype(np.float32)
LABELS = (X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)


def trained(make, x, y, eagerly, **options):
    model = make()
    callbacks = [Listener()] if eagerly else []
    history = model.fit(x, y, verbose=0, rng=0, callbacks=callbacks, **{"batch_size": 32, "epochs": 2, **options})
    assert isinstance(model.explanation, Eager) == eagerly, model.explanation
    return model, history.history


def assert_same(make, x, y, **options):
    eager, slow = trained(make, x, y, True, **options)
    replayed, fast = trained(make, x, y, False, **options)
    for a, b in zip(eager.get_weights(), replayed.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert slow.keys() == fast.keys()
    for name in slow:
        np.testing.assert_allclose(fast[name], slow[name], rtol=1e-6)
    assert eager.optimizer.iterations == replayed.optimizer.iterations
    return replayed


def network(*layers, optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=("accuracy",)):
    def make():
        model = nn.Sequential([type(layer).from_config(layer.get_config()) for layer in layers])
        model.compile(optimizer() if callable(optimizer) else optimizer, loss, list(metrics))
        return model

    return make


HIDDEN, SCORES, VALUE = nn.layers.Dense(8, "relu"), nn.layers.Dense(3, "softmax"), nn.layers.Dense(1)
OPTIMIZERS = [
    "sgd", "rmsprop", "adam", "adagrad", "nadam", "adamw", lambda: nn.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    lambda: nn.optimizers.RMSprop(centered=True, momentum=0.5), lambda: nn.optimizers.Adam(amsgrad=True),
    lambda: nn.optimizers.Adam(nn.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5), weight_decay=0.01),
]  # fmt: skip


class TestReplayEqualsEager:
    @pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o if isinstance(o, str) else None)
    def test_optimizers(self, optimizer):
        assert_same(network(HIDDEN, SCORES, optimizer=optimizer), X, LABELS)

    @pytest.mark.parametrize("activation", sorted(set(nn.activations.ACTIVATIONS) - {"log_softmax"}))
    def test_activations(self, activation):
        assert_same(network(nn.layers.Dense(8, activation), SCORES), X, LABELS)

    @pytest.mark.parametrize(
        "loss", ["mean_squared_error", "mean_absolute_error", "huber", "binary_crossentropy", "kl_divergence"]
    )
    def test_losses(self, loss):
        y = (LABELS[:, None] > 0).astype(np.float32)
        assert_same(network(HIDDEN, nn.layers.Dense(1, "sigmoid"), loss=loss, metrics=["mae"]), X, y)

    def test_dropout(self):
        layers = HIDDEN, nn.layers.Dropout(0.5), nn.layers.Dense(8, "relu"), nn.layers.Dropout(0.1), SCORES
        assert_same(network(*layers, optimizer="adam"), X, LABELS)
        assert_same(network(nn.layers.Dropout(0.2), SCORES), X.astype(np.float64), LABELS, batch_size=7, epochs=3)

    @pytest.mark.parametrize("clips", [{"clipnorm": 0.1}, {"clipvalue": 0.01}, {"global_clipnorm": 0.2}])
    def test_clipping(self, clips):
        assert_same(network(HIDDEN, SCORES, optimizer=lambda: nn.optimizers.Adam(0.1, **clips)), X, LABELS)

    def test_one_hot_targets(self):
        y = np.eye(3, dtype=np.float32)[LABELS]
        assert_same(network(HIDDEN, SCORES, loss="categorical_crossentropy"), X, y)

    def test_metrics_of_whole_epochs(self):
        y = (LABELS > 0).astype(np.int64)
        make = network(
            HIDDEN, nn.layers.Dense(1, "sigmoid"), loss="binary_crossentropy", metrics=["accuracy", "auc", "precision"]
        )
        assert_same(make, X, y)

    @pytest.mark.parametrize("batch_size", [1, 7, 45, 90, 1000])
    def test_batches_of_any_size(self, batch_size):
        assert_same(network(HIDDEN, SCORES), X, LABELS, batch_size=batch_size)

    def test_weights_of_samples_and_classes(self):
        assert_same(network(HIDDEN, SCORES), X, LABELS, class_weight={0: 1.0, 1: 3.0, 2: 0.5})

    @pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8, np.bool_])
    def test_other_dtypes(self, dtype):
        assert_same(network(HIDDEN, SCORES), (X * 3).astype(dtype), LABELS.astype(np.uint8))

    def test_float64_networks(self):
        make = network(nn.layers.Dense(8, "tanh", dtype="float64"), nn.layers.Dense(3, "softmax", dtype="float64"))
        assert_same(make, X.astype(np.float64), LABELS)

    def test_images_and_strided_data(self):
        images = np.repeat(X.reshape(90, 2, 3), 2, axis=2)[:, :, ::2]
        assert_same(network(nn.layers.Flatten(), HIDDEN, SCORES), images, LABELS)
        assert_same(network(nn.layers.Reshape((3, 2)), nn.layers.Flatten(), SCORES), images[::-1], LABELS)

    def test_validation_and_order(self):
        assert_same(network(HIDDEN, SCORES), X, LABELS, validation_split=0.2, shuffle=False)

    def test_wide_dot_products_cross_every_tile(self):
        x = RNG.normal(size=(70, 130)).astype(np.float32)
        assert_same(network(nn.layers.Dense(77, "relu"), SCORES), x, LABELS[:70], batch_size=33)

    @pytest.mark.parametrize("threads", [1, 2, 3, 5])
    def test_any_number_of_threads(self, threads, monkeypatch):
        make = network(nn.layers.Dense(64, "relu"), SCORES, optimizer="rmsprop")
        one, _ = trained(make, X, LABELS, True)
        monkeypatch.setattr(config, "_num_threads", threads)
        monkeypatch.setattr(import_module("numbanet.launching.program"), "SHARE_NS", 0.001)
        monkeypatch.setattr(import_module("numbanet.launching.program"), "SPLIT_NS", 0)
        monkeypatch.setattr(import_module("numbanet.launching.pace"), "TRIALS", 0)
        other, _ = trained(make, X, LABELS, False)
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def doubled(x):
    return nn.asarray(np.asarray(x) * 2)


class InNumPy(nn.layers.Layer):
    def call(self, x):
        return doubled(x)


class OwnRule(nn.optimizers.SGD):
    def update(self, w, g, state, rate):
        w -= rate * np.sign(g)


class CountingInPython(nn.layers.Layer):
    calls = 0

    def call(self, x):
        self.calls += 1
        return x * float(self.calls)


class Noise(nn.layers.Layer):
    def call(self, x, training=False):
        return x + RNG.normal(size=x.shape).astype(np.float32) if training else x


class Drawing(nn.layers.Layer):
    def call(self, x, training=False, rng=None):
        return x * float(rng.random()) if training else x


class Scale(nn.layers.Layer):
    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), "ones", "factor")

    def call(self, x):
        return nn.tanh(x * self.factor) + np.float32(0.5)


def test_layers_of_ones_own_are_replayed():
    def make():
        model = nn.Sequential([nn.layers.Dense(4), Scale(), nn.layers.Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        return model

    assert_same(make, X, LABELS)


class TestEagerWithReason:
    """What cannot be replayed runs eagerly, and `explain` says why."""

    @pytest.mark.parametrize(
        ("layers", "options", "reason"),
        [
            ([Drawing()], {}, "random numbers"),
            ([InNumPy()], {}, "values in Python"),
            ([CountingInPython()], {}, "same every time"),
            ([Noise()], {}, "same every time"),
            ([], {"optimizer": lambda: OwnRule(0.01)}, "rule of its own"),
            ([], {"loss": lambda y, p: nn.mean(p, axis=-1) * float(np.asarray(p).max())}, "values in Python"),
        ],
    )
    def test_reasons(self, layers, options, reason, capsys):
        model = nn.Sequential([nn.layers.Dense(4), *layers, nn.layers.Dense(3, "softmax")])
        loss = options.get("loss", "sparse_categorical_crossentropy")
        model.compile(options.get("optimizer", lambda: "sgd")(), loss)
        model.fit(X, LABELS, verbose=0, rng=0)
        model.explain()
        assert reason in capsys.readouterr().out
        assert model.optimizer.iterations == 3

    def test_dropout_is_reproducible(self):
        def weights():
            model = nn.Sequential([nn.layers.Dense(8), nn.layers.Dropout(0.5), nn.layers.Dense(3, "softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(X, LABELS, verbose=0, rng=0)
            return model.get_weights()

        for a, b in zip(weights(), weights(), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_the_interpreter(self, monkeypatch, capsys):
        monkeypatch.setattr(config, "backend", "python")
        model = network(nn.layers.Dense(2), SCORES)()
        model.fit(X[:8], LABELS[:8], verbose=0)
        model.explain()
        assert "interpreter" in capsys.readouterr().out


def test_explain_lists_the_launches(capsys):
    model = network(HIDDEN, SCORES)()
    model.explain()
    assert "not been trained" in capsys.readouterr().out
    model.fit(X, LABELS, verbose=0)
    model.explain()
    text = capsys.readouterr().out
    for word in ("dot_tiles", "relu", "softmax_cross_entropy_and_gradient", "sgd", "Mflop"):
        assert word in text
    assert "batches of 32" in text
    assert "batches of 26" in text


def test_a_callback_may_change_the_rate_and_the_weights():
    class Changing(nn.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.0
            self.model.set_weights([np.ones_like(w) for w in self.model.get_weights()])

    model = network(HIDDEN, SCORES)()
    model.fit(X, LABELS, epochs=2, verbose=0, callbacks=[Changing()])
    for weight in model.get_weights():
        np.testing.assert_array_equal(weight, 1)


def test_tensors_that_were_handed_out_do_not_change():
    model = network(HIDDEN, SCORES)()
    model.build((6,), rng=0)
    before = [weight.value for weight in model.weights]
    copies = [np.array(value) for value in before]
    model.fit(X, LABELS, verbose=0)
    for value, copied in zip(before, copies, strict=True):
        np.testing.assert_array_equal(np.asarray(value), copied)


def test_ctrl_c_leaves_a_model_that_can_be_used():
    class Interrupting(nn.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    model = network(HIDDEN, SCORES)()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, LABELS, epochs=5, verbose=0, callbacks=[Interrupting()])
    assert model.optimizer.iterations == 3
    model.fit(X, LABELS, verbose=0)
    assert model.optimizer.iterations == 6


class TestEvaluateAndPredict:
    """Batches after the second are replayed, with the same bytes; changes to the model are seen."""

    def test_the_same_bytes_as_the_model_called(self):
        model, _ = trained(network(HIDDEN, SCORES), X, LABELS, False)
        for _ in range(3):
            for x in (X, X[:31].astype(np.float64)):
                expected = np.concatenate([model(x[i : i + 10]).numpy() for i in range(0, len(x), 10)])
                np.testing.assert_array_equal(model.predict(x, batch_size=10, verbose=0), expected)
        loss, accuracy = model.evaluate(X, LABELS, batch_size=10, verbose=0)
        assert accuracy == np.mean(model(X).numpy().argmax(1) == LABELS)
        assert loss == pytest.approx(model.evaluate(X, LABELS, batch_size=90, verbose=0)[0], rel=1e-6)

    def test_new_weights_and_other_activations(self):
        model = network(HIDDEN, VALUE, loss="mean_squared_error", metrics=[])()
        model.build((6,))
        for step in range(4):
            model.layers[0].activation = nn.tanh if step == 2 else nn.relu
            model.set_weights([np.full_like(w, step + 1) for w in model.get_weights()])
            expected = np.concatenate([model(X[i : i + 9]).numpy() for i in range(0, 90, 9)])
            np.testing.assert_array_equal(model.predict(X, batch_size=9, verbose=0), expected)
            error = model.evaluate(X, X[:, :1], batch_size=9, verbose=0)
            assert error == pytest.approx(np.mean((expected - X[:, :1]) ** 2), rel=1e-5)

    def test_bad_labels_are_found_in_replayed_batches_too(self):
        model, _ = trained(network(HIDDEN, SCORES), X, LABELS, False)
        for _ in range(2):
            model.evaluate(X, LABELS, batch_size=10, verbose=0)
            with pytest.raises(nn.errors.ArgumentError, match="label 3"):
                model.evaluate(X, LABELS + 1, batch_size=10, verbose=0)

    def test_predictions_in_several_threads_at_once(self):
        model, _ = trained(network(HIDDEN, SCORES), X, LABELS, False)
        expected, wrong = model.predict(X, batch_size=10, verbose=0), []

        def work():
            for _ in range(20):
                if not np.array_equal(model.predict(X, batch_size=10, verbose=0), expected):
                    wrong.append(True)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


def test_a_callback_may_change_a_layer():
    class Changer(nn.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.layers[0].activation = nn.tanh

    def run(eagerly):
        model = network(HIDDEN, SCORES)()
        model.fit(X, LABELS, epochs=3, verbose=0, rng=0, callbacks=[Changer(), *([Listener()] if eagerly else [])])
        return model.get_weights()

    for a, b in zip(run(True), run(False), strict=True):
        np.testing.assert_array_equal(a, b)
