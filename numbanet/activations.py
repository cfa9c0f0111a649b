"""Activation functions by name, for layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from numbanet.core.encoding import decode
from numbanet.core.missing import only
from numbanet.core.names import FUNCTIONS, REGISTERED, resolve
from numbanet.errors import ArgumentError, unknown_name
from numbanet.ops.activations import elu, gelu, leaky_relu, relu, selu, sigmoid, silu, softplus
from numbanet.ops.activations import silu as swish
from numbanet.ops.functions import exp, tanh
from numbanet.ops.neural import log_softmax, softmax
from numbanet.typing import ActivationLike, Config

__all__ = [
    "ACTIVATIONS", "elu", "exp", "gelu", "get", "leaky_relu", "linear", "log_softmax", "name_of", "relu", "selu",
    "sigmoid", "silu", "softmax", "softplus", "swish", "tanh",
]  # fmt: skip

T = TypeVar("T")


def linear(x: T) -> T:
    """Return `x` itself.

    Parameters
    ----------
    x : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        `x` itself.

    Raises
    ------
    Nothing.

    References
    ----------
    Keras 3, keras.activations.linear.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.activations.linear(nn.asarray(2.0))
    Tensor(2., shape=(), dtype=float32)
    """
    return x


FUNCTIONS["linear"] = linear

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "elu": elu,
    "exponential": exp,
    "gelu": gelu,
    "leaky_relu": leaky_relu,
    "linear": linear,
    "log_softmax": log_softmax,
    "relu": relu,
    "selu": selu,
    "sigmoid": sigmoid,
    "silu": silu,
    "softmax": softmax,
    "softplus": softplus,
    "swish": silu,
    "tanh": tanh,
}


def get(activation: ActivationLike | Config) -> Callable[..., Any]:
    """Return the function that a name means.

    Parameters
    ----------
    activation : str, callable or None
        A name of `ACTIVATIONS`, one that was registered, a function on tensors, a layer, or None for the identity.

    Returns
    -------
    callable

    Raises
    ------
    ArgumentError
        When the name is unknown; the message names the nearest one.

    References
    ----------
    Keras 3, keras.activations.get.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.activations.get("relu") is nn.relu
    True
    """
    if activation is None:
        return linear
    if isinstance(activation, str):
        found = ACTIVATIONS.get(activation) or resolve(activation, "activation")
        if found is None:
            raise unknown_name("activation", activation, [*ACTIVATIONS, *REGISTERED])
        return found
    if isinstance(activation, dict):  # what a layer of a file has: another layer, or an object of your own
        activation = decode(activation)
    if callable(activation):
        return activation
    raise ArgumentError(f"an activation is a name or a function on tensors, got {activation!r}")


def name_of(function: object) -> str | None:
    """Return the name under which an activation can be found again.

    Parameters
    ----------
    function : callable

    Returns
    -------
    str or None
        None for a function of your own.

    Raises
    ------
    Nothing.

    References
    ----------
    Keras 3, keras.activations.serialize.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.activations.name_of(nn.tanh)
    'tanh'
    """
    return next((name for name, known in ACTIVATIONS.items() if known is function), None)


_IN_OPS = (
    "celu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "log_sigmoid", "relu6",
    "soft_shrink", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh_shrink", "threshold",
)  # fmt: skip

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.activations", __all__, {name: f"nn.ops.{name} is one" for name in _IN_OPS})
