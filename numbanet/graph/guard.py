"""What replayed steps of a model take for granted in Python, and when that has to be looked at again."""

import operator
import time
import types
from typing import Any, ClassVar

import numpy as np

from numbanet.core.hooks import computes_as_ours, is_ours
from numbanet.core.settings import config
from numbanet.core.snapshots import Snapshot, snapshot
from numbanet.core.snapshots.code import is_foreign
from numbanet.core.table import TABLE
from numbanet.tensor.variable import Variable

LOOK_SECONDS = 0.1
"""How old the last look may be where nobody is known to have changed anything: other threads and signals may."""


class Guard:
    """Watches over the Python side of a model's step: layers, loss, optimizer, and what their code reads.

    Parameters
    ----------
    model : Evaluation
    others : bool
        Whether code that is not numbanet's may run between two steps, of callbacks or iterables for example.

    Attributes
    ----------
    state : Glance or Snapshot
        What the last look has found.
    own_code : bool
        Whether code that is not numbanet's takes part in the step. Nothing can tell all that it reads.
    others : bool
        Whether code that is not numbanet's may run at all while data is gone through.
    step_by_step : bool
        Whether such code runs between any two steps: in metrics, or in a schedule that is more than a formula.
    """

    def __init__(self, model, others):
        self.model, self.called_between = model, others
        self.state: Any = None
        self.functions: Any = None
        self._called = False
        self.changed()

    def note_call(self):
        """Callbacks or others have been called since the last look, if there are any."""
        self._called = self._called or self.others

    @property
    def due(self):
        """Whether it is time to look again."""
        return self._called or self.step_by_step or time.perf_counter() - self._looked > LOOK_SECONDS

    def changed(self):
        """Look again: whether anything is another than at the last look."""
        state = state_of(self.model)
        changed = state != self.state
        if changed:
            self.state, self.own_code = state, type(state) is Snapshot
        schedule = _schedule_of(self.model)
        self.step_by_step = any(map(_is_own_metric, self.model.metrics)) or _remembers(schedule)
        self.others = self.called_between or self.own_code or self.step_by_step or _is_own(schedule)
        self._looked, self._called = time.perf_counter(), False
        return changed


class Glance:
    """All that the parts of a model hold, where they are numbanet's alone: a look that takes microseconds.

    Parameters
    ----------
    model : Evaluation
    """

    held: ClassVar[dict] = {}
    """Arrays that the step may read and others write to: there are none."""

    def __init__(self, model):
        self.parts = [config.backend, *model.metrics, None, *model.weighted_metrics, model]
        self.complete = self._add((model,), set())

    def _add(self, values, met):
        """Add what values hold, which are in `parts` themselves; False if one has to be looked at more closely."""
        complete = True
        for value in values:
            kind = type(value)
            if kind in _VALUES or id(value) in met:
                continue
            met.add(id(value))
            if kind is Variable:
                self.parts += (value.trainable, value.device)
            elif kind is list or kind is tuple:
                self.parts += (len(value), *value)  # what moves from one list to the next is seen by their lengths
                complete = self._add(value, met) and complete
            elif kind is dict:
                self.parts += (len(value), *value, *value.values())
                complete = self._add((*value, *value.values()), met) and complete
            elif kind is types.FunctionType:
                complete = complete and _is_known(value)
            elif computes_as_ours(kind) and hasattr(value, "__dict__"):
                complete = self._add_attributes(kind, vars(value), met) and complete
            else:
                complete = complete and isinstance(value, np.dtype)
        return complete

    def _add_attributes(self, kind, own, met):
        left_out = getattr(kind, "followed_by_replay", ())
        if left_out:
            own = {name: value for name, value in own.items() if name not in left_out}
        self.parts += (len(own), *own, *own.values())
        looked_at = [value for name, value in own.items() if type(value) not in _VALUES and not name.endswith(UNUSED)]
        return self._add(looked_at, met)

    def __eq__(self, other):
        if type(other) is not Glance or len(self.parts) != len(other.parts):
            return False
        return all(map(operator.is_, self.parts, other.parts)) or all(map(_same, self.parts, other.parts))

    __hash__ = None  # type: ignore[assignment]  # how Python says that it is not hashable


UNUSED = "_initializer"
"""How the names of attributes end that no step looks at."""
_VALUES = {bool, int, float, str, bytes, type(None)}
"""What can only be replaced, never changed."""


def _same(a, b):
    """Whether two parts are one object, or numbers of one type with the same bits."""
    return a is b or (type(a) is type(b) and type(a) in _VALUES and repr(a) == repr(b))


def state_of(model):
    """Everything that a step of the model depends on, but for tensors and what metrics have counted.

    A Glance, or a Snapshot where code that is not numbanet's takes part.
    """
    glance = Glance(model)
    if glance.complete:
        return glance
    held = model.metrics, model.weighted_metrics
    unused = [value for layer in model.layers for name, value in vars(layer).items() if name.endswith(UNUSED)]
    roots = {"model": model, "device": model.device, "metrics": held, "backend": config.backend}
    return snapshot(roots, code=True, by_identity=[*model.metrics, *model.weighted_metrics, *unused])


def _schedule_of(model):
    return getattr(model.optimizer, "schedule", None)


def _is_own_metric(metric):
    """Whether a metric runs code that is not numbanet's."""
    held = vars(metric).values()
    return not is_ours(type(metric)) or any(_is_own(part) or _is_own(getattr(part, "function", None)) for part in held)


def _remembers(schedule):
    """Whether a schedule may be more than a formula of the step: it may count its calls, or look at others."""
    if not _is_own(schedule):
        return False
    state = snapshot({"schedule": schedule}, code=True)
    plain = (types.FunctionType, types.CodeType, types.CellType, tuple, np.generic)
    return bool(state.opaque) or not all(isinstance(obj, plain) for obj in state.held.values())


def _is_own(obj):
    """Whether a function, or the class of an object, is not of numbanet, NumPy or Python."""
    if isinstance(obj, types.FunctionType):
        return not is_foreign(obj.__globals__.get("__name__"), obj.__code__.co_filename)
    return not is_foreign(type(obj).__module__)


def _is_known(function):
    """Whether a function is one of the table, or one of numbanet's that holds nothing, such as a user's function."""
    op = TABLE.get(function.__name__)
    return (op is not None and op.function is function) or (not _is_own(function) and not function.__closure__)
