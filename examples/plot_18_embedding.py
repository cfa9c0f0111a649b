"""
Words that stand for each other
===============================

In "the ... of the axis", the missing word may be *left*, or *width*, but hardly *because*. A network that fills such gaps
has to learn which words can stand in the same places, and it keeps what it learns in one vector per word: an embedding.
The texts are on your computer: the docstrings of NumPy and matplotlib, and the topics of Python's ``help``.
"""

import time
from collections import Counter

import datafiles
import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse

import numbanet as nn
from numbanet import layers
from numbanet.typing import Array

EPOCHS, WORDS, AROUND = 3, 1500, 4

learnt, held_out = datafiles.sentences()
print(len(learnt), "sentences to learn from, such as:", " ".join(learnt[0]))

# %%
# The 1,500 most frequent words have numbers from 2 on; 1 stands for all others, and 0 for the places beyond the ends of
# a sentence. A sample is the four words before a gap and the four behind it, and the word that belongs into it.

counted = Counter(word for sentence in learnt for word in sentence)
names = ["", "?", *(word for word, _ in counted.most_common(WORDS))]
number = {name: place for place, name in enumerate(names)}


def gaps(sentences: list[list[str]]) -> tuple[Array, Array]:
    """Return the words around each gap (samples, 8), and the word in it (samples,), as numbers."""
    line = [0] * AROUND
    for sentence in sentences:
        line += [number.get(word, 1) for word in sentence] + [0] * AROUND
    windows = np.lib.stride_tricks.sliding_window_view(line, 2 * AROUND + 1)
    windows = windows[windows[:, AROUND] > 1]
    return np.delete(windows, AROUND, axis=1), windows[:, AROUND]


x, y = gaps(learnt)
x_test, y_test = gaps(held_out)
print(len(x), "gaps to learn from,", len(x_test), "to test")

# %%
# ``Embedding`` looks up the vectors of the eight words. ``GlobalAveragePooling1D`` takes their mean, without the places
# that the mask leaves out. The last layer gives each of the words a probability.

model = nn.Sequential(
    [
        layers.Embedding(len(names), 32, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(len(names), activation="softmax"),
    ]
)
model.compile(nn.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
start = time.perf_counter()
model.fit(x, y, batch_size=512, epochs=EPOCHS, verbose=0, rng=0)
print(f"{(time.perf_counter() - start) / EPOCHS:.1f} s an epoch")
often = np.bincount(y).argmax()
print(f"always {names[often]!r}: {np.mean(y_test == often):.3f}")
print(f"the model: {model.evaluate(x_test, y_test, verbose=0)[1]:.3f}")

# %%
# That is not much: often, many words would do, and a small one is always a good guess. But see which others the model
# finds probable, in sentences of our own. (Words that stand around the gap come up as well: a mean does not know their
# order.)

for sentence in [
    "the minimum and ___ values",
    "the width and ___ of the rectangle",
    "at the upper ___ corner of the figure",
    "an array of the same ___ as the other",
    "of type float or ___",
]:
    row, _ = gaps([sentence.replace("___", "the").split()])
    place = [word for word in sentence.split() if word in number or word == "___"]
    best = model.predict(row, verbose=0)[place.index("___")].argsort()[::-1][:5]
    print(f"{sentence}: {', '.join(names[n] for n in best)}")

# %%
# Nobody has told the model what a word means, yet words of one kind have vectors that point in one direction:

table = np.asarray(model.layers[0].embeddings)
unit = table / np.linalg.norm(table, axis=1, keepdims=True)
for word in ["left", "width", "minimum", "array", "float", "returns", "axis"]:
    nearest = (unit @ unit[number[word]]).argsort()[::-1][1:6]
    print(f"{word:>8}: {', '.join(names[n] for n in nearest)}")

# %%
# The mean of some rows of a table is also a product with it: of a row that is 1/8 in eight columns, those of the words,
# and 0 in the 1,494 others (at the ends of a sentence there are fewer words, and each counts for more). As a sparse
# matrix (CSR), whose zeros are not stored, this is another way to the same network: a dense layer without bias, whose
# weights are the table.

counts = (x_test > 0).sum(axis=1)
row, column = np.nonzero(x_test)
rows = sparse.csr_array(
    (np.float32(1) / counts[row], (row, x_test[row, column])),
    shape=(len(x_test), len(names)),
    dtype=np.float32,
)
twin = nn.Sequential(
    [
        layers.Dense(32, use_bias=False),
        layers.Dense(len(names), activation="softmax"),
    ]
)
twin.build((len(names),))
twin.set_weights(model.get_weights())
difference = twin.predict(rows, verbose=0) - model.predict(x_test, verbose=0)
print(f"shape {rows.shape}, {rows.nnz / len(x_test):.1f} numbers a row")
print(f"largest difference of a probability: {abs(difference).max():.1e}")

# %%
# In a plane, along the two directions in which these vectors differ most:

groups = {
    "places": ["left", "right", "bottom", "upper", "lower", "center"],
    "sizes": ["width", "height", "size", "length"],
    "types": ["int", "float", "str", "bool", "tuple", "list", "array"],
    "verbs": ["returns", "creates", "defines", "specifies"],
}
chosen = [word for words in groups.values() for word in words if word in number]
vectors = unit[[number[word] for word in chosen]]
_, _, directions = np.linalg.svd(vectors - vectors.mean(axis=0))
plane = dict(zip(chosen, vectors @ directions[:2].T, strict=True))
figure, ax = plt.subplots(figsize=(8, 6), layout="constrained")
colours = ["C0", "#b35900", "#1f7a1f", "C3"]  # dark enough for letters
for colour, words in zip(colours, groups.values(), strict=True):
    for word in words:
        if word in plane:
            across, up = plane[word]
            ax.plot(across, up, ".", color=colour)
            ax.text(across, up, f" {word}", color=colour)
ax.margins(0.1)
# picture: Words in a plane: places, sizes, types and verbs, each in a region
plt.show()
