"""Recurrences over all steps of a sequence: one op, whose steps are a product and a body, repeated in one launch.

The memory of a recurrence has everything that its gradient needs in one array, samples and units last: first the gates
of all steps, then what else a step keeps, then the states before and after all steps; in front of them is room for the
product of one step. So the inputs of all steps are multiplied in one product, right to where the gates will be, and the
products with the kernels' gradients are one each. What a recurrence gives is the end of its memory, a view.

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


def parts(memory: Any, steps: int, gates: int) -> tuple[Any, Any, Any, Any]:
    """Return views of a memory: room for a product, the gates of all steps, what else is kept, and the states."""
    samples, units = memory.shape[1:]
    first = memory[: gates * (steps + 1)].reshape((steps + 1, samples, gates * units))
    rest = memory[gates * (steps + 1) :]
    return first[0], first[1:], rest[: rest.shape[0] - steps - 1], rest[rest.shape[0] - steps - 1 :]


def _begun(x, kernel, bias, recurrent, h, gates, kept):
    """A memory with the inputs' contributions and the first state in it; it keeps so many rows besides."""
    (steps, samples, features), units = x.shape, recurrent.shape[0]
    memory = empty((gates * (steps + 1) + kept + steps + 1, samples, units), x.dtype)
    product, scores, others, states = parts(memory, steps, gates)
    x, wide = contiguous(x).reshape((steps * samples, features)), gates * units
    matmul(x, kernel, scores.reshape((steps * samples, wide)), contiguous(bias))
    copy_to(states[0], h)
    return memory, product, scores, others, states


def _simple_rnn_forward(x, kernel, bias, recurrent, h, keep):
    recurrent, keep = contiguous(recurrent), contiguous(keep)
    memory, product, gates, _, states = _begun(x, kernel, bias, recurrent, h, 1, 0)

    def step(t, rows):
        before, own = states[t, rows], product[rows]
        matmul(before, recurrent, own)
        _simple(len(own), own, keep[t, rows], before, gates[t, rows], states[t + 1, rows], cost=own.shape[1] * FUNCTION)

    repeat(*keep.shape, step, recurrent, keep, memory)
    return memory


def _lstm_forward(x, kernel, bias, recurrent, h, c, keep):
    recurrent, keep = contiguous(recurrent), contiguous(keep)
    memory, product, gates, cells, states = _begun(x, kernel, bias, recurrent, h, 4, len(keep) + 1)
    copy_to(cells[0], c)

    def step(t, rows):
        before, own = states[t, rows], product[rows]
        matmul(before, recurrent, own)
        operands = own, keep[t, rows], cells[t, rows], before, gates[t, rows], cells[t + 1, rows], states[t + 1, rows]
        _lstm(len(own), *operands, cost=own.shape[1] * FUNCTION)

    repeat(*keep.shape, step, recurrent, keep, memory)
    return memory


def _gru_forward(x, kernel, bias, recurrent, h, recurrent_bias, keep):
    recurrent, recurrent_bias, keep = contiguous(recurrent), contiguous(recurrent_bias), contiguous(keep)
    memory, product, gates, inner, states = _begun(x, kernel, bias, recurrent, h, 3, len(keep))

    def step(t, rows):
        before, own = states[t, rows], product[rows]
        matmul(before, recurrent, own, recurrent_bias)
        operands = own, keep[t, rows], before, gates[t, rows], inner[t, rows], states[t + 1, rows]
        _gru(len(own), *operands, cost=own.shape[1] * FUNCTION)

    repeat(*keep.shape, step, recurrent, recurrent_bias, keep, memory)
    return memory


def back_parts(back: Any, steps: int, gates: int) -> tuple[Any, Any]:
    """Return views of what goes back: by the gates of all steps, and the rest, whose last row is by the first state."""
    samples, units = back.shape[1:]
    return back[: gates * steps].reshape((steps, samples, gates * units)), back[gates * steps :]


def _begun_back(g, memory, recurrent, keep, gates, kept):
    """What goes back, with room for so many rows besides the gradient by the gates, a product and that by the state."""
    steps = keep.shape[0]
    back = empty((gates * steps + kept + 2, *memory.shape[1:]), memory.dtype)
    dgates, rest = back_parts(back, steps, gates)
    product, dh = rest[kept], rest[kept + 1]
    fill(product, 0)
    fill(dh, 0)
    return back, dgates, rest[:kept], product, dh, contiguous(g), contiguous(recurrent.T), contiguous(keep)


def _finished(back, dh, product, g):
    """What goes back, with the gradient by the first state complete."""
    _add.map(dh, dh, product)
    _add.map(dh, dh, g)
    return back


def _simple_rnn_backward(g, memory, recurrent, keep):
    steps, samples = keep.shape
    _, gates, _, _ = parts(memory, steps, 1)
    back, dgates, _, product, dh, g, transposed, keep = _begun_back(g, memory, recurrent, keep, 1, 0)

    def step(s, rows):
        t, own = steps - 1 - s, product[rows]
        of_step = dgates[t, rows]
        operands = g[t + 1, rows], own, keep[t, rows], gates[t, rows], of_step, dh[rows]
        _simple_gradient(len(own), *operands, cost=of_step.shape[1] * GRADIENT)
        matmul(of_step, transposed, own)

    repeat(steps, samples, step, g, memory, keep, transposed, back)
    return _finished(back, dh, product, g[0])


def _lstm_backward(g, memory, recurrent, keep):
    steps, samples = keep.shape
    _, gates, cells, _ = parts(memory, steps, 4)
    back, dgates, (dc,), product, dh, g, transposed, keep = _begun_back(g, memory, recurrent, keep, 4, 1)
    copy_to(dc, g[0])

    def step(s, rows):
        t, own = steps - 1 - s, product[rows]
        of_step = dgates[t, rows]
        operands = g[t + 2, rows], own, keep[t, rows], gates[t, rows], cells[t, rows], cells[t + 1, rows]
        _lstm_gradient(len(own), *operands, of_step, dc[rows], dh[rows], cost=of_step.shape[1] * GRADIENT)
        matmul(of_step, transposed, own)

    repeat(steps, samples, step, g, memory, keep, transposed, back)
    return _finished(back, dh, product, g[1])


def _gru_backward(g, memory, recurrent, keep):
    steps, samples = keep.shape
    _, gates, inner, states = parts(memory, steps, 3)
    back, dgates, dcandidate, product, dh, g, transposed, keep = _begun_back(g, memory, recurrent, keep, 3, steps)

    def step(s, rows):
        t, own = steps - 1 - s, product[rows]
        of_step = dgates[t, rows]
        operands = g[t + 1, rows], own, keep[t, rows], states[t, rows], gates[t, rows], inner[t, rows]
        _gru_gradient(len(own), *operands, of_step, dcandidate[t, rows], dh[rows], cost=of_step.shape[1] * GRADIENT)
        matmul(of_step, transposed, own)

    repeat(steps, samples, step, g, memory, keep, transposed, back)
    return _finished(back, dh, product, g[0])


def _kernel_forward(x, dgates):
    rows = dgates.shape[0] * dgates.shape[1]
    x, dgates = (contiguous(one).reshape((rows, one.shape[2])) for one in (x, dgates))
    out = empty((x.shape[1], dgates.shape[1]), dgates.dtype)
    if rows:
        matmul_of_columns(x, dgates, out)
    else:
        fill(out, 0)
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
"""The op that makes the gradient by a kernel of what it multiplies in all steps, and the gradient by the gates."""
