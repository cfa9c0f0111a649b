"""Steps and metrics as in the Keras book: `train_step(data)` that returns logs, `update_state`, `reset_state`."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, NotBuiltError

X = np.random.default_rng(0).normal(size=(48, 4)).astype(np.float32)
LABELS = np.arange(48) % 3
L = nn.layers


def inputs_and_outputs():
    x = nn.Input((4,), rng=0)
    return x, L.Dense(3, "softmax")(L.Dropout(0.3)(L.Dense(8, "relu")(x)))


class Stepping(nn.Model):
    """The book's: metrics are those of `compile`, and the tracker of the loss."""

    def train_step(self, data):
        inputs, targets = data
        with nn.GradientTape() as tape:
            predictions = self(inputs, training=True)
            loss = self.compute_loss(y=targets, y_pred=predictions)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply(gradients, self.trainable_weights)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(targets, predictions)
        return {m.name: m.result() for m in self.metrics}


def trained(kind, **options):
    model = kind(*inputs_and_outputs())
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(X, LABELS, batch_size=16, epochs=3, verbose=0, rng=1, **options)
    return model, history.history


class TestTrainStep:
    def test_as_the_step_of_fit(self):
        (one, found), (other, expected) = trained(Stepping), trained(nn.Model)
        assert list(found) == list(expected)
        for name in found:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-4)
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
        assert one.evaluate(X, LABELS, verbose=0) == pytest.approx(other.evaluate(X, LABELS, verbose=0), rel=1e-3)

    def test_it_runs_eagerly_and_says_why(self, capsys):
        model, _ = trained(Stepping)
        model.explain()
        assert "eagerly: train_step(data) returns logs" in capsys.readouterr().out

    def test_the_same_seed_gives_the_same_bytes(self):
        (one, first), (other, second) = trained(Stepping), trained(Stepping)
        assert first == second
        assert all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))

    def test_validation_callbacks_and_stopping(self):
        stop = nn.callbacks.EarlyStopping("val_loss", patience=5)
        _, history = trained(Stepping, validation_data=(X, LABELS), callbacks=[stop])
        assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]

    def test_metrics_of_its_own_without_a_loss(self):
        tracker, loss_function = nn.metrics.Mean(name="loss"), nn.losses.SparseCategoricalCrossentropy()

        class Custom(nn.Model):
            def train_step(self, data):
                inputs, targets = data
                with nn.GradientTape() as tape:
                    loss = loss_function(targets, self(inputs, training=True))
                gradients = tape.gradient(loss, self.trainable_weights)
                self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
                tracker.update_state(loss)
                return {"loss": tracker.result()}

            @property
            def metrics(self):
                return [tracker]

        model = Custom(*inputs_and_outputs())
        model.compile(optimizer=nn.optimizers.Adam(0.02))
        history = model.fit(X, LABELS, batch_size=16, epochs=40, verbose=0, rng=0).history
        assert history["loss"][-1] < history["loss"][0]
        assert tracker.weight == 3  # batches since it was reset
        with pytest.raises(NotBuiltError, match="evaluate: call compile"):
            model.evaluate(X, LABELS)

    def test_weights_of_samples_and_no_targets(self):
        seen = []

        class Noting(nn.Model):
            def train_step(self, data):
                seen.append(len(data) if isinstance(data, tuple) else 0)
                return {"loss": 0.0}

        model = Noting(*inputs_and_outputs())
        model.compile("sgd")
        model.fit(X, LABELS, sample_weight=np.ones(48), verbose=0)
        model.fit(X, LABELS, verbose=0)
        model.fit(X, verbose=0)
        assert seen == [3, 3, 2, 2, 0, 0]

    def test_a_test_step(self):
        class Testing(Stepping):
            def test_step(self, data):
                inputs, targets = data
                predictions = self(inputs, training=False)
                return {"hits": nn.mean(nn.argmax(predictions, axis=1) == targets)}

        model, history = trained(Testing, validation_data=(X, LABELS))
        assert list(history) == ["loss", "accuracy", "val_hits"]
        expected = np.mean(model.predict(X, verbose=0).argmax(1) == LABELS)
        assert model.evaluate(X, LABELS, verbose=0) == pytest.approx(expected)

    def test_what_is_no_dict(self):
        class Wrong(nn.Model):
            def train_step(self, data):
                return 1.0

        model = Wrong(*inputs_and_outputs())
        model.compile("sgd")
        with pytest.raises(ArgumentError, match=r"train_step\(data\) must return a dict of logs, got float"):
            model.fit(X, LABELS, verbose=0)

    def test_a_model_without_such_a_step_needs_a_loss(self):
        with pytest.raises(ArgumentError, match="compile: a loss is needed"):
            nn.Model(*inputs_and_outputs()).compile("sgd")


class Squared(nn.metrics.Metric):
    """The book's RootMeanSquaredError."""

    def __init__(self, name="rmse"):
        super().__init__(name=name)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros", dtype="int32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = nn.ops.one_hot(y_true, num_classes=nn.ops.shape(y_pred)[1])
        self.total.assign_add(nn.sum(nn.square(y_true - y_pred)))
        self.count.assign_add(nn.ops.shape(y_pred)[0])

    def result(self):
        return nn.sqrt(self.total / nn.astype(self.count, "float32"))

    def reset_state(self):
        self.total.assign(0.0)
        self.count.assign(0)


class TestMetrics:
    @pytest.mark.parametrize("metric", [nn.metrics.MeanSquaredError(), nn.metrics.Mean()])
    def test_names_of_keras(self, metric):
        arguments = ([1.0], [3.0]) if isinstance(metric, nn.metrics.Metric) else (4.0,)
        metric.update_state(*arguments)
        assert metric.result() == 4
        metric.reset_state()
        metric.update_state(*arguments)
        assert metric.result() == 4

    @pytest.mark.parametrize("own", [True, False])
    def test_a_metric_that_counts_in_variables(self, own):
        kind = Squared if own else type("Inheriting", (Squared,), {"reset_state": nn.metrics.Metric.reset_state})
        model = nn.Model(*inputs_and_outputs())
        model.compile("sgd", "sparse_categorical_crossentropy", [kind()])
        history = model.fit(X, LABELS, batch_size=16, epochs=2, verbose=0, rng=0, validation_data=(X, LABELS)).history
        predictions = model.predict(X, verbose=0)
        expected = np.sqrt(np.sum((np.eye(3)[LABELS] - predictions) ** 2) / 48)
        assert history["val_rmse"][-1] == pytest.approx(expected, rel=1e-5)
        assert isinstance(history["rmse"][0], float)
        assert len(model.metrics[0].variables) == 2
        assert len(model.weights) == 4

    def test_a_metric_that_defines_nothing(self):
        with pytest.raises(NotImplementedError, match=r"must define reset\(\)"):
            nn.metrics.Metric()
