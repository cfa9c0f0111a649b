"""Tensors: immutable arrays whose ops are recorded by open tapes, and `apply`, through which every op runs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Never, Self

import numpy as np
from numpy import ndarray

from numbanet.core.context import context
from numbanet.core.dtypes import (
    COMPARISONS,
    DEFAULT_FLOAT,
    FLOAT64,
    as_dtype,
    as_number_of,
    check_kept,
    check_supported,
    compared_number,
    converted_values,
    from_objects,
    promote,
    scalar_dtype,
)
from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError, ImmutableError, OutOfRangeError, ShapeError
from numbanet.kernels import exchange
from numbanet.kernels.arrays import DeviceArray, to_host
from numbanet.kernels.memory import device_of, placed
from numbanet.tensor.foreign import plain_array
from numbanet.tensor.listeners import check_readable, refuse_pickling
from numbanet.tensor.lists import Contents, compared_in, dtype_of_floats, is_list, numbers_in, stacked
from numbanet.tensor.operators import Operators
from numbanet.tensor.parts import PartOfVariable
from numbanet.typing import ArrayLike, Device, DType, SupportsCudaArray


class Tensor(PartOfVariable, Operators):
    """An immutable array of numbers on a device, made by `nn.asarray`, `nn.zeros` and every operation.

    It behaves like a NumPy array that cannot be written to; NumPy's own functions work on it and are recorded.
    Use `nn.Variable` for what changes.

    Parameters
    ----------
    array : numpy.ndarray or DeviceArray
        Of any shape and a supported dtype; it is not copied.

    Raises
    ------
    ArgumentError
        When it is given something else; `nn.asarray` takes anything.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> t = nn.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> np.maximum(t, 2.5)
    Tensor([[2.5, 2.5],
            [3. , 4. ]], shape=(2, 2), dtype=float32)
    """

    __slots__ = ("__weakref__", "_array", "_layout")

    def __init__(self, array: Any) -> None:
        if type(array) is not ndarray and type(array) is not DeviceArray:
            raise ArgumentError(f"Tensor: make tensors with nn.asarray(...), got {type(array).__name__}")
        self._array = array

    def __setitem__(self, key: Never, value: Never) -> None:  # type checkers refuse every call
        raise ImmutableError(
            "a Tensor cannot be written to; build a new one with t.at[key].set(value) or nn.where(mask, value, t), "
            "or keep what changes in an nn.Variable and call its assign"
        )

    def __repr__(self) -> str:
        check_readable(self, "repr()")
        values = np.array2string(to_host(self._array), separator=", ", prefix="Tensor(", threshold=1000)
        where = "" if type(self._array) is ndarray else f", device={self.device!r}"
        return f"Tensor({values}, shape={self.shape}, dtype={self.dtype}{where})"

    def in_snapshots(self) -> tuple[()]:
        """What a snapshot compares besides the tensor's identity: nothing, since it never changes."""
        return ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Tensor:
        return asarray(self, copy=True)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        check_readable(self, "pickle")
        refuse_pickling(self)
        return None, {"_array": self._array}

    __hash__ = object.__hash__


