"""Layers against independent NumPy, their gradients, shapes, saving of their settings, and misuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.table import Domain
from numbanet.errors import ArgumentError, DTypeError, NotBuiltError, SettingError, ShapeError
from tests import strategies

FINITE = Domain(special=False)


def built(layer, features, seed=0):
    layer.ensure_built((None, features), seed)
    return layer


class TestDense:
    @given(st.data())
    def test_equals_numpy(self, data):
        n, features, units = (data.draw(st.integers(1, 6)) for _ in range(3))
        x = data.draw(strategies.arrays((n, features), FINITE, "f"))
        layer = built(nn.layers.Dense(units, dtype="float64", bias_initializer="ones"), features)
        kernel = layer.kernel.numpy()
        expected = [[sum(row[k] * kernel[k, j] for k in range(features)) + 1 for j in range(units)] for row in x]
        np.testing.assert_allclose(np.asarray(layer(x)), expected, rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("activation", sorted(nn.activations.ACTIVATIONS))
    def test_gradients(self, activation):
        layer = built(nn.layers.Dense(3, activation=activation, dtype="float64"), 4)
        x = np.random.default_rng(0).normal(size=(5, 4))
        kernel = layer.kernel.numpy().copy()

        def output(x, kernel):
            return layer.activation(nn.dot(x, kernel) + layer.bias)

        with nn.GradientTape() as tape:
            y = nn.sum(layer(x) ** 2)
        found = tape.gradient(y, layer.kernel)
        expected = nn.grad(lambda kernel: nn.sum(output(x, kernel) ** 2))(kernel)
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-12)
        nn.testing.check_grad(output, x, kernel)

    def test_more_dimensions(self):
        layer = nn.layers.Dense(5)
        assert layer(nn.ones((2, 3, 4))).shape == (2, 3, 5)
        assert layer.compute_output_shape((None, 3, 4)) == (None, 3, 5)

    def test_weights(self):
        layer = built(nn.layers.Dense(5, use_bias=False, name="first"), 3)
        assert [(w.name, w.shape) for w in layer.weights] == [("first/kernel", (3, 5))]
        limit = np.sqrt(6 / (3 + 5))
        assert np.abs(layer.kernel.numpy()).max() <= limit
        values = layer.get_weights()
        layer.set_weights([v + 1 for v in values])
        np.testing.assert_array_equal(layer.kernel.numpy(), values[0] + 1)
        with pytest.raises(ShapeError, match="first/kernel"):
            layer.set_weights([np.ones((2, 2))])
        with pytest.raises(ArgumentError, match="1 arrays, got 2"):
            layer.set_weights([values[0], values[0]])

    def test_the_same_seed_gives_the_same_weights(self):
        a, b, c = (built(nn.layers.Dense(4), 3, seed).kernel.numpy() for seed in (1, 1, 2))
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)

    def test_another_width_names_layer_and_shapes(self):
        layer = built(nn.layers.Dense(5, name="hidden"), 3)
        with pytest.raises(ShapeError, match=r"hidden.*3 features.*\(None, 4\)"):
            layer(nn.ones((2, 4)))

    def test_dtypes(self):
        assert nn.layers.Dense(2)(np.ones((1, 3))).dtype == np.float32
        assert nn.layers.Dense(2)(np.ones((1, 3), np.uint8)).dtype == np.float32
        assert nn.layers.Dense(2, dtype="float64")(np.ones((1, 3), np.float32)).dtype == np.float64

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            ({"units": 0}, ArgumentError, "units"),
            ({"units": 2.5}, ArgumentError, "units"),
            ({"units": 2, "activation": "rellu"}, ArgumentError, "'relu'"),
            ({"units": 2, "activation": 7}, ArgumentError, "activation"),
            ({"units": 2, "kernel_initializer": "glorot"}, ArgumentError, "initializer"),
            ({"units": 2, "dtype": "int32"}, DTypeError, "float32"),
        ],
    )
    def test_wrong_arguments(self, arguments, error, words):
        with pytest.raises(error, match=words):
            nn.layers.Dense(**arguments)

    def test_needs_features(self):
        with pytest.raises(ShapeError, match="features"):
            nn.layers.Dense(2)(nn.ones(3))


class TestDropout:
    def test_does_nothing_outside_training(self):
        x = nn.ones((3, 4))
        assert nn.layers.Dropout(0.5)(x) is x

    def test_keeps_the_mean_and_the_share(self):
        y = np.asarray(nn.layers.Dropout(0.25)(nn.ones((200, 500)), training=True, rng=0))
        assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
        assert abs((y == 0).mean() - 0.25) < 0.01
        assert abs(y.mean() - 1) < 0.02

    def test_gradient_is_the_mask(self):
        x, layer = nn.Variable(nn.ones((4, 5))), nn.layers.Dropout(0.5)
        with nn.GradientTape() as tape:
            y = layer(x, training=True, rng=3)
        np.testing.assert_array_equal(np.asarray(tape.gradient(y, x)), np.asarray(y))

    @pytest.mark.parametrize("rate", [1, -0.1, "half", True])
    def test_wrong_rates(self, rate):
        with pytest.raises(ArgumentError, match="rate"):
            nn.layers.Dropout(rate)


def test_shapes():
    x = nn.arange(24.0).reshape(2, 3, 4)
    assert nn.layers.Flatten()(x).shape == (2, 12)
    assert nn.layers.Reshape((4, -1))(x).shape == (2, 4, 3)
    assert nn.layers.Flatten().compute_output_shape((None, 3, 4)) == (None, 12)
    assert nn.layers.Reshape((4, -1)).compute_output_shape((None, 12)) == (None, 4, 3)
    with pytest.raises(ShapeError):
        nn.layers.Reshape((5, 5))(x)


def test_activation_layers():
    x = nn.asarray([[-1.0, 2.0]])
    assert nn.layers.ReLU()(x).tolist() == nn.layers.Activation("relu")(x).tolist() == [[0, 2]]
    np.testing.assert_allclose(np.asarray(nn.layers.Softmax()(x)), np.asarray(nn.softmax(x)))


def test_input_checks_samples():
    layer = nn.layers.Input((3,))
    assert layer(nn.ones((2, 3))).shape == (2, 3)
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        layer(nn.ones((2, 4)))


CONFIGURED = [
    nn.layers.Dense(3, "relu", kernel_initializer="he_normal"), nn.layers.Activation("tanh"), nn.layers.ReLU(),
    nn.layers.Softmax(axis=1), nn.layers.Dropout(0.3), nn.layers.Flatten(), nn.layers.Reshape((2, -1)),
    nn.layers.Input((4,)),
]  # fmt: skip


@pytest.mark.parametrize("layer", CONFIGURED, ids=lambda layer: layer.name)
def test_from_config_makes_the_same_layer(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


class TestOwnLayers:
    def test_build_and_call(self):
        class Linear(nn.layers.Layer):
            def build(self, input_shape):
                self.w = self.add_weight((input_shape[-1], 2), "ones", "w")
                self.count = self.add_weight((), "zeros", "count", trainable=False)

            def call(self, x, training, rng):
                return x @ self.w * (2.0 if training else 1.0)

        layer = Linear()
        assert layer(nn.ones((1, 3))).tolist() == [[3, 3]]
        assert layer(nn.ones((1, 3)), training=True).tolist() == [[6, 6]]
        assert len(layer.weights) == 2
        assert len(layer.trainable_weights) == 1
        assert layer.name == "linear"

    def test_a_build_that_fails_leaves_nothing(self):
        class Broken(nn.layers.Layer):
            def build(self, input_shape):
                self.add_weight((2,))
                raise ValueError("no")

        layer = Broken()
        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                layer(nn.ones((1, 2)))
        assert layer.weights == []
        assert not layer.built

    def test_without_call(self):
        with pytest.raises(NotImplementedError, match="call"):
            nn.layers.Layer()(nn.ones((1, 2)))


def test_functions_without_a_name_cannot_be_saved():
    layer = nn.layers.Dense(2, activation=lambda x: x * 2)
    assert layer(nn.ones((1, 2))).shape == (1, 2)
    with pytest.raises(NotBuiltError, match="no name"):
        layer.get_config()


def test_a_bias_is_asked_for_by_true_or_false():
    for wrong in ("no", None, 2):
        with pytest.raises(ArgumentError, match="use_bias must be True or False"):
            nn.layers.Dense(2, use_bias=wrong)
    layer = nn.layers.Dense(2, use_bias=False)
    layer([[1.0]])
    with pytest.raises(SettingError, match="built without a bias"):
        layer.use_bias = True
    with_bias = nn.layers.Dense(1, bias_initializer="ones", kernel_initializer="ones")
    assert with_bias([[1.0]]).item() == 2.0
    with_bias.use_bias = False
    assert with_bias([[1.0]]).item() == 1.0


def test_a_layer_that_takes_any_options_gets_training_as_a_model_does():
    class Any(nn.layers.Layer):
        def call(self, x, **options):
            return x * (2.0 if options["training"] else 1.0)

    assert (Any()([1.0]).item(), Any()([1.0], training=True).item()) == (1.0, 2.0)
