"""What every layer is held to: replays give the bytes of eager training, and files give the layer back."""

import numpy as np

import numbanet as nn

SAMPLES = 20


class Batches(nn.callbacks.Callback):
    """Has training run eagerly."""

    def on_train_batch_end(self, batch, logs=None):
        """Do nothing."""


class Own(nn.Model):
    """A model with a call of its own, which a Sequential and a functional model have not."""

    def __init__(self):
        super().__init__()
        self.dense = nn.layers.Dense(2)

    def call(self, x):
        """Return what the only layer computes."""
        return self.dense(x)


def model_around(layers, shape):
    """Return a model of fixed weights: layers, and a dense one behind them."""
    model = nn.Sequential([nn.layers.Input(shape), *layers, nn.layers.Flatten(), nn.layers.Dense(2)], rng=3)
    model.compile(nn.optimizers.Adam(0.01), "mean_squared_error")
    return model


def data_of(shape, integers=None):
    """Return samples and targets; integers below a number if it is given."""
    rng = np.random.default_rng(5)
    x = (
        rng.normal(size=(SAMPLES, *shape)).astype(np.float32)
        if integers is None
        else rng.integers(0, integers, (SAMPLES, *shape))
    )
    return x, rng.normal(size=(SAMPLES, 2)).astype(np.float32)


def bytes_of(model):
    """Return the bytes of all weights."""
    return [weight.numpy().tobytes() for weight in model.weights]


def assert_replays(make, shape, integers=None, epochs=3):
    """Check that `fit` replays a model around the layers that `make` makes, to the bytes of eager training.

    Returns
    -------
    Sequential
        The trained model.
    """
    x, y = data_of(shape, integers)
    replayed, eager = model_around(make(), shape), model_around(make(), shape)
    history = replayed.fit(x, y, batch_size=8, epochs=epochs, verbose=0, rng=0).history
    plain = eager.fit(x, y, batch_size=8, epochs=epochs, verbose=0, rng=0, callbacks=[Batches()]).history
    assert replayed.explanation.steps, replayed.explanation  # an Eager has none
    assert not hasattr(eager.explanation, "steps")
    assert history == plain
    assert bytes_of(replayed) == bytes_of(eager)
    np.testing.assert_array_equal(replayed.predict(x, verbose=0), eager(x).numpy())
    return replayed


def assert_saved(model, folder, x):
    """Check that a file gives back a model: settings, weights, and what it computes."""
    model.save(folder / "model.numbanet")
    again = nn.load_model(folder / "model.numbanet")
    assert again.get_config() == model.get_config()
    assert [w.name for w in again.weights] == [w.name for w in model.weights]
    assert bytes_of(again) == bytes_of(model)
    np.testing.assert_array_equal(again(x).numpy(), model(x).numpy())
