"""What a layer or model holds is its own: found, built, trained, counted, saved, moved and summarised."""

import copy
import pickle
from collections import deque, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers.module import first_weight

X = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
Y = (X @ np.float32([[1], [2], [-1]])).astype(np.float32)
Pair = namedtuple("Pair", "first second")


class Holder(nn.layers.Layer):
    """A layer that holds two others in some container, and calls them one after the other."""

    def __init__(self, hold=list, **options):
        super().__init__(**options)
        self.held = hold([nn.layers.Dense(4, "tanh"), nn.layers.Dense(1)])

    def call(self, x):
        for layer in self.parts():
            x = layer(x)
        return x

    def parts(self):
        return self.held.values() if isinstance(self.held, dict) else self.held


def as_dict(layers):
    return dict(zip("ab", layers, strict=True))


def nested(layers):
    return [[layers[0]], {"deep": (layers[1],)}]


CONTAINERS = [list, tuple, deque, as_dict, lambda layers: Pair(*layers)]


def fitted(model, epochs=3, **options):
    model.compile(nn.optimizers.Adam(0.05), "mse")
    model.fit(X, Y, epochs=epochs, verbose=0, rng=0, **options)
    return model


def bytes_of(model):
    return [weight.numpy().tobytes() for weight in model.weights]


class TestFinding:
    @pytest.mark.parametrize("hold", CONTAINERS)
    def test_containers(self, hold):
        layer = Holder(hold)
        layer(X)
        assert [w.shape for w in layer.weights] == [(3, 4), (4,), (4, 1), (1,)]
        assert layer.count_params() == 21

    def test_nested_containers(self):
        layer = Holder(nested)
        layer.parts = lambda: [layer.held[0][0], layer.held[1]["deep"][0]]
        assert len(fitted(nn.Sequential([layer])).weights) == 4

    def test_variables_of_all_kinds_in_order_and_once(self):
        class Own(nn.layers.Layer):
            shared = nn.Variable(5.0, name="of the class")

            def __init__(self):
                super().__init__()
                self.first = nn.Variable(1.0)
                self.again = self.first
                self.more = [nn.Variable(2.0), {"x": nn.Variable(3.0, trainable=False)}, self.first]

            def build(self, input_shape):
                self.made = nn.Variable(np.ones(input_shape[-1], np.float32))
                self.added = self.add_weight((), "zeros", "added")

            def call(self, x):
                return x * self.made

        layer = Own()
        layer(X)
        assert [w.name for w in layer.weights] == [
            "own/added", "own/first", "own/more/0", "own/more/1/x", "own/made", "of the class",
        ]  # fmt: skip
        assert [w.name for w in layer.non_trainable_weights] == ["own/more/1/x"]
        assert len(layer.trainable_weights) == 5

    def test_cycles(self):
        layer = Holder()
        layer.myself = layer
        layer.ring = [layer]
        layer.ring.append(layer.ring)
        layer(X)
        assert len(layer.weights) == 4
        model = nn.Sequential([layer])
        layer.model = model
        assert len(model.weights) == len(layer.weights) == 4
        fitted(model)

    def test_containers_may_change_later(self):
        layer = Holder()
        layer(X)
        layer.held.append(nn.layers.Dense(2))
        assert layer(X).shape == (24, 2)
        assert len(layer.weights) == 6
        del layer.held[0]
        assert len(layer.weights) == 4

    def test_sets_are_refused(self):
        layer = Holder()
        layer.parts_in_no_order = {nn.layers.Dense(2)}
        with pytest.raises(ArgumentError, match="parts_in_no_order"):
            layer.weights  # noqa: B018  (reading it raises)

    def test_an_optimizer_a_loss_and_metrics_are_not_owned(self):
        model = fitted(nn.Sequential([nn.layers.Dense(1)]))
        assert len(model.weights) == 2


