"""Models of one's own: a `call` is as good as a `__call__`, and layers inside get what the model was called with."""

import numpy as np
import pytest

import numbanet as nn

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True)


class Held(nn.Model):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.hidden = nn.layers.Dense(8, activation="relu")
        self.dropout = nn.layers.Dropout(0.5)
        self.out = nn.layers.Dense(1)


class Called(Held):
    def call(self, x):
        return self.out(self.dropout(self.hidden(x)))


class Told(Held):
    def call(self, inputs, training=False):
        return self.out(self.dropout(self.hidden(inputs), training=training))


class Itself(Held):
    def __call__(self, x, training=False, rng=None):
        return self.out(self.dropout(self.hidden(x), training=training, rng=rng))


def trained(kind):
    model = kind()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, batch_size=8, epochs=3, verbose=0, rng=0)
    return history.history["loss"], model.predict(X, verbose=0), model.evaluate(X, Y, verbose=0)


@pytest.mark.parametrize("kind", [Called, Told])
def test_call_is_as_good_as_dunder_call(kind):
    for found, expected in zip(trained(kind), trained(Itself), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_layers_inside_know_that_it_is_training():
    model = Called()
    calm, shaken = model(X).numpy(), model(X, training=True, rng=1).numpy()
    assert (calm != shaken).any()
    np.testing.assert_array_equal(model(X).numpy(), calm)
    np.testing.assert_array_equal(model(X, training=True, rng=1).numpy(), shaken)


def test_what_call_raises_leaves_nothing_behind():
    class Failing(nn.Model):
        def call(self, x):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Failing()(X, training=True)
    model = Called()
    np.testing.assert_array_equal(model(X).numpy(), model(X, training=False).numpy())


def test_a_cross_entropy_gets_what_call_returns():
    class Classifier(nn.Model):
        def __init__(self):
            super().__init__()
            self.out = nn.layers.Dense(2, activation="softmax")

        def call(self, x):
            return self.out(x) * 0 + 0.5

    model = Classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model(X)
    found = model.evaluate(X, np.zeros(40, int), verbose=0)
    assert found == pytest.approx(np.log(2))


def test_names_and_what_is_missing():
    assert Called(name="mine").name == "mine"
    with pytest.raises(NotImplementedError, match=r"Held must define call\(x, training, rng\)"):
        Held()(X)
    with pytest.raises(nn.errors.ArgumentError, match=r"Model: inputs: needs symbolic tensors.*, got int"):
        nn.Model(inputs=1, outputs=2)