def asarray(
    obj: ArrayLike | SupportsCudaArray, dtype: DType = None, device: Device = None, copy: bool | None = None
) -> Tensor:
    """Return a Tensor with the values of `obj`.

    Parameters
    ----------
    obj : Tensor, Variable, numpy.ndarray, number, or nested lists of these
        Any shape. Lists of Python floats become float32, lists of integers int64; arrays keep their dtype. Lists with
        tensors or variables in them are stacked, with their gradient, in the dtype of all of it. An array of
        another library on the GPU, with a `__cuda_array_interface__`, stays there.
    dtype : dtype, optional
        Convert to this one.
    device : {None, "cpu", "cuda"}
        Where the values are to be. None leaves a tensor where it is, and puts everything else on the device of the
        `nn.device` block around, the CPU without one.
    copy : bool, optional
        True copies always; gradients flow through the copy. False raises if a copy is needed. None shares the memory of
        a NumPy array where it can: then do not write to that array while the tensor is in use.

    Returns
    -------
    Tensor
        Of the shape of `obj`; a tensor is returned as it is if nothing has to be converted or copied.

    Raises
    ------
    DTypeError
        For strings, objects, complex numbers and half precision.
    ShapeError
        For nested lists of unequal lengths.
    DeviceError
        When the device is not there.

    References
    ----------
    Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.asarray([1, 2.5])
    Tensor([1. , 2.5], shape=(2,), dtype=float32)
    """
    if type(obj) is Tensor and dtype is None and not copy and device is None:
        return obj  # most calls come from ops, which take anything
    if isinstance(obj, Operators):
        source = current(obj)
        if device is not None and moves(source, device):
            if copy is False:
                raise ArgumentError(f"asarray: {source.device} to {device} needs a copy, but copy=False")
            source, copy = source.to_device(device), None
        if dtype is not None and as_dtype(dtype) != source.dtype:
            if copy is False:
                raise ArgumentError(f"asarray: {source.dtype} to {dtype} needs a copy, but copy=False")
            return source.astype(dtype)
        if copy:
            return TABLE["copy"].function(source) if context.listeners else Tensor(source._array.copy())
        return source
    if hasattr(obj, "__cuda_array_interface__"):
        return asarray(Tensor(exchange.seen(obj, device_named("cuda"))), dtype, device, copy)
    wanted = None if dtype is None else as_dtype(dtype, "asarray")
    listed = type(obj) is not ndarray and is_list(obj)
    array = _from_list("asarray", obj, wanted) if listed else to_numpy(obj, "asarray", wanted)
    if type(array) is Tensor:
        if copy is False:
            raise ArgumentError("asarray: a copy is needed to make this tensor, but copy=False")
        return asarray(array, dtype, device)
    wanted = wanted or array.dtype
    if wanted != array.dtype or not isinstance(obj, np.ndarray):
        if copy is False:
            raise ArgumentError("asarray: a copy is needed to make this tensor, but copy=False")
        if wanted != array.dtype:
            array = converted_values("asarray", obj, array, wanted)
        elif copy and not listed:
            array = array.copy()  # an object's `__array__` may give the memory that it goes on to use
        return put(array, device)
    return put(array.copy() if copy else array, device)


def single(what: str, number: Any, dtype: Any = None) -> Tensor:
    """One number as a Tensor on the host; errors name `what`."""
    try:
        value = asarray(number, dtype, "cpu")
    except OutOfRangeError as error:
        raise OutOfRangeError(str(error).replace("asarray", what, 1)) from None
    if value.size != 1:
        raise ShapeError(f"{what}: needs one number, got shape {value.shape}")
    return value


def to_numpy(obj, what, dtype=None):
    """`obj` as a plain NumPy array of a supported dtype.

    Python floats, and lists of them, become float32, or stay as they are on the way to a `dtype`.
    """
    if isinstance(obj, np.ndarray):
        array = plain_array(obj, what)
    elif is_list(obj):
        array = _from_list(what, obj, dtype)
        return array.numpy() if type(array) is Tensor else array
    else:
        array = plain_array(obj, what)
        if array.dtype == object:
            array = from_objects(what, array, narrow=dtype is None)
        elif dtype is None and isinstance(obj, float) and not isinstance(obj, np.generic):
            with np.errstate(over="ignore"):
                array = array.astype(DEFAULT_FLOAT)
    return check_supported(array, what)


def _from_list(what, nested, wanted=None):
    """Nested lists as an array of their own dtype, or of `wanted` where they fit it; a Tensor if there are some in it.

    Floats on the way to another dtype than a floating one are still floats: of float64, so that no digit is lost.
    """
    contents = Contents(nested)
    if wanted is not None:
        contents.check_numbers(what)
    if wanted is not None and (wanted.kind == "f" or not (contents.weak or contents.floating)):
        dtype = wanted
    else:
        dtype = FLOAT64 if wanted is not None and contents.floats else contents.dtype(what)
    if contents.tensors:
        return stacked(nested, dtype, what, partial(_joined, dtype))
    array = numbers_in(nested, dtype, what)
    if dtype is wanted is not None and dtype.kind in "iu" and not contents.weak:
        check_kept(what, nested, array)
    return array


def _joined(dtype, parts):
    """Tensors and arrays of one shape as one tensor of a dtype; arrays go to where the tensors are."""
    device = next(part.device for part in parts if isinstance(part, Operators))
    return TABLE["stack"].function(
        [asarray(part, dtype, device=None if isinstance(part, Operators) else device) for part in parts]
    )


class _Weak:
    """A list of Python numbers among the operands of an op, which takes the dtype of the others."""

    __slots__ = ("contents", "nested")

    def __init__(self, nested, contents):
        self.nested, self.contents = nested, contents


def device_named(name):
    """The device of a name: that of the `nn.device` block around for None, and None for the CPU.

    Raises
    ------
    ArgumentError
        When there is no such name.
    DeviceError
        When the device is not there.
    """
    if name is None:
        return context.device
    if isinstance(name, str) and name == "cpu":
        return None
    if isinstance(name, str) and name == "cuda":
        from numbanet.backends.cuda.devices import cuda

        return cuda()
    raise ArgumentError(f"device must be 'cpu', 'cuda' or None, got {name!r}")


