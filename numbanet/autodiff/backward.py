"""The backward pass: records of ops, read backwards for the gradient.

A pass over records whose structure was met before is a Plan: ops, operands of the same layouts, and what is asked for
decide together what is computed.
"""

import time

from numbanet.core.context import context, setting, undisturbed
from numbanet.core.dtypes import is_float
from numbanet.core.settings import backend_changed
from numbanet.core.table import INTERNAL, TABLE, Op
from numbanet.errors import NumbanetError, NumericError
from numbanet.kernels.recording import CannotRecord
from numbanet.launching.plans import NoPlan
from numbanet.ops.touched import note_lookups
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.witness import Witness, generation, is_due, keep, made, structure

_plans: dict = {}
_seen: dict = {}
backend_changed += _plans.clear, _seen.clear


def backward(entries, seeds, wanted):
    """Read `entries` backwards from the gradients in `seeds`.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    seeds : list of (tensor, gradient)
    wanted : set of int
        Ids of the tensors whose gradients are asked for; nothing is computed for tensors that none of them reaches.

    Returns
    -------
    dict
        From the id of a tensor to its gradient; a wanted tensor without an entry is unconnected.
    """
    gradients = _read(entries, seeds, wanted)
    note_lookups(entries, seeds, gradients)
    return gradients


def _read(entries, seeds, wanted):
    """`backward`, by a Plan if there is one."""
    found = structure(entries, seeds, wanted)
    if found is None:
        return walk(entries, seeds, wanted)
    key, tensors = found
    plan = _plans.get(key)
    if plan is not None:
        results = plan[1](*tensors)
        if results is not None:
            return dict(zip([id(tensors[i]) for i in plan[0]], results, strict=True))
    named = [x._layout for x in tensors]
    started = time.perf_counter()
    gradients = walk(entries, seeds, wanted)
    if key not in _plans and is_due(_seen, key, time.perf_counter() - started):
        made_of = _plan_of(tensors, entries, seeds, wanted)
        keep(_plans, key, None if made_of is None else (*made_of, named))
    return gradients


def walk(entries, seeds, wanted):
    """`backward`, op after op."""
    useful = set(wanted)
    for _, inputs, _, output in entries:
        for tensor in inputs:
            if id(tensor) in useful:
                useful.add(id(output))
                break
    gradients: dict = {}
    for tensor, seed in seeds:
        _accumulate(gradients, tensor, seed)
    for op, inputs, params, output in reversed(entries):
        key = id(output)
        if key not in gradients or key not in useful:
            continue
        g = gradients[key] if key in wanted else gradients.pop(key)
        try:
            for index, tensor in enumerate(inputs):
                if id(tensor) in useful and is_float(tensor.dtype):
                    contribution = op.gradient(index, g, output, inputs, params) if op.vjp is not None else None
                    if contribution is not None:
                        _accumulate(gradients, tensor, contribution)
        except NumericError as error:
            raise _in_gradient(error, op, output) from None
    return gradients


@undisturbed
def _plan_of(tensors, entries, seeds, wanted):
    """(places of the tensors with a gradient, Plan, ops and params), or None: the pass is made once more.

    What the key names by its address (ops, params, and the layouts that `backward` adds) must live as long as the key.
    """
    operands = [Tensor(x._array) for x in tensors]
    twin = {id(x): y for x, y in zip(tensors, operands, strict=True)}
    again = [(op, [twin[id(x)] for x in inputs], params, twin[id(out)]) for op, inputs, params, out in entries]
    pairs = [(twin[id(tensor)], twin[id(seed)]) for tensor, seed in seeds]
    witness, begun = Witness(operands), generation()
    try:
        if not all(_is_ours(op) for op, *_ in entries):
            raise NoPlan("the rule of an op may do something else each time")
        with setting(trace=witness, listeners=(witness,)):
            gradients = walk(again, pairs, {id(twin[one]) for one in wanted if one in twin})
        places = tuple(i for i, x in enumerate(operands) if id(x) in gradients and id(tensors[i]) in wanted)
        plan = made(witness, operands, tuple(gradients[id(operands[i])] for i in places), begun)
    except (NumbanetError, CannotRecord, NoPlan, ValueError):
        return None
    return places, plan, [entry[:1] + entry[2:3] for entry in entries]


def _is_ours(op):
    """Whether an op is of the table, or like one: its rules compute the same each time."""
    return type(op) is Op and (op in INTERNAL or (op.name in TABLE and TABLE[op.name].forward is op.forward))


def _in_gradient(error, op, output):
    """What `nn.debug.nans` raised in the gradient of an op, with the line that called the op in the forward pass."""
    lines = [listener.line_of(output) for listener in context.listeners if hasattr(listener, "line_of")]
    return NumericError(f"in the gradient of {op.name}, called at {lines[-1]}: {error}") if lines else error


def _accumulate(gradients, tensor, contribution):
    """Add to the gradient of `tensor` what came back from one use of it: the one place where broadcasting is undone."""
    own, found = tensor._array, contribution._array
    if found.shape != own.shape:
        contribution = unbroadcast(contribution, own.shape)
    if found.dtype is not own.dtype:
        contribution = contribution.astype(own.dtype)
    known = gradients.get(id(tensor))
    gradients[id(tensor)] = contribution if known is None else known + contribution


@planned
def unbroadcast(g, shape):
    """Sum `g` over the dimensions along which `shape` was broadcast to the shape of `g`."""
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    axes = tuple(d for d in range(g.ndim) if d < extra or (shape[d - extra] == 1 and g.shape[d] != 1))
    return g.sum(axis=axes).reshape(shape) if axes else g.reshape(shape)
