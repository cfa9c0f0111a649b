"""
Ways down the loss surface
==========================

Training means walking downhill on the loss, which is a function of all weights. With only two weights, it can be drawn.
The example is a linear model whose two inputs differ in size, as they do when they have not been scaled, so the surface
is a narrow valley.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet.typing import Array

rng = np.random.default_rng(0)
x = (rng.normal(size=(256, 2)) * [0.25, 1.6]).astype(np.float32)
y = x @ np.array([1.5, 1.0], np.float32) + rng.normal(0, 0.1, 256).astype(np.float32)


def loss_of(w: nn.Tensor | nn.Variable) -> nn.Tensor:
    """Return the mean squared error of the model `x @ w`."""
    return nn.mean(nn.square(x @ w - y))


def walk(optimizer: nn.optimizers.Optimizer, steps: int = 60) -> Array:
    """Return the weights before each step and after the last."""
    w = nn.Variable([-1.5, -0.9])
    path = [w.numpy().copy()]
    for _ in range(steps):
        with nn.GradientTape() as tape:
            loss = loss_of(w)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        path.append(w.numpy().copy())
    return np.array(path)


paths = {
    "SGD": walk(nn.optimizers.SGD(0.35)),
    "momentum": walk(nn.optimizers.SGD(0.05, momentum=0.9)),
    "RMSprop": walk(nn.optimizers.RMSprop(0.08)),
}

# %%
# Plain gradient descent, with a learning rate that is nearly too large for the second weight, jumps from one wall of the
# valley to the other. It then creeps along the floor, since that rate is small for the first weight. Momentum adds up
# steps that agree: it moves along the floor faster, but overshoots; after 60 steps it has not come to rest. RMSprop
# divides each weight's gradient by the size of its own recent gradients, so both weights move at the same pace.

across, up = np.meshgrid(np.linspace(-2, 3.5, 80), np.linspace(-1.6, 2.8, 80))
candidates = nn.asarray(np.stack([across.ravel(), up.ravel()]).astype(np.float32))
# one error for every sample and every pair of weights
errors = nn.square(x @ candidates - y[:, None])
surface = nn.mean(errors, axis=0).numpy().reshape(across.shape)
figure, axes = plt.subplots(3, 1, figsize=(6, 9), sharex=True, layout="constrained")
for ax, (name, path), colour in zip(
    axes, paths.items(), ("C3", "C1", "C2"), strict=True
):
    ax.contourf(across, up, np.log(surface), 18, cmap="Blues_r")
    ax.plot(*path.T, ".-", color=colour, markersize=5, linewidth=1)
    ax.plot(*path[0], "o", color="black")
    ax.plot(1.5, 1.0, "*", color="white", markersize=12)
    ax.set(title=name, ylabel="second weight", xlim=(-2, 3.5), ylim=(-1.6, 2.8))
axes[2].set_xlabel("first weight")
# picture: Three paths through a valley: a zigzag, a wave, and a straight way
plt.show()

# %%
# The losses along these paths show that the first steps say little about which optimizer arrives first:

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, path), colour in zip(paths.items(), ("C3", "C1", "C2"), strict=True):
    ax.plot([loss_of(nn.asarray(w)).item() for w in path], label=name, color=colour)
ax.set(xlabel="step", ylabel="loss", yscale="log")
ax.legend()
# picture: The losses of SGD, momentum and RMSprop by steps
plt.show()

# %%
# This is the same surface in three dimensions, with the path of RMSprop on it:

figure = plt.figure(figsize=(6.5, 5))
ax = figure.add_subplot(projection="3d")
ax.plot_surface(across, up, surface, cmap="Blues_r", alpha=0.7, linewidth=0)
path = paths["RMSprop"]
heights = [loss_of(nn.asarray(w)).item() for w in path]
ax.plot(*path.T, heights, ".-", color="C2", zorder=10)
ax.set(xlabel="first weight", ylabel="second weight", zlabel="loss")
ax.zaxis.labelpad = 8
ax.view_init(35, -60)
figure.subplots_adjust(left=0.05, right=0.85, bottom=0.1, top=0.95)
# picture: The valley in three dimensions, and the path of RMSprop down to its floor
plt.show()
