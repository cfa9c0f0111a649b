"""The layer Softmax with masks, which hide scores, against formulas in NumPy; also behind a model that is trained."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.masks import mask_of
from tests.layer_checks import Batches, bytes_of
from tests.test_layers_beside_numpy import SEEDS, drawn, output_and_gradient

L = nn.layers
X = np.random.default_rng(4).normal(size=(3, 4, 5))
STEPS = np.array([[1, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 1]], bool)


def shares(x, keep, axis):
    """Return the shares of the exponentials of what is kept; 0 for the rest, and where nothing is kept."""
    e = np.where(keep, np.exp(x), 0)
    total = e.sum(axis=axis, keepdims=True)
    return np.divide(e, total, out=np.zeros_like(e), where=total > 0)


@given(data=st.data(), seed=SEEDS)
def test_what_a_mask_hides(data, seed):
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    x, factors = drawn((2, *sizes), seed)
    of_mask = data.draw(st.tuples(*[st.sampled_from([1, n]) for n in x.shape]))[data.draw(st.integers(0, len(sizes))) :]
    mask = np.random.default_rng(seed).random(of_mask) < 0.6
    several = st.lists(st.integers(0, x.ndim - 1), min_size=1, unique=True)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1) | several)
    along = axis if isinstance(axis, int) else tuple(axis)
    expected = shares(x, np.broadcast_to(mask, x.shape), along)
    slope = expected * (factors - np.sum(factors * expected, axis=along, keepdims=True))
    for given_mask in (mask, mask.astype(int), np.where(mask, 0.6, 0.4)):
        y, gradient = output_and_gradient(L.Softmax(axis, dtype="float64"), x, factors, mask=given_mask)
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(gradient, slope, rtol=1e-10, atol=1e-14)


def test_gradients():
    mask = np.random.default_rng(5).random(X.shape) < 0.6
    for axis in (-1, 1, (1, 2)):
        layer = L.Softmax(axis, dtype="float64")
        nn.testing.check_grad(lambda x, layer=layer: nn.sin(layer(x, mask=mask)), X, order=2)


@pytest.mark.parametrize("axis", [1, -2, (1, 2), (2, 1)])
def test_masks_of_steps_hide_steps(axis):
    x = np.where(STEPS[..., None], X, 0)
    y = L.Softmax(axis, dtype="float64")(L.Masking(dtype="float64")(x))
    np.testing.assert_allclose(y, shares(X, STEPS[..., None], axis), rtol=1e-12)
    np.testing.assert_array_equal(mask_of(y), STEPS)


def test_masks_of_steps_hide_nothing_within_a_step():
    y = L.Softmax()(L.Masking()(np.where(STEPS[..., None], X, 0)))
    np.testing.assert_array_equal(y, L.Softmax()(np.where(STEPS[..., None], X, 0).astype(np.float32)))
    np.testing.assert_array_equal(mask_of(y), STEPS)


def test_masks_that_are_given_end_here():
    masked = L.Masking()(np.where(STEPS[..., None], X, 0))
    assert mask_of(L.Softmax()(X, mask=X > 0)) is None
    y = L.Softmax()(masked, mask=X > 0)
    np.testing.assert_array_equal(y, L.Softmax()(masked.numpy(), mask=X > 0))
    np.testing.assert_array_equal(mask_of(y), STEPS)
    np.testing.assert_array_equal(
        L.Softmax()(masked[:, :, 0] + 0, mask=X[0, 0, :4] > 0).numpy()[:, X[0, 0, :4] <= 0], 0
    )


def test_square_masks_broadcast_as_in_numpy():
    x = X[:, :3, :3]
    np.testing.assert_allclose(L.Softmax(dtype="float64")(x, mask=STEPS[:, :3]), shares(x, STEPS[None, :, :3], -1))


def test_logits_and_their_activation():
    layer, mask = L.Softmax(dtype="float64"), np.array([[True, False, True], [False] * 3])
    scores = layer(X[0, :2, :3], logits=True, mask=mask)
    np.testing.assert_array_equal(scores, np.where(mask, X[0, :2, :3], -1e9))
    np.testing.assert_array_equal(layer.activate(scores), layer(X[0, :2, :3], mask=mask))
    plain = nn.asarray(X)
    assert layer(plain, logits=True) is plain
    np.testing.assert_array_equal(layer(plain), nn.softmax(plain))


class Allowed(L.Layer):
    """Passes scores on; the first features say which classes are allowed."""

    def compute_mask(self, inputs, previous_mask=None):
        """Return the allowed classes."""
        return nn.greater(inputs, -0.5)

    def call(self, x):
        """Return the scores."""
        return x


def model_of(x):
    model = nn.Sequential(
        [L.Dense(4, name="scores", dtype="float64"), Allowed(dtype="float64"), L.Softmax(dtype="float64")]
    )
    model.build(x.shape[1:], rng=1)
    model.compile(nn.optimizers.SGD(0.5), "categorical_crossentropy", metrics=["mse"])
    return model


def test_training_on_hidden_scores():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(24, 3))
    model = model_of(x)
    kernel, bias = model.get_weights()
    scores = x @ kernel + bias
    targets = np.eye(4)[scores.argmax(axis=1)]  # a class that is allowed
    probabilities = shares(scores, scores > -0.5, -1)
    history = model.fit(x, targets, batch_size=24, epochs=1, verbose=0, shuffle=False).history
    with np.errstate(divide="ignore"):
        loss = -np.log(probabilities.max(axis=1, where=targets == 1, initial=0))
    assert history["loss"] == pytest.approx([loss.mean()], rel=1e-12)
    assert history["mse"] == pytest.approx([((probabilities - targets) ** 2).mean()], rel=1e-12)
    np.testing.assert_allclose(model.get_weights()[0], kernel - 0.5 * x.T @ (probabilities - targets) / 24, rtol=1e-11)


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_replays():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(24, 3))
    targets = np.eye(4)[rng.integers(0, 4, 24)]
    replayed, eager = model_of(x), model_of(x)
    history = replayed.fit(x, targets, batch_size=8, epochs=3, verbose=0, rng=0).history
    assert history == eager.fit(x, targets, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=[Batches()]).history
    assert replayed.explanation.steps
    assert bytes_of(replayed) == bytes_of(eager)
    np.testing.assert_array_equal(replayed.predict(x, verbose=0), eager(x))
    layer = L.Softmax(1)
    function = nn.function(lambda x, mask: layer(x, mask=mask))
    for seed in range(5):
        mask = nn.asarray(np.random.default_rng(seed).random(X.shape) < 0.5)
        np.testing.assert_array_equal(function(nn.asarray(X), mask), layer(X, mask=mask))


def test_the_axis_decides_whether_losses_take_scores():
    layer = L.Softmax()
    assert layer.output_activation() == "softmax"
    layer.axis = 1
    assert layer.output_activation() is None
    assert L.Softmax([1, -1]).get_config()["axis"] == (1, -1)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: L.Softmax()(X, mask=np.ones((3, 4), bool)), ShapeError, r"softmax: a mask .* not broadcast to scores"),
        (lambda: L.Softmax()(X, mask=np.ones((1, 3, 4, 5), bool)), ShapeError, "does not broadcast to scores"),
        (lambda: L.Softmax(1.5), ArgumentError, "axis must be an integer or several, got 1.5"),
        (lambda: L.Softmax(()), ArgumentError, "axis must be an integer or several"),
        (lambda: L.Softmax((1, -2))(X), ShapeError, "twice"),
        (lambda: L.Softmax((1, 3))(X), ShapeError, "out of range"),
        (lambda: L.Softmax()(nn.Input((4,)), mask=np.ones(4, bool)), ArgumentError, "mask is for calls with data"),
    ],
)  # fmt: skip
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()
