"""The command line, as a user calls it: output, exit codes, and one line per error."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet import cli
from numbanet.datasets import save_idx

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (60, 4, 4)).astype(np.uint8)
Y = (X.reshape(60, -1)[:, 0] > 127).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    for name, x, y in (("train", X, Y), ("t10k", X[:10], Y[:10])):
        save_idx(tmp_path / f"{name}-images-idx3-ubyte.gz", x)
        save_idx(tmp_path / f"{name}-labels-idx1-ubyte", y)
    return tmp_path


@pytest.fixture
def archive(tmp_path):
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y, x_test=X[:10], y_test=Y[:10])
    return tmp_path / "data.npz"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main([str(a) for a in arguments])
    output = capsys.readouterr()
    return stop.value.code, output.out, output.err


def test_train_evaluate_predict(folder, capsys):
    model = folder / "m.numbanet"
    code, out, _ = run(capsys, "train", folder, "--epochs", 2, "--hidden", 8, "--batch-size", 16, "--out", model)
    assert code == 0
    lines = out.splitlines()
    assert [line.split("  ")[0] for line in lines[:2]] == ["epoch 1/2", "epoch 2/2"]
    assert lines[-1].startswith("test accuracy: 0.") or lines[-1] == "test accuracy: 1.0000"
    code, evaluated, _ = run(capsys, "evaluate", model, folder)
    assert (code, evaluated.splitlines()[-1]) == (0, lines[-1])
    code, predicted, _ = run(capsys, "predict", model, folder)
    assert code == 0
    rows = [line.split("\t") for line in predicted.splitlines()]
    assert [int(row[0]) for row in rows] == list(range(10))
    found = nn.load_model(model).predict(X[:10].reshape(10, -1) / np.float32(255), verbose=0)
    assert [int(row[1]) for row in rows] == found.argmax(1).tolist()


def test_json(archive, capsys):
    code, out, _ = run(capsys, "train", archive, "--epochs", 2, "--hidden", 4, "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [r.get("epoch") for r in records] == [1, 2, None]
    assert set(records[-1]) == {"test_loss", "test_accuracy"}


def test_the_same_seed_gives_the_same_file(archive, tmp_path, capsys):
    for name in ("a", "b"):
        run(capsys, "train", archive, "--epochs", 1, "--hidden", 4, "--seed", 3, "--out", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_plot(archive, tmp_path, capsys, monkeypatch):
    code, out, _ = run(capsys, "train", archive, "--epochs", 1, "--hidden", 4, "--plot", tmp_path / "out.PNG")
    assert code == 0
    assert out.splitlines()[-1].startswith("test accuracy: ")
    assert (tmp_path / "out.PNG").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, out, err = run(capsys, "train", archive, "--plot", tmp_path / "other.png")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "python -m pip install matplotlib" in err


def test_the_picture_of_a_model(archive, tmp_path, capsys):
    run(capsys, "train", archive, "--epochs", 1, "--hidden", 4, "--out", tmp_path / "m.numbanet")
    for more in ([], ["--data", archive]):
        code, out, err = run(capsys, "plot", tmp_path / "m.numbanet", tmp_path / "out.png", *more)
        assert (code, out, err) == (0, "", "")
        assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
        (tmp_path / "out.png").unlink()


def test_info(capsys):
    code, out, _ = run(capsys, "info")
    assert code == 0
    for word in ("numbanet", "numpy", "backend", "threads", "cuda", "cache"):
        assert word in out
    code, out, _ = run(capsys, "info", "--json")
    assert json.loads(out)["numbanet"] == nn.__version__


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nowhere"], "nowhere"),
        (["train", "DATA", "--epochs", "0"], "epochs"),
        (["train", "DATA", "--batch-size", "x"], "batch-size"),
        (["train", "DATA", "--optimizer", "adm"], "'adam'"),
        (["train", "DATA", "--hidden", "-3"], "hidden"),
        (["train", "DATA", "--seed", "-1"], "seed"),
        (["train", "DATA", "--device", "gpu"], "'gpu'"),
        (["train", "DATA", "--out", "/nowhere/at/all/m"], "/nowhere/at/all"),
        (["train", "DATA", "--out", "m.keras"], "let the name end in .numbanet"),
        (["train", "DATA", "--plot", "/nowhere/at/all/p.png"], "/nowhere/at/all"),
        (["train", "DATA", "--plot", "picture.numbanet"], ".png"),
        (["plot", "none.numbanet", "picture.png"], "none.numbanet"),
        (["plot", "DATA", "picture.txt"], ".png"),
        (["train"], "mnist"),
        (["tarin", "mnist"], "tarin"),
        (["train", "DATA", "--colour", "red"], "--colour"),
        (["evaluate", "DATA", "DATA"], "safetensors"),
        (["predict", "none.numbanet", "DATA"], "none.numbanet"),
        (["warmup", "--dtype", "float16"], "float16"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(arguments, words, archive, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *[archive if a == "DATA" else a for a in arguments])
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("numbanet: error: ")
    assert words in err


def test_wrong_data_in_files(tmp_path, capsys):
    np.savez(tmp_path / "uneven.npz", x_train=X, y_train=Y[:5])
    (tmp_path / "cut.npz").write_bytes((tmp_path / "uneven.npz").read_bytes()[:200])
    np.savez(tmp_path / "objects.npz", x_train=np.array([None, 1]), y_train=Y[:2])
    for name in ("uneven.npz", "cut.npz", "objects.npz"):
        code, _, err = run(capsys, "train", tmp_path / name)
        assert code == 2
        assert name in err
        assert len(err.splitlines()) == 1


def test_labels_that_are_no_classes(tmp_path, capsys):
    np.savez(tmp_path / "wild.npz", x=X, y=Y.astype(np.int64) * 10**9)
    code, _, err = run(capsys, "train", tmp_path / "wild.npz")
    assert code == 2
    assert "1000000000" in err


def test_the_output_path_is_checked_before_training(archive, capsys, monkeypatch):
    monkeypatch.setattr(nn.Sequential, "fit", lambda *args, **options: pytest.fail("training began"))
    assert run(capsys, "train", archive, "--out", archive.parent)[0] == 2


def test_as_a_program(archive):
    result = subprocess.run(
        [sys.executable, "-m", "numbanet", "train", str(archive), "--epochs", "1", "--hidden", "4"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("test accuracy: ")
    assert result.stderr == ""


NOTING = """
from numbanet.backends.numba.disk_cache import DiskCache
def read(cache, key, plainly=DiskCache.read):
    print(cache._path(key))
    return plainly(cache, key)
