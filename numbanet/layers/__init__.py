"""Layers: one family per file."""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.layers.activation import Activation, ReLU, Softmax
from numbanet.layers.dense import Dense
from numbanet.layers.dropout import Dropout
from numbanet.layers.function import Lambda
from numbanet.layers.input import Input
from numbanet.layers.layer import Layer
from numbanet.layers.merging import Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract
from numbanet.layers.missing import INSTEAD
from numbanet.layers.operations import Operation as Operation
from numbanet.layers.reshaping import Flatten, Reshape

__all__ = [
    "Activation", "Add", "Average", "Concatenate", "Dense", "Dot", "Dropout", "Flatten", "Input", "Lambda", "Layer",
    "Maximum", "Minimum", "Multiply", "ReLU", "Reshape", "Softmax", "Subtract",
]  # fmt: skip

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.layers", __all__, INSTEAD)
