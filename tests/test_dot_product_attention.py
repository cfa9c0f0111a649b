"""Scaled dot-product attention against the formula in NumPy and float64: values, gradients, masks, replays, threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.kernels import threads as kernel_threads

NEVER = -(2.0**127)
FORMS = ("full", "samples", "heads", "queries", "keys", "matrix")


def by_formula(query, key, value, bias, mask, scale, causal):
    """The weights (samples, heads, queries, keys), the result, and which scores count."""
    together = query.shape[2] // key.shape[2]
    key, value = (np.repeat(x, together, axis=2) for x in (key, value))
    scores = np.einsum("bthd,bshd->bhts", query, key) * scale
    scores = scores if bias is None else scores + bias
    seen = np.ones(scores.shape, bool)
    seen = seen if mask is None else seen & mask
    seen = seen & np.tril(np.ones(scores.shape[2:], bool)) if causal else seen
    scores = np.where(seen, scores, NEVER)
    terms = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = terms / terms.sum(axis=-1, keepdims=True)
    return weights, np.einsum("bhts,bshd->bthd", weights, value), seen


def gradients_by_formula(g, query, key, value, bias, mask, scale, causal):
    """The gradients by query, key, value and the scores."""
    weights, _, seen = by_formula(query, key, value, bias, mask, scale, causal)
    shared, together = key.shape[2], query.shape[2] // key.shape[2]
    by_weights = np.einsum("bthd,bshd->bhts", g, np.repeat(value, together, axis=2))
    slopes = weights * (by_weights - (weights * by_weights).sum(axis=-1, keepdims=True)) * seen
    by_query = np.einsum("bhts,bshd->bthd", slopes, np.repeat(key, together, axis=2)) * scale
    by_key = np.einsum("bhts,bthd->bshd", slopes, query) * scale
    by_value = np.einsum("bhts,bthd->bshd", weights, g)
    by_key, by_value = (x.reshape(*x.shape[:2], shared, together, -1).sum(axis=3) for x in (by_key, by_value))
    return by_query, by_key, by_value, slopes


def broadcasting(form, samples, heads, queries, keys):
    """A shape that broadcasts to (samples, heads, queries, keys)."""
    return {
        "full": (samples, heads, queries, keys), "samples": (samples, 1, 1, keys), "heads": (1, heads, queries, keys),
        "queries": (samples, 1, queries, 1), "keys": (keys,), "matrix": (queries, keys),
    }[form]  # fmt: skip


@st.composite
def attentions(draw):
    """Query, key, value, bias, mask, scale and whether it is causal."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    samples, shared, together = (draw(st.integers(1, most)) for most in (2, 2, 2))
    sizes = st.one_of(st.integers(1, 9), st.sampled_from([16, 31, 33, 64, 70, 150]))
    queries, keys = draw(sizes), draw(sizes)
    size, other = draw(st.sampled_from([(3, 3), (8, 8), (16, 5), (1, 17), (32, 32), (40, 70)]))
    heads = shared * together
    shapes = (samples, queries, heads, size), (samples, keys, shared, size), (samples, keys, shared, other)
    query, key, value = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    if draw(st.booleans()):  # as permute_dims makes them
        query, value = (np.ascontiguousarray(np.moveaxis(x, 2, 1)).swapaxes(1, 2) for x in (query, value))
    bias = mask = None
    if draw(st.booleans()):
        bias = rng.normal(size=broadcasting(draw(st.sampled_from(FORMS)), samples, heads, queries, keys)).astype(dtype)
    if draw(st.booleans()):
        mask = rng.random(broadcasting(draw(st.sampled_from(FORMS)), samples, heads, queries, keys)) < 0.7
    scale = draw(st.sampled_from([None, 0.3, 2.0]))
    return query, key, value, bias, mask, scale, draw(st.booleans())


def exactly(one):
    """The same in float64, with the scale that is meant."""
    *arrays, mask, scale, causal = one
    arrays = [None if x is None else x.astype(np.float64) for x in arrays]
    return *arrays, mask, 1 / np.sqrt(one[0].shape[-1]) if scale is None else scale, causal


def close(found, expected, dtype, size):
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(found, expected, rtol=64 * eps, atol=64 * eps * max(size, np.abs(expected).max()))


@given(attentions())
def test_values(one):
    found = nn.dot_product_attention(*one)
    assert found.dtype == one[0].dtype
    assert found.numpy().flags.c_contiguous
    close(found.numpy(), by_formula(*exactly(one))[1], one[0].dtype, 4)


@given(attentions(), st.integers(0, 99), st.booleans())
def test_gradients(one, seed, of_bias):
    dtype = one[0].dtype
    tensors = [None if x is None else nn.asarray(x) for x in one[:4]]
    sources = [x for x in tensors[: 4 if of_bias else 3] if x is not None]
    with nn.GradientTape() as tape:
        tape.watch(sources)
        y = nn.dot_product_attention(*tensors, *one[4:])
    g = np.random.default_rng(seed).normal(size=y.shape).astype(dtype)
    found = tape.gradient(y, sources, output_gradients=g)
    *expected, slopes = gradients_by_formula(g.astype(np.float64), *exactly(one))
    size = 4 * np.sqrt(max(y.shape[1], one[1].shape[1]))
    for x, own in zip(found, expected, strict=False):
        close(x.numpy(), own, dtype, size)
    if len(found) > 3:
        shape = (*(1,) * (4 - one[3].ndim), *one[3].shape)
        axes = tuple(i for i in range(4) if shape[i] == 1)
        close(found[3].numpy(), slopes.sum(axis=axes, keepdims=True).reshape(one[3].shape), dtype, size * 16)


