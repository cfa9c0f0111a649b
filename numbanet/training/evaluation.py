"""Evaluation: the loss, the metrics and the outputs of a model on data, without training."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any, ClassVar

import numpy as np

from numbanet.callbacks.base import CallbackList, as_callbacks
from numbanet.callbacks.progress import progress_for
from numbanet.core.checks import as_count
from numbanet.core.dtypes import DEFAULT_FLOAT, FLOAT64
from numbanet.core.hooks import accepted, is_overridden
from numbanet.errors import ArgumentError, NotBuiltError, NumbanetError, ShapeError
from numbanet.graph.function import Function
from numbanet.graph.guard import Guard
from numbanet.metrics.checks import check_metrics
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import Tensor, default_device
from numbanet.training.batches import ArrayData, as_data
from numbanet.training.tracker import Tracker
from numbanet.typing import Array, ArrayLike, CallbacksLike, Integer, Verbose

PREDICT_BATCH = 1024
"""Samples per batch where none are asked for: large enough for the dot products, small enough for the cache."""


SCORING = ("__call__", "forward", "compute_loss", "train_step", "test_step", "update")
"""Methods that say what becomes of targets."""


class Evaluation:
    """What a model can do once it has weights. Subclasses have `forward`, `activate`, `output_shape_for` and layers."""

    followed_by_replay: ClassVar[tuple[str, ...]] = (
        "_recorded",
        "_recorded_state",
        "_rng",
        "explanation",
        "metrics",
        "stop_training",
        "weighted_metrics",
    )
    loss: Any = None
    metrics: Any = ()
    weighted_metrics: Any = ()
    _not_owned = frozenset(("optimizer", "loss", "metrics", "explanation", "_recorded", "_recorded_state"))
    _recorded_state: Any = None
    _recorded: Any = None

    @property
    def device(self) -> str:
        """Where the weights are: "cpu" or "cuda"; before there are any, where they would be made now."""
        weights = self.weights
        return weights[0].device if weights else default_device()

    def __getstate__(self) -> dict[str, Any]:
        """A copy, or what was pickled, has everything but recorded Programs."""
        return {name: value for name, value in vars(self).items() if name not in ("_recorded", "_recorded_state")}

    def _functions(self, guard):
        """What the next batch goes through: `test_step` and `predict_step`, replayed where that gives the same.

        Recordings are kept from call to call, and made anew when something in Python has changed. Those of code that is
        not numbanet's are not kept longer than from one look to the next, since nobody can tell what it reads; where
        others are called between two batches, every batch runs as it is.
        """
        if guard.due:
            guard.changed()
            guard.functions = None
        if guard.own_code:
            if guard.called_between or guard.step_by_step:
                return self.test_step, self.predict_step
            guard.functions = guard.functions or (Function(self.test_step), Function(self.predict_step))
            return guard.functions
        if self._recorded_state is not guard.state and self._recorded_state != guard.state:
            self._recorded = Function(self.test_step), Function(self.predict_step)
        self._recorded_state = guard.state
        return self._recorded

    def test_step(self, x: Tensor, y: Tensor, sample_weight: Tensor | None = None) -> tuple[Any, Any]:
        """Compute the loss and the predictions for one batch; `evaluate` and validation call this for every batch.

        Parameters
        ----------
        x, y : Tensor, (samples, ...)
        sample_weight : Tensor, (samples,), optional

        Returns
        -------
        (Tensor, Tensor)
            The loss, of shape (), and the predictions, which the metrics get.
        """
        loss, output, activate = self._scored(x, y, sample_weight, training=False, rng=None)
        return loss, activate(output)

    def _float_dtype(self):
        """What lists of Python floats among the data become: float64 if a layer computes in it."""
        return FLOAT64 if any(layer.dtype == FLOAT64 for layer in self.layers) else DEFAULT_FLOAT

    def predict_step(self, x: Tensor) -> Tensor:
        """Compute the predictions for one batch; `predict` calls this for every batch.

        Parameters
        ----------
        x : Tensor, (samples, ...)

        Returns
        -------
        Tensor
            (samples, ...).
        """
        return self._called(x, training=False, rng=None)

    def compute_loss(self, x: Tensor, y: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        """Compute the loss of one batch, in training and in evaluation.

        Parameters
        ----------
        x, y : Tensor, (samples, ...)
        y_pred : Tensor, (samples, ...)
            The output of the model for `x`.
        sample_weight : Tensor, (samples,), optional

        Returns
        -------
        Tensor
            Of shape ().
        """
        return self.loss(y, y_pred, sample_weight)

    def _require_compiled(self, who):
        if self.loss is None:
            raise NotBuiltError(f"{who}: call compile(optimizer=..., loss=...) before {who}")

    def _check_targets(self, who, data, metrics):
        """Check all samples and targets against model and loss before anything is changed."""
        if not isinstance(data, ArrayData):
            data.check = partial(self._check_targets, who, metrics=metrics)  # of the batches, as they come
            return
        if self.scores_itself():  # nobody else knows which targets it can use
            if data["y"] is None and not self.may_do_without_targets():
                raise ArgumentError(f"{who}: y is needed")
            return
        self._check_samples(who, data)
        try:
            output_shape = self.output_shape_for((None, *data["x"].shape[1:]), data["x"].dtype)
        except ShapeError as error:
            raise ShapeError(f"{who}: {error}") from None
        if data["y"] is None:
            raise ArgumentError(f"{who}: y is needed")
        if output_shape is None:
            return  # a layer of one's own does not tell
        if output_shape[-1:] == (1,) and self.output_activation() == "softmax":
            raise ArgumentError(
                f"{who}: softmax of one output is always 1; use the activation 'sigmoid' with binary_crossentropy, or "
                "one output per class"
            )
        self.loss.check_targets(who, data["y"], output_shape)
        check_metrics(who, metrics, data["y"], output_shape)

    def scores_itself(self) -> bool:
        """Whether methods of a subclass compute the outputs or the loss."""
        return is_overridden(self, *SCORING)

    def may_do_without_targets(self) -> bool:
        """Whether a method of a subclass computes the loss, so that it may be one of the inputs alone."""
        return is_overridden(self, "compute_loss", "train_step", "update") and not self.metrics

    def _check_samples(self, who, data):
        """ShapeError for one sample where a batch of them is needed."""
        first = self.layers[0] if self.layers else None
        wanted, given = getattr(first, "input_shape", None) or (), data["x"].shape
        if len(wanted) > 1 and given == tuple(wanted[1:]):
            raise ShapeError(f"{who}: x has the shape {given} of one sample; give a batch of it, x[None]")

    def _called(self, x, training, rng):
        """The model's output for `x`, by `__call__`, which a subclass may have made its own."""
        model: Any = self
        return model(x, **accepted(model.__call__, training=training, rng=rng))

    def _scored(self, x, y, sample_weight, training, rng):
        """The loss, an output, and the function that makes predictions of that output."""
        on_scores = self._loss_on_scores()
        if on_scores is None:
            output = self._called(x, training, rng)
            return self.compute_loss(x, y, output, sample_weight), output, lambda output: output
        scores = self.forward(x, training=training, rng=rng, logits=True)
        return on_scores(y, scores, sample_weight), scores, self.activate

    def _loss_on_scores(self):
        """The loss on what the last activation gets, where that is stabler: a cross-entropy after its softmax."""
        if is_overridden(self, "__call__", "forward", "activate", "output_activation", "compute_loss"):
            return None
        pair = self.loss.activation
        return self.loss.with_logits() if pair is not None and pair == self.output_activation() else None

    def _tracker(self):
        """What keeps count of loss and metrics from now on."""
        return Tracker(self.metrics, self.weighted_metrics)

    def _evaluate(self, data, batch_size, listeners):
        others = not isinstance(data, ArrayData) or listeners.has_own_code
        tracker, guard = self._tracker(), Guard(self, others=others)
        for step, (x, y, weight) in enumerate(data.batches(batch_size, device=self.device)):
            listeners.on_test_batch_begin(step)
            if guard.called_between:
                guard.note_call()
            loss, prediction = as_pair("test_step", self._functions(guard)[0](x, y, weight))
            try:
                tracker.update(float(loss), x.shape[0], y, prediction, weight)
            except NumbanetError as error:
                raise type(error)(f"{data.who}: {error}") from error
            listeners.on_test_batch_end(step, tracker.logs())
        return tracker.logs()

    def evaluate(
        self,
        x: Any,
        y: ArrayLike | None = None,
        batch_size: Integer | None = None,
        sample_weight: ArrayLike | None = None,
        verbose: Verbose = "auto",
        callbacks: CallbacksLike = None,
        steps: Integer | None = None,
    ) -> Any:
        """The loss and the metrics on data.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches
        y : array-like (samples, ...)
        batch_size : int, optional
            1024 if not given; the results do not depend on it but by rounding.
        sample_weight : array-like (samples,) or (samples, 1), optional
        verbose : {"auto", 0, 1, 2}
            Nothing, a progress bar with the results, or a line of results; auto chooses the bar on a terminal.
        callbacks : list of Callback, optional
            Their `on_test_...` methods are called.
        steps : int, optional
            Evaluate this many batches only: an infinite generator needs it.

        Returns
        -------
        list of float
            The loss, then one number per metric; the loss alone if there are no metrics.

        Raises
        ------
        NotBuiltError
            Before `compile`, or before the model has weights.
        """
        self._require_compiled("evaluate")
        size = as_count("evaluate: batch_size", PREDICT_BATCH if batch_size is None else batch_size, low=1)
        dtype = self._float_dtype()
        data = as_data("evaluate", x, y, sample_weight, steps=steps, batch_size=batch_size, dtype=dtype).first(size)
        self._require_weights("evaluate")
        self._check_targets("evaluate", data, metrics=())  # nothing changes before they say it themselves
        listeners = self._listeners("evaluate", callbacks, verbose, data.steps(size), size)
        with running(listeners, "test") as logs:
            logs |= self._evaluate(data, size, listeners)
        values = list(logs.values())
        return values if self.metrics else values[0]

    def predict(
        self,
        x: Any,
        batch_size: Integer | None = None,
        verbose: Verbose = "auto",
        callbacks: CallbacksLike = None,
        steps: Integer | None = None,
    ) -> Array:
        """The outputs for samples.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches
            Batches are x alone, or tuples (x,), (x, y) or (x, y, sample_weight), of which x is looked at.
        batch_size : int, optional
            1024 if not given.
        verbose : {"auto", 0, 1, 2}
            1 shows a progress bar, as auto does on a terminal.
        callbacks : list of Callback, optional
            Their `on_predict_...` methods are called.
        steps : int, optional
            Predict this many batches only: an infinite generator needs it.

        Returns
        -------
        numpy.ndarray
            (samples, ...), in the order of the samples.

        Raises
        ------
        NotBuiltError
            Before the model has weights.
        """
        size = as_count("predict: batch_size", PREDICT_BATCH if batch_size is None else batch_size, low=1)
        data = as_data("predict", x, steps=steps, batch_size=batch_size, dtype=self._float_dtype()).first(size)
        self._require_weights("predict")
        if isinstance(data, ArrayData):
            self._check_samples("predict", data)
        listeners = self._listeners("predict", callbacks, verbose, data.steps(size), size)
        others = not isinstance(data, ArrayData) or listeners.has_own_code
        outputs, guard = [], Guard(self, others=others)
        with running(listeners, "predict"):
            for step, (batch, _, _) in enumerate(data.batches(size, device=self.device)):
                listeners.on_predict_batch_begin(step)
                if guard.called_between:
                    guard.note_call()
                outputs.append(values_of(self._functions(guard)[1](batch)))
                listeners.on_predict_batch_end(step, {"outputs": outputs[-1]})
        return np.concatenate(outputs)

    def _listeners(self, what, callbacks, verbose, steps, batch_size, epochs=1, validation_freq=1):
        """The callbacks of `fit`, `evaluate` or `predict`, those that show progress last."""
        progress = progress_for(what, verbose, steps, epochs)
        listeners = CallbackList([*as_callbacks(callbacks), *progress], self)
        params = {"epochs": epochs, "steps": steps, "batch_size": batch_size}
        listeners.set_params(params | ({"validation_freq": validation_freq} if validation_freq > 1 else {}))
        return listeners


def as_pair(who, result):
    """What a step has returned, if that is a loss and predictions."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise ArgumentError(f"{who} must return (loss, predictions), got {type(result).__name__}")
    return result


@contextlib.contextmanager
def running(listeners, what="train"):
    """Begin and end of a run of kind "train", "test" or "predict"; gives the dict that the end gets as logs.

    After an error or Ctrl-C progress bars are closed and best weights are put back.
    """
    logs: dict[str, float] = {}
    getattr(listeners, f"on_{what}_begin")()
    try:
        yield logs
    except BaseException:
        getattr(listeners, f"on_{what}_abort")()
        raise
    getattr(listeners, f"on_{what}_end")(logs or None)
