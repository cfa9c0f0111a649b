"""Models are composed: a model has a trainer, which has an optimizer, a loss and metrics.

Kinds of models are modules with a `__call__`.
"""

import copy
import inspect
import pickle
from unittest import mock

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import SettingError
from numbanet.layers.module import Module
from numbanet.training.model import Model
from numbanet.training.trainer import Trainer

needs_programs = pytest.mark.needs_compiled("Programs need compiled kernels")
X = np.linspace(-1, 1, 64, dtype=np.float32).reshape(16, 4)
Y = X @ np.float32([[1], [2], [-1], [0.5]])


@nn.saving.register("test_composition")
class Residual(Model):
    """A second kind of model: layers in a dict, and a way around one of them."""

    def __init__(self):
        self.parts = {"in": nn.layers.Dense(4, "tanh"), "drop": nn.layers.Dropout(0.25), "out": nn.layers.Dense(1)}

    def __call__(self, x, training=None, rng=None):
        x = nn.asarray(x)
        inside = self.parts["drop"](self.parts["in"](x), training=training, rng=rng)
        return self.parts["out"](x + inside)


def sequential():
    return nn.Sequential([nn.layers.Dense(4, "tanh"), nn.layers.Dropout(0.25), nn.layers.Dense(1)])


def trained(make, epochs=2, **options):
    model = make()
    model.compile(nn.optimizers.Adam(0.01), "mse", ["mae"])
    history = model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, rng=0, **options)
    return model, history.history


def test_nothing_inherits_from_what_it_is_composed_of():
    kinds = (nn.Sequential, Model, Trainer)
    assert [kind.__name__ for kind in Model.__mro__[1:-1]][-3:] == ["Module", "Guarded", "Explained"]
    assert Trainer.__mro__ == (Trainer, object)
    assert issubclass(nn.Sequential, Module)
    assert not any(issubclass(Trainer, kind) or issubclass(kind, Trainer) for kind in kinds if kind is not Trainer)


