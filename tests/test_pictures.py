"""Pictures as they look: each function of nn.plotting against a picture that somebody has looked at.

`python -m tests.test_pictures` draws those in tests/pictures anew; look at them before you keep them.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images

import numbanet as nn
from numbanet.plotting import layout

PICTURES = Path(__file__).parent / "pictures"
TOLERANCE = 1.0
"""The root of the mean square by which pixels may differ, of 255: where another processor rounds otherwise. Without one
box of a model, or with a letter too few, it is 2 or more."""
DRAWN_BY = "3.11"
"""The version of Matplotlib. 3.9.0 draws letters and places them otherwise: the same pictures differ by 15 to 36."""
STYLE = {"backend": "Agg", "figure.dpi": 60, "savefig.dpi": 60}


def points():
    """Two half moons of 60 points, and which each belongs to."""
    angle = np.linspace(0, np.pi, 30)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.concatenate([upper, lower]).astype(np.float32), np.repeat([0, 1], 30)


def trained():
    network = nn.Sequential(
        [nn.layers.Dense(16, activation="tanh", name="hidden"), nn.layers.Dense(2, activation="softmax", name="moon")]
    )
    network.compile(nn.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = network.fit(*points(), epochs=30, batch_size=60, verbose=0, rng=0, validation_data=points())
    return network, history


def branches():
    x, y = nn.Input((8, 8, 1), name="image"), nn.Input((4,), name="numbers")
    a = nn.layers.Conv2D(8, 3, activation="relu", name="conv")(x)
    b = nn.layers.Add(name="sum")([a, nn.layers.Conv2D(8, 3, padding="same", name="again")(a)])
    both = nn.layers.Concatenate(name="both")([nn.layers.Flatten(name="flat")(b), y])
    return nn.Model([x, y], nn.layers.Dense(2, name="scores")(both))


def tape():
    x, w, b = nn.asarray(2.0), nn.Variable(3.0, name="w"), nn.Variable(1.0, name="b")
    with nn.GradientTape(persistent=True) as found:
        loss = nn.square(w * x + b - 5.0)
    return nn.plotting.tape(found, loss, names={"x": x, "loss": loss})


def digits():
    (_, _), (x, y) = nn.datasets.mnist.load_data()
    scores = np.full((12, 10), 0.02)
    scores[np.arange(12), [7, 8, 1, 0, 9, 1, 4, 4, 5, 9, 6, 6]] = np.linspace(0.99, 0.6, 12)
    return x[:12], y[:12], scores


def decay():
    schedules = nn.optimizers.schedules
    return {
        "cosine": schedules.CosineDecay(0.1, 100),
        "stairs": schedules.ExponentialDecay(0.1, 20, 0.5, staircase=True),
    }


DRAWN = {
    "activations": lambda: nn.plotting.activations(trained()[0], points()[0]),
    "confusion_matrix": lambda: nn.plotting.confusion_matrix([0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 0], labels="abc"),
    "decision_boundary": lambda: nn.plotting.decision_boundary(trained()[0], *points()),
    "gradients": lambda: nn.plotting.gradients(trained()[0], *points()),
    "history": lambda: nn.plotting.history(trained()[1], ["loss", "accuracy"]),
    "images": lambda: nn.plotting.images(digits()[0], digits()[1]),
    "mistakes": lambda: nn.plotting.mistakes(*digits()),
    "model": lambda: nn.plotting.model(branches()),
    "overview": lambda: nn.plotting.overview(trained()[0], *points()),
    "report": lambda: nn.plotting.report(*trained(), *points()),
    "schedule": lambda: nn.plotting.schedule(decay(), 120),
    "tape": tape,
    "weights": lambda: nn.plotting.weights(np.sin(np.arange(16 * 6.0)).reshape(16, 6), columns=3),
}
NOT_COMPARED = {"program": "its bars are microseconds, which are measured anew each time"}


def drawn(name, path):
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        result = DRAWN[name]()
        getattr(result, "figure", result).savefig(path, metadata={"Software": None})


def test_every_function_that_draws_has_a_picture():
    assert {*DRAWN, *NOT_COMPARED} == {*nn.plotting.__all__}
    assert {path.stem for path in PICTURES.glob("*.png")} == {*DRAWN}


@pytest.mark.skipif(
    mpl.__version__.rsplit(".", 1)[0] != DRAWN_BY, reason=f"the pictures are those of Matplotlib {DRAWN_BY}"
)
@pytest.mark.parametrize("name", DRAWN)
def test_pictures_look_as_they_did(name, tmp_path, monkeypatch):
    monkeypatch.setattr(layout.shutil, "which", lambda name: None)  # versions of Graphviz place boxes differently
    drawn(name, tmp_path / "found.png")
    expected = tmp_path / "expected.png"
    expected.write_bytes((PICTURES / f"{name}.png").read_bytes())  # the difference is written beside it
    assert compare_images(str(expected), str(tmp_path / "found.png"), TOLERANCE) is None


if __name__ == "__main__":
    layout.shutil.which = lambda name: None
    for each in DRAWN:
        drawn(each, PICTURES / f"{each}.png")
