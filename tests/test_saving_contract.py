"""The contract of model files: whatever a model is made of, what is saved loads, and training goes on to the byte.

The classes are those that numbanet has: a new one is tested without another line here, unless its constructor takes an
argument that `ARGUMENTS` does not know.
"""

import base64
import inspect
import json
import zlib
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, NotBuiltError, NumbanetError
from numbanet.optimizers.schedules import SCHEDULES

X = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 3, 24)
HOT = np.eye(3, dtype=np.float32)[LABELS]
ARGUMENTS = {
    "units": 5, "rate": 0.25, "target_shape": (2, -1), "shape": (4,), "activation": "tanh", "axis": -1,
    "axes": 1, "function": nn.tanh,
    "initial_learning_rate": 0.05, "decay_steps": 7, "decay_rate": 0.5, "boundaries": [2, 5],
    "values": [0.1, 0.05, 0.01], "loss": "huber", "weight_decay": 0.01, "num_classes": 3, "target_class_ids": [0, 2],
    "recall": 0.5, "precision": 0.5, "sensitivity": 0.5, "specificity": 0.5,
}  # fmt: skip
MADE = {
    "cell": lambda: nn.layers.GRUCell(3), "cells": lambda: [nn.layers.GRUCell(3), nn.layers.LSTMCell(2)],
    "layer": lambda: nn.layers.GRU(3, return_sequences=True),
}  # fmt: skip
"""What is made anew each time: layers have one owner."""
ARGUMENTS |= {"dims": (1,), "n": 2, "scale": 0.5, "filters": 3, "kernel_size": 1, "num_heads": 2, "key_dim": 3}
ARGUMENTS |= {"factor": 0.2, "height_factor": 0.2, "width_factor": (0.0, 0.1), "height": 1, "width": 1}
ARGUMENTS |= {"stddev": 0.1, "input_dim": 5, "output_dim": 3}
SMALL = {
    nn.layers.AveragePooling3D: {"pool_size": (2, 1, 1)}, nn.layers.MaxPooling3D: {"pool_size": (1, 1, 2)},
    nn.layers.Cropping3D: {"cropping": ((1, 0), (0, 0), (0, 1))}, nn.layers.GroupNormalization: {"groups": 2},
}  # fmt: skip
"""Settings of layers whose defaults are for more than the four numbers of a sample here."""
INSIDE = {nn.layers.SpectralNormalization: lambda: nn.layers.Dense(3)}
"""The layer that another one is around, where it is not recurrent."""
ELSEWHERE = ("Layer", "Embedding", "Masking", "MultiHeadAttention")
"""Layers that the network here does not fit: files of tests of their own have them."""
LAYERS = [
    name
    for name, kind in ((name, getattr(nn.layers, name)) for name in nn.layers.__all__)
    if name not in ELSEWHERE and not kind.several_inputs and not hasattr(kind, "begin")
]
"""Those that a `Sequential` may have; tests/test_functional_files.py has those of several inputs, cells have none."""
FLAT = ("Activation", "Dense", "Dropout", "ELU", "Identity", "LeakyReLU", "PReLU", "ReLU", "Rescaling", "Softmax")
"""Those that may come anywhere among dense layers."""
SHAPES = (4,), (4, 1), (2, 2, 1), (2, 1, 2, 1)
NOT_BY_NAME = (
    "FunctionLoss", "Loss", "FunctionMetric", "Mean", "MeanMetric", "Metric", "Sum", "Initializer", "Optimizer",
)  # fmt: skip
OF_ROWS = {
    "F1Score": partial(nn.metrics.F1Score, "macro"),
    "FBetaScore": partial(nn.metrics.FBetaScore, "micro"),
    "IoU": partial(nn.metrics.IoU, 3, [0, 2], sparse_y_true=False, sparse_y_pred=False),
    "MeanIoU": partial(nn.metrics.MeanIoU, 3, sparse_y_true=False, sparse_y_pred=False),
}
"""How metrics are made for one-hot targets and rows of probabilities, where their defaults are for something else."""


def instance(cls):
    """An object of a class, from what `ARGUMENTS` has for the parameters that need a value."""
    given = {**SMALL.get(cls, {})}
    for name, parameter in inspect.signature(cls).parameters.items():
        needed = parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        known = name in ARGUMENTS or name in MADE
        assert not needed or known, f"{cls.__name__} takes {name!r}: give it a value in ARGUMENTS"
        if needed:
            made = INSIDE.get(cls, MADE[name]) if name in MADE else None
            given[name] = ARGUMENTS[name] if made is None else made()
    return cls(**given)


