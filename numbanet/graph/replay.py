"""The replay of a kind of call that was watched twice and did the same."""

from functools import partial

from numbanet.graph.outcome import Replay
from numbanet.graph.recorded import RecordedStep
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import copy_as_laid_out
from numbanet.launching.program import program_of
from numbanet.tensor.tensor import Tensor


class ReplayedCall(Replay):
    """A kind of call that was watched twice and did the same, as a Program.

    Parameters
    ----------
    watched : Watched
    account : Signature
        What the call did.

    Raises
    ------
    CannotRecord
        With the reason, when the call does something that is not a launch.
    """

    def __init__(self, watched, account):
        self._captured, self._results = watched.captured, watched.results
        graph = watched.trace.graph_of(self._results.tensors)
        self.buffers = [Tensor(copy_as_laid_out(tensor._array)) for tensor in graph.inputs]
        self.recorded = RecordedStep.from_graph(graph, [buffer._array for buffer in self.buffers], account)
        self._results.tensors = []
        lowering = self.recorded.lowering
        self.program = program_of(lowering.launches, lowering.pool, self.recorded)
        self._numbers = partial(self.recorded.numbers_of_steps, 1)

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
        walked = self.program.walked
        recorded.replay(self.program, self._numbers, lambda: self.program.walked - walked)
        return self._results.build([Tensor(array.copy()) for array in recorded.outputs], inputs)
