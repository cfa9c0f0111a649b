"""The engine: a training step is traced once, and replayed for whole epochs in compiled code.

What the step reads and writes lies in fixed buffers: the batch, fetched by index from the data set, which is never
copied; the weights, in buffers of the engine's own, which are handed to the Variables after every epoch; losses and
predictions of a slice of steps, from which Python updates the metrics between slices.
"""

import contextlib
import copy
import time

import numpy as np

from numbanet.kernels import launch as launching
from numbanet.kernels.copies import contiguous
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import step as loops
from numbanet.kernels.program import Program
from numbanet.kernels.recording import CannotRecord, Slot
from numbanet.lowering import Lowering, needed
from numbanet.passes import fuse
from numbanet.tensor import Tensor
from numbanet.trace import Trace

SLICE_SECONDS = 0.1
"""How long Python waits for a slice of steps: the progress bar, callbacks and Ctrl-C live between them."""
RESULT_BYTES = 16_000_000
"""How much memory the predictions of one slice may take."""

_fetch, _store_rows = Kernel(loops.fetch_rows), Kernel(loops.store_rows)
_store_number, _advance = Kernel(loops.store_number), Kernel(loops.advance)


class Step:
    """The Program of one training step, for batches of one size.

    Parameters
    ----------
    engine : Engine
    batch : int
        Samples of a batch.
    generator : numpy.random.Generator
        What the step draws from; a step that draws cannot be recorded.

    Raises
    ------
    CannotRecord
        With the reason, when the step does something that is no launch.
    """

    def __init__(self, engine, batch, generator):
        self.batch = batch
        inputs = [Tensor(part[:batch].copy()) for part in engine.data.parts.values()]  # buffers that batches are put in
        trace, loss, prediction = self._trace(engine.model, inputs, generator)
        again, _, _ = self._trace(engine.model, inputs, generator)
        if not trace.same_as(again):  # a counter in Python, or random numbers of its own, would be frozen
            raise CannotRecord("the step does not do the same every time")
        optimizer, pairs = _only_update(trace)
        outputs = [loss, prediction] if engine.model.metrics else [loss]  # nobody else looks at predictions
        roots = [*outputs, *[gradient for gradient, _ in pairs]]
        self.lowering = Lowering({id(tensor): tensor._array for tensor in inputs} | engine.homes(trace))
        self._fetch(engine, inputs)
        self.lowering.run(fuse(needed(trace.entries, roots), roots), roots)
        self._update(engine, optimizer, pairs)
        self.loss = self.lowering.array_of(loss)
        self.prediction = self.lowering.array_of(prediction) if engine.model.metrics else None
        if self.prediction is not None and self.prediction.shape[:1] != (batch,):
            raise CannotRecord(f"predictions of shape {self.prediction.shape} are not one per sample")
        self._alive = trace, inputs
        self.program = None

    def _trace(self, model, inputs, generator):
        with _without_draws(generator), Trace(inputs) as trace:
            loss, prediction = model.update(*inputs, *[None] * (3 - len(inputs)), generator)
        return trace, loss, prediction

    def _fetch(self, engine, inputs):
        for rows, tensor in zip(engine.rows, inputs, strict=True):
            cost = 5.0 + rows.shape[1] * rows.itemsize * 0.05
            out = tensor._array.reshape(self.batch, rows.shape[1])
            self.lowering.emit(_fetch, self.batch, rows, engine.order, engine.cursor, out, cost=cost)

    def _update(self, engine, optimizer, pairs):
        numbers = optimizer.step_numbers(optimizer.iterations + 1)
        rate, *others = [Slot(value, i) for i, value in enumerate(numbers)]
        for gradient, variable in pairs:
            home, g = engine.home[id(variable)].reshape(-1), self.lowering.array_of(gradient)
            if not g.flags.c_contiguous or g.shape != variable.shape or g.dtype != variable.dtype:
                raise CannotRecord(f"the gradient of {variable.name} is laid out in another way")
            self.lowering.emit(optimizer.update_array, variable, home, g.reshape(-1), rate, others)

    def finish(self, engine):
        """Add what puts away the results and goes on to the next batch; then the Program is complete."""
        emit, cursor = self.lowering.emit, engine.cursor
        emit(_store_number, 1, self.loss.reshape(-1), cursor, engine.losses)
        if engine.predictions is not None:
            flat = emit(contiguous, self.prediction).reshape(self.batch, engine.predictions.shape[1])
            emit(_store_rows, self.batch, flat, cursor, engine.predictions, cost=flat.shape[1] * 0.5)
        emit(_advance, 1, cursor, self.batch)
        self.program = Program(self.lowering.launches, (self.lowering, self._alive))