def takes(layer, shape):
    """Whether a layer takes samples of a shape."""
    try:
        nn.models.clone_model(nn.Sequential([layer]))(np.zeros((2, *shape), np.float32))
    except NumbanetError:
        return False
    return True


def classes(module):
    found = {name: getattr(module, name) for name in module.__all__ if name not in NOT_BY_NAME}
    return sorted({cls.__name__: cls for cls in found.values() if inspect.isclass(cls)}.items())


def network(layers=(), optimizer="adam", loss="categorical_crossentropy", metrics=(), activation="softmax"):
    made = [nn.layers.Dense(4, "tanh"), *layers, nn.layers.Flatten(), nn.layers.Dense(3, activation, name="last")]
    model = nn.Sequential(made, name="contract")
    model.compile(optimizer, loss, list(metrics))
    return model


def targets_of(model):
    """Labels or one-hot rows, whichever the loss takes."""
    try:
        model.loss.check_targets("test", HOT, (None, 3))
    except NumbanetError:
        return LABELS
    return HOT


def bytes_of(model):
    return [(w.name, w.dtype, w.shape, w.numpy().tobytes(), w.trainable) for w in model.weights]


def fit(model, y, seed=0, epochs=2):
    return model.fit(X, y, epochs=epochs, batch_size=8, verbose=0, rng=seed).history


def check_contract(model, folder, custom_objects=None, y=None):
    """Train, save, load: the same settings, weights, predictions and results, and the same training afterwards."""
    y = targets_of(model) if y is None else y
    fit(model, y)
    path = folder / "model.numbanet"
    model.save(path)
    again = nn.load_model(path, custom_objects)
    assert type(again) is type(model)
    assert bytes_of(again) == bytes_of(model)
    assert json.dumps(again.get_config()) == json.dumps(model.get_config())
    for name in ("optimizer", "loss"):
        assert repr(getattr(again, name)) == repr(getattr(model, name))
    assert repr(again.metrics) == repr(model.metrics)
    assert again.predict(X, verbose=0).tobytes() == model.predict(X, verbose=0).tobytes()
    assert again.evaluate(X, y, verbose=0) == model.evaluate(X, y, verbose=0)
    assert fit(again, y, 5) == fit(model, y, 5)
    assert bytes_of(again) == bytes_of(model)
    bare = nn.load_model(path, custom_objects, compile=False)
    assert bare.optimizer is None
    assert bare.loss is None
    return again


class TestEveryClass:
    @pytest.mark.parametrize("name", LAYERS)
    def test_layers(self, name, tmp_path):
        layer = instance(getattr(nn.layers, name))
        shape = next(shape for shape in SHAPES if takes(layer, shape))
        again = check_contract(network([nn.layers.Reshape(shape, name="before"), layer]), tmp_path)
        assert repr(again.layers[2].get_config()) == repr(layer.get_config())

    @pytest.mark.parametrize("name", sorted(nn.activations.ACTIVATIONS))
    def test_activations(self, name, tmp_path):
        check_contract(network([nn.layers.Dense(4, name), nn.layers.Activation(name)]), tmp_path)

    @pytest.mark.parametrize(("name", "cls"), classes(nn.initializers))
    def test_initializers(self, name, cls, tmp_path):
        biases = "zeros" if name in ("Identity", "Orthogonal") else instance(cls)  # those are matrices
        layer = nn.layers.Dense(4, kernel_initializer=instance(cls), bias_initializer=biases)
        again = check_contract(network([layer]), tmp_path)
        assert again.layers[1].kernel_initializer == layer.kernel_initializer

    @pytest.mark.parametrize(
        ("name", "cls"),
        [one for one in classes(nn.losses) if one[0] != "CTC"],  # tests/test_sequences.py saves that
    )
    def test_losses(self, name, cls, tmp_path):
        check_contract(network(loss=instance(cls)), tmp_path)

    @pytest.mark.parametrize(("name", "cls"), classes(nn.metrics))
    def test_metrics(self, name, cls, tmp_path):
        metric = OF_ROWS[name]() if name in OF_ROWS else instance(cls)
        y = HOT
        try:
            metric.update(HOT, np.full((24, 3), 1 / 3, np.float32))
        except NumbanetError:
            y = LABELS
        loss = "categorical_crossentropy" if y is HOT else "sparse_categorical_crossentropy"
        check_contract(network(loss=loss, metrics=[metric]), tmp_path, y=y)

    @pytest.mark.parametrize("name", sorted(nn.metrics.METRICS | nn.losses.LOSSES))
    def test_metrics_by_name_keep_their_name(self, name, tmp_path):
        model = network(metrics=[name])
        model.build((4,))
        model.save(tmp_path / "m")
        assert [metric.name for metric in nn.load_model(tmp_path / "m").metrics] == [name]

    @pytest.mark.parametrize(("name", "cls"), classes(nn.optimizers))
    def test_optimizers(self, name, cls, tmp_path):
        check_contract(network(optimizer=instance(cls)), tmp_path)

    @pytest.mark.parametrize("cls", SCHEDULES.values())
    def test_schedules(self, cls, tmp_path):
        again = check_contract(network(optimizer=nn.optimizers.SGD(instance(cls))), tmp_path)
        assert again.optimizer.schedule == instance(cls)


