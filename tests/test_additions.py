"""A layer with state, an optimizer, a loss and a metric, each added to a copy of the sources: the edits that it takes.

What is added is found by name, trained, replayed and saved as the others are.
"""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import numbanet as nn

PACKAGE = Path(nn.__file__).parent


class Edit(NamedTuple):
    """Text that is put into a file: after an anchor, or at the end of the file, which may be new."""

    file: str
    text: str
    after: str = ""


LAYER = (
    Edit("layers/centering.py", '''
"""Layers that take means away."""

from numbanet.layers.layer import SameShape
from numbanet.ops.reduce import mean


class Centering(SameShape):
    """Takes away the mean of the batch in training, and a running one otherwise."""

    def build(self, input_shape):
        self.moving_mean = self.add_weight((input_shape[-1],), "zeros", "moving_mean", trainable=False)

    def call(self, x, training=False):
        if not training:
            return x - self.moving_mean
        now = mean(x, axis=0)
        self.moving_mean.assign(0.9 * self.moving_mean + 0.1 * now)
        return x - now
'''),
    Edit("layers/__init__.py", "from numbanet.layers.centering import Centering\n", "LeakyReLU, ReLU, Softmax\n"),
    Edit("layers/__init__.py", '    "Centering",\n', '    "Average",\n'),
)  # fmt: skip
OPTIMIZER = (
    Edit("loops/optimizers.py", '''

def fading(w, g, m, u, rate, rest, beta_2, epsilon, start, stop):
    """The update of Fading."""
    for i in range(start, stop):
        m[i] += rest * (g[i] - m[i])
        size = g[i] if g[i] > 0 else -g[i]
        u[i] = beta_2 * u[i] if beta_2 * u[i] > size else size
        w[i] -= rate * m[i] / (u[i] + epsilon)
'''),
    Edit("backends/cython/optimizers.pxd", "cdef void fading(real[::1] w, const real[::1] g, real[::1] m, real[::1] u, "
         "real rate, real rest, real beta_2, real epsilon, size_t start, size_t stop) noexcept nogil\n"),
    Edit("optimizers/fading.py", '''
"""Fading: Adam with the largest gradient so far, which fades, in place of the mean of squares."""

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import memory, not_negative

_fading = Kernel(loops.fading, cost=0.3)


class Fading(Optimizer):
    """Kingma and Ba: Adam, 2014, section 7.1."""

    settings = {**Optimizer.settings, "beta_1": memory, "beta_2": memory, "epsilon": not_negative}
    rule_is_launches = True

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self._set(beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)

    def slots(self):
        return ("momentum", "norm")

    def numbers(self, rate, step):
        return rate / (1 - self.beta_1**step), 1 - self.beta_1, self.beta_2, self.epsilon

    def update(self, w, g, state, *numbers):
        _fading(w.size, w, g, *state, *numbers)

    def get_config(self):
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
'''),
    Edit("optimizers/__init__.py", "from numbanet.optimizers.fading import Fading\n", "import AdamW\n"),
    Edit("optimizers/__init__.py", '    "Fading",\n', '    "AdamW",\n'),
)  # fmt: skip
LOSS = (
    Edit("losses/hinges.py", '''

def squared_hinge(y_true, y_pred):
    """`mean(maximum(1 - y_true * y_pred, 0)**2)` over the last axis."""
    y_true, y_pred = aligned("squared_hinge", y_true, y_pred)
    margin = maximum(1 - y_true * y_pred, 0.0)
    return mean(margin * margin, axis=-1)


class SquaredHinge(Hinge):
    """The mean of `squared_hinge`."""

    function = staticmethod(squared_hinge)
'''),
    Edit("losses/__init__.py", "SquaredHinge, squared_hinge, ", "from numbanet.losses.hinges import "),
    Edit("losses/__init__.py", '"SquaredHinge", "squared_hinge", ', '"Loss",\n    '),
)  # fmt: skip
METRIC = (
    Edit("metrics/regression.py", '''

class LargestError(Metric):
    """The largest difference."""

    def __init__(self, name="largest_error"):
        super().__init__(name)

    def reset(self):
        self.largest = 0.0

    def update(self, y_true, y_pred, sample_weight=None):
        self.largest = max(self.largest, float(abs(y_true - y_pred).max()))

    def result(self):
        return self.largest
'''),
    Edit("metrics/regression.py", "from numbanet.metrics.metric import Metric\n", "import annotations\n\n"),
    Edit("metrics/__init__.py", "LargestError, ", "from numbanet.metrics.regression import "),
    Edit("metrics/__init__.py", '"LargestError", ', '"LossMetric", '),
)  # fmt: skip

EDITS = {"a layer with state": LAYER, "an optimizer": OPTIMIZER, "a loss": LOSS, "a metric": METRIC}

SCRIPT = """
import numpy as np, numbanet as nn
x = np.linspace(-1, 1, 96, dtype=np.float32).reshape(24, 4)
y = np.where(x[:, :1] > 0, 1, -1).astype(np.float32)


class Batches(nn.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        "Has training run eagerly."


def trained(callbacks=None):
    model = nn.Sequential([nn.layers.Dense(5, "tanh"), nn.layers.Centering(), nn.layers.Dense(1)])
    model.compile("fading", "squared_hinge", ["largest_error"])
    return model, model.fit(x, y, batch_size=8, epochs=4, verbose=0, rng=0, callbacks=callbacks).history


(model, history), (eager, plain) = trained(), trained([Batches()])
assert history == plain, (history, plain)
assert [w.numpy().tobytes() for w in model.weights] == [w.numpy().tobytes() for w in eager.weights]
assert model.layers[1].moving_mean.numpy().all()
assert history["loss"][-1] < history["loss"][0]
assert history["largest_error"][-1] > 0
model.save("model.numbanet")
other = nn.load_model("model.numbanet")
kinds = type(other.layers[1]), type(other.optimizer), type(other.loss), type(other.metrics[0])
assert kinds == (nn.layers.Centering, nn.optimizers.Fading, nn.losses.SquaredHinge, nn.metrics.LargestError)
assert other.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
assert other.fit(x, y, verbose=0, rng=1).history == model.fit(x, y, verbose=0, rng=1).history
model.explain()
from numbanet.backends.cython import generate
(body,) = [one for one in generate.declared("optimizers") if one.name == "fading"]
assert len([*generate.entries(body, generate.fused_types())]) == 2  # of float32 and float64
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The sources, with all edits made."""
    folder = tmp_path_factory.mktemp("additions")
    shutil.copytree(PACKAGE, folder / "numbanet", ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    for edit in itertools.chain(*EDITS.values()):
        path = folder / "numbanet" / edit.file
        text = path.read_text("utf-8") if path.exists() else ""
        assert text.count(edit.after) == 1 or not edit.after, f"{edit.after!r} is not in {edit.file} once"
        at = text.index(edit.after) + len(edit.after) if edit.after else len(text)
        path.write_text(text[:at] + edit.text + text[at:], "utf-8")
    return folder


@pytest.mark.needs_numba("the copy of the sources has no compiled extension")
def test_what_is_added_is_trained_replayed_and_saved_as_the_others_are(copy):
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["NUMBANET_CACHE_DIR"] = str(copy / "cache")
    environment["NUMBANET_BACKEND"] = "numba"
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Training replays a Program" in done.stdout
