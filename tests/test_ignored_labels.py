"""`ignore_class`: labels that do not count in cross-entropies, against formulas in NumPy; in training as well."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError
from numbanet.ops.masks import mask_of, set_mask
from tests.layer_checks import Batches, bytes_of

SEEDS = st.integers(0, 2**32 - 1)
NAME = "sparse_categorical_crossentropy"


def crossentropies(labels, scores, ignored):
    """Return minus the logarithms of the softmax at the labels, 0 where they are ignored, and which count."""
    counts = labels != ignored
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    found = np.take_along_axis(logs, np.where(counts, labels, 0)[..., None], -1)[..., 0]
    return np.where(counts, -found, 0), counts


def drawn(seed, ignored, shape=(6,)):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, shape)
    return np.where(rng.random(shape) < 0.3, ignored, labels), rng.normal(size=(*shape, 4))


@given(
    seed=SEEDS, ignored=st.sampled_from([-1, 255, 2]), sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    from_logits=st.booleans(), dtype=st.sampled_from(["int64", "int16", "float64"]),
)  # fmt: skip
def test_means_are_those_of_the_rest(seed, ignored, sizes, from_logits, dtype):
    labels, scores = drawn(seed, ignored, tuple(sizes))
    y = labels.astype(dtype)
    expected, counts = crossentropies(labels, scores, ignored)
    given_scores = scores if from_logits else np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    found = nn.losses.sparse_categorical_crossentropy(y, given_scores, from_logits, ignored)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(mask_of(found), counts)
    settings = {"from_logits": from_logits, "ignore_class": ignored}
    loss = nn.losses.SparseCategoricalCrossentropy(**settings)
    mean = expected.sum() / max(counts.sum(), 1)
    assert float(loss(y, given_scores)) == pytest.approx(mean, rel=1e-6)
    metric = nn.metrics.SparseCategoricalCrossentropy(**settings)
    weights = np.random.default_rng(seed).random(len(y))
    spread = np.broadcast_to(weights.reshape(-1, *[1] * (y.ndim - 1)), y.shape)
    weighted = (expected * spread).sum() / max(counts.sum(), 1)
    assert float(loss(y, given_scores, weights)) == pytest.approx(weighted, rel=1e-6)
    total = nn.losses.SparseCategoricalCrossentropy(**settings, reduction="sum")
    assert float(total(y, given_scores)) == pytest.approx(expected.sum(), rel=1e-9)
    if counts.any():
        metric.update(y, given_scores)
        assert metric.result() == pytest.approx(mean, rel=1e-9)
        metric.reset()
        metric.update(y, given_scores, weights)
        assert metric.result() == pytest.approx((expected * spread).sum() / spread[counts].sum(), rel=1e-9)


def test_gradients():
    labels, scores = drawn(0, -1)
    for loss in (
        nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1),
        lambda y, p: nn.losses.SparseCategoricalCrossentropy(ignore_class=-1)(y, nn.softmax(p)),
    ):
        nn.testing.check_grad(lambda p, loss=loss: loss(labels, p), scores, order=2)
    with nn.GradientTape() as tape:
        p = nn.Variable(np.where((labels == -1)[:, None], np.nan, scores))
        value = nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)(labels, p)
    gradient = tape.gradient(value, p).numpy()
    assert np.isfinite(float(value))
    np.testing.assert_array_equal(gradient[labels == -1], 0)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("from_logits", [False, True])
def test_where_nothing_counts_the_loss_is_zero(from_logits):
    loss = nn.losses.SparseCategoricalCrossentropy(from_logits=from_logits, ignore_class=9)
    p = nn.Variable([[0.2, 0.8], [0.5, 0.5]])
    with nn.GradientTape() as tape:
        value = loss([9, 9], p)
    assert value.item() == 0
    np.testing.assert_array_equal(tape.gradient(value, p), np.zeros((2, 2)))


def test_an_axis_of_classes():
    labels, scores = drawn(1, -1, (3, 5))
    loss = nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    moved = nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1, axis=1)
    assert float(moved(labels, np.moveaxis(scores, -1, 1))) == pytest.approx(float(loss(labels, scores)), rel=1e-12)


def test_masks_of_predictions_leave_out_more():
    labels, scores = drawn(2, -1, (3, 5))
    keep = np.random.default_rng(3).random((3, 5)) < 0.6
    losses, counts = crossentropies(labels, scores, -1)
    p = nn.asarray(scores)
    set_mask(p, nn.asarray(keep))
    found = nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)(labels, p)
    assert float(found) == pytest.approx(losses[keep & counts].mean(), rel=1e-6)


def model_of(loss):
    model = nn.Sequential([nn.layers.Dense(4, activation="softmax", dtype="float64")], rng=1)
    model.compile(nn.optimizers.SGD(0.5), loss, metrics=[nn.metrics.SparseCategoricalCrossentropy(ignore_class=255)])
    model.build((3,))
    return model


def test_training():
    labels, _ = drawn(5, 255, (24,))
    x = np.random.default_rng(5).normal(size=(24, 3))
    model = model_of(nn.losses.SparseCategoricalCrossentropy(ignore_class=255))
    kernel, bias = model.get_weights()
    losses, counts = crossentropies(labels, x @ kernel + bias, 255)
    shares = np.exp(x @ kernel + bias)
    shares /= shares.sum(axis=1, keepdims=True)
    slope = np.where(counts[:, None], shares - np.eye(4)[np.where(counts, labels, 0)], 0) / counts.sum()
    y = labels.astype(np.uint8)
    history = model.fit(x, y, batch_size=24, epochs=1, verbose=0, shuffle=False).history
    assert history["loss"] == pytest.approx([losses[counts].mean()], rel=1e-6)
    assert history[NAME] == pytest.approx([losses[counts].mean()], rel=1e-6)
    np.testing.assert_allclose(model.get_weights()[0], kernel - 0.5 * x.T @ slope, rtol=1e-6)


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_replays_check_labels():
    labels, _ = drawn(6, -1, (24,))
    x = np.random.default_rng(5).normal(size=(24, 3))
    loss = nn.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    replayed, eager = model_of(loss), model_of(loss)
    for model in (replayed, eager):
        model.compile(nn.optimizers.SGD(0.5), loss)
    history = replayed.fit(x, labels, batch_size=8, epochs=3, verbose=0, rng=0).history
    assert history == eager.fit(x, labels, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=[Batches()]).history
    assert replayed.explanation.steps
    assert bytes_of(replayed) == bytes_of(eager)
    function = nn.function(lambda y, p: loss(y, p))
    p = nn.softmax(np.random.default_rng(3).normal(size=(24, 4)))
    for seed in range(5):
        y = drawn(seed, -1, (24,))[0]
        assert float(function(nn.asarray(y), p)) == float(loss(y, p))
    with pytest.raises(ArgumentError, match="label -2 is none of the 4 classes 0 to 3, nor ignore_class=-1"):
        function(nn.asarray(np.where(y == 0, -2, y)), p)


def test_settings_are_kept(tmp_path):
    loss = nn.losses.SparseCategoricalCrossentropy(False, 255)
    assert repr(loss) == "SparseCategoricalCrossentropy(from_logits=False, ignore_class=255)"
    assert nn.losses.SparseCategoricalCrossentropy(**loss.get_config()).ignore_class == 255
    assert loss.with_logits().ignore_class == 255
    model = model_of(loss)
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert again.loss.ignore_class == 255
    assert again.metrics[0].ignore_class == 255


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda f: f([1, 4], np.ones((2, 3)), False, -1), "label 4 is none of the 3 .*, nor ignore_class=-1"),
        (lambda f: f([0.5, -1.0], np.ones((2, 3)), False, -1), "label 0.5 is none of the 3 classes"),
        (lambda f: f([0, 1], np.ones((2, 3)), False, 1.5), "ignore_class must be an integer"),
        (lambda f: nn.losses.SparseCategoricalCrossentropy(ignore_class="void"), "ignore_class must be an integer"),
        (lambda f: nn.metrics.SparseCategoricalCrossentropy(ignore_class=True), "ignore_class must be an integer"),
    ],
)  # fmt: skip
def test_errors(call, match):
    with pytest.raises(ArgumentError, match=match):
        call(nn.losses.sparse_categorical_crossentropy)
