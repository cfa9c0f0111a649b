"""What NumPy's functions that tensors refuse are replaced by: the advice of the error, and of the table in the docs."""

from typing import Any

import numpy as np

from numbanet.core.table import NUMPY_FUNCTIONS, TABLE
from numbanet.errors import DTypeError

LEAVE = "np.asarray(t) gives its values, without a gradient"
_NEW = "tensors never change: build a new one with nn.where, or keep what changes in an nn.Variable"
_ROWS = "call the function on t[i] and join the results with nn.stack"
_POLYNOMIALS = "np.polyval has a gradient; for the others, np.asarray(t) gives the values"
_TRANSFORM = "there are no complex numbers: nn.fft has this function for tuples (real, imag), with a gradient"
_DECOMPOSED = "np.asarray(t) gives the values; nn.custom_gradient makes a function with a gradient of its own"
_COMPLEX = "numbanet has no complex numbers; eigh and eigvalsh are for symmetric matrices"
_DATES = "numbanet has no dates"

ADVICE = {
    **dict.fromkeys(("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"), _NEW),
    **dict.fromkeys(("apply_along_axis", "apply_over_axes", "piecewise"), _ROWS),
    **dict.fromkeys(("poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint"), _POLYNOMIALS),
    **dict.fromkeys(("polymul", "polysub", "roots"), _POLYNOMIALS),
    **dict.fromkeys(("is_busday", "busday_count", "busday_offset", "datetime_as_string"), _DATES),
    **{
        f"fft.{name}": _TRANSFORM
        for name in (
            "fft", "fft2", "fftn", "hfft", "ifft", "ifft2", "ifftn", "ihfft", "irfft", "irfft2", "irfftn", "rfft",
            "rfft2", "rfftn",
        )
    },
    **dict.fromkeys(("linalg.eig", "linalg.eigvals"), _COMPLEX),
    "angle": "nn.atan2 gives the angle of a point; there are no complex numbers",
    "choose": "use nn.where, or nn.take_along_axis of nn.stack",
    **dict.fromkeys(("convolve", "correlate"), "sum shifted products: nn.pad, slices and nn.matmul have gradients"),
    **dict.fromkeys(("geomspace", "logspace"), "use nn.exp of np.linspace"),
    "gradient": "nn.diff gives differences; nn.grad derivatives",
    "i0": _DECOMPOSED,
    "insert": "join the parts with nn.concat",
    "ldexp": "multiply by np.exp2 of the exponent",
    **dict.fromkeys(("nanmedian", "nanpercentile", "nanquantile"), "take what is not NaN first: t[~nn.isnan(t)]"),
    "trim_zeros": "use a slice",
    "unwrap": LEAVE,
}  # fmt: skip


_ELSEWHERE = {"expit": "sigmoid"}
"""Ufuncs of SciPy that numbanet has under another name."""


def numpy_function(name) -> Any:
    """The function that `np.name` stands for, or None if this NumPy has none; the name may have dots."""
    found: Any = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def full_name(function) -> str:
    """The name under which users find a function of NumPy, `np.linalg.norm`; of others, their own."""
    name = getattr(function, "__name__", str(function))
    module = (getattr(function, "__module__", None) or "numpy").removeprefix("numpy").lstrip(".")
    for found in (f"{module}.{name}" if module else name, name):
        if numpy_function(found) is function:
            return f"np.{found}"
    return name


def refusal(function, method="__call__", options=()) -> DTypeError:
    """The error for a function of NumPy, or a method of a ufunc, that tensors do not take; it says what to write."""
    name, called = full_name(function), "" if method == "__call__" else f".{method}"
    if options and (function if not called else (function, method)) in NUMPY_FUNCTIONS:
        advice = "leave them out" if len(options) > 1 else "leave it out"
        if "out" in options:
            advice = "write `a = a + t` instead of `a += t`, since a result is a new tensor"
        return DTypeError(f"{name}{called} with {', '.join(options)} is not supported on numbanet tensors; {advice}")
    ours = _ELSEWHERE.get(name, name)
    advice = f"use nn.{ours}" if ours in TABLE else f"use a function of numbanet, or {LEAVE}"
    advice = ADVICE.get(name.removeprefix("np."), advice)
    return DTypeError(f"{name}{called} is not supported on numbanet tensors; {advice}")
