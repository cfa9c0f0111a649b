"""The engine: a training step is recorded, and replayed for whole epochs in compiled code.

What the step reads and writes lies in fixed buffers: the batch, fetched by index from the data set, which is never
copied on the host; the weights, in the Variables' own homes; losses and predictions of a slice of steps, from which
Python updates the metrics between slices. Where a device has no room for the data set, batches are fetched from chunks
of it.

A slice is replayed only if what the recorded step took for granted still holds (`guard.py`). What has changed is
recorded anew. A step with code in it that is not numbanet's runs as it is, under the eyes of a witness, until it has
done the same twice, and once more before each slice (`witness.py`). So whatever Python may change between two batches
is seen by the next one, as if all of them ran one by one.
"""

import contextlib
import functools
import operator
import time

import numpy as np

from numbanet.core.settings import config
from numbanet.debug import looking
from numbanet.errors import DeviceError
from numbanet.graph.checking import both_steps
from numbanet.graph.recorded import RecordedStep, check_recordable
from numbanet.graph.witness import Rehearsals, witnessed
from numbanet.kernels.arrays import to_host
from numbanet.kernels.copies import contiguous
from numbanet.kernels.launch import Kernel
from numbanet.kernels.program import program_of
from numbanet.kernels.recording import CannotRecord
from numbanet.kernels.uploads import Uploads
from numbanet.loops import step as loops
from numbanet.ops.indexing import take
from numbanet.ops.shaping import reshape
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import Tensor, device_named, put

SLICE_SECONDS = 0.08
"""How long Python waits for a slice of steps: the progress bar, callbacks and Ctrl-C live between them."""
RESULT_BYTES = 16_000_000
"""How much memory the predictions of one slice may take."""
WAIT = 2
"""How many steps run one by one after a change, before they are recorded anew: it may change again and again."""
PARTS = ("x", "y", "sample_weight")

_fetch, _store_rows = Kernel(loops.fetch_rows), Kernel(loops.store_rows)
_store_number, _advance = Kernel(loops.store_number), Kernel(loops.advance)


class _Whole:
    """A data set where the model is, as matrices of rows; an epoch fetches them in its order."""

    def __init__(self, place, tensors):
        self.rows = [_matrix(contiguous(tensor._array)) for tensor in tensors]
        self.order = put(np.arange(len(self.rows[0])), place)._array

    def refresh(self, parts, rows):
        """Copy these samples again where the rows are a copy: the arrays of the user may have been written to."""
        if isinstance(self.order, np.ndarray):
            for matrix, part in zip(self.rows, parts, strict=True):
                if not np.may_share_memory(matrix, part):
                    matrix[rows] = part[rows].reshape(len(rows), -1)

    def batch(self, parts, first, rows):
        """The samples of one batch as tensors."""
        if isinstance(self.order, np.ndarray):
            return [Tensor(part[rows]) for part in parts]
        return _taken(self, parts, first, len(rows))

    def spans(self, order):
        """How many samples of the epoch can be fetched now, one after the other: all."""
        rows = np.arange(len(self.order)) if order is None else order
        self.order[: len(rows)] = rows
        yield len(rows)


class _Chunks:
    """Room for a chunk of a data set that does not fit where the model is; it arrives in the order of the epoch."""

    def __init__(self, place, parts, batch):
        device = device_named(place)
        self.uploads = Uploads(device, [_matrix(part) for part in parts], batch)
        self.rows = [device.empty((self.uploads.rows, x.shape[1]), x.dtype) for x in self.uploads.arrays]
        self.order = put(np.arange(self.uploads.rows), place)._array

    def refresh(self, parts, rows):
        """Nothing is kept of an epoch that is over."""

    def batch(self, parts, first, rows):
        """The samples of one batch as tensors."""
        return _taken(self, parts, first, len(rows))

    def spans(self, order):
        """How many samples of the epoch can be fetched now, one after the other: those of a chunk, after each other."""
        with contextlib.closing(self.uploads.chunks(order)) as chunks:
            for arrays in chunks:
                for rows, chunk in zip(self.rows, arrays, strict=True):
                    rows[: len(chunk)] = chunk  # on the device: a hundredth of its way there
                yield len(arrays[0])


