"""Layers around a layer: for every step, and in both directions."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.core.structures import flatten
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers.inputs import first_shape
from numbanet.layers.layer import Layer, output_shape_of
from numbanet.layers.masks import of_first
from numbanet.layers.module import Module
from numbanet.layers.rnn import with_states
from numbanet.ops.shaping import concat, flip, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, OpenShape, Seed

MODES = ("sum", "mul", "concat", "ave", None)


def _merge_mode(layer, name, value):
    if value is not None and (not isinstance(value, str) or value not in MODES):
        raise ArgumentError(f"layer {layer.name}: {name} must be one of {MODES}, got {value!r}")
    return value


class Bidirectional(Layer):
    """A recurrent layer in both directions: one goes through sequences forwards, a copy of it backwards.

    Parameters
    ----------
    layer : RNN
        LSTM, GRU, SimpleRNN or another RNN. Both directions are made of its settings; itself it is not used.
    merge_mode : {"concat", "sum", "mul", "ave", None}
        What is made of both outputs; None returns them as they are, in a tuple. Outputs of steps that a mask leaves out
        are zeros.
    backward_layer : RNN, optional
        The settings of the way back, if they are others; its `go_backwards` must be the opposite.
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ArgumentError
        When the layer is not an RNN, or the one backwards does not fit it.

    References
    ----------
    Keras 3, keras.layers.Bidirectional; Schuster and Paliwal: Bidirectional Recurrent Neural Networks, 1997.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.Bidirectional(nn.layers.LSTM(4, return_sequences=True))
    >>> layer(nn.ones((2, 5, 3))).shape
    (2, 5, 8)
    """

    takes_structures = True
    supports_masking = True
    _named = ("forward_layer", "backward_layer")
    _elsewhere: ClassVar[dict[str, str]] = Layer._elsewhere | {"layer": "forward_layer and backward_layer, made of it"}
    _settings: ClassVar[dict] = {"merge_mode": _merge_mode}
    merge_mode: Any

    def __init__(
        self, layer: Any, merge_mode: str | None = "concat", *, backward_layer: Any = None, name: str | None = None,
        dtype: DType = None, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        given = [one for one in (layer, backward_layer) if one is not None]
        for one in given:
            if not all(hasattr(one, flag) for flag in ("go_backwards", "return_sequences", "return_state")):
                raise ArgumentError(f"Bidirectional: needs a recurrent layer, got {one!r}")
        super().__init__(name, dtype or layer.dtype, input_shape=input_shape)
        self._set(merge_mode=merge_mode)
        back = layer if backward_layer is None else backward_layer
        backwards = back.go_backwards if backward_layer is not None else not layer.go_backwards
        names = ("return_sequences", "return_state", "stateful")
        different = [one for one in names if getattr(back, one) != getattr(layer, one)]
        if backwards == layer.go_backwards or different:
            wrong = different[0] if different else "go_backwards"
            raise ArgumentError(f"layer {self.name}: {wrong} of backward_layer does not fit that of the other layer")
        self._own_backward = backward_layer is not None
        zeros = {"zero_output_for_mask": True} if layer.return_sequences else {}
        self._set(forward_layer=_renamed(layer, "forward", **zeros))
        self._set(backward_layer=_renamed(back, "backward", go_backwards=backwards, **zeros))

    forward_layer: Any = None
    backward_layer: Any = None

    @property
    def return_sequences(self) -> bool:
        """Whether it returns the outputs of all steps."""
        return self.forward_layer.return_sequences

    @property
    def return_state(self) -> bool:
        """Whether it returns the last states as well."""
        return self.forward_layer.return_state

    @property
    def stateful(self) -> bool:
        """Whether the states after a batch are those before the next one."""
        return self.forward_layer.stateful

    def build(self, input_shape: Any) -> None:
        """Make the weights of both directions."""
        shape = first_shape(self, input_shape)
        for one in (self.forward_layer, self.backward_layer):
            one.ensure_built(shape, dtype=self.dtype)

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError unless the layers take sequences of this shape."""
        self.forward_layer.check_input(input_shape)

    def __call__(  # type: ignore[override]  # it takes states as well
        self, x: Any, initial_state: Any = None, training: bool | None = None, rng: Seed = None, mask: Any = None,
        logits: bool = False,
    ) -> Any:  # fmt: skip
        """Compute the output for sequences; see RNN. Of the initial states, the first half is for the way forwards."""
        return super().__call__(with_states(x, initial_state), training, rng, False, mask)

    def call(self, x: Any, mask: Any = None, training: bool = False, rng: Seed = None) -> Any:
        """Return the merged output, and the states of both directions if they are asked for."""
        sequences, states = (x[0], [*x[1:]]) if isinstance(x, (list, tuple)) else (x, [])
        if len(states) % 2:
            raise ShapeError(f"layer {self.name}: needs states for both directions, got {len(states)}")
        half = len(states) // 2
        options: dict[str, Any] = {"training": training, "rng": rng, "mask": of_first(mask)}
        there = self.forward_layer(sequences, states[:half] or None, **options)
        back = self.backward_layer(sequences, states[half:] or None, **options)
        after: tuple[Any, ...] = ()
        if self.return_state:
            after, there, back = (*there[1:], *back[1:]), there[0], back[0]
        if self.return_sequences:
            back = flip(back, 1)
        merged = self._merged(there, back)
        if self.merge_mode is None:
            return (*merged, *after)
        return (merged, *after) if self.return_state else merged

    def _merged(self, there, back):
        if self.merge_mode == "concat":
            return concat([there, back], -1)
        if self.merge_mode == "mul":
            return there * back
        if self.merge_mode == "sum":
            return there + back
        return (there + back) / 2 if self.merge_mode == "ave" else (there, back)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the output: that of the steps, if there are outputs of all of them."""
        kept = of_first(previous_mask) if self.return_sequences else None
        count = 2 if self.merge_mode is None else 1
        states = 2 * len(flatten(self.forward_layer.state_size)) if self.return_state else 0
        return kept if count + states == 1 else [kept] * count + [None] * states

    def reset_state(self) -> None:
        """Zero the states that stateful layers carry from batch to batch."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    def forget_state(self) -> None:
        """Drop the states of stateful layers, so that the next batch may have another number of samples."""
        self.forward_layer.forget_state()
        self.backward_layer.forget_state()

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output, or those of output and states."""
        there, back = (one.compute_output_shape(input_shape) for one in (self.forward_layer, self.backward_layer))
        states: tuple[Any, ...] = ()
        if self.return_state:
            states, there, back = (*there[1:], *back[1:]), there[0], back[0]
        if self.merge_mode is None:
            return (there, back, *states)
        merged = (*there[:-1], there[-1] + back[-1]) if self.merge_mode == "concat" else there
        return (merged, *states) if self.return_state else merged

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        other = {"backward_layer": self.backward_layer} if self._own_backward else {}
        return super().get_config() | {"layer": self.forward_layer, "merge_mode": self.merge_mode, **other}


def _renamed(layer, direction, **settings):
    """Return a layer of the same settings, and the name with its direction in front."""
    config = layer.get_config() | settings
    name = config["name"].removeprefix("forward_").removeprefix("backward_")
    config.pop("input_shape", None)
    return type(layer).from_config(config | {"name": f"{direction}_{name}"})


class TimeDistributed(Layer):
    """Applies a layer to each step of sequences, (samples, steps, ...): the same weights for all of them.

    The steps are taken for samples: the layer is called once, with (samples * steps, ...).

    Parameters
    ----------
    layer : Layer or model
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ArgumentError
        When it is not given a layer.
    ShapeError
        When it is called with fewer than three dimensions.

    References
    ----------
    Keras 3, keras.layers.TimeDistributed.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.TimeDistributed(nn.layers.Dense(4))(nn.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    supports_masking = True
    _named = ("layer",)
    layer: Any = None

    def __init__(
        self, layer: Any, *, name: str | None = None, dtype: DType = None, input_shape: OpenShape | None = None
    ) -> None:
        super().__init__(name, dtype or getattr(layer, "dtype", None), input_shape=input_shape)
        if not isinstance(layer, Module):
            raise ArgumentError(f"layer {self.name}: TimeDistributed needs a layer, got {layer!r}")
        self._set(layer=layer)

    def _step_shape(self, input_shape):
        if len(input_shape) < 3:
            raise ShapeError(f"layer {self.name}: needs sequences (samples, steps, ...), got shape {input_shape}")
        return (None, *input_shape[2:])

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights of the layer for steps."""
        ensure = getattr(self.layer, "ensure_built", None)
        if ensure is not None:
            ensure(self._step_shape(input_shape), dtype=self.dtype)

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless the layer takes steps of this shape."""
        shape = self._step_shape(input_shape)
        if hasattr(self.layer, "check_input"):
            self.layer.check_input(shape)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return the outputs of all steps, (samples, steps, ...)."""
        samples, steps = x.shape[:2]
        y: Any = self.layer(reshape(x, (samples * steps, *x.shape[2:])), training=training, rng=rng)
        if not isinstance(y, Tensor):
            raise ArgumentError(f"layer {self.name}: the layer gives a {type(y).__name__}, not one tensor")
        return reshape(y, (samples, steps, *y.shape[1:]))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> Any:
        """Return the shape with the steps behind the samples."""
        found = output_shape_of(self.layer, self._step_shape(input_shape))
        return None if found is None else (*input_shape[:2], *found[1:])

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"layer": self.layer}
