"""The public names, for type checkers and editors; `__init__.py` loads them when they are first used.

Written by `make stub`: what stands here is taken from the table of operations and the annotations of its functions.
"""

import builtins
from collections.abc import Sequence
from typing import Literal, SupportsIndex

from numpy.typing import DTypeLike

from numbanet import activations as activations
from numbanet import callbacks as callbacks
from numbanet import datasets as datasets
from numbanet import debug as debug
from numbanet import errors as errors
from numbanet import initializers as initializers
from numbanet import layers as layers
from numbanet import losses as losses
from numbanet import metrics as metrics
from numbanet import naive as naive
from numbanet import ops as ops
from numbanet import optimizers as optimizers
from numbanet import plotting as plotting
from numbanet import saving as saving
from numbanet import testing as testing
from numbanet.autodiff.custom_gradients import custom_gradient as custom_gradient
from numbanet.autodiff.derivatives import hessian as hessian
from numbanet.autodiff.derivatives import hvp as hvp
from numbanet.autodiff.derivatives import jacobian as jacobian
from numbanet.autodiff.gradients import grad as grad
from numbanet.autodiff.gradients import value_and_grad as value_and_grad
from numbanet.autodiff.tape import GradientTape as GradientTape
from numbanet.core.settings import config as config
from numbanet.graph.function import function as function
from numbanet.ops.sets import UniqueAll, UniqueCounts, UniqueInverse
from numbanet.tensor.array_api import __array_api_version__ as __array_api_version__
from numbanet.tensor.array_api import __array_namespace_info__ as __array_namespace_info__
from numbanet.tensor.array_api import bool as bool
from numbanet.tensor.array_api import can_cast as can_cast
from numbanet.tensor.array_api import e as e
from numbanet.tensor.array_api import finfo as finfo
from numbanet.tensor.array_api import float32 as float32
from numbanet.tensor.array_api import float64 as float64
from numbanet.tensor.array_api import iinfo as iinfo
from numbanet.tensor.array_api import inf as inf
from numbanet.tensor.array_api import int8 as int8
from numbanet.tensor.array_api import int16 as int16
from numbanet.tensor.array_api import int32 as int32
from numbanet.tensor.array_api import int64 as int64
from numbanet.tensor.array_api import isdtype as isdtype
from numbanet.tensor.array_api import nan as nan
from numbanet.tensor.array_api import newaxis as newaxis
from numbanet.tensor.array_api import pi as pi
from numbanet.tensor.array_api import result_type as result_type
from numbanet.tensor.array_api import uint8 as uint8
from numbanet.tensor.array_api import uint16 as uint16
from numbanet.tensor.array_api import uint32 as uint32
from numbanet.tensor.array_api import uint64 as uint64
from numbanet.tensor.devices import device as device
from numbanet.tensor.interop import from_dlpack as from_dlpack
from numbanet.tensor.tensor import Tensor as Tensor
from numbanet.tensor.tensor import asarray as asarray
from numbanet.tensor.variable import Variable as Variable
from numbanet.training.loading import load_model as load_model
from numbanet.training.sequential import Sequential as Sequential
from numbanet.typing import ArrayLike, Axes, Axis, Device, Integer, PadWidth, Shape, Side
from numbanet.version import __version__ as __version__

def abs(x: ArrayLike, /) -> Tensor:
    """The absolute value."""

def acos(x: ArrayLike, /) -> Tensor:
    """The angle whose cosine it is, in radians."""

def acosh(x: ArrayLike, /) -> Tensor:
    """What it is the hyperbolic cosine of, from 0; NaN below 1."""

