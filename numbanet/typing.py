"""Types for annotations: array-likes, axes, shapes, seeds and device names, defined once.

All of numbanet is annotated with these; you can use them for your own layers, losses and functions, too. They are
for type checkers only: nothing checks them at run time.

Examples
--------
>>> import numbanet as nn
>>> from numbanet.typing import ArrayLike
>>> def scaled(x: ArrayLike, factor: float = 2.0) -> nn.Tensor:
...     return nn.multiply(x, factor)
>>> scaled([1.0, 2.0])
Tensor([2., 4.], shape=(2,), dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from types import EllipsisType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    ParamSpec,
    Protocol,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    TypeVar,
    Union,
)

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = [
    "ActivationLike",
    "Array",
    "ArrayLike",
    "Axis",
    "CallbacksLike",
    "Config",
    "ConstraintLike",
    "DType",
    "Device",
    "FilePath",
    "InitializerLike",
    "Integer",
    "Key",
    "LossLike",
    "LossesLike",
    "MetricLike",
    "MetricsLike",
    "OpenShape",
    "Rate",
    "Real",
    "RegularizerLike",
    "Seed",
    "Shape",
    "Targets",
]

if TYPE_CHECKING:
    from numbanet.callbacks import Callback
    from numbanet.losses import Loss
    from numbanet.metrics import Metric
    from numbanet.tensor.tensor import Tensor

    class Element(Tensor, np.object_):  # type: ignore[misc]  # final, to a checker alone
        """What NumPy's own types take the elements of a tensor for.

        `array * t` and `np.mean(t)` give tensors, of which NumPy's types know nothing: they go by the dtype of the
        array that `__array__` gives. For objects alone they leave open what comes out; what is picked out is a tensor.
        """


T = TypeVar("T", covariant=True)
R = TypeVar("R", covariant=True)
P = ParamSpec("P")


class SupportsArray(Protocol):
    """What NumPy can make an array of: arrays and numbers of NumPy, tensors, variables, series and frames of pandas."""

    def __array__(self) -> NDArray[Any]: ...


class SupportsCudaArray(Protocol):
    """An array of another library on a GPU."""

    @property
    def __cuda_array_interface__(self) -> Any: ...


class SupportsDLPack(Protocol):
    """An array of a library with DLPack."""

    def __dlpack__(self, /, *, stream: Any = None) -> Any: ...
    def __dlpack_device__(self, /) -> tuple[Any, int]: ...


class Nested(Protocol[T]):
    """Lists and tuples of something, nested to any depth; a str is none, since it asks whether *text* is in it."""

    def __len__(self, /) -> int: ...
    def __getitem__(self, index: int, /) -> T | Nested[T]: ...
    def __contains__(self, x: object, /) -> bool: ...


class Items(Protocol[T]):
    """A list or tuple; a str is none here either."""

    def __len__(self, /) -> int: ...
    def __getitem__(self, index: int, /) -> T: ...
    def __contains__(self, x: object, /) -> bool: ...


class Naive(Protocol[P, R]):
    """A function of `nn.naive`: compiled, with the interpreted one beside it."""

    @property
    def py_func(self) -> Callable[P, R]: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...


Array: TypeAlias = NDArray[Any]
"""An array of NumPy, of any shape and dtype."""
ArrayLike: TypeAlias = SupportsArray | float | Nested[SupportsArray | float]
"""What becomes a tensor: tensors, variables, arrays, numbers, and nested lists of these."""
Targets: TypeAlias = ArrayLike | Mapping[str, ArrayLike]
"""What a model is to answer: an array, or one for each output, in a list or by the names of the outputs."""
Integer: TypeAlias = SupportsIndex
"""An integer of any kind: Python's, NumPy's, a tensor or array without dimensions."""
Real: TypeAlias = SupportsFloat
"""A number of any kind, as a setting."""
Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex] | Array
"""A shape that is asked for: sizes, or the only one."""
OpenShape: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | Array
"""A shape in which sizes may be left open, as None."""
Axis: TypeAlias = SupportsIndex | Sequence[SupportsIndex] | None
"""One dimension, several, or all of them."""
Key: TypeAlias = SupportsIndex | slice | EllipsisType | ArrayLike | tuple[Any, ...] | None
"""What stands in square brackets."""
DType: TypeAlias = DTypeLike | None
"""What names a dtype, or None for the one that fits."""
Mode: TypeAlias = Literal["auto", "min", "max"]
"""Which way a number gets better; auto goes by its name."""
Side: TypeAlias = Literal["left", "right"]
"""Of equal elements: before or after them."""
Device: TypeAlias = str | None
"""A name, "cpu" or "cuda", or None for where things are, or are made now."""
Seed: TypeAlias = Union[SupportsIndex, "np.random.Generator", None]  # NumPy imports that when it is used: 10 ms
"""Where random numbers come from: a seed, a generator, or None for other ones in every run."""
FilePath: TypeAlias = str | PathLike[str]
"""Where a file is."""
Config: TypeAlias = dict[str, Any]
"""What `get_config` returns: plain data, for files."""
Sources: TypeAlias = SupportsArray | Sequence[Any] | Mapping[Any, Any]
"""Tensors and variables (NumPy's types take some for arrays), or lists, tuples and dicts of them."""
InitializerLike: TypeAlias = str | Callable[..., Any]
"""A name of `nn.initializers`, an initializer, or `f(shape, dtype, rng)`."""
RegularizerLike: TypeAlias = str | Callable[..., Any] | None
"""A name of `nn.regularizers`, a regularizer, `f(weight)`, or None for none."""
ConstraintLike: TypeAlias = str | Callable[..., Any] | None
"""A name of `nn.constraints`, a constraint, `f(weight)`, or None for none."""
ActivationLike: TypeAlias = str | Callable[..., Any] | None
"""A name of `nn.activations`, a function on tensors, or None for none."""
LossLike: TypeAlias = Union[str, "Loss", "type[Loss]", Callable[[Any, Any], Any], Config]
"""A name of `nn.losses`, a loss, or `f(y_true, y_pred)`."""
MetricLike: TypeAlias = Union[str, "Metric", "type[Metric]", "Loss", Callable[[Any, Any], Any], Config]
"""A name of `nn.metrics`, a metric, a loss, or `f(y_true, y_pred)`."""
LossesLike: TypeAlias = LossLike | Items[LossLike | None] | Mapping[str, LossLike | None]
"""A loss, or one for each of several outputs."""
MetricsLike: TypeAlias = Items[MetricLike | Items[MetricLike] | None] | Mapping[str, MetricLike | Items[MetricLike]]
"""A list of metrics, or metrics for each of several outputs."""
Verbose: TypeAlias = Literal["auto"] | int
"""What is shown: nothing (0), a progress bar (1), lines (2), or a bar on a terminal."""
CallbacksLike: TypeAlias = Union["Callback", Sequence["Callback"], None]
"""A callback, several, or none."""
OnTrain: TypeAlias = Callable[[Any], Any] | None
"""A function of logs."""
OnEpoch: TypeAlias = Callable[[int, Any], Any] | None
"""A function of a number, of an epoch or a batch, and logs."""
ClassWeight: TypeAlias = Mapping[Any, SupportsFloat] | ArrayLike | Literal["balanced"]
"""What the samples of each class count: by class, in the order of the classes, or so that all classes count alike."""
Argnums: TypeAlias = SupportsIndex | tuple[SupportsIndex, ...] | list[SupportsIndex]
"""Positional arguments, by number: one, or several."""
Axes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | Sequence[SupportsIndex]]
"""How many dimensions, or which ones of two arrays."""
PadWidth: TypeAlias = SupportsIndex | Sequence[SupportsIndex | Sequence[SupportsIndex]] | Array
"""Before and after: for all dimensions, or for each."""
Rate: TypeAlias = SupportsFloat | Callable[[int], Any] | Config
"""A learning rate: a number, a schedule or any function of the number of updates, or what `get_config` made of one."""


class Clipping(TypedDict, total=False):
    """How optimizers clip gradients: at most one of these."""

    clipnorm: Real | None
    clipvalue: Real | None
    global_clipnorm: Real | None


class Averaging(TypedDict, total=False):
    """What optimizers do beside their rule."""

    use_ema: bool
    ema_momentum: Real
    ema_overwrite_frequency: Integer | None
    gradient_accumulation_steps: Integer | None


class OtherOptions(Clipping, Averaging, total=False):
    """The options that all optimizers share beside weight decay."""

    sparse_update: str


class Options(OtherOptions, total=False):
    """The options that all optimizers share."""

    weight_decay: Real | None


class LayerOptions(TypedDict, total=False):
    """The options that all layers share."""

    name: str | None
    dtype: DType
    activity_regularizer: RegularizerLike
    input_shape: OpenShape | None


if not TYPE_CHECKING:

    def __dir__() -> list[str]:
        return sorted(__all__)
