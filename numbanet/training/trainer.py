"""Training: what a model is trained with, and how."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any, ClassVar

from numbanet import losses, optimizers
from numbanet.callbacks import History
from numbanet.callbacks.base import as_callbacks, listens_to_batches
from numbanet.core.checks import as_count, as_flag, as_number
from numbanet.core.context import undisturbed
from numbanet.core.hooks import is_overridden
from numbanet.core.random import as_generator
from numbanet.core.structures import flatten, restructure
from numbanet.errors import ArgumentError
from numbanet.graph.guard import Guard
from numbanet.graph.outcome import Eager, Pending
from numbanet.kernels.recording import CannotRecord
from numbanet.metrics import Mean
from numbanet.tensor.operators import values_of
from numbanet.training import evaluation
from numbanet.training.batch_steps import (
    computes_loss,
    may_do_without_targets,
    parts_of,
    step_of,
    tested,
    train_on_batch,
)
from numbanet.training.batches import results_of
from numbanet.training.checks import check_samples, check_stateful, check_targets, require_compiled, require_weights
from numbanet.training.class_weights import class_weights
from numbanet.training.compiling import compiled_loss, compiled_metrics
from numbanet.training.data import ArrayData, as_data, as_validation_data, float_dtype_of, samples_of
from numbanet.training.dry_run import try_first_batches
from numbanet.training.engine import Engine
from numbanet.training.epochs import Epochs
from numbanet.training.evaluation import PREDICT_BATCH, Recordings
from numbanet.training.forms import Forms
from numbanet.training.gaps import warned_of_gaps
from numbanet.training.own_steps import logs_of, reset_metrics, takes_data
from numbanet.training.running import listeners_of, running
from numbanet.training.runs import Run
from numbanet.training.tracker import Tracker
from numbanet.typing import Array

OF_THE_TRAINER = ("optimizer", "loss", "metrics", "weighted_metrics", "stop_training", "explanation")
"""The attributes of a model that are its trainer's."""


def of_the_trainer(name: str, doc: str) -> Any:
    """Return the property of a model that is an attribute of its trainer."""

    def get(model):
        trainer = model._trainer
        if name == "metrics" and (takes_data(model, "train_step") or takes_data(model, "test_step")):
            return [trainer.loss_tracker, *trainer.metrics]  # as such steps expect
        return getattr(trainer, name)

    def put(model, value):
        setattr(model._trainer, name, value)

    def delete(model):  # which mock.patch does before it puts back what it has replaced
        delattr(model._trainer, name)

    return property(get, put, delete, doc)


