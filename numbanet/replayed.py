"""`nn.function`: a Python function of tensors that is recorded when it is called again, and replayed from then on."""

import functools
import threading

import numpy as np

from numbanet.errors import ArgumentError
from numbanet.kernels.arrays import to_host
from numbanet.kernels.program import program_of
from numbanet.kernels.recording import CannotRecord
from numbanet.operators import Operators
from numbanet.recorded import RecordedStep
from numbanet.tape import active, flatten, restructure, sequence_like
from numbanet.tensor import Tensor, asarray, current

MOST_CALLS = 16
"""How many kinds of calls one function remembers: combinations of shapes, dtypes and other arguments."""

_CALLED_ONCE = "it was called once so far"


def function(f):
    """Make a Program of a Python function of tensors, such as a training step: the same results, without Python.

    The first call with tensors of some shapes and dtypes runs `f` as it is, the second records it, and later ones
    replay what was recorded. Tensors and NumPy arrays among the arguments, also in lists, tuples and dicts, may have
    other values in every call, and `f` gets them as tensors; variables are read, and updated by optimizers, as always.
    Everything else counts as a constant: numbers and other objects among the arguments (another one is recorded anew),
    and whatever else the function finds in Python; what it does there, `print` for example, is not done again.

    What cannot be replayed runs as it is in every call, with the same results: functions that look at values, draw
    random numbers, assign to variables other than by an optimizer, or work in NumPy. `explain()` says which and why.
    Under an open `GradientTape`, and while another thread replays the function, it runs as it is, too.

    Parameters
    ----------
    f : callable
        Returns a tensor, or a list, tuple or dict of tensors and other things.

    Returns
    -------
    Function
        Called like `f`, with positional arguments. Its `explain()` prints the Programs, a line per launch.

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
    return Function(f)


class Function:
    """What `nn.function` makes of a callable."""

    followed_by_replay = ("_calls", "_lock")

    def __init__(self, f):
        if not callable(f):
            raise ArgumentError(f"function: needs something that can be called, got {f!r}")
        functools.update_wrapper(self, f)
        self._function = f
        self._calls = {}
        self._lock = threading.Lock()

    def __call__(self, *args):
        """What the function returns for these arguments."""
        args, inputs, kind = _taken_apart(args)
        if active.stack or not self._lock.acquire(blocking=False):
            return self._function(*args)  # a tape or another function records it, or another thread replays it
        try:
            call = self._calls.get(kind)
            if call is None:
                self._remember(kind)
            elif call is _CALLED_ONCE or (isinstance(call, _Call) and call.recorded.moved):
                call = self._calls[kind] = self._recorded(args, inputs)
            if isinstance(call, _Call):
                return call.run(inputs)
        finally:
            self._lock.release()
        return self._function(*args)

    def __get__(self, instance, owner=None):
        """A method is called with its instance."""
        return self if instance is None else functools.partial(self, instance)

    def _remember(self, kind):
        if len(self._calls) >= MOST_CALLS:
            self._calls.pop(next(iter(self._calls)))  # the oldest
        self._calls[kind] = _CALLED_ONCE

    def _recorded(self, args, inputs):
        try:
            return _Call(self._function, args, inputs)
        except CannotRecord as reason:
            return str(reason)

    def explain(self):
        """Print the Programs that are replayed, a line per launch, or why there are none."""
        from numbanet.summary import print_calls

        print_calls(getattr(self._function, "__name__", "the function"), self.calls)

    @property
    def calls(self):
        """What became of the kinds of calls so far: pairs of the shapes of the tensors, and a Program or a reason."""
        pairs = []
        for kind, call in self._calls.items():
            shapes = [entry[0] for entry in kind if isinstance(entry[0], tuple)]
            pairs.append((shapes, call.program if isinstance(call, _Call) else call))
        return pairs


class _Call:
    """One kind of call, recorded."""

    def __init__(self, f, args, inputs):
        self.buffers = [Tensor(tensor._array.copy()) for tensor in inputs]
        buffer_of = {id(tensor): buffer for tensor, buffer in zip(inputs, self.buffers, strict=True)}
        leaves = flatten(args)
        generators = [leaf for leaf in leaves if isinstance(leaf, np.random.Generator)]
        args = restructure(args, iter([buffer_of.get(id(leaf), leaf) for leaf in leaves]))

        def step(*_):
            self._result = f(*args)
            return [current(leaf) for leaf in flatten(self._result) if isinstance(leaf, Operators)]

        self.recorded = RecordedStep(step, self.buffers, generators)
        lowering = self.recorded.lowering
        self.program = program_of(lowering.launches, lowering.pool, self.recorded)

    def run(self, inputs):
        recorded = self.recorded
        for position, check in recorded.checks:
            check(to_host(inputs[position]._array))
        for buffer, tensor in zip(self.buffers, inputs, strict=True):
            buffer._array[...] = tensor._array
        recorded.before()
        done = 0
        try:
            self.program.run(1, recorded.numbers_of_steps(1))
            done = 1
        finally:
            recorded.after(done)
        outputs = iter(recorded.outputs)
        leaves = [Tensor(next(outputs).copy()) if isinstance(x, Operators) else x for x in flatten(self._result)]
        return restructure(self._result, iter(leaves))


def _taken_apart(args):
    """The arguments with arrays as tensors, those tensors, and a key that says what kind of call it is."""
    inputs: list = []
    kind: list = []

    def visit(x):
        if isinstance(x, (Tensor, np.ndarray, np.generic)):
            x = asarray(x)
            inputs.append(x)
            kind.append((x.shape, x.dtype, x.device))
        elif isinstance(x, dict):
            kind.append((dict, *x))
            return {key: visit(part) for key, part in x.items()}
        elif isinstance(x, (list, tuple)):
            kind.append((type(x), len(x)))
            return sequence_like(x, [visit(part) for part in x])
        else:
            kind.append((type(x), x if x is None or isinstance(x, (bool, int, float, str)) else id(x)))
        return x

    return tuple([visit(x) for x in args]), inputs, tuple(kind)
