"""A look at a model between two steps: what replays follow by themselves, and what a first call makes, is no change."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.graph import guard

pytestmark = pytest.mark.needs_compiled("steps are recorded")


@pytest.mark.parametrize("make", [
    lambda: nn.Sequential([nn.layers.Dense(4, activation="relu"), nn.layers.Dropout(0.2), nn.layers.Dense(3)]),
    lambda: nn.Sequential([nn.layers.Dense(3, kernel_regularizer="l2")]),
], ids=["plain", "with a penalty"])  # fmt: skip
def test_the_first_step_is_recorded_however_slow_it_is(make, monkeypatch):
    """What the first call leaves in a model (`_last_call`) does not make the next look forget what was recorded."""
    monkeypatch.setattr(guard, "LOOK_SECONDS", -1.0)  # a look before every step
    x, y = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32), np.arange(8) % 3
    model = make()
    model.compile("sgd", nn.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, batch_size=4, epochs=1, rng=0, verbose=0)
    assert len(model.explanation.steps) == 1
