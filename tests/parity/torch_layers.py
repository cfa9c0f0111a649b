"""Dense layers, normalization, embeddings, activations and shapes against PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.nn import functional

import numbanet as nn
from tests.parity.common import Result
from tests.parity.torch_common import Pair, Take, first, of_pair

ROWS, STEPS, IMAGES, VOLUMES = (4, 6), (3, 5, 4), (2, 6, 5, 4), (2, 4, 3, 5, 2)
SCALED: dict[str, Take] = {"weight": first(0), "bias": first(1)}
MOVED: dict[str, Take] = SCALED | {"running_mean": first(2), "running_var": first(3)}
L = nn.layers


class Function(torch.nn.Module):
    """A function of PyTorch as a module without parameters."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Any) -> Any:
        """Call the function."""
        return self.function(x)


def function(name: str, case: str, ours: Callable[[], Any], theirs: Callable[[Any], Any], shape: Any, moved=False):
    """Return a pair whose module is a function."""
    return Pair(name, case, ours, lambda: Function(theirs), shape, moved=moved)


def dense() -> Iterator[Pair]:
    """Yield dense layers and embeddings."""
    for shape in (ROWS, STEPS):
        yield Pair("Dense", f"Linear on {shape}", lambda: L.Dense(3), lambda shape=shape: torch.nn.Linear(shape[-1], 3),
                   shape, {"weight": lambda w: w[0].T, "bias": first(1)})  # fmt: skip
    yield Pair(
        "TimeDistributed", "Linear", lambda: L.TimeDistributed(L.Dense(3)), lambda: torch.nn.Linear(4, 3), STEPS,
        {"weight": lambda w: w[0].T, "bias": first(1)},
    )  # fmt: skip
    yield Pair("Embedding", "Embedding", lambda: L.Embedding(9, 4), lambda: torch.nn.Embedding(9, 4), (3, 5),
               {"weight": first(0)}, low=9)  # fmt: skip


def normalization() -> Iterator[Pair]:
    """Yield normalizations; epsilon is 1e-3 by default here, and 1e-5 there."""
    for kind, shape in (
        ("BatchNorm1d", ROWS),
        ("BatchNorm1d", STEPS),
        ("BatchNorm2d", IMAGES),
        ("BatchNorm3d", VOLUMES),
    ):
        yield Pair(
            "BatchNormalization", f"{kind} on {shape}, evaluated", lambda: L.BatchNormalization(),
            lambda kind=kind, shape=shape: getattr(torch.nn, kind)(shape[-1], eps=1e-3), shape,
            MOVED, moved=True,
        )  # fmt: skip
        yield Pair(
            "BatchNormalization", f"{kind} on {shape}, in training", lambda: L.BatchNormalization(momentum=0.9),
            lambda kind=kind, shape=shape: Unbiased(getattr(torch.nn, kind)(shape[-1], eps=1e-3, momentum=0.1), shape),
            shape, {f"norm.{name}": take for name, take in MOVED.items()}, moved=True, training=True,
        )  # fmt: skip
    for size, shape in ((4, STEPS), ((5, 4), STEPS)):
        axis = -1 if size == 4 else (1, 2)
        yield Pair("LayerNormalization", f"LayerNorm: {size}", lambda axis=axis: L.LayerNormalization(axis),
                   lambda size=size: torch.nn.LayerNorm(size, eps=1e-3), shape, SCALED)  # fmt: skip
    for groups, kind in ((2, "GroupNorm: 2"), (-1, "InstanceNorm2d: affine=True"), (1, "GroupNorm: 1")):
        yield Pair(
            "GroupNormalization", kind, lambda groups=groups: L.GroupNormalization(groups),
            lambda groups=groups: torch.nn.InstanceNorm2d(4, eps=1e-3, affine=True) if groups == -1
            else torch.nn.GroupNorm(groups, 4, eps=1e-3),
            IMAGES, SCALED, moved=True,
        )  # fmt: skip
    yield Pair("RMSNormalization", "RMSNorm", lambda: L.RMSNormalization(), lambda: torch.nn.RMSNorm(4, eps=1e-6),
               STEPS, {"weight": first(0)})  # fmt: skip
    yield function("UnitNormalization", "normalize", lambda: L.UnitNormalization(),
                   lambda x: functional.normalize(x, dim=-1), STEPS)  # fmt: skip


class Unbiased(torch.nn.Module):
    """A BatchNorm whose moving variance is that of whole batches, as in Keras, not that of samples.

    The variance of a batch of n values divides by n here; the one that PyTorch keeps divides by n - 1.
    """

    def __init__(self, norm: Any, shape: Any) -> None:
        super().__init__()
        self.norm, self.count = norm, math.prod(shape[:-1])

    def forward(self, x: Any) -> Any:
        """Normalize, and take the share of n / (n - 1) out of the moving variance."""
        before = self.norm.running_var.clone()
        y = self.norm(x)
        if self.norm.training:
            share, n = self.norm.momentum, self.count
            taken = (self.norm.running_var - (1 - share) * before) * (n - 1) / n
            self.norm.running_var = (1 - share) * before + taken  # another tensor: backward needs the old one
        return y


