"""
A digit as a network sees it
============================

MNIST has 60,000 images of handwritten digits to learn from, and 10,000 to test on. Each of the two sets is one tensor.
"""

import matplotlib.pyplot as plt

import numbanet as nn

(train_images, train_labels), (test_images, test_labels) = nn.datasets.mnist.load_data()
print("axes:", train_images.ndim)
print("shape:", train_images.shape)
print("dtype:", train_images.dtype)

# %%
# The first axis indexes the samples; the other two are rows and columns. This is sample 4 with its label:

digit = train_images[4]
print("label:", train_labels[4])
figure, ax = plt.subplots(layout="constrained")
nn.plotting.images(digit, ax=ax)
# picture: A handwritten 9 of 28 x 28 pixels
plt.show()

# %%
# To a network, the image is nothing but numbers, from 0 for white to 255 for black:

figure, ax = plt.subplots(figsize=(8, 8), layout="constrained")
ax.imshow(digit, cmap="gray_r", alpha=0.5)
for row in range(28):
    for column in range(28):
        ax.text(column, row, digit[row, column], ha="center", va="center", fontsize=6)
ax.set_axis_off()
# picture: The 9 again, with the number of every pixel, from 0 to 255
plt.show()

# %%
# A batch is a slice along the first axis. Networks see one batch after another:

batch = train_images[:128]
figure, ax = plt.subplots(figsize=(10, 6), layout="constrained")
nn.plotting.images(batch, columns=16, ax=ax)
ax.set_title(f"a batch of shape {batch.shape}")
# picture: The 128 digits of a batch, in eight rows
plt.show()
