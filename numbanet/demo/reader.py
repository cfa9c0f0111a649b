"""What a model says of a picture, and which of its units say so."""

from __future__ import annotations

import base64
import contextlib
import math
import threading
from typing import Any

import numpy as np

import numbanet as nn
from numbanet.demo.centring import SIDE, centred, checked
from numbanet.demo.variants import VARIANTS
from numbanet.errors import DataError, NotBuiltError, NumbanetError, ShapeError

CLASSES, SHOWN = 10, 8
INPUTS = ((None, SIDE * SIDE), (None, SIDE, SIDE), (None, SIDE, SIDE, 1))
ON_LOGITS = (nn.losses.SparseCategoricalCrossentropy, nn.losses.CategoricalCrossentropy)
TRIED = 1000
"""Digits of the test set that tell whether a model takes pixels up to 255 or up to 1."""


class Reader:
    """A model that reads digits; it may be asked from several threads.

    Parameters
    ----------
    model : Sequential or Model
        From 28 x 28 images, or rows of 784 pixels, to ten probabilities, or to logits if its loss is a crossentropy of
        these. Pixels are given as numbers from 0 to 1, or from 0 to 255 if the loss on MNIST's test digits is smaller
        then.
    name : str
        Stands on the page, and in messages.

    Raises
    ------
    NotBuiltError
        When the model has no weights yet.
    ShapeError
        When it takes something else, or gives something else.
    DataError
        When it gives ten numbers that are not probabilities.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> layers = [nn.layers.Input((784,)), nn.layers.Dense(16, "relu"), nn.layers.Dense(10, "softmax")]
    >>> reader = Reader(nn.Sequential(layers, rng=0), "untrained")
    >>> answer = reader.answer(np.eye(100))
    >>> len(answer["probabilities"]), len(answer["variants"])
    (10, 6)
    """

    def __init__(self, model: Any, name: str) -> None:
        self.name, self._model = name, model
        self._shape = self._input_shape()
        self._parts, self.hidden = parts_of(model, self._shape)
        self._logits = isinstance(model.loss, ON_LOGITS) and model.loss.from_logits
        self._lock = threading.Lock()
        self._read = nn.function(self._outputs)
        self._slopes = nn.function(self._slopes_of)
        self._scale = 1.0
        self.accuracy, self.digits = self._try_digits()
        for _ in range(3):  # the third call is recorded, so that whoever draws gets replays
            self.answer(np.eye(SIDE))

    def _input_shape(self):
        """The shape of one sample; an error if the model is not one for digits."""
        if not self._model.built:
            raise NotBuiltError(f"{self.name}: has no weights yet: train it, or build it for inputs (784,)")
        known = self._model.input_shape
        taken = next(filter(self._takes, INPUTS), None)
        if taken is None:
            raise ShapeError(f"{self.name}: needs inputs (samples, 784) or (samples, 28, 28[, 1]), it takes {known}")
        given = self._model.output_shape_for(taken)
        if given != (None, CLASSES):
            raise ShapeError(f"{self.name}: needs outputs (samples, 10), one for each digit, it gives {given}")
        return taken[1:]

    def _takes(self, shape):
        """Whether the model takes inputs of a shape: its own may have open sizes; without one, a call tells."""
        known = self._model.input_shape
        if known is not None:
            pairs = zip(known, shape, strict=False)
            return len(known) == len(shape) and all(size in (None, given) for size, given in pairs)
        try:
            self._model.output_shape_for(shape)
        except NumbanetError:
            return False
        return True

    def _samples(self, images):
        """Images of bytes as the model takes them."""
        return np.divide(images, 255 / self._scale, dtype=self._model.dtype).reshape(-1, *self._shape)

    def _outputs(self, samples):
        """What the hidden layer gives, None without one, and the probabilities."""
        hidden, found = self._parts(samples, training=False)
        return hidden, nn.softmax(found) if self._logits else found

    def _slopes_of(self, samples, mask):
        """How a unit, chosen in each row of `mask`, changes with each pixel of the sample of that row."""
        with nn.GradientTape() as tape:
            tape.watch(samples)
            chosen = nn.sum(self._parts(samples, training=False)[0] * mask)
        return tape.gradient(chosen, samples)

    def _try_digits(self):
        """Which part of MNIST's test digits is read right, and how many there are; also settles the scale of pixels."""
        _, (images, labels) = nn.datasets.mnist.load_data()
        losses = {}
        for self._scale in (255.0, 1.0):
            found = self._predicted(images[:TRIED])
            losses[self._scale] = -np.mean(np.log(np.maximum(found[np.arange(TRIED), labels[:TRIED]], 1e-7)))
        self._scale = 255.0 if losses[255.0] < losses[1.0] else 1.0
        return float(np.mean(self._predicted(images).argmax(axis=1) == labels)), len(labels)

    def _predicted(self, images):
        """Probabilities, after making sure that they are."""
        found = self._model.predict(self._samples(images), verbose=0)
        found = nn.softmax(found).numpy() if self._logits else found
        if not (found.min() >= 0 and np.allclose(found.sum(axis=1), 1, atol=1e-3)):
            raise DataError(
                f"{self.name}: its outputs are not probabilities: let it end with a softmax, or compile it with a loss "
                "that takes logits (from_logits=True)"
            )
        return found

    def facts(self) -> dict[str, Any]:
        """Return what the page says of the model, for JSON."""
        return {"name": self.name, "accuracy": self.accuracy, "digits": self.digits, "hidden": self.hidden}

    def answer(self, picture: Any) -> dict[str, Any]:
        """Return what the page shows of a drawing, for JSON; images are bytes in base64.

        Parameters
        ----------
        picture : array-like (rows, columns)
            How much ink there is, from 0 to the largest number.

        Returns
        -------
        dict
            `drawn`, False if there is no ink; `image`, the centred drawing; ten `probabilities`; `variants`, each with
            its `name`, `image` and `probabilities`; the strongest `units`, each with its `unit`, `activation` and
            `image` of signed bytes: where ink made the unit what it is, and where it would have held it back.

        Raises
        ------
        ShapeError, DTypeError, DataError
            As `centring.centred`.
        """
        ink = checked("answer", picture)
        image = centred(ink / (ink.max() or 1.0))
        images = as_bytes(np.stack([image, *(change(as_bytes(image) / 255) for change in VARIANTS.values())]))
        with self._lock:
            hidden, found = self._read(self._samples(images))
            units = [] if hidden is None else self._strongest(images[0], hidden[0].numpy())
        rows = found.numpy().astype(float).tolist()
        return {
            "drawn": bool(ink.any()), "image": encoded(images[0]), "probabilities": rows[0], "units": units,
            "variants": [
                {"name": name, "image": encoded(one), "probabilities": row}
                for name, one, row in zip(VARIANTS, images[1:], rows[1:], strict=True)
            ],
        }  # fmt: skip

    def _strongest(self, image, values):
        """The units with the largest activations; each image is the slope times the sign of the activation."""
        order = np.argsort(-np.abs(values), kind="stable")[:SHOWN]
        mask = np.zeros((SHOWN, len(values)), self._model.dtype)
        mask[np.arange(len(order)), order] = np.sign(values[order])
        slopes = self._slopes(self._samples(np.stack([image] * SHOWN)), mask).numpy().reshape(SHOWN, -1)
        return [
            {"unit": int(unit), "activation": float(values[unit]), "image": encoded(signed_bytes(slope))}
            for unit, slope in zip(order, slopes, strict=False)
            if values[unit]
        ]


