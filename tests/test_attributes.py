"""Attributes that nothing would read are refused, with the name that was meant; what may be set may be set."""

import copy
import inspect
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, SettingError
from numbanet.typing import LayerOptions
from tests.test_saving_contract import classes, instance

X = np.ones((8, 3), np.float32)


def model():
    made = nn.Sequential([nn.layers.Dense(2, name="first"), nn.layers.Dropout(0.5)])
    made.compile("adam", "mse", ["mae"])
    made.build((3,))
    return made


MISSPELT = [
    (lambda m: m, "learning_rate", "model.optimizer.learning_rate"),
    (lambda m: m, "stop_trainng", "stop_training"),
    (lambda m: m, "trainble", "trainable"),
    (lambda m: m, "optimiser", "optimizer"),
    (lambda m: m, "run_eagerly", "nothing would read it"),
    (lambda m: m.layers[0], "trainble", "trainable"),
    (lambda m: m.layers[0], "use_bais", "use_bias"),
    (lambda m: m.layers[0], "activaton", "activation"),
    (lambda m: m.layers[1], "kernel_constraint", "nothing would read it"),
    (lambda m: m.layers[0], "learning_rate", "optimizer"),
    (lambda m: m.layers[1], "Rate", "rate"),
    (lambda m: m.layers[1], "note", "underscore"),
    (lambda m: m.optimizer, "lr", "learning_rate"),
    (lambda m: m.optimizer, "beta1", "beta_1"),
    (lambda m: m.optimizer, "learning_rte", "learning_rate"),
    (lambda m: m.optimizer, "decay", "weight_decay"),
    (lambda m: nn.losses.Huber(), "dleta", "delta"),
    (lambda m: nn.metrics.BinaryAccuracy(), "treshold", "threshold"),
    (lambda m: nn.callbacks.EarlyStopping(), "patiance", "patience"),
]


@pytest.mark.parametrize(("part", "name", "hint"), MISSPELT, ids=[case[1] for case in MISSPELT])
def test_misspelt_and_foreign_names(part, name, hint):
    obj = part(model())
    with pytest.raises(SettingError, match=rf"{type(obj).__name__} has no setting '{name}'.*{hint}"):
        setattr(obj, name, 1)
    assert not hasattr(obj, name)


@pytest.mark.parametrize("name", ["trainble", "lr", "anything_else"])
def test_no_built_in_class_takes_unknown_names(name):
    kinds = [getattr(nn.layers, one) for one in nn.layers.__all__ if one != "Layer"]
    kinds += [cls for module in (nn.losses, nn.metrics, nn.optimizers) for _, cls in classes(module)]
    kinds += [nn.Sequential, nn.callbacks.EarlyStopping, nn.callbacks.ReduceLROnPlateau, nn.callbacks.History]
    for cls in kinds:
        obj = cls() if cls is nn.Sequential else instance(cls)
        with pytest.raises(SettingError, match=name):
            setattr(obj, name, False)
        obj._private = 1


def arguments_of(cls):
    """The names of the arguments of a layer; where it has `**options`, those of all layers."""
    for name, parameter in inspect.signature(cls).parameters.items():
        yield from LayerOptions.__annotations__ if parameter.kind is parameter.VAR_KEYWORD else [name]


def test_every_argument_is_kept_under_its_name_and_can_be_set_again():
    for name in nn.layers.__all__:
        if name == "Layer":
            continue
        layer = instance(getattr(nn.layers, name))
        for argument in arguments_of(type(layer)):
            if argument in type(layer)._elsewhere:
                with pytest.raises(SettingError, match=f"'{argument}'; use {type(layer)._elsewhere[argument]}"):
                    setattr(layer, argument, None)
                continue
            setattr(layer, argument, getattr(layer, argument))


