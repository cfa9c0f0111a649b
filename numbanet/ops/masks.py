"""Masks beside tensors: which steps of sequences count.

A mask is a tensor of booleans, noted beside another tensor for as long as that lives. Layers note them and look for
them, see `layers.masks`. They are made by ops, so that a step which is replayed computes them as well.
"""

from __future__ import annotations

from typing import Any

from numbanet.core.notes import Notes
from numbanet.tensor.tensor import Tensor

noted = Notes()
"""The masks: empty unless there are any."""


def set_mask(tensor: Tensor, mask: Tensor | None) -> None:
    """Note the mask of a tensor; None takes the one away that it has."""
    if mask is None:
        noted.pop(id(tensor), None)
    else:
        noted.note(tensor, mask)


def mask_of(tensor: Any) -> Tensor | None:
    """Return the mask that is noted beside a tensor, or None."""
    mask: Tensor | None = noted.of(tensor)
    return mask
