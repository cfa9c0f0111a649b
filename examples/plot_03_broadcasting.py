"""
Broadcasting, drawn
===================

Tensors of different shapes can be added: the smaller one is repeated along the axes that it lacks. Nothing is copied to
do so; the pictures show what is computed, but the pale cells are not stored anywhere.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

import numbanet as nn
from numbanet.typing import Array


def draw(ax: Axes, values: Array, real: tuple[int, ...], title: str) -> None:
    """Draw the cells of a matrix; those outside the shape `real` are repeated, and drawn pale."""
    rows, columns = values.shape
    for row in range(rows):
        for column in range(columns):
            there = row < real[0] and column < real[1]
            ax.add_patch(
                Rectangle(
                    (column, row),
                    1,
                    1,
                    facecolor="C0" if there else "#eef3f8",
                    edgecolor="white",
                )
            )
            ax.text(
                column + 0.5,
                row + 0.5,
                f"{values[row, column]:g}",
                color="white" if there else "0.6",
                ha="center",
                va="center",
                fontsize=13,
            )
    ax.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal")
    ax.set_title(title, fontsize=11)
    ax.set_axis_off()


def draw_sum(a: Array, b: Array) -> None:
    """Draw the operands, stretched to the shape of their sum, and the sum."""
    total = nn.add(a, b).numpy()
    _, axes = plt.subplots(
        1, 5, figsize=(8, 2.4), width_ratios=[4, 0.4, 4, 0.4, 4], layout="constrained"
    )
    for ax, sign in zip(axes[1::2], "+=", strict=True):
        ax.text(0.5, 0.5, sign, ha="center", va="center", fontsize=20)
        ax.set_axis_off()
    for ax, x in zip(axes[::2], (a, b, total), strict=True):
        shape = (1,) * (2 - x.ndim) + x.shape
        draw(ax, np.broadcast_to(x, total.shape), shape, f"{x.shape}")
    plt.show()


# %%
# When a vector is added to a matrix, it is added to every row, as ``Dense`` adds its bias.

# picture: A matrix of 3 rows plus a vector, which is repeated in each row, and the sum
draw_sum(np.arange(12.0).reshape(3, 4), np.array([10.0, 20.0, 30.0, 40.0]))

# %%
# An axis of length 1 is repeated too, so a column is added to every column:

# picture: The matrix plus a column, which is repeated in each column, and the sum
draw_sum(np.arange(12.0).reshape(3, 4), np.array([[100.0], [200.0], [300.0]]))

# %%
# Both operands can be repeated, each along a different axis:

# picture: A column plus a row, both repeated, and their sum
draw_sum(np.array([[0.0], [10.0], [20.0]]), np.array([1.0, 2.0, 3.0, 4.0]))

# %%
# The gradient goes back the same way: every cell of the sum gets a gradient, and the gradients of repeated cells are
# added up. Here, each number of the vector was used three times:

vector = nn.Variable(np.zeros(4, np.float32))
with nn.GradientTape() as tape:
    total = nn.sum(nn.ones((3, 4)) + vector)
print(tape.gradient(total, vector))
