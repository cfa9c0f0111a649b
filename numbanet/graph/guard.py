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
"""How old the last check may be when nothing is known to have changed: other threads and signals may change things."""


class Guard:
    """Watches over the Python side of a model's step: layers, loss, optimizer, and what their code reads.

    Parameters
    ----------
    trainer : Trainer
        Of the model.
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

    def __init__(self, trainer, others):
        self.trainer, self.called_between = trainer, others
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
        state = state_of(self.trainer, self.state)
        changed = state is not self.state and state != self.state
        if changed:
            self.state, self.own_code = state, type(state) is Snapshot
        schedule = getattr(self.trainer.optimizer, "schedule", None)
        self.step_by_step = any(map(_is_own_metric, self.trainer.metrics)) or _remembers(schedule)
        self.others = self.called_between or self.own_code or self.step_by_step or _is_own(schedule)
        self._looked, self._called = time.perf_counter(), False
        return changed


class Glance:
    """All that the parts of a model hold, where they are numbanet's alone: a look that takes microseconds.

    What was found is kept with the objects that hold it, so that the next look compares in place.

    Parameters
    ----------
    trainer : Trainer
        Of the model.
    """

    held: ClassVar[dict] = {}
    """Arrays that the step may read and others write to: there are none."""

    def __init__(self, trainer):
        self._trainer, self._backend, self._metrics = trainer, config.backend, _metrics_of(trainer)
        self._lists: list = []
        self._dicts: list = []
        self._objects: list = []
        self._variables: list = []
        self._derived: list = []
        """Classes of the user's that add nothing to one of numbanet's: they may later."""
        self.complete = self._add((trainer,), set())

    def _add(self, values, met):
        """Note what values hold; False if one has to be looked at more closely."""
        complete = True
        for value in values:
            kind = type(value)
            if kind in _VALUES or id(value) in met:
                continue
            met.add(id(value))
            if kind is Variable:
                self._variables.append((value, value.trainable, value.device, value.constraint))
                complete = self._add((value.constraint,), met) and complete
            elif kind is list or kind is tuple:
                if kind is list:
                    self._lists.append((value, [*value]))
                complete = self._add(value, met) and complete
            elif kind is dict:
                self._dicts.append((value, [*value], [*value.values()]))
                complete = self._add((*value, *value.values()), met) and complete
            elif kind is types.FunctionType:
                complete = complete and _is_known(value)
            elif computes_as_ours(kind) and hasattr(value, "__dict__"):
                complete = self._add_attributes(kind, value, met) and complete
            else:
                complete = complete and isinstance(value, np.dtype)
        return complete

    def _add_attributes(self, kind, value, met):
        own = vars(value)
        names = _followed(kind, own)
        self._objects.append((value, kind, [*own], names, [own[name] for name in names]))
        if not is_ours(kind):
            self._derived.append(kind)
        return self._add([own[name] for name in names if not name.endswith(UNUSED)], met)

    def holds(self):
        """Whether everything is as it was."""
        if config.backend != self._backend or not _same_all(self._metrics, _metrics_of(self._trainer)):
            return False
        for value, kind, all_names, names, values in self._objects:
            own = vars(value)
            if type(value) is not kind or ([*own] != all_names and _followed(kind, own) != names):
                return False
            if not _same_all(values, [own[name] for name in names]):
                return False
        for variable, trainable, device, constraint in self._variables:
            if variable.trainable is not trainable or variable.device != device:
                return False
            if variable.constraint is not constraint:
                return False
        for value, items in self._lists:
            if not _same_all(items, value):
                return False
        for value, keys, values in self._dicts:
            if not _same_all(keys, value) or not _same_all(values, value.values()):
                return False
        return all(map(computes_as_ours, self._derived))


def _followed(kind, names):
    """The names of attributes without those that replays keep up by themselves, which a first call may add."""
    left_out = getattr(kind, "followed_by_replay", ())
    return [name for name in names if name not in left_out]


UNUSED = "_initializer"
"""How the names of attributes end that no step looks at."""
_VALUES = {bool, int, float, str, bytes, type(None)}
"""What can only be replaced, never changed."""


def _metrics_of(trainer):
    return [*trainer.metrics, None, *trainer.weighted_metrics]


def _same_all(before, now):
    """Whether two series of parts are the same objects, or numbers of one type with the same bits."""
    if len(before) != len(now):
        return False
    return all(map(operator.is_, before, now)) or all(map(_same, before, now))


def _same(a, b):
    """Whether two parts are one object, or numbers of one type with the same bits."""
    return a is b or (type(a) is type(b) and type(a) in _VALUES and repr(a) == repr(b))


def state_of(trainer, last=None):
    """Everything that a step of the model depends on, except tensors and what metrics have counted.

    A Glance, an earlier one if it holds, or a Snapshot where code that is not numbanet's takes part.
    """
    for known in (last,) if last is trainer.glance else (last, trainer.glance):
        if type(known) is Glance and known.holds():
            trainer.glance = known
            return known
    glance = Glance(trainer)
    trainer.glance = glance if glance.complete else None
    if glance.complete:
        return glance
    model, held = trainer.model, (trainer.metrics, trainer.weighted_metrics)
    unused = [value for layer in model.layers for name, value in vars(layer).items() if name.endswith(UNUSED)]
    roots = {"model": model, "trainer": trainer, "device": model.device, "metrics": held, "backend": config.backend}
    return snapshot(roots, code=True, by_identity=[*trainer.metrics, *trainer.weighted_metrics, *unused])


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