def default_device():
    """The name of the device on which tensors are made."""
    return "cpu" if context.device is None else context.device.name


def put(array: Any, device: Device = None) -> Tensor:
    """A Tensor with the values of a NumPy array, on a device."""
    place = device_named(device)
    return Tensor(array if place is None else place.from_host(array))


def beside(tensor: Operators, obj: ArrayLike) -> Tensor:
    """`obj` as a Tensor beside another: what is none yet goes to its device, and Python floats take its dtype."""
    if isinstance(obj, Operators):
        return current(obj)
    return asarray(obj, dtype_of_floats(obj, tensor.dtype), tensor.device)


def pair(op: str, a: ArrayLike, b: ArrayLike) -> tuple[Tensor, Tensor]:
    """Both operands of `op` as tensors; see `as_tensors`."""
    both = isinstance(a, Operators) and isinstance(b, Operators)
    return (current(a), current(b)) if both else as_tensors(op, (a, b))  # type: ignore[return-value]  # which are two


def moves(tensor, device):
    """Whether a tensor is on another device than the one of this name."""
    return device_of("to_device", [tensor._array]) is not device_named(device)


def current(x: Any) -> Tensor:
    """The Tensor that `x`, a Tensor or a Variable, holds now."""
    return x if type(x) is Tensor else x.read()


def as_tensors(op: str, args: Iterable[Any]) -> list[Tensor]:
    """Tensors for the operands of `op`; Python numbers take the dtype of the others, and their device."""
    tensors, numbers = [], []
    for position, x in enumerate(args):
        kind = type(x)
        if kind is Tensor:
            tensors.append(x)
        elif isinstance(x, Operators):
            tensors.append(current(x))
        elif kind is float or kind is int or kind is bool or isinstance(x, np.generic):
            numbers.append(position)
            tensors.append(x)
        elif is_list(x):
            contents = Contents(x)
            if contents.weak:
                numbers.append(position)
                tensors.append(_Weak(x, contents))
            else:
                tensors.append(asarray(x))
        else:
            tensors.append(put(to_numpy(x, op)))
    if numbers:
        known = [t._array for t in tensors if type(t) is Tensor]
        place = device_of(op, known) if known else context.device
        dtypes = [array.dtype for array in known] + [x.dtype for x in tensors if isinstance(x, np.generic)]
        if not dtypes and any(type(tensors[p]) is float for p in numbers):
            dtypes = [np.dtype(np.float32)]
        for position in numbers:
            number = _number(op, tensors[position], dtypes)
            tensors[position] = Tensor(number if place is None else _placed(place, number))
    return tensors


def _placed(place, number):
    return place.from_host(number) if number.ndim else place.backend.number(number.item(), number.dtype)


def _number(op, number, dtypes):
    if isinstance(number, np.generic):
        return to_numpy(number, op)
    compared = op in COMPARISONS and dtypes and not any(one.kind == "f" for one in dtypes)
    if type(number) is _Weak:
        nested, contents = number.nested, number.contents
        return (
            compared_in(nested, contents, dtypes, op)
            if compared
            else numbers_in(nested, contents.dtype(op, dtypes), op)
        )
    dtype = scalar_dtype(number, dtypes)
    return compared_number(number, dtype) if compared else as_number_of(op, number, dtype)


def in_common_dtype(op: str, tensors: list[Tensor]) -> list[Tensor]:
    """The tensors, converted to the dtype that they promote to."""
    common = promote(op, *[x.dtype for x in tensors])
    return [x if x.dtype == common else x.astype(common) for x in tensors]


def apply(op: Any, *args: Any, **params: Any) -> Tensor:
    """Run one op of the table on `args` and record it: the one way in which anything is computed.

    Parameters
    ----------
    op : Op
        With a `forward`.
    *args : Tensor, Variable, numpy.ndarray or number
        The operands: what can have a gradient.
    **params
        Everything else that the op needs: axes, shapes, flags.

    Returns
    -------
    Tensor
    """
    inputs: Any = args
    for x in args:
        if type(x) is not Tensor:
            inputs = as_tensors(op.name, args)
            break
    arrays = [t._array for t in inputs]
    for array in arrays:
        if type(array) is not ndarray:
            output = Tensor(on_device(op.name, op.forward, arrays, params))
            break
    else:
        output = Tensor(op.forward(*arrays, **params))
    for listener in context.listeners:
        listener.record(op, inputs, params, output)
    return output


def on_device(name, forward, arrays, params):
    """What a forward makes of arrays that are not all on the host, put where they are."""
    with placed(device_of(name, arrays)):
        return forward(*arrays, **params)
