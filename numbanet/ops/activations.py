"""Activation functions, element by element."""

from __future__ import annotations

import math

import numpy as np

from numbanet.core.table import Domain
from numbanet.loops import functions as loops
from numbanet.ops.creation import zeros_like
from numbanet.ops.declare import ARITHMETIC, FINITE, FLOATING, NUMBER, REAL, elementwise, publish
from numbanet.ops.elementwise import AWAY, clip, greater, where
from numbanet.ops.functions import VECTORISED, exp
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
    vjp=(lambda g, y, x: sigmoid_gradient(g, y),),
    reference=lambda x: 1 / (1 + np.exp(-x)), family=_FAMILY, cost=VECTORISED,
    source="Goodfellow, Bengio, Courville: Deep Learning, section 3.10.",
)  # fmt: skip
silu = elementwise(
    "silu", loops.silu, FLOATING, "x / (1 + e ** -x)", "Return the sigmoid-weighted linear unit, also called swish.",
    ("[0.0, 100.0]", "Tensor([  0., 100.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: silu_gradient(g, x),),
    inputs=(Domain(special=False),), reference=lambda x: x / (1 + np.exp(-x)), family=_FAMILY, cost=VECTORISED,
    source="Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units, 2017, arXiv:1702.03118.",
)  # fmt: skip
softplus = elementwise(
    "softplus", loops.softplus, FLOATING, "ln(1 + e ** x)", "Return the softplus, a smooth relu.",
    ("[0.0, 100.0]", "Tensor([  0.6931472, 100.       ], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: softplus_gradient(g, x),),
    reference=lambda x: np.logaddexp(x, np.zeros_like(x)), family=_FAMILY, cost=10.0,
    source="Dugas et al.: Incorporating Second-Order Functional Knowledge, 2001.",
)  # fmt: skip


def _gelu_reference(x):
    return x * 0.5 * np.vectorize(lambda v: math.erfc(-v * math.sqrt(0.5)), otypes=[x.dtype])(x)


gelu = elementwise(
    "gelu", loops.gelu, FLOATING, "x * P(X <= x) for a standard normal X",
    "Return the Gaussian error linear unit, without approximation.",
    ("[0.0, 100.0]", "Tensor([  0., 100.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: gelu_gradient(g, x),),
    inputs=(Domain(special=False),), reference=_gelu_reference, family=_FAMILY, cost=12.0,
    source="Hendrycks and Gimpel: Gaussian Error Linear Units, 2016, arXiv:1606.08415.",
)  # fmt: skip
_leaky_relu = elementwise(
    "leaky_relu", loops.leaky_relu, FLOATING, "x if x > 0 else negative_slope * x",
    "Return the rectified linear unit with a slope below zero.",
    ("[-1.0, 2.0], 0.1", "Tensor([-0.1,  2. ], shape=(2,), dtype=float32)"),
    vjp=(
        lambda g, y, x, slope: leaky_relu_gradient(g, x, slope),
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
        lambda g, y, x, alpha: elu_gradient(g, x, alpha),
        lambda g, y, x, alpha: where(greater(x, 0), 0.0, g * elu(x, 1.0)),
    ),
    inputs=(REAL, Domain(0.5, 2.0, special=False)), smooth=(Domain(-3.0, -0.3), Domain(0.5, 2.0)),
    reference=lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x)), family=_FAMILY, cost=6.0,
    source="Clevert, Unterthiner, Hochreiter: Exponential Linear Units, 2015, arXiv:1511.07289.",
)  # fmt: skip


def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.2) -> Tensor:
    return _leaky_relu(x, negative_slope)


def elu(x: ArrayLike, alpha: ArrayLike = 1.0) -> Tensor:
    return _elu(x, alpha)


