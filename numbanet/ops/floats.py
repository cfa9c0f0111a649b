"""Functions of two floating numbers, and what there is to say of one: its sign, its parts."""

from __future__ import annotations

import numpy as np

from numbanet.core.dtypes import promote_to_float
from numbanet.core.shapes import broadcast_shapes
from numbanet.core.table import Case
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous, converted
from numbanet.launching.launch import Kernel
from numbanet.loops import bits
from numbanet.loops import functions as loops
from numbanet.ops.activations import sigmoid
from numbanet.ops.creation import zeros_like
from numbanet.ops.declare import FLOATING, NUMBER, REAL, composed, elementwise, primitive
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import AWAY, POSITIVE, equal, flat, isinf, less, logical_and, share, sign, where
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import ArrayLike

_PAIR = (NUMBER, NUMBER)


def _weighed(g, z, x, y):
    """g times the share of e ** x in e ** x + e ** y: half of it for equals, infinite ones too, and 0 of nothing."""
    alike = logical_and(equal(x, y), isinf(x))
    return where(equal(z, -np.inf), 0.0, g * sigmoid(where(alike, 0.0, x - y)))


hypot = elementwise(
    "hypot", loops.hypot, FLOATING, "sqrt(x ** 2 + y ** 2)", "Return the hypotenuse, without intermediate overflow.",
    ("[3.0, 5.0], [4.0, 12.0]", "Tensor([ 5., 13.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g * share(x, z), lambda g, z, x, y: g * share(y, z)),
    inputs=_PAIR, smooth=(AWAY, AWAY), numpy=(np.hypot,), reference=np.hypot, cost=5.0,
)  # fmt: skip
logaddexp = elementwise(
    "logaddexp", loops.logaddexp, FLOATING, "ln(e ** x + e ** y)",
    "Return the logarithm of the sum of exponentials, without overflow.",
    ("[1000.0, 0.0], [1000.0, -1000.0]", "Tensor([1000.6932,    0.    ], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: _weighed(g, z, x, y), lambda g, z, x, y: _weighed(g, z, y, x)),
    inputs=_PAIR, smooth=(REAL, REAL), numpy=(np.logaddexp,), reference=np.logaddexp, cost=10.0,
)  # fmt: skip
copysign = elementwise(
    "copysign", loops.copysign, FLOATING, "|x| with the sign of y", "Return the magnitude of x with the sign of y.",
    ("[3.0, -2.0], [-0.0, 5.0]", "Tensor([-3.,  2.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: g * sign(x) * copysign(1.0, y), flat),
    inputs=_PAIR, smooth=(AWAY, POSITIVE), numpy=(np.copysign,), reference=np.copysign, cost=0.5,
)  # fmt: skip
_FIRST = ("x", "array-like\n    Any shape; integer or floating.")


def signbit(x: ArrayLike, /) -> Tensor:
    x = asarray(x)
    return less(copysign(1.0 if x.dtype.kind == "f" else 1, x), 0)


composed(
    "signbit", signbit, reference=np.signbit, cases=(Case((NUMBER,)),), family="elementwise", numpy=(np.signbit,),
    differentiable=False,
)  # fmt: skip
document(
    signbit, "Test whether the sign bit is set, as it is in -0.0.", {}, "bool, of the shape of `x`.",
    "[-0.0, 0.0, -1.0]",
    "Tensor([ True, False,  True], shape=(3,), dtype=bool)", first=_FIRST,
)  # fmt: skip


_next_kernel = Kernel(bits.nextafter)


def _next_forward(x, y):
    common = promote_to_float("nextafter", x.dtype, y.dtype)
    shape = broadcast_shapes("nextafter", x.shape, y.shape)
    whole = np.dtype(f"i{common.itemsize}")
    infinity, largest = int(np.array(np.inf, common).view(whole)), int(np.iinfo(whole).max)
    operands = [contiguous(np.broadcast_to(converted(z, common), shape)) for z in (x, y)]
    out = empty(shape, common)
    flat = [z.reshape(-1).view(whole) for z in (*operands, out)]
    _next_kernel(out.size, *flat[:2], infinity, largest, flat[2])
    return out


def nextafter(x: ArrayLike, y: ArrayLike, /) -> Tensor:
    return apply(_nextafter, x, y)


_nextafter = primitive(
    "nextafter", nextafter, _next_forward, reference=np.nextafter, cases=(Case(_PAIR),), family="elementwise",
    numpy=(np.nextafter,),
)  # fmt: skip
document(
    nextafter, "Return the next representable number after x, towards y.",
    {"y": "array-like\n    Where to; shapes broadcast together."}, "Of the promoted floating dtype.",
    "[1.0, 0.0], 2.0", "Tensor([1.0000001e+00, 1.4012985e-45], shape=(2,), dtype=float32)", first=_FIRST,
)  # fmt: skip


def positive(x: ArrayLike, /) -> Tensor:
    return asarray(x)


def real(x: ArrayLike, /) -> Tensor:
    return asarray(x)


def conj(x: ArrayLike, /) -> Tensor:
    return asarray(x)


def imag(x: ArrayLike, /) -> Tensor:
    return zeros_like(x)


for _function, _summary, _numpy, _result in (
    (positive, "Return the same values: the operator `+x`.", np.positive, "[-1.,  2.]"),
    (real, "Return the real part: the same values, since there are no complex numbers.", np.real, "[-1.,  2.]"),
    (conj, "Return the complex conjugate: the same values, since there are no complex numbers.", np.conj, "[-1.,  2.]"),
    (imag, "Return the imaginary part: zeros, since there are no complex numbers.", np.imag, "[0., 0.]"),
):
    composed(
        _function.__name__, _function, reference=_numpy, cases=(Case((NUMBER,)),), family="elementwise",
        numpy=(_numpy,), differentiable=_function is not imag,
    )  # fmt: skip
    document(
        _function, _summary, {}, "Of the shape and dtype of `x`.", "[-1.0, 2.0]",
        f"Tensor({_result}, shape=(2,), dtype=float32)", first=_FIRST,
    )  # fmt: skip
