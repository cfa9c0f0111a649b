"""Functions of calculus, element by element."""

import math
from collections.abc import Callable

import numpy as np

from numbanet.core.table import TABLE, Domain
from numbanet.loops import functions as loops
from numbanet.ops.declare import FLOATING, NUMBER, elementwise
from numbanet.ops.elementwise import AWAY, POSITIVE, equal, sqrt, where
from numbanet.tensor.tensor import Tensor

_UNIT = Domain(-0.9, 0.9)
VECTORISED = 2.0
"""Cost of a function that has a vectorised schedule: 0.6 to 0.9 ns for float32, 2 to 12 for float64."""


def _function(
    name, body, formula, summary, call, result, vjp, *, numpy_name=None, reference=None, **options
) -> Callable[..., Tensor]:
    """A floating function of one argument, with NumPy's of the same name as its reference."""
    numpy_function = reference or getattr(np, numpy_name or name)
    return elementwise(
        name, body, FLOATING, formula, summary, (call, result), vjp=(vjp,), reference=numpy_function,
        numpy=() if reference else (numpy_function,), cost=options.pop("cost", 5.0), **options,
    )  # fmt: skip


exp = _function(
    "exp", loops.exp, "e ** x", "Return the exponential.", "[0.0, 0.5]",
    "Tensor([1.       , 1.6487212], shape=(2,), dtype=float32)", lambda g, y, x: g * y, cost=VECTORISED,
)  # fmt: skip
expm1 = _function(
    "expm1", loops.expm1, "e ** x - 1", "Return the exponential minus one, accurate near zero.", "[0.0, 1e-6]",
    "Tensor([0.0000000e+00, 1.0000005e-06], shape=(2,), dtype=float32)", lambda g, y, x: g * exp(x),
)  # fmt: skip
log = _function(
    "log", loops.log, "ln(x)", "Return the natural logarithm; -inf at zero, NaN below.", "[1.0, 0.0]",
    "Tensor([  0., -inf], shape=(2,), dtype=float32)", lambda g, y, x: g / x, smooth=(POSITIVE,), cost=VECTORISED,
)  # fmt: skip
log1p = _function(
    "log1p", loops.log1p, "ln(1 + x)", "Return the logarithm of 1 + x, accurate near zero.", "[0.0, 1e-6]",
    "Tensor([0.000000e+00, 9.999995e-07], shape=(2,), dtype=float32)", lambda g, y, x: g / (x + 1.0),
    smooth=(Domain(-0.5, 4.0),),
)  # fmt: skip
log2 = _function(
    "log2", loops.log2, "log2(x)", "Return the logarithm to base 2.", "[8.0, 0.5]",
    "Tensor([ 3., -1.], shape=(2,), dtype=float32)", lambda g, y, x: g / (x * math.log(2)), smooth=(POSITIVE,),
)  # fmt: skip
log10 = _function(
    "log10", loops.log10, "log10(x)", "Return the logarithm to base 10.", "[10.0, 0.1]",
    "Tensor([ 1., -1.], shape=(2,), dtype=float32)", lambda g, y, x: g / (x * math.log(10)), smooth=(POSITIVE,),
)  # fmt: skip
sin = _function(
    "sin", loops.sin, "sin(x)", "Return the sine; x is in radians.", "[0.0, 1.5707964]",
    "Tensor([0., 1.], shape=(2,), dtype=float32)", lambda g, y, x: g * cos(x),
)  # fmt: skip
cos = _function(
    "cos", loops.cos, "cos(x)", "Return the cosine; x is in radians.", "[0.0]",
    "Tensor([1.], shape=(1,), dtype=float32)", lambda g, y, x: -g * sin(x),
)  # fmt: skip
tan = _function(
    "tan", loops.tan, "tan(x)", "Return the tangent; x is in radians.", "[0.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g * (y * y + 1.0), smooth=(Domain(-1.2, 1.2),),
)  # fmt: skip
asin = _function(
    "asin", loops.asin, "asin(x)", "Return the inverse sine, in radians.", "[0.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g / sqrt(1.0 - x * x), numpy_name="arcsin",
    inputs=(Domain(-1.0, 1.0),), smooth=(_UNIT,),
)  # fmt: skip
acos = _function(
    "acos", loops.acos, "acos(x)", "Return the inverse cosine, in radians.", "[1.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: -g / sqrt(1.0 - x * x), numpy_name="arccos",
    inputs=(Domain(-1.0, 1.0),), smooth=(_UNIT,),
)  # fmt: skip
atan = _function(
    "atan", loops.atan, "atan(x)", "Return the inverse tangent, in radians.", "[0.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g / (x * x + 1.0), numpy_name="arctan",
)  # fmt: skip


