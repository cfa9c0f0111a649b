"""Recorded steps: a function of tensors, traced, put through the passes and lowered to launches over fixed buffers."""

import numpy as np

from numbanet.debug import looking
from numbanet.errors import DeviceError
from numbanet.graph.lowering import Lowering, needed
from numbanet.graph.passes import fold, fuse, join_cross_entropy
from numbanet.graph.signatures import Signature
from numbanet.graph.trace import Trace
from numbanet.kernels import launch as launching
from numbanet.kernels.arrays import to_host
from numbanet.kernels.copies import contiguous, copied
from numbanet.kernels.memory import device_of, owner
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.tensor.listeners import draw_seeds
from numbanet.tensor.tensor import Tensor


class RecordedStep:
    """The launches of one call of a function.

    Parameters
    ----------
    function : callable
        `function(*inputs)` returns a list of Tensors. It is traced twice, unless `sure`.
    inputs : list of Tensor
        The buffers in which the step finds what differs from call to call.
    generators : list of numpy.random.Generator
        What the function may draw from, by `trace.draw_seed` alone.
    first : callable, optional
        `first(lowering)` emits what comes before the step.
    held : dict, optional
        From id to object: what the function holds, as `Snapshot.held` has it. Constants in memory of these are read
        anew in every step.
    account : Signature, optional
        What the function did when it ran; what is recorded must be the same.
    sure : bool
        Whether the function does the same in every call, being numbanet's own code: then `signature` stays None, which
        saves a third of the time.

    Attributes
    ----------
    outputs : list of numpy.ndarray
        Where the results of a step are found.
    checks : list of (int, callable)
        What the values of an input, by its position, must fulfil before they are used, or an error is raised. Those of
        constants are made by `before`.
    draws : list of numpy.random.Generator
        From which of them a seed is drawn, in order.
    signature : Signature
        What the step does.
    variables, updated : list of Variable
        Those that it reads or updates, and those that it updates.

    Raises
    ------
    CannotRecord
        With the reason, when the step does something that is no launch.
    """

    signature = None

    def __init__(self, function, inputs, generators=(), first=None, held=None, account=None, sure=False):
        check_recordable(one_device([tensor._array for tensor in inputs]))
        trace, outputs = _traced(function, inputs, generators, held)
        if not sure:
            self.signature = Signature(trace, outputs)
            check_same(self.signature, Signature(*_traced(function, inputs, generators, held)))
        if account is not None:
            check_same(account, self.signature)
        self._lower(trace, outputs, [tensor._array for tensor in inputs], first)

    @classmethod
    def from_trace(cls, trace, outputs, buffers, signature=None):
        """The launches of a live trace.

        Parameters
        ----------
        trace : Trace
            Without a refusal, and like one before.
        outputs : list of Tensor
            Those results of the call that differ from call to call.
        buffers : list of numpy.ndarray
            Where the values of the inputs will be put.
        signature : Signature, optional
            Of the trace.
        """
        step = cls.__new__(cls)
        step.signature = signature
        step._lower(trace, outputs, buffers)
        return step

    def _lower(self, trace, outputs, buffers, first=None):
        self.updates = [_replayable(optimizer, pairs) for optimizer, pairs in trace.updates]
        self.variables = list({id(v): v for v in trace.variables.values()}.values())
        self.updated = [variable for _, pairs in self.updates for _, variable in pairs]
        self._split_checks(trace)
        roots = [*outputs, *[gradient for _, pairs in self.updates for gradient, _ in pairs]]
        arrays = {id(tensor): buffer for tensor, buffer in zip(trace.inputs, buffers, strict=True)}
        arrays |= {tensor: variable.home() for tensor, variable in trace.variables.items()}
        self._homes = [(variable, variable.home(), variable.trainable) for variable in self.variables]
        self.lowering = Lowering(arrays, one_device(arrays.values()))
        if first is not None:
            first(self.lowering)
        entries = needed(fold(trace.entries, trace.kept), roots)
        self.lowering.run(join_cross_entropy(fuse(entries, roots), trace.sources), roots)
        self.outputs = [self._output(tensor) for tensor in outputs]
        self._starts: list = []
        self.draws = trace.draws
        self._emit_updates(first=2 * len(trace.draws))

    def _split_checks(self, trace):
        positions = {id(tensor): i for i, tensor in enumerate(trace.inputs)}
        self.checks = [(positions[id(t)], check) for t, check in trace.checks if id(t) in positions]
        self._constant_checks = [(t, check) for t, check in trace.checks if id(t) not in positions and trace.follows(t)]

    def _output(self, tensor):
        """Where a result is; a copy if it is the value of a variable, which the updates will change."""
        array = self.lowering.array_of(tensor)
        if any(owner(array) is owner(variable.home()) for variable in self.updated):
            return self.lowering.emit(copied, array)
        return array

    def _emit_updates(self, first):
        index = first
        for optimizer, pairs in self.updates:
            starts = optimizer.starts([variable for _, variable in pairs])
            self._starts.append(starts)
            numbers = optimizer.numbers_like(starts)
            rate, *others = [Slot(value, index + i) for i, value in enumerate(numbers)]
            index, each = index + len(numbers), len(others) // len(starts)
            of_start = {start: others[i * each : (i + 1) * each] for i, start in enumerate(starts)}
            gradients = [self.lowering.array_of(gradient) for gradient, _ in pairs]
            gradients = self.lowering.emit(optimizer.clipped, [self.lowering.emit(contiguous, g) for g in gradients])
            for g, (_, variable) in zip(gradients, pairs, strict=True):
                home = variable.home().reshape(-1)
                if g.shape != variable.shape or g.dtype != variable.dtype:
                    raise CannotRecord(f"the gradient of {variable.name} has another shape or dtype")
                own = of_start[optimizer.start_of(variable)]
                self.lowering.emit(optimizer.update_array, variable, home, g.reshape(-1), rate, own)

    def numbers_of_steps(self, count):
        """What the slots of the launches hold in the next `count` steps, an array (count, numbers)."""
        if not self.draws and not self.updates:
            return np.empty((count, 0))
        seeds = [self.draw(count)] if self.draws else []  # first, as in a step that runs
        rules = [
            optimizer.numbers_of_steps(optimizer.iterations + 1, count, starts)
            for (optimizer, _), starts in zip(self.updates, self._starts, strict=True)
        ]
        parts = seeds + rules
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def draw(self, count):
        """The seeds of the next `count` steps, drawn from the generators."""
        return draw_seeds(self.draws, count)

    @property
    def moved(self):
        """Whether variables have been moved to another device since, or frozen or thawed."""
        return any(v.home() is not home or v.trainable != trainable for v, home, trainable in self._homes)

    def before(self):
        """Check the constants that may have been written to, and bring the buffers of variables up to date."""
        for tensor, check in self._constant_checks:
            check(to_host(tensor._array))
        for variable in self.variables:
            variable.home()

    def after(self, steps):
        """Tell variables and optimizers that so many steps were done."""
        for variable in self.updated:
            variable.changed_at_home()
        for optimizer, _ in self.updates:
            optimizer.advance(steps)


