"""Convolutions, called and with their gradients on a tape; images are channels last in every library."""

import numpy as np

import numbanet as nn

from .common import Timed, installed

CASES = {
    "64x28x28x1, 3, 32": ((64, 28, 28, 1), 3, 32),
    "64x13x13x32, 3, 64": ((64, 13, 13, 32), 3, 64),
    "64x5x5x64, 3, 64": ((64, 5, 5, 64), 3, 64),
    "8x56x56x64, 1, 128": ((8, 56, 56, 64), 1, 128),
}
"""Inputs, windows and filters: those of the textbook's network, and one without a window."""


class Convolution(Timed):
    """`nn.conv` and PyTorch's `conv2d`."""

    params = (installed("PyTorch"), [*CASES])
    param_names = ("library", "case")

    def make(self, library, case):
        """Return the call."""
        x, kernel, _ = arrays(case)
        if library.startswith("numbanet"):
            x, kernel = nn.asarray(x), nn.asarray(kernel)
            return lambda: nn.conv(x, kernel)
        import torch

        x, kernel = (part.detach() for part in torch_operands(x, kernel))
        return lambda: torch.conv2d(x, kernel)


class ConvolutionGradients(Convolution):
    """The same, and the gradients by both operands."""

    def make(self, library, case):
        """Return the call."""
        x, kernel, g = arrays(case)
        if library.startswith("numbanet"):
            x, kernel, g = nn.Variable(x), nn.Variable(kernel), nn.asarray(g)

            def step():
                with nn.GradientTape() as tape:
                    y = nn.conv(x, kernel)
                return tape.gradient(y, [x, kernel], g)

            return step
        import torch

        operands = torch_operands(x, kernel)
        g = torch.from_numpy(g).permute(0, 3, 1, 2)
        return lambda: torch.autograd.grad(torch.conv2d(*operands), operands, g)


def arrays(case):
    """Return the input, the kernel, and the gradient; NotImplementedError for commits that have none."""
    if not hasattr(nn, "conv"):
        raise NotImplementedError("there are no convolutions")
    (samples, side, _, channels), window, filters = CASES[case]
    rng, left = np.random.default_rng(0), side - window + 1
    shapes = (samples, side, side, channels), (window, window, channels, filters), (samples, left, left, filters)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def torch_operands(x, kernel):
    """Return both as PyTorch has them, with channels last in memory."""
    import torch

    kernel = torch.from_numpy(kernel).permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
    return torch.from_numpy(x).permute(0, 3, 1, 2).requires_grad_(), kernel.requires_grad_()
