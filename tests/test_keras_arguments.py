"""Arguments and names of other and older versions of Keras: they work, or the error says what to write."""

from types import ModuleType

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError

LAYERS = {
    "Dense": lambda **options: nn.layers.Dense(3, **options),
    "Flatten": nn.layers.Flatten,
    "Dropout": lambda **options: nn.layers.Dropout(0.5, **options),
    "ReLU": nn.layers.ReLU,
    "Softmax": nn.layers.Softmax,
    "Activation": lambda **options: nn.layers.Activation("relu", **options),
    "Reshape": lambda **options: nn.layers.Reshape((2, 3), **options),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_first_layer_with_input_shape_builds_the_model(name):
    model = nn.Sequential([LAYERS[name](input_shape=(6,)), nn.layers.Dense(2)])
    assert model.built
    assert model.predict(np.zeros((4, 6), np.float32), verbose=0).shape[0] == 4
    told = nn.Sequential([nn.layers.Input((6,)), LAYERS[name](), nn.layers.Dense(2)])
    assert [w.shape for w in model.weights] == [w.shape for w in told.weights]


def test_input_shape_is_checked_and_kept(tmp_path):
    model = nn.Sequential([nn.layers.Dense(3, input_shape=6), nn.layers.Dense(2)])
    config = model.get_config()
    assert nn.Sequential.from_config(config).get_config() == config
    assert nn.Sequential.from_config(config).layers[0].sample_shape == (6,)
    model.save(tmp_path / "m.numbanet")
    assert nn.load_model(tmp_path / "m.numbanet").layers[0].sample_shape == (6,)
    with pytest.raises(ShapeError, match=r"samples of shape \(6,\) were announced, got \(5,\)"):
        nn.layers.Dense(3, input_shape=(6,))(np.zeros((2, 5)))
    with pytest.raises(ArgumentError, match="input_shape"):
        nn.layers.Dense(3, input_shape=(2.5,))


def test_a_layer_that_does_not_fit_is_not_added():
    model = nn.Sequential([nn.layers.Dense(4, input_shape=(3,))])
    before = model.get_weights()
    with pytest.raises(ShapeError, match=r"samples of shape \(5,\) were announced, got \(4,\)"):
        model.add(nn.layers.Dense(1, input_shape=(5,)))
    with pytest.raises(ShapeError):
        model.add(nn.layers.Reshape((3, 3)))
    unfit = nn.layers.Dense(1, input_shape=(5,))
    with pytest.raises(ShapeError):
        model.add(unfit)
    assert unfit.name == "dense"
    assert not unfit.built
    assert len(model.layers) == 1
    model.add(nn.layers.Dense(1, input_shape=(4,)))
    assert model(np.zeros((2, 3))).shape == (2, 1)
    for found, kept in zip(model.get_weights(), before, strict=False):
        np.testing.assert_array_equal(found, kept)


class Old(nn.layers.Layer):
    """A layer of one's own that hands its options on."""

    def __init__(self, **options):
        super().__init__(**options)

    def call(self, x):
        return x * 2


def test_layers_of_ones_own_take_it_too():
    assert nn.Sequential([Old(input_shape=(2,)), nn.layers.Dense(1)]).built


@pytest.mark.parametrize("kind", nn.optimizers.OPTIMIZERS.values())
@pytest.mark.parametrize(
    ("name", "message"),
    [("lr", "is called learning_rate"), ("decay", "InverseTimeDecay"), ("name", "no names"), ("x", "")],
)
def test_former_arguments_of_optimizers_say_what_to_write(kind, name, message):
    with pytest.raises(TypeError, match=f"{kind.__name__}: unknown argument '{name}'.*{message}"):
        kind(**{name: 0.1})


def test_former_decay_is_the_schedule():
    rate = nn.optimizers.schedules.InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5)
    assert [rate(i) for i in range(3)] == pytest.approx([0.1 / (1 + 0.5 * i) for i in range(3)])


def test_legacy_optimizers_are_the_same():
    for name in nn.optimizers.legacy.__all__:
        assert getattr(nn.optimizers.legacy, name) is getattr(nn.optimizers, name)


