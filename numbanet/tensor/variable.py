"""Variables: the tensors that change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from numbanet.core.checks import as_flag
from numbanet.core.context import context
from numbanet.core.dtypes import is_float
from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.initializers import initial_value as initialized
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import device_of, placed
from numbanet.tensor.listeners import check_readable, refuse, refuse_assignment
from numbanet.tensor.operators import Operators, is_operand
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, DType, InitializerLike, Key, Seed, Shape


def _in_place(name):
    """The method of an augmented operator, `v -= x`: the op of the table, then `assign`."""

    def method(self, other):
        if not is_operand(other):
            return NotImplemented
        new = TABLE[name].function(self._traced(), other)
        if new.shape != self.shape:
            raise ShapeError(f"{name} in place: {self._label()} has shape {self.shape}, the result has {new.shape}")
        if not np.can_cast(new.dtype, self.dtype, "same_kind"):
            raise DTypeError(f"{name} in place: {self._label()} is {self.dtype}, the result is {new.dtype}")
        self._assign(new.astype(self.dtype))
        return self

    return method


class Variable(Operators):
    """A value that can be assigned to; it takes part in every op that a Tensor does.

    A Variable holds a Tensor. Assigning puts another Tensor in its place, so what a tape has recorded stays true.
    Augmented operators assign too: `v -= g` keeps the variable and its dtype. A tape does not record an assignment:
    what is computed afterwards depends on the new value alone.

    Parameters
    ----------
    value : array-like, optional
        The first value, copied. Either this, or `shape` and `initializer`.
    dtype : dtype, optional
        float32 for Python floats, that of `value` for arrays.
    trainable : bool
        Whether tapes watch it by themselves and optimizers update it.
    name : str, optional
        For messages and summaries.
    shape : tuple of int, optional
    initializer : str or callable, optional
        `"uniform"`, `"zeros"`, any name of `nn.initializers`, or `f(shape, dtype, rng)`.
    rng : int or numpy.random.Generator, optional
        For the initializer.
    initial_value : array-like, optional
        Another name for `value`.

    Raises
    ------
    ArgumentError
        When neither or both of `value` and `shape` are given.
    ShapeError, DTypeError
        By an augmented operator, when the variable cannot hold the result: another shape, or floats in integers.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> w.assign_sub([0.5, 0.5])
    Variable([0.5, 1.5], shape=(2,), dtype=float32)
    >>> w *= 2.0
    >>> w
    Variable([1., 3.], shape=(2,), dtype=float32)
    """

    __slots__ = ("__weakref__", "_at_home", "_constraint", "_held", "_home", "_may_train", "name", "trainable")

    def __init__(
        self,
        value: ArrayLike | None = None,
        dtype: DType = None,
        trainable: bool = True,
        name: str | None = None,
        *,
        shape: Shape | None = None,
        initializer: InitializerLike | None = None,
        rng: Seed = None,
        initial_value: ArrayLike | None = None,
    ) -> None:
        if initial_value is not None:
            if value is not None:
                raise ArgumentError("Variable: value and initial_value are two names for one thing; give one of them")
            value = initial_value
        if (value is None) == (shape is None):
            raise ArgumentError("Variable: give either a value, or shape=... with initializer=...")
        if value is None:
            value = initialized(initializer or "uniform", shape, dtype or np.float32, rng)
        self._held: Any = Tensor(asarray(value, dtype, copy=True)._array)  # where gradients begin
        self._home: Any = None
        self._at_home: Any = None
        self._constraint: Callable[..., Any] | None = None
        self._may_train = as_flag("Variable: trainable", trainable)
        self.trainable: bool = self._may_train
        self.name: str | None = name

    if TYPE_CHECKING:  # what the lines below make; mypy would have them give a Tensor, as `v - x` does

        def __iadd__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __isub__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __imul__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __itruediv__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __ifloordiv__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __imod__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __ipow__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __imatmul__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __iand__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __ior__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __ixor__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __ilshift__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor
        def __irshift__(self, other: ArrayLike, /) -> Self: ...  # type: ignore[override]  # not a Tensor

    else:
        __iadd__ = _in_place("add")
        __isub__ = _in_place("subtract")
        __imul__ = _in_place("multiply")
        __itruediv__ = _in_place("divide")
        __ifloordiv__ = _in_place("floor_divide")
        __imod__ = _in_place("remainder")
        __ipow__ = _in_place("pow")
        __imatmul__ = _in_place("matmul")
        __iand__ = _in_place("bitwise_and")
        __ior__ = _in_place("bitwise_or")
        __ixor__ = _in_place("bitwise_xor")
        __ilshift__ = _in_place("bitwise_left_shift")
        __irshift__ = _in_place("bitwise_right_shift")

    @property
    def constraint(self) -> Callable[..., Any] | None:
        """What optimizers put in place of the value after each update: `f(weight)`, or None."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Callable[..., Any] | None) -> None:
        if value is not None and not callable(value):
            raise ArgumentError(f"{self._label()}: a constraint is a function of the weight or None, got {value!r}")
        self._constraint = value

    @property
    def _tensor(self):
        if self._held is None:  # replayed steps have changed it since it was last asked for
            self._held = self._at_home = Tensor(self._home.copy())
        return self._held

    @property
    def _array(self):
        return self._tensor._array

    @property
    def device(self) -> str:
        """Where the value lives: "cpu" or "cuda"."""
        array = self._home if self._held is None else self._held._array
        return "cpu" if type(array) is np.ndarray else array.device.name

    def __getstate__(self) -> tuple[Any, ...]:
        check_readable(self, "a copy")
        state = Tensor(self._tensor._array), self.trainable, self.name, self._may_train
        return state if self._constraint is None else (*state, self._constraint)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._held, self.trainable, self.name = state[:3]
        self._may_train = state[3] if len(state) > 3 else self.trainable  # a pickle of version 0.1.0 has three
        self._constraint = state[4] if len(state) > 4 else None
        self._home = self._at_home = None

    def twin(self) -> Self:
        """Return another Variable with the same value: assigning to one does not change the other."""
        other = type(self).__new__(type(self))
        other.__setstate__(self.__getstate__())
        return other

    def freeze(self, frozen: bool = True) -> None:
        """Leave the value out of training, or take it in again if it was trainable before."""
        self._may_train = self._may_train or self.trainable
        self.trainable = self._may_train and not frozen

    def state(self) -> tuple[Any, ...]:
        """What `restore` needs to make an assignment undone."""
        return self._held, self._at_home

    def restore(self, state: tuple[Any, ...]) -> None:
        """Hold again what the variable held when `state` was asked."""
        self._held, self._at_home = state

    def home(self) -> Any:
        """The array in which replayed steps read and write the value: always the same one, and up to date.

        Code that writes to it must call `changed_at_home`. It is copied to a new Tensor only when one is asked for.
        """
        if self._home is None:
            self._home = self._held._array.copy()
        elif self._held is not None and self._held is not self._at_home:
            self._home[...] = self._held._array
        self._at_home = self._held
        return self._home

    def changed_at_home(self) -> None:
        """What `home` returned has been written to: it holds the value now."""
        self._held = self._at_home = None

    def __getitem__(self, key: Key) -> Tensor:
        """The elements that an index picks; `v[key].assign(value)` changes them in the variable."""
        return super().__getitem__(key).as_part(self, key)

    @property
    def value(self) -> Tensor:
        """The Tensor that it holds now; reading it is recorded by open tapes."""
        return self.read()

    def read(self) -> Tensor:
        """The Tensor that it holds now; listeners are told of the read."""
        for listener in context.listeners:
            listener.record_variable(self, self._tensor)
        return self._tensor

    def assign(self, value: ArrayLike) -> Self:
        """Replace the value.

        Parameters
        ----------
        value : array-like
            Of the same shape; converted to the variable's dtype. A tensor must be on the variable's device.

        Returns
        -------
        Variable
            Itself.

        Raises
        ------
        ShapeError
            When the shape differs; the variable keeps its value.
        DeviceError
            When `value` is a tensor on another device.
        """
        new = self._beside(value, "assign", copy=True)
        if new.shape != self.shape:
            raise ShapeError(f"assign: {self._label()} has shape {self.shape}, got a value of shape {new.shape}")
        self._assign(new)
        return self

    def _assign(self, value):
        """Hold the array of a new tensor, as another Tensor than the one that tapes have written down."""
        held = Tensor(value._array)
        if context.trace is not None:
            context.trace.record_assignment(self, value, held)
        self._held = held

    def _traced(self):
        """The Tensor that it holds now, of which a trace is told, and no tape."""
        if context.trace is not None:
            context.trace.record_variable(self, self._tensor)
        return self._tensor

    def assign_add(self, value: ArrayLike) -> Self:
        """Add `value` in place of the old value."""
        return self._assign_sum(value, "add", "assign_add")

    def assign_sub(self, value: ArrayLike) -> Self:
        """Subtract `value` from the old value."""
        return self._assign_sum(value, "subtract", "assign_sub")

    def _assign_sum(self, value, combine, what):
        if not is_float(self.dtype) and is_float(asarray(value).dtype):
            raise DTypeError(f"{what}: {self._label()} has dtype {self.dtype}, which loses the fractions of floats")
        change = self._beside(value, what)
        if change.shape != self.shape:
            raise ShapeError(f"{what}: {self._label()} has shape {self.shape}, got a value of shape {change.shape}")
        old, op = self._traced(), TABLE[combine]
        with placed(device_of(what, [old._array])):
            new = Tensor(op.forward(old._array, change._array))  # type: ignore[misc]  # None for some
        if context.trace is not None:
            context.trace.record(op, (old, change), {}, new)
        self._assign(new)
        return self

    def _beside(self, value, what, copy=None):
        """`value` as a Tensor of this dtype; what is none yet goes to this device."""
        if context.trace is not None and isinstance(value, np.ndarray):
            value = self._read_again(value)
        device = None if isinstance(value, Operators) else self.device
        tensor = asarray(value, self.dtype, device, copy)
        device_of(f"{what} to {self._label()}", [self._array, tensor._array])
        return tensor

    def _read_again(self, array):
        """A NumPy array as a Tensor that shares its memory, which others may write to between two steps of a trace."""
        tensor = asarray(array, None, "cpu")
        if self.device != "cpu" or (is_float(tensor.dtype) and not is_float(self.dtype)):
            refuse(f"variable {self.name or ''} is given a NumPy array that has to be copied")
            return array
        return tensor

    def replace(self, array: Any) -> None:
        """Hold `array` itself, without a copy, as optimizers do; no other code may write to it."""
        self._held = Tensor(array)

    def _label(self):
        return f"the variable {self.name!r}" if self.name else "the variable"

    def __repr__(self) -> str:
        check_readable(self, "repr()")
        values = np.array2string(to_host(self._array), separator=", ", prefix="Variable(", threshold=1000)
        name = f", name={self.name!r}" if self.name else ""
        where = "" if self.device == "cpu" else f", device={self.device!r}"
        return f"Variable({values}, shape={self.shape}, dtype={self.dtype}{where}{name})"

    def in_snapshots(self) -> list[tuple[str, Any]]:
        """What a snapshot compares besides the variable's identity: all but the value, which replayed steps follow."""
        found = [(".trainable", self.trainable), (".device", self.device)]
        return found if self._constraint is None else [*found, (".constraint", self._constraint)]

    __hash__ = object.__hash__


def move(variables, device):
    """Keep the values of variables on another device from now on: all, or none if there is not enough memory."""
    moved = []
    for variable in variables:
        refuse_assignment(variable)
        if variable.device != device:
            moved.append((variable, variable._tensor.to_device(device)))
    for variable, tensor in moved:
        variable.__setstate__((tensor, *variable.__getstate__()[1:]))
