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
from numbanet.ops.sorting import topk as top_k

__all__ = [
    "dropout",
    "elu",
    "embedding_lookup",
    "gelu",
    "l2_normalize",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "moments",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
]

_MISSING = {
    "batch_normalization": "subtract the mean and divide by the standard deviation, which nn.nn.moments helps to find",
    "bias_add": "write x + bias",
    "conv2d": "numbanet has no convolutions",
    "max_pool2d": "numbanet has no pooling",
    "l2_loss": "write nn.sum(x ** 2) / 2",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.nn", __all__, _MISSING)
