"""
Which digits it gets wrong
==========================

An accuracy is a single number. Which classes are mistaken for which, and how badly, says more about what to do next.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn

(x_train, y_train), (images, y_test) = nn.datasets.mnist.load_data()
x_train, x_test = (
    x.reshape(-1, 784).astype(np.float32) / 255 for x in (x_train, images)
)

model = nn.Sequential(
    [nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")]
)
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x_train, y_train, batch_size=128, epochs=5, verbose=0, rng=0)
probabilities = model.predict(x_test, verbose=0)
answers = probabilities.argmax(axis=1)
wrong = np.flatnonzero(answers != y_test)
print(f"{len(wrong)} of {len(y_test)} test digits are wrong")

# %%
# The confusion matrix has a row per digit and a column per answer; the diagonal is right.

figure, ax = plt.subplots(figsize=(6.5, 6.2), layout="constrained")
nn.plotting.confusion_matrix(y_test, probabilities, ax=ax)
# picture: Confusion matrix of ten digits, nearly all on its diagonal
plt.show()

# %%
# These are the mistakes that the network was surest of. Above each image are the digit, the answer, and how sure the
# network was. People would get some of them wrong, too.

figure, ax = plt.subplots(figsize=(7, 9.5), layout="constrained")
nn.plotting.mistakes(images, y_test, probabilities, count=20, columns=4, ax=ax)
# picture: Twenty wrongly read digits, with the answers and how sure they were
plt.show()

# %%
# How sure is the network when it is right, and when it is wrong? It can be very sure of a wrong answer. Since it is less
# sure of most of them, doubtful answers can be set aside for a person to check.

certainty = probabilities.max(axis=1)
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
bins = np.linspace(0.2, 1, 33).tolist()
ax.hist(
    [certainty[answers == y_test], certainty[wrong]],
    bins,
    label=["right", "wrong"],
    color=["C0", "C3"],
)
ax.set(xlabel="probability of the answer", ylabel="digits", yscale="log")
ax.legend()
# picture: How many answers are right and wrong, by how sure the network was
plt.show()
