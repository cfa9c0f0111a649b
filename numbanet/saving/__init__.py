"""Models as files: one safetensors file, with the architecture as JSON in its header. Nothing is ever unpickled.

The header's metadata has one entry, `numbanet`: the format's version, the layers, what they and their weights are
called, and how the model was compiled. Weights are tensors named `weights/0`, `weights/1`, ..., the optimizer's state
`optimizer/...`; any safetensors tool can read them. Before a file is written, the model is made once more from its
description, without its weights: what could not be loaded is not saved. Everything is checked before a model is made:
what was edited, cut off or is of another making raises DataError.
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.core.names import register

__all__ = ["register"]


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.saving", __all__, {})
