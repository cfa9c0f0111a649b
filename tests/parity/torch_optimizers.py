"""Optimizers against PyTorch: the same gradients for 20 steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import numbanet as nn
from tests.parity.common import Result, compared, settings

STEPS, RATE = 20, 0.05
SHAPES = ((3, 4), (4,))
Settings = dict[str, Any]
CASES: list[tuple[str, Settings, str, Settings]] = [
    ("SGD", {}, "SGD", {}),
    ("SGD", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}, "SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adam", {"epsilon": 1e-12}, "Adam", {"eps": 1e-12}),
    ("Adam", {"epsilon": 1e-12, "beta_1": 0.8, "beta_2": 0.9}, "Adam", {"eps": 1e-12, "betas": (0.8, 0.9)}),
    ("AdamW", {"epsilon": 1e-12, "weight_decay": 0.1}, "AdamW", {"eps": 1e-12, "weight_decay": 0.1}),
    ("RMSprop", {"epsilon": 1e-14}, "RMSprop", {"alpha": 0.9, "eps": 1e-7}),
    ("RMSprop", {"epsilon": 1e-14, "rho": 0.8, "momentum": 0.5}, "RMSprop",
     {"alpha": 0.8, "eps": 1e-7, "momentum": 0.5}),
    ("RMSprop", {"epsilon": 1e-14, "centered": True}, "RMSprop", {"alpha": 0.9, "eps": 1e-7, "centered": True}),
    ("Adagrad", {"initial_accumulator_value": 0.1, "epsilon": 1e-14}, "Adagrad",
     {"initial_accumulator_value": 0.1, "eps": 1e-7}),
    ("Adadelta", {"epsilon": 1e-6, "rho": 0.9}, "Adadelta", {"eps": 1e-6, "rho": 0.9}),
    ("Adamax", {"epsilon": 1e-10}, "Adamax", {"eps": 1e-10}),
    ("Nadam", {"epsilon": 1e-12}, "NAdam", {"eps": 1e-12, "momentum_decay": 1.0}),
]  # fmt: skip


def compare(ours: str, given: Settings, theirs: str, options: Settings) -> tuple[list[Any], list[Any]]:
    """Return the weights after some steps, and the number of steps."""
    rng = np.random.default_rng(0)
    first = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
    variables, tensors = [nn.Variable(one) for one in first], [torch.tensor(one, requires_grad=True) for one in first]
    optimizer, other = (
        getattr(nn.optimizers, ours)(RATE, **given),
        getattr(torch.optim, theirs)(tensors, RATE, **options),
    )
    for _ in range(STEPS):
        gradients = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
        optimizer.apply([nn.asarray(one) for one in gradients], variables)
        for tensor, gradient in zip(tensors, gradients, strict=True):
            tensor.grad = torch.tensor(gradient)
        other.step()
    return [*variables, optimizer.iterations], [*(one.detach() for one in tensors), STEPS]


def results() -> Iterator[Result]:
    """Compare all cases."""
    for case in CASES:
        label = f"{case[2]}: {settings(case[3])}, {STEPS} steps".replace(": ,", ":")
        yield compared("PyTorch", case[0], label, lambda case=case: compare(*case), kind="optimizers")
