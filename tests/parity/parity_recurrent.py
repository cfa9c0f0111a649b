"""Recurrent layers against Keras 3: weights copied, outputs, states and gradients equal to 1e-5, arguments the same.

    KERAS_BACKEND=jax PYTHONPATH=. python -m tests.parity.parity_recurrent [WORD ...]

It needs an environment with Keras 3 and JAX beside what numbanet needs; pytest does not collect it.
"""

import itertools
import sys

import numpy as np

import numbanet as nn
from tests.parity.common import arguments, assert_close, outcome, report, with_same_weights

SAMPLES, STEPS, FEATURES, UNITS = 3, 5, 4, 6
KINDS = {
    "SimpleRNN": [{}, {"activation": "relu"}, {"use_bias": False}],
    "LSTM": [
        {}, {"activation": "relu", "recurrent_activation": "tanh"}, {"use_bias": False}, {"unit_forget_bias": False},
    ],
    "GRU": [{}, {"reset_after": False}, {"use_bias": False}, {"recurrent_activation": "relu"}],
}  # fmt: skip
FLAGS = [
    {}, {"return_sequences": True}, {"return_state": True}, {"return_sequences": True, "return_state": True},
    {"go_backwards": True, "return_sequences": True}, {"unroll": True},
]  # fmt: skip


def compare(keras, make, with_mask, with_state=0):
    """Raise AssertionError unless both libraries give the same."""
    import jax

    ours, theirs, rng = make(nn.layers), make(keras.layers), np.random.default_rng(5)
    with_same_weights(ours, theirs, (SAMPLES, STEPS, FEATURES), lambda shape: rng.normal(size=shape) / 2)
    x = rng.normal(size=(SAMPLES, STEPS, FEATURES)).astype(np.float32)
    options = {"mask": np.array([[1, 1, 0, 1, 1], [0, 0, 1, 1, 0], [1, 1, 1, 1, 1]], bool)} if with_mask else {}
    if with_state:
        options["initial_state"] = [rng.normal(size=(SAMPLES, UNITS)).astype(np.float32) for _ in range(with_state)]

    def listed(y):
        return list(y) if isinstance(y, (list, tuple)) else [y]

    factors = [rng.normal(size=y.shape).astype(np.float32) for y in listed(ours(x, **options))]

    def loss(x, trainable):
        y, _ = theirs.stateless_call(trainable, [v.value for v in theirs.non_trainable_variables], x, **options)
        return sum(jax.numpy.sum(one * f) for one, f in zip(listed(y), factors, strict=True)), listed(y)

    trainable = [v.value for v in theirs.trainable_variables]
    (_, expected), (by_x, by_weights) = jax.value_and_grad(loss, (0, 1), has_aux=True)(x, trainable)
    v = nn.Variable(x)
    with nn.GradientTape() as tape:
        found = listed(ours(v, **options))
        total = sum(nn.sum(one * f) for one, f in zip(found, factors, strict=True))
    gradients = tape.gradient(total, [v, *ours.trainable_weights])
    assert_close([*found, *gradients], [*expected, by_x, *by_weights])


def cases():
    """Yield (label, function of a module of layers, whether with a mask, how many initial states)."""
    for name, all_options in KINDS.items():
        states = 2 if name == "LSTM" else 1
        for options, flags, mask in itertools.product(all_options, FLAGS, (False, True)):
            given = options | flags
            if mask and given.get("unroll"):
                continue  # Keras takes zeros for the outputs before the first step that counts, and states otherwise

            def make(layers, name=name, given=given):
                return getattr(layers, name)(UNITS, **given)

            for state in (0, states):
                yield f"{name}({given}){' masked' * mask}{' from a state' * bool(state)}", make, mask, state
        for mode, flags, mask in itertools.product(
            ("concat", "sum", "mul", "ave", None), ({}, {"return_sequences": True}), (0, 1)
        ):

            def make(layers, name=name, flags=flags, mode=mode):
                return layers.Bidirectional(getattr(layers, name)(UNITS, **flags), merge_mode=mode)

            yield f"Bidirectional({name}({flags}), {mode}){' masked' * mask}", make, mask, 0

    def stacked(layers):
        return layers.RNN([layers.LSTMCell(UNITS), layers.GRUCell(3), layers.SimpleRNNCell(2)])

    yield "RNN of three cells", stacked, False, 0
    yield "RNN of three cells, masked", stacked, True, 0

    def distributed(layers):
        return layers.TimeDistributed(layers.Dense(3, activation="tanh"))

    yield "TimeDistributed", distributed, False, 0


def main():
    """Compare all cases; return 1 if one differs."""
    import keras

    wrong = 0
    for label, make, mask, states in cases():
        if all(word in label for word in sys.argv[1:]):
            wrong += report(label, outcome(compare, keras, make, mask, states))
    for name in (*KINDS, *[f"{kind}Cell" for kind in KINDS], "RNN", "StackedRNNCells", "Bidirectional", "Masking"):
        wrong += report(f"arguments of {name}", arguments(keras, name))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
