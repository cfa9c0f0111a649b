"""
GradientTape
============

While it is open, a tape records what is computed from variables; afterwards it gives derivatives.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn

x = nn.Variable(3.0)
with nn.GradientTape() as tape:
    y = x * x + 2 * x
print("dy/dx at 3:", tape.gradient(y, x).item())

# %%
# This works for tensors of any shape. The gradient of a sum with respect to the inputs of its terms is the derivative at
# every point, so one gradient draws a whole curve. Constants must be watched; trainable variables are watched
# automatically.

points = nn.linspace(-4.0, 4.0, 400)
figure, axes = plt.subplots(3, 1, figsize=(5, 7.5), sharex=True, layout="constrained")
for ax, function in zip(axes, (nn.tanh, nn.gelu, nn.softplus), strict=True):
    with nn.GradientTape() as tape:
        tape.watch(points)
        values = function(points)
    slopes = tape.gradient(values, points)
    ax.plot(points.numpy(), values.numpy(), label=function.__name__)
    ax.plot(points.numpy(), slopes.numpy(), "--", label="its derivative")
    ax.set(ylim=(-1.5, 3))
    ax.legend()
# picture: Curves of tanh, gelu and softplus, each with its derivative
plt.show()

# %%
# Tapes inside tapes give derivatives of derivatives. An apple falls 4.9 t² metres in t seconds. Its speed is the
# derivative of that distance, and its acceleration is the derivative of its speed:

time = nn.Variable(np.linspace(0, 3, 31, dtype=np.float32))
with nn.GradientTape() as outer:
    with nn.GradientTape() as inner:
        position = 4.9 * time**2
    speed = inner.gradient(position, time)
acceleration = outer.gradient(speed, time)

figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, values in (
    ("metres", position),
    ("metres per second", speed),
    ("metres per second²", acceleration),
):
    ax.plot(time.numpy(), values.numpy(), label=name)
ax.set(xlabel="seconds")
ax.legend()
# picture: A falling apple: its way, its speed and its acceleration by time
plt.show()

# %%
# A gradient says where to go: in the opposite direction. Training is no more than that:

weight, bias = nn.Variable(0.0), nn.Variable(0.0)
rng = np.random.default_rng(0)
inputs = rng.uniform(-1, 1, 60).astype(np.float32)
targets = 2 * inputs + 1 + rng.normal(0, 0.2, 60).astype(np.float32)

figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
ax.plot(inputs, targets, ".", color="0.6")
steps = [0, 2, 5, 10, 40]
for step in range(41):
    with nn.GradientTape() as tape:
        loss = nn.mean(nn.square(weight * inputs + bias - targets))
    if step in steps:
        line = weight.numpy() * np.array([-1, 1]) + bias.numpy()
        ax.plot(
            [-1, 1],
            line,
            color=plt.cm.viridis(steps.index(step) / 5),
            label=f"step {step}: loss {loss.item():.3f}",
        )
    for variable, gradient in zip(
        (weight, bias), tape.gradient(loss, [weight, bias]), strict=True
    ):
        variable.assign_sub(0.2 * gradient)
ax.legend()
# picture: Points along a line, and a line that comes closer in 40 steps
plt.show()
