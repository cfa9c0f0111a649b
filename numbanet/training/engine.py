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
import time

import numpy as np

from numbanet.core.settings import config
from numbanet.core.structures import flatten, restructure
from numbanet.debug import looking
from numbanet.errors import DeviceError
from numbanet.graph.checking import both_steps
from numbanet.graph.outcome import Eager
from numbanet.graph.recorded import check_recordable
from numbanet.graph.witness import Rehearsals, witnessed
from numbanet.kernels.arrays import to_host
from numbanet.kernels.recording import CannotRecord
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import device_named, put
from numbanet.training.batch_steps import parts_of, train_on_batch
from numbanet.training.sources import Chunks, Whole
from numbanet.training.step import Step

WAIT = 2
"""How many steps run one by one after a change, before they are recorded anew: it may change again and again."""
CHECKED_ROWS = 65_536
"""How many samples are checked at a time."""


class Engine:
    """Runs epochs of `fit`, replayed where that gives the same.

    Parameters
    ----------
    trainer : Trainer
        Of a model that is compiled and built.
    data : ArrayData
    batch_size : int
    generator : numpy.random.Generator
    guard : Guard

    Attributes
    ----------
    reason : str or None
        Why steps run one by one for now, if they cannot be replayed.
    one_by_one : bool
        Whether a slice has one step, since something looks at the loss after each.
    """

    one_by_one = False

    def __init__(self, trainer, data, batch_size, generator, guard):
        self.trainer, self.data, self.generator, self.guard = trainer, data, generator, guard
        self.batch_size, self.place = min(batch_size, data.size), trainer.model.device
        check_recordable(device_named(self.place))
        whole = data.on(self.place)
        chunks = functools.partial(Chunks, self.place, data.parts.values(), self.batch_size)
        self.source = Whole(self.place, whole.values()) if whole else chunks()
        self.rows, self.order = self.source.rows, self.source.order
        self.cursor = put(np.zeros(8, np.int64), self.place)._array  # sample, step: a cache line of its own
        copied = whole and self.place != "cpu"  # then metrics see what was copied, as in a run without replays
        parts = {label: part for label, part in data.parts.items() if not label.startswith("x")}
        self.targets = {label: part.copy() if copied else part for label, part in parts.items()}
        self.form, self.losses = None, 1
        """What predictions are like: one tensor, or a list, tuple or dict."""
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
            The rows of the data that were trained on, the losses (one array per loss, with a number per step), the
            samples per step, and the predictions.
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
            alone = self.one_by_one or self.guard.step_by_step or self.trainer.stop_training
            count = 1 if alone else step.at_once
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
            self.reason, self.trainer.explanation = None, self
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
        optimizer = self.trainer.optimizer
        if optimizer.built:
            optimizer.extend(self.trainer.model.trainable_weights)
        try:
            step = self._recorded[batch] = Step(self, batch, account)
        except CannotRecord as reason:
            self._refuse(str(reason))
            return None
        self._unsure = self._unsure or not self._fits(step, slice(None))
        return step

    def _refuse(self, reason):
        self._recorded.clear()
        self.reason, self.trainer.explanation = reason, Eager(reason)

    def _as_recorded(self, step, rows):
        """Whether samples are what the step takes for granted: where others run, they may have written to them."""
        if not self.guard.others and not self._unsure:
            return True
        self.source.refresh(self.data.parts.values(), rows)
        return self._fits(step, rows)

    def _fits(self, step, rows):
        parts = list(self.data.parts.values())
        try:
            for position, check in step.recorded.checks_of_rows:
                chosen = parts[position][rows]
                for first in range(0, len(chosen), CHECKED_ROWS):  # which may compute with them, and take memory
                    check(chosen[first : first + CHECKED_ROWS])
        except Exception:  # it comes again, and is raised, when the batch is run by itself
            return False
        return True

    def step_of(self, *parts):
        """Run one training step on a tensor for each part of the data: loss and predictions, if there are metrics."""
        x, y, weight = self.data.triple(dict(zip(self.data.parts, parts, strict=True)))
        loss, prediction = train_on_batch(self.trainer, x, y, weight, self.generator)
        losses = [loss, *parts_of(self.trainer)]
        self.form, self.losses = prediction, len(losses)
        return [*losses, *flatten(prediction)] if self.trainer.metrics else losses  # nothing else uses the predictions

    def _run(self, rows, first):
        """Run one step as it is."""
        self.source.refresh(self.data.parts.values(), rows)
        inputs = self.source.batch(self.data.parts.values(), first, rows)
        self._wait = max(0, self._wait - 1)
        if self.guard.own_code and not self.reason:
            results = self._rehearse(inputs)
        else:
            results = self.step_of(*inputs)
        return rows, *self._arranged(results, len(rows))

    def _arranged(self, results, count):
        """Return the losses of one step, each as an array, the samples, and its predictions, None if not asked for."""
        losses = [np.asarray([float(one)]) for one in results[: self.losses]]
        predictions = [values_of(one) for one in results[self.losses :]]
        return losses, count, restructure(self.form, iter(predictions)) if predictions else None

    def _rehearse(self, inputs):
        """Run a step that contains user code, and record it once it has done the same twice."""
        batch = inputs[0].shape[0]
        results, account = witnessed(self.step_of, inputs, self.generator, self.guard.state.held)
        reason = self._rehearsals.note(batch, account, self.guard)
        if reason:
            self._refuse(reason)
        elif self._rehearsals.known(batch) and batch not in self._recorded:
            self._record(batch, account)
        elif not self._rehearsals.known(batch):
            self._recorded.pop(batch, None)
        return results

    def _checked(self, step, first, rows):
        """Run one step both ways, and leave what the plain one leaves; ReplayError where they differ."""
        rows = rows[: step.batch]
        inputs = self.source.batch(self.data.parts.values(), first, rows)
        plain = functools.partial(witnessed, self.step_of, inputs, self.generator, self.guard.state.held)
        results = both_steps(step.recorded, functools.partial(self._flat_replay, step, first, rows), plain, self.losses)
        return rows, *self._arranged(results, step.batch)

    def _flat_replay(self, step, first, rows):
        """Replay one step; return its losses and predictions, in a list."""
        _, losses, _, predictions = self._replay(step, first, rows)
        found = [] if predictions is None else [np.array(one) for one in flatten(predictions)]
        return [float(one[0]) for one in losses] + found

    def _replay(self, step, first, rows):
        self.cursor[0], self.cursor[1] = first, 0
        numbers = functools.partial(self._numbers, step, len(rows) // step.batch)
        started = time.perf_counter()
        done = step.recorded.replay(step.program, numbers, self._steps_done, until_done=False)
        if not done:  # and the epoch would never end
            raise DeviceError(f"{self.place}: a training step of {step.batch} samples was asked for and not done")
        step.note_time(done, time.perf_counter() - started)
        rows = rows[: done * step.batch]
        predictions = [self._taken(*one, len(rows)) for one in zip(step.predictions, step.prediction, strict=True)]
        arranged = restructure(self.form, iter(predictions)) if predictions else None
        return rows, [to_host(losses[:done]) for losses in step.losses], step.batch, arranged

    def _steps_done(self):
        """How many steps of a slice were done."""
        return int(to_host(self.cursor)[1])

    def _taken(self, buffer, prediction, count):
        """Return the predictions of some samples, which nobody can write to."""
        found = to_host(buffer[:count]).reshape(-1, *prediction.shape[1:])
        if self.guard.step_by_step:  # a metric of your own may keep them, and the buffer is used again
            found = found.copy()
        found.flags.writeable = False
        return found

    def _numbers(self, step, count):
        """The numbers of those of the next steps that have rates; the first that has none raises in its turn."""
        optimizer = self.trainer.optimizer
        if count == 1 or optimizer.schedule is None:
            return step.recorded.numbers_of_steps(count)
        drawn, remembered = self.generator.bit_generator.state, dict(vars(optimizer))
        try:
            return step.recorded.numbers_of_steps(count)
        except Exception:  # of a schedule: the steps before it are done first
            self.generator.bit_generator.state = drawn
            vars(optimizer).update(remembered)
            return step.recorded.numbers_of_steps(1)