def test_a_query_that_may_look_at_no_key_gets_the_mean_of_all_and_moves_no_scores():
    rng = np.random.default_rng(2)
    query, key, value = (nn.asarray(rng.normal(size=(1, n, 1, 4))) for n in (3, 40, 40))
    mask = np.ones((3, 40), bool)
    mask[1] = False
    for causal in (False, True):
        with nn.GradientTape() as tape:
            tape.watch([query, key, value])
            y = nn.dot_product_attention(query, key, value, mask=mask, is_causal=causal)[:, 1]
        by_query, by_key, by_value = tape.gradient(y, [query, key, value])
        np.testing.assert_allclose(y.numpy()[0, 0], value.numpy()[0, :, 0].mean(axis=0), atol=1e-15)
        assert not by_query.numpy().any()
        assert not by_key.numpy().any()
        np.testing.assert_allclose(by_value.numpy(), 1 / 40, atol=1e-15)


def test_a_score_that_is_not_finite_is_told():
    query, key, value = (np.ones((1, n, 1, 4), np.float32) for n in (2, 50, 50))
    key[0, 3] = np.nan
    assert np.isnan(nn.dot_product_attention(query, key, value).numpy()).all()
    bias = np.zeros(50, np.float32)
    bias[7:] = -np.inf
    value[0, 7:] = 5
    np.testing.assert_array_equal(nn.dot_product_attention(query, query[:, :1].repeat(50, 1), value, bias).numpy(), 1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
def test_second_derivatives(causal, with_bias):
    rng = np.random.default_rng(4)
    query, key, value, bias = (rng.normal(size=shape) for shape in ((1, 3, 2, 2), (1, 4, 1, 2), (1, 4, 1, 3), (3, 4)))
    bias, mask = bias if with_bias else None, rng.random((1, 1, 3, 4)) < 0.8

    def slope(q, k, v):
        def f(*x):
            return nn.sum(nn.square(nn.dot_product_attention(*x, bias, mask, is_causal=causal)))

        return nn.sum(nn.square(nn.concat([nn.reshape(x, -1) for x in nn.grad(f, (0, 1, 2))(q, k, v)])))

    nn.testing.check_grad(slope, query, key, value)


def step(query, key, value, bias, mask, g):
    with nn.GradientTape() as tape:
        tape.watch([query, key, value])
        y = nn.dot_product_attention(query, key, value, bias, mask, is_causal=True)
    return y, *tape.gradient(y, [query, key, value], output_gradients=g)


@pytest.mark.needs_compiled("compiled kernels are recorded and split")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2])
def test_bytes_are_those_of_replays_and_of_any_number_of_threads(dtype, threads, monkeypatch, capsys):
    rng = np.random.default_rng(6)
    shapes = (2, 150, 4, 24), (2, 170, 2, 24), (2, 170, 2, 40), (1, 4, 150, 170), (2, 150, 4, 40)
    query, key, value, bias, g = (nn.asarray(rng.normal(size=shape).astype(dtype)) for shape in shapes)
    mask = nn.asarray(rng.random((2, 1, 1, 170)) < 0.8)
    monkeypatch.setattr(nn.config, "_num_threads", 1)
    expected = [x.numpy().tobytes() for x in step(query, key, value, bias, mask, g)]
    monkeypatch.setattr(nn.config, "_num_threads", threads)
    monkeypatch.setattr(kernel_threads, "SPLIT_NS", 1000)
    replayed = nn.function(step)
    for _ in range(5):
        assert [x.numpy().tobytes() for x in step(query, key, value, bias, mask, g)] == expected
        assert [x.numpy().tobytes() for x in replayed(query, key, value, bias, mask, g)] == expected
    replayed.explain()
    assert capsys.readouterr().out.startswith("step replays a Program")


def test_nothing_to_compute():
    query, key = np.ones((0, 3, 2, 4)), np.ones((0, 5, 2, 4))
    assert nn.dot_product_attention(query, key, key).shape == (0, 3, 2, 4)
    key = nn.ones((2, 5, 2, 4))
    with nn.GradientTape() as tape:
        tape.watch(key)
        y = nn.dot_product_attention(nn.ones((2, 0, 2, 4)), key, key)
    assert y.shape == (2, 0, 2, 4)
    assert not tape.gradient(y, key).numpy().any()


X = np.zeros((2, 3, 4, 5), np.float32)


def test_integers_become_float32():
    assert nn.dot_product_attention(X.astype(int), X.astype(int), X.astype(int)).dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ((X[0], X[0], X[0]), ShapeError, "needs query"),
        ((X, X[..., :3], X), ShapeError, "needs query"),
        ((X, X[:, :, :3], X[:, :, :3]), ShapeError, "divide those of queries"),
        ((X, X, X[:, :2]), ShapeError, "needs query"),
        ((X, X[:, :0], X[:, :0]), ShapeError, "at least one key"),
        ((X, X, X, np.zeros((2, 3))), ShapeError, r"bias broadcasts.*\(2, 4, 3, 3\), got \(2, 3\)"),
        ((X, X, X, None, np.zeros((3, 3, 3), bool)), ShapeError, "mask broadcasts"),
        ((X, X, X, None, np.zeros((3, 3))), DTypeError, "a mask has booleans, got float64"),
        ((X, X, X, None, None, "no"), ArgumentError, "scale must be a finite number"),
        ((X, X, X, None, None, None, "no"), ArgumentError, "is_causal must be True or False"),
        ((X, X, X, None, None, None, False, "no"), ArgumentError, "flash_attention must be True or False"),
        ((X, X, X, None, None, None, False, None, 30.0), ArgumentError, "attn_logits_soft_cap must be None"),
    ],
)
def test_bad_input(arguments, error, match):
    with pytest.raises(error, match=match):
        nn.dot_product_attention(*arguments)
