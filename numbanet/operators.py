"""What Tensors and Variables can do: NumPy's operators, methods and functions, each looked up in the op table."""

import sys
from importlib import import_module
from typing import Any

import numpy as np

from numbanet.errors import ArgumentError, DeviceError, DTypeError, ShapeError
from numbanet.foreign import is_pandas, plain_array
from numbanet.kernels import exchange
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import device_of
from numbanet.methods import Methods
from numbanet.refusals import refusal
from numbanet.table import NUMPY_FUNCTIONS, TABLE
from numbanet.tape import active, followed
from numbanet.trace import check_readable

EDITIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")
"""The editions of the Python array API standard that the namespace follows: each adds to those before."""
EDITION = EDITIONS[-1]


def _unary(name):
    def method(self):
        return TABLE[name].function(self)

    return method


def _binary(name):
    def method(self, other):
        known = type(other) is type(self) or is_operand(other)
        return TABLE[name].function(self, other) if known else NotImplemented

    def reflected(self, other):
        return TABLE[name].function(other, self) if is_operand(other) else NotImplemented

    return method, reflected


def is_operand(x):
    """Whether operators take `x` beside a tensor; Python asks the other operand otherwise."""
    return isinstance(x, (Operators, np.ndarray, np.generic, float, int, list, tuple)) or is_pandas(x)


