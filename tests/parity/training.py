"""Twenty steps of training against Keras 3 and PyTorch: a dense network, a convnet, an LSTM and a Transformer block.

All three start from the same weights and see the same batches in the same order. Here and in Keras, `fit` trains; steps
of `fit` are replayed here. They compute in float32, or in float64 where `FLOAT64` says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np
import torch

import numbanet as nn
from tests.parity.common import Result, compared
from tests.parity.keras_common import give_weights
from tests.parity.torch_attention import ONE_SIZE
from tests.parity.torch_common import Take, first, load
from tests.parity.torch_convolution import CONV
from tests.parity.torch_layers import MOVED, SCALED, Unbiased
from tests.parity.torch_recurrent import parameters

BATCH, BATCHES, EPOCHS, CLASSES = 8, 4, 5, 3
BOUND = 1e-4
"""Twenty steps add up the rounding of each."""


class Network(NamedTuple):
    """A network by the shape of its samples, made with either library's layers, and in PyTorch."""

    shape: tuple[int, ...]
    ours: Callable[[Any, str], Any]
    """Makes it of a library, numbanet or Keras, and a dtype."""
    theirs: Callable[[], Any]
    parameters: dict[str, Take]


def linear(name: str, k: int) -> dict[str, Take]:
    """Return how a Linear of PyTorch follows from our weights k and k + 1."""
    return {f"{name}.weight": lambda w: w[k].T, f"{name}.bias": first(k + 1)}


def moved(taken: dict[str, Take], name: str, k: int) -> dict[str, Take]:
    """Return parameters of a module inside another, from our weights from the k-th on."""
    return {f"{name}.{one}": (lambda w, take=take: take(w[k:])) if take else None for one, take in taken.items()}


def dense(library: Any, dtype: str) -> Any:
    """Return a network of dense layers."""
    layers, d = library.layers, {"dtype": dtype}
    return library.Sequential([
        layers.Input((6,), dtype=dtype), layers.Dense(16, "relu", **d), layers.Dense(12, "tanh", **d),
        layers.Dense(CLASSES, "softmax", **d),
    ])  # fmt: skip


def dense_torch() -> Any:
    """Return the same in PyTorch, whose loss takes logits."""
    t = torch.nn
    return t.Sequential(t.Linear(6, 16), t.ReLU(), t.Linear(16, 12), t.Tanh(), t.Linear(12, CLASSES))


def convolutional(library: Any, dtype: str) -> Any:
    """Return a convnet with batch normalization."""
    layers, d = library.layers, {"dtype": dtype}
    return library.Sequential([
        layers.Input((8, 8, 2), dtype=dtype), layers.Conv2D(4, 3, padding="same", **d),
        layers.BatchNormalization(momentum=0.9, **d), layers.Activation("relu", **d), layers.MaxPooling2D(2, **d),
        layers.Conv2D(6, 3, activation="relu", **d), layers.GlobalAveragePooling2D(**d),
        layers.Dense(CLASSES, "softmax", **d),
    ])  # fmt: skip


class ChannelsFirst(torch.nn.Module):
    """A module that gets images with channels last."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Any) -> Any:
        """Move the channels, and call the module."""
        return self.module(x.permute(0, 3, 1, 2))


def convolutional_torch() -> Any:
    """Return the same in PyTorch."""
    t = torch.nn
    return ChannelsFirst(t.Sequential(
        t.Conv2d(2, 4, 3, padding="same"), Unbiased(t.BatchNorm2d(4, eps=1e-3), (BATCH, 8, 8, 4)), t.ReLU(),
        t.MaxPool2d(2), t.Conv2d(4, 6, 3), t.ReLU(), t.AdaptiveAvgPool2d(1), t.Flatten(), t.Linear(6, CLASSES),
    ))  # fmt: skip


def recurrent(library: Any, dtype: str) -> Any:
    """Return an LSTM network."""
    layers, d = library.layers, {"dtype": dtype}
    return library.Sequential(
        [layers.Input((7, 4), dtype=dtype), layers.LSTM(8, **d), layers.Dense(CLASSES, "softmax", **d)]
    )


class Recurrent(torch.nn.Module):
    """The same in PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.dense = torch.nn.LSTM(4, 8, batch_first=True), torch.nn.Linear(8, CLASSES)
        self.lstm.bias_hh_l0.requires_grad = False  # Keras has one bias; two that are trained move twice as far

    def forward(self, x: Any) -> Any:
        """Return logits of the last step."""
        return self.dense(self.lstm(x)[0][:, -1])


def attending(library: Any, dtype: str) -> Any:
    """Return a Transformer block, and a mean over its steps."""
    layers, d = library.layers, {"dtype": dtype}
    x = layers.Input((5, 8), dtype=dtype)
    normed = layers.LayerNormalization(**d)(layers.Add(**d)([x, layers.MultiHeadAttention(2, 4, **d)(x, x)]))
    hidden = layers.Dense(8, **d)(layers.Dense(16, "relu", **d)(normed))
    y = layers.GlobalAveragePooling1D(**d)(layers.LayerNormalization(**d)(layers.Add(**d)([normed, hidden])))
    return library.Model(x, layers.Dense(CLASSES, "softmax", **d)(y))


