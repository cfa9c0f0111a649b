"""What models can do besides fit, evaluate and predict: single batches, layers by name, JSON, summaries, Lambda."""

import json

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, NotBuiltError, ShapeError

X = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
LABELS = np.arange(16) % 3
L = nn.layers


def functional():
    x = nn.Input((4,), rng=0)
    h = L.Dense(8, "relu", name="hidden")(x)
    return nn.Model(x, L.Dense(3, "softmax", name="scores")(L.Add()([h, L.Dense(8, name="beside")(x)])))


def sequential():
    return nn.Sequential(
        [L.Dense(8, "relu", name="hidden"), L.Dropout(0.5), L.Dense(3, "softmax", name="scores")], rng=0
    )


def compiled(make):
    model = make()
    model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    return model


class TestBatches:
    @pytest.mark.parametrize("make", [functional, sequential])
    def test_a_batch_is_a_step_of_fit(self, make):
        one, other = compiled(make), compiled(make)
        one.build_for((None, 4))
        other.build_for((None, 4))
        other.set_weights(one.get_weights())
        history = one.fit(X, LABELS, batch_size=16, shuffle=False, verbose=0, rng=np.random.default_rng(1)).history
        results = other.train_on_batch(X, LABELS, return_dict=True, rng=np.random.default_rng(1))
        assert results == {name: values[0] for name, values in history.items()}
        assert all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))
        assert other.test_on_batch(X, LABELS) == pytest.approx(one.evaluate(X, LABELS, verbose=0))
        np.testing.assert_array_equal(other.predict_on_batch(X), one.predict(X, verbose=0))

    def test_weights_of_samples_and_classes(self):
        one, other = compiled(functional), compiled(functional)
        weights = np.where(LABELS == 1, 2.0, 1.0)
        first = one.train_on_batch(X, LABELS, class_weight={1: 2.0})
        assert first == other.train_on_batch(X, LABELS, sample_weight=weights)

    def test_metrics_are_those_of_the_batch(self):
        model = compiled(functional)
        assert model.test_on_batch(X[:4], LABELS[:4]) == model.test_on_batch(X[:4], LABELS[:4])
        model.test_on_batch(X[4:], LABELS[4:])
        assert model.test_on_batch(X[:4], LABELS[:4])[0] == pytest.approx(
            model.evaluate(X[:4], LABELS[:4], verbose=0)[0]
        )

    def test_a_loss_alone_is_a_number(self):
        model = sequential()
        model.compile("sgd", "sparse_categorical_crossentropy")
        assert isinstance(model.train_on_batch(X, LABELS), float)
        assert set(model.evaluate(X, LABELS, verbose=0, return_dict=True)) == {"loss"}

    def test_what_does_not_fit(self):
        model = compiled(functional)
        before = model.get_weights()
        for call, error in (
            (lambda: model.train_on_batch(X[:, :2], LABELS), ShapeError),
            (lambda: model.train_on_batch(X, LABELS + 5), ArgumentError),
            (lambda: model.train_on_batch(X), ArgumentError),
            (lambda: model.test_on_batch(X, LABELS, return_dict="yes"), ArgumentError),
            (lambda: functional().train_on_batch(X, LABELS), NotBuiltError),
            (lambda: compiled(sequential).test_on_batch(X, LABELS), NotBuiltError),
            (lambda: sequential().predict_on_batch(X), NotBuiltError),
        ):
            with pytest.raises(error):
                call()
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))

    def test_evaluate_as_a_dict(self):
        model = compiled(functional)
        values = model.evaluate(X, LABELS, verbose=0)
        found = model.evaluate(X, LABELS, verbose=0, return_dict=True)
        assert found == dict(zip(("loss", "accuracy"), values, strict=True))


class TestLayers:
    @pytest.mark.parametrize("make", [functional, sequential])
    def test_by_name_and_place(self, make):
        model = make()
        assert model.get_layer("hidden") is model.get_layer(name="hidden")
        assert model.get_layer(index=-1).name == "scores"
        with pytest.raises(ArgumentError, match="hidden"):
            model.get_layer("hiden")
        for wrong in ({}, {"name": "hidden", "index": 0}, {"index": 9}, {"index": "a"}):
            with pytest.raises(ArgumentError, match="get_layer"):
                model.get_layer(**wrong)

    def test_pop(self):
        model = sequential()
        model.build((4,))
        last = model.layers[-1]
        assert model.pop() is last
        assert model(X).shape == (16, 8)
        model.add(L.Dense(2))
        assert model(X).shape == (16, 2)
        with pytest.raises(ArgumentError, match="there is no layer to remove"):
            nn.Sequential().pop()

    @pytest.mark.parametrize("make", [functional, sequential])
    def test_json(self, make):
        model = make()
        again = type(model).from_config(json.loads(model.to_json()))
        assert again.get_config() == model.get_config()


class TestSummary:
    def test_functional(self, capsys):
        functional().summary(line_length=100)
        printed = capsys.readouterr().out
        assert "connected to" in printed
        assert "hidden, beside" in printed
        assert "(None, 8)" in printed
        assert "107 parameters, 107 of them trainable" in printed
        assert max(map(len, printed.splitlines())) <= 100

    def test_nested_and_shared(self, capsys):
        a, b = nn.Input((4,), name="a"), nn.Input((4,), name="b")
        inner = functional()
        nn.Model([a, b], L.Concatenate()([inner(a), inner(b)])).summary(line_length=120)
        printed = capsys.readouterr().out
        assert "functional (Model)" in printed
        assert "hidden" in printed
        assert "functional, functional" in printed

    def test_line_length(self):
        with pytest.raises(ArgumentError, match="summary: line_length"):
            functional().summary(line_length="wide")


class TestLambda:
    def test_one_and_several(self):
        x = nn.Input((4,))
        y = L.Lambda(nn.sum, arguments={"axis": -1, "keepdims": True})(x)
        both = L.Lambda(lambda pair: pair[0] * pair[1])([x, y])
        model = nn.Model(x, both)
        np.testing.assert_allclose(model(X), X * X.sum(1, keepdims=True), rtol=1e-5)

    def test_files(self, tmp_path):
        x = nn.Input((4,))
        model = nn.Model(x, L.Lambda(nn.mean, {"axis": 1, "keepdims": True})(L.Lambda(nn.relu)(x)))
        model.save(tmp_path / "m.numbanet")
        np.testing.assert_array_equal(nn.load_model(tmp_path / "m.numbanet")(X), model(X))
        with pytest.raises(NotBuiltError, match="cannot be saved"):
            nn.Model(x, L.Lambda(lambda x: x)(x)).save(tmp_path / "m.numbanet")

    def test_what_is_no_function(self):
        with pytest.raises(ArgumentError, match="layer lambda: function must be a function"):
            L.Lambda(3)
