"""One step of each kind of recurrent layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.launching.launch import Kernel
from numbanet.loops import recurrent
from numbanet.naive.calls import floats, naive, need
from numbanet.typing import Array

_simple_rnn_step = Kernel(recurrent.simple_rnn_step)
_lstm_step, _gru_step = Kernel(recurrent.lstm_step), Kernel(recurrent.gru_step)


@naive
def naive_simple_rnn_step(run: Any, scores: Array, product: Array) -> Array:
    """Return the state, (samples, units), after a step of Elman's network: tanh(scores + product).

    Parameters
    ----------
    scores : numpy.ndarray, (samples, units)
        What the input contributes: `x @ kernel + bias`.
    product : numpy.ndarray, (samples, units)
        What the state before contributes: `h @ recurrent_kernel`.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Elman: Finding Structure in Time, Cognitive Science 14, 1990.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_simple_rnn_step(np.ones((1, 2)), -np.ones((1, 2)))
    array([[0., 0.]])
    """
    scores, product = floats("naive_simple_rnn_step", scores, product)
    need("naive_simple_rnn_step", scores.ndim == 2 and scores.shape == product.shape, scores, product)
    gates, after = scores.copy(), np.empty_like(scores)
    run(_simple_rnn_step, _samples(after), product, np.ones(len(after), bool), np.zeros_like(after), gates, after)
    return after


@naive
def naive_lstm_step(run: Any, scores: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """Return output and memory, (samples, units), after a step of long short-term memory.

    Parameters
    ----------
    scores : numpy.ndarray, (samples, 4 * units)
        `x @ kernel + h @ recurrent_kernel + bias`: of the input, forget, candidate and output gates.
    h, c : numpy.ndarray, (samples, units)

    Returns
    -------
    tuple of numpy.ndarray

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Hochreiter and Schmidhuber: Long Short-Term Memory, 1997.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_lstm_step(np.zeros((1, 4)), np.zeros((1, 1)), np.ones((1, 1)))[1]
    array([[0.5]])
    """
    scores, h, c = floats("naive_lstm_step", scores, h, c)
    need("naive_lstm_step", h.ndim == 2 and c.shape == h.shape and scores.shape == (len(h), 4 * h.shape[1]), scores, h)
    after, memory, gates = np.empty_like(h), np.empty_like(c), np.zeros_like(scores)
    run(_lstm_step, _samples(h), scores, np.ones(len(h), bool), c, h, gates, memory, after)
    return after, memory


@naive
def naive_gru_step(run: Any, scores: Array, product: Array, h: Array) -> Array:
    """Return the state, (samples, units), after a step of the gated recurrent unit.

    Parameters
    ----------
    scores : numpy.ndarray, (samples, 3 * units)
        What the input contributes, `x @ kernel + bias`: to the update and reset gates, and to the candidate.
    product : numpy.ndarray, (samples, 3 * units)
        What the state before contributes likewise, `h @ recurrent_kernel + recurrent_bias`. The reset gate multiplies
        its last part.
    h : numpy.ndarray, (samples, units)
        The state before.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ShapeError
        When the shapes do not fit.

    References
    ----------
    Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder, 2014, arXiv:1406.1078; the reset gate comes
    after the product, as in Keras with `reset_after=True`.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_gru_step(np.zeros((1, 3)), np.zeros((1, 3)), np.ones((1, 1)))
    array([[0.5]])
    """
    scores, product, h = floats("naive_gru_step", scores, product, h)
    fits = h.ndim == 2 and scores.shape == product.shape == (len(h), 3 * h.shape[1])
    need("naive_gru_step", fits, scores, product, h)
    gates, inner, after = scores.copy(), np.empty_like(h), np.empty_like(h)
    run(_gru_step, _samples(h), product, np.ones(len(h), bool), h, gates, inner, after)
    return after


def _samples(x):
    """How many rows there are to compute: none where they have no units."""
    return len(x) if x.size else 0
