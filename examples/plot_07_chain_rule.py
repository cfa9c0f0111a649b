"""
The chain rule on a graph
=========================

A tape records a graph: a box for every tensor, with an arrow from each to whatever was computed from it. The chain rule
says how the last box changes with any other: multiply the derivatives along the arrows, and add up the products for all
paths.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn

# %%
# This is the smallest possible model, with a loss: one weight, one bias, one sample.

w, b = nn.Variable(3.0, name="w"), nn.Variable(1.0, name="b")
x, y_true = nn.asarray(2.0), nn.asarray(4.0)
with nn.GradientTape(persistent=True) as tape:
    x1 = w * x
    x2 = x1 + b
    loss = nn.abs(y_true - x2)

figure, ax = plt.subplots(figsize=(4.5, 5), layout="constrained")
nn.plotting.tape(
    tape,
    loss,
    names={"x": x, "y_true": y_true, "x1": x1, "x2": x2, "loss": loss},
    direction="down",
    ax=ax,
)
# picture: Boxes from w, x, b down to the loss, with values and gradients
plt.show()

# %%
# Each box shows the value of its tensor, computed from top to bottom, and its gradient, which says how much the loss
# grows with it and is computed from bottom to top. Blue boxes can be trained; grey ones are constants. By hand, for
# ``w``:
#
# - the loss falls by 1 when ``y_true - x2`` grows by 1, since that difference is negative: -1;
# - the difference falls by 1 when ``x2`` grows by 1: -1 times -1 is 1;
# - ``x2`` grows by 1 when ``x1`` does: 1 times 1 is 1;
# - ``x1`` grows by ``x``, which is 2, when ``w`` grows by 1: 1 times 2 is 2.

print("by the tape:", tape.gradient(loss, w).item())

# %%
# If several paths lead to the target, their products are added up. ``z`` depends on ``t`` along two paths:

t = nn.Variable(0.5, name="t")
with nn.GradientTape(persistent=True) as tape:
    z = nn.exp(nn.sin(nn.square(t))) + nn.sqrt(t)
figure, ax = plt.subplots(figsize=(4, 5), layout="constrained")
nn.plotting.tape(tape, z, names={"z": z}, direction="down", ax=ax)
# picture: A graph in which two paths lead from t to z
plt.show()

# %%
# A layer is no different. Its boxes show shapes instead of numbers; every gradient has the shape of its tensor:

x = nn.asarray(np.random.default_rng(0).normal(size=(64, 20)).astype(np.float32))
W = nn.Variable(shape=(20, 8), initializer="glorot_uniform", rng=0, name="W")
b = nn.Variable(shape=(8,), initializer="zeros", name="b")
with nn.GradientTape(persistent=True) as tape:
    hidden = nn.relu(x @ W + b)
    loss = nn.sum(nn.square(hidden))
figure, ax = plt.subplots(figsize=(4.5, 6), layout="constrained")
nn.plotting.tape(
    tape, loss, names={"x": x, "hidden": hidden, "loss": loss}, direction="down", ax=ax
)
# picture: The graph of a layer and its loss, with shapes
plt.show()
