"""Which sources an extension was compiled from: one that is older than the bodies beside it must not run."""

import hashlib
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1]
FOLDERS = (HERE, PACKAGE / "loops", PACKAGE / "backends" / "native" / "drivers", PACKAGE / "vector_math")
FILES = (
    PACKAGE / "kernels" / "words.py",
    PACKAGE / "kernels" / "substitutes.py",
    PACKAGE / "backends" / "native" / "pools.py",
    PACKAGE / "backends" / "native" / "rows.py",
    PACKAGE / "backends" / "native" / "sparse_rows.py",
    PACKAGE / "backends" / "native" / "recurrent_rows.py",
)
CALLS = HERE / "calls"
"""The sources of a module of its own, which has nothing to do with the bodies."""

SUFFIXES = (".py", ".pxd", ".h", ".c")


def digest_of_calls():
    """A digest of what `_calls` is compiled from."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(CALLS.iterdir()))).hexdigest()


def digest():
    """A digest of everything that the extension is compiled from.

    Returns
    -------
    str
    """
    found = hashlib.sha256()
    for path in [*FILES, *(path for folder in FOLDERS for path in sorted(folder.iterdir()))]:
        if path.suffix in SUFFIXES and path.name != "backend.py":  # which loads it
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()
