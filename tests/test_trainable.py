"""What is frozen stays as it is, in every kind of training; what is unfrozen trains as if it had just been made."""

import itertools

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(32, 3)).astype(np.float32)
Y = (X @ np.float32([[1], [2], [-1]])).astype(np.float32)
OPTIMIZERS = sorted(nn.optimizers.OPTIMIZERS)


def dense_pair(optimizer="adam", **options):
    model = nn.Sequential([nn.layers.Dense(4, "tanh"), nn.layers.Dense(1)])
    model.build((3,), rng=1)
    model.compile(optimizer, "mse", **options)
    return model


def bytes_of(weights):
    return [weight.numpy().tobytes() for weight in weights]


def eager():
    """A callback with which fit runs batch by batch, in Python."""
    return nn.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)


class TestFlags:
    def test_setting_applies_to_all_inside(self):
        inner = nn.Sequential([nn.layers.Dense(2), nn.layers.Dense(3)], name="inner")
        model = nn.Sequential([inner, nn.layers.Dense(1)])
        model.build((3,))
        assert model.trainable
        model.trainable = False
        assert not any(m.trainable for m in (inner, *inner.layers, *model.layers))
        assert model.trainable_weights == [] == inner.trainable_weights
        assert [id(w) for w in model.non_trainable_weights] == [id(w) for w in model.weights]
        assert not any(weight.trainable for weight in model.weights)
        model.trainable = True
        assert len(model.trainable_weights) == 6
        inner.layers[0].trainable = False
        assert [w.name for w in model.non_trainable_weights] == ["inner/dense/kernel", "inner/dense/bias"]
        assert [w.name for w in model.trainable_weights] == [
            "inner/dense_1/kernel", "inner/dense_1/bias", "dense/kernel", "dense/bias",
        ]  # fmt: skip

    def test_an_outer_flag_holds_back_inner_ones(self):
        model = dense_pair()
        model.trainable = False
        model.layers[1].trainable = True
        assert model.layers[1].trainable_weights
        assert model.trainable_weights == []

    def test_weights_that_never_train(self):
        class Averages(nn.layers.Layer):
            def build(self, input_shape):
                self.mean = self.add_weight(input_shape[-1:], "zeros", "mean", trainable=False)
                self.scale = self.add_weight(input_shape[-1:], "ones", "scale")
                self.held = nn.Variable(1.0, trainable=False)

            def call(self, x):
                return (x - self.mean) * self.scale * self.held

        layer = Averages()
        layer(X)
        for value in (False, True, True):
            layer.trainable = value
        assert [w.name for w in layer.trainable_weights] == ["averages/scale"]
        assert not layer.mean.trainable

    def test_before_weights_are_made(self):
        layer = nn.layers.Dense(2)
        layer.trainable = False
        layer(X)
        assert not layer.kernel.trainable
        assert layer.trainable_weights == []
        layer.trainable = True
        assert len(layer.trainable_weights) == 2

    def test_weights_frozen_by_hand_thaw_with_their_layer(self):
        layer = nn.layers.Dense(2)
        layer(X)
        layer.kernel.trainable = False
        assert [w.name for w in layer.trainable_weights] == ["dense/bias"]
        layer.trainable = True
        assert len(layer.trainable_weights) == 2

    def test_shared_weights_train_if_one_owner_does(self):
        shared = nn.layers.Dense(2)
        shared(X)

        class Holds(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.part = shared

            def call(self, x):
                return self.part(x)

        pair = Holds()
        pair.others = [Holds(), Holds()]
        pair.others[0]._trainable = False
        assert len(pair.trainable_weights) == 2

    @pytest.mark.parametrize("value", ["False", None, 0.0, [True]])
    def test_only_true_and_false(self, value):
        layer = nn.layers.Dense(2)
        with pytest.raises(ArgumentError, match=r"dense.*True or False"):
            layer.trainable = value
        assert layer.trainable

    def test_summary_counts_them(self, capsys):
        model = dense_pair()
        model.layers[0].trainable = False
        model.summary()
        assert "21 parameters, 5 of them trainable" in capsys.readouterr().out


class TestFit:
    @pytest.mark.parametrize("callbacks", [[], [eager()]], ids=["replayed", "eager"])
    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_frozen_weights_stay(self, optimizer, callbacks):
        model = dense_pair(optimizer)
        model.layers[0].trainable = False
        before = bytes_of(model.weights)
        model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks)
        after = bytes_of(model.weights)
        assert after[:2] == before[:2]
        assert all(a != b for a, b in zip(after[2:], before[2:], strict=True))
        assert len(model.optimizer.variables) == 2

    @pytest.mark.parametrize("callbacks", [[], [eager()]], ids=["replayed", "eager"])
    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_a_callback_freezes_and_thaws(self, optimizer, callbacks):
        """Epoch 0 trains both layers, 1 and 2 the second, 3 and 4 both."""
        seen = []

        class Switch(nn.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.model.layers[0].trainable = epoch not in (1, 2)

            def on_epoch_end(self, epoch, logs=None):
                seen.append(bytes_of(self.model.weights))

        dense_pair(optimizer).fit(X, Y, epochs=5, verbose=0, shuffle=False, callbacks=[Switch(), *callbacks])
        assert [a[0] == b[0] for a, b in itertools.pairwise(seen)] == [True, True, False, False]
        assert [a[2] == b[2] for a, b in itertools.pairwise(seen)] == [False] * 4

    @pytest.mark.parametrize("callbacks", [[], [eager()]], ids=["replayed", "eager"])
    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_a_weight_that_joins_late_is_updated_as_at_first(self, optimizer, callbacks):
        """Frozen for 7 updates, its first update is the first one of a new optimizer."""
        model = dense_pair(optimizer)
        model.layers[0].trainable = False
        model.fit(X, Y, epochs=7, batch_size=32, verbose=0, shuffle=False)
        other = dense_pair(optimizer)
        other.set_weights(model.get_weights())
        model.layers[0].trainable = True
        for one in (model, other):
            one.fit(X, Y, epochs=1, batch_size=32, verbose=0, shuffle=False, callbacks=callbacks)
        assert bytes_of(model.weights[:2]) == bytes_of(other.weights[:2])
        assert model.optimizer.iterations == 8
        stateful = nn.optimizers.get(optimizer).slots() and optimizer != "lion"  # which sees but the signs of its state
        assert (bytes_of(model.weights[2:]) == bytes_of(other.weights[2:])) == (not stateful)

    def test_replayed_is_eager(self):
        found = []
        for callbacks in ([], [eager()]):
            model = dense_pair("nadam")
            model.layers[0].trainable = False
            model.fit(X, Y, epochs=2, batch_size=8, verbose=0, rng=0, callbacks=callbacks)
            model.layers[0].trainable = True
            model.fit(X, Y, epochs=3, batch_size=8, verbose=0, rng=1, callbacks=callbacks)
            found.append(bytes_of(model.weights))
        assert found[0] == found[1]

    def test_state_of_late_weights_can_be_loaded(self):
        model = dense_pair("adam")
        model.layers[0].trainable = False
        model.fit(X, Y, epochs=3, verbose=0)
        model.layers[0].trainable = True
        model.fit(X, Y, epochs=1, verbose=0)
        saved = dict(model.optimizer.state())
        assert saved["2/start"].item() == 3
        other = nn.optimizers.Adam()
        other.build(model.optimizer.variables)
        other.load_state(saved)
        assert [(k, v.tobytes()) for k, v in other.state()] == [(k, v.tobytes()) for k, v in model.optimizer.state()]
        with pytest.raises(ArgumentError, match="9/start"):
            other.load_state(saved | {"9/start": np.asarray(1)})

    def test_a_loop_by_hand_may_extend_its_optimizer(self):
        a, b = nn.Variable([1.0], name="a"), nn.Variable([1.0], name="b")
        optimizer = nn.optimizers.Adam(0.1)
        optimizer.apply_gradients([([1.0], a)])
        with pytest.raises(ArgumentError, match="'b' is unknown"):
            optimizer.apply_gradients([([1.0], b)])
        optimizer.extend([a, b])
        optimizer.apply_gradients([([1.0], b)])
        assert b.item() == pytest.approx(a.item())
