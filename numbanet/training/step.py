"""One training step of `fit` as a Program: it fetches a batch, runs, and puts its results away."""

import functools
import operator

import numpy as np

from numbanet.core.settings import config
from numbanet.graph.outcome import Replay
from numbanet.graph.recorded import RecordedStep
from numbanet.kernels.recording import CannotRecord
from numbanet.launching.copies import contiguous
from numbanet.launching.launch import Kernel
from numbanet.launching.program import program_of
from numbanet.loops import step as loops
from numbanet.tensor.tensor import put

SLICE_SECONDS = 0.08
"""How long Python waits for a slice of steps: the progress bar, callbacks and Ctrl-C live between them."""
RESULT_BYTES = 16_000_000
"""How much memory the predictions of one slice may take."""

_fetch, _store_rows = Kernel(loops.fetch_rows), Kernel(loops.store_rows)
_store_number, _advance = Kernel(loops.store_number), Kernel(loops.advance)


class Step(Replay):
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
        With the reason, when the step does something that is not a launch.
    """

    def __init__(self, engine, batch, account=None):
        self.batch = batch
        optimizer, generator = engine.trainer.optimizer, engine.generator
        inputs = [put(part[:batch].copy(), engine.place) for part in engine.data.parts.values()]
        fetch = functools.partial(self._fetch, engine, inputs)
        guard, sure = engine.guard, not (engine.guard.own_code or config.check_replay)
        self.recorded = RecordedStep(engine.step_of, inputs, [generator], fetch, guard.state.held, account, sure)
        self.loss, self.prediction = self.recorded.outputs[: engine.losses], self.recorded.outputs[engine.losses :]
        if len(self.recorded.updates) != 1 or self.recorded.updates[0][0] is not optimizer:
            raise CannotRecord("the step does not apply gradients once, by the model's optimizer")
        for loss in self.loss:
            if loss.size != 1:
                raise CannotRecord(f"the loss has shape {loss.shape}")
        for prediction in self.prediction:
            if prediction.shape[:1] != (batch,):
                raise CannotRecord(f"predictions of shape {prediction.shape} are not one per sample")
        self._optimizer = optimizer
        self._arrays = self._optimizer.arrays_of(self.recorded.trained)
        self._make_room(engine)
        self._finish(engine)
        self.at_once = 1

    def _fetch(self, engine, inputs, lowering):
        for rows, tensor in zip(engine.rows, inputs, strict=True):
            cost = 5.0 + rows.shape[1] * rows.itemsize * 0.15  # from memory: its rows are anywhere
            out = tensor._array.reshape(self.batch, rows.shape[1])
            lowering.emit(_fetch, self.batch, rows, engine.order, engine.cursor, out, cost=cost)

    def _make_room(self, engine):
        """Buffers for the results of a slice of at most `capacity` steps."""
        per_step = sum(prediction.nbytes for prediction in self.prediction)
        steps = engine.data.size // self.batch if self.batch == engine.batch_size else 1
        self.capacity = max(1, min(steps, 4096, RESULT_BYTES // max(per_step, 1)))
        self.losses = [put(np.empty(self.capacity, loss.dtype), engine.place)._array for loss in self.loss]
        self.predictions = []
        for prediction in self.prediction:
            shape = (self.capacity * self.batch, prediction.size // self.batch)
            self.predictions.append(put(np.empty(shape, prediction.dtype), engine.place)._array)

    def _finish(self, engine):
        """Add what puts away the results and goes on to the next batch; then the Program is complete."""
        lowering, cursor = self.recorded.lowering, engine.cursor
        for prediction, buffer in zip(self.prediction, self.predictions, strict=True):
            flat = lowering.emit(contiguous, prediction).reshape(self.batch, buffer.shape[1])
            lowering.emit(_store_rows, self.batch, flat, cursor, buffer, cost=flat.shape[1] * 0.5)
        for loss, buffer in zip(self.loss, self.losses, strict=True):
            lowering.emit(_store_number, 1, loss.reshape(-1), cursor, buffer)
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
