"""
What operations do to a plane of points
=======================================

A tensor of shape (n, 2) represents n points in a plane. Adding a vector moves them, a matrix turns and stretches them,
and ``relu`` folds the plane. Networks are made of these steps.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet.typing import ArrayLike

side = np.linspace(-1, 1, 13, dtype=np.float32)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
colours = np.stack(
    [(1 + grid[:, 0]) / 2, np.full(len(grid), 0.35), (1 + grid[:, 1]) / 2], axis=-1
)


def draw(pictures: dict[str, ArrayLike], columns: int = 2) -> None:
    """Draw where the points of the grid go: grey before, coloured after."""
    rows = -(-len(pictures) // columns)
    size = (3.3 * columns, 3.5 * rows)
    _, axes = plt.subplots(
        rows, columns, figsize=size, squeeze=False, layout="constrained"
    )
    for ax, (title, points) in zip(axes.flat, pictures.items(), strict=False):
        ax.scatter(*grid.T, s=6, color="0.85")
        ax.scatter(*np.asarray(points).T, s=14, c=colours)
        ax.set(title=title, xlim=(-2.7, 2.7), ylim=(-2.7, 2.7), aspect="equal")
    for ax in axes.flat[len(pictures) :]:
        ax.set_axis_off()
    plt.show()


# %%
# Adding vectors
# --------------
#
# Vectors are arrows; adding them means following one after the other. Adding a vector to every point of a plane moves the
# whole plane.

a, b = nn.asarray([1.0, 0.25]), nn.asarray([0.3, 1.0])
figure, ax = plt.subplots(figsize=(4.5, 4), layout="constrained")
for start, vector, name, colour in (
    ((0, 0), a, "a", "C0"),
    (a, b, "b", "C1"),
    ((0, 0), a + b, "a + b", "C2"),
):
    x, y = np.asarray(start)
    dx, dy = vector.numpy()
    ax.annotate(
        "",
        (x + dx, y + dy),
        (x, y),
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2},
    )
    ax.text(x + dx / 2, y + dy / 2 + 0.06, name, color=colour, ha="right", fontsize=13)
ax.set(xlim=(-0.1, 1.5), ylim=(-0.1, 1.45), aspect="equal")
# picture: Arrow a, arrow b from its tip, and a + b to the tip of b
plt.show()

# %%
# Matrices
# --------
#
# Rotations, scalings and all other linear maps are products with a matrix. Adding a vector makes them affine.

angle = 0.6
rotation = nn.asarray(
    [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], dtype="float32"
)
scaling = nn.asarray([[1.6, 0.0], [0.0, 0.5]])
shear = nn.asarray([[1.0, 0.3], [0.8, 1.0]])
moved = nn.asarray([0.7, 0.4])
# picture: A grid of points moved, turned, scaled, sheared, and folded by relu
draw(
    {
        "translation: x + b": grid + moved,
        "rotation: x @ R": grid @ rotation,
        "scaling: x @ S": grid @ scaling,
        "linear: x @ W": grid @ shear,
        "affine: x @ W + b": grid @ shear + moved,
        "dense: relu(x @ W + b)": nn.relu(grid @ shear + moved),
    }
)

# %%
# Why something like relu is needed
# ---------------------------------
#
# Two affine maps in succession are a single affine map, so any number of layers without an activation amounts to one
# layer. ``relu`` moves negative coordinates onto the axes, and later layers can bend the result further.

W1, b1 = nn.asarray([[0.9, -0.7], [0.6, 1.0]]), nn.asarray([0.3, 0.2])
W2, b2 = nn.asarray([[1.0, 0.8], [-0.8, 1.0]]), nn.asarray([0.2, -0.6])
once = grid @ W1 + b1
twice = once @ W2 + b2
one_map = grid @ (W1 @ W2) + (b1 @ W2 + b2)
np.testing.assert_allclose(twice, one_map, atol=1e-5)

dense = nn.relu(once)
# picture: The grid after two affine maps, and with relu after the first and the second
draw(
    {
        "two affine maps": twice,
        "relu after the first": dense,
        "and after the second": nn.relu(dense @ W2 + b2),
    }
)
