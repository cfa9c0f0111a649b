"""Clipping gradients: keeping one large gradient from throwing the weights far away.

References: Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, 2013, arXiv:1211.5063, for
the norms; the formulas are Keras 3's. Norms are summed in float64, so that no float32 gradient overflows its square.
"""

import math

import numpy as np


def by_value(gradients, limit):
    """Every element cut to `-limit .. limit`."""
    return [np.clip(g, -limit, limit) for g in gradients]


def by_norm(gradients, limit):
    """Every gradient scaled down, so that its own norm is at most `limit`."""
    return [_scaled(g, limit, math.sqrt(_squares(g))) for g in gradients]


def by_global_norm(gradients, limit):
    """All gradients scaled by one factor, so that the norm of all of them together is at most `limit`."""
    norm = math.sqrt(sum(_squares(g) for g in gradients))
    return [_scaled(g, limit, norm if math.isfinite(norm) else math.nan) for g in gradients]


def _squares(g):
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sum(np.square(g, dtype=np.float64)))


def _scaled(g, limit, norm):
    if norm <= limit:
        return g
    with np.errstate(invalid="ignore"):
        return g * (limit / norm)  # a NaN norm makes everything NaN: it shows, and hides no bad batch