@st.composite
def networks(draw):
    """Models of what numbanet has, some weights frozen, some optimizers with options."""
    names = [name for name in LAYERS if name in FLAT]
    layers = [instance(getattr(nn.layers, name)) for name in draw(st.lists(st.sampled_from(names), max_size=3))]
    if draw(st.booleans()):
        layers = [nn.Sequential([nn.layers.Dense(4), *layers], name="inner"), nn.layers.Dense(4)]
    optimizer = draw(st.sampled_from(sorted(nn.optimizers.OPTIMIZERS)))
    rate = draw(st.sampled_from([0.01, np.float32(0.01), *[instance(cls) for cls in SCHEDULES.values()]]))
    rate = 0.01 if optimizer == "ftrl" else rate  # it refuses a rate of 0, in which a CosineDecay ends
    option = draw(st.sampled_from([{}, {"clipnorm": 1.0}, {"global_clipnorm": np.float64(0.5)}, {"clipvalue": 0.5}]))
    model = network(
        layers,
        nn.optimizers.OPTIMIZERS[optimizer](rate, **option),
        draw(st.sampled_from(sorted({*nn.losses.LOSSES} - {"ctc"}))),  # which is of sequences
        activation=draw(st.sampled_from(["softmax", "sigmoid"])),
    )
    model.build((4,), rng=0)
    for layer in model.layers:
        layer.trainable = draw(st.booleans())
    model.layers[-1].trainable = True
    return model


@given(networks())
def test_combinations(tmp_path_factory, model):
    check_contract(model, tmp_path_factory.mktemp("combined"))


# Classes and functions of one's own


@nn.saving.register(package="tests")
class Block(nn.layers.Layer):
    """Layers in a layer; its settings are kept as the attributes of their names, so it needs no get_config."""

    def __init__(self, units, activation=nn.relu, sizes=(1, 2), table=None, **options):
        super().__init__(**options)
        self.units, self.activation, self.sizes, self.table = units, activation, sizes, table
        self.parts = {"first": nn.layers.Dense(units), "second": [nn.layers.Dense(4)]}
        self.seen = nn.Variable(np.int64(0), trainable=False)

    def call(self, x):
        return self.parts["second"][0](self.activation(self.parts["first"](x)))


class Scale(nn.layers.Layer):
    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = factor

    def build(self, input_shape):
        self.bias = nn.Variable(np.zeros(input_shape[-1], np.float32))

    def call(self, x):
        return x * self.factor + self.bias


class Tied(nn.layers.Layer):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def call(self, x):
        return nn.tanh(x @ self.encoder.kernel.T)


class Wide(nn.layers.Dense):
    """A subclass that takes other arguments than its base."""

    def __init__(self, factor):
        super().__init__(2 * factor, "relu")
        self.factor = factor


class Perceptron(nn.Sequential):
    def __init__(self, width):
        super().__init__([nn.layers.Dense(width, "relu"), nn.layers.Dense(3, "softmax")])
        self.width = width


@nn.saving.register
def leaky(x):
    return nn.maximum(x, 0.125 * x)


@nn.saving.register(package="tests", name="my initializer")
def few(shape, dtype, rng):
    return rng.integers(-1, 2, shape) / 8


