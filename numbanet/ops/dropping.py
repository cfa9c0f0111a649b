"""Dropout by a seed or a generator, as users call it."""

from __future__ import annotations

from numbanet.core.checks import as_number
from numbanet.core.random import generator_of
from numbanet.ops.dropout import dropout as dropped
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Real, Seed


def dropout(inputs: ArrayLike, rate: Real, rng: Seed = None, *, seed: Seed = None) -> Tensor:
    """Set a random part of an array to zero, and divide the rest by `1 - rate`.

    Gradients flow to what is left. `nn.layers.Dropout` does this in training alone.

    Parameters
    ----------
    inputs : array-like
        Any shape; integers become float32.
    rate : float
        The part that goes, from 0 up to but not including 1.
    rng : int or numpy.random.Generator, optional
        None drops others in every run.
    seed : int or numpy.random.Generator, optional
        Another name for `rng`.

    Returns
    -------
    Tensor
        Of the shape of `inputs`.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range, or both `rng` and `seed` are given.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014; Keras 3, keras.random.dropout;
    TensorFlow, tf.nn.dropout.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.random.dropout([1.0, 1.0, 1.0, 1.0], rate=0.5, rng=0)
    Tensor([0., 2., 2., 0.], shape=(4,), dtype=float32)
    """
    part = as_number("random.dropout: rate", rate, 0, below=1)
    return dropped(inputs, part, draw_seed(generator_of("random.dropout", rng, seed)))
