"""What an optimizer remembers of every variable: arrays, by the slots that its rule asks for; and their saving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from numbanet.core.attributes import Guarded
from numbanet.core.checks import as_count
from numbanet.core.dtypes import is_float
from numbanet.errors import ArgumentError, DTypeError, NotBuiltError, ShapeError
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import place_of
from numbanet.ops.creation import full_like
from numbanet.optimizers import averages
from numbanet.tensor.listeners import refuse
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Array


class Stateful(Guarded):
    """The state of an `Optimizer`."""

    _elsewhere: ClassVar[dict[str, str]] = {
        "lr": "learning_rate",
        "decay": "weight_decay, or a schedule as learning_rate",
        "eps": "epsilon",
        "betas": "beta_1 and beta_2",
    }
    first_state: float = 0.0
    """What the state arrays are filled with at first."""
    use_ema: bool = False
    holds_averages: bool = False
    """Whether the weights are averages for now, and the averages weights, as `SwapEMAWeights` exchanges them."""
    gradient_accumulation_steps: Any = averages.AccumulationSteps()
    _every: int | None = None
    """The same, for what is asked in every step."""

    def __init__(self) -> None:
        self._iterations = 0
        self._variables: list = []
        self._state: Any = {}
        self._start: Any = {}
        self._undecayed: tuple = ()
        self._slots: tuple = ()

    @property
    def iterations(self) -> int:
        """How many updates there were so far, an int that can be assigned to."""
        refuse("optimizer.iterations is read in Python")
        return self.updates(self._iterations)

    @iterations.setter
    def iterations(self, count: int) -> None:
        refuse("optimizer.iterations is assigned to in Python")
        self._iterations = count * (self._every or 1)

    @property
    def calls(self) -> int:
        """How many times gradients were given so far: once for each update, or more where they add up."""
        return self._iterations

    def updates(self, calls: int) -> int:
        """Return how many updates so many gradients come to."""
        return calls if self._every is None else calls // self._every

    def has_made(self, calls: int) -> None:
        """Note how many times gradients were given: what assigning to `iterations` does, past the checks of that."""
        vars(self)["_iterations"] = calls

    def slots(self) -> tuple[str, ...]:
        """Return the names of the state arrays that the rule needs for every variable, a tuple of str."""
        return ()

    def all_slots(self) -> tuple[str, ...]:
        """Return the names of all state arrays: those of the rule come first."""
        own = tuple(self.slots())
        return (*own, *averages.extra_slots(self)) if self.use_ema or self._every else own

    def first_of(self, slot: str) -> float:
        """Return what the state arrays of this name are filled with at first."""
        return self.first_state

    @property
    def variables(self) -> list[Variable]:
        """The Variables that it was built for, a list."""
        return list(self._variables)

    @property
    def built(self) -> bool:
        """Whether there is state for variables already."""
        return bool(self._variables)

    def knows(self, variables: Iterable[Variable]) -> bool:
        """Return whether there is state for all of these variables."""
        return all(id(variable) in self._state for variable in variables)

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state of `variables`; done by itself at the first update.

        Raises
        ------
        ArgumentError
            When it is built for others already, or a variable comes twice.
        DTypeError
            When a variable is not floating.
        """
        variables = list(variables)
        if self.built:
            if [id(v) for v in variables] != [id(v) for v in self._variables]:
                raise ArgumentError(f"{type(self).__name__} has state for other variables; make a new optimizer")
            return
        if len({id(v) for v in variables}) != len(variables):
            raise ArgumentError(f"{type(self).__name__}: a variable was given twice")
        self.extend(variables)

    def extend(self, variables: Iterable[Variable]) -> None:
        """Make the state of those of `variables` that have none; their first update is counted as a first one.

        `fit` does so for weights that appear or that are no longer frozen.

        Raises
        ------
        DTypeError
            When a variable is not floating.
        """
        new = [variable for variable in variables if id(variable) not in self._state]
        for variable in new:
            if not is_float(variable.dtype):
                raise DTypeError(f"{type(self).__name__}: {label(variable)} is {variable.dtype}, not floating")
        self._fit_slots()
        for variable in new:
            self._state[id(variable)] = [self._first(variable, name) for name in self._slots]
            self._start[id(variable)] = self._iterations
            if self._is_excluded(variable):
                self._undecayed = (*self._undecayed, id(variable))
        self._variables = [*self._variables, *new]

    def _first(self, variable, slot):
        """Return a new state array: that of an average begins as the weights, since theirs is the first one."""
        if slot == averages.AVERAGE:
            return variable._array.copy()
        return full_like(variable, 0.0 if slot == averages.SUM else self.first_of(slot))._array

    def _is_excluded(self, variable):
        return False

    def array_of(self, variable: Variable, slot: str) -> Any:
        """Return the state array of this name."""
        return self._state[id(variable)][self._slots.index(slot)]

    def arrays_of(self, variables: Iterable[Variable]) -> list[Any]:
        """Return the state arrays of variables, one list; they change when slots change or variables move."""
        return [array for variable in variables for array in self._state[id(variable)]]

    def start_of(self, variable: Variable) -> int:
        """Return how many updates there were before the first one of `variable`."""
        return self._start[id(variable)]

    def starts(self, variables: Iterable[Variable]) -> list[int]:
        """Return the different starts of variables, in order: `step_numbers` has numbers for each."""
        return sorted({self._start[id(variable)] for variable in variables}) or [0]

    def _fit_slots(self):
        """Keep the state arrays that the settings ask for now: a new one starts like that of a new optimizer."""
        names = self.all_slots()
        if names == self._slots:
            return
        state = {}
        for variable in self._variables:
            kept = dict(zip(self._slots, self._state[id(variable)], strict=True))
            state[id(variable)] = [kept[name] if name in kept else self._first(variable, name) for name in names]
        self._state, self._slots = state, names

    def follow(self) -> None:
        """Bring the state up to date, as every update does: where its variables are, and what the settings ask for."""
        self._fit_slots()
        moved = {}
        for variable in self._variables:
            state = self._state[id(variable)]
            place = variable.device
            if any(place_of(array) != place for array in state):
                moved[id(variable)] = [Tensor(array).to_device(variable.device)._array for array in state]
        self._state.update(moved)

    def __getstate__(self) -> dict[str, Any]:
        refuse("an optimizer is copied in Python")
        by_id = ("_state", "_start")
        kept = vars(self) | {name: [getattr(self, name)[id(one)] for one in self._variables] for name in by_id}
        return kept | {"_undecayed": tuple(i for i, one in enumerate(self._variables) if not self.decays(one))}

    def decays(self, variable: Variable) -> bool:
        """Return whether weight decay applies to a variable, if there is any."""
        return id(variable) not in self._undecayed

    def __setstate__(self, state: dict[str, Any]) -> None:
        older = {"_start": [0] * len(state["_variables"]), "_iterations": state.get("iterations"), "_undecayed": ()}
        vars(self).update(older | state)  # as version 0.1.0 had it
        self._slots = state.get("_slots", self.all_slots())
        self._state = {id(variable): one for variable, one in zip(self._variables, self._state, strict=True)}
        self._start = {id(variable): one for variable, one in zip(self._variables, self._start, strict=True)}
        self._undecayed = tuple(id(self._variables[i]) for i in self._undecayed)

    def state(self, variables: Iterable[Variable] | None = None) -> list[tuple[str, Array]]:
        """Return everything that it remembers, for saving.

        Parameters
        ----------
        variables : list of Variable, optional
            Some of those that it was built for; all if not given.

        Returns
        -------
        list of (str, numpy.ndarray)
            `("iterations", …)`, and copies of the state arrays under `"<number of the variable>/<slot>"`. Variables
            that joined later have a number `"<number of the variable>/start"`, those that are excluded from weight
            decay a 1 under `"<number of the variable>/without_decay"`. Where gradients add up, "iterations" counts
            them.
        """
        refuse("the state of an optimizer is read in Python")
        self._fit_slots()
        arrays = [("iterations", np.asarray(self._iterations, np.int64))]
        for position, variable in enumerate(self._variables if variables is None else variables):
            for slot, array in zip(self._slots, self._state[id(variable)], strict=True):
                swapped = self.holds_averages and slot == averages.AVERAGE  # then the weights that are saved are these
                arrays.append((f"{position}/{slot}", to_host((variable._array if swapped else array).copy())))
            if self._start[id(variable)]:
                arrays.append((f"{position}/start", np.asarray(self._start[id(variable)], np.int64)))
            if not self.decays(variable):
                arrays.append((f"{position}/without_decay", np.asarray(1, np.int64)))
        return arrays

    def replica(self) -> Any:
        """Return everything that an update changes, copied, for `restore`."""
        arrays = {key: [array.copy() for array in one] for key, one in self._state.items()}
        return self._iterations, arrays

    def restore(self, replica: Any) -> None:
        """Put back what `replica` returned."""
        self._iterations, arrays = replica
        for key, values in arrays.items():
            for array, value in zip(self._state[key], values, strict=True):
                array[...] = value

    def load_state(self, arrays: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Take over what `state` of an optimizer of the same kind returned.

        Parameters
        ----------
        arrays : dict, or iterable of (str, array)

        Raises
        ------
        NotBuiltError
            Before `build(variables)`.
        ArgumentError, ShapeError, DTypeError
            When an array is missing, has no place or does not fit. Nothing has changed then.
        """
        if not self.built:
            raise NotBuiltError(f"{type(self).__name__}.load_state: call build(variables) first")
        given = {name: np.asarray(array) for name, array in dict(arrays).items()}
        mine = {name: array for name, array in self.state() if not name.endswith(_COUNTS)}
        counts = {name: given.pop(name) for name in [*given] if name.endswith(_COUNTS)}
        if given.keys() != mine.keys():
            raise ArgumentError(f"{type(self).__name__}.load_state: needs {sorted(mine)}, got {sorted(given)}")
        for name, array in given.items():
            if array.shape != mine[name].shape:
                raise ShapeError(f"load_state: {name} has shape {array.shape}, needs {mine[name].shape}")
            if not np.can_cast(array.dtype, mine[name].dtype, "same_kind"):
                raise DTypeError(f"load_state: {name} has dtype {array.dtype}, needs {mine[name].dtype}")
        if not {*counts} <= {f"{position}{end}" for position in range(len(self._variables)) for end in _COUNTS}:
            raise ArgumentError(f"{type(self).__name__}.load_state: there are no variables for {sorted(counts)}")
        numbers = {name: as_count(name, array.item()) for name, array in counts.items()}
        self._iterations = as_count("iterations", given["iterations"].item())
        for position, variable in enumerate(self._variables):
            self._start[id(variable)] = numbers.get(f"{position}/start", 0)
            if numbers.get(f"{position}/without_decay") and self.decays(variable):
                self._undecayed = (*self._undecayed, id(variable))
            for slot, array in zip(self._slots, self._state[id(variable)], strict=True):
                array[...] = given[f"{position}/{slot}"]


_COUNTS = ("/start", "/without_decay")
"""How the names of numbers end that only some variables have."""


def label(variable):
    """Return a variable in messages."""
    return f"the variable {variable.name!r}" if variable.name else f"a variable of shape {variable.shape}"
