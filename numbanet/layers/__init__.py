"""Layers, of which models are made. Names, arguments, defaults and the order of weights are those of Keras 3."""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.layers.activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from numbanet.layers.adapted import Normalization
from numbanet.layers.attention import AdditiveAttention, Attention
from numbanet.layers.augmentation import RandomContrast, RandomCrop, RandomFlip
from numbanet.layers.batch_normalization import BatchNormalization
from numbanet.layers.cells import GRUCell, LSTMCell, SimpleRNNCell
from numbanet.layers.convolution import Conv1D, Conv2D, Conv3D
from numbanet.layers.convolution_kinds import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from numbanet.layers.dense import Dense
from numbanet.layers.dropout import Dropout
from numbanet.layers.embedding import Embedding
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
from numbanet.layers.masking import Masking
from numbanet.layers.merging import Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract
from numbanet.layers.missing import INSTEAD
from numbanet.layers.multi_head_attention import MultiHeadAttention
from numbanet.layers.noise import (
    AlphaDropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from numbanet.layers.normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from numbanet.layers.operations import Operation as Operation
from numbanet.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from numbanet.layers.prelu import PReLU
from numbanet.layers.random_affine import RandomRotation, RandomTranslation, RandomZoom
from numbanet.layers.recurrent import GRU, LSTM, SimpleRNN
from numbanet.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from numbanet.layers.rnn import RNN, StackedRNNCells
from numbanet.layers.scaling import Identity, Rescaling
from numbanet.layers.spectral import SpectralNormalization
from numbanet.layers.upsampling import UpSampling1D, UpSampling2D, UpSampling3D
from numbanet.layers.wrappers import Bidirectional, TimeDistributed

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "Identity",
    "Input",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SeparableConv1D",
    "SeparableConv2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
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
