"""
The first example, from scratch
===============================

Two dense layers learn digits, with nothing hidden. ``examples/from_scratch.py`` has the parts, named as in the textbook:
a layer, a chain of layers, batches, and a training step.
"""

import inspect

import from_scratch
import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn

print(inspect.getsource(from_scratch.one_training_step))

# %%
# Train on the first 12,800 images, three times over, in batches of 128:

(images, labels), (test_images, test_labels) = nn.datasets.mnist.load_data()
images, test_images = (
    from_scratch.as_rows(images[:12800]),
    from_scratch.as_rows(test_images),
)
labels = labels[:12800]

rng = np.random.default_rng(0)
by_hand = from_scratch.NaiveSequential(
    [
        from_scratch.NaiveDense(28 * 28, 512, nn.relu, rng),
        from_scratch.NaiveDense(512, 10, nn.softmax, rng),
    ]
)
first = [weight.numpy().copy() for weight in by_hand.weights]
losses = from_scratch.fit(
    by_hand, images, labels, epochs=3, batch_size=128, learning_rate=0.1
)
print(f"test accuracy: {from_scratch.accuracy(by_hand, test_images, test_labels):.4f}")

# %%
# ``Sequential`` and ``fit`` do the same. Starting from the same weights, with the same batches in the same order, they
# arrive at the same weights, except for rounding. The effect of rounding is small, but can be larger than the last digit:
# if a number is just above 0 by hand and just below 0 in ``fit``, it is on the other side of relu's corner, and one unit
# learns from one image more or less.

model = nn.Sequential(
    [nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")]
)
model.compile(
    nn.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.build((784,))
model.set_weights(first)
history = model.fit(images, labels, batch_size=128, epochs=3, shuffle=False, verbose=0)
print(f"test accuracy: {model.evaluate(test_images, test_labels, verbose=0)[1]:.4f}")
difference = max(
    np.abs(a.numpy() - b.numpy()).max()
    for a, b in zip(by_hand.weights, model.weights, strict=True)
)
print(f"largest difference of a weight: {difference:.1e}")

# %%
# Plot the loss of every batch, by hand, and the mean loss of every epoch, from ``fit``:

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(np.arange(len(losses)) / 100, losses, color="0.7", label="by hand, every batch")
for epoch, loss in enumerate(history.history["loss"]):
    ax.plot(
        [epoch, epoch + 1],
        [loss, loss],
        color="C0",
        label=None if epoch else "fit, mean of the epoch",
    )
ax.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
ax.legend()
# picture: Loss of every batch by hand, and mean losses of fit, over three epochs
plt.show()
