"""Modules: what owns weights. Layers and models are modules, and what their attributes hold is theirs.

Attributes that are Variables or modules are found, as are lists, tuples, dicts and deques of them, nested. Nothing is
registered: code that needs the weights walks the tree again, so that containers may be changed at any time.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable
from types import FunctionType
from typing import Any, ClassVar, Self

import numpy as np

from numbanet.core.attributes import Guarded
from numbanet.core.dtypes import FLOATS
from numbanet.errors import ArgumentError, NotBuiltError, ShapeError
from numbanet.layers.penalties import losses_of
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import to_numpy
from numbanet.tensor.variable import Variable, move
from numbanet.typing import Array, ArrayLike

_PLAIN = frozenset((type(None), bool, int, float, str, FunctionType, *(type(dtype) for dtype in FLOATS)))
"""What most attributes are: they hold nothing, and cannot change."""
_SEQUENCES, _SETS = (list, tuple, deque), (set, frozenset)
_CONTAINERS = (*_SEQUENCES, dict)


class Module(Guarded):
    """What `Layer` and `Sequential` are: a tree of modules and Variables.

    The weights of a module are the Variables that its attributes hold, then those of the modules that they hold, and
    so on: depth first, in the order in which attributes were first set, each once, however often it is held.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Pair(nn.layers.Layer):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.parts = [nn.layers.Dense(3), nn.layers.Dense(2)]
    ...     def call(self, x):
    ...         return self.parts[1](self.parts[0](x))
    >>> pair = Pair()
    >>> pair(nn.ones((1, 4))).shape
    (1, 2)
    >>> [weight.name for weight in pair.weights]
    ['pair/parts/0/kernel', 'pair/parts/0/bias', 'pair/parts/1/kernel', 'pair/parts/1/bias']
    """

    _elsewhere: ClassVar[dict[str, str]] = dict.fromkeys(("learning_rate", "lr"), "model.optimizer.learning_rate")
    name = "module"
    _trainable = True
    _label: Any = None
    """What names of weights begin with, in modules that others hold; the module's own name otherwise."""
    _not_copied: frozenset = frozenset(("_added", "_last_call", "_calls_made"))
    """Attributes that a `twin` lacks: what a module works with, but does not own."""
    _not_kept = _not_copied
    """Attributes that copies and pickles lack."""
    takes_structures: ClassVar[bool] = False
    """Whether `call` gets lists, tuples and dicts of arrays as they are, as one of your own does."""
    several_inputs: ClassVar[bool] = False
    """Whether `call` gets a list of tensors; one of your own gets lists, tuples and dicts of arrays as they are."""
    _class_attributes: tuple = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        holds = [name for name, value in vars(cls).items() if any(True for _ in _found_in(name, value, set()))]
        cls._class_attributes = (*cls._class_attributes, *holds)

    def _held(self):
        """Yield (path, Variable or Module) of what the attributes hold directly, each once."""
        own = vars(self)
        seen: set[int] = set()
        for name, value in own.items():
            if type(value) not in _PLAIN:
                yield from _found_in(name, value, seen)
        for name in self._class_attributes:
            if name not in own:
                yield from _found_in(name, getattr(self, name), seen)

    def _attributes(self):
        """Return the values of the attributes that `_held` looks at."""
        own = vars(self)
        if not self._class_attributes:
            return own.values()
        return [*own.values(), *[getattr(self, name) for name in self._class_attributes if name not in own]]

    @property
    def weights(self) -> list[Variable]:
        """All Variables of the module and of the modules in it, a list."""
        return _gathered(self)[0]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The Variables that training changes: they are `trainable`, and so is every module around them."""
        weights, modules = _gathered(self)
        if not all(module._trainable for module in modules):  # what is shared trains if one of its owners does
            free = {id(found) for _, found in walk(self, enters=lambda module: module._trainable)}
            weights = [weight for weight in weights if id(weight) in free]
        return [weight for weight in weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The Variables that training leaves as they are: the other weights."""
        trainable = {id(weight) for weight in self.trainable_weights}
        return [weight for weight in self.weights if id(weight) not in trainable]

    @property
    def variables(self) -> list[Variable]:
        """The same as `weights`."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """The same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The same as `non_trainable_weights`."""
        return self.non_trainable_weights

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights. Setting it sets it for every module inside, as in Keras.

        Weights that were made with `trainable=False`, such as moving averages, stay as they are either way.
        """
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not isinstance(value, (bool, np.bool_)):
            raise ArgumentError(f"{self.name}: trainable must be True or False, got {value!r}")
        for _, found in [*walk(self)]:
            if isinstance(found, Variable):
                found.freeze(not value)
            else:
                found._trainable = bool(value)

    @property
    def losses(self) -> list[Any]:
        """What training adds to the loss, Tensors of shape (): penalties, and what the last call has added."""
        return losses_of(_gathered(self)[1], vars(self).get("_last_call"))

    def count_params(self) -> int:
        """Return the number of parameters: of the numbers in all weights; NotBuiltError before there are any."""
        if not getattr(self, "built", True):
            raise NotBuiltError(f"{self.name}: count_params needs weights; call build(input_shape) or the layer first")
        return sum(weight.size for weight in self.weights)

    def to_device(self, device: str) -> Self:
        """Move the weights, in place.

        Parameters
        ----------
        device : {"cpu", "cuda"}

        Returns
        -------
        Module
            Itself.

        Raises
        ------
        DeviceError
            When the device cannot be used.
        DeviceMemoryError
            When there is not enough memory; the weights then stay where they are.
        """
        move(self.weights, device)
        return self

    def _own_graph(self) -> Any:
        """Return the symbolic inputs and outputs of a model whose calls of layers are known; None for all else."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in self._not_kept}

    def get_weights(self) -> list[Array]:
        """Return the values of all weights, as a list of NumPy arrays."""
        return [weight.numpy().copy() for weight in self.weights]

    def set_weights(self, values: Iterable[ArrayLike]) -> None:
        """Replace the values of all weights; ShapeError, and nothing changed, unless every shape fits."""
        assign_all(self.name, self.weights, values)


def _gathered(module):
    """Return the Variables and the modules that `walk` finds: quickly, since each step of training asks."""
    weights: list = []
    modules: list = []
    try:
        _gather([module], set(), weights, modules)
    except _Unordered:
        for _ in walk(module):  # which knows the path
            pass
    return weights, modules


def first_weight(module):
    """Return the first of a module's weights, or None, without a walk of all."""
    return _first([module], set())


