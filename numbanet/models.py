"""Sequential: layers one after the other, trained as in Keras."""

from numbanet import activations, saving
from numbanet.devices import device
from numbanet.errors import ArgumentError, NotBuiltError
from numbanet.layers.base import Layer, assign_all
from numbanet.layers.core import Input
from numbanet.random import as_generator
from numbanet.shapes import as_shape
from numbanet.tensor import asarray
from numbanet.training import Trainer
from numbanet.variable import move


class Sequential(Trainer):
    """A stack of layers.

    Parameters
    ----------
    layers : list of Layer, optional
    name : str, optional
    rng : int or numpy.random.Generator, optional
        For the first weights; if not given, those come from the `rng` of `fit`.

    Raises
    ------
    ArgumentError
        When something in the list is no layer.

    References
    ----------
    Keras 3, keras.Sequential; Chollet: Deep Learning with Python, chapter 2.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> model = nn.Sequential([nn.layers.Dense(8, activation="relu"), nn.layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> history = model.fit(x, 2 * x, epochs=3, verbose=0, rng=0)
    >>> len(history.history["loss"])
    3
    """

    def __init__(self, layers=None, name=None, rng=None):
        self.name = name or "sequential"
        self.layers = []
        self._rng = None if rng is None else as_generator(rng)
        for layer in layers or []:
            self.add(layer)

    def add(self, layer):
        """Append a layer.

        Raises
        ------
        ArgumentError
            When it is no Layer, or is in the model already.
        """
        if not isinstance(layer, Layer):
            raise ArgumentError(f"Sequential: needs layers, got {layer!r}")
        if any(layer is known for known in self.layers):
            raise ArgumentError(f"Sequential: layer {layer.name} is in the model already; sharing is not supported")
        names = {known.name for known in self.layers}
        if layer.name in names:
            count = 1
            while f"{layer.name}_{count}" in names:
                count += 1
            layer.name = f"{layer.name}_{count}"
        self.layers.append(layer)
        if isinstance(self.layers[0], Input):
            self.build_for((None, *self.layers[0].shape))

    @property
    def weights(self):
        """The Variables of all layers."""
        return [weight for layer in self.layers for weight in layer.weights]

    @property
    def trainable_weights(self):
        """The Variables that training changes."""
        return [weight for layer in self.layers for weight in layer.trainable_weights]

    @property
    def built(self):
        """Whether the weights have been made."""
        return bool(self.layers) and all(layer.built for layer in self.layers)

    def build(self, input_shape, rng=None):
        """Make the weights for samples of a shape.

        Parameters
        ----------
        input_shape : tuple of int
            Of one sample, or with None for the number of samples in front: (None, 784) or (784,).
        rng : int or numpy.random.Generator, optional

        Raises
        ------
        ShapeError
            When the layers do not fit the shape, or each other.
        """
        shape = tuple(input_shape) if isinstance(input_shape, (tuple, list)) else (input_shape,)
        sample = shape[1:] if shape[:1] == (None,) else shape
        self.build_for((None, *as_shape(sample, "build")), rng)

    def build_for(self, input_shape, rng=None, values=None):
        """Make the weights for inputs (None, ...), from `rng` or the iterator `values`; built layers are checked."""
        generator = self._rng if self._rng is not None else as_generator(rng)
        self.output_shape_for(input_shape)
        for layer in self.layers:
            layer.ensure_built(input_shape, generator, values)
            input_shape = layer.compute_output_shape(input_shape)

    def output_shape_for(self, input_shape):
        """The shape that inputs (None, ...) come out with; errors of layers that do not fit, without building any."""
        if not self.layers:
            raise NotBuiltError(f"{self.name}: the model has no layers; add some first")
        for layer in self.layers:
            if layer.built:
                layer.check_input(input_shape)
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def output_activation(self):
        """The name of the last layer's activation, or None; it is what a loss on logits can do without."""
        last = self.layers[-1] if self.layers else None
        if last is None or last.logits is None:
            return None  # a layer of one's own may have an activation, but says nothing of what goes into it
        return activations.name_of(getattr(last, "activation", None))

    def activate(self, logits):
        """The last layer's activation of `logits`."""
        return self.layers[-1].activation(logits)

    def forward(self, x, training=False, rng=None, logits=False):
        """The output for `x`; with `logits`, what the last activation gets."""
        if not self.layers:
            raise NotBuiltError(f"{self.name}: the model has no layers; add some first")
        if not self.built:
            x = asarray(x)
            with device(x.device):  # weights are made where the first input is
                self.build_for((None, *x.shape[1:]), rng)
        for layer in self.layers[:-1]:
            x = layer(x, training=training, rng=rng)
        last = self.layers[-1]
        return last(x, training=training, rng=rng, logits=logits)

    def __call__(self, x, training=False, rng=None):
        """The output for `x`, a Tensor; recorded by open tapes."""
        return self.forward(x, training, rng)

    def to_device(self, device):
        """Move the weights and the optimizer's state, in place; they are trained there from now on.

        Parameters
        ----------
        device : {"cpu", "cuda"}

        Returns
        -------
        Sequential
            Itself.

        Raises
        ------
        DeviceError
            When the device cannot be used.
        DeviceMemoryError
            When there is no room; the weights are where they were then.
        """
        move(self.weights, device)
        if self.optimizer is not None:
            self.optimizer.follow()
        return self

    def get_weights(self):
        """The values of all weights, as a list of NumPy arrays."""
        return [weight.numpy().copy() for weight in self.weights]

    def set_weights(self, values):
        """Replace the values of all weights; nothing is changed unless every shape fits."""
        self._require_weights("set_weights")
        assign_all(self.name, self.weights, values)

    def _require_weights(self, who):
        if not self.built:
            raise NotBuiltError(f"{who}: the model has no weights yet; call fit, build(input_shape) or the model first")

    def summary(self):
        """Print the layers with the shapes of their outputs and the numbers of their parameters."""
        from numbanet.summary import print_summary

        print_summary(self)

    def explain(self):
        """Print how the last `fit` ran: the Programs that were replayed, or why it ran eagerly.

        One line per launch: the loop, its positions, the bytes and floating-point operations, the shapes.
        """
        from numbanet.summary import print_explanation

        print_explanation(self.explanation)

    def save(self, path):
        """Write architecture, weights and optimizer to one file; see `nn.load_model`.

        Parameters
        ----------
        path : str or path
            Conventionally ending in .numbanet. It is written beside the place and then renamed: a kill at any moment
            leaves the old file or the new one.

        Raises
        ------
        NotBuiltError
            When there are no weights yet, or something in the model cannot be described by plain data.
        ArgumentError
            When the path cannot be written.
        """
        saving.save_model(self, path)

    def save_weights(self, path):
        """Write the weights alone, as safetensors.

        Parameters
        ----------
        path : str or path
            Conventionally ending in .safetensors.
        """
        saving.save_weights(self, path)

    def load_weights(self, path):
        """Read weights that `save_weights` wrote for the same architecture; nothing is changed unless all fit.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        DataError
            When the file is not one of weights, or they do not fit the model.
        """
        saving.load_weights(self, path)

    def __repr__(self):
        return f"Sequential(name={self.name!r}, layers={self.layers!r})"


def load_model(path):
    """Read a model that `Sequential.save` wrote.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Sequential
        With its weights, and compiled as it was saved, the optimizer's state included.

    Raises
    ------
    DataError
        When the file is missing, cut off, edited, or not a model.

    References
    ----------
    safetensors, https://huggingface.co/docs/safetensors.

    Examples
    --------
    >>> import os, tempfile, numbanet as nn
    >>> model = nn.Sequential([nn.layers.Input((2,)), nn.layers.Dense(3)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(os.path.join(folder, "m.numbanet"))
    ...     again = nn.load_model(os.path.join(folder, "m.numbanet"))
    >>> [w.shape for w in again.weights]
    [(2, 3), (3,)]
    """
    return saving.read_model(path, Sequential)
