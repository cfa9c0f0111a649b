"""`nn.function`: a Python function of tensors, recorded once two calls have done the same, then replayed."""

from __future__ import annotations

import functools
import inspect
import threading
import warnings
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from numbanet.core.context import context, undisturbed
from numbanet.core.settings import config
from numbanet.errors import ArgumentError, NotNeededWarning
from numbanet.graph.calls import Arguments
from numbanet.graph.checking import both, first_difference
from numbanet.graph.explain import print_calls
from numbanet.graph.outcome import Eager, Pending, Replay
from numbanet.graph.recorded import check_same
from numbanet.graph.replay import ReplayedCall
from numbanet.graph.watched import Watched
from numbanet.kernels.recording import CannotRecord

MOST_CALLS = 16
"""How many kinds of calls one function remembers: combinations of shapes, dtypes and other arguments."""

_CALLED_ONCE = Pending("it was called once so far")


P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")


@overload
def function(f: Callable[P, R]) -> Function[P, R]: ...
@overload
def function(
    f: None = None, *, jit_compile: Any = None, input_signature: Any = None, reduce_retracing: Any = None
) -> Callable[[Callable[P, R]], Function[P, R]]: ...
def function(
    f: Callable[..., Any] | None = None,
    *,
    jit_compile: Any = None,
    input_signature: Any = None,
    reduce_retracing: Any = None,
) -> Any:
    """Make a Program of a Python function of tensors, such as a training step: the same results, without Python.

    The first call with tensors of some shapes and dtypes runs `f` eagerly. So do the second and the third, under a
    trace; if both did the same, later calls replay what was recorded. Tensors and NumPy arrays among the arguments,
    also in lists, tuples and dicts, may have different values in every call, and `f` gets them as tensors; variables
    are read, updated by optimizers and assigned to as usual. All other arguments count by value: numbers by type and
    bits, objects by identity and attributes. A call that differs in these is another kind of call, and is recorded
    separately; so is one in which different arguments are the same tensor.

    Globals, closures, and what NumPy computes in `f` keep the values that they had when the call was recorded, as in
    `jax.jit`. (NumPy arrays that are passed directly to numbanet's functions are read again in every call.) What `f`
    does in Python, such as `print`, is not repeated. `nn.config.check_replay = True` runs every call both ways and
    raises at the first difference: use it to see whether a function relies on something that changes.

    Functions that cannot be replayed run eagerly in every call, with the same results: those that look at values, draw
    random numbers other than through layers, read or assign to a variable after an optimizer has updated it, work in
    NumPy, select by a boolean mask, or change something in Python, such as a list or an attribute (a counter that is a
    Variable is replayed). `explain()` says which and why; the page on numerics lists the operations.

    Under an open `GradientTape`, and while another thread replays it, the function runs eagerly, too.

    Parameters
    ----------
    f : callable, optional
        Returns a tensor, or a list, tuple or dict of tensors and other objects. Without it, a decorator is returned.
    jit_compile, input_signature, reduce_retracing : optional
        Arguments of `tf.function` that are not needed here, as a `NotNeededWarning` says: every recorded call runs in
        compiled code, and is recorded for the shapes and dtypes that it gets.

    Returns
    -------
    Function
        Called like `f`. Its `explain()` prints the Programs, a line per launch.

    Raises
    ------
    ArgumentError
        When `f` cannot be called.

    References
    ----------
    Frostig, Johnson, Leary: Compiling machine learning programs via high-level tracing, SysML 2018.

    Examples
    --------
    >>> import numbanet as nn
    >>> w, optimizer = nn.Variable([1.0, 2.0]), nn.optimizers.SGD(0.1)
    >>> @nn.function
    ... def step(x):
    ...     with nn.GradientTape() as tape:
    ...         loss = nn.sum(w * x)
    ...     optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    ...     return loss
    >>> [round(step(nn.ones(2)).item(), 3) for _ in range(4)]
    [3.0, 2.8, 2.6, 2.4]
    """
    given = {"jit_compile": jit_compile, "input_signature": input_signature, "reduce_retracing": reduce_retracing}
    named = [name for name, value in given.items() if value is not None]
    if named:
        warnings.warn(
            f"nn.function: {' and '.join(named)} need not be given: recorded calls run compiled, for the shapes "
            "and dtypes that they get",
            NotNeededWarning,
            stacklevel=2,
        )
    return Function if f is None else Function(f)


