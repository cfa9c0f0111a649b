"""Weights of samples and classes: in the loss of training, and in those metrics alone that ask for them."""

import copy

import numpy as np
import pytest

import numbanet as nn
from numbanet import metrics
from numbanet.errors import ArgumentError
from numbanet.graph.outcome import Eager
from tests.plain import Listener

RNG = np.random.default_rng(1)
X = RNG.normal(size=(77, 4)).astype(np.float32)
Y = RNG.integers(0, 3, 77)
WEIGHTS = RNG.uniform(0, 3, 77)
PER_CLASS = {0: 0.5, 1: 4.0, 2: 1.0}
NAMES = ["accuracy", "sparse_categorical_crossentropy"]


def model_of(plain=NAMES, weighted=NAMES, rate=0.0):
    model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(3, "softmax")], rng=0)
    model.compile(nn.optimizers.SGD(rate), "sparse_categorical_crossentropy", list(plain), list(weighted))
    return model


def expected(model, x, y, weights):
    """Loss and metrics, plain and weighted, in NumPy."""
    p = model.predict(x, verbose=0).astype(float)
    right, losses = p.argmax(1) == y, -np.log(p[np.arange(len(y)), y])
    return {
        "loss": np.mean(losses * weights),
        "accuracy": np.mean(right),
        "sparse_categorical_crossentropy": np.mean(losses),
        "weighted_accuracy": np.average(right, weights=weights),
        "weighted_sparse_categorical_crossentropy": np.average(losses, weights=weights),
    }


def close(found, wanted):
    assert list(found) == list(wanted)
    assert found == pytest.approx(wanted, rel=1e-5)


def last(history):
    return {name: values[-1] for name, values in history.history.items()}


@pytest.mark.parametrize("callbacks", [[], [Listener()]])
class TestFit:
    def test_sample_weight(self, callbacks):
        model = model_of()
        history = model.fit(X, Y, batch_size=16, sample_weight=WEIGHTS, verbose=0, rng=0, callbacks=callbacks)
        close(last(history), expected(model, X, Y, WEIGHTS))

    @pytest.mark.parametrize("given", [PER_CLASS, [0.5, 4.0, 1.0]])
    @pytest.mark.parametrize("weights", [None, WEIGHTS])
    def test_class_weight_is_about_training_alone(self, callbacks, given, weights):
        model = model_of()
        history = model.fit(
            X, Y, batch_size=16, class_weight=given, sample_weight=weights, validation_split=0.4, verbose=0, rng=0,
            callbacks=callbacks,
        )  # fmt: skip
        samples = np.ones(77) if weights is None else weights
        classes = np.array([0.5, 4.0, 1.0])[Y]
        here = expected(model, X[:47], Y[:47], (samples * classes)[:47])
        there = expected(model, X[47:], Y[47:], samples[47:])
        close(last(history), here | {f"val_{name}": value for name, value in there.items()})

    def test_balanced_counts_the_samples_of_training(self, callbacks):
        y = np.array([0] * 30 + [1] * 15 + [2] * 2 + [2] * 30)
        model = model_of()
        history = model.fit(
            X, y, class_weight="balanced", validation_split=0.4, verbose=0, rng=0, callbacks=callbacks
        ).history
        weights = 47 / (3 * np.array([30, 15, 2]))[y[:47]]
        assert history["loss"][0] == pytest.approx(expected(model, X[:47], y[:47], weights)["loss"], rel=1e-5)
        assert history["val_loss"][0] == pytest.approx(expected(model, X[47:], y[47:], np.ones(30))["loss"], rel=1e-5)

    def test_validation_data_brings_its_own_weights(self, callbacks):
        model = model_of()
        history = model.fit(
            X, Y, class_weight=PER_CLASS, validation_data=(X, Y, WEIGHTS), verbose=0, rng=0, callbacks=callbacks
        )
        there = expected(model, X, Y, WEIGHTS)
        close({name[4:]: v for name, v in last(history).items() if name.startswith("val_")}, there)

    def test_a_class_may_be_in_the_validation_part_alone(self, callbacks):
        y = np.array([0, 1] * 30 + [2] * 17)
        history = model_of().fit(X, y, class_weight=PER_CLASS, validation_split=0.2, verbose=0, callbacks=callbacks)
        assert np.isfinite(history.history["loss"][0])


