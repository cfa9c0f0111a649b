"""The first batches of `fit`, tried on copies: what cannot work fails before a weight changes.

The shapes and labels of arrays are checked without computing anything. What a metric of the user's does with the
outputs, and whether layers take the samples for validation, tells only a call.
"""

import contextlib
import copy

from numbanet.core.hooks import is_ours
from numbanet.errors import NumbanetError
from numbanet.layers.calls import apart
from numbanet.layers.module import modules_of, twin
from numbanet.losses import FunctionLoss
from numbanet.metrics.checks import is_own
from numbanet.tensor.tensor import asarray
from numbanet.training.batch_steps import scores_itself
from numbanet.training.data import ArrayData, samples_of
from numbanet.training.tracker import Tracker


def try_first_batches(trainer, data, validation, sizes, generator):
    """Run the first batch of training and of validation through copies of layers, loss and metrics.

    Nothing is done where nothing could be learnt: without validation data and metrics of the user's, the first step
    of training fails before it changes a weight.

    Parameters
    ----------
    trainer : Trainer
    data, validation : ArrayData, or anything else, which is not looked at
    sizes : (int, int)
        Samples of a batch of training and of validation.
    generator : numpy.random.Generator
        What `fit` draws from; it stays as it is.

    Raises
    ------
    Exception
        What the batch raises; errors of numbanet's say whether it was one for validation.
    """
    model, own_metrics = trainer.model, any(map(is_own, trainer.metrics))
    if not isinstance(data, ArrayData) or (validation is None and not own_metrics) or scores_itself(model):
        return
    own_code = own_metrics or isinstance(trainer.loss, FunctionLoss) or not is_ours(type(trainer.loss))
    own_code = own_code or not all(is_ours(type(module)) for _, module in modules_of(model))
    copied = twin(model, {})
    rng = copy.deepcopy(generator) if own_code else None
    parts = ("fit", data, sizes[0], True), ("fit: validation_data", validation, sizes[1], False)
    for who, part, size, training in parts:
        if not isinstance(part, ArrayData):
            continue
        with contextlib.closing(part.batches(size if own_code else 1, device=model.device)) as batches:
            batch = next(batches)
        try:
            with apart(training, rng):
                _try(trainer, copied, batch, training)
        except NumbanetError as error:
            raise type(error)(f"{who}: {error}") from error


def _try(trainer, copied, batch, training):
    """Run one batch through the copy of a model, and through copies of its loss and metrics."""
    x, y, weight = batch
    found = copied(x, training=training)
    prediction = found if isinstance(found, (list, tuple, dict)) else asarray(found)
    memo: dict = {}
    loss, metrics, weighted = (_copied(one, memo) for one in (trainer.loss, trainer.metrics, trainer.weighted_metrics))
    value = loss(y, prediction, weight)
    tracker = Tracker(metrics, weighted, loss)
    tracker.update(float(value), samples_of(x), y, prediction, weight)
    tracker.logs()


def _copied(value, memo):
    """Return a copy, or the value itself where it holds what cannot be copied."""
    try:
        return copy.deepcopy(value, memo)
    except Exception:
        return value
