"""The engine: a training step is traced once, and replayed for whole epochs in compiled code.

What the step reads and writes lies in fixed buffers: the batch, fetched by index from the data set, which is never
copied on the host; the weights, in the Variables' own homes; losses and predictions of a slice of steps, from which
Python updates the metrics between slices. Where a device has no room for the data set, batches are fetched from chunks
of it.
"""

import contextlib
import functools
import time

import numpy as np

from numbanet.kernels.arrays import to_host
from numbanet.kernels.copies import contiguous
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import step as loops
from numbanet.kernels.program import program_of
from numbanet.kernels.recording import CannotRecord
from numbanet.kernels.uploads import Uploads
from numbanet.recorded import RecordedStep
from numbanet.tensor import device_named, put

SLICE_SECONDS = 0.1
"""How long Python waits for a slice of steps: the progress bar, callbacks and Ctrl-C live between them."""
RESULT_BYTES = 16_000_000
"""How much memory the predictions of one slice may take."""

_fetch, _store_rows = Kernel(loops.fetch_rows), Kernel(loops.store_rows)
_store_number, _advance = Kernel(loops.store_number), Kernel(loops.advance)


class _Whole:
    """A data set where the model is, as matrices of rows; an epoch fetches them in its order."""

    def __init__(self, place, tensors):
        self.rows = [_matrix(contiguous(tensor._array)) for tensor in tensors]
        self.order = put(np.arange(len(self.rows[0])), place)._array

    def spans(self, order):
        """How many samples of the epoch can be fetched now, one after the other: all."""
        self.order[...] = np.arange(len(self.order)) if order is None else order
        yield len(self.order)


class _Chunks:
    """Room for a chunk of a data set that does not fit where the model is; it arrives in the order of the epoch."""

    def __init__(self, place, parts, batch):
        device = device_named(place)
        self.uploads = Uploads(device, [_matrix(part) for part in parts], batch)
        self.rows = [device.empty((self.uploads.rows, x.shape[1]), x.dtype) for x in self.uploads.arrays]
        self.order = put(np.arange(self.uploads.rows), place)._array

    def spans(self, order):
        """How many samples of the epoch can be fetched now, one after the other: those of a chunk, after each other."""
        with contextlib.closing(self.uploads.chunks(order)) as chunks:
            for arrays in chunks:
                for rows, chunk in zip(self.rows, arrays, strict=True):
                    rows[: len(chunk)] = chunk  # on the device: a hundredth of its way there
                yield len(arrays[0])


def _matrix(part):
    return part.reshape(len(part), part[0].size)


class Step:
    """The Program of one training step, for batches of one size.

    Parameters
    ----------
    engine : Engine
    batch : int
        Samples of a batch.
    generator : numpy.random.Generator
        What the step draws from.

    Raises
    ------
    CannotRecord
        With the reason, when the step does something that is no launch.
    """

    def __init__(self, engine, batch, generator):
        self.batch = batch
        model = engine.model

        def function(*parts):
            loss, prediction = model.update(*parts, *[None] * (3 - len(parts)), generator)
            return [loss, prediction] if model.metrics else [loss]  # nobody else looks at predictions

        inputs = [
            put(part[:batch].copy(), engine.place) for part in engine.data.parts.values()
        ]  # where batches are put
        fetch = functools.partial(self._fetch, engine, inputs)
        self.recorded = RecordedStep(function, inputs, [generator], fetch)
        for position, check in self.recorded.checks:
            check(list(engine.data.parts.values())[position])
        self.loss, self.prediction = (*self.recorded.outputs, None)[:2]
        if len(self.recorded.updates) != 1 or self.recorded.updates[0][0] is not model.optimizer:
            raise CannotRecord("the step does not apply gradients once, by the model's optimizer")
        if self.prediction is not None and self.prediction.shape[:1] != (batch,):
            raise CannotRecord(f"predictions of shape {self.prediction.shape} are not one per sample")
        self.program = None

    def _fetch(self, engine, inputs, lowering):
        for rows, tensor in zip(engine.rows, inputs, strict=True):
            cost = 5.0 + rows.shape[1] * rows.itemsize * 0.05
            out = tensor._array.reshape(self.batch, rows.shape[1])
            lowering.emit(_fetch, self.batch, rows, engine.order, engine.cursor, out, cost=cost)

    def finish(self, engine):
        """Add what puts away the results and goes on to the next batch; then the Program is complete."""
        lowering, cursor = self.recorded.lowering, engine.cursor
        lowering.emit(_store_number, 1, self.loss.reshape(-1), cursor, engine.losses)
        if engine.predictions is not None:
            flat = lowering.emit(contiguous, self.prediction).reshape(self.batch, engine.predictions.shape[1])
            lowering.emit(_store_rows, self.batch, flat, cursor, engine.predictions, cost=flat.shape[1] * 0.5)
        lowering.emit(_advance, 1, cursor, self.batch)
        self.program = program_of(lowering.launches, lowering.pool, self.recorded)


