"""Functions as layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from numbanet.core.encoding import decode, encode
from numbanet.core.names import function_named
from numbanet.errors import ArgumentError
from numbanet.layers.layer import Layer
from numbanet.typing import Config, DType, OpenShape


def _function(layer, name, value):
    found = function_named(value) if isinstance(value, str) else value
    if not callable(found):
        raise ArgumentError(f"layer {layer.name}: {name} must be a function of tensors, got {value!r}")
    return found


class Lambda(Layer):
    """A function of tensors as a layer: of one, or of a list, tuple or dict of several.

    Parameters
    ----------
    function : callable
        `function(x, **arguments)`. To be saved with a model it needs a name in files, see `nn.saving.register`; the
        functions of numbanet have one.
    arguments : dict, optional
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ArgumentError
        When it is not a function.

    References
    ----------
    Keras 3, keras.layers.Lambda.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Lambda(nn.sum, arguments={"axis": -1, "keepdims": True})([[1.0, 2.0]])
    Tensor([[3.]], shape=(1, 1), dtype=float32)
    """

    _settings: ClassVar[dict] = {"function": _function}
    takes_structures = True
    function: Any

    def __init__(
        self, function: Callable[..., Any], arguments: Mapping[str, Any] | None = None, name: str | None = None,
        dtype: DType = None, *, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(function=function)
        self.arguments: dict[str, Any] = dict(arguments or {})

    def call(self, x: Any) -> Any:
        """Return what the function gives for `x`."""
        return self.function(x, **self.arguments)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        parts = {"function": self.function, "arguments": self.arguments}
        return super().get_config() | {key: encode(one, f"layer {self.name}: its {key}") for key, one in parts.items()}

    @classmethod
    def from_config(cls, config: Config) -> Lambda:
        """Return the layer that `get_config` describes."""
        return cls(**config | {key: decode(config[key]) for key in ("function", "arguments")})
