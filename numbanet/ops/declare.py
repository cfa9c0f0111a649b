"""Declaring ops: one call gives an elementwise op its forward, public function, docstring and table entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import signature

from numbanet.core.context import context
from numbanet.core.dtypes import DEFAULT_FLOAT
from numbanet.core.table import TABLE, Case, Domain, Op, register
from numbanet.launching.copies import converted
from numbanet.launching.launch import Kernel
from numbanet.ops.forward import ARITHMETIC, COMPARISON, FLOATING, INTEGRAL, LOGICAL, SELECTION, Forward
from numbanet.tensor import witness  # noqa: F401  (has Plans made from now on)
from numbanet.tensor.planned import planned, rules
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike

REAL = Domain()
FINITE = Domain(special=False)
NUMBER = Domain(kinds="fiu")
ANY = Domain(kinds="fiub")
DISTINCT = Domain(distinct=True)

_OPERANDS = {
    ARITHMETIC: "Integer or floating.",
    FLOATING: "Floating; integers become float32.",
    COMPARISON: "Any dtype.",
    LOGICAL: "Any dtype; everything but zero is true.",
    INTEGRAL: "Integer or bool.",
    SELECTION: "Any dtype.",
}
_OF_ONE = {
    ARITHMETIC: "Of the shape and dtype of `x`.",
    FLOATING: "Of the shape of `x` and the floating dtype.",
    COMPARISON: "bool, of the shape of `x`.",
    LOGICAL: "bool, of the shape of `x`.",
}
_OF_SEVERAL = {
    ARITHMETIC: "Of the broadcast shape and the promoted dtype.",
    FLOATING: "Of the broadcast shape and the promoted floating dtype.",
    COMPARISON: "bool, of the broadcast shape. Operands of two dtypes are compared in the promoted one.",
    LOGICAL: "bool, of the broadcast shape.",
    INTEGRAL: "Of the broadcast shape and the promoted dtype.",
    SELECTION: "Of the broadcast shape and the promoted dtype of `x` and `y`.",
}
_TEMPLATE = """{summary}

Computes `{formula}` for every element{together}.

Parameters
----------
{parameters}

Returns
-------
Tensor
    {returns}

Raises
------
{raises}DTypeError
    When a dtype is not supported.

References
----------
{source}

Examples
--------
>>> import numbanet as nn
>>> nn.{name}({call})
{result}
"""


def _document(function, name, names, rule, texts):
    several = len(names) > 1
    function.__name__ = function.__qualname__ = name
    function.__module__ = "numbanet"
    function.__doc__ = _TEMPLATE.format(
        together="; shapes broadcast together" if several else "",
        parameters="\n".join(
            f"{n} : array-like\n    Any shape. {'Booleans.' if n == 'condition' else _OPERANDS[rule]}" for n in names
        ),
        returns=(_OF_SEVERAL if several else _OF_ONE)[rule],
        raises="ShapeError\n    When the shapes do not broadcast.\n" if several else "",
        name=name,
        **texts,
    )


def _public_function(name, count, forward):
    """The function that users call; tensors without listeners go straight to the forward, 0.3 us sooner."""
    if count == 1:

        def function(x: ArrayLike, /) -> Tensor:
            return Tensor(forward(x._array)) if type(x) is Tensor and not context.listeners else apply(TABLE[name], x)
    elif count == 2:

        def function(x: ArrayLike, y: ArrayLike, /) -> Tensor:
            if type(x) is Tensor and type(y) is Tensor and not context.listeners:
                return Tensor(forward(x._array, y._array))
            return apply(TABLE[name], x, y)
    else:

        def function(condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> Tensor:
            return apply(TABLE[name], condition, x, y)

    return function


def elementwise(
    name, body, rule, formula, summary, example, *, vjp=None, reference=None, inputs=None, smooth=None, numpy=(),
    integers="", integer_body=None, cost=1.0, family="elementwise",
    source="Python array API standard 2024.12, elementwise functions.",
) -> Callable[..., Tensor]:  # fmt: skip
    """Declare an elementwise op and return its public function.

    `body` is the range body; `example` is a call and its result; `vjp` has one rule per operand; `inputs` and `smooth`
    are the domains of the operands in the tests; `integers` says what the op does with them: "identity" returns them,
    "not bool" rejects booleans, and a callable checks the arrays first. `integer_body` is their body if it is another.
    """
    count = body.__code__.co_argcount - 3
    names = body.__code__.co_varnames[:count]
    integer_kernel = Kernel(integer_body, cost=cost) if integer_body else None
    forward = Forward(name, Kernel(body, cost=cost), rule, integers, integer_kernel)
    function = _public_function(name, count, forward)
    if names != function.__code__.co_varnames[:count]:  # atan2, whose first operand is y, and gradients
        given = signature(function)
        named = [one.replace(name=own) for one, own in zip(given.parameters.values(), names, strict=True)]
        function.__signature__ = given.replace(parameters=named)
    texts = {"summary": summary, "formula": formula, "source": source, "call": example[0], "result": example[1]}
    _document(function, name, names, rule, texts)
    function = planned(function)
    domains = inputs or (REAL,) * count
    op = Op(
        name, function, forward=forward, vjp=rules(vjp), reference=reference,
        cases=(Case(domains, smooth=smooth),), family=family, differentiable=vjp is not None, recordable=True,
    )  # fmt: skip
    register(op, *numpy)
    return function


def publish(name, function, *numpy):
    """Give an op of the table another public function, one with optional arguments for example."""
    generated = TABLE[name].function
    function.__doc__ = function.__doc__ or generated.__doc__
    function.__module__ = generated.__module__
    return register(replace(TABLE[name], function=function), *numpy)


def composed(name, function, *, reference=None, cases=(), family="", numpy=(), differentiable=True):
    """Enter a function that is built from other ops in the table, and return it."""
    register(Op(name, function, reference=reference, cases=cases, family=family, differentiable=differentiable), *numpy)
    return function


def primitive(name, function, forward, *, vjp=None, reference=None, cases=(), family="", numpy=(), recordable=True):
    """Enter an op with a forward on arrays in the table, and return the op for `apply`.

    `recordable` says whether the forward is made of launches and views alone.
    """
    return register(
        Op(
            name, function, forward=forward, vjp=rules(vjp), reference=reference, cases=cases, family=family,
            differentiable=vjp is not None, recordable=recordable,
        ),
        *numpy,
    )  # fmt: skip


def as_floating(x):
    """`x`, or float32 of it when it holds integers or booleans: for the forward of ops that need real numbers."""
    return x if x.dtype.kind == "f" else converted(x, DEFAULT_FLOAT)