DiskCache.read = read
"""


def in_a_process(folder, *arguments, before=""):
    """Run the command line in a process of its own, with a cache folder; it also tells whether Numba was imported."""
    code = (
        f"import sys; from numbanet import cli\n{before}\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit as stop: print('numba' in sys.modules); sys.exit(stop.code)"
    )
    environment = {**os.environ, "NUMBANET_CACHE_DIR": str(folder), "NUMBANET_BACKEND": "numba"}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=300
    )
    *lines, numba = done.stdout.splitlines()
    return done, lines, numba == "True"


@pytest.mark.needs_numba("kernels are compiled ahead")
class TestWarmup:
    def test_what_is_warm_needs_no_compiler(self, archive, tmp_path):
        """In a folder of what `warmup` asks for and nothing else, which other tests have compiled in part."""
        done, lines, _ = in_a_process(nn.config.cache_dir, "warmup", "--dtype", "float32", before=NOTING)
        assert done.returncode == 0, done.stderr
        wanted = sorted({Path(line) for line in lines[:-1]})
        assert len(wanted) > 90
        folder = tmp_path / "cache" / wanted[0].parent.name
        folder.mkdir(parents=True)
        for path in wanted[3:]:
            shutil.copy(path, folder)
        done, lines, numba = in_a_process(tmp_path / "cache", "warmup", "--dtype", "float32")
        assert done.returncode == 0, done.stderr
        assert numba
        assert len(lines) == 1, "without a terminal: a line at the end"
        assert lines[0].startswith("3 kernels compiled, ")
        assert {path.name for path in folder.iterdir()} == {path.name for path in wanted}
        done, lines, numba = in_a_process(tmp_path / "cache", "warmup", "--dtype", "float32", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(lines[0])
        assert found["compiled"] == 0
        assert found["loaded"] >= len(wanted), "bodies that several kernels share are loaded for each"
        assert not numba
        for optimizer in ("rmsprop", "adam", "sgd"):
            done, lines, numba = in_a_process(
                tmp_path / "cache", "train", archive, "--epochs", 1, "--optimizer", optimizer
            )
            assert done.returncode == 0, done.stderr
            assert lines[-1].startswith("test accuracy: ")
            assert not numba, "training needed a kernel that warmup does not compile"

    def test_a_folder_that_keeps_nothing(self, tmp_path):
        (tmp_path / "file").write_text("")
        done, _, _ = in_a_process(tmp_path / "file" / "cache", "warmup", "--dtype", "float64")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert str(tmp_path / "file" / "cache") in done.stderr


def test_warmup_for_the_interpreter(capsys, monkeypatch):
    monkeypatch.setattr(nn.config, "backend", "python")
    code, _, err = run(capsys, "warmup")
    assert code == 2
    assert "nothing to compile" in err


def test_help(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for command in ("train", "evaluate", "predict", "info", "warmup"):
        assert command in out


def test_a_convnet_takes_images(tmp_path, capsys):
    images = np.zeros((40, 18, 20), np.uint8)
    images[::2, 4:9] = 255
    np.savez(
        tmp_path / "images.npz", x_train=images, y_train=np.arange(40) % 2, x_test=images, y_test=np.arange(40) % 2
    )
    model = tmp_path / "m.numbanet"
    options = "--model", "convnet", "--hidden", 8, "--batch-size", 8, "--epochs", 4, "--out", model
    code, out, _ = run(capsys, "train", tmp_path / "images.npz", *options)
    assert (code, out.splitlines()[-1]) == (0, "test accuracy: 1.0000")
    kinds = [type(layer).__name__ for layer in nn.load_model(model).layers]
    assert kinds.count("Conv2D") == 3
    assert run(capsys, "evaluate", model, tmp_path / "images.npz")[1].splitlines()[-1] == "test accuracy: 1.0000"


def test_a_convnet_refuses_what_is_no_image(archive, capsys):
    code, _, error = run(capsys, "train", archive, "--model", "convnet")
    assert (code, "at least 18 x 18" in error) == (2, True)
    code, _, error = run(capsys, "train", archive, "--model", "forest")
    assert (code, "dense or convnet" in error) == (2, True)
