"""The tape: ops are written down as they run, and read backwards for the gradient.

An entry is `(op, inputs, params, output)`. Entries are in the order in which they ran, so reading them backwards visits
every output before its inputs: reverse-mode differentiation (Griewank and Walther: Evaluating Derivatives, chapter 3)
is one loop, without recursion or sorting. Tensors know nothing of tapes; when a tape goes, its memory goes.
"""

import threading

from numbanet.dtypes import is_float
from numbanet.errors import ArgumentError, GradientError, NumericError


class _Active(threading.local):
    """What is told of every op that this thread runs: the open tapes, outermost first, and the trace of a step."""

    def __init__(self):
        self.stack: tuple = ()


active = _Active()


class GradientTape:
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

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._entries = []
        self._tracked = set()
        self._variables = {}
        self._watched = []
        self._used = False

    def __enter__(self):
        active.stack = (*active.stack, self)
        return self

    def __exit__(self, *exception):
        active.stack = tuple(tape for tape in active.stack if tape is not self)

    def record(self, op, inputs, params, output):
        """Write an op down if one of its inputs is tracked."""
        tracked = self._tracked
        for tensor in inputs:
            if id(tensor) in tracked:
                tracked.add(id(output))
                self._entries.append((op, inputs, params, output))
                return

    def record_variable(self, variable, tensor):
        """A variable was read while it held `tensor`: watch it if that is wanted."""
        if id(tensor) in self._tracked and id(variable) in self._variables:
            return
        if variable.trainable and self._watch_accessed_variables:
            self._watch_variable(variable)
        if id(variable) in self._variables:
            self._note_value(variable, tensor)

    def watch(self, source):
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

    def gradient(self, target, sources, output_gradients=None, unconnected="zero"):
        """The derivative of the sum of `target` (weighted by `output_gradients`) by each source.

        Parameters
        ----------
        target : Tensor, or a list or tuple of them
            What was computed while the tape was open.
        sources : Tensor, Variable, or a list, tuple or dict of them
        output_gradients : array-like, or a list of them, optional
            One of the shape of each target; ones when not given.
        unconnected : {"zero", "raise"}
            What to do with a source that the target does not depend on.

        Returns
        -------
        Tensor, or the structure of `sources`
            Each of the shape and dtype of its source.

        Raises
        ------
        GradientError
            When the tape is used up, a source was never watched, or is unconnected and `unconnected` is "raise".
        """
        if unconnected not in ("zero", "raise"):
            raise ArgumentError(f"gradient: unconnected must be 'zero' or 'raise', got {unconnected!r}")
        if self._used:
            raise GradientError("gradient: this tape is used up; GradientTape(persistent=True) can be asked again")
        flat = flatten(sources)
        for source in flat:
            check_source(source)
        outer, active.stack = active.stack, tuple(tape for tape in active.stack if tape is not self)
        try:
            found = self._differentiate(target, flat, output_gradients, unconnected)
        finally:
            active.stack = outer
        if not self._persistent:
            self._used = True
            self._release()
        return restructure(sources, iter(found))

    def _differentiate(self, target, sources, output_gradients, unconnected):
        values = [self._values_of(source) for source in sources]
        wanted = {id(tensor) for tensors in values for tensor in tensors}
        gradients = backward(self._entries, _seeds(target, output_gradients), wanted)
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


def backward(entries, seeds, wanted):
    """Read `entries` backwards from the gradients in `seeds`.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    seeds : list of (tensor, gradient)
    wanted : set of int
        Ids of the tensors whose gradients are asked for; nothing is computed for tensors that none of them reaches.

    Returns
    -------
    dict
        From the id of a tensor to its gradient; a wanted tensor without an entry is unconnected.
    """
    useful = set(wanted)
    for _, inputs, _, output in entries:
        for tensor in inputs:
            if id(tensor) in useful:
                useful.add(id(output))
                break
    gradients: dict = {}
    for tensor, seed in seeds:
        _accumulate(gradients, tensor, seed)
    for op, inputs, params, output in reversed(entries):
        key = id(output)
        if key not in gradients or key not in useful:
            continue
        g = gradients[key] if key in wanted else gradients.pop(key)
        try:
            for index, tensor in enumerate(inputs):
                if id(tensor) in useful and is_float(tensor.dtype):
                    contribution = op.gradient(index, g, output, inputs, params) if op.vjp is not None else None
                    if contribution is not None:
                        _accumulate(gradients, tensor, contribution)
        except NumericError as error:
            raise _in_gradient(error, op, output) from None
    return gradients


def _in_gradient(error, op, output):
    """What `nn.debug.nans` raised in the gradient of an op, with the line that called the op in the forward pass."""
    lines = [listener.line_of(output) for listener in active.stack if hasattr(listener, "line_of")]
    return NumericError(f"in the gradient of {op.name}, called at {lines[-1]}: {error}") if lines else error


def _accumulate(gradients, tensor, contribution):
    """Add to the gradient of `tensor` what came back from one use of it: the one place where broadcasting is undone."""
    own, found = tensor._array, contribution._array
    if found.shape != own.shape:
        contribution = unbroadcast(contribution, own.shape)
    if found.dtype is not own.dtype:
        contribution = contribution.astype(own.dtype)
    known = gradients.get(id(tensor))
    gradients[id(tensor)] = contribution if known is None else known + contribution


def unbroadcast(g, shape):
    """Sum `g` over the dimensions along which `shape` was broadcast to the shape of `g`."""
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    axes = tuple(d for d in range(g.ndim) if d < extra or (shape[d - extra] == 1 and g.shape[d] != 1))
    return g.sum(axis=axes).reshape(shape) if axes else g.reshape(shape)


def _seeds(target, output_gradients):
    targets = flatten(target)
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
        raise GradientError(f"gradient: a source is a Tensor or a Variable, got {type(source).__name__}")
    if not is_float(source.dtype):
        raise GradientError(f"gradient: a source of dtype {source.dtype} has no gradient; use a floating dtype")


def flatten(structure):
    """The leaves of nested lists, tuples and dicts, in order."""
    if isinstance(structure, dict):
        structure = structure.values()
    elif not isinstance(structure, (list, tuple)):
        return [structure]
    return [leaf for part in structure for leaf in flatten(part)]


def restructure(structure, leaves):
    """`leaves` (an iterator) in the places of the leaves of `structure`."""
    if isinstance(structure, dict):
        return {key: restructure(part, leaves) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return sequence_like(structure, [restructure(part, leaves) for part in structure])
    return next(leaves)


def sequence_like(structure, parts):
    """A list, tuple or named tuple of the kind of `structure`."""
    return structure._make(parts) if hasattr(structure, "_make") else type(structure)(parts)
