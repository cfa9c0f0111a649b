"""BatchNormalization of sequences with masks: steps that do not count take no part in its statistics."""

import numpy as np
import pytest

import numbanet as nn


def test_statistics_are_those_of_the_steps_that_count():
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(4, 5, 3)), rng.random((4, 5)) < 0.6
    layer = nn.layers.BatchNormalization(momentum=0.5, epsilon=1e-3, dtype="float64")
    found = layer(x, training=True, mask=mask).numpy()
    mean, variance = x[mask].mean(axis=0), x[mask].var(axis=0)
    np.testing.assert_allclose(found, (x - mean) / np.sqrt(variance + 1e-3), rtol=1e-10)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.5 * mean, rtol=1e-12)
    np.testing.assert_allclose(layer.moving_variance.numpy(), 0.5 + 0.5 * variance, rtol=1e-12)
    every = layer(x, training=True, mask=np.ones((4, 5), bool)).numpy()
    np.testing.assert_allclose(every, layer(x, training=True).numpy(), rtol=1e-10)
    assert np.isfinite(layer(x, training=True, mask=np.zeros((4, 5), bool)).numpy()).all()


def test_gradients():
    rng = np.random.default_rng(1)
    x, mask = rng.normal(size=(2, 4, 2)), np.array([[True, True, False, True], [True, False, False, True]])
    layer = nn.layers.BatchNormalization(dtype="float64")
    nn.testing.check_grad(lambda x: nn.sin(layer(x, training=True, mask=mask)), x, order=2)


def test_behind_masking_padding_changes_nothing():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(24, 5, 3)).astype(np.float32), rng.normal(size=(24, 2)).astype(np.float32)
    x[:, 3:] = 0.0

    def trained(steps):
        layers = [nn.layers.Masking(), nn.layers.BatchNormalization(), nn.layers.LSTM(2)]
        model = nn.Sequential(layers)
        model.compile("sgd", "mse")
        model.fit(x[:, :steps], y, batch_size=8, epochs=2, verbose=0, rng=0)
        return model.get_weights()

    for one, other in zip(trained(5), trained(3), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_mask_of_another_shape_is_refused():
    layer = nn.layers.BatchNormalization()
    with pytest.raises(nn.errors.ShapeError, match="mask"):
        layer(np.ones((2, 3, 4)), training=True, mask=np.ones((2, 4), bool))
