"""Callbacks, on a model that does nothing but keep weights and an optimizer."""

import csv
import math

import numpy as np
import pytest

from numbanet import callbacks, metrics, optimizers
from numbanet.errors import ArgumentError


class FakeModel:
    def __init__(self, rate=1.0, model_metrics=()):
        self.stop_training = False
        self.optimizer = optimizers.SGD(rate)
        self.metrics = list(model_metrics)
        self.kernel = np.zeros(2)
        self.saved = []

    def get_weights(self):
        return [self.kernel]

    def set_weights(self, weights):
        self.kernel = weights[0].copy()

    def save(self, path):
        self.saved.append(("model", path))

    def save_weights(self, path):
        self.saved.append(("weights", path))


def train(callback, values, name="val_loss", model=None, epochs=None):
    """Run epochs as `fit` does; in epoch i, weights are i and the number called `name` is values[i]."""
    model = model or FakeModel()
    history = callbacks.History()
    listeners = callbacks.CallbackList([callback, history], model)
    listeners.on_train_begin()
    for epoch, value in enumerate(values):
        listeners.on_epoch_begin(epoch)
        model.kernel[...] = epoch
        listeners.on_epoch_end(epoch, {"loss": 0.0, name: value})
        if model.stop_training or epoch + 1 == epochs:
            break
    listeners.on_train_end()
    return model, history.history


# --- the base ------------------------------------------------------------------------------------------------------


def test_all_events_reach_all_callbacks_in_order():
    seen = []

    class Listener(callbacks.Callback):
        def __init__(self, name):
            self.name = name

    for event in ("train_begin", "train_end", "epoch_begin", "epoch_end", "batch_begin", "batch_end", "train_abort"):
        setattr(Listener, f"on_{event}", lambda self, *given, event=event: seen.append((self.name, event, given)))
    model = FakeModel()
    listeners = callbacks.CallbackList([Listener("a"), Listener("b")], model)
    listeners.set_params({"epochs": 3})
    assert all(listener.model is model and listener.params == {"epochs": 3} for listener in listeners.callbacks)
    calls = [
        ("train_begin", (None,)), ("epoch_begin", (0, None)), ("batch_begin", (1, None)),
        ("batch_end", (1, {"loss": 2})), ("epoch_end", (0, {"loss": 1})), ("train_end", (None,)), ("train_abort", ()),
    ]  # fmt: skip
    for event, given in calls:
        getattr(listeners, f"on_{event}")(*given)
    assert seen == [(name, event, given) for event, given in calls for name in "ab"]


def test_callbacks_must_be_callbacks():
    with pytest.raises(ArgumentError, match="is not an nn"):
        callbacks.CallbackList([print])
    with pytest.raises(ArgumentError, match="give an object"):
        callbacks.CallbackList([callbacks.History])
    assert callbacks.CallbackList(None).callbacks == []
    single = callbacks.History()
    assert callbacks.CallbackList(single).callbacks == [single]


def test_lambda_callback():
    seen = []
    callback = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["val_loss"])),
        on_train_end=lambda logs: seen.append(logs),
    )
    train(callback, [3, 2])
    assert seen == [(0, 3), (1, 2), None]
    with pytest.raises(ArgumentError, match="on_epoch_end"):
        callbacks.LambdaCallback(on_epoch_end=3)


def test_history_starts_again():
    history = callbacks.History()
    for values in ([1, 2, 3], [4]):
        train(history, values)
    assert history.epoch == [0]
    assert history.history == {"loss": [0.0], "val_loss": [4]}


# --- early stopping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 1, 2, 0], {}, 4),
        ([3, 2, 2.5, 2.5, 1], {"patience": 2}, 4),
        ([3, 2, 2.5, 1, 2, 2, 0], {"patience": 2}, 6),
        ([3, 2.95, 2.9, 0], {"min_delta": 0.2, "patience": 1}, 2),
        ([3, 2.95, 2.9, 0], {"min_delta": -0.2, "patience": 1}, 2),
        ([3, 3, 3], {"start_from_epoch": 2}, 3),
        ([3, 3, 3, 3], {"start_from_epoch": 2}, 4),
        ([3, 2, 1, 0], {"baseline": 0.5, "patience": 2}, 2),
        ([3, 3, 1, 0], {"baseline": 0.5, "patience": 2}, 2),
        ([math.nan, 3, 2, 2], {"patience": 2}, 4),
        ([3, math.nan, math.nan, 2], {"patience": 2}, 3),
        ([1, 2, 3, 2, 4], {"mode": "max"}, 4),
    ],
)
def test_early_stopping(values, options, epochs):
    _, history = train(callbacks.EarlyStopping(**options), values)
    assert len(history["val_loss"]) == epochs


