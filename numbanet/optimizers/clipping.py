"""Clipping gradients: keeping one large gradient from throwing the weights far away.

The formulas are Keras 3's; for the norms see Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural
networks, 2013, arXiv:1211.5063. Squares are summed in float64: no float32 gradient overflows.
"""

import math

import numpy as np

from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import optimize as loops

_sum_of_squares = Kernel(loops.sum_of_squares, reassociate=True)


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
    total = np.empty(1)
    _sum_of_squares(1, np.ascontiguousarray(g).reshape(1, -1), total)
    return float(total[0])


def _scaled(g, limit, norm):
    if norm <= limit:
        return g
    with np.errstate(invalid="ignore"):
        return g * (limit / norm)  # a NaN norm makes everything NaN: it shows, and hides no bad batch
