"""Layers: one family per file."""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.layers.activation import Activation, ReLU, Softmax
from numbanet.layers.dense import Dense
from numbanet.layers.dropout import Dropout
from numbanet.layers.input import Input
from numbanet.layers.layer import Layer
from numbanet.layers.missing import INSTEAD
from numbanet.layers.reshaping import Flatten, Reshape

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "Layer", "ReLU", "Reshape", "Softmax"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.layers", __all__, INSTEAD)
