"""Regularizers and losses of layers: in fit, evaluate and by hand, replayed as eager, saved, refused where wrong."""

import copy

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, SettingError, ShapeError
from numbanet.graph.outcome import Eager
from tests.plain import Listener

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)


class Sparse(nn.layers.Layer):
    """A layer of one's own: a regularized weight, and a penalty on what comes in."""

    def build(self, input_shape):
        self.scale = self.add_weight((input_shape[-1],), "ones", "scale", regularizer=lambda w: 0.1 * nn.sum(w * w))

    def call(self, x):
        self.add_loss(0.01 * nn.mean(nn.abs(x)))
        return x * self.scale


def network(*layers, optimizer="sgd", metrics=("accuracy",)):
    first = nn.layers.Dense(5, "relu", kernel_regularizer="l2", bias_regularizer=nn.regularizers.L1(0.1))
    last = nn.layers.Dense(2, "softmax", kernel_regularizer=nn.regularizers.L1L2(0.01, 0.02))
    model = nn.Sequential([first, *layers, last])
    model.compile(optimizer, "sparse_categorical_crossentropy", list(metrics))
    model.build_for((None, 4), np.random.default_rng(0))
    return model


def penalty_of(model):
    """What the two Dense layers of `network` add, in NumPy."""
    first, last = model.layers[0], model.layers[-1]
    w, b, v = (np.asarray(x.numpy(), np.float64) for x in (first.kernel, first.bias, last.kernel))
    return 0.01 * (w**2).sum() + 0.1 * abs(b).sum() + 0.01 * abs(v).sum() + 0.02 * (v**2).sum()


def plain_loss(model):
    p = model.predict(X, verbose=0).astype(np.float64)
    return -np.log(p[np.arange(len(Y)), Y]).mean()


def test_what_they_compute():
    w = np.array([[1.0, -2.0], [0.5, 0.0]])
    assert nn.regularizers.L1(0.5)(w).item() == 1.75
    assert nn.regularizers.L2(2.0)(w).item() == 10.5
    assert nn.regularizers.L1L2(0.5, 2.0)(w).item() == 12.25
    assert nn.regularizers.L1L2()(w).item() == 0.0
    assert nn.regularizers.L2()(np.zeros((0, 3))).item() == 0.0
    nn.testing.check_grad(nn.regularizers.L1L2(0.3, 0.7), RNG.normal(size=(3, 2)), order=2)


def test_evaluate_and_fit_add_them():
    model = network()
    loss = model.evaluate(X, Y, verbose=0)[0]
    np.testing.assert_allclose(loss, plain_loss(model) + penalty_of(model), rtol=1e-5)
    np.testing.assert_allclose(sum(one.item() for one in model.losses), penalty_of(model), rtol=1e-5)
    history = model.fit(X, Y, batch_size=64, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["loss"][0], loss, rtol=1e-5)


