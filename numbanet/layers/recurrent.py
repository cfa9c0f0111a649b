"""Recurrent layers: SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from numbanet.layers import recurrence
from numbanet.layers.cell import WEIGHTS
from numbanet.layers.cells import GRUCell, LSTMCell, SimpleRNNCell, are_standard
from numbanet.layers.inputs import cast
from numbanet.layers.rnn import RNN
from numbanet.layers.spatial import no_sequences
from numbanet.ops.creation import ones, zeros
from numbanet.ops.shaping import reshape
from numbanet.typing import (
    ActivationLike,
    Config,
    ConstraintLike,
    DType,
    InitializerLike,
    Integer,
    OpenShape,
    Real,
    RegularizerLike,
)

OF_CELL = (
    "units", "activation", "use_bias", "dropout", "recurrent_dropout", "kernel", "recurrent_kernel", "bias", *WEIGHTS,
)  # fmt: skip


def _of_cell(name):
    """Return an attribute that is the cell's."""

    def get(self: Any) -> Any:
        return getattr(self.cell, name)

    def put(self: Any, value: Any) -> None:
        setattr(self.cell, name, value)

    return property(get, put, doc=f"`{name}` of the cell.")


class Recurrent(RNN):
    """What SimpleRNN, LSTM and GRU share: a cell of their own, and a faster way through all steps."""

    def _sequences_shape(self, input_shape):
        shape = super()._sequences_shape(input_shape)
        if len(shape) != 3:
            raise no_sequences(self, shape)
        return shape

    def _run(self, steps, states, keep, training, rng):
        cell = self.cell
        steps = cast(self, steps)
        if self.unroll or not self._is_fused() or (training and cell.recurrent_dropout):
            return super()._run(steps, states, keep, training, rng)
        dropped = cell.masks(cell.dropout, 1, steps.shape[1:], training, rng)
        if dropped is not None:
            steps = steps * dropped[0]
        count, samples, features = steps.shape
        rows = reshape(steps, (count * samples, features))  # laid out once, for the way forth and the way back
        steps = reshape(rows, steps.shape)
        kept = ones((count, samples), "bool") if keep is None else keep
        return self._recurrence(steps, states, kept)

    def _is_fused(self):
        """Whether there is a fused recurrence for these settings."""
        return are_standard(self.cell)

    def _states(self, function, end, *operands):
        """Return the outputs, all of them or the last one, and the last states; `end` gives these alone."""
        if self.return_sequences or self.zero_output_for_mask:
            found, count = function(*operands), len(self.state_size)
            return found[count:], [found[-1], *(found[k] for k in range(count - 1))]
        found = end(*operands)
        return found[-1:], [found[-1], *(found[k] for k in range(found.shape[0] - 1))]

    def _bias(self, bias):
        """Return a bias, or zeros in its place."""
        return zeros(self.cell.GATES * self.cell.units, self.dtype) if bias is None else bias

    def _recurrence(self, steps, states, keep):
        raise NotImplementedError

    def get_config(self) -> Config:
        """Return the settings: those of the cell among them, in its place."""
        config = super().get_config()
        own = self.cell.get_config()
        del config["cell"], own["name"], own["dtype"]
        return config | own


for _name in OF_CELL:
    setattr(Recurrent, _name, _of_cell(_name))


