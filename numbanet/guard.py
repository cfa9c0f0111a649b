"""What replayed steps of a model take for granted in Python, and when that has to be looked at again."""

import time
import types

import numpy as np

from numbanet.settings import config
from numbanet.snapshots import snapshot
from numbanet.snapshots.code import is_foreign

LOOK_SECONDS = 0.1
"""How old the last look may be where nobody is known to have changed anything: other threads and signals may."""


class Guard:
    """Watches over the Python side of a model's step: layers, loss, optimizer, and what their code reads.

    Parameters
    ----------
    model : Evaluation
    others : bool
        Whether code that is not numbanet's may run between two steps: callbacks, metrics, schedules, iterables.

    Attributes
    ----------
    state : Snapshot
        What the last look has found.
    own_code : bool
        Whether code that is not numbanet's takes part in the step. No snapshot can tell all that it reads.
    step_by_step : bool
        Whether such code runs between any two steps: in metrics, or in a schedule that is more than a formula.
    """

    def __init__(self, model, others):
        self.model, self._others = model, others
        self.state = state_of(model)
        self.own_code = has_own_code(self.state)
        self._note_look()

    def _note_look(self):
        between = snapshot({"metrics": list(self.model.metrics)}), *_schedule_of(self.model)
        self.step_by_step = any(has_own_code(one) and not _is_formula(one) for one in between)
        self.others = self._others or self.own_code or any(has_own_code(one) for one in between)
        self._looked, self._called = time.perf_counter(), False

    def note_epoch(self):
        """An epoch begins: callbacks have been called."""
        self._called = self._called or self.others

    @property
    def due(self):
        """Whether it is time to look again."""
        return self._called or self.step_by_step or time.perf_counter() - self._looked > LOOK_SECONDS

    def changed(self):
        """Look again: whether anything is another than at the last look."""
        before, self.state = self.state, state_of(self.model)
        if before == self.state:
            self._note_look()
            return False
        self.own_code = has_own_code(self.state)
        self._note_look()
        return True


def state_of(model):
    """A Snapshot of everything that a step of the model depends on, but for tensors and what metrics have counted."""
    unused = [value for layer in model.layers for name, value in vars(layer).items() if name.endswith("_initializer")]
    roots = {
        "model": model, "device": model.device, "metrics": [*model.metrics, *model.weighted_metrics],
        "backend": config.backend,
    }  # fmt: skip
    return snapshot(roots, code=True, by_identity=[*model.metrics, *unused])


def _schedule_of(model):
    schedule = getattr(model.optimizer, "schedule", None)
    return [] if schedule is None else [snapshot({"schedule": schedule}, code=True)]


def _is_formula(state):
    """Whether a Snapshot is that of functions of numbers, which neither remember nor change anything."""
    plain = (types.FunctionType, types.CodeType, types.CellType, tuple, np.generic)
    return not state.opaque and all(isinstance(obj, plain) for obj in state.held.values())


def has_own_code(state):
    """Whether a Snapshot has met functions, or objects of classes, that are not of numbanet, NumPy or Python."""
    return any(_is_own(obj) for obj in state.held.values())


def _is_own(obj):
    if isinstance(obj, types.FunctionType):
        return not is_foreign(obj.__globals__.get("__name__"), obj.__code__.co_filename)
    return not is_foreign(type(obj).__module__)