def test_a_step_is_that_of_the_sum():
    """One step of gradient descent, against the same network without regularizers and their gradients by formula."""
    model, plain = network(), network()
    for layer in plain.layers:
        layer._penalties = None
    w = model.layers[0].kernel.numpy().copy()
    for one in (model, plain):
        one.fit(X, Y, batch_size=64, shuffle=False, verbose=0)
    rate = model.optimizer.learning_rate
    expected = plain.layers[0].kernel.numpy() - rate * 2 * 0.01 * w
    np.testing.assert_allclose(model.layers[0].kernel.numpy(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("layers", [(), (Sparse,)], ids=["Dense", "a layer of one's own"])
def test_replays_are_eager_steps(layers):
    runs = []
    for callbacks in ([Listener()], []):
        model = network(*[kind() for kind in layers], optimizer="adam")
        history = model.fit(X, Y, batch_size=16, epochs=3, verbose=0, rng=0, callbacks=callbacks).history
        assert hasattr(model.explanation, "steps") != bool(callbacks), model.explanation
        runs.append((model, history))
    (eager, slow), (replayed, fast) = runs
    for a, b in zip(eager.get_weights(), replayed.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()
    np.testing.assert_allclose(fast["loss"], slow["loss"], rtol=1e-6)


class TestByHand:
    def test_losses_of_a_model_after_a_call(self):
        model = network(Sparse())
        with nn.GradientTape() as tape:
            model(X)
            extra = model.losses
            total = extra[0]
            for one in extra[1:]:
                total = total + one
        hidden = nn.Sequential(list(model.layers[:1]))(X).numpy()
        expected = penalty_of(model) + 0.1 * 5 + 0.01 * np.abs(hidden).mean()
        np.testing.assert_allclose(total.item(), expected, rtol=1e-5)
        gradient = tape.gradient(total, model.layers[1].scale)
        np.testing.assert_allclose(gradient.numpy(), 0.2 * np.ones(5), rtol=1e-6)

    def test_the_last_call_counts_and_calls_of_others_do_not(self):
        one, other = network(Sparse()), network(Sparse())
        one(X)
        one(X)
        first = len(one.losses)
        other(X)
        assert len(one.losses) == first == len(other.losses) == 5

    def test_a_layer_that_is_called_twice_in_a_call_adds_twice(self):
        shared = Sparse()

        class Twice(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.inner = shared

            def call(self, x):
                return self.inner(self.inner(x))

        layer = Twice()
        layer(X)
        assert len(layer.losses) == 3  # one penalty of the weight, two of the calls
        layer(X)
        assert len(layer.losses) == 3

    def test_frozen_weights_have_no_penalty(self):
        model = network()
        model.layers[0].trainable = False
        assert len(model.losses) == 1


def test_they_are_saved_and_copied(tmp_path):
    model = network()
    model.save(tmp_path / "model.numbanet")
    for other in (nn.load_model(tmp_path / "model.numbanet"), copy.deepcopy(model)):
        assert repr(other.layers[0].kernel_regularizer) == "L2(l2=0.01)"
        assert repr(other.layers[1].kernel_regularizer) == "L1L2(l1=0.01, l2=0.02)"
        np.testing.assert_allclose(other.evaluate(X, Y, verbose=0)[0], model.evaluate(X, Y, verbose=0)[0], rtol=1e-6)
    plain = nn.layers.Dense(3)
    assert not {"kernel_regularizer", "bias_regularizer"} & set(plain.get_config())


@pytest.mark.parametrize("given", ["l1", "l2", "l1_l2", nn.regularizers.L2, nn.regularizers.L1L2(0.1, 0.2), None])
def test_get(given):
    found = nn.regularizers.get(given)
    assert (found is None) == (given is None)
    assert given is None or found([1.0, 2.0]).shape == ()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.regularizers.L1(-1.0), ArgumentError, "l1"),
        (lambda: nn.regularizers.L2(float("nan")), ArgumentError, "l2"),
        (lambda: nn.regularizers.get("l3"), ArgumentError, "l"),
        (lambda: nn.layers.Dense(3, kernel_regularizer=3.0), ArgumentError, "regularizer"),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_penalty_that_is_no_number_is_told():
    layer = nn.layers.Dense(3, kernel_regularizer=lambda w: w * w)
    layer([[1.0, 2.0]])
    with pytest.raises(ShapeError, match=r"layer dense.*shape \(2, 3\)"):
        layer.losses  # noqa: B018  (asked for)


def test_what_is_added_must_be_a_number():
    class Wrong(nn.layers.Layer):
        def call(self, x):
            self.add_loss(3.0)
            return x

    with pytest.raises(ArgumentError, match="add_loss takes a Tensor"):
        Wrong()([[1.0]])


def test_a_regularizer_cannot_change_once_the_layer_is_built():
    layer = nn.layers.Dense(3, kernel_regularizer="l2")
    layer([[1.0]])
    with pytest.raises(SettingError, match="kernel_regularizer"):
        layer.kernel_regularizer = "l1"


def test_what_a_layer_has_added_is_that_of_the_call_it_took_part_in_last():
    layer = Sparse()
    layer(X)
    assert len(layer.losses) == 2
    model = nn.Sequential([layer])
    model(X)
    assert len(model.losses) == len(layer.losses) == 2
    inner = nn.Sequential([Sparse()])
    inner(X)
    outer = nn.Sequential([inner])
    outer(X)
    assert len(inner.losses) == len(outer.losses) == 2


def test_copies_and_pickles_have_no_losses_of_a_call():
    model = network(Sparse())
    with nn.GradientTape():
        model(X)
        assert len(copy.deepcopy(model).losses) == 4
        assert "_added" not in model.layers[1].__getstate__()


class TestActivity:
    """`activity_regularizer`: a penalty on what a layer gives."""

    def network(self, kind="l2", logits="softmax"):
        hidden = nn.layers.Dense(5, "relu", activity_regularizer=kind)
        last = nn.layers.Dense(2, logits, activity_regularizer=nn.regularizers.L1(0.5))
        model = nn.Sequential([hidden, last])
        model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
        model.build_for((None, 4), np.random.default_rng(0))
        return model

    def penalty(self, model, x):
        hidden, y = model.layers[0](x).numpy().astype(np.float64), model(x).numpy().astype(np.float64)
        return 0.01 * (hidden**2).sum() + 0.5 * abs(y).sum()

    def test_evaluate_adds_it(self):
        model = self.network()
        expected = plain_loss(model) + self.penalty(model, X)
        assert model.evaluate(X, Y, batch_size=64, verbose=0)[0] == pytest.approx(expected, rel=1e-5)

    def test_it_is_there_by_hand_whatever_is_called(self):
        layer = nn.layers.Dense(3, "relu", activity_regularizer="l1")
        y = layer(X)
        (loss,) = layer.losses
        assert loss.item() == pytest.approx(0.01 * abs(y.numpy()).sum(), rel=1e-5)
        layer(X, logits=True)
        assert layer.losses[0].item() == loss.item()  # of the output, also where the caller computes it

    @pytest.mark.needs_compiled("compiled kernels are recorded")
    def test_replays_are_eager_steps(self):
        weights = []
        for callbacks in ([], [Listener()]):
            model = self.network()
            model.fit(X, Y, epochs=3, batch_size=16, verbose=0, rng=0, callbacks=callbacks)
            weights.append([w.numpy().tobytes() for w in model.weights])
            assert isinstance(model.explanation, Eager) == bool(callbacks)
        assert weights[0] == weights[1]

    def test_it_is_saved(self, tmp_path):
        model = self.network()
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        assert again.layers[1].activity_regularizer.get_config() == {"l1": 0.5}
        assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)

    def test_settings_are_checked_whenever_they_are_set(self):
        layer = nn.layers.Activation("relu", activity_regularizer="l2")
        layer.activity_regularizer = "l1"
        assert isinstance(layer.activity_regularizer, nn.regularizers.L1)
        with pytest.raises(ArgumentError, match="regularizer"):
            layer.activity_regularizer = "l3"