def _taken(source, parts, first, count):
    """Samples that are on a device already."""
    places = Tensor(source.order[first : first + count])
    return [
        reshape(take(Tensor(matrix), places, axis=0), (count, *part.shape[1:]))
        for matrix, part in zip(source.rows, parts, strict=True)
    ]


def _matrix(part):
    return part.reshape(len(part), part[0].size)


class Step:
    """The Program of one training step, for batches of one size, and room for what a slice of such steps gives.

    Parameters
    ----------
    engine : Engine
    batch : int
        Samples of a batch.
    account : Account, optional
        What the step did when it ran; what is recorded must be the same.

    Raises
    ------
    CannotRecord
        With the reason, when the step does something that is no launch.
    """

    def __init__(self, engine, batch, account=None):
        self.batch = batch
        model, generator = engine.model, engine.generator
        inputs = [put(part[:batch].copy(), engine.place) for part in engine.data.parts.values()]
        fetch = functools.partial(self._fetch, engine, inputs)
        guard, sure = engine.guard, not (engine.guard.own_code or config.check_replay)
        self.recorded = RecordedStep(engine.step_of, inputs, [generator], fetch, guard.state.held, account, sure)
        self.loss, self.prediction = (*self.recorded.outputs, None)[:2]
        if len(self.recorded.updates) != 1 or self.recorded.updates[0][0] is not model.optimizer:
            raise CannotRecord("the step does not apply gradients once, by the model's optimizer")
        if self.loss.size != 1:
            raise CannotRecord(f"the loss has shape {self.loss.shape}")
        if self.prediction is not None and self.prediction.shape[:1] != (batch,):
            raise CannotRecord(f"predictions of shape {self.prediction.shape} are not one per sample")
        self._optimizer = model.optimizer
        self._arrays = self._optimizer.arrays_of(self.recorded.trained)
        self._make_room(engine)
        self._finish(engine)
        self.at_once = 1

    def _fetch(self, engine, inputs, lowering):
        for rows, tensor in zip(engine.rows, inputs, strict=True):
            cost = 5.0 + rows.shape[1] * rows.itemsize * 0.05
            out = tensor._array.reshape(self.batch, rows.shape[1])
            lowering.emit(_fetch, self.batch, rows, engine.order, engine.cursor, out, cost=cost)

    def _make_room(self, engine):
        """Buffers for the results of a slice of at most `capacity` steps."""
        per_step = 0 if self.prediction is None else self.prediction.nbytes
        steps = engine.data.size // self.batch if self.batch == engine.batch_size else 1
        self.capacity = max(1, min(steps, 4096, RESULT_BYTES // max(per_step, 1)))
        self.losses = put(np.empty(self.capacity, self.loss.dtype), engine.place)._array
        self.predictions = None
        if self.prediction is not None:
            shape = (self.capacity * self.batch, self.prediction.size // self.batch)
            self.predictions = put(np.empty(shape, self.prediction.dtype), engine.place)._array

    def _finish(self, engine):
        """Add what puts away the results and goes on to the next batch; then the Program is complete."""
        lowering, cursor = self.recorded.lowering, engine.cursor
        if self.predictions is not None:
            flat = lowering.emit(contiguous, self.prediction).reshape(self.batch, self.predictions.shape[1])
            lowering.emit(_store_rows, self.batch, flat, cursor, self.predictions, cost=flat.shape[1] * 0.5)
        lowering.emit(_store_number, 1, self.loss.reshape(-1), cursor, self.losses)
        lowering.emit(_advance, 1, cursor, self.batch)
        self.program = program_of(lowering.launches, lowering.pool, self.recorded)

    @property
    def moved(self):
        """Whether variables, or the state that the optimizer has for them, are in other memory than they were."""
        now = self._optimizer.arrays_of(self.recorded.trained)
        return self.recorded.moved or not all(map(operator.is_, now, self._arrays)) or len(now) != len(self._arrays)

    def note_time(self, count, seconds):
        """Choose how many steps the next slice has, from the time that some took."""
        self.at_once = max(1, min(int(count * SLICE_SECONDS / max(seconds, 1e-9)), 64 * count, self.capacity))


class Engine:
    """Runs epochs of `fit`, replayed where that gives the same.

    Parameters
    ----------
    model : Trainer
        Compiled and built.
    data : ArrayData
    batch_size : int
    generator : numpy.random.Generator
    guard : Guard

    Attributes
    ----------
    reason : str or None
        Why steps run one by one for now, if they cannot be replayed.
    """

    def __init__(self, model, data, batch_size, generator, guard):
        check_recordable(device_named(model.device))
        self.model, self.data, self.generator, self.guard = model, data, generator, guard
        self.batch_size = min(batch_size, data.size)
        self.place = model.device
        whole = data.on(self.place)
        chunks = functools.partial(_Chunks, self.place, data.parts.values(), self.batch_size)
        self.source = _Whole(self.place, whole.values()) if whole else chunks()
        self.rows, self.order = self.source.rows, self.source.order
        self.cursor = put(np.zeros(8, np.int64), self.place)._array  # sample, step: a cache line of its own
        copied = whole and self.place != "cpu"  # then metrics see what was copied, as in a run without replays
        self.targets = [data[name] if data[name] is None or not copied else data[name].copy() for name in PARTS[1:]]
        self.reason = None
        self._recorded, self._unsure = {}, False
        self._rehearsals = Rehearsals()
        self._wait = 0

    @property
    def steps(self):
        """The recorded steps, that of full batches first."""
        return [self._recorded[batch] for batch in sorted(self._recorded, reverse=True)]

    @property
    def capacity(self):
        """How many steps a slice may have at most."""
        return self.steps[0].capacity

    def slices(self, order):
        """Run one epoch in slices.

        Parameters
        ----------
        order : numpy.ndarray of int64, or None
            The rows of the epoch's batches, one after the other: all or some; None for the order of the data.

        Yields
        ------
        (rows, losses, batch, predictions)
            The rows of the data that were trained on, one loss per step, the samples per step, and the predictions.
        """
        indices = np.arange(self.data.size) if order is None else order
        with contextlib.closing(self.source.spans(order)) as spans:
            for size in spans:
                rows, indices = indices[:size], indices[size:]
                first = 0
                while first < size:
                    done = self._slice(rows, first)
                    yield done
                    first += len(done[0])

    def _slice(self, rows, first):
        """Run some steps of the batches that start at the sample `first` of a span."""
        if self.guard.due:
            self._look()
        batch = min(self.batch_size, len(rows) - first)
        step = self._step_for(batch)
        if step is not None:
            count = 1 if self.guard.step_by_step or self.model.stop_training else step.at_once
            taken = rows[first : first + count * batch]
            taken = taken[: len(taken) // batch * batch]
            if self._as_recorded(step, taken):
                return (self._checked if config.check_replay else self._replay)(step, first, taken)
        return self._run(rows[first : first + batch], first)

    def _look(self):
        """See whether something in Python has changed, and forget what was recorded before it did."""
        if self.guard.changed() or any(step.moved for step in self.steps):
            self._recorded.clear()
            self._rehearsals = Rehearsals()
            self.reason, self.model.explanation = None, self
            self._wait = WAIT
        if self.guard.own_code and self.guard.step_by_step and not self.reason:
            self._refuse("code of your own takes part in every step, and runs between any two")
        self._rehearsals.look_again()

    def _step_for(self, batch):
        """The recorded step for a batch of this size, or None where the next one must run as it is."""
        if looking():
            return None
        if self.reason or not (self.guard.own_code or self._wait):
            return None if self.reason else self._recorded.get(batch) or self._record(batch)
        return self._recorded.get(batch) if self._rehearsals.known(batch) else None

    def _record(self, batch, account=None):
        optimizer = self.model.optimizer
        if optimizer.built:
            optimizer.extend(self.model.trainable_weights)
        try:
            step = self._recorded[batch] = Step(self, batch, account)
        except CannotRecord as reason:
            self._refuse(str(reason))
            return None
        self._unsure = self._unsure or not self._fits(step, slice(None))
        return step

    def _refuse(self, reason):
        self._recorded.clear()
        self.reason, self.model.explanation = reason, f"Training runs eagerly: {reason}."

    def _as_recorded(self, step, rows):
        """Whether samples are what the step takes for granted: where others run, they may have written to them."""
        if not self.guard.others and not self._unsure:
            return True
        self.source.refresh(self.data.parts.values(), rows)
        return self._fits(step, rows)

    def _fits(self, step, rows):
        parts = list(self.data.parts.values())
        try:
            for position, check in step.recorded.checks:
                check(parts[position][rows])
        except Exception:  # it comes again, and is raised, when the batch is run by itself
            return False
        return True

    def step_of(self, *parts):
        """One training step, from a tensor for each part of the data: loss and predictions, if there are metrics."""
        x, y, weight = [dict(zip(self.data.parts, parts, strict=True)).get(name) for name in PARTS]
        loss, prediction = self.model.stepped(x, y, weight, self.generator)
        return [loss, prediction] if self.model.metrics else [loss]  # nobody else looks at predictions

    def _run(self, rows, first):
        """Run one step as it is."""
        self.source.refresh(self.data.parts.values(), rows)
        inputs = self.source.batch(self.data.parts.values(), first, rows)
        self._wait = max(0, self._wait - 1)
        if self.guard.own_code and not self.reason:
            loss, prediction = self._rehearse(inputs)
        else:
            loss, prediction = (*self.step_of(*inputs), None)[:2]
        prediction = None if prediction is None else values_of(prediction)
        return rows, np.asarray([float(loss)]), len(rows), prediction

    def _rehearse(self, inputs):
        """Run a step that is not numbanet's alone, and record it once it has done the same twice."""
        batch = inputs[0].shape[0]
        results, account = witnessed(self.step_of, inputs, self.generator, self.guard.state.held)
        reason = self._rehearsals.note(batch, account, self.guard)
        if reason:
            self._refuse(reason)
        elif self._rehearsals.known(batch) and batch not in self._recorded:
            self._record(batch, account)
        elif not self._rehearsals.known(batch):
            self._recorded.pop(batch, None)
        return (*results, None)[:2]

    def _checked(self, step, first, rows):
        """Run one step both ways, and leave what the plain one leaves; ReplayError where they differ."""
        rows = rows[: step.batch]
        inputs = self.source.batch(self.data.parts.values(), first, rows)
        plain = functools.partial(witnessed, self.step_of, inputs, self.generator, self.guard.state.held)
        loss, prediction = both_steps(step.recorded, functools.partial(self._replay, step, first, rows), plain)
        return rows, np.asarray([loss]), step.batch, prediction

    def _replay(self, step, first, rows):
        drawn = self.generator.bit_generator.state
        count, numbers = self._numbers(step, len(rows) // step.batch)
        self.cursor[0], self.cursor[1] = first, 0
        step.recorded.before()
        started = time.perf_counter()
        try:
            step.program.run(count, numbers, until_done=False)
        finally:  # the steps that were done, also when Ctrl-C ended them
            done = int(to_host(self.cursor)[1])
            if done < count:  # the others draw their seeds when their turn comes
                self.generator.bit_generator.state = drawn
                step.recorded.draw(done)
            step.recorded.after(done)
        if not done:  # and the epoch would never end
            raise DeviceError(f"{self.place}: a training step of {step.batch} samples was asked for and not done")
        step.note_time(done, time.perf_counter() - started)
        rows = rows[: done * step.batch]
        predictions = None
        if step.predictions is not None:
            predictions = to_host(step.predictions[: len(rows)]).reshape(-1, *step.prediction.shape[1:])
            if self.guard.step_by_step:  # a metric of one's own may keep them, and the buffer is used again
                predictions = predictions.copy()
            predictions.flags.writeable = False
        return rows, to_host(step.losses[:done]), step.batch, predictions

    def _numbers(self, step, count):
        """How many of the next steps have rates, and those; the first that has none raises when its turn has come."""
        optimizer = self.model.optimizer
        if count == 1 or optimizer.schedule is None:
            return count, step.recorded.numbers_of_steps(count)
        drawn, remembered = self.generator.bit_generator.state, dict(vars(optimizer))
        try:
            return count, step.recorded.numbers_of_steps(count)
        except Exception:
            self.generator.bit_generator.state = drawn
            vars(optimizer).update(remembered)
            return 1, step.recorded.numbers_of_steps(1)
