"""The hand-written loop of the textbook gives the same weights as `fit`; the scenes that train run, on little data."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn

pytestmark = pytest.mark.needs_compiled("hundreds of digits are learnt")

PATH = Path(__file__).parent.parent / "examples" / "from_scratch.py"
EPSILON = np.finfo(np.float32).eps


@pytest.fixture(scope="module")
def from_scratch():
    spec = importlib.util.spec_from_file_location("from_scratch", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digits():
    (images, labels), _ = nn.datasets.mnist.load_data()
    return images[:500].reshape(500, -1).astype(np.float32) / 255, labels[:500]


def test_it_learns(from_scratch, capsys):
    result = from_scratch.main(epochs=4, batch_size=32, hidden=64, samples=512)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"test accuracy: {result:.4f}"
    assert len(lines) == 5
    assert result > 0.7


def test_it_runs_as_a_program():
    command = [sys.executable, PATH, "--epochs", "1", "--samples", "128", "--hidden", "16"]
    warnings = ",".join(["error", *filter(None, [os.environ.get("PYTHONWARNINGS")])])
    environment = {**os.environ, "PYTHONWARNINGS": warnings}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("test accuracy: 0.")


def test_batches_cover_the_images_in_order(from_scratch, digits):
    batches = from_scratch.BatchGenerator(*digits, batch_size=128)
    parts = [batches.next() for _ in range(batches.num_batches)]
    assert [len(labels) for _, labels in parts] == [128, 128, 128, 116]
    np.testing.assert_array_equal(np.concatenate([images for images, _ in parts]), digits[0])
    with pytest.raises(ValueError, match="500 images and 3 labels"):
        from_scratch.BatchGenerator(digits[0], digits[1][:3])


@pytest.mark.parametrize(("epochs", "batch_size"), [(1, 500), (2, 100), (3, 128)])
def test_fit_agrees_with_the_loop_by_hand(from_scratch, digits, epochs, batch_size):
    rate = 0.1
    by_hand = from_scratch.NaiveSequential([
        from_scratch.NaiveDense(784, 64, nn.relu, rng=1),
        from_scratch.NaiveDense(64, 10, nn.softmax, rng=2),
    ])  # fmt: skip
    model = nn.Sequential([nn.layers.Dense(64, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(nn.optimizers.SGD(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((784,))
    first = [weight.numpy().copy() for weight in by_hand.weights]
    model.set_weights(first)

    losses = from_scratch.fit(by_hand, *digits, epochs, batch_size, rate, verbose=False)
    history = model.fit(*digits, batch_size=batch_size, epochs=epochs, shuffle=False, verbose=0)

    steps = len(losses)
    for before, hand, fitted in zip(first, by_hand.weights, model.weights, strict=True):
        scale = np.abs(hand.numpy()).max()
        moved = np.abs(hand.numpy() - before).max()
        np.testing.assert_allclose(fitted.numpy(), hand.numpy(), rtol=0, atol=4 * EPSILON * scale * steps)
        assert moved > 1000 * EPSILON * scale * steps, "the weights hardly moved: agreement would mean nothing"
    sizes = [min(batch_size, 500 - start) for start in range(0, 500, batch_size)]
    means = [np.average(part, weights=sizes) for part in np.reshape(losses, (epochs, -1))]
    np.testing.assert_allclose(history.history["loss"], means, rtol=1e-5)
    np.testing.assert_allclose(model.predict(digits[0], verbose=0), np.asarray(by_hand(digits[0])), atol=1e-5)


SCENES = sorted(path.name for path in PATH.parent.glob("plot_*.py"))
SMALLER = {
    "plot_02_naive_loops.py": {"SIZE": 50},
    "plot_05_crumpled_paper.py": {"EPOCHS": 10},
    "plot_13_convolution.py": {"EPOCHS": 1},
    "plot_14_recurrent.py": {"EPOCHS": 1},
    "plot_15_forecast.py": {"EPOCHS": 1},
    "plot_16_transformer.py": {"EPOCHS": 1, "PAIRS": 256},
    "plot_17_video.py": {"EPOCHS": 1},
    "plot_18_embedding.py": {"EPOCHS": 1},
    "plot_21_shallow_methods.py": {"SIZES": (100, 200), "FOLDS": 2},
}
NEEDED = {"plot_18_embedding.py": ["scipy"], "plot_21_shallow_methods.py": ["sklearn", "lightgbm"]}


def with_settings(source, settings):
    """The syntax tree of a scene in which names of the top level, `EPOCHS = 3` or `A, B = 1, 2`, have other values."""
    tree, missing = ast.parse(source), set(settings)
    for node in tree.body:
        if isinstance(node, ast.Assign):
            pair = isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple)
            names = node.targets[0].elts if pair else node.targets
            values = node.value.elts if pair else [node.value]
            for place, name in enumerate(map(ast.unparse, names)):
                if name in missing:
                    values[place] = ast.copy_location(ast.Constant(settings[name]), values[place])
                    missing.remove(name)
            node.value = node.value if pair else values[0]
    assert not missing, f"the scene has no {', '.join(missing)}"
    return tree


def use_little_data(monkeypatch):
    """Have scenes learn from few digits, words and sentences."""
    import datafiles

    digits = [[part[:512] for part in parts] for parts in nn.datasets.mnist.load_data()]
    words, labels, languages = datafiles.words()
    all_sentences = datafiles.sentences
    monkeypatch.setattr(nn.datasets.mnist, "load_data", lambda: digits)
    monkeypatch.setattr(datafiles, "words", lambda: (words[:2000], labels[:2000], languages))
    monkeypatch.setattr(datafiles, "sentences", lambda: [part[:3000] for part in all_sentences()])


def drawn(pyplot):
    """Draw all open figures, close them, and return their numbers."""
    numbers = pyplot.get_fignums()
    for number in numbers:
        pyplot.figure(number).canvas.draw()
    pyplot.close("all")
    return numbers


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("name", SCENES)
def test_scenes_run(name, monkeypatch, capsys):
    for library in NEEDED.get(name, ()):
        pytest.importorskip(library, reason=f"the scene compares with {library}, which is not installed")
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="scenes draw with matplotlib")
    pyplot.switch_backend("Agg")
    monkeypatch.syspath_prepend(PATH.parent)  # as for a script in this folder
    use_little_data(monkeypatch)
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.extend(drawn(pyplot)))
    path = PATH.parent / name
    tree = with_settings(path.read_text(encoding="utf-8"), SMALLER.get(name, {}))
    exec(compile(tree, path, "exec"), {"__name__": "__main__", "__file__": str(path)})
    assert len(shown) == path.read_text(encoding="utf-8").count("\n# picture: ") > 0, "each picture needs a text"
    assert "nan" not in capsys.readouterr().out


def test_no_scene_is_left_out():
    """What the gallery shows is what runs here; the settings that make scenes smaller are for scenes that exist."""
    shown = {path.name for path in PATH.parent.glob("*.py")} - {"from_scratch.py", "datafiles.py"}
    assert shown == set(SCENES)
    assert {*SMALLER, *NEEDED} <= shown
