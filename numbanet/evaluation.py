"""Evaluation: the loss, the metrics and the outputs of a model on data, without training."""

import contextlib
from typing import Any

import numpy as np

from numbanet.batches import ArrayData, as_data
from numbanet.callbacks import CallbackList
from numbanet.callbacks.progress import progress_for
from numbanet.checks import as_count
from numbanet.errors import ArgumentError, NotBuiltError
from numbanet.metrics.tracking import Tracker
from numbanet.module import modules_of
from numbanet.replayed import Function
from numbanet.tensor import default_device

PREDICT_BATCH = 1024
"""Samples per batch where none are asked for: large enough for the dot products, small enough for the cache."""


class Evaluation:
    """What a model can do once it has weights. Subclasses have `forward`, `activate`, `output_shape_for` and layers."""

    followed_by_replay = ("_recorded", "_recorded_state", "explanation")
    loss: Any = None
    metrics: Any = ()
    weighted_metrics: Any = ()
    layers: list
    weights: list
    _not_owned = frozenset(
        ("optimizer", "loss", "metrics", "explanation", "_logits_loss", "_recorded", "_recorded_state")
    )
    _logits_loss: Any = None
    _recorded_state: Any = None
    _recorded: Any = None

    @property
    def device(self):
        """Where the weights are: "cpu" or "cuda"; before there are any, where they would be made now."""
        weights = self.weights
        return weights[0].device if weights else default_device()

    def __getstate__(self):
        """A copy, or what was pickled, has everything but recorded Programs."""
        return {name: value for name, value in vars(self).items() if name not in ("_recorded", "_recorded_state")}

    def _functions(self):
        """The replayed forms of `_test` and `_output`: made anew when something in Python has changed."""
        state = python_state(self)
        if state != self._recorded_state:
            self._recorded = Function(self._test), Function(self._output)
            self._recorded_state = state
        return self._recorded

    def _test(self, x, y, weight):
        loss, output = self._loss_and_output(x, y, weight, training=False, rng=None)
        return loss, self._prediction(output)

    def _output(self, x):
        return self.forward(x)

    def _require_compiled(self, who):
        if self.loss is None:
            raise NotBuiltError(f"{who}: call compile(optimizer=..., loss=...) before {who}")

    def _check_targets(self, who, data):
        """Check all samples and targets against model and loss before anything is changed."""
        if not isinstance(data, ArrayData):
            return  # batches are checked as they come
        output_shape = self.output_shape_for((None, *data["x"].shape[1:]), data["x"].dtype)
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

    def _loss_and_output(self, x, y, sample_weight, training, rng):
        on_logits = self._logits_loss is not None
        output = self.forward(x, training=training, rng=rng, logits=on_logits)
        loss = (self._logits_loss if on_logits else self.loss)(y, output, sample_weight)
        return loss, output

    def _prediction(self, output):
        """What users see as the model's output: the last activation of logits, else the output itself."""
        return self.activate(output) if self._logits_loss is not None else output

    def _tracker(self):
        """What keeps count of loss and metrics from now on."""
        return Tracker(self.metrics, self.weighted_metrics)

    def _evaluate(self, data, batch_size, listeners=None):
        tracker, (test, _) = self._tracker(), self._functions()
        for step, (x, y, weight) in enumerate(data.batches(batch_size, device=self.device)):
            loss, prediction = test(x, y, weight)
            tracker.update(loss.item(), x.shape[0], y, prediction, weight)
            if listeners is not None:
                listeners.on_batch_end(step, tracker.logs())
        return tracker.logs()

    def evaluate(self, x, y=None, batch_size=None, sample_weight=None, verbose="auto"):
        """The loss and the metrics on data.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches
        y : array-like (samples, ...)
        batch_size : int, optional
            1024 if not given; the results do not depend on it but by rounding.
        sample_weight : array-like (samples,), optional
        verbose : {"auto", 0, 1, 2}

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
        data = as_data("evaluate", x, y, sample_weight)
        self._require_weights("evaluate")
        self._check_targets("evaluate", data)
        progress = progress_for("evaluate", verbose, data.steps(size))
        listeners = CallbackList(progress, self)
        with running(listeners):
            listeners.on_epoch_begin(0)
            logs = self._evaluate(data, size, listeners)
            listeners.on_epoch_end(0, logs)
        values = list(logs.values())
        return values if self.metrics else values[0]

    def predict(self, x, batch_size=None, verbose="auto"):
        """The outputs for samples.

        Parameters
        ----------
        x : array-like (samples, ...)
        batch_size : int, optional
            1024 if not given.
        verbose : {"auto", 0, 1, 2}

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
        data = as_data("predict", x)
        self._require_weights("predict")
        progress = progress_for("predict", verbose, data.steps(size))
        listeners = CallbackList(progress, self)
        outputs, (_, output) = [], self._functions()
        with running(listeners):
            listeners.on_epoch_begin(0)
            for step, (batch, _, _) in enumerate(data.batches(size, device=self.device)):
                outputs.append(output(batch).numpy())
                listeners.on_batch_end(step, {})
            listeners.on_epoch_end(0, {})
        return np.concatenate(outputs)


@contextlib.contextmanager
def running(listeners):
    """Begin and end of a run; after an error or Ctrl-C progress bars are closed and best weights are put back."""
    listeners.on_train_begin()
    try:
        yield
    except BaseException:
        listeners.on_train_abort()
        raise
    listeners.on_train_end()


def python_state(model):
    """What Programs of a model take for granted: its device, and the attributes of its layers and its loss."""
    plain = (bool, int, float, str, tuple, type(None))
    parts = [*[module for _, module in modules_of(model) if module is not model], model.loss]
    return [model.device] + [
        (id(part), [(name, value if isinstance(value, plain) else id(value)) for name, value in vars(part).items()])
        for part in parts
        if part is not None
    ]
