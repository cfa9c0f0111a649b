"""Losses and their gradients against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.nn import functional

import numbanet as nn
from tests.parity.common import Result, compared

SAMPLES, CLASSES = 12, 5
RNG = np.random.default_rng(3)
LABELS = RNG.integers(0, CLASSES, SAMPLES)
HOT = np.eye(CLASSES, dtype=np.float32)[LABELS]
SHARES = RNG.dirichlet(np.ones(CLASSES), SAMPLES).astype(np.float32)
LOGITS = RNG.normal(size=(SAMPLES, CLASSES)).astype(np.float32)
NUMBERS = RNG.normal(size=(SAMPLES, CLASSES)).astype(np.float32)
BITS = RNG.integers(0, 2, (SAMPLES, CLASSES)).astype(np.float32)
CHANCES = RNG.uniform(0.01, 0.99, (SAMPLES, CLASSES)).astype(np.float32)
COUNTS = RNG.poisson(2, (SAMPLES, CLASSES)).astype(np.float32)


def t(x: Any) -> torch.Tensor:
    """Return a tensor of an array."""
    return torch.tensor(x)


def generalized(p: Any) -> Any:
    """Return the loss of Zhang and Sabuncu with q=0.7, of which PyTorch has the parts."""
    chosen = torch.gather(p, 1, t(LABELS)[:, None])[:, 0]
    return torch.mean((1 - chosen**0.7) / 0.7)


def kl(p: Any) -> Any:
    """Return the divergence of PyTorch, which takes logarithms."""
    return functional.kl_div(torch.log(p), t(SHARES), reduction="batchmean")


CASES: list[tuple[str, str, dict[str, Any], Any, Any, Callable[[Any], Any]]] = [
    ("MeanSquaredError", "mse_loss", {}, NUMBERS, LOGITS, lambda p: functional.mse_loss(p, t(NUMBERS))),
    ("MeanAbsoluteError", "l1_loss", {}, NUMBERS, LOGITS, lambda p: functional.l1_loss(p, t(NUMBERS))),
    ("Huber", "huber_loss: delta=0.7", {"delta": 0.7}, NUMBERS, LOGITS,
     lambda p: functional.huber_loss(p, t(NUMBERS), delta=0.7)),
    ("Huber", "smooth_l1_loss", {}, NUMBERS, LOGITS, lambda p: functional.smooth_l1_loss(p, t(NUMBERS))),
    ("SparseCategoricalCrossentropy", "cross_entropy of labels", {"from_logits": True}, LABELS, LOGITS,
     lambda p: functional.cross_entropy(p, t(LABELS))),
    ("SparseCategoricalCrossentropy", "nll_loss of shares of their sum", {}, LABELS, SHARES,
     lambda p: functional.nll_loss(torch.log(p / p.sum(-1, keepdim=True)), t(LABELS))),
    ("CategoricalCrossentropy", "cross_entropy of shares", {"from_logits": True}, SHARES, LOGITS,
     lambda p: functional.cross_entropy(p, t(SHARES))),
    ("CategoricalCrossentropy", "cross_entropy: label_smoothing=0.1", {"from_logits": True, "label_smoothing": 0.1},
     HOT, LOGITS, lambda p: functional.cross_entropy(p, t(LABELS), label_smoothing=0.1)),
    ("BinaryCrossentropy", "binary_cross_entropy", {}, BITS, CHANCES,
     lambda p: functional.binary_cross_entropy(p, t(BITS))),
    ("BinaryCrossentropy", "binary_cross_entropy_with_logits", {"from_logits": True}, BITS, LOGITS,
     lambda p: functional.binary_cross_entropy_with_logits(p, t(BITS))),
    ("KLDivergence", "kl_div: batchmean", {}, SHARES, SHARES[::-1].copy(), kl),
    ("Poisson", "poisson_nll_loss: log_input=False, eps=1e-7", {}, COUNTS, CHANCES,
     lambda p: functional.poisson_nll_loss(p, t(COUNTS), log_input=False, eps=1e-7)),
    ("CosineSimilarity", "-cosine_similarity", {}, NUMBERS, LOGITS,
     lambda p: -functional.cosine_similarity(p, t(NUMBERS)).mean()),
    ("Hinge", "margin_ranking_loss: margin=1", {}, 2 * BITS - 1, LOGITS,
     lambda p: functional.margin_ranking_loss(p, torch.zeros_like(p), t(2 * BITS - 1), margin=1.0)),
    ("SquaredHinge", "soft: relu(1 - y p) squared", {}, 2 * BITS - 1, LOGITS,
     lambda p: torch.mean(functional.relu(1 - t(2 * BITS - 1) * p) ** 2)),
    ("CategoricalGeneralizedCrossEntropy", "its formula, q=0.7", {"q": 0.7}, LABELS, SHARES, generalized),
]  # fmt: skip


def compare(name: str, given: dict[str, Any], y: Any, p: Any, theirs: Callable[[Any], Any]) -> tuple[list, list]:
    """Return the mean loss and its gradient by the predictions."""
    predictions = nn.Variable(p)
    with nn.GradientTape() as tape:
        value = getattr(nn.losses, name)(**given)(y, predictions)
    tensor = torch.tensor(p, requires_grad=True)
    expected = theirs(tensor)
    expected.backward()
    return [value, tape.gradient(value, predictions)], [expected.detach(), tensor.grad]


def results() -> Iterator[Result]:
    """Compare all cases."""
    for name, label, *case in CASES:
        yield compared("PyTorch", name, label, lambda name=name, case=case: compare(name, *case), kind="losses")
