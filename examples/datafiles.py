"""Read the files in the folder `data`, for the scenes; `data/SOURCES.md` says where they come from."""

from pathlib import Path

import numpy as np

from numbanet.typing import Array

FOLDER = Path(__file__).parent / "data"


def words(seed: int = 0) -> tuple[Array, Array, list[str]]:
    """Return 14,011 words in random order, the number of each word's language, and the seven languages."""
    lines = (FOLDER / "words.txt").read_text(encoding="utf-8").splitlines()
    lists = {
        language: words.split()
        for language, words in (line.split(": ") for line in lines)
    }
    found = np.array([word for words in lists.values() for word in words])
    labels = np.repeat(np.arange(len(lists)), [len(words) for words in lists.values()])
    order = np.random.default_rng(seed).permutation(len(found))
    return found[order], labels[order], list(lists)


def weather() -> Array:
    """Return temperature, dew point and the wind to the east and to the north, for 8,730 hours: (hours, 4)."""
    return np.loadtxt(FOLDER / "weather.csv", np.float32, delimiter=",", skiprows=1)
