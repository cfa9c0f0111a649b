"""Dense layers, and the layers that have no weights."""

import math
from typing import ClassVar

from numbanet.errors import ShapeError
from numbanet.layers import settings
from numbanet.layers.base import Layer, feature_count
from numbanet.ops.activations import relu
from numbanet.ops.dropout import dropout
from numbanet.ops.linalg import dot
from numbanet.ops.neural import softmax
from numbanet.ops.shaping import reshape
from numbanet.random import as_generator
from numbanet.registry import describe
from numbanet.shapes import as_shape, resolve_reshape
from numbanet.trace import draw_seed


class _SameShape(Layer):
    """What the layers below share whose outputs have the shape of their inputs."""

    def compute_output_shape(self, input_shape):
        """The shape stays."""
        return input_shape


class Dense(Layer):
    """`activation(dot(x, kernel) + bias)`: every output sees every input.

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, optional
        A name of `nn.activations`, or a function on tensors.
    use_bias : bool
    kernel_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    name, dtype
        As in Layer.

    Attributes
    ----------
    kernel : Variable, (features, units)
    bias : Variable, (units,), or None

    Raises
    ------
    ArgumentError
        When `units` is no positive integer, or a name is unknown.
    ShapeError
        When it is called with another number of features than it was built for.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.1; Keras 3, keras.layers.Dense.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.Dense(4, activation="relu")
    >>> layer([[1.0, 2.0, 3.0]]).shape
    (1, 4)
    """

    _settings: ClassVar[dict] = {
        "units": settings.positive_integer,
        "activation": settings.activation,
        "kernel_initializer": settings.initializer,
        "bias_initializer": settings.initializer,
    }
    _fixed = ("dtype", "units", "kernel_initializer", "bias_initializer")

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        dtype=None,
    ):
        super().__init__(name, dtype)
        self.units = units
        self.activation = activation
        self.use_bias = bool(use_bias)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel = self.bias = None

    def build(self, input_shape):
        """Make kernel and bias for (samples, ..., features)."""
        features = feature_count(self, input_shape)
        self.kernel = self.add_weight((features, self.units), self.kernel_initializer, "kernel")
        self.bias = self.add_weight((self.units,), self.bias_initializer, "bias") if self.use_bias else None

    def logits(self, x):
        """The output before the activation."""
        y = dot(x.astype(self.dtype), self.kernel)
        return y + self.bias if self.use_bias else y

    def call(self, x):
        """(samples, ..., features) to (samples, ..., units)."""
        return self.activation(self.logits(x))

    def compute_output_shape(self, input_shape):
        """The last size becomes `units`."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """As in Layer."""
        return super().get_config() | {
            "units": self.units,
            "activation": settings.config_name(self, "activation", self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": describe(self.kernel_initializer, f"layer {self.name}: its kernel_initializer"),
            "bias_initializer": describe(self.bias_initializer, f"layer {self.name}: its bias_initializer"),
        }


class Activation(_SameShape):
    """An activation function as a layer.

    Parameters
    ----------
    activation : str or callable
        A name of `nn.activations`, or a function on tensors.
    name, dtype
        As in Layer.

    Raises
    ------
    ArgumentError
        When the name is unknown.

    References
    ----------
    Keras 3, keras.layers.Activation.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Activation("relu")([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """

    _settings: ClassVar[dict] = {"activation": settings.activation}

    def __init__(self, activation, name=None, dtype=None):
        super().__init__(name, dtype)
        self.activation = activation

    def logits(self, x):
        """The output before the activation: the input."""
        return x

    def call(self, x):
        """The activation of `x`; the shape stays."""
        return self.activation(x)

    def get_config(self):
        """As in Layer."""
        return super().get_config() | {"activation": settings.config_name(self, "activation", self.activation)}


class ReLU(_SameShape):
    """`nn.relu` as a layer.

    Parameters
    ----------
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.ReLU.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ReLU()([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """

    def call(self, x):
        """The larger of `x` and 0; the shape stays."""
        return relu(x)


class Softmax(_SameShape):
    """`nn.softmax` as a layer.

    Parameters
    ----------
    axis : int
        Along which the outputs sum to 1.
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Softmax.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Softmax()([[1.0, 1.0]])
    Tensor([[0.5, 0.5]], shape=(1, 2), dtype=float32)
    """

    _settings: ClassVar[dict] = {"axis": settings.integer}

    def __init__(self, axis=-1, name=None, dtype=None):
        super().__init__(name, dtype)
        self.axis = axis
        self.activation = softmax if self.axis == -1 else None  # the model asks which activation its output has

    def logits(self, x):
        """The output before softmax: the input."""
        return x

    def call(self, x):
        """Probabilities; the shape stays."""
        return softmax(x, axis=self.axis)

    def get_config(self):
        """As in Layer."""
        return super().get_config() | {"axis": self.axis}


class Dropout(_SameShape):
    """Sets a random part of its inputs to zero in training, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    name, dtype
        As in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014; Keras 3, keras.layers.Dropout.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Dropout(0.5)([[1.0, 1.0, 1.0, 1.0]], training=True, rng=0)
    Tensor([[0., 2., 2., 0.]], shape=(1, 4), dtype=float32)
    """

    _settings: ClassVar[dict] = {"rate": settings.rate}

    def __init__(self, rate, name=None, dtype=None):
        super().__init__(name, dtype)
        self.rate = rate

    def call(self, x, training=False, rng=None):
        """`x` itself outside training; the shape stays."""
        if not training or not self.rate:
            return x
        return dropout(x, self.rate, draw_seed(as_generator(rng)))

    def get_config(self):
        """As in Layer."""
        return super().get_config() | {"rate": self.rate}


class Flatten(Layer):
    """Everything but the samples in one dimension.

    Parameters
    ----------
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Flatten.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Flatten()(nn.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def call(self, x):
        """(samples, ...) to (samples, features)."""
        return reshape(x, (x.shape[0], math.prod(x.shape[1:])))

    def compute_output_shape(self, input_shape):
        """(samples, the product of the other sizes)."""
        return (input_shape[0], math.prod(input_shape[1:]))


class Reshape(Layer):
    """Samples in another shape.

    Parameters
    ----------
    target_shape : tuple of int
        The shape of one sample; one size may be -1.
    name, dtype
        As in Layer.

    Raises
    ------
    ShapeError
        When the elements of a sample do not fill the shape.

    References
    ----------
    Keras 3, keras.layers.Reshape.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Reshape((2, -1))(nn.zeros((5, 6))).shape
    (5, 2, 3)
    """

    _settings: ClassVar[dict] = {"target_shape": settings.sizes}

    def __init__(self, target_shape, name=None, dtype=None):
        super().__init__(name, dtype)
        self.target_shape = target_shape

    def call(self, x):
        """(samples, ...) to the samples in `target_shape`."""
        return reshape(x, (x.shape[0], *resolve_reshape(x.shape[1:], self.target_shape)))

    def compute_output_shape(self, input_shape):
        """The samples, then `target_shape`."""
        return (input_shape[0], *resolve_reshape(input_shape[1:], self.target_shape))

    def get_config(self):
        """As in Layer."""
        return super().get_config() | {"target_shape": list(self.target_shape)}


class Input(_SameShape):
    """Says what shape one sample has, so that a model is built at once; it computes nothing.

    Parameters
    ----------
    shape : tuple of int
        Of one sample.
    name, dtype
        As in Layer.

    Raises
    ------
    ShapeError
        When a model is called with samples of another shape.

    References
    ----------
    Keras 3, keras.Input.

    Examples
    --------
    >>> import numbanet as nn
    >>> model = nn.Sequential([nn.layers.Input((784,)), nn.layers.Dense(10)])
    >>> [w.shape for w in model.weights]
    [(784, 10), (10,)]
    """

    def __init__(self, shape, name=None, dtype=None):
        super().__init__(name, dtype)
        self.shape = as_shape(shape, f"layer {self.name}")

    def check_input(self, input_shape):
        """Raise ShapeError unless samples have the shape that was announced."""
        if input_shape[1:] != self.shape:
            raise ShapeError(f"layer {self.name}: samples of shape {self.shape} are needed, got {input_shape[1:]}")

    def build(self, input_shape):
        """Check the first input too."""
        self.check_input(input_shape)

    def call(self, x):
        """`x` itself."""
        return x

    def get_config(self):
        """As in Layer."""
        return super().get_config() | {"shape": list(self.shape)}
