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
{raises}

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
    kind="Tensor", source=STANDARD, raises=None,
):  # fmt: skip
    """Write the numpydoc docstring of a public function.

    `parameters` maps names to types and meanings; `raises` maps names of errors to when they are raised: by default
    ShapeError for shapes that do not fit. DTypeError is for dtypes that are not supported unless it says otherwise.
    """
    errors = {"ShapeError": "When the shape does not fit."} if raises is None else {**raises}
    errors.setdefault("DTypeError", "When a dtype is not supported.")
    named = [first, *parameters.items()] if first else parameters.items()
    function.__module__ = "numbanet"
    function.__doc__ = _TEMPLATE.format(
        summary=summary, parameters="\n".join(f"{name} : {meaning}" for name, meaning in named), returns=returns,
        raises="\n".join(f"{error}\n    {when}" for error, when in errors.items()),
        kind=kind, source=source, name=function.__name__, call=call, result=result,
    )  # fmt: skip
