"""Which methods of a model, layer or loss are a user's own: training calls those, and nothing that stands for them."""

import functools
import inspect

from numbanet.core.names import is_ours


def is_overridden(obj, *names):
    """Whether one of these methods is not numbanet's: defined in a subclass, or set on the object itself."""
    if not vars(obj).keys().isdisjoint(names):
        return True
    for kind in type(obj).__mro__:
        if is_ours(kind):
            return False  # of two classes the first in this order is asked
        if not vars(kind).keys().isdisjoint(names):
            return True
    return False


DESCRIPTIVE = {
    "__annotations__", "__dict__", "__doc__", "__firstlineno__", "__init__", "__module__", "__parameters__",
    "__qualname__", "__repr__", "__static_attributes__", "__weakref__", "_class_attributes", "from_config",
    "get_config",
}  # fmt: skip
"""What a class may define without a part in what its objects compute: how they are made and described."""


_all_ours: set = set()
"""Classes of numbanet's, met so far: each look at a model asks for those of all its parts."""


def computes_as_ours(kind):
    """Whether objects of a class compute as those of numbanet do: it is one, or a subclass that adds nothing to it."""
    if kind in _all_ours:
        return True
    own = [one for one in kind.__mro__[:-1] if not is_ours(one)]
    if not own and kind is not object:
        _all_ours.add(kind)
    return len(own) < len(kind.__mro__) - 1 and all(vars(one).keys() <= DESCRIPTIVE for one in own)


@functools.lru_cache(1024)
def _parameters(function):
    """Return the parameters of a function; kept, since that takes 10 us, and each call of a model asks."""
    return inspect.signature(function).parameters


def accepted(function, **options):
    """Those of the options that a function takes: an overridden `__call__(self, x)` may leave out what it ignores."""
    parameters = _parameters(getattr(function, "__func__", function))
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return options
    return {name: value for name, value in options.items() if name in parameters}
