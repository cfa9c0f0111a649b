"""Models as layers of models: in a Sequential, in functional models, shared, saved."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from tests.layer_checks import Batches, bytes_of

L = nn.layers
X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
LABELS = np.arange(20) % 3


def inner(sample=(4,), units=5):
    x = nn.Input(sample, rng=0)
    return nn.Model(x, L.Dense(units, "tanh")(L.Dropout(0.3)(L.Dense(6, "relu")(x))))


class Own(nn.Model):
    """A model with a call of its own."""

    def __init__(self, name=None):
        super().__init__(name)
        self.dense = L.Dense(5)

    def call(self, x):
        return self.dense(x)


FIRST = {"functional": inner, "sequential": lambda: nn.Sequential([L.Dense(6), L.Dense(5, "tanh")]), "own": Own}


def around(kind):
    model = nn.Sequential([FIRST[kind](), L.Dense(3, "softmax")], rng=1)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("kind", FIRST)
def test_in_a_sequential(kind, tmp_path):
    model, plain = around(kind), around(kind)
    model.fit(X, LABELS, batch_size=6, epochs=3, verbose=0, rng=0)
    plain.fit(X, LABELS, batch_size=6, epochs=3, verbose=0, rng=0, callbacks=[Batches()])
    assert bytes_of(model) == bytes_of(plain)
    assert len(model.weights) == 2 + len(model.layers[0].weights)
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet", {"Own": Own} if kind == "own" else None)
    assert again.predict(X, verbose=0).tobytes() == model.predict(X, verbose=0).tobytes()
    again.fit(X, LABELS, batch_size=6, verbose=0, rng=2)
    model.fit(X, LABELS, batch_size=6, verbose=0, rng=2)
    assert bytes_of(again) == bytes_of(model)


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_it_is_replayed(kind, capsys):
    model = around(kind)
    model.fit(X, LABELS, verbose=0)
    model.explain()
    assert "Training replays a Program" in capsys.readouterr().out


def test_the_same_as_its_layers_one_after_another():
    model = around("functional")
    flat = nn.Sequential(
        [nn.Input((4,)), L.Dense(6, "relu"), L.Dropout(0.3), L.Dense(5, "tanh"), L.Dense(3, "softmax")]
    )
    flat.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    flat.set_weights(model.get_weights())
    for one in (model, flat):
        one.fit(X, LABELS, batch_size=6, epochs=2, verbose=0, rng=0)
    assert bytes_of(model) == bytes_of(flat)


def test_a_functional_model_in_front_builds_a_sequential():
    model = nn.Sequential([inner(), L.Dense(2)])
    assert model.built
    assert model.input_shape == (None, 4)
    model = nn.Sequential([inner((None, 4)), L.Dense(2)])
    assert model.input_shape == (None, None, 4)
    assert model(np.ones((2, 7, 4))).shape == (2, 7, 2)


def test_the_last_activation_is_that_of_the_model_inside():
    x = nn.Input((4,), rng=0)
    model = nn.Sequential([nn.Model(x, L.Dense(3, "softmax")(x))])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.layers[0].weights[0].assign(np.full((4, 3), [300.0, -300.0, 0.0], np.float32))
    loss = model.evaluate(np.ones((2, 4)), [1, 1], verbose=0)
    assert loss == 2400.0  # a softmax of its own would have rounded the probability to 0


def shared():
    part = inner(units=4)
    a, b = nn.Input((4,), name="a"), nn.Input((4,), name="b")
    return nn.Model([a, b], L.Add()([part(a), nn.Sequential([part, L.Dense(4)])(b)])), part


def test_shared_by_two_models(tmp_path):
    model, part = shared()
    assert len(model.weights) == 6
    model.compile("adam", "mse")
    before = part.get_weights()
    model.fit([X, X], X, verbose=0, rng=0)
    assert not any(np.array_equal(a, b) for a, b in zip(before, part.get_weights(), strict=True))
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert len(again.weights) == 6
    assert again.predict([X, X], verbose=0).tobytes() == model.predict([X, X], verbose=0).tobytes()
    assert len(nn.models.clone_model(model).weights) == 6


def test_freezing_a_model_inside():
    model = around("functional")
    model.layers[0].trainable = False
    before = bytes_of(model.layers[0])
    model.fit(X, LABELS, verbose=0, rng=0)
    assert bytes_of(model.layers[0]) == before
    assert len(model.trainable_weights) == 2


def test_gradients():
    x = nn.Input((3,), dtype="float64", rng=0)
    model = nn.Sequential([nn.Model(x, L.Dense(2, "tanh", dtype="float64")(x)), L.Dense(1, dtype="float64")], rng=0)
    nn.testing.check_grad(lambda x: nn.sin(model(x)), np.random.default_rng(1).normal(size=(2, 3)), order=2)


def test_summary(capsys):
    model = around("functional")
    for expand in (False, True):
        model.summary(line_length=100, expand_nested=expand)
        printed = capsys.readouterr().out
        assert "functional (Model)" in printed
        assert ("dropout" in printed) == expand
        assert "83 parameters" in printed


def test_what_does_not_fit_is_refused():
    model = nn.Sequential([inner()])
    with pytest.raises(ShapeError, match=r"samples of shape \(7,\) are needed, got \(5,\)"):
        model.add(inner((7,)))
    assert len(model.layers) == 1
    with pytest.raises(ArgumentError, match=r"takes 2 inputs \(a, b\)"):
        model.add(shared()[0])
    with pytest.raises(ArgumentError, match="needs layers"):
        model.add(inner)
    with pytest.raises(ArgumentError, match="is in the model already"):
        model.add(model.layers[0])
    x = nn.Input((4,))
    with pytest.raises(ArgumentError, match=r"dense takes one tensor, and would get tensors of shapes"):
        nn.Sequential([nn.Model(x, [L.Dense(2, name="u")(x), L.Dense(3, name="v")(x)]), L.Dense(2)])
    with pytest.raises(ShapeError, match="samples of shape"):
        around("functional").fit(np.ones((8, 5)), np.zeros(8), verbose=0)