def _over_square(x, y):
    """x / (x ** 2 + y ** 2), of squares that cannot overflow; 0 where both are 0."""
    length = TABLE["hypot"].function(x, y)
    nowhere = equal(length, 0)
    length = where(nowhere, 1.0, length)
    return where(nowhere, 0.0, x / length / length)


atan2 = elementwise(
    "atan2", loops.atan2, FLOATING, "the angle of the point (x, y)",
    "Return the angle of the point (x, y), in radians.",
    ("[0.0, 1.0], [1.0, 0.0]", "Tensor([0.       , 1.5707964], shape=(2,), dtype=float32)"),
    vjp=(lambda g, a, y, x: g * _over_square(x, y), lambda g, a, y, x: -g * _over_square(y, x)),
    inputs=(NUMBER, NUMBER), smooth=(AWAY, AWAY), numpy=(np.arctan2,), reference=np.arctan2, cost=10.0,
)  # fmt: skip
sinh = _function(
    "sinh", loops.sinh, "(e ** x - e ** -x) / 2", "Return the hyperbolic sine.", "[0.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g * cosh(x),
)  # fmt: skip
cosh = _function(
    "cosh", loops.cosh, "(e ** x + e ** -x) / 2", "Return the hyperbolic cosine.", "[0.0]",
    "Tensor([1.], shape=(1,), dtype=float32)", lambda g, y, x: g * sinh(x),
)  # fmt: skip
tanh = _function(
    "tanh", loops.tanh, "sinh(x) / cosh(x)", "Return the hyperbolic tangent.", "[0.0, 20.0]",
    "Tensor([0., 1.], shape=(2,), dtype=float32)", lambda g, y, x: tanh_gradient(g, y), cost=VECTORISED,
)  # fmt: skip
tanh_gradient = elementwise(
    "tanh_gradient", loops.tanh_gradient, FLOATING, "g * (1 - y ** 2)",
    "Return the gradient of tanh with respect to its argument; y is its result.",
    ("1.0, [0.0, 0.5]", "Tensor([1.  , 0.75], shape=(2,), dtype=float32)"),
    vjp=(lambda h, z, g, y: tanh_gradient(h, y), lambda h, z, g, y: -2.0 * h * g * y),
    inputs=(Domain(special=False), _UNIT), reference=lambda g, y: g * (1 - y * y), cost=0.3,
)  # fmt: skip
asinh = _function(
    "asinh", loops.asinh, "asinh(x)", "Return the inverse hyperbolic sine.", "[0.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g / TABLE["hypot"].function(x, 1.0),
    numpy_name="arcsinh",
)  # fmt: skip
acosh = _function(
    "acosh", loops.acosh, "acosh(x)", "Return the inverse hyperbolic cosine; NaN below 1.", "[1.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g / sqrt(x - 1.0) / sqrt(x + 1.0),
    numpy_name="arccosh", inputs=(Domain(1.0, 9.0),), smooth=(Domain(1.5, 9.0),),
)  # fmt: skip
atanh = _function(
    "atanh", loops.atanh, "atanh(x)", "Return the inverse hyperbolic tangent.", "[0.0]",
    "Tensor([0.], shape=(1,), dtype=float32)", lambda g, y, x: g / ((1.0 - x) * (1.0 + x)), numpy_name="arctanh",
    inputs=(Domain(-1.0, 1.0),), smooth=(_UNIT,),
)  # fmt: skip


def _erf_reference(x):
    return np.vectorize(math.erf, otypes=[x.dtype if x.dtype.kind == "f" else np.float32])(x)


erf = _function(
    "erf", loops.erf, "2 / sqrt(pi) * integral of e ** -t**2 from 0 to x", "Return the error function.",
    "[0.0, 4.0]",
    "Tensor([0., 1.], shape=(2,), dtype=float32)", lambda g, y, x: g * (2.0 / math.sqrt(math.pi)) * exp(-x * x),
    reference=_erf_reference, source="Abramowitz and Stegun: Handbook of Mathematical Functions, 7.1.1.",
)  # fmt: skip