@nn.saving.register(package="tests")
def falling(step):
    return 0.1 / (1 + step)


@nn.saving.register(package="tests")
def absolute(y_true, y_pred):
    return nn.mean(nn.abs(y_true - y_pred), axis=-1)


@nn.saving.register(package="tests")
def distance(y_true, y_pred):
    return np.abs(np.asarray(y_true) - np.asarray(y_pred)).mean(axis=-1)


class Weighted(nn.losses.Loss):
    def __init__(self, factors):
        self.factors = factors

    def call(self, y_true, y_pred):
        return nn.mean((y_true - y_pred) ** 2 * np.asarray(self.factors, np.float32), axis=-1)


class Largest(nn.metrics.MeanMetric):
    def __init__(self, power, name="largest"):
        self.power = power
        super().__init__(name)

    def values(self, y_true, y_pred):
        return np.abs(y_true - y_pred).max(axis=-1) ** self.power


class Signs(nn.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, decay=0.5):
        super().__init__(learning_rate)
        self.decay = decay

    def slots(self):
        return ("mean",)

    def update(self, w, g, state, rate):
        state[0][:] = self.decay * state[0] + g
        w -= rate * np.sign(state[0])


class Halving(nn.optimizers.schedules.LearningRateSchedule):
    def __init__(self, start):
        self.start = start

    def __call__(self, step):
        return self.start * 0.5**step


class Checkered(nn.initializers.Initializer):
    def __init__(self, value):
        self.value = value

    def draw(self, shape, rng):
        return self.value * (np.indices(shape).sum(axis=0) % 2)


OWN = {cls.__name__: cls for cls in (Scale, Tied, Wide, Perceptron, Weighted, Largest, Signs, Halving, Checkered)}


class TestOwn:
    def test_layers_in_layers(self, tmp_path):
        block = Block(np.int64(6), activation=nn.tanh, sizes=(3, (4, 5)), table=np.arange(4.0), name="b")
        again = check_contract(network([block]), tmp_path).layers[1]
        assert (again.name, again.units, again.activation, again.sizes) == ("b", 6, nn.tanh, (3, (4, 5)))
        np.testing.assert_array_equal(again.table, block.table)

    def test_everything_at_once(self, tmp_path):
        layers = [
            Scale(np.float32(1.5)), Wide(2), nn.layers.Dense(4, leaky, kernel_initializer=few),
            nn.layers.Dense(4, activation=Scale(0.5), bias_initializer=Checkered(0.5)),
            nn.Sequential([nn.Sequential([nn.layers.Dense(4)], name="deep")], name="outer"),
        ]  # fmt: skip
        model = network(layers, Signs(Halving(0.02), 0.25), Weighted([1.0, 2.0, 0.5]), [Largest(2, "big"), distance])
        check_contract(model, tmp_path, OWN)

    @pytest.mark.parametrize("loss", [absolute, Weighted((1.0, 2.0, 0.5))])
    def test_losses_and_schedules_that_are_functions(self, loss, tmp_path):
        check_contract(network(optimizer=nn.optimizers.Adam(falling), loss=loss), tmp_path, OWN)

    def test_models_of_an_own_class(self, tmp_path):
        model = Perceptron(7)
        model.compile("adam", "categorical_crossentropy")
        check_contract(model, tmp_path, OWN)
        with pytest.raises(DataError, match=r"'Perceptron'.*custom_objects"):
            nn.load_model(tmp_path / "model.numbanet")

    def test_tied_weights_stay_tied(self, tmp_path):
        encoder = nn.layers.Dense(4, use_bias=False, name="encoder")
        again = check_contract(network([encoder, Tied(encoder)]), tmp_path, OWN)
        assert again.layers[2].encoder is again.layers[1]

    def test_losses_in_metrics_keep_their_settings(self, tmp_path):
        metric = nn.metrics.LossMetric(nn.losses.Huber(0.1), name="small")
        model = network(metrics=[metric], loss=nn.losses.CategoricalCrossentropy(label_smoothing=0.2))
        again = check_contract(model, tmp_path)
        assert again.metrics[0].loss.delta == 0.1
        assert again.loss.label_smoothing == 0.2

    def test_registered_names(self, tmp_path):
        assert nn.activations.get("Custom>leaky") is leaky
        assert nn.activations.name_of(leaky) is None
        loss = nn.losses.get("tests>absolute")
        assert loss.function is absolute
        assert nn.saving.register(package="tests")(absolute) is absolute
        with pytest.raises(ArgumentError, match="'tests>absolute' is"):
            nn.saving.register(package="tests", name="absolute")(leaky)
        for wrong in (lambda: nn.saving.register(package="a>b"), lambda: nn.saving.register()(3)):
            with pytest.raises(ArgumentError, match="register"):
                wrong()

    def test_custom_objects_come_first(self, tmp_path):
        class Other(Block):
            pass

        model = network([Block(3)])
        model.build((4,))
        model.save(tmp_path / "m")
        assert type(nn.load_model(tmp_path / "m").layers[1]) is Block
        for name in ("Block", "tests>Block"):
            assert type(nn.load_model(tmp_path / "m", {name: Other}).layers[1]) is Other

    @pytest.mark.parametrize("optimizer", sorted(nn.optimizers.OPTIMIZERS))
    def test_frozen_weights_stay_frozen(self, optimizer, tmp_path):
        model = network([Block(3)], optimizer)
        model.build((4,), rng=0)
        model.layers[1].parts["first"].trainable = False
        model.layers[-1].bias.trainable = False
        again = check_contract(model, tmp_path)
        assert not again.layers[1].parts["first"].trainable
        before = again.layers[1].parts["first"].kernel.numpy().tobytes()
        again.trainable = True
        assert again.layers[-1].bias.trainable
        again.fit(X, HOT, verbose=0, rng=0)
        assert again.layers[1].parts["first"].kernel.numpy().tobytes() != before

    def test_weights_that_joined_late(self, tmp_path):
        model = network(optimizer="adam")
        model.build((4,), rng=0)
        model.layers[0].trainable = False
        fit(model, HOT)
        model.layers[0].trainable = True
        check_contract(model, tmp_path)


