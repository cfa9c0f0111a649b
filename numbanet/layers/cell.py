"""What a cell is: what a recurrent layer does in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from numbanet.core.context import context
from numbanet.core.random import as_generator
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.calls import calling, training_of
from numbanet.layers.inputs import feature_count, input_of
from numbanet.layers.layer import Layer
from numbanet.ops.creation import ones, zeros
from numbanet.ops.dropout import dropout
from numbanet.ops.linalg import matmul
from numbanet.ops.shaping import split
from numbanet.tensor.devices import device
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.tensor.variable import Variable
from numbanet.typing import ActivationLike, ArrayLike, Config, DType, InitializerLike, Integer, Seed

WEIGHTS = settings.weights("kernel", "recurrent", "bias")


class Cell(Layer):
    """What the cells of numbanet share: a kernel, a recurrent kernel and a bias, and dropout of inputs and states.

    A cell is called with the input of a step and the states before it, and returns its output and the states after it.
    """

    GATES: ClassVar[int] = 1
    """How many numbers per unit a step computes from its input."""
    _settings: ClassVar[dict] = {
        "units": settings.positive_integer,
        "use_bias": settings.flag,
        "activation": settings.activation,
        "dropout": settings.rate,
        "recurrent_dropout": settings.rate,
        **WEIGHTS,
    }
    _fixed: ClassVar[tuple[str, ...]] = ("dtype", "units", "use_bias", *WEIGHTS)
    kernel_initializer: Callable[..., Any]
    recurrent_initializer: Callable[..., Any]
    bias_initializer: Callable[..., Any]
    units: int
    use_bias: bool
    dropout: float
    recurrent_dropout: float
    kernel: Variable
    recurrent_kernel: Variable
    bias: Variable | None

    def __init__(
        self, units: Integer, activation: ActivationLike, use_bias: bool, kernel_initializer: InitializerLike,
        recurrent_initializer: InitializerLike, bias_initializer: InitializerLike, name: str | None, dtype: DType,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype)
        self._set(units=units, activation=activation, use_bias=use_bias)
        self._set(kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer)
        self._set(bias_initializer=bias_initializer, **options)
        self._set(kernel=None, recurrent_kernel=None, bias=None)

    @property
    def state_size(self) -> Any:
        """The sizes of the states: an integer, or a list with one for each."""
        return self.units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.units

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights for inputs (samples, features)."""
        wide, features = self.GATES * self.units, feature_count(self, input_shape)
        of_kernel, of_recurrent, of_bias = (settings.of_weight(self, name) for name in ("kernel", "recurrent", "bias"))
        self.kernel = self.add_weight((features, wide), name="kernel", **of_kernel)
        self.recurrent_kernel = self.add_weight((self.units, wide), name="recurrent_kernel", **of_recurrent)
        if self.use_bias:
            of_bias["initializer"] = self._first_bias()
            self.bias = self.add_weight(self._bias_shape(), name="bias", **of_bias)

    def _bias_shape(self):
        return (self.GATES * self.units,)

    def _first_bias(self):
        return self.bias_initializer

    def get_initial_state(self, batch_size: Integer) -> list[Tensor]:
        """Return the states before the first step, zeros."""
        return [zeros((batch_size, size), self.dtype) for size in sizes_of(self)]

    def __call__(  # type: ignore[override]  # a cell takes states as well
        self, x: ArrayLike, states: Any, training: bool | None = None, rng: Seed = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Compute one step.

        Parameters
        ----------
        x : array-like, (samples, features)
        states : array-like, or a list of them, (samples, units)
        training : bool, optional
            Whether to drop inputs and states; that of the layer around, if not given.
        rng : int or numpy.random.Generator, optional

        Returns
        -------
        (Tensor, list of Tensor)
            The output (samples, units) and the states after the step.
        """
        training = training_of(self, training)
        rng = context.rng if rng is None else as_generator(rng)
        inputs = input_of(self, x)
        if inputs.ndim != 2:
            raise ShapeError(f"layer {self.name}: a step takes (samples, features), got shape {inputs.shape}")
        shape = (None, *inputs.shape[1:])
        if self.built:
            self.check_input(shape)
        else:
            with device(inputs.device):
                self.ensure_built(shape, rng)
        with calling(self, training, rng):
            return self.begin(inputs, training, rng)(inputs, checked_states(self, states, inputs.shape[0]))

    def begin(self, x: Tensor, training: bool, rng: Any) -> Callable[[Tensor, Any], tuple[Tensor, list[Tensor]]]:
        """Return the function of a step, for all steps of sequences of which `x` is the first one.

        What it drops is drawn once: the same inputs and states in each step (Gal and Ghahramani, 2016).
        """
        samples = x.shape[0]
        count = self.GATES if self.recurrent_dropout else 1
        dropped = self.masks(self.dropout, count, (samples, x.shape[1]), training, rng)
        dropped_states = self.masks(self.recurrent_dropout, self.GATES, (samples, self.units), training, rng)
        return lambda inputs, states: self.step(inputs, states, dropped, dropped_states)

    def masks(self, rate: float, count: int, shape: tuple[int, ...], training: bool, rng: Any) -> Any:
        """Return what to multiply by to drop out, a Tensor for each gate or one for all of them; None for nothing."""
        if not training or not rate:
            return None
        generator = as_generator(rng)
        return [dropout(ones(shape, self.dtype), rate, draw_seed(generator)) for _ in range(count)]

    def products(self, x: Tensor, kernel: Any, dropped: Any, bias: Any = None) -> list[Tensor]:
        """Return the product of `x` with the part of a kernel for each gate, and the bias added, (samples, units)."""
        if dropped is None or len(dropped) == 1:
            whole = matmul(x if dropped is None else x * dropped[0], kernel)
            return split(whole if bias is None else whole + bias, self.GATES, axis=1)
        kernels = split(kernel, self.GATES, axis=1)
        found = [matmul(x * mask, part) for mask, part in zip(dropped, kernels, strict=True)]
        if bias is None:
            return found
        return [one + part for one, part in zip(found, split(bias, self.GATES), strict=True)]

    def step(self, x: Tensor, states: Any, dropped: Any, dropped_states: Any) -> tuple[Tensor, list[Tensor]]:
        """Return the output and the states after a step."""
        raise NotImplementedError(f"{type(self).__name__} must define step")

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        numbers = {name: getattr(self, name) for name in ("units", "use_bias", "dropout", "recurrent_dropout")}
        named = {"activation": settings.config_name(self, "activation", self.activation)}
        described = settings.described(self, *WEIGHTS)
        return super().get_config() | numbers | named | described


def sizes_of(cell: Any) -> Any:
    """Return the sizes of the states of a cell as a list; one of lists if there are cells in it."""
    size = getattr(cell, "state_size", None)
    if isinstance(size, (list, tuple)):
        return list(size)
    if not isinstance(size, (int, np.integer)):
        raise ArgumentError(f"{cell!r}: a cell needs state_size, an integer or a list of them, got {size!r}")
    return [int(size)]


def checked_states(cell: Any, states: Any, samples: int) -> list[Tensor]:
    """Return states as tensors; ShapeError unless they are what a cell needs for so many samples."""
    given = list(states) if isinstance(states, (list, tuple)) else [states]
    sizes = sizes_of(cell)
    found = [asarray(one) for one in given]
    wanted = [(samples, size) for size in sizes]
    if [one.shape for one in found] != wanted:
        shapes = ", ".join(str(one.shape) for one in found)
        raise ShapeError(f"layer {cell.name}: needs states of shapes {', '.join(map(str, wanted))}, got {shapes}")
    return [one.astype(cell.dtype) for one in found]