def values_of(x):
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
    def shape(self):
        """Sizes, a tuple of int."""
        return self._array.shape

    @property
    def ndim(self):
        """The number of dimensions."""
        return self._array.ndim

    @property
    def size(self):
        """The number of elements."""
        return self._array.size

    @property
    def dtype(self):
        """The NumPy dtype of the elements."""
        return self._array.dtype

    @property
    def itemsize(self):
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self):
        """The bytes of all elements."""
        return self.size * self.dtype.itemsize

    @property
    def device(self):
        """Where the values live: "cpu" or "cuda"."""
        array = self._array
        return "cpu" if type(array) is np.ndarray else array.device.name

    @property
    def T(self):
        """All dimensions reversed."""
        return TABLE["permute_dims"].function(self, None)

    @property
    def mT(self):
        """The last two dimensions swapped."""
        return TABLE["matrix_transpose"].function(self)

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

    def __pos__(self):
        return self

    def __getitem__(self, key):
        return TABLE["getitem"].function(self, key)

    def __len__(self):
        if not self.ndim:
            raise DTypeError("len() of a tensor without dimensions; use t.item() for its value")
        return self.shape[0]

    def __iter__(self):
        if not self.ndim:
            raise DTypeError("iteration over a tensor without dimensions; use t.item() for its value")
        return (self[i] for i in range(self.shape[0]))

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __complex__(self):
        return complex(self.item())

    def __index__(self):
        if self.dtype.kind not in "iu":
            raise DTypeError(f"only an integer tensor can be an index, this one is {self.dtype}")
        return int(self.item())

    def __format__(self, spec):
        return format(self.item(), spec) if spec and not self.ndim else format(str(self), spec)

    def item(self):
        """The one value, as a Python number; ShapeError unless there is exactly one."""
        check_readable(self, "item()")
        if self.size != 1:
            raise ShapeError(f"item: a tensor of shape {self.shape} has {self.size} values, not one")
        return to_host(self._array).item()

    def tolist(self):
        """The values as nested lists of Python numbers."""
        check_readable(self, "tolist()")
        return to_host(self._array).tolist()

    def numpy(self):
        """The values as a read-only NumPy array, which shares their memory if the host can read it."""
        check_readable(self, "numpy()")
        return _view(self._array)

    def __array__(self, dtype=None, copy=None):
        check_readable(self, "np.asarray()")
        if active.stack:
            _check_caller(self, sys._getframe(1))
        if type(self._array) is not np.ndarray:
            raise DeviceError(f"this tensor is on {self.device}; t.numpy() or t.to_device('cpu') copies it")
        if dtype is not None and np.dtype(dtype) != self.dtype:
            if copy is False:
                raise ArgumentError(f"{self.dtype} to {np.dtype(dtype)} needs a copy, but copy=False")
            return self._array.astype(dtype)
        return self._array.copy() if copy else _view(self._array)

    def __array_namespace__(self, *, api_version=None):
        """The package, whose functions take tensors; ArgumentError for an edition of the standard that it lacks."""
        if api_version is not None and api_version not in EDITIONS:
            raise ArgumentError(f"numbanet follows the array API standard {EDITION}, not {api_version}")
        return import_module("numbanet")

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """A DLPack capsule of the values, which are shared and must not be written to, as version 1 says in it."""
        check_readable(self, "__dlpack__()")
        return exchange.capsule_for(self._array, stream, max_version, dl_device, copy)

    def __dlpack_device__(self):
        """(1, 0) on the CPU and (2, 0) on a GPU, as DLPack counts devices."""
        return exchange.dlpack_device(self._array)

    @property
    def __cuda_array_interface__(self):
        """Where the values lie on a GPU, for libraries that take such arrays; there is none on the CPU."""
        if type(self._array) is np.ndarray:
            raise AttributeError("a tensor on the CPU has no __cuda_array_interface__; t.to_device('cuda') has")
        check_readable(self, "__cuda_array_interface__")
        return exchange.cuda_array_interface(self._array)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        called = method == "__call__"
        function = NUMPY_FUNCTIONS.get(ufunc if called else (ufunc, method))
        if function is None or (called and options):
            raise refusal(ufunc, method, options)
        return function(*inputs, **options)

    def __array_function__(self, numpy_function, classes, args, options):
        function = NUMPY_FUNCTIONS.get(numpy_function)
        if function is None:
            raise refusal(numpy_function)
        return function(*args, **options)

    def reshape(self, *shape):
        """The same elements in another shape; one size may be -1."""
        return TABLE["reshape"].function(self, shape[0] if len(shape) == 1 else shape)

    def astype(self, dtype, *, copy=True, device=None):
        """The elements converted to `dtype`; see `nn.astype`."""
        return TABLE["astype"].function(self, dtype, copy=copy, device=device)

    def to_device(self, device, *, stream=None):
        """See `nn.to_device`: the values on another device, "cpu" or "cuda"; there are no streams to name."""
        if stream is not None:
            raise ArgumentError(f"to_device: stream must be None, got {stream!r}")
        return TABLE["to_device"].function(self, device)

    def transpose(self, *axes):
        """Dimensions in another order; reversed when no axes are given."""
        order = axes[0] if len(axes) == 1 else axes or None
        return TABLE["permute_dims"].function(self, order)

    def sum(self, axis=None, keepdims=False):
        """See `nn.sum`."""
        return TABLE["sum"].function(self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False):
        """See `nn.mean`."""
        return TABLE["mean"].function(self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        """See `nn.max`."""
        return TABLE["max"].function(self, axis=axis, keepdims=keepdims)

    def min(self, axis=None, keepdims=False):
        """See `nn.min`."""
        return TABLE["min"].function(self, axis=axis, keepdims=keepdims)

    def argmax(self, axis=None, keepdims=False):
        """See `nn.argmax`."""
        return TABLE["argmax"].function(self, axis=axis, keepdims=keepdims)

    def argmin(self, axis=None, keepdims=False):
        """See `nn.argmin`."""
        return TABLE["argmin"].function(self, axis=axis, keepdims=keepdims)

    def zeros_like(self):
        """Zeros of the same shape and dtype."""
        return TABLE["zeros_like"].function(self)

    def ones_like(self):
        """Ones of the same shape and dtype."""
        return TABLE["ones_like"].function(self)

    def like(self, values, what):
        """`values` as a tensor of this dtype; ShapeError unless the shapes agree, `what` names the argument.

        What is no tensor yet goes to this device.
        """
        tensor = TABLE["astype"].function(values, self.dtype)
        if not isinstance(values, Operators):
            tensor = tensor.to_device(self.device)
        device_of(what, [tensor._array, self._array])
        if tensor.shape != self.shape:
            raise ShapeError(f"{what}: shape {tensor.shape} does not fit {self.shape}")
        return tensor
