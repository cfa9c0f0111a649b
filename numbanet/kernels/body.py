"""A range body and what a backend needs to know about it: plain data, which knows nothing of whoever runs it."""

from importlib import import_module


class Body:
    """A range body.

    Parameters
    ----------
    function : function or str
        `function(*operands, start, stop)`: plain Python loops that fill the output positions `start <= i < stop`.
        One that needs a compiler to be made at all is given by its full name, and made when it is compiled.
    cost : float
        Nanoseconds that one position takes, roughly; decides from which size a launch is split over threads.
    strided : bool
        Whether one kernel does for arrays of all strides: for bodies that work with addresses.
    make : callable, optional
        Makes a function that is given by name; without it, the name is imported.
    """

    __slots__ = ("_function", "cost", "make", "name", "qualified_name", "strided")

    def __init__(self, function, cost=1.0, strided=False, make=None):
        self._function, self.make = function, make
        self.qualified_name = (
            function if isinstance(function, str) else f"{function.__module__}.{function.__qualname__}"
        )
        self.name = self.qualified_name.rpartition(".")[2]
        self.cost = cost
        self.strided = strided

    @property
    def function(self):
        """The function, imported or made if it was given by name."""
        if isinstance(self._function, str):
            module, _, name = self._function.rpartition(".")
            self._function = self.make() if self.make else getattr(import_module(module), name)
        return self._function

    def __repr__(self):
        return f"{type(self).__name__}({self.name})"
