"""Attention against PyTorch, whose masks say what may not be looked at, and whose weights are one matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.nn import functional

import numbanet as nn
from tests.parity.common import Result, compared, gradients_of_ours
from tests.parity.torch_common import Take, load, of_parameters

SAMPLES, QUERIES, KEYS, SIZE, HEADS = 3, 4, 5, 8, 2
L = nn.layers


def matrix(kernel: Any) -> Any:
    """Return a projection (inputs, heads, size) as (outputs, inputs)."""
    return kernel.reshape(kernel.shape[0], -1).T


def joined(w: Any) -> Any:
    """Return the projections of queries, keys and values one below the other."""
    return np.concatenate([matrix(w[k]) for k in (0, 2, 4)])


OUTPUT: dict[str, Take] = {
    "in_proj_bias": lambda w: np.concatenate([w[k].reshape(-1) for k in (1, 3, 5)]),
    "out_proj.weight": lambda w: w[6].reshape(-1, w[6].shape[-1]).T,
    "out_proj.bias": lambda w: w[7],
}
ONE_SIZE: dict[str, Take] = {"in_proj_weight": joined} | OUTPUT
SIZES: dict[str, Take] = {
    "q_proj_weight": lambda w: matrix(w[0]), "k_proj_weight": lambda w: matrix(w[2]),
    "v_proj_weight": lambda w: matrix(w[4]),
} | OUTPUT  # fmt: skip
CAUSAL = np.tril(np.ones((QUERIES, QUERIES), bool))
SOME = np.random.default_rng(0).random((QUERIES, KEYS)) < 0.7
SOME[:, 0] = True  # where a query may look at nothing, PyTorch returns NaN, and Keras the mean of all values
COUNTS = np.arange(KEYS) < np.array([5, 2, 4])[:, None]
Q, K = (SAMPLES, QUERIES, SIZE), (SAMPLES, KEYS, SIZE)
CASES: dict[str, tuple[tuple, dict[str, Any], dict[str, Any]]] = {
    "plain": ((Q, K, K), {}, {}),
    "self-attention, causal": ((Q, Q, Q), {"use_causal_mask": True}, {"attn_mask": torch.tensor(~CAUSAL)}),
    "attn_mask": ((Q, K, K), {"attention_mask": SOME}, {"attn_mask": torch.tensor(~SOME)}),
    "key_padding_mask": ((Q, K, K), {"value_mask": COUNTS}, {"key_padding_mask": torch.tensor(~COUNTS)}),
    "kdim, vdim": ((Q, (SAMPLES, KEYS, 3), (SAMPLES, KEYS, 5)), {}, {}),
}


def compare_heads(shapes: Any, call: dict[str, Any], to_torch: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return outputs, weights of keys and gradients of multi-head attention."""
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    query, key, value = arrays
    ours = L.MultiHeadAttention(HEADS, SIZE // HEADS)
    sizes = {} if key.shape[-1] == value.shape[-1] == SIZE else {"kdim": key.shape[-1], "vdim": value.shape[-1]}
    theirs = torch.nn.MultiheadAttention(SIZE, HEADS, batch_first=True, **sizes)
    ours(query, value, key)
    weights = [(rng.normal(size=w.shape) / 2).astype(np.float32) for w in ours.weights]
    ours.set_weights(weights)
    parameters = SIZES if sizes else ONE_SIZE
    load(theirs, parameters, weights)
    given = [torch.tensor(one, requires_grad=True) for one in arrays]
    y, scores = theirs(*given, need_weights=True, average_attn_weights=False, **to_torch)
    factors = [rng.normal(size=one.shape).astype(np.float32) for one in (y, scores)]
    sum(torch.sum(one * torch.tensor(f)) for one, f in zip((y, scores), factors, strict=True)).backward()
    mine = gradients_of_ours(ours, [query, value, key], factors, return_attention_scores=True, **call)
    found, expected = of_parameters(ours, [one.numpy() for one in mine[5:]], theirs, parameters)
    by_inputs = [given[k].grad for k in (0, 2, 1)]
    return [*mine[:5], *found], [y.detach(), scores.detach(), *by_inputs, *expected]


def compare_plain(causal: bool) -> tuple[list[Any], list[Any]]:
    """Return outputs and gradients of attention without projections, whose scores Keras does not scale."""
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=Q).astype(np.float32) for _ in range(3)]
    query, value, key = given = [torch.tensor(one, requires_grad=True) for one in arrays]
    y = functional.scaled_dot_product_attention(query, key, value, is_causal=causal, scale=1.0)
    factors = rng.normal(size=y.shape).astype(np.float32)
    torch.sum(y * torch.tensor(factors)).backward()
    found = gradients_of_ours(L.Attention(), arrays, [factors], as_list=True, use_causal_mask=causal)
    return found, [y.detach(), *(one.grad for one in given)]


def results() -> Iterator[Result]:
    """Compare all cases."""
    for label, case in CASES.items():
        yield compared(
            "PyTorch", "MultiHeadAttention", f"MultiheadAttention: {label}", lambda c=case: compare_heads(*c)
        )
    for causal in (False, True):
        label = f"scaled_dot_product_attention: scale=1.0, is_causal={causal}"
        yield compared("PyTorch", "Attention", label, lambda causal=causal: compare_plain(causal))