def _first(values, seen):
    for value in values:
        role = _roles.get(type(value))
        role = _role_of(type(value)) if role is None else role
        if role in (_NOTHING, _SET) or id(value) in seen:
            continue
        if role == _VARIABLE:
            return value
        seen.add(id(value))
        held = value._attributes() if role == _MODULE else value if role == _SEQUENCE else value.values()
        found = _first(held, seen)
        if found is not None:
            return found
    return None


class _Unordered(Exception):
    """A set holds modules or Variables."""


_NOTHING, _VARIABLE, _MODULE, _SEQUENCE, _DICT, _SET = range(6)
_roles: dict = dict.fromkeys(_PLAIN, _NOTHING)


def _role_of(kind):
    """Return what values of a class are to `_gather`, remembered for the next ones."""
    roles = ((Variable, _VARIABLE), (Module, _MODULE), (_SEQUENCES, _SEQUENCE), (dict, _DICT), (_SETS, _SET))
    if len(_roles) > 1000:  # classes that are made and forgotten
        _roles.clear()
    role = _roles[kind] = next((role for base, role in roles if issubclass(kind, base)), _NOTHING)
    return role


def _gather(values, seen, weights, modules, role_of=_roles.get):
    for value in values:
        role = role_of(type(value))
        if role == 0:  # nothing: most attributes
            continue
        if role is None:
            role = _role_of(type(value))
        if role == 0 or id(value) in seen:
            continue
        seen.add(id(value))
        if role == _VARIABLE:
            weights.append(value)
        elif role == _MODULE:
            modules.append(value)
            _gather(value._attributes(), seen, weights, modules)
        elif role == _SEQUENCE:
            _gather(value, seen, weights, modules)
        elif role == _DICT:
            _gather(value.values(), seen, weights, modules)
        elif any(isinstance(one, (Variable, Module)) for one in value):
            raise _Unordered