def test_evaluate():
    model = model_of()
    names = list(expected(model, X, Y, WEIGHTS))
    found = model.evaluate(X, Y, batch_size=16, sample_weight=WEIGHTS, verbose=0)
    close(dict(zip(names, found, strict=True)), expected(model, X, Y, WEIGHTS))
    plain = dict(zip(names, model.evaluate(X, Y, verbose=0), strict=True))
    close(plain, expected(model, X, Y, np.ones(77)))


@pytest.mark.needs_compiled("the engine replays compiled kernels")
class TestBytes:
    """What replayed epochs report does not depend on how many steps came at once: it is what eager ones report."""

    @staticmethod
    def spread(y_true, y_pred):
        return np.max(y_pred, axis=-1) - np.max(y_pred)

    @staticmethod
    def worst(y_true, y_pred):
        return np.max(np.abs(y_pred))

    def make(self):
        class Halved(metrics.Accuracy):
            def values(self, y_true, y_pred):
                return super().values(y_true, y_pred) / len(y_pred)  # of the batch: not one by one

        chosen = [*NAMES, self.spread, self.worst, Halved("halved"), metrics.TopK(2)]
        return model_of(chosen, [*NAMES, metrics.FunctionMetric(self.spread, "weighted_spread")], rate=0.1)

    @pytest.mark.parametrize("weighted", [False, True])
    def test_classes(self, weighted):
        results = []
        for callbacks in ([], [], [Listener()]):
            options = {"sample_weight": WEIGHTS, "class_weight": PER_CLASS} if weighted else {}
            model = self.make()
            history = model.fit(
                X, Y, batch_size=4, epochs=3, validation_split=0.3, verbose=0, rng=0, callbacks=callbacks, **options
            )
            assert isinstance(model.explanation, Eager) == bool(callbacks)
            results.append(history.history)
        assert results[0] == results[1] == results[2]

    @pytest.mark.parametrize("weighted", [False, True])
    def test_two_classes(self, weighted):
        y, results = (Y > 0).astype(int), []
        for callbacks in ([], [Listener()]):
            model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(1, "sigmoid")], rng=0)
            names = ["accuracy", "binary_accuracy", "precision", "recall", "auc", "mse", "mae", "binary_crossentropy"]
            model.compile("sgd", "binary_crossentropy", names, names)
            options = {"sample_weight": WEIGHTS} if weighted else {}
            history = model.fit(X, y, batch_size=4, epochs=3, verbose=0, rng=0, callbacks=callbacks, **options)
            assert isinstance(model.explanation, Eager) == bool(callbacks)
            results.append(history.history)
        assert results[0] == results[1]


class TestNames:
    def test_a_metric_may_be_plain_and_weighted(self):
        model = model_of(["accuracy"], ["accuracy", "top_k"])
        assert [metric.name for metric in model.metrics] == ["accuracy", "weighted_accuracy", "top_k"]
        assert [metric.name for metric in model.weighted_metrics] == ["weighted_accuracy", "top_k"]

    def test_two_of_one_name_are_refused(self):
        accuracy = metrics.Accuracy()
        for plain, weighted in ((["accuracy"], [metrics.Accuracy()]), ([accuracy], [accuracy]), ([], ["acc", "acc"])):
            with pytest.raises(ArgumentError, match="two metrics have one name"):
                model_of(plain, weighted)

    def test_a_list_is_needed(self):
        with pytest.raises(ArgumentError, match="weighted_metrics must be a list, got 'accuracy'"):
            nn.Sequential([nn.layers.Dense(1)]).compile(loss="mse", weighted_metrics="accuracy")

    def test_saved_and_copied(self, tmp_path):
        model = model_of(["accuracy"], ["accuracy"])
        model.save(tmp_path / "m.numbanet")
        found = model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0)
        for again in (nn.load_model(tmp_path / "m.numbanet"), copy.deepcopy(model)):
            assert again.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0) == found
            assert [metric.name for metric in again.metrics] == ["accuracy", "weighted_accuracy"]
            assert again.weighted_metrics == again.metrics[1:]
