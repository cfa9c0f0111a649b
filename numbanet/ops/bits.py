"""Operations on the bits of integers, element by element; of booleans they are the logical ones."""

from __future__ import annotations

import numpy as np

from numbanet.core.dtypes import BOOL
from numbanet.core.table import Case, Domain
from numbanet.errors import ArgumentError, DTypeError
from numbanet.kernels.arrays import to_host
from numbanet.loops import arithmetic as loops
from numbanet.ops.declare import INTEGRAL, composed, elementwise
from numbanet.ops.documentation import document
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike

_WHOLE = Domain(kinds="iub")
_COUNT = Domain(0.0, 9.0, kinds="iu")


def _combination(name, body, sign, summary, result):
    numpy_function = getattr(np, name)
    return elementwise(
        name, body, INTEGRAL, f"x {sign} y", summary, ("[12, 10], 6", f"Tensor({result}, shape=(2,), dtype=int64)"),
        inputs=(_WHOLE, _WHOLE), numpy=(numpy_function,), reference=numpy_function, cost=0.2,
    )  # fmt: skip


bitwise_and = _combination(
    "bitwise_and", loops.bitwise_and, "&", "Return the bits that are set in both x and y.", "[4, 2]"
)
bitwise_or = _combination(
    "bitwise_or", loops.bitwise_or, "|", "Return the bits that are set in x, in y or in both.", "[14, 14]"
)
bitwise_xor = _combination(
    "bitwise_xor", loops.bitwise_xor, "^", "Return the bits that are set in exactly one of x and y.", "[10, 12]"
)


def bitwise_invert(x: ArrayLike, /) -> Tensor:
    x = asarray(x)
    if x.dtype.kind == "f":
        raise DTypeError(f"bitwise_invert: defined for integers alone, got {x.dtype}")
    return bitwise_xor(x, True if x.dtype == BOOL else np.invert(np.zeros((), x.dtype))[()])


composed(
    "bitwise_invert", bitwise_invert, reference=np.invert, cases=(Case((_WHOLE,)),), family="elementwise",
    numpy=(np.invert,), differentiable=False,
)  # fmt: skip
document(
    bitwise_invert, "Invert every bit.", {}, "Of the shape and dtype of `x`.", "[0, 5]",
    "Tensor([-1, -6], shape=(2,), dtype=int64)", first=("x", "array-like\n    Integer or bool, any shape."),
)  # fmt: skip


def _no_negative_shifts(x, y):
    if y.dtype.kind == "i" and y.size and (least := to_host(y).min()) < 0:
        raise ArgumentError(f"shifts cannot be negative, got one by {least}")
    if x.dtype == BOOL:
        raise DTypeError("shifts are not defined for booleans; use astype first")


def _shift(name, body, sign, summary, result, numpy_function):
    return elementwise(
        name, body, INTEGRAL, f"x {sign} y", summary, ("[-5, 12], 1", f"Tensor({result}, shape=(2,), dtype=int64)"),
        inputs=(Domain(-100.0, 100.0, kinds="iu"), _COUNT), numpy=(numpy_function,), reference=numpy_function, cost=0.5,
        integers=_no_negative_shifts,
    )  # fmt: skip


bitwise_left_shift = _shift(
    "bitwise_left_shift", loops.bitwise_left_shift, "<<", "Shift the bits of x to the left, filling with zeros.",
    "[-10,  24]", np.left_shift,
)  # fmt: skip
bitwise_right_shift = _shift(
    "bitwise_right_shift", loops.bitwise_right_shift, ">>", "Shift the bits of x to the right, filling with the sign.",
    "[-3,  6]", np.right_shift,
)  # fmt: skip
