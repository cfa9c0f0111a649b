"""
Uncrumpling paper
=================

Imagine three sheets of paper crumpled into one ball: a network learns to pull them apart, a little in every layer. Here
the sheets are three intertwined spirals in a plane, and no straight line comes close to separating them.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet.typing import Array

rng = np.random.default_rng(0)
classes = np.arange(900) % 3
radius = np.sqrt(rng.uniform(0.01, 1, 900))
angle = 2 * np.pi * classes / 3 + 5 * radius + rng.normal(0, 0.12, 900)
points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(
    np.float32
)

model = nn.Sequential(
    [
        nn.layers.Dense(32, activation="tanh"),
        nn.layers.Dense(32, activation="tanh"),
        nn.layers.Dense(32, activation="tanh"),
        nn.layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    nn.optimizers.Adam(5e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.build((2,), rng=1)


def flattened(outputs: Array) -> Array:
    """Project points of many dimensions onto the two along which they vary most: their principal components."""
    centred = outputs - outputs.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    spread: Array = centred @ directions.T
    return spread


def draw_layers(title: str) -> None:
    """Draw the points as each layer outputs them."""
    figure, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
    outputs = nn.asarray(points)
    for ax, layer in zip(axes.flat, [None, *model.layers], strict=False):
        outputs = outputs if layer is None else layer(outputs)
        ax.scatter(
            *flattened(outputs.numpy()).T, s=4, c=classes, cmap="tab10", vmin=0, vmax=9
        )
        ax.set_title("input" if layer is None else f"layer {layer.name}")
        ax.set(xticks=[], yticks=[])
    axes[1, 2].set_axis_off()
    figure.suptitle(title)
    plt.show()


# %%
# The 32 outputs of a layer do not fit into a picture, so only the two directions in which the points vary most are drawn.
# Before training, layers with random weights turn the spirals and bend them a little:

draw_layers("before training")

# %%
# After training, the first layer still only turns the spirals; the second and the third unroll them, and the last one
# has three corners, one per class.

history = model.fit(points, classes, batch_size=64, epochs=150, verbose=0, rng=0)
print(f"accuracy: {history.history['accuracy'][-1]:.4f}")
draw_layers("after training")

# %%
# In the plane of the inputs, the network has made its cuts along the gaps between the spirals:

figure, ax = plt.subplots(figsize=(6, 6), layout="constrained")
nn.plotting.decision_boundary(model, points, classes, ax=ax)
plt.show()

# %%
# The distribution of the outputs of each layer shows how much it can still learn: at -1 and 1, where tanh saturates,
# hardly any gradient comes through. The first layer is far from these values; after this training, most outputs of the
# third layer are there.

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
nn.plotting.activations(model, points, ax=ax)
plt.show()