def _only_update(trace):
    """The one (optimizer, pairs of gradient and variable) of a step."""
    if len(trace.updates) != 1:
        raise CannotRecord(f"the step applies gradients {len(trace.updates)} times, not once")
    optimizer, pairs = trace.updates[0]
    if not optimizer.replayable:
        raise CannotRecord(f"{type(optimizer).__name__} has an update rule of its own")
    if optimizer.clips:
        raise CannotRecord("gradients are clipped in NumPy")
    optimizer.build([variable for _, variable in pairs])
    return optimizer, pairs


@contextlib.contextmanager
def _without_draws(generator):
    """Raise CannotRecord, and put the generator back, if something inside draws random numbers."""
    before = copy.deepcopy(generator.bit_generator.state)
    try:
        yield
    finally:
        drawn = generator.bit_generator.state != before
        generator.bit_generator.state = before
    if drawn:
        raise CannotRecord("the step draws random numbers in Python")


class Engine:
    """Runs epochs of `fit` as Programs.

    Parameters
    ----------
    model : Trainer
        Compiled and built.
    data : ArrayData
    batch_size : int
    generator : numpy.random.Generator

    Raises
    ------
    CannotRecord
        With the reason, when the model's step cannot be replayed.
    """

    def __init__(self, model, data, batch_size, generator):
        if launching.backend().schedules is None:
            raise CannotRecord("the loops run in the interpreter")
        self.model, self.data = model, data
        size = min(batch_size, data.size)
        self.rows = [np.ascontiguousarray(part).reshape(len(part), part[0].size) for part in data.parts.values()]
        self.order = np.arange(data.size)
        self.cursor = np.zeros(8, np.int64)  # sample of the epoch, step of the slice; a cache line of its own
        self.home = {id(weight): weight.numpy().copy() for weight in model.weights}
        sizes = [size, data.size % size] if data.size % size else [size]
        self.steps = [Step(self, batch, generator) for batch in sizes]
        self._make_room(self.steps[0], data.size // size)
        for step in self.steps:
            step.finish(self)
        self._at_once = 1

    def homes(self, trace):
        """From the ids of the values of variables to the engine's buffers; only the model's own may be read."""
        known = {id(weight._tensor): self.home[id(weight)] for weight in self.model.weights}
        if any(tensor not in known for tensor in trace.variable_values):
            raise CannotRecord("a variable is read that is not one of the model's weights")
        return known

    def _make_room(self, step, steps):
        """Buffers for the results of a slice of at most `capacity` steps."""
        per_step = 0 if step.prediction is None else step.prediction.nbytes
        self.capacity = max(1, min(steps, 4096, RESULT_BYTES // max(per_step, 1)))
        self.losses = np.empty(self.capacity, step.loss.dtype)
        self.predictions = None
        if step.prediction is not None:
            shape = (self.capacity * step.batch, step.prediction.size // step.batch)
            self.predictions = np.empty(shape, step.prediction.dtype)

    def slices(self, order):
        """Run one epoch in slices.

        Parameters
        ----------
        order : numpy.ndarray of int64, (samples,), or None
            The rows of the epoch's batches, one after the other; None for the order of the data.

        Yields
        ------
        (rows, losses, batch, predictions)
            The rows of the data that were trained on, one loss per step, the samples per step, and the predictions.
        """
        self.order[...] = np.arange(self.data.size) if order is None else order
        for weight in self.model.weights:
            self.home[id(weight)][...] = weight.numpy()
        self.cursor[0] = 0
        try:
            for step in self.steps:
                count = self.data.size // step.batch if step is self.steps[0] else 1
                while count:
                    taken = min(count, self._at_once, self.capacity)
                    yield self._run(step, taken)
                    count -= taken
        finally:
            for weight in self.model.weights:
                weight.replace(self.home[id(weight)].copy())

    def _run(self, step, count):
        optimizer, first = self.model.optimizer, int(self.cursor[0])
        done = optimizer.iterations
        numbers = optimizer.numbers_of_steps(done + 1, count)
        self.cursor[1] = 0
        started = time.perf_counter()
        try:
            step.program.run(count, numbers)
        finally:
            optimizer.iterations = done + int(self.cursor[1])  # the steps that were done, also when Ctrl-C ended them
        seconds = time.perf_counter() - started
        self._at_once = max(1, min(int(count * SLICE_SECONDS / max(seconds, 1e-9)), 64 * count))
        rows = self.order[first : first + count * step.batch]
        predictions = None
        if self.predictions is not None:
            predictions = self.predictions[: len(rows)].reshape(-1, *step.prediction.shape[1:])
        return rows, self.losses[:count], step.batch, predictions
