"""Plans of calls: how a call is watched, and what becomes of what was seen; see `tensor.planned`."""

from __future__ import annotations

import sys
import time

import numpy as np

from numbanet.core import context as contexts
from numbanet.core.context import Listener, context, setting, undisturbed
from numbanet.core.settings import backend_changed
from numbanet.core.table import INTERNAL
from numbanet.errors import NumbanetError
from numbanet.kernels.recording import CannotRecord
from numbanet.launching.plans import NoPlan, run_large, step_of
from numbanet.tensor.listeners import seed_of
from numbanet.tensor.planned import _calls
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable

CALLS_BEFORE = 2
"""So many calls of a kind run as they stand before one becomes a Plan, which takes as long as thirty."""

LONGEST = 0.005
"""Seconds: what takes longer gains nothing, and making its Plan would run it twice more."""

MOST_BYTES = 1 << 24
"""Of an operand or result: making a Plan of larger ones would take several times their memory, and gain as little."""

MOST_PLANS, MOST_SEEN = 512, 4096
"""Of one function: all are forgotten when there would be more."""

WIDTHS = {"int64": 8, "int32": 4, "uint8": 1}
"""Integers that compiled code compares with a bound by itself."""


class Witness(Listener):
    """Stands where a trace stands, and writes down what one call does.

    Attributes
    ----------
    events : list
        Ops as (op, inputs, params, output), and checks as (tensor, check, below).
    refused : bool
        Whether the call did something that is no op of its operands.
    """

    def __init__(self, operands):
        self.changing = {id(x) for x in operands}
        self.events: list = []
        self.refused = False
        self.puts_off = False

    def record(self, op, inputs, params, output):
        self.events.append((op, tuple(inputs), params, output))
        self.changing.add(id(output))
        if op.check_of_integers(output) is not None:
            self.refused = True

    def record_check(self, tensor, check, below=None):
        """The values of a tensor were checked."""
        self.events.append((tensor, check, below))

    def refuse(self, *_):
        """Something was done that is no op: values were read, a variable was read or written to, a number drawn."""
        self.refused = True

    record_read = record_variable = record_assignment = record_update = refuse

    def record_draw(self, generator):
        self.refused = True
        return seed_of(generator)


def missed(call, key, /, *args, **named):
    """What a Call does where it knows no Plan: the call as it stands, which is watched when it comes again."""
    started = time.perf_counter()
    result = call.function(*args, **named)
    if any(type(x) is Tensor and x._array.nbytes > MOST_BYTES for x in (*args, *named.values(), result)):
        return result
    if is_due(call.seen, key, time.perf_counter() - started):
        given = [_alone(x) for x in args], {name: _alone(x) for name, x in named.items()}
        keep(call.plans, key, _plan_of(call.function, *given))
    return result


def is_due(seen, key, seconds):
    """Whether what took so long without a Plan came often enough for one; otherwise it is counted."""
    times = seen.pop(key, 0)
    if times >= CALLS_BEFORE and seconds <= LONGEST:
        return True
    if len(seen) >= MOST_SEEN:
        seen.clear()
    seen[key] = times + 1
    return False


def keep(plans, key, plan):
    """Keep a Plan, or None where there is none, in a table of limited size."""
    if len(plans) >= MOST_PLANS:
        plans.clear()
    plans[key] = plan


def _alone(x):
    """A tensor that stands for this operand alone: the same one may have been given twice."""
    return Tensor(x._array) if isinstance(x, (Tensor, Variable)) else x


@undisturbed
def _plan_of(function, args, named):
    """The Plan of a call, for which the function is called once more, or None."""
    operands = [x for x in (*args, *named.values()) if type(x) is Tensor]
    witness, generation = Witness(operands), _calls.generation()
    try:
        with setting(trace=witness, listeners=(witness,)):
            result = function(*args, **named)
        if type(result) is not Tensor:
            raise NoPlan("the result is no tensor")
        return made(witness, operands, result, generation)
    except (NumbanetError, CannotRecord, NoPlan, ValueError):  # a trace is told where Python would be
        return None


def made(witness, operands, results, generation):
    """The Plan of what a witness has seen done with operands, which gives one tensor or a tuple of them.

    `generation` is that of the Plans when it began: another backend may have been chosen by another thread since.

    Raises
    ------
    NoPlan
        When there is none.
    """
    if witness.refused:
        raise NoPlan("not of ops alone")
    plan = _of_events(witness.events, operands, results, generation)
    with setting(listeners=()):
        again = plan(*operands)
    if again is None:
        raise NoPlan("another backend was chosen")
    found, expected = ((one,) if type(one) is Tensor else one for one in (again, results))
    if any(x._array.tobytes() != y._array.tobytes() for x, y in zip(found, expected, strict=True)):
        raise NoPlan("other values the second time")
    return plan


def _of_events(events, operands, results, generation):
    made_here = {id(event[3]) for event in events if len(event) == 4}
    constants = _constants(events, operands, made_here)
    values = [*operands, *constants]
    where = {id(x): i for i, x in enumerate(values)}
    steps: list = []
    known: dict = {}
    for event in events:
        if len(event) == 3:
            tensor, check, below = event
            steps.append(_check(tensor, check, below, where))
            continue
        op, inputs, params, output = event
        places = tuple(where[id(x)] for x in inputs)
        same = (op, places, *params.items()) if op in INTERNAL else id(output)  # several gradients ask for some sums
        if same not in known:
            steps.append(step_of(_calls.Step, op, places, [x._array for x in inputs], params))
            known[same] = len(values) + len(known)
        where[id(output)] = known[same]
    try:
        chosen = where[id(results)] if type(results) is Tensor else tuple(where[id(one)] for one in results)
    except KeyError:
        raise NoPlan("a result is of no op") from None
    return _calls.Plan(len(operands), tuple(constants), tuple(steps), chosen, generation)


def _constants(events, operands, made_here):
    """Tensors that the call made of numbers: operands of its ops that come from nowhere else."""
    known = {id(x) for x in operands} | made_here
    found = {id(x): x for event in events if len(event) == 4 for x in event[1] if id(x) not in known}
    arrays = [x._array for x in (*operands, *[event[3] for event in events if len(event) == 4])]
    for x in found.values():
        if type(x._array) is not np.ndarray or x.size != 1 or any(np.may_share_memory(x._array, y) for y in arrays):
            raise NoPlan("an operand comes from somewhere else")
    return list(found.values())


def _check(tensor, check, below, where):
    """A check as Plans hold it: (value, function, width of the integers or 0, bound)."""
    if id(tensor) not in where:
        raise NoPlan("values are checked that are of no op")
    array = tensor._array
    width = WIDTHS.get(array.dtype.name, 0) if below is not None and array.flags.c_contiguous else 0
    return where[id(tensor)], check, width, below or 0


def _bind():
    """Tell compiled code of NumPy and of tensors; where NumPy is not as expected, there are no Plans."""
    probe = np.zeros((3, 2))
    try:
        functions = sys.modules["numpy._core._multiarray_umath"]._ARRAY_API
        _calls.bind(Tensor, Variable, probe, functions, missed, run_large, np.dtype(np.uint8))
    except (AttributeError, ImportError, KeyError):
        return
    contexts.told = _calls.note
    _calls.note(context.listeners, context.unusual)
    backend_changed.append(_calls.drop)


if _calls is not None:
    _bind()
    structure, write_to, generation = _calls.structure, _calls.bind_tape, _calls.generation
else:

    def write_to(tape):
        """Tapes are told of all ops in Python."""

    def structure(entries, seeds, wanted):
        """There are no Plans, and no key for one."""

    def generation():
        """There is none."""
