"""Watched calls, real ones under a live trace, and what comes of them: the replay of a call that was seen twice."""

import numpy as np

from numbanet.core.snapshots import snapshot
from numbanet.graph.calls import Arguments
from numbanet.graph.recorded import RecordedStep, check_recordable, one_device
from numbanet.graph.results import Results
from numbanet.graph.signatures import Signature
from numbanet.graph.trace import Trace
from numbanet.kernels.arrays import to_host
from numbanet.kernels.program import program_of
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
    """What a call can change in its arguments: containers, and what is no tensor."""
    found = Arguments(args)
    return found.kind, [id(tensor) for tensor in found.inputs]


class Replay:
    """A kind of call that was watched twice and did the same, as a Program.

    Parameters
    ----------
    watched : Watched
    account : Signature
        What the call did.

    Raises
    ------
    CannotRecord
        With the reason, when the call does something that is no launch.
    """

    def __init__(self, watched, account):
        self._captured, self._results = watched.captured, watched.results
        graph = watched.trace.graph_of(self._results.tensors)
        self.buffers = [Tensor(tensor._array.copy()) for tensor in graph.inputs]
        self.recorded = RecordedStep.from_graph(graph, [buffer._array for buffer in self.buffers], account)
        self._results.tensors = []
        lowering = self.recorded.lowering
        self.program = program_of(lowering.launches, lowering.pool, self.recorded)

    @property
    def moved(self):
        """Whether variables have been moved since, frozen or thawed."""
        return self.recorded.moved

    def captures(self, inputs):
        """Whether an argument is a tensor that the function or one of its variables holds."""
        for tensor in inputs:
            if id(tensor) in self._captured:
                return True
        for variable in self.recorded.variables:
            held = variable._held
            if held is not None and any(held is tensor for tensor in inputs):
                return True
        return False

    def run(self, inputs):
        """The result of a call with these tensors."""
        recorded = self.recorded
        for position, check in recorded.checks:
            check(to_host(inputs[position]._array))
        for buffer, tensor in zip(self.buffers, inputs, strict=True):
            buffer._array[...] = tensor._array
        recorded.before()
        done = 0
        try:
            self.program.run(1, recorded.numbers_of_steps(1))
            done = 1
        finally:
            recorded.after(done)
        return self._results.build([Tensor(array.copy()) for array in recorded.outputs], inputs)
