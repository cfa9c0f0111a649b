"""What `fit` and `evaluate` keep count of while they go through data: the loss and the metrics of a model."""

from numbanet.metrics import Mean
from numbanet.metrics.metric import aligned
from numbanet.tensor.operators import values_of


class Tracker:
    """The running loss and metrics of one pass over data.

    Parameters
    ----------
    metrics : list of Metric
        They are reset.
    weighted : list of Metric
        Those of them that sample weights count for; the others are plain.
    """

    def __init__(self, metrics, weighted=()):
        self.loss = Mean("loss")
        self.metrics = metrics
        self.weighted = weighted
        for metric in metrics:
            metric.reset()

    def update(self, loss, samples, y_true, y_pred, sample_weight=None):
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
        if self.metrics:
            y_true, y_pred = aligned("metrics", y_true, y_pred)
            weight = None if sample_weight is None else values_of(sample_weight)
            for metric in self.metrics:
                metric.update(y_true, y_pred, weight if metric in self.weighted else None)

    def update_batches(self, batch, losses, y_true, y_pred, sample_weight=None):
        """Take several batches of `batch` samples into account: their losses, and the rest one after the other.

        The results are those of `update` with each batch, to the byte, however many come at once.
        """
        self.loss.add_all(losses, batch)
        if self.metrics:
            y_true, y_pred = aligned("metrics", y_true, y_pred)
            for metric in self.metrics:
                weight = sample_weight if metric in self.weighted else None
                metric.update_batches(batch, y_true, y_pred, weight)

    def logs(self):
        """Return the numbers so far, by name: the loss, then the metrics."""
        return {"loss": self.loss.result()} | {metric.name: metric.result() for metric in self.metrics}
