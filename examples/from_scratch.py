"""The textbook's network, trained by hand: two layers, batches, gradients and updates, with nothing hidden.

The parts are named as at the end of chapter 2 of Chollet, Deep Learning with Python. To run it:

    python examples/from_scratch.py
"""

import argparse
from collections.abc import Callable

import numpy as np

import numbanet as nn
from numbanet.typing import Array, ArrayLike, Seed


class NaiveDense:
    """A dense layer: `activation(dot(x, W) + b)`.

    Parameters
    ----------
    input_size, output_size : int
    activation : callable
        A function from tensors to tensors.
    rng : int or numpy.random.Generator, optional
        For the initial weights.
    """

    def __init__(
        self, input_size: int, output_size: int, activation: Callable[..., nn.Tensor], rng: Seed = None
    ) -> None:
        self.activation = activation
        self.W = nn.Variable(shape=(input_size, output_size), initializer="glorot_uniform", rng=rng)
        self.b = nn.Variable(shape=(output_size,), initializer="zeros")

    def __call__(self, inputs: ArrayLike) -> nn.Tensor:
        """Map rows of `input_size` numbers to rows of `output_size` numbers."""
        return self.activation(nn.dot(inputs, self.W) + self.b)

    @property
    def weights(self) -> list[nn.Variable]:
        """The matrix and the vector that training changes."""
        return [self.W, self.b]


class NaiveSequential:
    """A chain of layers; each receives the output of the one before it."""

    def __init__(self, layers: list[NaiveDense]) -> None:
        self.layers = layers

    def __call__(self, inputs: ArrayLike) -> nn.Tensor:
        """Return the output of the last layer for `inputs`."""
        outputs = nn.asarray(inputs)
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs

    @property
    def weights(self) -> list[nn.Variable]:
        """The weights of all layers, in order."""
        return [weight for layer in self.layers for weight in layer.weights]


class BatchGenerator:
    """Yield images and labels in order, `batch_size` at a time; the last batch may be smaller."""

    def __init__(self, images: Array, labels: Array, batch_size: int = 128) -> None:
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images and {len(labels)} labels: every image needs one label")
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = -(-len(images) // batch_size)
        self.index = 0

    def next(self) -> tuple[Array, Array]:
        """Return the next images with their labels."""
        part = slice(self.index, self.index + self.batch_size)
        self.index += self.batch_size
        return self.images[part], self.labels[part]


def one_training_step(
    model: NaiveSequential, images_batch: Array, labels_batch: Array, learning_rate: float
) -> nn.Tensor:
    """Move every weight a little against its gradient; return the loss of the batch before the update."""
    with nn.GradientTape() as tape:
        predictions = model(images_batch)
        losses = nn.losses.sparse_categorical_crossentropy(labels_batch, predictions)
        average_loss = nn.mean(losses)
    gradients = tape.gradient(average_loss, model.weights)
    for weight, gradient in zip(model.weights, gradients, strict=True):
        weight.assign_sub(learning_rate * gradient)
    return average_loss


def fit(
    model: NaiveSequential,
    images: Array,
    labels: Array,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 0.1,
    verbose: bool = True,
) -> list[float]:
    """Go through the images `epochs` times; return the loss of every step."""
    history = []
    for epoch in range(epochs):
        batches = BatchGenerator(images, labels, batch_size)
        for _ in range(batches.num_batches):
            images_batch, labels_batch = batches.next()
            loss = one_training_step(model, images_batch, labels_batch, learning_rate)
            history.append(loss.item())
        if verbose:
            print(f"epoch {epoch + 1}/{epochs}  loss of the last batch: {history[-1]:.4f}")
    return history


def accuracy(model: NaiveSequential, images: Array, labels: Array) -> float:
    """Return the fraction of the images whose most probable class is their label."""
    predicted = np.argmax(np.asarray(model(images)), axis=1)
    return float(np.mean(predicted == labels))


def as_rows(images: Array) -> Array:
    """Convert images of bytes to rows of numbers from 0 to 1."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


def main(
    epochs: int = 5,
    batch_size: int = 128,
    learning_rate: float = 0.1,
    hidden: int = 512,
    samples: int | None = None,
    seed: int = 0,
) -> float:
    """Train on MNIST, or on its first `samples` images; print and return the accuracy on the test images."""
    (train_images, train_labels), (test_images, test_labels) = nn.datasets.mnist.load_data()
    rng = np.random.default_rng(seed)
    model = NaiveSequential([
        NaiveDense(28 * 28, hidden, nn.relu, rng),
        NaiveDense(hidden, 10, nn.softmax, rng),
    ])  # fmt: skip
    fit(model, as_rows(train_images[:samples]), train_labels[:samples], epochs, batch_size, learning_rate)
    result = accuracy(model, as_rows(test_images[:samples]), test_labels[:samples])
    print(f"test accuracy: {result:.4f}")
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the textbook's network on MNIST by hand.")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--samples", type=int, help="use only this many images, the first ones")
    parser.add_argument("--seed", type=int, default=0)
    main(**vars(parser.parse_args()))
