"""Cross-entropies as metrics."""

from __future__ import annotations

from numbanet import losses
from numbanet.metrics.probabilistic import _OfLoss
from numbanet.typing import Config, Integer, Real


class BinaryCrossentropy(_OfLoss):
    """The mean of binary cross-entropies.

    Parameters
    ----------
    name : str
    from_logits : bool
        Whether predictions are scores before sigmoid.
    label_smoothing : float
        From 0 to 1.

    References
    ----------
    Keras 3, `keras.metrics.BinaryCrossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.BinaryCrossentropy(from_logits=True)
    >>> metric.update([1, 0], [[0.0], [0.0]])
    >>> round(metric.result(), 4)
    0.6931
    """

    rowwise = True

    def __init__(
        self, name: str = "binary_crossentropy", from_logits: bool = False, label_smoothing: Real = 0.0
    ) -> None:
        super().__init__(losses.BinaryCrossentropy(from_logits, label_smoothing), name)

    def get_config(self) -> Config:
        return {"name": self.name, "from_logits": self.from_logits, "label_smoothing": self.label_smoothing}


class CategoricalCrossentropy(_OfLoss):
    """The mean of cross-entropies of classes: one-hot labels.

    Parameters
    ----------
    name : str
    from_logits : bool
        Whether predictions are scores before softmax.
    label_smoothing : float
        From 0 to 1.
    axis : int
        The axis of the classes.

    References
    ----------
    Keras 3, `keras.metrics.CategoricalCrossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.CategoricalCrossentropy(from_logits=True)
    >>> metric.update([[0, 1]], [[0.0, 0.0]])
    >>> round(metric.result(), 4)
    0.6931
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        from_logits: bool = False,
        label_smoothing: Real = 0.0,
        axis: Integer = -1,
    ) -> None:
        super().__init__(losses.CategoricalCrossentropy(from_logits, label_smoothing, axis), name)

    def get_config(self) -> Config:
        own = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing, "axis": self.axis}
        return {"name": self.name, **own}


class SparseCategoricalCrossentropy(_OfLoss):
    """The mean of cross-entropies of classes: integer labels.

    Parameters
    ----------
    name : str
    from_logits : bool
        Whether predictions are scores before softmax.
    ignore_class : int, optional
        A label of what does not count: the mean is that of the rest.
    axis : int
        The axis of the classes.

    References
    ----------
    Keras 3, `keras.metrics.SparseCategoricalCrossentropy`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.SparseCategoricalCrossentropy(from_logits=True)
    >>> metric.update([1], [[0.0, 0.0]])
    >>> round(metric.result(), 4)
    0.6931
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        from_logits: bool = False,
        ignore_class: Integer | None = None,
        axis: Integer = -1,
    ) -> None:
        super().__init__(losses.SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis), name)

    @property
    def ignore_class(self) -> int | None:
        """The label of what does not count."""
        ignored: int | None = getattr(self.loss, "ignore_class", None)
        return ignored

    def get_config(self) -> Config:
        own = {"from_logits": self.from_logits, "ignore_class": self.ignore_class, "axis": self.axis}
        return {"name": self.name, **own}
