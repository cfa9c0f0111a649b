"""
A training step as a timeline
=============================

``fit`` traces one training step and replays it: a list of launches of compiled loops over fixed buffers, with no Python
between them. You can look at this list.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet.typing import Array

(images, labels), _ = nn.datasets.mnist.load_data()
images = images[:12800].reshape(-1, 784).astype(np.float32) / 255

model = nn.Sequential(
    [nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")]
)
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(images, labels[:12800], batch_size=128, verbose=0, rng=0)
model.explain()

# %%
# The launches are timed one after another, on one thread. Nearly all of the time goes into two matrix products, one for
# the hidden layer and one for the gradient of its weights, and into reading and writing these weights once to update
# them.

figure, ax = plt.subplots(figsize=(7, 6), layout="constrained")
nn.plotting.program(model, ax=ax)
# picture: The launches of a step one after another: two products take most of it
plt.show()

# %%
# ``nn.function`` records a step of your own, which you can look at in the same way:

w, b = (
    nn.Variable(np.zeros((784, 10), np.float32)),
    nn.Variable(np.zeros(10, np.float32)),
)
optimizer = nn.optimizers.SGD(0.1)


@nn.function
def step(x: Array, y: Array) -> nn.Tensor:
    """One step of a linear classifier."""
    with nn.GradientTape() as tape:
        loss = nn.mean(
            nn.losses.sparse_categorical_crossentropy(y, x @ w + b, from_logits=True)
        )
    optimizer.apply_gradients(zip(tape.gradient(loss, [w, b]), [w, b], strict=True))
    return loss


for start in range(0, len(images), 128):
    loss = step(images[start : start + 128], labels[start : start + 128])
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
nn.plotting.program(step, ax=ax)
# picture: The launches of the step of a linear classifier
plt.show()
