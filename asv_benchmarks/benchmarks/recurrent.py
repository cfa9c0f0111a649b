"""Recurrent layers: the output of the last step, forth and back, by the input and all weights."""

import numpy as np

import numbanet as nn

from .common import Timed, installed

SAMPLES, STEPS, FEATURES, UNITS = 64, 50, 32, 128
KINDS = ("LSTM", "GRU", "SimpleRNN")


class Recurrent(Timed):
    """A layer of numbanet in `nn.function`, and PyTorch's."""

    params = (installed("PyTorch"), [*KINDS])
    param_names = ("library", "kind")

    def make(self, library, kind):
        """Return the call."""
        x = np.random.default_rng(0).standard_normal((SAMPLES, STEPS, FEATURES), np.float32)
        return _torch(kind, x) if library == "PyTorch" else _ours(kind, x)


def _ours(kind, x):
    if not hasattr(nn.layers, kind):
        raise NotImplementedError("there are no recurrent layers")
    layer, x = getattr(nn.layers, kind)(UNITS), nn.Variable(x)

    @nn.function
    def step():
        with nn.GradientTape() as tape:
            loss = nn.mean(nn.square(layer(x)))
        return tape.gradient(loss, [x, *layer.trainable_variables])

    layer(x)
    for _ in range(3):  # it is replayed from then on
        step()
    return step


def _torch(kind, x):
    import torch

    layer = getattr(torch.nn, {"SimpleRNN": "RNN"}.get(kind, kind))(FEATURES, UNITS, batch_first=True)
    operands = [torch.from_numpy(x).requires_grad_(), *layer.parameters()]
    return lambda: torch.autograd.grad(layer(operands[0])[0][:, -1].square().mean(), operands)
