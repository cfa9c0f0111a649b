"""What every layer is: weights that are made when the input is first seen, and a call."""

import inspect
import re
from contextlib import nullcontext
from typing import Any

import numpy as np

from numbanet.devices import device
from numbanet.dtypes import FLOATS, as_dtype, is_float
from numbanet.errors import ArgumentError, DataError, DeviceError, DTypeError, NotBuiltError, ShapeError
from numbanet.initializers import initial_value
from numbanet.operators import Operators
from numbanet.random import as_generator
from numbanet.tensor import asarray, to_numpy
from numbanet.variable import Variable, move


class Layer:
    """The base of all layers, and of your own.

    Subclasses make their weights in `build(input_shape)` with `add_weight`, and compute in `call(x, training, rng)`;
    `call` may leave out `training` and `rng`. What a layer is made of is listed by `get_config`, for files.

    Parameters
    ----------
    name : str, optional
        For messages, summaries and files; made from the class if not given.
    dtype : dtype, optional
        float32 (if not given) or float64: of its weights; floating inputs are converted to it.

    Raises
    ------
    DTypeError
        When `dtype` is no floating dtype.

    References
    ----------
    Keras 3, keras.layers.Layer; Chollet: Deep Learning with Python, section 3.6.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Scale(nn.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((input_shape[-1],), "ones", "factor")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> Scale()([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    """

    logits: Any = None
    """`logits(x)`, the output before the activation, in layers that can tell it."""

    def __init__(self, name=None, dtype=None):
        self.name = name or _snake_case(type(self).__name__)
        self.dtype = as_dtype(dtype or np.float32, f"layer {self.name}")
        if self.dtype not in FLOATS:
            raise DTypeError(f"layer {self.name}: dtype must be float32 or float64, got {self.dtype}")
        self.built = False
        self.input_shape: Any = None
        self._weights = []
        self._rng = None
        self._values = None
        self._accepts = _optional_arguments(self.call)

    def build(self, input_shape):
        """Make the weights for inputs of `input_shape`, whose first size, the number of samples, is None."""

    def call(self, x, training=False, rng=None):
        """The output for `x`, a Tensor (samples, ...)."""
        raise NotImplementedError(f"layer {self.name}: a Layer needs a call(x) of its own")

    def compute_output_shape(self, input_shape):
        """The shape that `call` gives for inputs of `input_shape`; (None, ...) with the samples left open."""
        return input_shape

    def get_config(self):
        """What `from_config` needs to make the layer again: plain numbers, strings, lists and dicts."""
        return {"name": self.name, "dtype": self.dtype.name}

    @classmethod
    def from_config(cls, config):
        """The layer that `get_config` describes."""
        return cls(**config)

    def add_weight(self, shape, initializer="glorot_uniform", name=None, trainable=True):
        """A new Variable of this layer, drawn from the generator of the model that builds it.

        Parameters
        ----------
        shape : tuple of int
        initializer : str or callable
            A name of `nn.initializers`, or `f(shape, dtype, rng)`.
        name : str, optional
        trainable : bool

        Returns
        -------
        Variable
        """
        label = f"{self.name}/{name or f'weight_{len(self._weights)}'}"
        if self._values is None:
            value = initial_value(initializer, shape, self.dtype, self._rng)
        else:
            value = _next_value(self._values, label, tuple(shape), self.dtype)
        weight = Variable(value, self.dtype, trainable, label)
        self._weights.append(weight)
        return weight

    @property
    def weights(self):
        """All Variables of the layer, in the order in which they were added."""
        return list(self._weights)

    @property
    def trainable_weights(self):
        """The Variables that training changes."""
        return [weight for weight in self._weights if weight.trainable]

    def ensure_built(self, input_shape, rng=None, values=None):
        """Build the layer once, for inputs of `input_shape`; later ones must fit.

        Weights are drawn from `rng`, or taken from the iterator `values`, as when a file is read.
        """
        if self.built:
            self.check_input(input_shape)
            return
        self._rng, self._values = as_generator(rng), values
        try:
            self.build(input_shape)
        except Exception:
            self._weights.clear()  # a build that failed leaves the layer as it was
            raise
        self.built, self.input_shape = True, input_shape

    def check_input(self, input_shape):
        """Raise ShapeError unless `input_shape` fits what the layer was built for: the last size, if it has weights."""
        if self._weights and input_shape[-1:] != self.input_shape[-1:]:
            raise ShapeError(
                f"layer {self.name}: built for inputs of {self.input_shape[-1]} features (shape {self.input_shape}), "
                f"called with shape {input_shape}"
            )

    def __call__(self, x, training=False, rng=None, logits=False):
        """Convert and check `x`, build the layer if it is new, and compute; `logits` leaves the activation out."""
        x = self._input(x)
        if is_float(x.dtype) and x.dtype != self.dtype:
            x = x.astype(self.dtype)
        with nullcontext() if self.built else device(x.device):  # weights are made where the first input is
            self.ensure_built((None, *x.shape[1:]), rng)
        if logits:
            return self.logits(x)
        given = {"training": training, "rng": rng}
        return self.call(x, **{name: given[name] for name in self._accepts})

    def _input(self, x):
        """`x` as a tensor beside the weights: moved there if it is none yet, and refused if it is elsewhere."""
        if not self._weights:
            return asarray(x)
        place = self._weights[0].device
        x = asarray(x, device=None if isinstance(x, Operators) else place)
        if x.device != place:
            raise DeviceError(
                f"layer {self.name}: the input is on {x.device}, the weights are on {place}; "
                "move one of them with x.to_device(...) or model.to_device(...)"
            )
        return x

    def to_device(self, device):
        """Move the weights, in place.

        Parameters
        ----------
        device : {"cpu", "cuda"}

        Returns
        -------
        Layer
            Itself.

        Raises
        ------
        DeviceError
            When the device cannot be used.
        """
        move(self._weights, device)
        return self

    def get_weights(self):
        """The values of the weights, as a list of NumPy arrays."""
        return [weight.numpy().copy() for weight in self._weights]

    def set_weights(self, values):
        """Replace the values of all weights; ShapeError, and nothing changed, unless every shape fits."""
        assign_all(self.name, self._weights, values)

    def __repr__(self):
        return f"{type(self).__name__}(name={self.name!r})"