def activations() -> Iterator[Pair]:
    """Yield layers of activation."""
    yield Pair("PReLU", "PReLU: 6", lambda: L.PReLU("uniform"), lambda: torch.nn.PReLU(6), ROWS, {"weight": first(0)})
    yield Pair("PReLU", "PReLU: 4, on images", lambda: L.PReLU("uniform", shared_axes=(1, 2)),
               lambda: torch.nn.PReLU(4), IMAGES, {"weight": lambda w: np.reshape(w[0], 4)}, moved=True)  # fmt: skip
    kinds: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "ReLU": (lambda: L.ReLU(), lambda: torch.nn.ReLU()),
        "LeakyReLU": (lambda: L.LeakyReLU(0.2), lambda: torch.nn.LeakyReLU(0.2)),
        "ELU": (lambda: L.ELU(0.7), lambda: torch.nn.ELU(0.7)),
        "Softmax": (lambda: L.Softmax(), lambda: torch.nn.Softmax(-1)),
        "Identity": (lambda: L.Identity(), lambda: torch.nn.Identity()),
    }
    for name, (ours, theirs) in kinds.items():
        yield Pair(name, name, ours, theirs, STEPS)
    for rank, shape in ((1, STEPS), (2, IMAGES), (3, VOLUMES)):
        yield Pair(
            f"SpatialDropout{rank}D", f"Dropout{rank}d, evaluated",
            lambda rank=rank: getattr(L, f"SpatialDropout{rank}D")(0.5),
            lambda rank=rank: getattr(torch.nn, f"Dropout{rank}d")(0.5), shape, moved=True,
        )  # fmt: skip
    for name in ("Dropout", "AlphaDropout"):
        yield Pair(name, f"{name}, evaluated", lambda name=name: getattr(L, name)(0.5),
                   lambda name=name: getattr(torch.nn, name)(0.5), ROWS)  # fmt: skip
    for name, theirs in ACTIVATIONS.items():
        yield function("Activation", f"{name}: {theirs.__name__}", lambda name=name: L.Activation(name), theirs, STEPS)


def exponential(x: Any) -> Any:
    """Return the exponential."""
    return torch.exp(x)


def last(operation: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return a function along the last axis."""

    def along(x: Any) -> Any:
        return operation(x, dim=-1)

    along.__name__ = operation.__name__
    return along


def leaky(x: Any) -> Any:
    """Return leaky_relu with the slope that Keras has: 0.2, which is 0.01 in PyTorch."""
    return functional.leaky_relu(x, 0.2)


leaky.__name__ = "leaky_relu"
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "elu": functional.elu, "exponential": exponential, "gelu": functional.gelu, "leaky_relu": leaky,
    "log_softmax": last(functional.log_softmax), "relu": functional.relu, "selu": functional.selu,
    "sigmoid": functional.sigmoid, "silu": functional.silu, "softmax": last(functional.softmax),
    "softplus": functional.softplus, "tanh": functional.tanh,
}  # fmt: skip


def shapes() -> Iterator[Pair]:
    """Yield layers that give inputs another shape."""
    yield Pair("Flatten", "Flatten", lambda: L.Flatten(), lambda: torch.nn.Flatten(), IMAGES)
    yield Pair("Reshape", "Unflatten", lambda: L.Reshape((2, 3)), lambda: torch.nn.Unflatten(1, (2, 3)), ROWS)
    yield function("Permute", "permute", lambda: L.Permute((2, 1)), lambda x: x.permute(0, 2, 1), STEPS)
    yield function("RepeatVector", "repeat", lambda: L.RepeatVector(3), lambda x: x[:, None].repeat(1, 3, 1), ROWS)
    for rank, shape in ((1, STEPS), (2, IMAGES), (3, VOLUMES)):
        pads = tuple(range(1, 2 * rank + 1))  # PyTorch begins with the last axis
        ours = [pads[2 * (rank - 1 - k) :][:2] for k in range(rank)]
        yield Pair(
            f"ZeroPadding{rank}D", f"ConstantPad{rank}d",
            lambda rank=rank, ours=ours: getattr(L, f"ZeroPadding{rank}D")(ours[0] if rank == 1 else tuple(ours)),
            lambda rank=rank, pads=pads: getattr(torch.nn, f"ConstantPad{rank}d")(pads, 0.0), shape, moved=True,
        )  # fmt: skip
        yield Pair(
            f"Cropping{rank}D", f"ConstantPad{rank}d of less than none",
            lambda rank=rank: getattr(L, f"Cropping{rank}D")(1 if rank > 1 else (1, 1)),
            lambda rank=rank: getattr(torch.nn, f"ConstantPad{rank}d")(-1, 0.0), shape, moved=True,
        )  # fmt: skip
        yield Pair(
            f"UpSampling{rank}D", "Upsample: nearest", lambda rank=rank: getattr(L, f"UpSampling{rank}D")(2),
            lambda: torch.nn.Upsample(scale_factor=2), shape, moved=True,
        )  # fmt: skip
    yield Pair("UpSampling2D", "Upsample: bilinear", lambda: L.UpSampling2D(3, interpolation="bilinear"),
               lambda: torch.nn.Upsample(scale_factor=3, mode="bilinear"), IMAGES, moved=True)  # fmt: skip


def results() -> Iterator[Result]:
    """Compare all cases."""
    for pairs in (dense(), normalization(), activations(), shapes()):
        yield from map(of_pair, pairs)
