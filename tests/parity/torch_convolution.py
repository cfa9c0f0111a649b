"""Convolutions and pools against PyTorch, which has channels first and kernels turned about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import numbanet as nn
from tests.parity.common import Result, settings
from tests.parity.torch_common import Pair, Take, first, of_pair

INPUTS = {1: (3, 9, 4), 2: (2, 7, 6, 4), 3: (2, 5, 6, 4, 2)}
LETTERS = {1: "1d", 2: "2d", 3: "3d"}


def outwards(kernel: Any) -> Any:
    """Return a kernel (window, inputs, outputs) as (outputs, inputs, window)."""
    rank = kernel.ndim - 2
    return np.transpose(kernel, (rank + 1, rank, *range(rank)))


def of_each_channel(kernel: Any) -> Any:
    """Return a depthwise kernel (window, inputs, multiplier) as (inputs * multiplier, 1, window)."""
    rank = kernel.ndim - 2
    return np.transpose(kernel, (rank, rank + 1, *range(rank))).reshape(-1, 1, *kernel.shape[:rank])


CONV: dict[str, Take] = {"weight": lambda w: outwards(w[0]), "bias": first(1)}
CHANNELWISE: dict[str, Take] = {"weight": lambda w: of_each_channel(w[0]), "bias": first(1)}
SEPARATE: dict[str, Take] = {
    "0.weight": lambda w: of_each_channel(w[0]), "1.weight": lambda w: outwards(w[1]), "1.bias": first(2),
}  # fmt: skip


def convolutions() -> Iterator[Pair]:
    """Yield convolutions, forwards and transposed."""
    plain: list[dict[str, Any]] = [{}, {"strides": 2}, {"dilation_rate": 2}, {"padding": "same"}, {"groups": 2}]
    for rank, shape in INPUTS.items():
        inputs = shape[-1]
        for given in plain:
            names = {"strides": "stride", "dilation_rate": "dilation"}
            options = {names.get(name, name): value for name, value in given.items()}
            yield Pair(
                f"Conv{rank}D", f"Conv{LETTERS[rank]}: {settings(options)}".rstrip(": "),
                lambda rank=rank, given=given: getattr(nn.layers, f"Conv{rank}D")(6, 3 if rank < 3 else 2, **given),
                lambda rank=rank, options=options, inputs=inputs: getattr(torch.nn, f"Conv{LETTERS[rank]}")(
                    inputs, 6, 3 if rank < 3 else 2, **options
                ),
                shape, CONV, moved=True,
            )  # fmt: skip
        # "same" of a stride s is as many zeros before as behind where the window is of s + 2
        for given, options in (({}, {}), ({"strides": 2}, {"stride": 2}),
                               ({"strides": 2, "padding": "same"}, {"stride": 2, "padding": 1})):  # fmt: skip
            yield Pair(
                f"Conv{rank}DTranspose", f"ConvTranspose{LETTERS[rank]}: {settings(options)}".rstrip(": "),
                lambda rank=rank, given=given: getattr(nn.layers, f"Conv{rank}DTranspose")(5, 4, **given),
                lambda rank=rank, options=options, inputs=inputs: getattr(torch.nn, f"ConvTranspose{LETTERS[rank]}")(
                    inputs, 5, 4, **options
                ),
                shape, CONV, moved=True,
            )  # fmt: skip


def channelwise() -> Iterator[Pair]:
    """Yield depthwise and separable convolutions: groups of one channel in PyTorch."""
    for rank in (1, 2):
        kind, shape = getattr(torch.nn, f"Conv{LETTERS[rank]}"), INPUTS[rank]
        yield Pair(
            f"DepthwiseConv{rank}D", f"Conv{LETTERS[rank]}: groups=4, stride=2",
            lambda rank=rank: getattr(nn.layers, f"DepthwiseConv{rank}D")(3, strides=2, depth_multiplier=2),
            lambda kind=kind: kind(4, 8, 3, stride=2, groups=4), shape, CHANNELWISE, moved=True,
        )  # fmt: skip
        yield Pair(
            f"SeparableConv{rank}D", f"two Conv{LETTERS[rank]}, the first with groups=4",
            lambda rank=rank: getattr(nn.layers, f"SeparableConv{rank}D")(5, 3, padding="same", depth_multiplier=2),
            lambda kind=kind: torch.nn.Sequential(
                kind(4, 8, 3, padding="same", groups=4, bias=False), kind(8, 5, 1)
            ),
            shape, SEPARATE, moved=True,
        )  # fmt: skip


def pools() -> Iterator[Pair]:
    """Yield pools, of windows and of everything."""
    for rank, shape in INPUTS.items():
        of = LETTERS[rank]
        for given, options in (({"pool_size": 2}, {"kernel_size": 2}),
                               ({"pool_size": 3, "strides": 1, "padding": "same"},
                                {"kernel_size": 3, "stride": 1, "padding": 1})):  # fmt: skip
            for ours, theirs in (("Max", "Max"), ("Average", "Avg")):
                more = {"count_include_pad": False} if theirs == "Avg" else {}
                yield Pair(
                    f"{ours}Pooling{rank}D", f"{theirs}Pool{of}: {settings(options)}",
                    lambda name=f"{ours}Pooling{rank}D", given=given: getattr(nn.layers, name)(**given),
                    lambda name=f"{theirs}Pool{of}", options=options | more: getattr(torch.nn, name)(**options),
                    shape, moved=True,
                )  # fmt: skip
        for ours, theirs in (("Max", "Max"), ("Average", "Avg")):
            yield Pair(
                f"Global{ours}Pooling{rank}D", f"Adaptive{theirs}Pool{of}: 1",
                lambda name=f"Global{ours}Pooling{rank}D": getattr(nn.layers, name)(keepdims=True),
                lambda name=f"Adaptive{theirs}Pool{of}": getattr(torch.nn, name)(1), shape, moved=True,
            )  # fmt: skip


def results() -> Iterator[Result]:
    """Compare all cases."""
    for pairs in (convolutions(), channelwise(), pools()):
        yield from map(of_pair, pairs)
