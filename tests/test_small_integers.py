"""Functions that square, add up or scale compute small integers in a dtype that holds the result, and do not wrap."""

import numpy as np
import pytest

import numbanet as nn

FLAT = [np.full(3, 200, np.uint8), np.array([-128, 100, 3], np.int8), np.array([True, False, True])]


@pytest.mark.parametrize("x", FLAT, ids=lambda x: x.dtype.name)
def test_normalizations(x):
    wide, eps = x.astype(np.float64), 1e-12
    length = np.sqrt((wide**2).sum())
    for found in (nn.ops.normalize(x), nn.nn.l2_normalize(x)):
        np.testing.assert_allclose(found.numpy(), wide / length, rtol=1e-6)
    found = nn.ops.rms_normalization(x, epsilon=eps)
    np.testing.assert_allclose(found.numpy(), wide / np.sqrt((wide**2).mean()), rtol=1e-6)
    if wide.std():
        found = nn.ops.layer_normalization(x, epsilon=eps)
        np.testing.assert_allclose(found.numpy(), (wide - wide.mean()) / wide.std(), rtol=1e-5)
    scaled = nn.ops.batch_normalization(x[None], [0.5] * 3, [4.0] * 3, -1, epsilon=0.0)
    np.testing.assert_allclose(scaled.numpy(), (wide[None] - 0.5) / 2, rtol=1e-6)


def test_psnr_of_images():
    a, b = np.zeros(4, np.uint8), np.full(4, 255, np.uint8)
    assert nn.ops.psnr(a, b, 255).item() == pytest.approx(0.0, abs=1e-5)
    assert nn.ops.psnr(b, a, 255).item() == pytest.approx(0.0, abs=1e-5)


def test_ldexp_keeps_the_range():
    assert nn.ops.ldexp(np.float64(1e-60), 200).item() == np.ldexp(1e-60, 200)
    assert nn.ops.ldexp([1.0, 3.0], 2).tolist() == [4.0, 12.0]


@pytest.mark.parametrize("weights", [np.array([100, 100], np.int8), np.array([True, True]), np.array([1.5, 2.0])])
def test_weights_are_added_up(weights):
    expected = np.bincount([0, 0], weights)
    np.testing.assert_array_equal(nn.bincount([0, 0], weights=weights).numpy(), expected)
    np.testing.assert_array_equal(nn.math.confusion_matrix([0, 0], [0, 0], weights=weights).numpy(), expected[:, None])
    np.testing.assert_array_equal(nn.ops.segment_sum(weights, [0, 0]).numpy(), expected)


def test_integers_from_the_default_lower_end():
    x = nn.random.uniform((50,), maxval=10, dtype="int64", rng=0)
    assert x.tolist() == nn.random.randint((50,), 0, 10, rng=0).tolist()


def test_gradients_of_a_norm_at_zero_are_finite():
    for order in (0.5, 1, 3):
        gradient = nn.grad(lambda x: nn.sum(nn.ops.normalize(x, order=order) ** 2))([0.0, 1.0, 2.0])  # noqa: B023  (called at once)
        assert np.isfinite(gradient.numpy()).all(), order


def test_rank_with_a_tolerance_for_each_matrix():
    t = nn.asarray(np.stack([np.eye(2), np.eye(2)]))
    assert np.linalg.matrix_rank(t, tol=np.array([0.5, 2.0])).tolist() == [2, 0]


def test_transforms_are_those_of_nn_fft():
    for name in ("fft", "fft2", "ifft2", "rfft", "irfft", "stft", "istft"):
        assert getattr(nn.ops, name) is getattr(nn.fft, name)


@pytest.mark.needs_compiled("calls are replayed")
def test_losses_of_labels_are_replayed():
    x, labels = nn.random.normal((6, 3), rng=0), nn.asarray([0, 1, 2, 2, 1, 0])
    step = nn.function(lambda y, z: nn.ops.sparse_categorical_crossentropy(y, z, from_logits=True))
    for _ in range(4):
        found = step(labels, x)
    assert type(step.calls[0][1]).__name__ == "ReplayedCall", step.calls
    expected = nn.losses.sparse_categorical_crossentropy(labels, x, from_logits=True)
    assert found.numpy().tobytes() == expected.numpy().tobytes()
