"""
What 512 units look for
=======================

A unit of the first layer has one weight per pixel. It sums the pixels of an image, each multiplied by its weight: it
looks for ink where its weights are red, and for white where they are blue. Drawn as images, the weights show what the
unit has learnt.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn

(x_train, y_train), (x_test, y_test) = nn.datasets.mnist.load_data()
x_train, x_test = (
    x.reshape(-1, 784).astype(np.float32) / 255 for x in (x_train, x_test)
)

model = nn.Sequential(
    [nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")]
)
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
history = model.fit(
    x_train, y_train, batch_size=128, epochs=5, validation_split=0.1, verbose=0, rng=0
)

figure, axes = plt.subplots(2, 1, figsize=(6, 7), layout="constrained")
nn.plotting.history(history, ax=axes[0])
nn.plotting.history(history, "accuracy", ax=axes[1])
# picture: Loss and accuracy of five epochs, in training and validation
plt.show()

# %%
# These are all 512 units. Pixels at the border are white in every image, so their weights keep their random initial
# values; this is the faint noise around what was learnt.

figure, ax = plt.subplots(figsize=(10, 20.5), layout="constrained")
nn.plotting.weights(model.layers[0], columns=16, ax=ax)
# picture: The weights of 512 units as small red and blue images
plt.show()

# %%
# These are the twelve units with the largest weights, and how strongly each responds to which digit. Most respond to
# strokes that several digits share, and few to a single digit.

kernel = model.layers[0].weights[0].numpy()
chosen = np.argsort(-np.linalg.norm(kernel, axis=0))[:12]
outputs = model.layers[0](x_test).numpy()[:, chosen]
answers = np.array([outputs[y_test == digit].mean(axis=0) for digit in range(10)])

figure, (top, bottom) = plt.subplots(2, 1, figsize=(6, 8.5), layout="constrained")
nn.plotting.weights(kernel[:, chosen], columns=4, ax=top)
image = bottom.imshow(answers, cmap="Reds", aspect="auto")
bottom.set(
    xlabel="unit",
    ylabel="digit",
    yticks=range(10),
    xticks=range(12),
    title="mean output of these units",
)
figure.colorbar(image)
# picture: The weights of twelve units as images, and what they respond to each digit
plt.show()