@pytest.mark.parametrize("epochs", [2, 3, 5, None])
@pytest.mark.parametrize("patience", [1, 3, 10])
def test_best_weights_come_back_however_training_ends(epochs, patience):
    values = [3.0, 1.0, 2.0, 2.0, 2.0, 2.0]
    callback = callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    model, _ = train(callback, values, epochs=epochs)
    np.testing.assert_array_equal(model.kernel, 1)
    assert callback.best_epoch == 1
    assert callback.best == 1.0


def test_best_weights_come_back_after_an_interruption():
    callback = callbacks.EarlyStopping(patience=9, restore_best_weights=True)
    model = FakeModel()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate([1.0, 2.0]):
        model.kernel[...] = epoch
        callback.on_epoch_end(epoch, {"val_loss": value})
    callback.on_train_abort()
    np.testing.assert_array_equal(model.kernel, 0)


def test_weights_stay_without_restore_and_callbacks_can_be_used_again():
    callback = callbacks.EarlyStopping(patience=1)
    for _ in range(2):
        model, history = train(callback, [1.0, 2.0, 3.0])
        np.testing.assert_array_equal(model.kernel, 1)
        assert len(history["val_loss"]) == 2


def test_auto_mode():
    for name in ("val_accuracy", "accuracy", "val_auc", "val_top_k"):
        _, history = train(callbacks.EarlyStopping(name), [1, 2, 3, 2], name)
        assert len(history[name]) == 4
    for name in ("val_loss", "mae", "val_huber"):
        _, history = train(callbacks.EarlyStopping(name), [3, 2, 1, 2], name)
        assert len(history[name]) == 4
    own = metrics.FunctionMetric(abs, name="distance", direction="min")
    other = metrics.FunctionMetric(abs, name="other", direction="max")
    _, history = train(
        callbacks.EarlyStopping("val_distance"), [3, 2, 1, 2], "val_distance", FakeModel(1.0, [other, own])
    )
    assert len(history["val_distance"]) == 4
    with pytest.raises(ArgumentError, match="unclear whether 'val_distance'"):
        train(callbacks.EarlyStopping("val_distance"), [3], "val_distance")


MONITORS = [
    lambda monitor: callbacks.EarlyStopping(monitor),
    lambda monitor: callbacks.ReduceLROnPlateau(monitor),
    lambda monitor: callbacks.ModelCheckpoint("x", monitor, save_best_only=True),
]


@pytest.mark.parametrize("make", MONITORS)
def test_an_unknown_monitor_is_named(make):
    with pytest.raises(
        ArgumentError, match=r"monitor 'val_acc' is not in the logs \(loss, val_loss\); fit needs valid"
    ):
        train(make("val_acc"), [1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: callbacks.EarlyStopping(mode="down"),
        lambda: callbacks.EarlyStopping(patience=-1),
        lambda: callbacks.EarlyStopping(patience=1.5),
        lambda: callbacks.EarlyStopping(min_delta=math.nan),
        lambda: callbacks.EarlyStopping(start_from_epoch=-1),
        lambda: callbacks.ReduceLROnPlateau(factor=1.0),
        lambda: callbacks.ReduceLROnPlateau(factor=-0.1),
        lambda: callbacks.ReduceLROnPlateau(min_lr=-1),
        lambda: callbacks.ReduceLROnPlateau(cooldown=-1),
        lambda: callbacks.LearningRateScheduler(0.1),
    ],
)
def test_bad_settings(make):
    with pytest.raises(ArgumentError):
        make()


# --- checkpoints ---------------------------------------------------------------------------------------------------


def test_checkpoints_of_every_epoch(tmp_path):
    folder = tmp_path / "a" / "b"
    model, _ = train(callbacks.ModelCheckpoint(folder / "{epoch:02d}-{val_loss:.1f}.nn"), [3, 2.25])
    assert model.saved == [("model", str(folder / "01-3.0.nn")), ("model", str(folder / "02-2.2.nn"))]
    assert folder.is_dir()


def test_checkpoints_of_the_best(tmp_path):
    callback = callbacks.ModelCheckpoint(tmp_path / "{epoch}", save_best_only=True, save_weights_only=True)
    model, _ = train(callback, [3, 4, math.nan, 2, 2])
    assert model.saved == [("weights", str(tmp_path / "1")), ("weights", str(tmp_path / "4"))]


def test_checkpoint_path_with_an_unknown_name():
    with pytest.raises(ArgumentError, match="epoch, loss, val_loss"):
        train(callbacks.ModelCheckpoint("{accuracy}.nn"), [1])


