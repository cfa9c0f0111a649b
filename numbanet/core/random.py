"""Randomness: every function that needs it takes an `rng`; there is no global seed.

The convention is SPEC 7 of the scientific Python ecosystem, https://scientific-python.org/specs/spec-0007/.
"""

from __future__ import annotations

from operator import index

import numpy as np

from numbanet.errors import ArgumentError
from numbanet.typing import Seed


def as_generator(rng: Seed = None) -> np.random.Generator:
    """Return the generator that `rng` stands for.

    Parameters
    ----------
    rng : int, numpy.random.Generator or None
        A seed gives a new generator that draws the same numbers every time; a generator is used as it is, and moves on;
        None gives one that differs from run to run.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    ArgumentError
        For anything else, negative seeds included.

    References
    ----------
    Scientific Python SPEC 7: Seeding pseudo-random number generation, 2024.

    Examples
    --------
    >>> from numbanet.core.random import as_generator
    >>> bool(as_generator(1).random() == as_generator(1).random())
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None:
        return np.random.default_rng()
    try:
        seed = -1 if isinstance(rng, (bool, np.bool_)) else index(rng)
    except TypeError:
        seed = -1
    if seed < 0:
        raise ArgumentError(f"rng must be None, an integer from 0 up or a numpy.random.Generator, got {rng!r}")
    return np.random.default_rng(seed)


def generator_of(what: str, rng: Seed, seed: Seed) -> np.random.Generator:
    """Return the generator that `rng` or `seed`, two names for one thing, stand for; ArgumentError for both."""
    if rng is not None and seed is not None:
        raise ArgumentError(f"{what}: rng and seed are two names for one thing; give one of them")
    return as_generator(rng if seed is None else seed)
