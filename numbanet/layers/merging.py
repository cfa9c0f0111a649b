"""Layers that make one tensor of several."""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import Any, ClassVar

from numbanet.core.checks import is_integer
from numbanet.core.shapes import broadcast_shapes
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.inputs import CONTAINERS, check_as_many
from numbanet.layers.layer import Layer
from numbanet.ops.creation import ones
from numbanet.ops.elementwise import add as plus
from numbanet.ops.elementwise import divide, logical_or, sqrt, square
from numbanet.ops.elementwise import maximum as larger
from numbanet.ops.elementwise import minimum as smaller
from numbanet.ops.elementwise import multiply as times
from numbanet.ops.elementwise import subtract as minus
from numbanet.ops.linalg import matmul
from numbanet.ops.reduce import any as any_of
from numbanet.ops.reduce import sum as total
from numbanet.ops.shaping import broadcast_to, concat, expand_dims, permute_dims, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, Integer


class Merge(Layer):
    """What layers of several tensors share: they are called with a list or tuple of them.

    Parameters
    ----------
    name, dtype
        As in Layer.
    """

    several_inputs = True
    _least: ClassVar[int] = 1
    """How many tensors there must be."""

    def _listed(self, x):
        """Return the tensors; ArgumentError unless they are a list of enough."""
        if not isinstance(x, (list, tuple)) or len(x) < self._least:
            got = f"a {type(x).__name__} of {len(x)}" if isinstance(x, CONTAINERS) else "one tensor"
            raise ArgumentError(
                f"layer {self.name}: {type(self).__name__} takes a list of {self._least} or more tensors, got {got}"
            )
        return [*x]


class _Elementwise(Merge):
    """What computes element by element: tensors of fewer dimensions get some of size 1 behind the samples."""

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return what counts in any of the tensors; None unless all have masks."""
        if previous_mask is None or any(one is None for one in previous_mask):
            return None
        return reduce(logical_or, previous_mask)

    def call(self, x: Any) -> Tensor:
        """Return the elementwise result for a list of tensors, whose shapes broadcast."""
        tensors = self._listed(x)
        check_as_many(self, tensors)
        ndim = max(one.ndim for one in tensors)
        wide = [
            one if one.ndim == ndim else reshape(one, (*one.shape[:1], *(1,) * (ndim - one.ndim), *one.shape[1:]))
            for one in tensors
        ]
        broadcast_shapes(f"layer {self.name}", *[one.shape for one in wide])
        return self._merged(wide)

    def _merged(self, tensors):
        raise NotImplementedError


class Add(_Elementwise):
    """The sum of tensors, element by element.

    Parameters
    ----------
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Add.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Add()([nn.ones((1, 2)), nn.ones((1, 2))])
    Tensor([[2., 2.]], shape=(1, 2), dtype=float32)
    """

    def _merged(self, tensors):
        return reduce(plus, tensors)


class Subtract(_Elementwise):
    """The first of two tensors less the second.

    Parameters
    ----------
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Subtract.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Subtract()([nn.ones((1, 2)), nn.full((1, 2), 3.0)])
    Tensor([[-2., -2.]], shape=(1, 2), dtype=float32)
    """

    _least = 2

    def _merged(self, tensors):
        if len(tensors) != 2:
            raise ArgumentError(f"layer {self.name}: Subtract takes two tensors, got {len(tensors)}")
        return minus(*tensors)


class Multiply(_Elementwise):
    """The product of tensors, element by element.

    Parameters
    ----------
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Multiply.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Multiply()([nn.full((1, 2), 2.0), nn.full((1, 2), 3.0)])
    Tensor([[6., 6.]], shape=(1, 2), dtype=float32)
    """

    def _merged(self, tensors):
        return reduce(times, tensors)


class Average(_Elementwise):
    """The mean of tensors, element by element.

    Parameters
    ----------
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Average.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Average()([nn.full((1, 2), 2.0), nn.full((1, 2), 3.0)])
    Tensor([[2.5, 2.5]], shape=(1, 2), dtype=float32)
    """

    def _merged(self, tensors):
        return divide(reduce(plus, tensors), len(tensors))


class Maximum(_Elementwise):
    """The largest of tensors, element by element.

    Parameters
    ----------
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Maximum.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Maximum()([nn.asarray([[1.0, 4.0]]), nn.asarray([[2.0, 3.0]])])
    Tensor([[2., 4.]], shape=(1, 2), dtype=float32)
    """

    def _merged(self, tensors):
        return reduce(larger, tensors)


class Minimum(_Elementwise):
    """The smallest of tensors, element by element.

    Parameters
    ----------
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Minimum.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Minimum()([nn.asarray([[1.0, 4.0]]), nn.asarray([[2.0, 3.0]])])
    Tensor([[1., 3.]], shape=(1, 2), dtype=float32)
    """

    def _merged(self, tensors):
        return reduce(smaller, tensors)


class Concatenate(Merge):
    """Tensors one after the other, along an axis.

    Parameters
    ----------
    axis : int
        The last one by default; the other sizes must be the same.
    name, dtype
        As in Layer.

    Raises
    ------
    ShapeError
        When other sizes than that of the axis differ.

    References
    ----------
    Keras 3, keras.layers.Concatenate.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Concatenate()([nn.ones((1, 2)), nn.zeros((1, 1))])
    Tensor([[1., 1., 0.]], shape=(1, 3), dtype=float32)
    """

    _settings: ClassVar[dict] = {"axis": settings.integer}
    axis: int

    def __init__(self, axis: Integer = -1, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        self._set(axis=axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the masks one after the other along the axis; along the last one, what counts in any of them."""
        if previous_mask is None or all(one is None for one in previous_mask):
            return None
        whole = [
            ones(x.shape, "bool")
            if mask is None
            else broadcast_to(expand_dims(mask, tuple(range(mask.ndim, x.ndim))), x.shape)
            for x, mask in zip(inputs, previous_mask, strict=True)
        ]
        return any_of(concat(whole, self.axis), axis=-1)

    def call(self, x: Any) -> Tensor:
        """Return a list of tensors as one."""
        tensors = self._listed(x)
        shapes = [one.shape for one in tensors]
        ndim = len(shapes[0])
        axis = self.axis % ndim if -ndim <= self.axis < ndim else None
        others = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes if axis is not None}
        if axis is None or len(others) > 1 or {len(shape) for shape in shapes} != {ndim}:
            raise ShapeError(f"layer {self.name}: shapes {shapes} cannot be joined along axis {self.axis}")
        return concat(tensors, axis=axis)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"axis": self.axis}


