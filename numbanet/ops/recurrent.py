"""Recurrences over all steps of a sequence: one op, whose steps are a product and a body, repeated in one launch.

The memory of a recurrence has everything that its gradient needs in one array, samples and units last: first the gates
of all steps, then what else a step keeps, then the states before and after all steps; in front of them is room for the
product of one step. Inputs are multiplied right to where the gates will be, and the products for the gradients of the
kernels are one each. What a recurrence gives is the end of its memory, a view, or the last states
alone; `ends` are those.

Arrays are time-major, (steps, samples, units): a step is contiguous then. These ops are not in the table, since what
goes back through them is no gradient by the memory; `layers.recurrence` has the functions with their gradients.
"""

from __future__ import annotations

from typing import Any

from numbanet.core.table import Op
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, copy_to, fill
from numbanet.launching.launch import Kernel, matmul, repeat
from numbanet.loops import arithmetic
from numbanet.loops import recurrent as loops

_add = Kernel(arithmetic.add)
_simple, _simple_gradient = Kernel(loops.simple_rnn_step), Kernel(loops.simple_rnn_step_gradient)
_lstm, _lstm_gradient = Kernel(loops.lstm_step), Kernel(loops.lstm_step_gradient)
_gru, _gru_gradient = Kernel(loops.gru_step), Kernel(loops.gru_step_gradient)
MANY_SAMPLES = 16
"""With as many, inputs are multiplied step by step, whose gates are in the cache then; with fewer, all at once, since
each step would read the kernel. An LSTM of 128 units took 7.2 ms forth, and takes 6.5 so (64 samples, 50 steps)."""
FUNCTION, GRADIENT = 0.5, 0.5
"""What a gate of one unit takes in a step, and in its gradient; in nanoseconds, roughly, where both are vectors."""


def parts(memory: Any, steps: int, gates: int) -> tuple[Any, Any, Any, Any]:
    """Return views of a memory: room for a product, the gates of all steps, what else is kept, and the states."""
    samples, units = memory.shape[1:]
    first = memory[: gates * (steps + 1)].reshape((steps + 1, samples, gates * units))
    rest = memory[gates * (steps + 1) :]
    return first[0], first[1:], rest[: rest.shape[0] - steps - 1], rest[rest.shape[0] - steps - 1 :]


def _begun(x, h, gates, kept):
    """A memory with the first state in it; it keeps so many rows besides."""
    (steps, samples, _), units = x.shape, h.shape[1]
    memory = empty((gates * (steps + 1) + kept + steps + 1, samples, units), x.dtype)
    views = parts(memory, steps, gates)
    copy_to(views[3][0], h)
    return memory, *views


def _inputs(x, kernel, bias, scores):
    """`f(t, rows)`, which puts the contributions of inputs into rows of step t of `scores`, and its operands."""
    x, kernel, bias = contiguous(x), contiguous(kernel), contiguous(bias)
    if x.shape[1] >= MANY_SAMPLES:
        return (lambda t, rows: matmul(x[t, rows], kernel, scores[t, rows], bias)), (x, kernel, bias)
    rows = x.shape[0] * x.shape[1]
    matmul(x.reshape((rows, x.shape[2])), kernel, scores.reshape((rows, scores.shape[2])), bias)
    return (lambda t, rows: None), ()


def _simple_rnn_forward(x, kernel, bias, recurrent, h, keep):
    recurrent, keep = contiguous(recurrent), contiguous(keep)
    memory, product, gates, _, states = _begun(x, h, 1, 0)
    multiply, operands = _inputs(x, kernel, bias, gates)

    def step(t, rows):
        before, own = states[t, rows], product[rows]
        multiply(t, rows)
        matmul(before, recurrent, own)
        _simple(len(own), own, keep[t, rows], before, gates[t, rows], states[t + 1, rows], cost=own.shape[1] * FUNCTION)

    repeat(*keep.shape, step, *operands, recurrent, keep, memory)
    return memory


def _lstm_forward(x, kernel, bias, recurrent, h, c, keep):
    recurrent, keep = contiguous(recurrent), contiguous(keep)
    memory, product, gates, cells, states = _begun(x, h, 4, len(keep) + 1)
    multiply, operands = _inputs(x, kernel, bias, gates)
    copy_to(cells[0], c)

    def step(t, rows):
        before, own = states[t, rows], product[rows]
        multiply(t, rows)
        matmul(before, recurrent, own)
        of_step = own, keep[t, rows], cells[t, rows], before, gates[t, rows], cells[t + 1, rows], states[t + 1, rows]
        _lstm(len(own), *of_step, cost=own.shape[1] * FUNCTION)

    repeat(*keep.shape, step, *operands, recurrent, keep, memory)
    return memory


