"""Masks on their way from layer to layer: which steps of sequences count.

A layer that makes a mask (Masking, an Embedding of padded sequences) notes it beside its output, see `ops.masks`. Each
layer after it looks for the masks of its inputs and gives them to `call` as `mask`, if that takes one. A layer with
`supports_masking` notes what `compute_mask(inputs, previous_mask)` returns beside its own output: the same mask, unless
it has a `compute_mask` of its own. Any other layer warns that the mask ends there.
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from numbanet.core.structures import flatten
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers.inputs import CONTAINERS, mapped
from numbanet.ops.elementwise import not_equal
from numbanet.ops.masks import mask_of, set_mask
from numbanet.ops.shaping import reshape
from numbanet.tensor.tensor import Tensor, asarray


class Masked:
    """What a layer says about masks."""

    supports_masking: ClassVar[bool] = False
    """Whether the mask of the input is that of the output as well, or `compute_mask` makes one of it."""
    makes_masks: ClassVar[bool] = False
    """Whether `compute_mask` is the layer's own, so that the output has a mask where the input has none."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "compute_mask" in vars(cls):
            cls.makes_masks = True
            if "supports_masking" not in vars(cls):
                cls.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the output for inputs and their mask; None for none."""
        return previous_mask


def incoming(layer: Any, x: Any, samples: Any, mask: Any) -> Any:
    """Return the mask of what a layer is called with: the one that is given, or what is noted beside the tensors.

    `samples` are what `x` has become for `call`.
    """
    if mask is not None:
        several = _is_several(mask)
        given: Any = [None if one is None else asarray(one) for one in mask] if several else asarray(mask)
        if "mask" not in layer._accepts and not several and not isinstance(samples, CONTAINERS):
            _check_passed_on(layer, given.shape, samples.shape)
        return given
    if type(x) is not Tensor and not (isinstance(x, CONTAINERS) and all(hasattr(one, "shape") for one in flatten(x))):
        return None
    found = mapped(mask_of, x)
    return found if flatten([found]) else None


def _check_passed_on(layer, mask, shape):
    """Raise ShapeError unless a mask that the layer passes on has the first sizes of its input."""
    if not mask or mask != tuple(shape[: len(mask)]):
        raise ShapeError(f"layer {layer.name}: a mask of shape {mask} does not fit an input of shape {tuple(shape)}")


def _is_several(mask):
    return isinstance(mask, (list, tuple)) and any(one is None or hasattr(one, "shape") for one in mask)


def outgoing(layer: Any, inputs: Any, output: Any, mask: Any) -> Any:
    """Note the mask of an output beside it, and return the output."""
    if not layer.supports_masking:
        if mask is not None:
            _warn(layer)
        return output
    found = layer.compute_mask(inputs, mask)
    if found is None or not flatten([found]):
        return output
    if type(output) is Tensor:
        return _beside(layer, inputs, output, found)
    masks = list(found) if isinstance(found, CONTAINERS) else [found]
    outputs = [
        one if of_it is None else _beside(layer, inputs, one, of_it)
        for one, of_it in zip(output, [*masks, *[None] * (len(output) - len(masks))], strict=True)
    ]
    return type(output)(outputs)


def _beside(layer, inputs, output, mask):
    if not hasattr(mask, "shape"):
        raise ArgumentError(f"layer {layer.name}: compute_mask returned a {type(mask).__name__}, not a tensor")
    mask = asarray(mask)
    known = mask_of(output)
    if known is mask:
        return output
    if any(output is one for one in flatten([inputs])):  # it stays as it is for its owner
        output = reshape(output, output.shape) if known is None else output + 0
    set_mask(output, mask)
    return output


def _warn(layer):
    warnings.warn(
        f"layer {layer.name}: {type(layer).__name__} takes no mask, so the mask of its input ends here: what comes "
        "after it counts the steps that were to be left out",
        stacklevel=4,
    )


def several_masks(layer: Any, mask: Any, least: int = 1) -> list[Any]:
    """Return the masks of several inputs as a list; ArgumentError unless there are enough, in a list or tuple."""
    if not _is_several(mask) or len(mask) < least:
        got = f"{len(mask)} in a {type(mask).__name__}" if isinstance(mask, CONTAINERS) else f"a {type(mask).__name__}"
        raise ArgumentError(
            f"layer {layer.name}: needs a list of masks, one for each input or None, {least} or more, got {got}"
        )
    return list(mask)


def of_first(masks: Any) -> Any:
    """Return the mask of the first of several inputs, such as sequences and states; that of one input as it is."""
    return masks[0] if isinstance(masks, (list, tuple)) else masks


def checked_mask(layer: Any, mask: Any, shape: tuple[int, ...]) -> Tensor | None:
    """Return a mask as booleans; ShapeError unless it has the shape (samples, steps)."""
    if mask is None:
        return None
    mask = asarray(mask)
    if mask.shape == (*shape, 1):
        mask = reshape(mask, shape)
    if mask.shape != shape:
        raise ShapeError(f"layer {layer.name}: needs a mask (samples, steps) of shape {shape}, got {mask.shape}")
    return mask if mask.dtype.kind == "b" else not_equal(mask, 0)
