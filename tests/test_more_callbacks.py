"""TerminateOnNaN, BackupAndRestore and SwapEMAWeights: what they do, and that nothing else changes."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.callbacks import BackupAndRestore, Callback, ModelCheckpoint, SwapEMAWeights, TerminateOnNaN
from numbanet.errors import ArgumentError, DataError, NotBuiltError, NumericError
from numbanet.saving.container import read, write

L = nn.layers
X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


def network(optimizer="adam", units=6, **options):
    model = nn.Sequential([L.Dense(units, "tanh"), L.Dropout(0.3), L.Dense(1)])
    model.compile(optimizer if isinstance(optimizer, str) else optimizer(), "mse", ["mae"], **options)
    return model


def everything(model):
    return [w.numpy().tobytes() for w in model.weights] + [
        (name, array.tobytes()) for name, array in model.optimizer.state()
    ]


class Each(Callback):
    """Has training run eagerly."""

    def on_train_batch_end(self, batch, logs=None):
        pass


class Break(Callback):
    """Breaks a run off before an epoch, as a kill would."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


class TestTerminateOnNaN:
    def run(self, y, callbacks, **options):
        model = network(lambda: nn.optimizers.SGD(0.01))
        history = model.fit(X, y, batch_size=8, epochs=4, shuffle=False, verbose=0, rng=0, callbacks=callbacks)
        return model, history.history

    @pytest.fixture
    def bad(self):
        """The loss of the third batch is infinite, its gradient is not a number."""
        y = Y.copy()
        y[19] = 3e38
        return y

    @pytest.mark.parametrize("eager", [False, True])
    def test_it_ends_with_the_batch(self, bad, eager, capsys):
        model, history = self.run(bad, [TerminateOnNaN(), *[Each()] * eager])
        assert capsys.readouterr().out == "Batch 2: Invalid loss, terminating training\n"
        assert model.optimizer.iterations == 3
        assert not math.isfinite(history["loss"][0])
        assert len(history["loss"]) == 1

    @pytest.mark.needs_compiled("recorded steps are compiled")
    def test_steps_are_replayed_to_the_same_bytes(self, bad, capsys):
        for y in (Y, bad):
            replayed, history = self.run(y, [TerminateOnNaN()])
            capsys.readouterr()
            replayed.explain()
            assert "Training replays a Program" in capsys.readouterr().out
            eager, other = self.run(y, [TerminateOnNaN(), Each()])
            assert everything(replayed) == everything(eager)
            np.testing.assert_equal(history, other)
        assert everything(self.run(Y, [TerminateOnNaN()])[0]) == everything(self.run(Y, [])[0])

    def test_an_error_instead(self, bad):
        ended = []
        other = nn.callbacks.LambdaCallback(on_train_end=ended.append)
        with pytest.raises(NumericError, match="after batch 2"):
            self.run(bad, [TerminateOnNaN(raise_error=True), other])
        assert not ended

    def test_settings(self):
        with pytest.raises(ArgumentError, match="raise_error"):
            TerminateOnNaN("yes")

    def test_a_subclass_with_more_runs_eagerly(self, capsys):
        class More(TerminateOnNaN):
            _sees_each_step = False

        model, _ = self.run(Y, [More()])
        model.explain()
        assert "listens to batches" in capsys.readouterr().out


OPTIMIZERS = {
    "adam": lambda: nn.optimizers.Adam(0.01),
    "averages and sums": lambda: nn.optimizers.SGD(
        0.01, momentum=0.9, use_ema=True, ema_overwrite_frequency=4, gradient_accumulation_steps=3
    ),
    "schedule": lambda: nn.optimizers.Nadam(nn.optimizers.schedules.ExponentialDecay(0.01, 5, 0.8)),
}