def parts_of(model: Any, shape: tuple[int, ...]) -> tuple[Any, int | None]:
    """Return a model with two outputs, what enters the last layer with weights and what comes out, and its units.

    It is for samples of this shape. The first output and the number of units are None where what enters is not one
    number per unit, where it is the input itself, or where layers do not tell what the model computes.
    """
    layers = list(model.layers)
    last = max((at for at, layer in enumerate(layers) if layer.weights), default=0)
    with contextlib.suppress(NumbanetError):  # of a layer that is called twice: none of its inputs is the one
        inputs, hidden, outputs = _symbols(model, shape, layers, last)
        if hidden is not None and len(hidden.shape) == 2 and any(layer.weights for layer in layers[:last]):
            parts = nn.Model(inputs, [hidden, outputs])
            sample = np.linspace(0, 1, 2 * math.prod(shape), dtype=model.dtype).reshape(2, *shape)
            if np.array_equal(parts(sample, training=False)[1], model(sample, training=False), equal_nan=True):
                return parts, hidden.shape[1]
    return (lambda samples, training: (None, model(samples, training=training))), None


def _symbols(model, shape, layers, last):
    """The symbolic input of a model, what enters the layer at `last`, and the output; None without such."""
    if not isinstance(model, nn.Sequential):
        return (model.input, layers[last].input, model.output) if model.input_shape and layers else (None,) * 3
    symbol = inputs = hidden = nn.Input(shape, dtype=model.dtype)
    for at, layer in enumerate(layers):
        hidden = symbol if at == last else hidden
        symbol = symbol if isinstance(layer, nn.layers.Input) else layer(symbol)
    return inputs, hidden, symbol


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Return images of numbers from 0 to 1 as bytes, the nearest ones."""
    return np.floor(images * 255 + 0.5).astype(np.uint8)


def signed_bytes(slopes: np.ndarray) -> np.ndarray:
    """Return numbers as signed bytes, from -127 to 127 for the largest one."""
    return np.rint(slopes * (127 / (np.abs(slopes).max() or 1.0))).astype(np.int8)


def encoded(array: np.ndarray) -> str:
    """Return the bytes of an array as text."""
    return base64.b64encode(array.tobytes()).decode()
