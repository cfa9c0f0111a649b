"""Docstrings of the public functions whose sections differ only in their words."""

_TEMPLATE = """{summary}

Parameters
----------
{parameters}

Returns
-------
{kind}
    {returns}

Raises
------
ShapeError
    When the shape does not fit.
DTypeError
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
STANDARD = "Python array API standard 2024.12, https://data-apis.org/array-api/2024.12/."


def document(
    function, summary, parameters, returns, call, result, *, first=("x", "array-like\n    Any shape and dtype."),
    kind="Tensor", source=STANDARD,
):  # fmt: skip
    """Write the numpydoc docstring of a public function: `parameters` maps names to types and meanings."""
    named = [first, *parameters.items()] if first else parameters.items()
    function.__module__ = "numbanet"
    function.__doc__ = _TEMPLATE.format(
        summary=summary, parameters="\n".join(f"{name} : {meaning}" for name, meaning in named), returns=returns,
        kind=kind, source=source, name=function.__name__, call=call, result=result,
    )  # fmt: skip
