"""Activation functions, element by element."""

from __future__ import annotations

import math

import numpy as np

from numbanet.core.table import Case, Domain
from numbanet.loops import functions as loops
from numbanet.ops.creation import zeros_like
from numbanet.ops.declare import ARITHMETIC, FLOATING, NUMBER, REAL, composed, elementwise, publish
from numbanet.ops.elementwise import AWAY, greater, where
from numbanet.ops.functions import VECTORISED, erf, exp
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike

_FAMILY = "activation"

relu_gradient = elementwise(
    "relu_gradient", loops.relu_gradient, ARITHMETIC, "g if x > 0 else 0",
    "Return g where x is positive, and 0 elsewhere: the gradient of relu.",
    ("[5.0, 6.0], [-1.0, 2.0]", "Tensor([0., 6.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, z, x, y: relu_gradient(g, y), lambda g, z, x, y: zeros_like(y)),
    inputs=(REAL, REAL), smooth=(REAL, AWAY), reference=lambda g, x: np.where(x > 0, g, np.zeros_like(g)),
    family=_FAMILY, cost=0.2,
)  # fmt: skip
relu = elementwise(
    "relu", loops.relu, ARITHMETIC, "x if x > 0 else 0", "Return the rectified linear unit; its gradient at 0 is 0.",
    ("[-1.0, 2.0]", "Tensor([0., 2.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: relu_gradient(g, x),),
    inputs=(NUMBER,), smooth=(AWAY,), reference=lambda x: np.maximum(x, np.zeros_like(x)), family=_FAMILY, cost=0.2,
    source="Nair and Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.",
)  # fmt: skip
sigmoid = elementwise(
    "sigmoid", loops.sigmoid, FLOATING, "1 / (1 + e ** -x)", "Return the logistic function.",
    ("[0.0, 100.0]", "Tensor([0.5, 1. ], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * y * (1.0 - y),),
    reference=lambda x: 1 / (1 + np.exp(-x)), family=_FAMILY, cost=VECTORISED,
    source="Goodfellow, Bengio, Courville: Deep Learning, section 3.10.",
)  # fmt: skip
silu = elementwise(
    "silu", loops.silu, FLOATING, "x / (1 + e ** -x)", "Return the sigmoid-weighted linear unit, also called swish.",
    ("[0.0, 100.0]", "Tensor([  0., 100.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * (sigmoid(x) * (1.0 + x * sigmoid(-x))),),
    inputs=(Domain(special=False),), reference=lambda x: x / (1 + np.exp(-x)), family=_FAMILY, cost=VECTORISED,
    source="Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units, 2017, arXiv:1702.03118.",
)  # fmt: skip
softplus = elementwise(
    "softplus", loops.softplus, FLOATING, "ln(1 + e ** x)", "Return the softplus, a smooth relu.",
    ("[0.0, 100.0]", "Tensor([  0.6931472, 100.       ], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * sigmoid(x),),
    reference=lambda x: np.logaddexp(x, np.zeros_like(x)), family=_FAMILY, cost=10.0,
    source="Dugas et al.: Incorporating Second-Order Functional Knowledge, 2001.",
)  # fmt: skip


def _gelu_slope(x):
    return 0.5 * (1.0 + erf(x * math.sqrt(0.5))) + x * exp(x * x * -0.5) * (1.0 / math.sqrt(2 * math.pi))


def _gelu_reference(x):
    return x * 0.5 * np.vectorize(lambda v: math.erfc(-v * math.sqrt(0.5)), otypes=[x.dtype])(x)


gelu = elementwise(
    "gelu", loops.gelu, FLOATING, "x * P(X <= x) for a standard normal X",
    "Return the Gaussian error linear unit, without approximation.",
    ("[0.0, 100.0]", "Tensor([  0., 100.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: g * _gelu_slope(x),),
    inputs=(Domain(special=False),), reference=_gelu_reference, family=_FAMILY, cost=12.0,
    source="Hendrycks and Gimpel: Gaussian Error Linear Units, 2016, arXiv:1606.08415.",
)  # fmt: skip
_leaky_relu = elementwise(
    "leaky_relu", loops.leaky_relu, FLOATING, "x if x > 0 else slope * x",
    "Return the rectified linear unit with a slope below zero.",
    ("[-1.0, 2.0], 0.1", "Tensor([-0.1,  2. ], shape=(2,), dtype=float32)"),
    vjp=(
        lambda g, y, x, slope: where(greater(x, 0), g, g * slope),
        lambda g, y, x, slope: where(greater(x, 0), 0.0, g * x),
    ),
    inputs=(REAL, Domain(0.1, 0.5, special=False)), smooth=(AWAY, Domain(0.1, 0.5)),
    reference=lambda x, slope: np.where(x > 0, x, x * slope), family=_FAMILY, cost=0.3,
    source="Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013.",
)  # fmt: skip
_elu = elementwise(
    "elu", loops.elu, FLOATING, "x if x > 0 else alpha * (e ** x - 1)", "Return the exponential linear unit.",
    ("[-100.0, 2.0], 1.0", "Tensor([-1.,  2.], shape=(2,), dtype=float32)"),
    vjp=(
        lambda g, y, x, alpha: where(greater(x, 0), g, g * (y + alpha)),
        lambda g, y, x, alpha: where(greater(x, 0), 0.0, g * (exp(x) - 1.0)),
    ),
    inputs=(REAL, Domain(0.5, 2.0, special=False)), smooth=(Domain(-3.0, -0.3), Domain(0.5, 2.0)),
    reference=lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x)), family=_FAMILY, cost=6.0,
    source="Clevert, Unterthiner, Hochreiter: Exponential Linear Units, 2015, arXiv:1511.07289.",
)  # fmt: skip


def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.2) -> Tensor:
    return _leaky_relu(x, negative_slope)


def elu(x: ArrayLike, alpha: ArrayLike = 1.0) -> Tensor:
    return _elu(x, alpha)


def selu(x: ArrayLike) -> Tensor:
    """Return the scaled exponential linear unit.

    Computes `1.0507 * elu(x, 1.67326)`, with the constants that keep mean 0 and variance 1.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, 2017, arXiv:1706.02515.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.selu([0.0, 1.0])
    Tensor([0.      , 1.050701], shape=(2,), dtype=float32)
    """
    return elu(x, 1.6732632423543772) * 1.0507009873554805


publish("leaky_relu", leaky_relu)
publish("elu", elu)
composed(
    "selu", selu, family=_FAMILY, cases=(Case((REAL,), smooth=(AWAY,)),),
    reference=lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
)  # fmt: skip
