"""The tape: ops are written down as they run, and read backwards for the gradient.

An entry is `(op, inputs, params, output)`. Entries are in the order in which they ran, so reading them backwards visits
every output before its inputs: reverse-mode differentiation (Griewank and Walther: Evaluating Derivatives, chapter 3)
is one loop, without recursion or sorting. Tensors know nothing of tapes; when a tape goes, its memory goes.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from numbanet.autodiff.backward import backward
from numbanet.autodiff.connections import reached_from, why_unconnected
from numbanet.core.checks import as_choice, as_flag
from numbanet.core.context import Listener, context, ignore, listen
from numbanet.core.dtypes import is_float
from numbanet.core.structures import flatten, restructure
from numbanet.core.table import Op
from numbanet.errors import ArgumentError, GradientError
from numbanet.tensor.foreign import is_sparse, sparse_gradient
from numbanet.tensor.witness import write_to
from numbanet.typing import Sources

_CLAIM = "gradient: the target depends on none of the sources"


class GradientTape(Listener):
    """Records ops on tensors, for differentiation.

    Trainable variables are watched as soon as they are read; tensors are watched by `watch`. Tapes nest: an outer tape
    records what `gradient` of an inner one computes, which gives second derivatives.

    Parameters
    ----------
    persistent : bool
        Keep the records after `gradient`, so that it can be called again.
    watch_accessed_variables : bool
        Watch trainable variables without being told.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.Variable(3.0)
    >>> with nn.GradientTape() as tape:
    ...     y = x * x + 2 * x
    >>> tape.gradient(y, x)
    Tensor(8., shape=(), dtype=float32)
    """

    __slots__ = (
        "__dict__", "__weakref__", "_cut", "_cuts", "_entries", "_persistent", "_reads", "_tracked", "_used",
        "_variables", "_watch_accessed_variables", "_watched",
    )  # fmt: skip

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        if not type(persistent) is type(watch_accessed_variables) is bool:
            persistent = as_flag("GradientTape: persistent", persistent)
            watch_accessed_variables = as_flag("GradientTape: watch_accessed_variables", watch_accessed_variables)
        self._persistent, self._watch_accessed_variables = persistent, watch_accessed_variables
        self._entries: list[Any] = []
        self._tracked: set[int] = set()
        self._cuts: list[Any] = []
        self._cut: set[int] = set()
        self._reads: list[str] = []
        self._variables: dict[int, Any] = {}
        self._watched: list[Any] = []
        self._used = False

    def __enter__(self) -> Self:
        listen(self)
        return self

    def __exit__(self, *exception: object) -> None:
        ignore(self)

    def record(self, op: Op, inputs: Any, params: Any, output: Any) -> None:
        """Write an op down if one of its inputs is tracked; what has no derivative is kept apart, to explain it."""
        tracked = self._tracked
        for tensor in inputs:
            if id(tensor) in tracked:
                if op.vjp is not None and output._array.dtype.kind == "f":
                    tracked.add(id(output))
                    self._entries.append((op, inputs, params, output))
                else:
                    self._record_cut(op, inputs, params, output)
                return
        if self._cut and any(id(tensor) in self._cut for tensor in inputs):
            self._record_cut(op, inputs, params, output)

    def _record_cut(self, op, inputs, params, output):
        self._cut.add(id(output))
        self._cuts.append((op, inputs, params, output))

    def record_read(self, x: Any, what: str) -> None:
        """The values of a tensor or variable are read, which is where recording ends: remember how, to explain it."""
        if what not in self._reads and self.follows(x):
            self._reads.append(what)

    def record_variable(self, variable: Any, tensor: Any) -> None:
        """A variable was read while it held `tensor`: watch it if that is wanted."""
        if id(tensor) in self._tracked and id(variable) in self._variables:
            return
        if variable.trainable and self._watch_accessed_variables:
            self._watch_variable(variable)
        if id(variable) in self._variables:
            self._note_value(variable, tensor)

    def watch(self, source: Sources) -> None:
        """Follow what is computed from `source`.

        Parameters
        ----------
        source : Tensor, Variable, or a list, tuple or dict of them
            Of a floating dtype.

        Raises
        ------
        GradientError
            When a source is not of a floating dtype, or is neither a Tensor nor a Variable.
        """
        for one in flatten(source):
            check_source(one)
            if hasattr(one, "trainable"):
                self._watch_variable(one)
                self._note_value(one, one._tensor)
            else:
                self._track(one)

    def follows(self, x: Any) -> bool:
        """Whether the gradient of what is computed from a tensor or variable is known here."""
        if hasattr(x, "trainable"):
            return id(x) in self._variables or (x.trainable and self._watch_accessed_variables and is_float(x.dtype))
        return id(x) in self._tracked

    def _track(self, tensor):
        if id(tensor) not in self._tracked:
            self._tracked.add(id(tensor))
            self._watched.append(tensor)  # keeps it alive, so that its id stays its own

    def _watch_variable(self, variable):
        if is_float(variable.dtype):
            self._variables.setdefault(id(variable), (variable, []))

    def _note_value(self, variable, tensor):
        values = self._variables[id(variable)][1]
        if not any(tensor is value for value in values):
            values.append(tensor)
            self._track(tensor)

    def gradient(
        self,
        target: Sources,
        sources: Any,
        output_gradients: Any = None,
        unconnected: Literal["zero", "raise"] = "zero",
    ) -> Any:
        """The derivative of the sum of `target` (weighted by `output_gradients`) by each source.

        Parameters
        ----------
        target : Tensor, or a list or tuple of them
            What was computed while the tape was open.
        sources : Tensor, Variable, or a list, tuple or dict of them
        output_gradients : array-like, or a list of them, optional
            One of the shape of each target; ones when not given.
        unconnected : {"zero", "raise"}
            What to do with a source on which the target does not depend, while it depends on others.

        Returns
        -------
        Tensor, or the structure of `sources`
            Each of the shape and dtype of its source.

        Raises
        ------
        GradientError
            When the tape is used up, a source was never watched, or is unconnected and `unconnected` is "raise"; always
            when the target depends on none of the sources.
        """
        return self.differentiate(_CLAIM, target, sources, output_gradients, unconnected)

    def differentiate(
        self,
        claim: str,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected: str = "zero",
        constant: str = "raise",
    ) -> Any:
        """What `gradient` does, for a caller of another name.

        `claim` begins the message about a target that depends on none of the sources. With `constant="zero"` such a
        target has gradients of zeros, unless it is evidently a mistake; with "ignore" it always has.
        """
        as_choice("gradient: unconnected", unconnected, ("zero", "raise"))
        if self._used:
            raise GradientError("gradient: this tape is used up; GradientTape(persistent=True) can be asked again")
        flat = flatten(sources)
        for source in flat:
            check_source(source)
        outer, context.listeners = context.listeners, tuple(one for one in context.listeners if one is not self)
        try:
            found = self._differentiate(claim, target, flat, output_gradients, unconnected, constant)
            if context.listeners:
                found = [_tied(g, [*_targets(target), *flat]) for g in found]
        finally:
            context.listeners = outer
        if not self._persistent:
            self._used = True
            self._release()
        return restructure(sources, iter(found))

    def _differentiate(self, claim, target, sources, output_gradients, unconnected, constant):
        values = [self._values_of(source) for source in sources]
        wanted = {id(tensor) for tensors in values for tensor in tensors}
        gradients = backward(self._entries, _seeds(target, output_gradients), wanted)
        if sources and constant != "ignore" and wanted.isdisjoint(gradients):
            self._raise_unconnected(claim, target, sources, wanted, constant)
        found = []
        for source, tensors in zip(sources, values, strict=True):
            total = None
            for tensor in tensors:
                g = gradients.get(id(tensor))
                if g is not None:
                    total = g if total is None else total + g
            if total is None:
                if unconnected == "raise":
                    raise GradientError(f"gradient: the target does not depend on the source {source!r}")
                total = source.zeros_like()
            found.append(total)
        return found

    def _raise_unconnected(self, claim, target, sources, wanted, constant):
        targets = {id(tensor) for tensor in _targets(target)}
        why, mistake = why_unconnected(self._entries, self._cuts, wanted, targets, self._reads)
        if any(hasattr(source, "trainable") and not self.follows(source) for source in sources):
            why = "a variable that is not trainable is followed only if it is given to tape.watch"
        if mistake or constant == "raise":
            raise GradientError(f"{claim}: {why}")

    def check_connected(self, claim: str, targets: Any, sources: Any) -> None:
        """Raise GradientError if none of `targets` depends on any of `sources`, and that is evidently a mistake."""
        flat = flatten(sources)
        wanted = {id(tensor) for source in flat for tensor in self._values_of(source)}
        reached = reached_from(wanted, self._entries)
        if wanted and not any(id(tensor) in reached for tensor in _targets(targets)):
            self._raise_unconnected(claim, targets, flat, wanted, "zero")

    def _values_of(self, source):
        if hasattr(source, "trainable"):
            return self._variables.get(id(source), (source, ()))[1]
        if id(source) not in self._tracked:
            raise GradientError(
                f"gradient: the source {source!r} was not watched; call tape.watch(x) before it is used, "
                "or make it a Variable"
            )
        return (source,)

    def _release(self):
        self._entries, self._watched, self._variables, self._tracked = [], [], {}, set()
        self._cuts, self._cut, self._reads = [], set(), []


write_to(GradientTape)

_CONSTANT = Op(
    "derivative",
    lambda g, *_: g,
    forward=lambda g, *_: g,
    vjp=lambda i, g, y, *inputs: g if i == 0 else inputs[i].zeros_like(),
    recordable=True,
)


def _tied(gradient, dependencies):
    """A gradient as a function of what it is a derivative of and by, for the tapes outside.

    The derivative of something linear is a constant, and the derivative of that is zero: mathematics, and no mistake.
    """
    tapes = [one for one in context.listeners if isinstance(one, GradientTape)]
    plain = [getattr(x, "_tensor", x) for x in dependencies] if tapes else ()
    if not any(not tape.follows(gradient) and any(map(tape.follows, plain)) for tape in tapes):
        return gradient
    output = type(gradient)(gradient._array)
    for listener in context.listeners:
        listener.record(_CONSTANT, (gradient, *plain), {}, output)
    return output


def _targets(target):
    """The Tensors of a target, which may be a Variable, or a structure of them."""
    return [getattr(one, "_tensor", one) for one in flatten(target)]


def _seeds(target, output_gradients):
    targets = flatten(target)
    for tensor in targets:
        if not hasattr(tensor, "ones_like"):
            raise GradientError(
                f"gradient: the target is of type {type(tensor).__name__}, not a Tensor: nothing is recorded of what "
                "NumPy and Python compute; use functions of numbanet"
            )
    if output_gradients is None:
        seeds = [tensor.ones_like() for tensor in targets]
    else:
        given = output_gradients if isinstance(target, (list, tuple, dict)) else [output_gradients]
        given = list(given.values()) if isinstance(given, dict) else list(given)
        if len(given) != len(targets):
            raise ArgumentError(f"gradient: {len(targets)} targets need as many output_gradients, got {len(given)}")
        seeds = [tensor.like(g, "output_gradients") for tensor, g in zip(targets, given, strict=True)]
    for tensor in targets:
        if not is_float(tensor.dtype):
            raise GradientError(f"gradient: the target has dtype {tensor.dtype}; only floating dtypes have gradients")
    return [(getattr(tensor, "_tensor", tensor), seed) for tensor, seed in zip(targets, seeds, strict=True)]


def check_source(source):
    """Raise GradientError unless `source` is a Tensor or Variable of a floating dtype."""
    if not hasattr(source, "zeros_like"):
        if is_sparse(source):
            raise sparse_gradient(source)
        raise GradientError(f"gradient: a source is a Tensor or a Variable, got {type(source).__name__}")
    if not is_float(source.dtype):
        raise GradientError(f"gradient: a source of dtype {source.dtype} has no gradient; use a floating dtype")
