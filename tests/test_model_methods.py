"""What models can do besides fit, evaluate and predict: single batches, layers by name, JSON, summaries, Lambda."""

import json

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.encoding import encode
from numbanet.errors import ArgumentError, DataError, NotBuiltError, ShapeError
from tests.layer_checks import Own

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
        again = type(model).from_config(json.loads(model.to_json())["config"])
        assert again.get_config() == model.get_config()


class TestModelsAnew:
    """What `to_json` describes and what `clone_model` makes: the same layers, other weights."""

    def test_json_of_a_compiled_model(self):
        model = compiled(functional)
        again = nn.models.model_from_json(model.to_json())
        assert type(again) is nn.Model
        assert again.metrics_names == model.metrics_names == ["loss", "accuracy"]
        assert again.optimizer.get_config() == model.optimizer.get_config()
        assert again.optimizer is not model.optimizer
        again.set_weights(model.get_weights())
        assert again.evaluate(X, LABELS, verbose=0) == model.evaluate(X, LABELS, verbose=0)

    def test_json_of_classes_of_ones_own(self):
        class Twice(L.Layer):
            def call(self, x):
                return x * 2

        text = nn.Sequential([L.Dense(2), Twice()]).to_json()
        with pytest.raises(DataError, match="Twice"):
            nn.models.model_from_json(text)
        again = nn.models.model_from_json(text, {"Twice": Twice})
        assert type(again.layers[1]) is Twice
        with pytest.raises(NotBuiltError, match="compile"):
            again.evaluate(X, LABELS)

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"__numbanet__": "object"}', '{"a": 1', 3, None])
    def test_what_is_no_model(self, text):
        with pytest.raises((DataError, ArgumentError), match="model_from_json"):
            nn.models.model_from_json(text)
        layer = json.dumps(encode(L.Dense(2), ""))
        with pytest.raises(DataError, match="Dense is not a model"):
            nn.models.model_from_json(layer)

    @pytest.mark.parametrize("make", [functional, sequential])
    def test_clones(self, make):
        model = compiled(make)
        model.fit(X, LABELS, verbose=0, rng=0)
        model.layers[1].trainable = False
        other = nn.models.clone_model(model)
        assert type(other) is type(model)
        assert [layer.name for layer in other.layers] == [layer.name for layer in model.layers]
        assert [w.shape for w in other.weights] == [w.shape for w in model.weights]
        assert not {id(w) for w in other.weights} & {id(w) for w in model.weights}
        assert [w.shape for w in other.trainable_weights] == [w.shape for w in model.trainable_weights]
        assert other.optimizer.iterations == 0
        other.set_weights(model.get_weights())
        np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
        before = model.get_weights()
        other.fit(X, LABELS, verbose=0, rng=0)
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))

    def test_clones_with_functions(self):
        model = functional()
        shared = nn.models.clone_model(model, clone_function=lambda layer: layer)
        assert all(a is b for a, b in zip(shared.weights, model.weights, strict=True))

        def wider(layer):
            return (
                L.Dense(16, layer.activation, name=layer.name) if layer.name in ("hidden", "beside") else again(layer)
            )

        def again(layer):
            return type(layer).from_config(layer.get_config())

        assert nn.models.clone_model(model, clone_function=wider).get_layer("hidden").kernel.shape == (4, 16)
        seen = []

        def dropped(layer, x, **options):
            seen.append(layer.name)
            return L.Dropout(0.5)(layer(x, **options)) if isinstance(layer, L.Dense) else layer(x, **options)

        regular = nn.models.clone_model(model, call_function=dropped)
        assert seen == ["hidden", "beside", "add", "scores"]
        assert sum(isinstance(layer, L.Dropout) for layer in regular.layers) == 3

    @pytest.mark.parametrize("trained", [False, True])
    def test_weights_without_decay_stay_without(self, trained):
        x = nn.Input((4,), rng=0)
        for model in (nn.Model(x, L.Dense(3)(x)), nn.Sequential([L.Dense(3)])):
            model.build_for((None, 4))
            optimizer = nn.optimizers.AdamW(0.1)
            optimizer.exclude_from_weight_decay([model.weights[0]], ["nothing"])
            model.compile(optimizer, "mse")
            if trained:
                model.fit(X, X[:, :3], verbose=0, rng=0)
            made = [nn.models.clone_model(model)]
            if isinstance(model, nn.Sequential):  # made again without weights
                with pytest.raises(ArgumentError, match=r"to_json.*var_list"):
                    model.to_json()
            else:
                made.append(nn.models.model_from_json(model.to_json()))
            for again in made:
                again.fit(X, X[:, :3], verbose=0, rng=0)
                assert [again.optimizer.decays(weight) for weight in again.weights] == [False, True]
                assert again.optimizer.excluded_names == ("nothing",)

    def test_clones_on_other_inputs(self):
        start = nn.Input((4,), name="other", rng=0)
        given = L.Dense(4)(start)
        other = nn.models.clone_model(functional(), input_tensors=given)
        assert nn.Model(start, other(given))(X).shape == (16, 3)
        assert nn.models.clone_model(sequential(), input_tensors=[start]).built
        for model, tensors in ((functional(), [start, start]), (functional(), X), (sequential(), given)):
            with pytest.raises((ArgumentError, ShapeError), match=r"input_tensors|nn\.Input"):
                nn.models.clone_model(model, input_tensors=tensors)

    def test_clones_of_inner_models(self):
        x = nn.Input((4,), rng=0)
        inner = nn.Sequential([L.Dense(4, name="in")], name="inner")
        model = nn.Model(x, L.Dense(1, name="out")(inner(inner(x))))
        names = []

        def noted(layer):
            names.append(layer.name)
            return type(layer).from_config(layer.get_config())

        nn.models.clone_model(model, clone_function=noted)
        assert names == ["inner", "out"]
        names.clear()
        other = nn.models.clone_model(model, clone_function=noted, recursive=True)
        assert names == ["in", "out"]
        assert len(other.weights) == len(model.weights) == 4
        assert len(nn.models.clone_model(model).weights) == 4

    def test_what_cannot_be_cloned(self):
        class Needing(L.Layer):
            def __init__(self, table):
                super().__init__()

            def call(self, x):
                return x

        assert type(nn.models.clone_model(Own())) is Own
        for wrong in (
            lambda: nn.models.clone_model(L.Dense(2)),
            lambda: nn.models.clone_model(functional(), clone_function=3),
            lambda: nn.models.clone_model(functional(), call_function=3),
            lambda: nn.models.clone_model(sequential(), call_function=lambda layer, x: layer(x)),
            lambda: nn.models.clone_model(Own(), clone_function=lambda layer: layer),
            lambda: nn.models.clone_model(nn.Sequential([Needing({})])),
        ):
            with pytest.raises(ArgumentError, match="clone_model"):
                wrong()


