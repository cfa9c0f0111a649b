"""
The language of a word
======================

A word is a sequence of letters, and words differ in length. A recurrent layer reads a sequence one step after the other
and keeps a state, its memory of what it has read so far. Here, an LSTM reads words letter by letter and says which of
seven languages each word comes from.
"""

import datafiles
import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet import layers
from numbanet.typing import Array

EPOCHS = 6

words, labels, languages = datafiles.words()
print(len(words), "words, such as", ", ".join(words[:8]))
print(languages)

# %%
# Letters become the integers from 1 on, and shorter words are filled up with 0 to the length of the longest. The last
# fifth of the words is kept for testing.

alphabet = sorted(set("".join(words)))
LENGTH = max(map(len, words))


def encode(words: Array | list[str]) -> Array:
    """Return an array (words, LENGTH) with the number of each letter, and 0 behind a word."""
    numbers = [[alphabet.index(letter) + 1 for letter in word] for word in words]
    return np.array([row + [0] * (LENGTH - len(row)) for row in numbers], np.int32)


codes = encode(words)
split = len(words) * 4 // 5
train, test = (codes[:split], labels[:split]), (codes[split:], labels[split:])
print(words[0], codes[0])

# %%
# ``Embedding`` looks up 16 numbers for every letter, which are learnt like all weights. With ``mask_zero=True`` it also
# makes a mask that travels on to the LSTM, which therefore stops where the word ends.

model = nn.Sequential(
    [
        layers.Embedding(len(alphabet) + 1, 16, mask_zero=True),
        layers.LSTM(64),
        layers.Dense(7, activation="softmax"),
    ]
)
model.compile(nn.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
history = model.fit(
    *train, batch_size=128, epochs=EPOCHS, validation_data=test, verbose=0, rng=0
)
print(f"LSTM, letters in order: {history.history['val_accuracy'][-1]:.3f}")

# %%
# Is it the order of the letters that tells? A network that only knows how often each letter is in the word, in whatever
# order, is the baseline to beat. Guessing would be right in one of seven cases.


def counts(codes: Array) -> Array:
    """Return an array (words, letters): how often each letter is in each word."""
    return np.stack(
        [(codes == n + 1).sum(axis=1) for n in range(len(alphabet))], axis=1
    ).astype(np.float32)


baseline = nn.Sequential(
    [layers.Dense(64, activation="relu"), layers.Dense(7, activation="softmax")]
)
baseline.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
baseline.fit(
    counts(train[0]), train[1], batch_size=64, epochs=4 * EPOCHS, verbose=0, rng=0
)
accuracy = baseline.evaluate(counts(test[0]), test[1], verbose=0)[1]
print(f"dense layers, letters in any order: {accuracy:.3f}")

# %%
# So the order matters, and words of three to nine letters are not easy. The confusion matrix of the test words shows a
# family: beside the diagonal, the largest numbers are those among Italian, Portuguese and Spanish.

beliefs = model.predict(test[0], verbose=0)
figure, ax = plt.subplots(figsize=(7, 6), layout="constrained")
nn.plotting.confusion_matrix(test[1], beliefs, labels=languages, ax=ax)
ax.tick_params("x", rotation=45)
# picture: Confusion matrix of seven languages, most words on its diagonal
plt.show()

# %%
# How does the belief grow while a word is read? Since the layer stops where a word ends, the first letters of a word
# can be given to it like a word: a column shows what it makes of the letters up to there, dark for probable. None of
# these six words is in the lists. The ç settles it in the first letter, and the ñ in the third.

figure, axes = plt.subplots(2, 3, figsize=(10, 6), sharey=True, layout="constrained")
for ax, word in zip(
    axes.flat,
    ["prosinec", "knowledge", "beaucoup", "chiesa", "niños", "çocuklar"],
    strict=True,
):
    beginnings = [word[: n + 1] for n in range(len(word))]
    ax.imshow(
        model.predict(encode(beginnings), verbose=0).T, cmap="Blues", vmin=0, vmax=1
    )
    ax.set_xticks(range(len(word)), word)
    ax.set_yticks(range(7), languages)
# picture: Six words, letter by letter: which language the network believes in
plt.show()
