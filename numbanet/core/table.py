"""The table of operations: everything that numbanet computes, with its gradient and its reference side by side.

Tests, benchmarks and the documentation enumerate `TABLE`: an op that is not in it does not exist, and an op in it is
tested and documented without another line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

TABLE: dict[str, "Op"] = {}
INTERNAL: set["Op"] = set()
"""Ops that are not in the table, but whose rules, as theirs, do the same for all operands of a kind."""

NUMPY_FUNCTIONS: dict[Any, Callable] = {}
"""What `np.f(tensor)` calls, by NumPy's own function object."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The values for which an input of an op means something.

    Parameters
    ----------
    low, high : float
        Ordinary values lie between them; where a gradient is checked, they keep clear of kinks and poles.
    special : bool
        Whether NaN, infinities and signed zeros belong to it as well (never where a gradient is checked).
    kinds : str
        NumPy's letters of the dtypes that are accepted: f floating, i signed, u unsigned, b boolean.
    distinct : bool
        Whether no two elements are equal, nor nearly so, where a gradient is checked: maxima and orders have
        derivatives there.
    """

    low: float = -4.0
    high: float = 4.0
    special: bool = True
    kinds: str = "f"
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One way to call an op in the tests.

    Parameters
    ----------
    inputs : tuple of Domain
    shapes : tuple of tuple of int, or None
        Fixed shapes, for ops that need them; None lets the tests draw shapes that broadcast together.
    params : dict
        The op's other arguments.
    smooth : tuple of Domain, or None
        Where the gradient is checked; None: where the values are checked.
    """

    inputs: tuple
    shapes: tuple | None = None
    params: dict = field(default_factory=dict)
    smooth: tuple | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """One operation.

    Parameters
    ----------
    name : str
        Its public name in the package.
    function : callable
        The public function, on tensors.
    forward : callable or None
        `forward(*arrays, **params)` on NumPy arrays; None for an op that is composed of others.
    vjp : sequence of callable, callable, or None
        The vector-Jacobian products. A sequence has one `f(g, y, *inputs, **params)` per input, None where an input has
        no derivative; a callable is `f(i, g, y, *inputs, **params)` for input i of any number. They are written with
        tensors, so that they can be differentiated again. `g` has the shape of the output `y`; what they return may
        still have the broadcast shape, the tape sums it to the shape of the input.
    reference : callable or None
        The same function in NumPy, for the tests.
    cases : tuple of Case
        What the tests draw inputs from.
    family : str
        The section of the documentation that it belongs to.
    differentiable : bool
        Whether gradients flow through it.
    recordable : bool
        Whether `forward` is made of kernel launches and views alone, so that it can be replayed.
    """

    name: str
    function: Callable
    forward: Callable | None = None
    vjp: Sequence[Callable | None] | Callable | None = None
    reference: Callable | None = None
    cases: tuple = ()
    family: str = ""
    differentiable: bool = True
    recordable: bool = False

    def gradient(self, index, g, y, inputs, params):
        """The gradient of input `index`, or None where there is none."""
        if callable(self.vjp):
            return self.vjp(index, g, y, *inputs, **params)
        rule = None if self.vjp is None else self.vjp[index]
        return None if rule is None else rule(g, y, *inputs, **params)

    def check_of_integers(self, output):
        """What the forward checks of the values of operands when its result is `output`, no floats; None if nothing."""
        check = getattr(self.forward, "integers", None)
        return check if output.dtype.kind != "f" and callable(check) else None

    def __repr__(self):
        return f"Op({self.name})"


def register(op, *numpy_functions):
    """Enter `op` in the table, and as what the given NumPy functions do with tensors."""
    TABLE[op.name] = op
    for numpy_function in numpy_functions:
        NUMPY_FUNCTIONS[numpy_function] = op.function
    return op


def internal(op):
    """Note that `op`, which stays out of the table, does the same for all operands of a kind."""
    INTERNAL.add(op)
    return op
