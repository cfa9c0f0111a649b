"""Connectionist temporal classification as one op on logarithms of probabilities, and its gradient.

The memory of a loss has what its gradient needs in one array: the losses, then the line of places after the last step,
then the shares of all steps; see `loops.sequences`. These ops are not in the table, since the memory goes from one to
the other; `losses.ctc` and `ops.ctc_loss` are the functions. A gradient that is differentiated again is made of ops
that tapes know, forwards and backwards in logarithms.
"""

from __future__ import annotations

import numpy as np

from numbanet.core.table import Op
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, converted
from numbanet.launching.launch import Kernel
from numbanet.loops import sequences as loops
from numbanet.ops.elementwise import equal, greater, less, logical_and, logical_or, not_equal, where
from numbanet.ops.floats import logaddexp
from numbanet.ops.functions import exp
from numbanet.ops.indexing import one_hot, take_known
from numbanet.ops.linalg import matmul
from numbanet.ops.reduce import any as any_of
from numbanet.ops.reduce import logsumexp
from numbanet.ops.shaping import concat, expand_dims, reshape, stack
from numbanet.tensor.listeners import followed
from numbanet.tensor.tensor import Tensor, apply, asarray

NEVER = -(2.0**100)
"""The logarithm of a probability of 0: finite, so that no gradient is NaN, and lost beside any other."""
PLACE = 20.0
"""What a place of a step takes, in nanoseconds, roughly: exponentials and a logarithm."""

_ctc, _ctc_gradient = Kernel(loops.ctc), Kernel(loops.ctc_gradient)


def sequence_losses(logarithms: Tensor, labels: Tensor, counts: Tensor, steps: Tensor, blank: int) -> Tensor:
    """Return the loss of each sample, minus the logarithm of the probability of its labels.

    Parameters
    ----------
    logarithms : Tensor, (samples, most steps, classes)
        Of probabilities; floating.
    labels : Tensor, (samples, most labels)
        Integers from 0 up to the number of classes, int64.
    counts, steps : Tensor, (samples,)
        How many labels and steps of a sample count, int64.
    blank : int
        The class that stands for no label.

    Returns
    -------
    Tensor
        (samples,): inf where no path stands for the labels, with a gradient of 0.
    """
    memory = apply(_MEMORY, logarithms, labels, counts, steps, blank=blank)
    return apply(_LOSSES, logarithms, memory, labels, counts, steps, blank=blank)


def _in_memory(memory, shape, labels):
    """Return views of a memory: losses, line and shares, for logarithms of a shape."""
    (samples, steps, _), places = shape, 2 * labels.shape[1] + 1
    line, shares = samples, samples + samples * places
    return (
        memory[:line], memory[line:shares].reshape((samples, places)),
        memory[shares:].reshape((samples, steps, 3, places)),
    )  # fmt: skip


def _memory_forward(logarithms, labels, counts, steps, blank):
    samples, length, _ = logarithms.shape
    places = 2 * labels.shape[1] + 1
    memory = empty((samples * (1 + places + 3 * places * length),), logarithms.dtype)
    if samples:
        operands = [contiguous(x) for x in (logarithms, labels, counts, steps)]
        views = _in_memory(memory, logarithms.shape, labels)
        _ctc(samples, *operands, blank, *views, cost=length * places * PLACE)
    return memory


def _losses_forward(logarithms, memory, labels, counts, steps, blank):
    return memory[: logarithms.shape[0]]


def _gradient_forward(g, logarithms, memory, labels, counts, steps, blank):
    out = empty(logarithms.shape, memory.dtype)
    samples, length, classes = out.shape
    if out.size:
        views = _in_memory(memory, out.shape, labels)
        posteriors = empty(views[1].shape, memory.dtype)
        operands = [contiguous(converted(g, memory.dtype)), *[contiguous(x) for x in (labels, counts, steps)]]
        cost = length * (posteriors.shape[1] * 2.0 + classes * 0.2)
        _ctc_gradient(samples, *operands, blank, *views, posteriors, out, cost=cost)
    return out


def _by_logarithms(g, y, logarithms, memory, labels, counts, steps, blank):
    if followed(g) or followed(logarithms):
        return _differentiable(g, logarithms, labels, counts, steps, blank)
    return apply(_GRADIENT, g, logarithms, memory, labels, counts, steps, blank=blank)


def _internal(name, forward, vjp=None):
    return Op(name, sequence_losses, forward=forward, vjp=vjp, family="neural", recordable=True)


