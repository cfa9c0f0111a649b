"""One network with a hidden layer in every library: what a user of each would write, on the same data."""

import functools
import math
from typing import NamedTuple

import numpy as np

import numbanet as nn


class Network(NamedTuple):
    """Sizes, and the rule of the optimizer."""

    inputs: int
    hidden: int
    batch: int
    rule: str
    rate: float


TEXTBOOK = Network(784, 512, 128, "rmsprop", 1e-3)
SMALL = Network(64, 32, 32, "sgd", 0.1)
NETWORKS = {"784-512-10": TEXTBOOK, "64-32-10": SMALL}
CLASSES, RHO, EPSILON = 10, 0.9, 1e-7


@functools.cache
def mnist():
    """Return (x, y), (x_test, y_test): rows of float32 from 0 to 1, and labels as int64."""
    parts = nn.datasets.mnist.load_data()
    return [(np.divide(x.reshape(len(x), -1), 255, dtype=np.float32), y.astype(np.int64)) for x, y in parts]


def random_data(network, steps):
    """Return batches of random numbers and labels, one after the other."""
    rng = np.random.default_rng(0)
    count = network.batch * steps
    return rng.random((count, network.inputs), np.float32), rng.integers(0, CLASSES, count)


def first_weights(network):
    """Return the weights that all but numbanet's fit start from: Glorot's."""
    rng = np.random.default_rng(0)

    def uniform(rows, columns):
        return (rng.uniform(-1, 1, (rows, columns)) * math.sqrt(6 / (rows + columns))).astype(np.float32)

    first = uniform(network.inputs, network.hidden), np.zeros(network.hidden, np.float32)
    return [*first, uniform(network.hidden, CLASSES), np.zeros(CLASSES, np.float32)]


class Trainer:
    """A network in one library.

    Attributes
    ----------
    train : callable
        `train(x, y, order)` runs one epoch over the rows in this order, batch by batch.
    predict : callable
        `predict(x)` returns one row of scores per sample, a NumPy array.
    """

    def __init__(self, train, predict):
        self.train, self.predict = train, predict

    def accuracy(self, x, y):
        """Return the part of the samples whose largest score is that of their label."""
        return float((self.predict(x).argmax(1) == y).mean())


def trainer(library, network):
    """Return a new Trainer; NotImplementedError where a library has no such network."""
    if library.startswith("numbanet"):
        return _numbanet(network)
    if library not in _MAKERS:
        raise NotImplementedError(f"{library} has no network here")
    return _MAKERS[library](network)


def keras_like(network):
    """Return numbanet's model of a network, compiled."""
    hidden = nn.layers.Dense(network.hidden, activation="relu")
    model = nn.Sequential([hidden, nn.layers.Dense(CLASSES, activation="softmax")])
    rule = {"rmsprop": nn.optimizers.RMSprop, "sgd": nn.optimizers.SGD}[network.rule]
    model.compile(rule(network.rate), "sparse_categorical_crossentropy", ["accuracy"])
    return model


def _numbanet(network):
    model = keras_like(network)

    def train(x, y, order):
        model.fit(x, y, batch_size=network.batch, shuffle=order is not None, verbose=0, rng=0)

    return Trainer(train, lambda x: model.predict(x, verbose=0))


def batches(network, x, y, order):
    """Yield the batches of an epoch as NumPy arrays."""
    for at in range(0, len(x), network.batch):
        rows = slice(at, at + network.batch) if order is None else order[at : at + network.batch]
        yield x[rows], y[rows]


def _numpy(network):
    w = first_weights(network)
    squares = [np.zeros_like(one) for one in w]
    f = np.float32

    def update(gradients):
        for weight, square, g in zip(w, squares, gradients, strict=True):
            if network.rule == "sgd":
                weight -= f(network.rate) * g
            else:
                square *= f(RHO)
                square += f(1 - RHO) * g * g
                weight -= f(network.rate) * g / (np.sqrt(square) + f(EPSILON))

    def train(x, y, order):
        for xb, yb in batches(network, x, y, order):
            hidden = np.maximum(xb @ w[0] + w[1], 0)
            z = hidden @ w[2] + w[3]
            z -= z.max(1, keepdims=True)
            delta = np.exp(z)
            delta /= delta.sum(1, keepdims=True)
            delta[np.arange(len(yb)), yb] -= 1
            delta /= len(yb)
            back = delta @ w[2].T
            back *= hidden > 0
            update([xb.T @ back, back.sum(0), hidden.T @ delta, delta.sum(0)])

    return Trainer(train, lambda x: np.maximum(x @ w[0] + w[1], 0) @ w[2] + w[3])


