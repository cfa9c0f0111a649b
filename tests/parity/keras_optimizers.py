"""Optimizers against Keras 3: the same gradients for 20 steps, with decay, clipping, averages and accumulation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, compared, settings

STEPS = 20
OPTIONS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"global_clipnorm": 0.5},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 4, "weight_decay": 0.1, "clipvalue": 0.3},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 2},
]
RULES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
    ("Adagrad", {}),
    ("Nadam", {}),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.8, "beta_2": 0.7, "epsilon": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"rho": 0.5, "epsilon": 1e-2}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.3}),
    ("Ftrl", {}),
    ("Ftrl", {"l1_regularization_strength": 0.3, "l2_regularization_strength": 0.1, "beta": 0.2}),
    ("Ftrl", {"learning_rate_power": -0.7, "l2_shrinkage_regularization_strength": 0.2}),
]


def trained(library: Any, kind: str, given: dict[str, Any]) -> list[Any]:
    """Return variables after some updates, the number of updates, and the variables when they are finished."""
    rng = np.random.default_rng(0)
    first = [rng.normal(size=shape).astype(np.float32) for shape in ((3, 4), (4,))]
    variables = [library.Variable(value, name=name) for value, name in zip(first, ("kernel", "bias"), strict=True)]
    optimizer = getattr(library.optimizers, kind)(0.05, **given)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(variables)
    for _ in range(STEPS):
        gradients = [rng.normal(size=one.shape).astype(np.float32) for one in first]
        gradients[0][0] = 0
        convert = keras.ops.convert_to_tensor if library is keras else nn.asarray
        optimizer.apply([convert(one) for one in gradients], variables)
    after = [np.array(one) for one in variables]
    iterations = int(optimizer.iterations)
    optimizer.finalize_variable_values(variables)
    return [*after, iterations, *(np.array(one) for one in variables)]


def results() -> Iterator[Result]:
    """Compare what optimizers do with the same gradients."""
    for kind, rule in RULES:
        for options in OPTIONS:
            if kind == "AdamW" and "weight_decay" in options:
                continue
            given = rule | options

            def compare(kind=kind, given=given):
                return tuple(trained(one, kind, given) for one in (nn, keras))

            yield compared("Keras", kind, f"{settings(given)}, {STEPS} steps".lstrip(", "), compare, kind="optimizers")
