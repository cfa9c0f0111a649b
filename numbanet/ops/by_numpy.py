"""Ops that NumPy computes on the host: those for which numbanet has no loops, such as LAPACK's and transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numbanet.core.dtypes import promote_to_float
from numbanet.core.table import Op
from numbanet.kernels.arrays import to_host
from numbanet.launching.launch import beside
from numbanet.ops.declare import as_floating
from numbanet.tensor.tensor import Tensor, as_tensors
from numbanet.typing import ArrayLike


def numpy_op(name: str, compute: Callable[..., Any], vjp: Any = None) -> Op:
    """Return an op whose forward is `compute` on floating NumPy arrays, for `apply`.

    It is not a launch, so no step with it is replayed, and it is not in the table, which has what kernels compute.
    On a device the operands are copied to the host, and the result back.
    """

    def forward(*arrays: Any, **params: Any) -> Any:
        with np.errstate(all="ignore"):
            found = np.asarray(compute(*[as_floating(to_host(array)) for array in arrays], **params))
        return beside(found, arrays[0])

    return Op(name, compute, forward=forward, vjp=vjp, differentiable=vjp is not None)


def floating(name: str, *given: ArrayLike) -> list[Tensor]:
    """Return the operands as tensors of the floating dtype that they promote to, float32 for integers."""
    tensors = as_tensors(name, given)
    common = promote_to_float(name, *(x.dtype for x in tensors))
    return [x if x.dtype == common else x.astype(common) for x in tensors]
