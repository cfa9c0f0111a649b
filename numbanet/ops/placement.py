"""Where tensors lie: moving them between devices, the only way from one to the other, and copying them."""

from __future__ import annotations

import numpy as np

from numbanet.core.table import Case
from numbanet.kernels.arrays import to_host
from numbanet.launching.copies import copied
from numbanet.ops.declare import ANY, REAL, primitive
from numbanet.ops.documentation import document
from numbanet.tensor.tensor import Tensor, apply, asarray, device_named
from numbanet.typing import ArrayLike


def to_device(x: ArrayLike, device: str) -> Tensor:
    x = asarray(x)
    place = device_named(device)
    if ("cpu" if place is None else place.name) == x.device:
        return x
    return apply(_to_device, x, device=device)


def _forward(x, device):
    place = device_named(device)
    return to_host(x) if place is None else place.from_host(to_host(x))


_to_device = primitive(
    "to_device", to_device, _forward, vjp=(lambda g, y, x, device: to_device(g, x.device),), family="devices",
    reference=lambda x, device: x, cases=(Case((ANY,), params={"device": "cpu"}),), recordable=False,
)  # fmt: skip
document(
    to_device, "Return the same values on another device; the tensor itself if it is there already.",
    {"device": '{"cpu", "cuda"}\n    "cuda" is the first NVIDIA GPU.'}, "Of the same shape and dtype.",
    '[1.0, 2.0], "cpu"', "Tensor([1., 2.], shape=(2,), dtype=float32)",
    source="Python array API standard 2024.12, array.to_device.",
)  # fmt: skip


def copy(x: ArrayLike) -> Tensor:
    return apply(_copy, x)


_copy = primitive(
    "copy", copy, copied, vjp=(lambda g, y, x: g,), reference=np.copy, cases=(Case((ANY,), smooth=(REAL,)),),
    family="placement",
)  # fmt: skip
document(
    copy, "Return the same values in memory of their own, which no other array shares.", {},
    "Of the shape and dtype of `x`.",
    "[1.0, 2.0]", "Tensor([1., 2.], shape=(2,), dtype=float32)", first=("x", "array-like\n    Any shape and dtype."),
)  # fmt: skip
