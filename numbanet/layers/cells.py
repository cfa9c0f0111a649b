"""The cells of SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from numbanet.layers import settings
from numbanet.layers.cell import Cell
from numbanet.ops.activations import sigmoid
from numbanet.ops.functions import tanh
from numbanet.ops.linalg import matmul
from numbanet.ops.shaping import split
from numbanet.tensor.tensor import Tensor
from numbanet.typing import (
    ActivationLike,
    Config,
    ConstraintLike,
    DType,
    InitializerLike,
    Integer,
    Real,
    RegularizerLike,
)


class SimpleRNNCell(Cell):
    """One step of `SimpleRNN`: `activation(x @ kernel + bias + state @ recurrent_kernel)`.

    Parameters
    ----------
    units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer
        As in SimpleRNN.
    kernel_regularizer, recurrent_regularizer, bias_regularizer
        As in SimpleRNN.
    kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, name, dtype
        As in SimpleRNN.

    References
    ----------
    Keras 3, keras.layers.SimpleRNNCell; Elman: Finding Structure in Time, 1990.

    Examples
    --------
    >>> import numbanet as nn
    >>> cell = nn.layers.SimpleRNNCell(4)
    >>> output, states = cell(nn.ones((2, 3)), nn.zeros((2, 4)))
    >>> output.shape, len(states)
    ((2, 4), 1)
    """

    def __init__(
        self, units: Integer, activation: ActivationLike = "tanh", use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros", kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None, recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None, dropout: Real = 0.0, recurrent_dropout: Real = 0.0, *,
        name: str | None = None, dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, name, dtype,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout,
        )  # fmt: skip

    def step(self, x: Tensor, states: Any, dropped: Any, dropped_states: Any) -> tuple[Tensor, list[Tensor]]:
        """Return the output and the state after a step, which are the same."""
        of_input = self.products(x, self.kernel, dropped, self.bias)[0]
        h = self.activation(of_input + self.products(states[0], self.recurrent_kernel, dropped_states)[0])
        return h, [h]


class _Gated(Cell):
    """What cells with gates share."""

    _settings: ClassVar[dict] = {"recurrent_activation": settings.activation}
    recurrent_activation: Callable[..., Any]

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        name = settings.config_name(self, "recurrent_activation", self.recurrent_activation)
        return super().get_config() | {"recurrent_activation": name}


class LSTMCell(_Gated):
    """One step of `LSTM`.

    Parameters
    ----------
    units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer
        As in LSTM.
    unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer
        As in LSTM.
    kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout
        As in LSTM.
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.LSTMCell; Hochreiter and Schmidhuber: Long Short-Term Memory, 1997.

    Examples
    --------
    >>> import numbanet as nn
    >>> cell = nn.layers.LSTMCell(4)
    >>> output, states = cell(nn.ones((2, 3)), [nn.zeros((2, 4)), nn.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 2)
    """

    GATES = 4
    _settings: ClassVar[dict] = {"unit_forget_bias": settings.flag}
    _fixed: ClassVar[tuple[str, ...]] = (*Cell._fixed, "unit_forget_bias")
    unit_forget_bias: bool

    def __init__(
        self, units: Integer, activation: ActivationLike = "tanh", recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True, kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal", bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True, kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None, recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None, dropout: Real = 0.0, recurrent_dropout: Real = 0.0, *,
        name: str | None = None, dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, name, dtype,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout, recurrent_activation=recurrent_activation,
            unit_forget_bias=unit_forget_bias,
        )  # fmt: skip

    @property
    def state_size(self) -> Any:
        """The sizes of output and memory."""
        return [self.units, self.units]

    def _first_bias(self):
        if not self.unit_forget_bias:
            return self.bias_initializer

        def biases(shape, dtype, rng):
            """The forget gate is open at first (Jozefowicz et al.: An Empirical Exploration, 2015)."""
            initial, units = self.bias_initializer, self.units
            parts = initial((units,), dtype, rng), np.ones(units, dtype), initial((2 * units,), dtype, rng)
            return np.concatenate(parts)

        return biases

    def step(self, x: Tensor, states: Any, dropped: Any, dropped_states: Any) -> tuple[Tensor, list[Tensor]]:
        """Return the output, and output and memory after a step."""
        h, c = states
        of_input = self.products(x, self.kernel, dropped, self.bias)
        of_state = self.products(h, self.recurrent_kernel, dropped_states)
        into, forget, candidate, out_of = (one + other for one, other in zip(of_input, of_state, strict=True))
        gate = self.recurrent_activation
        c = gate(forget) * c + gate(into) * self.activation(candidate)
        h = gate(out_of) * self.activation(c)
        return h, [h, c]

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"unit_forget_bias": self.unit_forget_bias}


class GRUCell(_Gated):
    """One step of `GRU`.

    Parameters
    ----------
    units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer
        As in GRU.
    kernel_regularizer, recurrent_regularizer, bias_regularizer
        As in GRU.
    kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, reset_after, name, dtype
        As in GRU.

    References
    ----------
    Keras 3, keras.layers.GRUCell; Cho et al.: Learning Phrase Representations, 2014.

    Examples
    --------
    >>> import numbanet as nn
    >>> cell = nn.layers.GRUCell(4)
    >>> output, states = cell(nn.ones((2, 3)), nn.zeros((2, 4)))
    >>> output.shape, len(states)
    ((2, 4), 1)
    """

    GATES = 3
    _settings: ClassVar[dict] = {"reset_after": settings.flag}
    _fixed: ClassVar[tuple[str, ...]] = (*Cell._fixed, "reset_after")
    reset_after: bool

    def __init__(
        self, units: Integer, activation: ActivationLike = "tanh", recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True, kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal", bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None, recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None, kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None, dropout: Real = 0.0,
        recurrent_dropout: Real = 0.0, reset_after: bool = True, *, name: str | None = None, dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, name, dtype,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout, recurrent_activation=recurrent_activation, reset_after=reset_after,
        )  # fmt: skip

    def _bias_shape(self):
        wide = (self.GATES * self.units,)
        return (2, *wide) if self.reset_after else wide

    def biases(self) -> tuple[Any, Any]:
        """Return the bias of the inputs and that of the states, which is None unless reset comes after the product."""
        if self.bias is None:
            return None, None
        return (self.bias[0], self.bias[1]) if self.reset_after else (self.bias, None)

    def step(self, x: Tensor, states: Any, dropped: Any, dropped_states: Any) -> tuple[Tensor, list[Tensor]]:
        """Return the output and the state after a step, which are the same."""
        h, gate = states[0], self.recurrent_activation
        of_input, of_state = self.biases()
        inputs = self.products(x, self.kernel, dropped, of_input)
        if self.reset_after:
            products = self.products(h, self.recurrent_kernel, dropped_states, of_state)
            update, reset = gate(inputs[0] + products[0]), gate(inputs[1] + products[1])
            inner = reset * products[2]
        else:
            before = [h] * 3 if dropped_states is None else [h * mask for mask in dropped_states]
            kernels = split(self.recurrent_kernel, 3, axis=1)
            update, reset = (gate(inputs[i] + matmul(before[i], kernels[i])) for i in range(2))
            inner = matmul(reset * before[2], kernels[2])
        h = update * h + (1 - update) * self.activation(inputs[2] + inner)
        return h, [h]

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"reset_after": self.reset_after}


def are_standard(cell: Any) -> bool:
    """Return whether a cell has the activations for which there is a fused recurrence."""
    return cell.activation is tanh and getattr(cell, "recurrent_activation", sigmoid) is sigmoid
