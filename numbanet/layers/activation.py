"""Activation functions as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

from numbanet.core.notes import Notes
from numbanet.core.shapes import normalize_axes
from numbanet.errors import ShapeError
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.layers.symbolic import has_symbolic
from numbanet.ops.activations import elu, leaky_relu, relu
from numbanet.ops.elementwise import greater, less_equal, minimum, where
from numbanet.ops.functions import exp
from numbanet.ops.masks import mask_of, set_mask
from numbanet.ops.neural import softmax
from numbanet.ops.reduce import logsumexp
from numbanet.ops.shaping import reshape
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import (
    ActivationLike,
    ArrayLike,
    Config,
    DType,
    LayerOptions,
    OpenShape,
    Real,
    RegularizerLike,
    Seed,
)


class Activation(SameShape):
    """An activation function as a layer.

    Parameters
    ----------
    activation : str or callable
        A name of `nn.activations`, or a function on tensors.
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    Raises
    ------
    ArgumentError
        When the name is unknown.

    References
    ----------
    Keras 3, keras.layers.Activation.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Activation("relu")([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """

    _settings: ClassVar[dict] = {"activation": settings.activation}

    def __init__(
        self,
        activation: ActivationLike,
        name: str | None = None,
        dtype: DType = None,
        *,
        activity_regularizer: RegularizerLike = None,
        input_shape: OpenShape | None = None,
    ) -> None:
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self.activation = activation

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation: the input."""
        return x

    def call(self, x: Tensor) -> Tensor:
        """Return the activation of `x`; the shape stays."""
        return self.activation(x)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"activation": settings.config_name(self, "activation", self.activation)}


class ReLU(SameShape):
    """The rectified linear unit, which may have a maximum, a slope below its threshold, and another threshold than 0.

    It returns `x` where that is above `threshold`, but at most `max_value`, and `negative_slope * (x - threshold)`
    elsewhere.

    Parameters
    ----------
    max_value : float, optional
        The largest output, at least 0; None for no limit.
    negative_slope : float
        The slope below the threshold, at least 0.
    threshold : float
        At least 0.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a number is negative or not finite.

    References
    ----------
    Keras 3, keras.layers.ReLU.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ReLU()([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    >>> nn.layers.ReLU(max_value=6.0, negative_slope=0.5)([[-1.0, 9.0]])
    Tensor([[-0.5,  6. ]], shape=(1, 2), dtype=float32)
    """

    max_value: float | None
    negative_slope: float
    threshold: float
    _settings: ClassVar[dict] = {
        "max_value": settings.optional(settings.not_negative),
        "negative_slope": settings.not_negative,
        "threshold": settings.not_negative,
    }

    def __init__(
        self,
        max_value: Real | None = None,
        negative_slope: Real = 0.0,
        threshold: Real = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(max_value=max_value, negative_slope=negative_slope, threshold=threshold)

    def call(self, x: Tensor) -> Tensor:
        """Return the rectified `x`; the shape stays."""
        slope, threshold = self.negative_slope, self.threshold
        if not threshold and self.max_value is None:
            return leaky_relu(x, slope) if slope else relu(x)
        above = x if self.max_value is None else minimum(x, self.max_value)
        return where(less_equal(x, threshold), (x - threshold) * slope if slope else 0.0, above)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"max_value": self.max_value, "negative_slope": self.negative_slope, "threshold": self.threshold}
        return super().get_config() | own


class LeakyReLU(SameShape):
    """The rectified linear unit with a slope below zero: `nn.leaky_relu` as a layer.

    Parameters
    ----------
    negative_slope : float
        The slope below zero.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When the slope is not a finite number.

    References
    ----------
    Keras 3, keras.layers.LeakyReLU; Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models,
    2013.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.LeakyReLU(negative_slope=0.5)([[-1.0, 2.0]])
    Tensor([[-0.5,  2. ]], shape=(1, 2), dtype=float32)
    """

    negative_slope: float
    _settings: ClassVar[dict] = {"negative_slope": settings.number}
    _former: ClassVar[dict] = {"alpha": "it is called negative_slope"}

    def __init__(self, negative_slope: Real = 0.3, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(negative_slope=negative_slope)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, and `negative_slope * x` elsewhere."""
        return leaky_relu(x, self.negative_slope)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"negative_slope": self.negative_slope}


class ELU(SameShape):
    """The exponential linear unit: `nn.elu` as a layer.

    Parameters
    ----------
    alpha : float
        What outputs approach below zero, with the sign turned.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `alpha` is not a finite number.

    References
    ----------
    Keras 3, keras.layers.ELU; Clevert, Unterthiner, Hochreiter: Exponential Linear Units, 2015, arXiv:1511.07289.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ELU()([[-100.0, 2.0]])
    Tensor([[-1.,  2.]], shape=(1, 2), dtype=float32)
    """

    alpha: float
    _settings: ClassVar[dict] = {"alpha": settings.number}

    def __init__(self, alpha: Real = 1.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(alpha=alpha)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, and `alpha * (e ** x - 1)` elsewhere."""
        return elu(x, self.alpha)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"alpha": self.alpha}


HIDDEN = -1e9
"""The score that a mask puts in place of those that it hides, as in Keras."""
_masks = Notes()
"""Beside scores that `Softmax.logits` gives, the mask that hides some of them."""


class Softmax(SameShape):
    """`nn.softmax` as a layer, which may hide scores.

    A mask that the layer is called with hides the scores where it is False: their probabilities are 0, and the others
    sum to 1, or are all 0 where all are hidden. It has the shape of the scores, or one that NumPy broadcasts to it;
    numbers count as True above 0.5. Hidden scores are taken for -1e9.

    A mask of steps (samples, steps), which layers before have made, hides steps if `axis` goes over them, and then it
    ends if there are no axes behind. If `axis` is another, the mask hides nothing and travels on.

    Parameters
    ----------
    axis : int or tuple of int
        Along which the outputs sum to 1.
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ShapeError
        When an axis is out of range, or a mask does not broadcast to the scores.

    References
    ----------
    Keras 3, keras.layers.Softmax.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Softmax()([[1.0, 1.0]])
    Tensor([[0.5, 0.5]], shape=(1, 2), dtype=float32)
    >>> nn.layers.Softmax()([[1.0, 1.0, 7.0]], mask=[[True, True, False]])
    Tensor([[0.5, 0.5, 0. ]], shape=(1, 3), dtype=float32)
    """

    axis: int | tuple[int, ...]
    _settings: ClassVar[dict] = {"axis": settings.axes}

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        name: str | None = None,
        dtype: DType = None,
        *,
        input_shape: OpenShape | None = None,
    ) -> None:
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(axis=axis)

    @property
    def activation(self) -> Any:  # the model asks which activation its output has
        """`nn.softmax` if that is all the layer computes of its logits; None for other axes than the last."""
        return softmax if self.axis in (-1, (-1,)) else None

    def __call__(
        self, x: ArrayLike, training: bool | None = None, rng: Seed = None, logits: bool = False, mask: Any = None,
        **options: Any,
    ) -> Tensor:  # fmt: skip
        """Return probabilities; see Layer. A `mask` hides scores; what travels on is the mask of the layers before."""
        if mask is None or has_symbolic(x):
            return super().__call__(x, training, rng, logits, mask, **options)
        mask, ndim = asarray(mask), asarray(x).ndim
        if mask.ndim < ndim:  # one with fewer axes than the input would be of steps: see `_hiding`
            mask = reshape(mask, (1,) * (ndim - mask.ndim) + mask.shape)
        y = super().__call__(x, training, rng, logits, mask, **options)
        set_mask(y, self.compute_mask(y, mask_of(x)))
        return y

    def _hiding(self, x: Tensor, mask: Any) -> Tensor | None:
        """Return a mask as booleans with the axes of `x`; None if it hides nothing."""
        if mask is None:
            return None
        shape = mask.shape
        if mask.ndim < x.ndim:
            if min(normalize_axes(f"layer {self.name}", self.axis, x.ndim)) >= mask.ndim:
                return None  # it would hide all scores, or none
            mask = reshape(mask, shape + (1,) * (x.ndim - mask.ndim))
        if mask.ndim > x.ndim or any(m not in (1, n) for m, n in zip(mask.shape, x.shape, strict=True)):
            raise ShapeError(f"layer {self.name}: a mask of shape {shape} does not broadcast to scores {x.shape}")
        return mask if mask.dtype.kind == "b" else greater(mask, 0.5)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of steps; None for one with all axes of the input, which has hidden scores."""
        return previous_mask if previous_mask is not None and previous_mask.ndim < inputs.ndim else None

    def logits(self, x: Tensor, mask: Any = None) -> Tensor:
        """Return the output before softmax: the input, with -1e9 where scores are hidden."""
        mask = self._hiding(x, mask)
        if mask is None:
            return x
        scores = where(mask, x, HIDDEN)
        _masks.note(scores, mask)
        return scores

    def activate(self, logits: Tensor) -> Tensor:
        """Return probabilities for what `logits` gave."""
        axis = self.axis
        if isinstance(axis, tuple) and len(axis) > 1:
            found = exp(logits - logsumexp(logits, axis=axis, keepdims=True))
        else:
            found = softmax(logits, axis=axis if isinstance(axis, int) else axis[0])
        mask = _masks.of(logits) if _masks else None
        return found if mask is None else where(mask, found, 0.0)

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        """Return probabilities; the shape stays."""
        return self.activate(self.logits(x, mask))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"axis": self.axis}
