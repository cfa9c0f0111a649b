"""Functional models: made of symbolic tensors, called, trained, copied, saved."""

import copy
import pickle

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError

X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
LABELS = np.arange(40) % 3
L = nn.layers


class Notes(nn.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        """Being called makes training run eagerly."""


def bytes_of(model):
    return [weight.numpy().tobytes() for weight in model.weights]


def plain(rng=0):
    x = nn.Input((4,), rng=rng)
    h = L.Dropout(0.3)(L.Dense(8, "relu")(x))
    return nn.Model(x, L.Dense(3, "softmax")(h))


def residual(rng=0):
    x = nn.Input((4,), rng=rng)
    shared = L.Dense(4, "tanh")
    h = L.Add()([shared(x), x])
    h = L.Concatenate()([shared(h), h * 0.5 + 1, x[:, :2]])
    return nn.Model(x, L.Dense(3, "softmax")(L.Dropout(0.3)(h)), name="residual")


def nested(rng=0):
    inner = residual(rng)
    x = nn.Input((4,), rng=rng)
    tower = nn.Sequential([L.Dense(4, "relu")])
    return nn.Model(x, inner(tower(x)))


MODELS = [plain, residual, nested]


def trained(make, **options):
    model = make()
    model.compile(nn.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(X, LABELS, batch_size=16, epochs=3, verbose=0, rng=1, **options)
    return model, history.history


class TestSymbols:
    def test_shape_dtype_and_name(self):
        x = nn.Input((28, 28), name="images")
        assert (x.shape, x.dtype, x.name, x.ndim) == ((None, 28, 28), np.float32, "images", 3)
        flat = L.Flatten()(x)
        assert (flat.shape, flat.dtype) == ((None, 784), np.float32)
        assert L.Dense(3, dtype="float64")(flat).dtype == np.float64
        assert "SymbolicTensor(shape=(None, 784)" in repr(flat)
        assert "name='images'" in repr(x)

    def test_layers_are_built_at_the_call(self):
        dense = L.Dense(3)
        dense(nn.Input((4,)))
        assert [w.shape for w in dense.weights] == [(4, 3), (3,)]
        with pytest.raises(ShapeError, match="layer dense: built for inputs of 4 features"):
            dense(nn.Input((5,)))

    def test_the_generator_of_the_input_makes_the_weights(self):
        assert bytes_of(residual(0)) == bytes_of(residual(0))
        assert bytes_of(residual(0)) != bytes_of(residual(1))

    def test_wrong_shapes_are_named_at_the_call(self):
        x = nn.Input((4,))
        with pytest.raises(ShapeError, match="layer add: shapes"):
            L.Add()([x, nn.Input((3,))])
        with pytest.raises(ShapeError, match="reshape"):
            L.Reshape((3,))(x)

    def test_one_tensor_where_one_is_needed(self):
        x = nn.Input((4,))
        with pytest.raises(ArgumentError, match="layer dense: Dense takes one tensor, got a list of 2"):
            L.Dense(3)([x, x])
        with pytest.raises(ArgumentError, match="sequential: Sequential takes one tensor"):
            nn.Sequential([L.Dense(3)])([x, x])
        with pytest.raises(ArgumentError, match="needs symbolic tensors"):
            L.Add()([x, np.ones((2, 4), np.float32)])

    @pytest.mark.parametrize(
        "use",
        [nn.relu, np.mean, np.exp, float, bool, len, list, np.asarray, nn.asarray, lambda x: x == 1, nn.mean],
    )
    def test_what_needs_values_says_so(self, use):
        with pytest.raises((ArgumentError, TypeError), match=r"symbolic tensor of shape|Symbolic"):
            use(L.Dense(2)(nn.Input((4,))))

    def test_operators(self):
        x = nn.Input((4,))
        y = L.Dense(4, name="other")(x)
        ones = np.full(4, 2, np.float32)
        cases = [
            (x + y, lambda x, y: x + y), (1 - x, lambda x, y: 1 - x), (x * ones, lambda x, y: x * ones),
            (ones / (x + 9), lambda x, y: ones / (x + 9)), (-x, lambda x, y: -x), (abs(x), lambda x, y: abs(x)),
            (x**2, lambda x, y: x**2), (x > y, lambda x, y: x > y), (x[:, 1:3], lambda x, y: x[:, 1:3]),
            (x[..., None], lambda x, y: x[..., None]), (x[:, 1], lambda x, y: x[:, 1]),
            (x @ np.eye(4, dtype=np.float32), lambda x, y: x), (nn.ones(4) + x, lambda x, y: 1 + x),
            (x // 1, lambda x, y: x // 1), (x % 2, lambda x, y: x % 2), (x <= 0, lambda x, y: x <= 0),
        ]  # fmt: skip
        model = nn.Model(x, [one for one, _ in cases] + [y])
        *found, other = model(X)
        for one, (symbol, rule) in zip(found, cases, strict=True):
            np.testing.assert_allclose(one, rule(X, other.numpy()), rtol=1e-6)
            assert (symbol.shape[1:], symbol.dtype) == (one.shape[1:], one.dtype)

    def test_float64_stays(self):
        x = nn.Input((4,), dtype="float64")
        model = nn.Model(x, x / 3)
        np.testing.assert_array_equal(model(X.astype(float)), X.astype(float) / 3)

    def test_samples_stay_along_the_first_axis(self):
        x = nn.Input((4,))
        with pytest.raises(ShapeError, match="samples along its first axis"):
            x[0]
        with pytest.raises(ShapeError, match="samples along its first axis"):
            L.Concatenate(axis=0)([x, x])

    def test_rng_is_for_calls_with_data(self):
        with pytest.raises(ArgumentError, match="rng is for calls with data"):
            L.Dropout(0.5)(nn.Input((4,)), rng=0)


class TestModels:
    def test_against_a_sequential(self):
        model, history = trained(plain)
        other = nn.Sequential([L.Dense(8, "relu"), L.Dropout(0.3), L.Dense(3, "softmax")])
        other.build((4,))
        other.set_weights(plain().get_weights())
        other.compile(nn.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
        assert other.fit(X, LABELS, batch_size=16, epochs=3, verbose=0, rng=1).history == history
        assert bytes_of(other) == bytes_of(model)
        assert other.evaluate(X, LABELS, verbose=0) == model.evaluate(X, LABELS, verbose=0)
        np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))

    @pytest.mark.needs_compiled("Programs need compiled kernels")
    @pytest.mark.parametrize("make", MODELS)
    def test_replayed_as_eagerly(self, make, capsys):
        model, history = trained(make)
        model.explain()
        assert "Training replays a Program for batches of 16 samples" in capsys.readouterr().out
        eager, plain_history = trained(make, callbacks=[Notes()])
        assert plain_history == history
        assert bytes_of(eager) == bytes_of(model)

    @pytest.mark.parametrize("make", MODELS)
    def test_files(self, make, tmp_path):
        model, _ = trained(make)
        model.save(tmp_path / "m.numbanet")
        other = nn.load_model(tmp_path / "m.numbanet")
        assert type(other) is nn.Model
        assert bytes_of(other) == bytes_of(model)
        assert [one.name for one in other.layers] == [one.name for one in model.layers]
        histories = [one.fit(X, LABELS, batch_size=16, verbose=0, rng=2).history for one in (model, other)]
        assert histories[0] == histories[1]
        assert bytes_of(other) == bytes_of(model)
        other.save_weights(tmp_path / "w.safetensors")
        again = make(3)
        again.load_weights(tmp_path / "w.safetensors")
        np.testing.assert_array_equal(again(X), model(X))

    @pytest.mark.parametrize("make", MODELS)
    def test_copies(self, make):
        model, _ = trained(make)
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert bytes_of(other) == bytes_of(model)
            assert other.layers[-1].output.shape == model.layers[-1].output.shape
            other.fit(X, LABELS, verbose=0, rng=2)
            assert bytes_of(other) != bytes_of(model)

    def test_configuration(self):
        model = residual()
        again = nn.Model.from_config(model.get_config())
        assert again.get_config() == model.get_config()
        again.set_weights(model.get_weights())
        np.testing.assert_array_equal(again(X), model(X))

    def test_parts_of_a_model(self):
        model = residual()
        assert model.input.shape == (None, 4)
        assert model.output.shape == (None, 3)
        assert (model.input_shape, model.output_shape) == ((None, 4), (None, 3))
        assert [one.name for one in model.layers] == [
            "input", "dense", "add", "multiply", "add_1", "getitem", "concatenate", "dropout", "dense_1",
        ]  # fmt: skip
        names = [w.name for w in model.weights]
        assert names == ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
        features = nn.Model(model.inputs, model.layers[-2].output)
        assert features(X).shape == (40, 10)
        assert features.weights[0] is model.weights[0]
        with pytest.raises(ArgumentError, match="depend on the input 'input'"):
            nn.Model(model.layers[2].output, model.output)
        with pytest.raises(ArgumentError, match=r"dense: has no single output: it was called 2 times"):
            model.layers[1].output  # noqa: B018  # what is read raises

    def test_a_part_begins_where_it_is_told(self):
        model = plain()
        rest = nn.Model(model.layers[1].output, model.output)
        hidden = nn.Model(model.input, model.layers[1].output)(X)
        np.testing.assert_array_equal(rest(hidden), model(X))

    def test_unconnected_graphs(self):
        a, b = nn.Input((4,), name="a"), nn.Input((4,), name="b")
        with pytest.raises(ArgumentError, match=r"outputs depend on the input 'b'.*not among the inputs: 'a'"):
            nn.Model(a, L.Add()([a, b]))
        with pytest.raises(ArgumentError, match="an input is given twice"):
            nn.Model([a, a], a)
        with pytest.raises(ArgumentError, match="give inputs and outputs, or none"):
            nn.Model(a)
        with pytest.raises(ArgumentError, match="Model: outputs: needs symbolic tensors"):
            nn.Model(a, nn.ones(3))

    def test_names(self):
        x = nn.Input((4,))
        with pytest.raises(ArgumentError, match="two layers are called 'one'"):
            nn.Model(x, L.Dense(3, name="one")(L.Dense(3, name="one")(x)))
        first = nn.Model(x, L.Dense(3)(L.Dense(3)(x)))
        assert [one.name for one in first.layers] == ["input", "dense", "dense_1"]
        second = nn.Model(x, L.Dense(2)(first.layers[1].output))
        assert [one.name for one in second.layers] == ["input", "dense", "dense_2"] or [
            one.name for one in second.layers
        ] == ["input", "dense", "dense_1"]
        assert [one.name for one in first.layers] == ["input", "dense", "dense_1"]

    def test_samples_of_another_shape(self):
        model = plain()
        with pytest.raises(
            ShapeError, match=r"functional: input input: samples of shape \(4,\) are needed, got \(3,\)"
        ):
            model(X[:, :3])
        model.compile("sgd", "sparse_categorical_crossentropy")
        before = bytes_of(model)
        with pytest.raises(ShapeError, match=r"samples of shape \(4,\) are needed"):
            model.fit(X[:, :3], LABELS, verbose=0)
        with pytest.raises(ShapeError, match=r"shape .* of one sample"):
            model.predict(X[0])
        assert bytes_of(model) == before

    def test_dtypes_of_inputs(self):
        x = nn.Input((2,))
        assert nn.Model(x, x)(np.ones((3, 2), np.uint8)).dtype == np.float32
        i = nn.Input((2,), dtype="int32")
        assert nn.Model(i, i)(np.ones((3, 2), np.int64)).dtype == np.int32
        with pytest.raises(DTypeError, match="input input: int32 is needed, got float32"):
            nn.Model(i, i)(X[:, :2])

    def test_a_flat_array_for_samples_of_one_number(self):
        x = nn.Input((1,))
        assert nn.Model(x, L.Dense(2)(x))(np.ones(5, np.float32)).shape == (5, 2)

    def test_training_can_be_fixed(self):
        x = nn.Input((4,))
        model = nn.Model(x, L.Dropout(0.5)(x, training=False))
        np.testing.assert_array_equal(model(X, training=True, rng=0), X)

    def test_a_subclass_with_inputs_and_outputs(self, tmp_path):
        @nn.saving.register("test_functional")
        class Doubled(nn.Model):
            def compute_loss(self, x, y, y_pred, sample_weight=None):
                return 2 * super().compute_loss(x, y, y_pred, sample_weight)

        x = nn.Input((4,), rng=0)
        model = Doubled(x, L.Dense(1)(x))
        assert model.name == "doubled"
        model.compile("sgd", "mse", ["mse"])
        history = model.fit(X, X[:, 0], epochs=2, verbose=0, rng=0).history
        assert history["loss"][0] == pytest.approx(2 * history["mse"][0], rel=1e-4)
        model.save(tmp_path / "m.numbanet")
        assert type(nn.load_model(tmp_path / "m.numbanet")) is Doubled

    def test_a_graph_of_many_layers(self):
        x = h = nn.Input((2,))
        for i in range(1500):
            h = L.Activation("tanh", name=f"layer{i}")(h)
        model = nn.Model(x, h)
        assert pickle.loads(pickle.dumps(model))(np.ones((1, 2))).shape == (1, 2)

    def test_layers_of_ones_own_get_what_they_are_called_with(self):
        class Weighted(nn.layers.Layer):
            def build(self, input_shape):
                self.factor = self.add_weight((input_shape["a"][-1],), "ones", "factor")

            def call(self, inputs):
                return inputs["a"] * self.factor + inputs["b"]

        a, b = nn.Input((4,), name="a"), nn.Input((4,), name="b")
        layer = Weighted()
        model = nn.Model([a, b], layer({"a": a, "b": b}))
        np.testing.assert_array_equal(model([X, 2 * X]), 3 * X)
        with pytest.raises(ShapeError, match="layer weighted: built for inputs of shapes"):
            layer({"a": X[:, :2], "b": X})

    def test_a_model_of_ones_own_inside(self):
        class Head(nn.Model):
            def __init__(self):
                super().__init__()
                self.dense = L.Dense(3, "softmax")

            def call(self, inputs):
                return self.dense(inputs)

        x = nn.Input((4,))
        model = nn.Model(x, Head()(x))
        assert len(model.weights) == 2
        model.compile("sgd", "sparse_categorical_crossentropy")
        assert len(model.fit(X, LABELS, epochs=2, verbose=0, rng=0).history["loss"]) == 2
