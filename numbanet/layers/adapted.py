"""Scaling by the mean and variance of data that is shown before training."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, Unpack

import numpy as np

from numbanet.core.checks import is_integer
from numbanet.errors import ArgumentError, DataError, DTypeError, ShapeError
from numbanet.layers import settings
from numbanet.layers.affine import check_sizes, floating, sample_axes
from numbanet.layers.layer import SameShape
from numbanet.layers.scaling import numbers
from numbanet.ops.elementwise import maximum, sqrt
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.tensor.variable import Variable
from numbanet.typing import Axis, Config, LayerOptions


def _kept(layer, name, value):
    """Return axes as a tuple of int; empty for None."""
    if value is None:
        return ()
    axes = (value,) if is_integer(value) else tuple(value) if isinstance(value, settings.SEQUENCES) else (None,)
    if not all(map(is_integer, axes)):
        raise ArgumentError(f"layer {layer.name}: {name} must be an integer, several or None, got {value!r}")
    return tuple(map(int, axes))


class Normalization(SameShape):
    """Gives features mean 0 and variance 1, by the moments of data that `adapt` has seen, or by given ones.

    Parameters
    ----------
    axis : int, tuple of int, or None
        Which dimensions have moments of their own: the last one, the features, by default. None takes one mean and one
        variance for all elements. Dimensions are counted with that of the samples.
    mean, variance : float or array-like, optional
        Moments that are known, of shapes that broadcast to the sizes of those dimensions; both, or neither.
    invert : bool
        Whether to compute the way back: `inputs * sqrt(variance) + mean`.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    mean, variance : Variable, of the sizes along the axes, or None
        0 and 1 until `adapt` is called; neither is trainable. None where they were given.

    Raises
    ------
    ArgumentError
        When only one of `mean` and `variance` is given, or a variance is negative.
    ShapeError
        When an axis is out of range or that of the samples, or sizes do not fit.

    References
    ----------
    Chollet: Deep Learning with Python, section 3.6.2; Keras 3, keras.layers.Normalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.Normalization()
    >>> layer.adapt([[1.0, 10.0], [3.0, 30.0]])
    >>> layer([[3.0, 10.0]])
    Tensor([[ 1., -1.]], shape=(1, 2), dtype=float32)
    """

    axis: tuple[int, ...]
    input_mean: Any
    input_variance: Any
    invert: bool
    mean: Variable | None
    variance: Variable | None
    _settings: ClassVar[dict] = {
        "axis": _kept,
        "input_mean": settings.optional(numbers),
        "input_variance": settings.optional(numbers),
        "invert": settings.flag,
    }
    _fixed = ("dtype", "axis", "input_mean", "input_variance")

    def __init__(
        self, axis: Axis = -1, mean: Any = None, variance: Any = None, invert: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        if (mean is None) != (variance is None):
            raise ArgumentError(f"layer {self.name}: mean and variance are given together, or neither of them")
        self._set(axis=axis, input_mean=mean, input_variance=variance, invert=invert, mean=None, variance=None)
        if variance is not None and np.min(self.input_variance) < 0:
            raise ArgumentError(f"layer {self.name}: variance must be at least 0, got {variance!r}")

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make mean and variance, of the sizes along the axes."""
        shape = tuple(input_shape[d] for d in sample_axes(self, self.axis, input_shape))
        if self.input_mean is not None:
            self._given(shape)
            return
        self.mean = self.add_weight(shape, "zeros", "mean", trainable=False)
        self.variance = self.add_weight(shape, "ones", "variance", trainable=False)

    def _given(self, shape):
        """Return the moments that were given as arrays of a shape; ShapeError where they do not broadcast to it."""
        found = []
        for name, value in (("mean", self.input_mean), ("variance", self.input_variance)):
            array = np.asarray(value, self.dtype)
            try:
                found.append(np.broadcast_to(array, shape))
            except ValueError:
                raise ShapeError(
                    f"layer {self.name}: {name} of shape {array.shape} does not broadcast to {shape}, the sizes of "
                    f"inputs along axis {self.axis}"
                ) from None
        return found

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless the sizes along the axes are those that the layer was built for."""
        check_sizes(self, self.axis, input_shape)

    def adapt(self, data: Any) -> None:
        """Take mean and variance of data, in place of those of data before.

        Parameters
        ----------
        data : array-like (samples, ...), or an iterable of batches
            Of one shape but for the samples. A list or tuple of arrays of at least two dimensions is one of batches;
            of a batch that is a tuple, as of pairs (x, y), the first part counts.

        Raises
        ------
        ArgumentError
            When mean and variance were given, or there is no data.
        DataError
            When mean or variance would be NaN or infinite: one gap would make every sample NaN.
        DTypeError
            When data are not numbers.
        ShapeError
            When a batch has another shape than the layer was built for. Nothing has changed then.
        """
        if self.input_mean is not None:
            raise ArgumentError(f"layer {self.name}: mean and variance were given; a layer without them can adapt")
        total = _Moments(self)
        for batch in _batches(data):
            total.add(batch)
        if not total.count:
            raise ArgumentError(f"layer {self.name}: adapt needs data, there are none")
        bad = np.argwhere(~np.isfinite(total.mean + total.variance)).tolist()
        if bad:
            where = f" at {', '.join(map(str, (one[0] if len(one) == 1 else one for one in bad[:8])))}" * (bad != [[]])
            raise DataError(
                f"layer {self.name}: adapt got data whose mean or variance is not finite{where}: fill gaps, as with "
                "np.where(np.isnan(x), np.nanmean(x, axis=0), x), or leave samples with NaN out"
            )
        self.ensure_built(total.shape)
        for weight, value in zip(self._weights, (total.mean, total.variance), strict=True):
            weight.assign(value.astype(self.dtype))

    def call(self, x: Tensor) -> Tensor:
        """Return `(x - mean) / sqrt(variance)`, or the way back; the shape stays."""
        x, axes = floating(self, x), sample_axes(self, self.axis, x.shape)
        shape = [n if d in axes else 1 for d, n in enumerate(x.shape)]
        found: Any = (self.mean, self.variance)
        if self.input_mean is not None:
            found = self._given(tuple(x.shape[d] for d in axes))
        mean, variance = (asarray(one, device=x.device).reshape(shape) for one in found)
        spread = maximum(sqrt(variance), 1e-7)
        return mean + x * spread if self.invert else (x - mean) / spread

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"axis": list(self.axis), "invert": self.invert}
        given = {"mean": settings.listed(self.input_mean), "variance": settings.listed(self.input_variance)}
        return super().get_config() | own | given


class _Moments:
    """Mean and variance of all batches so far, in double precision.

    Chan, Golub, LeVeque: Algorithms for Computing the Sample Variance, The American Statistician 37, 1983, section 2.
    """

    def __init__(self, layer):
        self.layer, self.count = layer, 0
        self.shape: Any = None
        self.mean = self.variance = np.float64(0.0)

    def add(self, batch):
        """Take a batch into account."""
        x = np.asarray(batch.numpy() if isinstance(batch, Operators) else batch)
        name = self.layer.name
        if x.dtype.kind not in "fiub":
            raise DTypeError(f"layer {name}: adapt needs numbers, got {x.dtype}")
        if self.shape is None:
            self.shape = (None, *x.shape[1:])
        known = self.layer.input_shape if self.layer.built else self.shape
        axes = sample_axes(self.layer, self.layer.axis, x.shape)
        if len(known) != x.ndim or any(known[d] != x.shape[d] for d in axes):
            raise ShapeError(f"layer {name}: adapt got data of shape {x.shape} where {known} is needed")
        others = tuple(d for d in range(x.ndim) if d not in axes)
        n = prod(x.shape[d] for d in others)
        if not n:
            return
        x = x.astype(np.float64)
        with np.errstate(invalid="ignore"):  # of infinities; `adapt` says so
            mean, variance, part = x.mean(axis=others), x.var(axis=others), n / (self.count + n)
            apart = mean - self.mean
            self.variance = self.variance * (1 - part) + variance * part + apart**2 * part * (1 - part)
            self.mean = self.mean + apart * part
        self.count += n


def _batches(data):
    """Yield batches: the data itself where it is one array, or a list of numbers."""
    if hasattr(data, "shape"):
        yield data
    elif isinstance(data, (list, tuple)) and not any(getattr(one, "ndim", 0) > 1 for one in data):
        yield np.asarray(data)
    else:
        for batch in data:
            yield batch[0] if isinstance(batch, tuple) else batch
