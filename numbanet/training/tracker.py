"""What `fit` and `evaluate` keep count of while they go through data: the loss and the metrics of a model."""

import numpy as np

from numbanet.core.structures import flatten
from numbanet.losses.outputs import OutputLosses
from numbanet.metrics import Mean
from numbanet.metrics.checks import without_targets
from numbanet.metrics.metric import aligned
from numbanet.metrics.outputs import OutputMetric
from numbanet.tensor.operators import Operators, values_of


class Tracker:
    """The running loss and metrics of one pass over data.

    Parameters
    ----------
    metrics : list of Metric
        They are reset.
    weighted : list of Metric
        Those of them that sample weights count for; the others are plain.
    loss : Loss, optional
        That of the model, which may be several.
    """

    def __init__(self, metrics, weighted=(), loss=None):
        self.loss = Mean("loss")
        self._of = loss if isinstance(loss, OutputLosses) else None
        self.parts = [Mean(name) for name in (() if self._of is None else self._of.logged)]
        self.metrics = metrics
        self.weighted = weighted
        for metric in metrics:
            metric.reset()

    def update(self, loss, samples, y_true, y_pred, sample_weight=None, parts=()):
        """Take a batch into account.

        Parameters
        ----------
        loss : float
        samples : int
            How many the batch has.
        y_true, y_pred : array-like, (samples, ...)
        sample_weight : array-like, (samples,), optional
        """
        self.loss.add(loss, samples)
        for mean, part in zip(self.parts, parts, strict=False):
            mean.add(float(part), samples)
        for metric, true, pred, weight in self._seen(y_true, y_pred, sample_weight):
            metric.update(true, pred, weight)

    def update_batches(self, batch, losses, y_true, y_pred, sample_weight=None, parts=()):
        """Take several batches of `batch` samples into account: their losses, and the rest one after the other.

        The results are those of `update` with each batch, to the byte, however many come at once.
        """
        self.loss.add_all(losses, batch)
        for mean, part in zip(self.parts, parts, strict=False):
            mean.add_all(part, batch)
        for metric, true, pred, weight in self._seen(y_true, y_pred, sample_weight):
            metric.update_batches(batch, true, pred, weight)

    def _seen(self, y_true, y_pred, sample_weight):
        """Return the metrics, each with the targets, outputs and weights that it sees."""
        if not self.metrics:
            return []
        if self._of is None:
            true, pred, weights = [y_true], flatten(y_pred), [sample_weight]
        else:
            true, pred = self._of.targets_of(y_true), self._of.outputs_of(y_pred)
            weights = self._of.weights_of(sample_weight)
        weights = [None if one is None else values_of(one) for one in weights]
        pairs: dict = {}
        found = []
        for metric in self.metrics:
            i = metric.output if isinstance(metric, OutputMetric) else 0
            if true[i] is None:
                raise without_targets(metric)
            if i not in pairs:
                pairs[i] = aligned("metrics", true[i], pred[i])
            found.append((metric, *pairs[i], weights[i] if metric in self.weighted else None))
        return found

    def logs(self):
        """Return the numbers so far, by name: the loss, those of the outputs, then the metrics."""
        return {mean.name: _number(mean.result()) for mean in (self.loss, *self.parts, *self.metrics)}


def _number(result):
    """Return the result of a metric, a tensor or array of one number as that number."""
    return result.item() if isinstance(result, (Operators, np.ndarray)) and result.size == 1 else result
