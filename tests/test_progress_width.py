"""What progress looks like: every part readable at any width, nothing cut off, and plain lines for files."""

import io
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

import numbanet as nn
from numbanet.callbacks.progress import ProgressBar, described, wrapped

NAMES = ["accuracy", "precision", "recall", "auc"]
LOGS = {name: 0.12345 + i for i, name in enumerate(["loss", *NAMES])}
LOGS |= {f"val_{name}": value + 10 for name, value in LOGS.items()} | {"learning_rate": 1e-5}
X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = (X[:, :1] > 0).astype(int)


def model_of():
    model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(1, "sigmoid")], rng=0)
    model.compile("sgd", "binary_crossentropy", NAMES)
    return model


def drawn(width, done, steps, logs):
    """The text of a bar of `fit` at this width."""
    bar = ProgressBar("fit", steps, 1000)
    bar.on_train_begin()
    bar.on_epoch_begin(99)
    bar._line.done, bar._line.values = done, described(logs)
    bar._draw()
    console = Console(file=io.StringIO(), width=width)
    console.print(bar._line)
    bar._close()
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 300])
@pytest.mark.parametrize(("done", "steps"), [(0, 60000), (123, 60000), (60000, 60000), (123, None)])
def test_every_part_is_readable(width, done, steps):
    text = drawn(width, done, steps, LOGS)
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines), text
    assert "\u2026" not in text  # an ellipsis would stand for what was cut off
    first = lines[0] if width > 60 else " ".join(lines)
    assert "epoch 100/1000 " in first
    assert "\u2501" * 4 in first
    assert f" {done}/{steps}" in first if steps else f" {done}  " in first
    assert re.search(r"  \d+:\d\d", first)
    for value in described(LOGS):
        assert value in text


def test_values_stand_beside_the_bar_where_there_is_room():
    assert len(drawn(140, 5, 10, {"loss": 1.0, "accuracy": 0.5}).splitlines()) == 1
    assert len(drawn(80, 5, 10, LOGS).splitlines()) > 2


def test_small_and_large_numbers_keep_their_digits():
    values = {"a": 1e-5, "b": 0.0, "c": 12.0, "d": 1.5e12, "e": -2e-7, "f": float("nan"), "g": float("inf"), "h": 0.001}
    assert described(values) == [
        "a: 1.000e-05", "b: 0.0000", "c: 12.0000", "d: 1.500e+12", "e: -2.000e-07", "f: nan", "g: inf", "h: 0.0010",
    ]  # fmt: skip


def test_lines_break_between_values_alone():
    assert wrapped(["a: 1", "b: 2", "c: 3"], 10) == ["a: 1  b: 2", "c: 3"]
    assert wrapped(["a_long_name: 1", "b: 2"], 5) == ["a_long_name: 1", "b: 2"]
    assert wrapped([], 5) == [""]


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_run_as_users_see_it(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    model = model_of()
    model.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=1)
    model.evaluate(X, Y, verbose=1)
    model.predict(X, verbose=1)
    text = capsys.readouterr().out
    assert all(len(line) <= columns for line in text.splitlines()), text
    for part in ("epoch 1/2 ", "epoch 2/2 ", "evaluate ", " 2/2 ", " 1/1 ", "val_auc: 0", "  auc: 0"):
        assert part in text
    assert text.count("val_precision: 0") == 2
    assert text.count(" loss: 0") == 3
    assert "predict" not in text.splitlines()[-1]


def test_an_epoch_that_ends_early_says_how_many_batches_it_had(monkeypatch, capsys):
    class Stop(nn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model_of().fit(X, Y, batch_size=6, callbacks=[Stop()], verbose=1)
    assert " 2/10 " in capsys.readouterr().out


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_how_far_it_came_stays_after_ctrl_c(call, capsys):
    class Interrupted(nn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 3:
                raise KeyboardInterrupt

        on_test_batch_end = on_train_batch_end

    model = model_of()
    with pytest.raises(KeyboardInterrupt):
        getattr(model, call)(X, Y, batch_size=6, callbacks=[Interrupted()], verbose=1)
    assert " 3/10 " in capsys.readouterr().out
    model.evaluate(X, Y, verbose=1)
    assert " 1/1 " in capsys.readouterr().out


class TestPlainLines:
    def test_fit_and_evaluate_where_the_output_is_no_terminal(self, capsys):
        model = model_of()
        model.fit(X, Y, epochs=2, validation_split=0.5)
        lines = capsys.readouterr().out.splitlines()
        assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
        assert re.fullmatch(r"epoch 1/2  \d+\.\d s  loss: \d\.\d{4}  accuracy.*  val_loss: .*  val_auc: \S+", lines[0])
        loss, accuracy, *_ = model.evaluate(X, Y)
        model.predict(X)
        (line,) = capsys.readouterr().out.splitlines()
        assert re.fullmatch(rf"evaluate  \d+\.\d s  loss: {loss:.4f}  accuracy: {accuracy:.4f}  precision: .*", line)

    @pytest.mark.parametrize("call", ["fit", "evaluate"])
    def test_silence_when_asked_for(self, call, capsys):
        getattr(model_of(), call)(X, Y, verbose=0)
        assert capsys.readouterr().out == ""


class TestCommandLine:
    def test_version(self):
        done = subprocess.run([sys.executable, "-m", "numbanet", "--version"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, f"numbanet {nn.__version__}\n")

    def test_evaluate_prints_the_loss_too(self, tmp_path, capsys):
        from numbanet import cli

        model = nn.Sequential([nn.layers.Input((4,)), nn.layers.Dense(2, "softmax")], rng=0)
        model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
        model.save(tmp_path / "m.numbanet")
        np.savez(tmp_path / "d.npz", x=X, y=Y[:, 0])
        with pytest.raises(SystemExit):
            cli.main(["evaluate", str(tmp_path / "m.numbanet"), str(tmp_path / "d.npz")])
        loss, accuracy = model.evaluate(X, Y[:, 0], verbose=0)
        assert capsys.readouterr().out == f"test loss: {loss:.4f}\ntest accuracy: {accuracy:.4f}\n"
