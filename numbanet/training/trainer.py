"""Training: compile, fit, evaluate and predict, for anything that has layers and weights."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from numbanet import losses, metrics, optimizers
from numbanet.autodiff.tape import GradientTape
from numbanet.callbacks import History
from numbanet.callbacks.base import as_callbacks, listens_to_batches
from numbanet.core.checks import as_count, as_flag, as_number
from numbanet.core.context import context
from numbanet.core.hooks import is_overridden
from numbanet.core.random import as_generator
from numbanet.errors import ArgumentError
from numbanet.graph.guard import Guard
from numbanet.graph.outcome import Eager, Pending
from numbanet.kernels.recording import CannotRecord
from numbanet.optimizers import Optimizer
from numbanet.tensor.tensor import Tensor
from numbanet.training.batches import ArrayData, as_data, as_validation_data
from numbanet.training.class_weights import class_weights
from numbanet.training.engine import Engine
from numbanet.training.epochs import Epochs
from numbanet.training.evaluation import PREDICT_BATCH, Evaluation, as_pair, running
from numbanet.training.rehearsal import rehearse_fit
from numbanet.typing import (
    ArrayLike,
    CallbacksLike,
    ClassWeight,
    Config,
    Integer,
    Items,
    LossLike,
    MetricLike,
    Real,
    Seed,
    Verbose,
)


class Trainer(Evaluation):
    """What `Sequential` is trained with. Subclasses have `forward`, `build_for`, `output_shape_for` and weights.

    As in Keras, a subclass may have methods of its own in place of these, or an object may have them as attributes;
    `fit`, `evaluate` and `predict` call them for every batch:

    - `__call__(x, training, rng)`: the output of the model; `training` and `rng` may be left out.
    - `compute_loss(x, y, y_pred, sample_weight)`: the loss of a batch, a Tensor of shape ().
    - `train_step(x, y, sample_weight, rng)`: one update of the weights; returns the loss and the predictions.
    - `test_step(x, y, sample_weight)`: the loss and the predictions, without an update.
    - `predict_step(x)`: the predictions.

    The loss then gets what `__call__` returns, never scores before a softmax, and targets are not checked before
    training starts, since nobody else knows which ones it can use. A model without metrics whose `compute_loss` or
    `train_step` is its own may be trained without `y`.

    What these methods do is replayed where that gives the same: if they work with tensors, and do the same in every
    call. `model.explain()` says why not. Whatever they read in Python may change between two batches; see "Replayed
    and eager" in docs/numerics.md.
    """

    optimizer: Any = None
    stop_training: bool = False
    explanation: Any = Pending("The model has not been trained yet.")

    def __getstate__(self) -> dict[str, Any]:
        told = self.explanation
        if not isinstance(told, (Eager, Pending)):
            told = Pending("The model is a copy of a trained one.")
        return super().__getstate__() | {"explanation": told}

    def compile(
        self,
        optimizer: str | Optimizer | type[Optimizer] | Config = "rmsprop",
        loss: LossLike | None = None,
        metrics: Items[MetricLike] | None = None,
        weighted_metrics: Items[MetricLike] | None = None,
    ) -> None:
        """Choose how to train.

        Parameters
        ----------
        optimizer : str or Optimizer
            A name of `nn.optimizers`, or an optimizer.
        loss : str, Loss or callable
            A name of `nn.losses`, a loss, or `f(y_true, y_pred)` that gives one loss per sample.
        metrics : list of str or Metric, optional
            Names of `nn.metrics`, or metrics. Every sample counts once, whatever its weight.
        weighted_metrics : list of str or Metric, optional
            Metrics that count samples by `sample_weight` and `class_weight`. The logs have
            ``weighted_`` before the name of one that is among the plain ones, too.

        Raises
        ------
        ArgumentError
            When a name is unknown, with the nearest that is.
        """
        chosen_optimizer = optimizers.get(optimizer)
        if loss is None:
            raise ArgumentError(f"compile: a loss is needed, one of {', '.join(sorted(losses.LOSSES))}")
        chosen_loss = losses.get(loss)
        plain, weighted = _as_metrics(metrics, weighted_metrics)
        self.optimizer, self.loss = chosen_optimizer, chosen_loss
        self.metrics, self.weighted_metrics = plain + weighted, weighted

    def fit(
        self, x: Any, y: ArrayLike | None = None, batch_size: Integer | None = None, epochs: Integer = 1,
        validation_data: Any = None, validation_split: Real = 0.0, shuffle: bool = True,
        class_weight: ClassWeight | None = None, sample_weight: ArrayLike | None = None,
        callbacks: CallbacksLike = None, verbose: Verbose = "auto", rng: Seed = None,
        steps_per_epoch: Integer | None = None, validation_steps: Integer | None = None,
        validation_freq: Integer = 1, initial_epoch: Integer = 0,
    ) -> History:  # fmt: skip
        """Train.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches (x, y) or (x, y, sample_weight)
            Arrays, tensors, lists and frames of pandas; or batches from a list, a generator, a DataLoader of PyTorch,
            or an object with `__len__` and `__getitem__` such as a Sequence of Keras. These come in their own order.
        y : array-like (samples, ...)
        batch_size : int, optional
            Samples per step, of arrays; 32 if not given.
        epochs : int
            How often the data is gone through.
        validation_data : tuple (x, y) or (x, y, sample_weight), or iterable of batches, optional
            Evaluated after each epoch.
        validation_split : float
            The part of the samples, from the end, that is kept for validation.
        shuffle : bool
            Whether each epoch has an order of its own.
        class_weight : dict, list, Series or "balanced", optional
            From class to the weight of its samples in training; validation counts them as they are. A list has the
            weights of the classes 0, 1, ...; "balanced" weighs a class by samples / (classes * samples of the class),
            as scikit-learn does.
        sample_weight : array-like (samples,) or (samples, 1), optional
            How much each sample counts in the loss, and in `weighted_metrics`.
        callbacks : list of Callback, optional
            One that listens to batches of training makes it run eagerly.
        verbose : {"auto", 0, 1, 2}
            Nothing, a progress bar, or a line per epoch; auto chooses the bar on a terminal.
        rng : int or numpy.random.Generator, optional
            For weights not made yet, the order of the samples, and dropout. The same seed gives the same bytes.
        steps_per_epoch : int, optional
            Batches per epoch, where these are not all: an infinite generator needs it. The next epoch goes on where the
            last one ended, and starts anew when the data are through.
        validation_steps : int, optional
            Batches that are evaluated after each epoch: the first ones, unless a generator goes on. Those of arrays
            have `batch_size` samples.
        validation_freq : int
            Validate after each epoch whose number, counted from 1, is a multiple of this.
        initial_epoch : int
            The number of the first epoch, for callbacks of a run that goes on; `epochs` is the number of the end.

        Returns
        -------
        History
            Its `history` maps names (loss, accuracy, val_loss, ...) to lists of one number per epoch.

        Raises
        ------
        NotBuiltError
            Before `compile`.
        DataError, ShapeError, DTypeError, ArgumentError
            When data or arguments do not fit; nothing is changed then. That goes for targets and validation data that
            do not fit the outputs, the loss or a metric, and for callbacks that watch a number that there will not be,
            or that could not save the model. What metrics, losses and layers of your own do with the data is tried on
            copies, with the first batch.
        """
        self._require_compiled("fit")
        size = as_count("fit: batch_size", 32 if batch_size is None else batch_size, low=1)
        numbers, given = _epoch_numbers(epochs, initial_epoch), as_callbacks(callbacks)
        every = as_count("fit: validation_freq", validation_freq, low=1)
        dtype = self._float_dtype()
        data = as_data("fit", x, y, sample_weight, steps=steps_per_epoch, batch_size=batch_size, dtype=dtype)
        held_out = validation_data, validation_split, validation_steps
        data, validation = self._with_validation(data, *held_out, class_weight, size)
        for part in (data, validation):
            if part is not None:
                self._check_targets(part.who, part, self.metrics)
                part.check_passes(len(numbers))
        history = History()  # which sees what callbacks add to the logs
        listeners = self._listeners("fit", [*given, history], verbose, data.steps(size), size, numbers.stop, every)
        generator = as_generator(rng)
        orders = Epochs(data.size, size, data.limit, as_flag("fit: shuffle", shuffle), generator)
        self._check_before(given, data, validation, size, generator)
        if isinstance(data, ArrayData):
            self.build_for((None, *data["x"].shape[1:]), generator, data["x"].dtype)
        self.stop_training = False
        engine = self._engine_for(data, size, generator, given)
        with running(listeners) as ending:
            for epoch in numbers:
                listeners.on_epoch_begin(epoch)
                logs = self._epoch(data, size, orders, engine, listeners, generator)
                if (epoch + 1) % every == 0:
                    logs |= self._validate(validation, listeners)
                listeners.on_epoch_end(epoch, logs)
                ending |= logs
                if self.stop_training:
                    break
        return history

    def _check_before(self, callbacks, data, validation, size, generator):
        """Raise unless callbacks can do what they are for, and the first batches pass, on copies, through the model."""
        names = {"loss", *[metric.name for metric in self.metrics]}
        names |= set() if validation is None else {f"val_{name}" for name in names}
        grows = False
        for callback in callbacks:
            callback._check_before(self, names, grows)
            names |= {*callback._adds}
            grows = grows or is_overridden(callback, "on_epoch_end")  # which may put anything into the logs
        rehearse_fit(self, data, validation, (size, PREDICT_BATCH), generator)

    def _validate(self, data, listeners):
        """The logs of validation data, if there are any."""
        if data is None:
            return {}
        listeners.on_test_begin()
        results = self._evaluate(data, PREDICT_BATCH, listeners)
        listeners.on_test_end(results)
        return {f"val_{name}": value for name, value in results.items()}

    def _epoch(self, data, batch_size, orders, engine, listeners, generator):
        """One epoch, replayed by the engine if there is one: its loss and metrics."""
        passes = orders.next() if isinstance(data, ArrayData) else [None]
        if engine is None:
            parts = (data.batches(batch_size, order, self.device) for order in passes)
            return self._train_epoch(itertools.chain.from_iterable(parts), listeners, generator)
        return self._replay_epoch(engine, passes, listeners)

    def _with_validation(self, data, validation_data, fraction, steps, class_weight, batch_size):
        """Training and validation data after splitting and weighing; validation is None where there is none."""
        fraction, labels, validation = as_number("fit: validation_split", fraction, 0, 1), None, None
        if isinstance(data, ArrayData):
            if data["y"] is None and (class_weight is not None or not self.may_do_without_targets()):
                raise ArgumentError("fit: y is needed")
            labels = data["y"]
        elif fraction or class_weight is not None:
            raise ArgumentError("fit: validation_split and class_weight need arrays, not an iterable of batches")
        if validation_data is not None:
            validation = as_validation_data(validation_data, steps, self._float_dtype())
        elif fraction:
            data, validation = data.split(fraction, steps)
        elif steps is not None:
            raise ArgumentError("fit: validation_steps needs validation_data or validation_split")
        if class_weight is not None:  # which is about training: validation counts every sample once
            weights, given = class_weights(data["y"], class_weight, labels), data["sample_weight"]
            data = data.replace(sample_weight=weights if given is None else weights * given)
        return data, None if validation is None else validation.first(batch_size)

    def _engine_for(self, data, batch_size, generator, callbacks):
        """The engine that replays epochs, or None where a step cannot be replayed; `explain` tells why."""
        self.explanation = Pending(
            "Training is being recorded."
        )  # and no more what holds the memory of the last engine
        try:
            if not isinstance(data, ArrayData):
                raise CannotRecord("batches come from an iterable")
            for callback in callbacks:
                if listens_to_batches(callback):
                    raise CannotRecord(f"{type(callback).__name__} listens to batches")
            engine = Engine(self, data, batch_size, generator, Guard(self, others=bool(callbacks)))
        except CannotRecord as reason:
            self.explanation = Eager(str(reason))
            return None
        self.explanation = engine
        return engine

    def _replay_epoch(self, engine, orders, listeners):
        tracker, step = self._tracker(), 0
        engine.guard.note_call()
        with contextlib.closing(_slices(engine, orders)) as slices:
            for rows, losses, batch, predictions in slices:
                listeners.on_train_batch_begin(step)
                parts = engine.targets if self.metrics else (None, None)
                y, weight = [None if part is None else _fixed(part[rows]) for part in parts]
                tracker.update_batches(batch, losses, y, predictions, weight)
                step += len(losses)
                listeners.on_train_batch_end(step - 1, tracker.logs())
                if self.stop_training:
                    break
        return tracker.logs()

    def _train_epoch(self, batches, listeners, generator):
        tracker = self._tracker()
        for step, (x, y, weight) in enumerate(batches):
            listeners.on_train_batch_begin(step)
            loss, prediction = self.stepped(x, y, weight, generator)
            tracker.update(float(loss), x.shape[0], y, prediction, weight)
            listeners.on_train_batch_end(step, tracker.logs())
            if self.stop_training:
                break
        return tracker.logs()

    def stepped(self, x: Tensor, y: Tensor | None, sample_weight: Tensor | None, rng: Seed) -> tuple[Any, Tensor]:
        """What the model's training step returns, in tensors as far as they are asked for: loss and predictions."""
        name = "train_step" if is_overridden(self, "train_step") else "update"
        return as_pair(name, getattr(self, name)(x, y, sample_weight, rng))

    def train_step(self, x: Tensor, y: Tensor, sample_weight: Tensor | None = None, rng: Any = None) -> tuple[Any, Any]:
        """Update the weights from one batch; `fit` calls this for every batch.

        Parameters
        ----------
        x, y : Tensor, (samples, ...)
        sample_weight : Tensor, (samples,), optional
        rng : numpy.random.Generator, optional
            For dropout.

        Returns
        -------
        (float, Tensor)
            The loss, and the predictions before the update, which the metrics get. A method of your own may return the
            loss as a Tensor of shape (); then it can be replayed, if it does not ask for values in Python otherwise.
        """
        loss, prediction = self.update(x, y, sample_weight, rng)
        return loss.item(), prediction

    def update(self, x: Tensor, y: Tensor, sample_weight: Tensor | None, rng: Any) -> tuple[Any, Any]:
        """Do what `train_step` does with tensors alone: return the loss and the predictions, and update the weights."""
        with GradientTape() as tape:
            loss, output, activate = self._scored(x, y, sample_weight, training=True, rng=rng)
        weights = self.trainable_weights
        gradients = tape.differentiate("fit: the loss depends on none of the trainable weights", loss, weights)
        puts_off = context.trace is not None and context.trace.puts_off
        if self.optimizer.built and not self.optimizer.knows(weights) and not puts_off:
            self.optimizer.extend(weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return loss, activate(output)


def _fixed(array):
    """`array`, which nobody can write to from now on."""
    array.flags.writeable = False
    return array


def _slices(engine, orders):
    for order in orders:
        yield from engine.slices(order)


def _epoch_numbers(epochs, first):
    """The numbers of the epochs, from `initial_epoch` up to `epochs`."""
    stop, first = as_count("fit: epochs", epochs, low=1), as_count("fit: initial_epoch", first)
    if first >= stop:
        raise ArgumentError(f"fit: initial_epoch must be below epochs, the number of the end, got {first} and {stop}")
    return range(first, stop)


def _as_metrics(plain, weighted):
    """The metrics of both lists, all of them under names of their own."""
    chosen = [_metrics_of("metrics", plain), _metrics_of("weighted_metrics", weighted)]
    taken = [metric.name for metric in chosen[0]]
    for metric, given in zip(chosen[1], weighted or (), strict=True):
        if metric.name in taken and isinstance(given, str):
            metric.name = f"weighted_{metric.name}"
    names = [metric.name for metric in (*chosen[0], *chosen[1])]
    if len(set(names)) != len(names):
        raise ArgumentError(f"compile: two metrics have one name: {', '.join(names)}")
    return chosen


def _metrics_of(what, given):
    if not isinstance(given, (list, tuple, type(None))):
        raise ArgumentError(f"compile: {what} must be a list, got {given!r}")
    return [metrics.get(metric) for metric in given or ()]