def _found_in(path, value, seen):
    """Yield (path, Variable or Module) of what a value holds; `seen` has the ids of what was found before."""
    if isinstance(value, (Variable, Module)):
        if id(value) not in seen:
            seen.add(id(value))
            yield path, value
    elif isinstance(value, _CONTAINERS):
        if id(value) in seen:
            return
        seen.add(id(value))  # a list may hold itself
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            if type(one) not in _PLAIN:
                yield from _found_in(f"{path}/{key}", one, seen)
    elif isinstance(value, _SETS) and any(isinstance(one, (Variable, Module)) for one in value):
        raise ArgumentError(f"{path} is a set of layers or variables, which has no order; use a list or a dict")


def walk(module, enters=None):
    """Yield (path, module or Variable) for a module and everything in it, depth first, each once.

    Parameters
    ----------
    module : Module
    enters : callable, optional
        Whether to enter a module; all if not given.
    """
    seen = set()

    def visit(path, one):
        if id(one) in seen:
            return
        seen.add(id(one))
        if isinstance(one, Variable):
            yield path, one
        elif enters is None or enters(one):
            yield path, one
            for name, found in one._held():
                yield from visit(f"{path}/{name}" if path else name, found)

    return visit("", module)


def modules_of(module):
    """Return a module and the modules in it, depth first, as a list of (path, module)."""
    return [(path, found) for path, found in walk(module) if isinstance(found, Module)]


def assign_all(owner, weights, values):
    """Assign `values` to `weights` after all shapes have been checked."""
    if not isinstance(values, Iterable):
        raise ArgumentError(f"{owner}: set_weights needs a list of arrays, got {values!r}")
    values = list(values)
    if len(values) != len(weights):
        raise ArgumentError(f"{owner}: set_weights needs {len(weights)} arrays, got {len(values)}")
    arrays = [
        value if isinstance(value, Operators) else to_numpy(value, f"{owner}: set_weights", weight.dtype)
        for value, weight in zip(values, weights, strict=True)
    ]
    for weight, array in zip(weights, arrays, strict=True):
        if array.shape != weight.shape:
            raise ShapeError(f"{owner}: weight {weight.name} has shape {weight.shape}, got {array.shape}")
    for weight, array in zip(weights, arrays, strict=True):
        weight.assign(array)


def twin(value, memo):
    """Return a copy that can be called without changing the original: other modules, Variables with the same tensors.

    Parameters
    ----------
    value : Module, or any value of an attribute
    memo : dict
        Filled with the copies of modules and Variables, by the id of the original.
    """
    if type(value) in _PLAIN:
        return value
    if id(value) in memo:
        return memo[id(value)]
    made: Any
    if isinstance(value, Variable):
        made = memo[id(value)] = value.twin()
    elif isinstance(value, Module):
        made = memo[id(value)] = object.__new__(type(value))
        vars(made).update({name: twin(one, memo) for name, one in vars(value).items() if name not in made._not_copied})
    elif type(value) is list:
        made = memo[id(value)] = []
        made.extend(twin(one, memo) for one in value)
    elif type(value) is dict:
        made = memo[id(value)] = {}
        made.update((key, twin(one, memo)) for key, one in value.items())
    else:
        try:
            made = copy.deepcopy(value, memo)
        except Exception:  # a lock, a file, a module: what cannot be copied is shared
            made = value
    return made
