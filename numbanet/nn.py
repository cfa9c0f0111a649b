"""Activations and losses of scores, with the names of TensorFlow's `tf.nn`.

Most are the functions that numbanet has anyway: `nn.nn.relu is nn.relu`.

Examples
--------
>>> import numbanet as nn
>>> nn.nn.relu([-1.0, 2.0])
Tensor([0., 2.], shape=(2,), dtype=float32)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numbanet.compat.calculus import log_sigmoid as log_sigmoid
from numbanet.compat.keras.activations import softsign as softsign
from numbanet.compat.keras.piecewise import relu6 as relu6
from numbanet.compat.keras.searching import in_top_k as in_top_k
from numbanet.compat.neural import l2_normalize as l2_normalize
from numbanet.compat.neural import moments as moments
from numbanet.compat.neural import sigmoid_cross_entropy_with_logits as sigmoid_cross_entropy_with_logits
from numbanet.compat.neural import softmax_cross_entropy_with_logits as softmax_cross_entropy_with_logits
from numbanet.compat.neural import sparse_softmax_cross_entropy_with_logits as sparse_softmax_cross_entropy_with_logits
from numbanet.core.missing import only
from numbanet.ops.activations import elu as elu
from numbanet.ops.activations import gelu as gelu
from numbanet.ops.activations import leaky_relu as leaky_relu
from numbanet.ops.activations import relu as relu
from numbanet.ops.activations import selu as selu
from numbanet.ops.activations import sigmoid as sigmoid
from numbanet.ops.activations import silu as silu
from numbanet.ops.activations import silu as swish
from numbanet.ops.activations import softplus as softplus
from numbanet.ops.dropping import dropout as dropout
from numbanet.ops.functions import tanh as tanh
from numbanet.ops.indexing import take as embedding_lookup
from numbanet.ops.neural import log_softmax as log_softmax
from numbanet.ops.neural import softmax as softmax
from numbanet.ops.pooling import average_pool as avg_pool
from numbanet.ops.pooling import max_pool as max_pool
from numbanet.ops.sorting import topk as top_k

__all__ = [
    "avg_pool",
    "dropout",
    "elu",
    "embedding_lookup",
    "gelu",
    "in_top_k",
    "l2_normalize",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "moments",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
]

_CONV = "nn.conv(x, filters, strides, padding) convolves sequences, images and volumes"
_TRANSPOSED = "nn.conv_transpose(x, filters, strides, padding) finds the shape of its result"
_MAXIMUM = "nn.nn.max_pool takes sequences, images and volumes"
_MEAN = "nn.nn.avg_pool takes sequences, images and volumes"
_MISSING = {
    "atrous_conv2d": "nn.conv takes dilation_rate",
    "avg_pool1d": _MEAN,
    "avg_pool2d": _MEAN,
    "avg_pool3d": _MEAN,
    "batch_normalization": "nn.ops.batch_normalization(x, mean, variance, axis, offset, scale, epsilon) takes an axis",
    "bias_add": "write x + bias",
    "conv1d": _CONV,
    "conv1d_transpose": _TRANSPOSED,
    "conv2d": _CONV,
    "conv2d_transpose": _TRANSPOSED,
    "conv3d": _CONV,
    "conv3d_transpose": _TRANSPOSED,
    "conv_transpose": _TRANSPOSED,
    "convolution": _CONV,
    "crelu": "write nn.relu(nn.concatenate([x, -x], axis=-1))",
    "ctc_loss": "nn.ops.ctc_loss takes the arguments of Keras, and nn.losses.CTC compares in training",
    "depthwise_conv2d": "nn.depthwise_conv(x, filters, strides, padding) takes sequences, images and volumes",
    "l2_loss": "write nn.sum(x ** 2) / 2",
    "local_response_normalization": "numbanet has no normalization over neighbouring channels",
    "max_pool1d": _MAXIMUM,
    "max_pool2d": _MAXIMUM,
    "max_pool3d": _MAXIMUM,
    "separable_conv2d": "nn.separable_conv takes sequences, images and volumes",
    "zero_fraction": "write nn.mean(x == 0)",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.nn", __all__, _MISSING)