def add(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Add."""

def all(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Whether all are true."""

def any(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Whether one is true."""

def arange(
    start: ArrayLike,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    """Numbers at equal steps, the end left out."""

def argmax(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Where the largest is; the first of equals."""

def argmin(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """Where the smallest is; the first of equals."""

def argsort(
    x: ArrayLike, axis: Integer = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """The positions that sort a dimension; NaN comes last."""

def asin(x: ArrayLike, /) -> Tensor:
    """The angle whose sine it is, in radians."""

def asinh(x: ArrayLike, /) -> Tensor:
    """What it is the hyperbolic sine of."""

def astype(x: ArrayLike, dtype: DTypeLike, *, copy: builtins.bool = True, device: Device = None) -> Tensor:
    """Convert to another dtype."""

def atan(x: ArrayLike, /) -> Tensor:
    """The angle whose tangent it is, in radians."""

def atan2(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The angle of a point, in radians."""

def atanh(x: ArrayLike, /) -> Tensor:
    """What it is the hyperbolic tangent of."""

def bitwise_and(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The bits that are set in both."""

def bitwise_invert(x: ArrayLike, /) -> Tensor:
    """Every bit the other way."""

def bitwise_left_shift(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Shift bits to the left, with zeros behind them."""

def bitwise_or(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The bits that are set in one or both."""

def bitwise_right_shift(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Shift bits to the right, with the sign before them."""

def bitwise_xor(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The bits that are set in one alone."""

def broadcast_arrays(*arrays: ArrayLike) -> tuple[Tensor, ...]:
    """Arrays stretched to one shape; views."""

def broadcast_shapes(*shapes: Shape) -> tuple[int, ...]:
    """The shape to which shapes broadcast."""

def broadcast_to(x: ArrayLike, shape: Shape) -> Tensor:
    """Repeat along dimensions of size 1, and along new first ones; a view."""

def ceil(x: ArrayLike, /) -> Tensor:
    """Round up."""

def clip(x: ArrayLike, min: ArrayLike | None = None, max: ArrayLike | None = None) -> Tensor:
    """Limit to an interval."""

def concat(arrays: Sequence[ArrayLike], axis: SupportsIndex | None = 0) -> Tensor:
    """Join arrays along a dimension."""

def concatenate(arrays: Sequence[ArrayLike], axis: SupportsIndex | None = 0) -> Tensor:
    """Join arrays along a dimension."""

def conj(x: ArrayLike, /) -> Tensor:
    """The complex conjugate: the same values, since there are no complex numbers."""

def copysign(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The size of one with the sign of another."""

def cos(x: ArrayLike, /) -> Tensor:
    """The cosine; x in radians."""

def cosh(x: ArrayLike, /) -> Tensor:
    """The hyperbolic cosine."""

def count_nonzero(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """How many elements are not zero."""

def cumulative_prod(
    x: ArrayLike,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """Running products along a dimension."""

def cumulative_sum(
    x: ArrayLike,
    axis: SupportsIndex | None = None,
    dtype: DTypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """Running totals along a dimension."""

def diff(
    x: ArrayLike,
    /,
    *,
    axis: Integer = -1,
    n: Integer = 1,
    prepend: ArrayLike | None = None,
    append: ArrayLike | None = None,
) -> Tensor:
    """Differences of neighbours along a dimension; of booleans, whether they differ."""

def divide(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide."""

def dot(a: ArrayLike, b: ArrayLike) -> Tensor:
    """The dot product with NumPy's meaning at every rank: sums over the last of `a` and the second to last of `b`."""

def einsum(subscripts: str, *operands: ArrayLike) -> Tensor:
    """Sums of products, by letters: equal letters go together, and those that are missing at the right are summed."""

def elu(x: ArrayLike, alpha: ArrayLike = 1.0) -> Tensor:
    """The exponential linear unit."""

def empty(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Zeros: what cannot be written to needs no empty room."""

def empty_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Zeros of the shape and dtype of another."""

def equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether both are equal."""

def erf(x: ArrayLike, /) -> Tensor:
    """The error function."""

def exp(x: ArrayLike, /) -> Tensor:
    """The exponential."""

def expand_dims(x: ArrayLike, axis: Axis = 0) -> Tensor:
    """More dimensions, of size 1."""

def expm1(x: ArrayLike, /) -> Tensor:
    """The exponential minus one, exact near zero."""

def eye(
    n_rows: Integer,
    n_cols: Integer | None = None,
    k: Integer = 0,
    dtype: DTypeLike | None = None,
    device: Device = None,
) -> Tensor:
    """Ones on a diagonal."""

def flip(x: ArrayLike, axis: Axis = None) -> Tensor:
    """Dimensions read backwards; a view."""

def floor(x: ArrayLike, /) -> Tensor:
    """Round down."""

def floor_divide(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Divide and round down."""

def full(shape: Shape, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """One value everywhere."""

def full_like(x: ArrayLike, fill_value: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """One value in the shape and dtype of another."""

def gelu(x: ArrayLike, /) -> Tensor:
    """The Gaussian error linear unit, exact."""

def greater(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether x is larger."""

def greater_equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether x is not smaller."""

def hypot(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The hypotenuse, without overflow on the way."""

def identity(x: ArrayLike) -> Tensor:
    """The same values as a tensor of its own, connected to `x`: one argument given twice is two sources."""

def imag(x: ArrayLike, /) -> Tensor:
    """The imaginary part: zeros, since there are no complex numbers."""

def isfinite(x: ArrayLike, /) -> Tensor:
    """Whether it is neither NaN nor infinite."""

def isin(x1: ArrayLike, x2: ArrayLike, /, *, invert: builtins.bool = False) -> Tensor:
    """Whether each element is one of the values of another array."""

def isinf(x: ArrayLike, /) -> Tensor:
    """Whether it is infinite."""

def isnan(x: ArrayLike, /) -> Tensor:
    """Whether it is NaN."""

def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.2) -> Tensor:
    """relu with a slope below zero."""

def less(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether x is smaller."""

def less_equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether x is not larger."""

def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: Integer,
    dtype: DTypeLike | None = None,
    device: Device = None,
    endpoint: builtins.bool = True,
) -> Tensor:
    """So many numbers from one to another."""

def log(x: ArrayLike, /) -> Tensor:
    """The natural logarithm; -inf at zero, NaN below."""

def log10(x: ArrayLike, /) -> Tensor:
    """The logarithm to base ten."""

def log1p(x: ArrayLike, /) -> Tensor:
    """The logarithm of one plus it, exact near zero."""

def log2(x: ArrayLike, /) -> Tensor:
    """The logarithm to base two."""

def log_softmax(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """The logarithm of softmax, exact where probabilities are tiny."""

def logaddexp(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The logarithm of the sum of exponentials, without overflow."""

def logical_and(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether both are true."""

def logical_not(x: ArrayLike, /) -> Tensor:
    """Whether it is zero."""

def logical_or(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether one is true."""

def logical_xor(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether exactly one is true."""

def logsumexp(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The logarithm of the sum of exponentials, without overflow."""

def matmul(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Matrix product; dimensions before the last two broadcast."""

def matrix_transpose(x: ArrayLike) -> Tensor:
    """The last two dimensions swapped; a view."""

def max(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The largest; NaN if there is one."""

def maximum(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The larger of two; NaN if either is NaN."""

def mean(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The arithmetic mean."""

def meshgrid(*arrays: ArrayLike, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """Coordinates of a grid, from those of its sides."""

def min(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor:
    """The smallest; NaN if there is one."""

def minimum(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The smaller of two; NaN if either is NaN."""

def moveaxis(x: ArrayLike, source: Shape, destination: Shape, /) -> Tensor:
    """Dimensions moved to other places; a view."""

def multiply(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Multiply."""

def negative(x: ArrayLike, /) -> Tensor:
    """Change the sign."""

def nextafter(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The number next to one on the way to another."""

def nonzero(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """The positions of what is not zero."""

def norm(
    x: ArrayLike, ord: float | Literal["fro", "inf"] | None = 2, axis: Axis = None, keepdims: builtins.bool = False
) -> Tensor:
    """The length of vectors."""

def not_equal(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Whether they differ."""

def one_hot(indices: ArrayLike, num_classes: Integer, dtype: DTypeLike | None = ...) -> Tensor:
    """Rows of zeros with a one at each index."""

def ones(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Ones."""

def ones_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Ones of the shape and dtype of another."""

def outer(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Every element of one times every element of the other."""

def pad(x: ArrayLike, pad_width: PadWidth, constant_values: ArrayLike = 0) -> Tensor:
    """Put a margin around an array."""

def permute_dims(x: ArrayLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    """Dimensions in another order; a view."""

def positive(x: ArrayLike, /) -> Tensor:
    """The same values: the operator `+x`."""

def pow(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Raise to a power."""

def prod(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, dtype: DTypeLike | None = None) -> Tensor:
    """Multiply up."""

def real(x: ArrayLike, /) -> Tensor:
    """The real part: the same values, since there are no complex numbers."""

def reciprocal(x: ArrayLike, /) -> Tensor:
    """One divided by it."""

def relu(x: ArrayLike, /) -> Tensor:
    """The rectified linear unit; its gradient at 0 is 0."""

def remainder(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """The remainder, with the sign of y."""

def repeat(x: ArrayLike, repeats: Shape, axis: SupportsIndex | None = None) -> Tensor:
    """Repeat every element along a dimension."""

def reshape(x: ArrayLike, shape: Shape, copy: builtins.bool | None = None) -> Tensor:
    """The same elements, row by row, in another shape."""

def roll(x: ArrayLike, shift: Shape, axis: Axis = None) -> Tensor:
    """Shift elements along dimensions; what falls off one end comes in at the other."""

def round(x: ArrayLike, /) -> Tensor:
    """Round to the nearest integer, halves to even."""

def rsqrt(x: ArrayLike, /) -> Tensor:
    """The reciprocal of the square root."""

def searchsorted(x1: ArrayLike, x2: ArrayLike, /, *, side: Side = "left", sorter: ArrayLike | None = None) -> Tensor:
    """The positions at which values would keep a sorted array sorted."""

def selu(x: ArrayLike) -> Tensor:
    """The scaled exponential linear unit."""

def sigmoid(x: ArrayLike, /) -> Tensor:
    """The logistic function."""

def sign(x: ArrayLike, /) -> Tensor:
    """The sign; NaN stays NaN."""

def signbit(x: ArrayLike, /) -> Tensor:
    """Whether the sign is a minus; that of -0.0 is."""

def silu(x: ArrayLike, /) -> Tensor:
    """The sigmoid-weighted linear unit, or swish."""

def sin(x: ArrayLike, /) -> Tensor:
    """The sine; x in radians."""

def sinh(x: ArrayLike, /) -> Tensor:
    """The hyperbolic sine."""

def softmax(x: ArrayLike, axis: Integer = -1) -> Tensor:
    """Exponentials divided by their sum: scores made probabilities."""

def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> Tensor:
    """Minus the logarithm of the probability that softmax gives to the label, per row, in one pass."""

def softplus(x: ArrayLike, /) -> Tensor:
    """A smooth relu."""

def sort(x: ArrayLike, axis: Integer = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """A dimension in ascending order; NaN comes last."""

def split(x: ArrayLike, indices_or_sections: Shape, axis: Integer = 0) -> list[Tensor]:
    """Cut along a dimension."""

def sqrt(x: ArrayLike, /) -> Tensor:
    """The square root; NaN below zero."""

def square(x: ArrayLike, /) -> Tensor:
    """Square."""

def squeeze(x: ArrayLike, axis: Axis = None) -> Tensor:
    """Without dimensions of size 1."""

def stack(arrays: Sequence[ArrayLike], axis: Integer = 0) -> Tensor:
    """Join arrays of one shape along a new dimension."""

def std(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, correction: float = 0) -> Tensor:
    """The standard deviation, the square root of the variance."""

def stop_gradient(x: ArrayLike) -> Tensor:
    """The same values, through which no gradient flows."""

def subtract(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Subtract."""

def sum(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, dtype: DTypeLike | None = None) -> Tensor:
    """Add up; sums of floats accumulate in double precision."""

def take(x: ArrayLike, indices: ArrayLike, axis: Integer = 0) -> Tensor:
    """The elements at `indices` along a dimension: rows of a table, a batch of samples."""

def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: Integer = -1) -> Tensor:
    """One element per index along a dimension, as argsort and argmax give them."""

def tan(x: ArrayLike, /) -> Tensor:
    """The tangent; x in radians."""

def tanh(x: ArrayLike, /) -> Tensor:
    """The hyperbolic tangent."""

def tensordot(a: ArrayLike, b: ArrayLike, axes: Axes = 2) -> Tensor:
    """Sum products over chosen dimensions of two arrays."""

def tile(x: ArrayLike, repetitions: Shape) -> Tensor:
    """Repeat the whole array along its dimensions."""

def topk(x: ArrayLike, k: Integer) -> tuple[Tensor, Tensor]:
    """The k largest along the last dimension, largest first, and where they are."""

def transpose(x: ArrayLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    """Dimensions in another order; a view."""

def tril(x: ArrayLike, /, *, k: Integer = 0) -> Tensor:
    """What is on a diagonal and below it, with zeros elsewhere."""

def triu(x: ArrayLike, /, *, k: Integer = 0) -> Tensor:
    """What is on a diagonal and above it, with zeros elsewhere."""

def trunc(x: ArrayLike, /) -> Tensor:
    """Round to zero."""

def unique_all(x: ArrayLike, /) -> UniqueAll:
    """The different values in ascending order; each NaN counts as one of its own."""

def unique_counts(x: ArrayLike, /) -> UniqueCounts:
    """The different values in ascending order, and how often each is there."""

def unique_inverse(x: ArrayLike, /) -> UniqueInverse:
    """The different values in ascending order, and which of them each element is."""

def unique_values(x: ArrayLike, /) -> Tensor:
    """The different values in ascending order; each NaN counts as one of its own."""

def unstack(x: ArrayLike, /, *, axis: Integer = 0) -> tuple[Tensor, ...]:
    """The parts of an array along a dimension; views."""

def var(x: ArrayLike, axis: Axis = None, keepdims: builtins.bool = False, correction: float = 0) -> Tensor:
    """The variance: the mean square distance from the mean, dividing by n - correction."""

def vecdot(a: ArrayLike, b: ArrayLike, axis: Integer = -1) -> Tensor:
    """Dot products of vectors along a dimension; the others broadcast."""

def where(condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> Tensor:
    """Choose between two."""

def zeros(shape: Shape, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Zeros."""

def zeros_like(x: ArrayLike, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Zeros of the shape and dtype of another."""
