"""Masks beside tensors: which steps of sequences count.

A mask is a tensor of booleans, noted beside another tensor for as long as that lives. Layers note them and look for
them, see `layers.masks`. They are made by ops, so that a step which is replayed computes them as well.
"""

from __future__ import annotations

import weakref
from typing import Any

from numbanet.tensor.tensor import Tensor

noted: dict[int, Any] = {}
"""From the id of a tensor to a reference to it and its mask: empty unless there are masks."""


def set_mask(tensor: Tensor, mask: Tensor | None) -> None:
    """Note the mask of a tensor; None takes the one away that it has."""
    key = id(tensor)
    if mask is None:
        noted.pop(key, None)
    else:
        noted[key] = weakref.ref(tensor, lambda _: noted.pop(key, None)), mask


def mask_of(tensor: Any) -> Tensor | None:
    """Return the mask that is noted beside a tensor, or None."""
    reference, mask = noted.get(id(tensor), (None, None))
    return mask if reference is not None and reference() is tensor else None
