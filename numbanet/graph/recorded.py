"""Recorded steps: a function of tensors, traced, put through the passes and lowered to launches over fixed buffers."""

import operator

import numpy as np

from numbanet.backends.select import backend
from numbanet.debug import looking
from numbanet.errors import DeviceError
from numbanet.graph.lowering import Lowering
from numbanet.graph.passes import optimized
from numbanet.graph.signatures import Signature
from numbanet.graph.trace import Trace
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import device_of, owner
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.launching.copies import contiguous, copied, copy_to
from numbanet.ops.indexing import clear_rows
from numbanet.optimizers import averages
from numbanet.optimizers.constrained import constrained_tensor, is_launches
from numbanet.optimizers.lazy import record_some
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
    checks_of_rows : list of (int, callable)
        The same for rows of the inputs of several steps; see `ir.Check`.
    draws, generators : list of numpy.random.Generator
        From which of them a seed is drawn, in order; the same, each once.
    signature : Signature
        What the step does.
    variables, trained, changed : list of Variable
        Those that it reads or changes; those that optimizers update; those, and what it assigns to.

    Raises
    ------
    CannotRecord
        With the reason, when the step does something that is not a launch.
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
        self._lower(trace.graph_of(outputs), [tensor._array for tensor in inputs], first)

    @classmethod
    def from_graph(cls, graph, buffers, signature=None):
        """The launches of a step that was traced while it ran.

        Parameters
        ----------
        graph : Graph
        buffers : list of numpy.ndarray
            Where the values of the inputs will be put.
        signature : Signature, optional
            Of the graph.
        """
        step = cls.__new__(cls)
        step.signature = signature
        step._lower(graph, buffers)
        return step

    def _lower(self, graph, buffers, first=None):
        self.updates = [_replayable(one.optimizer, one.pairs) for one in graph.updates]
        self.trained, self.changed = graph.trained, graph.changed
        self.variables = list({id(v): v for v in (*graph.variables.values(), *self.changed)}.values())
        self._split_checks(graph)
        arrays = {id(tensor): buffer for tensor, buffer in zip(graph.inputs, buffers, strict=True)}
        arrays |= {tensor: variable.home() for tensor, variable in graph.variables.items()}
        self._homes = [(variable, variable.home(), variable.trainable) for variable in self.variables]
        self.lowering = Lowering(arrays, one_device([home for _, home, _ in self._homes] + buffers))
        if first is not None:
            first(self.lowering)
        graph = optimized(graph)
        self.lowering.run(graph)
        self.draws = graph.draws
        self.generators = [*{id(generator): generator for generator in self.draws}.values()]
        homes = {id(owner(variable.home())) for variable in self.changed}
        self.outputs = [self._settled(tensor, homes) for tensor in graph.outputs]
        gradients = [[self._settled(gradient, homes) for gradient, _ in pairs] for _, pairs in self.updates]
        assigned = [(one.variable.home(), self._settled(one.tensor, homes)) for one in graph.assignments.values()]
        self._starts: list = []
        self._constraints: list = []
        touched = [
            [some and (some, self.lowering.array_of(some.rows)) for some in one.touched] for one in graph.updates
        ]
        for home, array in assigned:  # before the updates, which start from what was assigned
            self.lowering.emit(copy_to, home, array)
        self._emit_updates(gradients, touched, first=2 * len(graph.draws))
        for memory, indices in graph.cleared:
            self.lowering.emit(clear_rows, memory, self.lowering.array_of(indices))

    def _split_checks(self, graph):
        positions = {id(tensor): i for i, tensor in enumerate(graph.inputs)}
        of_inputs = [one for one in graph.checks if id(one.tensor) in positions]
        self.checks = [(positions[id(one.tensor)], one.check) for one in of_inputs]
        self.checks_of_rows = [(positions[id(one.tensor)], one.of_rows) for one in of_inputs]
        others = [one for one in graph.checks if id(one.tensor) not in positions and graph.follows(one.tensor)]
        self._constant_checks = [(one.tensor, one.check) for one in others]

    def _settled(self, tensor, homes):
        """Where a tensor is at the end of the step: a copy if it lies in a variable that will change."""
        array = self.lowering.array_of(tensor)
        return self.lowering.emit(copied, array) if id(owner(array)) in homes else array

    def _emit_updates(self, gradients, touched, first):
        index = first
        for (optimizer, pairs), arrays, some in zip(self.updates, gradients, touched, strict=True):
            starts = optimizer.starts([variable for _, variable in pairs])
            self._starts.append(starts)
            numbers = optimizer.numbers_like(starts)
            rate, *others = [Slot(value, index + i) for i, value in enumerate(numbers)]
            index, each = index + len(numbers), len(others) // len(starts)
            of_start = {start: others[i * each : (i + 1) * each] for i, start in enumerate(starts)}
            arrays, flags = self._sums(optimizer, pairs, [self.lowering.emit(contiguous, g) for g in arrays], others)
            clipped = self.lowering.emit(optimizer.clipped, arrays)
            for g, (_, variable), rows in zip(clipped, pairs, some, strict=True):
                home = variable.home()
                own = of_start[optimizer.start_of(variable)]
                if flags is not None:
                    self.lowering.emit(averages.record_due, optimizer, variable, home, g, rate, own, flags)
                elif rows is None:
                    self.lowering.emit(optimizer.update_array, variable, home.reshape(-1), g.reshape(-1), rate, own)
                else:
                    self.lowering.emit(record_some, optimizer, variable, home, g, rate, own, rows)
                self.lowering.emit(averages.follow, optimizer, variable, home.reshape(-1), own)
                if variable.constraint is not None:
                    self._constrain(variable, home)

    def _sums(self, optimizer, pairs, gradients, numbers):
        """Return what is to be applied, and flags of the steps in which it is, None where that is each of them."""
        for (_, variable), g in zip(pairs, gradients, strict=True):
            if g.shape != variable.shape or g.dtype != variable.dtype:
                raise CannotRecord(f"the gradient of {variable.name} has another shape or dtype")
        variables = [variable for _, variable in pairs]
        place = device_of("", gradients)
        means = self.lowering.emit(averages.sums, optimizer, variables, gradients, numbers)
        return means, self.lowering.emit(averages.flags_of, optimizer, place, numbers)

    def _constrain(self, variable, home):
        """Put what the constraint of a variable gives in place of the value that the update left."""
        if not is_launches(variable):
            raise CannotRecord(f"the constraint of {variable.name} is a function of its own")
        value = Tensor(home)
        trace, outputs = _traced(lambda x: [constrained_tensor(variable, x)], [value], (), None)
        self.lowering.arrays[id(value)] = home
        graph = optimized(trace.graph_of(outputs))
        self._constraints.append((value, graph))  # arrays are found by the ids of tensors, which must live
        self.lowering.run(graph)
        self.lowering.emit(copy_to, home, self.lowering.array_of(graph.outputs[0]))

    def numbers_of_steps(self, count):
        """What the slots of the launches hold in the next `count` steps, an array (count, numbers)."""
        if not self.draws and not self.updates:
            return np.empty((count, 0))
        seeds = [self.draw(count)] if self.draws else []  # first, as in a step that runs
        rules = [
            optimizer.numbers_of_steps(optimizer.calls + 1, count, starts)
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

    def replay(self, program, numbers, done, until_done=True):
        """Run the Program of this step; whatever ends it, everything is as after a whole number of steps.

        Parameters
        ----------
        program : Program
        numbers : callable
            Returns those of the steps that are to be done, as `numbers_of_steps` does.
        done : callable
            Returns how many steps the Program has done, for which only its loops can be asked: Ctrl-C may come as soon
            as they have ended.
        until_done : bool
            See `Program.run`.

        Returns
        -------
        int
            How many steps were done.
        """
        self.before()
        if not (self.updates or self.generators):  # nothing is counted: a call takes 8.0 us instead of 9.2
            for variable in self.changed:
                variable.changed_at_home()  # now, since Ctrl-C may come as soon as the Program has ended
            values = numbers()
            program.run(len(values), values, until_done=until_done)
            return len(values) if until_done else done()
        calls = [*map(_calls_of, self.updates)]
        drawn = [*map(_state_of, self.generators)]
        wanted = 0
        try:
            values = numbers()
            wanted = len(values)
            program.run(wanted, values, until_done=until_done)
            return self._settle(done, wanted, calls, drawn)
        except BaseException as error:  # Ctrl-C, perhaps as late as in `_settle`
            if wanted or not isinstance(error, Exception):  # a rate that is refused comes after seeds that are drawn
                self._settle(done, wanted, calls, drawn)
            raise

    def _settle(self, done, wanted, calls, drawn):
        """Tell variables, optimizers and generators how many steps were done, and return it; it may be called again."""
        steps = done()
        for variable in self.changed:
            variable.changed_at_home()
        for (optimizer, _), before in zip(self.updates, calls, strict=True):
            optimizer.has_made(before + steps)
        if drawn and (steps < wanted or not steps):  # the others draw their seeds when their turn comes
            for generator, state in zip(self.generators, drawn, strict=True):
                generator.bit_generator.state = state
            self.draw(steps)
        return steps


def _calls_of(update):
    """How many times the optimizer of an update was given gradients."""
    return update[0].calls


_state_of = operator.attrgetter("bit_generator.state")


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
    if device is None and not backend().compiled:
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