@pytest.mark.parametrize("make", [sequential, Residual])
class TestKinds:
    """What every kind of model can do."""

    def test_training_and_evaluation(self, make):
        model, history = trained(make, epochs=30)
        assert history["loss"][-1] < history["loss"][0]
        loss, error = model.evaluate(X, Y, verbose=0)
        predictions = model.predict(X, verbose=0)
        assert loss == pytest.approx(float(np.mean((predictions - Y) ** 2)), rel=1e-5)
        assert error == pytest.approx(float(np.mean(abs(predictions - Y))), rel=1e-5)
        np.testing.assert_array_equal(predictions, model(X).numpy())

    def test_the_same_seed_gives_the_same_bytes(self, make):
        (one, first), (other, second) = trained(make), trained(make)
        assert first == second
        assert [w.numpy().tobytes() for w in one.weights] == [w.numpy().tobytes() for w in other.weights]

    def test_validation_callbacks_and_stopping(self, make):
        class Stop(nn.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = True

        _, history = trained(make, epochs=5, validation_data=(X, Y), callbacks=[Stop()])
        assert {name: len(values) for name, values in history.items()} == dict.fromkeys(
            ("loss", "mae", "val_loss", "val_mae"), 1
        )

    def test_copies_go_on_by_themselves(self, make):
        model, _ = trained(make)
        copies = [copy.deepcopy(model), pickle.loads(pickle.dumps(model))]
        before = [w.numpy().copy() for w in model.weights]
        for other in copies:
            assert other.optimizer is not model.optimizer
            assert other.optimizer.iterations == model.optimizer.iterations
            assert other.loss is not model.loss
            other.fit(X, Y, batch_size=4, verbose=0, rng=1)
            assert other.optimizer.iterations == model.optimizer.iterations + 4
        assert all(np.array_equal(w.numpy(), old) for w, old in zip(model.weights, before, strict=True))

    def test_a_shallow_copy_has_a_trainer_of_its_own(self, make):
        model, _ = trained(make)
        other = copy.copy(model)
        assert other.optimizer is model.optimizer
        other.compile("sgd", "mae")
        assert model.loss.name == "mean_squared_error"
        assert model.metrics[0].name == "mae"
        assert type(model.optimizer) is nn.optimizers.Adam
        other.stop_training = True
        assert not model.stop_training

    def test_steps_of_its_own(self, make):
        kind = make if inspect.isclass(make) else nn.Sequential

        class Own(kind):
            def compute_loss(self, x, y, y_pred, sample_weight=None):
                return nn.mean(nn.abs(y - y_pred)) * 10

        def made():
            return Own() if kind is not nn.Sequential else Own(sequential().layers)

        model, history = trained(made)
        assert history["loss"][0] == pytest.approx(10 * history["mae"][0], rel=1e-4)
        assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(10 * model.evaluate(X, Y, verbose=0)[1], rel=1e-4)

    def test_what_it_was_compiled_with_can_be_replaced(self, make):
        model, _ = trained(make)
        model.loss = nn.losses.MeanAbsoluteError()
        model.metrics = []
        assert model.evaluate(X, Y, verbose=0) == pytest.approx(
            float(np.mean(abs(model.predict(X, verbose=0) - Y))), rel=1e-5
        )
        weights = [w.numpy().copy() for w in model.weights]
        model.optimizer = nn.optimizers.SGD(0.0)
        model.fit(X, Y, verbose=0)
        assert all(np.array_equal(w.numpy(), old) for w, old in zip(model.weights, weights, strict=True))

    def test_a_file(self, make, tmp_path):
        model, _ = trained(make, callbacks=[nn.callbacks.ModelCheckpoint(tmp_path / "best.numbanet", "loss")])
        model.save(tmp_path / "model.numbanet")
        other = nn.load_model(tmp_path / "model.numbanet")
        assert type(other) is type(model)
        np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
        assert other.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
        histories = [one.fit(X, Y, batch_size=4, verbose=0, rng=1).history for one in (model, other)]
        assert histories[0] == histories[1]
        assert [w.name for w in other.weights] == [w.name for w in model.weights]
        model.save_weights(tmp_path / "weights.safetensors")
        other.load_weights(tmp_path / "weights.safetensors")
        assert nn.load_model(tmp_path / "best.numbanet").built

    def test_a_patch(self, make):
        model, _ = trained(make)
        before, loss = model.evaluate(X, Y, verbose=0), model.loss
        with mock.patch.object(model, "loss", nn.losses.MeanAbsoluteError()):
            assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(before[1], rel=1e-5)
        assert model.loss is loss
        assert model.evaluate(X, Y, verbose=0) == before
        del model.loss
        with pytest.raises(nn.errors.NotBuiltError, match="call compile"):
            model.evaluate(X, Y, verbose=0)

    def test_float64(self, make):
        model = make()
        for layer in model.layers if make is sequential else model.parts.values():
            layer.dtype = np.dtype("float64")
        model.compile("sgd", "mse")
        model.fit(X.astype(float).tolist(), Y.astype(float).tolist(), verbose=0, rng=0)
        assert {w.dtype for w in model.weights} == {np.dtype("float64")}
        assert model.predict(X.astype(float).tolist(), verbose=0).dtype == np.float64

    def test_nothing_is_trained_before_compile(self, make):
        for call in (lambda model: model.fit(X, Y), lambda model: model.evaluate(X, Y)):
            with pytest.raises(nn.errors.NotBuiltError, match="call compile"):
                call(make())
        with pytest.raises(nn.errors.NotBuiltError, match="no weights yet"):
            make().predict(X)

    def test_a_summary(self, make, capsys):
        make().summary()
        model, _ = trained(make)
        model.summary()
        printed = capsys.readouterr().out
        assert "no weights yet" in printed
        assert "25 parameters, 25 of them trainable" in printed


@needs_programs
def test_a_second_kind_of_model_is_replayed(capsys):
    model, history = trained(Residual, epochs=6)
    model.explain()
    assert "Training replays a Program for batches of 4 samples" in capsys.readouterr().out

    class Notes(nn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            """Being called makes training run eagerly."""

    eager, plain = trained(Residual, epochs=6, callbacks=[Notes()])
    eager.explain()
    assert "eagerly: Notes listens to batches" in capsys.readouterr().out
    assert plain == history
    assert [w.numpy().tobytes() for w in eager.weights] == [w.numpy().tobytes() for w in model.weights]


def test_modules_and_arrays_that_training_uses_are_not_the_models():
    class Judge(nn.losses.Loss):
        def __init__(self):
            self.layer = nn.layers.Dense(1)
            self.layer.build((None, 1))

        def call(self, y_true, y_pred):
            return nn.mean(nn.square(self.layer(y_pred) - y_true), axis=-1)

    model = sequential()
    model.compile("sgd", Judge())
    model.fit(X, Y, verbose=0, rng=0)
    assert len(model.weights) == 4


def test_attributes_of_a_class_are_what_its_objects_start_with():
    class Ready(nn.Sequential):
        optimizer = nn.optimizers.SGD(0.5)
        loss = nn.losses.get("mse")

    class Readier(Ready):
        loss = nn.losses.get("mae")

    model, other = Ready([nn.layers.Dense(1)]), Readier([nn.layers.Dense(1)])
    assert model.loss.name == "mean_squared_error"
    assert other.loss.name == "mean_absolute_error"
    assert other.optimizer.learning_rate == 0.5
    model.fit(X, Y, verbose=0, rng=0)
    model.loss = None
    assert Ready([nn.layers.Dense(1)]).loss.name == "mean_squared_error"


@pytest.mark.parametrize("name", ["optimizer", "loss", "metrics", "weighted_metrics", "stop_training"])
@pytest.mark.parametrize("member", [property(lambda self: []), lambda self: []])
def test_what_compile_sets_is_neither_method_nor_property(name, member):
    if name == "metrics" and isinstance(member, property):
        return  # which a train_step(data) may need: tests/test_own_steps.py
    with pytest.raises(SettingError, match=f"Own.{name} can be neither method nor property: `compile` sets it"):
        type("Own", (nn.Sequential,), {name: member})
