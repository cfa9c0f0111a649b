"""What goes on around an operation, in one place: who is told of it, and where its result is put. One per thread."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Listener:
    """What is told of every op that a thread runs: a tape, a trace, `nn.debug.nans`. This one ignores all of it."""

    __slots__ = ()

    def record(self, op: Any, inputs: Any, params: Any, output: Any) -> None:
        """An op made a tensor of others."""

    def record_variable(self, variable: Any, tensor: Any) -> None:
        """A variable was read while it held `tensor`."""

    def record_read(self, x: Any, what: str) -> None:
        """The values of a tensor or variable are asked for in Python, by `what`."""

    def follows(self, x: Any) -> bool:
        """Whether the gradient of what is computed from a tensor or variable is known here."""
        return False


class ExecutionContext(threading.local):
    """The state of the blocks that are open in this thread; `context` is the one instance.

    Attributes
    ----------
    listeners : tuple
        What is told of every op: the open tapes, outermost first, the trace of a step, and `nn.debug.nans`.
    trace : Trace or None
        The trace among them.
    launches : list or None
        Where launches are kept instead of run, while a Program is recorded.
    pool : Pool or None
        Where the results of a Program take their memory from.
    placement : device or None
        Where results are put; None for the host.
    device : device or None
        Where tensors are made, see `nn.device`; None for the host.
    as_they_stand : bool
        Whether functions that know a Plan for a call (see `tensor.planned`) leave it.
    training : bool
        What a layer that is called inside another one is given, unless it is told otherwise.
    rng : numpy.random.Generator or None
        Likewise.
    call : object or None
        Stands for the call of the outermost layer or model that is running.
    values : object or None
        What weights take their first values from instead of their initializers, see `layers.calls`.
    built : list or None
        The layers that were built inside a dry run, in order; None outside.
    custom_objects : dict or None
        The classes and functions that a file which is being read may name; None while none is.
    saved_names : dict or None
        The classes and functions of the user's that are being saved, by name; None while nothing is.
    encoded, decoded : dict or None
        The objects of the tree that is being encoded or decoded, so that what is shared is shared again afterwards.
    """

    listeners: tuple = ()
    trace: Any = None
    launches: list | None = None
    pool: Any = None
    placement: Any = None
    device: Any = None
    as_they_stand: bool = False
    training = False
    rng: Any = None
    call: Any = None
    values: Any = None
    built: list | None = None
    custom_objects: dict | None = None
    saved_names: dict | None = None
    encoded: Any = None
    decoded: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in AROUND_OPS and told is not None:
            told(self.listeners, self.unusual)

    @property
    def unusual(self) -> bool:
        """Whether ops do more in this thread than compute their results on the host and tell the listeners."""
        return (
            self.trace is not None
            or self.launches is not None
            or self.pool is not None
            or self.placement is not None
            or self.device is not None
            or self.as_they_stand
        )


AROUND_OPS = frozenset({"listeners", "trace", "launches", "pool", "placement", "device", "as_they_stand"})
told: Any = None
"""Called with the listeners of a thread, and whether anything is unusual in it, when that has changed there."""


context = ExecutionContext()


@contextlib.contextmanager
def setting(**values: Any) -> Iterator[None]:
    """Give attributes of the context other values inside the block."""
    before = {name: getattr(context, name) for name in values}
    try:
        for name, value in values.items():
            setattr(context, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(context, name, value)


def undisturbed(function: F) -> F:
    """Return a function that, whatever it raises, leaves the context of the thread as it was before.

    Blocks put back what they have changed, unless Ctrl-C comes when their own end has just begun: then launches would
    still be kept, and not run. What is called here by a user, and records, has nothing of a block left.
    """

    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        here = vars(context)
        before = dict(here)
        try:
            return function(*args, **options)
        except BaseException:
            here.clear()
            here.update(before)
            if told is not None:
                told(context.listeners, context.unusual)
            raise

    return called  # type: ignore[return-value]  # it has the signature of the function


def listen(listener: Any) -> None:
    """Have a listener told of every op of this thread, until `ignore` is called."""
    context.listeners = (*context.listeners, listener)


def ignore(listener: Any) -> None:
    """Tell a listener nothing any more."""
    context.listeners = tuple(one for one in context.listeners if one is not listener)
