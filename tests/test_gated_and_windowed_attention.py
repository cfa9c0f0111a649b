"""MultiHeadAttention with a sliding window and a gate, against NumPy; gradients, replays and settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, SettingError
from tests.layer_checks import assert_replays

L = nn.layers
SEEDS = st.integers(0, 2**32 - 1)


def expected_of(layer, query, value, allowed):
    """Return what a layer is to give, its weights by their names."""
    w = {one.name.split("/", 1)[1]: one.numpy() for one in layer.weights}

    def projected(x, part):
        return np.einsum("btd,dnh->bnth", x, w[f"{part}/kernel"]) + w[f"{part}/bias"][:, None]

    q, k, v = projected(query, "query"), projected(value, "key"), projected(value, "value")
    scores = np.where(allowed, q @ np.swapaxes(k, 2, 3) / np.sqrt(layer.key_dim), -1e30)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    heads = e / e.sum(axis=-1, keepdims=True) @ v
    if layer.use_gate:
        heads = heads / (1 + np.exp(-projected(query, "gate")))
    return np.einsum("bnth,nhd->btd", heads, w["attention_output/kernel"]) + w["attention_output/bias"]


@given(
    seed=SEEDS, window=st.none() | st.integers(1, 6), gate=st.booleans(), causal=st.booleans(),
    queries=st.integers(1, 5), scored=st.booleans(),
)  # fmt: skip
def test_values(seed, window, gate, causal, queries, scored):
    rng = np.random.default_rng(seed)
    query, value = rng.normal(size=(2, queries, 3)), rng.normal(size=(2, 5, 4))
    layer = L.MultiHeadAttention(
        2, 3, 4, sliding_window=window, use_gate=gate, dtype="float64", bias_initializer="normal"
    )
    found = layer(query, value, use_causal_mask=causal, return_attention_scores=scored, rng=seed)
    at, to = np.arange(queries)[:, None], np.arange(5)
    allowed = (np.abs(at - to) < (window or 99)) & ((to <= at) if causal else True)
    expected = expected_of(layer, query, value, allowed)
    np.testing.assert_allclose(found[0] if scored else found, expected, rtol=1e-10, atol=1e-12)
    if scored:
        np.testing.assert_array_equal(np.asarray(found[1])[:, :, ~allowed], 0)


def test_weights_have_the_order_of_keras():
    layer = L.MultiHeadAttention(2, 3, use_gate=True, use_bias=False)
    layer(np.ones((1, 2, 4)), np.ones((1, 2, 5)), rng=0)
    assert [one.name.split("/")[1] for one in layer.weights] == ["query", "key", "gate", "value", "attention_output"]
    assert layer.weights[2].shape == (4, 2, 3)


def test_gradients():
    rng = np.random.default_rng(1)
    layer = L.MultiHeadAttention(2, 2, sliding_window=2, use_gate=True, dtype="float64")
    x = rng.normal(size=(2, 3, 3))
    layer(x, x, rng=0)
    nn.testing.check_grad(lambda x: nn.sin(layer(x, x)), x, order=2)


class Attending(L.Layer):
    """Attends to its input."""

    def __init__(self, **options):
        super().__init__(**options)
        self.attention = L.MultiHeadAttention(2, 3, sliding_window=2, use_gate=True, flash_attention=True)

    def call(self, x):
        """Return what steps take from those beside them."""
        return self.attention(x, x)


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_replays_and_settings():
    model = assert_replays(lambda: [Attending()], (4, 3))
    config = model.layers[0].attention.get_config()
    assert (config["sliding_window"], config["use_gate"], config["flash_attention"]) == (2, True, True)
    assert L.MultiHeadAttention.from_config(config).get_config() == config


def test_errors():
    with pytest.raises(ArgumentError, match="sliding_window must be a positive integer, got 0"):
        L.MultiHeadAttention(2, 3, sliding_window=0)
    with pytest.raises(ArgumentError, match="flash_attention"):
        L.MultiHeadAttention(2, 3, flash_attention="fast")
    layer = L.MultiHeadAttention(2, 3)
    layer(np.ones((1, 2, 4)), np.ones((1, 2, 4)), rng=0)
    with pytest.raises(SettingError, match="use_gate cannot change"):
        layer.use_gate = True
