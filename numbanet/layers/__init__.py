"""Layers: one family per file."""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.layers.activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from numbanet.layers.batch_normalization import BatchNormalization
from numbanet.layers.dense import Dense
from numbanet.layers.dropout import Dropout
from numbanet.layers.function import Lambda
from numbanet.layers.input import Input
from numbanet.layers.layer import Layer
from numbanet.layers.margins import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from numbanet.layers.merging import Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract
from numbanet.layers.missing import INSTEAD
from numbanet.layers.normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from numbanet.layers.operations import Operation as Operation
from numbanet.layers.prelu import PReLU
from numbanet.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from numbanet.layers.scaling import Identity, Rescaling
from numbanet.layers.upsampling import UpSampling1D, UpSampling2D, UpSampling3D

__all__ = [
    "ELU",
    "Activation",
    "Add",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "Dot",
    "Dropout",
    "Flatten",
    "GroupNormalization",
    "Identity",
    "Input",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Maximum",
    "Minimum",
    "Multiply",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "Subtract",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.layers", __all__, INSTEAD)