def assign_all(owner, weights, values):
    """Assign `values` to `weights` after all shapes have been checked."""
    values = list(values)
    if len(values) != len(weights):
        raise ArgumentError(f"{owner}: set_weights needs {len(weights)} arrays, got {len(values)}")
    arrays = [value if isinstance(value, Operators) else to_numpy(value, f"{owner}: set_weights") for value in values]
    for weight, array in zip(weights, arrays, strict=True):
        if array.shape != weight.shape:
            raise ShapeError(f"{owner}: weight {weight.name} has shape {weight.shape}, got {array.shape}")
    for weight, array in zip(weights, arrays, strict=True):
        weight.assign(array)


def _next_value(values, label, shape, dtype):
    """The next array of an iterator, which must be what the weight needs: nothing is allocated before it is."""
    array = next(values, None)
    if array is None or array.shape != shape or array.dtype != dtype:
        given = "nothing" if array is None else f"{array.dtype} {array.shape}"
        raise DataError(f"weight {label} needs {dtype} {shape}, the file has {given}")
    return array


def feature_count(layer, input_shape):
    """The last size of `input_shape`, or an error that says that the layer needs one."""
    if len(input_shape) < 2:
        raise ShapeError(f"layer {layer.name}: needs inputs (samples, ..., features), got shape {input_shape}")
    if input_shape[-1] is None:
        raise NotBuiltError(f"layer {layer.name}: the last size of the input must be known, got {input_shape}")
    return input_shape[-1]


def positive_integer(layer_name, argument, value):
    """`value` as an int; ArgumentError naming layer and argument unless it is a whole number above zero."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ArgumentError(f"layer {layer_name}: {argument} must be a positive integer, got {value!r}")
    return int(value)


def _snake_case(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _optional_arguments(call):
    parameters = inspect.signature(call).parameters
    return tuple(name for name in ("training", "rng") if name in parameters)