class TestSmallOnes:
    def test_names_of_weights_as_in_keras(self):
        model = functional()
        model.layers[-1].trainable = False
        assert model.variables == model.weights
        assert model.trainable_variables == model.trainable_weights
        assert model.non_trainable_variables == model.non_trainable_weights
        assert len(model.trainable_variables) == 4

    def test_parameters_before_there_are_any(self):
        assert functional().count_params() == 107
        for unbuilt in (sequential(), L.Dense(2)):
            with pytest.raises(NotBuiltError, match="count_params"):
                unbuilt.count_params()

    def test_metrics_are_reset(self):
        model = compiled(functional)
        model.evaluate(X, LABELS, verbose=0)
        assert not np.isnan(model.metrics[0].result())
        model.reset_metrics()
        assert np.isnan(model.metrics[0].result())
        assert model.metrics_names == ["loss", "accuracy"]

    @pytest.mark.parametrize("weights", [2, 2.0, [2.0], {"scores": 2.0}])
    def test_the_weight_of_the_only_loss(self, weights):
        self.check(functional, weights)

    @pytest.mark.parametrize("weights", [2, [2.0]])  # the output of a Sequential has no name of its own
    def test_the_weight_of_the_loss_of_a_stack(self, weights):
        self.check(sequential, weights)

    def check(self, make, weights):
        one, other = compiled(make), make()
        loss = "sparse_categorical_crossentropy"
        other.compile("sgd", [loss] if isinstance(weights, list) else loss, ["accuracy"], loss_weights=weights)
        one.optimizer.learning_rate = 0.02
        other.optimizer.learning_rate = 0.01
        first = one.fit(X, LABELS, batch_size=8, epochs=2, verbose=0, rng=0).history
        second = other.fit(X, LABELS, batch_size=8, epochs=2, verbose=0, rng=0).history
        np.testing.assert_allclose(second["loss"], 2 * np.array(first["loss"]), rtol=1e-6)
        assert second["accuracy"] == first["accuracy"]
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)

    def test_weights_of_losses_that_do_not_fit(self):
        for weights in ([1.0, 2.0], {"other": 1.0}, "2", [None, 1], float("nan")):
            with pytest.raises(ArgumentError, match="loss_weights"):
                functional().compile("sgd", "mse", loss_weights=weights)

    def test_one_output_with_a_weight_is_saved(self, tmp_path):
        model = functional()
        model.compile("sgd", "sparse_categorical_crossentropy", loss_weights=0.5)
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        assert again.evaluate(X, LABELS, verbose=0) == model.evaluate(X, LABELS, verbose=0)


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
        model = nn.Model([a, b], L.Concatenate()([inner(a), inner(b)]))
        for expand in (True, False):
            model.summary(line_length=120, expand_nested=expand)
            printed = capsys.readouterr().out
            assert "functional (Model)" in printed
            assert ("hidden" in printed) == expand
            assert "functional, functional" in printed

    def test_line_length(self):
        with pytest.raises(ArgumentError, match="summary: line_length"):
            functional().summary(line_length="wide")
        with pytest.raises(ArgumentError, match="summary: expand_nested"):
            functional().summary(expand_nested="yes")


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
