"""Layers: one family per file."""

from numbanet.layers.base import Layer
from numbanet.layers.core import Activation, Dense, Dropout, ReLU, Softmax
from numbanet.layers.shaping import Flatten, Input, Reshape

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "Layer", "ReLU", "Reshape", "Softmax"]
