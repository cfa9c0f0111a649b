"""What a Sequential says of itself as in Keras: layers without the Input, symbolic inputs and outputs, files."""

import copy
import json
import pickle

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, NotBuiltError
from numbanet.layers.module import walk

L = nn.layers
X = np.linspace(-1, 1, 20).reshape(5, 4).astype(np.float32)


def announced():
    """Return a model that begins with an Input."""
    return nn.Sequential([L.Input((4,)), L.Dense(3, "tanh"), L.Dense(2)], rng=0)


def plain():
    """Return the same without an Input, built."""
    model = nn.Sequential([L.Dense(3, "tanh"), L.Dense(2)], rng=0)
    model.build((4,))
    return model


@pytest.mark.parametrize("make", [announced, plain])
def test_layers_are_those_that_compute(make):
    model = make()
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert model.get_layer(index=0) is model.get_layer("dense") is model.layers[0]
    with pytest.raises(ArgumentError, match="index 2 is none of the 2 layers"):
        model.get_layer(index=2)
    with pytest.raises(ArgumentError):
        model.get_layer("input")


@pytest.mark.parametrize("make", [announced, plain])
def test_symbolic_inputs_and_outputs(make):
    model = make()
    assert model.input_shape == model.input.shape == (None, 4)
    assert model.output_shape == model.output.shape == (None, 2)
    assert model.inputs == [model.input]
    assert model.outputs == [model.output]
    first, last = model.layers
    assert first.input is model.input
    assert last.input is first.output
    assert last.output is model.output
    features = nn.Model(model.inputs, [layer.output for layer in model.layers])
    hidden, output = features(X)
    np.testing.assert_array_equal(hidden, first(X))
    np.testing.assert_array_equal(output, model(X))
    assert features.weights[0] is model.weights[0]
    assert model.output is model.outputs[0]


def test_the_graph_of_a_model_in_float64_does_not_round_its_inputs():
    model = nn.Sequential([L.Dense(3, "tanh", dtype="float64"), L.Dense(2, dtype="float64")], rng=0)
    x = np.linspace(-1, 1, 20).reshape(5, 4)
    wanted = model(x)
    assert model.input.dtype == np.float64
    np.testing.assert_array_equal(nn.Model(model.inputs, model.output)(x), wanted)


def test_a_layer_knows_its_place_before_the_model_is_asked():
    layer = L.Dense(3)
    model = nn.Sequential([layer, L.Dense(1)])
    with pytest.raises(NotBuiltError, match="sequential: has no inputs and outputs before it is built"):
        layer.output  # noqa: B018  # what is read raises
    with pytest.raises(NotBuiltError):
        model.inputs  # noqa: B018  # as above
    assert model.output_shape is model.input_shape is None
    model(X)
    assert layer.output.shape == (None, 3)
    assert layer.input is model.input


def test_the_graph_follows_the_layers():
    model = announced()
    before = model.output
    model.add(L.Dense(7))
    assert model.output.shape == model.output_shape == (None, 7)
    assert model.layers[-1].input.shape == before.shape
    model.pop()
    model.pop()
    assert model.output.shape == (None, 3)
    model.layers[0] = L.Dense(6)
    model.build((4,))
    assert model.output.shape == (None, 6)


def test_layers_of_a_functional_model_keep_its_graph():
    x, layer = nn.Input((4,)), L.Dense(3)
    y = layer(x)
    model = nn.Sequential([layer, L.Dense(1)])
    model.build((4,))
    assert layer.output is y
    assert model.output.shape == (None, 1)
    outer = nn.Model(x, model(x))
    assert outer.get_layer("sequential").output is model.output


def test_structures_and_integers():
    model = nn.Sequential([L.Embedding(5, 3), L.LSTM(2)])
    model.build((7,))
    states = nn.Model(model.input, model.layers[0].output)
    rows = np.arange(14).reshape(2, 7) % 5
    np.testing.assert_array_equal(states(rows), model.layers[0](rows))


@pytest.mark.parametrize("renew", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), nn.models.clone_model])
def test_copies(renew):
    model = announced()
    assert model.output is not None
    again = renew(model)
    assert [layer.name for layer in again.layers] == ["dense", "dense_1"]
    assert again.layers[0].input is again.input is not model.input
    assert again.output is not model.output
    assert again.get_config() == model.get_config()


def test_pickles_of_earlier_versions_have_the_input_among_the_layers():
    model = announced()
    state = model.__getstate__()
    state["layers"] = [state.pop("_input"), *state["layers"]]
    again = nn.Sequential.__new__(nn.Sequential)
    again.__setstate__(state)
    assert [layer.name for layer in again.layers] == ["dense", "dense_1"]
    assert again.input_shape == (None, 4)


def test_files_have_the_input_as_the_first_of_the_layers(tmp_path):
    """As those of earlier versions: paths of weights count it."""
    model = nn.Sequential([L.Input((4,)), nn.Sequential([L.Input((4,)), L.Dense(3)], name="inner"), L.Dense(2)], rng=0)
    paths = [path for path, _ in walk(model)]
    assert paths[:4] == ["", "layers/0", "layers/1", "layers/1/layers/0"]
    assert "layers/1/layers/1/_weights/0" in paths
    assert [one["config"]["name"] for one in json.loads(model.to_json())["config"]["layers"]] == [
        "input",
        "inner",
        "dense",
    ]
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert [path for path, _ in walk(again)] == paths
    assert len(again.layers) == 2
    np.testing.assert_array_equal(again(X), model(X))


def test_an_input_alone():
    model = nn.Sequential([L.Input((4,))])
    assert model.layers == []
    assert model.output is model.input
    assert model.pop() is not None
    with pytest.raises(ArgumentError, match="no layer to remove"):
        model.pop()
    model = nn.Sequential([L.Input((4,)), L.Input((4,)), L.Dense(1)])
    assert [layer.name for layer in model.layers] == ["input_1", "dense"]


def test_a_summary_lists_the_layers(capsys):
    announced().summary()
    printed = capsys.readouterr().out
    assert "dense_1" in printed
    assert "input" not in printed


@pytest.mark.needs_compiled("compiled kernels are recorded")
def test_asking_for_the_graph_changes_no_training():
    runs = []
    for asks in (False, True):
        model = announced()
        model.compile("adam", "mse")
        keep = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs, m=model, a=asks: a and m.outputs)
        model.fit(X, X[:, :2], batch_size=2, epochs=3, verbose=0, rng=0, callbacks=[keep])
        assert model.explanation.steps
        runs.append([weight.numpy().tobytes() for weight in model.weights])
    assert runs[0] == runs[1]
