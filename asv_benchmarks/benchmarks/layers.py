"""Pooling and normalization with all gradients, on a tape; images are channels last in every library."""

import numpy as np

import numbanet as nn

from .common import Timed, installed

POOLED = {
    "64x26x26x32, 2, 2": ((64, 26, 26, 32), 2, 2),
    "64x11x11x64, 2, 2": ((64, 11, 11, 64), 2, 2),
    "8x112x112x64, 3, 2": ((8, 112, 112, 64), 3, 2),
    "16x64x64x3, 2, 2": ((16, 64, 64, 3), 2, 2),
}
"""Inputs, windows and strides: those of the textbook's network, windows that overlap, and few channels."""
ROWS = {"2048x64": (2048, 64), "2048x256": (2048, 256), "512x1024": (512, 1024)}
BATCHES = {"1024x256": (1024, 256), "64x26x26x32": (64, 26, 26, 32), "8x56x56x64": (8, 56, 56, 64)}


class _Gradients(Timed):
    """What a layer gives, and the gradients by its input and its weights."""

    param_names = ("library", "case")
    control = "copy"

    def ours(self, layer, shape):
        """Return the call of a layer of numbanet."""
        layer.build((None, *shape[1:]))
        x = nn.Variable(normal(shape))
        operands, g = [x, *layer.trainable_weights], normal(layer(x).shape, seed=1)

        def step():
            with nn.GradientTape() as tape:
                y = layer(x, training=True)
            return tape.gradient(y, operands, g)

        return step

    def theirs(self, function, shape, weights=0):
        """Return the call of a function of PyTorch, which is given the input and so many vectors."""
        import torch

        x = torch.from_numpy(normal(shape))
        x = x.permute(0, 3, 1, 2) if x.ndim == 4 else x
        operands = [one.requires_grad_() for one in (x, *torch.ones(weights, shape[-1]).unbind())]
        g = torch.ones_like(function(*operands))
        return lambda: torch.autograd.grad(function(*operands), operands, g)


class MaxPooling(_Gradients):
    """`MaxPooling2D` and PyTorch's `max_pool2d`."""

    params = (installed("PyTorch"), [*POOLED])

    def make(self, library, case):
        """Return the call."""
        shape, window, strides = POOLED[case]
        if library.startswith("numbanet"):
            return self.ours(nn.layers.MaxPooling2D(window, strides), shape)
        import torch

        return self.theirs(lambda x: torch.max_pool2d(x, window, strides), shape)


class LayerNormalization(_Gradients):
    """`LayerNormalization` and PyTorch's `layer_norm`."""

    params = (installed("PyTorch"), [*ROWS])

    def make(self, library, case):
        """Return the call."""
        shape = ROWS[case]
        if library.startswith("numbanet"):
            return self.ours(nn.layers.LayerNormalization(), shape)
        import torch

        return self.theirs(lambda x, *two: torch.layer_norm(x, x.shape[-1:], *two, 1e-3), shape, 2)


class BatchNormalization(_Gradients):
    """`BatchNormalization` in training and PyTorch's `batch_norm`."""

    params = (installed("PyTorch"), [*BATCHES])

    def make(self, library, case):
        """Return the call."""
        shape = BATCHES[case]
        if library.startswith("numbanet"):
            return self.ours(nn.layers.BatchNormalization(), shape)
        import torch

        means, variances = torch.zeros(shape[-1]), torch.ones(shape[-1])
        return self.theirs(
            lambda x, *two: torch.batch_norm(x, *two, means, variances, True, 0.01, 1e-3, False), shape, 2
        )


def normal(shape, seed=0):
    """Return normal numbers of a shape."""
    return np.random.default_rng(seed).standard_normal(shape, np.float32)
