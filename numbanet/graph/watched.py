"""Watched calls: real ones, under a live trace."""

import numpy as np

from numbanet.core.snapshots import snapshot
from numbanet.graph.calls import Arguments
from numbanet.graph.recorded import check_recordable, one_device
from numbanet.graph.results import Results
from numbanet.graph.signatures import Signature
from numbanet.graph.trace import Trace
from numbanet.kernels.recording import CannotRecord
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable


class Watched:
    """One real call under a live trace: it returns what it always returns, and is known afterwards.

    Parameters
    ----------
    f : callable
    given : Arguments
    again : bool
        Whether a call of this kind was watched before. The second time, tensors among the arguments are other objects,
        so that a tensor that the function holds already is not taken for an argument.

    Attributes
    ----------
    captured : dict
        From id to object: the tensors that the function holds.
    aliased : bool
        Whether an argument is a tensor that the function or one of its variables holds: such a call says nothing about
        others.
    """

    def __init__(self, f, given, again):
        self._f, self._roots = f, {"the function": f, **given.objects}
        self._before = snapshot(self._roots, code=True)
        held = self._before.held.values()
        self.captured = {id(x): x for x in held if type(x) is Tensor}
        of_variables = {id(x._held) for x in held if isinstance(x, Variable)}
        self.aliased = any(id(x) in self.captured or id(x) in of_variables for x in given.inputs)
        separate = again and not self.aliased
        self._args, self.inputs = given.separated() if separate else (given.args, given.inputs)
        self._given = given.inputs

    def call(self):
        """The result of the call."""
        before, held = _fingerprint(self._args), self._before.held
        generators = [obj for obj in held.values() if isinstance(obj, np.random.Generator)]
        with Trace(self.inputs, generators, live=True, held=held) as self.trace:
            result = self._f(*self._args)
        self.results = Results(result, self.trace, held)
        self._changed = self._before.difference(snapshot(self._roots, code=True))
        if self._changed is None and before != _fingerprint(self._args):
            self._changed = "its arguments"
        returns_others = self.results.returns_inputs and self.inputs is not self._given
        return self.results.build(self.results.tensors, self._given) if self.results.told or returns_others else result

    def check(self):
        """Raise CannotRecord if this call has shown that it cannot be replayed."""
        check_recordable(one_device([tensor._array for tensor in self.inputs]))
        reasons = [
            self._before.moving,
            self._changed and f"the step changes {self._changed} in Python",
            self.trace.reason,
            self.results.reason,
        ]
        for reason in filter(None, reasons):
            raise CannotRecord(reason)

    def account(self):
        """A Signature of what the call did."""
        return Signature(self.trace, self.results.tensors, self.results.others)


def _fingerprint(args):
    """What a call can change in its arguments: containers, and what is not a tensor."""
    found = Arguments(args)
    return found.kind, [id(tensor) for tensor in found.inputs]
