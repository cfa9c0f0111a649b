"""Symbolic tensors: what layers give before there is data, from which functional models are made.

A symbolic tensor has a shape, a dtype and a name, and remembers the call that gives it. Calls are numbered in the
order in which they were made, so that sorting them by their numbers puts each one behind those that it needs.
"""

from __future__ import annotations

import itertools
import weakref
from typing import Any, ClassVar

import numpy as np

from numbanet.core.notes import Notes
from numbanet.core.structures import flatten
from numbanet.errors import ArgumentError, ShapeError
from numbanet.tensor.operators import Operators

_numbers = itertools.count()


class Call:
    """A call of a layer or model with symbolic tensors.

    Parameters
    ----------
    module : Module
        What was called.
    arguments : Symbolic, or nested lists, tuples and dicts of them
    options : dict
        Other arguments of the call, by name.

    Attributes
    ----------
    outputs : Symbolic, or nested lists, tuples and dicts of them
    number : int
        Greater than those of all calls before.
    """

    def __init__(self, module: Any, arguments: Any, options: dict[str, Any]) -> None:
        self.module, self.arguments, self.options = module, arguments, options
        self.outputs: Any = None
        self.number = next(_numbers)


def _operation(name, operands, key=None):
    return Symbolic.operate(name, operands, key)


def _binary(name):
    def method(self, other):
        return _operation(name, [self, other]) if _is_operand(other) else NotImplemented

    def reflected(self, other):
        return _operation(name, [other, self]) if _is_operand(other) else NotImplemented

    return method, reflected


def _unary(name):
    def method(self):
        return _operation(name, [self])

    return method


def _is_operand(x):
    return isinstance(x, (Symbolic, Operators, np.ndarray, np.generic, int, float, list, tuple))


class Symbolic:
    """What a symbolic tensor can do: it takes part in operators, and in calls of layers and models."""

    call_of: Any = None
    """The Call that gives it; None for an input."""
    rng: Any = None
    """What the weights of the layers that are called with it are drawn from; None if it does not matter."""
    name: str
    shape: Any
    dtype: Any
    operate: ClassVar[Any] = None
    """Calls the layer of an operation; `operations` sets it, whose layers are called with symbolic tensors."""
    __array_priority__ = 2000  # `array * tensor` is the tensor's

    @property
    def ndim(self) -> int:
        """The number of dimensions, that of the samples included."""
        return len(self.shape)

    def __len__(self) -> int:
        raise self._without_values("len()")

    def __iter__(self) -> Any:
        raise self._without_values("iteration")

    def __bool__(self) -> bool:
        raise self._without_values("a condition")

    def __float__(self) -> float:
        raise self._without_values("float()")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise self._without_values("a function of tensors")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise self._without_values(f"np.{function.__name__}")

    def _without_values(self, what):
        return ArgumentError(
            f"{self.name} is a symbolic tensor of shape {self.shape}, which has no values, and {what} needs some; call "
            "layers with it, use operators, or write nn.layers.Lambda(function)(tensor)"
        )

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Operators, np.ndarray, np.generic, int, float)):
            raise self._without_values("==")
        return self is other

    def __getitem__(self, key: Any) -> Any:
        return _operation("getitem", [self], key)

    __add__, __radd__ = _binary("add")
    __sub__, __rsub__ = _binary("subtract")
    __mul__, __rmul__ = _binary("multiply")
    __truediv__, __rtruediv__ = _binary("divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide")
    __mod__, __rmod__ = _binary("remainder")
    __pow__, __rpow__ = _binary("pow")
    __matmul__, __rmatmul__ = _binary("matmul")
    __lt__, __le__ = _binary("less")[0], _binary("less_equal")[0]
    __gt__, __ge__ = _binary("greater")[0], _binary("greater_equal")[0]
    __neg__, __abs__ = _unary("negative"), _unary("abs")


