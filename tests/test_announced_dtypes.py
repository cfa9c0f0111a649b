"""Inputs of an announced dtype: values are what they were, or are refused by name; in models of both kinds alike."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import DTypeError, OutOfRangeError


def sequential(dtype):
    return nn.Sequential([nn.layers.Input((2,), dtype=dtype), nn.layers.Lambda(lambda x: x * 1)])


def functional(dtype):
    inputs = nn.Input((2,), dtype=dtype)
    return nn.Model(inputs, nn.layers.Lambda(lambda x: x * 1)(inputs))


KINDS = [sequential, functional]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64", "bool"])
@pytest.mark.parametrize("given", ["int64", "uint64", "uint8", "bool"])
def test_what_fits(kind, dtype, given):
    x = np.array([[0, 1], [1, 0]]).astype(given)
    model = kind(dtype)
    for found in (model(x).numpy(), model.predict(x, verbose=0)):
        assert found.tolist() == [[0, 1], [1, 0]]
    if dtype != "bool":
        assert model(x).dtype == dtype


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("dtype", "value"), [("uint8", 256), ("uint8", -1), ("int8", 128), ("int32", 2**31), ("bool", 2), ("bool", -1)]
)
def test_what_does_not_fit(kind, dtype, value):
    model = kind(dtype)
    x = np.zeros((8, 2), np.int64)
    for _ in range(3):
        model.predict(x, batch_size=4, verbose=0)
    x[5, 1] = value  # replays see it as well
    for call in (model, lambda x: model.predict(x, batch_size=4, verbose=0)):
        with pytest.raises(OutOfRangeError, match=f"{dtype} is needed, in which {value} does not fit"):
            call(x)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool"])
@pytest.mark.parametrize("value", [1.5, 1.0, np.nan])
def test_floating_numbers_are_not_made_integers(kind, dtype, value):
    """A Sequential cut 1.5 off to 1."""
    for x in (np.full((4, 2), value), np.full((4, 2), value, np.float32)):
        for call in (kind(dtype), lambda x: kind(dtype).predict(x, verbose=0)):
            with pytest.raises(DTypeError, match=f"{dtype} is needed, got float"):
                call(x)


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32"])
def test_embeddings_in_both_kinds_train_alike(dtype):
    x = np.random.default_rng(0).integers(0, 5, (20, 4))
    y = np.random.default_rng(1).normal(size=(20, 1)).astype(np.float32)

    def layers():
        return [nn.layers.Embedding(5, 3), nn.layers.Flatten(), nn.layers.Dense(1)]

    inputs = nn.Input((4,), dtype=dtype, rng=0)
    outputs = inputs
    for layer in layers():
        outputs = layer(outputs)
    models = [nn.Sequential([nn.layers.Input((4,), dtype=dtype), *layers()], rng=0), nn.Model(inputs, outputs)]
    found = []
    for model in models:
        model.compile("adam", "mse")
        model.fit(x, y, batch_size=8, epochs=3, verbose=0, rng=0)
        found.append([weight.tobytes() for weight in model.get_weights()])
    assert found[0] == found[1]
