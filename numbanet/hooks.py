"""Which methods of a model, layer or loss are a user's own: training calls those, and nothing that stands for them."""

import inspect


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


def is_ours(kind):
    """Whether a class is numbanet's."""
    return kind.__module__.partition(".")[0] == "numbanet"


def accepted(function, **options):
    """Those of the options that a function takes: an overridden `__call__(self, x)` may leave out what it ignores."""
    parameters = inspect.signature(function).parameters
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return options
    return {name: value for name, value in options.items() if name in parameters}
