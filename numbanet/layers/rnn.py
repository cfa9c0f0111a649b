"""RNN: a cell, called for every step of a sequence."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.core.context import context
from numbanet.core.hooks import accepted
from numbanet.core.structures import flatten, restructure
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.calls import calling
from numbanet.layers.cell import sizes_of
from numbanet.layers.inputs import first_shape
from numbanet.layers.layer import Layer
from numbanet.layers.masks import checked_mask, of_first
from numbanet.layers.recurrence import chosen
from numbanet.layers.spatial import no_sequences
from numbanet.ops.creation import zeros
from numbanet.ops.elementwise import where
from numbanet.ops.shaping import flip, permute_dims, reshape, stack
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable, move
from numbanet.typing import Config, DType, OpenShape, RegularizerLike, Seed

FLAGS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")


class Carried:
    """The states that a stateful layer carries from batch to batch: no weights of it, as in Keras."""

    def __init__(self, states: list[Tensor]) -> None:
        self.variables = [Variable(one, trainable=False, name="state") for one in states]

    def on(self, device: str) -> list[Variable]:
        """Return the states, where the input is."""
        if self.variables[0].device != device:
            move(self.variables, device)
        return self.variables


def with_states(x: Any, states: Any) -> Any:
    """Return sequences and the states before their first step as one list; the sequences alone for no states."""
    if states is None:
        return x
    return [x, *(states if isinstance(states, (list, tuple)) else [states])]


class RNN(Layer):
    """Calls a cell for each step of sequences, (samples, steps, features), with the states after the step before.

    A cell is a layer with the attribute `state_size`, an integer or a list of them, and `call(x, states)`, which
    returns the output of a step and the list of new states. It may have `output_size`, and
    `get_initial_state(batch_size)`; otherwise states begin as zeros.

    Parameters
    ----------
    cell : Layer, or a list of them
        A list is a StackedRNNCells.
    return_sequences : bool
        Whether to return the outputs of all steps, and not only the last one.
    return_state : bool
        Whether to return the last states as well.
    go_backwards : bool
        Whether to begin with the last step; outputs are then in the order in which they were computed.
    stateful : bool
        Whether the states after a batch are those before the next one, of as many samples; `reset_state` zeroes them.
    unroll : bool
        Whether to compute step by step even where there is a faster way; the results differ by rounding.
    zero_output_for_mask : bool
        Whether outputs of steps that a mask leaves out are zero, and not those of the step before.
    name, dtype, activity_regularizer, input_shape
        As in Layer.

    Raises
    ------
    ArgumentError
        When the cell has no `state_size`.
    ShapeError
        When sequences, states or masks have other shapes than the layer needs, or a stateful layer gets another number
        of samples than before.

    References
    ----------
    Keras 3, keras.layers.RNN.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Sum(nn.layers.Layer):
    ...     state_size = 3
    ...     def call(self, x, states):
    ...         total = states[0] + x
    ...         return total, [total]
    >>> nn.layers.RNN(Sum())(nn.ones((1, 5, 3)))
    Tensor([[5., 5., 5.]], shape=(1, 3), dtype=float32)
    """

    takes_structures = True
    supports_masking = True
    _named = ("cell",)
    _settings: ClassVar[dict] = dict.fromkeys(FLAGS, settings.flag)
    cell: Any
    return_sequences: bool
    return_state: bool
    go_backwards: bool
    stateful: bool
    unroll: bool
    zero_output_for_mask: bool
    _carried: Carried | None = None
    _not_copied = Layer._not_copied | {"_carried"}
    _not_kept = Layer._not_kept | {"_carried"}

    def __init__(
        self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
        stateful: bool = False, unroll: bool = False, zero_output_for_mask: bool = False, *, name: str | None = None,
        dtype: DType = None, activity_regularizer: RegularizerLike = None, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        if isinstance(cell, (list, tuple)):
            from_list: Any = StackedRNNCells
            cell = from_list(list(cell))
        sizes_of(cell)
        self._set(cell=cell, return_sequences=return_sequences, return_state=return_state, go_backwards=go_backwards)
        self._set(stateful=stateful, unroll=unroll, zero_output_for_mask=zero_output_for_mask)

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states."""
        return sizes_of(self.cell)

    @property
    def output_size(self) -> int:
        """The size of an output."""
        return getattr(self.cell, "output_size", None) or flatten(self.state_size)[0]

    def build(self, input_shape: Any) -> None:
        """Make the weights of the cell for steps (samples, features)."""
        sequences = self._sequences_shape(input_shape)
        if isinstance(self.cell, Layer):
            self.cell.ensure_built((None, *sequences[2:]), dtype=self.dtype)

    def _sequences_shape(self, input_shape):
        shape = first_shape(self, input_shape)
        if len(shape) < 3:
            raise no_sequences(self, shape)
        return shape

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError unless the cell was built for steps of these sequences."""
        sequences = self._sequences_shape(input_shape)
        if isinstance(self.cell, Layer) and self.cell.built:
            self.cell.check_input((None, *sequences[2:]))

    def __call__(  # type: ignore[override]  # it takes states as well
        self, x: Any, initial_state: Any = None, training: bool | None = None, rng: Seed = None, mask: Any = None,
        logits: bool = False,
    ) -> Any:  # fmt: skip
        """Compute the output for sequences.

        Parameters
        ----------
        x : array-like, (samples, steps, features)
            Or a list of them and the initial states.
        initial_state : array-like, or a list of them, (samples, units), optional
            The states before the first step; zeros, or those after the last batch of a stateful layer, if not given.
        training : bool, optional
            Whether to drop out.
        rng : int or numpy.random.Generator, optional
        mask : array-like, (samples, steps), optional
            False for steps to leave out: states stay as they were. That of the layers before, if not given.
        logits : bool
            Has no meaning here.

        Returns
        -------
        Tensor, or a tuple of the output and the states
            The output (samples, units), or (samples, steps, units) of all steps.
        """
        return super().__call__(with_states(x, initial_state), training, rng, False, mask)

    def call(self, x: Any, mask: Any = None, training: bool = False, rng: Seed = None) -> Any:
        """Return the output, and the states if they are asked for."""
        sequences, given = (x[0], [*x[1:]]) if isinstance(x, (list, tuple)) else (x, [])
        keep = checked_mask(self, of_first(mask), sequences.shape[:2])
        states = self._first_states(sequences, given)
        if not sequences.shape[1]:
            raise ShapeError(f"layer {self.name}: sequences have no steps: shape {sequences.shape}")
        steps = permute_dims(sequences, (1, 0, *range(2, sequences.ndim)))
        kept = None if keep is None else permute_dims(keep, (1, 0))
        if self.go_backwards:
            steps, kept = flip(steps, 0), None if kept is None else flip(kept, 0)
        outputs, states = self._run(steps, states, kept, training, rng)
        if self.zero_output_for_mask and kept is not None:
            shape = kept.shape + (1,) * (outputs.ndim - 2)
            outputs = where(reshape(kept, shape), outputs, 0.0)
        if self.stateful and context.built is None:
            self._carry(flatten(states))
        output = permute_dims(outputs, (1, 0, *range(2, outputs.ndim))) if self.return_sequences else outputs[-1]
        return (output, *states) if self.return_state else output

    def _run(self, steps, states, keep, training, rng):
        """Return the outputs of all steps, time-major, and the last states."""
        step, outputs = self._stepper(steps[0], training, rng), []
        previous = None
        for t in range(len(steps)):
            output, new = step(steps[t], states)
            if keep is not None:
                before = previous if previous is not None else _first_output(output, states)
                output = chosen(keep[t], output, before)
                kept = [chosen(keep[t], *pair) for pair in zip(flatten(new), flatten(states), strict=True)]
                new = restructure(states, iter(kept))
            states, previous = new, output
            outputs.append(output)
        return stack(outputs), states

    def _stepper(self, first, training, rng):
        """Return the function of a step."""
        if hasattr(self.cell, "begin"):
            return self.cell.begin(first, training, rng)
        return stepper_of(self.cell, training, rng)

    def _first_states(self, sequences, given):
        """Return the states before the first step, in the form in which the cell takes them."""
        samples, cell = sequences.shape[0], self.cell
        if self.stateful and context.built is None and not given:
            return self._carried_states(sequences)
        if not given:
            return initial_states(cell, samples, self.dtype)
        nested = [*self.state_size]
        if len(given) != len(flatten(nested)):
            raise ShapeError(f"layer {self.name}: needs {len(flatten(nested))} initial states, got {len(given)}")
        for one, size in zip(given, flatten(nested), strict=True):
            if one.shape != (samples, size):
                raise ShapeError(f"layer {self.name}: needs a state of shape {(samples, size)}, got {one.shape}")
        return restructure(nested, iter([one.astype(self.dtype) for one in given]))

    def _carried_states(self, sequences):
        samples = sequences.shape[0]
        if self._carried is None:
            self._carried = Carried(flatten(initial_states(self.cell, samples, self.dtype)))
        variables = self._carried.on(sequences.device)
        if variables[0].shape[0] != samples:
            raise ShapeError(
                f"layer {self.name}: it is stateful and has the states of {variables[0].shape[0]} samples, got "
                f"{samples}; call layer.forget_state() before batches of another size"
            )
        return restructure([*self.state_size], iter([one.read() for one in variables]))

    def _carry(self, states):
        if self._carried is None:
            self._carried = Carried([one.zeros_like() for one in states])
        for variable, state in zip(self._carried.variables, states, strict=True):
            variable.assign(state)

    def reset_state(self) -> None:
        """Zero the states that a stateful layer carries from batch to batch."""
        for variable in self._carried.variables if self._carried is not None else ():
            variable.assign(variable.zeros_like())

    reset_states = reset_state

    def forget_state(self) -> None:
        """Drop the states of a stateful layer, so that the next batch may have another number of samples."""
        self._carried = None

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Return the states before the first step, for so many samples."""
        return initial_states(self.cell, batch_size, self.dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the output: that of the steps, if there are outputs of all of them."""
        kept = of_first(previous_mask) if self.return_sequences else None
        return [kept, *[None] * len(flatten(self.state_size))] if self.return_state else kept

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output, or those of output and states."""
        shape = self._sequences_shape(input_shape)
        output = (*shape[:2], self.output_size) if self.return_sequences else (shape[0], self.output_size)
        return (output, *[(shape[0], size) for size in flatten(self.state_size)]) if self.return_state else output

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"cell": self.cell} | {name: getattr(self, name) for name in FLAGS}


