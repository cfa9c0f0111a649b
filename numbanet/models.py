"""Models, under the name that Keras has for the module of them.

Examples
--------
>>> import numbanet as nn
>>> nn.models.Sequential is nn.Sequential
True
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.training.cloning import clone_model as clone_model
from numbanet.training.cloning import model_from_json as model_from_json
from numbanet.training.loading import load_model as load_model
from numbanet.training.model import Model as Model
from numbanet.training.sequential import Sequential as Sequential

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json"]

_MISSING = {
    "save_model": "write model.save(path)",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.models", __all__, _MISSING)
