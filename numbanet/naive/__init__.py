"""The naive loops by their names: functions of NumPy arrays, compiled, of everything that layers are made of.

Each is a thin wrapper of a range body in `numbanet.loops`, which also trains networks, and each has `py_func`, the same
function run by the interpreter, for reading and stepping through.

Those of single elements, vectors and matrices are the functions of Chollet: Deep Learning with Python, sections 2.3.1
to 2.3.3. Convolution and pooling move windows; a recurrent layer repeats a step; an embedding takes rows of a table,
and its gradient puts them back; CTC adds up the probabilities of all paths along labels.

Examples
--------
>>> import numpy as np, numbanet as nn
>>> image = np.arange(9.0).reshape(1, 3, 3, 1)
>>> nn.naive.naive_max_pool(image, 2, strides=1)[0, :, :, 0]
array([[4., 5.],
       [7., 8.]])
>>> nn.naive.naive_max_pool.py_func(image, 3).item()
8.0
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.naive.attention import naive_dot_product_attention, naive_softmax
from numbanet.naive.elementwise import (
    naive_add,
    naive_add_matrix_and_vector,
    naive_dropout,
    naive_maximum,
    naive_relu,
)
from numbanet.naive.normalization import (
    naive_batch_normalization,
    naive_layer_normalization,
    naive_rms_normalization,
)
from numbanet.naive.products import naive_matrix_dot, naive_matrix_vector_dot, naive_vector_dot
from numbanet.naive.recurrent import naive_gru_step, naive_lstm_step, naive_simple_rnn_step
from numbanet.naive.rows import naive_take, naive_take_back
from numbanet.naive.sequences import naive_ctc
from numbanet.naive.windows import naive_average_pool, naive_conv, naive_conv_transpose, naive_max_pool

__all__ = [
    "naive_add", "naive_add_matrix_and_vector", "naive_average_pool", "naive_batch_normalization", "naive_conv",
    "naive_conv_transpose", "naive_ctc", "naive_dot_product_attention", "naive_dropout", "naive_gru_step",
    "naive_layer_normalization", "naive_lstm_step", "naive_matrix_dot", "naive_matrix_vector_dot", "naive_max_pool",
    "naive_maximum", "naive_relu", "naive_rms_normalization", "naive_simple_rnn_step", "naive_softmax", "naive_take",
    "naive_take_back", "naive_vector_dot",
]  # fmt: skip

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.naive", __all__, {})
