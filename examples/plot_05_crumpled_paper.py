"""
Uncrumpling paper
=================

Imagine three sheets of paper crumpled into one ball: a network learns to pull them apart, a little in every layer. Here
the sheets are three intertwined spirals in a plane, and no straight line comes close to separating them.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.artist import Artist

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

# picture: Three spirals before training, still intertwined behind the last layer
draw_layers("before training")

# %%
# After training, the first layer still only turns the spirals; the second and the third unroll them, and the last one
# has three corners, one per class.

EPOCHS = 150
history = model.fit(points, classes, batch_size=64, epochs=EPOCHS, verbose=0, rng=0)
print(f"accuracy: {history.history['accuracy'][-1]:.4f}")
# picture: The spirals after training: three spots behind the last layer
draw_layers("after training")

# %%
# Now the same in motion. A direction of most variance may as well be turned or mirrored; each picture is therefore turned
# so that the points move as little as possible (Procrustes' problem). Between two layers they go straight from one place
# to the next: where they rest is what the network computes, the way between is drawn.


def turned(points: Array, onto: Array) -> Array:
    """Turn or mirror points in the plane, so that they come as close to others as they can."""
    left, _, right = np.linalg.svd(points.T @ onto)
    closest: Array = points @ left @ right
    return closest


stages = [points]
outputs = nn.asarray(points)
for layer in model.layers:
    outputs = layer(outputs)
    stages.append(turned(flattened(outputs.numpy()), onto=stages[-1]))
stages = [stage / np.abs(stage).max() for stage in stages]
titles = ["input", *(f"layer {layer.name}" for layer in model.layers)]
FRAMES = 18  # from one layer to the next

figure, ax = plt.subplots(figsize=(4.5, 4.5), layout="constrained")
x, y = stages[0].T
ax.scatter(x, y, s=4, color="0.88")
dots = ax.scatter(x, y, s=6, c=classes, cmap="tab10", vmin=0, vmax=9)
ax.set(xticks=[], yticks=[], xlim=(-1.15, 1.15), ylim=(-1.15, 1.15))


def draw_frame(frame: int) -> list[Artist]:
    """Draw the points on their way between two layers; they rest at both ends."""
    number, step = divmod(frame, FRAMES)
    way = np.clip(1.5 * step / FRAMES - 0.25, 0, 1)
    dots.set_offsets((1 - way) * stages[number] + way * stages[number + 1])
    ax.set_title(titles[number if way < 0.5 else number + 1])
    return [dots]


last = len(model.layers) * FRAMES - 1
animation = FuncAnimation(figure, draw_frame, [*range(last), *[last] * 12], interval=80)
# sphinx_gallery_thumbnail_number = 3
draw_frame(3 * FRAMES)  # what is seen where nothing moves
# picture: The spirals on their way through the layers, unrolled behind the third
plt.show()

# %%
# In the plane of the inputs, the network has made its cuts along the gaps between the spirals:

figure, ax = plt.subplots(figsize=(6, 6), layout="constrained")
nn.plotting.decision_boundary(model, points, classes, ax=ax)
# picture: The plane in three colours: the classes follow the spirals
plt.show()

# %%
# The distribution of the outputs of each layer shows how much it can still learn: at -1 and 1, where tanh saturates,
# hardly any gradient comes through. The first layer is far from these values; after this training, most outputs of the
# third layer are there.

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
nn.plotting.activations(model, points, ax=ax)
# picture: Histograms of the outputs of four layers, those of later ones at their ends
plt.show()