def _axes(layer, name, value):
    """Return an axis, or a pair of them; ArgumentError for others, and for that of the samples."""
    pair = (value, value) if is_integer(value) else tuple(value) if isinstance(value, (list, tuple)) else ()
    if len(pair) != 2 or not all(is_integer(axis) for axis in pair) or 0 in pair:
        raise ArgumentError(f"layer {layer.name}: {name} must be one or two integers other than 0, got {value!r}")
    return int(value) if is_integer(value) else tuple(map(int, pair))


class Dot(Merge):
    """The dot products of the samples of two tensors, along an axis of each.

    Parameters
    ----------
    axes : int or two ints
        Of the first and of the second tensor; not that of the samples, 0.
    normalize : bool
        Whether samples are divided by their L2 norms along the axis first: the result is then the cosine.
    name, dtype
        As in Layer.

    Raises
    ------
    ShapeError
        When the two axes differ in size.

    References
    ----------
    Keras 3, keras.layers.Dot.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Dot(axes=1)([nn.asarray([[1.0, 2.0]]), nn.asarray([[3.0, 4.0]])])
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """

    _settings: ClassVar[dict] = {"normalize": settings.flag, "axes": _axes}
    _least = 2
    axes: int | tuple[int, int]
    normalize: bool

    def __init__(
        self, axes: Integer | tuple[Integer, Integer], normalize: bool = False, name: str | None = None,
        dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype)
        self._set(normalize=normalize, axes=axes)

    def call(self, x: Any) -> Tensor:
        """Return the products of a list of two tensors: the sizes of both but for the axes, at least one."""
        tensors = self._listed(x)
        check_as_many(self, tensors)
        pair = self.axes if isinstance(self.axes, tuple) else (self.axes, self.axes)
        shapes = [one.shape for one in tensors]
        ranks = map(len, shapes)
        places = [axis % n if -n < axis < n else 0 for axis, n in zip(pair, ranks, strict=False)]
        if len(tensors) != 2 or 0 in places or shapes[0][places[0]] != shapes[1][places[1]]:
            raise ShapeError(f"layer {self.name}: shapes {shapes} have no dot product along the axes {pair}")
        first, second = tensors
        if self.normalize:
            first, second = (_normalized(one, axis) for one, axis in zip(tensors, places, strict=True))
        rows, left = _with_axis(first, places[0], last=True)
        columns, right = _with_axis(second, places[1], last=False)
        return reshape(matmul(rows, columns), (first.shape[0], *(left + right or (1,))))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        axes = list(self.axes) if isinstance(self.axes, tuple) else self.axes
        return super().get_config() | {"axes": axes, "normalize": self.normalize}


def _normalized(x, axis):
    return x / sqrt(larger(total(square(x), axis=axis, keepdims=True), 1e-12))


def _with_axis(x, axis, last):
    """Return a tensor as matrices, with an axis last or first in them, and the sizes of the other axes."""
    others = [i for i in range(1, x.ndim) if i != axis]
    sizes = tuple(x.shape[i] for i in others)
    samples, count, size = x.shape[0], prod(sizes), x.shape[axis]
    order = (0, *others, axis) if last else (0, axis, *others)
    moved = x if order == tuple(range(x.ndim)) else permute_dims(x, order)
    return reshape(moved, (samples, count, size) if last else (samples, size, count)), sizes