class Engine:
    """Runs epochs of `fit` as Programs.

    Parameters
    ----------
    model : Trainer
        Compiled and built.
    data : ArrayData
    batch_size : int
    generator : numpy.random.Generator
    state : object
        What the Programs take for granted; see `evaluation.python_state`.

    Raises
    ------
    CannotRecord
        With the reason, when the model's step cannot be replayed.
    """

    def __init__(self, model, data, batch_size, generator, state):
        self.model, self.data, self.state = model, data, state
        size = min(batch_size, data.size)
        self.place = model.device
        whole = data.on(self.place)
        source = _Whole(self.place, whole.values()) if whole else _Chunks(self.place, data.parts.values(), size)
        self.source, self.rows, self.order = source, source.rows, source.order
        self.cursor = self._put(
            np.zeros(8, np.int64)
        )  # sample of the epoch, step of the slice; a cache line of its own
        sizes = [size, data.size % size] if data.size % size else [size]
        self.steps = [Step(self, batch, generator) for batch in sizes]
        self._make_room(self.steps[0], data.size // size)
        for step in self.steps:
            step.finish(self)
        self._at_once = 1

    def _put(self, array):
        """Rows of a NumPy array where the model is: itself, or a copy on a device."""
        return put(array, self.place)._array

    def _make_room(self, step, steps):
        """Buffers for the results of a slice of at most `capacity` steps."""
        per_step = 0 if step.prediction is None else step.prediction.nbytes
        self.capacity = max(1, min(steps, 4096, RESULT_BYTES // max(per_step, 1)))
        self.losses = self._put(np.empty(self.capacity, step.loss.dtype))
        self.predictions = None
        if step.prediction is not None:
            shape = (self.capacity * step.batch, step.prediction.size // step.batch)
            self.predictions = self._put(np.empty(shape, step.prediction.dtype))

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
        self._rows = np.arange(self.data.size) if order is None else order
        self._first = 0
        with contextlib.closing(self.source.spans(order)) as spans:
            for size in spans:
                self.cursor[0] = 0
                full, left = divmod(size, self.steps[0].batch)
                for step, count in ((self.steps[0], full), (self.steps[-1], min(left, 1))):
                    while count:
                        taken = min(count, self._at_once, self.capacity)
                        yield self._run(step, taken)
                        count -= taken

    def _run(self, step, count):
        first, numbers = self._first, step.recorded.numbers_of_steps(count)
        self.cursor[1] = 0
        step.recorded.before()
        started = time.perf_counter()
        try:
            step.program.run(count, numbers)
        finally:
            step.recorded.after(int(to_host(self.cursor)[1]))  # the steps that were done, also when Ctrl-C ended them
        seconds = time.perf_counter() - started
        self._at_once = max(1, min(int(count * SLICE_SECONDS / max(seconds, 1e-9)), 64 * count))
        self._first += count * step.batch
        rows = self._rows[first : self._first]
        predictions = None
        if self.predictions is not None:
            predictions = to_host(self.predictions[: len(rows)]).reshape(-1, *step.prediction.shape[1:])
        return rows, to_host(self.losses[:count]), step.batch, predictions