def _gru_forward(x, kernel, bias, recurrent, h, recurrent_bias, keep):
    recurrent, recurrent_bias, keep = contiguous(recurrent), contiguous(recurrent_bias), contiguous(keep)
    memory, product, gates, inner, states = _begun(x, h, 3, len(keep))
    multiply, operands = _inputs(x, kernel, bias, gates)

    def step(t, rows):
        before, own = states[t, rows], product[rows]
        multiply(t, rows)
        matmul(before, recurrent, own, recurrent_bias)
        of_step = own, keep[t, rows], before, gates[t, rows], inner[t, rows], states[t + 1, rows]
        _gru(len(own), *of_step, cost=own.shape[1] * FUNCTION)

    repeat(*keep.shape, step, *operands, recurrent, recurrent_bias, keep, memory)
    return memory


def ends(states: Any, steps: int, others: int) -> Any:
    """Return a view of the last states of a memory, or of the states of all steps with `others` rows in front."""
    return states[states.shape[0] - 1 - others * (steps + 1) :: steps + 1]


def back_parts(back: Any, steps: int, gates: int) -> tuple[Any, Any]:
    """Return views of what goes back: by the gates of all steps, and the rest, whose last row is by the first state."""
    samples, units = back.shape[1:]
    return back[: gates * steps].reshape((steps, samples, gates * units)), back[gates * steps :]


class _Back:
    """What goes back: views of one array, with room for `kept` rows besides the gradient by the gates.

    `g` is by the last states alone, so many rows of them besides that of h, or by those of all steps.
    """

    def __init__(self, g, memory, recurrent, keep, gates, kept, others):
        self.steps, self.keep, self.recurrent = len(keep), contiguous(keep), contiguous(recurrent.T)
        self.whole = empty((gates * self.steps + kept + 3, *memory.shape[1:]), memory.dtype)
        self.dgates, rest = back_parts(self.whole, self.steps, gates)
        self.kept, (self._zeros, self.product, self.dh) = rest[:kept], rest[kept:]
        self._of_last, self._states = g.shape[0] == others + 1, contiguous(g)[others:]
        self._operands = memory, contiguous(g), self.keep, self.recurrent
        fill(rest[kept : kept + 2], 0)
        if self._of_last:
            copy_to(self.dh, self._states[0])
        else:
            fill(self.dh, 0)

    def run(self, gradient):
        """Call `gradient(t, rows, g, product, keep, dgates, dh)` from the last step to the first one."""

        def step(s, rows):
            t, product, dgates = self.steps - 1 - s, self.product[rows], self.dgates[self.steps - 1 - s, rows]
            g = self._zeros[rows] if self._of_last else self._states[t + 1, rows]
            gradient(t, rows, g, product, self.keep[t, rows], dgates, self.dh[rows])
            matmul(dgates, self.recurrent, product)

        repeat(*self.keep.shape, step, *self._operands, self.whole)
        _add.map(self.dh, self.dh, self.product)
        if not self._of_last:
            _add.map(self.dh, self.dh, self._states[0])
        return self.whole


def _simple_rnn_backward(g, memory, recurrent, keep):
    back, gates = _Back(g, memory, recurrent, keep, 1, 0, 0), parts(memory, len(keep), 1)[1]

    def gradient(t, rows, g, product, keep, dgates, dh):
        operands = g, product, keep, gates[t, rows], dgates, dh
        _simple_gradient(len(dh), *operands, cost=dgates.shape[1] * GRADIENT)

    return back.run(gradient)


def _lstm_backward(g, memory, recurrent, keep):
    back, (_, gates, cells, _) = _Back(g, memory, recurrent, keep, 4, 1, 1), parts(memory, len(keep), 4)
    dc = back.kept[0]
    copy_to(dc, g[0])

    def gradient(t, rows, g, product, keep, dgates, dh):
        operands = g, product, keep, gates[t, rows], cells[t, rows], cells[t + 1, rows], dgates, dc[rows], dh
        _lstm_gradient(len(dh), *operands, cost=dgates.shape[1] * GRADIENT)

    return back.run(gradient)


def _gru_backward(g, memory, recurrent, keep):
    steps = len(keep)
    back, (_, gates, inner, states) = _Back(g, memory, recurrent, keep, 3, steps, 0), parts(memory, steps, 3)

    def gradient(t, rows, g, product, keep, dgates, dh):
        operands = g, product, keep, states[t, rows], gates[t, rows], inner[t, rows], dgates, back.kept[t, rows], dh
        _gru_gradient(len(dh), *operands, cost=dgates.shape[1] * GRADIENT)

    return back.run(gradient)


def _kernel_forward(x, dgates):
    rows = dgates.shape[0] * dgates.shape[1]
    x, dgates = (contiguous(one).reshape((rows, one.shape[2])) for one in (x, dgates))
    out = empty((x.shape[1], dgates.shape[1]), dgates.dtype)
    if rows:
        matmul(x.T, dgates, out)
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
