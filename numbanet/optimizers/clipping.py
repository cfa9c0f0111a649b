"""Clipping gradients: keeping one large gradient from throwing the weights far away.

The formulas are Keras 3's; for the norms see Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural
networks, 2013, arXiv:1211.5063. Squares are summed in float64: no float32 gradient overflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_number
from numbanet.errors import ArgumentError
from numbanet.kernels.memory import empty
from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops

_sum_of_squares = Kernel(loops.sum_of_squares)
_clip, _scale = Kernel(loops.clip_values), Kernel(loops.scale_to_norm)


def by_value(gradients, limit):
    """Cut every element to `-limit .. limit`."""
    return [_changed(_clip, g, limit) for g in gradients]


def by_norm(gradients, limit):
    """Scale every gradient down, so that its own norm is at most `limit`."""
    return [_changed(_scale, g, _squares([g]), limit) for g in gradients]


def by_global_norm(gradients, limit):
    """Scale all gradients by one factor, so that the norm of all of them together is at most `limit`."""
    squares = _squares(gradients)
    return [_changed(_scale, g, squares, limit) for g in gradients]


RULES = {"clipvalue": by_value, "clipnorm": by_norm, "global_clipnorm": by_global_norm}
"""By the name of the optimizers' argument."""


def limit(name: str) -> Any:
    """Return the property of an optimizer for one of its limits: a positive number, or None for no limit."""

    def set_limit(optimizer, value):
        others = {other for other, one in optimizer._clips.items() if one is not None} - {name}
        if value is not None and others:
            raise ArgumentError(f"{type(optimizer).__name__}: {name} beside {others.pop()}; set that to None first")
        number = None if value is None else as_number(name, value, positive=True)
        optimizer._clips = optimizer._clips | {name: number}

    return property(lambda optimizer: optimizer._clips[name], set_limit, doc=f"The limit `{name}`, or None.")


def _squares(gradients):
    totals = empty((len(gradients),), np.float64)
    for i, g in enumerate(gradients):
        _sum_of_squares(1, g.reshape(1, -1), totals[i : i + 1], cost=g.size * 0.2)
    return totals


def _changed(kernel, g, *operands):
    out = empty(g.shape, g.dtype)
    kernel(g.size, g.reshape(-1), *operands, out.reshape(-1))
    return out