def own_named(name, base=nn.layers.Layer, **members):
    return type(name, (base,), {"call": lambda self, x: x, **members})


class NoAttribute(nn.layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self._factor = factor

    def call(self, x):
        return x * self._factor


class Forgets(Scale):
    """Its settings change on the way: made again, it would be another layer."""

    def get_config(self):
        return {"factor": self.factor * 2}


class Holds(nn.layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        return x


def holding(value):
    return Holds(value)


class Callable:
    def __call__(self, x):
        return x


UNSAVABLE = {
    "a lambda": (lambda: network([nn.layers.Dense(4, lambda x: x, name="bad")]), "layer bad: its activation"),
    "a local function": (lambda: network(loss=lambda y, p: nn.mean((y - p) ** 2, axis=-1)), "the loss function"),
    "a function of NumPy": (lambda: network([nn.layers.Dense(4, np.tanh, name="bad")]), "layer bad: its activation"),
    "a partial": (lambda: network([nn.layers.Dense(4, partial(nn.softmax, axis=1), name="bad")]), "layer bad: its act"),
    "an object with a call": (lambda: network([nn.layers.Dense(4, Callable(), name="bad")]), "layer bad: its activ"),
    "a metric": (lambda: network(metrics=[lambda y, p: y[:, 0]]), "the metric function"),
    "a schedule": (lambda: network(optimizer=nn.optimizers.SGD(lambda step: 0.1)), "the schedule of SGD"),
    "an initializer": (
        lambda: network([nn.layers.Dense(4, kernel_initializer=lambda s, d, r: np.ones(s), name="bad")]),
        "layer bad: its kernel_initializer",
    ),
    "a name of numbanet": (lambda: network([own_named("Dropout")()]), "numbanet has a Dropout of its own"),
    "one name for two": (lambda: network([own_named("Twin")(), own_named("Twin")()]), "something else is called Twin"),
    "no attribute": (lambda: network([NoAttribute(2.0)]), "NoAttribute cannot be saved: its __init__ takes 'factor'"),
    "other settings": (lambda: network([Forgets()]), "layer forgets.*other settings"),
    "an object": (lambda: network([holding(2.0 + 0j)]), "holds.factor cannot be saved: a complex is neither plain"),
    "a set": (lambda: network([holding({1, 2})]), "holds.factor cannot be saved: a set"),
    "a tensor": (lambda: network([holding(nn.ones(4))]), "holds.factor cannot be saved: a Tensor"),
}  # fmt: skip


class TestWhatCannotBeSaved:
    @pytest.mark.parametrize("case", UNSAVABLE)
    def test_at_save(self, case, tmp_path):
        make, words = UNSAVABLE[case]
        model = make()
        model.build((4,))
        with pytest.raises(NotBuiltError, match=words):
            model.save(tmp_path / "m")
        with pytest.raises(NotBuiltError, match=words):
            model.check_savable()
        assert not list(tmp_path.iterdir())
        model.save_weights(tmp_path / "w")

    @pytest.mark.parametrize("change", ["grown", "shrunk", "reshaped"])
    def test_layers_and_weights_that_their_class_would_not_make(self, change, tmp_path):
        block = Block(3)
        model = network([block])
        if change == "grown":
            block.parts["second"].append(nn.layers.Dense(4))
            block.call = lambda x: block.parts["second"][1](Block.call(block, x))
        elif change == "shrunk":
            del block.seen
        model.build((4,))
        if change == "reshaped":
            block.seen = nn.Variable([1, 2], trainable=False)
        with pytest.raises(NotBuiltError, match=r"layers/1/(parts/second/1|seen).*load_model"):
            model.save(tmp_path / "m")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("ending", ["keras", "h5", "KERAS", "weights.h5", "pt", "onnx", "pkl"])
    def test_endings_of_other_programs(self, ending, tmp_path):
        model = network()
        model.build((4,))
        for save, own in ((model.save, r"\.numbanet"), (model.save_weights, r"\.safetensors")):
            with pytest.raises(ArgumentError, match=own):
                save(tmp_path / f"m.{ending}")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("start", "words"), [(b"PK\3\4", "zip"), (b"\x89HDF\r\n", "HDF5")])
    def test_files_of_keras(self, start, words, tmp_path):
        (tmp_path / "m.keras").write_bytes(start + bytes(100))
        with pytest.raises(DataError, match=words):
            nn.load_model(tmp_path / "m.keras")


class TestWhatCannotBeLoaded:
    def test_unknown_classes_are_named(self, tmp_path):
        model = network([Scale(), nn.layers.Dense(4, activation=Scale())], loss=Weighted([1.0]))
        model.build((4,))
        model.save(tmp_path / "m")
        with pytest.raises(DataError, match=r"unknown layer 'Scale': give load_model\(path, custom_objects=\{'Scale'"):
            nn.load_model(tmp_path / "m")
        with pytest.raises(DataError, match="unknown loss 'Weighted'"):
            nn.load_model(tmp_path / "m", {"Scale": Scale})
        assert nn.load_model(tmp_path / "m", {"Scale": Scale}, compile=False).loss is None

    def test_a_class_that_is_another_now(self, tmp_path):
        model = network([Scale()])
        model.build((4,))
        model.save(tmp_path / "m")

        class Fails(Scale):
            def __init__(self, factor):
                raise RuntimeError("no")

        class Bigger(Scale):
            def build(self, input_shape):
                super().build(input_shape)
                self.more = nn.Variable(1.0)

        class Wider(Scale):
            def build(self, input_shape):
                self.bias = nn.Variable(np.zeros((2, input_shape[-1]), np.float32))

        for other, words in ((Fails, "RuntimeError: no"), (Bigger, "more"), (Wider, r"\(2, 4\)"), (dict, "layer")):
            with pytest.raises(DataError, match=words):
                nn.load_model(tmp_path / "m", {"Scale": other})

    @pytest.mark.parametrize("wrong", [[Scale], {"Scale": 3}, {Scale: Scale}, "Scale"])
    def test_custom_objects_are_a_dict(self, wrong, tmp_path):
        with pytest.raises(ArgumentError, match="custom_objects"):
            nn.load_model(tmp_path / "m", wrong)

    def test_nothing_outside_of_a_load_is_found(self, tmp_path):
        model = network([Scale()])
        model.build((4,))
        model.save(tmp_path / "m")
        nn.load_model(tmp_path / "m", {"Scale": Scale})
        with pytest.raises(DataError, match="Scale"):
            nn.load_model(tmp_path / "m")


# Files of version 0.1.0

OLD = (
    'c-pO2zi$&U6pq*!m=HotM8|+YR(n5^kftpaYWb-G142S=BFnjRQVXAbvVDaT9TTh!Fd`)W0K|Y01C$Pk0f~hTiGdLz2L1$ueV1?-dMzyw$wOW~'
    'fA4$m^Rv_3TS-3y3&Id96d;8lv|0m;#bFmQtgMzbXj?rlLZsSOtLlJi+hQoh=1be+G-z8UM9~@+(gc?^-ls^)3~`=CvC1$$XFbw4;X#pu<cL76'
    'MZ;*1a-=*ri^~<1#h1NKl7Q-XiUrIh-Zn*$BeqHrGon&H*L*|1BCALd&N8ULG#=t4hFyYEs1h+YvFlhcOd-(}1W|Gei=l#4B+PZ3!<S4aX^B|r'
    'BbuVz3ETV_@?azrF-<*GPoxs08|TWj2IeD$1IUKdra^7XXxxFKB`mnyBqvEqx-59a|6pZM#B9}Rq1BqOJ>k~>+Dz#Di=C49RETc=2S?9RF1WhN'
    'h#8UXY<0?PMXUX-e2qtx|H;k{7>ydtr-{Xsf~wca@L@zUt(ureiiF!Fx^i}*q*{uRV1)JI$m5cor*B4_VP*<hz&=_lp&8Z*H__P>>HQO!eNZYK'
    'rKUM{9?X&T^x{y62p`Eb)<aa{terP7>8~glWCB{%tPw^miCEh9@z^S&F)jxCly|klGJMEGU0xh!GN#fC6Kk=8ul}Zj^6b=?^*2I7;(1+7p9`W7'
    '(Y!WRYF<5IWi9Io9zx3d!&6^KqVIK0Fn%=`5}oq>SRj9G+mS=RK*fPAuq<kE7t=&#r-F}$Tc%Y(KQ9aVo9fD0{|MK|I!UYq<i~ZA=tifLF3mHR'
    'UJv>WJKv~TAbUov)^Z0}=}X6ZJ&BbDF595l8Kbc$M>ZB|&UkKt#sltVrY7**aVlpAR3${73u^W_le-h9GEp@f)Enbm-ruRJH$bCin6e3yllCtA'
    ')2M-Fvq<3VDu1&HrW(cV?k-y~)c}s;78$%<3DBE?<7#7)YPGs2`}<V+cH--+YyH8@j|(4O9((+8`pp;g>P5FQ{pj+y*6sMy%;M5Pv)1od4!_oG'
    '_IYx2U9Xwr&z^34_aDx^+jDvSz?~->2M#4Crx)kv9zWPO{iA+#cI9m__xV<R?%vXoji>eZCoB8!uIn}P6AD2$(E'
)  # fmt: skip
"""An Input, Dense(2, relu), Dropout, Dense(2, softmax), trained with SGD, momentum and a schedule, in format 1."""


def test_files_of_version_0_1_0(tmp_path):
    (tmp_path / "old").write_bytes(zlib.decompress(base64.b85decode("".join(OLD))))
    model = nn.load_model(tmp_path / "old")
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Dropout", "Dense"]
    assert (model.name, model.optimizer.iterations) == ("old", 2)
    assert model.optimizer.schedule == nn.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert [metric.name for metric in model.metrics] == ["accuracy", "sparse_categorical_crossentropy"]
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    np.testing.assert_allclose(model.predict(x, verbose=0)[0], [0.39777952, 0.60222048], rtol=1e-6)
    model.save(tmp_path / "new")
    again = nn.load_model(tmp_path / "new")
    for one in (model, again):
        one.fit(x, (x[:, 0] > 0).astype(int), verbose=0, rng=1)
    assert bytes_of(again) == bytes_of(model)


class Announced(nn.layers.Dense):
    """Takes `input_shape` by name; a layer keeps what it was given as `sample_shape`."""

    def __init__(self, units, input_shape=None):
        super().__init__(units, input_shape=input_shape)


@pytest.mark.parametrize("shape", [None, (3,)])
def test_input_shape_of_a_subclass_is_what_was_given(shape, tmp_path):
    x = np.ones((2, 3), np.float32)
    model = nn.Sequential([Announced(4, shape)])
    expected = model(x).numpy()
    model.save(tmp_path / "model.numbanet")
    again = nn.load_model(tmp_path / "model.numbanet", custom_objects={"Announced": Announced})
    assert again.layers[0].sample_shape == shape
    assert np.array_equal(again(x).numpy(), expected)