class SymbolicTensor(Symbolic):
    """The output of a layer that was called with symbolic tensors.

    Parameters
    ----------
    shape : tuple
        Of a batch; its first size, the number of samples, is None.
    dtype : numpy.dtype
    name : str

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Dense(4)(nn.Input((3,)))
    SymbolicTensor(shape=(None, 4), dtype=float32, name='dense')
    """

    def __init__(self, shape: tuple[Any, ...], dtype: Any, name: str) -> None:
        self.shape, self.dtype, self.name = shape, dtype, name

    def __repr__(self) -> str:
        return f"SymbolicTensor(shape={self.shape}, dtype={self.dtype}, name={self.name!r})"


def has_symbolic(x: Any) -> bool:
    """Return whether `x` is a symbolic tensor, or a list, tuple or dict with one in it."""
    if isinstance(x, Symbolic):
        return True
    if isinstance(x, dict):
        return any(map(has_symbolic, x.values()))
    if isinstance(x, (list, tuple)):
        return bool(x) and not isinstance(x[0], (int, float)) and any(map(has_symbolic, x))
    return False


def symbols_in(who: str, structure: Any) -> list[Symbolic]:
    """Return the symbolic tensors of a structure, in order; ArgumentError where something else stands."""
    found = flatten(structure)
    wrong = [one for one in found if not isinstance(one, Symbolic)]
    if wrong or not found:
        got = type(wrong[0]).__name__ if wrong else "nothing"
        raise ArgumentError(
            f"{who}: needs symbolic tensors, which nn.Input and calls of layers with them give, got {got}"
        )
    return found


class Graph:
    """The symbolic inputs and outputs of a model, which copies of it make anew.

    Parameters
    ----------
    inputs, outputs : Symbolic, or nested lists, tuples and dicts of them
    calls : dict, optional
        From the ids of the layers of a `Sequential` to their calls.
    parts : list, optional
        Those layers.
    """

    def __init__(
        self, inputs: Any, outputs: Any, calls: dict[int, Call] | None = None, parts: list[Any] | None = None
    ) -> None:
        self.inputs, self.outputs, self.calls, self.parts = inputs, outputs, calls or {}, parts or []


_owners = Notes()
"""From layers to references to the `Sequential` around them."""


def belongs_to(layer: Any, model: Any) -> None:
    """Note that a layer is one of a `Sequential`, by which it knows its input and output."""
    _owners.note(layer, weakref.ref(model))


def _call_in_its_model(layer):
    """Return the call of a layer in the `Sequential` around it, or None."""
    owner = _owners.of(layer)
    model = None if owner is None else owner()
    if model is None or all(layer is not one for one in model.layers):
        return None
    return model._own_graph().calls[id(layer)]


class of_the_graph:
    """An attribute of a layer: what it was called with, or gave, in the graph of a model.

    Unlike a property, it leaves a subclass free to have an attribute of this name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.__doc__ = f"The symbolic {name} of the layer's call in its model; ArgumentError unless there is one call."

    def __get__(self, layer: Any, kind: Any = None) -> Any:
        if layer is None:
            return self
        of_inputs = self.name.startswith("input")
        graph = layer._own_graph()
        if graph is not None:
            found = graph.inputs if of_inputs else graph.outputs
            return flatten(found) if self.name.endswith("s") else found
        calls: Any = vars(layer).get("_calls_made") or ()
        own = _call_in_its_model(layer) if len(calls) != 1 else None
        if own is not None:
            calls = [own]
        if len(calls) != 1:
            raise ArgumentError(
                f"{layer.name}: has no single {self.name}: it was called {len(calls)} times with symbolic tensors"
            )
        return calls[0].arguments if of_inputs else calls[0].outputs


def checked_rows(who: str, shape: Any, samples: int) -> tuple[Any, ...]:
    """Return the shape (None, ...) of an output; ShapeError unless it has as many rows as there are samples."""
    if shape is None:
        raise ShapeError(f"{who}: how many dimensions its output has depends on sizes that are open")
    if shape[:1] != (samples,):
        raise ShapeError(f"{who}: its output must have the samples along its first axis, as the input has")
    return (None, *shape[1:])
