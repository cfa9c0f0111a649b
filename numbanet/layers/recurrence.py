"""Recurrences as functions with gradients: fused ones, and the same made of ops, step by step.

All arrays are time-major: `x` (steps, samples, features), `keep` (steps, samples) bool, states (samples, units). Each
function returns the states before and after all steps, (steps + 1, samples, units); that of the LSTM has the last
memory in front of them. Those named `..._end` return the last states alone, which takes less memory on the way back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numbanet.autodiff.custom_gradients import custom_gradient
from numbanet.autodiff.tape import GradientTape
from numbanet.ops import recurrent as ops
from numbanet.ops.activations import sigmoid
from numbanet.ops.elementwise import where
from numbanet.ops.functions import tanh
from numbanet.ops.linalg import matmul
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import concat, matrix_transpose, reshape, split, stack
from numbanet.tensor.listeners import followed
from numbanet.tensor.tensor import Tensor, apply


def chosen(keep: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Return the state after a step: the new one of the samples that take part in it, the old one of the others."""
    return where(reshape(keep, keep.shape + (1,) * (new.ndim - 1)), new, old)


def _scores(x, kernel, bias):
    """Return what the inputs of all steps contribute, (steps, samples, gates * units)."""
    return matmul(x, kernel) + bias


def composed_simple_rnn(x: Tensor, kernel: Tensor, bias: Tensor, recurrent: Tensor, h: Tensor, keep: Tensor) -> Tensor:
    """Return what `simple_rnn` does, op by op."""
    states, scores = [h], _scores(x, kernel, bias)
    for t in range(len(scores)):
        h = chosen(keep[t], tanh(scores[t] + matmul(h, recurrent)), h)
        states.append(h)
    return stack(states)


def composed_lstm(
    x: Tensor, kernel: Tensor, bias: Tensor, recurrent: Tensor, h: Tensor, c: Tensor, keep: Tensor
) -> Tensor:
    """Return what `lstm` does, op by op."""
    states, scores = [h], _scores(x, kernel, bias)
    for t in range(len(scores)):
        into, forget, candidate, out_of = split(scores[t] + matmul(h, recurrent), 4, axis=1)
        new = sigmoid(forget) * c + sigmoid(into) * tanh(candidate)
        h = chosen(keep[t], sigmoid(out_of) * tanh(new), h)
        c = chosen(keep[t], new, c)
        states.append(h)
    return stack([c, *states])


def composed_gru(
    x: Tensor, kernel: Tensor, bias: Tensor, recurrent: Tensor, h: Tensor, recurrent_bias: Tensor, keep: Tensor
) -> Tensor:
    """Return what `gru` does, op by op."""
    states, scores = [h], _scores(x, kernel, bias)
    for t in range(len(scores)):
        of_input, of_state = split(scores[t], 3, axis=1), split(matmul(h, recurrent) + recurrent_bias, 3, axis=1)
        update, reset = (sigmoid(of_input[i] + of_state[i]) for i in range(2))
        candidate = tanh(of_input[2] + reset * of_state[2])
        h = chosen(keep[t], update * h + (1 - update) * candidate, h)
        states.append(h)
    return stack(states)


def _fused(pair: Any, gates: int, front: int, composed: Callable[..., Tensor], gradients: Callable[..., Any]) -> Any:
    """Return a recurrence, and that of its last states, whose gradient is one op; that of second order is many."""
    return tuple(_function(pair, gates, front, composed, gradients, whole) for whole in (True, False))


def _function(pair, gates, front, composed, gradients, whole):
    forward, backward = pair

    def found(states, steps):
        return states[states.shape[0] - steps - 1 - front :] if whole else ops.ends(states, steps, front)

    def recurrence(*operands: Tensor) -> Any:
        x, kernel, _, recurrent, *_, keep = operands
        steps, memory = len(x), apply(forward, *operands)
        states = memory[memory.shape[0] - steps - 1 :]

        def vjp(g: Tensor) -> list[Any]:
            if any(map(followed, (g, *operands))):
                return [*_differentiable(lambda *given: found(composed(*given), steps), operands, g), None]
            dgates, rest = ops.back_parts(apply(backward, g, memory, recurrent, keep), steps, gates)
            dscores, *by_others = gradients(dgates, rest)
            by_recurrent = apply(ops.BY_KERNEL, states[:-1], dgates)
            return [*_by_inputs(x, kernel, dscores), by_recurrent, *by_others, None]

        return found(memory, steps), vjp

    recurrence.__name__ = forward.name
    return custom_gradient(recurrence)


def _differentiable(composed, operands, g):
    """Return the gradients by all operands but the last, made of ops that the tapes around know."""
    with GradientTape() as tape:
        tape.watch(list(operands[:-1]))
        states = composed(*operands)
    return tape.gradient(states, list(operands[:-1]), output_gradients=g)


def _by_inputs(x, kernel, dscores):
    """Return the gradients by the inputs of all steps, the kernel and the bias."""
    rows = reshape(dscores, (dscores.shape[0] * dscores.shape[1], dscores.shape[2]))
    by_input = reshape(matmul(rows, matrix_transpose(kernel)), x.shape)
    return by_input, apply(ops.BY_KERNEL, x, dscores), sum(rows, axis=0)


def _simple_rnn_gradients(dgates, rest):
    return dgates, rest[-1]


def _lstm_gradients(dgates, rest):
    return dgates, rest[-1], rest[0]


def _gru_gradients(dgates, rest):
    dscores = concat([dgates[:, :, : 2 * rest.shape[2]], rest[: len(dgates)]], axis=2)
    return dscores, rest[-1], sum(dgates, axis=(0, 1))


simple_rnn, simple_rnn_end = _fused(ops.SIMPLE_RNN, 1, 0, composed_simple_rnn, _simple_rnn_gradients)
lstm, lstm_end = _fused(ops.LSTM, 4, 1, composed_lstm, _lstm_gradients)
gru, gru_end = _fused(ops.GRU, 3, 0, composed_gru, _gru_gradients)