ACCURACIES = {
    "binary_accuracy": ([[1, 0], [1, 1]], [[0.9, 0.9], [0.6, 0.7]], [0.5, 1]),
    "categorical_accuracy": ([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]], [1, 0]),
    "sparse_categorical_accuracy": ([0, 1], [[0.9, 0.1], [0.6, 0.4]], [1, 0]),
    "top_k_categorical_accuracy": ([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]], [1, 1]),
}


@pytest.mark.parametrize("name", ACCURACIES)
def test_accuracies_are_functions_too(name):
    y_true, y_pred, expected = ACCURACIES[name]
    options = {"k": 2} if "top_k" in name else {}
    function = getattr(nn.metrics, name)
    np.testing.assert_array_equal(function(y_true, y_pred, **options).numpy(), expected)
    assert type(nn.metrics.get(function)) is type(nn.metrics.get(name)), "the metric counts a whole set of data"


def test_binary_accuracy_reduces_the_last_axis():
    assert nn.metrics.binary_accuracy([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.2]).numpy() == np.float32(0.5)
    assert nn.metrics.binary_accuracy([1], [0.6], threshold=0.7).numpy() == 0
    with pytest.raises(ArgumentError):
        nn.metrics.binary_accuracy([2], [0.6])
    with pytest.raises(ShapeError):
        nn.metrics.binary_accuracy([[1, 0]], [[0.6]])


@pytest.mark.parametrize(("alias", "known"), [("Layer", nn.layers.Layer), ("Input", nn.layers.Input)])
def test_bases_are_found_at_the_top(alias, known):
    assert getattr(nn, alias) is known


def test_models_are_where_keras_has_them():
    assert nn.models.Sequential is nn.Sequential
    assert nn.models.Model is nn.Model
    assert nn.models.load_model is nn.load_model


@pytest.mark.parametrize(
    ("module", "name", "known"),
    [
        (nn.losses, "mse", nn.losses.mean_squared_error),
        (nn.losses, "MAE", nn.losses.mean_absolute_error),
        (nn.metrics, "mean_squared_error", nn.losses.mean_squared_error),
        (nn.activations, "swish", nn.silu),
        (nn.initializers, "random_normal", nn.initializers.RandomNormal),
    ],
)
def test_functions_have_their_short_names(module, name, known):
    assert getattr(module, name) is known


@pytest.mark.parametrize(
    ("module", "name", "message"),
    [
        ("layers", "ConvLSTM2D", "Conv"),
        ("layers", "InputLayer", "called nn.layers.Input"),
        ("layers", "Dens", "did you mean 'Dense'"),
        ("losses", "mean_square_error", "did you mean 'mean_squared_error'"),
        ("metrics", "binary_acuracy", "did you mean 'binary_accuracy'"),
        ("optimizers", "Lamb", "numbanet has SGD"),
        ("optimizers", "RMSProp", "did you mean 'RMSprop'"),
        ("datasets", "imdb", "downloads nothing"),
        ("models", "save_model", "model.save"),
        ("activations", "hard_sigmoid", "nn.ops.hard_sigmoid"),
        ("activations", "rleu", "did you mean 'relu'"),
        ("callbacks", "TensorBoard", "CSVLogger"),
        ("callbacks", "EarlyStoping", "did you mean 'EarlyStopping'"),
        ("initializers", "glorot", "did you mean 'glorot_"),
    ],
)
def test_names_that_are_not_there_say_what_to_write(module, name, message):
    with pytest.raises(AttributeError, match=f"nn.{module}.*{name}.*{message}"):
        getattr(getattr(nn, module), name)


MODULES = [name for name in dir(nn) if isinstance(getattr(nn, name), ModuleType)]


@pytest.mark.parametrize("module", MODULES)
def test_private_names_that_are_not_there_cost_no_search(module):
    with pytest.raises(AttributeError, match="has no attribute '__wrapped__'"):
        getattr(getattr(nn, module), "__wrapped__")  # noqa: B009  (asked for)


def test_apply_is_apply_gradients():
    w, v = nn.Variable([1.0]), nn.Variable([1.0])
    optimizer = nn.optimizers.SGD(0.5)
    assert optimizer.apply([nn.ones(1), nn.zeros(1)], [w, v]) == 1
    assert [w.numpy()[0], v.numpy()[0]] == [0.5, 1]
    with pytest.raises(ArgumentError, match="1 gradients do not fit 2 variables"):
        optimizer.apply([nn.ones(1)], [w, v])
    assert optimizer.iterations == 1