def one_device(arrays):
    """The device of all arrays, None for the host."""
    try:
        return device_of("", arrays)
    except DeviceError:
        raise CannotRecord("its tensors are on several devices") from None


def check_recordable(device=None):
    """Raise CannotRecord where nothing can be recorded now, whatever it does, on a device or on the host."""
    if looking():
        raise CannotRecord("nn.debug.nans() looks at every result")
    if device is None and launching.backend().schedules is None:
        raise CannotRecord("the loops run in the interpreter")


def check_same(signature, other):
    """Raise CannotRecord unless two traces did the same: what a step counts or draws itself would be frozen."""
    difference = signature.difference(other)
    if difference is not None:
        raise CannotRecord(f"the step does not do the same every time: {difference}")


def _traced(function, inputs, generators, held):
    trace = Trace(inputs, generators, held=held)
    try:
        with trace:
            outputs = function(*inputs)
    except Exception:
        if trace.reason is None:  # else it comes of the refusal
            raise
    if trace.reason is not None:
        raise CannotRecord(trace.reason)
    return trace, outputs


def _replayable(optimizer, pairs):
    """(optimizer, pairs of gradient and variable) of an update that consists of launches."""
    if not optimizer.replayable:
        raise CannotRecord(f"{type(optimizer).__name__} has an update rule of its own")
    if not all(isinstance(gradient, Tensor) for gradient, _ in pairs):
        raise CannotRecord("gradients are applied that are no tensors")
    variables = [variable for _, variable in pairs]
    if not optimizer.built:
        optimizer.build(variables)
    if not optimizer.knows(variables):
        raise CannotRecord(f"{type(optimizer).__name__} has no state for some variables")
    optimizer.follow()
    return optimizer, pairs