class TestSettings:
    """What may be set is checked, and used."""

    def test_activation(self):
        layer = nn.layers.Dense(2, kernel_initializer="ones")
        layer(X)
        layer.activation = "relu"
        assert layer.activation is nn.relu
        assert layer(-X).numpy().tolist() == [[0, 0]] * 8
        with pytest.raises(ArgumentError, match="'relu'"):
            layer.activation = "rellu"
        assert layer.activation is nn.relu

    def test_rate(self):
        layer = nn.layers.Dropout(0.5)
        layer.rate = np.float32(0.25)
        assert layer.rate == 0.25
        for wrong in (1, -0.1, "half", None, True):
            with pytest.raises(ArgumentError, match="dropout: rate"):
                layer.rate = wrong
        assert layer.rate == 0.25

    def test_what_build_has_read_is_fixed(self):
        layer = nn.layers.Dense(2, name="d")
        layer.units, layer.kernel_initializer = np.int64(3), "ones"
        layer(X)
        assert layer.kernel.numpy().tolist() == [[1] * 3] * 3
        for name, value in [("units", 4), ("kernel_initializer", "zeros"), ("dtype", np.float64)]:
            before = getattr(layer, name)
            with pytest.raises(SettingError, match=rf"d: {name} cannot change.*new layer"):
                setattr(layer, name, value)
            assert getattr(layer, name) == before
        layer.units, layer.use_bias = 3, True
        layer.name = "other"


class Own(nn.layers.Layer):
    def __init__(self, size=3):
        self.before = size
        super().__init__()
        self.weight = self.layer = self.trainabl = size  # its own names are its own business
        [setattr(self, f"part{i}", nn.layers.Dense(i + 1)) for i in range(3)]

    def build(self, input_shape):
        self.supports_masking = True
        self.units1 = 4

    def call(self, x):
        self.calls = getattr(self, "calls", 0) + 1
        return self.part0(x)

    def turn_on(self):
        self.turned_on = True


@dataclass(eq=False)
class Data(nn.layers.Layer):
    trainabl: int = 3

    def __post_init__(self):
        super().__init__()


class TestOwnClasses:
    def test_their_methods_set_what_they_like(self):
        layer = Own()
        layer(X)
        layer.turn_on()
        assert layer.calls == layer.before - 2 == 1
        assert Data(4).trainabl == 4

    @pytest.mark.parametrize(
        "name", ["trainble", "Trainable", "input_shpe", "learning_rate", "supports_maskin", "kernel_regularizer"]
    )
    def test_near_misses_and_settings_of_keras_from_outside(self, name):
        layer = nn.layers.Layer() if name == "supports_maskin" else type("Mine", (nn.layers.Layer,), {})()
        with pytest.raises(SettingError, match=name):
            setattr(layer, name, 1)

    @pytest.mark.parametrize(
        "name", ["scale", "note", "weights2", "layer", "weight", "name_2", "names", "momentum", "x", "shape", "depth"]
    )
    def test_other_names_from_outside(self, name):
        mine = type("Mine", (nn.layers.Layer,), {})()
        setattr(mine, name, 1)
        assert getattr(mine, name) == 1

    def test_models_callbacks_and_the_rest(self):
        class Model(nn.Sequential):
            pass

        class Watch(nn.callbacks.Callback):
            def on_train_begin(self, logs=None):
                self.model.seen = self.started = True
                with pytest.raises(SettingError, match="stop_training"):
                    self.model.stop_trainng = True

        watch, mine = Watch(), Model([nn.layers.Dense(1)])
        watch.anything = 3
        mine.compile("sgd", "mse")
        mine.fit(X, X[:, :1], callbacks=[watch], verbose=0)
        assert mine.seen
        assert watch.started

    def test_methods_may_be_replaced(self):
        layer = nn.layers.ReLU()
        layer.call = lambda x: x + 1
        assert layer.call(1) == 2


def test_copies_and_pickles():
    made = model()
    made.layers[0]._note = "kept"
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert other.layers[0]._note == "kept"
        with pytest.raises(SettingError):
            other.learning_rate = 1
