"""How a NumPy function gets its meaning on tensors: by an adapter with NumPy's own parameters, made of ops."""

from collections.abc import Callable
from importlib import import_module

import numpy as np

from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.errors import DTypeError
from numbanet.tensor.operators import Operators
from numbanet.tensor.refusals import numpy_function
from numbanet.tensor.tensor import put

GRADIENT, VALUES, REFUSED = "with gradient", "values only", "refused"
KINDS: dict[str, str] = {}
"""What each NumPy function does with tensors, by its name behind `np.`."""
_NEUTRAL: tuple = (None, True, np._NoValue)


class Late:
    """A module that is loaded when a function of it is first called: most programs call none."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        return getattr(import_module(self._name), name)


def adapts(*names, gradient=True) -> Callable:
    """Make a function the meaning of `np.name` on tensors, for each name that this NumPy has."""

    def register(function):
        for name in names:
            found = numpy_function(name)
            if found is not None:
                NUMPY_FUNCTIONS[found] = function
                KINDS[name] = GRADIENT if gradient else VALUES
        return function

    return register


def no(name, **given):
    """Refuse arguments that have no meaning for tensors, unless they say what is done anyway."""
    for argument, value in given.items():
        if not any(value is neutral for neutral in _NEUTRAL):
            raise DTypeError(f"np.{name}: {argument}= is not supported on numbanet tensors")


def of_values(name):
    """Let NumPy compute `np.name` of the values of tensors: for results that have no gradient, such as positions."""
    function = numpy_function(name)

    def compute(*args, **options):
        device = next((x.device for x in _tensors((args, options))), None)
        return _wrapped(function(*_unwrapped(args), **_unwrapped(options)), device)

    adapts(name, gradient=False)(compute)


def _tensors(x):
    """The tensors in nested arguments."""
    if isinstance(x, Operators):
        yield x
    elif isinstance(x, (list, tuple, dict)):
        for part in x.values() if isinstance(x, dict) else x:
            yield from _tensors(part)


def _unwrapped(x):
    """The same arguments with arrays in place of tensors."""
    if isinstance(x, Operators):
        return x.numpy()
    if isinstance(x, dict):
        return {key: _unwrapped(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)) and not hasattr(x, "_fields"):
        return type(x)(_unwrapped(part) for part in x)
    return x


def _wrapped(x, device):
    """The same results with tensors in place of arrays and NumPy's numbers."""
    if isinstance(x, (np.ndarray, np.generic)):
        return put(np.asarray(x), device)
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_wrapped(part, device) for part in x))
    return type(x)(_wrapped(part, device) for part in x) if isinstance(x, (list, tuple)) else x
