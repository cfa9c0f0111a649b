"""Recurrences over all steps of a sequence: one op, whose steps are a product and a body, repeated in one launch.

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
from numbanet.launching.copies import contiguous, copy_to, fill
from numbanet.launching.launch import Kernel, matmul, matmul_of_columns, repeat
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

    def step(t, rows):
        before, of_step = states[t, rows], gates[t, rows]
        matmul(before, recurrent, of_step)
        operands = scores[t, rows], keep[t, rows], before, of_step, states[t + 1, rows]
        _simple(len(before), *operands, cost=units * FUNCTION)

    repeat(steps, samples, step, scores, recurrent, keep, memory)
    return memory


def _simple_rnn_backward(g, memory, recurrent, keep):
    steps, (samples, units) = keep.shape[0], memory.shape[1:]
    (gates, _, _), (whole, product, back) = parts(memory, steps, 1), _back(memory)
    dgates, _, dh = parts(back, steps, 1)
    g, keep, transposed = _prepared(g, keep, dh, product, recurrent)

    def step(s, rows):
        t = steps - 1 - s
        operands = g[t + 1, rows], product[rows], keep[t, rows], gates[t, rows]
        found = dh[t + 1, rows], dgates[t, rows], dh[t, rows]
        _simple_gradient(len(found[0]), *operands, *found, cost=units * GRADIENT)
        matmul(found[1], transposed, product[rows])

    repeat(steps, samples, step, g, memory, keep, transposed, whole)
    return _finished(back, dh, product, g[0])


def _lstm_forward(scores, recurrent, h, c, keep):
    steps, samples, units = *scores.shape[:2], recurrent.shape[0]
    scores, recurrent, keep = contiguous(scores), contiguous(recurrent), contiguous(keep)
    memory = _memory(scores, 6 * steps + 2, recurrent)
    gates, cells, states = parts(memory, steps, 4)
    copy_to(states[0], h)
    copy_to(cells[0], c)

    def step(t, rows):
        before, of_step = states[t, rows], gates[t, rows]
        matmul(before, recurrent, of_step)
        operands = scores[t, rows], keep[t, rows], cells[t, rows], before, of_step
        _lstm(len(before), *operands, cells[t + 1, rows], states[t + 1, rows], cost=units * 4 * FUNCTION)

    repeat(steps, samples, step, scores, recurrent, keep, memory)
    return memory


def _lstm_backward(g, memory, recurrent, keep):
    steps, (samples, units) = keep.shape[0], memory.shape[1:]
    (gates, cells, _), (whole, product, back) = parts(memory, steps, 4), _back(memory)
    dgates, dc, dh = parts(back, steps, 4)
    g, keep, transposed = _prepared(g, keep, dh, product, recurrent)
    copy_to(dc[steps], g[0])

    def step(s, rows):
        t = steps - 1 - s
        operands = g[t + 2, rows], product[rows], keep[t, rows], gates[t, rows], cells[t, rows], cells[t + 1, rows]
        found = dc[t + 1, rows], dh[t + 1, rows], dgates[t, rows], dc[t, rows], dh[t, rows]
        _lstm_gradient(len(found[0]), *operands, *found, cost=units * 4 * GRADIENT)
        matmul(found[2], transposed, product[rows])

    repeat(steps, samples, step, g, memory, keep, transposed, whole)
    return _finished(back, dh, product, g[1])


def _gru_forward(scores, recurrent, h, bias, keep):
    steps, samples, units = *scores.shape[:2], recurrent.shape[0]
    scores, recurrent, keep, bias = contiguous(scores), contiguous(recurrent), contiguous(keep), contiguous(bias)
    memory = _memory(scores, 5 * steps + 1, recurrent)
    gates, inner, states = parts(memory, steps, 3)
    copy_to(states[0], h)

    def step(t, rows):
        before, of_step = states[t, rows], gates[t, rows]
        matmul(before, recurrent, of_step, bias)
        operands = scores[t, rows], keep[t, rows], before, of_step
        _gru(len(before), *operands, inner[t, rows], states[t + 1, rows], cost=units * 3 * FUNCTION)

    repeat(steps, samples, step, scores, recurrent, keep, bias, memory)
    return memory


def _gru_backward(g, memory, recurrent, keep):
    steps, (samples, units) = keep.shape[0], memory.shape[1:]
    (gates, inner, states), (whole, product, back) = parts(memory, steps, 3), _back(memory)
    dgates, dcandidate, dh = parts(back, steps, 3)
    g, keep, transposed = _prepared(g, keep, dh, product, recurrent)

    def step(s, rows):
        t = steps - 1 - s
        operands = g[t + 1, rows], product[rows], keep[t, rows], states[t, rows], gates[t, rows], inner[t, rows]
        found = dh[t + 1, rows], dgates[t, rows], dcandidate[t, rows], dh[t, rows]
        _gru_gradient(len(found[0]), *operands, *found, cost=units * 3 * GRADIENT)
        matmul(found[1], transposed, product[rows])

    repeat(steps, samples, step, g, memory, keep, transposed, whole)
    return _finished(back, dh, product, g[0])


def _back(memory):
    """Room for what goes back: a product of one step, and what is laid out like the memory, one after the other."""
    whole = empty((len(memory) + 1, *memory.shape[1:]), memory.dtype)
    return whole, whole[0], whole[1:]


def _prepared(g, keep, dh, product, recurrent):
    """The operands of a backward pass: the last state has nothing but its own gradient to begin with."""
    fill(dh[dh.shape[0] - 1], 0)
    fill(product, 0)
    return contiguous(g), contiguous(keep), contiguous(recurrent.T)


def _finished(back, dh, product, g):
    """The backward pass with the gradient by the first state complete."""
    _add.map(dh[0], dh[0], product)
    _add.map(dh[0], dh[0], g)
    return back


def _kernel_forward(states, dgates):
    rows = dgates.shape[0] * dgates.shape[1]
    before, dgates = (contiguous(x).reshape(rows, x.shape[2]) for x in (states[:-1], dgates))
    out = empty((before.shape[1], dgates.shape[1]), dgates.dtype)
    matmul_of_columns(before, dgates, out)
    return out


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

BY_KERNEL = _internal("recurrent_kernel_gradient", _kernel_forward)
"""The op that makes the gradient by the recurrent kernel of the states and the gradient by the gates of all steps."""