def _first_output(output, states):
    """Return what counts as the output before the first step: the first state, if it has its shape."""
    flat = flatten(states)
    last = states[-1][0] if isinstance(states[-1], (list, tuple)) else flat[0]
    return last if last.shape == output.shape else zeros(output.shape, output.dtype)


def initial_states(cell: Any, samples: int, dtype: DType) -> list[Any]:
    """Return the states of a cell before the first step, a list."""
    own = getattr(cell, "get_initial_state", None)
    if own is None:
        return [zeros((samples, size), dtype) for size in sizes_of(cell)]
    found = own(**accepted(own, batch_size=samples, dtype=dtype))
    return list(found) if isinstance(found, (list, tuple)) else [found]


def stepper_of(cell: Any, training: bool, rng: Any) -> Any:
    """Return the function of a step of a cell of one's own: its `call`, as a layer around it calls it."""
    options = accepted(cell.call, training=training, rng=rng)

    def step(x: Any, states: Any) -> tuple[Any, list[Any]]:
        with calling(cell, training, rng):
            output, new = cell.call(x, states, **options)
        return output, list(new) if isinstance(new, (list, tuple)) else [new]

    return step


class StackedRNNCells(Layer):
    """Cells one after another in each step: the output of one is the input of the next.

    Parameters
    ----------
    cells : list of Layer
        Cells, see RNN.
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.StackedRNNCells.

    Examples
    --------
    >>> import numbanet as nn
    >>> cells = nn.layers.StackedRNNCells([nn.layers.LSTMCell(8), nn.layers.GRUCell(4)])
    >>> nn.layers.RNN(cells)(nn.ones((2, 5, 3))).shape
    (2, 4)
    """

    def __init__(self, cells: list[Any], *, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ArgumentError(f"layer {self.name}: cells must be a list of at least one, got {cells!r}")
        for cell in cells:
            sizes_of(cell)
        self._set(cells=list(cells))

    cells: Any

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states of each cell, lists."""
        return [sizes_of(cell) for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The size of the output of the last cell."""
        return output_size_of(self.cells[-1])

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Return the states of each cell before the first step."""
        return [initial_states(cell, batch_size, self.dtype) for cell in self.cells]

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights of the cells."""
        for cell in self.cells:
            if isinstance(cell, Layer):
                cell.ensure_built(input_shape, dtype=self.dtype)
            input_shape = (None, output_size_of(cell))

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless the first cell takes steps of a shape."""
        if isinstance(self.cells[0], Layer) and self.cells[0].built:
            self.cells[0].check_input(input_shape)

    def begin(self, x: Tensor, training: bool, rng: Any) -> Any:
        """Return the function of a step, for all steps of sequences of which `x` is the first one."""
        steppers = []
        for cell in self.cells:
            steppers.append(cell.begin(x, training, rng) if hasattr(cell, "begin") else stepper_of(cell, training, rng))
            x = zeros((x.shape[0], output_size_of(cell)), self.dtype)

        def step(inputs: Any, states: Any) -> tuple[Any, list[Any]]:
            after = []
            for stepper, own in zip(steppers, states, strict=True):
                inputs, new = stepper(inputs, own)
                after.append(new)
            return inputs, after

        return step

    def call(self, x: Tensor, states: Any = None, training: bool = False, rng: Seed = None) -> Any:
        """Return the output and the states after one step."""
        return self.begin(x, training, rng)(x, states)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"cells": self.cells}


def output_size_of(cell: Any) -> int:
    """Return the size of the output of a cell."""
    return getattr(cell, "output_size", None) or flatten(sizes_of(cell))[0]
