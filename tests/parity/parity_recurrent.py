"""Recurrent layers against Keras 3: weights copied, outputs, states and gradients equal to 1e-5, arguments the same.

    KERAS_BACKEND=jax PYTHONPATH=. python -m tests.parity.parity_recurrent [WORD ...]

It needs an environment with Keras 3 and JAX beside what numbanet needs; pytest does not collect it.
"""

import inspect
import itertools
import re
import sys

import numpy as np

import numbanet as nn

SAMPLES, STEPS, FEATURES, UNITS = 3, 5, 4, 6
LEFT_OUT = {"self", "seed", "kwargs", "use_cudnn", "weights"}
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


def layers_of(keras, make):
    """Return the layer of either library, with the same weights."""
    ours, theirs = make(nn.layers), make(keras.layers)
    theirs.build((SAMPLES, STEPS, FEATURES))
    ours.build((None, STEPS, FEATURES))
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights], [w.shape for w in ours.weights]
    names = [w.name.rpartition("/")[2] for w in ours.weights], [w.name for w in theirs.weights]
    assert names[0] == names[1], names
    paths = [re.sub(r"_\d+/", "/", w.path) for w in theirs.weights]  # Keras numbers layers over the whole process
    assert [w.name for w in ours.weights] == paths, paths
    rng = np.random.default_rng(3)
    values = [rng.normal(size=w.shape).astype(np.float32) / 2 for w in ours.weights]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


def compare(keras, make, with_mask, with_state=0):
    """Raise AssertionError unless both libraries give the same."""
    import jax

    ours, theirs = layers_of(keras, make)
    rng = np.random.default_rng(5)
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
    for one, other in zip([*found, *gradients], [*expected, by_x, *by_weights], strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=1e-5, atol=1e-5)


def arguments(keras, name):
    """Return what differs between the arguments and their defaults."""
    theirs = inspect.signature(getattr(keras.layers, name).__init__).parameters
    ours = inspect.signature(getattr(nn.layers, name).__init__).parameters
    wanted = [one for one in theirs if one not in LEFT_OUT]
    found = [one for one in ours if one in wanted]
    told = [] if found == wanted else [f"arguments {found}, Keras has {wanted}"]
    for one in found:
        if ours[one].default != theirs[one].default:
            told.append(f"{one}={ours[one].default!r}, Keras has {theirs[one].default!r}")
    return told


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
    for flags in ({}, {"return_sequences": True, "return_state": True}):

        def make(layers, flags=flags):
            return layers.RNN([layers.LSTMCell(UNITS), layers.GRUCell(3), layers.SimpleRNNCell(2)], **flags)

        if not flags:
            yield "RNN of three cells", make, False, 0
            yield "RNN of three cells, masked", make, True, 0

    def distributed(layers):
        return layers.TimeDistributed(layers.Dense(3, activation="tanh"))

    yield "TimeDistributed", distributed, False, 0


def main():
    """Compare all cases; return 1 if one differs."""
    import keras

    wrong = 0
    for label, make, mask, states in cases():
        if not all(word in label for word in sys.argv[1:]):
            continue
        try:
            compare(keras, make, mask, states)
            print(f"equal   {label}")
        except Exception as error:
            wrong += 1
            print(f"differs {label}\n    {type(error).__name__}: {str(error).strip()[:400]}")
    for name in (*KINDS, *[f"{kind}Cell" for kind in KINDS], "RNN", "StackedRNNCells", "Bidirectional", "Masking"):
        told = arguments(keras, name)
        wrong += bool(told)
        print(f"{'differs' if told else 'equal':8}arguments of {name}")
        print("".join(f"    {line}\n" for line in told), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
