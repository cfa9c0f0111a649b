"""The textbook's network, trained by hand: two layers, batches, gradients and updates, with nothing hidden.

The parts have the names that they have in Chollet: Deep Learning with Python, at the end of chapter 2. Run it:

    python examples/from_scratch.py
"""

import argparse

import numpy as np

import numbanet as nn


class NaiveDense:
    """A dense layer: `activation(dot(x, W) + b)`.

    Parameters
    ----------
    input_size, output_size : int
    activation : callable
        From tensors to tensors.
    rng : int or numpy.random.Generator, optional
        For the first weights.
    """

    def __init__(self, input_size, output_size, activation, rng=None):
        self.activation = activation
        self.W = nn.Variable(shape=(input_size, output_size), initializer="glorot_uniform", rng=rng)
        self.b = nn.Variable(shape=(output_size,), initializer="zeros")

    def __call__(self, inputs):
        """Rows of `input_size` numbers to rows of `output_size`."""
        return self.activation(nn.dot(inputs, self.W) + self.b)

    @property
    def weights(self):
        """The matrix and the vector that training changes."""
        return [self.W, self.b]


class NaiveSequential:
    """Layers, each fed with what the one before it gives."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, inputs):
        """What the last layer makes of `inputs`."""
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    @property
    def weights(self):
        """The weights of all layers, first layer first."""
        return [weight for layer in self.layers for weight in layer.weights]


class BatchGenerator:
    """Images and labels, `batch_size` at a time and in their order; the last batch may be smaller."""

    def __init__(self, images, labels, batch_size=128):
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images and {len(labels)} labels: every image needs one label")
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = -(-len(images) // batch_size)
        self.index = 0

    def next(self):
        """The next images with their labels."""
        part = slice(self.index, self.index + self.batch_size)
        self.index += self.batch_size
        return self.images[part], self.labels[part]


def one_training_step(model, images_batch, labels_batch, learning_rate):
    """Move every weight a little against its gradient, and return the loss of the batch before that."""
    with nn.GradientTape() as tape:
        predictions = model(images_batch)
        losses = nn.losses.sparse_categorical_crossentropy(labels_batch, predictions)
        average_loss = nn.mean(losses)
    gradients = tape.gradient(average_loss, model.weights)
    for weight, gradient in zip(model.weights, gradients, strict=True):
        weight.assign_sub(learning_rate * gradient)
    return average_loss


def fit(model, images, labels, epochs, batch_size=128, learning_rate=0.1, verbose=True):
    """Go `epochs` times through the images; returns the loss of every step."""
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


def accuracy(model, images, labels):
    """The part of the images whose most probable class is their label."""
    predicted = np.argmax(np.asarray(model(images)), axis=1)
    return float(np.mean(predicted == labels))


def as_rows(images):
    """Images of bytes as rows of numbers from 0 to 1."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


def main(epochs=5, batch_size=128, learning_rate=0.1, hidden=512, samples=None, seed=0):
    """Train on MNIST, or on its first `samples` images; prints and returns the accuracy on the test images."""
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
    parser.add_argument("--samples", type=int, help="use only the first so many images")
    parser.add_argument("--seed", type=int, default=0)
    main(**vars(parser.parse_args()))
