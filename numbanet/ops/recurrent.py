"""Recurrences over all steps of a sequence: one op, whose launches are two per step, a product and a body.

The memory of a recurrence has everything that its gradient needs in one array, samples and units last: first the gates
of all steps, then what else a step keeps, then the states before and after all steps. So the states of all steps are
one matrix, and the products with the kernels' gradients are one product each. What a recurrence gives is the end of its
memory, a view. Its gradient is laid out like the memory: the derivative by the scores in place of the gates, and by
each state in place of the state.

Arrays are time-major, (steps, samples, units): a step is contiguous then. These ops are not in the table, since what
goes back through them is no gradient by the memory; `layers.recurrence` has the functions with their gradients.
"""

from __future__ import annotations

from typing import Any

from numbanet.core.table import Op
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, copy_to, fill, full
from numbanet.launching.launch import Kernel, matmul
from numbanet.loops import arithmetic
from numbanet.loops import recurrent as loops

_add = Kernel(arithmetic.add)
_simple, _simple_gradient = Kernel(loops.simple_rnn_step), Kernel(loops.simple_rnn_step_gradient)
_lstm, _lstm_gradient = Kernel(loops.lstm_step), Kernel(loops.lstm_step_gradient)
_gru, _gru_gradient = Kernel(loops.gru_step), Kernel(loops.gru_step_gradient)
FUNCTION, GRADIENT = 0.5, 0.5
"""What a gate of one unit takes in a step, and in its gradient; in nanoseconds, roughly, where both are vectors."""


def parts(memory: Any, steps: int, gates: int) -> tuple[Any, Any, Any]:
    """Return views of a memory: the gates (steps, samples, gates * units), what else is kept, and the states."""
    samples, units = memory.shape[1:]
    first = memory[: gates * steps].reshape((steps, samples, gates * units))
    return first, memory[gates * steps : memory.shape[0] - steps - 1], memory[memory.shape[0] - steps - 1 :]


def _memory(scores, rows, recurrent):
    return empty((rows, scores.shape[1], recurrent.shape[0]), scores.dtype)


def _simple_rnn_forward(scores, recurrent, h, keep):
    steps, samples, units = scores.shape
    scores, recurrent, keep = contiguous(scores), contiguous(recurrent), contiguous(keep)
    memory = _memory(scores, 2 * steps + 1, recurrent)
    gates, _, states = parts(memory, steps, 1)
    copy_to(states[0], h)
    for t in range(steps):
        matmul(states[t], recurrent, gates[t])
        _simple(samples, scores[t], keep[t], states[t], gates[t], states[t + 1], cost=units * FUNCTION)
    return memory


def _simple_rnn_backward(g, memory, recurrent, keep):
    steps, (samples, units) = keep.shape[0], memory.shape[1:]
    (gates, _, _), back = parts(memory, steps, 1), empty(memory.shape, memory.dtype)
    dgates, _, dh = parts(back, steps, 1)
    g, keep, product, transposed = _prepared(g, keep, dh, recurrent)
    for t in reversed(range(steps)):
        of_step = g[t + 1], product, keep[t], gates[t], dh[t + 1], dgates[t], dh[t]
        _simple_gradient(samples, *of_step, cost=units * GRADIENT)
        matmul(dgates[t], transposed, product)
    return _finished(back, dh, product, g[0])


def _lstm_forward(scores, recurrent, h, c, keep):
    steps, samples, units = *scores.shape[:2], recurrent.shape[0]
    scores, recurrent, keep = contiguous(scores), contiguous(recurrent), contiguous(keep)
    memory = _memory(scores, 6 * steps + 2, recurrent)
    gates, cells, states = parts(memory, steps, 4)
    copy_to(states[0], h)
    copy_to(cells[0], c)
    for t in range(steps):
        matmul(states[t], recurrent, gates[t])
        of_step = scores[t], keep[t], cells[t], states[t], gates[t], cells[t + 1], states[t + 1]
        _lstm(samples, *of_step, cost=units * 4 * FUNCTION)
    return memory


def _lstm_backward(g, memory, recurrent, keep):
    steps, (samples, units) = keep.shape[0], memory.shape[1:]
    (gates, cells, _), back = parts(memory, steps, 4), empty(memory.shape, memory.dtype)
    dgates, dc, dh = parts(back, steps, 4)
    g, keep, product, transposed = _prepared(g, keep, dh, recurrent)
    copy_to(dc[steps], g[0])
    for t in reversed(range(steps)):
        of_step = g[t + 2], product, keep[t], gates[t], cells[t], cells[t + 1], dc[t + 1]
        _lstm_gradient(samples, *of_step, dh[t + 1], dgates[t], dc[t], dh[t], cost=units * 4 * GRADIENT)
        matmul(dgates[t], transposed, product)
    return _finished(back, dh, product, g[1])


def _gru_forward(scores, recurrent, h, bias, keep):
    steps, samples, units = *scores.shape[:2], recurrent.shape[0]
    scores, recurrent, keep, bias = contiguous(scores), contiguous(recurrent), contiguous(keep), contiguous(bias)
    memory = _memory(scores, 5 * steps + 1, recurrent)
    gates, inner, states = parts(memory, steps, 3)
    copy_to(states[0], h)
    for t in range(steps):
        matmul(states[t], recurrent, gates[t], bias)
        of_step = scores[t], keep[t], states[t], gates[t], inner[t], states[t + 1]
        _gru(samples, *of_step, cost=units * 3 * FUNCTION)
    return memory


def _gru_backward(g, memory, recurrent, keep):
    steps, (samples, units) = keep.shape[0], memory.shape[1:]
    (gates, inner, states), back = parts(memory, steps, 3), empty(memory.shape, memory.dtype)
    dgates, dcandidate, dh = parts(back, steps, 3)
    g, keep, product, transposed = _prepared(g, keep, dh, recurrent)
    for t in reversed(range(steps)):
        of_step = g[t + 1], product, keep[t], states[t], gates[t], inner[t]
        _gru_gradient(samples, *of_step, dh[t + 1], dgates[t], dcandidate[t], dh[t], cost=units * 3 * GRADIENT)
        matmul(dgates[t], transposed, product)
    return _finished(back, dh, product, g[0])


def _prepared(g, keep, dh, recurrent):
    """The operands of a backward pass: the last state has nothing but its own gradient to begin with."""
    fill(dh[dh.shape[0] - 1], 0)
    product = full(dh.shape[1:], 0, dh.dtype)
    return contiguous(g), contiguous(keep), product, contiguous(recurrent.T)


def _finished(back, dh, product, g):
    """The backward pass with the gradient by the first state complete."""
    _add.map(dh[0], dh[0], product)
    _add.map(dh[0], dh[0], g)
    return back


def _internal(name, forward):
    return Op(name, forward, forward=forward, family="recurrent", differentiable=False, recordable=True)


SIMPLE_RNN, LSTM, GRU = (
    (_internal(name, forward), _internal(f"{name}_gradient", backward))
    for name, forward, backward in (
        ("simple_rnn", _simple_rnn_forward, _simple_rnn_backward),
        ("lstm", _lstm_forward, _lstm_backward),
        ("gru", _gru_forward, _gru_backward),
    )
)
"""The op that gives the memory, and the op that goes back through it, of each recurrence."""
