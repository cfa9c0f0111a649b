"""What Tensors and Variables can do: NumPy's operators, methods and functions, each looked up in the op table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from numbanet.core.context import context
from numbanet.core.markup import escaped, numbers
from numbanet.core.table import NUMPY_FUNCTIONS, TABLE
from numbanet.errors import ArgumentError, DeviceError, DTypeError, ShapeError
from numbanet.kernels import exchange
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import device_of
from numbanet.tensor.at import Places
from numbanet.tensor.foreign import is_pandas, plain_array
from numbanet.tensor.listeners import check_readable, followed
from numbanet.tensor.methods import Methods
from numbanet.tensor.planned import planned
from numbanet.tensor.refusals import refusal
from numbanet.typing import Array, ArrayLike, Axis, Device, DType, Key, Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from numbanet.tensor.tensor import Tensor
    from numbanet.typing import Element

EDITIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")
"""The editions of the Python array API standard that the namespace follows: each adds to those before."""
EDITION = EDITIONS[-1]


def _unary(name):
    def method(self):
        return TABLE[name].function(self)

    return planned(method)


def _binary(name):
    def method(self, other):
        known = type(other) is type(self) or is_operand(other)
        return TABLE[name].function(self, other) if known else NotImplemented

    def reflected(self, other):
        return TABLE[name].function(other, self) if is_operand(other) else NotImplemented

    return planned(method), planned(reflected)


def is_operand(x):
    """Whether operators take `x` beside a tensor; Python asks the other operand otherwise."""
    return isinstance(x, (Operators, np.ndarray, np.generic, float, int, list, tuple)) or is_pandas(x)


def values_of(x: Any) -> Any:
    """The values of anything array-like as a NumPy array, those of a tensor on a device copied from there."""
    return x.numpy() if isinstance(x, Operators) else plain_array(x, "values")


def _view(array):
    view = to_host(array).view()
    view.flags.writeable = False
    return view


def _check_caller(tensor, frame):
    """Raise DTypeError where a function of NumPy makes an array of tensors that a tape follows, as of lists of them.

    NumPy hands lists over to nobody, so that their gradient would be lost unsaid; np.asarray(t) loses it on purpose.
    """
    name = None
    while frame is not None and frame.f_globals.get("__name__", "").startswith("numpy."):
        if frame.f_globals["__name__"].startswith("numpy.testing"):
            return
        name, frame = frame.f_code.co_name, frame.f_back
    if name is not None and followed(tensor):
        raise DTypeError(
            f"np.{name} makes an array of tensors, such as those in a list, and would lose their gradient; use the "
            f"function of numbanet, or np.{name}(nn.asarray(...)); np.asarray(t) leaves the graph on purpose"
        )


class Operators(Methods):
    """The operators, properties and methods that Tensor and Variable share."""

    __slots__ = ()
    __array_priority__ = 1000
    _array: Any
    __pandas_priority__ = 5000  # above DataFrame's 4000: `series * tensor` is the tensor's, and keeps its gradient

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes, a tuple of int."""
        return self._array.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._array.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the elements."""
        return self._array.dtype

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.size * self.dtype.itemsize

    @property
    def device(self) -> str:
        """Where the values live: "cpu" or "cuda"."""
        array = self._array
        return "cpu" if type(array) is np.ndarray else array.device.name

    @property
    def T(self) -> Tensor:
        """All dimensions reversed."""
        return TABLE["permute_dims"].function(self, None)

    @property
    def mT(self) -> Tensor:
        """The last two dimensions swapped."""
        return TABLE["matrix_transpose"].function(self)

    if TYPE_CHECKING:  # as type checkers see what the lines below make

        def __add__(self, other: ArrayLike, /) -> Tensor: ...
        def __radd__(self, other: ArrayLike, /) -> Tensor: ...
        def __sub__(self, other: ArrayLike, /) -> Tensor: ...
        def __rsub__(self, other: ArrayLike, /) -> Tensor: ...
        def __mul__(self, other: ArrayLike, /) -> Tensor: ...
        def __rmul__(self, other: ArrayLike, /) -> Tensor: ...
        def __truediv__(self, other: ArrayLike, /) -> Tensor: ...
        def __rtruediv__(self, other: ArrayLike, /) -> Tensor: ...
        def __floordiv__(self, other: ArrayLike, /) -> Tensor: ...
        def __rfloordiv__(self, other: ArrayLike, /) -> Tensor: ...
        def __mod__(self, other: ArrayLike, /) -> Tensor: ...
        def __rmod__(self, other: ArrayLike, /) -> Tensor: ...
        def __pow__(self, other: ArrayLike, /) -> Tensor: ...
        def __rpow__(self, other: ArrayLike, /) -> Tensor: ...
        def __matmul__(self, other: ArrayLike, /) -> Tensor: ...
        def __rmatmul__(self, other: ArrayLike, /) -> Tensor: ...
        def __and__(self, other: ArrayLike, /) -> Tensor: ...
        def __rand__(self, other: ArrayLike, /) -> Tensor: ...
        def __or__(self, other: ArrayLike, /) -> Tensor: ...
        def __ror__(self, other: ArrayLike, /) -> Tensor: ...
        def __xor__(self, other: ArrayLike, /) -> Tensor: ...
        def __rxor__(self, other: ArrayLike, /) -> Tensor: ...
        def __lshift__(self, other: ArrayLike, /) -> Tensor: ...
        def __rlshift__(self, other: ArrayLike, /) -> Tensor: ...
        def __rshift__(self, other: ArrayLike, /) -> Tensor: ...
        def __rrshift__(self, other: ArrayLike, /) -> Tensor: ...
        def __eq__(self, other: ArrayLike, /) -> Tensor: ...  # type: ignore[override]  # no bool, as in NumPy
        def __ne__(self, other: ArrayLike, /) -> Tensor: ...  # type: ignore[override]  # no bool, as in NumPy
        def __lt__(self, other: ArrayLike, /) -> Tensor: ...
        def __le__(self, other: ArrayLike, /) -> Tensor: ...
        def __gt__(self, other: ArrayLike, /) -> Tensor: ...
        def __ge__(self, other: ArrayLike, /) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...

    else:
        __add__, __radd__ = _binary("add")
        __sub__, __rsub__ = _binary("subtract")
        __mul__, __rmul__ = _binary("multiply")
        __truediv__, __rtruediv__ = _binary("divide")
        __floordiv__, __rfloordiv__ = _binary("floor_divide")
        __mod__, __rmod__ = _binary("remainder")
        __pow__, __rpow__ = _binary("pow")
        __matmul__, __rmatmul__ = _binary("matmul")
        __eq__ = _binary("equal")[0]
        __ne__ = _binary("not_equal")[0]
        __lt__ = _binary("less")[0]
        __le__ = _binary("less_equal")[0]
        __gt__ = _binary("greater")[0]
        __ge__ = _binary("greater_equal")[0]
        __and__, __rand__ = _binary("bitwise_and")
        __or__, __ror__ = _binary("bitwise_or")
        __xor__, __rxor__ = _binary("bitwise_xor")
        __lshift__, __rlshift__ = _binary("bitwise_left_shift")
        __rshift__, __rrshift__ = _binary("bitwise_right_shift")
        __neg__ = _unary("negative")
        __abs__ = _unary("abs")
        __invert__ = _unary("bitwise_invert")
    __hash__ = object.__hash__

    def __pos__(self) -> Self:
        return self

    def __getitem__(self, key: Key) -> Tensor:
        return TABLE["getitem"].function(self, key)

    @property
    def at(self) -> Places:
        """Elements to change: `t.at[key].set(values)` and its relatives return a new tensor; see `At`."""
        return Places(self)  # type: ignore[arg-type]  # Tensors and Variables, which are all there are

    def _repr_html_(self) -> str:
        check_readable(self, "repr()")
        if self.ndim > 2 or not self.size:
            return f"<pre>{escaped(self)}</pre>"
        return numbers(type(self).__name__, f"shape {self.shape}, {self.dtype}", to_host(self._array))

    def __len__(self) -> int:
        if not self.ndim:
            raise DTypeError("len() of a tensor without dimensions; use t.item() for its value")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise DTypeError("iteration over a tensor without dimensions; use t.item() for its value")
        return (self[i] for i in range(self.shape[0]))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iu":
            raise DTypeError(f"only an integer tensor can be an index, this one is {self.dtype}")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and not self.ndim else format(str(self), spec)

    def item(self) -> Any:
        """The one value, as a Python number; ShapeError unless there is exactly one."""
        check_readable(self, "item()")
        if self.size != 1:
            raise ShapeError(f"item: a tensor of shape {self.shape} has {self.size} values, not one")
        return to_host(self._array).item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        check_readable(self, "tolist()")
        return to_host(self._array).tolist()

    def numpy(self) -> Array:
        """The values as a read-only NumPy array, which shares their memory if the host can read it."""
        check_readable(self, "numpy()")
        return _view(self._array)

    def __array__(self, dtype: DType = None, copy: bool | None = None) -> NDArray[Element]:
        check_readable(self, "np.asarray()")
        if context.listeners:
            _check_caller(self, sys._getframe(1))
        if type(self._array) is not np.ndarray:
            raise DeviceError(f"this tensor is on {self.device}; t.numpy() or t.to_device('cpu') copies it")
        if dtype is not None and np.dtype(dtype) != self.dtype:
            if copy is False:
                raise ArgumentError(f"{self.dtype} to {np.dtype(dtype)} needs a copy, but copy=False")
            return self._array.astype(dtype)
        return self._array.copy() if copy else _view(self._array)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """The package, whose functions take tensors; ArgumentError for an edition of the standard that it lacks."""
        if api_version is not None and api_version not in EDITIONS:
            raise ArgumentError(f"numbanet follows the array API standard {EDITION}, not {api_version}")
        return import_module("numbanet")

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """A DLPack capsule of the values, which are shared and must not be written to, as version 1 says in it."""
        check_readable(self, "__dlpack__()")
        return exchange.capsule_for(self._array, stream, max_version, dl_device, copy)

    def __dlpack_device__(self) -> tuple[int, int]:
        """(1, 0) on the CPU and (2, 0) on a GPU, as DLPack counts devices."""
        return exchange.dlpack_device(self._array)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Where the values lie on a GPU, for libraries that take such arrays; there is none on the CPU."""
        if type(self._array) is np.ndarray:
            raise AttributeError("a tensor on the CPU has no __cuda_array_interface__; t.to_device('cuda') has")
        check_readable(self, "__cuda_array_interface__")
        return exchange.cuda_array_interface(self._array)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        called = method == "__call__"
        function = NUMPY_FUNCTIONS.get(ufunc if called else (ufunc, method))
        if function is None or (called and options):
            raise refusal(ufunc, method, options)
        return function(*inputs, **options)

    def __array_function__(self, numpy_function: Any, classes: Any, args: Any, options: Any) -> Any:
        function = NUMPY_FUNCTIONS.get(numpy_function)
        if function is None:
            raise refusal(numpy_function)
        return function(*args, **options)

    def reshape(self, *shape: Shape) -> Tensor:
        """The same elements in another shape; one size may be -1."""
        return TABLE["reshape"].function(self, shape[0] if len(shape) == 1 else shape)

    def astype(self, dtype: DTypeLike, *, copy: bool = True, device: Device = None) -> Tensor:
        """The elements converted to `dtype`; see `nn.astype`."""
        return TABLE["astype"].function(self, dtype, copy=copy, device=device)

    def to_device(self, device: str, *, stream: None = None) -> Tensor:
        """The values on another device, "cpu" or "cuda"; there are no streams to name."""
        if stream is not None:
            raise ArgumentError(f"to_device: stream must be None, got {stream!r}")
        return TABLE["to_device"].function(self, device)

    def transpose(self, *axes: Axis) -> Tensor:
        """Dimensions in another order; reversed when no axes are given."""
        order = axes[0] if len(axes) == 1 else axes or None
        return TABLE["permute_dims"].function(self, order)

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """See `nn.sum`."""
        return TABLE["sum"].function(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """See `nn.mean`."""
        return TABLE["mean"].function(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """See `nn.max`."""
        return TABLE["max"].function(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """See `nn.min`."""
        return TABLE["min"].function(self, axis=axis, keepdims=keepdims)

    def argmax(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """See `nn.argmax`."""
        return TABLE["argmax"].function(self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """See `nn.argmin`."""
        return TABLE["argmin"].function(self, axis=axis, keepdims=keepdims)

    def zeros_like(self) -> Tensor:
        """Zeros of the same shape and dtype."""
        return TABLE["zeros_like"].function(self)

    def ones_like(self) -> Tensor:
        """Ones of the same shape and dtype."""
        return TABLE["ones_like"].function(self)

    def like(self, values: ArrayLike, what: str) -> Tensor:
        """`values` as a tensor of this dtype; ShapeError unless the shapes agree, `what` names the argument.

        What is not yet a tensor goes to this device.
        """
        tensor = TABLE["astype"].function(values, self.dtype)
        if not isinstance(values, Operators):
            tensor = tensor.to_device(self.device)
        device_of(what, [tensor._array, self._array])
        if tensor.shape != self.shape:
            raise ShapeError(f"{what}: shape {tensor.shape} does not fit {self.shape}")
        return tensor
