"""What every optimizer does around its rule: learning rate, clipping, weight decay, state, saving.

A rule sees one variable at a time as flat arrays, and writes its new values into another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numbanet.core.checks import as_number
from numbanet.core.context import context
from numbanet.core.hooks import computes_as_ours
from numbanet.core.names import BASES
from numbanet.core.registry import describe
from numbanet.errors import ArgumentError, ShapeError
from numbanet.kernels.memory import device_of, placed
from numbanet.launching.copies import contiguous
from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers import averages, clipping, lazy
from numbanet.optimizers.constrained import constrained
from numbanet.optimizers.numbering import Numbered
from numbanet.optimizers.settings import FORMER, decay_rate, flag, fraction
from numbanet.optimizers.state import label
from numbanet.tensor.listeners import Told, refuse, untraced
from numbanet.tensor.tensor import Tensor, beside
from numbanet.tensor.variable import Variable
from numbanet.typing import Array, Config, Integer, Rate, Real

_decay = Kernel(loops.decay, cost=0.15)
_OPTIONS = {
    "sparse_update": "exact",
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "gradient_accumulation_steps": None,
}
"""Settings that are described if they are others than these: rules of your own may not know of them."""


def _flat(array):
    """A contiguous array in one dimension."""
    return array if array.ndim == 1 else array.reshape(-1)


def _fits(array, held):
    """Whether a gradient can be used as it lies: most can, and need no look at devices."""
    alike = type(array) is type(held) and array.dtype is held.dtype and array.shape == held.shape
    return alike and array.flags.c_contiguous


class Optimizer(Numbered):
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
    sparse_update : {"exact", "lazy"}
        What happens to weights that are multiplied by sparse rows, and to tables in which a step looks up rows, as
        `Embedding` and `nn.take` do. "exact" is the rule as it stands. "lazy" updates, of each such weight, only the
        rows that the batch has columns for, or that were looked up; the others are neither read nor written, which is
        another rule: their momentum, their averages and their weight decay stand still until their next gradient,
        which then meets a state that is older than it would be. Without momentum, averages or decay, as in `SGD(0.1)`
        and `Adagrad()`, nothing differs; for tables, such an SGD goes from row to row in both cases. Counts of
        updates, as in the bias correction of Adam, go on for all rows. Clipping is the same, since the norm of a
        gradient does not change. All other weights are updated as always. On the CPU alone, and not with `use_ema` or
        `gradient_accumulation_steps`.
    use_ema : bool
        Whether to keep an average of the weights: after every update,
        `average = ema_momentum * average + (1 - ema_momentum) * w`, and after the first one `average = w`. At the end
        of `fit`, the weights become their averages.
    ema_momentum : float
        From 0 to 1: how much of the averages stays.
    ema_overwrite_frequency : int, optional
        After how many updates the weights become their averages while training goes on; None for never.
    gradient_accumulation_steps : int, optional
        At least 2: so many gradients, one after the other, are added up, and their mean is applied as one, after which
        `iterations` is one more. Averages of weights move on with every gradient, as in Keras.

    Raises
    ------
    ArgumentError
        When a number is negative or not finite, more than one way of clipping is given, or `sparse_update` is something
        else. `gradient_accumulation_steps` cannot be changed once there is state. An update raises it when it cannot be
        lazy: when no gradient comes from sparse rows or a lookup, when that of a weight comes from something else as
        well, such as a penalty or a second lookup, or when the rule is not one of numbanet's own.

    References
    ----------
    Loshchilov and Hutter: Decoupled Weight Decay Regularization, 2017, arXiv:1711.05101. Keras 3, `BaseOptimizer`.
    Lazy updates: PyTorch, `SparseAdam`; TensorFlow Addons, `LazyAdam`.

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

    followed_by_replay: ClassVar[tuple[str, ...]] = (
        "_iterations",
        "_rate",
        "_slots",
        "_start",
        "_state",
        "_variables",
        "holds_averages",
        "schedule",
    )
    """What a replayed step asks for again, or writes itself: no snapshot looks at it."""
    _former = FORMER
    rule_is_launches = False
    weight_decay: float | None
    sparse_update: str = "exact"
    ema_momentum: float = 0.99
    ema_overwrite_frequency: int | None = None
    settings: ClassVar[dict[str, Callable]] = {
        "weight_decay": decay_rate,
        "sparse_update": lazy.way,
        "use_ema": flag,
        "ema_momentum": fraction,
        "ema_overwrite_frequency": averages.frequency,
    }
    """From the name of a setting to `check(name, value)`: settings may be assigned to at any time, and are checked."""

    clipnorm: Any = clipping.limit("clipnorm")
    clipvalue: Any = clipping.limit("clipvalue")
    global_clipnorm: Any = clipping.limit("global_clipnorm")

    def __init__(
        self,
        learning_rate: Rate,
        *,
        weight_decay: Real | None = None,
        clipnorm: Real | None = None,
        clipvalue: Real | None = None,
        global_clipnorm: Real | None = None,
        sparse_update: str = "exact",
        use_ema: bool = False,
        ema_momentum: Real = 0.99,
        ema_overwrite_frequency: Integer | None = None,
        gradient_accumulation_steps: Integer | None = None,
    ) -> None:
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        if sum(limit is not None for limit in clips.values()) > 1:
            raise ArgumentError(f"{type(self).__name__}: at most one of clipnorm, clipvalue, global_clipnorm: {clips}")
        self._clips = {k: None if v is None else as_number(k, v, positive=True) for k, v in clips.items()}
        self._set(weight_decay=weight_decay, sparse_update=sparse_update)
        self._set(use_ema=use_ema, ema_momentum=ema_momentum, ema_overwrite_frequency=ema_overwrite_frequency)
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.learning_rate = learning_rate
        super().__init__()

    if not TYPE_CHECKING:  # to a type checker an attribute that there is not is an error, as it is here

        def __setattr__(self, name, value):
            check = type(self).settings.get(name)
            super().__setattr__(name, value if check is None else check(name, value))

    if TYPE_CHECKING:  # a rule may name its numbers

        def update(self, *args: Any, **kwargs: Any) -> None:
            """Change the weights."""

    else:

        def update(self, w, g, state, *numbers):
            """Apply the rule to one variable.

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

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> int:
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
        trace = context.trace
        if trace is None:
            return self._apply(pairs)
        if trace.puts_off:
            trace.record_update(self, pairs, lazy.touched_of(self, pairs))
            return Told(self.updates(self._iterations + bool(pairs)))
        with untraced():
            return Told(self._apply(pairs, trace.record_update))

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable]) -> int:
        """Update variables, once; as `apply_gradients(zip(grads, trainable_variables))`.

        Parameters
        ----------
        grads : iterable of Tensor or array
        trainable_variables : iterable of Variable
            As many as gradients.

        Returns
        -------
        int
            How many updates there were so far.

        Raises
        ------
        ArgumentError
            When there are not as many gradients as variables; and as `apply_gradients` does.
        """
        given, variables = list(grads), list(trainable_variables)
        if len(given) != len(variables):
            raise ArgumentError(f"apply: {len(given)} gradients do not fit {len(variables)} variables")
        return self.apply_gradients(zip(given, variables, strict=True))

    def _apply(self, pairs, tell=None):
        """Give the variables their new values, all of them or none; `tell(self, pairs, touched)` is called before."""
        variables = [variable for _, variable in pairs]
        gradients = [self._checked(gradient, variable) for gradient, variable in pairs]
        if not pairs:
            return self.updates(self._iterations)
        touched = lazy.touched_of(self, pairs)
        call = self._iterations + 1
        before, after = self.updates(call - 1), self.updates(call)
        rate = self._rate_at(before)
        if not self._variables:
            self.build(variables)
        self.follow()
        if tell is not None:
            tell(self, pairs, touched)
        numbers = {start: self.numbers_of(rate, call, start) for start in self.starts(variables)}
        with placed(device_of("apply_gradients", gradients)):
            values = [variable._array.copy() for variable in variables]  # all memory first: no half of an update
            own = [numbers[self._start[id(variable)]] for variable in variables]
            if self._every:
                gradients = averages.sums(self, variables, gradients, own[0])
            if after > before:
                gradients = self.clipped(gradients)
                for variable, new, gradient, some, its in zip(variables, values, gradients, touched, own, strict=True):
                    if some is None:
                        self.update_array(variable, _flat(new), _flat(gradient), rate, its)
                    else:
                        lazy.update_some(self, variable, new, gradient, rate, its, some)
            if self.use_ema:
                for variable, new, its in zip(variables, values, own, strict=True):
                    averages.follow(self, variable, _flat(new), its)
        if any(variable._constraint for variable in variables):
            values = [constrained(variable, new) for variable, new in zip(variables, values, strict=True)]
        for variable, new in zip(variables, values, strict=True):
            variable.replace(new)
        self.has_made(call)
        return after

    def _checked(self, gradient, variable):
        """Return `gradient` as an array for `variable`, or an error."""
        if not isinstance(variable, Variable):
            raise ArgumentError(f"apply_gradients: needs (gradient, Variable) pairs, got {type(variable).__name__}")
        if gradient is None:
            raise ArgumentError(f"apply_gradients: the gradient of {label(variable)} is None")
        if self.built and id(variable) not in self._state:
            raise ArgumentError(
                f"apply_gradients: {label(variable)} is unknown to this {type(self).__name__}, which was built for "
                f"{len(self._variables)} others; make a new optimizer, or build it with all variables first"
            )
        if type(gradient) is Tensor and _fits(gradient._array, variable._array):
            return gradient._array
        array = beside(variable, gradient).astype(variable.dtype)._array
        if array.shape != variable.shape:
            raise ShapeError(
                f"apply_gradients: {label(variable)} has shape {variable.shape}, its gradient {array.shape}"
            )
        with placed(device_of("apply_gradients", [array, variable._array])):
            return contiguous(array)

    def clipped(self, gradients: list[Any]) -> list[Any]:
        """Return gradients, contiguous arrays, after the clipping that was asked for."""
        for name, clip in clipping.RULES.items():
            if self._clips[name] is not None:
                return clip(gradients, self._clips[name])
        return gradients

    def update_array(self, variable: Variable, w: Array, g: Array, rate: float, numbers: Sequence[float]) -> None:
        """Apply weight decay and the rule to flat arrays; `w` is changed in place."""
        self.apply_rule(variable, w, g, [_flat(array) for array in self._state[id(variable)]], rate, numbers)

    def apply_rule(
        self, variable: Variable, w: Array, g: Array, state: list[Array], rate: float, numbers: Sequence[float]
    ) -> None:
        """Apply weight decay and the rule to flat arrays of weights, gradients and state, `w` and `state` in place."""
        if self.weight_decay and self.decays(variable):
            _decay(w.size, w, rate * self.weight_decay)
        if self.use_ema or self._every:
            state, numbers = averages.of_the_rule(self, state, numbers)
        self.update(w, g, state, *numbers)

    @property
    def zeros_change_nothing(self) -> bool:
        """Whether an update leaves all elements and their state as they are, to the byte, whose gradient is 0.0."""
        return False

    @property
    def replayable(self) -> bool:
        """Whether an update consists of kernel launches alone.

        numbanet's own rules say so of themselves. A class of your own inherits that unless it defines more than how it
        is made and described: any method or attribute may be part of the rule.
        """
        replaced = any(callable(getattr(Optimizer, name, None)) for name in vars(self))
        return self.rule_is_launches and not replaced and computes_as_ours(type(self))

    def average_of(self, variable: Variable) -> Tensor:
        """Return the average of the values of a variable; ArgumentError where there is none."""
        if not self.use_ema or not self.knows([variable]):
            raise ArgumentError(f"{type(self).__name__} keeps no average of {label(variable)}; give use_ema=True")
        self.follow()
        return Tensor(self.array_of(variable, averages.AVERAGE).copy())

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """With `use_ema`, have variables become their averages; `fit` does so at its end.

        Parameters
        ----------
        var_list : list of Variable
            Those that have been updated.
        """
        if self.use_ema and self.built:
            averages.finalize(self, list(var_list))

    def get_config(self) -> Config:
        """Return the arguments that make an equal optimizer without its state: a dict for JSON."""
        refuse("the settings of an optimizer are read in Python")
        rate = describe(self.schedule, f"the schedule of {type(self).__name__}") if self.schedule else self._rate
        own = {name: getattr(self, name) for name in _OPTIONS if getattr(self, name) != _OPTIONS[name]}
        if self.excluded_names:
            own["exclude_from_weight_decay"] = list(self.excluded_names)
        return {"learning_rate": rate, "weight_decay": self.weight_decay, **own, **self._clips}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Return the optimizer that `get_config` described."""
        excluded = config.get("exclude_from_weight_decay")
        optimizer = cls(**{name: value for name, value in config.items() if name != "exclude_from_weight_decay"})
        if excluded:
            optimizer.exclude_from_weight_decay(var_names=excluded)
        return optimizer

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items() if value is not None)
        return f"{type(self).__name__}({given})"


BASES.append(Optimizer)