# --- learning rates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "options", "rates"),
    [
        ([3, 3, 3, 3], {"patience": 2}, [1, 1, 1, 0.5]),
        ([3, 3, 3, 3, 3], {"patience": 1}, [1, 1, 0.5, 0.25, 0.125]),
        ([3, 3, 3, 3, 3], {"patience": 1, "cooldown": 2}, [1, 1, 0.5, 0.5, 0.25]),
        ([3, 3, 3, 3, 3, 3], {"patience": 1, "cooldown": 2}, [1, 1, 0.5, 0.5, 0.25, 0.25]),
        ([3, 3, 3, 3], {"patience": 1, "min_lr": 0.4}, [1, 1, 0.5, 0.4]),
        ([3, 2.99995, 2.99992, 2.5], {"patience": 2}, [1, 1, 1, 0.5]),
        ([3, 2, 1, 0], {"patience": 1}, [1, 1, 1, 1]),
    ],
)
def test_reduce_on_plateau(values, options, rates):
    _, history = train(callbacks.ReduceLROnPlateau(factor=0.5, **options), values)
    assert history["learning_rate"] == pytest.approx(rates)


@pytest.mark.parametrize("schedule", [lambda epoch: 0.5**epoch, lambda epoch, rate: rate * 0.5 if epoch else rate])
def test_learning_rate_scheduler(schedule):
    model, history = train(callbacks.LearningRateScheduler(schedule), [0, 0, 0])
    assert history["learning_rate"] == [1, 0.5, 0.25]
    assert model.optimizer.learning_rate == 0.25


def test_scheduler_errors_are_not_hidden():
    def schedule(epoch):
        raise TypeError("my own mistake")

    with pytest.raises(TypeError, match="my own mistake"):
        train(callbacks.LearningRateScheduler(schedule), [0])
    with pytest.raises(ArgumentError, match="learning_rate"):
        train(callbacks.LearningRateScheduler(lambda epoch: -1.0), [0])


@pytest.mark.parametrize(
    "callback", [callbacks.ReduceLROnPlateau(), callbacks.LearningRateScheduler(lambda epoch: 1.0)]
)
def test_a_schedule_of_the_optimizer_is_not_lost(callback):
    model = FakeModel(optimizers.schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(ArgumentError, match="ExponentialDecay"):
        train(callback, [1], model=model)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: callbacks.EarlyStopping(verbose=1), "Epoch 2: early stopping\n"),
        (lambda: callbacks.ReduceLROnPlateau(verbose=1, patience=1), "Epoch 2: learning rate is now 0.1\n"),
        (
            lambda: callbacks.LearningRateScheduler(lambda epoch: 0.5, verbose=1),
            "Epoch 1: learning rate is now 0.5\nEpoch 2: learning rate is now 0.5\n",
        ),
        (lambda: callbacks.ModelCheckpoint("x.nn", verbose=1), "Epoch 1: saved x.nn\nEpoch 2: saved x.nn\n"),
        (lambda: callbacks.EarlyStopping(), ""),
        (lambda: callbacks.ReduceLROnPlateau(patience=1), ""),
        (lambda: callbacks.LearningRateScheduler(lambda epoch: 0.5), ""),
        (lambda: callbacks.ModelCheckpoint("x.nn"), ""),
    ],
)
def test_verbose(make, text, capsys):
    train(make(), [1, 2])
    assert capsys.readouterr().out == text


# --- CSV -----------------------------------------------------------------------------------------------------------


def lines(path, separator=","):
    with path.open(newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def test_csv_is_complete_after_every_epoch(tmp_path):
    path = tmp_path / "logs" / "training.csv"
    callback = callbacks.CSVLogger(path)
    callback.on_train_begin()
    for epoch in range(3):
        callback.on_epoch_end(epoch, {"loss": 0.5, "accuracy": 0.25 * epoch})
        assert len(lines(path)) == epoch + 2
    assert lines(path)[:2] == [["epoch", "loss", "accuracy"], ["0", "0.5", "0.0"]]


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_appends_below_its_own_columns(tmp_path, separator):
    path = tmp_path / "training.csv"
    path.write_text(separator.join(["epoch", "accuracy", "loss"]) + "\n")
    callback = callbacks.CSVLogger(path, separator, append=True)
    callback.on_train_begin()
    callback.on_epoch_end(0, {"loss": 0.5, "extra": 1})
    assert lines(path, separator) == [["epoch", "accuracy", "loss"], ["0", "NA", "0.5"]]


def test_csv_starts_anew_without_append(tmp_path):
    path = tmp_path / "training.csv"
    for _ in range(2):
        train(callbacks.CSVLogger(path), [1, 2])
    assert len(lines(path)) == 3
    train(callbacks.CSVLogger(path, append=True), [1, 2])
    assert len(lines(path)) == 5


def test_csv_appends_to_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "training.csv"
    train(callbacks.CSVLogger(path, append=True), [1])
    assert lines(path) == [["epoch", "loss", "val_loss"], ["0", "0.0", "1"]]
