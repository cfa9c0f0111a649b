"""Attention against loops in NumPy and float64: values, gradients, masks, replays, files, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.masks import mask_of
from tests.layer_checks import assert_replays

RNG = np.random.default_rng(0)
STEPS = st.integers(1, 5)


def by_hand(scores, value, allowed):
    """Return the means of values for each query, one after another, and their weights."""
    weights = np.zeros(scores.shape)
    for i, row in enumerate(scores):
        seen = allowed[i]
        e = np.where(seen, np.exp(row - row[seen].max()), 0) if seen.any() else np.ones_like(row)
        weights[i] = e / e.sum()
    return weights @ value, weights


def drawn(seed, samples=2, queries=3, keys=4, size=5):
    rng = np.random.default_rng(seed)
    return rng, [rng.normal(size=(samples, n, size)) for n in (queries, keys, keys)]


def allowed_of(rng, samples, queries, keys, causal, masked):
    allowed = np.ones((samples, queries, keys), bool)
    seen = rng.random((samples, keys)) < 0.7
    seen[:, 0] = True
    if masked:
        allowed &= seen[:, None]
    if causal:
        allowed &= np.tril(np.ones((queries, keys), bool))
    return allowed, seen if masked else None


@given(st.integers(0, 99), STEPS, STEPS, st.booleans(), st.booleans(), st.sampled_from(["dot", "concat"]))
def test_attention(seed, queries, keys, causal, masked, mode):
    rng, (q, v, k) = drawn(seed, queries=queries, keys=keys)
    allowed, seen = allowed_of(rng, 2, queries, keys, causal, masked)
    layer = nn.layers.Attention(use_scale=True, score_mode=mode, dtype="float64")
    layer.build([q.shape, v.shape, k.shape])
    scale, factor = rng.normal(size=2)
    layer.set_weights([scale] if mode == "dot" else [scale, factor])
    mask = None if seen is None else [None, seen]
    y, weights = layer([q, v, k], mask=mask, use_causal_mask=causal, return_attention_scores=True)
    for i in range(2):
        if mode == "dot":
            scores = q[i] @ k[i].T * scale
        else:
            scores = factor * np.tanh(scale * (q[i][:, None] + k[i][None])).sum(-1)
        expected, of_scores = by_hand(scores, v[i], allowed[i])
        np.testing.assert_allclose(weights[i].numpy(), of_scores, atol=1e-9)
        np.testing.assert_allclose(y[i].numpy(), expected, atol=1e-9)
    without = layer([q, v, k], mask=mask, use_causal_mask=causal)
    np.testing.assert_allclose(without.numpy(), y.numpy(), atol=1e-9)


@pytest.mark.parametrize("causal", [False, True])
def test_a_query_without_keys_is_treated_alike_whether_or_not_weights_are_asked_for(causal):
    _, (q, v, k) = drawn(4, keys=6)
    seen = np.ones((2, 6), bool)
    seen[1] = False
    for layer in (nn.layers.Attention(dtype="float64"), nn.layers.MultiHeadAttention(2, 3, dtype="float64")):
        options = {"use_causal_mask": causal, "rng": 0}
        if isinstance(layer, nn.layers.Attention):
            given, options["mask"] = ([q, v, k],), [None, seen]
        else:
            given, options["value_mask"] = (q, v, k), seen
        y, _ = layer(*given, return_attention_scores=True, **options)
        np.testing.assert_allclose(layer(*given, **options).numpy(), y.numpy(), atol=1e-12)


def test_additive_attention():
    rng, (q, v, k) = drawn(3)
    layer = nn.layers.AdditiveAttention(dtype="float64")
    layer.build([q.shape, v.shape])
    scale = rng.normal(size=5)
    layer.set_weights([scale])
    for i, y in enumerate(layer([q, v, k])):
        scores = (scale * np.tanh(q[i][:, None] + k[i][None])).sum(-1)
        np.testing.assert_allclose(y.numpy(), by_hand(scores, v[i], np.ones(scores.shape, bool))[0], atol=1e-12)


@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
def test_queries_that_do_not_count_give_zeros(kind):
    _, (q, v, _) = drawn(1)
    keep = np.array([[True, False, True], [False, True, True]])
    y = getattr(nn.layers, kind)()([q, v], mask=[keep, None], rng=0)
    assert (y.numpy()[~keep] == 0).all()
    assert (y.numpy()[keep] != 0).all()
    np.testing.assert_array_equal(mask_of(y).numpy(), keep)


def heads_by_hand(layer, q, v, k, allowed):
    """Return the result of each head by itself, added up, and the weights."""
    wq, bq, wk, bk, wv, bv, wo, bo = [w.numpy() for w in layer.weights]
    results = np.zeros((*q.shape[:2], *wo.shape[2:]))
    scores_of = np.zeros((len(q), wq.shape[1], q.shape[1], k.shape[1]))
    for i in range(len(q)):
        for h in range(wq.shape[1]):
            qs, ks, vs = q[i] @ wq[:, h] + bq[h], k[i] @ wk[:, h] + bk[h], v[i] @ wv[:, h] + bv[h]
            found, scores_of[i, h] = by_hand(qs @ ks.T / np.sqrt(wq.shape[2]), vs, allowed[i])
            results[i] += np.tensordot(found, wo[h], 1)
    return results + bo, scores_of


@given(st.integers(0, 99), STEPS, STEPS, st.integers(1, 3), st.booleans(), st.booleans(), st.booleans())
def test_multi_head_attention(seed, queries, keys, heads, causal, masked, own):
    rng, (q, v, k) = drawn(seed, queries=queries, keys=keys)
    allowed, seen = allowed_of(rng, 2, queries, keys, causal, masked)
    given_mask = None
    if own:
        given_mask = rng.random(allowed.shape) < 0.7
        allowed = allowed & given_mask
    layer = nn.layers.MultiHeadAttention(heads, 3, value_dim=2, output_shape=4, dtype="float64")
    layer.build([q.shape, v.shape, k.shape])
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    options = {"value_mask": seen, "attention_mask": given_mask, "use_causal_mask": causal}
    y, weights = layer(q, v, k, return_attention_scores=True, **options)
    expected, scores = heads_by_hand(layer, q, v, k, allowed)
    np.testing.assert_allclose(weights.numpy(), scores, atol=1e-12)
    np.testing.assert_allclose(y.numpy(), expected, atol=1e-11)
    np.testing.assert_allclose(layer(q, v, k, **options).numpy(), expected, atol=1e-11)


def test_gradients():
    _, (q, v, k) = drawn(5)
    mask = [None, np.array([[1, 1, 0, 1], [1, 0, 1, 1]], bool)]
    layers = [nn.layers.Attention(dtype="float64"), nn.layers.AdditiveAttention(dtype="float64")]
    for layer in layers:
        nn.testing.check_grad(lambda *x, layer=layer: nn.sum(nn.square(layer([*x], mask=mask, rng=0))), q, v, k)
    heads = nn.layers.MultiHeadAttention(2, 3, dtype="float64")
    nn.testing.check_grad(lambda *x: nn.sum(nn.square(heads(*x, value_mask=mask[1], rng=0))), q, v, k)
    inputs = [nn.asarray(x) for x in (q, v, k)]
    weights = [w.numpy() for w in heads.weights]

    def loss(kernel):
        heads.weights[4].assign(nn.stop_gradient(kernel))
        return nn.sum(nn.square(heads(*inputs)))

    with nn.GradientTape() as tape:
        y = loss(nn.asarray(weights[4]))
    g = tape.gradient(y, heads.weights[4]).numpy()
    moved = [float(loss(nn.asarray(weights[4] + sign * 1e-6 * g))) for sign in (1, -1)]
    assert (moved[0] - moved[1]) / 2e-6 == pytest.approx(float((g * g).sum()), rel=1e-6)


def test_weights_are_those_of_keras():
    layer = nn.layers.MultiHeadAttention(2, 3, value_dim=4)
    layer.build([(None, 5, 6), (None, 7, 8), (None, 7, 9)])
    assert [(w.name.partition("/")[2], w.shape) for w in layer.weights] == [
        ("query/kernel", (6, 2, 3)), ("query/bias", (2, 3)), ("key/kernel", (9, 2, 3)), ("key/bias", (2, 3)),
        ("value/kernel", (8, 2, 4)), ("value/bias", (2, 4)), ("attention_output/kernel", (2, 4, 6)),
        ("attention_output/bias", (6,)),
    ]  # fmt: skip


class Self(nn.layers.Layer):
    """Attention of sequences to themselves, as in a Transformer."""

    def __init__(self, **options):
        super().__init__(**options)
        self.attention = nn.layers.MultiHeadAttention(2, 3, dropout=0.1)

    def call(self, x):
        return x + self.attention(x, x, use_causal_mask=True)


class Luong(nn.layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.attention = nn.layers.Attention(use_scale=True, dropout=0.2)

    def call(self, x):
        return self.attention([x, x])


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_functional_models_replay_and_save(tmp_path):
    inputs = nn.Input((6, 4))
    h = nn.layers.Masking()(inputs)
    attended = nn.layers.MultiHeadAttention(2, 3)(h, h, use_causal_mask=True)
    both = nn.layers.Attention()([nn.layers.Add()([h, attended]), h], use_causal_mask=True)
    model = nn.Model(inputs, nn.layers.GRU(2)(both))
    x = RNG.normal(size=(24, 6, 4)).astype(np.float32)
    x[:, 4:] = 0
    y = RNG.normal(size=(24, 2)).astype(np.float32)
    model.compile("adam", "mse")
    losses = model.fit(x, y, batch_size=8, epochs=3, verbose=0, rng=0).history["loss"]
    assert model.explanation.steps
    assert losses[-1] < losses[0]
    x[:, 4:] = 0
    moved = x.copy()
    moved[:, 3] += 1
    before, after = (model.layers[2](one, one, use_causal_mask=True).numpy() for one in (x, moved))
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    model.save(tmp_path / "model.numbanet")
    np.testing.assert_array_equal(nn.load_model(tmp_path / "model.numbanet")(x).numpy(), model(x).numpy())


@pytest.mark.needs_compiled("compiled kernels are recorded")
@pytest.mark.parametrize("kind", [Self, Luong])
def test_replays(kind):
    assert_replays(lambda: [kind()], (6, 4))


@pytest.mark.parametrize(
    "layer",
    [nn.layers.Attention(True, "concat", 0.2), nn.layers.AdditiveAttention(False), nn.layers.MultiHeadAttention(2, 3)],
    ids=lambda layer: layer.name,
)
def test_settings(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


X = np.zeros((2, 3, 4), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: nn.layers.Attention()(X), ArgumentError, "needs a list"),
        (lambda: nn.layers.Attention()([X]), ArgumentError, "needs a list"),
        (lambda: nn.layers.Attention()([X, X[..., :3]]), ShapeError, "do not fit"),
        (lambda: nn.layers.Attention(score_mode="sum"), ArgumentError, "'dot' or 'concat'"),
        (lambda: nn.layers.Attention()([X, X], mask=[None, np.ones((2, 2), bool)]), ShapeError, r"mask .*\(2, 3\)"),
        (lambda: nn.layers.MultiHeadAttention(0, 3), ArgumentError, "num_heads"),
        (lambda: nn.layers.MultiHeadAttention(2, 3, attention_axes=(1, 2)), ArgumentError, "attention_axes"),
        (lambda: nn.layers.MultiHeadAttention(2, 3)(X, X[:, :2], X), ShapeError, "do not fit"),
        (
            lambda: nn.layers.MultiHeadAttention(2, 3)(X, X, attention_mask=np.ones((2, 3, 2), bool)),
            ShapeError,
            r"attention_mask of shape \(2, 3, 3\), got \(2, 3, 2\)",
        ),
        (lambda: nn.layers.MultiHeadAttention(2, 3)(X, X, use_causal_mask="yes"), ArgumentError, "use_causal_mask"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()