class SimpleRNN(Recurrent):
    """The recurrent network of Elman: the output of a step is a state that the next step gets beside its input.

    `state = activation(x @ kernel + bias + state @ recurrent_kernel)`, for each step of sequences (samples, steps,
    features).

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, optional
        A name of `nn.activations`, or a function on tensors. There is a fast way for "tanh".
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    activity_regularizer
        As in Layer.
    kernel_constraint, recurrent_constraint, bias_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    dropout, recurrent_dropout : float
        The part of the inputs, and of the states, that is dropped in training: the same in all steps.
    return_sequences, return_state, go_backwards, stateful, unroll, zero_output_for_mask
        As in RNN.
    name, dtype, input_shape
        As in Layer.

    Attributes
    ----------
    kernel : Variable, (features, units)
    recurrent_kernel : Variable, (units, units)
    bias : Variable, (units,), or None

    References
    ----------
    Keras 3, keras.layers.SimpleRNN; Elman: Finding Structure in Time, 1990.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.SimpleRNN(4, return_sequences=True)
    >>> layer(nn.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    def __init__(
        self, units: Integer, activation: ActivationLike = "tanh", use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros", *, kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None, kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None, dropout: Real = 0.0,
        recurrent_dropout: Real = 0.0, return_sequences: bool = False, return_state: bool = False,
        go_backwards: bool = False, stateful: bool = False, unroll: bool = False, zero_output_for_mask: bool = False,
        name: str | None = None, dtype: DType = None, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, dtype=dtype,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state, go_backwards=go_backwards,
            stateful=stateful, unroll=unroll, zero_output_for_mask=zero_output_for_mask, name=name, dtype=dtype,
            activity_regularizer=activity_regularizer, input_shape=input_shape,
        )  # fmt: skip

    def _recurrence(self, steps, states, keep):
        cell = self.cell
        operands = steps, cell.kernel, self._bias(cell.bias), cell.recurrent_kernel, *states, keep
        return self._states(recurrence.simple_rnn, recurrence.simple_rnn_end, *operands)


class LSTM(Recurrent):
    """Long short-term memory: gates decide what a memory takes in, forgets and gives out.

    For each step of sequences (samples, steps, features), with the gates `i, f, g, o` side by side in `x @ kernel +
    bias + h @ recurrent_kernel`: `c = sigmoid(f) * c + sigmoid(i) * tanh(g)` and `h = sigmoid(o) * tanh(c)`.

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, optional
        In place of tanh: a name of `nn.activations`, or a function on tensors.
    recurrent_activation : str or callable, optional
        In place of sigmoid. There is a fast way for tanh and sigmoid.
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    unit_forget_bias : bool
        Whether the bias of the forget gate is one at first.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    activity_regularizer
        As in Layer.
    kernel_constraint, recurrent_constraint, bias_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    dropout, recurrent_dropout : float
        The part of the inputs, and of the states, that is dropped in training: the same in all steps.
    return_sequences, return_state, go_backwards, stateful, unroll, zero_output_for_mask
        As in RNN.
    name, dtype, input_shape
        As in Layer.

    Attributes
    ----------
    kernel : Variable, (features, 4 * units)
    recurrent_kernel : Variable, (units, 4 * units)
    bias : Variable, (4 * units,), or None

    References
    ----------
    Keras 3, keras.layers.LSTM; Hochreiter and Schmidhuber: Long Short-Term Memory, 1997; Gers et al.: Learning to
    Forget, 2000.

    Examples
    --------
    >>> import numbanet as nn
    >>> output, h, c = nn.layers.LSTM(4, return_sequences=True, return_state=True)(nn.ones((2, 5, 3)))
    >>> output.shape, h.shape, c.shape
    ((2, 5, 4), (2, 4), (2, 4))
    """

    recurrent_activation, unit_forget_bias = _of_cell("recurrent_activation"), _of_cell("unit_forget_bias")

    def __init__(
        self, units: Integer, activation: ActivationLike = "tanh", recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True, kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal", bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True, *, kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None, kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None, dropout: Real = 0.0,
        recurrent_dropout: Real = 0.0, return_sequences: bool = False, return_state: bool = False,
        go_backwards: bool = False, stateful: bool = False, unroll: bool = False, zero_output_for_mask: bool = False,
        name: str | None = None, dtype: DType = None, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, dtype=dtype,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state, go_backwards=go_backwards,
            stateful=stateful, unroll=unroll, zero_output_for_mask=zero_output_for_mask, name=name, dtype=dtype,
            activity_regularizer=activity_regularizer, input_shape=input_shape,
        )  # fmt: skip

    def _recurrence(self, steps, states, keep):
        cell = self.cell
        operands = steps, cell.kernel, self._bias(cell.bias), cell.recurrent_kernel, *states, keep
        return self._states(recurrence.lstm, recurrence.lstm_end, *operands)


class GRU(Recurrent):
    """Gated recurrent units: one gate decides how much of the state stays, another how much of it the new one sees.

    For each step of sequences (samples, steps, features), with the gates `z, r, n` side by side: `z = sigmoid(x_z +
    h_z)`, `r = sigmoid(x_r + h_r)`, `n = tanh(x_n + r * h_n)` and `h = z * h + (1 - z) * n`, where `x_...` are the
    parts of `x @ kernel + bias[0]` and `h_...` those of `h @ recurrent_kernel + bias[1]`.

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, optional
        In place of tanh: a name of `nn.activations`, or a function on tensors.
    recurrent_activation : str or callable, optional
        In place of sigmoid.
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    activity_regularizer
        As in Layer.
    kernel_constraint, recurrent_constraint, bias_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    dropout, recurrent_dropout : float
        The part of the inputs, and of the states, that is dropped in training: the same in all steps.
    return_sequences, return_state, go_backwards, stateful, unroll, zero_output_for_mask
        As in RNN.
    reset_after : bool
        Whether the reset gate multiplies the product with the state, as cuDNN has it, and not the state before. There
        is a fast way for this, with tanh and sigmoid.
    name, dtype, input_shape
        As in Layer.

    Attributes
    ----------
    kernel : Variable, (features, 3 * units)
    recurrent_kernel : Variable, (units, 3 * units)
    bias : Variable, (2, 3 * units), or (3 * units,) without `reset_after`, or None

    References
    ----------
    Keras 3, keras.layers.GRU; Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder, 2014.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.GRU(4)(nn.ones((2, 5, 3))).shape
    (2, 4)
    """

    recurrent_activation, reset_after = _of_cell("recurrent_activation"), _of_cell("reset_after")

    def __init__(
        self, units: Integer, activation: ActivationLike = "tanh", recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True, kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal", bias_initializer: InitializerLike = "zeros", *,
        kernel_regularizer: RegularizerLike = None, recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None, activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None, recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None, dropout: Real = 0.0, recurrent_dropout: Real = 0.0,
        return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False,
        unroll: bool = False, zero_output_for_mask: bool = False, reset_after: bool = True, name: str | None = None,
        dtype: DType = None, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, reset_after, dtype=dtype,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state, go_backwards=go_backwards,
            stateful=stateful, unroll=unroll, zero_output_for_mask=zero_output_for_mask, name=name, dtype=dtype,
            activity_regularizer=activity_regularizer, input_shape=input_shape,
        )  # fmt: skip

    def _is_fused(self):
        return self.cell.reset_after and super()._is_fused()

    def _recurrence(self, steps, states, keep):
        cell = self.cell
        of_input, of_state = map(self._bias, cell.biases())
        operands = steps, cell.kernel, of_input, cell.recurrent_kernel, *states, of_state, keep
        return self._states(recurrence.gru, recurrence.gru_end, *operands)
