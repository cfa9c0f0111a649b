"""What a callback is, and several as one."""

from typing import Any

from numbanet.errors import ArgumentError


class Callback:
    """Base class: every method does nothing; define those that matter.

    `self.model` is the model that is trained; training ends after the epoch in which its `stop_training` becomes True.
    `logs` is a dict of floats: `loss`, the metrics, and after an epoch the same of validation, with `val_` before them.

    Examples
    --------
    >>> import numbanet as nn
    >>> class StopAt(nn.callbacks.Callback):
    ...     def __init__(self, accuracy):
    ...         self.accuracy = accuracy
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = logs["accuracy"] >= self.accuracy
    """

    model: Any = None
    params: dict[str, Any] = {}  # noqa: RUF012  (replaced, never changed)
    """What `fit` is called with: epochs, steps (None where nobody knows), batch_size."""

    def set_model(self, model):
        """Called by `fit` before anything else."""
        self.model = model

    def set_params(self, params):
        """Called by `fit` before training, with what becomes `self.params`."""
        self.params = params

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_train_end(self, logs=None):
        """After the last epoch."""

    def on_train_abort(self):
        """Instead of `on_train_end`, when training ends by an error or Ctrl-C: the place to close files."""

    def on_epoch_begin(self, epoch, logs=None):
        """Before an epoch; the first is 0."""

    def on_epoch_end(self, epoch, logs=None):
        """After an epoch and its validation."""

    def on_batch_begin(self, batch, logs=None):
        """Before a batch; the first of an epoch is 0."""

    def on_batch_end(self, batch, logs=None):
        """After a batch."""


class CallbackList(Callback):
    """Several callbacks as one, called in their order.

    Parameters
    ----------
    callbacks : Callback, list of Callback, or None
    model : optional
        The model that is trained.

    Raises
    ------
    ArgumentError
        When one is no Callback.

    Examples
    --------
    >>> import numbanet as nn
    >>> history = nn.callbacks.History()
    >>> nn.callbacks.CallbackList([history]).on_epoch_end(0, {"loss": 0.5})
    >>> history.history
    {'loss': [0.5]}
    """

    def __init__(self, callbacks=None, model=None):
        if isinstance(callbacks, Callback):
            callbacks = [callbacks]
        self.callbacks = list(callbacks or ())
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                hint = "; give an object of it" if isinstance(callback, type) else ""
                raise ArgumentError(f"callbacks: {callback!r} is no nn.callbacks.Callback{hint}")
        if model is not None:
            self.set_model(model)

    def set_model(self, model):
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params):
        for callback in self.callbacks:
            callback.set_params(params)

    def on_train_begin(self, logs=None):
        for callback in self.callbacks:
            callback.on_train_begin(logs)

    def on_train_end(self, logs=None):
        for callback in self.callbacks:
            callback.on_train_end(logs)

    def on_train_abort(self):
        for callback in self.callbacks:
            callback.on_train_abort()

    def on_epoch_begin(self, epoch, logs=None):
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_batch_begin(self, batch, logs=None):
        for callback in self.callbacks:
            callback.on_batch_begin(batch, logs)

    def on_batch_end(self, batch, logs=None):
        for callback in self.callbacks:
            callback.on_batch_end(batch, logs)


class LambdaCallback(Callback):
    """A callback from functions.

    Parameters
    ----------
    on_train_begin, on_train_end : callable, optional
        `f(logs)`.
    on_epoch_begin, on_epoch_end : callable, optional
        `f(epoch, logs)`.
    on_batch_begin, on_batch_end : callable, optional
        `f(batch, logs)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(
        self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None, on_batch_begin=None,
        on_batch_end=None,
    ):  # fmt: skip
        given = {name: function for name, function in locals().items() if name.startswith("on_") and function}
        for name, function in given.items():
            if not callable(function):
                raise ArgumentError(f"LambdaCallback: {name} must be a function, got {function!r}")
            setattr(self, name, function)
