"""What every optimizer does around its rule: learning rate, clipping, weight decay, state, saving.

A rule sees one variable at a time as flat arrays, and writes its new values into another one; `rules.py` has them all.
"""

import numpy as np

from numbanet.checks import as_count, as_number
from numbanet.dtypes import is_float
from numbanet.errors import ArgumentError, DTypeError, NotBuiltError, ShapeError
from numbanet.kernels.arrays import to_host
from numbanet.kernels.copies import contiguous
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import optimize as loops
from numbanet.kernels.memory import device_of, placed
from numbanet.ops.creation import full_like
from numbanet.optimizers import clipping, schedules
from numbanet.registry import describe
from numbanet.tensor import Tensor, beside
from numbanet.trace import active as tracing
from numbanet.variable import Variable

_decay = Kernel(loops.decay, cost=0.15)


class Optimizer:
    """Base class: changes Variables along their gradients.

    Subclass it with `update`, and with `slots` and `numbers` where the rule needs them.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        Or any function from the number of updates so far to a float.
    weight_decay : float, optional
        Before every update, `w -= learning_rate * weight_decay * w`.
    clipnorm, clipvalue, global_clipnorm : float, optional
        At most one: the largest norm of each gradient, the largest element, the largest norm of all gradients together.

    Raises
    ------
    ArgumentError
        When a number is negative or not finite, or more than one way of clipping is given.

    References
    ----------
    Loshchilov and Hutter: Decoupled Weight Decay Regularization, 2017, arXiv:1711.05101. Keras 3, `BaseOptimizer`.

    Examples
    --------
    >>> import numbanet as nn
    >>> class SignDescent(nn.optimizers.Optimizer):
    ...     def update(self, w, g, state, rate):
    ...         w -= rate * (g > 0) - rate * (g < 0)
    >>> w = nn.Variable([1.0, 2.0])
    >>> SignDescent(0.5).apply_gradients([([3.0, -4.0], w)])
    1
    >>> w
    Variable([0.5, 2.5], shape=(2,), dtype=float32)
    """

    followed_by_replay = ("_rate", "_state", "_variables", "iterations", "schedule")
    """What a replayed step asks for again, or writes itself: no snapshot looks at it."""
    first_state = 0.0
    """What the state arrays are filled with at first."""

    def __init__(self, learning_rate, *, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None):
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        if sum(limit is not None for limit in clips.values()) > 1:
            raise ArgumentError(f"{type(self).__name__}: at most one of clipnorm, clipvalue, global_clipnorm: {clips}")
        self._clips = {k: None if v is None else as_number(k, v, positive=True) for k, v in clips.items()}
        self.weight_decay = None if weight_decay is None else as_number("weight_decay", weight_decay, low=0)
        self.learning_rate = learning_rate
        self.iterations = 0
        self._variables = []
        self._state = {}
        self._start = {}

    @property
    def learning_rate(self):
        """The rate of the next update, a float. Assign a number or a schedule."""
        return self._rate_at(self.iterations)

    @learning_rate.setter
    def learning_rate(self, value):
        self.schedule = schedules.get(value) if callable(value) or isinstance(value, dict) else None
        self._rate = None if self.schedule else as_number("learning_rate", value, low=0)

    def _rate_at(self, iterations):
        rate = self.schedule(iterations) if self.schedule else self._rate
        return as_number("learning_rate", rate, low=0)

    @property
    def variables(self):
        """The Variables that it was built for, a list."""
        return list(self._variables)

    @property
    def built(self):
        """Whether there is state for variables already."""
        return bool(self._variables)

    def knows(self, variables):
        """Whether there is state for all of these variables."""
        return all(id(variable) in self._state for variable in variables)

    def slots(self):
        """The names of the state arrays that every variable needs, a tuple of str."""
        return ()

    def numbers(self, rate, step):
        """What all variables of one step share: floats that `update` gets at its end.

        Parameters
        ----------
        rate : float
            The learning rate.
        step : int
            1 for the first update.

        Returns
        -------
        tuple of float
        """
        return (rate,)

    def update(self, w, g, state, *numbers):
        """The rule, for one variable.

        Parameters
        ----------
        w, g : numpy.ndarray
            Weights, to be changed in place, and gradient: flat, contiguous, of the variable's dtype.
        state : list of numpy.ndarray
            One flat array per name of `slots`, to be changed in place.
        *numbers : float
            What `numbers` returned.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update(w, g, state, rate)")

    def build(self, variables):
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

    def extend(self, variables):
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
                raise DTypeError(f"{type(self).__name__}: {_label(variable)} is {variable.dtype}, not floating")
        for variable in new:
            self._state[id(variable)] = [full_like(variable, self.first_state)._array for _ in self.slots()]
            self._start[id(variable)] = self.iterations
        self._variables = [*self._variables, *new]

    def start_of(self, variable):
        """How many updates there were before the first one of `variable`."""
        return self._start[id(variable)]

    def starts(self, variables):
        """The different starts of variables, in order: `step_numbers` has numbers for each."""
        return sorted({self._start[id(variable)] for variable in variables}) or [0]

    def follow(self):
        """Move the state to where its variables are, as every update does after these were moved."""
        moved = {}
        for variable in self._variables:
            state = self._state[id(variable)]
            if any(Tensor(array).device != variable.device for array in state):
                moved[id(variable)] = [Tensor(array).to_device(variable.device)._array for array in state]
        self._state.update(moved)

    def __getstate__(self):
        by_id = ("_state", "_start")
        return vars(self) | {name: [getattr(self, name)[id(one)] for one in self._variables] for name in by_id}

    def __setstate__(self, state):
        vars(self).update({"_start": [0] * len(state["_variables"])} | state)  # version 0.1.0 had no starts
        self._state = {id(variable): one for variable, one in zip(self._variables, self._state, strict=True)}
        self._start = {id(variable): one for variable, one in zip(self._variables, self._start, strict=True)}

    def apply_gradients(self, grads_and_vars):
        """Update variables, once.

        Parameters
        ----------
        grads_and_vars : iterable of (gradient, Variable)
            `zip(gradients, variables)`; each gradient, a Tensor or array, has the shape of its variable.

        Returns
        -------
        int
            How many updates there were so far.

        Raises
        ------
        ArgumentError
            When a gradient is None, or a variable is unknown to an optimizer that is built. Nothing has changed then.
        ShapeError
            When a gradient has another shape than its variable. Nothing has changed then.
        """
        pairs = list(grads_and_vars)
        if tracing.trace is not None:
            tracing.trace.record_update(self, pairs)
            return self.iterations + 1
        variables = [variable for _, variable in pairs]
        gradients = [self._checked(gradient, variable) for gradient, variable in pairs]
        if not pairs:
            return self.iterations
        rate = self.learning_rate
        if not self.built:
            self.build(variables)
        self.follow()
        step = self.iterations + 1
        numbers = {start: self.numbers(rate, step - start) for start in self.starts(variables)}
        with placed(device_of("apply_gradients", gradients)):
            gradients = self.clipped(gradients)
            values = [variable._array.copy() for variable in variables]  # all memory first: no half of an update
            for gradient, variable, new in zip(gradients, variables, values, strict=True):
                own = numbers[self._start[id(variable)]]
                self.update_array(variable, new.reshape(-1), gradient.reshape(-1), rate, own)
        for variable, new in zip(variables, values, strict=True):
            variable.replace(new)
        self.iterations = step
        return step

    def _checked(self, gradient, variable):
        """`gradient` as an array for `variable`, or an error."""
        if not isinstance(variable, Variable):
            raise ArgumentError(f"apply_gradients: needs (gradient, Variable) pairs, got {type(variable).__name__}")
        if gradient is None:
            raise ArgumentError(f"apply_gradients: the gradient of {_label(variable)} is None")
        if self.built and id(variable) not in self._state:
            raise ArgumentError(
                f"apply_gradients: {_label(variable)} is unknown to this {type(self).__name__}, which was built for "
                f"{len(self._variables)} others; make a new optimizer, or build it with all variables first"
            )
        array = beside(variable, gradient).astype(variable.dtype)._array
        if array.shape != variable.shape:
            raise ShapeError(
                f"apply_gradients: {_label(variable)} has shape {variable.shape}, its gradient {array.shape}"
            )
        with placed(device_of("apply_gradients", [array, variable._array])):
            return contiguous(array)

    def clipped(self, gradients):
        """Gradients, contiguous arrays, after the clipping that was asked for."""
        for name, clip in clipping.RULES.items():
            if self._clips[name] is not None:
                return clip(gradients, self._clips[name])
        return gradients

    def update_array(self, variable, w, g, rate, numbers):
        """Weight decay and the rule, on flat arrays; `w` is changed in place."""
        if self.weight_decay:
            _decay(w.size, w, rate * self.weight_decay)
        state = [array.reshape(-1) for array in self._state[id(variable)]]
        self.update(w, g, state, *numbers)

    def numbers_of_steps(self, first, count, starts=(0,)):
        """`step_numbers` of `count` updates from the one numbered `first`, an array (count, numbers)."""
        if self.schedule is None and type(self).numbers is Optimizer.numbers:  # the same for all: asked once
            return np.tile(self.step_numbers(first, starts), (count, 1))
        return np.array([self.step_numbers(first + i, starts) for i in range(count)])

    @property
    def replayable(self):
        """Whether `update` is made of kernel launches alone, which its class says of it: one of your own is not."""
        owner = next(kind for kind in type(self).__mro__ if "update" in vars(kind))
        return vars(owner).get("rule_is_launches") is True

    def step_numbers(self, step, starts=(0,)):
        """What changes from update to update: the learning rate of update `step`, and what `numbers` makes of it.

        Those of variables whose first update was another one come after those of the start before.
        """
        rate = self._rate_at(step - 1)
        return rate, *[number for start in starts for number in self.numbers(rate, step - start)]

    def state(self):
        """Everything that it remembers, for saving.

        Returns
        -------
        list of (str, numpy.ndarray)
            `("iterations", …)`, and copies of the state arrays under `"<number of the variable>/<slot>"`. Variables
            that joined later have a number `"<number of the variable>/start"`.
        """
        arrays = [("iterations", np.asarray(self.iterations, np.int64))]
        for position, variable in enumerate(self._variables):
            for slot, array in zip(self.slots(), self._state[id(variable)], strict=True):
                arrays.append((f"{position}/{slot}", to_host(array.copy())))
            if self._start[id(variable)]:
                arrays.append((f"{position}/start", np.asarray(self._start[id(variable)], np.int64)))
        return arrays

    def load_state(self, arrays):
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
        arrays = {name: np.asarray(array) for name, array in dict(arrays).items()}
        mine = dict(self.state())
        for position in range(len(self._variables)):
            mine.pop(f"{position}/start", None)
        starts = {name: arrays.pop(name) for name in [*arrays] if name.endswith("/start")}
        if arrays.keys() != mine.keys():
            raise ArgumentError(f"{type(self).__name__}.load_state: needs {sorted(mine)}, got {sorted(arrays)}")
        for name, array in arrays.items():
            if array.shape != mine[name].shape:
                raise ShapeError(f"load_state: {name} has shape {array.shape}, needs {mine[name].shape}")
            if not np.can_cast(array.dtype, mine[name].dtype, "same_kind"):
                raise DTypeError(f"load_state: {name} has dtype {array.dtype}, needs {mine[name].dtype}")
        if not {*starts} <= {f"{position}/start" for position in range(len(self._variables))}:
            raise ArgumentError(f"{type(self).__name__}.load_state: there are no variables for {sorted(starts)}")
        counts = {name: as_count(name, array.item()) for name, array in starts.items()}
        self.iterations = as_count("iterations", arrays["iterations"].item())
        for position, variable in enumerate(self._variables):
            self._start[id(variable)] = counts.get(f"{position}/start", 0)
            for slot, array in zip(self.slots(), self._state[id(variable)], strict=True):
                array[...] = arrays[f"{position}/{slot}"]

    def get_config(self):
        """The arguments that make an equal optimizer without its state: a dict for JSON."""
        rate = describe(self.schedule) if self.schedule else self._rate
        return {"learning_rate": rate, "weight_decay": self.weight_decay, **self._clips}

    @classmethod
    def from_config(cls, config):
        """The optimizer that `get_config` described."""
        return cls(**config)

    def __repr__(self):
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items() if value is not None)
        return f"{type(self).__name__}({given})"


def _label(variable):
    return f"the variable {variable.name!r}" if variable.name else f"a variable of shape {variable.shape}"