publish("leaky_relu", leaky_relu)
publish("elu", elu)
selu = elementwise(
    "selu", loops.selu, FLOATING, "1.0507 * x if x > 0 else 1.0507 * 1.67326 * (e ** x - 1)",
    "Return the scaled exponential linear unit, with the constants that keep mean 0 and variance 1.",
    ("[0.0, 1.0]", "Tensor([0.      , 1.050701], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: selu_gradient(g, x),),
    inputs=(REAL,), smooth=(AWAY,), family=_FAMILY, cost=VECTORISED,
    reference=lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    source="Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, 2017, arXiv:1706.02515.",
)  # fmt: skip
gelu_tanh = elementwise(
    "gelu_tanh", loops.gelu_tanh, FLOATING, "0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))",
    "Return an approximation of the Gaussian error linear unit.",
    ("[0.0, 100.0]", "Tensor([  0., 100.], shape=(2,), dtype=float32)"),
    vjp=(lambda g, y, x: gelu_tanh_gradient(g, x),),
    inputs=(Domain(special=False),), family=_FAMILY, cost=VECTORISED, reference=lambda x: x * _logistic(_inner(x)),
    source="Hendrycks and Gimpel: Gaussian Error Linear Units, 2016, arXiv:1606.08415.",
)  # fmt: skip


# Gradients


def _gradient(name, formula, summary, example, vjp, reference, *, inputs=(FINITE, FINITE), **options):
    """An op of what comes from behind, and of the result or the argument; a rule of `vjp` for each operand."""
    return elementwise(
        name, getattr(loops, name), FLOATING, formula, summary, example, vjp=vjp, reference=reference, inputs=inputs,
        family=_FAMILY, cost=options.pop("cost", VECTORISED), source=_CHAIN_RULE, **options,
    )  # fmt: skip


_CHAIN_RULE = "Goodfellow, Bengio, Courville: Deep Learning, section 6.5."
_SLOPE, _CUBE = 2.0 * math.sqrt(2.0 / math.pi), 0.044715


def _inner(x):
    """gelu_tanh(x) is x * sigmoid of it."""
    return _SLOPE * x * (1.0 + _CUBE * x * x)


def _logistic(x):
    return 1 / (1 + np.exp(-x))


def _silu_slope(x):
    return _logistic(x) * (1 + x * _logistic(-x))


def _gelu_slope(x):
    density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return np.vectorize(lambda v: math.erfc(-v * math.sqrt(0.5)) / 2, otypes=[x.dtype])(x) + x * density


def _gelu_tanh_slope(x):
    w = _inner(x)
    return _logistic(w) * (1 + x * _logistic(-w) * _SLOPE * (1 + 3 * _CUBE * x * x))


def _by_silu(x):
    """The second derivative of silu."""
    x = clip(x, -800.0, 800.0)  # infinity times 0 is none
    p, q = sigmoid(x), sigmoid(-x)
    return p * q * (2.0 + x * (q - p))


def _by_gelu(x):
    """The second derivative of gelu."""
    x = clip(x, -40.0, 40.0)
    return exp(x * x * -0.5) * (2.0 - x * x) * (1.0 / math.sqrt(2.0 * math.pi))


def _by_gelu_tanh(x):
    """The second derivative of gelu_tanh."""
    x = clip(x, -25.0, 25.0)
    w, by_x, by_x_again = _inner(x), _SLOPE * (1.0 + 3.0 * _CUBE * x * x), 6.0 * _SLOPE * _CUBE * x
    p, q = sigmoid(w), sigmoid(-w)
    return p * q * (2.0 * by_x + x * by_x_again + x * by_x * by_x * (q - p))


sigmoid_gradient = _gradient(
    "sigmoid_gradient", "g * y * (1 - y)",
    "Return the gradient of sigmoid with respect to its argument; y is its result.",
    ("1.0, [0.5, 1.0]", "Tensor([0.25, 0.  ], shape=(2,), dtype=float32)"),
    (lambda h, z, g, y: sigmoid_gradient(h, y), lambda h, z, g, y: h * g * (1.0 - 2.0 * y)),
    lambda g, y: g * y * (1 - y), cost=0.3,
)  # fmt: skip
softplus_gradient = _gradient(
    "softplus_gradient", "g / (1 + e ** -x)", "Return the gradient of softplus with respect to its argument.",
    ("1.0, [0.0, 100.0]", "Tensor([0.5, 1. ], shape=(2,), dtype=float32)"),
    (lambda h, z, g, x: softplus_gradient(h, x), lambda h, z, g, x: sigmoid_gradient(h * g, sigmoid(x))),
    lambda g, x: g * _logistic(x),
)  # fmt: skip
silu_gradient = _gradient(
    "silu_gradient", "g * sigmoid(x) * (1 + x * sigmoid(-x))",
    "Return the gradient of silu with respect to its argument.",
    ("1.0, [0.0, 100.0]", "Tensor([0.5, 1. ], shape=(2,), dtype=float32)"),
    (lambda h, z, g, x: silu_gradient(h, x), lambda h, z, g, x: h * g * _by_silu(x)),
    lambda g, x: g * _silu_slope(x),
)  # fmt: skip
gelu_gradient = _gradient(
    "gelu_gradient", "g * (P(X <= x) + x * density(x)) for a standard normal X",
    "Return the gradient of gelu with respect to its argument.",
    ("1.0, [0.0, 100.0]", "Tensor([0.5, 1. ], shape=(2,), dtype=float32)"),
    (lambda h, z, g, x: gelu_gradient(h, x), lambda h, z, g, x: h * g * _by_gelu(x)),
    lambda g, x: g * _gelu_slope(x), cost=4.0,
)  # fmt: skip
gelu_tanh_gradient = _gradient(
    "gelu_tanh_gradient", "g times the slope of gelu_tanh",
    "Return the gradient of gelu_tanh with respect to its argument.",
    ("1.0, [0.0, 100.0]", "Tensor([0.5, 1. ], shape=(2,), dtype=float32)"),
    (lambda h, z, g, x: gelu_tanh_gradient(h, x), lambda h, z, g, x: h * g * _by_gelu_tanh(x)),
    lambda g, x: g * _gelu_tanh_slope(x),
)  # fmt: skip
selu_gradient = _gradient(
    "selu_gradient", "g * (1.0507 if x > 0 else 1.0507 * 1.67326 * e ** x)",
    "Return the gradient of selu with respect to its argument.",
    ("1.0, [-1000.0, 1.0]", "Tensor([0.      , 1.050701], shape=(2,), dtype=float32)"),
    (lambda h, z, g, x: selu_gradient(h, x), lambda h, z, g, x: where(greater(x, 0), 0.0, selu_gradient(h * g, x))),
    lambda g, x: g * 1.0507009873554805 * np.where(x > 0, 1, 1.6732632423543772 * np.exp(x)),
    smooth=(REAL, Domain(-3.0, -0.3)),
)  # fmt: skip
elu_gradient = _gradient(
    "elu_gradient", "g if x > 0 else g * alpha * e ** x", "Return the gradient of elu with respect to x.",
    ("1.0, [-1000.0, 1.0], 1.0", "Tensor([0., 1.], shape=(2,), dtype=float32)"),
    (
        lambda h, z, g, x, alpha: elu_gradient(h, x, alpha),
        lambda h, z, g, x, alpha: where(greater(x, 0), 0.0, elu_gradient(h * g, x, alpha)),
        lambda h, z, g, x, alpha: where(greater(x, 0), 0.0, elu_gradient(h * g, x, 1.0)),
    ),
    lambda g, x, alpha: g * np.where(x > 0, 1, alpha * np.exp(x)),
    inputs=(FINITE, FINITE, Domain(0.5, 2.0, special=False)), smooth=(REAL, Domain(-3.0, -0.3), Domain(0.5, 2.0)),
)  # fmt: skip
leaky_relu_gradient = _gradient(
    "leaky_relu_gradient", "g if x > 0 else g * negative_slope",
    "Return the gradient of leaky_relu with respect to x.",
    ("5.0, [-1.0, 2.0], 0.1", "Tensor([0.5, 5. ], shape=(2,), dtype=float32)"),
    (
        lambda h, z, g, x, slope: leaky_relu_gradient(h, x, slope), lambda h, z, g, x, slope: zeros_like(x),
        lambda h, z, g, x, slope: where(greater(x, 0), 0.0, h * g),
    ),
    lambda g, x, slope: np.where(x > 0, g, g * slope),
    inputs=(REAL, REAL, Domain(0.1, 0.5, special=False)), smooth=(REAL, AWAY, Domain(0.1, 0.5)), cost=0.3,
)  # fmt: skip
