"""
A Transformer learns to add
===========================

Attention lets every place of a sequence look at all the others and choose which of them matter. A Transformer is made of
it. This page builds a small one and has it learn addition from examples only: it sees "347+285" as seven symbols, and is
to give the four digits of the sum. To add, a digit must find the two digits in its own column, and know whether the
columns to their right carry one over.
"""

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet import layers
from numbanet.typing import Array

EPOCHS, PAIRS = 3, 25600

SYMBOLS = "0123456789+?"
STEPS = len("347+285????")


def encode(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the symbols of "a+b????" as integers (pairs, 11), and the digits of the sums (pairs, 4)."""
    texts = [f"{first:03}+{second:03}????" for first, second in zip(a, b, strict=True)]
    digits = [list(map(int, f"{total:04}")) for total in a + b]
    return np.array([[SYMBOLS.index(s) for s in text] for text in texts]), np.array(
        digits
    )


# %%
# There are a million pairs of numbers of three digits. We draw 25,600 to learn from, and 2,000 others to test.

pairs = np.random.default_rng(0).permutation(1_000_000)
x, y = encode(*divmod(pairs[:PAIRS], 1000))
x_test, y_test = encode(*divmod(pairs[-2000:], 1000))
print("".join(SYMBOLS[n] for n in x_test[0]), "->", y_test[0])

# %%
# Attention does not know the order of its inputs. So what it gets for a symbol is the sum of two learnt vectors, one for
# the symbol and one for its place. A layer of one's own has other layers as attributes:


class PositionalEmbedding(layers.Layer):
    """The vector of each symbol plus the vector of its place."""

    def __init__(self, symbols: int, steps: int, size: int) -> None:
        super().__init__()
        self.symbols = layers.Embedding(symbols, size)
        self.places = layers.Embedding(steps, size)
        self.steps = np.arange(steps)

    def call(self, x: nn.Tensor) -> nn.Tensor:
        return self.symbols(x) + self.places(self.steps)


# %%
# A block is attention, with four heads that look for different things at once, and then two dense layers at every place.
# Both add something to what there is already; normalization keeps the numbers at one scale. The four last places, those
# of the question marks, are where the digits of the sum are read off.

inputs = nn.Input((STEPS,), dtype="int32", rng=0)
stream = PositionalEmbedding(len(SYMBOLS), STEPS, 64)(inputs)
blocks = []
for _ in range(2):
    normal = layers.LayerNormalization()(stream)
    attention = layers.MultiHeadAttention(num_heads=4, key_dim=16)
    stream = layers.Add()([stream, attention(normal, normal)])
    dense = layers.Dense(128, activation="relu")(layers.LayerNormalization()(stream))
    stream = layers.Add()([stream, layers.Dense(64)(dense)])
    blocks.append((normal, attention))
stream = layers.Cropping1D((STEPS - 4, 0))(layers.LayerNormalization()(stream))
transformer = nn.Model(inputs, layers.Dense(10, activation="softmax")(stream))

# %%
# The baseline has the same symbols as one-hot vectors, nearly as many weights, and no attention:

baseline = nn.Sequential(
    [
        layers.Embedding(len(SYMBOLS), 12, embeddings_initializer="identity"),
        layers.Flatten(),
        layers.Dense(200, activation="relu"),
        layers.Dense(200, activation="relu"),
        layers.Dense(40),
        layers.Reshape((4, 10)),
        layers.Softmax(),
    ]
)


def exact(model: nn.Model, x: Array, y: Array) -> float:
    """Return the share of sums of which all four digits are right."""
    right = model.predict(x, verbose=0).argmax(axis=-1) == y
    return float(right.all(axis=1).mean())


for name, model in [("dense layers", baseline), ("Transformer", transformer)]:
    model.compile(nn.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=128, epochs=EPOCHS, verbose=0, rng=0)
    print(f"{name:>12}: {model.count_params():,} parameters, ", end="")
    print(f"{exact(model, x_test, y_test):.1%} of the new sums are right")

# %%
# Some sums that it has never seen. Few of its pairs carry through all columns, as the first two do here, so that it may
# get these wrong:

first, second = np.array([998, 555, 123, 8]), np.array([2, 445, 456, 7])
answers = transformer.predict(encode(first, second)[0], verbose=0).argmax(axis=-1)
for a, b, digits in zip(first, second, answers, strict=True):
    print(f"{a} + {b} = {''.join(map(str, digits))}")

# %%
# Where does a question mark look? ``return_attention_scores=True`` gives the weights of the attention, which sum to 1
# over the places. Here they are, averaged over the test pairs: a row for each digit of the sum, a picture for each head.

figure, axes = plt.subplots(2, 4, figsize=(9, 3.6), layout="constrained")
for row, (normal, attention) in zip(axes, blocks, strict=True):
    seen = nn.Model(inputs, normal).predict(x_test, verbose=0)
    _, scores = attention(seen, seen, return_attention_scores=True)
    for head, ax in enumerate(row):
        mean = np.mean(scores[:, head, -4:], axis=0)
        ax.imshow(mean, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        ax.set_xticks(range(STEPS), "abc+def????")
        ax.set_yticks(range(4), ["1000", "100", "10", "1"])
for number, row in enumerate(axes):
    row[0].set_ylabel(f"block {number + 1}")
# picture: Where each digit of the sum looks: two blocks with four heads each
plt.show()

# %%
# Nobody has told the model how to add. In the first block, each digit of the sum looks at the two digits of its own
# column, and in some heads at those of the column to its right, where a carry would come from. In the second block, the
# question marks look at each other: a carry may come from further away.
