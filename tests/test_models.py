"""Sequential and training: agreement with NumPy, what fit accepts, and what it refuses before anything changes."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, DTypeError, NotBuiltError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)


def classifier(**options):
    layers = [nn.layers.Dense(8, activation="relu"), nn.layers.Dense(3, activation="softmax")]
    model = nn.Sequential(layers)
    model.compile(**{"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **options})
    return model


def fitted(**options):
    model = classifier()
    model.fit(X, Y, **{"verbose": 0, "rng": 0, **options})
    return model


def weights_of(model):
    return [w.numpy().tobytes() for w in model.weights]


class TestFit:
    def test_one_step_equals_numpy(self):
        model = classifier(optimizer=nn.optimizers.SGD(0.5))
        model.build((6,), rng=1)
        w1, b1, w2, b2 = (w.astype(np.float64) for w in model.get_weights())
        x = X.astype(np.float64)
        hidden = np.maximum(x @ w1 + b1, 0)
        z = hidden @ w2 + b2
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        d = (p - np.eye(3)[Y]) / len(x)
        back = d @ w2.T * (hidden > 0)
        expected = [w1 - 0.5 * x.T @ back, b1 - 0.5 * back.sum(0), w2 - 0.5 * hidden.T @ d, b2 - 0.5 * d.sum(0)]
        history = model.fit(X, Y, batch_size=len(X), verbose=0, shuffle=False)
        for found, wanted in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-6)
        assert history.history["loss"][0] == pytest.approx(-np.log(p[np.arange(len(x)), Y]).mean(), rel=1e-6)
        assert history.history["accuracy"][0] == pytest.approx((p.argmax(1) == Y).mean())

    def test_learns(self):
        model = classifier(optimizer=nn.optimizers.Adam(0.02))
        history = model.fit(X, Y, epochs=60, batch_size=16, verbose=0, rng=0)
        assert history.history["accuracy"][-1] > 0.95
        assert history.history["loss"][-1] < history.history["loss"][0] / 4
        assert model.evaluate(X, Y, verbose=0)[1] > 0.95

    def test_the_same_seed_gives_the_same_bytes(self):
        assert weights_of(fitted(epochs=3)) == weights_of(fitted(epochs=3))
        assert weights_of(fitted(rng=1)) != weights_of(fitted(rng=2))
        assert weights_of(fitted(rng=np.random.default_rng(0), epochs=3)) == weights_of(fitted(epochs=3))

    def test_the_last_batch_may_be_smaller(self):
        history = classifier().fit(X, Y, batch_size=64, verbose=0, shuffle=False, rng=0)
        assert np.isfinite(history.history["loss"][0])

    def test_history_and_validation(self):
        history = classifier().fit(X, Y, epochs=2, validation_data=(X[:9], Y[:9]), verbose=0)
        assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
        assert all(len(values) == 2 for values in history.history.values())
        assert history.epoch == [0, 1]

    def test_validation_split_takes_the_end(self):
        left = classifier()
        left.fit(X, Y, validation_split=0.2, verbose=0, rng=0)
        right = classifier()
        right.fit(X[:72], Y[:72], verbose=0, rng=0)
        assert weights_of(left) == weights_of(right)

    def test_iterables_of_batches(self):
        batches = [(X[i : i + 30], Y[i : i + 30]) for i in range(0, 90, 30)]
        one = classifier()
        one.fit(batches, epochs=2, verbose=0, rng=0)
        other = classifier()
        other.fit(X, Y, batch_size=30, epochs=2, shuffle=False, verbose=0, rng=0)
        assert weights_of(one) == weights_of(other)

    def test_weights_of_classes_and_samples(self):
        weights = np.array([1.0, 5.0, 0.5], np.float32)[Y]
        one, other = classifier(), classifier()
        one.fit(X, Y, class_weight={0: 1.0, 1: 5.0, 2: 0.5}, verbose=0, rng=0)
        other.fit(X, Y, sample_weight=weights, verbose=0, rng=0)
        assert weights_of(one) == weights_of(other)
        assert weights_of(one) != weights_of(fitted())

    def test_tensors_lists_and_other_dtypes(self):
        for x in (nn.asarray(X), X.tolist(), X.astype(np.float64)):
            history = classifier().fit(x, Y, verbose=0, rng=0)
            assert history.history["loss"][0] == pytest.approx(fitted_loss(), rel=1e-5)

    def test_callbacks_are_called_in_order(self):
        calls = []

        class Listener(nn.callbacks.Callback):
            def on_train_begin(self, logs=None):
                calls.append("begin")

            def on_epoch_end(self, epoch, logs=None):
                calls.append(f"epoch {epoch}")
                if epoch == 1:
                    self.model.stop_training = True

            def on_train_end(self, logs=None):
                calls.append("end")

        classifier().fit(X, Y, epochs=5, callbacks=[Listener()], verbose=0)
        assert calls == ["begin", "epoch 0", "epoch 1", "end"]

    def test_a_line_per_epoch_without_a_terminal(self, capsys):
        classifier().fit(X, Y, epochs=2)
        lines = capsys.readouterr().out.splitlines()
        assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
        assert "accuracy: " in lines[0]

    def test_a_bar_when_asked_for(self, capsys):
        classifier().fit(X, Y, epochs=1, verbose=1)
        assert "epoch 1/1" in capsys.readouterr().out

    def test_dropout_trains_and_is_off_in_prediction(self):
        model = nn.Sequential([nn.layers.Dense(8, "relu"), nn.layers.Dropout(0.5), nn.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(X, X[:, :1], epochs=2, verbose=0, rng=0)
        np.testing.assert_array_equal(model.predict(X, verbose=0), model.predict(X, verbose=0))


def fitted_loss():
    return classifier().fit(X, Y, verbose=0, rng=0).history["loss"][0]


class TestLogits:
    """A loss on probabilities after softmax or sigmoid is computed from the logits."""

    @pytest.mark.parametrize(
        "last", [[nn.layers.Dense(3, "softmax")], [nn.layers.Dense(3), nn.layers.Softmax()],
                 [nn.layers.Dense(3), nn.layers.Activation("softmax")]],
    )  # fmt: skip
    def test_softmax(self, last):
        model = nn.Sequential([*[type(layer).from_config(layer.get_config()) for layer in last]])
        model.compile(nn.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
        model.build((6,), rng=0)
        model.set_weights([np.full((6, 3), 0.0, np.float32) + np.array([100.0, 0, -100], np.float32), np.zeros(3)])
        x = np.ones((1, 6), np.float32)
        assert model.evaluate(x, np.array([2]), verbose=0) == pytest.approx(1200)
        history = model.fit(x, np.array([2]), verbose=0)
        assert history.history["loss"][0] == pytest.approx(1200)

    def test_sigmoid(self):
        model = nn.Sequential([nn.layers.Dense(1, "sigmoid")])
        model.compile(nn.optimizers.SGD(0.0), "binary_crossentropy", ["accuracy"])
        model.build((1,), rng=0)
        model.set_weights([np.array([[500.0]]), np.zeros(1)])
        loss, accuracy = model.evaluate(np.array([[1.0], [-1.0]]), np.array([0, 0]), verbose=0)
        assert loss == pytest.approx(250)
        assert accuracy == 0.5

    def test_predictions_stay_probabilities(self):
        model = fitted()
        np.testing.assert_allclose(model.predict(X, verbose=0).sum(1), 1, rtol=1e-6)


class TestPredictAndEvaluate:
    def test_batches_do_not_matter(self):
        model = fitted()
        whole = model.predict(X, batch_size=90, verbose=0)
        np.testing.assert_allclose(model.predict(X, batch_size=7, verbose=0), whole, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(np.asarray(model(X)), whole)
        assert model.evaluate(X, Y, batch_size=7, verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)

    def test_evaluate_equals_numpy(self):
        model = fitted()
        p = model.predict(X, verbose=0).astype(np.float64)
        loss, accuracy = model.evaluate(X, Y, verbose=0)
        assert loss == pytest.approx(-np.log(p[np.arange(len(X)), Y]).mean(), rel=1e-5)
        assert accuracy == pytest.approx((p.argmax(1) == Y).mean())


BAD_DATA = [
    (lambda: (X, Y[:-1]), DataError, "x has 90 and y has 89"),
    (lambda: (X[:0], Y[:0]), DataError, "no samples"),
    (lambda: (X, Y + 1), ArgumentError, "label 3"),
    (lambda: (X, Y - 1), ArgumentError, "label -1"),
    (lambda: (np.array([["a"] * 6] * 90), Y), DTypeError, "x"),
    (lambda: (X.astype(object), Y), DTypeError, "object"),
    (lambda: (X, Y.astype(str)), DTypeError, "y"),
    (lambda: (X, None), ArgumentError, "y is needed"),
    (lambda: (X, np.eye(3)[Y]), ShapeError, "one-hot"),
    (lambda: (3.0, Y), ArgumentError, "iterable"),
]


class TestBadInput:
    """Each a clear error, before anything has changed."""

    @pytest.mark.parametrize(("data", "error", "words"), BAD_DATA)
    @pytest.mark.parametrize("trained", [False, True])
    def test_data(self, data, error, words, trained):
        model = fitted() if trained else classifier()
        before, steps = weights_of(model), model.optimizer.iterations
        with pytest.raises(error, match=words):
            model.fit(*data(), verbose=0)
        assert weights_of(model) == before
        assert model.optimizer.iterations == steps

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ({"batch_size": 0}, "batch_size"), ({"batch_size": 2.5}, "batch_size"), ({"epochs": 0}, "epochs"),
            ({"epochs": "5"}, "epochs"), ({"validation_split": 1.0}, "validation_split"),
            ({"validation_split": 0.001}, "without any"), ({"verbose": 3}, "verbose"), ({"rng": "x"}, "rng"),
            ({"validation_data": 5}, "validation_data"), ({"validation_data": (X, Y + 5)}, "label 5"),
            ({"class_weight": {7: 1.0}}, "class_weight"),
        ],
    )  # fmt: skip
    def test_arguments(self, arguments, words):
        model = classifier()
        with pytest.raises(ArgumentError, match=words):
            model.fit(X, Y, **{"verbose": 0, **arguments})
        assert not model.built

    def test_sample_weight(self):
        with pytest.raises(DataError, match="sample_weight has 3"):
            classifier().fit(X, Y, sample_weight=np.ones(3), verbose=0)

    def test_another_width(self):
        with pytest.raises(ShapeError, match=r"dense.*6 features.*\(None, 5\)"):
            fitted().fit(X[:, :5], Y, verbose=0)

    def test_before_compile(self):
        model = nn.Sequential([nn.layers.Dense(1)])
        for call in (lambda: model.fit(X, Y), lambda: model.evaluate(X, Y)):
            with pytest.raises(NotBuiltError, match="compile"):
                call()

    def test_before_weights(self):
        model = classifier()
        for call in (lambda: model.predict(X), lambda: model.evaluate(X, Y), lambda: model.set_weights([])):
            with pytest.raises(NotBuiltError, match="no weights"):
                call()
        with pytest.raises(NotBuiltError, match="no layers"):
            nn.Sequential()(X)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"optimizer": "rmsprob"}, "'rmsprop'"), ({"loss": "sparse_categorical_crossentropie"}, "did you mean"),
            ({"metrics": ["acuracy"]}, "'accuracy'"), ({"metrics": "accuracy"}, "list"), ({"loss": None}, "loss"),
        ],
    )  # fmt: skip
    def test_unknown_names(self, options, words):
        with pytest.raises(ArgumentError, match=words):
            classifier(**options)

    def test_things_that_are_no_layers(self):
        with pytest.raises(ArgumentError, match="layers"):
            nn.Sequential([lambda x: x])
        layer = nn.layers.Dense(1)
        with pytest.raises(ArgumentError, match="already"):
            nn.Sequential([layer, layer])

    def test_an_error_in_a_callback_ends_training(self):
        class Failing(nn.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                raise RuntimeError("mine")

        with pytest.raises(RuntimeError, match="mine"):
            classifier().fit(X, Y, epochs=3, callbacks=[Failing()], verbose=1)


class TestSequential:
    def test_input_builds_at_once(self):
        model = nn.Sequential([nn.layers.Input((6,)), nn.layers.Dense(2)], rng=0)
        assert [w.shape for w in model.weights] == [(6, 2), (2,)]
        again = nn.Sequential([nn.layers.Input((6,)), nn.layers.Dense(2)], rng=0)
        assert weights_of(model) == weights_of(again)

    def test_layers_get_names_of_their_own(self):
        model = nn.Sequential([nn.layers.Dense(1), nn.layers.Dense(1), nn.layers.Dense(1)])
        assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dense_2"]

    def test_summary(self, capsys):
        fitted().summary()
        text = capsys.readouterr().out
        assert "dense_1 (Dense)" in text
        assert "83 parameters" in text
        classifier().summary()
        assert "no weights yet" in capsys.readouterr().out

    def test_model_is_recorded(self):
        model = fitted()
        x = nn.Variable(X[:2])
        with nn.GradientTape() as tape:
            y = nn.sum(model(x) ** 2)
        gradients = tape.gradient(y, [x, *model.trainable_weights])
        assert all(np.abs(np.asarray(g)).max() > 0 for g in gradients)


def test_what_callbacks_add_to_the_logs_is_in_the_history():
    history = classifier().fit(X, Y, epochs=2, callbacks=[nn.callbacks.ReduceLROnPlateau(monitor="loss")], verbose=0)
    assert len(history.history["learning_rate"]) == 2


def test_data_is_left_as_it_was():
    x, y = X.copy(), Y.copy()
    fitted(epochs=2)
    np.testing.assert_array_equal(X, x)
    np.testing.assert_array_equal(Y, y)


def test_a_last_layer_of_ones_own_with_an_activation():
    class Scores(nn.layers.Layer):
        activation = staticmethod(nn.softmax)

        def build(self, input_shape):
            self.w = self.add_weight((input_shape[-1], 3))

        def call(self, x):
            return self.activation(x @ self.w)

    model = nn.Sequential([Scores()])
    model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(X, Y, verbose=0, rng=0)
    assert np.isfinite(history.history["loss"][0])
