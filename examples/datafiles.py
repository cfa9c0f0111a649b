"""Data for the scenes: the files in the folder `data`, whose sources are in `data/SOURCES.md`, and docstrings."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pydoc_data.topics import topics
from types import ModuleType

import numpy as np

from numbanet.typing import Array

FOLDER = Path(__file__).parent / "data"
END = re.compile(r"(?<=[.:])\s+|\n\s*\n")
WORD = re.compile("[a-z]+")
DOCUMENTED = {
    "numpy": """char ctypeslib fft lib linalg ma polynomial.chebyshev polynomial.hermite
        polynomial.laguerre polynomial.legendre polynomial.polynomial random strings typing""",
    "matplotlib": """animation artist axes axis backend_bases bezier cbook cm collections
        colorbar colors container contour dates figure font_manager gridspec image legend
        lines mlab offsetbox patches path projections quiver scale spines table text
        ticker transforms tri units widgets""",
}


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


def sentences(seed: int = 0) -> tuple[list[list[str]], list[list[str]]]:
    """Return the words of about 20,000 English sentences, and those of a tenth as many to test.

    They are from the docstrings of NumPy and matplotlib, and from Python's help; no sentence is in both parts, and no
    docstring either. Their number depends on the versions that are installed.
    """
    names = [
        f"{package}.{name}" if name else package
        for package, below in DOCUMENTED.items()
        for name in ["", *below.split()]
    ]
    places = [import_module(name) for name in names]
    texts = dict.fromkeys(
        [*topics.values(), *(text for place in places for text in _docstrings(place))]
    )
    parts: tuple[list[list[str]], list[list[str]]] = ([], [])
    known = set()
    for place, text in enumerate(
        np.random.default_rng(seed).permutation(np.array(list(texts), object))
    ):
        for sentence in END.split(text):
            words = tuple(WORD.findall(sentence.lower()))
            if len(words) >= 5 and words not in known and ">>>" not in sentence:
                known.add(words)
                parts[place % 10 == 0].append(list(words))
    return parts


def _docstrings(module: ModuleType) -> Iterator[str]:
    """Yield the docstrings of the public functions of a module, and of the methods of its classes."""
    for owner in [
        module,
        *(value for value in vars(module).values() if inspect.isclass(value)),
    ]:
        for name, value in vars(owner).items():
            text = getattr(value, "__doc__", None)
            public = not name.startswith("_") and name != "sinc"  # SciPy changes its
            if public and callable(value) and isinstance(text, str):
                yield text