class Trainer:
    """Trains a model: has the model, an optimizer, a loss and metrics.

    Parameters
    ----------
    model : Model
        A module that can be called, and says what its inputs and outputs are.
    **settings
        Attributes, such as `optimizer`, in place of those that `compile` sets.

    Attributes
    ----------
    stop_training : bool
        Training ends after the epoch in which it becomes True.
    explanation : Eager, Pending or Engine
        How the last `fit` ran.
    recordings : Recordings
        The steps of evaluation and prediction, recorded.
    glance : Glance or None
        What the last look at all of this has found.
    run : Run or None
        Where the last `fit` is.
    """

    followed_by_replay: ClassVar[tuple[str, ...]] = (
        "explanation",
        "glance",
        "loss_tracker",
        "metrics",
        "recordings",
        "run",
        "stop_training",
        "weighted_metrics",
    )

    def __init__(self, model: Any, **settings: Any) -> None:
        self.model = model
        self.optimizer: Any = None
        self.loss: Any = None
        self.metrics: Any = ()
        self.weighted_metrics: Any = ()
        self.stop_training = False
        self.loss_tracker = Mean("loss")
        self.explanation: Any = Pending("The model has not been trained yet.")
        self.recordings, self.glance = Recordings(), None
        self.run: Any = None
        vars(self).update(settings)

    def __getstate__(self) -> dict[str, Any]:
        """Return all but what was recorded, for copies and pickles."""
        told = self.explanation
        if not isinstance(told, (Eager, Pending)):
            told = Pending("The model is a copy of a trained one.")
        return vars(self) | {"explanation": told, "recordings": None, "glance": None, "run": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.recordings = Recordings()

    def trainer_of(self, model: Any) -> Trainer:
        """Return a trainer of another model that has the same optimizer, loss and metrics."""
        other = Trainer(model)
        other.__setstate__(self.__getstate__() | {"model": model})
        return other

    def in_snapshots(self) -> list[tuple[str, Any]]:
        """Return what a snapshot looks at, under the names that a user knows."""
        return [("model", self.model), ("model.optimizer", self.optimizer), ("model.loss", self.loss)]

    def compile(self, optimizer: Any, loss: Any, metrics: Any, weighted_metrics: Any, loss_weights: Any = None) -> None:
        """See `Model.compile`."""
        chosen_optimizer = optimizers.get(optimizer)
        if loss is None and not computes_loss(self.model):
            raise ArgumentError(f"compile: a loss is needed, one of {', '.join(sorted(losses.LOSSES))}")
        chosen_loss = None if loss is None else compiled_loss(loss, loss_weights, self.model.output_names)
        plain, weighted = compiled_metrics(metrics, weighted_metrics, chosen_loss)
        self.optimizer, self.loss = chosen_optimizer, chosen_loss
        self.metrics, self.weighted_metrics = plain + weighted, weighted

    @undisturbed
    def fit(
        self, x: Any, y: Any, batch_size: Any, epochs: Any, validation_data: Any, validation_split: Any, shuffle: Any,
        class_weight: Any, sample_weight: Any, callbacks: Any, verbose: Any, rng: Any, steps_per_epoch: Any,
        validation_steps: Any, validation_freq: Any, initial_epoch: Any,
    ) -> History:  # fmt: skip
        """See `Model.fit`."""
        require_compiled(self, "fit")
        size = as_count("fit: batch_size", 32 if batch_size is None else batch_size, low=1)
        numbers, given = _epoch_numbers(epochs, initial_epoch), as_callbacks(callbacks)
        every = as_count("fit: validation_freq", validation_freq, low=1)
        kind = {"dtype": float_dtype_of(self.model), "forms": Forms(self)}
        data = as_data("fit", x, y, sample_weight, steps=steps_per_epoch, batch_size=batch_size, **kind)
        held_out = validation_data, validation_split, validation_steps
        data, validation = self._with_validation(data, *held_out, class_weight, size)
        for part in (data, validation):
            if part is not None:
                check_targets(self, part.who, part, self.metrics)
                part.check_passes(len(numbers))
        told = {"epochs": numbers.stop} | ({"validation_freq": every} if every > 1 else {})
        history = History()  # which sees what callbacks add to the logs
        listeners = listeners_of(self.model, "fit", [*given, history], verbose, data.steps(size), size, **told)
        generator = as_generator(rng)
        orders = Epochs(data.size, size, data.limit, as_flag("fit: shuffle", shuffle), generator)
        self._check_before(given, data, validation, size, generator)
        if isinstance(data, ArrayData):
            self.model.build_for(data.shapes, generator, data.dtypes)
        self.stop_training = False
        engine = self._engine_for(data, size, generator, given)
        self.run = Run(numbers, orders, generator)
        with running(listeners) as ending:
            for epoch in self.run.epochs():
                listeners.on_epoch_begin(epoch)
                logs = self._epoch(data, size, orders, engine, listeners, generator)
                if (epoch + 1) % every == 0:
                    logs |= self._validate(validation, listeners)
                listeners.on_epoch_end(epoch, logs)
                ending |= logs
                if self.stop_training:
                    break
            self._finalize()
        return warned_of_gaps(history, data)

    @undisturbed
    def evaluate(
        self, x: Any, y: Any, batch_size: Any, sample_weight: Any, verbose: Any, callbacks: Any, steps: Any,
        return_dict: Any = False,
    ) -> Any:  # fmt: skip
        """See `Model.evaluate`."""
        require_compiled(self, "evaluate")
        size = as_count("evaluate: batch_size", PREDICT_BATCH if batch_size is None else batch_size, low=1)
        kind = {"dtype": float_dtype_of(self.model), "forms": Forms(self)}
        data = as_data("evaluate", x, y, sample_weight, steps=steps, batch_size=batch_size, **kind).first(size)
        require_weights(self.model, "evaluate")
        check_targets(self, "evaluate", data, metrics=())  # nothing changes before they say it themselves
        listeners = listeners_of(self.model, "evaluate", callbacks, verbose, data.steps(size), size)
        with running(listeners, "test") as logs:
            logs |= evaluation.evaluate(self, data, size, listeners)
        return results_of(logs, as_flag("evaluate: return_dict", return_dict))

    @undisturbed
    def predict(self, x: Any, batch_size: Any, verbose: Any, callbacks: Any, steps: Any) -> Array:
        """See `Model.predict`."""
        size = as_count("predict: batch_size", PREDICT_BATCH if batch_size is None else batch_size, low=1)
        kind = {"dtype": float_dtype_of(self.model), "forms": Forms(self)}
        data = as_data("predict", x, steps=steps, batch_size=batch_size, **kind).first(size)
        require_weights(self.model, "predict")
        if isinstance(data, ArrayData):
            check_samples(self.model, "predict", data)
        listeners = listeners_of(self.model, "predict", callbacks, verbose, data.steps(size), size)
        with running(listeners, "predict"):
            return evaluation.predict(self, data, size, listeners)

    def _finalize(self):
        """Have weights become their averages, where the optimizer keeps some."""
        if self.optimizer.use_ema:
            known = [weight for weight in self.model.trainable_weights if self.optimizer.knows([weight])]
            self.optimizer.finalize_variable_values(known)

    @undisturbed
    def on_batch(
        self, who: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: Any, rng: Any
    ) -> Any:
        """See `Model.train_on_batch` and `Model.test_on_batch`."""
        require_compiled(self, "evaluate" if who == "test_on_batch" else who)
        kind, flag = (
            {"dtype": float_dtype_of(self.model), "forms": Forms(self)},
            as_flag(f"{who}: return_dict", return_dict),
        )
        data = ArrayData(who, x, y, sample_weight, **kind)
        if class_weight is not None:
            weights, given = class_weights(data["y"], class_weight), data["sample_weight"]
            data = data.replace(sample_weight=weights if given is None else weights * given)
        check_targets(self, who, data, self.metrics)
        generator, training = as_generator(rng), who == "train_on_batch"
        if training:
            self.model.build_for(data.shapes, generator, data.dtypes)
        else:
            require_weights(self.model, who)
        x, y, weight = data.whole(self.model.device)
        name = "train_step" if training else "test_step"
        if takes_data(self.model, name):
            reset_metrics(self.model)
            return results_of(logs_of(self.model, name, x, y, weight, generator), flag)
        tracker = Tracker(self.metrics, self.weighted_metrics, self.loss)
        if training:
            loss, prediction = train_on_batch(self, x, y, weight, generator)
            parts = parts_of(self)
        else:
            loss, prediction, parts = tested(self, x, y, weight)
        tracker.update(float(loss), data.size, y, prediction, weight, parts)
        return results_of(tracker.logs(), flag)

    @undisturbed
    def predict_on_batch(self, x: Any) -> Any:
        """See `Model.predict_on_batch`."""
        data = ArrayData("predict_on_batch", x, dtype=float_dtype_of(self.model), forms=Forms(self))
        require_weights(self.model, "predict_on_batch")
        check_samples(self.model, "predict_on_batch", data)
        found = step_of(self, "predict_step")(data.whole(self.model.device)[0])
        return restructure(found, iter([values_of(one) for one in flatten(found)]))

    def _check_before(self, callbacks, data, validation, size, generator):
        """Raise unless callbacks can do what they are for, and the first batches pass, on copies, through the model."""
        names = {"loss", *getattr(self.loss, "logged", ()), *[metric.name for metric in self.metrics]}
        names |= set() if validation is None else {f"val_{name}" for name in names}
        grows = takes_data(self.model, "train_step") or takes_data(self.model, "test_step")
        for callback in callbacks:
            callback._check_before(self.model, names, grows)
            names |= {*callback._adds}
            grows = grows or is_overridden(callback, "on_epoch_end")  # which may put anything into the logs
        try_first_batches(self, data, validation, (size, PREDICT_BATCH), generator)

    def _validate(self, data, listeners):
        """Return the logs of validation data, if there are any."""
        if data is None:
            return {}
        listeners.on_test_begin()
        results = evaluation.evaluate(self, data, PREDICT_BATCH, listeners)
        listeners.on_test_end(results)
        return {f"val_{name}": value for name, value in results.items()}

    def _epoch(self, data, batch_size, orders, engine, listeners, generator):
        """Run one epoch, replayed by the engine if there is one; return its loss and metrics."""
        passes = orders.next() if isinstance(data, ArrayData) else [None]
        if engine is None:
            parts = (data.batches(batch_size, order, self.model.device) for order in passes)
            return self._train_epoch(itertools.chain.from_iterable(parts), listeners, generator)
        return self._replay_epoch(engine, passes, listeners)

    def _with_validation(self, data, validation_data, fraction, steps, class_weight, batch_size):
        """Return training and validation data after splitting and weighing; validation is None where there is none."""
        fraction, labels, validation = as_number("fit: validation_split", fraction, 0, 1), None, None
        if isinstance(data, ArrayData):
            if data["y"] is None and (class_weight is not None or not may_do_without_targets(self)):
                raise ArgumentError("fit: y is needed")
            labels = data["y"]
        elif fraction or class_weight is not None:
            raise ArgumentError("fit: validation_split and class_weight need arrays, not an iterable of batches")
        if validation_data is not None:
            validation = as_validation_data(validation_data, steps, float_dtype_of(self.model), Forms(self))
        elif fraction:
            data, validation = data.split(fraction, steps)
        elif steps is not None:
            raise ArgumentError("fit: validation_steps needs validation_data or validation_split")
        if class_weight is not None:  # which is about training: validation counts every sample once
            weights, given = class_weights(data["y"], class_weight, labels), data["sample_weight"]
            data = data.replace(sample_weight=weights if given is None else weights * given)
        check_stateful(self.model, [(data, batch_size), (validation, PREDICT_BATCH)])
        return data, None if validation is None else validation.first(batch_size)

    def _engine_for(self, data, batch_size, generator, callbacks):
        """Return the engine that replays epochs, or None where a step cannot be replayed; `explain` tells why."""
        self.explanation = Pending("Training is being recorded.")  # no more what holds the last engine's memory
        try:
            if not isinstance(data, ArrayData):
                raise CannotRecord("batches come from an iterable")
            if takes_data(self.model, "train_step"):
                raise CannotRecord("train_step(data) returns logs, which are numbers")
            for callback in callbacks:
                if listens_to_batches(callback):
                    raise CannotRecord(f"{type(callback).__name__} listens to batches")
            engine = Engine(self, data, batch_size, generator, Guard(self, others=bool(callbacks)))
            engine.one_by_one = any(callback._sees_each_step for callback in callbacks)
        except CannotRecord as reason:
            self.explanation = Eager(str(reason))
            return None
        self.explanation = engine
        return engine

    def _replay_epoch(self, engine, orders, listeners):
        tracker, step = Tracker(self.metrics, self.weighted_metrics, self.loss), 0
        engine.guard.note_call()
        with contextlib.closing(_slices(engine, orders)) as slices:
            for rows, losses, batch, predictions in slices:
                listeners.on_train_batch_begin(step)
                parts = engine.targets if self.metrics else {}
                taken = {label: _fixed(part[rows]) for label, part in parts.items()}
                y, weight = (engine.data.arranged(name, taken) for name in ("y", "sample_weight"))
                losses, *others = losses
                tracker.update_batches(batch, losses, y, predictions, weight, others)
                step += len(losses)
                listeners.on_train_batch_end(step - 1, tracker.logs())
                if self.stop_training:
                    break
        return tracker.logs()

    def _train_epoch(self, batches, listeners, generator):
        if takes_data(self.model, "train_step"):
            return self._train_by_logs(batches, listeners, generator)
        tracker = Tracker(self.metrics, self.weighted_metrics, self.loss)
        for step, (x, y, weight) in enumerate(batches):
            listeners.on_train_batch_begin(step)
            loss, prediction = train_on_batch(self, x, y, weight, generator)
            tracker.update(float(loss), samples_of(x), y, prediction, weight, parts_of(self))
            listeners.on_train_batch_end(step, tracker.logs())
            if self.stop_training:
                break
        return tracker.logs()

    def _train_by_logs(self, batches, listeners, generator):
        """Run one epoch of a `train_step(data)`, which returns the logs."""
        reset_metrics(self.model)
        logs: dict[str, float] = {}
        for step, (x, y, weight) in enumerate(batches):
            listeners.on_train_batch_begin(step)
            logs = logs_of(self.model, "train_step", x, y, weight, generator)
            listeners.on_train_batch_end(step, logs)
            if self.stop_training:
                break
        return dict(logs)


def _fixed(array):
    """Return `array`, which cannot be written to from now on."""
    array.flags.writeable = False
    return array


def _slices(engine, orders):
    for order in orders:
        yield from engine.slices(order)


def _epoch_numbers(epochs, first):
    """Return the numbers of the epochs, from `initial_epoch` up to `epochs`."""
    stop, first = as_count("fit: epochs", epochs, low=1), as_count("fit: initial_epoch", first)
    if first >= stop:
        raise ArgumentError(f"fit: initial_epoch must be below epochs, the number of the end, got {first} and {stop}")
    return range(first, stop)