class Function(Generic[P, R]):
    """What `nn.function` makes of a callable."""

    followed_by_replay = ("_calls", "_lock", "_signature", "_takes_names", "_target")

    def __init__(self, f: Callable[P, R]) -> None:
        if not callable(f):
            raise ArgumentError(f"function: needs something that can be called, got {f!r}")
        functools.update_wrapper(self, f)
        self._function: Any = f
        self._calls: dict[Any, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, *args: P.args, **options: P.kwargs) -> R:
        """What the function returns for these arguments."""
        given = Arguments(self._in_order(args, options) if options or self._takes_names else args)
        if context.listeners or not self._lock.acquire(blocking=False):
            return self._target(*given.args)  # a tape or another function records it, or another thread replays it
        try:
            call = self._calls.get(given.kind)
            if type(call) is ReplayedCall:
                if not call.moved:
                    if not call.captures(given.inputs):
                        return self._checked(call, given) if config.check_replay else call.run(given.inputs)
                else:
                    call = self._calls[given.kind] = _CALLED_ONCE
            if call is None:
                self._remember(given.kind, Eager(given.opaque) if given.opaque else _CALLED_ONCE)
            elif type(call) is Pending:
                return self._watched(given, call)
        finally:
            self._lock.release()
        return self._target(*given.args)

    @overload
    def __get__(self, instance: None, owner: Any = None) -> Function[P, R]: ...
    @overload
    def __get__(self: Function[Concatenate[Any, Q], R], instance: object, owner: Any = None) -> Callable[Q, R]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method is called with its instance."""
        return self if instance is None else functools.partial(self, instance)

    @functools.cached_property
    def _signature(self):
        return inspect.signature(self._function)

    @functools.cached_property
    def _takes_names(self):
        """Whether it has keyword-only parameters."""
        try:
            kinds = {one.kind for one in self._signature.parameters.values()}
        except (TypeError, ValueError):  # some built-in functions do not tell
            return False
        return bool(kinds & {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD})

    @functools.cached_property
    def _target(self) -> Any:
        """What is called with the arguments in order."""
        return functools.partial(_with_names, self._function) if self._takes_names else self._function

    def _in_order(self, args, options):
        """The arguments of a call in the places of their parameters; a dict at the end has those that have none."""
        bound = self._signature.bind(*args, **options)
        bound.apply_defaults()
        return (*bound.args, bound.kwargs) if self._takes_names else bound.args

    def _remember(self, kind, call):
        if len(self._calls) >= MOST_CALLS:
            self._calls.pop(next(iter(self._calls)))  # the oldest
        self._calls[kind] = call

    @undisturbed
    def _watched(self, given, earlier):
        """Call the function under a trace; it is recorded if it does what it did under an earlier one."""
        watched = Watched(self._target, given, again=earlier.seen is not None)
        result = watched.call()
        if not watched.aliased:
            self._calls[given.kind] = self._call_after(watched, earlier)
        return result

    @undisturbed
    def _checked(self, call, given):
        """Run a call both ways: the result of the plain one, or ReplayError."""
        watched = Watched(self._target, given, again=False)
        why = functools.partial(first_difference, watched, call.recorded)
        return both(_name_of(self._function), call.recorded, lambda: call.run(given.inputs), watched.call, why)

    def _call_after(self, watched, earlier):
        """What becomes of a kind of call after it was watched."""
        try:
            watched.check()
            account = watched.account()
            if earlier.seen is None:
                return Pending("it was called twice so far", account)
            check_same(earlier.seen, account)
            return ReplayedCall(watched, account)
        except CannotRecord as reason:
            return Eager(str(reason))

    def explain(self) -> None:
        """Print the Programs that are replayed, a line per launch, or why there are none."""
        print_calls(_name_of(self._function), self.calls)

    @property
    def calls(self) -> list[tuple[list[tuple[int, ...]], Pending | Eager | Replay]]:
        """What became of the kinds of calls so far: pairs of the shapes of the tensors, and a Replay or the reason."""
        pairs = []
        for kind, call in self._calls.items():
            shapes = [entry[0] for entry in kind if type(entry) is tuple and type(entry[0]) is tuple]
            pairs.append((shapes, call))
        return pairs


def _with_names(function, *args):
    """Call a function with arguments of which the last is a dict of those that are given by name."""
    return function(*args[:-1], **args[-1])


def _name_of(function):
    return getattr(function, "__name__", "the function")
