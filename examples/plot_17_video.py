"""
Which digit, and which way?
===========================

A film is a stack of images: an array (frames, rows, columns, channels). In the films on this page a digit of MNIST moves
in one of eight directions, through noise. One frame is enough to read the digit, but says nothing about the direction.
Two networks see the whole film: a convolution with a third axis, time, and a recurrent layer that gets the frames one
after the other.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet import layers
from numbanet.typing import Array

EPOCHS, FRAMES, SIZE = 5, 5, 24


def films(images: Array, seed: int) -> tuple[Array, Array]:
    """Return films (samples, 5, 24, 24, 1) of the images at half their size, and the number of each direction."""
    rng = np.random.default_rng(seed)
    count = len(images)
    small = images.reshape(count, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    directions = rng.integers(0, 8, count)
    angles = directions * np.pi / 4
    steps = np.stack([-np.sin(angles), np.cos(angles)], axis=1).round().astype(int)
    middle = rng.integers(2, SIZE - 14 - 1, (count, 2))  # the place in the middle frame
    film = rng.standard_normal((count, FRAMES, SIZE, SIZE, 1), np.float32) / 10
    for sample in range(count):
        for frame in range(FRAMES):
            row, column = middle[sample] + steps[sample] * (frame - FRAMES // 2)
            film[sample, frame, row : row + 14, column : column + 14, 0] += small[
                sample
            ]
    return film, directions


(images, digits), (test_images, test_digits) = nn.datasets.mnist.load_data()
digits, test_digits = digits[:5120], test_digits[:1000]
x, directions = films(images[:5120], seed=0)
x_test, test_directions = films(test_images[:1000], seed=1)
print("films, frames, rows, columns, channels:", x.shape)

ARROWS = "→↗↑↖←↙↓↘"
figure, axes = plt.subplots(4, 1, figsize=(7, 6.5), layout="constrained")
for film, digit, direction, ax in zip(
    x_test, test_digits, test_directions, axes, strict=False
):
    nn.plotting.images(film[..., 0].clip(0), columns=FRAMES, ax=ax)
    ax.set_title(f"{digit} {ARROWS[direction]}")
# picture: Four films of five frames: digits that move through noise
plt.show()

# %%
# ``Conv3D`` slides windows over rows, columns and time. ``TimeDistributed`` has one layer look at every frame by itself,
# and an LSTM then reads what it has found as a sequence. The third network gets the middle frame alone. All end in two
# outputs: one for the digit, one for the direction.


def two_answers(inputs: layers.Input, features: nn.Tensor) -> nn.Model:
    """Return the model that makes both answers from the features."""
    hidden = layers.Dense(64, activation="relu")(features)
    digit = layers.Dense(10, activation="softmax", name="digit")(hidden)
    direction = layers.Dense(8, activation="softmax", name="direction")(hidden)
    return nn.Model(inputs, [digit, direction])


whole = inputs = nn.Input((FRAMES, SIZE, SIZE, 1), rng=0)
h = layers.Conv3D(16, (3, 5, 5), strides=(1, 2, 2), activation="relu")(inputs)
h = layers.MaxPooling3D((1, 2, 2))(h)
motion = h = layers.Conv3D(32, 3, activation="relu")(h)
volume = two_answers(inputs, layers.Flatten()(h))

inputs = nn.Input((FRAMES, SIZE, SIZE, 1), rng=0)
look = layers.Conv2D(16, 5, strides=2, activation="relu")
h = layers.TimeDistributed(look)(inputs)
h = layers.TimeDistributed(layers.MaxPooling2D(2))(h)
h = layers.TimeDistributed(layers.Flatten())(h)
sequence = two_answers(inputs, layers.LSTM(64)(h))

inputs = nn.Input((SIZE, SIZE, 1), rng=0)
h = layers.Conv2D(16, 5, strides=2, activation="relu")(inputs)
h = layers.MaxPooling2D(2)(h)
h = layers.Conv2D(32, 3, activation="relu")(h)
still = two_answers(inputs, layers.Flatten()(h))

# %%
# Guessing would be right for one digit of ten, and for one direction of eight:

MIDDLE = FRAMES // 2
MODELS: list[tuple[str, nn.Model, int | slice]] = [
    ("Conv2D, one frame", still, MIDDLE),
    ("Conv2D and LSTM", sequence, slice(None)),
    ("Conv3D", volume, slice(None)),
]
for name, model, chosen in MODELS:
    model.compile(
        nn.optimizers.Adam(0.002),
        loss={
            "digit": "sparse_categorical_crossentropy",
            "direction": "sparse_categorical_crossentropy",
        },
        metrics={"digit": ["accuracy"], "direction": ["accuracy"]},
    )
    answers = {"digit": digits, "direction": directions}
    model.fit(x[:, chosen], answers, batch_size=64, epochs=EPOCHS, verbose=0, rng=0)
    scores = model.evaluate(
        x_test[:, chosen],
        {"digit": test_digits, "direction": test_directions},
        verbose=0,
        return_dict=True,
    )
    print(f"{name:>17}: digit {scores['digit_accuracy']:.3f}, ", end="")
    print(f"direction {scores['direction_accuracy']:.3f}")

# %%
# One frame is as good as guessing for the direction, and the best of the three for the digit: the others have five times
# as many pixels to look at and two things to learn, from as many films.
#
# The direction is in the order of the frames alone. Shown backwards, the same films move the opposite way, and so the
# network says, which has only learnt from films that run forwards:

_, backwards = volume.predict(x_test[:, ::-1], verbose=0)
opposite = (test_directions + 4) % 8
accuracy = np.mean(backwards.argmax(axis=1) == opposite)
print(f"opposite direction: {accuracy:.3f}")

# %%
# How does it know? Most of the 32 filters of the second ``Conv3D`` answer to movement in some directions and not in
# others. A column is a filter, dark where it answers most; they are sorted by the direction that each likes best.

answers = nn.Model(whole, motion).predict(x_test, verbose=0).mean(axis=(1, 2, 3))
tuning = np.array([answers[test_directions == way].mean(axis=0) for way in range(8)])
tuning = tuning[:, tuning.max(axis=0) > 0]  # a filter may be silent
tuning /= tuning.max(axis=0)
figure, ax = plt.subplots(figsize=(9, 3), layout="constrained")
ax.imshow(tuning[:, tuning.argmax(axis=0).argsort(kind="stable")], cmap="Blues")
ax.set_yticks(range(8), ARROWS)
ax.set(xlabel="filter", ylabel="direction")
# picture: How strongly each filter answers to each of eight directions
plt.show()