_MEMORY, _GRADIENT = _internal("ctc", _memory_forward), _internal("ctc_gradient", _gradient_forward)
_LOSSES = _internal("ctc_losses", _losses_forward, (_by_logarithms, None, None, None, None))


def _differentiable(g, logarithms, labels, counts, steps, blank):
    """Return the gradient by the logarithms, made of ops: paths up to each step, and from there on."""
    samples, length, classes = logarithms.shape
    places = _places(labels, blank)
    emitted, skips = _emitted(logarithms, places), _skips(places, logarithms)
    ends = _ends(places, counts, logarithms)
    forwards, backwards = [_first(places, logarithms)], [ends]
    for t in range(length):
        counting = expand_dims(greater(steps, t), -1)
        forwards.append(where(counting, emitted[:, t] + _steps_on(forwards[-1], skips, 1), forwards[-1]))
        u = length - 1 - t
        counting = expand_dims(greater(steps, u), -1)
        backwards.append(where(counting, _steps_on(backwards[-1] + emitted[:, u], skips, -1), backwards[-1]))
    total = logsumexp(forwards[-1] + ends, axis=-1, keepdims=True)
    numbers = asarray(np.arange(labels.shape[1]), device=labels.device)
    among = any_of(logical_and(equal(labels, blank), less(numbers, expand_dims(counts, -1))), axis=-1, keepdims=True)
    never = expand_dims(logical_or(less(total, NEVER / 2), among), 1)
    lines = stack([f + b for f, b in zip(forwards[1:], backwards[-2::-1], strict=True)], axis=1)
    known = greater(expand_dims(steps, -1), asarray(np.arange(length), device=labels.device))
    none = logical_or(never, ~expand_dims(known, -1))
    shares = where(none, 0.0, exp(where(none, NEVER, lines - expand_dims(total, 1))))
    return -(matmul(shares, one_hot(places, classes, logarithms.dtype)) * reshape(g, (samples, 1, 1)))


def _places(labels, blank):
    """Return the line of places: a blank, a label, a blank, ..., a blank."""
    samples, count = labels.shape
    blanks = asarray(np.full((samples, count + 1), blank), device=labels.device)
    pairs = stack([blanks[:, :count], labels], axis=2)
    return concat([reshape(pairs, (samples, 2 * count)), blanks[:, count:]], axis=1)


def _emitted(logarithms, places):
    """Return the logarithm of the probability of each place at each step: (samples, steps, places)."""
    samples, steps, classes = logarithms.shape
    rows = np.arange(samples * steps).reshape(samples, steps, 1) * classes
    return take_known(reshape(logarithms, (-1,)), asarray(rows, device=places.device) + expand_dims(places, 1))


def _first(places, like):
    """Return the line before the first step: in front of the first place."""
    line = np.full(places.shape, NEVER, like.dtype)
    line[:, 0] = 0
    return asarray(line, device=places.device)


def _ends(places, counts, like):
    """Return 0 at the last label and the blank behind it, where paths end, and NEVER elsewhere."""
    last = expand_dims(counts * 2, -1)
    numbers = asarray(np.arange(places.shape[1]), device=places.device)
    zero = asarray(np.zeros(places.shape, like.dtype), device=places.device)
    return where(logical_or(equal(numbers, last), equal(numbers, last - 1)), zero, NEVER)


def _skips(places, like):
    """Return 0 where a path may pass over the place before, a blank between two different labels; or NEVER."""
    samples, count = places.shape
    odd = asarray(np.arange(count) % 2 == 1, device=places.device)
    before = concat([places[:, :1], places[:, :1], places], axis=1)[:, :count]
    zero = asarray(np.zeros((samples, count), like.dtype), device=places.device)
    return where(logical_and(odd, not_equal(places, before)), zero, NEVER)


def _steps_on(line, skips, way):
    """Return the logarithm of what comes to each place from the line of the step before, or, backwards, behind it."""
    passing = _moved(line, 2) + skips if way > 0 else _moved(line + skips, -2)
    return logaddexp(logaddexp(line, _moved(line, way)), passing)


def _moved(line, by):
    """Return the line with what was `by` places before at each place."""
    filler = asarray(np.full((line.shape[0], abs(by)), NEVER, line.dtype), device=line.device)
    if by > 0:
        return concat([filler, line], axis=1)[:, : line.shape[1]]
    return concat([line, filler], axis=1)[:, -by:]
