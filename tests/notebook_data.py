"""Stand-ins for the data sets that the textbook downloads: random numbers of their shapes and dtypes.

What a model learns from them means nothing; they show that cells run. The sizes are those of the data sets, since cells
name them.
"""

from types import SimpleNamespace

import numpy as np

SEED = 0


def _texts(trained, tested, classes):
    """Two sets of texts as lists of word numbers, from 1 to `num_words`, with labels, and what finds the words."""
    words = {f"word{number}": number for number in range(1, 10_001)}

    def load_data(num_words=10_000):
        rng = np.random.default_rng(SEED)

        def texts(count):
            lists = np.empty(count, dtype=object)
            for number, length in enumerate(rng.integers(50, 150, size=count)):
                lists[number] = [*rng.integers(1, num_words, size=length).tolist(), num_words - 1]
            return lists, rng.integers(0, classes, size=count)

        return texts(trained), texts(tested)

    return SimpleNamespace(load_data=load_data, get_word_index=lambda: words)


def _houses(trained, tested, features, dtype):
    """Two sets of houses, with prices that depend on their features."""

    def load_data(version="small"):
        rng = np.random.default_rng(SEED)
        weights = rng.normal(size=features)

        def houses(count):
            rows = rng.normal(loc=5.0, scale=3.0, size=(count, features)).astype(dtype)
            return rows, (rows @ weights + 200.0).astype(dtype)

        return houses(trained), houses(tested)

    return SimpleNamespace(load_data=load_data)


imdb = _texts(25_000, 25_000, 2)
reuters = _texts(8_982, 2_246, 46)
boston_housing = _houses(404, 102, 13, "float64")
california_housing = _houses(480, 120, 8, "float32")