class TestBuilding:
    def test_the_seed_of_the_model_makes_all_weights(self):
        one, other = (fitted(nn.Sequential([Holder()]), 1) for _ in range(2))
        assert bytes_of(one) == bytes_of(other)
        models = [nn.Sequential([Holder()], rng=3) for _ in range(2)]
        assert len({tuple(m(X).numpy().ravel()) for m in models}) == 1

    def test_before_the_first_call(self):
        model = nn.Sequential([nn.layers.Input((3,)), Holder()])
        assert [w.name for w in model.weights] == [
            "holder/held/0/kernel", "holder/held/0/bias", "holder/held/1/kernel", "holder/held/1/bias",
        ]  # fmt: skip

    def test_building_by_hand_builds_once(self):
        class Own(Holder):
            def build(self, input_shape):
                self.held[0].build(input_shape)
                self.held[1].build((None, 4))
                super().build(input_shape)

        layer = Own()
        model = fitted(nn.Sequential([layer]))
        assert len(model.weights) == 4
        assert layer.held[0].input_shape == (None, 3)
        layer.held[0].build((None, 3))
        assert len(model.weights) == 4
        with pytest.raises(ShapeError):
            layer.held[0].build((None, 5))

    def test_nothing_else_is_called_or_changed(self):
        calls = []

        class Counts(Holder):
            def __init__(self):
                super().__init__()
                self.count, self.seen, self.log = 0, nn.Variable(0, trainable=False), np.zeros(1)

            def call(self, x):
                self.count += 1
                self.seen += 1
                self.log += 1
                calls.append(x.shape)
                return super().call(x)

        layer = Counts()
        layer.build((None, 3))
        assert layer.held[1].built
        assert (layer.count, layer.seen.item(), layer.log.item()) == (0, 0, 0.0)
        assert layer.compute_output_shape((None, 3)) == (None, 1)
        assert layer.count == 0
        assert set(calls) == {(2, 3)}

    def test_output_shapes_follow_from_call(self):
        class Twice(nn.layers.Dense):
            def call(self, x):
                y = super().call(x)
                return nn.concat([y, y], axis=1)

        model = nn.Sequential([Twice(2, "relu"), Holder(), nn.layers.Dense(1)])
        model.build((3,))
        assert [w.shape for w in model.weights][:3] == [(3, 2), (2,), (4, 4)]
        assert Twice(2, "softmax").output_activation() is None
        assert model.output_shape_for((None, 3)) == (None, 1)

    def test_a_call_that_cannot_be_tried_is_built_when_it_is_called(self):
        class Positive(Holder):
            def call(self, x):
                if not (x.numpy() > 0).all():
                    raise ArithmeticError("only positive numbers")
                return super().call(x)

        model = nn.Sequential([Positive(), nn.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(np.abs(X) + 1, Y, verbose=0, rng=0)
        assert len(model.weights) == 6

    def test_layers_that_only_training_needs(self):
        class Noisy(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.noise, self.out = nn.layers.Dense(3), nn.layers.Dense(1)

            def call(self, x, training=False):
                return self.out(self.noise(x) if training else x)

        model = nn.Sequential([Noisy()])
        model.build((3,))
        assert len(model.weights) == 4

    def test_integers_reach_layers_that_need_them(self):
        class Embedding(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.table = nn.Variable(np.arange(20.0, dtype=np.float32).reshape(5, 4))
                self.after = nn.layers.Dense(1)

            def call(self, x):
                return self.after(nn.sum(nn.take(self.table, x, axis=0), axis=1))

        model = nn.Sequential([Embedding()])
        model.compile("sgd", "mse")
        ids = np.random.default_rng(0).integers(0, 5, (24, 2))
        model.fit(ids, Y, verbose=0, epochs=1)
        assert [w.shape for w in model.weights] == [(5, 4), (4, 1), (1,)]


class TestTraining:
    @pytest.mark.parametrize("replayed", [True, False])
    def test_it_trains_as_the_same_layers_side_by_side(self, replayed):
        one = nn.Sequential([Holder()])
        other = nn.Sequential([nn.layers.Dense(4, "tanh"), nn.layers.Dense(1)])
        eager = [] if replayed else [nn.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)]
        for model in (one, other):
            fitted(model, callbacks=eager)
        assert bytes_of(one) == bytes_of(other)
        np.testing.assert_array_equal(one.predict(X, verbose=0), other.predict(X, verbose=0))

    def test_models_in_models_and_in_layers(self):
        class Wraps(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.net = nn.Sequential([nn.layers.Dense(4, "tanh"), nn.layers.Dense(1)])

            def call(self, x):
                return self.net(x)

        flat = fitted(nn.Sequential([nn.layers.Dense(4, "tanh"), nn.layers.Dense(1)]))
        inner = nn.Sequential([nn.layers.Dense(4, "tanh")], name="inner")
        stacked = fitted(nn.Sequential([inner, nn.layers.Dense(1)]))
        wrapped = fitted(nn.Sequential([Wraps()]))
        assert bytes_of(flat) == bytes_of(stacked) == bytes_of(wrapped)
        assert stacked.weights[0].name == "inner/dense/kernel"

    def test_a_model_at_the_end_pairs_with_its_loss(self):
        labels = (Y[:, 0] > 0).astype(np.int64)
        models = [
            nn.Sequential([nn.layers.Dense(2, "softmax")]),
            nn.Sequential([nn.Sequential([nn.layers.Dense(2, "softmax")])]),
        ]
        for model in models:
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(X, labels, verbose=0, rng=0)
            assert model.output_activation() == "softmax"
        assert bytes_of(models[0]) == bytes_of(models[1])

    def test_training_and_rng_reach_what_is_inside(self):
        class Wraps(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.drop, self.dense = nn.layers.Dropout(0.5), nn.layers.Dense(4)
                self.net = nn.Sequential([nn.layers.Dropout(0.5)])

            def call(self, x):
                return self.net(self.dense(self.drop(x)))

        layer = Wraps()
        x = nn.ones((8, 4))
        plain, first, second, third = layer(x, rng=1), *(layer(x, training=True, rng=seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first.numpy(), second.numpy())
        assert (first.numpy() == 0).any()
        assert not (plain.numpy() == 0).any()
        assert not np.array_equal(first.numpy(), third.numpy())
        model = nn.Sequential([layer, nn.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
        np.testing.assert_array_equal(*(model.predict(np.ones((8, 4)), verbose=0) for _ in range(2)))

    def test_tied_weights_are_trained_once(self):
        class Tied(nn.layers.Layer):
            def __init__(self, encoder):
                super().__init__()
                self.encoder = encoder

            def call(self, x):
                return x @ self.encoder.kernel.T

        encoder = nn.layers.Dense(2, use_bias=False)
        model = nn.Sequential([encoder, Tied(encoder)])
        model.compile(nn.optimizers.SGD(0.1), "mse")
        model.build((3,), rng=0)
        assert len(model.weights) == 1
        kernel = encoder.kernel.numpy().copy()
        expected = nn.grad(lambda k: nn.losses.MeanSquaredError()(X, X @ k @ k.T))(kernel)
        model.fit(X, X, batch_size=24, verbose=0, shuffle=False)
        np.testing.assert_allclose(encoder.kernel.numpy(), kernel - 0.1 * expected.numpy(), atol=1e-6)

    def test_variables_that_appear_in_mid_training(self):
        class Grows(nn.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch == 1:
                    layer.held.append(nn.layers.Dense(1))

        layer = Holder()
        model = nn.Sequential([layer])
        fitted(model, 4, callbacks=[Grows()])
        assert len(model.weights) == 6
        assert len(model.optimizer.variables) == 6
        assert np.abs(layer.held[2].bias.numpy()).max() > 0


class TestOtherUses:
    def test_get_and_set(self):
        layer = Holder()
        layer(X)
        values = layer.get_weights()
        layer.set_weights([value + 1 for value in values])
        np.testing.assert_array_equal(layer.held[1].kernel.numpy(), values[2] + 1)
        with pytest.raises(ShapeError):
            layer.set_weights(values[::-1])

    def test_summary(self, capsys):
        fitted(nn.Sequential([Holder()])).summary()
        shown = capsys.readouterr().out
        assert "21 parameters" in shown
        assert "held/0" in shown

    def test_to_device(self):
        layer = Holder()
        layer(X)
        assert layer.to_device("cpu") is layer

    def test_copies_have_weights_of_their_own(self):
        model = fitted(nn.Sequential([Holder()]))
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert bytes_of(other) == bytes_of(model)
            assert not {id(w) for w in other.weights} & {id(w) for w in model.weights}
            other.fit(X, Y, verbose=0)
            assert bytes_of(other) != bytes_of(model)

    def test_an_init_that_does_not_call_super(self):
        class Forgot(nn.layers.Layer):
            def __init__(self):
                self.inner = nn.layers.Dense(2)

            def call(self, x):
                return self.inner(x)

        for use in (lambda: Forgot()(X), lambda: nn.Sequential([Forgot()]).build((3,))):
            with pytest.raises(AttributeError, match=r"Forgot: its __init__ must call super\(\)"):
                use()
        with pytest.raises(AttributeError, match="no attribute 'kernl'"):
            nn.layers.Dense(2).kernl  # noqa: B018  (reading it raises)

    def test_a_failed_build_leaves_the_layer_as_it_was(self):
        class Fails(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.early = self.add_weight((2,), "ones", "early")

            def build(self, input_shape):
                self.add_weight((3,), "ones", "late")
                raise ShapeError("no")

        layer = Fails()
        with pytest.raises(ShapeError, match="no"):
            layer.build((None, 3))
        assert [w.name for w in layer.weights] == ["fails/early"]
        assert not layer.built


def test_weights_are_those_of_the_walk():
    """Two ways through the tree: with paths, and quickly."""
    from numbanet.layers.module import walk

    block = Holder(nested)
    block.more = ([block], {"x": nn.Variable(1.0), "y": block.held}, deque([nn.layers.Dense(2)]))
    model = nn.Sequential([nn.layers.Dense(3), nn.Sequential([block]), nn.layers.Dropout(0.5)])
    model.layers[0].build((None, 3))
    walked = [found for _, found in walk(model) if isinstance(found, nn.Variable)]
    assert [id(weight) for weight in model.weights] == [id(weight) for weight in walked]
    assert len(walked) == 3


class Node(nn.layers.Layer):
    """A module that holds whatever it is given."""

    def __init__(self, values):
        super().__init__()
        for i, value in enumerate(values):
            setattr(self, f"held_{i}", value)


@st.composite
def trees(draw):
    """A module with Variables and modules in nested containers, some of them shared, and all of its modules."""
    made = [nn.Variable(0.0), Node([])]

    def grow(depth):
        kinds = ["variable", "plain", "shared"] + ["list", "tuple", "dict", "deque", "module"] * (depth > 0)
        kind = draw(st.sampled_from(kinds))
        if kind == "shared":
            return draw(st.sampled_from(made))
        if kind in ("variable", "plain"):
            value = nn.Variable(0.0, trainable=draw(st.booleans())) if kind == "variable" else "text"
        else:
            parts = [grow(depth - 1) for _ in range(draw(st.integers(0, 3)))]
            make = {"list": list, "tuple": tuple, "deque": deque, "module": Node}
            value = dict(enumerate(parts)) if kind == "dict" else make[kind](parts)
        made.append(value)
        return value

    root = Node([grow(3) for _ in range(draw(st.integers(1, 4)))])
    return root, [one for one in made if isinstance(one, Node)]


def spelled_out(value, frozen=False):
    """(Variable, frozen) of a tree, in order, as the page about modules says it."""
    if isinstance(value, nn.Variable):
        return [(value, frozen)]
    if isinstance(value, Node):
        frozen = frozen or not value.trainable
        value = list(vars(value).values())
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple, deque)) else ()
    return [pair for part in parts for pair in spelled_out(part, frozen)]


@given(trees(), st.data())
def test_any_tree_is_walked_as_the_page_says(tree, data):
    root, nodes = tree
    for node in data.draw(st.lists(st.sampled_from(nodes), max_size=3)):
        node.trainable = data.draw(st.booleans())
    found = spelled_out(root)
    expected = list({id(variable): variable for variable, _ in found}.values())
    assert [id(weight) for weight in root.weights] == [id(weight) for weight in expected]
    assert first_weight(root) is (expected[0] if expected else None)
    free = {id(variable) for variable, frozen in found if not frozen and variable.trainable}
    trainable = [id(weight) for weight in expected if id(weight) in free]
    assert [id(weight) for weight in root.trainable_weights] == trainable
    assert [id(weight) for weight in root.non_trainable_weights] == [
        id(weight) for weight in expected if id(weight) not in free
    ]
    root.trainable = False
    assert root.trainable_weights == []
    assert not any(weight.trainable for weight in expected)
