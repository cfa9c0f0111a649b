"""SpectralNormalization: the largest singular value, gradients, replays, files."""

import copy

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from tests.layer_checks import assert_replays, assert_saved, data_of

L = nn.layers


def normalized(kernel, u, iterations):
    """The vector and the kernel after one call, as in the paper, in float64."""
    matrix = kernel.reshape(-1, kernel.shape[-1])
    for _ in range(iterations):
        v = matrix @ u
        v /= np.linalg.norm(v)
        u = matrix.T @ v
        u /= np.linalg.norm(u)
    return u, kernel / (v @ matrix @ u)


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize(
    ("make", "shape"),
    [(lambda: L.Dense(3, dtype="float64"), (4,)), (lambda: L.Conv2D(3, 2, dtype="float64"), (3, 4, 2))],
)
def test_what_a_call_does(make, shape, iterations):
    layer = L.SpectralNormalization(make(), iterations)
    x = np.random.default_rng(0).normal(size=(2, *shape))
    plain = layer(x, rng=0).numpy()
    u, kernel = layer.vector_u.numpy()[0].copy(), layer.layer.kernel.numpy().copy()
    np.testing.assert_array_equal(layer(x).numpy(), plain)  # nothing changes outside training
    np.testing.assert_array_equal(layer.layer.kernel.numpy(), kernel)
    for _ in range(3):
        found = layer(x, training=True)
        u, kernel = normalized(kernel, u, iterations)
        np.testing.assert_allclose(layer.vector_u.numpy()[0], u, rtol=1e-10)
        np.testing.assert_allclose(layer.layer.kernel.numpy(), kernel, rtol=1e-10)
        np.testing.assert_allclose(found.numpy(), layer.layer(x).numpy(), rtol=1e-12)


def test_weights_have_the_order_of_keras_in_copies_and_files_too(tmp_path):
    model = nn.Sequential([nn.Input((4,)), L.SpectralNormalization(L.Dense(3))])
    model.save(tmp_path / "model.numbanet")
    for each in (model, copy.deepcopy(model), nn.models.clone_model(model), nn.load_model(tmp_path / "model.numbanet")):
        wrapper = each.layers[-1]
        assert [weight.shape for weight in each.weights] == [(4, 3), (1, 3), (3,)]
        assert each.weights[0] is wrapper.layer.kernel
        assert wrapper.weights[0] is wrapper.layer.kernel


def test_the_largest_singular_value_becomes_one():
    layer = L.SpectralNormalization(L.Embedding(20, 6, dtype="float64"), 100)
    layer([[1, 2]], training=True, rng=0)
    assert abs(np.linalg.norm(layer.layer.embeddings.numpy(), 2) - 1) < 1e-9


def test_a_kernel_of_zeros_stays():
    layer = L.SpectralNormalization(L.Dense(3, kernel_initializer="zeros"))
    x = np.ones((2, 4), np.float32)
    layer(x, rng=0)
    before = layer.vector_u.numpy().copy()
    assert (layer(x, training=True).numpy() == 0).all()
    np.testing.assert_array_equal(layer.vector_u.numpy(), before)


def test_the_gradient_is_that_at_the_normalized_kernel():
    layer = L.SpectralNormalization(L.Dense(3, "tanh", dtype="float64"))
    x = np.random.default_rng(0).normal(size=(5, 4))
    layer(x, rng=0)
    with nn.GradientTape() as tape:
        loss = nn.sum(nn.square(layer(x, training=True)))
    found = tape.gradient(loss, layer.layer.kernel).numpy()
    y = np.tanh(x @ layer.layer.kernel.numpy() + layer.layer.bias.numpy())
    np.testing.assert_allclose(found, x.T @ (2 * y * (1 - y**2)), rtol=1e-10)


def test_gradients_of_inputs():
    layer = L.SpectralNormalization(L.Dense(2, "tanh", dtype="float64"))
    layer(np.ones((1, 3)), rng=0)
    nn.testing.check_grad(lambda x: nn.sin(layer(x)), np.random.default_rng(1).normal(size=(2, 3)), order=2)


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_replays_and_files(tmp_path):
    cases = {
        (4,): lambda: [L.SpectralNormalization(L.Dense(5, "tanh")), L.SpectralNormalization(L.Dense(3), 2)],
        (4, 5, 2): lambda: [L.SpectralNormalization(L.Conv2D(3, 3, padding="same"))],
    }
    for shape, make in cases.items():
        model = assert_replays(make, shape)
        assert_saved(model, tmp_path, data_of(shape)[0])


def test_in_a_functional_model_of_open_sizes():
    x = nn.Input((None, 3))
    assert L.SpectralNormalization(L.Conv1D(4, 3))(x).shape == (None, None, 4)


def test_what_is_wrong_is_named():
    with pytest.raises(ArgumentError, match="needs a layer, got 3"):
        L.SpectralNormalization(3)
    with pytest.raises(ArgumentError, match="power_iterations must be a positive integer"):
        L.SpectralNormalization(L.Dense(2), 0)
    flat = L.SpectralNormalization(L.Flatten())
    with pytest.raises(ArgumentError, match="Flatten has neither a kernel nor embeddings"):
        flat(np.ones((2, 3)))
    assert not flat.built
    layer = L.SpectralNormalization(L.Dense(2))
    layer(np.ones((2, 3)))
    with pytest.raises(ShapeError, match="built for inputs of 3 features"):
        layer(np.ones((2, 4)))
