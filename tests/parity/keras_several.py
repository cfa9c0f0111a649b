"""Layers of several inputs against Keras 3: those that merge, and attention with its masks."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, as_called, compared, gradients_of_ours, listed, settings
from tests.parity.keras_common import arguments, gradients_of_keras, with_same_weights

QUERY, VALUE = (3, 4, 6), (3, 5, 6)
QUERY_MASK = np.array([[1, 1, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1]], bool)
VALUE_MASK = np.array([[1, 1, 0, 1, 1], [0, 0, 1, 1, 0], [1, 1, 1, 1, 1]], bool)
BOTH_MASKS = np.random.default_rng(0).random((3, 4, 5)) < 0.6


class Case(NamedTuple):
    """A layer by its name, how it is made, the shapes of its inputs, and the options of its call."""

    name: str
    options: dict[str, Any] = {}  # noqa: RUF012  (never changed)
    shapes: tuple = (QUERY, VALUE)
    as_list: bool = True
    """Whether the inputs go in one list."""
    call: dict[str, Any] = {}  # noqa: RUF012  (never changed)
    to_keras: dict[str, Any] | None = None
    """The options of the call of Keras, if they are others."""


def heads(options, shapes=(QUERY, VALUE), to_keras=None, **call):
    """Return a case of multi-head attention, whose inputs are arguments of their own."""
    return Case("MultiHeadAttention", options, shapes, False, call, to_keras)


CASES = [
    *[
        Case(name, {}, ((3, 4, 2), (3, 1, 2), (3, 4, 1)))
        for name in ("Add", "Average", "Maximum", "Minimum", "Multiply")
    ],
    Case("Subtract", {}, ((3, 4), (3, 4))),
    Case("Concatenate", {}, ((3, 4, 2), (3, 4, 3), (3, 4, 1))),
    Case("Concatenate", {"axis": 1}, ((3, 4, 2), (3, 1, 2))),
    Case("Dot", {"axes": 1}, ((3, 4), (3, 4))),
    Case("Dot", {"axes": (2, 1)}, ((3, 4, 5), (3, 5, 2))),
    Case("Dot", {"axes": -1, "normalize": True}, ((3, 4), (3, 4))),
    Case("Attention", {}, (QUERY, VALUE)),
    Case("Attention", {"use_scale": True}, (QUERY, VALUE, VALUE), call={"mask": [QUERY_MASK, VALUE_MASK]}),
    Case("Attention", {"score_mode": "concat"}, (QUERY, VALUE), call={"use_causal_mask": True}),
    Case("Attention", {}, (QUERY, VALUE), call={"return_attention_scores": True}),
    Case("AdditiveAttention", {}, (QUERY, VALUE)),
    Case("AdditiveAttention", {"use_scale": False}, (QUERY, VALUE), call={"mask": [QUERY_MASK, VALUE_MASK]}),
    heads({"num_heads": 2, "key_dim": 3}),
    # Without dropout, Keras has JAX compute this, which refuses values of another size than keys
    heads({"num_heads": 2, "key_dim": 3, "value_dim": 4, "use_bias": False, "dropout": 0.3}, (QUERY, VALUE, (3, 5, 2))),
    heads({"num_heads": 3, "key_dim": 2, "output_shape": 5}, return_attention_scores=True),
    heads({"num_heads": 2, "key_dim": 4}, (QUERY, QUERY), use_causal_mask=True),
    heads({"num_heads": 2, "key_dim": 4}, attention_mask=BOTH_MASKS),
    # Keras reads the mask of queries from the query alone: what a caller gives by name is lost
    heads(
        {"num_heads": 2, "key_dim": 4},
        to_keras={"attention_mask": QUERY_MASK[:, :, None], "value_mask": VALUE_MASK},
        query_mask=QUERY_MASK,
        value_mask=VALUE_MASK,
    ),
    heads({"num_heads": 2, "key_dim": 4, "dropout": 0.3}, training=False),
    heads({"num_heads": 2, "key_dim": 4, "sliding_window": 2}),
    heads({"num_heads": 2, "key_dim": 4, "sliding_window": 2}, (QUERY, QUERY), use_causal_mask=True),
    heads({"num_heads": 2, "key_dim": 4, "sliding_window": 3}, attention_mask=BOTH_MASKS, return_attention_scores=True),
    heads({"num_heads": 2, "key_dim": 3, "use_gate": True}),
    heads({"num_heads": 2, "key_dim": 3, "use_gate": True, "use_bias": False, "value_dim": 4, "dropout": 0.3}),
]


def compare(case):
    """Return outputs and gradients of both libraries."""
    rng = np.random.default_rng(1)
    args = [rng.normal(size=shape).astype(np.float32) for shape in case.shapes]
    ours, theirs = (getattr(one.layers, case.name)(**case.options) for one in (nn, keras))
    with_same_weights(ours, theirs, as_called(args, case.as_list), lambda shape: rng.normal(size=shape) / 2)
    outputs = listed(ours(*as_called(args, case.as_list), **case.call))
    factors = [rng.normal(size=y.shape).astype(np.float32) for y in outputs]
    return (
        gradients_of_ours(ours, args, factors, case.as_list, **case.call),
        gradients_of_keras(theirs, args, factors, case.as_list, **(case.to_keras or case.call)),
    )


def results() -> Iterator[Result]:
    """Compare all cases."""
    for case in CASES:
        label = f"{settings(case.options)} on {', '.join(map(str, case.shapes))}"
        if case.call:
            label += f", called with {', '.join(case.call)}"
        yield compared("Keras", case.name, label, lambda case=case: compare(case))
    for name in dict.fromkeys(case.name for case in CASES):
        yield arguments(name)