class Attending(torch.nn.Module):
    """The same in PyTorch, which has the block as one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.block = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, layer_norm_eps=1e-3, batch_first=True)
        self.dense = torch.nn.Linear(8, CLASSES)

    def forward(self, x: Any) -> Any:
        """Return logits."""
        return self.dense(self.block(x).mean(1))


NETWORKS = {
    "a dense network": Network(
        (6,), dense, dense_torch, linear("0", 0) | linear("2", 2) | linear("4", 4)
    ),
    "a convnet": Network(
        (8, 8, 2), convolutional, convolutional_torch,
        moved(CONV, "module.0", 0) | moved(MOVED, "module.1.norm", 2) | moved(CONV, "module.4", 6)
        | linear("module.8", 8),
    ),
    "an LSTM network": Network((7, 4), recurrent, Recurrent, moved(parameters("LSTM"), "lstm", 0) | linear("dense", 3)),
    "a Transformer block": Network(
        (5, 8), attending, Attending,
        moved(ONE_SIZE, "block.self_attn", 0) | moved(SCALED, "block.norm1", 8) | linear("block.linear1", 10)
        | linear("block.linear2", 12) | moved(SCALED, "block.norm2", 14) | linear("dense", 16),
    ),
}  # fmt: skip
RULES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "SGD with momentum": ("SGD", {"momentum": 0.9}, {"momentum": 0.9}),
    "Adam": ("Adam", {}, {"eps": 1e-10}),
    "RMSprop": ("RMSprop", {}, {"alpha": 0.9, "eps": 1e-10}),
}
"""The class, its settings here and in Keras, and its settings in PyTorch."""
WITH_TORCH: dict[str, dict[str, Any]] = {"Adam": {"epsilon": 1e-10}, "RMSprop": {"epsilon": 1e-20}}
"""Settings here beside PyTorch, which adds epsilon elsewhere: where it is this small, that makes no difference."""
FLOAT64 = ("Adam", "RMSprop")
"""What is compared with PyTorch in float64: with such an epsilon, float32 rounds too much."""
NOISE = {("a convnet", "Adam"): (1, 4), ("a Transformer block", "Adam"): (3,)}
"""Weights that Keras is not compared in: the gradient of a bias before a normalization (and the mean that has it), and
of a bias of keys, is zero. Of the rounding that is left of it, Adam makes steps as long as any other."""
RATE = 0.01


def data(network: Network, dtype: str) -> tuple[Any, Any]:
    """Return samples and labels."""
    rng = np.random.default_rng(0)
    count = BATCH * BATCHES
    return rng.normal(size=(count, *network.shape)).astype(dtype), rng.integers(0, CLASSES, count)


def draw(shape: tuple[int, ...], rng: Any) -> Any:
    """Return weights: small ones for products, and positive ones for the rest."""
    return rng.normal(size=shape) / np.sqrt(shape[0]) if len(shape) > 1 else 0.5 + rng.random(shape)


def trained(library: Any, model: Any, rule: str, arrays: tuple[Any, Any], **more: Any) -> list[Any]:
    """Return the weights of a model after `fit`."""
    name, given, _ = RULES[rule]
    model.compile(getattr(library.optimizers, name)(RATE, **given | more), "sparse_categorical_crossentropy")
    model.fit(*arrays, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
    assert library is keras or model.explanation.steps, model.explanation  # they are replayed
    return model.get_weights()


def trained_torch(network: Network, weights: list[Any], rule: str, arrays: tuple[Any, Any]) -> Any:
    """Return a module after the same steps."""
    name, _, options = RULES[rule]
    x, y = map(torch.tensor, arrays)
    module = network.theirs().to(x.dtype)
    load(module, network.parameters, weights)
    optimizer = getattr(torch.optim, name)(module.parameters(), RATE, **options)
    for _ in range(EPOCHS):
        for k in range(0, len(x), BATCH):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(module(x[k : k + BATCH]), y[k : k + BATCH]).backward()
            optimizer.step()
    return module


def with_keras(network: Network, rule: str, noise: tuple[int, ...]) -> tuple[list[Any], list[Any]]:
    """Return the weights after training, of numbanet and of Keras, but for those that are noise."""
    rng, arrays = np.random.default_rng(7), data(network, "float32")
    ours, theirs = network.ours(nn, "float32"), network.ours(keras, "float32")
    give_weights(ours, theirs, lambda shape: draw(shape, rng), paths=False)
    pairs = zip(trained(nn, ours, rule, arrays), trained(keras, theirs, rule, arrays), strict=True)
    kept = [pair for k, pair in enumerate(pairs) if k not in noise]
    return [one for one, _ in kept], [other for _, other in kept]


def with_torch(network: Network, rule: str, dtype: str) -> tuple[list[Any], list[Any]]:
    """Return the weights after training, of numbanet and of PyTorch."""
    rng, arrays = np.random.default_rng(7), data(network, dtype)
    ours = network.ours(nn, dtype)
    weights = [draw(w.shape, rng).astype(dtype) for w in ours.weights]
    ours.set_weights(weights)
    state = trained_torch(network, weights, rule, arrays).state_dict()
    found = trained(nn, ours, rule, arrays, **WITH_TORCH.get(rule, {}))
    taken = {name: take for name, take in network.parameters.items() if take}
    return [take(found) for take in taken.values()], [state[name] for name in taken]


def results() -> Iterator[Result]:
    """Compare all networks and rules."""
    for (name, network), rule in itertools.product(NETWORKS.items(), RULES):
        dtype, noise = "float64" if rule in FLOAT64 else "float32", NOISE.get((name, rule), ())
        label = f"{rule}, 20 steps{', but for biases of gradient zero' * bool(noise)}"
        pair = (network, rule)
        yield compared("Keras", name, label, lambda p=pair, n=noise: with_keras(*p, n), BOUND, "training")
        label = f"{rule}, 20 steps, {dtype}"
        yield compared("PyTorch", name, label, lambda p=pair, d=dtype: with_torch(*p, d), BOUND, "training")