class TestBackupAndRestore:
    def fit(self, model, callbacks, epochs=5, **options):
        settings = {"batch_size": 8, "verbose": 0, "rng": 0} | options
        return model.fit(X, Y, epochs=epochs, callbacks=callbacks, **settings)

    @pytest.mark.parametrize("options", [{}, {"steps_per_epoch": 3}, {"validation_split": 0.2}], ids=str)
    @pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
    def test_a_run_goes_on_to_the_same_bytes(self, tmp_path, make, options):
        whole = network(make)
        expected = self.fit(whole, [], **options).history
        for epoch in (2, 4):  # broken off twice
            with pytest.raises(KeyboardInterrupt):
                self.fit(network(make), [BackupAndRestore(tmp_path / "b"), Break(epoch)], **options)
        model = network(make)
        found = self.fit(model, [BackupAndRestore(tmp_path / "b")], **options)
        assert everything(model) == everything(whole)
        assert found.epoch == [4]
        assert found.history == {name: values[4:] for name, values in expected.items()}
        assert not (tmp_path / "b").exists()

    @pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
    def test_any_generator(self, tmp_path, bits):
        def rng():
            return np.random.Generator(bits(7))

        whole = network()
        self.fit(whole, [], rng=rng())
        with pytest.raises(KeyboardInterrupt):
            self.fit(network(), [BackupAndRestore(tmp_path), Break(3)], rng=rng())
        model = network()
        self.fit(model, [BackupAndRestore(tmp_path)], rng=rng())
        assert everything(model) == everything(whole)

    def test_after_a_kill(self, tmp_path):
        """The process ends in the middle of an epoch, without any clearing up."""
        script = f"""
import os, sys
sys.path.insert(0, {os.getcwd()!r})
from tests.test_more_callbacks import *
class Kill(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            os._exit(7)
TestBackupAndRestore().fit(network(), [BackupAndRestore({str(tmp_path / "b")!r}), Kill()])
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 7, done.stderr
        whole, model = network(), network()
        self.fit(whole, [])
        assert self.fit(model, [BackupAndRestore(tmp_path / "b")]).epoch == [3, 4]
        assert everything(model) == everything(whole)

    def test_a_learning_rate_that_was_assigned(self, tmp_path):
        def halve(epoch, logs):
            model.optimizer.learning_rate /= 2

        for broken in ([Break(3)], []):
            model = network()
            halving = nn.callbacks.LambdaCallback(on_epoch_end=halve)
            try:
                self.fit(model, [halving, BackupAndRestore(tmp_path), *broken])
            except KeyboardInterrupt:
                continue
        assert model.optimizer.learning_rate == 0.001 / 2**5

    def test_files(self, tmp_path):
        (tmp_path / "mine.txt").write_text("mine")
        self.fit(network(), [BackupAndRestore(tmp_path, delete_checkpoint=False)])
        assert {file.name for file in tmp_path.iterdir()} == {"latest.numbanet", "mine.txt"}
        model = network()
        assert self.fit(model, [BackupAndRestore(tmp_path)]).epoch == []
        assert {file.name for file in tmp_path.iterdir()} == {"mine.txt"}

    def test_the_file_before_the_last(self, tmp_path):
        whole = network()
        self.fit(whole, [])
        with pytest.raises(KeyboardInterrupt):
            self.fit(network(), [BackupAndRestore(tmp_path, double_checkpoint=True), Break(3)])
        assert {file.name for file in tmp_path.iterdir()} == {"latest.numbanet", "previous.numbanet"}
        (tmp_path / "latest.numbanet").write_bytes(b"cut off")
        model = network()
        assert self.fit(model, [BackupAndRestore(tmp_path, double_checkpoint=True)]).epoch == [2, 3, 4]
        assert everything(model) == everything(whole)
        assert not tmp_path.exists()

    def broken(self, tmp_path):
        with pytest.raises(KeyboardInterrupt):
            self.fit(network(), [BackupAndRestore(tmp_path), Break(2)])
        return tmp_path / "latest.numbanet"

    @pytest.mark.parametrize(
        ("make", "options"),
        [
            (lambda: network(units=7), {}),
            (lambda: network("sgd"), {}),
            (network, {"rng": np.random.Generator(np.random.MT19937(0))}),
            (network, {"validation_split": 0.5}),
        ],
        ids=["weights", "optimizer", "generator", "data"],
    )
    def test_what_does_not_fit_changes_nothing(self, tmp_path, make, options):
        self.broken(tmp_path)
        model = make()
        model.build((4,), rng=1)
        before = model.get_weights()
        with pytest.raises(DataError, match="cannot go on"):
            self.fit(model, [BackupAndRestore(tmp_path)], **options)
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
        assert not model.optimizer.built
        assert model.optimizer.iterations == 0

    def test_damaged_files(self, tmp_path):
        file = self.broken(tmp_path)
        content, (tensors, metadata) = file.read_bytes(), read(file)
        described = json.loads(metadata["numbanet_backup"])
        damaged = [content[:n] for n in (0, 7, 100, len(content) - 1)]
        for key in described:
            write(file, tensors, {"numbanet_backup": json.dumps({k: v for k, v in described.items() if k != key})})
            damaged.append(file.read_bytes())
        for change in ({"next": -1}, {"next": "2"}, {"rest": [99]}, {"generator": {}}, {"samples": None}):
            changed = described | {"run": described["run"] | change}
            write(file, tensors, {"numbanet_backup": json.dumps(changed)})
            damaged.append(file.read_bytes())
        write(file, tensors, {"numbanet_backup": json.dumps(described | {"learning_rate": "fast"})})
        damaged.append(file.read_bytes())
        write(file, tensors, {})
        damaged.append(file.read_bytes())
        for one in damaged:
            file.write_bytes(one)
            model = network()
            with pytest.raises(DataError, match="latest"):
                self.fit(model, [BackupAndRestore(tmp_path)])
            assert model.optimizer.iterations == 0

    def test_batches_from_an_iterable(self, tmp_path):
        batches = [(X[i : i + 8], Y[i : i + 8]) for i in range(0, 40, 8)]

        def fit(model, *others):
            return model.fit(batches, epochs=4, verbose=0, rng=0, callbacks=[BackupAndRestore(tmp_path), *others])

        with pytest.raises(KeyboardInterrupt):
            fit(network(), Break(2))
        with pytest.raises(NotBuiltError, match="build the model before fit"):
            fit(network())
        model = network()
        model.build((4,))
        assert fit(model).epoch == [2, 3]

    def test_settings(self, tmp_path):
        for wrong in (
            {"backup_dir": ""},
            {"backup_dir": tmp_path, "save_freq": 10},
            {"backup_dir": tmp_path, "save_freq": False},
            {"backup_dir": tmp_path, "double_checkpoint": 1.5},
            {"backup_dir": tmp_path, "delete_checkpoint": None},
        ):
            with pytest.raises(ArgumentError, match="BackupAndRestore"):
                BackupAndRestore(**wrong)


def averaging(**options):
    return lambda: nn.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.8, **options)


class TestSwapEMAWeights:
    def fit(self, model, callbacks=(), **options):
        settings = {"batch_size": 8, "epochs": 3, "verbose": 0, "rng": 0, "validation_data": (X, Y)} | options
        return model.fit(X, Y, callbacks=list(callbacks), **settings).history

    def test_validation_is_of_the_averages(self):
        plain, model, seen = network(averaging()), network(averaging()), []

        def note(epoch, logs):
            twin = network("sgd")
            twin.build((4,))
            twin.set_weights([plain.optimizer.average_of(w).numpy() for w in plain.weights])
            seen.append(twin.evaluate(X, Y, verbose=0)[0])

        history = self.fit(plain, [nn.callbacks.LambdaCallback(on_epoch_end=note)])
        swapped = self.fit(model, [SwapEMAWeights()])
        assert swapped["loss"] == history["loss"]
        assert swapped["val_loss"] == seen
        assert swapped["val_loss"] != history["val_loss"]
        assert everything(model) == everything(plain)

    def test_averages_in_the_model_at_the_end_of_an_epoch(self, tmp_path):
        model, plain = network(averaging()), network(averaging())
        path = str(tmp_path / "{epoch}.numbanet")
        self.fit(model, [SwapEMAWeights(swap_on_epoch=True), ModelCheckpoint(path)])
        self.fit(plain)
        assert everything(model) == everything(plain)
        again = nn.load_model(tmp_path / "3.numbanet")
        assert everything(again) == everything(model)

    @pytest.mark.parametrize("on_epoch", [False, True])
    def test_training_that_ends_early(self, on_epoch):
        class Stop(Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = True

        model, plain = network(averaging()), network(averaging())
        self.fit(model, [SwapEMAWeights(on_epoch), Stop()])
        self.fit(plain, epochs=1)
        assert everything(model) == everything(plain)
        assert not model.optimizer.holds_averages

    def test_a_run_that_is_broken_off_has_its_weights(self):
        model, plain = network(averaging()), network(averaging())
        for one, callbacks in ((model, [SwapEMAWeights(True), Break(2)]), (plain, [Break(2)])):
            with pytest.raises(KeyboardInterrupt):
                self.fit(one, callbacks)
        assert everything(model) == everything(plain)

    def test_evaluate_and_predict(self):
        model = network(averaging())
        with pytest.raises(KeyboardInterrupt):
            self.fit(model, [Break(2)])
        before = everything(model)
        twin = network("sgd")
        twin.build((4,))
        twin.set_weights([model.optimizer.average_of(w).numpy() for w in model.weights])
        assert model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()]) == twin.evaluate(X, Y, verbose=0)
        found = model.predict(X, verbose=0, callbacks=[SwapEMAWeights()])
        np.testing.assert_array_equal(found, twin.predict(X, verbose=0))
        assert everything(model) == before
        assert model.evaluate(X, Y, verbose=0) != twin.evaluate(X, Y, verbose=0)

    def test_before_the_first_update(self):
        model = network(averaging())
        model.build((4,))
        before = model.get_weights()
        model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))

    def test_an_optimizer_without_averages(self):
        model = network()
        with pytest.raises(ArgumentError, match="use_ema"):
            self.fit(model, [SwapEMAWeights()])
        assert not model.built
        model.build((4,))
        with pytest.raises(ArgumentError, match="use_ema"):
            model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
        with pytest.raises(ArgumentError, match="swap_on_epoch"):
            SwapEMAWeights("always")
