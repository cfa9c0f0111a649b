"""What every kind of model is: a module that is compiled, trained, evaluated and saved, as in Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numbanet.callbacks import History
from numbanet.core.arguments import explained
from numbanet.core.names import BASES
from numbanet.errors import SettingError
from numbanet.graph.explain import print_training
from numbanet.optimizers import Optimizer
from numbanet.tensor.tensor import Tensor
from numbanet.training import batch_steps
from numbanet.training.batches import OnBatches
from numbanet.training.missing import COMPILE, DATA
from numbanet.training.trainer import OF_THE_TRAINER, Trainer, of_the_trainer
from numbanet.typing import (
    Array,
    ArrayLike,
    CallbacksLike,
    ClassWeight,
    Config,
    Integer,
    Items,
    LossesLike,
    MetricsLike,
    Real,
    Seed,
    Targets,
    Verbose,
)


class Model(OnBatches):
    """A network that can be trained: a functional model, one with a `call` of its own, or a `Sequential`.

    `nn.Model(inputs, outputs)` is the functional model that computes `outputs` from `inputs`, which `nn.layers.Input`
    made, or nested lists, tuples and dicts of them; a model with a `call` has neither.

    As in Keras, a subclass may override these methods, or an object may have them as attributes; `fit`, `evaluate` and
    `predict` call them for every batch:

    - `call(x, training, rng)`: the output for `x`, a Tensor; `training` and `rng` may be left out, since layers inside
      get them anyway. A subclass may override `__call__`, which calls it, too.
    - `compute_loss(x, y, y_pred, sample_weight)`: the loss of a batch, a Tensor of shape ().
    - `train_step(x, y, sample_weight, rng)`: one update of the weights; returns the loss and the predictions. Or as in
      Keras `train_step(data)`, which returns a dict of logs and runs eagerly; likewise `test_step`.
    - `test_step(x, y, sample_weight)`: the loss and the predictions, without an update.
    - `predict_step(x)`: the predictions.

    The loss then gets what `call` returns, never the scores before a softmax, and targets are not checked before
    training starts, since only the model knows which ones it can use. A model without metrics that overrides
    `compute_loss` or `train_step` may be trained without `y`.

    These methods are replayed if they work with tensors and do the same in every call; otherwise `model.explain()` says
    why they are not. Whatever they read in Python may change between two batches; see "Replayed and eager" on the
    page on numerics.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Perceptron(nn.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.layers.Dense(8, activation="relu")
    ...         self.scores = nn.layers.Dense(2)
    ...     def call(self, x):
    ...         return self.scores(self.hidden(x))
    >>> model = Perceptron()
    >>> model.compile("sgd", "mse")
    >>> sorted(model.fit(nn.ones((4, 3)), nn.ones((4, 2)), verbose=0, rng=0).history)
    ['loss']
    """

    followed_by_replay: ClassVar[tuple[str, ...]] = ("_rng", "_last_call", "_calls_made", "_graph", "_settled")
    _not_copied = OnBatches._not_copied | {"_trained_by"}
    _first_settings: ClassVar[dict[str, Any]] = {}
    """What the trainer of an object starts with, from attributes of the class."""

    optimizer: Any = of_the_trainer("optimizer", "The optimizer; None before `compile`.")
    loss: Any = of_the_trainer("loss", "The loss, which training makes small; None before `compile`.")
    metrics: Any = of_the_trainer("metrics", "All metrics: the plain ones, then those that weights count for.")
    weighted_metrics: Any = of_the_trainer("weighted_metrics", "Those of the metrics that sample weights count for.")
    stop_training: bool = of_the_trainer("stop_training", "Training ends after the epoch in which it becomes True.")
    explanation: Any = of_the_trainer("explanation", "How the last `fit` ran, which `explain` prints.")

    def __init_subclass__(cls, **options: Any) -> None:
        given = {name: value for name, value in vars(cls).items() if name in OF_THE_TRAINER}
        if isinstance(given.get("metrics"), property):
            del given["metrics"]  # what a `train_step(data)` counts in, beside what `compile` sets
        for name, value in given.items():
            if hasattr(value, "__get__"):
                raise SettingError(f"{cls.__name__}.{name} can be neither method nor property: `compile` sets it")
            delattr(cls, name)
        if given:
            cls._first_settings = cls._first_settings | given
        super().__init_subclass__(**options)

    @property
    def _trainer(self) -> Trainer:
        """What trains the model, made when it is first asked for."""
        own = vars(self)
        trainer = own.get("_trained_by")
        if trainer is None:
            trainer = own.setdefault("_trained_by", Trainer(self, **self._first_settings))
        return trainer

    def __setstate__(self, state: dict[str, Any]) -> None:
        older = {name: state[name] for name in OF_THE_TRAINER if name in state}  # a pickle of version 0.1.0
        vars(self).update({name: value for name, value in state.items() if name not in older})
        if older:
            self._set(**older)
        elif "_trained_by" in state and state["_trained_by"].model is not self:  # a shallow copy
            vars(self)["_trained_by"] = state["_trained_by"].trainer_of(self)

    @explained(COMPILE)
    def compile(
        self,
        optimizer: str | Optimizer | type[Optimizer] | Config = "rmsprop",
        loss: LossesLike | None = None,
        metrics: MetricsLike | None = None,
        weighted_metrics: MetricsLike | None = None,
        loss_weights: Real | Items[Real] | Mapping[str, Real] | None = None,
    ) -> None:
        """Choose how to train.

        Parameters
        ----------
        optimizer : str or Optimizer
            A name of `nn.optimizers`, or an optimizer.
        loss : str, Loss or callable
            A name of `nn.losses`, a loss, or `f(y_true, y_pred)` that gives one loss per sample. For several outputs a
            list of these, or a dict by their names; None for an output without a loss.
        metrics : list of str or Metric, optional
            Names of `nn.metrics`, or metrics. Every sample counts once, whatever its weight. For several outputs a list
            or dict of such lists.
        weighted_metrics : list of str or Metric, optional
            Metrics that count samples by `sample_weight` and `class_weight`. The logs have
            ``weighted_`` before the name of one that is among the plain ones, too.
        loss_weights : list or dict of float, or float, optional
            The factors of the losses of several outputs in the loss, 1 if not given; or that of the only loss.

        Raises
        ------
        ArgumentError
            When a name is unknown; the message names the nearest one.
        """
        self._trainer.compile(optimizer, loss, metrics, weighted_metrics, loss_weights)

    @explained(DATA)
    def fit(
        self, x: Any, y: Targets | None = None, batch_size: Integer | None = None, epochs: Integer = 1,
        validation_data: Any = None, validation_split: Real = 0.0, shuffle: bool = True,
        class_weight: ClassWeight | None = None, sample_weight: ArrayLike | None = None,
        callbacks: CallbacksLike = None, verbose: Verbose = "auto", rng: Seed = None,
        steps_per_epoch: Integer | None = None, validation_steps: Integer | None = None,
        validation_freq: Integer = 1, initial_epoch: Integer = 0,
    ) -> History:  # fmt: skip
        """Train the model.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches (x, y) or (x, y, sample_weight)
            Arrays, tensors, lists, pandas DataFrames, and sparse matrices of SciPy (or `nn.SparseRows`), which stay
            sparse; or batches from a list, a generator, a PyTorch DataLoader, or an object with `__len__` and
            `__getitem__` such as a Keras Sequence. Batches are not shuffled.
        y : array-like (samples, ...), or a list or dict of them, one for each output
        batch_size : int, optional
            Samples per step, for arrays; 32 by default.
        epochs : int
            The number of passes over the data.
        validation_data : tuple (x, y) or (x, y, sample_weight), or iterable of batches, optional
            Evaluated after each epoch.
        validation_split : float
            The fraction of the samples, taken from the end, that is kept for validation.
        shuffle : bool
            Whether each epoch goes through the samples in a new random order.
        class_weight : dict, list, Series or "balanced", optional
            Maps each class to the weight of its samples in training; validation does not use it. A list has the weights
            of the classes 0, 1, ...; "balanced" weights a class by samples / (classes * samples of the class), as
            scikit-learn does.
        sample_weight : array-like (samples,) or (samples, 1), optional
            How much each sample counts in the loss, and in `weighted_metrics`.
        callbacks : list of Callback, optional
            A callback with methods for training batches makes training run eagerly.
        verbose : {"auto", 0, 1, 2}
            0 prints nothing, 1 a progress bar, 2 a line per epoch; auto chooses the bar on a terminal.
        rng : int or numpy.random.Generator, optional
            For weights not made yet, the order of the samples, and dropout. The same seed gives the same bytes.
        steps_per_epoch : int, optional
            Batches per epoch, if not all of them: an infinite generator needs it. The next epoch continues where the
            last one ended, and starts again when the data is used up.
        validation_steps : int, optional
            The number of batches to evaluate after each epoch: the first ones, except that a generator continues.
            Batches of arrays have `batch_size` samples.
        validation_freq : int
            Validate after each epoch whose number, counted from 1, is a multiple of this.
        initial_epoch : int
            The number of the first epoch, for callbacks when a run is resumed; `epochs` is the number at which it ends.

        Returns
        -------
        History
            Its `history` maps names (loss, accuracy, val_loss, ...) to lists of one number per epoch.

        Raises
        ------
        NotBuiltError
            Before `compile`.
        DataError, ShapeError, DTypeError, ArgumentError
            When data or arguments do not fit; nothing is changed then. This includes targets and validation data that
            do not fit the outputs, the loss or a metric, and callbacks that monitor a number that will not exist or
            that could not save the model. Metrics, losses and layers of your own are tried on copies, with the first
            batch.
        """
        return self._trainer.fit(
            x, y, batch_size, epochs, validation_data, validation_split, shuffle, class_weight, sample_weight,
            callbacks, verbose, rng, steps_per_epoch, validation_steps, validation_freq, initial_epoch,
        )  # fmt: skip

    @explained(DATA)
    def evaluate(
        self,
        x: Any,
        y: Targets | None = None,
        batch_size: Integer | None = None,
        sample_weight: ArrayLike | None = None,
        verbose: Verbose = "auto",
        callbacks: CallbacksLike = None,
        steps: Integer | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics on data.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches
        y : array-like (samples, ...), or a list or dict of them, one for each output
        batch_size : int, optional
            1024 by default; it affects the results only through rounding.
        sample_weight : array-like (samples,) or (samples, 1), optional
        verbose : {"auto", 0, 1, 2}
            0 prints nothing, 1 a progress bar and the results, 2 a line of results; auto takes the bar on a terminal.
        callbacks : list of Callback, optional
            Their `on_test_...` methods are called.
        steps : int, optional
            Evaluate this many batches only: an infinite generator needs it.
        return_dict : bool
            Whether to return a dict by name.

        Returns
        -------
        list of float, or dict
            The loss, those of several outputs, then one number per metric; only the loss if it is the only number.

        Raises
        ------
        NotBuiltError
            Before `compile`, or before the model has weights.
        """
        return self._trainer.evaluate(x, y, batch_size, sample_weight, verbose, callbacks, steps, return_dict)

    @explained(DATA)
    def predict(
        self,
        x: Any,
        batch_size: Integer | None = None,
        verbose: Verbose = "auto",
        callbacks: CallbacksLike = None,
        steps: Integer | None = None,
    ) -> Array:
        """Return the outputs for samples.

        Parameters
        ----------
        x : array-like (samples, ...), or iterable of batches
            Batches are x, or tuples (x,), (x, y) or (x, y, sample_weight), of which only x is used.
        batch_size : int, optional
            1024 by default.
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
        return self._trainer.predict(x, batch_size, verbose, callbacks, steps)

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
        """Do what `train_step` does with tensors: return the loss and the predictions, and update the weights."""
        return batch_steps.update(self._trainer, x, y, sample_weight, rng)

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
        return batch_steps.evaluate_on_batch(self._trainer, x, y, sample_weight)

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
        return batch_steps.predict_on_batch(self._trainer, x)

    if TYPE_CHECKING:  # one of your own may leave out what it does not use

        def compute_loss(self, *args: Any, **kwargs: Any) -> Tensor:
            """Return the loss of a batch."""

    else:

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            """Compute the loss of one batch, a Tensor of shape (), in training and in evaluation.

            `x`, `y` and `y_pred`, the output of the model for `x`, have the samples along their first axis;
            `sample_weight` has one factor per sample.
            """
            return batch_steps.compute_loss(self._trainer, x, y, y_pred, sample_weight)

    def to_device(self, device: str) -> Self:
        """Move the weights and the optimizer's state, in place; they are trained there from now on.

        Parameters
        ----------
        device : {"cpu", "cuda"}

        Returns
        -------
        Model
            Itself.

        Raises
        ------
        DeviceError
            When the device cannot be used.
        DeviceMemoryError
            When there is not enough memory; the weights then stay where they were.
        """
        super().to_device(device)
        if self.optimizer is not None:
            self.optimizer.follow()
        return self

    def explain(self) -> None:
        """Print how the last `fit` ran: the Programs that were replayed, or why it ran eagerly.

        One line per launch: the loop, its positions, the bytes and floating-point operations, the shapes.
        """
        print_training(self.explanation)


BASES.append(Model)
