"""The committed files that are written from tables of the package: `make generated` writes them, a test compares.

    python -m tests.generated           # tell which of them are out of date
    python -m tests.generated --write   # write them

To generate another file, add its path and its text to `texts`.
"""

import sys
from pathlib import Path

from tests import front_figures, keras_ops_page, public_names, stub, substitutes_page, types_of_bodies

COMMAND = "make generated, or python -m tests.generated --write, writes it"


def texts():
    """From the paths of generated files to what they should be.

    Returns
    -------
    dict of pathlib.Path to str
    """
    pages = {module.PATH: module.text() for module in (keras_ops_page, public_names, stub, substitutes_page)}
    return {**pages, **front_figures.texts(), **types_of_bodies.texts()}


def out_of_date():
    """From the paths of files that are not what they should be to what they should be."""
    return {path: text for path, text in texts().items() if not is_current(path, text)}


def is_current(path: Path, text):
    """Whether a file has this text."""
    return path.exists() and path.read_text("utf-8") == text


if __name__ == "__main__":
    stale = out_of_date()
    if "--write" in sys.argv[1:]:
        for path, text in stale.items():
            path.write_text(text, "utf-8")
            print(f"wrote {path}")
    elif stale:
        sys.exit("\n".join(f"{path} is out of date: {COMMAND}" for path in stale))
