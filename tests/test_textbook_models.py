"""Models as a textbook writes them: layers of one's own up to the softmax, trained by fit and by hand."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError
from numbanet.graph.outcome import Eager
from tests.plain import Listener

X = np.random.default_rng(0).normal(size=(96, 5)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 1)


class SimpleDense(nn.layers.Layer):
    """A dense layer with its activation inside, so that nothing says which scores are behind its output."""

    def __init__(self, units, activation=None):
        super().__init__()
        self.units, self.activate_with = units, activation

    def build(self, input_shape):
        self.W = self.add_weight((input_shape[-1], self.units), "random_normal", "W")
        self.b = self.add_weight((self.units,), "zeros", "b")

    def call(self, x):
        y = nn.matmul(x, self.W) + self.b
        return y if self.activate_with is None else self.activate_with(y)


def model():
    made = nn.Sequential([SimpleDense(4, nn.nn.relu), SimpleDense(3, nn.nn.softmax)])
    made.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])
    return made


@pytest.mark.needs_compiled("compiled kernels are recorded")
@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None], LABELS.astype(np.float32), LABELS.astype(np.uint8)])
def test_probabilities_of_ones_own_replay(labels):
    found = []
    for callbacks in ([], [Listener()]):
        made = model()
        history = made.fit(X, labels, epochs=3, batch_size=16, verbose=0, rng=0, callbacks=callbacks)
        assert isinstance(made.explanation, Eager) == bool(callbacks)
        found.append(([w.numpy().tobytes() for w in made.weights], history.history))
    assert found[0] == found[1]


@pytest.mark.parametrize("bad", [3, -1])
def test_labels_that_are_no_classes_are_refused_before_a_weight_changes(bad):
    made = model()
    made.build((5,), rng=0)
    before = [w.numpy().tobytes() for w in made.weights]
    labels = LABELS.copy()
    labels[-1] = bad
    with pytest.raises(ArgumentError, match=f"label {bad} is none of the 3 classes"):
        made.fit(X, labels, batch_size=len(X), verbose=0, rng=0)
    assert before == [w.numpy().tobytes() for w in made.weights]


def test_steps_by_hand_replay_in_a_function():
    first, second = SimpleDense(4, nn.nn.relu), SimpleDense(3, nn.nn.softmax)
    optimizer = nn.optimizers.SGD(0.1)

    @nn.function
    def step(x, labels):
        with nn.GradientTape() as tape:
            losses = nn.losses.sparse_categorical_crossentropy(labels, second(first(x)))
            loss = nn.reduce_mean(losses)
        weights = [*first.weights, *second.weights]
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    losses = [step(X, LABELS).item() for _ in range(20)]
    assert losses[-1] < losses[0]
    with pytest.raises(ArgumentError, match="label 7 is none"):
        step(X, np.full_like(LABELS, 7))