def _torch(network):
    import torch

    model = torch.nn.Sequential(
        torch.nn.Linear(network.inputs, network.hidden), torch.nn.ReLU(), torch.nn.Linear(network.hidden, CLASSES)
    )
    rules = {
        "sgd": functools.partial(torch.optim.SGD, lr=network.rate),
        "rmsprop": functools.partial(torch.optim.RMSprop, lr=network.rate, alpha=RHO, eps=EPSILON),
    }
    optimizer, loss_of = rules[network.rule](model.parameters()), torch.nn.CrossEntropyLoss()

    def train(x, y, order):
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        order = None if order is None else torch.from_numpy(order)
        for xb, yb in batches(network, x, y, order):
            optimizer.zero_grad()
            loss_of(model(xb), yb).backward()
            optimizer.step()

    def predict(x):
        with torch.no_grad():
            return model(torch.from_numpy(x)).numpy()

    return Trainer(train, predict)


def _jax_parts(network):
    import jax
    import jax.numpy as jnp

    def scores(w, x):
        return jax.nn.relu(x @ w[0] + w[1]) @ w[2] + w[3]

    def loss(w, x, y):
        return -jnp.take_along_axis(jax.nn.log_softmax(scores(w, x)), y[:, None], 1).mean()

    def step(state, x, y):
        w, squares = state
        gradients = jax.grad(loss)(w, x, y)
        if network.rule == "sgd":
            return [a - network.rate * g for a, g in zip(w, gradients, strict=True)], squares
        squares = [RHO * s + (1 - RHO) * g * g for s, g in zip(squares, gradients, strict=True)]
        pairs = zip(w, gradients, squares, strict=True)
        return [a - network.rate * g / (jnp.sqrt(s) + EPSILON) for a, g, s in pairs], squares

    first = [jnp.asarray(one) for one in first_weights(network)]
    return scores, step, (first, [jnp.zeros_like(one) for one in first])


def _jax(network):
    import jax

    scores, step, state = _jax_parts(network)
    one = jax.jit(step, donate_argnums=0)

    def train(x, y, order):
        nonlocal state
        for xb, yb in batches(network, x, y, order):
            state = one(state, xb, yb)
        jax.block_until_ready(state)

    return Trainer(train, lambda x: np.asarray(scores(state[0], x)))


def _jax_scan(network):
    import jax
    import jax.numpy as jnp

    scores, step, state = _jax_parts(network)

    @jax.jit
    def whole(state, x, y, rows):
        return jax.lax.scan(lambda carry, some: (step(carry, x[some], y[some]), None), state, rows)[0]

    def train(x, y, order):
        nonlocal state
        order = np.arange(len(x)) if order is None else order
        full = len(x) // network.batch
        rows = order[: full * network.batch].reshape(full, network.batch)
        state = jax.block_until_ready(whole(state, jnp.asarray(x), jnp.asarray(y), rows))

    return Trainer(train, lambda x: np.asarray(scores(state[0], x)))


def _sklearn(network):
    import warnings

    from sklearn.neural_network import MLPClassifier

    rule = {"sgd": {"solver": "sgd", "momentum": 0, "learning_rate_init": network.rate}, "rmsprop": {"solver": "adam"}}
    model = MLPClassifier(
        (network.hidden,), batch_size=network.batch, max_iter=1, warm_start=True, alpha=0, **rule[network.rule]
    )

    def train(x, y, order):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it has not converged after one epoch
            model.fit(x, y)

    return Trainer(train, lambda x: model.predict_proba(x))


def _mygrad(network):
    from mygrad import tensor
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    _only_sgd("MyGrad", network)
    w = [tensor(one) for one in first_weights(network)]

    def train(x, y, order):
        for xb, yb in batches(network, x, y, order):
            softmax_crossentropy(relu(xb @ w[0] + w[1]) @ w[2] + w[3], yb).backward()
            for one in w:
                one.data -= np.float32(network.rate) * one.grad

    return Trainer(train, lambda x: (relu(x @ w[0] + w[1]) @ w[2] + w[3]).data)


def _autograd(network):
    import autograd.numpy as anp
    from autograd import grad

    _only_sgd("autograd", network)
    w = first_weights(network)

    def loss(w, x, y):
        z = anp.maximum(x @ w[0] + w[1], 0) @ w[2] + w[3]
        z = z - anp.max(z, 1, keepdims=True)
        return -anp.mean(z[np.arange(len(y)), y] - anp.log(anp.sum(anp.exp(z), 1)))

    gradient = grad(loss)

    def train(x, y, order):
        nonlocal w
        for xb, yb in batches(network, x, y, order):
            w = [a - np.float32(network.rate) * g for a, g in zip(w, gradient(w, xb, yb), strict=True)]

    return Trainer(train, lambda x: np.maximum(x @ w[0] + w[1], 0) @ w[2] + w[3])


def _only_sgd(library, network):
    if network.rule != "sgd":
        raise NotImplementedError(f"{library} has no {network.rule}")


_MAKERS = {
    "NumPy": _numpy,
    "PyTorch": _torch,
    "JAX": _jax,
    "JAX scan": _jax_scan,
    "scikit-learn": _sklearn,
    "MyGrad": _mygrad,
    "autograd": _autograd,
}
